//! `undo`: all that was done since the ledger was last stored is taken back, by runs that died as well.

use campaignctl::sandbox::SandboxSettings;
use serde_json::{Value, json};

use crate::resumed::{another, engagement, unpublished, whole};
use crate::reviewed::killed_by;
use crate::rollback::{ROLLBACK, bodies};
use crate::support::{CAMPAIGNS, NO_CHANGES, Project};

/// How the run after one that died goes on.
const WAYS: [&[&str]; 2] = [
    &["apply", "reviewed.json", "--allow-unpublish"],
    &["apply", "--auto-approve", "--allow-unpublish"],
];

/// Two goals that nothing refers to.
const SPARE: &str = "---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: spare }\nspec: { displayName: Spare, indicator: { url: /spare } }\n---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: other-spare }\nspec: { displayName: Other spare, indicator: { url: /other } }\n";

/// Kills the run that makes `after` of `before`, goes on in a way, and undoes it: the account is as it was.
#[track_caller]
fn is_taken_back(
    [before, after]: [&str; 2],
    fault: &str,
    way: &[&str],
    prepare: impl FnOnce(&Project),
) {
    let project = Project::in_shop(SandboxSettings::default(), before);
    project.apply();
    prepare(&project);
    let then = bodies(&project.account);
    project.write("manifests.yaml", after);
    let plan = ["plan", "--out", "reviewed.json", "--allow-unpublish"];
    project.run(&plan).expect(0);
    assert!(killed_by(&project, &[fault.to_owned()]), "{fault}");
    project.run(way).expect(0);
    let undo = ["undo", "--auto-approve", "--allow-unpublish"];
    let run = project.run(&undo);
    assert_eq!(
        run.code,
        Some(0),
        "{fault}, {way:?}: {}{}",
        run.stdout,
        run.stderr
    );
    assert_eq!(bodies(&project.account), then, "{fault}, {way:?}");
    project.write("manifests.yaml", before);
    assert!(project.plan().contains(NO_CHANGES), "{fault}, {way:?}");
}

/// The run after one that died finds nothing left to delete, and nothing left to do where that was all.
#[test]
fn what_a_run_deleted_as_it_died_is_taken_back() {
    let all = format!("{}{SPARE}{}", unpublished(&whole()), another("basket"));
    let one_goal = all.replace(SPARE, SPARE.split_once("/spare } }\n").unwrap().1);
    let goals = all.replace(SPARE, "");
    let engagement = all.replace(&another("basket"), "");
    let deleted = "DELETE */configuration/* delay 60s after-commit once";
    for way in WAYS {
        for after in [&one_goal, &goals, &engagement] {
            is_taken_back([&all, after], deleted, way, |_| {});
        }
    }
}

/// What was created, and what was changed, as the run died.
#[test]
fn what_a_run_wrote_as_it_died_is_taken_back() {
    let before = unpublished(&whole());
    let after = format!(
        "{}{SPARE}",
        before.replace("description: one", "description: other")
    );
    for way in WAYS {
        for fault in [
            "POST */configuration/* delay 60s after-commit once",
            "POST */configuration/* delay 60s after-commit after 1 once",
            "PUT */configuration/* delay 60s after-commit once",
        ] {
            is_taken_back([&before, &after], fault, way, |_| {});
        }
    }
}

/// One more engagement of the campaign, made in the console.
pub(crate) fn made_by_hand(project: &Project) -> Value {
    let path = engagement(project);
    let mut body = project.account.get(&path);
    body["name"] = json!("Made by hand");
    body.as_object_mut().unwrap().remove("id");
    let (collection, query) = path.split_once('?').unwrap();
    let (collection, _) = collection.rsplit_once('/').unwrap();
    project
        .account
        .post(&format!("{collection}?{query}"), &body)
}

/// The same, and listed.
fn list_a_foreign_one(project: &Project) {
    let made = made_by_hand(project);
    let sale = project.account.item_path(CAMPAIGNS, "sale");
    project.account.edit(&sale, |body| {
        let list = body["engagementIds"].as_array_mut().unwrap();
        list.retain(|id| *id != made["id"]);
        list.push(made["id"].clone());
    });
}

/// The plan by which the next run goes on knows less of the account than the one before: what was written is told by ids.
#[test]
fn a_list_with_what_others_made_is_taken_back() {
    let after = whole();
    let before = format!("{after}{SPARE}{}", another("basket"));
    let after = format!("{after}{}", SPARE.replace("/other", "/changed"));
    for way in WAYS {
        let last = "DELETE */configuration/* delay 60s after-commit once";
        is_taken_back([&before, &after], last, way, list_a_foreign_one);
    }
}

