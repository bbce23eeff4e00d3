//! A colleague changes one leaf between any two requests of an update, at every place of every kind: the change is
//! kept, or the step is stale. It is never lost.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use super::super::*;
use super::fake::{ColleagueEdit, Fake, WriteFault};
use super::sketch::{Events, Sketch, clock};
use crate::diff::{Cause, FieldChange, compare, patch};
use crate::kinds::field::Field;
use crate::kinds::mapping::{canonical, lift};
use crate::kinds::{ALL, Findings, KindDef, KindId, Role, RuleWorld};
use crate::live::{Ledger, References};
use crate::plan::{Step, StepVerb};
use crate::text::Pointer;

/// Keys of a body that are the server's, or its copies of something else.
const COPIES: &[&str] = &[
    "id",
    "skillName",
    "name",
    "people",
    "type",
    "displayInstanceType",
];

fn fixture(def: &KindDef) -> Option<Value> {
    let mut snake = String::new();
    for letter in def.name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/kinds");
    let text = std::fs::read_to_string(format!("{folder}/{snake}/fixtures/live.json")).ok()?;
    serde_json::from_str(&text).ok()
}

fn kinds() -> impl Iterator<Item = (&'static KindDef, Value)> {
    let kinds = ALL.iter().filter(|def| def.role != Role::Reference);
    kinds.filter_map(|def| Some((def, fixture(def)?)))
}

/// Every change of one leaf: another value, none, a new key in every object, one more item in every list.
fn edits(value: &Value, at: &Pointer, out: &mut Vec<ColleagueEdit>) {
    let edit = |value: Option<Value>| ColleagueEdit {
        at: at.clone(),
        value,
    };
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                edits(value, &at.key(key), out);
            }
            out.push(ColleagueEdit {
                at: at.key("colleague"),
                value: Some(json!("was here")),
            });
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                match item {
                    Value::Object(_) | Value::Array(_) => edits(item, &at.index(index), out),
                    leaf => out.push(ColleagueEdit {
                        at: at.index(index),
                        value: Some(other(leaf)),
                    }),
                }
            }
            if !items.is_empty() {
                out.push(edit(Some(items[1..].into())));
            }
            let more = items.last().map_or_else(
                || json!("one more"),
                |last| match last {
                    Value::Object(_) | Value::Array(_) => last.clone(),
                    leaf => other(leaf),
                },
            );
            let more = items.iter().cloned().chain([more]).collect();
            out.push(edit(Some(more)));
        }
        Value::Null => out.push(edit(Some(other(value)))),
        leaf => out.extend([edit(Some(other(leaf))), edit(None)]),
    }
}

/// Another value of the same type.
fn other(leaf: &Value) -> Value {
    match leaf {
        Value::Bool(is) => Value::from(!is),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| json!(0.25), |number| Value::from(number + 1)),
        Value::String(text) => Value::from(format!("{text} by a colleague")),
        _ => json!("no longer nothing"),
    }
}

/// Changes of a spec as people make them in a manifest: one leaf each.
fn wanted(def: &'static KindDef, held: &Value) -> Vec<Value> {
    let mut changes = Vec::new();
    edits(held, &Pointer::root(), &mut changes);
    let wanted = changes.into_iter().map(|mut change| {
        let mut wanted = held.clone();
        if change.value.is_none() {
            change.value = Some(Value::Null); // what was set and is no longer declared
        }
        change.make(&mut wanted);
        let is_valid = (def.check)(&wanted, "it", &Nothing, &mut Findings::default()).is_ok();
        is_valid.then(|| canonical(def, &wanted, &References::default()))
    });
    wanted.flatten().collect()
}

/// No manifests.
struct Nothing;

impl RuleWorld for Nothing {
    fn spec(&self, _: &'static str, _: &str) -> Option<&Value> {
        None
    }

    fn children(&self, _: &'static str, _: &str) -> Vec<(&str, &Value)> {
        Vec::new()
    }
}

