//! What apply looks at before it writes: that nothing appeared, that nothing changed, and what a dead run left.

use serde_json::json;

use super::super::*;
use super::fake::{Fake, WriteFault, goal};
use super::sketch::{Sketch, apply};
use crate::api::Reader;
use crate::diff::fingerprint;
use crate::kinds::KindId;
use crate::ledger::JournalEvent;
use crate::live::{Draft, Entry, Ledger, Unfinished};
use crate::name::RemoteId;
use crate::plan::StepVerb;

#[tokio::test]
async fn what_has_appeared_is_not_created_beside_it() {
    let fake = Fake::with(&[goal(7, "a", "by somebody")]);
    let (lines, _) = apply(&fake, &Sketch::new().create("a", &[])).await;
    assert_eq!(
        lines,
        ["stale: an object of that name exists in the account now (7); plan again"]
    );
    assert!(fake.log().is_empty());
}

/// Between the look and the create lies a moment in which the account knows no lock: what came in between is told.
#[tokio::test]
async fn what_another_run_created_at_the_same_moment_is_told() {
    let fake = Fake::with(&[goal(7, "a", "known")]).fault("create a", [WriteFault::Beside]);
    let mut sketch = Sketch::new().create("a", &[]).create("b", &[]);
    sketch.0.known_twins.push(RemoteId::from("7"));
    let (lines, outcome) = apply(&fake, &sketch).await;
    assert_eq!(lines, ["applied", "applied"]);
    let told = outcome.steps.iter().map(|step| match &step.result {
        StepResult::Applied { id, twins, .. } => (id.clone().unwrap(), twins.clone()),
        other => panic!("{other:?}"),
    });
    let told: Vec<_> = told.collect();
    assert_eq!(told[0].1.len(), 1, "{told:?}");
    assert_ne!(told[0].1[0], told[0].0, "{told:?}");
    assert_ne!(told[0].1[0], RemoteId::from("7"), "{told:?}");
    assert!(told[1].1.is_empty(), "{told:?}");
}

#[tokio::test]
async fn an_object_that_somebody_edited_is_not_deleted() {
    for (description, line) in [
        ("as planned", "applied"),
        (
            "edited",
            "stale: changed since it was planned: `description`; plan again",
        ),
    ] {
        let fake = Fake::with(&[goal(7, "a", description)]);
        let mut sketch = Sketch::new().step(StepVerb::Delete, "a", Some(7), &[]);
        let planned = goal(7, "a", "as planned").1;
        sketch.0.changes[0].fingerprint = fingerprint(KindId::known("Goal"), planned.clone());
        let (lines, _) = apply(&fake, &sketch).await;
        assert_eq!(lines, [line]);
    }
}

/// A ledger with a create of which nobody knows what became.
fn cut_off() -> Ledger {
    let mut ledger = Ledger::new("10000001", "line-1");
    ledger.unfinished.push(Unfinished {
        step: 3,
        key: "Goal/a".parse().unwrap(),
        draft: Some(Box::new(Draft {
            body: json!({ "name": "a", "description": "made" }),
            entry: Entry {
                id: RemoteId::from(""),
                parent: None,
                display_name: "a".to_owned(),
                applied: json!({ "displayName": "a" }).into(),
                vocabulary: crate::kinds::words::VOCABULARY,
                protect: false,
                observed: false,
                file: "goals.yaml".to_owned(),
                link: None,
                at: "2026-09-01T00:00:00Z".to_owned(),
                plan: "p1".to_owned(),
            },
            twins: vec![RemoteId::from("7")],
            replaces: None,
        })),
    });
    ledger
}

#[tokio::test]
async fn the_object_of_a_dead_run_is_found_by_its_name_and_content() {
    let before = goal(7, "a", "made");
    let ours = goal(8, "a", "made");
    let others = goal(9, "a", "by somebody");
    for (rows, found) in [
        (vec![before.clone()], None),
        (vec![before.clone(), ours.clone()], Some("8")),
        (
            vec![before.clone(), ours.clone(), others.clone()],
            Some("8"),
        ),
        (vec![before, others], None),
    ] {
        let fake = Fake::with(&rows);
        let events = recover(&fake, &cut_off()).await.unwrap();
        let bound = events.iter().find_map(|event| match event {
            JournalEvent::Bound { entry, .. } => Some(entry.id.as_str().to_owned()),
            _ => None,
        });
        assert_eq!(bound.as_deref(), found);
        let applied = found.is_some();
        assert_eq!(
            events.last(),
            Some(&JournalEvent::Finished { step: 3, applied })
        );
    }
}

#[tokio::test]
async fn two_objects_that_may_be_the_one_stop_everything() {
    let fake = Fake::with(&[goal(8, "a", "made"), goal(9, "a", "made")]);
    let error = recover(&fake, &cut_off()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "a run died while it created Goal/a, and any of these may be its object: 8, 9"
    );
}

#[tokio::test]
async fn a_create_that_nobody_knows_of_stays_open() {
    let fake = Fake::default().fault("create a", [WriteFault::LoseAnswerAndReads]);
    let (lines, outcome) = apply(&fake, &Sketch::new().create("a", &[])).await;
    assert!(
        lines[0].starts_with("unknown: no answer: timeout"),
        "{lines:?}"
    );
    assert!(outcome.has_failed(Class::Unknown));
    assert!(fake.list(KindId::known("Goal"), None).await.is_err());
}
