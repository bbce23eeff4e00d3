//! Processes that share a ledger, in every kind of place where one is kept.

use std::process::Child;
use std::time::Instant;

use campaignctl::ledger::{Holder, LockTerm, Ticket};

use super::shared::{APPLY, Shared, ended, goals, run, start};
use crate::support::Run;

#[test]
fn what_one_computer_applied_is_planned_empty_on_another() {
    Shared::on_every(&goals(3), |shared| {
        shared.run(&APPLY).expect(0);
        assert_eq!(shared.stored()["entries"].as_object().unwrap().len(), 3);
        assert_eq!(shared.holder(), None);
        let folder = tempfile::tempdir().unwrap();
        let plan = run(shared.elsewhere(folder.path(), &["plan", "--detailed-exitcode"]));
        assert!(plan.expect(0).stdout.starts_with("No changes."));
        shared.project.write("manifests.yaml", &goals(2));
        shared
            .run(&["apply", "--auto-approve", "--allow-mass-delete"])
            .expect(0);
        assert!(shared.has_serial(2));
        assert_eq!(shared.made(), 2);
    });
}

#[test]
fn while_one_applies_the_other_is_told_who_holds_the_lock() {
    Shared::on_every(&goals(3), |shared| {
        let apply = shared.apply_until_held_up("POST */goals 429 retry-after 2");
        let folder = tempfile::tempdir().unwrap();
        let other = run(shared.elsewhere(folder.path(), &APPLY)).expect(1);
        assert_eq!(other.stdout, "");
        let unlock = shared.run(&["ledger", "unlock"]);
        let watched = run(shared.elsewhere(folder.path(), &["drift"])).expect(2);
        let said = "Not settled: the ledger has been locked for less than a minute by tester";
        assert!(watched.stdout.contains(said), "{}", watched.stdout);
        for command in ["plan", "drift", "status"] {
            let said = shared.unsettled(folder.path(), command);
            let held = "the ledger has been locked for less than a minute by tester";
            assert!(said.starts_with(held), "{command}: {said}");
        }
        let waits = [&APPLY[..], &["--lock-timeout", "2m"]].concat();
        let waiting = start(shared.elsewhere(folder.path(), &waits));
        shared.project.account.handle().clear_faults();
        assert!(
            shared.told(&other).ends_with(shared.says_locked()),
            "{}",
            other.stderr
        );
        unlock.expect(3);

        let apply = ended(apply).expect(0);
        assert!(apply.stdout.contains("3 to create"), "{}", apply.stdout);
        assert!(shared.has_serial(1));
        assert_eq!(shared.made(), 3);
        let waited = ended(waiting).expect(0);
        assert!(
            waited.stdout.starts_with("No changes."),
            "{}",
            waited.stdout
        );
    });
}

#[test]
fn two_applies_at_once_never_both_write() {
    Shared::on_every(&goals(12), |shared| {
        let folder = tempfile::tempdir().unwrap();
        one_wrote([
            start(shared.command(&APPLY)),
            start(shared.elsewhere(folder.path(), &APPLY)),
        ]);
        assert!(shared.has_serial(1));
        assert_eq!(shared.made(), 12);
        assert_eq!(shared.holder(), None);
    });
}

/// One of them wrote; the other was told that the ledger is locked, or came late and had nothing to do.
#[track_caller]
fn one_wrote(runs: [Child; 2]) {
    let runs = runs.map(ended);
    let wrote = |run: &&Run| run.code == Some(0) && run.stdout.contains("12 to create");
    let gave_way = |run: &&Run| match run.code {
        Some(0) => run.stdout.starts_with("No changes."),
        Some(1) => run.stderr.contains("is locked by tester (process "),
        _ => false,
    };
    let counts = (
        runs.iter().filter(wrote).count(),
        runs.iter().filter(gave_way).count(),
    );
    assert_eq!(counts, (1, 1), "{runs:#?}");
}

