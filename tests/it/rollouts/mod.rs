//! Applies over many environments, through the binary: folders of plans, waves, shards, and the report over all.
//!
//! The environments of a fleet share one account, on which each has goals of its own name: so the account itself says
//! whether each was written exactly once.

mod folders;
#[cfg(unix)]
mod recipes;
mod shards;
mod waves;

use std::fmt::Write as _;
use std::process::Command;

use serde_json::Value;

use crate::support::{ACCOUNT, Account, GOALS, Project, Run, assert_published_format};

/// How many goals each environment has.
const EACH: usize = 2;

const MANIFESTS: &str = "\
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: bought }
spec: { displayName: '${var.brand} bought', indicator: { url: '/${var.brand}/thanks' } }
---
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: joined }
spec: { displayName: '${var.brand} joined', indicator: { url: '/${var.brand}/joined' } }
";

/// A project of many environments.
struct Fleet {
    project: Project,
    names: Vec<String>,
}

impl Fleet {
    /// Environments of these names and labels; `more` stands in front of them in the project file.
    fn new(environments: &[(&str, &str)], more: &str) -> Self {
        let project = Project::with(MANIFESTS);
        let fleet = Self {
            names: environments
                .iter()
                .map(|(name, _)| (*name).to_owned())
                .collect(),
            project,
        };
        fleet.declare(environments, more);
        fleet
    }

    /// So many environments, `brand-00` and so on, without labels.
    fn of(count: usize) -> Self {
        let names: Vec<String> = (0..count).map(|n| format!("brand-{n:02}")).collect();
        let environments: Vec<(&str, &str)> = names.iter().map(|it| (it.as_str(), "")).collect();
        Self::new(&environments, "")
    }

    /// Writes the project file anew.
    fn declare(&self, environments: &[(&str, &str)], more: &str) {
        let mut file = format!("project: fleet\n{more}environments:\n");
        let base = self.project.account.base_url();
        for (name, settings) in environments {
            let _ = writeln!(
                file,
                "  {name}:\n    account: '{ACCOUNT}'\n    domainApi: {base}\n    variables: {{ brand: {name} }}\n    credentials:\n      clientId: {{ env: TEST_CLIENT_ID }}\n      clientSecret: {{ env: TEST_CLIENT_SECRET }}"
            );
            for line in settings.lines() {
                let _ = writeln!(file, "    {line}");
            }
        }
        self.project.write("campaignctl.yaml", &file);
    }

    fn account(&self) -> &Account {
        &self.project.account
    }

    /// The binary in the folder of the project, about no environment of its own.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.command(arguments);
        command.env_remove("CAMPAIGNCTL_ENVIRONMENT");
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().unwrap().into()
    }

    /// Applies to all environments, with these flags, and leaves the report in `report.json`.
    fn apply(&self, flags: &[&str]) -> Run {
        let always = ["apply", "--all-environments", "--auto-approve"];
        self.run(&[&always, flags, &["--json-into", "report.json"]].concat())
    }

    /// Plans for all environments into the folder `plans`.
    fn plan(&self) -> Run {
        self.run(&["plan", "--all-environments", "--out", "plans"])
    }

    /// A document that a run wrote.
    fn document(&self, file: &str) -> Value {
        let text = std::fs::read_to_string(self.project.path().join(file)).unwrap();
        assert_published_format(&text);
        serde_json::from_str(&text).unwrap()
    }

    /// What came of each environment, as `report.json` says: `a applied 0`.
    fn landed(&self) -> String {
        landed(&self.document("report.json"))
    }

    /// How often the account took a write.
    fn commits(&self) -> u64 {
        self.account().get("/_sandbox/stats")["commits"]
            .as_u64()
            .unwrap()
    }

    /// The environments that have all of their goals on the account, of which no other environment has any.
    #[track_caller]
    fn written(&self) -> Vec<&str> {
        let goals = self.account().names(GOALS);
        let of = |name: &str| {
            let own = |goal: &&String| goal.rsplit_once(' ').is_some_and(|(it, _)| it == name);
            goals.iter().filter(own).count()
        };
        let mut written = Vec::new();
        for name in &self.names {
            match of(name) {
                0 => {}
                EACH => written.push(name.as_str()),
                some => panic!("{name} has {some} goals: {goals:?}"),
            }
        }
        written
    }
}

