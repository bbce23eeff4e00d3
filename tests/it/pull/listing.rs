//! What gets a manifest is named in the list of the campaign around it: without that, it would leave.

use serde_json::{Value, json};

use super::retail::care;
use crate::support::{CAMPAIGNS, NO_CHANGES, Project};

pub(super) const FILE: &str = "campaigns/customer-care.yaml";
const NAME: &str = "Engagement/Console help";

pub(super) fn read(project: &Project) -> String {
    std::fs::read_to_string(project.path().join(FILE)).unwrap()
}

pub(super) fn list(project: &Project) -> Vec<Value> {
    let care = project.account.item(CAMPAIGNS, "Customer care");
    care["engagementIds"].as_array().unwrap().clone()
}

fn made(project: &Project, at: usize) {
    made_as(project, "Console help", at);
}

/// Makes an engagement in the console, at a place of the list.
pub(super) fn made_as(project: &Project, name: &str, at: usize) -> Value {
    let care = project.account.item_path(CAMPAIGNS, "Customer care");
    let (path, query) = care.split_once('?').unwrap();
    let first = list(project)[0].clone();
    let engagements = format!("{path}/engagements?{query}");
    let item = format!(
        "{path}/engagements/{}?{query}",
        crate::support::plain(&first)
    );
    let mut body = project.account.get(&item);
    body["name"] = json!(name);
    body.as_object_mut().unwrap().remove("id");
    let made = project.account.post(&engagements, &body)["id"].clone();
    project.account.edit(&care, |body| {
        let list = body["engagementIds"].as_array_mut().unwrap();
        list.retain(|id| *id != made);
        list.insert(at, made.clone());
    });
    made
}

#[track_caller]
fn adopts_only(project: &Project) {
    let before = list(project);
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(
        plan.contains("0 to update, 0 to replace, 0 to delete, 1 to adopt"),
        "{plan}"
    );
    assert!(!plan.contains("LEAVES"), "{plan}");
    project.run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(list(project), before);
    assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
}

#[test]
fn a_new_manifest_is_listed_at_its_live_place() {
    for (at, written) in [
        (
            1,
            "engagements: [order-help, console-help, returns-help, help-center-card] # their order",
        ),
        (
            3,
            "engagements: [order-help, returns-help, help-center-card, console-help] # their order",
        ),
    ] {
        let project = care();
        made(&project, at);
        let before = read(&project);
        assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
        let dry = project.run(&["pull", NAME]).expect(0).stdout;
        for told in [
            &format!("+  {written}"),
            "to list the new manifest",
            "Pull: 1 field, 1 new manifest; 0 left.",
        ] {
            assert!(dry.contains(told), "{told}\n{dry}");
        }
        assert_eq!(read(&project), before);
        project.run(&["pull", NAME, "--write"]).expect(0);
        let after = before.replace(
            "engagements: [order-help, returns-help, help-center-card] # their order",
            written,
        );
        assert_eq!(read(&project), after);
        adopts_only(&project);
    }
}

/// Whatever else drifted or was edited in the list is no business of who takes over one engagement.
#[test]
fn the_rest_of_the_list_is_as_it_was() {
    let project = care();
    made(&project, 1);
    let care = project.account.item_path(CAMPAIGNS, "Customer care");
    project.account.edit(&care, |body| {
        body["engagementIds"].as_array_mut().unwrap().reverse();
    });
    project.run(&["pull", NAME, "--write"]).expect(0);
    let text = read(&project);
    assert!(
        text.contains("engagements: [order-help, returns-help, console-help, help-center-card]"),
        "{text}"
    );
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(!plan.contains("LEAVES"), "{plan}");
    assert!(plan.contains("(drift)"), "{plan}");
    // With the campaign, all of its list.
    project
        .run(&["pull", "Campaign/customer-care", "--write"])
        .expect(0);
    adopts_only(&project);
}

#[test]
fn with_its_campaign_or_with_all_it_is_listed_too() {
    for asked in [&["Campaign/customer-care", NAME][..], &["--foreign"]] {
        let project = care();
        made(&project, 1);
        let run = [&["pull"], asked, &["--write"]].concat();
        let told = project.run(&run).expect(0).stdout;
        assert!(told.contains("; 0 left"), "{told}");
        let text = read(&project);
        assert!(
            text.contains(
                "engagements: [order-help, console-help, returns-help, help-center-card]"
            ),
            "{text}"
        );
        let plan = project.run(&["plan"]).expect(0).stdout;
        assert!(
            plan.contains("0 to update, 0 to replace, 0 to delete"),
            "{plan}"
        );
    }
}

/// Who takes it out of the list again takes it away from consumers, before the ledger has it as well.
#[test]
fn what_is_not_listed_afterwards_leaves() {
    let project = care();
    made(&project, 1);
    project.run(&["pull", NAME, "--write"]).expect(0);
    let text = read(&project).replace("console-help, ", "");
    project.write(FILE, &text);
    for format in ["text", "json", "markdown", "html"] {
        let told = project.run(&["plan", "--format", format]).expect(6).stdout;
        let leaves = if format == "json" {
            "\"leaves\""
        } else {
            "LEAVES"
        };
        assert!(
            told.contains(leaves) && told.contains("live-object"),
            "{format}: {told}"
        );
    }
    project.run(&["apply", "--auto-approve"]).expect(6);
    let with = ["plan", "--allow-unpublish", "--out", "plan.json"];
    project.run(&with).expect(0);
    project.run(&["apply", "plan.json"]).expect(6);
    project
        .run(&["apply", "plan.json", "--allow-unpublish"])
        .expect(0);
    // What no list has is not live.
    let status = project
        .run(&["status", "--format", "json"])
        .expect(0)
        .json();
    let objects = status["environments"][0]["objects"].as_array().unwrap();
    let live = objects
        .iter()
        .find(|it| it["displayName"] == "Console help");
    assert_eq!(live.unwrap()["live"], false);
    let uses = project
        .run(&["uses", "EntryPoint/order-status"])
        .expect(0)
        .stdout;
    assert!(
        uses.contains("the Campaign `Customer care` does not list it"),
        "{uses}"
    );
}
