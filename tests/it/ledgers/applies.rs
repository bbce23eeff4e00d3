//! The binary with ledgers of every kind.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::server::{Dialect, PASSWORD, StateServer};
use crate::support::{GOALS, Project, Run};

pub(super) fn goal(name: &str) -> String {
    format!(
        "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec: {{ displayName: The {name}, type: purchase }}\n---\n"
    )
}

pub(super) fn goals(count: usize) -> String {
    (0..count)
        .map(|number| goal(&format!("goal-{number}")))
        .collect()
}

/// A project whose ledger is behind HTTP.
struct Shared {
    server: StateServer,
    project: Project,
}

impl Shared {
    fn new(dialect: Dialect, manifests: &str) -> Self {
        let project = Project::with(manifests);
        let server = project.account.block_on(StateServer::start(dialect));
        let mut file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
        let _ = write!(
            file,
            "    ledger: {}\n    ledgerCredentials: {{ username: {{ env: LEDGER_USER }}, password: {{ env: LEDGER_PASSWORD }} }}\n",
            server.address
        );
        project.write("campaignctl.yaml", &file);
        Self { server, project }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.command(arguments);
        command
            .env("LEDGER_USER", "ann")
            .env("LEDGER_PASSWORD", PASSWORD);
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments))
    }

    /// The project as another computer has it.
    fn elsewhere(&self, folder: &Path, arguments: &[&str]) -> Command {
        for file in ["campaignctl.yaml", "manifests.yaml"] {
            std::fs::copy(self.project.path().join(file), folder.join(file)).unwrap();
        }
        let mut command = self.command(arguments);
        command.current_dir(folder);
        command
    }

    fn state(&self) -> Value {
        serde_json::from_str(&self.server.state().unwrap()).unwrap()
    }
}

fn run(mut command: Command) -> Run {
    command.output().unwrap().into()
}

