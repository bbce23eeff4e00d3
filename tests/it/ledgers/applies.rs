//! The binary with a ledger behind HTTP, and settings of ledgers that cannot work.

#[cfg(unix)]
use std::io::{BufRead, BufReader, Read as _};
#[cfg(unix)]
use std::process::Child;
use std::process::Command;

use insta::assert_snapshot;

use super::server::{Dialect, PASSWORD, StateServer};
use super::shared::{Shared, goals, run, start};
use super::{Kind, Place};
#[cfg(unix)]
use crate::support::stop_signals;
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

#[test]
fn a_run_whose_journal_is_not_kept_writes_nothing() {
    let shared = behind_http(Dialect::GitLab, &goals(2));
    server(&shared).forget();
    let run = shared.run(&["apply", "--auto-approve"]).expect(1);
    assert!(run.stdout.contains("Applied: 0 done"), "{}", run.stdout);
    assert!(
        run.stderr.contains("holds something else"),
        "{}",
        run.stderr
    );
    assert_eq!(shared.made(), 0);
    assert!(server(&shared).lock().is_none());
}

#[cfg(unix)]
fn send(signal: &str, child: &Child) {
    let id = child.id().to_string();
    let kill = Command::new("kill").args(["-s", signal, &id]).status();
    assert!(kill.unwrap().success());
}

/// Reads a log until it holds a text.
#[cfg(unix)]
fn read_until(log: &mut impl BufRead, text: &str, read: &mut String) {
    while !read.contains(text) {
        assert!(log.read_line(read).unwrap() > 0, "{read}");
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_is_asked_to_stop_gives_the_lock_back() {
    for signal in stop_signals() {
        let shared = behind_http(Dialect::Plain, &goals(100));
        // However fast creates are, the signal comes before the last one.
        shared.project.account.fault("POST */goals delay 100ms");
        let apply = ["apply", "--auto-approve", "--parallelism", "1", "-v"];
        let mut child = start(shared.command(&apply));
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut read = String::new();
        read_until(&mut log, "POST ", &mut read); // the first write; hundreds follow
        assert!(server(&shared).lock().is_some());
        send(signal, &child);
        log.read_to_string(&mut read).unwrap();
        let run = Run::from(child.wait_with_output().unwrap());
        // Whether the first write was sent by then is chance.
        assert!(matches!(run.code, Some(130 | 8)), "{signal}: {read}");
        assert!(server(&shared).lock().is_none(), "{signal}");
    }
}

#[cfg(unix)]
#[test]
fn the_second_request_names_what_is_waited_for_and_the_third_ends_the_run() {
    let shared = behind_http(Dialect::Plain, &goals(3));
    let mut child = shared.apply_until_held_up("POST */goals delay 100s once");
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut read = String::new();
    send("INT", &child);
    read_until(&mut log, "Stopping after the steps under way", &mut read);
    send("INT", &child);
    read_until(&mut log, "Still waiting for", &mut read);
    send("INT", &child);
    log.read_to_string(&mut read).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{read}");
    assert!(server(&shared).lock().is_none());
    let from = read.find("Stopping").unwrap();
    assert_snapshot!(&read[from..], @"
    Stopping after the steps under way ..
    Still waiting for the answer to: Goal/goal-0. Press Ctrl-C once more to stop at once; the next apply then finds out what happened to it.
    error: stopped at once: 0 of 3 steps are done, and it is unknown whether these are: Goal/goal-0
      = help: run the same `apply` again: it first finds out what happened to each write, and repeats none
    ");
    // Nothing is lost by it: the next run goes on.
    shared.run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(shared.made(), 3);
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
            "`ftp://` is not supported for a ledger",
        ),
        (
            "ledger: https://ann:hunter2@example.com/x",
            "credentials are not allowed in the address",
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
