//! What a run finds out does not depend on whether its data could be written: for every command.

use std::collections::BTreeSet;
use std::process::Stdio;

use crate::support::{GOALS, Project, Run};

const TWO: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: a }
spec: { displayName: A }
---
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: b }
spec: { displayName: B }
";

/// A scenario that fails.
const SCENARIO: &str = "\
apiVersion: campaignctl.dev/v1
kind: Scenario
metadata: { name: fails }
spec: { web: true, cases: [{ when: { sections: [home] }, then: { nothing: {} } }] }
";

/// Where stdout goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    /// A reader that reads all.
    Read,
    /// A reader that has gone, as behind `| true`.
    Closed,
    /// A full disk.
    Full,
}

fn run(project: &Project, arguments: &[&str], output: Output) -> Run {
    let mut command = project.command(arguments);
    match output {
        Output::Read => {
            command.stdout(Stdio::piped());
        }
        Output::Closed => {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            command.stdout(Stdio::from(writer));
        }
        Output::Full => {
            let full = std::fs::File::options().write(true).open("/dev/full");
            command.stdout(full.unwrap());
        }
    }
    command.stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    child.wait_with_output().unwrap().into()
}

/// Runs of every command that writes data to stdout, with exit codes of all sorts. None changes anything.
const RUNS: &[&[&str]] = &[
    &["--help"],
    &["validate"],
    &["validate", "--format", "json"],
    &["validate", "broken"],
    &["resolve", "goals"],
    &["fmt", "--check"],
    &["fmt", "--diff", "goals"],
    &["plan"],
    &["plan", "--detailed-exitcode"],
    &["plan", "--format", "json", "--detailed-exitcode"],
    &["plan", "--format", "html"],
    &["plan", "broken", "--format", "json"],
    &["show", "plan.json"],
    &["drift", "goals"],
    &["pull", "goals"],
    &["pull", "goals", "--format", "json"],
    &["status"],
    &["status", "--format", "csv"],
    &["uses", "Goal/a", "goals"],
    &["ids", "--kind", "Goal"],
    &["test", "scenarios"],
    &["test", "scenarios", "--format", "json"],
    &["visit", "goals"],
    &["launch", "list"],
    &["report"],
    &["export"],
    &["graph", "goals"],
    &["schema"],
    &["explain", "Goal"],
    &["ledger", "list"],
    &["doctor"],
    &["completion", "bash"],
    &["version"],
    &["help", "plan"],
    &["uses", "Goal/a", "goals"],
];

/// Commands without data on stdout, or whose data is that of a dialogue or needs an app.
const WITHOUT_DATA: [&str; 9] = [
    "apply", "init", "login", "logout", "lsp", "man", "prove", "sandbox", "undo",
];

#[test]
#[cfg(target_os = "linux")]
fn a_verdict_does_not_depend_on_who_reads() {
    let project = Project::new();
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let hosts = format!(
        "    hosts: {{ reporting: '{}' }}\n",
        project.account.base_url()
    );
    project.write("campaignctl.yaml", &(file + &hosts));
    project.write(
        "goals/a.yaml",
        &TWO.replace("displayName: A", "displayName:   A"),
    );
    project.run(&["apply", "--auto-approve", "goals"]).expect(0);
    let path = project.account.item_path(GOALS, "A");
    project.account.edit(&path, |body| {
        body["description"] = "from the console".into();
    });
    project.write(
        "goals/a.yaml",
        &TWO.replace("displayName: A", "displayName:   AA"),
    );
    project
        .run(&["plan", "goals", "--out", "plan.json"])
        .expect(0);
    project.write("scenarios/a.yaml", SCENARIO);
    let broken = project.path().join("broken");
    let mut codes = BTreeSet::new();
    for arguments in RUNS {
        let arguments: Vec<&str> = match arguments {
            ["plan" | "validate", rest @ ..] if !rest.contains(&"broken") => {
                [&arguments[..1], &["goals"], rest].concat()
            }
            arguments => arguments.to_vec(),
        };
        // A pull of some paths reads the other files, too.
        if arguments.contains(&"broken") {
            project.write("broken/x.yaml", "kind: Goal\nspec: [\n");
        } else if broken.exists() {
            std::fs::remove_dir_all(&broken).unwrap();
        }
        let code = run(&project, &arguments, Output::Read).code.unwrap();
        let closed = run(&project, &arguments, Output::Closed);
        assert_eq!(closed.code, Some(code), "{arguments:?}: {}", closed.stderr);
        let full = run(&project, &arguments, Output::Full);
        let wanted = if matches!(code, 0 | 2) { 1 } else { code };
        assert_eq!(full.code, Some(wanted), "{arguments:?}: {}", full.stderr);
        let said = "error: cannot write to stdout: No space left on device";
        assert_eq!(
            full.stderr.matches(said).count(),
            1,
            "{arguments:?}: {}",
            full.stderr
        );
        codes.insert(code);
    }
    assert_eq!(
        codes,
        BTreeSet::from([0, 2, 3]),
        "the runs end in different ways"
    );
}

#[test]
fn no_command_is_forgotten() {
    let tried = RUNS.iter().map(|arguments| arguments[0]);
    let tried: BTreeSet<&str> = tried.chain(WITHOUT_DATA).collect();
    for (command, _) in campaignctl::cli::help_texts() {
        if let Some(name) = command.split(' ').nth(1) {
            assert!(tried.contains(name), "`{name}` is in none of the lists");
        }
    }
}

#[test]
fn an_apply_that_failed_in_part_says_so_to_a_closed_pipe_too() {
    for output in [Output::Read, Output::Closed] {
        let project = Project::with(TWO);
        project.account.fault("POST */goals 400 x1");
        let run = run(&project, &["apply", "--auto-approve"], output);
        run.expect(8);
        assert_eq!(
            project.account.names(GOALS).len(),
            2,
            "the other goal beside the default one"
        );
    }
}

#[test]
#[cfg(target_os = "linux")]
fn an_apply_whose_plan_cannot_be_shown_writes_nothing() {
    let project = Project::with(TWO);
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    let before = project.account.writes();
    for arguments in [&["apply", "--auto-approve"][..], &["apply", "plan.json"]] {
        let arguments = [arguments, &["--json-into", "why.json"]].concat();
        let run = run(&project, &arguments, Output::Full).expect(1);
        assert!(
            run.stderr.contains("the plan could not be shown"),
            "{}",
            run.stderr
        );
        let why = std::fs::read_to_string(project.path().join("why.json")).unwrap();
        assert!(why.contains("the plan could not be shown"), "{why}");
    }
    assert_eq!(project.account.writes(), before);
    project.apply();
}

#[test]
#[cfg(target_os = "linux")]
fn json_is_written_to_its_file_whatever_becomes_of_stdout() {
    let project = Project::with(TWO);
    let whole = project.run(&["plan", "--format", "json"]).expect(0).stdout;
    for output in [Output::Closed, Output::Full] {
        for arguments in [
            &["plan", "--json-into", "data.json"][..],
            &["plan", "--format", "json", "--json-into", "data.json"],
        ] {
            let _ = run(&project, arguments, output);
            let data = std::fs::read_to_string(project.path().join("data.json")).unwrap();
            assert_eq!(data.lines().count(), whole.lines().count());
            project.remove("data.json");
        }
    }
}