#[test]
fn a_killed_apply_leaves_its_journal_and_the_next_one_goes_on() {
    Shared::on_every(&goals(6), |shared| {
        let mut apply =
            shared.apply_until_held_up("POST */goals delay 60s after-commit after 3 once");
        apply.kill().unwrap();
        apply.wait().unwrap();
        shared.project.account.handle().clear_faults();
        assert_eq!(shared.made(), 4, "the answer to the last one is lost");
        assert!(shared.stored().is_null(), "it was killed in the middle");

        if shared.place.is_local() {
            let unlock = shared.run(&["ledger", "unlock"]).expect(0);
            assert_eq!(
                shared.told(&unlock),
                "The ledger `<ledger>` is not locked.\n"
            );
        } else {
            lock_is_released_by_hand(shared);
        }
        let watched = shared.run(&["drift"]).expect(2);
        let said = "Not settled: an earlier run did not finish, and its write of Goal/";
        assert!(watched.stdout.contains(said), "{}", watched.stdout);
        let folder = tempfile::tempdir().unwrap();
        for command in ["plan", "drift", "status"] {
            let told = shared.unsettled(folder.path(), command);
            let dead = "an earlier run did not finish, and its write of Goal/";
            assert!(told.starts_with(dead), "{command}: {told}");
        }
        let saved = ["plan", "--format", "markdown", "--out", "plan.json"];
        let told = shared.run(&saved).expect(0).stdout;
        let dead = "> **Not settled**: an earlier run did not finish";
        assert!(told.contains(dead), "{told}");
        let page = ["show", "plan.json", "--format", "html"];
        let page = shared.run(&page).expect(0).stdout;
        assert!(page.contains("<h2>Not settled</h2><p>an earlier run"));
        let plan = shared.run(&["plan"]).expect(0);
        assert!(
            plan.stderr
                .contains("warning: an earlier run did not finish"),
            "{}",
            plan.stderr
        );
        let apply = shared.run(&APPLY).expect(0);
        assert!(apply.stdout.contains("2 to create"), "{}", apply.stdout);
        assert!(shared.has_serial(1));
        assert_eq!(shared.made(), 6);
        assert!(
            shared
                .project
                .account
                .handle()
                .statistics()
                .created_twice()
                .next()
                .is_none()
        );
        assert_eq!(shared.holder(), None);
        shared.run(&["plan", "--detailed-exitcode"]).expect(0);
    });
}

