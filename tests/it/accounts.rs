//! What one account exports serves another: no id of the first one reaches the second.
//!
//! `captured/account.json` is an account in the shapes of captured answers, with invented names and ids. A larger one
//! is made of it, and a second one whose ids, order and vendor rows are others.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::recorded::Recorded;
use crate::support::{CAMPAIGNS, NO_CHANGES, Project, Run, binary};

const CAPTURED: &str = include_str!("captured/account.json");

/// Where the ids of the captured account are.
const FIRST: u64 = 6_100_000_000;

/// How far the ids of the second account are from those of the first.
const APART: u64 = 1_000_000_000;

/// What manifests refer to and never define.
const REFERENCED: [&str; 5] = [
    "skills",
    "lines-of-business",
    "app-installations",
    "connectors",
    "zones",
];

/// The kinds of which the vendor makes a row, with the name of that row in the second account.
const VENDOR: [(&str, &str); 5] = [
    ("goals", "Interact with all visitors"),
    ("target-audiences", "Everybody"),
    ("behaviors", "All behaviors"),
    ("entry-points", "Entire website/app"),
    ("engagement-windows", "Harmony"),
];

pub(crate) fn captured() -> Value {
    serde_json::from_str(CAPTURED).unwrap()
}

/// Changes every scalar of a value.
fn each(value: &mut Value, change: &dyn Fn(&mut Value)) {
    match value {
        Value::Object(map) => map.values_mut().for_each(|value| each(value, change)),
        Value::Array(items) => items.iter_mut().for_each(|value| each(value, change)),
        leaf => change(leaf),
    }
}

fn id_of(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .filter(|id| (FIRST..FIRST + APART).contains(id))
}

/// Moves the ids of an account, surveys and forms included, but for those that `keep` names.
fn moved(mut value: Value, by: u64, keep: &BTreeSet<u64>) -> Value {
    each(&mut value, &|leaf| {
        if let Some(id) = id_of(leaf).filter(|id| !keep.contains(id)) {
            *leaf = json!(id + by);
        } else if let Some(text) = leaf.as_str()
            && keep.is_empty()
        {
            *leaf = json!(
                text.replace("3031323334", "9991323334")
                    .replace("61000b1e", "71000b1e")
                    .replace("61aa0dd1700f", "71aa0dd1700f")
            );
        }
    });
    value
}

fn is_vendors(plural: &str, row: &Value) -> bool {
    VENDOR.iter().any(|(of, _)| *of == plural)
        && (row["systemDefault"] == true || row["id"] == 9_999_999_999_u64)
}

/// The captured account with every object of its own several times.
fn multiplied(copies: u64) -> Value {
    let mut account = captured();
    let original = account.clone();
    let mut shared = BTreeSet::new();
    for (plural, rows) in original.as_object().unwrap() {
        let is_shared =
            |row: &&Value| REFERENCED.contains(&plural.as_str()) || is_vendors(plural, row);
        let rows = rows.as_array().unwrap().iter().filter(is_shared);
        shared.extend(rows.filter_map(|row| id_of(&row["id"])));
    }
    for copy in 1..copies {
        for (plural, rows) in original.as_object().unwrap() {
            if REFERENCED.contains(&plural.as_str()) {
                continue;
            }
            for row in rows
                .as_array()
                .unwrap()
                .iter()
                .filter(|row| !is_vendors(plural, row))
            {
                let mut row = moved(row.clone(), copy * 1_000_000, &shared);
                row["name"] = json!(format!("{} {copy}", row["name"].as_str().unwrap()));
                account[plural].as_array_mut().unwrap().push(row);
            }
        }
    }
    account
}

