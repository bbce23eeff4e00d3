//! Words and their numbers: unconfirmed ones, and those that an earlier version wrote as other numbers.

use std::fs;

use campaignctl::plan::{Plan, digest};
use serde_json::{Value, json};

use crate::support::{CAMPAIGNS, NO_CHANGES, Project};

const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec: { displayName: Sale }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: card }
spec:
  campaign: sale
  type: embedded
  language: en-US
  entryPoints: [{ system: true }]
  window: { system: true }
  displayInstances:
    - { type: online, enabled: true, presentation: { label: Help } }
    - { type: offline, enabled: false }
";

/// Makes a saved plan one of the program's first words.
pub(crate) fn of_the_first_vocabulary(project: &Project, file: &str) {
    let path = project.path().join(file);
    let mut plan: Plan = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    plan.vocabulary = 1;
    plan.digest = digest(&plan);
    fs::write(&path, json!(plan).to_string()).unwrap();
}

fn card(project: &Project) -> String {
    let engagements = project.account.engagements("Sale");
    project.account.item_path(&engagements, "card")
}

/// A project whose account and ledger are as the first version left them: `online` was written as 2, `offline` as 1, and
/// `embedded` as 4 with the sub-type 6.
fn applied_by_the_first_version() -> Project {
    let project = Project::with(MANIFESTS);
    project.apply();
    project.account.edit(&card(&project), |body| {
        body["type"] = json!(4);
        body["subType"] = json!(6);
        for instance in body["displayInstances"].as_array_mut().unwrap() {
            let number = instance["displayInstanceType"].as_u64().unwrap();
            instance["displayInstanceType"] = json!(3 - number);
        }
    });
    let mut ledger: Value = project.ledger().parse().unwrap();
    for entry in ledger["entries"].as_object_mut().unwrap().values_mut() {
        entry.as_object_mut().unwrap().remove("vocabulary").unwrap();
    }
    fs::write(project.ledger_path(), ledger.to_string()).unwrap();
    project
}

#[test]
fn what_an_earlier_version_wrote_is_an_edit_with_a_hint() {
    let project = applied_by_the_first_version();
    let plan = project.plan();
    for line in [
        "type: 4 -> embedded  (edit)",
        "subType: 6 -> (none)  (edit)",
        "displayInstances[online].enabled: false -> true  (edit)",
        "displayInstances[online].presentation.label: (none) -> Help  (edit)",
        "displayInstances[offline].enabled: true -> false  (edit)",
        "= hint: `online` is 1 now; an earlier version of campaignctl wrote and read it as 2, which is `offline`",
        "= hint: `embedded` is 5 now; an earlier version of campaignctl wrote and read it as 4",
        "Plan: 0 to create, 1 to update,",
    ] {
        assert!(plan.contains(line), "{line}\n{plan}");
    }
    assert!(!plan.contains("drift"), "{plan}");
    project.apply();
    let body = project.account.get(&card(&project));
    assert_eq!(body["type"], 5);
    assert_eq!(body.get("subType"), None);
    let states: Vec<_> = body["displayInstances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|state| {
            (
                state["displayInstanceType"].as_u64().unwrap(),
                state["enabled"] == true,
            )
        })
        .collect();
    assert_eq!(
        states,
        [(2, false), (1, true)],
        "the order means nothing, so it stays"
    );
    assert_eq!(project.plan(), NO_CHANGES);
}

#[test]
fn what_a_colleague_changed_since_is_still_drift() {
    let project = applied_by_the_first_version();
    project
        .account
        .edit(&card(&project), |body| body["language"] = json!("fr-FR"));
    let plan = project.plan();
    assert!(plan.contains("language: fr-FR -> en-US  (drift)"), "{plan}");
}

#[test]
fn a_saved_plan_of_another_vocabulary_is_refused() {
    let project = Project::with(MANIFESTS);
    project.run(&["plan", "--out", "saved.json"]).expect(0);
    of_the_first_vocabulary(&project, "saved.json");
    let writes = project.account.writes();
    let run = project.run(&["apply", "saved.json"]).expect(7);
    assert!(
        run.stderr.contains("maps words to other numbers"),
        "{}",
        run.stderr
    );
    assert_eq!(project.account.writes(), writes);
}

#[test]
fn a_word_that_is_gone_says_what_to_write() {
    let manifest = MANIFESTS.replace(
        "  type: embedded\n",
        "  type: embedded\n  subType: embedded\n  rendering: popup\n",
    );
    let run = Project::with(&manifest).run(&["validate"]).expect(3);
    for help in [
        "an embedded engagement has no `subType`: remove the line",
        "write `html`, which is the same number",
    ] {
        assert!(run.stdout.contains(help), "{}", run.stdout);
    }
}

