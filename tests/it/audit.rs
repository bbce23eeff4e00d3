//! The audit log: a line before every write and one after it, on the disk, by the published schema.

use serde_json::Value;

use crate::selection::since::git;
use crate::support::{GOALS, Project, Run, assert_published_format, plain, without_ids};

const GOAL: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { displayName: Something bought, indicator: { url: /thanks } }
";

const LOG: &str = "audit.jsonl";

/// The lines of the log, each held to the published schema.
#[track_caller]
fn lines(project: &Project) -> Vec<Value> {
    let text = std::fs::read_to_string(project.path().join(LOG)).unwrap();
    let lines = text.lines().map(|line| {
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["format"], "campaignctl.audit/v1", "{line}");
        assert_published_format(line);
        value
    });
    lines.collect()
}

/// What differs from line to line, one line each.
#[track_caller]
fn told(project: &Project) -> String {
    let mut out = String::new();
    for line in lines(project) {
        let text = |key: &str| line[key].as_str().unwrap_or("-").to_owned();
        let request = &line["request"];
        let request = match (&request["method"], &request["path"]) {
            (Value::String(method), Value::String(path)) => format!("{method} {path}"),
            _ => "-".to_owned(),
        };
        let words = [
            text("outcome"),
            text("action"),
            format!("{}/{}", text("kind"), text("name")),
            text("remoteId"),
            request,
            format!("{} -> {}", text("revisionBefore"), text("revisionAfter")),
            text("reason"),
        ];
        out.push_str(&without_ids(&words.join(" | ")));
        out.push('\n');
    }
    out
}

fn audited(project: &Project, arguments: &[&str]) -> Run {
    project.run(&[arguments, &["--audit-log", LOG]].concat())
}

const APPLY: &[&str] = &["apply", "--auto-approve"];

