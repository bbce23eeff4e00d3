//! What people deleted in the console, and what refers to it in the files.

use super::retail::retail;
use crate::support::{CAMPAIGNS, GOALS, Project, plain};

const CLUB: &str = "campaigns/loyalty-club.yaml";

fn read(project: &Project, file: &str) -> String {
    std::fs::read_to_string(project.path().join(file)).unwrap()
}

/// Deletes the last engagement of the club in the console, which may take it out of the list of its campaign or not.
fn without_advice(project: &Project, is_listed: bool) {
    let club = project.account.item_path(CAMPAIGNS, "Loyalty club");
    let (path, query) = club.split_once('?').unwrap();
    let listed = project.account.get(&club)["engagementIds"].clone();
    let listed = listed.as_array().unwrap();
    let of = |id: &serde_json::Value| format!("{path}/engagements/{}?{query}", plain(id));
    let is_advice =
        |id: &&serde_json::Value| project.account.get(&of(id))["name"] == "Club style advice";
    let advice = listed.iter().find(is_advice).unwrap().clone();
    project.account.delete(&of(&advice));
    project.account.edit(&club, |body| {
        let mut ids = listed.clone();
        ids.retain(|id| is_listed || *id != advice);
        body["engagementIds"] = ids.into();
    });
}

#[test]
fn what_refers_to_something_deleted_is_left_for_that() {
    let project = retail();
    let planned = project.account.item_path(GOALS, "Store visit planned");
    project.account.delete(&planned);
    let told = project.run(&["pull", "--write"]).expect(2).stdout;
    for part in [
        "it refers to Goal/store-visit-planned, which the account no longer holds",
        "help: remove Goal/store-visit-planned from the files, and what refers to it; `apply` would create it again",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
    assert!(!told.contains("unique display name"), "{told}");
}

#[test]
fn a_deleted_engagement_brings_no_list_into_its_campaign() {
    for is_listed in [true, false] {
        let project = retail();
        let before = read(&project, CLUB);
        without_advice(&project, is_listed);
        let told = project.run(&["pull", "--write"]).expect(2).stdout;
        assert!(!told.contains("unique display name"), "{told}");
        assert_eq!(read(&project, CLUB), before, "{is_listed}: {told}");
        let (kept, _) = before.rsplit_once("---\n").unwrap();
        project.write(CLUB, kept);
        let told = project.run(&["pull", "--write"]).expect(0).stdout;
        assert!(!told.contains("conflict"), "{told}");
        assert_eq!(read(&project, CLUB), kept, "{is_listed}: {told}");
    }
}
