//! The schemas beside a project: written by `init`, `export`, `pull` and `schema`, replaced by newer programs, and named
//! by every file as seen from its folder.

use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use serde_json::json;

use crate::program::{command, ran, run};
use crate::support::{AUDIENCES, GOALS, Project};

const SCHEMAS: &str = ".campaignctl/schemas";

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// A new project.
fn new() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["init", "--yes", "--name", "shop"]).expect(0);
    folder
}

/// Has the schemas of a project say that an older program wrote them.
fn age(folder: &Path) {
    std::fs::write(
        folder.join(SCHEMAS).join("README.md"),
        "Written by campaignctl 0.0.1.\n",
    )
    .unwrap();
    std::fs::write(folder.join(SCHEMAS).join("manifest.schema.json"), "{}").unwrap();
}

fn is_old(folder: &Path) -> bool {
    read(folder.join(SCHEMAS).join("manifest.schema.json")) == "{}"
}

/// The file that the first two lines of a manifest name.
fn named(file: &Path) -> PathBuf {
    let text = read(file);
    let mut lines = text.lines();
    let first = lines.next().unwrap();
    let path = first
        .strip_prefix("# yaml-language-server: $schema=")
        .unwrap_or_else(|| panic!("{text}"));
    assert_eq!(lines.next(), Some(format!("# $schema: {path}").as_str()));
    file.parent().unwrap().join(path).canonicalize().unwrap()
}

#[test]
fn what_the_lines_and_the_settings_name_is_there() {
    let folder = new();
    let root = folder.path().canonicalize().unwrap();
    let schema = |stem: &str| root.join(SCHEMAS).join(format!("{stem}.schema.json"));
    assert_eq!(named(&root.join("campaignctl.yaml")), schema("campaignctl"));
    for file in ["manifests/campaign.yaml", "manifests/library.yaml"] {
        assert_eq!(named(&root.join(file)), schema("manifest"));
    }
    let settings: serde_json::Value = read(root.join(".vscode/settings.json")).parse().unwrap();
    let mut paths: Vec<&str> = settings["yaml.schemas"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    paths.push(settings["json.schemas"][0]["url"].as_str().unwrap());
    for path in &paths {
        assert!(
            path.starts_with("./") && root.join(path).is_file(),
            "{path}"
        );
    }
    assert_eq!(paths.len(), 4);
    // They are a part of the project, as git sees it.
    let ignored = [".gitignore", ".campaignctl/.gitignore"].map(|file| read(root.join(file)));
    assert!(!ignored.concat().contains("schemas"), "{ignored:?}");
    // `fmt` leaves the lines as they are.
    run(&root, &["fmt"]).expect(0);
    assert_eq!(named(&root.join("campaignctl.yaml")), schema("campaignctl"));
    run(&root, &["schema", "--check"]).expect(0);
}

#[test]
fn an_export_names_the_schemas_of_the_project_around_it_or_brings_its_own() {
    let folder = new();
    let root = folder.path().canonicalize().unwrap();
    run(&root, &["apply", "--auto-approve"]).expect(0);
    let elsewhere = tempfile::tempdir().unwrap();
    let elsewhere = elsewhere.path().canonicalize().unwrap();
    for (out, owner) in [
        (root.join("backup/of/today"), &root),
        (elsewhere.clone(), &elsewhere),
    ] {
        let export = ["export", "Goal", "--out", out.to_str().unwrap()];
        run(&root, &export).expect(0);
        let schema = owner.join(SCHEMAS).join("manifest.schema.json");
        assert_eq!(named(&out.join("goals/checkout-done.yaml")), schema);
        assert_eq!(out.join(".vscode").exists(), out == elsewhere);
        assert_eq!(out.join(".campaignctl").exists(), out == elsewhere);
    }
    // Where the text will be is not known here.
    let stdout = run(&root, &["export", "Goal"]).expect(0).stdout;
    assert!(stdout.starts_with("apiVersion:"), "{stdout}");
}

#[test]
fn a_pulled_manifest_begins_as_its_neighbours_do_or_names_the_schemas() {
    let project = Project::new();
    let goal = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: a }\nspec:\n  indicator: { url: /a }\n";
    project.write("library/goals/a.yaml", goal);
    project.apply();
    let indicator = json!({ "url": "/x", "matchType": 0, "reachedCounter": 1 });
    let body = json!({ "name": "New", "type": 2, "indicatorType": 0, "indicatorValue": indicator });
    project.account.post(GOALS, &body);
    let body = json!({ "name": "Everybody", "conditions": [] });
    project.account.post(AUDIENCES, &body);
    project.run(&["pull", "Goal/New"]).expect(0);
    assert!(
        !project.path().join(SCHEMAS).exists(),
        "a dry run writes nothing"
    );
    project.run(&["pull", "Goal/New", "--write"]).expect(0);
    assert!(read(project.path().join("library/goals/new.yaml")).starts_with("apiVersion"));
    assert!(!project.path().join(SCHEMAS).exists(), "nothing names them");
    project
        .run(&["pull", "TargetAudience/Everybody", "--write"])
        .expect(0);
    let root = project.path().canonicalize().unwrap();
    assert_eq!(
        named(&root.join("target-audiences/everybody.yaml")),
        root.join(SCHEMAS).join("manifest.schema.json")
    );
}

