//! `apply` at a set rate: how close it comes to the time that the rate alone would take.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::figures::{at_most, exactly, figure};
use crate::process;
use crate::sandbox::Sandbox;

/// How many objects are created.
const CREATES: u32 = 1_000;

/// The most that may be lost, as a multiple of what the rate takes.
const LOST: f64 = 1.05;

/// Requests around the creates: look-up, sign-in, and the collection before, at the first create and after them.
const AROUND: u64 = 5;

/// The age in seconds at which the list that shows absence is read again.
const RELIST: u32 = 30;

/// Prints the figures at the rate that an account has unless it is set.
pub(crate) fn run() {
    measure(10);
}

/// The same at ten times the rate, in a tenth of the time.
pub(crate) fn run_quickly() {
    measure(100);
}

fn measure(rate: u32) {
    let (served, project) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let sandbox = Sandbox::start(served.path());
    let url = &sandbox.base_url;
    let settings = format!(
        "environments:\n  bench:\n    account: \"10000001\"\n    domainApi: {url}\n    rate: {rate}\n    \
         credentials: {{ clientId: {{ env: BENCH_CLIENT }}, clientSecret: {{ env: BENCH_CLIENT }} }}\n"
    );
    fs::write(project.path().join("campaignctl.yaml"), settings).unwrap();
    fs::write(project.path().join("goals.yaml"), goals()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_campaignctl"));
    command
        .args(["apply", "--auto-approve", "--quiet", "-e", "bench"])
        .env("BENCH_CLIENT", "sandbox")
        .current_dir(project.path());
    let cost = process::run(&mut command, Duration::from_millis(50));

    let stats = sandbox.stats();
    let count = |key: &str| stats[key].as_u64().unwrap();
    exactly("rate: creates", u64::from(CREATES), count("commits"));
    let peak = count("peakPerSecond");
    assert!(
        peak <= u64::from(rate),
        "{peak} requests in a second at a rate of {rate}"
    );
    let needed = count("requests");
    let rests = u64::from(CREATES / rate / RELIST); // one list more whenever the last one is too old
    assert!(
        needed <= u64::from(CREATES) + AROUND + rests,
        "{needed} requests for {CREATES} creates"
    );
    figure(
        &format!("rate: requests for {CREATES} creates at {rate} per second"),
        f64::from(u32::try_from(needed).unwrap_or(u32::MAX)),
        "",
    );
    at_most(
        &format!(
            "rate: {CREATES} creates at {rate} per second, to the time that the requests take at that rate"
        ),
        LOST,
        cost.wall.as_secs_f64() * f64::from(rate)
            / f64::from(u32::try_from(needed).unwrap_or(u32::MAX)),
        "x",
    );
}

fn goals() -> String {
    let mut manifests = String::new();
    for n in 0..CREATES {
        let manifest = format!(
            "---\napiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: goal-{n} }}\nspec: {{ indicator: {{ url: /thanks/{n} }} }}\n"
        );
        let _ = manifests.write_str(&manifest); // a string can be written to
    }
    manifests
}
