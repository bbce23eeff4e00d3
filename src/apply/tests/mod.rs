//! Apply against an account in memory.

mod colleague;
mod fake;
mod look;
mod sketch;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::*;
use crate::kinds::KindId;
use crate::name::RemoteId;
use crate::plan::StepVerb;
use fake::{Fake, WriteFault, goal};
use sketch::{Events, Sketch, apply, apply_recorded, apply_with, clock};

#[tokio::test]
async fn dependants_wait_and_independent_steps_run_side_by_side() {
    let fake = Fake::default();
    let sketch = Sketch::new()
        .create("a", &[])
        .create("b", &[])
        .create("c", &[])
        .create("d", &[0, 1, 2]);
    let mut events = Events::default();
    let lines = apply_recorded(&fake, &sketch, &mut events).await;
    assert_eq!(lines, ["applied"; 4]);
    assert_eq!(fake.most_under_way(), 3);
    assert_eq!(fake.log().last().unwrap(), "create d");
    assert_eq!(
        events.lines[..4],
        ["use p1", "start 0", "start 1", "start 2"]
    );
    assert_eq!(
        events.lines[10..],
        ["start 3", "bind Goal/d 4004", "finish 3"]
    );
}

#[tokio::test]
async fn a_failure_skips_its_dependants_and_nothing_else() {
    let sketch = Sketch::new()
        .create("a", &[])
        .create("b", &[0])
        .create("c", &[1])
        .create("d", &[]);
    let fake = Fake::default().fault("create a", [WriteFault::Refuse]);
    let (lines, outcome) = apply(&fake, &sketch).await;
    assert_eq!(
        lines,
        [
            "refused: refused: no",
            "skipped: it needs Goal/a, which failed",
            "skipped: it needs Goal/b, which was skipped",
            "applied"
        ]
    );
    let counts = outcome.counts;
    assert_eq!((counts.applied, counts.failed, counts.skipped), (1, 1, 2));

    let fake = Fake::default().fault("create a", [WriteFault::Refuse]);
    let options = ApplyOptions {
        fail_fast: true,
        parallelism: 1,
        ..ApplyOptions::default()
    };
    let (events, cancelled) = (&mut Events::default(), &AtomicBool::new(false));
    let (lines, _) = apply_with(&fake, &sketch, options, events, cancelled, &|_| {}).await;
    assert_eq!(lines[3], "skipped: another step failed");
    assert_eq!(fake.log(), ["create a"]);
}

#[tokio::test]
async fn an_update_keeps_what_it_does_not_declare() {
    let fake = Fake::with(&[goal(7, "a", "old")]);
    let sketch = Sketch::new().update(
        "a",
        7,
        json!({ "description": "old" }),
        json!({ "description": "new" }),
    );
    let (lines, outcome) = apply(&fake, &sketch).await;
    assert_eq!(lines, ["applied"]);
    let [row] = &fake.rows()[..] else { panic!() };
    assert_eq!(
        (&row["description"], &row["mystery"]),
        (&json!("new"), &json!([1]))
    );
    let StepResult::Applied {
        revision_before,
        revision_after,
        ..
    } = &outcome.steps[0].result
    else {
        panic!()
    };
    assert!(revision_before.is_some() && revision_before != revision_after);
}

#[tokio::test]
async fn what_moved_since_the_plan_is_not_written_over() {
    let fake = Fake::with(&[goal(7, "a", "edited")]);
    let sketch = Sketch::new()
        .update(
            "a",
            7,
            json!({ "description": "old" }),
            json!({ "description": "new" }),
        )
        .update(
            "b",
            8,
            json!({ "description": "old" }),
            json!({ "description": "new" }),
        );
    let (lines, outcome) = apply(&fake, &sketch).await;
    assert_eq!(
        lines,
        [
            r#"stale: changed since it was planned: /spec/description is "edited", it was "old"; plan again"#,
            "stale: deleted since it was planned; plan again"
        ]
    );
    assert_eq!(outcome.counts.stale, 2);
    assert!(fake.log().is_empty(), "nothing was written");
}