fn start(mut command: Command) -> Child {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[test]
fn an_apply_through_http_is_planned_empty_everywhere() {
    for dialect in [Dialect::Plain, Dialect::GitLab] {
        let shared = Shared::new(dialect, &goals(3));
        shared.run(&["apply", "--auto-approve"]).expect(0);
        assert_eq!(shared.state()["entries"].as_object().unwrap().len(), 3);
        assert!(shared.server.lock().is_none());
        let folder = tempfile::tempdir().unwrap();
        let run = run(shared.elsewhere(folder.path(), &["plan", "--detailed-exitcode"]));
        assert!(run.expect(0).stdout.starts_with("No changes."));
        shared.project.write("manifests.yaml", &goals(2));
        shared
            .run(&["apply", "--auto-approve", "--allow-mass-delete"])
            .expect(0);
        assert_eq!(shared.state()["serial"], 2);
        assert!(shared.project.account.row(GOALS, "The goal-2").is_none());
    }
}

#[test]
fn two_applies_at_once_never_both_write() {
    let shared = Shared::new(Dialect::Plain, &goals(12));
    let folder = tempfile::tempdir().unwrap();
    let apply = ["apply", "--auto-approve"];
    let runs = [
        start(shared.command(&apply)),
        start(shared.elsewhere(folder.path(), &apply)),
    ];
    one_wrote(runs);
    assert_eq!(shared.state()["serial"], 1);

    let project = Project::with(&goals(12));
    one_wrote([
        start(project.command(&apply)),
        start(project.command(&apply)),
    ]);
    let ledger: Value = serde_json::from_str(&project.ledger()).unwrap();
    assert_eq!(ledger["serial"], 1);
    for account in [&shared.project.account, &project.account] {
        let names = account.names(GOALS);
        let made = names.iter().filter(|name| name.starts_with("The goal-"));
        assert_eq!(made.count(), 12);
    }
}

/// One of them wrote; the other was told that the ledger is locked, or came late and had nothing to do.
#[track_caller]
fn one_wrote(runs: [Child; 2]) {
    let runs = runs.map(|child| Run::from(child.wait_with_output().unwrap()));
    let wrote = runs
        .iter()
        .filter(|run| run.stdout.contains("12 to create"));
    let locked = runs.iter().filter(|run| run.code == Some(1));
    let (wrote, locked) = (wrote.count(), locked.count());
    assert_eq!(wrote, 1, "{runs:#?}");
    if locked > 0 {
        let told = |run: &Run| run.stderr.contains("is locked by tester");
        assert!(runs.iter().any(told), "{runs:#?}");
    }
    assert!(
        runs.iter().all(|run| matches!(run.code, Some(0 | 1))),
        "{runs:#?}"
    );
}

#[test]
fn a_killed_apply_leaves_a_lock_and_a_journal_and_the_next_one_goes_on() {
    let shared = Shared::new(Dialect::Plain, &goals(150));
    let mut child = start(shared.command(&["apply", "--auto-approve", "--parallelism", "1"]));
    let journal = shared
        .project
        .path()
        .join(".campaignctl/ledger/test.json.journal");
    let begun = Instant::now();
    while std::fs::metadata(&journal).map_or(0, |file| file.len()) < 2000 {
        assert!(begun.elapsed() < Duration::from_mins(1), "no journal");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        shared.server.state().is_none(),
        "it was killed in the middle"
    );

    let run = shared.run(&["apply", "--auto-approve"]).expect(1);
    assert!(run.stderr.contains("is locked by tester"), "{}", run.stderr);
    assert!(
        run.stderr
            .contains("held for less than a minute; wait for that run"),
        "{}",
        run.stderr
    );
    let run = shared.run(&["ledger", "unlock"]).expect(3);
    assert!(run.stderr.contains("give `--force`"), "{}", run.stderr);
    assert!(shared.server.lock().is_some());
    let run = shared.run(&["ledger", "unlock", "--force"]).expect(0);
    assert!(
        run.stderr.contains("is locked by tester (process"),
        "{}",
        run.stderr
    );
    let run = shared.run(&["ledger", "unlock", "--force"]).expect(0);
    assert!(run.stderr.contains("is not locked"), "{}", run.stderr);

    let run = shared.run(&["apply", "--auto-approve"]).expect(0);
    assert!(!run.stdout.contains("150 to create"), "{}", run.stdout);
    assert_eq!(shared.state()["entries"].as_object().unwrap().len(), 150);
    assert!(!journal.exists());
    let names = shared.project.account.names(GOALS);
    let made = names.iter().filter(|name| name.starts_with("The goal-"));
    assert_eq!(made.count(), 150, "none twice");
}

#[test]
fn a_run_that_stops_before_writing_gives_the_lock_back() {
    let shared = Shared::new(Dialect::GitLab, &goals(1));
    shared.run(&["apply"]).expect(3); // nobody to ask
    assert!(shared.server.lock().is_none());
    shared.server.put("{\"serial\":1}");
    let run = shared.run(&["apply", "--auto-approve"]).expect(1);
    assert!(
        run.stderr.contains("is not a readable ledger"),
        "{}",
        run.stderr
    );
    assert!(shared.server.lock().is_none());
    assert_eq!(shared.server.state().unwrap(), "{\"serial\":1}");
}

#[cfg(unix)]
#[test]
fn a_pipeline_that_is_cancelled_gives_the_lock_back() {
    let shared = Shared::new(Dialect::Plain, &goals(300));
    let child = start(shared.command(&["apply", "--auto-approve", "--parallelism", "1"]));
    let begun = Instant::now();
    while shared.server.lock().is_none() {
        assert!(begun.elapsed() < Duration::from_mins(1), "no lock");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(200));
    let kill = Command::new("kill").arg(child.id().to_string()).status();
    assert!(kill.unwrap().success());
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(130), "{}", run.stderr);
    assert!(shared.server.lock().is_none());
}

#[test]
fn credentials_are_by_reference_and_never_printed() {
    let shared = Shared::new(Dialect::Plain, &goals(1));
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
    assert!(!shared.server.state().unwrap().contains(PASSWORD));
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

/// Runs where `CAMPAIGNCTL_TEST_LEDGER` names a bucket.
#[test]
fn an_apply_through_an_object_store_is_planned_empty() {
    let Some(address) = super::cloud() else {
        return;
    };
    let project = Project::with(&goals(3));
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    project.write(
        "campaignctl.yaml",
        &format!("{file}    ledger: {address}\n"),
    );
    let run = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        command.envs(super::cloud_variables());
        Run::from(command.output().unwrap())
    };
    run(&["apply", "--auto-approve"]).expect(0);
    assert!(run(&["plan"]).expect(0).stdout.starts_with("No changes."));
    let list = run(&["ledger", "list", "--format", "json"])
        .expect(0)
        .json();
    assert_eq!(list["ledger"], address);
    assert_eq!(list["entries"].as_array().unwrap().len(), 3);
    run(&["ledger", "unlock"]).expect(0);
}
