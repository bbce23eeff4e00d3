//! Many environments in one run, and many runs in one process: what both keep in memory.
//!
//! All environments are one account with a hundred objects, so that the series differs in nothing but its length. Each
//! has a ledger of its own, which an apply filled before.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use campaignctl::run::planning::{How, planned};
use campaignctl::run::{Machine, Options, Run, Silent, Subset, Workspace};
use tempfile::TempDir;

use crate::account::Account;
use crate::figures::{at_most, figure};
use crate::manifests;
use crate::process::{self, Cost};
use crate::sandbox::Sandbox;

/// How many environments one run looks at.
const SERIES: [usize; 4] = [10, 100, 200, 400];

/// How many environments must fit, and into how much memory in MiB.
const FLEET: (usize, f64) = (200, 150.0);

/// How often one process plans.
const CHECKS: usize = 1_000;

/// After how many of these its memory is compared with that at the end: by then all caches and arenas are filled.
const SETTLED: usize = 100;

/// Prints the figures.
pub(crate) fn run() {
    let bed = Bed::new(*SERIES.last().unwrap());
    for count in SERIES {
        bed.declare(count);
        let cost = bed.campaignctl(&["drift", "--all-environments"]);
        let what = format!("fleet: drift of {count} environments");
        figure(&format!("{what}: CPU"), cost.cpu.as_secs_f64(), "s");
        let memory = format!("{what}: peak memory");
        if count == FLEET.0 {
            at_most(&memory, FLEET.1, cost.peak, "MiB");
        } else {
            figure(&memory, cost.peak, "MiB");
        }
    }
    bed.declare(1);
    let (settled, end) = bed.checks();
    figure(
        &format!("fleet: memory after {SETTLED} plans in one process"),
        settled,
        "MiB",
    );
    figure(
        &format!("fleet: memory after {CHECKS} plans in one process"),
        end,
        "MiB",
    );
    at_most(
        &format!("fleet: memory after {CHECKS} plans to that after {SETTLED}"),
        1.05,
        end / settled,
        "x",
    );
}

/// A project of many environments, and the account of all of them.
struct Bed {
    sandbox: Sandbox,
    project: TempDir,
    _served: TempDir,
}

impl Bed {
    fn new(environments: usize) -> Self {
        let (served, project) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let manifests = manifests::generate(manifests::SHOP);
        manifests::write(&project.path().join("manifests"), &manifests);
        Account::of(manifests).write_seed(&served.path().join("seed"));
        let sandbox_project = "environments:\n  sandbox: { seed: seed }\n";
        fs::write(served.path().join("campaignctl.yaml"), sandbox_project).unwrap();
        let bed = Self {
            sandbox: Sandbox::start(served.path()),
            project,
            _served: served,
        };
        bed.declare(environments);
        // The first apply binds every object by its display name, and writes nothing to the account.
        bed.campaignctl(&["apply", "--all-environments", "--auto-approve"]);
        assert_eq!(bed.sandbox.stats()["writes"], 0, "adopting writes nothing");
        bed
    }

    /// Writes a project file of so many environments.
    fn declare(&self, count: usize) {
        let mut file = "manifests: [manifests]\nenvironments:\n".to_owned();
        let url = &self.sandbox.base_url;
        for number in 0..count {
            let _ = write!(
                file,
                "  brand-{number}:\n    account: \"10000001\"\n    domainApi: {url}\n    \
                 credentials: {{ clientId: {{ env: BENCH_CLIENT }}, clientSecret: {{ env: BENCH_CLIENT }} }}\n"
            );
        }
        fs::write(self.project.path().join("campaignctl.yaml"), file).unwrap();
    }

    fn campaignctl(&self, arguments: &[&str]) -> Cost {
        let mut command = Command::new(env!("CARGO_BIN_EXE_campaignctl"));
        command
            .args(arguments)
            .arg("--quiet")
            .env("BENCH_CLIENT", "sandbox")
            .current_dir(self.project.path());
        process::run(&mut command, Duration::from_millis(2))
    }

    /// Plans again and again in this process, as a program does that runs for months: the resident memory in MiB once it
    /// has settled, and at the end.
    fn checks(&self) -> (f64, f64) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut settled = 0.0;
        for number in 1..=CHECKS {
            let machine = Machine::new(PathBuf::from(self.project.path()), jiff::Timestamp::now)
                .with_variables([("BENCH_CLIENT".to_owned(), "sandbox".to_owned())]);
            let run = Run::new(Options::default(), Arc::new(machine), Arc::new(Silent));
            let run = run.about("brand-0");
            let workspace = Workspace::find(&run, &[]).unwrap();
            let made = runtime
                .block_on(planned(
                    &run,
                    &workspace,
                    &Subset::default(),
                    How::default(),
                ))
                .unwrap();
            assert!(made.plan.steps.is_empty(), "nothing differs");
            if number == SETTLED {
                settled = process::resident();
            }
        }
        (settled, process::resident())
    }
}
