//! States of an account that the rules call an error: they are exported, told, and left alone until somebody
//! writes the object.

use serde_json::json;

use crate::support::{CAMPAIGNS, Project, Run, without_ids};

/// An account with a published campaign that has neither goal nor engagement, exported into the project.
fn exported() -> (Project, Run) {
    let project = Project::new();
    project.account.post(
        CAMPAIGNS,
        &json!({"name": "Left over", "description": "of 2019", "status": 1, "weight": 70}),
    );
    let run = project.run(&["export", "--out", "account"]).expect(0);
    (project, run)
}

#[test]
fn an_export_tells_what_validate_would_refuse() {
    let (project, run) = exported();
    insta::assert_snapshot!(without_ids(&run.stderr), @"
    1 object in 1 file below `account`.
    warning[campaign-published-empty]: a published campaign needs at least one enabled engagement
      --> account/campaigns/left-over.yaml:11:10
       |
    11 |   state: published
       |          ^^^^^^^^^
       |
       = help: add an Engagement with `campaign: left-over`, enable one, or set `state: unpublished`

    warning[campaign-published-goal]: a published campaign needs a goal
      --> account/campaigns/left-over.yaml:11:10
       |
    11 |   state: published
       |          ^^^^^^^^^
       |
       = help: add `goal`, for instance `goal: { system: true }`

    warning[campaign-weight]: `70` is not a share from 0 to 1
      --> account/campaigns/left-over.yaml:14:11
       |
    14 |   weight: 70
       |           ^^
       |
       = help: use `high`, `medium`, `low` or a number from 0 to 1

    3 warnings in 1 file
    note: `validate` reports this as an error; a plan accepts it until the object changes.
      = help: correct it, or lower the rules in `campaignctl.yaml`: `rules: { campaign-published-empty: warn, campaign-published-goal: warn, campaign-weight: warn }`
    ");
    let run = project.run(&["validate"]).expect(3);
    assert!(
        run.stdout.contains("campaign-published-goal"),
        "{}",
        run.stdout
    );
    // With the rules lowered, nothing is left to tell.
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let rules = "rules: { campaign-published-goal: warn, campaign-published-empty: warn, campaign-weight: off }\n";
    project.write("campaignctl.yaml", &format!("{rules}{file}"));
    let run = project
        .run(&["export", "--out", "account", "--force"])
        .expect(0);
    assert!(!run.stderr.contains("rules"), "{}", run.stderr);
    project.run(&["validate", "account"]).expect(0);
}

#[test]
fn what_the_account_holds_keeps_no_plan_back_until_it_is_written() {
    let (project, _) = exported();
    let run = project.run(&["plan"]).expect(0);
    insta::assert_snapshot!(run.data(), @r#"
      → adopt Campaign/left-over "Left over" (<id>)  account/campaigns/left-over.yaml:3

    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 1 to adopt, 0 manual.
    "#);
    insta::assert_snapshot!(without_ids(&run.stderr), @"
    Plan for test, account 10000001
    warning[campaign-published-empty]: a published campaign needs at least one enabled engagement
      --> account/campaigns/left-over.yaml:11:10
       |
    11 |   state: published
       |          ^^^^^^^^^
       |
       = help: add an Engagement with `campaign: left-over`, enable one, or set `state: unpublished`; the plan does not write the object, so this keeps nothing back

    warning[campaign-published-goal]: a published campaign needs a goal
      --> account/campaigns/left-over.yaml:11:10
       |
    11 |   state: published
       |          ^^^^^^^^^
       |
       = help: add `goal`, for instance `goal: { system: true }`; the plan does not write the object, so this keeps nothing back

    warning[campaign-weight]: `70` is not a share from 0 to 1
      --> account/campaigns/left-over.yaml:14:11
       |
    14 |   weight: 70
       |           ^^
       |
       = help: use `high`, `medium`, `low` or a number from 0 to 1; the plan does not write the object, so this keeps nothing back

    3 warnings in 1 file
    ");
    let writes = project.account.writes();
    project.run(&["apply", "--auto-approve"]).expect(0);
    project.run(&["drift"]).expect(0);
    assert_eq!(project.account.writes(), writes);
    // An edit of the campaign writes it, so the rules count.
    let path = project.path().join("account/campaigns/left-over.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("of 2019", "of 2020")).unwrap();
    let run = project.run(&["plan", "--out", "plan.json"]).expect(3);
    insta::assert_snapshot!(without_ids(&run.stderr), @"
    Plan for test, account 10000001
    error[campaign-published-empty]: a published campaign needs at least one enabled engagement
      --> account/campaigns/left-over.yaml:11:10
       |
    11 |   state: published
       |          ^^^^^^^^^
       |
       = help: add an Engagement with `campaign: left-over`, enable one, or set `state: unpublished`

    error[campaign-published-goal]: a published campaign needs a goal
      --> account/campaigns/left-over.yaml:11:10
       |
    11 |   state: published
       |          ^^^^^^^^^
       |
       = help: add `goal`, for instance `goal: { system: true }`

    error[campaign-weight]: `70` is not a share from 0 to 1
      --> account/campaigns/left-over.yaml:14:11
       |
    14 |   weight: 70
       |           ^^
       |
       = help: use `high`, `medium`, `low` or a number from 0 to 1

    3 errors in 1 file
    error: no plan was made
      = help: for more, run `campaignctl explain campaign-published-goal`
    ");
    assert!(!project.path().join("plan.json").exists());
    project.run(&["apply", "--auto-approve"]).expect(3);
    // An edit behind our back would be put back, which is a write, too.
    std::fs::write(&path, text).unwrap();
    let campaign = project.account.item_path(CAMPAIGNS, "Left over");
    project
        .account
        .edit(&campaign, |body| body["description"] = json!("of today"));
    project.run(&["plan"]).expect(3);
    project.run(&["plan", "--ignore-drift"]).expect(0);
}

#[test]
fn what_is_to_be_created_obeys_the_rules() {
    let (project, _) = exported();
    let path = project.path().join("account/campaigns/left-over.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let other = text.replace("left-over", "new").replace("Left over", "New");
    project.write("account/campaigns/new.yaml", &other);
    let run = project.run(&["plan"]).expect(3);
    let errors = run.stderr.lines().filter(|line| line.starts_with("error["));
    assert_eq!(errors.count(), 3, "{}", run.stderr);
    assert_eq!(run.stderr.matches("warning[").count(), 3, "{}", run.stderr);
}

#[test]
fn a_campaign_is_judged_by_the_engagements_that_a_plan_writes() {
    let manifests = "\
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec: { displayName: Sale, state: published, goal: { system: true } }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: home }
spec:
  campaign: sale
  enabled: true
  type: stickyButton
  language: en-US
  window: { system: true }
  entryPoints: [{ system: true }]
  behaviors: [{ system: true }]
  displayInstances: [{ type: online, enabled: true, presentation: { label: Chat } }]
";
    let project = Project::with(manifests);
    project.apply();
    // The campaign itself is not written, and yet it would show nothing from now on.
    project.write(
        "manifests.yaml",
        &manifests.replacen("enabled: true", "enabled: false", 1),
    );
    let run = project.run(&["plan"]).expect(3);
    assert!(
        run.stderr.contains("error[campaign-published-empty]"),
        "{}",
        run.stderr
    );
}
