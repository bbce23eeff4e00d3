//! Runs against an account that throttles, fails and forgets, through the binary.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use campaignctl::sandbox::SandboxSettings;
use reqwest::Method;

use crate::support::{Account, NO_CHANGES, Project};

/// A project with so many goals, paced.
fn goals(count: usize, settings: &str) -> Project {
    goals_on(SandboxSettings::default(), count, settings)
}

fn goals_on(sandbox: SandboxSettings, count: usize, settings: &str) -> Project {
    let mut manifests = String::new();
    for n in 0..count {
        let _ = write!(
            manifests,
            "---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: goal-{n} }}\nspec: {{ indicator: {{ url: /thanks/{n} }} }}\n"
        );
    }
    let project = Project::on(Account::with(sandbox));
    project.write("manifests.yaml", &manifests);
    let file = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
    project.write("campaignctl.yaml", &format!("{file}{settings}"));
    project
}

/// Puts a fault in the place of those before; an empty one ends them.
fn strike(project: &Project, fault: &str) {
    let base = project.account.base_url();
    project.account.block_on(async {
        let client = crate::support::client();
        let url = format!("{base}/_sandbox/faults");
        let forget = client.request(Method::DELETE, &url).bearer_auth("sandbox");
        assert!(forget.send().await.unwrap().status().is_success());
        if fault.is_empty() {
            return;
        }
        let add = client.request(Method::POST, &url).bearer_auth("sandbox");
        let added = add.body(fault.to_owned()).send().await.unwrap();
        assert!(added.status().is_success(), "{fault}");
    });
}

fn count(project: &Project, key: &str) -> u64 {
    project.account.get("/_sandbox/stats")[key]
        .as_u64()
        .unwrap()
}

#[test]
fn with_every_third_request_throttled_nothing_fails_and_the_rate_is_kept() {
    let requests = |fault: Option<&str>| {
        let project = goals(40, "    rate: 40\n");
        if let Some(fault) = fault {
            strike(&project, fault);
        }
        let run = project.run(&["apply", "--auto-approve"]).expect(0);
        assert!(
            run.stdout.contains("Applied: 40 done, 0 failed"),
            "{}",
            run.stdout
        );
        let peak = count(&project, "peakPerSecond");
        assert!(peak <= 40, "{peak} in a second");
        let requests = count(&project, "requests");
        let stats = project.account.get("/_sandbox/stats");
        let twice = stats["creates"]["le-goals/goals"].as_object().unwrap();
        assert!(twice.values().all(|count| count == 1));
        let again = project.run(&["plan"]).expect(0);
        assert_eq!(again.stdout, NO_CHANGES);
        requests
    };
    // The look-up, the token, the lists of the plan, of the apply and of the check afterwards; 40 creates, and at most a list in
    // front of each: how many of them share one depends on which wait together.
    let most = 5 + 40 + 40;
    let quiet = requests(None);
    assert!(quiet <= most, "{quiet} requests");
    for fault in ["* * 429 every 3", "* * 429 retry-after 0 every 3"] {
        let busy = requests(Some(fault));
        assert!(
            busy <= most * 3 / 2 + 1,
            "{busy} requests, {quiet} without the fault"
        );
    }
}

#[test]
fn an_account_that_counts_strictly_never_has_to_throttle() {
    let strict = SandboxSettings {
        rate: NonZeroU32::new(30),
        ..SandboxSettings::default()
    };
    let project = goals_on(strict, 70, "    rate: 30\n");
    let run = project.run(&["apply", "--auto-approve"]).expect(0);
    assert!(run.stdout.contains("Applied: 70 done"), "{}", run.stdout);
    assert_eq!(count(&project, "throttled"), 0);
    assert_eq!(count(&project, "peakPerSecond"), 30);
    // A list for the plan, and at most one in front of each create: creates that wait together share one, which a test of lists
    // proves. How many wait together depends on how fast the computer is.
    let requests = count(&project, "requests");
    assert!((75..=145).contains(&requests), "{requests}");
}

#[test]
fn a_spent_budget_ends_with_what_was_done() {
    let project = goals(8, "    retryBudget: 5s\n");
    strike(&project, "POST */goals 429 retry-after 60 after 3");
    let run = project
        .run(&["apply", "--auto-approve", "--parallelism", "1"])
        .expect(8);
    assert!(
        run.stdout.contains("Applied: 3 done, 1 failed, 4 skipped"),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr
            .contains("The retry budget is spent. Apply again later"),
        "{}",
        run.stderr
    );
    strike(&project, "");
    let run = project.run(&["apply", "--auto-approve"]).expect(0);
    assert!(run.stdout.contains("Applied: 5 done"), "{}", run.stdout);

    strike(&project, "GET */goals 429 retry-after 60");
    let run = project.run(&["plan"]).expect(5);
    insta::assert_snapshot!(run.stderr, @"
    Plan for test, account 10000001
    error: cannot read the account: gave up: GET le-goals/goals: 429 Too Many Requests (a fault); the next try would wait 60 s, and the retry budget of 5 s has only 5 s left
      = help: try again later, wait longer with `--retry-budget`, or lower `rate` of the environment
    ");
    let run = project.run(&["plan", "--retry-budget", "1h30"]).expect(3);
    assert!(
        run.stderr.contains("it is not a time such as"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_log_tells_writes_with_v_and_every_request_with_vv() {
    let project = goals(1, "");
    strike(&project, "POST */goals 429 once");
    let run = project.run(&["apply", "--auto-approve", "-v"]).expect(0);
    let log = |stderr: &str| -> Vec<String> {
        let lines = stderr.lines().filter(|line| line.contains("/api/"));
        lines.map(without_times).collect()
    };
    insta::assert_snapshot!(log(&run.stderr).join("\n"), @r#"
    INFO POST /api/account/10000001/configuration/le-goals/goals status=429 ms=.. attempt=1 error="POST le-goals/goals: 429 Too Many Requests (a fault)"
    INFO waiting to try again: POST /api/account/10000001/configuration/le-goals/goals attempt=2 ms=..
    INFO POST /api/account/10000001/configuration/le-goals/goals status=201 ms=.. attempt=2 after="2"
    "#);
    let run = project.run(&["plan", "-vv"]).expect(0);
    insta::assert_snapshot!(log(&run.stderr).join("\n"), @r#"
    DEBUG GET /api/account/10000001/service/baseURI.json status=200 ms=.. attempt=1
    DEBUG POST /sentinel/api/v2/account/10000001/app/token status=200 ms=.. attempt=1
    DEBUG GET /api/account/10000001/configuration/le-goals/goals status=200 ms=.. attempt=1 after="2"
    "#);
}

/// A line of the log without what it measures.
fn without_times(line: &str) -> String {
    let words = line.split(' ');
    let words = words.map(|word| match word.split_once('=') {
        Some(("ms", _)) => "ms=..",
        _ => word,
    });
    words.collect::<Vec<_>>().join(" ")
}
