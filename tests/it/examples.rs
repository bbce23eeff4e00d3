//! The examples do what their pages say: valid ones apply and settle, invalid ones raise their code.
//!
//! `CAMPAIGNCTL_UPDATE=1 cargo test examples` writes the expected output beside the invalid examples anew.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use campaignctl::kinds::KindId;
use campaignctl::sandbox::{Sandbox, SandboxOptions, StorePlace};
use serde_json::Value;

use crate::program::{entries, examples_copy, package, run};

const VALID: [&str; 2] = ["examples/quickstart", "examples/retail"];
const INVALID: &str = "examples/invalid";

/// Codes without a file in the folder of invalid examples, each with the reason.
const WITHOUT_EXAMPLE: [(&str, &str); 30] = [
    ("file-not-found", "about a path, not about a file"),
    ("file-unreadable", "git keeps no file that nobody may read"),
    ("no-manifests", "about a run without any file"),
    ("ambiguous-binding", "needs an account to compare with"),
    ("ambiguous-live-reference", "needs an account to look in"),
    ("claimed-twice", "needs an account to compare with"),
    ("system-row", "needs an account to compare with"),
    ("live-name-alike", "needs an account to compare with"),
    ("live-name-taken", "needs an account to compare with"),
    ("condition-unseen", "needs an account to compare with"),
    ("condition-shape", "needs an account to compare with"),
    ("rename-unsaid", "needs a ledger to compare with"),
    ("selection-incomplete", "needs an account to compare with"),
    (
        "unconfirmed-word",
        "is about what an account does not hold yet",
    ),
    ("unknown-live-reference", "needs an account to look in"),
    ("nothing-to-keep", "needs an account to look in"),
    ("overlay-near-base", "needs an overlay folder"),
    ("overlay-patch", "needs an overlay folder"),
    ("overlay-without-base", "needs an overlay folder"),
    ("reference-by-id", "needs a project with several accounts"),
    ("unused-variable", "needs a project with variables"),
    ("variable-type", "needs a project with variables"),
    ("expired-waiver", "needs a project with a waiver"),
    ("scenario-failed", "`test` raises it, not `validate`"),
    ("scenario-undecided", "`test` raises it, not `validate`"),
    ("recipients-count", "is about a file of recipients"),
    ("recipients-column", "is about a file of recipients"),
    ("recipient-malformed", "is about a file of recipients"),
    ("recipient-missing", "is about a file of recipients"),
    ("recipient-twice", "is about a file of recipients"),
];

/// Codes of the project file. Its examples are folders, because a broken project file ends the run.
const OF_PROJECT: [&str; 4] = [
    "fixed-rule",
    "project-environment",
    "project-wave",
    "unknown-rule",
];

#[test]
fn the_valid_examples_raise_no_complaint() {
    for (folder, said) in VALID.into_iter().zip([
        "7 manifests in 4 files are valid.\n",
        "90 manifests in 23 files are valid.\n",
    ]) {
        let ran = run(package(), &["validate", folder, "--strict"]).expect(0);
        assert_eq!(ran.stdout, said);
    }
}

#[test]
fn the_retail_example_has_all_kinds() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for file in files(&package().join("examples/retail"), "yaml") {
        for line in read(&file).lines() {
            if let Some(kind) = line.strip_prefix("kind: ") {
                *counts.entry(kind.to_owned()).or_default() += 1;
            }
        }
    }
    assert_eq!(counts.len(), 13, "{counts:?}");
    assert!(counts.values().sum::<usize>() >= 60, "{counts:?}");
}

#[test]
fn every_manifest_of_the_retail_example_names_its_schema() {
    for file in files(&package().join("examples/retail"), "yaml") {
        let text = read(&file);
        let first = text.lines().next().unwrap_or_default();
        let path = first
            .strip_prefix("# yaml-language-server: $schema=")
            .unwrap_or_else(|| panic!("{} starts with `{first}`", file.display()));
        let schemas = file.parent().unwrap().join(path);
        let above = schemas.parent().unwrap().parent().unwrap();
        let above = above.canonicalize().unwrap();
        assert_eq!(
            above,
            package().canonicalize().unwrap(),
            "{}",
            file.display()
        );
    }
}

