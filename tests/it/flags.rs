//! What every command takes: the folder of the project, environment variables in place of flags; and the commands that
//! are about the program itself.

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{command, run};
use crate::support::{Project, Run};

const GOAL: &str =
    "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: a }\nspec: { type: purchase }\n";

/// A folder with one goal.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("goal.yaml"), GOAL).unwrap();
    folder
}

#[test]
fn a_project_can_be_named_from_anywhere() {
    let (project, elsewhere) = (folder(), tempfile::tempdir().unwrap());
    std::fs::write(project.path().join("campaignctl.yaml"), "project: a\n").unwrap();
    let name = project.path().to_str().unwrap();
    let here = elsewhere.path();
    let created =
        "Plan: 1 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.\n";
    let before = run(here, &["--project", name, "plan"]).expect(0);
    let behind = run(here, &["plan", "--project", name]).expect(0);
    assert!(before.stdout.ends_with(created), "{}", before.stdout);
    assert_eq!(before.stdout, behind.stdout);
    run(here, &["apply", "--auto-approve", "--project", name]).expect(0);
    let exported = run(here, &["export", "Goal", "--project", name]).expect(0);
    assert!(exported.stdout.contains("name: a\n"), "{}", exported.stdout);
    let mut list = command(here, &["ledger", "list"]);
    let output = list.env("CAMPAIGNCTL_PROJECT", name).output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(listed.contains("Goal/a"), "{listed}");
    let left = std::fs::read_dir(here).unwrap().count();
    assert_eq!(left, 0, "something was left in the current folder");
    run(here, &["plan", "--project", "nowhere"]).expect(3);
}

/// Above several projects, their manifests are one heap: the run says so, and how to choose one.
#[test]
fn a_folder_above_projects_names_them() {
    let above = tempfile::tempdir().unwrap();
    let goal = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: a }\nspec: { indicator: { url: /a } }\n";
    for name in ["harbor", "retail/shop"] {
        let folder = above.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("campaignctl.yaml"), "project: a\n").unwrap();
        std::fs::write(folder.join("goals.yaml"), goal).unwrap();
    }
    let note = "note: this folder has no `campaignctl.yaml`, and 2 projects below it: `harbor`, `retail/shop`. Their manifests are read as one project here\n  = help: `--project harbor` chooses one\n";
    for words in [&["validate"] as &[&str], &["plan"], &["uses", "Goal/a"]] {
        let ran = run(above.path(), words);
        assert!(ran.stderr.contains(note), "{words:?}: {}", ran.stderr);
        assert_eq!(ran.stderr.matches("note: this folder").count(), 1);
    }
    for words in [
        &["validate", "harbor"] as &[&str],
        &["validate", "--project", "harbor"],
    ] {
        let ran = run(above.path(), words).expect(0);
        assert!(!ran.stderr.contains("note:"), "{words:?}: {}", ran.stderr);
    }
    let quiet = run(&above.path().join("harbor"), &["validate"]).expect(0);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn a_folder_without_a_project_file_will_do() {
    let (project, elsewhere) = (folder(), tempfile::tempdir().unwrap());
    let name = project.path().to_str().unwrap();
    run(
        elsewhere.path(),
        &["apply", "--auto-approve", "--project", name],
    )
    .expect(0);
    assert!(
        project
            .path()
            .join(".campaignctl/ledger/sandbox.json")
            .exists()
    );
    let left = std::fs::read_dir(elsewhere.path()).unwrap().count();
    assert_eq!(left, 0, "something was left in the current folder");
}

#[test]
fn switches_can_be_set_by_environment_variables() {
    let folder = folder();
    for (value, code) in [
        ("1", 2),
        ("true", 2),
        ("yes", 2),
        ("0", 0),
        ("false", 0),
        ("", 0),
    ] {
        let mut plan = command(folder.path(), &["plan"]);
        let plan = plan.env("CAMPAIGNCTL_DETAILED_EXITCODE", value);
        let output = plan.output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{value}: {output:?}");
    }
}