/// The saved plan takes the run back that was before the one that died: nobody asked for that.
#[test]
fn a_run_that_nobody_went_on_with_is_not_undone() {
    for fault in [
        "PUT */configuration/* delay 60s once",
        "PUT */configuration/* delay 60s after-commit once",
        "DELETE */configuration/* delay 60s once",
    ] {
        let before = format!("{}{SPARE}", whole());
        let project = Project::in_shop(SandboxSettings::default(), &before);
        project.apply();
        let then = bodies(&project.account);
        let after = whole().replace("description: one", "description: other");
        project.write("manifests.yaml", &after);
        project.run(&["plan", "--out", "reviewed.json"]).expect(0);
        assert!(killed_by(&project, &[fault.to_owned()]), "{fault}");
        let writes = project.account.writes();
        let run = project.run(&["undo", "--auto-approve"]).expect(3);
        insta::allow_duplicates! {
            insta::assert_snapshot!(run.stderr, @"
            error: the last run did not finish, and what it did is not all known
              = help: run the same `apply` again, which does the rest of it; then `undo` takes back all that both did
            ");
        }
        assert_eq!(project.account.writes(), writes, "{fault}");
        project.run(&["apply", "reviewed.json"]).expect(0);
        project.run(&["undo", "--auto-approve"]).expect(0);
        assert_eq!(bodies(&project.account), then, "{fault}");
    }
}

/// An undo that died is resumed, and what it did is not redone.
#[test]
fn an_undo_that_died_goes_on() {
    for (method, phase) in [
        ("PUT", ""),
        ("PUT", "after-commit"),
        ("POST", ""),
        ("POST", "after-commit"),
    ] {
        let before = format!("{}{SPARE}", whole());
        let project = Project::in_shop(SandboxSettings::default(), &before);
        project.apply();
        let then = bodies(&project.account);
        let after = whole().replace("description: one", "description: other");
        project.write("manifests.yaml", &after);
        project.apply();
        let rollback = std::fs::read_to_string(project.path().join(ROLLBACK)).unwrap();
        project.write("reviewed.json", &rollback);
        let fault = format!("{method} */configuration/* delay 60s {phase} once");
        assert!(killed_by(&project, &[fault]), "{method} {phase}");
        let undo = ["undo", "--auto-approve"];
        project.run(&undo).expect(0);
        assert_eq!(bodies(&project.account), then, "{method} {phase}");
    }
}

/// An undo that died and an apply that made the change again leave nothing to take back: the account is as after the run.
#[test]
fn an_undo_that_was_not_finished_is_no_reason_to_break_a_list() {
    let other = "---\napiVersion: campaignctl.dev/v1\nkind: Campaign\nmetadata: { name: other }\nspec: { state: published, goal: first, targetAudiences: [all] }\n";
    let cart = another("cart").replace("campaign: sale", "campaign: other");
    let before = format!("{}{other}{cart}{}", whole(), another("basket"));
    let moved = another("basket").replace("campaign: sale", "campaign: other");
    let after = before.replace(&another("basket"), &moved);
    for method in ["POST", "DELETE"] {
        for phase in ["", "after-commit"] {
            let project = Project::in_shop(SandboxSettings::default(), &before);
            project.apply();
            project.write("manifests.yaml", &after);
            let flags = ["--auto-approve", "--allow-unpublish"];
            project.run(&[&["apply"], &flags[..]].concat()).expect(0);
            let rollback = std::fs::read_to_string(project.path().join(ROLLBACK)).unwrap();
            project.write("reviewed.json", &rollback);
            let fault = format!("{method} */configuration/* delay 60s {phase} once");
            assert!(killed_by(&project, &[fault]), "{method} {phase}");
            project.run(&[&["apply"], &flags[..]].concat()).expect(0);
            let then = bodies(&project.account);
            let undo = project.run(&[&["undo"], &flags[..]].concat());
            if undo.code == Some(0) {
                project.write("manifests.yaml", &before);
                assert!(project.plan().contains(NO_CHANGES), "{method} {phase}");
            } else {
                assert_eq!(undo.code, Some(3), "{method} {phase}: {}", undo.stderr);
                assert_eq!(bodies(&project.account), then, "{method} {phase}");
                project.settled();
            }
        }
    }
}

/// What is renamed in the same run is called as before when the rest is taken back.
#[test]
fn a_list_is_taken_back_beside_a_rename() {
    for state in ["published", "unpublished"] {
        let before = format!("{}{}", whole(), another("basket"));
        let before = before.replace("state: published", &format!("state: {state}"));
        let before = format!("{before}{}", another("cart"));
        let renamed = another("trolley").replace(
            "name: trolley }",
            "name: trolley }\nlifecycle: { previousName: cart }",
        );
        let after = before
            .replace(&another("cart"), &renamed)
            .replace(&another("basket"), "");
        let project = Project::in_shop(SandboxSettings::default(), &before);
        project.apply();
        let then = bodies(&project.account);
        project.write("manifests.yaml", &after);
        let flags = ["--auto-approve", "--allow-unpublish"];
        project.run(&[&["apply"], &flags[..]].concat()).expect(0);
        project.run(&[&["undo"], &flags[..]].concat()).expect(0);
        project.write("manifests.yaml", &before);
        assert!(project.plan().contains(NO_CHANGES), "{state}");
        assert_eq!(bodies(&project.account), then, "{state}");
    }
}

/// Whatever the account does with the list of a campaign as its engagements go, the list is back with them.
#[test]
fn a_deleted_campaign_is_back_with_what_it_listed() {
    for deleted_leaves_list in [false, true] {
        let settings = SandboxSettings {
            deleted_leaves_list,
            ..SandboxSettings::default()
        };
        let all = unpublished(&format!("{}{}", whole(), another("basket")));
        let project = Project::in_shop(settings, &all);
        project.apply();
        let then = bodies(&project.account);
        let documents = all.split("---\n");
        let left: Vec<_> = documents
            .filter(|it| !it.contains("kind: Campaign") && !it.contains("kind: Engagement"))
            .collect();
        project.write("manifests.yaml", &left.join("---\n"));
        project.run(&["apply", "--auto-approve"]).expect(0);
        project.run(&["undo", "--auto-approve"]).expect(0);
        assert_eq!(bodies(&project.account), then, "{deleted_leaves_list}");
        let sale = project.account.item_path(CAMPAIGNS, "sale");
        let listed: Value = project.account.get(&sale)["engagementIds"].clone();
        assert_eq!(listed.as_array().unwrap().len(), 2);
    }
}
