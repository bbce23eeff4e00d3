//! `plan` of an account that matches its manifests: what the client costs, and how often it asks.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::account::Account;
use crate::figures::{at_most, exactly, figure, median};
use crate::process::{self, Cost};
use crate::sandbox::Sandbox;
use crate::validate::bare_parse;
use crate::{manifests, terraform};

const RUNS: usize = 5;
const SMALL: usize = 1_000;
const LARGE: usize = 10_000;
const HUGE: usize = 100_000;

/// The rows of a page of handoffs, and of those behind two full ones.
const PAGE: usize = 30;
const LONG_PAGE: usize = 1000;

/// The most requests of a plan that knows what it read before, or whose list holds whole campaigns.
const FEW_REQUESTS: f64 = 19.0;

/// The list of campaigns holds summaries, so that each of them is read on its own.
const SUMMARIES: &[&str] = &["whole-list=summary"];

/// The list of campaigns holds whole campaigns, as the sandbox has it.
const WHOLE: &[&str] = &[];

/// A plan, as pipelines run it: it fails where there is a difference.
const PLAN: &[&str] = &["plan", "--detailed-exitcode"];
const PLAN_ANEW: &[&str] = &["plan", "--detailed-exitcode", "--no-cache"];

/// A plan that finds a difference.
const PLAN_OF_AN_EDIT: &[&str] = &["plan"];

/// Prints the figures.
pub(crate) fn run() {
    let small = Figures::of(&Bed::new(SMALL, SUMMARIES));
    let large_bed = Bed::new(LARGE, SUMMARIES);
    let large = Figures::of(&large_bed);
    figure("plan: bare parse into JSON values", large.bare, "s");
    show("plan, cold", &small.cold, &large.cold, 4.0, large.bare);
    at_most("plan, cold: peak memory", 300.0, large.cold.peak, "MiB");
    show("plan, warm", &small.warm, &large.warm, 2.2, large.bare);
    at_most("plan, warm: requests", FEW_REQUESTS, large.requests, "");
    at_most("plan, warm: peak memory", 100.0, large.warm.peak, "MiB");
    at_most(
        "plan, warm, one object edited: CPU to that of the no-op",
        1.05,
        large_bed.edited().cpu / large.warm.cpu,
        "x",
    );
    drop(large_bed);
    whole_lists();
    terraform::run(LARGE, &large.warm);
}

/// Prints the figures of a hundred thousand objects, which need some minutes and gigabytes.
pub(crate) fn run_huge() {
    let large = Bed::new(LARGE, WHOLE).warm();
    let bed = Bed::new(HUGE, WHOLE);
    let huge = bed.warm();
    figure("plan, warm, 100,000 objects: CPU", huge.cpu, "s");
    at_most(
        "plan, warm: CPU, 100,000 to 10,000 objects",
        11.0,
        huge.cpu / large.cpu,
        "x",
    );
    at_most(
        "plan, warm, 100,000 objects: peak memory",
        600.0,
        huge.peak,
        "MiB",
    );
    at_most(
        "plan, warm, 100,000 objects: requests",
        FEW_REQUESTS,
        bed.requests(),
        "",
    );
}

/// Where one list holds whole campaigns, without the cache.
fn whole_lists() {
    let bed = Bed::new(LARGE, WHOLE);
    let bare = bare_parse(&bed.manifests());
    let cost = medians(|| bed.counted(PLAN_ANEW));
    at_most(
        "plan, whole campaigns in the list, no cache: requests",
        FEW_REQUESTS,
        bed.requests(),
        "",
    );
    at_most(
        "plan, whole campaigns in the list, no cache: CPU to the bare parse",
        4.0,
        cost.cpu / bare,
        "x",
    );
    figure(
        "plan, whole campaigns in the list, no cache: peak memory",
        cost.peak,
        "MiB",
    );
}

fn show(what: &str, small: &Medians, large: &Medians, goal: f64, bare: f64) {
    figure(&format!("{what}: CPU, 10,000 objects"), large.cpu, "s");
    figure(&format!("{what}: CPU, 1,000 objects"), small.cpu, "s");
    at_most(
        &format!("{what}: CPU to the bare parse"),
        goal,
        large.cpu / bare,
        "x",
    );
    at_most(
        &format!("{what}: CPU, 10,000 to 1,000 objects"),
        11.0,
        large.cpu / small.cpu,
        "x",
    );
    figure(&format!("{what}: time"), large.wall, "s");
    figure(
        &format!("{what}: time to CPU, on two cores"),
        large.wall / large.cpu,
        "x",
    );
}

