//! What people do to the account behind our back, by raw HTTP, and what the next plan makes of it.

use serde_json::{Value, json};

use crate::support::{
    AUDIENCES, Account, CAMPAIGNS, GOALS, NO_CHANGES, Project, plain, without_ids,
};

const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { displayName: Something bought, indicator: { url: /thanks } }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec:
  displayName: Autumn sale
  goal: bought
  targetAudiences: [{ system: true }]
  schedule: { timeZone: Europe/Paris, start: 2026-09-01T00:00:00 }
  state: published
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: home }
spec:
  campaign: sale
  type: stickyButton
  language: en-US
  entryPoints: [{ system: true }]
  behaviors: [{ system: true }]
  window: { system: true }
  displayInstances:
    - { type: online, enabled: true, presentation: { label: Chat, size: { width: \"60\", height: \"40\" } } }
";

fn applied() -> Project {
    let project = Project::with(MANIFESTS);
    project.apply();
    project
}

#[track_caller]
fn engagement_path(account: &Account, campaign: &str, name: &str) -> String {
    let collection = account.engagements(campaign);
    account.item_path(&collection, name)
}

/// A body without what differs from write to write.
fn settled_body(mut body: Value) -> Value {
    for key in [
        "modifiedDate",
        "engagementCollectionRevision",
        "startTimeInMinutes",
        "expirationTimeInMinutes",
    ] {
        body.as_object_mut().unwrap().remove(key);
    }
    body
}

#[test]
fn an_edit_in_the_console_shows_as_that_one_field_and_is_put_back() {
    let project = applied();
    let account = &project.account;
    let path = engagement_path(account, "Autumn sale", "home");
    let planted = json!({"π": [1.0, null, {"no": "on"}], "": "\u{1F4E6} \\u0000", "big": 9_007_199_254_740_993_u64});
    account.edit(&path, |body| {
        body["plantedByOthers"] = planted.clone();
        body["displayInstances"][0]["presentation"]["planted"] = planted.clone();
        body["displayInstances"][0]["planted"] = planted.clone();
        body["skillName"] = json!("left over");
    });
    assert_eq!(
        project.plan(),
        NO_CHANGES,
        "unknown keys are nobody's business"
    );
    let before = account.get(&path);
    account.edit(&path, |body| {
        body["displayInstances"][0]["presentation"]["label"] = json!("Hello from the console");
    });
    insta::assert_snapshot!(project.plan(), @"
      ~ update Engagement/home (<id>)  manifests.yaml:16
          displayInstances[online].presentation.label: Hello from the console -> Chat  (drift)
          11 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    project.apply();
    assert_eq!(settled_body(account.get(&path)), settled_body(before));
}

/// What somebody does to a body in the console.
type Edit = fn(&mut Value);

#[test]
fn every_shape_of_drift_is_seen_and_healed() {
    let project = applied();
    let account = &project.account;
    let path = engagement_path(account, "Autumn sale", "home");
    let edits: [(&str, Edit); 7] = [
        ("language", |body| body["language"] = json!("fr-FR")),
        ("language", |body| {
            body.as_object_mut().unwrap().remove("language");
        }),
        ("type", |body| body["type"] = json!(77)),
        ("entryPoints", |body| body["onsiteLocations"] = json!([])),
        ("window", |body| {
            body.as_object_mut().unwrap().remove("windowId");
        }),
        ("displayInstances", |body| {
            body["displayInstances"] = json!([]);
        }),
        ("displayInstances", |body| {
            body["displayInstances"] = json!("not a list");
        }),
    ];
    for (field, edit) in edits {
        let before = settled_body(account.get(&path));
        account.edit(&path, edit);
        let plan = project.plan();
        let lines = plan.lines().filter(|line| line.ends_with("(drift)"));
        let lines: Vec<_> = lines.map(str::trim).collect();
        assert_eq!(lines.len(), 1, "{plan}");
        assert!(lines[0].starts_with(field), "{plan}");
        project.apply();
        assert_eq!(settled_body(account.get(&path)), before, "{field}");
    }
}

/// One spelling of a place in every output: items of lists in brackets, by what tells them apart where that is said.
#[test]
fn drift_names_a_place_as_the_plan_does() {
    const AUDIENCE: &str = "\
apiVersion: campaignctl.dev/v1
kind: TargetAudience
metadata: { name: club }
spec:
  displayName: Club
  conditions:
    - { type: 9, data: { customerTypes: [club], exclude: [] } }
";
    let project = Project::with(AUDIENCE);
    project.apply();
    let path = project.account.item_path(AUDIENCES, "Club");
    project.account.edit(&path, |body| {
        body["conditionBoxes"][0]["data"]["customerTypes"] = json!(["gold"]);
    });
    let path = "conditions[0].data.customerTypes";
    for command in [&["plan"][..], &["drift"], &["pull"]] {
        let run = project.run(command);
        assert!(run.stdout.contains(path), "{command:?}: {}", run.stdout);
        assert!(
            !run.stdout.contains("conditions.0"),
            "{command:?}: {}",
            run.stdout
        );
    }
}

#[test]
fn what_is_edited_on_both_sides_is_a_conflict() {
    let project = applied();
    let account = &project.account;
    let path = engagement_path(account, "Autumn sale", "home");
    account.edit(&path, |body| body["language"] = json!("fr-FR"));
    project.write(
        "manifests.yaml",
        &MANIFESTS.replace("language: en-US", "language: de-DE"),
    );
    insta::assert_snapshot!(project.plan(), @"
      ~ update Engagement/home (<id>)  manifests.yaml:16
          language: fr-FR -> de-DE  (edit and drift)
          11 unchanged fields

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    ");
    // Both did the same: nothing is left to do.
    account.edit(&path, |body| body["language"] = json!("de-DE"));
    project.apply();
    account.edit(&path, |body| body["language"] = json!("it-IT"));
    assert!(project.plan().contains("language: it-IT -> de-DE  (drift)"));
}

#[test]
fn foreign_objects_are_never_touched_nor_spoken_of() {
    let project = applied();
    let account = &project.account;
    let foreign = account.post(
        CAMPAIGNS,
        &json!({"name": "Made in the console", "status": 1, "unknown": {"a": null}}),
    );
    let inside = format!(
        "le-campaigns/campaigns/{}/engagements?v=3.4",
        plain(&foreign["id"])
    );
    account.post(&inside, &json!({"name": "home", "type": 99}));
    account.post(GOALS, &json!({"name": "Their goal"}));
    let campaign = Account::path_of(CAMPAIGNS, &foreign["id"]);
    let before = settled_body(account.get(&campaign));
    project.settled();
    project.write(
        "manifests.yaml",
        &MANIFESTS.replace("language: en-US", "language: de-DE"),
    );
    let plan = project.plan();
    assert!(
        !plan.contains("console") && !plan.contains("delete Their"),
        "{plan}"
    );
    project.apply();
    assert_eq!(settled_body(account.get(&campaign)), before);
    assert!(account.row(GOALS, "Their goal").is_some());
}

#[test]
fn a_foreign_engagement_stays_in_an_owned_campaign() {
    let project = applied();
    let account = &project.account;
    let collection = account.engagements("Autumn sale");
    let theirs = account.post(
        &collection,
        &json!({"name": "theirs", "type": 99, "odd": [null]}),
    );
    let path = account.item_path(CAMPAIGNS, "Autumn sale");
    account.edit(&path, |campaign| {
        let ids = campaign["engagementIds"].as_array_mut().unwrap();
        ids.insert(0, theirs["id"].clone());
    });
    project.settled();
    let second = MANIFESTS.rsplit("---\n").next().unwrap();
    let second = second.replace("name: home", "name: cart");
    project.write("manifests.yaml", &format!("{MANIFESTS}---\n{second}"));
    insta::assert_snapshot!(project.plan(), @r#"
      + create Engagement/cart  manifests.yaml:29
          GOES LIVE
          displayName: cart
          campaign: sale
          entryPoints: [{ system: true }]
          behaviors: [{ system: true }]
          type: stickyButton
          language: en-US
          window: { system: true }
          displayInstances: [{ type: online, enabled: true, presentation: { label: Chat, size: { width: "60"… (21 more characters)

      ~ update Campaign/sale "Autumn sale" (<id>)  manifests.yaml:6
          engagements: [{ live: theirs }, home] -> [{ live: theirs }, home, cart]  (edit)
          6 unchanged fields

    Plan: 1 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    project.apply();
    let campaign = account.get(&path);
    let id = |name: &str| account.row(&collection, name).unwrap()["id"].clone();
    assert_eq!(
        campaign["engagementIds"],
        json!([theirs["id"], id("home"), id("cart")])
    );
    // And when ours go, theirs is what is left.
    project.write("manifests.yaml", MANIFESTS);
    project.apply();
    assert_eq!(
        account.get(&path)["engagementIds"],
        json!([theirs["id"], id("home")])
    );
    assert_eq!(
        account.row(&collection, "theirs").unwrap()["odd"],
        json!([null])
    );
}

#[test]
fn a_lost_ledger_costs_nothing() {
    let project = applied();
    std::fs::remove_file(project.ledger_path()).unwrap();
    insta::assert_snapshot!(project.plan(), @r#"
      → adopt Goal/bought "Something bought" (<id>)  manifests.yaml:1
      → adopt Campaign/sale "Autumn sale" (<id>)  manifests.yaml:6
      → adopt Engagement/home (<id>)  manifests.yaml:16

    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 3 to adopt, 0 manual.
    "#);
    let writes = project.account.writes();
    // Nothing on the account changes, so there is nothing to ask.
    let run = project.run(&["apply"]).expect(0);
    assert!(run.stdout.contains("Applied: 3 done"), "{}", run.stdout);
    assert_eq!(project.account.writes(), writes);
    project.settled();
}

#[test]
fn a_stray_twin_stops_a_first_plan_and_not_a_later_one() {
    let project = applied();
    let twin = project
        .account
        .post(GOALS, &json!({"name": "Something bought"}));
    project.settled();
    std::fs::remove_file(project.ledger_path()).unwrap();
    let run = project.run(&["plan"]).expect(3);
    let ours = project.account.get(GOALS);
    let ids: Vec<_> = ours
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["name"] == "Something bought")
        .map(|row| plain(&row["id"]))
        .collect();
    assert_eq!(ids.len(), 2);
    for id in &ids {
        assert!(run.stderr.contains(id), "{}", run.stderr);
    }
    insta::assert_snapshot!(without_ids(&run.stderr), @"
    Plan for test, account 10000001
    error[ambiguous-binding]: the account holds 2 Goal objects named `Something bought`: <id>, <id>
     --> manifests.yaml:4:22
      |
    4 | spec: { displayName: Something bought, indicator: { url: /thanks } }
      |                      ^^^^^^^^^^^^^^^^
      |
      = help: rename all but one of them in the console, give the manifest another `displayName`, or bind it to one of them: `campaignctl ledger bind Goal/bought <id>`

    1 error in 1 file
    error: no plan was made
      = help: for more, run `campaignctl explain ambiguous-binding`
    ");
    let writes = project.account.writes();
    project.run(&["apply", "--auto-approve"]).expect(3);
    assert_eq!(project.account.writes(), writes);
    project
        .account
        .delete(&Account::path_of(GOALS, &twin["id"]));
    project.run(&["apply"]).expect(0);
}

#[test]
fn what_was_deleted_behind_our_back_is_created_again() {
    let project = applied();
    let account = &project.account;
    account.delete(&engagement_path(account, "Autumn sale", "home"));
    insta::assert_snapshot!(project.plan(), @r#"
      + create Engagement/home  manifests.yaml:16
          GOES LIVE
          the account no longer holds <id>, to which it was bound
          displayName: home
          campaign: sale
          entryPoints: [{ system: true }]
          behaviors: [{ system: true }]
          type: stickyButton
          language: en-US
          window: { system: true }
          displayInstances: [{ type: online, enabled: true, presentation: { label: Chat, size: { width: "60"… (21 more characters)

      ~ update Campaign/sale "Autumn sale" (<id>)  manifests.yaml:6
          engagements: [{ id: <id> }] -> [home]  (drift)
          6 unchanged fields

    Plan: 1 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    project.apply();
    let campaign = account.item(CAMPAIGNS, "Autumn sale");
    let home = account
        .row(&account.engagements("Autumn sale"), "home")
        .unwrap();
    assert_eq!(campaign["engagementIds"], json!([home["id"]]));
    // The same for a goal: its campaign must not keep the id of the dead one.
    account.delete(&account.item_path(GOALS, "Something bought"));
    insta::assert_snapshot!(project.plan(), @r#"
      + create Goal/bought "Something bought"  manifests.yaml:1
          the account no longer holds <id>, to which it was bound
          displayName: Something bought
          indicator.url: /thanks

      ~ update Campaign/sale "Autumn sale" (<id>)  manifests.yaml:6
          goal: { id: <id> } -> bought  (drift)
          6 unchanged fields

    Plan: 1 to create, 1 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    project.apply();
    let goal = account.row(GOALS, "Something bought").unwrap();
    assert_eq!(account.item(CAMPAIGNS, "Autumn sale")["goalId"], goal["id"]);
    // And for a whole campaign, with everything in it.
    account.delete(&account.item_path(CAMPAIGNS, "Autumn sale"));
    insta::assert_snapshot!(project.plan(), @r#"
      + create Campaign/sale "Autumn sale"  manifests.yaml:6
          GOES LIVE
          the account no longer holds <id>, to which it was bound
          displayName: Autumn sale
          state: published
          schedule.timeZone: Europe/Paris
          schedule.start: 2026-09-01T00:00:00
          goal: bought
          targetAudiences: [{ system: true }]
          engagements: [home]

      + create Engagement/home  manifests.yaml:16
          the account no longer holds <id>, to which it was bound
          displayName: home
          campaign: sale
          entryPoints: [{ system: true }]
          behaviors: [{ system: true }]
          type: stickyButton
          language: en-US
          window: { system: true }
          displayInstances: [{ type: online, enabled: true, presentation: { label: Chat, size: { width: "60"… (21 more characters)

    Plan: 2 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    "#);
    project.apply();
    let campaign = account.item(CAMPAIGNS, "Autumn sale");
    assert_eq!(campaign["engagements"].as_array().unwrap().len(), 1);
    assert_eq!(campaign["status"], 1);
}

#[test]
fn what_is_gone_from_both_sides_is_forgotten() {
    let project = applied();
    let more = "apiVersion: campaignctl.dev/v1\nkind: TargetAudience\nmetadata: { name: gold }\nspec: {}\n";
    project.write("more.yaml", more);
    project.apply();
    let account = &project.account;
    account.delete(&account.item_path(AUDIENCES, "gold"));
    project.remove("more.yaml");
    let writes = account.writes();
    insta::assert_snapshot!(project.plan(), @"
      · forget TargetAudience/gold (<id>)
          its manifest is gone from more.yaml, and it no longer exists on the account

    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual, 1 to forget.
    ");
    project.apply();
    assert_eq!(account.writes(), writes);
    assert!(!project.ledger().contains("gold"));
}