#[test]
fn a_newer_program_replaces_them_where_people_write_and_says_so_once() {
    let folder = new();
    for (arguments, replaces) in [
        (&["validate"][..], true),
        (&["fmt"], true),
        (&["schema", "--write"], true),
        (&["init", "--yes"], true),
        (&["fmt", "--check"], false),
        (&["plan"], false),
        (&["schema", "Goal"], false),
    ] {
        age(folder.path());
        let told = run(folder.path(), arguments).expect(0);
        let said = format!("{}{}", told.stdout, told.stderr).contains("0.0.1");
        let quiet = arguments[0] == "schema";
        assert_eq!(!is_old(folder.path()), replaces, "{arguments:?}");
        assert_eq!(said, replaces && !quiet, "{arguments:?}: {told:?}");
        let again = run(folder.path(), arguments).expect(0);
        assert!(
            !replaces || !again.stderr.contains("0.0.1"),
            "{arguments:?}"
        );
    }
    age(folder.path());
    assert_snapshot!(run(folder.path(), &["validate"]).expect(0).stderr, @"note: the schemas in `.campaignctl/schemas` are now those of campaignctl 0.1.0 (they were of 0.0.1): commit them");
    age(folder.path());
    let in_a_pipeline = ran(command(folder.path(), &["validate"]).env("CI", "true")).expect(0);
    assert_eq!(in_a_pipeline.stderr, "");
    assert!(is_old(folder.path()), "a pipeline writes into no checkout");
}

#[test]
fn a_check_names_what_is_old_and_a_persons_files_stay() {
    let folder = new();
    let run = |arguments: &[&str]| run(folder.path(), arguments);
    age(folder.path());
    assert_snapshot!(run(&["schema", "--check"]).expect(1).stderr, @"
    error: not up to date in `.campaignctl/schemas`: manifest.schema.json, README.md
      = help: run `campaignctl schema --write`
    ");
    assert_snapshot!(run(&["schema", "--write"]).expect(0).stderr, @"The schemas for editors in `.campaignctl/schemas` are those of this version.");
    assert_snapshot!(run(&["schema", "--check"]).expect(0).stderr, @"The files in `.campaignctl/schemas` are up to date.");
    assert_snapshot!(run(&["schema", "--write", "--draft", "7"]).expect(3).stderr, @"
    error: the schemas beside a project are of draft 2020-12
      = help: name a folder for the others: `--write DIR`
    ");
    std::fs::write(folder.path().join(SCHEMAS).join("README.md"), "Mine.\n").unwrap();
    assert_snapshot!(run(&["schema", "--write"]).expect(1).stderr, @"
    error: `.campaignctl/schemas` has schemas that campaignctl did not write
      = help: move them elsewhere, and run it again
    ");
    assert_eq!(run(&["validate"]).expect(0).stderr, "");
    let newer = "Written by campaignctl 99.0.0.\n";
    std::fs::write(folder.path().join(SCHEMAS).join("README.md"), newer).unwrap();
    assert_snapshot!(run(&["schema", "--write"]).expect(0).stderr, @"note: kept `.campaignctl/schemas`: campaignctl 99.0.0, which is newer, wrote it");
    let init = run(&["init", "--yes"]).expect(0).stdout;
    assert_snapshot!(init.lines().last().unwrap(), @"kept    .campaignctl/schemas (written by campaignctl 99.0.0, which is newer)");
}
