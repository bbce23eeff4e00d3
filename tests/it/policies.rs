//! `resolve`, and the policies of `examples/policies` on what it and `plan` really write.

use std::path::Path;

use regorus::Engine;
use serde_json::{Value, json};

use crate::program::{Ran, entries, examples_copy, package, ran, run};
use crate::support::assert_published_format;

/// What the policies deny in a document, sorted.
fn denied(document: &str) -> Vec<String> {
    assert_published_format(document);
    let mut engine = Engine::new();
    let policies = entries(&package().join("examples/policies")).into_iter();
    for policy in policies.filter(|path| path.extension().is_some_and(|it| it == "rego")) {
        let text = std::fs::read_to_string(&policy).unwrap();
        engine
            .add_policy(policy.display().to_string(), text)
            .unwrap();
    }
    engine.set_strict_builtin_errors(true);
    engine.set_input_json(document).unwrap();
    let denied = engine.eval_rule("data.main.deny".to_owned()).unwrap();
    let denied = denied.as_set().unwrap().iter();
    let messages = denied.map(|message| message.as_string().unwrap().to_string());
    messages.collect()
}

fn as_json(folder: &Path, arguments: &[&str]) -> Ran {
    run(folder, &[arguments, &["--format", "json"]].concat())
}

/// Replaces a text that stands in a file once.
fn edit(folder: &Path, file: &str, old: &str, new: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches(old).count(), 1, "{old}");
    std::fs::write(path, text.replace(old, new)).unwrap();
}