#[tokio::test]
async fn the_valid_examples_settle_and_leave_foreign_objects_alone() {
    for folder in VALID {
        let copy = examples_copy();
        let here = copy.path();
        run(here, &["plan", folder, "--detailed-exitcode"]).expect(2);
        let before = foreign_rows(&here.join(folder)).await;
        let applied = run(here, &["apply", folder, "--auto-approve"]).expect(0);
        assert!(
            applied.stdout.contains(" 0 failed, 0 skipped, 0 manual."),
            "{}",
            applied.stdout
        );
        let again = run(here, &["apply", folder, "--auto-approve"]).expect(0);
        assert_eq!(again.stdout, SETTLED);
        let plan = run(here, &["plan", folder, "--detailed-exitcode"]).expect(0);
        assert_eq!(plan.stdout, SETTLED);
        assert_eq!(foreign_rows(&here.join(folder)).await, before);
    }
}

const SETTLED: &str = "No changes. The account matches the manifests.\n";

/// The exported account brings itself about: on the account that it was read from, nothing changes.
#[test]
fn the_retail_example_survives_export() {
    let copy = examples_copy();
    let here = copy.path().join("examples/retail");
    let applied = run(&here, &["apply", "--auto-approve", "--full"]).expect(0);
    // Positions are as short as a person would write them.
    assert!(
        applied.stdout.contains("  goals/shop.yaml:3\n"),
        "{}",
        applied.stdout
    );
    // An export is not written beside manifests of the same objects.
    for kind in KindId::manifests() {
        let _ = std::fs::remove_dir_all(here.join(kind.def().plural));
    }
    for folder in ["audiences", "windows", "templates", "handoffs", "occasions"] {
        std::fs::remove_dir_all(here.join(folder)).unwrap();
    }
    run(&here, &["export", "--out", "exported"]).expect(0);
    let plan = run(&here, &["plan", "exported"]).expect(0);
    // What the console made is bound to its new manifests; nothing else is left to do.
    let summary = plan.stdout.lines().last().unwrap_or_default();
    assert_eq!(
        summary, "Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 5 to adopt, 0 manual.",
        "{}",
        plan.stdout
    );
}

/// Every object that the seed brought, as the platform serves it, by its address.
async fn foreign_rows(project: &Path) -> BTreeMap<String, Value> {
    let options = SandboxOptions {
        store: StorePlace::File(project.join(".campaignctl/sandbox.sqlite")),
        ..SandboxOptions::in_memory("10000001", Arc::new(|| jiff::Timestamp::UNIX_EPOCH))
    };
    let sandbox = Sandbox::start(options).await.unwrap();
    // Fails when another test was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = crate::support::client();
    let mut rows = BTreeMap::new();
    for path in addresses(&project.join("seed")) {
        let url = format!(
            "{}/api/account/10000001/configuration/{path}",
            sandbox.base_url()
        );
        let answer = client.get(url).bearer_auth("sandbox").send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        let mut body: Value = answer.json().await.unwrap();
        if let Value::Object(body) = &mut body {
            // What the platform computes anew for every reader.
            body.retain(|key, _| !key.ends_with("TimeInMinutes"));
        }
        rows.insert(path, body);
    }
    sandbox.shutdown().await;
    rows
}

fn addresses(seed: &Path) -> Vec<String> {
    let mut addresses = Vec::new();
    for file in entries(seed) {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        let (path, version) = match stem.as_str() {
            "skills" => ("le-users/skills", "2.0"),
            "lines-of-business" => ("le-users/lobs", "2.0"),
            "app-installations" => ("app-install/installations", "1.0"),
            "connectors" => ("le-connectors/connectors", "2.0"),
            "goals" => ("le-goals/goals", "3.0"),
            "entry-points" => ("le-targeting/onsite-locations", "3.0"),
            "engagement-windows" => ("engagement-window/window-confs", "2.0"),
            "campaigns" => ("le-campaigns/campaigns", "3.4"),
            "zones" => ("le-campaigns/zones", "3.4"),
            other => panic!("where is {other} served?"),
        };
        let bodies: Vec<Value> = serde_json::from_str(&read(&file)).unwrap();
        addresses.extend(bodies.iter().map(|body| {
            let id = &body["id"];
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            format!("{path}/{id}?v={version}")
        }));
    }
    addresses
}

