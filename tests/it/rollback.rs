//! `rollback.plan.json`: what an apply did is taken back by applying it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::recorded::Recorded;
use crate::support::{Account, CAMPAIGNS, GOALS, NO_CHANGES, Project, plain};

pub(crate) const ROLLBACK: &str = ".campaignctl/ledger/test.rollback.plan.json";

const V1: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: paid }
spec: { displayName: Paid, description: one, indicator: { url: /paid } }
---
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: going }
spec: { displayName: Going, indicator: { url: /going } }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec:
  displayName: Sale
  goal: going
  targetAudiences: [{ system: true }]
  schedule: { timeZone: Europe/Paris, start: 2026-09-01T00:00:00 }
  state: published
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: other }
spec:
  displayName: Other
  goal: paid
  targetAudiences: [{ system: true }]
  schedule: { timeZone: Europe/Paris, start: 2026-09-01T00:00:00 }
  state: unpublished
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
    - { type: online, enabled: true, presentation: { label: Chat } }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: cart }
spec:
  campaign: sale
  type: stickyButton
  language: en-US
  entryPoints: [{ system: true }]
  behaviors: [{ system: true }]
  window: { system: true }
  displayInstances:
    - { type: online, enabled: true, presentation: { label: Help } }
";

/// Everything at once: a changed, a renamed, a moved, a new and a vanished object, and one that is taken back.
fn v2() -> String {
    V1.replace("description: one", "description: two")
        .replace("goal: going", "goal: new")
        .replace("name: going", "name: new")
        .replace("Going", "New")
        .replace("/going", "/new")
        .replace("name: cart", "name: basket")
        .replace("label: Help", "label: More help")
        .replacen("campaign: sale", "campaign: other", 1)
        .replace("displayName: Other", "displayName: Another")
        .replace("state: published", "state: unpublished")
}

/// The bodies of an account by kind and name, with names for ids and without what the server assigns.
pub(crate) fn bodies(account: &Account) -> BTreeMap<String, Value> {
    let mut bodies = BTreeMap::new();
    let mut names = BTreeMap::new();
    let mut take = |label: &str, body: Value| {
        let name = body["name"].as_str().unwrap().to_owned();
        names.insert(
            body["id"].to_string(),
            Value::from(format!("the id of {name}")),
        );
        bodies.insert(format!("{label} {name}"), body);
    };
    for row in account.get(GOALS).as_array().unwrap() {
        take("goal", account.get(&Account::path_of(GOALS, &row["id"])));
    }
    for row in account.get(CAMPAIGNS).as_array().unwrap() {
        take(
            "campaign",
            account.get(&Account::path_of(CAMPAIGNS, &row["id"])),
        );
        let list = format!(
            "le-campaigns/campaigns/{}/engagements?v=3.4",
            plain(&row["id"])
        );
        for row in account.get(&list).as_array().unwrap() {
            take(
                "engagement",
                account.get(&Account::path_of(&list, &row["id"])),
            );
        }
    }
    for body in bodies.values_mut() {
        *body = named(body, &names);
    }
    bodies
}

fn named(value: &Value, names: &BTreeMap<String, Value>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| named(item, names)).collect(),
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| {
                // Engagements are objects of their own, here in the order of their ids.
                *key != "engagements"
                    && !key.ends_with("Date")
                    && !key.ends_with("InMinutes")
                    && !key.ends_with("Revision")
            })
            .map(|(key, value)| (key.clone(), named(value, names)))
            .collect(),
        leaf => names.get(&leaf.to_string()).unwrap_or(leaf).clone(),
    }
}

/// The rollback plan, which must fit the published schema.
fn rollback(project: &Project) -> Value {
    let text = std::fs::read_to_string(project.path().join(ROLLBACK)).unwrap();
    let plan: Value = serde_json::from_str(&text).unwrap();
    if let Err(error) = jsonschema::validate(&campaignctl::plan::schema(), &plan) {
        panic!("{error} at {}", error.instance_path());
    }
    plan
}