#[test]
fn manifests_are_resolved_for_one_environment() {
    let ran = run(
        package(),
        &["resolve", "examples/environments", "-e", "production"],
    )
    .expect(0);
    assert_eq!(ran.stderr, "");
    insta::assert_snapshot!(ran.stdout, @r#"
    # examples/environments/base/goals.yaml:2
    apiVersion: campaignctl.dev/v1
    kind: Goal
    metadata:
      name: checkout-done
    spec:
      displayName: Checkout done
      indicator:
        type: url
        url: /thanks
        match: 0
        count: 1
    ---
    # examples/environments/base/campaigns.yaml:27
    apiVersion: campaignctl.dev/v1
    kind: EntryPoint
    metadata:
      name: checkout
    spec:
      displayName: Checkout in the app
      appInstallation: Shop app
      conditions:
        - type: section
          data:
            include:
              - sections:
                  - name: '"checkout"'
            exclude: []
    ---
    # examples/environments/base/campaigns.yaml:2
    apiVersion: campaignctl.dev/v1
    kind: Campaign
    metadata:
      name: checkout-help
    spec:
      displayName: "Shoply: help at the checkout"
      state: published
      goal: checkout-done
      targetAudiences:
        - system: true
      controlGroup: 10%
    lifecycle:
      protect: true
    ---
    # examples/environments/base/campaigns.yaml:13
    apiVersion: campaignctl.dev/v1
    kind: Engagement
    metadata:
      name: checkout-in-app
    spec:
      displayName: Checkout in the app
      campaign: checkout-help
      entryPoints:
        - checkout
      skill: Orders
      appInstallation: Shop app
      allowUnauthenticated: true
      type: app
      language: en-US
    "#);
    let staging = as_json(
        package(),
        &[
            "resolve",
            "examples/environments",
            "-e",
            "staging",
            "--var",
            "brand=Acme",
        ],
    );
    let staging = staging.expect(0).stdout;
    assert_published_format(&staging);
    let staging: Value = serde_json::from_str(&staging).unwrap();
    assert_eq!(staging["environment"], "staging");
    let handoff = staging["manifests"].as_array().unwrap().iter();
    let handoff = handoff.filter(|it| it["kind"] == "ApiHandoff");
    insta::assert_json_snapshot!(handoff.collect::<Vec<_>>(), @r#"
    [
      {
        "kind": "ApiHandoff",
        "name": "order-updates",
        "displayName": "order-updates",
        "labels": {},
        "annotations": {},
        "file": "examples/environments/base/handoffs.yaml",
        "line": 2,
        "spec": {
          "channel": "inApp",
          "appNames": [
            "com.example.shop.staging"
          ],
          "language": "en",
          "lookbackPeriod": "1h",
          "message": {
            "text": "Acme: hi ${{1}}, your order is on its way 📦",
            "variables": [
              "1"
            ]
          }
        },
        "lifecycle": {}
      }
    ]
    "#);
}

#[test]
fn what_is_resolved_can_be_used_and_is_resolved_already() {
    let folder = tempfile::tempdir().unwrap();
    for (example, environment) in [
        ("retail", "production"),
        ("environments", "sandbox"),
        ("environments", "staging"),
        ("quickstart", "sandbox"),
    ] {
        let path = format!("examples/{example}");
        let resolve = ["resolve", &path, "-e", environment];
        let yaml = run(package(), &resolve).expect(0).stdout;
        std::fs::write(folder.path().join("all.yaml"), &yaml).unwrap();
        run(folder.path(), &["validate", "all.yaml", "--strict"]).expect(0);
        run(folder.path(), &["fmt", "--check", "all.yaml"]).expect(0);
        let document = as_json(package(), &resolve).expect(0).stdout;
        let again = as_json(folder.path(), &["resolve", "all.yaml"])
            .expect(0)
            .stdout;
        let (before, after) = (specs(&document), specs(&again));
        assert_eq!(before, after, "{example}");
    }
}

/// The manifests of a document, without where they stand.
fn specs(document: &str) -> Vec<Value> {
    assert_published_format(document);
    let mut document: Value = serde_json::from_str(document).unwrap();
    let manifests = document["manifests"].as_array_mut().unwrap();
    for manifest in manifests.iter_mut() {
        for place in ["file", "line"] {
            assert!(manifest.as_object_mut().unwrap().remove(place).is_some());
        }
    }
    std::mem::take(manifests)
}

#[test]
fn manifests_with_errors_are_not_resolved() {
    let file = "examples/invalid/campaign-time-zone.yaml";
    let ran = run(package(), &["resolve", file]).expect(3);
    assert_eq!(ran.stdout, "");
    assert!(
        ran.stderr.contains("error[campaign-time-zone]"),
        "{}",
        ran.stderr
    );
    let ran = as_json(package(), &["resolve", file]).expect(3);
    insta::assert_snapshot!(denied(&ran.stdout).join("\n"), @"there are no policies for campaignctl.error/v1: the manifests have errors");
    run(
        package(),
        &["resolve", "examples/environments", "-e", "nowhere"],
    )
    .expect(3);
}

#[test]
fn the_policies_judge_manifests() {
    let copy = examples_copy();
    let folder = copy.path();
    let resolved = |example| as_json(folder, &["resolve", example]).expect(0).stdout;
    assert_eq!(denied(&resolved("examples/retail")), Vec::<String>::new());
    let sale = "examples/retail/campaigns/autumn-sale.yaml";
    edit(folder, sale, "state: unpublished", "state: published");
    edit(folder, sale, "    end: 2036-09-28T00:00:00\n", "");
    edit(folder, sale, "team: shop, ", "");
    let handoffs = "examples/retail/handoffs/in-app.yaml";
    edit(folder, handoffs, "Order ${{2}}\"", "Order ${{2}}, $5 off\"");
    insta::assert_snapshot!(denied(&resolved("examples/retail")).join("\n"), @"
    examples/retail/campaigns/autumn-sale.yaml:4: Campaign/autumn-sale: it has neither the annotation `owner` nor the label `team`
    examples/retail/campaigns/autumn-sale.yaml:4: Campaign/autumn-sale: it is published and its schedule has no end
    examples/retail/handoffs/in-app.yaml:4: ApiHandoff/order-updates: `message.notificationTitle` has a price in it ($): prices change, and no reply takes one back
    ");
    let args = ["resolve", "examples/environments", "-e", "production"];
    let production = denied(&as_json(folder, &args).expect(0).stdout);
    let page = std::fs::read_to_string(folder.join("examples/policies/README.md")).unwrap();
    assert_eq!(production.len(), 2);
    assert!(page.contains(&production.join("\n")), "{production:#?}");
}

#[test]
fn the_policies_judge_plans() {
    let copy = examples_copy();
    let folder = copy.path();
    let planned = || {
        let plan = ["plan", "examples/retail", "--allow-unpublish"];
        as_json(folder, &plan).expect(0).stdout
    };
    assert_eq!(denied(&planned()), Vec::<String>::new());
    run(folder, &["apply", "examples/retail", "--auto-approve"]).expect(0);
    assert_eq!(denied(&planned()), Vec::<String>::new());
    std::fs::remove_file(folder.join("examples/retail/campaigns/checkout-rescue.yaml")).unwrap();
    std::fs::remove_dir_all(folder.join("examples/retail/scenarios")).unwrap(); // of engagements that are gone
    let club = "examples/retail/campaigns/loyalty-club.yaml";
    edit(folder, club, "state: published", "state: unpublished");
    insta::assert_snapshot!(denied(&planned()).join("\n"), @"
    campaigns/loyalty-club.yaml:3: sandbox: Campaign/loyalty-club is live, and would be taken back (update)
    its manifest is gone from campaigns/checkout-rescue.yaml: sandbox: Campaign/checkout-rescue is live, and would be taken back (delete)
    ");
    // The same in the document of several environments, one of which has no credentials.
    let several = ["plan", "examples/retail", "--all-environments"];
    let several = denied(&as_json(folder, &several).stdout).join("\n");
    insta::assert_snapshot!(several, @"
    campaigns/loyalty-club.yaml:3: sandbox: Campaign/loyalty-club is live, and would be taken back (update)
    its manifest is gone from campaigns/checkout-rescue.yaml: sandbox: Campaign/checkout-rescue is live, and would be taken back (delete)
    production could not be planned: the user name is missing: the environment variable `LP_USER` is not set
    staging could not be planned: the user name is missing: the environment variable `LP_STAGING_USER` is not set
    ");
}

#[test]
fn the_policies_stop_a_plan_of_many_updates_and_one_over_a_state_of_the_console() {
    let copy = examples_copy();
    let folder = copy.path();
    run(folder, &["apply", "examples/retail", "--auto-approve"]).expect(0);
    let plan = as_json(folder, &["plan", "examples/retail"])
        .expect(0)
        .stdout;
    let mut plan: Value = serde_json::from_str(&plan).unwrap();
    plan["summary"]["update"] = 20.into();
    assert_eq!(denied(&plan.to_string()), Vec::<String>::new());
    plan["summary"]["update"] = 21.into();
    plan["changes"].as_array_mut().unwrap().push(json!({
        "kind": "Campaign",
        "name": "customer-care",
        "displayName": "Customer care",
        "action": "update",
        "fields": [{
            "pointer": "/spec/state",
            "before": "unpublished",
            "after": "published",
            "cause": "drift",
        }],
        "unchanged": 11,
        "source": { "file": "care.yaml", "line": 3, "column": 1 },
    }));
    insta::assert_snapshot!(denied(&plan.to_string()).join("\n"), @"
    care.yaml:3: sandbox: somebody set the state of Campaign/customer-care to unpublished in the console: ask them first
    sandbox: 21 updates in one plan, more than 20: split it
    ");
}

#[test]
fn what_the_policies_do_not_know_they_deny() {
    for document in [
        "{}",
        r#"{"format": "campaignctl.plan/v2"}"#,
        r#"{"message": "no"}"#,
    ] {
        assert_eq!(denied(document).len(), 1, "{document}");
    }
    let mut help = crate::program::command(package(), &["explain", "policies"]);
    let topic = ran(&mut help).expect(0).stdout;
    let start = topic.find("    package main").unwrap();
    let end = topic[start..].find("\n    }\n").unwrap() + "\n    }\n".len();
    let mut engine = Engine::new();
    let policy = topic[start..start + end].to_owned();
    engine.add_policy("topic.rego".to_owned(), policy).unwrap();
    let retail = as_json(package(), &["resolve", "examples/environments"]).expect(0);
    engine.set_input_json(&retail.stdout).unwrap();
    let denied = engine.eval_rule("data.main.deny".to_owned()).unwrap();
    assert_eq!(denied.as_set().unwrap().len(), 1);
}
