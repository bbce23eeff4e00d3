//! SIGKILL at every request of the retail example's apply: the next apply finishes it.
//!
//! A request is held up by a fault, before or after its effect, and the process is killed while it waits for the
//! answer: before a write, between a write and its record, and between two steps. `CHAOS=all` kills at every
//! request; without it, at some.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::retail::Retail;

/// Where apply is killed unless all requests are asked for: the phase, and how far it is, in parts of ten. Before and after the
/// effect of a request, of the files (even requests) and of a saved plan (odd ones).
const SOME: [(&str, usize, usize); 4] = [
    ("before-commit", 0, 0),
    ("after-commit", 3, 1),
    ("before-commit", 6, 1),
    ("after-commit", 9, 0),
];

#[test]
fn a_killed_apply_is_finished_by_the_next_one() {
    let retail = Retail::new();
    let undisturbed = undisturbed(&retail);
    let requests = usize::try_from(retail.statistics().requests).unwrap();
    let (mut kills, mut twice, mut lost) = (0, 0, 0);
    for (phase, position) in places(requests) {
        retail.again();
        let is_saved = position % 2 == 1;
        if killed(&retail, phase, position, is_saved) {
            kills += 1;
        }
        let context = format!("{phase} request {position}, saved: {is_saved}");
        resume(&retail, is_saved, &context);
        twice += retail.statistics().created_twice().count();
        let export = retail.is_as(&undisturbed, &context);
        lost += missing(&undisturbed, &export);
    }
    println!(
        "killed at {kills} positions of {requests} requests: {twice} objects created twice, {lost} lost"
    );
    assert!(kills >= SOME.len(), "{kills}");
    assert_eq!((twice, lost), (0, 0));
}

/// The phases and requests at which apply is killed.
fn places(requests: usize) -> Vec<(&'static str, usize)> {
    if super::all() {
        let every = |phase| (0..requests).map(move |position| (phase, position));
        return ["before-commit", "after-commit"]
            .into_iter()
            .flat_map(every)
            .collect();
    }
    let some = SOME.map(|(phase, tenth, odd)| (phase, requests * tenth / 20 * 2 + odd));
    some.into()
}

/// What an apply that nobody disturbs makes of the account; its requests are counted.
fn undisturbed(retail: &Retail) -> String {
    retail.account.handle().forget_statistics();
    retail
        .run(&["apply", "--auto-approve", "--parallelism", "1"])
        .expect(0);
    let counted = retail.statistics();
    let export = retail.export();
    retail.is_as(&export, "undisturbed");
    assert_eq!(counted.created_twice().count(), 0);
    retail.account.handle().forget_statistics();
    retail.again();
    retail
        .run(&["apply", "--auto-approve", "--parallelism", "1"])
        .expect(0);
    export
}

/// Kills an apply at its n-th request; false when it has fewer.
fn killed(retail: &Retail, phase: &str, position: usize, is_saved: bool) -> bool {
    let mut arguments = vec!["apply", "--parallelism", "1"];
    if is_saved {
        retail.run(&["plan", "--out", "plan.json"]).expect(0);
        arguments.push("plan.json");
    } else {
        arguments.push("--auto-approve");
    }
    retail.account.handle().forget_statistics();
    let fault = format!("* * delay 60s {phase} after {position} once");
    strike(retail, retail.command(&arguments), &fault)
}

/// Kills a run when a fault strikes it; false when none does.
pub(super) fn strike(retail: &Retail, mut command: Command, fault: &str) -> bool {
    retail.account.handle().add_fault(fault.parse().unwrap());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut apply = command.spawn().unwrap();
    // Only against a run that hangs: on a machine with much to do, one takes minutes.
    let until = Instant::now() + Duration::from_mins(10);
    let struck = loop {
        let faults = retail.account.handle().faults();
        if faults.iter().any(|fault| fault.struck > 0) {
            break true;
        }
        if apply.try_wait().unwrap().is_some() {
            break false;
        }
        assert!(Instant::now() < until, "neither struck nor ended");
        crate::support::rest();
    };
    if struck && fault.contains("after-commit") {
        settled(retail);
    }
    apply.kill().unwrap();
    apply.wait().unwrap();
    retail.account.handle().clear_faults();
    struck
}

/// Waits until the request that is held up has had its effect: a call that came later has been answered.
fn settled(retail: &Retail) {
    for _ in 0..3 {
        retail.account.get("/_sandbox/stats");
    }
}

fn resume(retail: &Retail, is_saved: bool, context: &str) {
    let arguments: &[&str] = if is_saved {
        &["apply", "plan.json"]
    } else {
        &["apply", "--auto-approve"]
    };
    let run = retail.run(arguments);
    // Killed when nothing was left to settle, the plan was applied.
    let is_over = is_saved && run.code == Some(7) && run.stderr.contains("it was applied already");
    assert!(
        run.code == Some(0) || is_over,
        "{context}: {:?}\n{}\n{}",
        run.code,
        run.stdout,
        run.stderr
    );
}

/// How many lines of an account another one lacks.
pub(super) fn missing(account: &str, other: &str) -> usize {
    account
        .lines()
        .filter(|line| line.starts_with("metadata:") && !other.contains(line))
        .count()
}
