//! Values that are written somewhere else than where they are read, and values that cannot be taken over.

use serde_json::{Value, json};

use crate::support::{CAMPAIGNS, GOALS, NO_CHANGES, Project, without_ids};

const GOAL: &str = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: bought }\nspec:\n  displayName: Something bought\n  description: ${var.brand} in town # of the shop\n  indicator: { url: /thanks, count: 1 }\n";

/// A project with an overlay, variables, and a second environment on the same account.
fn layered() -> Project {
    let project = Project::new();
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let other = file.split_once("  test:\n").unwrap().1.to_owned();
    let file = format!(
        "manifests: [base]\n{file}    overlays: [over]\n    variables: {{ brand: Marlowe }}\n  other:\n{other}    variables: {{ brand: Finch }}\n"
    );
    project.write("campaignctl.yaml", &file);
    project.write("base/goal.yaml", GOAL);
    let over = "kind: Goal\nmetadata: { name: bought }\nspec:\n  indicator:\n    # only here\n    url: /merci # in French\n";
    project.write("over/goal.yaml", over);
    project.apply();
    project
}

fn edit(project: &Project, change: impl FnOnce(&mut Value)) {
    let path = project.account.item_path(GOALS, "Something bought");
    project.account.edit(&path, change);
}

fn read(project: &Project, file: &str) -> String {
    std::fs::read_to_string(project.path().join(file)).unwrap()
}

