//! `apply --prove`: what the platform says behind an apply, in the document of the apply.

use serde_json::{Value, json};

use crate::prove::{Setup, USUAL, two_cases};
use crate::support::{Project, assert_published_format};

const APPLY: &[&str] = &["apply", "--auto-approve", "--prove"];
const INTO: &[&str] = &["--json-into", "into.json"];

/// The document of an apply with proof: the same on stdout and in the file.
#[track_caller]
fn document(project: &Project, arguments: &[&str], code: i32) -> Value {
    let run = project.run(&[arguments, INTO, &["--format", "json"]].concat());
    let run = run.expect(code);
    let into = std::fs::read_to_string(project.path().join("into.json")).unwrap();
    assert_eq!(run.stdout, into);
    assert_published_format(&into);
    run.json()
}

/// The cases are in the document as `prove` writes them, beside the steps.
#[test]
fn the_document_of_an_apply_holds_its_proof() {
    let fails = Some(("Behavior", 13));
    for (fails, code, verdict) in [(None, 0, "passed"), (fails, 2, "failed")] {
        let project = Setup { fails, ..USUAL }.project();
        let first = document(&project, APPLY, code);
        assert_eq!(
            first["counts"]["applied"],
            first["steps"].as_array().unwrap().len()
        );
        assert_eq!(first["proof"]["format"], "campaignctl.proof/v1");
        assert_eq!(first["proof"]["cases"][0]["verdict"], verdict, "{first:#}");
        let again = document(&project, APPLY, code);
        let alone = project.run(&["prove", "--format", "json"]).expect(code);
        assert_eq!(again["proof"], alone.json());
        // People read both, and the file is for programs all the same.
        let text = project.run(&[APPLY, INTO].concat()).expect(code).stdout;
        assert!(
            text.starts_with("Proof on test") || text.contains("\nProof on test"),
            "{text}"
        );
        let into = std::fs::read_to_string(project.path().join("into.json")).unwrap();
        let into: Value = serde_json::from_str(&into).unwrap();
        assert_eq!(into["proof"], alone.json());
    }
    let project = USUAL.project();
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    let saved = document(&project, &["apply", "plan.json", "--prove"], 0);
    assert_eq!(saved["proof"]["cases"][0]["verdict"], "passed", "{saved:#}");
    let without = project.run(&["apply", "--auto-approve", "--format", "json"]);
    assert_eq!(without.expect(0).json().get("proof"), None);
}

/// An apply that was done is reported as done, on stdout and in the file, where the account cannot be asked, or only at first.
#[test]
fn a_proof_that_fails_takes_nothing_from_the_outcome() {
    let project = USUAL.project();
    project.account.fault("POST */engagement 401 x9");
    let found = document(&project, APPLY, 4);
    let steps = found["steps"].as_array().unwrap().len();
    assert!(steps > 4, "{found:#}");
    assert_eq!(found["counts"]["applied"], steps, "{found:#}");
    let proof = &found["proof"];
    assert_eq!(proof["format"], "campaignctl.error/v1", "{proof:#}");
    assert_eq!(proof["exit"], 4);
    assert!(proof["message"].is_string(), "{proof:#}");

    let project = USUAL.project();
    project.write("scenarios.yaml", &two_cases());
    project.account.fault("POST */engagement 401 x9 after 1");
    let found = document(&project, APPLY, 2);
    let cases = found["proof"]["cases"].as_array().unwrap().iter();
    let verdicts: Vec<_> = cases.map(|it| it["verdict"].clone()).collect();
    assert_eq!(verdicts, [json!("passed"), json!("failed")], "{found:#}");
}

/// A run that is asked to stop while it proves has done its apply, and says so.
#[cfg(unix)]
#[test]
fn a_proof_ends_when_the_run_is_asked_to_stop() {
    for format in ["json", "text"] {
        let project = USUAL.project();
        project.account.fault("POST */engagement delay 100s");
        let arguments = [APPLY, &["--format", format]].concat();
        let mut command = project.command(&arguments);
        let pipe = std::process::Stdio::piped;
        let child = command.stdout(pipe()).stderr(pipe()).spawn().unwrap();
        while project.account.get("/_sandbox/faults")[0]["struck"] == 0 {
            crate::support::rest();
        }
        let kill = std::process::Command::new("kill")
            .arg(child.id().to_string())
            .status();
        assert!(kill.unwrap().success());
        let run = crate::support::Run::from(child.wait_with_output().unwrap()).expect(1);
        let why = "the proof was interrupted; the apply is done";
        assert!(run.stderr.contains(why), "{}", run.stderr);
        if format == "text" {
            let read = &run.stdout;
            assert!(
                read.contains(" done, 0 failed, 0 skipped, 0 manual."),
                "{read}"
            );
            continue;
        }
        let found = run.json();
        assert!(found["counts"]["applied"].as_u64() > Some(4), "{found:#}");
        assert_eq!(found["proof"]["message"], why);
    }
}

/// A saved plan whose scenarios cannot be read is not written, where they are to prove it.
#[test]
fn a_saved_plan_is_not_applied_where_it_cannot_be_proved() {
    let project = USUAL.project();
    project.run(&["plan", "--out", "plan.json"]).expect(0);
    project.write("manifests.yaml", "kind: [");
    let before = project.account.writes();
    project.run(&["apply", "plan.json", "--prove"]).expect(3);
    assert_eq!(project.account.writes(), before);
}
