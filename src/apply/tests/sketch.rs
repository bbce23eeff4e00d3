//! Plans and recorders for the tests, and one call that applies.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use super::super::*;
use super::fake::Fake;
use crate::ledger::JournalEvent;
use crate::live::{Ledger, References};
use crate::plan::{Action, Change, PLAN_FORMAT, Plan, Step, StepVerb, Summary};

/// A plan under construction: one change and one step per call.
pub(super) struct Sketch(pub(super) Plan);

impl Sketch {
    pub(super) fn new() -> Self {
        Self(Plan {
            id: "plan-1".into(),
            created_at: "2026-06-01T12:00:00Z".into(),
            project: ".".into(),
            project_name: None,
            manifest_digest: String::new(),
            ledger: None,
            selection: None,
            known_twins: Vec::new(),
            reaches: Vec::new(),
            dependencies: Vec::new(),
            effects: Vec::new(),
            impact: None,
            live: Vec::new(),
            left_alone: Vec::new(),
            unsettled: Vec::new(),
            warnings: Vec::new(),
            refusals: Vec::new(),
            digest: String::new(),
            format: PLAN_FORMAT.into(),
            tool_version: "0".into(),
            vocabulary: crate::kinds::words::VOCABULARY,
            environment: "sandbox".into(),
            account: "10000001".into(),
            summary: Summary::default(),
            changes: Vec::new(),
            steps: Vec::new(),
            references: References::default(),
        })
    }

    pub(super) fn step(
        mut self,
        verb: StepVerb,
        name: &str,
        id: Option<u64>,
        after: &[usize],
    ) -> Self {
        let change = json!({
            "kind": "Goal", "name": name, "displayName": name, "action": Action::None,
            "remoteId": id.map(|id| id.to_string()), "fields": [], "unchanged": 0,
            "declared": { "displayName": name },
        });
        self.0.steps.push(Step {
            key: format!("Goal/{name}").parse().unwrap(),
            change: self.0.changes.len(),
            verb,
            spec: Value::Null,
            before: Value::Null,
            after: after.to_vec(),
        });
        self.0
            .changes
            .push(serde_json::from_value::<Change>(change).unwrap());
        self
    }

    pub(super) fn create(self, name: &str, after: &[usize]) -> Self {
        let mut sketch = self.step(StepVerb::Create, name, None, after);
        sketch.last().spec = json!({ "displayName": name, "description": "made" });
        sketch
    }

    pub(super) fn update(self, name: &str, id: u64, before: Value, spec: Value) -> Self {
        let mut sketch = self.step(StepVerb::Update, name, Some(id), &[]);
        (sketch.last().before, sketch.last().spec) = (before, spec);
        sketch
    }

    pub(super) fn last(&mut self) -> &mut Step {
        self.0.steps.last_mut().unwrap()
    }
}

/// A recorder that keeps a line per event, and fails on demand.
#[derive(Default)]
pub(super) struct Events {
    pub(super) lines: Vec<String>,
    pub(super) fails_at: Option<usize>,
}

impl Recorder for Events {
    fn record(&mut self, event: JournalEvent) -> Result<(), RecordError> {
        if self.fails_at == Some(self.lines.len()) {
            return Err(RecordError::Ledger("disk full".into()));
        }
        self.lines.push(match event {
            JournalEvent::PlanUsed { plan } => format!("use {plan}"),
            JournalEvent::Started { step, .. } => format!("start {step}"),
            JournalEvent::Bound { key, entry, .. } => format!("bind {key} {}", entry.id),
            JournalEvent::Unbound { key, .. } => format!("unbind {key}"),
            JournalEvent::Finished { step, applied: _ } => format!("finish {step}"),
            other => format!("{other:?}"),
        });
        Ok(())
    }
}

pub(super) fn clock() -> jiff::Timestamp {
    "2026-09-01T00:00:00Z".parse().unwrap()
}

/// Runs a plan; per step `applied`, `failed: ..`, `stale: ..`, `skipped: ..`, `manual`, `interrupted`.
pub(super) async fn apply_with(
    fake: &Fake,
    sketch: &Sketch,
    options: ApplyOptions,
    events: &mut Events,
    cancelled: &AtomicBool,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> (Vec<String>, Outcome) {
    let ledger = Ledger::new("10000001", "line-1");
    let input = ApplyInput {
        platform: fake,
        plan: &sketch.0,
        plan_id: "p1",
        ledger: &ledger,
        applied: &BTreeSet::new(),
        is_resumed: false,
        clock,
        cancelled,
        options,
    };
    let outcome = run(&input, events, progress).await;
    let lines = outcome
        .steps
        .iter()
        .map(|step| line(&step.result))
        .collect();
    (lines, outcome)
}

fn line(result: &StepResult) -> String {
    match result {
        StepResult::Applied { .. } => "applied".to_owned(),
        StepResult::Failed { message, class } => {
            let class = serde_json::to_value(class).unwrap();
            format!("{}: {message}", class.as_str().unwrap())
        }
        StepResult::Skipped { because } => format!("skipped: {because}"),
        StepResult::Manual => "manual".to_owned(),
        StepResult::Interrupted => "interrupted".to_owned(),
    }
}

pub(super) async fn apply(fake: &Fake, sketch: &Sketch) -> (Vec<String>, Outcome) {
    let (events, cancelled) = (&mut Events::default(), &AtomicBool::new(false));
    apply_with(
        fake,
        sketch,
        ApplyOptions::default(),
        events,
        cancelled,
        &|_| {},
    )
    .await
}

pub(super) async fn apply_recorded(
    fake: &Fake,
    sketch: &Sketch,
    events: &mut Events,
) -> Vec<String> {
    let cancelled = &AtomicBool::new(false);
    let options = ApplyOptions::default();
    apply_with(fake, sketch, options, events, cancelled, &|_| {})
        .await
        .0
}
