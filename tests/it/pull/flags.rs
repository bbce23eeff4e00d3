//! A flag that one object of an account has at most: who makes a new bearer in the console takes it from the old one.

use serde_json::json;

use super::retail::care;
use crate::support::{NO_CHANGES, Project, WINDOWS};

/// A new window of a colleague that is the default one, which the window of ours was.
fn new_default(project: &Project) {
    let ours = project.account.item_path(WINDOWS, "Storefront window");
    let mut body = project.account.edit(&ours, |_| {});
    let body = body.as_object_mut().unwrap();
    for field in [
        "id",
        "deleted",
        "isDeleted",
        "revision",
        "createdDate",
        "modifiedDate",
    ] {
        body.remove(field);
    }
    body.insert("name".to_owned(), json!("New window"));
    project.account.post(WINDOWS, &json!(body));
    project
        .account
        .edit(&ours, |body| body["isUserDefault"] = json!(false));
}

#[test]
fn a_new_bearer_of_a_flag_takes_it_from_the_manifest_that_has_it() {
    let file = "windows/storefront.yaml";
    // One object is asked for, or its whole kind: then all that drifted of the old one is.
    for (asked, order, rest) in [
        ("EngagementWindow/New window", "order: 10", "1 to update"),
        ("EngagementWindow", "order: 12", "0 to update"),
    ] {
        let project = care();
        let read = || std::fs::read_to_string(project.path().join(file)).unwrap();
        let before = read();
        new_default(&project);
        let ours = project.account.item_path(WINDOWS, "Storefront window");
        project
            .account
            .edit(&ours, |body| body["order"] = json!(12));
        let told = project.run(&["pull", asked, "--write"]).expect(0).stdout;
        assert!(told.contains("+ EngagementWindow/new-window"), "{told}");
        let after = read();
        let expected = before.replace("default: true", "default: false");
        assert_eq!(after, expected.replace("order: 10", order));
        let plan = project.run(&["plan"]).expect(0).stdout;
        let counts = format!("{rest}, 0 to replace, 0 to delete,");
        assert!(plan.contains(&counts), "{plan}");
        project.run(&["pull", "--write"]).expect(0);
        project.run(&["apply", "--auto-approve"]).expect(0);
        assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
    }
}

/// The flag moved from one manifest to another, and the new bearer alone is asked for, or its file.
#[test]
fn a_flag_that_moved_between_two_manifests_is_taken_from_the_old_one() {
    for asked in ["EngagementWindow/second", "windows/second.yaml"] {
        let project = care();
        let second = "apiVersion: campaignctl.dev/v1\nkind: EngagementWindow\nmetadata:\n  name: second\nspec:\n  type: internal\n  default: false # not yet\n  style: { language: en-US }\n";
        project.write("windows/second.yaml", second);
        project.run(&["apply", "--auto-approve"]).expect(0);
        let path = |name: &str| project.account.item_path(WINDOWS, name);
        for (name, is_default) in [("second", true), ("Storefront window", false)] {
            let set = |body: &mut serde_json::Value| body["isUserDefault"] = json!(is_default);
            project.account.edit(&path(name), set);
        }
        project.run(&["pull", asked, "--write"]).expect(0);
        let read = |file: &str| std::fs::read_to_string(project.path().join(file)).unwrap();
        assert!(read("windows/second.yaml").contains("default: true # not yet"));
        assert!(read("windows/storefront.yaml").contains("default: false # what people"));
        assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
    }
}