/// An account that holds nothing yet but what manifests refer to: other ids, another order, other vendor names.
pub(crate) fn second(of: &Value) -> Value {
    let mut account = json!({});
    for (plural, rows) in of.as_object().unwrap() {
        let is_there =
            |row: &&Value| REFERENCED.contains(&plural.as_str()) || is_vendors(plural, row);
        let rows = rows.as_array().unwrap().iter().rev().filter(is_there);
        let rows = rows.map(|row| {
            let mut row = moved(row.clone(), APART, &BTreeSet::new());
            if let Some((_, name)) = VENDOR.iter().find(|(of, _)| of == plural) {
                row["name"] = json!(name);
            }
            row
        });
        account[plural] = rows.collect();
    }
    account
}

/// Every id of an account as it would be written: those of rows, surveys and forms.
pub(crate) fn ids(account: &Value) -> BTreeSet<String> {
    fn collect(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => map.values().for_each(|value| collect(value, found)),
            Value::Array(items) => items.iter().for_each(|value| collect(value, found)),
            other => {
                found.extend(id_of(other).map(|id| id.to_string()));
                let text = other.as_str().unwrap_or_default();
                if text.starts_with("3031323334")
                    || text.ends_with("61aa0dd1700f")
                    || text.starts_with("61000b1e")
                {
                    found.insert(text.to_owned());
                }
            }
        }
    }
    let mut found = BTreeSet::new();
    collect(account, &mut found);
    found
}

pub(crate) fn objects(account: &Value) -> usize {
    let mut count = 0;
    for (plural, rows) in account.as_object().unwrap() {
        if !REFERENCED.contains(&plural.as_str()) {
            for row in rows
                .as_array()
                .unwrap()
                .iter()
                .filter(|row| !is_vendors(plural, row))
            {
                count += 1 + row["engagements"].as_array().map_or(0, Vec::len);
            }
        }
    }
    count
}

/// A project on an account that holds `seed`.
pub(crate) fn project(seed: &Value) -> Project {
    let project = Project::new();
    project.account.seed(seed);
    project
}

/// Export, plan, apply, drift: everything is adopted and nothing written. Returns the files of the export.
#[track_caller]
pub(crate) fn adopted(project: &Project, count: usize) -> Vec<(String, String)> {
    let exported = project.run(&["export", "--out", "account"]).expect(0);
    assert!(!exported.stderr.contains("warning"), "{}", exported.stderr);
    assert!(
        !exported.stderr.contains("means something else"),
        "{}",
        exported.stderr
    );
    // Engagements that people made twice do compete, and a warning says so: there is no other.
    let config = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    project.write(
        "campaignctl.yaml",
        &(config.clone() + "rules: { competing-engagements: off }\n"),
    );
    let checked = project.run(&["validate", "account", "--strict"]).expect(0);
    project.write("campaignctl.yaml", &config);
    assert_eq!(checked.stderr, "");
    let writes = project.account.writes();
    let plan = project.run(&["plan", "account"]).expect(0).stdout;
    let summary = format!(
        "Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, {count} to adopt, 0 manual."
    );
    assert!(plan.contains(&summary), "{plan}");
    project
        .run(&["apply", "account", "--auto-approve"])
        .expect(0);
    assert_eq!(project.account.writes(), writes, "an adoption wrote");
    let drift = project.run(&["drift", "account"]).expect(0).stdout;
    assert_eq!(drift, "No drift. The account is as it was last applied.\n");
    assert_eq!(
        project.run(&["plan", "account"]).expect(0).stdout,
        NO_CHANGES
    );
    let mut files = Vec::new();
    for folder in std::fs::read_dir(project.path().join("account")).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        if name.starts_with('.') || !folder.path().is_dir() {
            continue;
        }
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            let file = path.file_name().unwrap().to_str().unwrap();
            files.push((
                format!("{name}/{file}"),
                std::fs::read_to_string(&path).unwrap(),
            ));
        }
    }
    files.sort();
    files
}

#[track_caller]
pub(crate) fn holds_none(text: &str, ids: &BTreeSet<String>, place: &str) {
    let found: Vec<_> = ids.iter().filter(|id| text.contains(*id)).collect();
    assert!(found.is_empty(), "{place} holds {found:?}:\n{text}");
}