/// The update that brings an object from what is held to what is wanted.
fn update(def: &'static KindDef, body: &Value, wanted: &Value) -> Option<Sketch> {
    let held = lift(def, body, &References::default());
    let changes: Vec<FieldChange> = compare(def.fields, wanted, &held)
        .differences
        .into_iter()
        .map(|found| FieldChange {
            pointer: Pointer::new("/spec").join(&found.pointer),
            before: found.before,
            after: found.after,
            last: None,
            cause: Cause::Edit,
            by: Vec::new(),
            unconfirmed: Vec::new(),
            hints: Vec::new(),
            means: Vec::new(),
            source: None,
        })
        .collect();
    if changes.is_empty() {
        return None;
    }
    let (spec, before) = patch(def.fields, &changes, wanted, &held);
    let mut sketch = Sketch::new();
    let id = body["id"]
        .as_str()
        .map_or_else(|| body["id"].to_string(), str::to_owned);
    let change = json!({
        "kind": def.name, "name": "it", "displayName": "it", "action": "update",
        "remoteId": id, "remoteParent": "1", "fields": [], "unchanged": 0, "declared": wanted,
    });
    sketch
        .0
        .changes
        .push(serde_json::from_value(change).unwrap());
    sketch.0.steps.push(Step {
        key: format!("{}/it", def.name).parse().unwrap(),
        change: 0,
        verb: StepVerb::Update,
        spec,
        before,
        after: Vec::new(),
    });
    Some(sketch)
}

/// Between which two requests the edit comes.
#[derive(Clone, Copy, Debug)]
enum Moment {
    BeforeTheRead,
    BeforeTheWrite,
    AfterALostAnswer,
    BeforeALostRequest,
}

const MOMENTS: [Moment; 4] = [
    Moment::BeforeTheRead,
    Moment::BeforeTheWrite,
    Moment::AfterALostAnswer,
    Moment::BeforeALostRequest,
];

/// Carries an update out while the edit is made, and says whether it was done.
fn carry_out(
    def: &KindDef,
    body: &Value,
    sketch: &Sketch,
    edit: &ColleagueEdit,
    moment: Moment,
) -> (Fake, bool) {
    let (mut body, edit) = (body.clone(), edit.clone());
    let fault = match moment {
        Moment::BeforeTheRead => {
            edit.make(&mut body);
            None
        }
        Moment::BeforeTheWrite => Some(WriteFault::Edit(edit)),
        Moment::AfterALostAnswer => Some(WriteFault::LoseAnswerThenEdit(edit)),
        Moment::BeforeALostRequest => Some(WriteFault::LoseRequestThenEdit(edit)),
    };
    let id = body["id"]
        .as_str()
        .map_or_else(|| body["id"].to_string(), str::to_owned);
    let fake = Fake::with(&[(def.name, body)]).fault(&format!("update {id}"), fault);
    let ledger = Ledger::new("10000001", "line-1");
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
    let mut events = Events::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let outcome = runtime.block_on(run(&input, &mut events, &|_| {}));
    let is_done = match &outcome.steps[0].result {
        StepResult::Applied { .. } => true,
        StepResult::Failed {
            class: Class::Stale | Class::Refused, // an edit can make it one of the vendor's own
            ..
        } => false,
        other => panic!("{} {moment:?}: {other:?}", def.name),
    };
    (fake, is_done)
}

