//! The answer to a write gets lost after the write took effect, at every write of the retail example's apply.
//!
//! `CHAOS=all` loses every one, each in a run of its own; without it, some.

use std::path::Path;

use super::world::{Came, Course, World};
use crate::program::{entries, package};

#[test]
fn a_lost_answer_is_no_lost_and_no_second_object() {
    let mut world = World::new();
    let manifests = manifests();
    begin(&mut world);
    let came = world.apply(&manifests, Course::WELL);
    assert!(
        matches!(&came, Came::Ended(outcome) if outcome.counts.failed == 0),
        "{came:?}"
    );
    let undisturbed = world.export();
    let counts = world.account.handle().statistics().by;
    let writes = |method: &str| -> u64 {
        counts
            .values()
            .filter_map(|methods| methods.get(method))
            .sum()
    };
    let every = if super::all() { 1 } else { 19 };
    let (mut cases, mut twice, mut lost) = (0, 0, 0);
    for method in ["POST", "PUT"] {
        let writes = usize::try_from(writes(method)).unwrap();
        assert!(writes > 0, "{method}: {counts:?}");
        for position in (0..writes).step_by(every) {
            begin(&mut world);
            let action = ["lost", "500", "garbage", "truncate"][position % 4];
            world.fault(&format!("{method} * {}", fault(action, position)));
            let context = format!("{method} {position} {action}");
            world.apply(&manifests, Course::WELL);
            assert_eq!(world.account.handle().faults()[0].struck, 1, "{context}");
            world.account.handle().clear_faults();
            world.converge(&manifests, &context);
            cases += 1;
            twice += world.account.handle().statistics().created_twice().count();
            let export = world.export();
            lost += undisturbed
                .lines()
                .filter(|line| !export.contains(line))
                .count();
            assert_eq!(export, undisturbed, "{context}");
        }
    }
    println!(
        "{cases} answers lost: {twice} objects created twice, {lost} lines of the account lost"
    );
    assert_eq!((twice, lost), (0, 0));
}

/// One way to lose the n-th answer.
fn fault(action: &str, position: usize) -> String {
    let phase = if action == "truncate" {
        ""
    } else {
        "after-commit "
    };
    format!("{action} {phase}after {position} once")
}

fn begin(world: &mut World) {
    world.begin();
    let seed = package().join("examples/retail/seed");
    world.account.handle().seed(&seed).unwrap();
}

/// The manifests of the example in one text.
fn manifests() -> String {
    let mut text = String::new();
    collect(&package().join("examples/retail"), &mut text);
    text
}

fn collect(folder: &Path, text: &mut String) {
    for path in entries(folder) {
        if path.is_dir() {
            if !path.ends_with("seed") {
                collect(&path, text);
            }
        } else if path.extension().is_some_and(|ending| ending == "yaml")
            && !path.ends_with("campaignctl.yaml")
        {
            text.push_str("---\n");
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}