#[test]
fn an_apply_is_taken_back() {
    let project = Project::with(V1);
    project.apply();
    let before = bodies(&project.account);
    project.write("manifests.yaml", &v2());
    let run = project
        .run(&["apply", "--auto-approve", "--allow-unpublish"])
        .expect(0);
    assert!(
        run.stderr.contains("To undo: campaignctl undo"),
        "{}",
        run.stderr
    );
    assert_ne!(bodies(&project.account), before);
    rollback(&project);
    insta::assert_snapshot!(project.run(&["show", ROLLBACK]).expect(0).data(), @r#"
      - delete Goal/new "New" (<id>)
          it was created

      - delete Engagement/basket (<id>)
          it was created

    -/+ replace Engagement/home (<id>)
          it was replaced; the new one gets another id
          what `weight` was is not known, because the platform does not return it: the new one gets the default, 0.5
          campaign: other -> sale

      + create Goal/going "Going"
          it was deleted; the new one gets another id
          displayName: Going
          description: ""
          type: 0
          indicator.type: url
          indicator.url: /going

      + create Engagement/cart
          it was deleted; the new one gets another id
          what `weight` was is not known, because the platform does not return it: the new one gets the default, 0.5
          displayName: cart
          description: ""
          campaign: sale
          enabled: true
          entryPoints: [{ system: true }]
          behaviors: [{ system: true }]
          useSystemRouting: false
          allowUnauthenticated: false
          conversationType: messaging
          availability: onlineOnly
          availabilityForMessaging: always
          timeInQueue: 0
          type: stickyButton
          subType: stickyButton
          source: web
          channel: web
          language: en-US
          window: { system: true }
          popOut: false
          unifiedWindow: true
          rendering: elements
          zones: []
          displayInstances: [{ type: online, enabled: true, presentation: { label: Help } }]
          followMePages: 1
          followMeTime: 0

      ~ update Goal/paid "Paid" (<id>)
          description: two -> one

      ~ update Campaign/other "Another" (<id>)
          displayName: Another -> Other
          engagements: [home] -> []

      ~ update Campaign/sale "Sale" (<id>)
          GOES LIVE
          state: unpublished -> published
          goal: new -> going
          engagements: [basket] -> [home, cart]

    Plan: 2 to create, 3 to update, 1 to replace, 2 to delete, 0 to adopt, 0 manual.
    "#);
    project
        .run(&["apply", ROLLBACK, "--allow-unpublish"])
        .expect(0);
    let after = bodies(&project.account);
    assert_eq!(
        after.keys().collect::<Vec<_>>(),
        before.keys().collect::<Vec<_>>()
    );
    for (name, body) in &before {
        assert_eq!(after[name], *body, "{name}");
    }
    project.write("manifests.yaml", V1);
    let plan = project.run(&["plan", "--detailed-exitcode"]).expect(0);
    assert_eq!(plan.stdout, NO_CHANGES);
    // And that, too, can be taken back.
    project
        .run(&["apply", ROLLBACK, "--allow-unpublish"])
        .expect(0);
    project.write("manifests.yaml", &v2());
    let plan = project.run(&["plan", "--detailed-exitcode"]).expect(0);
    assert_eq!(plan.stdout, NO_CHANGES);
}

#[test]
fn a_first_apply_is_taken_back_to_nothing_of_ours() {
    let project = Project::new();
    let before = bodies(&project.account);
    project.write("manifests.yaml", V1);
    project.apply();
    project.run(&["apply", ROLLBACK]).expect(6);
    project
        .run(&["apply", ROLLBACK, "--allow-unpublish"])
        .expect(0);
    assert_eq!(bodies(&project.account), before);
    let ledger: Value = serde_json::from_str(&project.ledger()).unwrap();
    assert_eq!(ledger["entries"], serde_json::json!({}));
}

#[test]
fn what_changed_since_the_apply_is_not_taken_back_over() {
    let project = Project::with(V1);
    project.apply();
    project.write(
        "manifests.yaml",
        &V1.replace("description: one", "description: two"),
    );
    project.apply();
    let path = project.account.item_path(GOALS, "Paid");
    project
        .account
        .edit(&path, |body| body["description"] = "by somebody".into());
    let writes = project.account.writes();
    let run = project.run(&["apply", ROLLBACK]).expect(7);
    assert!(
        run.stderr
            .contains("Goal/paid: `description` changed on the account"),
        "{}",
        run.stderr
    );
    assert_eq!(project.account.writes(), writes);
}

#[test]
fn an_adopted_object_is_let_go_again() {
    let project = Project::with("---\n");
    let theirs = serde_json::json!({ "name": "Paid", "description": "theirs" });
    project.account.post(GOALS, &theirs);
    let before = bodies(&project.account);
    let paid = V1.split("---\n").next().unwrap();
    project.write("manifests.yaml", paid);
    project.apply();
    project.run(&["apply", ROLLBACK]).expect(0);
    assert_eq!(bodies(&project.account), before);
    let ledger: Value = serde_json::from_str(&project.ledger()).unwrap();
    assert_eq!(ledger["entries"], serde_json::json!({}));
}

/// The engagement of a campaign in a project, as `weight` and `campaign` say.
fn weighted(campaign: &str, weight: &str) -> String {
    let engagement = V1.split("---\n").nth(4).unwrap();
    let engagement = engagement.replace("campaign: sale", &format!("campaign: {campaign}"));
    let campaigns = V1
        .split("---\n")
        .filter(|document| document.contains("kind: Campaign"));
    let goals = V1
        .split("---\n")
        .filter(|document| document.contains("kind: Goal"));
    let rest: Vec<_> = goals.chain(campaigns).collect();
    let rest = rest
        .join("---\n")
        .replace("state: published", "state: unpublished");
    format!("{rest}---\n{engagement}{weight}")
}

/// The weights that were sent since the last look.
fn weights(recorded: &Recorded) -> Vec<Value> {
    let bodies = recorded.bodies("/engagements");
    recorded.requests.lock().unwrap().clear();
    bodies
        .into_iter()
        .map(|body| body["weight"].clone())
        .collect()
}

/// The platform takes the weight of an engagement and does not return it.
#[test]
fn a_weight_that_the_account_does_not_show_is_taken_back_by_the_record() {
    let heavy = weighted("sale", "  weight: 0.9\n");
    let without = heavy
        .split("---\n")
        .filter(|document| !document.contains("kind: Engagement"));
    let without = without.collect::<Vec<_>>().join("---\n");
    for (then, what) in [
        (weighted("sale", "  weight: 0.1\n"), "an update"),
        (weighted("sale", ""), "a field that is dropped"),
        (weighted("other", "  weight: 0.1\n"), "a replacement"),
        (without, "a deletion"),
    ] {
        let recorded = Recorded::new(Project::with(&heavy));
        let project = &recorded.project;
        project.apply();
        assert_eq!(weights(&recorded), [0.9], "{what}");
        project.write("manifests.yaml", &then);
        project.apply();
        weights(&recorded);
        let plan = project.run(&["show", ROLLBACK]).expect(0).stdout;
        assert!(plan.contains("0.9"), "{what}: {plan}");
        assert!(!plan.contains("is not known"), "{what}: {plan}");
        project.run(&["apply", ROLLBACK]).expect(0);
        assert_eq!(weights(&recorded), [0.9], "{what}");
        project.write("manifests.yaml", &heavy);
        assert_eq!(project.plan(), NO_CHANGES, "{what}");
    }
}

#[test]
fn a_weight_that_nobody_knows_is_not_lost_without_a_word() {
    let plain = weighted("sale", "");
    let without = plain
        .split("---\n")
        .filter(|document| !document.contains("kind: Engagement"));
    let without = without.collect::<Vec<_>>().join("---\n");
    let shown = |then: &str| {
        let recorded = Recorded::new(Project::with(&plain));
        let project = &recorded.project;
        project.apply();
        project.write("manifests.yaml", then);
        project.apply();
        weights(&recorded);
        let plan = project.run(&["show", ROLLBACK]).expect(0).stdout;
        project.run(&["apply", ROLLBACK]).expect(0);
        assert_eq!(weights(&recorded), [0.5], "{plan}");
        let reasons = plan.lines().filter(|line| line.contains("is not known"));
        reasons
            .map(|line| line.trim().to_owned())
            .collect::<Vec<_>>()
            .join("\n")
    };
    insta::assert_snapshot!(shown(&without), @"what `weight` was is not known, because the platform does not return it: the new one gets the default, 0.5");
    insta::assert_snapshot!(shown(&weighted("sale", "  weight: 0.9\n")), @"what `weight` was is not known, because the platform does not return it: it goes back to the default, 0.5");
}
