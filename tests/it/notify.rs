//! Notifications, over HTTP to a receiver on this computer: what they say, and that they never get in the way.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;

use crate::support::{GOALS, Project, Run, assert_published_format, without_ids};

const GOAL: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { displayName: Something <bought>, indicator: { url: /thanks } }
";

/// What stands in every address of a webhook here.
const TOKEN: &str = "token-of-the-webhook";

/// A receiver that keeps what it is told.
struct Receiver {
    address: String,
    told: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    fn start(project: &Project, status: StatusCode) -> Self {
        let told: Arc<Mutex<Vec<Value>>> = Arc::default();
        let keep = move |State(told): State<Arc<Mutex<Vec<Value>>>>, body: String| async move {
            told.lock()
                .unwrap()
                .push(serde_json::from_str(&body).unwrap());
            status
        };
        let router = Router::new().fallback(keep).with_state(Arc::clone(&told));
        let address = project.account.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = format!("http://{}/{TOKEN}", listener.local_addr().unwrap());
            tokio::spawn(async move { axum::serve(listener, router).await });
            address
        });
        Self { address, told }
    }

    /// What it was told since it was asked last.
    fn told(&self) -> Vec<Value> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    /// The one thing that it was told, without what differs from run to run.
    #[track_caller]
    fn once(&self) -> String {
        let told = self.told();
        assert_eq!(told.len(), 1, "{told:#?}");
        let mut notice = told[0].clone();
        if notice["format"].is_string() {
            assert_published_format(&notice.to_string());
        }
        if let Some(plan) = notice.get_mut("plan") {
            *plan = "<plan>".into();
        }
        without_ids(&format!("{notice:#}"))
    }
}

/// Runs a command, in whose output nothing of the address may stand.
#[track_caller]
fn run(project: &Project, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = project.command(arguments);
    command.envs(variables.iter().copied());
    let run: Run = command.output().unwrap().into();
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains(TOKEN), "{text}");
    }
    run
}

const APPLY: &[&str] = &["apply", "--auto-approve"];