#[test]
fn a_captured_account_is_adopted_as_it_is_and_its_export_holds_no_id() {
    let account = captured();
    let files = adopted(&project(&account), objects(&account));
    let ids = ids(&account);
    assert!(ids.len() > 30, "{}", ids.len());
    for (path, text) in &files {
        holds_none(text, &ids, path);
        assert!(!text.contains("9999999999"), "{path}:\n{text}");
    }
    let all: String = files.iter().map(|(_, text)| text.as_str()).collect();
    for vendor in [
        "All visitors",
        "Any behavior",
        "Entire site",
        "Interact with",
        "Harmony theme",
    ] {
        assert!(!all.contains(vendor), "{vendor}");
    }
    for reference in [
        "goal:\n    system: true",
        "targetAudiences:\n    - system: true",
        "zones:\n    - lp-returns",
        "$ref: returns",
        "# surveyPreChatId, surveyPostChatId, surveyOfflineId, surveyAgentChatId: left out",
    ] {
        let spaceless = |text: &str| text.split_whitespace().collect::<String>();
        assert!(
            spaceless(&all).contains(&spaceless(reference)),
            "{reference}\n{all}"
        );
    }
}

/// Wire keys that hold ids of other rows, of kinds of ours and of none, in the singular; each has a plural.
const HOLDERS: [&str; 18] = [
    "agentGroupId",
    "appInstallationId",
    "audienceId",
    "behaviorId",
    "campaignId",
    "connectorId",
    "engagementId",
    "entryPointId",
    "flowId",
    "goalId",
    "lineOfBusinessId",
    "skillId",
    "surveyId",
    "targetAudienceId",
    "visitorBehaviorId",
    "visitorProfileId",
    "workingHoursId",
    "zoneId",
];

/// A mapping with every holder, each with ids of its own.
fn holders(next: &mut u64) -> Value {
    let mut held = serde_json::Map::new();
    let mut id = || {
        *next += 1;
        *next
    };
    for key in HOLDERS {
        held.insert(key.to_owned(), json!(id()));
        held.insert(format!("{key}s"), json!([id(), id().to_string()]));
    }
    Value::Object(held)
}

#[test]
fn keys_of_ids_are_left_out_in_the_singular_and_the_plural_of_a_whole_export_and_of_a_part() {
    let mut account = captured();
    let count = objects(&account);
    let mut next = FIRST + 900_000_000;
    for plural in [
        "goals",
        "campaigns",
        "behaviors",
        "engagement-windows",
        "entry-points",
    ] {
        for row in account[plural].as_array_mut().unwrap() {
            if !is_vendors(plural, row) {
                row["more"] = holders(&mut next);
                for engagement in row["engagements"].as_array_mut().into_iter().flatten() {
                    engagement["more"] = json!({ "deeper": holders(&mut next) });
                }
            }
        }
    }
    let project = project(&account);
    let files = adopted(&project, count);
    let ids: BTreeSet<String> = (FIRST + 900_000_000..=next)
        .map(|id| id.to_string())
        .collect();
    assert!(ids.len() > 500, "{}", ids.len());
    for (path, text) in &files {
        holds_none(text, &ids, path);
    }
    for kind in ["Goal", "Campaign", "EngagementWindow"] {
        let part = project.run(&["export", kind]).expect(0);
        holds_none(&part.stdout, &ids, kind);
        for told in ["visitorProfileIds", "workingHoursId", "zoneIds"] {
            assert!(part.stdout.contains(told), "{told}\n{}", part.stdout);
        }
        assert!(
            part.stderr.contains("ids of this account are left out"),
            "{}",
            part.stderr
        );
    }
}

