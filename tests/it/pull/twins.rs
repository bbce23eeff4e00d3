//! Objects that share a display name: the name says which one a manifest means, so none of them gets one.

use serde_json::json;

use super::listing::{list, made_as};
use super::retail::{care, retail};
use crate::support::{GOALS, NO_CHANGES, Project, plain};

fn goal(project: &Project, name: &str) -> String {
    let indicator = json!({ "url": "/x", "matchType": 0, "reachedCounter": 1 });
    let body = json!({ "name": name, "type": 2, "indicatorType": 0, "indicatorValue": indicator });
    plain(&project.account.post(GOALS, &body)["id"])
}

#[track_caller]
fn is_planned_as_before(project: &Project) {
    assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
    project.run(&["validate"]).expect(0);
}

#[test]
fn of_two_engagements_of_one_name_none_gets_a_manifest() {
    let project = care();
    let first = plain(&made_as(&project, "Konsole", 1));
    let second = plain(&made_as(&project, "Konsole", 4));
    let before = list(&project);
    for id in [&first, &second] {
        let run = project.run(&["pull", &format!("Engagement/{id}"), "--write"]);
        let told = run.expect(2).stdout;
        for part in [
            "  ! Engagement/konsole",
            &format!("the account holds 2 Engagement objects named `Konsole`: {first}, {second}"),
            "campaignctl ledger bind Engagement/konsole",
            "Pull: 0 fields, 0 new manifests; 1 left. No file changes.",
        ] {
            assert!(told.contains(part), "{part}\n{told}");
        }
        is_planned_as_before(&project);
    }
    // With all others, or with its kind: the others get theirs.
    made_as(&project, "Single", 0);
    let told = project
        .run(&["pull", "Engagement", "--write"])
        .expect(2)
        .stdout;
    assert!(told.contains("+ Engagement/single"), "{told}");
    assert!(told.contains("; 2 left."), "{told}");
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(
        plan.contains("0 to update, 0 to replace, 0 to delete, 2 to adopt"),
        "{plan}"
    );
    assert_ne!(list(&project), before);
}

#[test]
fn every_object_without_a_manifest_but_those() {
    let project = care();
    goal(&project, "Twice");
    let second = goal(&project, "Twice");
    goal(&project, "Once");
    let run = project.run(&["pull", "--foreign", "--write"]).expect(2);
    let told = run.stdout;
    assert!(told.contains("+ Goal/once"), "{told}");
    assert!(!told.contains("+ Goal/twice"), "{told}");
    assert!(told.contains("; 2 left."), "{told}");
    let json = project
        .run(&["pull", "--foreign", "--format", "json"])
        .expect(2)
        .json();
    let left = json["left"].as_array().unwrap();
    assert_eq!(left.len(), 2, "{json}");
    assert!(left.iter().all(|it| it["why"] == "ambiguous"), "{json}");
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(
        plan.contains("0 to create, 0 to update, 0 to replace, 0 to delete"),
        "{plan}"
    );
    // What the help says: a manifest by hand, and the ledger that says which one it means.
    project.write("goals/twice.yaml", "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: twice }\nspec: { displayName: Twice, indicator: { url: /x } }\n");
    let told = project.run(&["plan"]).expect(3).stderr;
    let bind = "campaignctl ledger bind Goal/twice ";
    assert!(told.contains(bind), "{told}");
    project
        .run(&["ledger", "bind", "Goal/twice", &second])
        .expect(0);
    project.run(&["plan"]).expect(0);
}

/// A manifest of that name is there already, and bound by its id.
#[test]
fn an_object_with_the_display_name_of_a_manifest_is_left() {
    let project = retail();
    let id = goal(&project, "Newsletter joined");
    for asked in [&format!("Goal/{id}"), "--foreign"] {
        let told = project.run(&["pull", asked, "--write"]).expect(2).stdout;
        for part in [
            "display name of Goal/newsletter-joined",
            "campaignctl ledger bind Goal/",
            "1 left.",
        ] {
            assert!(told.contains(part), "{part}\n{told}");
        }
        let goals = std::fs::read_dir(project.path().join("goals")).unwrap();
        let names: Vec<String> = goals
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        assert!(
            !names.iter().any(|name| name.contains("newsletter")),
            "{names:?}"
        );
        project.run(&["plan"]).expect(0);
    }
}
