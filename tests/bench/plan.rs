//! `plan` of an account that matches its manifests: what the client costs, and how often it asks.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::account::Account;
use crate::figures::{at_most, exactly, figure, median};
use crate::manifests;
use crate::process::{self, Cost};
use crate::sandbox::Sandbox;

const RUNS: usize = 5;
const SMALL: usize = 1_000;
const LARGE: usize = 10_000;

/// The rows of a page of handoffs.
const PAGE: usize = 30;

/// The most requests of a plan of 10,000 objects that knows what it read before.
const WARM_REQUESTS: f64 = 19.0;

/// Prints the figures.
pub(crate) fn run() {
    let small = measure(SMALL);
    let large = measure(LARGE);
    at_most("plan: CPU, 10,000 objects", 2.0, large.cold.cpu, "s");
    figure("plan: CPU, 1,000 objects", small.cold.cpu, "s");
    let growth = large.cold.cpu / small.cold.cpu;
    at_most("plan: CPU, 10,000 to 1,000 objects", 12.0, growth, "x");
    figure("plan: time, 10,000 objects", large.cold.wall, "s");
    let peak = large.cold.peak;
    at_most("plan: peak memory, 10,000 objects", 300.0, peak, "MiB");
    at_most(
        "plan, warm: requests, 10,000 objects",
        WARM_REQUESTS,
        large.warm_requests,
        "",
    );
    figure("plan, warm: CPU, 10,000 objects", large.warm.cpu, "s");
    figure("plan, warm: CPU, 1,000 objects", small.warm.cpu, "s");
    figure(
        "plan, warm: peak memory, 10,000 objects",
        large.warm.peak,
        "MiB",
    );
}

/// What a plan costs that reads everything, and one that knows what was read before.
struct Measured {
    cold: Medians,
    warm: Medians,
    warm_requests: f64,
}

/// The figures in the middle of several runs.
struct Medians {
    cpu: f64,
    wall: f64,
    peak: f64,
}

fn measure(size: usize) -> Measured {
    let (served, project) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let manifests = manifests::generate(size);
    manifests::write(&project.path().join("manifests"), &manifests);
    Account::of(manifests).write_seed(&served.path().join("seed"));
    let sandbox_project = "environments:\n  sandbox: { seed: seed }\n";
    fs::write(served.path().join("campaignctl.yaml"), sandbox_project).unwrap();
    let sandbox = Sandbox::start(served.path());
    fs::write(
        project.path().join("campaignctl.yaml"),
        client_project(&sandbox),
    )
    .unwrap();

    // The first apply binds every object by its display name, and writes nothing to the account.
    campaignctl(project.path(), &["apply", "--auto-approve"]);
    assert_eq!(sandbox.stats()["writes"], 0, "adopting writes nothing");
    let cold = medians(|| {
        sandbox.forget_stats();
        let plan = ["plan", "--detailed-exitcode", "--no-cache"];
        let cost = campaignctl(project.path(), &plan);
        assert_eq!(
            sandbox.stats()["by"],
            expected_requests(size),
            "each request is made once"
        );
        cost
    });
    let requests = || sandbox.stats()["requests"].as_u64().unwrap();
    exactly(
        &format!("plan: requests, {size} objects"),
        total(&expected_requests(size)),
        requests(),
    );
    let plan = ["plan", "--detailed-exitcode"];
    campaignctl(project.path(), &plan); // what it reads is kept
    let warm = medians(|| {
        sandbox.forget_stats();
        campaignctl(project.path(), &plan)
    });
    let warm_requests = f64::from(u32::try_from(requests()).unwrap());
    sandbox.forget_stats();
    campaignctl(project.path(), &["apply", "--auto-approve"]);
    let writes = sandbox.stats()["writes"].as_u64().unwrap();
    exactly(
        &format!("plan: writes of an apply without changes, {size} objects"),
        0,
        writes,
    );
    Measured {
        cold,
        warm,
        warm_requests,
    }
}

/// Medians of several runs.
fn medians(run: impl FnMut() -> Cost) -> Medians {
    let costs: Vec<Cost> = std::iter::repeat_with(run).take(RUNS).collect();
    let middle = |figure: fn(&Cost) -> f64| median(costs.iter().map(figure).collect());
    Medians {
        cpu: middle(|cost| cost.cpu.as_secs_f64()),
        wall: middle(|cost| cost.wall.as_secs_f64()),
        peak: middle(|cost| cost.peak),
    }
}

/// A look-up and a sign-in, a list per collection that the manifests need, and an item per campaign,
/// whose list holds only summaries. Engagements come with their campaigns.
fn expected_requests(size: usize) -> Value {
    let pages = manifests::handoffs(size).div_ceil(PAGE) + 1;
    json!({
        "engagement-window/window-confs": { "GET": 1 },
        "handoffs": { "GET": pages },
        "le-campaigns/campaigns": { "GET": 1 + manifests::campaigns(size) },
        "le-goals/goals": { "GET": 1 },
        "le-targeting/onsite-locations": { "GET": 1 },
        "le-targeting/visitor-behaviors": { "GET": 1 },
        "le-targeting/visitor-profiles": { "GET": 1 },
        "le-users/skills": { "GET": 1 },
        "ac-common/specialoccasion": { "GET": 1 },
        "service": { "GET": 1 },
        "token": { "POST": 1 },
    })
}

fn total(requests: &Value) -> u64 {
    let methods = requests.as_object().unwrap().values();
    methods
        .flat_map(|counts| counts.as_object().unwrap().values())
        .filter_map(Value::as_u64)
        .sum()
}

fn client_project(sandbox: &Sandbox) -> String {
    let url = &sandbox.base_url;
    format!(
        "manifests: [manifests]\nenvironments:\n  bench:\n    account: \"10000001\"\n    domainApi: {url}\n    \
         credentials: {{ clientId: {{ env: BENCH_CLIENT }}, clientSecret: {{ env: BENCH_CLIENT }} }}\n"
    )
}

fn campaignctl(project: &Path, arguments: &[&str]) -> Cost {
    let mut command = Command::new(env!("CARGO_BIN_EXE_campaignctl"));
    command
        .args(arguments)
        .args(["--quiet", "-e", "bench"])
        .env("BENCH_CLIENT", "sandbox")
        .current_dir(project);
    process::run(&mut command, Duration::from_millis(2))
}
