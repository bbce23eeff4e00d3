//! A launch to as many recipients as the platform takes in a day, at the rate that it takes requests.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::figures::{at_most, exactly, figure};
use crate::process;
use crate::sandbox::Sandbox;

/// How many recipients a launch has at most.
const RECIPIENTS: u64 = 100_000;

/// How many a request has.
const BATCH: u64 = 100;

/// How many requests the platform takes in a second.
const RATE: u64 = 10;

/// The most memory that a send may take, in MiB.
const MEMORY: f64 = 150.0;

/// The most that may be lost, as a multiple of what the rate takes.
const LOST: f64 = 1.05;

const MANIFEST: &str = r#"apiVersion: campaignctl.dev/v1
kind: Launch
metadata: { name: orders }
spec:
  displayName: Orders on their way
  sender:
    proactive:
      handoff: { live: Order updates }
      skill: Orders
      recipients: { file: recipients.csv, consumer: customerId, variables: { "1": firstName } }
      consent: true
  maxRecipients: 100000
"#;

/// Prints the figures.
pub(crate) fn run() {
    let (served, project) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let skills = "environments: { sandbox: { skills: [Orders] } }\n";
    fs::write(served.path().join("campaignctl.yaml"), skills).unwrap();
    let sandbox = Sandbox::start(served.path());
    handoff(&sandbox);
    let url = &sandbox.base_url;
    let settings = format!(
        "environments:\n  bench:\n    account: \"10000001\"\n    domainApi: {url}\n    hosts: {{ proactive: '{url}' }}\n    \
         launches: allowed\n    rate: {RATE}\n    credentials: {{ clientId: {{ env: BENCH_CLIENT }}, clientSecret: {{ env: BENCH_CLIENT }} }}\n"
    );
    fs::write(project.path().join("campaignctl.yaml"), settings).unwrap();
    fs::write(project.path().join("orders.yaml"), MANIFEST).unwrap();
    fs::write(project.path().join("recipients.csv"), recipients()).unwrap();
    let command = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_campaignctl"));
        command
            .args(["--quiet", "-e", "bench"])
            .args(arguments)
            .env("BENCH_CLIENT", "sandbox")
            .current_dir(project.path());
        command
    };
    let plan = command(&["launch", "plan", "orders", "--out", "orders.json"]);
    let planned = process::run(&mut { plan }, Duration::from_millis(5));
    sandbox.forget_stats();
    let send = command(&["launch", "send", "orders.json", "--approved-by", "bench"]);
    let sent = process::run(&mut { send }, Duration::from_millis(50));
    counts(&sandbox);
    at_most(
        "launch: peak memory of the plan",
        MEMORY,
        planned.peak,
        "MiB",
    );
    at_most("launch: peak memory of the send", MEMORY, sent.peak, "MiB");
    figure("launch: CPU of the send", sent.cpu.as_secs_f64(), "s");
    let seconds = u32::try_from(RECIPIENTS / BATCH / RATE).unwrap();
    at_most(
        "launch: 100,000 recipients at 10 requests per second, to the time that the requests take at that rate",
        LOST,
        sent.wall.as_secs_f64() / f64::from(seconds),
        "x",
    );
}

/// What the sandbox counted: each recipient once, in full requests, at the rate.
fn counts(sandbox: &Sandbox) {
    let stats = sandbox.stats();
    let peak = stats["peakPerSecond"].as_u64().unwrap();
    assert!(peak <= RATE, "{peak} requests in a second");
    figure(
        "launch: most requests in a second",
        f64::from(u32::try_from(peak).unwrap()),
        "",
    );
    let sends = sandbox.get("/_sandbox/sends");
    let sends = sends.as_array().unwrap();
    exactly(
        "launch: requests that sent",
        RECIPIENTS / BATCH,
        sends.len() as u64,
    );
    let all = sends
        .iter()
        .flat_map(|send| send["consumers"].as_array().unwrap());
    let digests: Vec<&str> = all.map(|it| it.as_str().unwrap()).collect();
    let each: BTreeSet<&&str> = digests.iter().collect();
    exactly("launch: messages", RECIPIENTS, digests.len() as u64);
    exactly(
        "launch: recipients twice",
        0,
        (digests.len() - each.len()) as u64,
    );
}

fn handoff(sandbox: &Sandbox) {
    let body = json!({ "name": "Order updates", "lookbackPeriodDay": 2, "lookbackPeriodHour": 0, "channels": [{
        "type": "inapp", "appNames": ["com.example.shop"], "language": "en",
        "messageComponents": [{ "type": "text", "messageText": "Hi ${{1}}, your order is on its way",
            "notificationTitle": "Your order", "notificationMessage": "News", "isSameMessageForNotification": false,
            "variables": ["1"] }],
    }] });
    sandbox.post("/_sandbox/account/10000001/handoffs", &body);
}

fn recipients() -> String {
    let mut text = "customerId,firstName\n".to_owned();
    for number in 0..RECIPIENTS {
        let _ = writeln!(text, "consumer-{number},Name {number}"); // a string can be written to
    }
    text
}