#[test]
fn an_unconfirmed_word_is_marked_and_a_create_with_one_is_warned_of() {
    let goal = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: joined }\nspec: { displayName: Joined, type: lead }\n";
    let project = Project::with(goal);
    let run = project.run(&["plan"]).expect(0);
    assert!(
        run.stdout.contains("type: lead  (unconfirmed: `lead`)"),
        "{}",
        run.stdout
    );
    let warning =
        "warning[unconfirmed-word]: `lead` is a word for a platform number that is not confirmed";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    project.apply();
    // It holds the number now, whatever that means.
    project.account.edit(
        &project.account.item_path("le-goals/goals?v=3.0", "Joined"),
        |body| body["type"] = json!(1),
    );
    let run = project.run(&["plan"]).expect(0);
    assert!(
        run.stdout
            .contains("type: purchase -> lead  (drift; unconfirmed: `lead`)"),
        "{}",
        run.stdout
    );
    assert!(!run.stderr.contains("unconfirmed-word"), "{}", run.stderr);
    // A raw number is what people know.
    let project = Project::with(&goal.replace("lead", "2"));
    let run = project.run(&["plan"]).expect(0);
    assert!(!run.stderr.contains("unconfirmed-word"), "{}", run.stderr);
}

#[test]
fn a_weight_that_the_platform_does_not_return_is_compared_with_what_was_applied() {
    let weighted = |weight: &str| {
        MANIFESTS.replace(
            "  type: embedded\n",
            &format!("  type: embedded\n  weight: {weight}\n"),
        )
    };
    let project = Project::with(&weighted("0.7"));
    project.apply();
    assert_eq!(
        project.account.get(&card(&project)).get("weight"),
        None,
        "not returned"
    );
    assert_eq!(project.plan(), NO_CHANGES);
    project.write("manifests.yaml", &weighted("0.9"));
    let plan = project.plan();
    assert!(plan.contains("weight: 0.7 -> 0.9  (edit)"), "{plan}");
    project.apply();
    assert_eq!(project.plan(), NO_CHANGES);
    // Without a record nothing is known of it: it is written, once.
    fs::remove_file(project.ledger_path()).unwrap();
    let plan = project.plan();
    assert!(plan.contains("weight: (none) -> 0.9"), "{plan}");
    project.apply();
}

#[test]
fn a_control_group_that_is_answered_with_a_point_is_no_drift() {
    let campaign = "apiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: sale }\nspec: { displayName: Sale, controlGroup: 10% }\n";
    let project = Project::with(campaign);
    project.apply();
    let path = project.account.item_path(CAMPAIGNS, "Sale");
    assert_eq!(
        project.account.get(&path)["controlGroup"]["percentage"].to_string(),
        "10.0"
    );
    assert_eq!(project.plan(), NO_CHANGES);
    project.account.edit(&path, |body| {
        body["controlGroup"]["percentage"] = json!(2.5);
    });
    let plan = project.plan();
    assert!(
        plan.contains("controlGroup: 2.5% -> 10%  (drift)"),
        "{plan}"
    );
}

/// A zone was an object around its name once.
#[test]
fn zones_as_an_earlier_version_wrote_them_say_what_to_write() {
    let zones = "  zones: [{ zone: Right, type: 0 }, { zone: { live: \"a: b\" }, extra: { odd: 1 } }, Left]\n";
    let manifest = format!("{MANIFESTS}{zones}");
    let run = Project::with(&manifest).run(&["validate"]).expect(3);
    insta::assert_snapshot!(run.stdout, @r#"
    error[wrong-type]: an earlier version wrote a zone as an object; it is a reference now
      --> manifests.yaml:18:11
       |
    18 |   zones: [{ zone: Right, type: 0 }, { zone: { live: "a: b" }, extra: { odd: 1 } }, Left]
       |           ^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the zone alone: `Right`; the platform keeps nothing else of it

    error[wrong-type]: an earlier version wrote a zone as an object; it is a reference now
      --> manifests.yaml:18:37
       |
    18 |   zones: [{ zone: Right, type: 0 }, { zone: { live: "a: b" }, extra: { odd: 1 } }, Left]
       |                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: write the zone alone: `{"live":"a: b"}`; the platform keeps nothing else of it

    2 errors in 1 file
    "#);
    let misspelt = manifest.replace("zone: Right", "zome: Right");
    let run = Project::with(&misspelt).run(&["validate"]).expect(3);
    assert!(
        run.stdout.contains("there is no field `zome` here"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_record_of_zones_as_an_earlier_version_wrote_them_is_no_change() {
    let project = Project::with(&format!("{MANIFESTS}  zones: [Right, Left]\n"));
    project.apply();
    let mut ledger: Value = project.ledger().parse().unwrap();
    for entry in ledger["entries"].as_object_mut().unwrap().values_mut() {
        let entry = entry.as_object_mut().unwrap();
        entry.remove("vocabulary").unwrap();
        let applied = &mut entry["applied"];
        if applied.get("zones").is_some() {
            applied["zones"] = json!([{ "zone": "Right", "type": 0 }, { "zone": "Left" }]);
            // What the words stood for is another test.
            applied["type"] = json!(5);
            applied["displayInstances"][0]["type"] = json!(1);
            applied["displayInstances"][1]["type"] = json!(2);
        }
    }
    fs::write(project.ledger_path(), ledger.to_string()).unwrap();
    assert_eq!(project.plan(), NO_CHANGES);
    project.run(&["drift"]).expect(0);
    project
        .account
        .edit(&card(&project), |body| body["zones"] = json!([]));
    let plan = project.plan();
    assert!(
        plan.contains("zones: [] -> [Left, Right]  (drift)"),
        "{plan}"
    );
}
