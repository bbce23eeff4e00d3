//! Runs that are killed at their very end, when the ledger is stored and the lock is not given back: whoever comes next
//! settles that, also where nothing is left to do.

use std::process::Command;
use std::time::Duration;

use super::shared::{APPLY, Shared, goals, run, start};
use super::{Dialect, Kind, Place};
use crate::support::{GOALS, Run};

/// Every kind of place in which a lock outlives its process.
const KINDS: [Kind; 3] = [
    Kind::Http(Dialect::Plain),
    Kind::Http(Dialect::GitLab),
    Kind::Bucket,
];

/// A project of one environment in each kind of place, whose locks last for a second.
fn on_every(test: impl Fn(&Shared) + Sync) {
    std::thread::scope(|scope| {
        for kind in KINDS {
            let test = &test;
            let one = move || {
                let shared = Shared::new(kind, &goals(3));
                let path = shared.project.path().join("campaignctl.yaml");
                let file = std::fs::read_to_string(path).unwrap();
                let short = format!("{file}    ledgerLock: {{ term: 1s }}\n");
                shared.project.write("campaignctl.yaml", &short);
                test(&shared);
            };
            let thread = std::thread::Builder::new().name(format!("{kind:?}"));
            thread.spawn_scoped(scope, one).unwrap();
        }
    });
}

/// A run: about all environments where the arguments say nothing of one.
fn command(shared: &Shared, arguments: &[&str]) -> Command {
    let mut command = shared.command(arguments);
    if arguments
        .iter()
        .any(|it| it.starts_with("plans") || *it == "--all-environments")
    {
        command.env_remove("CAMPAIGNCTL_ENVIRONMENT");
    }
    command
}

fn all(shared: &Shared, arguments: &[&str]) -> Run {
    run(command(shared, arguments))
}

/// Kills a run in the moment in which its ledger is stored. What lies on its computer is lost.
fn killed_at_its_end(shared: &Shared, arguments: &[&str]) {
    let (is_stalled, go_on): (&dyn Fn() -> bool, &dyn Fn()) = match &shared.place {
        Place::Http(server) => {
            server.stall_at_the_end();
            (&|| server.is_stalled(), &|| server.go_on())
        }
        Place::Bucket(bucket) => {
            bucket.stall_at_the_end();
            (&|| bucket.is_stalled(), &|| bucket.go_on())
        }
        _ => unreachable!("no such place in `KINDS`"),
    };
    let mut process = start(command(shared, arguments));
    while !is_stalled() {
        assert!(process.try_wait().unwrap().is_none(), "it ended by itself");
        crate::support::rest();
    }
    process.kill().unwrap();
    process.wait().unwrap();
    go_on();
    let _ = std::fs::remove_dir_all(shared.project.path().join(".campaignctl"));
    assert!(shared.holder().is_some(), "nobody gave the lock back");
    std::thread::sleep(Duration::from_millis(1_200)); // its term is over
}

/// Nothing is left behind, and each object was written once.
#[track_caller]
fn is_settled(shared: &Shared, context: &Run) {
    assert_eq!(shared.holder(), None, "{context:?}");
    let drift = shared.run(&["drift"]);
    assert_eq!(drift.code, Some(0), "{}", drift.stdout);
    assert_eq!(shared.made(), 3);
    assert_eq!(shared.project.account.writes(), 3);
}

#[test]
fn a_folder_of_plans_is_done_only_once_the_run_that_died_is_settled() {
    on_every(|shared| {
        let plan = ["plan", "--all-environments", "--out", "plans"];
        all(shared, &plan).expect(0);
        let apply = ["apply", "plans", "--json-into", "report.json"];
        killed_at_its_end(shared, &apply);
        shared.run(&["drift"]).expect(2);
        let again = all(shared, &apply).expect(0);
        is_settled(shared, &again);
        all(shared, &apply).expect(0);
    });
}

#[test]
fn a_folder_of_plans_with_nothing_to_do_settles_a_run_that_died() {
    on_every(|shared| {
        killed_at_its_end(shared, &["apply", "--auto-approve"]);
        // Made beside what the dead run left: there is nothing to do but to settle it.
        let plan = ["plan", "--all-environments", "--out", "plans"];
        all(shared, &plan).expect(0);
        shared.run(&["drift"]).expect(2);
        let apply = ["apply", "plans", "--shard", "1/1"];
        let again = all(shared, &apply).expect(0);
        is_settled(shared, &again);
    });
}

