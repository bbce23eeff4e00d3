//! `plan --expect`: whether a plan is the one that people reviewed.

use std::process::Stdio;

use campaignctl::sandbox::SandboxSettings;
use serde_json::Value;

use crate::left::LeftProject;
use crate::support::{CAMPAIGNS, GOALS, Project};
use crate::words::of_the_first_vocabulary;

pub(crate) const TWO: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: first }
spec: { displayName: First, description: one, indicator: { url: /first, count: 1 } }
---
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: second }
spec: { displayName: Second, description: two, indicator: { url: /second } }
";

/// A project whose first goal is to be updated, with the plan of that as `reviewed.json`.
fn reviewed() -> Project {
    let project = Project::with(TWO);
    project.apply();
    project.write("manifests.yaml", &TWO.replace("count: 1", "count: 2"));
    project.run(&["plan", "--out", "reviewed.json"]).expect(0);
    project
}

#[track_caller]
fn refused(project: &Project) -> String {
    let writes = project.account.writes();
    let run = project.run(&["plan", "--expect", "reviewed.json"]);
    let run = run.expect(7);
    assert_eq!(project.account.writes(), writes);
    assert!(run.stdout.contains("Plan: "), "{}", run.stdout);
    run.stderr
}

#[test]
fn the_same_plan_is_the_same_whatever_changed_elsewhere() {
    let project = reviewed();
    let same = ["plan", "--expect", "reviewed.json"];
    project.run(&same).expect(0);
    let with_code = [&same[..], &["--detailed-exitcode"]].concat();
    project.run(&with_code).expect(2);
    // The lines of the manifest move, another goal is made and applied: what was reviewed is the same.
    let moved = format!("# moved\n{}", TWO.replace("count: 1", "count: 2"));
    project.write("manifests.yaml", &moved);
    let third = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: third }\nspec: { indicator: { url: /third } }\n";
    project.write("third.yaml", third);
    let only_third = ["apply", "--auto-approve", "--target", "Goal/third"];
    project.run(&only_third).expect(0);
    project.run(&same).expect(0);
    project.run(&["apply", "reviewed.json"]).expect(0);
}

