//! The nightly look, and checks without credentials.

use super::{Sample, TWO, hub};

#[test]
fn drift_opens_updates_and_closes_one_issue() {
    let Some(sample) = Sample::new() else { return };
    sample.project.apply();
    let job = sample.job(sample.commit(), serde_json::json!({}));
    let night = || job.run_on_account("drift", &[]).expect(0);
    let state = || {
        let held = sample.hub.held();
        let issues = held.issues.iter();
        issues
            .map(|it| {
                (
                    it["state"].as_str().unwrap().to_owned(),
                    it["body"].as_str().unwrap().to_owned(),
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(night().output("has-drift"), "false");
    assert!(state().is_empty());

    sample.edit_in_console("by somebody");
    let done = night();
    assert_eq!(
        (done.output("has-drift"), done.output("objects")),
        ("true", "1")
    );
    assert_eq!(done.output("issue-url"), "https://hub/issues/1");
    let [(open, opened)] = &state()[..] else {
        panic!()
    };
    assert!(
        open == "open" && opened.contains("description: one -> by somebody"),
        "{opened}"
    );

    // Nothing new, nothing written.
    let writes = sample.hub.held().writes();
    night();
    assert_eq!(sample.hub.held().writes(), writes);

    sample.edit_in_console("by somebody else");
    night();
    let [(open, updated)] = &state()[..] else {
        panic!()
    };
    assert!(
        open == "open" && updated.contains("by somebody else"),
        "{updated}"
    );

    sample.edit_in_console("one");
    night();
    let [(closed, _)] = &state()[..] else {
        panic!()
    };
    assert_eq!(closed, "closed");
    let comments: Vec<_> = sample.hub.held().comments.values().cloned().collect();
    assert!(
        matches!(&comments[..], [(1, said)] if said.contains("as it was last applied")),
        "{comments:?}"
    );
}

#[test]
fn an_account_that_cannot_be_read_leaves_the_issue_alone() {
    let Some(sample) = Sample::new() else { return };
    sample.project.apply();
    sample.edit_in_console("by somebody");
    let job = sample.job(sample.commit(), serde_json::json!({}));
    job.run_on_account("drift", &[]).expect(0);
    let writes = sample.hub.held().writes();
    sample.project.account.fault("GET * 403");
    let done = job.run_on_account("drift", &[]).expect(4);
    assert_eq!(done.output("has-drift"), "");
    assert_eq!(sample.hub.held().writes(), writes);
}

#[test]
fn drift_fails_the_job_when_it_is_told_to() {
    let Some(sample) = Sample::new() else { return };
    sample.project.apply();
    sample.edit_in_console("by somebody");
    let job = sample.job(sample.commit(), serde_json::json!({}));
    job.run_on_account("drift", &[("fail-on-drift", "true")])
        .expect(2);
}

#[test]
fn a_fork_validates_without_credentials_and_token() {
    let Some(sample) = Sample::new() else { return };
    let mut job = sample.pushed();
    job.trusted = false;
    let with = [("binary", env!("CARGO_BIN_EXE_campaignctl"))];
    let done = job.run("validate", &with).expect(0);
    assert!(
        done.summary.contains("The manifests are valid"),
        "{}",
        done.summary
    );
    // Fourteen mistakes are ten annotations, and a word about the rest.
    let wrong = TWO
        .split("---")
        .next()
        .unwrap()
        .replace("description", "descripion");
    let wrong = (0..14).map(|number| {
        format!(
            "{}---\n",
            wrong
                .replace("name: first", &format!("name: g{number}"))
                .replace("First", &format!("Nr {number:02}"))
        )
    });
    sample
        .project
        .write("manifests.yaml", &wrong.collect::<String>());
    let done = job.run("validate", &with).expect(3);
    let count = |level: &str| done.log.matches(&format!("::{level} ")).count();
    assert_eq!(count("error"), 10, "{}", done.log);
    assert!(
        done.log.contains("::notice::4 more problems are"),
        "{}",
        done.log
    );
    assert!(
        done.log.contains(
            "file=manifests.yaml,line=4,col=29,endLine=4,endColumn=39,title=unknown-field::"
        ),
        "{}",
        done.log
    );
    assert_eq!(
        (done.output("exitcode"), done.output("errors")),
        ("3", "14")
    );
    assert!(done.summary.contains("14 errors"), "{}", done.summary);
    assert!(sample.hub.held().requests.is_empty());
    assert!(!done.log.contains(hub::TOKEN));
}