#[test]
fn the_version_names_the_formats() {
    let folder = tempfile::tempdir().unwrap();
    let version = |arguments: &[&str]| run(folder.path(), arguments).expect(0).stdout;
    assert_eq!(version(&["version"]), version(&["--version"]));
    let formats: Value = serde_json::from_str(&version(&["version", "--format", "json"])).unwrap();
    assert_eq!(formats["plan"], campaignctl::plan::PLAN_FORMAT);
}

#[test]
fn every_shell_gets_a_script_that_asks_the_program() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(folder.path(), &["completion", shell]).expect(0).stdout;
        for word in ["CAMPAIGNCTL_COMPLETE", "campaignctl"] {
            assert!(script.contains(word), "{shell} lacks {word}");
        }
    }
}

/// A flag that nobody typed is not blamed alone: the variable that set it is named, in every later error.
#[test]
fn an_error_about_a_value_of_a_variable_names_the_variable() {
    let project = Project::with(GOAL);
    let git = |arguments: &[&str]| {
        let git = Command::new("git")
            .args(arguments)
            .current_dir(project.path())
            .output();
        assert!(git.unwrap().status.success());
    };
    git(&["init", "-q"]);
    let commit = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.com",
        "commit",
        "-qm",
        "one",
        "--allow-empty",
    ];
    git(&commit);
    for (variable, flag, value, code) in [
        ("ENVIRONMENT", "--environment", "nope", 3),
        ("PROJECT", "--project", "/nonexistent", 3),
        ("CHANGED_SINCE", "--changed-since", "nobranch", 3),
        ("TARGET", "--target", "Goal/zzz", 3),
        ("EXCLUDE", "--exclude", "Goal/zzz", 3),
        ("SELECTOR", "--selector", "a=b", 3),
        ("JSON_INTO", "--json-into", "/nonexistent/x", 1),
    ] {
        let variable = format!("CAMPAIGNCTL_{variable}");
        let note = format!("`{flag}` is set by the environment variable {variable}");
        let ran = |set: bool, format: &str| {
            let mut command = project.command(&["plan", "--format", format]);
            if set {
                command.env(&variable, value);
            } else {
                command.args([flag, value]);
            }
            Run::from(command.output().unwrap()).expect(code)
        };
        let from_variable = ran(true, "text").stderr;
        assert!(
            from_variable.contains(&format!("  = note: {note}\n")),
            "{from_variable}"
        );
        if code == 3 {
            let data: serde_json::Value = serde_json::from_str(&ran(true, "json").stdout).unwrap();
            assert!(data["help"].as_str().unwrap().ends_with(&note), "{data}");
        }
        let typed = ran(false, "text").stderr;
        assert!(!typed.contains("is set by"), "{typed}");
    }
}

/// Only a yes is a yes: nothing is approved, allowed or kept quiet by a word that nobody knows.
#[test]
fn a_flag_is_set_by_a_yes_or_a_no_alone() {
    let with = |variable: &str, value: &str, arguments: &[&str]| -> (Project, Run) {
        let project = Project::with(GOAL);
        let mut command = project.command(arguments);
        let ran = command.env(variable, value).output().unwrap();
        (project, ran.into())
    };
    let apply = &["apply", "--format", "json"];
    for value in ["never", "disabled", "nein", "2", " ", "yes please"] {
        let (project, ran) = with("CAMPAIGNCTL_AUTO_APPROVE", value, apply);
        assert_eq!(ran.code, Some(3), "{value}: {}", ran.stderr);
        assert!(
            ran.stderr.contains("CAMPAIGNCTL_AUTO_APPROVE"),
            "{value}: {}",
            ran.stderr
        );
        assert_eq!(project.account.writes(), 0, "{value}");
    }
    for (value, writes) in [
        ("no", 0),
        ("OFF", 0),
        ("0", 0),
        ("", 0),
        ("1", 1),
        ("Yes", 1),
    ] {
        let (project, ran) = with("CAMPAIGNCTL_AUTO_APPROVE", value, apply);
        assert_eq!(project.account.writes(), writes, "{value}: {}", ran.stderr);
        assert_eq!(ran.code == Some(0), writes == 1, "{value}: {}", ran.stderr);
    }
    let (_, ran) = with("CAMPAIGNCTL_QUIET", "zzz", &["plan"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(ran.stderr.contains("CAMPAIGNCTL_QUIET"), "{}", ran.stderr);
}
