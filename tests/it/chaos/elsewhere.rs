//! SIGKILL at every write of the retail example's apply, with a ledger that other computers reach: the folder is wiped,
//! and the next apply, in another folder, finishes it by nobody's hand.
//!
//! A write is held up by a fault, before or after its effect, and the process is killed while it waits for the answer.
//! `CHAOS=all` kills at every write; without it, at some.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::kill::{missing, strike};
use super::retail::Retail;
use crate::ledgers::{Dialect, Kind, Place};
use crate::program::examples_copy;
use crate::support::Run;

/// The verbs of writes, as meant.
const VERBS: [&str; 3] = ["POST", "PUT", "DELETE"];

/// At which writes apply is killed unless all are asked for: over the three kinds of ledger, each verb before and after its
/// effect, and each kind at both.
fn some(kind: Kind) -> [(&'static str, &'static str, usize); 2] {
    match kind {
        Kind::Http(Dialect::Plain) => [("after-commit", "POST", 7), ("before-commit", "PUT", 1)],
        Kind::Http(Dialect::GitLab) => [("after-commit", "POST", 30), ("before-commit", "POST", 3)],
        _ => [("before-commit", "POST", 7), ("after-commit", "PUT", 1)],
    }
}

/// How long the next run may take at most, behind the term of the lock that it finds.
const MARGIN: Duration = Duration::from_secs(30);

/// The term of the run that is killed.
const TERM: Duration = Duration::from_secs(1);

#[test]
fn killed_with_a_ledger_in_a_bucket() {
    killed_everywhere(Kind::Bucket);
}

#[test]
fn killed_with_a_ledger_behind_http() {
    killed_everywhere(Kind::Http(Dialect::Plain));
}

#[test]
fn killed_with_a_ledger_in_gitlab() {
    killed_everywhere(Kind::Http(Dialect::GitLab));
}

#[derive(Default)]
struct Tally {
    kills: usize,
    twice: usize,
    lost: usize,
    longest: Duration,
}

fn killed_everywhere(kind: Kind) {
    let mut pair = Pair::new(kind);
    let undisturbed = pair.undisturbed();
    let mut tally = Tally::default();
    if !super::all() {
        for (phase, verb, position) in some(kind) {
            pair.killed(phase, verb, position, &undisturbed, &mut tally);
        }
    }
    let all = ["before-commit", "after-commit"].iter();
    for phase in all.filter(|_| super::all()) {
        for verb in VERBS {
            let mut position = 0;
            while pair.killed(phase, verb, position, &undisturbed, &mut tally) {
                position += 1;
            }
        }
    }
    println!(
        "{kind:?}: killed at {} writes: {} objects created twice, {} lost; the longest next run took {:.1} s",
        tally.kills,
        tally.twice,
        tally.lost,
        tally.longest.as_secs_f64()
    );
    assert!(tally.kills >= 2, "{}", tally.kills);
    assert_eq!((tally.twice, tally.lost), (0, 0));
    assert!(tally.longest < TERM + MARGIN, "{:?}", tally.longest);
}

/// Two computers with the example, an account, and a place for its ledger.
struct Pair {
    retail: Retail,
    other: tempfile::TempDir,
    kind: Kind,
    place: Place,
}

impl Pair {
    fn new(kind: Kind) -> Self {
        let retail = Retail::new();
        let mut pair = Self {
            place: retail.account.block_on(kind.start()),
            other: examples_copy(),
            retail,
            kind,
        };
        pair.begin();
        pair
    }

    fn there(&self) -> PathBuf {
        self.other.path().join("examples/retail")
    }

    /// Back to a new account, no ledger, and folders that know nothing.
    fn begin(&mut self) {
        self.retail.again();
        self.place = self.retail.account.block_on(self.kind.start());
        let mut file = self.retail.project_file();
        let _ = writeln!(file, "    ledger: {}", self.place.address());
        if let Place::Http(_) = self.place {
            file += "    ledgerCredentials: { username: { env: LEDGER_USER }, password: { env: LEDGER_PASSWORD } }\n";
        }
        let short = format!("{file}    ledgerLock: {{ term: {}s }}\n", TERM.as_secs());
        std::fs::write(self.retail.path().join("campaignctl.yaml"), short).unwrap();
        std::fs::write(self.there().join("campaignctl.yaml"), file).unwrap();
        let _ = std::fs::remove_dir_all(self.there().join(".campaignctl"));
    }

    fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = self.retail.command(arguments);
        command.envs(self.place.variables()).current_dir(folder);
        command
    }

    fn run_there(&self, arguments: &[&str]) -> Run {
        let output = self.command(&self.there(), arguments).output();
        output.unwrap().into()
    }

    /// What an apply that nobody disturbs makes of the account.
    fn undisturbed(&mut self) -> String {
        self.run_there(&["apply", "--auto-approve"]).expect(0);
        self.run_there(&["export"]).expect(0).data()
    }

    /// Kills an apply at its n-th write with a verb, and has the next one finish it elsewhere; false when it has fewer.
    fn killed(
        &mut self,
        phase: &str,
        verb: &str,
        position: usize,
        undisturbed: &str,
        tally: &mut Tally,
    ) -> bool {
        self.begin();
        self.retail.account.handle().forget_statistics();
        let context = format!("{:?}: {phase} {verb} {position}", self.kind);
        let fault = format!("{verb} * delay 60s {phase} after {position} once");
        let arguments = ["apply", "--auto-approve", "--parallelism", "1"];
        let command = self.command(&self.retail.path(), &arguments);
        if !strike(&self.retail, command, &fault) {
            return false;
        }
        tally.kills += 1;
        let _ = std::fs::remove_dir_all(self.retail.path().join(".campaignctl"));
        let start = Instant::now();
        let run = self.run_there(&["apply", "--auto-approve", "--lock-timeout", "1m"]);
        tally.longest = tally.longest.max(start.elapsed());
        assert_eq!(
            run.code,
            Some(0),
            "{context}\n{}\n{}",
            run.stdout,
            run.stderr
        );
        tally.twice += self.retail.statistics().created_twice().count();
        let export = self.run_there(&["export"]).expect(0).data();
        tally.lost += missing(undisturbed, &export);
        assert_eq!(export, undisturbed, "{context}");
        let plan = self.run_there(&["plan", "--detailed-exitcode"]);
        assert_eq!(
            plan.code,
            Some(0),
            "{context}\n{}\n{}",
            plan.stdout,
            plan.stderr
        );
        let backend = self.place.connect();
        let held = backend.holder();
        assert_eq!(
            self.retail.account.block_on(held).unwrap(),
            None,
            "{context}"
        );
        true
    }
}
