//! Special occasions: each update is a PUT of the whole collection with an array (platform.md#special-occasion).

use std::collections::BTreeMap;

use campaignctl::sandbox::SandboxSettings;
use serde_json::Value;

use crate::support::{Account, Project};

const OCCASIONS: &str = "ac-common/specialoccasion?v=1.0";
const ROLLBACK: &str = ".campaignctl/ledger/test.rollback.plan.json";

fn occasion(name: &str, description: &str, default: bool) -> String {
    format!(
        "---\napiVersion: campaignctl.dev/v1\nkind: SpecialOccasion\nmetadata: {{ name: {name} }}\nspec:\n  description: {description}\n  default: {default}\n  events:\n    - name: day\n      working: false\n      start: {{ dateTime: 2036-12-25, timeZone: Europe/Paris }}\n      end: {{ dateTime: 2036-12-25, timeZone: Europe/Paris }}\n"
    )
}

fn v1() -> String {
    occasion("christmas", "one", true) + &occasion("easter", "one", false)
}

fn v2() -> String {
    occasion("christmas", "two", true).replace("12-25", "12-26")
        + &occasion("easter", "two", false)
        + &occasion("whitsun", "new", false)
}

/// A project on an account that answers a PUT in either of the two published ways.
fn project(answers_object: bool) -> Project {
    let project = Project::on(Account::with(SandboxSettings {
        array_put_answers_object: answers_object,
        ..SandboxSettings::default()
    }));
    project.write("manifests.yaml", &v1());
    project
}

/// The occasions of the account by name, whole.
fn bodies(account: &Account) -> BTreeMap<String, Value> {
    let names = account.names(OCCASIONS);
    let body = |name: &String| {
        let mut body = account.item(OCCASIONS, name);
        body.as_object_mut()
            .unwrap()
            .retain(|key, _| !key.ends_with("Date"));
        (name.clone(), body)
    };
    names.iter().map(body).collect()
}

#[test]
fn an_apply_is_undone() {
    for answers_object in [false, true] {
        let project = project(answers_object);
        project.apply();
        let before = bodies(&project.account);
        project.write("manifests.yaml", &v2());
        project.apply();
        assert_ne!(bodies(&project.account), before);
        project.run(&["apply", ROLLBACK]).expect(0);
        assert_eq!(bodies(&project.account), before);
        project.write("manifests.yaml", &v1());
        project.settled();
    }
}

#[test]
fn lost_answers_and_stale_revisions_are_settled() {
    for fault in [
        "PUT */specialoccasion lost after-commit once",
        "PUT */specialoccasion lost once",
        "PUT */specialoccasion 503 after-commit once",
        "PUT */specialoccasion race once",
        "GET */specialoccasion/* race once",
        "PUT */specialoccasion truncate once",
    ] {
        let project = project(false);
        project.apply();
        project.write("manifests.yaml", &v2());
        project.account.fault(fault);
        project.apply();
        let struck = project.account.handle().faults();
        assert_eq!(
            struck.iter().map(|fault| fault.struck).sum::<u64>(),
            1,
            "{fault}"
        );
        let statistics = project.account.handle().statistics();
        assert_eq!(statistics.created_twice().count(), 0, "{fault}");
        assert_eq!(
            bodies(&project.account)["christmas"]["description"],
            "two",
            "{fault}"
        );
    }
}

#[test]
fn an_edit_of_a_colleague_in_between_is_not_written_over() {
    let project = project(false);
    project.apply();
    project.write("manifests.yaml", &v2());
    project
        .account
        .fault("PUT */specialoccasion race edit once");
    let run = project
        .run(&["apply", "--auto-approve", "--allow-unpublish"])
        .expect(8);
    assert!(run.stdout.contains("1 failed"), "{}", run.stdout);
    let bodies = bodies(&project.account);
    let edited = |body: &&Value| body["description"].to_string().contains("another client");
    assert_eq!(bodies.values().filter(edited).count(), 1, "{bodies:?}");
}