#[test]
fn a_large_account_in_captured_shapes_serves_another_account_without_any_id_of_its_own() {
    let account = multiplied(11);
    let count = objects(&account);
    assert!(count >= 100, "{count}");
    let first = project(&account);
    let files = adopted(&first, count);
    let ids = ids(&account);
    for (path, text) in &files {
        holds_none(text, &ids, path);
    }

    let recorded = Recorded::new(project(&second(&account)));
    for (path, text) in &files {
        recorded.project.write(path, text);
    }
    let plan = recorded.project.run(&["plan"]).expect(0).stdout;
    let summary = format!(
        "Plan: {count} to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual."
    );
    assert!(plan.contains(&summary), "{plan}");
    recorded.project.run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(recorded.project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
    recorded.project.run(&["drift"]).expect(0);
    let requests = recorded.requests.lock().unwrap();
    let writes = requests
        .iter()
        .filter(|request| request.starts_with("POST"));
    assert!(writes.count() >= count, "the proxy saw too few writes");
    for request in requests.iter() {
        holds_none(request, &ids, "a request to the second account");
    }
}

/// The vendor's window was owned by an earlier version: it is let go, and never changed or deleted.
#[test]
fn a_vendor_row_that_a_ledger_binds_is_refused_and_then_forgotten() {
    let project = project(&captured());
    let goal = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: basket }\nspec: { displayName: Basket done }\n";
    project.write("goal.yaml", goal);
    project.apply();
    let mut ledger: Value = serde_json::from_str(&project.ledger()).unwrap();
    let mut entry = ledger["entries"]["Goal/basket"].clone();
    entry["id"] = json!("9999999999");
    entry["displayName"] = json!("Harmony theme");
    entry["applied"] = json!({ "displayName": "Harmony theme" });
    entry["file"] = json!("window.yaml");
    ledger["entries"]["EngagementWindow/harmony"] = entry;
    std::fs::write(project.ledger_path(), ledger.to_string()).unwrap();
    let window = "apiVersion: campaignctl.dev/v1\nkind: EngagementWindow\nmetadata: { name: harmony }\nspec: { displayName: Our theme, order: 7 }\n";
    project.write("window.yaml", window);
    let refused = project.run(&["plan"]).expect(3).stderr;
    assert!(refused.contains("error[system-row]"), "{refused}");
    assert!(refused.contains("{ system: true }"), "{refused}");
    assert!(
        refused.contains("ledger binds EngagementWindow/harmony to")
            && refused.contains("campaignctl ledger forget EngagementWindow/harmony"),
        "{refused}"
    );
    project.remove("window.yaml");
    let writes = project.account.writes();
    let forgotten = project.run(&["apply", "--auto-approve"]).expect(0).stdout;
    assert!(
        forgotten.contains("the row is the vendor's own and stays as it is"),
        "{forgotten}"
    );
    assert_eq!(project.account.writes(), writes);
    assert!(!project.ledger().contains("9999999999"));
}

/// Of several rows of the vendor's, the one with the known id is meant; where none is known, all are named.
#[test]
fn of_several_rows_of_the_vendors_the_known_one_is_meant() {
    let mut account = captured();
    account["engagement-windows"][0]["json"]["winConfMetadata"]["isBase"] = json!(true);
    let audiences = &mut account["target-audiences"];
    audiences[0]["name"] = json!("Everybody here");
    let mut other = audiences[0].clone();
    other["name"] = json!("Nobody here");
    other["id"] = json!(6_100_099_999_u64);
    audiences.as_array_mut().unwrap().push(other);
    let project = project(&account);
    let window = "apiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: c }\nspec: { displayName: C }\n---\napiVersion: campaignctl.dev/v1\nkind: Engagement\nmetadata: { name: e }\nspec: { displayName: E, campaign: c, type: overlay, language: en-US, entryPoints: [{ system: true }], window: { system: true } }\n";
    project.write("all.yaml", window);
    project.apply();
    project.settled();
    let campaign = project.account.item(CAMPAIGNS, "C");
    let windows = campaign["engagements"].as_array().into_iter().flatten();
    let windows: Vec<_> = windows.map(|it| it["windowId"].as_f64()).collect();
    assert_eq!(windows, [Some(9_999_999_999.0)], "{campaign}");
    project.write(
        "all.yaml",
        &window.replace(
            "displayName: C }",
            "displayName: C, targetAudiences: [{ system: true }] }",
        ),
    );
    let refused = project.run(&["plan"]).expect(3).stderr;
    assert!(
        refused.contains(
            "the account holds 2 TargetAudience objects of the vendor's own: `Everybody here`"
        ),
        "{refused}"
    );
}