#[tokio::test]
async fn what_is_deleted_as_the_write_passes_is_stale() {
    let fake = Fake::with(&[goal(7, "a", "old")]).fault("update 7", [WriteFault::Delete]);
    let (old, new) = (
        json!({ "description": "old" }),
        json!({ "description": "new" }),
    );
    let sketch = Sketch::new().update("a", 7, old, new);
    let (lines, outcome) = apply(&fake, &sketch).await;
    assert_eq!(lines, ["stale: deleted since it was planned; plan again"]);
    assert_eq!(outcome.counts.stale, 1);
}

#[tokio::test]
async fn a_stale_revision_is_retried_while_the_planned_fields_stay() {
    let update = || {
        Sketch::new().update(
            "a",
            7,
            json!({ "description": "old" }),
            json!({ "description": "new" }),
        )
    };
    let race = |patch| WriteFault::Race(patch);
    for (faults, line, description, name) in [
        (
            vec![WriteFault::Conflict, WriteFault::Conflict],
            "applied",
            "new",
            "a",
        ),
        (
            vec![race(json!({ "name": "renamed" }))],
            "applied",
            "new",
            "renamed",
        ),
        (
            vec![race(json!({ "description": "new" }))],
            "applied",
            "new",
            "a",
        ),
        (vec![WriteFault::LoseAnswer], "applied", "new", "a"),
        (
            vec![race(json!({ "description": "mine" }))],
            "stale",
            "mine",
            "a",
        ),
        (
            vec![
                WriteFault::Conflict,
                WriteFault::Conflict,
                WriteFault::Conflict,
                WriteFault::Conflict,
                WriteFault::Conflict,
            ],
            "refused",
            "old",
            "a",
        ),
    ] {
        let fake = Fake::with(&[goal(7, "a", "old")]).fault("update 7", faults);
        let (lines, _) = apply(&fake, &update()).await;
        assert!(lines[0].starts_with(line), "{lines:?}");
        let row = &fake.rows()[0];
        assert_eq!(
            (&row["description"], &row["name"]),
            (&json!(description), &json!(name))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_whose_answer_was_lost_is_looked_up_and_sent_again_where_it_is_absent() {
    use WriteFault::{LoseAnswer, LoseRequest, Twice};
    for (faults, line, rows, sent) in [
        (vec![LoseAnswer], "applied", 2, 1),
        (vec![LoseRequest], "applied", 2, 2),
        (vec![LoseRequest, LoseRequest], "applied", 2, 3),
        (vec![LoseRequest, LoseAnswer], "applied", 2, 2),
        (
            vec![LoseRequest, LoseRequest, LoseRequest],
            "refused: no answer: timeout; it was not created, in 3 tries",
            1,
            3,
        ),
        (
            vec![LoseRequest, Twice],
            "refused: no answer: timeout; several new objects have its display name (4001, 4002)",
            3,
            2,
        ),
        (
            vec![Twice],
            "refused: no answer: timeout; several new objects have its display name (4001, 4002)",
            3,
            1,
        ),
    ] {
        // A foreign object of the same name was there before: the plan knows it.
        let fake = Fake::with(&[goal(7, "a", "foreign")]).fault("create a", faults);
        let mut sketch = Sketch::new().create("a", &[]);
        sketch.0.known_twins.push(RemoteId::from("7"));
        let (lines, _) = apply(&fake, &sketch).await;
        assert!(lines[0].starts_with(line), "{lines:?}");
        assert_eq!(fake.rows().len(), rows);
        assert_eq!(fake.log(), vec!["create a"; sent]);
    }
}

#[tokio::test]
async fn what_the_server_changed_is_told() {
    let fault = WriteFault::Normalize(json!({ "description": "MADE" }));
    let fake = Fake::default().fault("create a", [fault]);
    let (_, outcome) = apply(&fake, &Sketch::new().create("a", &[])).await;
    let json = serde_json::to_value(&outcome.steps[0]).unwrap();
    assert_eq!(
        json,
        json!({
            "step": 0, "key": "Goal/a", "verb": "create", "result": "applied", "id": "4001",
            "revisionAfter": "1", "normalized": [
                { "pointer": "/spec/description", "expected": "made", "live": "MADE" },
            ],
        })
    );
}

/// What is inside the items of lists is looked at as the rest is.
#[tokio::test]
async fn what_the_server_changed_inside_a_list_is_told() {
    let events = json!([{ "meta": { "name": "Closed", "working": false } }]);
    let fault = WriteFault::Normalize(json!({ "events": events }));
    let fake = Fake::default().fault("create a", [fault]);
    let mut sketch = Sketch::new().create("a", &[]);
    sketch.last().key = "SpecialOccasion/a".parse().unwrap();
    sketch.last().spec =
        json!({ "displayName": "a", "events": [{ "name": "Closed", "working": true }] });
    sketch.0.changes[0].kind = KindId::known("SpecialOccasion");
    let (_, outcome) = apply(&fake, &sketch).await;
    let json = serde_json::to_value(&outcome.steps[0]).unwrap();
    let told = json!([{ "pointer": "/spec/events/0/working", "expected": true, "live": false }]);
    assert_eq!(json["normalized"], told);
}

#[tokio::test]
async fn later_steps_of_an_object_build_on_earlier_ones() {
    let fake = Fake::with(&[goal(7, "b", "old")]);
    let mut sketch = Sketch::new()
        .create("a", &[])
        .step(StepVerb::Publish, "a", None, &[0]);
    sketch.last().before = json!({ "description": "whatever" });
    sketch.last().spec = json!({ "description": "published" });
    let before = json!({ "description": "old" });
    let mut sketch = sketch
        .update("b", 7, before.clone(), json!({ "description": "hidden" }))
        .update("b", 7, before, json!({ "description": "shown" }));
    sketch.last().after = vec![2];
    let mut events = Events::default();
    assert_eq!(
        apply_recorded(&fake, &sketch, &mut events).await,
        ["applied"; 4]
    );
    let descriptions: Vec<_> = fake
        .rows()
        .iter()
        .map(|row| row["description"].clone())
        .collect();
    assert_eq!(descriptions, [json!("published"), json!("shown")]);
    let binds = events
        .lines
        .iter()
        .filter(|line| *line == "bind Goal/a 4001");
    assert_eq!(binds.count(), 2);
}

#[tokio::test]
async fn deleting() {
    let mut vendors = goal(9, "c", "");
    vendors.1["systemDefault"] = json!(true);
    let fake = Fake::with(&[goal(7, "a", ""), vendors])
        .fault("delete 7", [WriteFault::Conflict, WriteFault::LoseAnswer]);
    let sketch = Sketch::new()
        .step(StepVerb::Delete, "a", Some(7), &[])
        .step(StepVerb::Delete, "b", Some(8), &[])
        .step(StepVerb::Delete, "c", Some(9), &[]);
    let mut events = Events::default();
    let lines = apply_recorded(&fake, &sketch, &mut events).await;
    assert_eq!(lines[..2], ["applied", "applied"]);
    assert!(lines[2].contains("vendor's own"), "{lines:?}");
    assert_eq!(fake.rows().len(), 1);
    assert!(events.lines.contains(&"unbind Goal/a".to_owned()));
    assert!(events.lines.contains(&"unbind Goal/b".to_owned()));
}

#[tokio::test]
async fn what_writes_only_the_ledger() {
    let fake = Fake::default();
    let sketch = Sketch::new()
        .step(StepVerb::Adopt, "a", Some(7), &[])
        .step(StepVerb::Forget, "b", Some(8), &[])
        .step(StepVerb::Manual, "c", None, &[])
        .create("d", &[2]);
    let mut events = Events::default();
    let lines = apply_recorded(&fake, &sketch, &mut events).await;
    assert_eq!(
        lines,
        [
            "applied",
            "applied",
            "manual",
            "skipped: it needs Goal/c, which must be done manually first"
        ]
    );
    let [adopt, forget] = ["bind Goal/a 7", "unbind Goal/b"].map(str::to_owned);
    assert!(events.lines.contains(&adopt) && events.lines.contains(&forget));
    assert!(fake.log().is_empty());
}

#[tokio::test]
async fn an_interrupt_stops_between_steps() {
    let fake = Fake::default();
    let sketch = Sketch::new()
        .create("a", &[])
        .create("b", &[])
        .create("c", &[0]);
    let cancelled = AtomicBool::new(false);
    let options = ApplyOptions {
        parallelism: 1,
        ..ApplyOptions::default()
    };
    let stop_at_first = |progress: Progress<'_>| {
        if let Progress::Started { index: 0, .. } = progress {
            cancelled.store(true, Ordering::SeqCst);
        }
    };
    let mut events = Events::default();
    let (lines, outcome) = apply_with(
        &fake,
        &sketch,
        options,
        &mut events,
        &cancelled,
        &stop_at_first,
    )
    .await;
    assert_eq!(lines, ["applied", "interrupted", "interrupted"]);
    assert!(outcome.interrupted);
    assert_eq!(events.lines.last().unwrap(), "finish 0");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_to_stop_sends_no_write_again() {
    let of = |text: &str| json!({ "description": text });
    for (verb, sketch, faults, found) in [
        (
            "create a",
            Sketch::new().create("a", &[]),
            vec![WriteFault::LoseRequest, WriteFault::LoseRequest],
            "refused: no answer: timeout; it was not created, in 1 try",
        ),
        (
            "update 7",
            Sketch::new().update("a", 7, of("old"), of("new")),
            vec![WriteFault::LoseRequest, WriteFault::LoseRequest],
            "unknown: no answer: timeout; it did not take effect so far: apply again",
        ),
        (
            "update 7",
            Sketch::new().update("a", 7, of("old"), of("new")),
            vec![WriteFault::Conflict],
            "refused: changed in the meantime: stale; the write was not retried because the run is stopping: apply again",
        ),
        (
            "delete 7",
            Sketch::new().step(StepVerb::Delete, "a", Some(7), &[]),
            vec![WriteFault::LoseRequest, WriteFault::LoseRequest],
            "unknown: no answer: timeout; it did not take effect so far: apply again",
        ),
        // What took effect is found all the same.
        (
            "update 7",
            Sketch::new().update("a", 7, of("old"), of("new")),
            vec![WriteFault::LoseAnswer],
            "applied",
        ),
        (
            "create a",
            Sketch::new().create("a", &[]),
            vec![WriteFault::LoseAnswer],
            "applied",
        ),
    ] {
        let fake = match verb {
            "create a" => Fake::default(),
            _ => Fake::with(&[goal(7, "a", "old")]),
        };
        let fake = fake.fault(verb, faults);
        let cancelled = AtomicBool::new(false);
        let stop = |_: Progress<'_>| cancelled.store(true, Ordering::SeqCst);
        let (options, events) = (ApplyOptions::default(), &mut Events::default());
        let (lines, _) = apply_with(&fake, &sketch, options, events, &cancelled, &stop).await;
        assert_eq!(lines, [found]);
        assert_eq!(fake.log(), [verb], "{found}");
    }
}

#[tokio::test]
async fn nothing_is_written_that_cannot_be_recorded() {
    let sketch = Sketch::new().create("a", &[]).create("b", &[0]);
    for (fails_at, writes) in [(0, 0), (1, 0), (2, 1)] {
        let fake = Fake::default();
        let mut events = Events {
            fails_at: Some(fails_at),
            ..Events::default()
        };
        let lines = apply_recorded(&fake, &sketch, &mut events).await;
        assert_eq!(fake.log().len(), writes, "{lines:?}");
        assert!(
            lines[0].contains("the ledger cannot be written: disk full"),
            "{lines:?}"
        );
        assert!(lines[1].starts_with("skipped"), "{lines:?}");
    }
}

#[tokio::test]
async fn a_ledger_session_takes_the_events() {
    let directory = tempfile::tempdir().unwrap();
    let store = crate::ledger::LedgerStore::new(directory.path().join("ledger.json"), "10000001");
    let holder = crate::ledger::Holder {
        who: "ann@here".into(),
        since: clock().to_string(),
    };
    let mut session = store.lock(&holder, "line-1").await.unwrap();
    let (fake, sketch) = (Fake::default(), Sketch::new().create("a", &[]));
    let ledger = session.ledger().clone();
    let input = ApplyInput {
        platform: &fake,
        plan: &sketch.0,
        plan_id: "p1",
        ledger: &ledger,
        applied: &BTreeSet::new(),
        is_resumed: false,
        clock,
        cancelled: &AtomicBool::new(false),
        options: ApplyOptions::default(),
    };
    run(&input, &mut session, &|_| {}).await;
    session.commit().await.unwrap();
    let ledger = store.load("other").await.unwrap().ledger;
    assert_eq!(
        (ledger.serial, &ledger.used_plans[..]),
        (1, &["p1".to_owned()][..])
    );
    let entry = ledger.entries.values().next().unwrap();
    assert_eq!(entry.id, RemoteId::from("4001"));
    assert_eq!(entry.at, "2026-09-01T00:00:00Z");
}
