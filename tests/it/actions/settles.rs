//! A run that was killed after its last write: nothing is left to do but to end it, and the pipelines do that.

use std::process::Stdio;

use super::kept::{pipeline, published};
use super::templates::{documents_of, has_jq, script, tools};
use super::{Sample, TWO};
use crate::support::{GOALS, NO_CHANGES, Run};

/// Kills an apply right after the account has taken its only write.
fn killed(sample: &Sample) {
    let project = &sample.project;
    project.apply();
    project.write("manifests.yaml", &TWO.replace("count: 1", "count: 2"));
    let handle = project.account.handle();
    let is_written = || {
        let goal = project.account.item(GOALS, "First");
        goal["indicatorValue"]["reachedCounter"] == 2
    };
    project
        .account
        .fault("PUT */configuration/* delay 60s after-commit once");
    let mut apply = project.command(&["apply", "--auto-approve"]);
    let mut apply = apply
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !is_written() {
        assert!(apply.try_wait().unwrap().is_none(), "it ended by itself");
        crate::support::rest();
    }
    apply.kill().unwrap();
    apply.wait().unwrap();
    handle.clear_faults();
    let drift = project.run(&["drift"]).expect(2);
    assert!(
        drift.stderr.contains("an earlier run did not finish"),
        "{}",
        drift.stderr
    );
}

#[track_caller]
fn is_settled(sample: &Sample) {
    sample.project.run(&["drift"]).expect(0);
    let plan = sample.project.run(&["plan"]).expect(0);
    assert_eq!(plan.stdout, NO_CHANGES);
}

#[test]
fn a_github_job_ends_a_killed_run_that_left_nothing_to_do() {
    let Some((sample, _folder, _origin)) = published() else {
        return;
    };
    killed(&sample);
    let job = sample.merged();
    sample.git(&["push", "--quiet", "origin", "main"]);
    let with = [("commit-ledger", "true")];
    let done = job.run_on_account("apply", &with).expect(0);
    assert!(
        done.summary.contains("Nothing to apply"),
        "{}",
        done.summary
    );
    assert_eq!(done.output("has-changes"), "false");
    is_settled(&sample);
}

#[test]
fn a_gitlab_job_ends_a_killed_run_that_left_nothing_to_do() {
    let Some((sample, _folder, origin)) = published().filter(|_| has_jq()) else {
        return;
    };
    killed(&sample);
    sample.commit();
    sample.git(&["push", "--quiet", "origin", "main"]);
    let jobs = &documents_of(&pipeline("test", "gitlab", &[]))[0];
    let tools = tools();
    let project = origin.to_str().unwrap().strip_suffix(".git").unwrap();
    let env = [
        ("CI", "true"),
        ("CAMPAIGNCTL_ENVIRONMENT", "test"),
        ("CI_SERVER_URL", "https://gitlab"),
        ("CI_PROJECT_URL", project),
        ("CI_COMMIT_BRANCH", "main"),
        ("CI_COMMIT_SHA", "abc"),
        ("CAMPAIGNCTL_GITLAB_TOKEN", "token"),
    ];
    let apply = script(&jobs["campaignctl:apply"]["script"]);
    let run: Run = sample.shell(tools.path(), &apply, &env);
    run.expect(0);
    is_settled(&sample);
}
