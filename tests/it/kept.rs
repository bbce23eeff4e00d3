//! What loses an id on its way to another account does not become something else there without a word.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::accounts::{adopted, captured, holds_none, ids, objects, project, second};
use crate::recorded::Recorded;
use crate::support::{NO_CHANGES, Project};

/// Ids of rows that were deleted since.
const GONE: [u64; 4] = [6_100_777_001, 6_100_777_002, 6_100_777_003, 6_100_777_004];

const AUDIENCES: &str = "le-targeting/visitor-profiles?v=2.0";
const WINDOWS: &str = "engagement-window/window-confs?v=2.0";

const SKILL: u64 = 6_100_000_570;
const ENTRY_POINT: u64 = 6_100_001_070;

/// The captured account with ids in every kind of place: alone, in lists, as texts, living and deleted.
fn account() -> Value {
    let mut account = captured();
    let mut add = |plural: &str, row: Value| {
        account[plural].as_array_mut().unwrap().push(row);
    };
    let boxes = |boxes: Value| {
        let types: Value = boxes
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["type"].clone())
            .collect();
        json!({ "description": "", "isSystemDefault": false, "systemDefault": false,
            "conditionBoxTypes": types, "conditionBoxes": boxes })
    };
    let named = |mut row: Value, id: u64, name: &str| {
        row["id"] = json!(id);
        row["name"] = json!(name);
        row
    };
    let audience = boxes(json!([
        { "type": 9, "data": { "skillId": SKILL } },
        { "type": 9, "data": { "skillId": GONE[0] } },
        { "type": 10, "data": { "include": [{ "skill_ids": [SKILL, GONE[1]], "zone": "6100000760" }] } },
        { "type": 11, "data": { "list": [SKILL] } },
    ]));
    add(
        "target-audiences",
        named(audience, 6_100_000_172, "Of a skill"),
    );
    let behavior = boxes(json!([
        { "type": 6, "data": { "seconds": 20, "onsiteLocation": ENTRY_POINT.to_string() } },
        { "type": 7, "data": { "onsiteLocations": [{ "id": ENTRY_POINT.to_string() }, { "id": GONE[2].to_string() }] } },
    ]));
    add("behaviors", named(behavior, 6_100_001_171, "At places"));
    let replies =
        json!([{ "text": "Orders", "skillId": SKILL }, { "text": "Other", "skillId": GONE[3] }]);
    let window = json!({ "id": 6_100_024_470_u64, "deleted": false, "name": "With replies", "isUserDefault": false,
        "type": 0, "order": 5, "json": { "sound": true, "welcomeMessage": { "text": "Hi", "quickReplies": replies } } });
    add("engagement-windows", window);
    account
}

fn file<'a>(files: &'a [(String, String)], name: &str) -> &'a str {
    let found = files.iter().find(|(path, _)| path.ends_with(name));
    &found.unwrap_or_else(|| panic!("{name}: {files:?}")).1
}

/// The files of the export, and the account that they are from.
fn exported() -> (Project, Vec<(String, String)>) {
    let account = account();
    let project = project(&account);
    let files = adopted(&project, objects(&account));
    (project, files)
}