/// What a plan costs that reads everything, and one that knows what was read before.
struct Figures {
    cold: Medians,
    warm: Medians,
    /// The requests of the latter.
    requests: f64,
    /// CPU time of a bare parse of the same files.
    bare: f64,
}

impl Figures {
    fn of(bed: &Bed) -> Self {
        let bare = bare_parse(&bed.manifests());
        let cold = medians(|| {
            let cost = bed.counted(PLAN_ANEW);
            assert_eq!(
                bed.sandbox.stats()["by"],
                expected_requests(bed.size),
                "each request is made once"
            );
            cost
        });
        exactly(
            &format!("plan, cold: requests, {} objects", bed.size),
            total(&expected_requests(bed.size)),
            bed.sandbox.stats()["requests"].as_u64().unwrap(),
        );
        let warm = bed.warm();
        let requests = bed.requests();
        bed.sandbox.forget_stats();
        bed.campaignctl(&["apply", "--auto-approve"]);
        exactly(
            &format!(
                "plan: writes of an apply without changes, {} objects",
                bed.size
            ),
            0,
            bed.sandbox.stats()["writes"].as_u64().unwrap(),
        );
        Self {
            cold,
            warm,
            requests,
            bare,
        }
    }
}

/// The figures in the middle of several runs.
pub(crate) struct Medians {
    /// CPU time in seconds.
    pub(crate) cpu: f64,
    /// Time on the wall in seconds.
    wall: f64,
    /// Peak memory in MiB.
    peak: f64,
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

/// A project, and the account that matches it: every object is bound.
struct Bed {
    size: usize,
    sandbox: Sandbox,
    project: TempDir,
    _served: TempDir,
}

impl Bed {
    fn new(size: usize, switches: &[&str]) -> Self {
        let (served, project) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let manifests = manifests::generate(size);
        manifests::write(&project.path().join("manifests"), &manifests);
        Account::of(manifests).write_seed(&served.path().join("seed"));
        let sandbox_project = "environments:\n  sandbox: { seed: seed }\n";
        fs::write(served.path().join("campaignctl.yaml"), sandbox_project).unwrap();
        let sandbox = Sandbox::start_with(served.path(), switches);
        let file = project.path().join("campaignctl.yaml");
        fs::write(file, client_project(&sandbox)).unwrap();
        let bed = Self {
            size,
            sandbox,
            project,
            _served: served,
        };
        // The first apply binds every object by its display name, and writes nothing to the account.
        bed.campaignctl(&["apply", "--auto-approve"]);
        assert_eq!(bed.sandbox.stats()["writes"], 0, "adopting writes nothing");
        bed
    }

    fn manifests(&self) -> std::path::PathBuf {
        self.project.path().join("manifests")
    }

    /// A plan of no changes that knows what earlier ones read.
    fn warm(&self) -> Medians {
        // Copies count once their dates are known for two seconds, so the second plan settles them.
        self.campaignctl(PLAN);
        std::thread::sleep(Duration::from_secs(3));
        self.campaignctl(PLAN);
        medians(|| self.counted(PLAN))
    }

    /// The same with one field of one manifest edited.
    fn edited(&self) -> Medians {
        let file = self
            .manifests()
            .join("Engagement/engagement-7-of-shop-3.yaml");
        let text = fs::read_to_string(&file).unwrap();
        let edited = text.replace("followMePages: 1", "followMePages: 2");
        assert_ne!(text, edited);
        fs::write(&file, edited).unwrap();
        let cost = medians(|| self.counted(PLAN_OF_AN_EDIT));
        fs::write(&file, text).unwrap();
        cost
    }

    /// The cost of a command; what it asks is counted.
    fn counted(&self, arguments: &[&str]) -> Cost {
        self.sandbox.forget_stats();
        self.campaignctl(arguments)
    }

    /// The requests of the last command that was counted.
    fn requests(&self) -> f64 {
        let requests = self.sandbox.stats()["requests"].as_u64().unwrap();
        f64::from(u32::try_from(requests).unwrap())
    }

    fn campaignctl(&self, arguments: &[&str]) -> Cost {
        campaignctl(self.project.path(), arguments)
    }
}

/// A look-up and a sign-in, a list per collection that the manifests need, one more that is asked for whole campaigns in vain, and an
/// item per campaign, whose list holds only summaries. Engagements come with their campaigns.
fn expected_requests(size: usize) -> Value {
    let handoffs = manifests::handoffs(size);
    let pages = match handoffs.checked_sub(2 * PAGE) {
        Some(more) => 2 + more / LONG_PAGE + 1 + 1,
        None => handoffs.div_ceil(PAGE) + 1,
    };
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