#[test]
fn every_code_has_an_invalid_example() {
    let schemas = tempfile::tempdir().unwrap();
    run(schemas.path(), &["schema", "--write", "."]).expect(0);
    let codes: BTreeSet<String> = read(&schemas.path().join("diagnostics.md"))
        .lines()
        .filter_map(|line| Some(line.strip_prefix("## ")?.to_owned()))
        .collect();
    let examples = entries(&package().join(INVALID))
        .into_iter()
        .filter(|path| path.is_dir() || path.extension().is_some_and(|found| found == "yaml"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned());
    let without = WITHOUT_EXAMPLE.iter().map(|(code, _)| (*code).to_owned());
    let covered: Vec<String> = examples.chain(without).collect();
    let distinct: BTreeSet<String> = covered.iter().cloned().collect();
    assert_eq!(distinct.len(), covered.len(), "a code is listed twice");
    assert_eq!(distinct, codes);
}

#[test]
fn every_invalid_example_raises_its_code_alone() {
    let mut wrong = Vec::new();
    for file in files(&package().join(INVALID), "yaml") {
        let code = file.file_stem().unwrap().to_string_lossy().into_owned();
        let ran = run(package(), &["validate", &format!("{INVALID}/{code}.yaml")]);
        let raised: Vec<&str> = codes_of(&ran.stdout);
        assert_eq!(raised, [code.as_str()], "{}", ran.stdout);
        let is_error = ran.stdout.starts_with("error[");
        assert_eq!(ran.code, if is_error { 3 } else { 0 }, "{code}");
        compare(&file.with_extension("txt"), &ran.stdout, &mut wrong);
    }
    for code in OF_PROJECT {
        let folder = package().join(INVALID).join(code);
        let ran = run(&folder, &["validate"]).expect(3);
        assert_eq!(codes_of(&ran.stderr), [code], "{}", ran.stderr);
        compare(&folder.join("campaignctl.txt"), &ran.stderr, &mut wrong);
    }
    assert!(
        wrong.is_empty(),
        "`CAMPAIGNCTL_UPDATE=1 cargo test examples` accepts what the program says now:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_invalid_examples_are_told_all_at_once() {
    let ran = run(package(), &["validate", INVALID, "--format", "json"]).expect(3);
    let told: Value = serde_json::from_str(&ran.stdout).unwrap();
    let mut told: BTreeSet<String> = told["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let [code, file] = ["code", "file"].map(|key| one[key].as_str().unwrap());
            assert_eq!(file, format!("{INVALID}/{code}.yaml"));
            // A file that is no text has no lines.
            assert!(one["line"].is_u64() && one["column"].is_u64() || code == "file-not-utf8");
            code.to_owned()
        })
        .collect();
    let planted: BTreeSet<String> = files(&package().join(INVALID), "yaml")
        .iter()
        .map(|file| file.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    // While an engagement cannot be read, it cannot be said that a campaign has none.
    assert!(told.insert("campaign-published-empty".to_owned()));
    assert_eq!(told, planted);
}

/// Compares a text with a file, or writes the file when the tester wants to.
fn compare(file: &Path, said: &str, wrong: &mut Vec<String>) {
    let update = std::env::var_os("CAMPAIGNCTL_UPDATE").is_some();
    if update {
        std::fs::write(file, said).unwrap();
    } else if std::fs::read_to_string(file).ok().as_deref() != Some(said) {
        wrong.push(format!("{} is not:\n{said}", file.display()));
    }
}

fn codes_of(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| {
            let rest = line
                .strip_prefix("error[")
                .or_else(|| line.strip_prefix("warning["))?;
            rest.split_once("]: ").map(|(code, _)| code)
        })
        .collect()
}

/// The files below a folder with this extension, without project files and what runs left behind.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in entries(folder) {
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|this| this == extension)
            && path.file_name().unwrap() != "campaignctl.yaml"
        {
            found.push(path);
        }
    }
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