/// A dead process cannot give its lock back.
fn lock_is_released_by_hand(shared: &Shared) {
    let writes = shared.project.account.writes();
    let apply = shared.run(&APPLY).expect(1);
    assert!(
        shared.told(&apply).ends_with(shared.says_locked()),
        "{}",
        apply.stderr
    );
    let unlock = shared.run(&["ledger", "unlock"]).expect(3);
    insta::allow_duplicates!(insta::assert_snapshot!(shared.told(&unlock), @"
    The ledger `<ledger>` is locked by tester (process <number>) since <time>Z (less than a minute ago).
    error: there is no terminal to ask questions on
      = help: give `--force` if you are sure that this run has ended
    "));
    assert!(shared.holder().is_some());
    let unlock = shared.run(&["ledger", "unlock", "--force"]).expect(0);
    insta::allow_duplicates!(insta::assert_snapshot!(shared.told(&unlock), @"
    The ledger `<ledger>` is locked by tester (process <number>) since <time>Z (less than a minute ago).
    It is no longer locked.
    "));
    let unlock = shared.run(&["ledger", "unlock", "--force"]).expect(0);
    insta::allow_duplicates!(
        insta::assert_snapshot!(shared.told(&unlock), @"The ledger `<ledger>` is not locked.")
    );
    assert_eq!(shared.project.account.writes(), writes);
}

#[test]
fn an_old_lock_is_reported_with_its_age() {
    Shared::on_every(&goals(1), |shared| {
        let since = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(3 * 60 + 12);
        let ticket = Ticket::new(&Holder {
            who: "ann@build-7".to_owned(),
            since: since.to_string(),
        });
        let backend = shared.place.connect();
        let grant = shared
            .project
            .account
            .block_on(backend.lock(&ticket, None))
            .unwrap();
        let apply = shared.run(&APPLY).expect(1);
        insta::allow_duplicates!(insta::assert_snapshot!(shared.told(&apply), @"
        Plan for test, account 10000001
        error: the ledger `<ledger>` is locked by ann@build-7 since <time>Z
          = help: held for 3 h 12 min; wait for that run; if it died, `campaignctl ledger unlock` removes its lock
        "));
        let unlock = shared.run(&["ledger", "unlock", "--force"]);
        if shared.place.is_local() {
            insta::assert_snapshot!(shared.told(&unlock.expect(1)), @"
            The ledger `<ledger>` is locked by ann@build-7 since <time>Z (3 h 12 min ago).
            error: the ledger `<ledger>` is locked by ann@build-7 since <time>Z, a process that still runs
              = help: end that process: its lock goes with it
            "); // this very process holds it
            drop(grant);
        } else {
            insta::allow_duplicates!(insta::assert_snapshot!(shared.told(&unlock.expect(0)), @"
            The ledger `<ledger>` is locked by ann@build-7 since <time>Z (3 h 12 min ago).
            It is no longer locked.
            "));
        }
        shared.run(&APPLY).expect(0);
    });
}

#[test]
fn a_run_that_died_is_told_of_and_gone_on_with_by_nobodys_hand() {
    Shared::on_every(&goals(6), |shared| {
        if shared.place.is_local() {
            return; // its lock goes with its process
        }
        let long = std::fs::read_to_string(shared.project.path().join("campaignctl.yaml"));
        let long = long.unwrap();
        let short = format!("{long}    ledgerLock: {{ term: 1s }}\n");
        shared.project.write("campaignctl.yaml", &short);
        let mut apply =
            shared.apply_until_held_up("POST */goals delay 60s after-commit after 3 once");
        apply.kill().unwrap();
        apply.wait().unwrap();
        shared.project.account.handle().clear_faults();
        shared.project.write("campaignctl.yaml", &long);
        let folder = tempfile::tempdir().unwrap();
        let there = |arguments: &[&str]| run(shared.elsewhere(folder.path(), arguments));

        let has_passed = || {
            let term = shared.holder().unwrap().term.unwrap();
            term.has_passed(jiff::Timestamp::now())
        };
        while !has_passed() {
            crate::support::rest();
        }
        let said = "that run has not renewed its lock in time, so it died; the next `campaignctl apply` takes the lock and continues it";
        let drift = there(&["drift"]).expect(2);
        assert!(drift.stdout.contains(said), "{}", drift.stdout);
        let plan = there(&["plan"]).expect(0);
        assert!(plan.stderr.contains(said), "{}", plan.stderr);
        assert!(plan.stdout.contains("2 to create"), "{}", plan.stdout);
        let status = there(&["status", "--format", "json"]).expect(0);
        let unsettled = status.json()["environments"][0]["unsettled"].to_string();
        assert!(unsettled.contains(said), "{unsettled}");
        let doctor = there(&["doctor"]);
        assert!(doctor.stdout.contains(said), "{}", doctor.stdout);

        let apply = there(&APPLY).expect(0);
        assert!(
            apply.stderr.contains("Taking it over unless"),
            "{}",
            apply.stderr
        );
        assert!(apply.stdout.contains("2 to create"), "{}", apply.stdout);
        assert_eq!(shared.made(), 6);
        let statistics = shared.project.account.handle().statistics();
        assert_eq!(statistics.created_twice().count(), 0);
        assert_eq!(shared.holder(), None);
        there(&["drift"]).expect(0);
    });
}

/// When the term of a run ended that died long ago.
const LONG_AGO: &str = "2020-01-01T00:01:00Z";

/// Leaves the lock of a run that died.
fn leave_lock(shared: &Shared, seconds: u64, until: &str) {
    let holder = Holder {
        who: "dead".to_owned(),
        since: "2020-01-01T00:00:00Z".to_owned(),
    };
    let ticket = Ticket::new(&holder).lasting(LockTerm {
        seconds,
        until: until.to_owned(),
        renewals: 0,
    });
    let backend = shared.place.connect();
    let taken = backend.lock(&ticket, None);
    drop(shared.project.account.block_on(taken).unwrap());
}

#[test]
fn the_time_to_wait_bounds_the_wait_for_a_lock_whose_term_is_not_over() {
    Shared::on_every(&goals(1), |shared| {
        if shared.place.is_local() {
            return;
        }
        leave_lock(shared, 3600, "2999-01-01T00:00:00Z");
        let start = Instant::now();
        let bounded = [&APPLY[..], &["--lock-timeout", "1s"]].concat();
        let run = shared.run(&bounded).expect(1);
        assert!(run.stderr.contains("is locked by dead"), "{}", run.stderr);
        assert!(start.elapsed().as_secs() < 25, "{:?}", start.elapsed());
        assert_eq!(shared.made(), 0);
    });
}

#[test]
fn a_lock_whose_end_has_passed_is_taken_after_half_its_term_however_short_the_wait() {
    let shared = Shared::new(super::Kind::Bucket, &goals(1));
    leave_lock(&shared, 4, LONG_AGO);
    let short = [&APPLY[..], &["--lock-timeout", "1s"]].concat();
    let run = shared.run(&short).expect(0);
    let said = "Taking it over unless it is renewed within 2 s";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    assert_eq!((shared.made(), shared.holder()), (1, None));
}
