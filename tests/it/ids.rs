//! The ids of an environment by the names of its manifests.

use serde_json::{Value, json};

use crate::support::{CAMPAIGNS, Project, plain};

const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: paid }
spec: { indicator: { url: /paid } }
---
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: care }
spec: { displayName: Customer care, goal: paid, state: published }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: orders }
spec: { campaign: care, type: embedded, channel: web, language: en-US, entryPoints: [{ system: true }], behaviors: [{ system: true }], window: { system: true }, enabled: true, skill: Orders }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: returns }
spec: { campaign: care, type: embedded, channel: web, language: en-US, entryPoints: [{ system: true }], behaviors: [{ system: true }], window: { system: true }, enabled: false }
";

fn project() -> Project {
    let project = Project::new();
    let skill = json!({ "name": "Orders", "maxWaitTime": 30 });
    project.account.post("le-users/skills?v=2.0", &skill);
    project.write("manifests.yaml", MANIFESTS);
    project.apply();
    project
}

#[test]
fn names_have_the_ids_of_their_account() {
    let project = project();
    let shown = project.run(&["ids"]).expect(0).data();
    insta::assert_snapshot!(shown, @"
    Ids of test, account 10000001

    Campaign
      care  <id>  LIVE

    Engagement
      orders   <id>  LIVE      in care, skill Orders
      returns  <id>  not live  in care

    Skill
      Orders  <id>
    ");
    let document: Value =
        serde_json::from_str(&project.run(&["ids", "--format", "json"]).expect(0).stdout).unwrap();
    let campaign = project.account.row(CAMPAIGNS, "Customer care").unwrap();
    let objects = &document["objects"];
    assert_eq!(objects["Campaign"]["care"]["id"], plain(&campaign["id"]));
    let engagements = project
        .account
        .get(&project.account.engagements("Customer care"));
    for row in engagements.as_array().unwrap() {
        let known = &objects["Engagement"][row["name"].as_str().unwrap()];
        assert_eq!(known["id"], plain(&row["id"]));
        assert_eq!(known["inside"]["id"], plain(&campaign["id"]));
        let live = row["enabled"] == true;
        assert_eq!(known["live"], live);
    }
    let used = &objects["Engagement"]["orders"]["uses"]["skill"][0];
    assert_eq!(used["id"], objects["Skill"]["Orders"]["id"]);
    let skill = project
        .account
        .row("le-users/skills?v=2.0", "Orders")
        .unwrap();
    assert_eq!(used["id"], plain(&skill["id"]));
    assert!(objects.get("Goal").is_none());
}

#[test]
fn one_object_comes_with_what_it_refers_to() {
    let project = project();
    let shown = project.run(&["ids", "Engagement/orders"]).expect(0).data();
    insta::assert_snapshot!(shown, @"
    Ids of test, account 10000001

    Campaign
      care  <id>  LIVE

    Engagement
      orders  <id>  LIVE  in care, skill Orders

    Skill
      Orders  <id>
    ");
    let shown = project.run(&["ids", "--kind", "Goal"]).expect(0).data();
    insta::assert_snapshot!(shown, @"
    Ids of test, account 10000001

    Goal
      paid  <id>
    ");
}

#[test]
fn what_the_account_lacks_fails() {
    let project = project();
    let path = project.account.engagements("Customer care");
    let rows = project.account.get(&path);
    let orders = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["name"] == "orders");
    let (path, query) = path.split_once('?').unwrap();
    let item = format!("{path}/{}?{query}", plain(&orders.unwrap()["id"]));
    project.account.delete(&item);
    // In the ledger it is still bound.
    let run = project
        .run(&["ids", "Engagement/orders", "Engagement/nothing"])
        .expect(3);
    insta::assert_snapshot!(run.stderr, @"
    error: account 10000001 has no `Engagement/orders` and no `Engagement/nothing`
      = help: run `campaignctl apply -e test` first, or bind the object: `campaignctl help ledger`
    ");
    assert_eq!(run.stdout, "");
    let whole = project.run(&["ids"]).expect(0).stdout;
    assert!(!whole.contains("orders"), "{whole}");
    let empty = Project::new();
    empty.write("manifests.yaml", MANIFESTS);
    insta::assert_snapshot!(empty.run(&["ids"]).expect(3).stderr, @"
    error: account 10000001 has no object with a binding in the ledger
      = help: run `campaignctl apply -e test` first, or bind the object: `campaignctl help ledger`
    ");
}

#[test]
fn what_people_made_has_no_name() {
    let project = project();
    let row = json!({ "name": "By hand", "status": 0, "engagementIds": [], "engagements": [] });
    project.account.post(CAMPAIGNS, &row);
    let shown = project.run(&["ids"]).expect(0).stdout;
    assert!(!shown.contains("By hand"), "{shown}");
}

/// An id of another account would be written as it is: the platform takes most of them.
#[test]
fn an_id_that_the_account_does_not_hold_is_refused_in_every_field() {
    let fields = [
        ("Campaign", "goal: { id: 5200000170 }"),
        ("Campaign", "targetAudiences: [{ id: 5200000170 }]"),
        ("Campaign", "lineOfBusiness: { id: 5200000170 }"),
        ("Engagement", "entryPoints: [{ id: 5200000170 }]"),
        ("Engagement", "behaviors: [{ id: 5200000170 }]"),
        ("Engagement", "window: { id: 5200000170 }"),
        ("Engagement", "zones: [{ id: 5200000170 }]"),
        ("Engagement", "skill: { id: 5200000170 }"),
        ("Engagement", "connector: { id: 5200000170 }"),
        ("Engagement", "appInstallation: { id: 5200000170 }"),
    ];
    let project = project();
    for (kind, field) in fields {
        let place = if kind == "Engagement" {
            "campaign: care, "
        } else {
            ""
        };
        let text = format!(
            "apiVersion: campaignctl.dev/v1\nkind: {kind}\nmetadata: {{ name: other }}\nspec: {{ {place}{field} }}\n"
        );
        project.write("other.yaml", &text);
        let said = project.run(&["plan"]).expect(3).stderr;
        let is_refused =
            said.contains("the account holds no") && said.contains("with the id 5200000170");
        assert!(is_refused, "{field}: {said}");
    }
}

/// What the account refers to already is no other account's, also where it no longer shows the object.
#[test]
fn an_id_that_stands_there_already_is_left_alone() {
    let project = project();
    let engagements = project.account.engagements("Customer care");
    let path = project.account.item_path(&engagements, "orders");
    project
        .account
        .edit(&path, |body| body["skillId"] = json!(77));
    project.write(
        "manifests.yaml",
        &MANIFESTS.replace("skill: Orders", "skill: { id: 77 }"),
    );
    project.run(&["plan"]).expect(0);
}