#[test]
fn an_edit_of_one_leaf_is_kept_or_the_step_is_stale() {
    let (mut kept, mut stale, mut count, mut wrong) = (0, 0, 0_usize, Vec::new());
    for (def, body) in kinds() {
        let held = lift(def, &body, &References::default());
        let mut all = Vec::new();
        edits(&body, &Pointer::root(), &mut all);
        let server = def
            .collection
            .map_or(&[][..], |collection| collection.server_assigned);
        all.retain(|edit| {
            let top = edit.at.steps().next().unwrap_or_default();
            let is_unreturned = |field: &&Field| field.unreturned && field.wire == top;
            if def.fields.iter().any(|field| is_unreturned(&field)) {
                return false; // what the platform does not return nobody can compare
            }
            let is_copy = edit.at.as_str() == "/json/name" || COPIES.contains(&top.as_str());
            !server.contains(&top.as_str()) && !is_copy && edit.at.as_str() != "/json/id"
        });
        let sketches: Vec<Sketch> = wanted(def, &held)
            .iter()
            .filter_map(|wanted| update(def, &body, wanted))
            .collect();
        assert!(sketches.len() > 3 && all.len() > 3, "{}", def.name);
        for (at, sketch) in sketches.iter().enumerate() {
            for (number, edit) in all.iter().enumerate() {
                // Each edit meets each update at one moment, and its own field at all of them.
                for (turn, moment) in MOMENTS.into_iter().enumerate() {
                    if (at + number) % MOMENTS.len() != turn || (at * 7 + number) % sparse(def) != 0
                    {
                        continue;
                    }
                    count += 1;
                    let (fake, is_done) = carry_out(def, &body, sketch, edit, moment);
                    let row = &fake.rows()[0];
                    let step = &sketch.0.steps[0];
                    let context = || {
                        format!(
                            "{} {moment:?} {edit:?}\n{} -> {}\n{row}",
                            def.name, step.before, step.spec
                        )
                    };
                    if is_done {
                        kept += 1;
                    } else {
                        stale += 1;
                    }
                    let is_made = matches!(moment, Moment::BeforeTheRead) || fake.is_edited();
                    if is_made && !edit.is_in(row) {
                        wrong.push(format!("lost: {}", context()));
                    }
                    let after = lift(def, row, &References::default());
                    let written = canonical(def, &step.spec, &References::default());
                    let left = compare(def.fields, &written, &after).differences;
                    if is_done && !left.is_empty() {
                        wrong.push(format!("not done: {left:?} {}", context()));
                    }
                }
            }
        }
    }
    let some: Vec<&String> = wrong.iter().step_by(wrong.len() / 25 + 1).collect();
    assert!(wrong.is_empty(), "{} of {count}:\n{some:#?}", wrong.len());
    assert!(
        count > 1_000 && kept > 500 && stale > 20,
        "{count} {kept} {stale}"
    );
}

/// The answer to a write is lost, and a colleague takes back what it wrote: a second write would undo that.
#[test]
fn what_a_colleague_takes_back_after_a_lost_answer_stays_taken_back() {
    let mut count = 0;
    for (def, body) in kinds() {
        let held = lift(def, &body, &References::default());
        let updates = wanted(def, &held);
        for sketch in updates.iter().filter_map(|it| update(def, &body, it)) {
            // Written undisturbed, it shows which keys a colleague has to put back.
            let nothing = ColleagueEdit {
                at: Pointer::root(),
                value: None,
            };
            let (fake, _) = carry_out(def, &body, &sketch, &nothing, Moment::BeforeTheRead);
            let written = &fake.rows()[0];
            let keys = written
                .as_object()
                .unwrap()
                .keys()
                .chain(body.as_object().unwrap().keys());
            let moved: BTreeSet<&String> = keys
                .filter(|key| written.get(*key) != body.get(*key))
                .collect();
            let [key] = moved.into_iter().collect::<Vec<_>>()[..] else {
                continue;
            };
            let back = ColleagueEdit {
                at: Pointer::root().key(key),
                value: body.get(key).cloned(),
            };
            let (fake, is_done) = carry_out(def, &body, &sketch, &back, Moment::AfterALostAnswer);
            let row = &fake.rows()[0];
            assert!(!is_done && back.is_in(row), "{}: {back:?}\n{row}", def.name);
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

/// One in how many pairs of an update and an edit is tried: an engagement has ten thousand of them.
fn sparse(def: &KindDef) -> usize {
    match KindId::named(def.name).map(|kind| kind.def().fields.len()) {
        Some(many) if many > 20 => 61,
        _ => 7,
    }
}
