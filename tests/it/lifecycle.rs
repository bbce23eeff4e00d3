//! `lifecycle`: what the program may do with a live object, in a plan and in an apply of it.

use serde_json::{Value, json};

use crate::support::{Account, CAMPAIGNS, GOALS, NO_CHANGES, Project};

/// A goal with a lifecycle.
fn goal(name: &str, spec: &str, lifecycle: &str) -> String {
    format!(
        "---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec: {{ displayName: G, {spec} }}\nlifecycle: {{ {lifecycle} }}\n"
    )
}

/// Plans into a file and applies it.
#[track_caller]
fn apply_saved(project: &Project) {
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    project.run(&["apply", "plan.json"]).expect(0);
    project.settled();
}

#[test]
fn what_is_only_observed_from_now_on_is_nobodys_to_delete() {
    let project = Project::with(&goal("g", "description: ours", ""));
    project.apply();
    let path = project.account.item_path(GOALS, "G");
    let writes = project.account.writes();
    let observed = goal("g", "description: ours", "mode: observe");
    project.write("manifests.yaml", &observed);
    assert_eq!(project.plan(), NO_CHANGES);
    project.apply();
    assert_eq!(project.account.writes(), writes);
    // It stays bound, so that drift has a name.
    project
        .account
        .edit(&path, |goal| goal["description"] = json!("theirs"));
    insta::assert_snapshot!(project.plan(), @r#"
        leave alone Goal/g "G" (<id>)  manifests.yaml:2
          `lifecycle.mode` is observe: differences are shown, nothing is written
          description: theirs -> ours  (drift)
          1 unchanged field

    No changes. The account matches the manifests.
    "#);
    project.run(&["drift"]).expect(2);
    let writes = project.account.writes();
    project.run(&["apply", "--auto-approve"]).expect(0);
    // And when the manifest goes, the object does not.
    let other = goal("other", "description: o", "").replace("displayName: G", "displayName: Other");
    project.write("manifests.yaml", &other);
    insta::assert_snapshot!(project.plan(), @r#"
      + create Goal/other "Other"  manifests.yaml:2
          displayName: Other
          description: o

      · forget Goal/g "G" (<id>)
          its manifest is gone from manifests.yaml; `lifecycle.mode` was observe, so the live object stays

    Plan: 1 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    assert_eq!(project.account.writes(), writes);
    project.apply();
    assert_eq!(project.account.get(&path)["description"], "theirs");
    assert!(!project.ledger().contains("Goal/g"));
}

#[test]
fn what_was_observed_and_is_ours_again_is_healed_and_pruned() {
    let project = Project::with(&goal("g", "description: ours", ""));
    project.apply();
    project.write(
        "manifests.yaml",
        &goal("g", "description: ours", "mode: observe"),
    );
    project.apply();
    let path = project.account.item_path(GOALS, "G");
    project
        .account
        .edit(&path, |goal| goal["description"] = json!("theirs"));
    let ours = goal("g", "description: ours", "mode: enforce");
    project.write("manifests.yaml", &ours);
    let plan = project.plan();
    assert!(
        plan.contains("description: theirs -> ours  (drift)"),
        "{plan}"
    );
    project.apply();
    let other = goal("other", "description: o", "").replace("displayName: G", "displayName: Other");
    project.write("manifests.yaml", &other);
    assert!(project.plan().contains("- delete Goal/g"));
}

const CAMPAIGN: &str = "\
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec: { displayName: Sale, schedule: { timeZone: Europe/Paris } }
";

const ENGAGEMENT: &str = "\
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: home }
spec:
  campaign: sale
  type: stickyButton
  language: en-US
  weight: 0.9
  window: { live: Classic }
  entryPoints: [{ live: Entire website/app }]
  behaviors: [{ live: All behaviors }]
  displayInstances:
    - { type: online, enabled: true, presentation: { label: Chat } }
";

#[test]
fn an_engagement_that_was_observed_stays_in_its_campaign() {
    let both = format!("{CAMPAIGN}---\n{ENGAGEMENT}");
    let project = Project::with(&both);
    project.apply();
    project.write(
        "manifests.yaml",
        &format!("{both}lifecycle: {{ mode: observe }}\n"),
    );
    project.apply();
    project.write("manifests.yaml", CAMPAIGN);
    insta::assert_snapshot!(project.plan(), @"
      · forget Engagement/home (<id>)
          its manifest is gone from manifests.yaml; `lifecycle.mode` was observe, so the live object stays

    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    let before = project.account.item(CAMPAIGNS, "Sale");
    project.apply();
    let after = project.account.item(CAMPAIGNS, "Sale");
    assert_eq!(after["engagementIds"], before["engagementIds"]);
    assert_eq!(after["engagementIds"].as_array().unwrap().len(), 1);
    // The campaign itself does not go while somebody else's engagement is in it.
    project.write("manifests.yaml", &goal("g", "description: d", ""));
    let run = project.run(&["plan"]).expect(6);
    assert!(
        run.stdout
            .contains("blocked[foreign-children]: Campaign/sale"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_is_created_only_has_the_cause_of_its_differences_right_later() {
    let project = Project::with(&goal("g", "description: first", "mode: createOnly"));
    project.apply();
    // An edit of the manifest is not applied, and the ledger does not say that it was.
    project.write(
        "manifests.yaml",
        &goal("g", "description: second", "mode: createOnly"),
    );
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    let writes = project.account.writes();
    project.run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(project.account.writes(), writes);
    project.write("manifests.yaml", &goal("g", "description: second", ""));
    let plan = project.plan();
    assert!(
        plan.contains("description: first -> second  (edit)"),
        "{plan}"
    );
}

#[test]
fn a_saved_plan_leaves_ignored_fields_alone() {
    let manifest = |text: &str, url: &str| {
        let spec = format!("description: {text}, indicator: {{ url: {url} }}");
        goal("g", &spec, "ignoreChanges: [/spec/description]")
    };
    let project = Project::with(&manifest("first", "/a"));
    apply_saved(&project);
    let path = project.account.item_path(GOALS, "G");
    project
        .account
        .edit(&path, |goal| goal["description"] = json!("by hand"));
    project.write("manifests.yaml", &manifest("second", "/b"));
    apply_saved(&project);
    let goal = project.account.get(&path);
    assert_eq!(
        (&goal["description"], &goal["indicatorValue"]["url"]),
        (&json!("by hand"), &json!("/b"))
    );
}

#[test]
fn a_saved_plan_renames_with_one_update_and_never_deletes_what_is_protected() {
    let project = Project::with(&goal("old", "description: d", "protect: true"));
    apply_saved(&project);
    let id = project.account.row(GOALS, "G").unwrap()["id"].clone();
    let writes = project.account.writes();
    let renamed = goal("new", "description: e", "protect: true, previousName: old");
    project.write(
        "manifests.yaml",
        &renamed.replace("displayName: G", "displayName: H"),
    );
    apply_saved(&project);
    assert_eq!(project.account.writes(), writes + 1, "one update");
    assert_eq!(project.account.row(GOALS, "H").unwrap()["id"], id);
    project.write("manifests.yaml", &goal("other", "description: o", ""));
    project.run(&["plan", "--out", "plan.json"]).expect(6);
    let run = project
        .run(&["apply", "plan.json", "--allow-mass-delete"])
        .expect(6);
    assert!(
        run.stdout.contains("blocked[protected-object]"),
        "{}",
        run.stdout
    );
    assert_eq!(project.account.row(GOALS, "H").unwrap()["id"], id);
}

#[test]
fn a_dropped_field_goes_back_to_what_follows_from_the_others_once() {
    let project = Project::with(&format!("{CAMPAIGN}---\n{ENGAGEMENT}"));
    project.apply();
    let without = ENGAGEMENT.replace("  weight: 0.9\n", "");
    project.write("manifests.yaml", &format!("{CAMPAIGN}---\n{without}"));
    insta::assert_snapshot!(project.plan(), @"
      ~ update Engagement/home (<id>)  manifests.yaml:6
          weight: 0.9 -> 0.5  (edit)
          10 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    project.apply();
    let account = &project.account;
    let path = Account::path_of(
        &account.engagements("Sale"),
        &account.row(&account.engagements("Sale"), "home").unwrap()["id"],
    );
    assert_eq!(account.get(&path)["weight"], json!(0.5));
    account.edit(&path, |body| body["weight"] = Value::from(0.1));
    project.settled();
}
