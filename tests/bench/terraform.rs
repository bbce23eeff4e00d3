//! `terraform plan` of as many objects, beside ours: a state that matches, no provider but the built-in one, no network.
//!
//! It is no race of equals. Its objects are of `terraform_data`, which is read from nowhere, and all of them stand in one file; ours are read
//! from an account and parsed from a file each.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::figures::{figure, missing};
use crate::plan::Medians;
use crate::process;

/// Prints the figures, or that there is no terraform.
pub(crate) fn run(objects: usize, ours: &Medians) {
    let what = "terraform plan of 10,000 objects of `terraform_data`";
    if let Err(error) = Command::new("terraform")
        .arg("version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
    {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        missing(what, "terraform is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: String| fs::write(folder.path().join(file), text).unwrap();
    write("main.tf", configuration(objects));
    // An apply of as many takes many minutes, so the state is written as one would have left it.
    write("terraform.tfstate", state(objects));
    let run = |arguments: &[&str]| {
        let mut command = terraform(folder.path(), arguments);
        process::run(&mut command, Duration::from_millis(10))
    };
    run(&["init", "-input=false"]);
    let theirs = run(&["plan", "-input=false", "-detailed-exitcode"]);
    let cpu = theirs.cpu.as_secs_f64();
    figure(&format!("{what}: CPU"), cpu, "s");
    figure(&format!("{what}: time"), theirs.wall.as_secs_f64(), "s");
    figure(&format!("{what}: peak memory"), theirs.peak, "MiB");
    figure("plan, warm: CPU of terraform to ours", cpu / ours.cpu, "x");
}

fn terraform(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("terraform");
    command
        .args(arguments)
        .stderr(Stdio::null())
        .env("CHECKPOINT_DISABLE", "1") // it asks nobody for news
        .current_dir(folder);
    command
}

/// A text of about a kilobyte, as a manifest of ours has.
fn about() -> String {
    "Agreed with the retail team in the quarterly review. ".repeat(14)
}

fn configuration(objects: usize) -> String {
    let about = about();
    let object = |index: usize| {
        format!(
            "resource \"terraform_data\" \"object_{index}\" {{\n  input = {{\n    displayName = \"Object {index}\"\n    description = \"{about}\"\n    \
             weight = {index}\n  }}\n}}\n"
        )
    };
    (0..objects).map(object).collect()
}

/// What an apply of the configuration leaves.
fn state(objects: usize) -> String {
    let about = about();
    let object = |index: usize| {
        let held = json!({
            "value": { "displayName": format!("Object {index}"), "description": about, "weight": index },
            "type": ["object", { "displayName": "string", "description": "string", "weight": "number" }],
        });
        let id = format!("00000000-0000-4000-8000-{index:012}");
        json!({
            "mode": "managed", "type": "terraform_data", "name": format!("object_{index}"),
            "provider": "provider[\"terraform.io/builtin/terraform\"]",
            "instances": [{
                "schema_version": 0, "sensitive_attributes": [],
                "attributes": { "id": id, "input": held, "output": held, "triggers_replace": null },
            }],
        })
    };
    let resources: Vec<Value> = (0..objects).map(object).collect();
    let state = json!({
        "version": 4, "terraform_version": "1.0.0", "serial": 1, "lineage": "00000000-0000-4000-8000-000000000000",
        "outputs": {}, "resources": resources, "check_results": null,
    });
    state.to_string()
}