#[test]
fn every_write_has_a_line_before_and_after() {
    let project = Project::with(GOAL);
    audited(&project, APPLY).expect(0);
    project.write("manifests.yaml", &GOAL.replace("/thanks", "/thank-you"));
    audited(&project, APPLY).expect(0);
    let other = GOAL.replace("bought", "read");
    project.write("manifests.yaml", &other);
    // One at a time, because a create and a delete that do not depend on each other run side by side.
    audited(&project, &[APPLY, &["--parallelism", "1"]].concat()).expect(0);
    insta::assert_snapshot!(told(&project), @"
    begun | create | Goal/bought | - | POST /api/account/10000001/configuration/le-goals/goals | - -> - | -
    applied | create | Goal/bought | <id> | POST /api/account/10000001/configuration/le-goals/goals | - -> 2 | -
    begun | update | Goal/bought | <id> | PUT /api/account/10000001/configuration/le-goals/goals/<id> | 2 -> - | -
    applied | update | Goal/bought | <id> | PUT /api/account/10000001/configuration/le-goals/goals/<id> | 2 -> 3 | -
    begun | create | Goal/read | - | POST /api/account/10000001/configuration/le-goals/goals | - -> - | -
    applied | create | Goal/read | <id> | POST /api/account/10000001/configuration/le-goals/goals | - -> 4 | -
    begun | delete | Goal/bought | <id> | DELETE /api/account/10000001/configuration/le-goals/goals/<id> | 4 -> - | -
    applied | delete | Goal/bought | <id> | DELETE /api/account/10000001/configuration/le-goals/goals/<id> | 4 -> - | -
    ");
    let lines = lines(&project);
    let pair = |line: &Value| {
        [
            line["run"].clone(),
            line["plan"].clone(),
            line["step"].clone(),
        ]
    };
    assert_eq!(pair(&lines[0]), pair(&lines[1]));
    assert_ne!(pair(&lines[1]), pair(&lines[2]));
    let mut line = lines[3].clone();
    for key in ["time", "run", "plan", "who"] {
        assert!(line[key].is_string());
        line[key] = format!("<{key}>").into();
    }
    insta::assert_snapshot!(without_ids(&format!("{line:#}")), @r#"
    {
      "format": "campaignctl.audit/v1",
      "time": "<time>",
      "run": "<run>",
      "who": "<who>",
      "toolVersion": "0.1.0",
      "environment": "test",
      "account": "10000001",
      "plan": "<plan>",
      "step": 0,
      "action": "update",
      "kind": "Goal",
      "name": "bought",
      "displayName": "Something bought",
      "remoteId": "<id>",
      "request": {
        "method": "PUT",
        "path": "/api/account/10000001/configuration/le-goals/goals/<id>"
      },
      "revisionBefore": "2",
      "revisionAfter": "3",
      "fields": [
        {
          "pointer": "/spec/indicator/url",
          "before": "/thanks",
          "after": "/thank-you"
        }
      ],
      "outcome": "applied"
    }
    "#);
}

#[test]
fn what_failed_and_what_was_lost_and_found_is_told() {
    let project = Project::with(GOAL);
    project.account.fault("POST */goals lost after-commit once");
    audited(&project, APPLY).expect(0);
    project.write("manifests.yaml", &GOAL.replace("/thanks", "/thank-you"));
    project.account.fault("PUT */goals/* 400 once");
    audited(&project, APPLY).expect(1);
    insta::assert_snapshot!(told(&project), @"
    begun | create | Goal/bought | - | POST /api/account/10000001/configuration/le-goals/goals | - -> - | -
    found | create | Goal/bought | <id> | POST /api/account/10000001/configuration/le-goals/goals | - -> 2 | -
    begun | update | Goal/bought | <id> | PUT /api/account/10000001/configuration/le-goals/goals/<id> | 2 -> - | -
    failed | update | Goal/bought | <id> | PUT /api/account/10000001/configuration/le-goals/goals/<id> | 2 -> - | refused: PUT le-goals/goals: 400 Bad Request (a fault)
    ");
}

#[test]
fn a_rollback_is_recorded_like_every_plan() {
    let project = Project::with(GOAL);
    audited(&project, APPLY).expect(0);
    let rollback = ".campaignctl/ledger/test.rollback.plan.json";
    audited(&project, &["apply", rollback]).expect(0);
    insta::assert_snapshot!(told(&project), @"
    begun | create | Goal/bought | - | POST /api/account/10000001/configuration/le-goals/goals | - -> - | -
    applied | create | Goal/bought | <id> | POST /api/account/10000001/configuration/le-goals/goals | - -> 2 | -
    begun | delete | Goal/bought | <id> | DELETE /api/account/10000001/configuration/le-goals/goals/<id> | 2 -> - | -
    applied | delete | Goal/bought | <id> | DELETE /api/account/10000001/configuration/le-goals/goals/<id> | 2 -> - | -
    ");
}

#[test]
fn a_log_that_cannot_be_opened_stops_everything() {
    let project = Project::with(GOAL);
    let before = project.account.writes();
    let run = project.run(&["apply", "--auto-approve", "--audit-log", "no/such/folder"]);
    insta::assert_snapshot!(run.expect(1).stderr, @"
    error: cannot open the audit log `no/such/folder`: No such file or directory (os error 2)
      = help: nothing is written to the account without a line in the audit log
    ");
    assert_eq!(project.account.writes(), before);
    // Nor is the ledger locked.
    audited(&project, APPLY).expect(0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_line_that_cannot_be_written_stops_every_write() {
    let second = GOAL.replace("bought", "read");
    let project = Project::with(&format!("{GOAL}---\n{second}"));
    let before = project.account.writes();
    let run = project.run(&[
        "apply",
        "--auto-approve",
        "--parallelism",
        "1",
        "--audit-log",
        "/dev/full",
    ]);
    insta::assert_snapshot!(run.expect(1).stdout, @r#"
      + create Goal/bought "Something bought"  manifests.yaml:1
          displayName: Something bought
          indicator.url: /thanks

      + create Goal/read "Something read"  manifests.yaml:6
          displayName: Something read
          indicator.url: /thanks

    Plan: 2 to create, 0 to update, 0 to replace, 0 to delete, 0 to adopt, 0 manual.
    failed to create Goal/bought: cannot write the audit log `/dev/full`: No space left on device (os error 28)
    skipped Goal/read, not created: cannot write the audit log `/dev/full`: No space left on device (os error 28)
    Applied: 0 done, 1 failed, 1 skipped, 0 manual.
    "#);
    assert_eq!(project.account.writes(), before);
    audited(&project, APPLY).expect(0);
}

#[test]
fn a_killed_run_leaves_the_line_of_its_write_and_the_next_one_ends_it() {
    let project = Project::with(GOAL);
    audited(&project, APPLY).expect(0);
    project.write("manifests.yaml", &GOAL.replace("/thanks", "/thank-you"));
    kill_in_the_middle(&project, "PUT * delay 60s", &|| {
        let faults = project.account.handle().faults();
        faults.iter().any(|fault| fault.struck > 0)
    });
    std::fs::write(project.path().join(LOG), {
        let text = std::fs::read_to_string(project.path().join(LOG)).unwrap();
        text.trim_end().to_owned() // as if torn
    })
    .unwrap();
    audited(&project, APPLY).expect(0);
    insta::assert_snapshot!(told(&project), @"
    begun | create | Goal/bought | - | POST /api/account/10000001/configuration/le-goals/goals | - -> - | -
    applied | create | Goal/bought | <id> | POST /api/account/10000001/configuration/le-goals/goals | - -> 2 | -
    begun | update | Goal/bought | <id> | PUT /api/account/10000001/configuration/le-goals/goals/<id> | 2 -> - | -
    unknown | update | Goal/bought | <id> | - | - -> - | the run died; the next plan shows the state of the object
    begun | update | Goal/bought | <id> | PUT /api/account/10000001/configuration/le-goals/goals/<id> | 2 -> - | -
    applied | update | Goal/bought | <id> | PUT /api/account/10000001/configuration/le-goals/goals/<id> | 2 -> 3 | -
    ");
}

#[test]
fn a_create_of_a_killed_run_is_found() {
    let project = Project::with(GOAL);
    kill_in_the_middle(&project, "POST */goals delay 60s after-commit", &|| {
        project.account.row(GOALS, "Something bought").is_some()
    });
    audited(&project, APPLY).expect(0);
    insta::assert_snapshot!(told(&project), @"
    begun | create | Goal/bought | - | POST /api/account/10000001/configuration/le-goals/goals | - -> - | -
    found | create | Goal/bought | <id> | - | - -> - | -
    ");
}

/// Kills an apply as soon as it came so far, while the account holds its answer back.
fn kill_in_the_middle(project: &Project, fault: &str, is_there: &dyn Fn() -> bool) {
    project.account.fault(fault);
    let mut apply = project.command(&[APPLY, &["--audit-log", LOG]].concat());
    let mut apply = apply.spawn().unwrap();
    while !is_there() {
        assert!(apply.try_wait().unwrap().is_none(), "it ended by itself");
        crate::support::rest();
    }
    apply.kill().unwrap();
    apply.wait().unwrap();
    project.account.handle().clear_faults();
}

#[test]
fn what_people_do_to_the_ledger_is_recorded() {
    let project = Project::with(GOAL);
    audited(&project, APPLY).expect(0);
    let made = project.account.row(GOALS, "Something bought").unwrap();
    let id = plain(&made["id"]);
    audited(&project, &["ledger", "forget", "Goal/bought"]).expect(0);
    audited(&project, &["ledger", "forget", "Goal/bought"]).expect(3);
    audited(&project, &["ledger", "bind", "Goal/bought", &id]).expect(0);
    audited(&project, &["ledger", "forget", "Goal/bought"]).expect(0);
    audited(&project, APPLY).expect(0);
    insta::assert_snapshot!(told(&project), @"
    begun | create | Goal/bought | - | POST /api/account/10000001/configuration/le-goals/goals | - -> - | -
    applied | create | Goal/bought | <id> | POST /api/account/10000001/configuration/le-goals/goals | - -> 2 | -
    begun | forget | Goal/bought | <id> | - | - -> - | -
    applied | forget | Goal/bought | <id> | - | - -> - | -
    begun | bind | Goal/bought | <id> | - | - -> - | -
    applied | bind | Goal/bought | <id> | - | - -> - | -
    begun | forget | Goal/bought | <id> | - | - -> - | -
    applied | forget | Goal/bought | <id> | - | - -> - | -
    applied | adopt | Goal/bought | <id> | - | - -> - | -
    ");
}

#[test]
fn the_project_file_names_the_log_and_the_lines_name_commit_and_pipeline() {
    let project = Project::with(GOAL);
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    project.write("campaignctl.yaml", &format!("{file}    auditLog: {LOG}\n"));
    let git = |arguments: &[&str]| git(project.path(), arguments);
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "first"]);
    let apply = || {
        let mut command = project.command(APPLY);
        command.env("PATH", env!("PATH"));
        command.env("HOSTNAME", "build-7");
        command.env("GITHUB_ACTIONS", "true");
        command.env("GITHUB_ACTOR", "ann");
        Run::from(command.output().unwrap()).expect(0);
    };
    apply();
    project.write("manifests.yaml", &GOAL.replace("/thanks", "/thank-you"));
    apply();
    let lines = lines(&project);
    let commit = git(&["rev-parse", "HEAD"]);
    for (line, dirty) in [(&lines[1], false), (&lines[3], true)] {
        assert_eq!(line["commit"]["id"], commit.trim());
        assert_eq!(line["commit"]["dirty"], dirty);
        assert_eq!(line["actor"]["name"], "ann");
        assert_eq!(line["actor"]["system"], "GitHub Actions");
        let who = line["who"].as_str().unwrap();
        assert!(who.starts_with("tester@build-7 (process "), "{who}");
    }
}
