//! How an apply ends that could not do everything: the exit code says why.

use serde_json::Value;

use crate::support::{GOALS, Project};

const TWO: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: first }
spec: { displayName: First, indicator: { url: /first } }
---
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: second }
spec: { displayName: Second, indicator: { url: /second } }
";

const APPLY: [&str; 4] = ["apply", "--auto-approve", "--parallelism", "1"];

#[test]
fn the_exit_code_says_why_nothing_was_done_and_that_something_was() {
    for (fault, code, class) in [
        ("POST */goals 403", 4, "unauthorized"),
        ("POST */goals 401", 4, "unauthorized"),
        ("POST */goals 429 retry-after 86400", 5, "budgetSpent"),
        ("POST */goals 400", 1, "refused"),
        ("POST */goals 403 after 1", 8, "unauthorized"),
        (
            // That it is half done matters more than that waiting helps.
            "POST */goals 429 retry-after 86400 after 1",
            8,
            "budgetSpent",
        ),
    ] {
        let project = Project::with(TWO);
        let handle = project.account.handle();
        handle.add_fault(fault.parse().unwrap());
        let mut arguments = APPLY.to_vec();
        arguments.extend(["--format", "json"]);
        let run = project.run(&arguments).expect(code);
        let failed: Vec<Value> = run.json()["steps"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|step| step["result"] == "failed")
            .cloned()
            .collect();
        assert!(!failed.is_empty(), "{fault}");
        assert!(
            failed.iter().all(|step| step["class"] == class),
            "{fault}: {failed:?}"
        );
        handle.clear_faults();
        project.apply();
        assert_eq!(handle.statistics().created_twice().count(), 0, "{fault}");
    }
}

#[test]
fn a_create_that_never_arrived_is_sent_again() {
    let project = Project::with(TWO);
    let handle = project.account.handle();
    handle.add_fault("POST */goals lost before-commit once".parse().unwrap());
    project.apply();
    assert_eq!(handle.statistics().created_twice().count(), 0);
    assert_eq!(project.account.names(GOALS).len(), 3);
}

#[test]
fn a_create_that_never_arrives_however_often_it_is_sent_is_told() {
    let project = Project::with(TWO);
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    let handle = project.account.handle();
    handle.add_fault("POST */goals lost before-commit x4".parse().unwrap());
    let run = project
        .run(&["apply", "plan.json", "--parallelism", "1"])
        .expect(8);
    assert!(
        run.stdout.contains("it was not created, in 3 tries"),
        "{}",
        run.stdout
    );
    assert_eq!(handle.statistics().created_twice().count(), 0);
    project.apply();
    assert_eq!(project.account.names(GOALS).len(), 3);
}