#[test]
fn what_was_applied_what_failed_and_what_drifted_is_told() {
    let project = Project::with(GOAL);
    let receiver = Receiver::start(&project, StatusCode::OK);
    let told = [
        ("CAMPAIGNCTL_NOTIFY", receiver.address.as_str()),
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_SERVER_URL", "https://github.com"),
        ("GITHUB_REPOSITORY", "brand/campaigns"),
        ("GITHUB_RUN_ID", "7"),
    ];
    run(&project, &["apply", "--auto-approve", "-vvv"], &told).expect(0);
    insta::assert_snapshot!(receiver.once(), @r#"
    {
      "format": "campaignctl.notice/v1",
      "event": "apply",
      "exit": 0,
      "title": "campaignctl: test (account 10000001) applied",
      "environment": "test",
      "account": "10000001",
      "plan": "<plan>",
      "summary": "Applied: 1 done, 0 failed, 0 skipped, 0 manual.",
      "objects": [
        {
          "action": "create",
          "object": "Goal/bought",
          "displayName": "Something <bought>"
        }
      ],
      "omitted": 0,
      "link": "https://github.com/brand/campaigns/actions/runs/7"
    }
    "#);
    // Nothing to do is nothing to tell.
    run(&project, APPLY, &told).expect(0);
    run(&project, &["drift"], &told).expect(0);
    assert!(receiver.told().is_empty());
    let path = project.account.item_path(GOALS, "Something <bought>");
    project
        .account
        .edit(&path, |goal| goal["description"] = "theirs".into());
    project.write(
        "manifests.yaml",
        &GOAL.replace("url: /thanks }", "url: /thanks }, description: ours"),
    );
    run(&project, APPLY, &told).expect(0);
    receiver.told();
    project
        .account
        .edit(&path, |goal| goal["description"] = "theirs".into());
    run(&project, &["drift"], &told[..1]).expect(2);
    insta::assert_snapshot!(receiver.once(), @r#"
    {
      "format": "campaignctl.notice/v1",
      "event": "drift",
      "exit": 2,
      "title": "campaignctl: test (account 10000001) has drifted",
      "environment": "test",
      "account": "10000001",
      "summary": "1 object is not as it was last applied.",
      "objects": [
        {
          "action": "changed",
          "object": "Goal/bought",
          "displayName": "Something <bought>",
          "problem": "description"
        }
      ],
      "omitted": 0
    }
    "#);
    project.account.fault("PUT */goals/* 400 once");
    run(&project, APPLY, &told[..1]).expect(1);
    insta::assert_snapshot!(receiver.once(), @r#"
    {
      "format": "campaignctl.notice/v1",
      "event": "failure",
      "exit": 1,
      "title": "campaignctl: test (account 10000001) was not wholly applied",
      "environment": "test",
      "account": "10000001",
      "plan": "<plan>",
      "summary": "Applied: 0 done, 1 failed, 0 skipped, 0 manual.",
      "objects": [
        {
          "action": "update",
          "object": "Goal/bought",
          "displayName": "Something <bought>",
          "problem": "refused: PUT le-goals/goals: 400 Bad Request (a fault)"
        }
      ],
      "omitted": 0
    }
    "#);
    project.account.fault("* * 403");
    run(&project, APPLY, &told[..1]).expect(4);
    insta::assert_snapshot!(receiver.once(), @r#"
    {
      "format": "campaignctl.notice/v1",
      "event": "failure",
      "exit": 4,
      "title": "campaignctl: test failed",
      "environment": "test",
      "summary": "cannot connect to test: not permitted: GET service look-up: 403 Forbidden (a fault)",
      "objects": [],
      "omitted": 0
    }
    "#);
}

#[test]
fn every_receiver_gets_its_own_words() {
    let project = Project::with(GOAL);
    let [slack, teams] = [0; 2].map(|_| Receiver::start(&project, StatusCode::OK));
    let addresses = [
        format!("slack:{}", slack.address),
        format!("teams:{}", teams.address),
    ];
    let [slack_address, teams_address] = &addresses;
    let arguments = [
        APPLY,
        &["--notify", slack_address, "--notify", teams_address],
    ];
    run(&project, &arguments.concat(), &[]).expect(0);
    let plan = |text: &str| {
        let (before, behind) = text.split_once("plan ").unwrap();
        format!("{before}plan <plan>,{}", behind.split_once(',').unwrap().1)
    };
    insta::assert_snapshot!(plan(&slack.once()), @r#"
    {
      "text": "campaignctl: test (account 10000001) applied",
      "blocks": [
        {
          "type": "section",
          "text": {
            "type": "mrkdwn",
            "text": "*campaignctl: test (account 10000001) applied*\nApplied: 1 done, 0 failed, 0 skipped, 0 manual."
          }
        },
        {
          "type": "section",
          "text": {
            "type": "mrkdwn",
            "text": "create Goal/bought \"Something &lt;bought&gt;\""
          }
        },
        {
          "type": "context",
          "elements": [
            {
              "type": "mrkdwn",
              "text": "plan <plan>, exit 0"
            }
          ]
        }
      ]
    }
    "#);
    insta::assert_snapshot!(plan(&teams.once()), @r#"
    {
      "type": "message",
      "attachments": [
        {
          "contentType": "application/vnd.microsoft.card.adaptive",
          "content": {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": [
              {
                "type": "TextBlock",
                "text": "campaignctl: test (account 10000001) applied",
                "wrap": true,
                "weight": "Bolder"
              },
              {
                "type": "TextBlock",
                "text": "Applied: 1 done, 0 failed, 0 skipped, 0 manual.",
                "wrap": true
              },
              {
                "type": "TextBlock",
                "text": "create Goal/bought \"Something <bought>\"",
                "wrap": true
              },
              {
                "type": "TextBlock",
                "text": "plan <plan>, exit 0",
                "wrap": true
              }
            ],
            "actions": []
          }
        }
      ]
    }
    "#);
}

#[test]
fn the_project_file_names_webhooks_by_reference_and_of_what_they_are_told() {
    let project = Project::with(GOAL);
    let receiver = Receiver::start(&project, StatusCode::OK);
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    let hooks = "    notify:\n    - { url: { env: FIRST }, on: [drift] }\n    - { url: { env: SECOND }, kind: slack, on: [apply] }\n    - url: { env: THIRD }\n";
    project.write("campaignctl.yaml", &format!("{file}{hooks}"));
    let variables = [
        ("FIRST", receiver.address.as_str()),
        ("SECOND", receiver.address.as_str()),
    ];
    let applied = run(&project, APPLY, &variables).expect(0);
    insta::assert_snapshot!(applied.stderr.lines().last().unwrap(), @"warning: `notify` 3 of test was not notified: the address of the webhook is missing: the environment variable `THIRD` is not set");
    let told = receiver.told();
    assert_eq!(told.len(), 1);
    assert!(told[0]["blocks"].is_array(), "{told:#?}");
    // An address that stands in the file is refused, and not repeated.
    let plain = format!("{file}    notify: [{{ url: {} }}]\n", receiver.address);
    project.write("campaignctl.yaml", &plain);
    let refused = run(&project, APPLY, &[]).expect(3);
    let why = "secrets must not be written in this file";
    assert!(refused.stderr.contains(why), "{}", refused.stderr);
}

#[test]
fn a_notification_that_fails_is_a_warning() {
    let project = Project::with(GOAL);
    let receiver = Receiver::start(&project, StatusCode::NOT_FOUND);
    let nobody = format!("http://127.0.0.1:9/{TOKEN}");
    let unsafe_one = format!("http://example.com/{TOKEN}");
    let broken = format!("slack:{TOKEN}");
    let mut arguments = APPLY.to_vec();
    for address in [&receiver.address, &nobody, &unsafe_one, &broken] {
        arguments.extend(["--notify", address]);
    }
    let run = run(&project, &arguments, &[]).expect(0);
    let warnings: Vec<_> = run
        .stderr
        .lines()
        .filter(|line| line.starts_with("warning"))
        .collect();
    insta::assert_snapshot!(warnings.join("\n"), @"
    warning: `--notify` 1 was not notified: it answered 404 Not Found
    warning: `--notify` 2 was not notified: it cannot be reached
    warning: `--notify` 3 was not notified: its address must be one of `https://`
    warning: `--notify` 4 was not notified: the given value is not an address
    ");
}