/// Another name of a vendor's row than those that are known is told by the account.
#[test]
fn a_vendor_row_by_its_name_works_and_is_warned_about() {
    let mut account = captured();
    account["target-audiences"][0]["name"] = json!("Everybody here");
    let project = project(&account);
    let campaign = |audience: &str| {
        format!(
            "apiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: {{ name: c }}\nspec: {{ displayName: C, targetAudiences: [{audience}] }}\n"
        )
    };
    project.write("c.yaml", &campaign("{ live: Everybody here }"));
    let planned = project.run(&["plan"]).expect(0);
    assert!(
        planned.stderr.contains("warning[vendor-row-by-name]"),
        "{}",
        planned.stderr
    );
    project.apply();
    project.write("c.yaml", &campaign("{ system: true }"));
    let planned = project.run(&["plan"]).expect(0);
    assert_eq!(
        (planned.stdout.as_str(), planned.stderr.contains("warning")),
        (NO_CHANGES, false)
    );
}

/// An id is warned about unless an overlay or a variable says it, which is per environment.
#[test]
fn ids_are_warned_about_where_they_would_reach_another_account() {
    let project = Project::new();
    let environments = |production: &str| {
        let credentials = "credentials: { clientId: { env: A }, clientSecret: { env: B } }";
        format!(
            "variables: {{ survey: '1' }}\nenvironments:\n  staging:\n    account: '11111111'\n    {credentials}\n    overlays: [staging]\n    variables: {{ survey: '77' }}\n  production:\n    account: '{production}'\n    {credentials}\n    variables: {{ survey: '78' }}\n"
        )
    };
    let told = |file: &str| {
        project.write("campaignctl.yaml", file);
        let said = binary(project.path()).arg("validate").output().unwrap();
        let said = Run::from(said).expect(0).stdout;
        let lines = said
            .lines()
            .filter(|line| line.starts_with("warning[") || line.contains(" --> "));
        lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    project.write(
        "base/all.yaml",
        "apiVersion: campaignctl.dev/v1\nkind: EngagementWindow\nmetadata: { name: w }\nspec:\n  style: { surveyPreChatId: '31', surveyOfflineId: '${var.survey}' }\n---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: c }\nspec:\n  goal: { id: 4100000101 }\n  extra: { flowId: 4100000102 }\n",
    );
    project.write(
        "staging/all.yaml",
        "kind: Campaign\nmetadata: { name: c }\nspec: { lineOfBusiness: { id: 4100000103 } }\n---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: g }\nspec: { displayName: G, extra: { surveyId: 5 } }\n",
    );
    let in_all = [
        "warning[account-id]: `surveyPreChatId` holds the id of a survey of one account",
        "--> base/all.yaml:5:29",
        "warning[account-id]: `flowId` holds the id of a flow of one account",
        "--> base/all.yaml:12:20",
    ];
    assert_eq!(told(&environments("11111111")), in_all);
    let by_id = [
        "warning[reference-by-id]: this id is of a Goal of one account, and the environments have several accounts",
        "--> base/all.yaml:11:9",
    ];
    assert_eq!(
        told(&environments("22222222")),
        [&in_all[..2], &by_id, &in_all[2..]].concat()
    );
}
