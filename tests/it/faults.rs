//! Faults and switches of the sandbox as a user gives them: by flag, by file and by environment variable.

use tempfile::TempDir;

use crate::program::{command, ran, run};

const GOAL: &str = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: lead }\nspec: { indicator: { type: url, url: /lead } }\n";

/// A project with a goal, and this about the sandbox.
fn project(sandbox: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("goal.yaml"), GOAL).unwrap();
    let file = format!("environments:\n  sandbox: {sandbox}\n");
    std::fs::write(folder.path().join("campaignctl.yaml"), file).unwrap();
    folder
}

#[test]
fn a_fault_that_cannot_be_read_is_shown_with_its_place() {
    let folder = project("{}");
    let start = run(
        folder.path(),
        &["sandbox", "start", "--fault", "PUT * los after-commit"],
    );
    insta::assert_snapshot!(start.expect(3).stderr, @"
    error: `los` is not an action
      PUT * los after-commit
            ^^^
      = help: did you mean `lost`?
    ");

    let mut plan = command(folder.path(), &["plan"]);
    let plan = ran(plan.env("CAMPAIGNCTL_FAULTS", "GET * 503 once; * * 429 evry 3"));
    insta::assert_snapshot!(plan.expect(3).stderr, @"
    error: CAMPAIGNCTL_FAULTS: `evry` is not an option or a qualifier
      * * 429 evry 3
              ^^^^
      = help: did you mean `every`?
    ");

    let folder = project("{ faults: [PUT * 503, 'PUT * 503 x'] }");
    insta::assert_snapshot!(run(folder.path(), &["plan"]).expect(3).stderr, @"
    error: `faults` of the environment `sandbox`: `x` needs a number from 1, as in `x3`
      PUT * 503 x
                ^
      = help: for the syntax of faults, run `campaignctl explain sandbox-faults`
    ");
}

#[test]
fn a_switch_that_does_not_exist_is_refused() {
    let folder = project("{}");
    let start = run(folder.path(), &["sandbox", "start", "--set", "delete=404"]);
    insta::assert_snapshot!(start.expect(3).stderr, @"
    error: there is no switch `delete`
      = help: did you mean `deleted`?
    ");
    let start = run(folder.path(), &["sandbox", "start", "--set", "deleted=405"]);
    insta::assert_snapshot!(start.expect(3).stderr, @"
    error: `405` is not a value of the switch `deleted`
      = help: it takes 410 | 404
    ");
}

#[test]
fn faults_of_the_project_strike_its_own_sandbox() {
    let folder = project("{ faults: [GET */goals 403] }");
    let plan = run(folder.path(), &["plan"]).expect(4);
    assert!(plan.stderr.contains("403"), "{}", plan.stderr);
    let folder = project("{ faults: [GET */no-such-collection 403] }");
    run(folder.path(), &["plan"]).expect(0);
}

#[test]
fn no_other_environment_has_faults() {
    let folder = project(
        "{}\n  live: { account: '1', credentials: { bearer: { env: B } }, faults: ['* * 503'] }",
    );
    let plan = run(folder.path(), &["plan"]).expect(3);
    insta::assert_snapshot!(plan.stderr, @"
    error[project-environment]: only the sandbox can have faults
     --> campaignctl.yaml:3:62
      |
    3 |   live: { account: '1', credentials: { bearer: { env: B } }, faults: ['* * 503'] }
      |                                                              ^^^^^^
      |
      = help: move `faults` to the environment `sandbox`

    1 error in 1 file
    error: the project file `campaignctl.yaml` cannot be used
    ");
}

#[test]
fn explain_has_the_faults_and_the_switches() {
    let folder = tempfile::tempdir().unwrap();
    let explain = |topic: &str| run(folder.path(), &["explain", topic]);
    let faults = explain("sandbox-faults").expect(0).stdout;
    assert!(faults.contains("  race edit:FIELD\n"), "{faults}");
    assert!(
        faults.lines().all(|line| line.chars().count() <= 110),
        "{faults}"
    );
    let switches = explain("sandbox-switches").expect(0).stdout;
    assert!(
        switches.contains("  deleted = 410 | 404  [default: 410]\n"),
        "{switches}"
    );
    let near = explain("sandbox-fault").expect(3).stderr;
    assert!(near.contains("did you mean `sandbox-faults`?"), "{near}");
}