#[test]
fn another_plan_is_refused_and_every_difference_named() {
    let project = reviewed();
    let other = TWO
        .replace("count: 1", "count: 3")
        .replace("description: one", "description: other")
        .replace("description: two", "description: other");
    project.write("manifests.yaml", &other);
    insta::assert_snapshot!(refused(&project), @"
    Plan for test, account 10000001
    error: this is not the plan of `reviewed.json`
      Goal/first: `description` changes, too
      Goal/first: `indicator.count` changes in another way
      Goal/second: no change of it was reviewed
      = help: review this one, or find out who changed what
    ");
    // Somebody in the console did half of it, and something else.
    project.write("manifests.yaml", &TWO.replace("count: 1", "count: 2"));
    let path = project.account.item_path(GOALS, "First");
    project.account.edit(&path, |body| {
        body["indicatorValue"]["reachedCounter"] = 2.into();
        body["description"] = "by somebody".into();
    });
    insta::assert_snapshot!(refused(&project), @"
    Plan for test, account 10000001
    error: this is not the plan of `reviewed.json`
      Goal/first: `description` changes, too
      Goal/first: `indicator.count` no longer changes
      = help: review this one, or find out who changed what
    ");
    project.account.delete(&path);
    insta::assert_snapshot!(refused(&project), @"
    Plan for test, account 10000001
    error: this is not the plan of `reviewed.json`
      Goal/first: it is `create` now, and was `update`
      = help: review this one, or find out who changed what
    ");
}

#[test]
fn a_plan_of_a_part_is_not_the_plan_of_all() {
    let project = reviewed();
    let part = [
        "plan",
        "--expect",
        "reviewed.json",
        "--target",
        "Goal/first",
    ];
    let run = project.run(&part).expect(7);
    assert!(run.stderr.contains("another part"), "{}", run.stderr);
}

/// The same words may stand for other numbers: what was reviewed is not what would be written.
#[test]
fn a_plan_of_another_vocabulary_is_another_plan() {
    let project = reviewed();
    of_the_first_vocabulary(&project, "reviewed.json");
    insta::assert_snapshot!(refused(&project), @"
    Plan for test, account 10000001
    error: this is not the plan of `reviewed.json`
      it maps words to other numbers of the platform than this version
      = help: review this one, or find out who changed what
    ");
    let shown = project.run(&["show", "reviewed.json"]).expect(0);
    insta::assert_snapshot!(shown.stderr, @"
    Plan for test, account 10000001
    warning: `reviewed.json` was made by version 0.1.0 of campaignctl, which maps words to other numbers of the platform: it cannot be applied, plan again
    ");
}

/// A plan of other words is only shown; what somebody edited in it is not shown as if it had been planned.
#[test]
fn an_edited_plan_of_another_vocabulary_is_damaged() {
    let project = reviewed();
    of_the_first_vocabulary(&project, "reviewed.json");
    let path = project.path().join("reviewed.json");
    let plan = std::fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("\"First\"", "\"FORGED\""),
        ("\"vocabulary\":1", "\"vocabulary\":3"),
    ] {
        project.write("reviewed.json", &plan.replacen(from, to, 1));
        let shown = project.run(&["show", "reviewed.json"]).expect(3);
        assert!(
            shown.stderr.contains("the plan file is damaged"),
            "{from}: {}",
            shown.stderr
        );
    }
}

#[test]
fn what_cannot_be_read_is_no_reviewed_plan() {
    let project = Project::with(TWO);
    project.run(&["plan", "--expect", "none.json"]).expect(3);
    let both = ["plan", "--expect", "none.json", "--all-environments"];
    project.run(&both).expect(3);
}

/// A campaign with all that it refers to, published as the last write.
pub(crate) const SHOP: &str = "\
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec: { description: a sale, state: published, goal: first, targetAudiences: [all] }
---
apiVersion: campaignctl.dev/v1
kind: Engagement
metadata: { name: orders }
spec:
  { campaign: sale, type: app, appInstallation: Shop, entryPoints: [orders], behaviors: [any], allowUnauthenticated: true }
---
apiVersion: campaignctl.dev/v1
kind: EntryPoint
metadata: { name: orders }
spec:
  conditions: [{ type: section, data: { include: [{ sections: [{ name: '\"orders\"' }] }], exclude: [] } }]
---
apiVersion: campaignctl.dev/v1
kind: TargetAudience
metadata: { name: all }
spec: { conditions: [{ type: all }] }
---
apiVersion: campaignctl.dev/v1
kind: Behavior
metadata: { name: any }
spec: { conditions: [{ type: all }] }
";

/// Kills `apply reviewed.json` at its n-th write, of which creates come first; false when it has fewer.
pub(crate) fn killed(project: &Project, phase: &str, position: usize) -> bool {
    let plan = std::fs::read_to_string(project.path().join("reviewed.json")).unwrap();
    let creates = plan.matches("\"verb\": \"create\"").count();
    let updates = position.saturating_sub(creates);
    let positions = [("POST", position), ("PUT", updates), ("DELETE", updates)];
    let faults = positions.map(|(method, position)| {
        format!("{method} */configuration/* delay 60s {phase} after {position} once")
    });
    killed_by(project, &faults)
}

/// Kills `apply reviewed.json` at the first of its writes that one of these faults holds up; false when none does.
pub(crate) fn killed_by(project: &Project, faults: &[String]) -> bool {
    let handle = project.account.handle();
    for fault in faults {
        project.account.fault(fault);
    }
    let arguments = [
        "apply",
        "reviewed.json",
        "--parallelism",
        "1",
        "--allow-unpublish",
    ];
    let mut apply = project.command(&arguments);
    let mut apply = apply
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let takes_effect = faults.iter().all(|fault| fault.contains("after-commit"));
    let writes = project.account.writes();
    let has_struck = || {
        let mut faults = handle.faults().into_iter();
        let is_done = faults.any(|fault| fault.struck > 0);
        // What takes effect has done so.
        is_done && (!takes_effect || project.account.writes() > writes)
    };
    while !has_struck() {
        if apply.try_wait().unwrap().is_some() {
            handle.clear_faults();
            return false;
        }
        crate::support::rest();
    }
    apply.kill().unwrap();
    apply.wait().unwrap();
    handle.clear_faults();
    true
}

/// What a killed run has left to do was reviewed, so the same pipeline carries on; anything else was not.
#[test]
fn the_rest_of_a_plan_whose_run_was_killed_is_what_was_reviewed() {
    let whole = format!("{TWO}---\n{SHOP}");
    let mut is_tried = false;
    for kills in 0.. {
        let phase = ["", "after-commit"][kills % 2];
        let project = Project::in_shop(SandboxSettings::default(), &whole);
        project.run(&["plan", "--out", "reviewed.json"]).expect(0);
        if !killed(&project, phase, kills) {
            assert!(kills > 7 && is_tried, "{kills}");
            return;
        }
        let run = project.run(&["plan", "--expect", "reviewed.json"]);
        assert_eq!(run.code, Some(0), "{phase} {kills}: {}", run.stderr);
        // The goal that nobody has written yet is another one: that was not reviewed.
        let names = project.account.names(GOALS);
        if !names.iter().any(|name| name == "Second") {
            let other = whole.replace("url: /second", "url: /another");
            project.write("manifests.yaml", &other);
            let told = refused(&project);
            assert!(told.contains("Goal/second"), "{phase} {kills}: {told}");
            project.write("manifests.yaml", &whole);
        }
        // So is one that was written already, in its file or in the console.
        if names.iter().any(|name| name == "First") {
            let other = whole.replace("description: one", "description: other");
            project.write("manifests.yaml", &other);
            let told = refused(&project);
            assert!(told.contains("Goal/first"), "{phase} {kills}: {told}");
            project.write("manifests.yaml", &whole);
            let goal = project.account.item_path(GOALS, "First");
            let change = |text: &str| {
                project
                    .account
                    .edit(&goal, |body| body["description"] = text.into());
            };
            change("by hand");
            let told = refused(&project);
            assert!(told.contains("Goal/first"), "{phase} {kills}: {told}");
            change("one");
        }
        if project
            .account
            .names(CAMPAIGNS)
            .iter()
            .any(|name| name == "sale")
        {
            let other = whole.replace("state: published", "state: published, weight: high");
            project.write("manifests.yaml", &other);
            let told = refused(&project);
            assert!(told.contains("Campaign/sale"), "{phase} {kills}: {told}");
            let other = whole.replace("state: published", "state: unpublished");
            project.write("manifests.yaml", &other);
            // Once it is published, or about to be, that is another change.
            let told = refused(&project);
            assert!(told.contains("Campaign/sale"), "{phase} {kills}: {told}");
            project.write("manifests.yaml", &whole);
        }
        // What goes live is what was reviewed, whoever changed it meanwhile.
        let campaigns = project.account.names(CAMPAIGNS);
        if phase.is_empty() && campaigns.iter().any(|name| name == "sale") {
            is_tried = true;
            let sale = project.account.item_path(CAMPAIGNS, "sale");
            let description = |text: &str| {
                project
                    .account
                    .edit(&sale, |body| body["description"] = text.into());
            };
            description("by hand");
            let refused = project.run(&["apply", "reviewed.json"]).expect(7);
            assert!(
                refused.stderr.contains("Campaign/sale"),
                "{}",
                refused.stderr
            );
            description("a sale");
        }
        project.run(&["apply", "reviewed.json"]).expect(0);
        project.settled();
    }
}

/// The same for a plan that changes what is there, and publishes it.
#[test]
fn what_a_killed_run_was_to_change_is_compared_again() {
    let whole = format!("{TWO}---\n{SHOP}");
    let before = whole.replace("state: published", "state: unpublished");
    let after = whole
        .replace("description: one", "description: other")
        .replace("description: two", "description: another")
        .replace("description: a sale", "description: a sale, weight: high");
    let left = LeftProject::reviewed(SandboxSettings::default(), &before, &after);
    for kills in 0.. {
        let phase = ["", "after-commit"][kills % 2];
        let project = left.copy();
        if !killed(&project, phase, kills) {
            assert!(kills >= 3, "{kills}");
            return;
        }
        let same = ["plan", "--expect", "reviewed.json"];
        let run = project.run(&same);
        assert_eq!(run.code, Some(0), "{phase} {kills}: {}", run.stderr);
        let sale = project.account.item_path(CAMPAIGNS, "sale");
        let description = |text: &str| {
            project
                .account
                .edit(&sale, |body| body["description"] = text.into());
        };
        description("by hand");
        project.run(&same).expect(7);
        let refused = project.run(&["apply", "reviewed.json"]).expect(7);
        assert!(
            refused.stderr.contains("Campaign/sale"),
            "{phase} {kills}: {}",
            refused.stderr
        );
        description("a sale");
        project.run(&["apply", "reviewed.json"]).expect(0);
        project.settled();
    }
}

/// Sets a part of an object back to what it was, and returns what it was set to.
fn exchanged(project: &Project, path: &str, key: &str, value: &Value) -> Value {
    let mut former = Value::Null;
    project.account.edit(path, |body| {
        former = std::mem::replace(&mut body[key], value.clone());
    });
    former
}

/// A value that a killed run has written and that somebody sets back is no value that it has still to write: the campaign would
/// go live with it.
#[test]
fn what_was_written_and_is_set_back_is_another_plan() {
    let whole = format!("{TWO}---\n{SHOP}");
    let before = whole.replace("state: published", "state: unpublished");
    let after = whole
        .replace("description: one", "description: other")
        .replace("description: two", "description: another")
        .replace("description: a sale", "description: a sale, goal: second")
        .replace("goal: first, ", "");
    for kills in 0.. {
        let phase = ["", "after-commit"][kills % 2];
        let project = Project::in_shop(SandboxSettings::default(), &before);
        project.apply();
        let part = |collection: &str, name: &str, key: &'static str| {
            let path = project.account.item_path(collection, name);
            let old = exchanged(&project, &path, key, &Value::Null);
            exchanged(&project, &path, key, &old);
            (path, key, old)
        };
        let parts = [
            part(GOALS, "First", "description"),
            part(GOALS, "Second", "description"),
            part(CAMPAIGNS, "sale", "goalId"),
        ];
        project.write("manifests.yaml", &after);
        project.run(&["plan", "--out", "reviewed.json"]).expect(0);
        if !killed(&project, phase, kills) {
            assert!(kills >= 4, "{kills}");
            return;
        }
        let told = format!("{phase} {kills}");
        for (at, (path, key, old)) in parts.iter().enumerate() {
            let new = exchanged(&project, path, key, old);
            if at < kills {
                assert_ne!(new, *old, "{told}");
                refused(&project);
                project.run(&["apply", "reviewed.json"]).expect(7);
                exchanged(&project, path, key, &new);
            } else {
                // Nobody knows whether it was written.
                let run = project.run(&["plan", "--expect", "reviewed.json"]);
                assert_eq!(run.code, Some(0), "{told} {key}: {}", run.stderr);
            }
        }
        project.run(&["apply", "reviewed.json"]).expect(0);
        project.settled();
    }
}

/// A publish that was reviewed and begun may not be there yet, so manifests that no longer want it are others.
#[test]
fn a_publish_that_is_no_longer_declared_is_another_plan() {
    let whole = format!("{TWO}---\n{SHOP}");
    let unpublished = whole.replace("state: published", "state: unpublished");
    let silent = whole.replace("state: published, ", "");
    for is_there in [false, true] {
        for kills in 0.. {
            let phase = ["", "after-commit"][kills % 2];
            let project = Project::in_shop(SandboxSettings::default(), &whole);
            if is_there {
                project.write("manifests.yaml", &unpublished.replace("a sale", "an offer"));
                project.apply();
                project.write("manifests.yaml", &whole);
            }
            project.run(&["plan", "--out", "reviewed.json"]).expect(0);
            if !killed(&project, phase, kills) {
                assert!(kills >= if is_there { 2 } else { 8 }, "{kills}");
                break;
            }
            for later in [&unpublished, &silent] {
                project.write("manifests.yaml", later);
                let run = project.run(&["plan", "--expect", "reviewed.json"]);
                let told = run.expect(7).stderr;
                let is_named =
                    told.contains("the manifests changed") || told.contains("Campaign/sale");
                assert!(is_named, "{phase} {kills}: {told}");
            }
            project.write("manifests.yaml", &whole);
            project
                .run(&["plan", "--expect", "reviewed.json"])
                .expect(0);
            project.run(&["apply", "reviewed.json"]).expect(0);
            project.settled();
        }
    }
}