#[test]
fn what_lost_an_id_is_not_created_without_a_word() {
    let (_, files) = exported();
    let ids = ids(&account());
    for (path, text) in &files {
        holds_none(text, &ids, path);
    }
    let audience = file(&files, "of-a-skill.yaml");
    for part in [
        "skillId:\n          $ref: Quay orders\n          kind: Skill",
        "$keep: skill",
        "kind: Zone\n              as: text",
    ] {
        assert!(audience.contains(part), "{part}\n{audience}");
    }
    let behavior = file(&files, "at-places.yaml");
    assert!(
        behavior.contains("onsiteLocation:\n          $ref: returns\n          as: text"),
        "{behavior}"
    );
    let recorded = Recorded::new(project(&second(&account())));
    for (path, text) in &files {
        recorded.project.write(path, text);
    }
    let refused = recorded.project.run(&["plan"]).expect(3).stderr;
    assert_eq!(
        refused.matches("error[nothing-to-keep]").count(),
        4,
        "{refused}"
    );
    for what in [
        "`conditions[1].data.skillId` keeps the skill of another account, and there is none here",
        "`conditions[1].data.onsiteLocations[1].id` keeps the entry point of another account, and there is none here",
        "`style.welcomeMessage.quickReplies[1].skillId` keeps the skill of another account",
    ] {
        assert!(refused.contains(what), "{what}\n{refused}");
    }
    recorded.project.run(&["apply", "--auto-approve"]).expect(3);
    for (path, text) in &files {
        let text = text.replace("$keep: skill", "{ $ref: Sorrel night desk, kind: Skill }");
        let text = text.replace("id:\n              $keep: entry point", "name: nowhere");
        recorded.project.write(path, &text);
    }
    recorded.project.run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(recorded.project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
    for request in recorded.requests.lock().unwrap().iter() {
        holds_none(request, &ids, "a request to the second account");
    }
    let row = recorded.project.account.item(AUDIENCES, "Of a skill");
    let data = &row["conditionBoxes"][2]["data"]["include"][0];
    assert_eq!(
        (&data["zone"], &data["skill_ids"][0]),
        (&json!("7100000760"), &json!(7_100_000_570_u64))
    );
}

/// On the account of the export, an edit beside what is kept writes back what the account holds.
#[test]
fn an_edit_beside_what_is_kept_leaves_it_as_the_account_has_it() {
    let (project, files) = exported();
    let window = file(&files, "with-replies.yaml");
    project.write(
        "account/engagement-windows/with-replies.yaml",
        &window.replace("text: Other", "text: Another"),
    );
    let audience = file(&files, "of-a-skill.yaml");
    let more = audience.replace(
        "conditions:\n",
        "conditions:\n    - type: 12\n      data:\n        customerTypes: [regular]\n",
    );
    project.write("account/target-audiences/of-a-skill.yaml", &more);
    let plan = project.run(&["plan", "account"]).expect(0).stdout;
    assert!(
        !plan
            .lines()
            .any(|line| line.trim_start().starts_with('-') && line.contains("skillId")),
        "{plan}"
    );
    assert!(plan.contains("0 to create, 2 to update"), "{plan}");
    project
        .run(&["apply", "account", "--auto-approve"])
        .expect(0);
    let row = project.account.item(AUDIENCES, "Of a skill");
    assert_eq!(row["conditionBoxes"][2]["data"]["skillId"], json!(GONE[0]));
    let row = project.account.item(WINDOWS, "With replies");
    let replies =
        json!([{ "text": "Orders", "skillId": SKILL }, { "text": "Another", "skillId": GONE[3] }]);
    assert_eq!(row["json"]["welcomeMessage"]["quickReplies"], replies);
    assert_eq!(
        project.run(&["plan", "account"]).expect(0).stdout,
        NO_CHANGES
    );
    project.run(&["drift", "account"]).expect(0);
}

/// The captured shapes may lack what the console asks for: the export of such a row says what a new account needs.
#[test]
fn what_a_row_lacks_for_a_create_is_said_in_its_export() {
    let mut account = captured();
    let rows = account["campaigns"].as_array_mut().unwrap();
    let engagements = rows
        .iter_mut()
        .flat_map(|row| row["engagements"].as_array_mut().unwrap());
    let web = engagements.filter(|it| it["source"] == 0);
    let lacking = web
        .map(|it| it.as_object_mut().unwrap().remove("language"))
        .count();
    assert!(lacking > 0);
    let project = project(&account);
    let said = project.run(&["export", "--out", "account"]).expect(0);
    assert!(
        said.stderr.contains("warning[engagement-web-incomplete]"),
        "{}",
        said.stderr
    );
    let mut found = 0;
    for file in std::fs::read_dir(project.path().join("account/campaigns")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        found += text.matches("# to create this on another account: an engagement for web pages needs `language`; add it here or in the template (`campaignctl explain engagement-web-incomplete`)").count();
    }
    assert_eq!(found, lacking);
    project
        .run(&["apply", "account", "--auto-approve"])
        .expect(0);
    assert_eq!(
        project.run(&["plan", "account"]).expect(0).stdout,
        NO_CHANGES
    );
    let refused = project.run(&["validate", "account"]).expect(3).stdout;
    assert_eq!(
        refused
            .matches("an engagement for web pages needs `language`")
            .count(),
        lacking
    );
}

/// Rows of the vendor's that somebody puts into the ledger by hand are refused while a manifest claims them, and let go
/// without a write.
#[test]
fn rows_of_the_vendors_in_a_ledger_by_hand_are_let_go() {
    let project = project(&captured());
    let goal = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: basket }\nspec: { displayName: Basket done }\n";
    project.write("goal.yaml", goal);
    project.apply();
    let rows = [
        ("Goal", 6_100_006_170_u64, "type: url"),
        (
            "TargetAudience",
            6_100_000_170,
            "conditions: [{ type: all }]",
        ),
        ("Behavior", 6_100_000_470, "conditions: [{ type: all }]"),
        ("EntryPoint", 6_100_000_370, "description: Ours"),
        ("EngagementWindow", 9_999_999_999, "order: 7"),
    ];
    let mut ledger: Value = serde_json::from_str(&project.ledger()).unwrap();
    let mut manifests = String::new();
    for (kind, id, spec) in rows {
        let mut entry = ledger["entries"]["Goal/basket"].clone();
        entry["id"] = json!(id.to_string());
        entry["displayName"] = json!("Ours");
        entry["applied"] = json!({ "displayName": "Ours" });
        entry["file"] = json!("vendor.yaml");
        ledger["entries"][format!("{kind}/ours")] = entry;
        let _ = write!(
            manifests,
            "---\napiVersion: campaignctl.dev/v1\nkind: {kind}\nmetadata: {{ name: ours }}\nspec: {{ displayName: Ours, {spec} }}\n"
        );
    }
    let manifests = manifests.replace("displayName: Ours, type: url", "displayName: Ours");
    std::fs::write(project.ledger_path(), ledger.to_string()).unwrap();
    project.write("vendor.yaml", &manifests);
    let writes = project.account.writes();
    let refused = project.run(&["apply", "--auto-approve"]).expect(3).stderr;
    assert_eq!(
        refused.matches("error[system-row]").count(),
        rows.len(),
        "{refused}"
    );
    project.remove("vendor.yaml");
    project.run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(project.account.writes(), writes);
    assert!(!project.ledger().contains("/ours"), "{}", project.ledger());
}
