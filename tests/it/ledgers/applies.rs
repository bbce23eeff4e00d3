//! The binary with a ledger behind HTTP, and settings of ledgers that cannot work.

#[cfg(unix)]
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Command;

use super::server::{Dialect, PASSWORD, StateServer};
use super::shared::{Shared, goals, run, start};
use super::{Kind, Place};
use crate::support::{Project, Run};

/// A project whose ledger is behind HTTP.
fn behind_http(dialect: Dialect, manifests: &str) -> Shared {
    Shared::new(Kind::Http(dialect), manifests)
}

fn server(shared: &Shared) -> &StateServer {
    match &shared.place {
        Place::Http(server) => server,
        _ => unreachable!("made by `behind_http`"),
    }
}

#[test]
fn a_run_that_stops_before_writing_gives_the_lock_back() {
    let shared = behind_http(Dialect::GitLab, &goals(1));
    shared.run(&["apply"]).expect(3); // nobody to ask
    assert!(server(&shared).lock().is_none());
    server(&shared).put("{\"serial\":1}");
    let run = shared.run(&["apply", "--auto-approve"]).expect(1);
    assert!(
        run.stderr.contains("is not a readable ledger"),
        "{}",
        run.stderr
    );
    assert!(server(&shared).lock().is_none());
    assert_eq!(server(&shared).state().unwrap(), "{\"serial\":1}");
}

#[cfg(unix)]
#[test]
fn a_pipeline_that_is_cancelled_gives_the_lock_back() {
    let shared = behind_http(Dialect::Plain, &goals(300));
    let apply = ["apply", "--auto-approve", "--parallelism", "1", "-v"];
    let mut child = start(shared.command(&apply));
    // The log tells the first write; hundreds follow.
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut told = String::new();
    while !told.contains("POST ") {
        assert!(log.read_line(&mut told).unwrap() > 0, "{told}");
    }
    assert!(server(&shared).lock().is_some());
    let kill = Command::new("kill").arg(child.id().to_string()).status();
    assert!(kill.unwrap().success());
    log.read_to_string(&mut told).unwrap();
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(130), "{told}");
    assert!(server(&shared).lock().is_none());
}

#[test]
fn credentials_are_by_reference_and_never_printed() {
    let shared = behind_http(Dialect::Plain, &goals(1));
    let run = run({
        let mut command = shared.command(&["plan"]);
        command.env_remove("LEDGER_PASSWORD");
        command
    });
    let run = run.expect(4);
    assert!(
        run.stderr.contains("`LEDGER_PASSWORD` is not set"),
        "{}",
        run.stderr
    );
    let wrong = |arguments: &[&str]| {
        let mut command = shared.command(arguments);
        command.env("LEDGER_USER", "bob");
        Run::from(command.output().unwrap())
    };
    for arguments in [
        &["plan", "-vvv"][..],
        &["apply", "--auto-approve", "-vvv"],
        &["ledger", "list", "-vvv"],
        &["ledger", "unlock", "--force", "-vvv"],
    ] {
        let run = wrong(arguments).expect(4);
        assert!(
            run.stderr.contains("the server answered 401"),
            "{}",
            run.stderr
        );
        let run = [run, shared.run(arguments)];
        let text = format!("{run:?}");
        assert!(
            !text.contains(PASSWORD) && !text.contains("bGVkZ2Vy"),
            "{text}"
        );
    }
    assert!(!server(&shared).state().unwrap().contains(PASSWORD));
}

#[test]
fn settings_that_cannot_work_are_complaints() {
    for (extra, complaint) in [
        (
            "ledger: ftp://example.com/x",
            "`ftp://` is no place for a ledger",
        ),
        (
            "ledger: https://ann:hunter2@example.com/x",
            "credentials do not stand in the address",
        ),
        (
            "ledger: s3://bucket/key\n    ledgerLock: { method: POST }",
            "no use for `ledgerLock`",
        ),
        (
            "ledgerCredentials: { username: { env: A }, password: { env: B } }",
            "no use for `ledgerCredentials`",
        ),
    ] {
        let project = Project::with(&goals(1));
        let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
        project.write("campaignctl.yaml", &format!("{file}    {extra}\n"));
        let run = project.run(&["plan"]).expect(3);
        assert!(run.stderr.contains(complaint), "{}", run.stderr);
    }
    let project = Project::with(&goals(1));
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    project.write(
        "campaignctl.yaml",
        &format!("{file}    ledger: s3://bucket\n"),
    );
    let run = project.run(&["ledger", "list"]).expect(3);
    assert!(
        run.stderr.contains("it needs a bucket and a key"),
        "{}",
        run.stderr
    );
}
