//! Paths select what is pulled; what the manifests in them refer to is read all the same.

use serde_json::json;

use super::retail::retail;
use crate::support::{CAMPAIGNS, GOALS, NO_CHANGES, Project, without_ids};

fn read(project: &Project, file: &str) -> String {
    std::fs::read_to_string(project.path().join(file)).unwrap()
}

/// A goal and two campaigns that changed in the console.
fn drifted() -> Project {
    let project = retail();
    let goal = project.account.item_path(GOALS, "Newsletter joined");
    project.account.edit(&goal, |body| {
        body["indicatorValue"]["url"] = json!("/console");
    });
    for name in ["Customer care", "Checkout rescue"] {
        let campaign = project.account.item_path(CAMPAIGNS, name);
        project.account.edit(&campaign, |body| {
            body["description"] = json!("Of the console");
        });
    }
    project
}

#[test]
fn a_path_selects_what_is_pulled_and_not_what_is_read() {
    for (paths, changed) in [
        (
            &["campaigns"][..],
            &["customer-care", "checkout-rescue"][..],
        ),
        (&["campaigns/customer-care.yaml"], &["customer-care"]),
        (
            &["./campaigns/checkout-rescue.yaml", "audiences"],
            &["checkout-rescue"],
        ),
        (&["goals"], &["newsletter-joined"]),
        (&["windows"], &[]),
        (
            &["."],
            &["newsletter-joined", "customer-care", "checkout-rescue"],
        ),
    ] {
        let project = drifted();
        let pull = [&["pull"], paths].concat();
        let told = project.run(&pull).expect(0);
        assert!(!told.stderr.contains("error"), "{}", told.stderr);
        for name in ["newsletter-joined", "customer-care", "checkout-rescue"] {
            let has = told.stdout.contains(&format!("/{name}\n"));
            assert_eq!(
                has,
                changed.contains(&name),
                "{paths:?} {name}\n{}",
                told.stdout
            );
        }
        project.run(&[&pull[..], &["--write"]].concat()).expect(0);
        project.run(&["pull", "--write"]).expect(0);
        assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
    }
}

#[test]
fn objects_and_paths_together() {
    let project = drifted();
    let told = project.run(&["pull", "Campaign", "campaigns/customer-care.yaml"]);
    let told = told.expect(0).stdout;
    assert!(told.contains("Campaign/customer-care\n"), "{told}");
    assert!(!told.contains("checkout-rescue"), "{told}");
    let refused = project
        .run(&["pull", "Goal/newsletter-joined", "campaigns"])
        .expect(3);
    assert!(
        refused.stderr.contains("the manifest of Goal/newsletter-joined is in `goals/shop.yaml`, outside of the given paths"),
        "{}",
        refused.stderr
    );
    // What has no manifest yet gets one in the folder of its kind.
    let told = project
        .run(&["pull", "Goal/gift-card-sold-pilot", "campaigns"])
        .expect(0)
        .stdout;
    assert!(
        told.contains("+++ b/goals/gift-card-sold-pilot.yaml"),
        "{told}"
    );
}

/// An overlay belongs to the manifest that it changes, wherever its file is.
#[test]
fn an_overlay_and_its_base_are_one_manifest() {
    for path in ["base", "base/goals.yaml"] {
        let project = Project::new();
        let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
        project.write(
            "campaignctl.yaml",
            &format!("manifests: [base]\n{file}    overlays: [over]\n"),
        );
        project.write("base/goals.yaml", "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: bought }\nspec:\n  displayName: Something bought\n  indicator: { url: /thanks }\n");
        project.write(
            "over/goals.yaml",
            "kind: Goal\nmetadata: { name: bought }\nspec: { description: Over }\n",
        );
        project.apply();
        let item = project.account.item_path(GOALS, "Something bought");
        project
            .account
            .edit(&item, |body| body["description"] = json!("Console"));
        let told = project.run(&["pull", path, "--write"]).expect(0).stdout;
        assert!(
            told.contains("description: Over -> Console"),
            "{}",
            without_ids(&told)
        );
        assert!(read(&project, "over/goals.yaml").contains("Console"));
        assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
    }
}

/// Files beside the project's manifests are read alone, as ever.
#[test]
fn paths_outside_of_the_manifests_are_read_alone() {
    let project = Project::new();
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    project.write("campaignctl.yaml", &format!("manifests: [base]\n{file}"));
    let goal = |name: &str| {
        format!(
            "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec:\n  description: Ours\n  indicator: {{ url: /thanks }}\n"
        )
    };
    project.write("base/goals.yaml", &goal("inside"));
    project.write("beside/goals.yaml", &goal("outside"));
    project.run(&["apply", "--auto-approve"]).expect(0);
    project
        .run(&["apply", "beside", "--auto-approve"])
        .expect(0);
    for name in ["inside", "outside"] {
        let item = project.account.item_path(GOALS, name);
        project
            .account
            .edit(&item, |body| body["description"] = json!("Console"));
    }
    let told = project.run(&["pull", "beside"]).expect(0).stdout;
    assert!(
        told.contains("Goal/outside\n") && !told.contains("Goal/inside"),
        "{told}"
    );
}