/// What came of each environment: its result and its exit code.
fn landed(report: &Value) -> String {
    let environments = report["environments"].as_array().unwrap().iter();
    let lines = environments.map(|it| {
        let word = |key: &str| it[key].as_str().unwrap_or_default();
        let exit = it["exit"]
            .as_u64()
            .map_or_else(|| "-".to_owned(), |it| it.to_string());
        format!("{} {} {exit}", word("environment"), word("result"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_environment_is_applied_once_and_then_there_is_nothing_to_do() {
    let fleet = Fleet::new(&[("a", ""), ("b", ""), ("c", "")], "");
    let refused = fleet.run(&["apply", "--all-environments"]).expect(3);
    insta::assert_snapshot!(refused.stderr, @"
    error: there is no terminal to ask questions on
      = help: give `--auto-approve` when the plans may be applied without a question, or apply a folder of plans
    ");
    assert_eq!(fleet.commits(), 0);
    let applied = fleet.apply(&[]).expect(0);
    insta::assert_snapshot!(applied.stdout, @"
    environment  result          create  update  delete    done  manual
    a            applied              2       0       0       2       0
    b            applied              2       0       0       2       0
    c            applied              2       0       0       2       0

    Rollout: 3 environments: 3 applied.
    ");
    assert_eq!(fleet.written(), ["a", "b", "c"]);
    let again = fleet.apply(&["--format", "json"]).expect(0);
    assert_eq!(
        landed(&again.json()),
        "a unchanged 0\nb unchanged 0\nc unchanged 0"
    );
    assert_eq!(fleet.commits(), 6);
}

#[test]
fn as_many_may_fail_as_the_project_says() {
    let without = "credentials: { bearer: { env: NOBODY_SET_THIS } }";
    let fleet = Fleet::new(&[("a", ""), ("b", ""), ("c", ""), ("d", "")], "");
    let file = std::fs::read_to_string(fleet.project.path().join("campaignctl.yaml")).unwrap();
    let lock = |file: &str, name: &str| {
        let (before, after) = file.split_once(&format!("  {name}:\n")).unwrap();
        let (own, rest) = after.split_once("    credentials:\n").unwrap();
        let rest = rest.splitn(3, '\n').nth(2).unwrap();
        format!("{before}  {name}:\n{own}    {without}\n{rest}")
    };
    let locked = lock(&lock(&file, "b"), "c");
    fleet.project.write("campaignctl.yaml", &locked);
    let stopped = fleet.apply(&["--at-a-time", "1"]).expect(4);
    assert_eq!(
        fleet.landed(),
        "a applied 0\nb failed 4\nc notStarted -\nd notStarted -"
    );
    insta::assert_snapshot!(stopped.stdout, @"
    environment  result          create  update  delete    done  manual
    a            applied              2       0       0       2       0
    b            failed               -       -       -       -       -
    c            not started          -       -       -       -       -
    d            not started          -       -       -       -       -

    === b (account 10000001): failed, exit 4
    error: the bearer is missing: the environment variable `NOBODY_SET_THIS` is not set
      = help: `b` needs it: `export NOBODY_SET_THIS=..`; `-e sandbox` needs no credentials

    === c (account 10000001): not started
    error: more environments failed than may
      = help: mend what failed and run this again: what is done stays as it is; `maxFailures` of the project says how many may fail

    === d (account 10000001): not started
    error: more environments failed than may
      = help: mend what failed and run this again: what is done stays as it is; `maxFailures` of the project says how many may fail

    Rollout: 4 environments: 1 applied, 1 failed, 2 not started.
    ");
    fleet
        .project
        .write("campaignctl.yaml", &format!("maxFailures: 2\n{locked}"));
    fleet.apply(&["--at-a-time", "1"]).expect(4);
    assert_eq!(
        fleet.landed(),
        "a unchanged 0\nb failed 4\nc failed 4\nd applied 0"
    );
    fleet.project.write("campaignctl.yaml", &file);
    fleet.apply(&[]).expect(0);
    assert_eq!(fleet.written().len(), 4);
    assert_eq!(fleet.commits(), 8);
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let fleet = Fleet::new(
        &[("a", "labels: { ring: 1 }")],
        "waves: [{ select: ring=1 }]\n",
    );
    let said = |arguments: &[&str]| {
        let run = fleet.run(&[&["apply"], arguments].concat()).expect(3);
        run.stderr.lines().next().unwrap().to_owned()
    };
    let all =
        |arguments: &[&str]| said(&[&["--all-environments", "--auto-approve"], arguments].concat());
    insta::assert_snapshot!(
        [
            said(&["--shard", "1/2"]),
            said(&["--wave", "1"]),
            said(&["--wait"]),
            all(&["--shard", "1/2"]),
            all(&["--wave", "3"]),
            all(&["--wave", "0"]),
            all(&["--shard", "3/2"]),
            all(&["-e", "a"]),
            all(&["--prove"]),
        ]
        .join("\n"),
        @"
    error: `--shard` is about many environments
    error: `--wave` is about many environments
    error: `--wait` is about many environments
    error: a shard does not know when the other shards are done with a wave
    error: there is no wave 3
    error: there is no wave 0
    error: invalid value '3/2' for '--shard <I/N>': `3/2` is not a shard: write its number, from 1, and how many there are, `2/8`
    error: `--all-environments` leaves no room for `--environment`
    error: `--prove` asks the platform about one environment
    "
    );
    assert_eq!(fleet.commits(), 0);
}

/// Two environments of one account are one account for the platform, which counts their requests together.
#[test]
fn environments_of_one_account_share_its_rate() {
    const RATE: u64 = 8;
    let settings = format!("rate: {RATE}");
    let fleet = Fleet::new(&[("a", &settings), ("b", &settings), ("c", &settings)], "");
    fleet.apply(&["--at-a-time", "3"]).expect(0);
    let stats = fleet.account().get("/_sandbox/stats");
    let (requests, peak) = (&stats["requests"], &stats["peakPerSecond"]);
    assert!(
        requests.as_u64().unwrap() > 2 * RATE,
        "too few to tell: {requests}"
    );
    assert!(
        peak.as_u64().unwrap() <= RATE,
        "{peak} requests in a second"
    );
}