#[test]
fn a_saved_plan_whose_run_died_at_its_end_is_finished_by_the_same_job() {
    on_every(|shared| {
        shared.run(&["plan", "--out", "plan.json"]).expect(0);
        killed_at_its_end(shared, &["apply", "plan.json"]);
        let again = shared.run(&["apply", "plan.json"]).expect(0);
        let said = "3 done (3 of them by the run before)";
        assert!(again.stdout.contains(said), "{}", again.stdout);
        is_settled(shared, &again);
        // Now that run has come to its end.
        let used = shared.run(&["apply", "plan.json"]).expect(7);
        assert!(
            used.stderr.contains("it was applied already"),
            "{}",
            used.stderr
        );
    });
}

/// The ledger does not tell such a run from one that came to its end: the last thing that it does is to give the lock back.
#[test]
fn a_saved_plan_whose_run_died_behind_its_end_is_used_and_all_is_in_place() {
    for dialect in [Dialect::Plain, Dialect::GitLab] {
        let shared = Shared::new(Kind::Http(dialect), &goals(3));
        shared.run(&["plan", "--out", "plan.json"]).expect(0);
        let Place::Http(server) = &shared.place else {
            unreachable!("a server was asked for")
        };
        server.stall_at("UNLOCK");
        let mut process = start(shared.command(&["apply", "plan.json"]));
        while !server.is_stalled() {
            assert!(process.try_wait().unwrap().is_none(), "it ended by itself");
            crate::support::rest();
        }
        process.kill().unwrap();
        process.wait().unwrap();
        server.go_on();
        let again = shared.run(&["apply", "plan.json"]).expect(7);
        let said = "all that it wrote is still in place";
        assert!(again.stderr.contains(said), "{}", again.stderr);
        is_settled(&shared, &again);
    }
}

#[test]
fn a_saved_plan_is_not_taken_for_done_where_somebody_changed_what_it_made() {
    on_every(|shared| {
        shared.run(&["plan", "--out", "plan.json"]).expect(0);
        killed_at_its_end(shared, &["apply", "plan.json"]);
        let account = &shared.project.account;
        account.delete(&account.item_path(GOALS, "The goal-1"));
        shared.run(&["apply", "plan.json"]).expect(7);
        assert_eq!(shared.holder(), None);
        assert_eq!(shared.made(), 2);
    });
}

/// Kills a run in the moment in which it has the lock only to see whether there is another one.
fn killed_while_looking(shared: &Shared, command: &str) {
    let Place::Http(server) = &shared.place else {
        unreachable!("others are looked at without a lock")
    };
    server.stall_at("LOCK");
    let mut process = start(shared.command(&[command]));
    while !server.is_stalled() {
        assert!(process.try_wait().unwrap().is_none(), "it ended by itself");
        crate::support::rest();
    }
    process.kill().unwrap();
    process.wait().unwrap();
    server.go_on();
    let lock = server.lock().expect("nobody gave the lock back");
    let told = |key: &str| lock[key].as_str().unwrap();
    let who = "a check for a lock by tester (process ";
    assert!(told("Who").starts_with(who), "{lock}");
    told("Created").parse::<jiff::Timestamp>().unwrap();
}

fn a_dead_look_holds_nobody_up(dialect: Dialect) {
    let shared = Shared::new(Kind::Http(dialect), &goals(3));
    killed_while_looking(&shared, "drift");
    // Nobody asked it to wait.
    shared.run(&APPLY).expect(0);
    is_settled(&shared, &shared.run(&["plan"]));
    // No run is at work, and none is to be resumed.
    killed_while_looking(&shared, "plan");
    shared.run(&["drift"]).expect(0);
    let unlock = shared.run(&["ledger", "unlock", "--force"]).expect(0);
    let said = "is locked by a check for a lock by tester";
    assert!(unlock.stderr.contains(said), "{}", unlock.stderr);
    assert_eq!(shared.holder(), None);
}

#[test]
fn a_run_that_died_while_it_looked_for_a_lock_holds_nobody_up() {
    // Each waits for some seconds.
    std::thread::scope(|scope| {
        for dialect in [Dialect::Plain, Dialect::GitLab] {
            scope.spawn(move || a_dead_look_holds_nobody_up(dialect));
        }
    });
}