#[test]
fn a_value_is_written_where_it_is_set_for_the_environment() {
    let project = layered();
    edit(&project, |body| {
        body["indicatorValue"]["url"] = json!("/danke");
        body["indicatorValue"]["reachedCounter"] = json!(3);
    });
    let told = project.run(&["pull"]).expect(0).stdout;
    insta::assert_snapshot!(without_ids(&told), @"
      ~ Goal/bought
          indicator.url: /merci -> /danke  (over/goal.yaml)
          indicator.count: 1 -> 3  (base/goal.yaml; also in effect in other)

    --- a/base/goal.yaml
    +++ b/base/goal.yaml
    @@ -4,4 +4,4 @@
     spec:
       displayName: Something bought
       description: ${var.brand} in town # of the shop
    -  indicator: { url: /thanks, count: 1 }
    +  indicator: { url: /thanks, count: 3 }

    --- a/over/goal.yaml
    +++ b/over/goal.yaml
    @@ -3,4 +3,4 @@
     spec:
       indicator:
         # only here
    -    url: /merci # in French
    +    url: /danke # in French

    Pull: 2 fields, 0 new manifests; 0 left. Nothing was written; `--write` writes it.
    ");
    project.run(&["pull", "--write"]).expect(0);
    assert!(
        read(&project, "over/goal.yaml").contains("    # only here\n    url: /danke # in French\n")
    );
    assert_eq!(
        read(&project, "base/goal.yaml"),
        GOAL.replace("count: 1", "count: 3")
    );
    assert_eq!(project.plan(), NO_CHANGES);
}

#[test]
fn what_an_overlay_sets_and_the_account_lacks_is_null_there() {
    let project = layered();
    project.write(
        "base/goal.yaml",
        &GOAL.replace("count: 1 }", "count: 1 }\n  extra: { pin: a }"),
    );
    let over = "kind: Goal\nmetadata: { name: bought }\nspec: { extra: { pin: b } } # ours\n";
    project.write("over/goal.yaml", over);
    project.apply();
    edit(&project, |body| {
        drop(body.as_object_mut().unwrap().remove("pin"));
    });
    project.run(&["pull", "--write"]).expect(0);
    assert_eq!(
        read(&project, "over/goal.yaml"),
        over.replace("pin: b", "pin: null")
    );
    assert_eq!(project.plan(), NO_CHANGES);
}

#[test]
fn a_variable_stays_and_is_told() {
    let project = layered();
    edit(&project, |body| {
        body["description"] = json!("Marlowe in Rome");
    });
    let told = project.run(&["pull", "--write"]).expect(2).stdout;
    insta::assert_snapshot!(without_ids(&told), @"
      ! Goal/bought  base/goal.yaml:6
          description: Marlowe in town in the file, Marlowe in Rome in the account
            the value comes from `${var.brand}`
            help: change the variable where it is set (`variables` in `campaignctl.yaml`, `--var` or `CAMPAIGNCTL_VAR`), or write the value out in the manifest

    Pull: 0 fields, 0 new manifests; 1 left. No file changes.
    ");
    assert_eq!(read(&project, "base/goal.yaml"), GOAL);
}

#[test]
fn text_of_the_account_is_no_variable() {
    let project = layered();
    edit(&project, |body| {
        body["indicatorValue"]["url"] = json!("/${var.brand}");
    });
    project.run(&["pull", "--write"]).expect(0);
    assert!(read(&project, "over/goal.yaml").contains("url: /$${var.brand} # in French"));
    assert_eq!(project.plan(), NO_CHANGES);
}

#[test]
fn a_conflict_is_told_and_left_unless_the_account_is_to_win() {
    let project = layered();
    edit(&project, |body| {
        body["indicatorValue"]["reachedCounter"] = json!(3);
        body["name"] = json!("Sold");
    });
    project.write("base/goal.yaml", &GOAL.replace("count: 1", "count: 2"));
    let told = project.run(&["pull", "--write"]).expect(2).stdout;
    insta::assert_snapshot!(without_ids(&told), @"
      ~ Goal/bought
          displayName: Something bought -> Sold  (base/goal.yaml; also in effect in other)
      ! Goal/bought  base/goal.yaml:7
          indicator.count: 2 in the file, 3 in the account
            conflict: the file and the account both changed it since the last apply
            help: edit the file to the value that you want, or take the account's value with `--theirs`

    Pull: 1 field, 0 new manifests; 1 left. 1 file written.
    ");
    let text = read(&project, "base/goal.yaml");
    assert!(
        text.contains("displayName: Sold\n") && text.contains("count: 2"),
        "{text}"
    );
    project.run(&["pull", "--theirs", "--write"]).expect(0);
    assert!(read(&project, "base/goal.yaml").contains("count: 3"));
    assert_eq!(project.plan(), NO_CHANGES);
}

#[test]
fn edits_of_the_files_stay() {
    let project = layered();
    project.write("base/goal.yaml", &GOAL.replace("count: 1", "count: 2"));
    let told = project.run(&["pull", "--write"]).expect(0).stdout;
    insta::assert_snapshot!(without_ids(&told), @"Nothing to pull. 1 field differs because its file was edited: `campaignctl plan` shows it.");
}

const SHARED: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec:
  displayName: &name Something bought
  description: *name # the same
  indicator: { url: /a }
";

#[test]
fn an_anchor_that_others_share_stays_and_an_alias_is_written_out() {
    let project = Project::with(SHARED);
    project.apply();
    edit(&project, |body| body["name"] = json!("Sold"));
    let told = project.run(&["pull", "--write"]).expect(2).stdout;
    insta::assert_snapshot!(without_ids(&told), @"
      ! Goal/bought  manifests.yaml:5
          displayName: Something bought in the file, Sold in the account
            `/spec/description` would change as well: an anchor (`&`) shares the value
            help: write the value out in the file, or edit it yourself

    Pull: 0 fields, 0 new manifests; 1 left. No file changes.
    ");
    assert_eq!(read(&project, "manifests.yaml"), SHARED);
    let path = project.account.item_path(GOALS, "Sold");
    project.account.edit(&path, |body| {
        body["name"] = json!("Something bought");
        body["description"] = json!("Another one");
    });
    project.run(&["pull", "--write"]).expect(0);
    let wanted = SHARED.replace("*name #", "Another one #");
    assert_eq!(read(&project, "manifests.yaml"), wanted);
    assert_eq!(project.plan(), NO_CHANGES);
}

#[test]
fn what_goes_is_null_where_a_default_would_count() {
    let project = Project::with(
        "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: bought }\nspec:\n  displayName: Something bought\n  # What for.\n  description: text\n  indicator: { url: /a }\n  extra: { pin: a }\n",
    );
    project.apply();
    edit(&project, |body| {
        drop(body.as_object_mut().unwrap().remove("description"));
    });
    project.run(&["pull", "--write"]).expect(0);
    let text = read(&project, "manifests.yaml");
    // The platform has a default for it, which would count where nothing is said.
    assert!(
        text.contains("  # What for.\n  description: null\n  indicator:"),
        "{text}"
    );
    assert_eq!(project.plan(), NO_CHANGES);
}

#[test]
fn a_manifest_that_was_never_applied_takes_over_when_it_is_named() {
    let project = Project::with(
        &SHARED
            .replace("&name ", "")
            .replace("*name # the same", "mine"),
    );
    let body = json!({ "name": "Something bought", "description": "theirs", "type": 2, "indicatorType": 0, "indicatorValue": { "url": "/b" } });
    project.account.post(GOALS, &body);
    let told = project.run(&["pull"]).expect(2).stdout;
    insta::assert_snapshot!(without_ids(&told), @"
      ! Goal/bought  manifests.yaml:6
          description: mine in the file, theirs in the account
            the manifest was never applied, so the account's value may be the older one
            help: name it to take the account's value: `campaignctl pull Goal/bought`
          indicator.url: /a in the file, /b in the account
            the manifest was never applied, so the account's value may be the older one
            help: name it to take the account's value: `campaignctl pull Goal/bought`

    Pull: 0 fields, 0 new manifests; 2 left. No file changes.
    ");
    project.run(&["pull", "Goal/bought", "--write"]).expect(0);
    assert!(
        read(&project, "manifests.yaml")
            .contains("  description: theirs\n  indicator: { url: /b }\n")
    );
    let plan = project.plan();
    assert!(
        plan.contains("0 to update") && plan.contains("1 to adopt"),
        "{plan}"
    );
}

#[test]
fn a_live_value_that_no_rule_allows_is_left() {
    let project = Project::with(
        &SHARED
            .replace("&name ", "")
            .replace("*name # the same", "mine"),
    );
    project.apply();
    edit(&project, |body| body["indicatorValue"] = json!("no object"));
    let told = project.run(&["pull", "--write"]).expect(2).stdout;
    insta::assert_snapshot!(without_ids(&told), @"
      ! Goal/bought  manifests.yaml:7
          indicator.url: /a in the file, no object in the account
            a plan would still show the field
            help: edit the file yourself, or leave the field to the console: `lifecycle: { ignoreChanges: [/spec/indicator/url] }`

    Pull: 0 fields, 0 new manifests; 1 left. No file changes.
    ");
}

/// Two fields that break a rule each, and one that breaks none: each is judged by itself.
#[test]
fn a_field_is_left_for_its_own_reason_only() {
    let project = Project::new();
    project.write(
        "sale.yaml",
        "\
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec:
  displayName: Sale
  description: ours
  goal: { live: Interact with visitors }
  targetAudiences: [{ system: true }]
  controlGroup: 5%
  schedule: { timeZone: Europe/Paris, start: 2026-09-01T00:00:00, end: 2026-10-01T00:00:00 }
",
    );
    project.apply();
    let path = project.account.item_path(CAMPAIGNS, "Sale");
    project.account.edit(&path, |body| {
        body["controlGroup"]["percentage"] = json!(300);
        body["expirationDate"] = json!("2026-08-01 00:00:00");
        body["description"] = json!("theirs");
    });
    let pulled = project.run(&["pull", "--write"]).expect(2).stdout;
    let reason = |field: &str| {
        let mut lines = pulled.lines().skip_while(|line| !line.contains(field));
        lines
            .find(|line| line.contains("would refuse it"))
            .unwrap_or_default()
            .to_owned()
    };
    let (group, end) = (reason("controlGroup"), reason("schedule.end"));
    assert!(group.contains("300"), "{pulled}");
    assert!(!end.is_empty() && !end.contains("300"), "{pulled}");
    let text = std::fs::read_to_string(project.path().join("sale.yaml")).unwrap();
    assert!(text.contains("description: theirs"), "{text}");
    assert!(text.contains("controlGroup: 5%"), "{text}");
}
