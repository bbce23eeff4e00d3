//! Saved plans that were stopped, or of which steps failed: the same command goes on with them, as with those of runs that were killed.

#[cfg(unix)]
use std::io::Read as _;
#[cfg(unix)]
use std::process::{Command, Stdio};

use campaignctl::sandbox::SandboxSettings;

use crate::resumed::{another, unpublished, whole};
use crate::support::{GOALS, Project};
#[cfg(unix)]
use crate::support::{Run, stop_signals};

const SAVED: &[&str] = &["apply", "reviewed.json", "--parallelism", "1"];

/// A campaign with all that it shows, on an account that has nothing of it, and the saved plan that makes it.
fn reviewed() -> Project {
    let project = Project::in_shop(SandboxSettings::default(), &whole());
    project.run(&["plan", "--out", "reviewed.json"]).expect(0);
    project.account.handle().forget_statistics();
    project
}

/// Nothing is left to do, and nothing was created twice.
#[track_caller]
fn is_done(project: &Project, context: &str) {
    let statistics = project.account.handle().statistics();
    assert_eq!(statistics.created_twice().count(), 0, "{context}");
    project.settled();
    let used = project.run(SAVED).expect(7);
    assert!(used.stderr.contains("it was applied already"), "{context}");
}

/// Each write fails once: refused, or with an answer that says nothing of what became of it.
#[test]
fn a_saved_plan_of_which_a_step_failed_is_finished_by_the_same_command() {
    let mut failures = 0;
    let faults = ["400 once", "500 x9 after-commit", "lost once after-commit"];
    for (number, fault) in faults.into_iter().enumerate() {
        for position in (number % 2..8).step_by(2) {
            let project = reviewed();
            let context = format!("{fault}, behind {position}");
            for method in ["POST", "PUT"] {
                project
                    .account
                    .fault(&format!("{method} * {fault} after {position}"));
            }
            let run = project.run(SAVED);
            project.account.handle().clear_faults();
            if run.code != Some(0) {
                failures += 1;
                project.run(SAVED).expect(0);
            }
            is_done(&project, &context);
        }
    }
    assert!(failures > 3, "{failures}");
}

/// What was done is compared with the account like what is left: nothing of what somebody else did is overwritten.
#[test]
fn a_saved_plan_is_not_gone_on_with_where_the_account_changed() {
    let failed = || {
        let project = Project::in_shop(SandboxSettings::default(), &unpublished(&whole()));
        project.apply();
        let more = whole().replace("description: one", "description: other") + &another("later");
        project.write("manifests.yaml", &more);
        project.run(&["plan", "--out", "reviewed.json"]).expect(0);
        project.account.fault("POST */engagements 400 once");
        assert_ne!(project.run(SAVED).code, Some(0));
        project
    };
    let goal = failed();
    let resumed = goal.run(SAVED).expect(0).stderr;
    assert!(
        resumed.contains("What the run before it did stays."),
        "{resumed}"
    );
    is_done(&goal, "nobody changed anything");

    // A run that does nothing more leaves what takes the one before back.
    let refused = failed();
    refused.account.fault("POST */engagements 400 once");
    let run = refused.run(SAVED).stderr;
    assert!(!run.contains("It cannot be undone"), "{run}");
    refused.run(&["undo", "--auto-approve"]).expect(0);

    let edited = failed();
    let path = edited.account.item_path(GOALS, "First");
    edited
        .account
        .edit(&path, |body| body["description"] = "by hand".into());
    let writes = edited.account.writes();
    let stale = edited.run(SAVED).expect(7).stderr;
    assert!(
        stale.contains("`description` changed on the account"),
        "{stale}"
    );
    assert_eq!(edited.account.writes(), writes);

    // What people say of the ledger between the runs counts.
    let forgotten = failed();
    forgotten.run(&["ledger", "forget", "Goal/first"]).expect(0);
    let writes = forgotten.account.writes();
    forgotten.run(SAVED).expect(7);
    assert_eq!(forgotten.account.writes(), writes);

    let planned = failed();
    planned
        .run(&["plan", "--expect", "reviewed.json"])
        .expect(0);
    planned.apply();
    is_done(&planned, "another plan came between");
}

/// Sends a signal to a run.
#[cfg(unix)]
fn send(signal: &str, child: &std::process::Child) {
    let sent = Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Nothing is left to stop.
#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_in_its_last_step_is_done() {
    let goal = |name: &str| {
        format!(
            "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec: {{}}\n"
        )
    };
    let project = Project::with(&["a", "b", "c"].map(goal).join("---\n"));
    project.run(&["plan", "--out", "reviewed.json"]).expect(0);
    project.account.fault("POST */goals delay 2s after 2 once");
    let mut command = project.command(SAVED);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let handle = project.account.handle();
    while handle.faults().iter().all(|fault| fault.struck == 0) {
        crate::support::rest();
    }
    send("TERM", &child);
    let run = Run::from(child.wait_with_output().unwrap()).expect(0);
    assert!(
        run.stdout
            .ends_with("Applied: 3 done, 0 failed, 0 skipped, 0 manual.\n"),
        "{}",
        run.stdout
    );
    project.account.handle().clear_faults();
    is_done(&project, "the last step");
}

/// A run of the saved plan that is at its second step.
#[cfg(unix)]
fn at_the_second_step(project: &Project, command: &mut Command) -> std::process::Child {
    project.account.fault("* * delay 30ms");
    let pipes = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    let (mut seen, mut byte) = (Vec::new(), [0]);
    while !String::from_utf8_lossy(&seen).contains("[2/") {
        let stderr = child.stderr.as_mut().unwrap();
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "the run ended early");
        seen.push(byte[0]);
    }
    child
}

#[cfg(unix)]
#[test]
fn a_saved_plan_that_was_stopped_is_finished_by_the_same_command() {
    for signal in stop_signals() {
        let project = reviewed();
        let child = at_the_second_step(&project, &mut project.command(SAVED));
        send(signal, &child);
        let run = Run::from(child.wait_with_output().unwrap());
        assert_eq!(run.code, Some(8), "{signal}: {}", run.stderr);
        project.account.handle().clear_faults();
        project.run(SAVED).expect(0);
        is_done(&project, signal);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_was_started_to_outlive_its_terminal_does() {
    let project = reviewed();
    let saved = project.command(SAVED);
    let mut command = Command::new("nohup");
    let variables = saved
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    command
        .arg(saved.get_program())
        .args(saved.get_args())
        .current_dir(project.path())
        .env_clear()
        .envs(variables)
        .stdin(Stdio::null());
    let child = at_the_second_step(&project, &mut command);
    send("HUP", &child);
    Run::from(child.wait_with_output().unwrap()).expect(0);
    project.account.handle().clear_faults();
    is_done(&project, "nohup");
}
