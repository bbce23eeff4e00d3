//! `validate` in the formats of pipelines: paths as the repository knows them, and whole documents whatever fails.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::binary;

const GOAL: &str = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: sold }\nspec: { indicator: { uri: /sold } }\n";

/// A repository with a project below its top folder.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join(".git")).unwrap();
    std::fs::create_dir_all(folder.path().join("brand/goals")).unwrap();
    std::fs::write(folder.path().join("brand/goals/sold.yaml"), GOAL).unwrap();
    folder
}

/// Exit code and stdout of `validate` in a folder.
fn validate(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = binary(folder)
        .arg("validate")
        .args(arguments)
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), stdout)
}

#[test]
fn paths_are_those_of_the_repository() {
    let folder = repository();
    let (exit, text) = validate(&folder.path().join("brand"), &["--format", "github"]);
    assert_eq!(exit, 3);
    assert_snapshot!(text.lines().next().unwrap(), @"::error file=brand/goals/sold.yaml,line=4,endLine=4,col=22,endColumn=24,title=unknown-field::there is no field `uri` here%0Ahelp: did you mean `url`?");
    let (exit, text) = validate(
        &folder.path().join("brand/goals"),
        &["../goals", "--format", "sarif"],
    );
    assert_eq!(exit, 3);
    let log: Value = serde_json::from_str(&text).unwrap();
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "brand/goals/sold.yaml");
    let (_, text) = validate(folder.path(), &["brand", "--format", "code-quality"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report[0]["location"]["path"], "brand/goals/sold.yaml");
}

#[test]
fn manifests_without_a_complaint_are_a_document_too() {
    let folder = repository();
    let goal = GOAL.replace("uri", "url");
    std::fs::write(folder.path().join("brand/goals/sold.yaml"), goal).unwrap();
    let of = |format: &str| {
        let (exit, text) = validate(folder.path(), &["--format", format]);
        assert_eq!(exit, 0, "{format}");
        text
    };
    assert_snapshot!(of("github"), @"1 manifest in 1 file is valid.");
    assert_snapshot!(of("code-quality"), @"[]");
    assert_snapshot!(of("junit"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="campaignctl validate" tests="1" failures="0" errors="0">
      <testsuite name="campaignctl validate" tests="1" failures="0" errors="0">
        <testcase classname="campaignctl validate" name="brand/goals/sold.yaml" file="brand/goals/sold.yaml"/>
      </testsuite>
    </testsuites>
    "#);
    let log: Value = serde_json::from_str(&of("sarif")).unwrap();
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn complaints_about_the_project_file_are_in_the_report() {
    let folder = repository();
    let project = "project: brand\nrules: { no-such-code: warn }\n";
    std::fs::write(folder.path().join("brand/campaignctl.yaml"), project).unwrap();
    for format in ["github", "sarif", "junit", "code-quality"] {
        let (exit, text) = validate(folder.path(), &["brand", "--format", format]);
        assert_eq!(exit, 3, "{format}");
        assert!(text.contains("unknown-rule"), "{text}");
        assert!(text.contains("brand/campaignctl.yaml"), "{text}");
    }
}

#[test]
fn a_run_that_cannot_start_says_so_in_every_format() {
    let folder = repository();
    for format in ["github", "sarif", "junit", "code-quality"] {
        let arguments = ["--project", "nowhere", "--format", format];
        let (exit, text) = validate(folder.path(), &arguments);
        assert_eq!(exit, 3, "{format}");
        assert!(text.contains("there is no such folder"), "{format}: {text}");
    }
}

#[test]
fn other_commands_have_no_such_format() {
    let folder = repository();
    let output = binary(folder.path())
        .args(["plan", "--format", "sarif"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"
    error: invalid value 'sarif' for '--format <FORMAT>'
      [possible values: text, json, markdown, gitlab, html]

    For more information, try '--help'.
    ");
}
