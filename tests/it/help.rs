//! What a person types who does not know the program: `help`, words of other tools, a Tab; and `undo`.

use std::path::Path;

use tempfile::TempDir;

use crate::program::{command, run};

/// A folder with one goal, and a project with two environments.
fn project() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    goal(&folder, "/paid");
    let project = "\
project: shop
environments:
  production: { account: '12345678', credentials: { bearer: { env: LP_TOKEN } } }
  staging: { account: '87654321', credentials: { bearer: { env: LP_TOKEN } } }
";
    std::fs::write(folder.path().join("campaignctl.yaml"), project).unwrap();
    folder
}

fn goal(folder: &TempDir, url: &str) {
    let text = format!(
        "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: paid, labels: {{ team: shop }} }}\n\
         spec: {{ displayName: Paid, indicator: {{ url: {url} }} }}\n"
    );
    std::fs::write(folder.path().join("goal.yaml"), text).unwrap();
}

/// What a shell is offered at the end of a command line.
pub(crate) fn offered(folder: &Path, line: &[&str]) -> Vec<String> {
    let words: Vec<&str> = [&["--", "campaignctl"], line].concat();
    let mut asking = command(folder, &words);
    asking
        .env("CAMPAIGNCTL_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", line.len().to_string())
        .env("_CLAP_IFS", "\n");
    let output = asking.output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn names_of_the_project_are_completed() {
    let folder = project();
    assert_eq!(
        offered(folder.path(), &["plan", "-e", ""]),
        ["production", "sandbox", "staging"]
    );
    assert_eq!(
        offered(folder.path(), &["plan", "--target", "Go"]),
        ["Goal/paid"]
    );
    assert_eq!(
        offered(folder.path(), &["ledger", "forget", "G"]),
        ["Goal/paid"]
    );
    assert_eq!(offered(folder.path(), &["pull", "Goal/"]), ["Goal/paid"]);
    assert_eq!(offered(folder.path(), &["uses", "Goal/"]), ["Goal/paid"]);
    assert_eq!(
        offered(folder.path(), &["graph", "--users", "G"]),
        ["Goal/paid"]
    );
    assert_eq!(
        offered(folder.path(), &["plan", "--selector", "team"]),
        ["team", "team=shop"]
    );
    // Bash parts words at the sign, and adds what it gets to what it has.
    assert_eq!(
        offered(folder.path(), &["plan", "-l", "team", "="]),
        ["shop"]
    );
    assert_eq!(
        offered(folder.path(), &["plan", "-l", "team", "=", "sh"]),
        ["shop"]
    );
    assert_eq!(
        offered(folder.path(), &["plan", "--environment", "=", "st"]),
        ["staging"]
    );
    assert_eq!(
        offered(folder.path(), &["explain", "mass-d"]),
        ["mass-delete"]
    );
    assert_eq!(
        offered(folder.path(), &["explain", "Campaign.schedule.s"]),
        ["Campaign.schedule.start"]
    );
    assert_eq!(offered(folder.path(), &["help", "pul"]), ["pull"]);
}

#[test]
fn a_project_that_cannot_be_read_completes_nothing_and_says_nothing() {
    let folder = project();
    std::fs::write(folder.path().join("campaignctl.yaml"), "project: [").unwrap();
    assert_eq!(offered(folder.path(), &["plan", "-e", ""]), ["sandbox"]);
    assert!(offered(folder.path(), &["plan", "--target", "Goal/"]).is_empty());
}

#[test]
fn help_knows_commands_and_topics() {
    let folder = tempfile::tempdir().unwrap();
    let said = |words: &[&str]| run(folder.path(), words).expect(0).stdout;
    assert_eq!(said(&["help"]), said(&["--help"]));
    assert!(said(&["help", "plan"]).starts_with(&said(&["plan", "--help"])));
    assert_eq!(
        said(&["help", "ledger", "bind"]),
        said(&["ledger", "bind", "--help"])
    );
    assert_eq!(
        said(&["help", "mass-delete"]),
        said(&["explain", "mass-delete"])
    );
    for flag in ["--allow-mass-delete", "--target", "--retry-budget"] {
        assert!(said(&["help", "options"]).contains(flag), "{flag}");
        assert!(!said(&["plan", "-h"]).contains(flag), "{flag}");
    }
    let failed = run(folder.path(), &["help", "aply"]).expect(3);
    insta::assert_snapshot!(failed.stderr, @r"
    error: there is no command or topic `aply`
      = help: did you mean `apply`?
    ");
}

#[test]
fn words_of_other_tools_lead_on() {
    let folder = tempfile::tempdir().unwrap();
    let said = |words: &[&str]| run(folder.path(), words).expect(3).stderr;
    insta::assert_snapshot!(said(&["destroy"]), @r"
    error: there is no command `destroy`
      = help: remove the manifests and `campaignctl apply`: what was created by them is deleted, and nothing else
    ");
    insta::assert_snapshot!(said(&["apply", "--dry-run=true"]), @r"
    error: there is no flag `--dry-run`
      = help: `campaignctl plan` shows what `apply` would do, and `pull` and `fmt --check` write nothing as they are
    ");
    insta::assert_snapshot!(said(&["apply", "-f", "campaigns"]), @r"
    error: there is no flag `-f`
      = help: files and folders need no flag: `campaignctl apply campaigns`
    ");
}

#[test]
fn diff_is_a_plan() {
    let folder = project();
    let said = |word| run(folder.path(), &[word]).expect(0).stdout;
    assert_eq!(said("diff"), said("plan"));
}

#[test]
fn the_last_apply_is_undone_after_it_was_shown() {
    let folder = project();
    let nothing = run(folder.path(), &["undo"]).expect(3);
    assert!(
        nothing
            .stderr
            .contains("there is nothing to undo on sandbox"),
        "{}",
        nothing.stderr
    );
    run(folder.path(), &["apply", "--auto-approve"]).expect(0);
    goal(&folder, "/thanks");
    run(folder.path(), &["apply", "--auto-approve"]).expect(0);
    let asked = run(folder.path(), &["undo"]).expect(3); // there is no terminal
    assert!(
        asked.stdout.contains("/thanks") && asked.stdout.contains("/paid"),
        "{}",
        asked.stdout
    );
    run(folder.path(), &["plan", "--detailed-exitcode"]).expect(0);
    run(folder.path(), &["undo", "--auto-approve"]).expect(0);
    goal(&folder, "/paid");
    run(folder.path(), &["plan", "--detailed-exitcode"]).expect(0);
    // What was undone is undone in the same way.
    run(folder.path(), &["undo", "--auto-approve"]).expect(0);
    goal(&folder, "/thanks");
    run(folder.path(), &["plan", "--detailed-exitcode"]).expect(0);
}
