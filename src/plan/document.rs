//! A plan as a document: it says everything once, and the rest of it follows from that.
//!
//! A document lies about for days, and people edit files. So nothing in it is believed that can be computed: the
//! steps, their order and the counts are computed from the changes again, and the changes say no more and no less than
//! what their fields show. The digest finds out what is left: a file that was cut short, merged or edited. What only
//! the account or the ledger can tell, ids and guards, is asked there right before the first write.
//!
//! A document keeps the values that a change writes in its steps; a change that is read gets them back from there.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::freeze::{place, summary};
use super::{
    Action, Change, FieldChange, PLAN_FORMAT, Plan, Step, StepVerb, Summary, order, steps,
};
use crate::diff::{Difference, compare, write_sorted};
use crate::kinds::mapping::{get_path, same, set_path, take_path, with_defaults};
use crate::kinds::words::VOCABULARY;
use crate::text::Pointer;

/// Where the fields of a manifest stand.
const SPEC: &str = "/spec";

/// The plan in the text of a file.
///
/// # Errors
/// Why the text is no plan that can be shown or applied.
pub fn read(text: &str) -> Result<Plan, String> {
    let mut plan: Plan = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if plan.format != PLAN_FORMAT {
        return Err(format!(
            "its format is `{}`, and this program reads `{PLAN_FORMAT}`",
            plan.format
        ));
    }
    let made = plan.tool_version.clone();
    let damaged = |what: String| {
        if made == env!("CARGO_PKG_VERSION") {
            format!("the plan file is damaged: {what}")
        } else {
            format!("the plan file is damaged, or version {made} made it otherwise: {what}")
        }
    };
    if let Some(what) = ill_linked(&plan) {
        return Err(damaged(what));
    }
    restore(&mut plan);
    // What follows from what is said by this program's words alone; `stale` refuses to apply a plan of other words,
    // but it is shown, so it must be what was written.
    let damage = if plan.vocabulary == VOCABULARY {
        damage(&plan)
    } else {
        serde_json::from_str::<Value>(text).map_or_else(
            |error| Some(error.to_string()),
            |document| wrong_digest(&plan.digest, &document),
        )
    };
    damage.map(damaged).map_or(Ok(plan), Err)
}

/// A digest of all that a plan says, the same however its objects are ordered.
#[must_use]
pub fn digest(plan: &Plan) -> String {
    digest_of(plan)
}

/// A digest of all that a document says but for its own `digest`.
pub(super) fn digest_of(document: &impl Serialize) -> String {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    if let Value::Object(document) = &mut document {
        document.shift_remove("digest");
    }
    let mut text = Vec::new();
    write_sorted(&document, &mut text);
    let digest = Sha256::digest(text);
    digest.iter().fold(String::new(), |mut out, byte| {
        use std::fmt::Write as _;
        let _ = write!(out, "{byte:02x}"); // writing to a string cannot fail
        out
    })
}

/// Steps that belong to no change, or wait for one that is not there: nothing can be computed from these.
fn ill_linked(plan: &Plan) -> Option<String> {
    for (index, step) in plan.steps.iter().enumerate() {
        let change = plan.changes.get(step.change);
        if change.is_none_or(|change| change.key() != step.key) {
            return Some(format!("step {index} belongs to no change"));
        }
        if step.after.iter().any(|before| *before >= index) {
            return Some(format!("step {index} waits for a later one"));
        }
    }
    None
}

/// Gives the changes the values back that are in their steps.
fn restore(plan: &mut Plan) {
    for change in &mut plan.changes {
        change.patch = Value::Object(Map::new());
        change.expected = Value::Object(Map::new());
    }
    for step in &plan.steps {
        let Some(change) = plan.changes.get_mut(step.change) else {
            continue; // `ill_linked` has refused it
        };
        match step.verb {
            // What is created is what is declared; what comes later is beside it.
            StepVerb::Create => {}
            // That it is taken back first follows from what it is.
            StepVerb::Unpublish if change.action == Action::Delete => {
                put_first(&mut change.expected, &step.before);
            }
            _ => {
                put(&mut change.patch, &step.spec);
                put_first(&mut change.expected, &step.before);
            }
        }
    }
}

/// Puts fields beside those that are there: what an earlier step saw is what was there before the plan.
fn put_first(target: &mut Value, source: &Value) {
    let earlier = std::mem::replace(target, source.clone());
    if target.is_object() {
        put(target, &earlier);
    } else {
        *target = earlier;
    }
}

/// Puts the fields of one object into another one.
fn put(target: &mut Value, source: &Value) {
    let (Value::Object(target), Value::Object(source)) = (target, source) else {
        return;
    };
    for (key, value) in source {
        match target.get_mut(key) {
            Some(known) if known.is_object() && value.is_object() => put(known, value),
            _ => drop(target.insert(key.clone(), value.clone())),
        }
    }
}

/// What in a plan does not follow from the rest of it.
pub(super) fn damage(plan: &Plan) -> Option<String> {
    let wrong_change = plan.changes.iter().find_map(wrong_change);
    wrong_change
        .or_else(|| wrong_list(plan))
        .or_else(|| wrong_step(plan))
        .or_else(|| wrong_summary(plan))
        .or_else(|| wrong_refusal(plan))
        .or_else(|| wrong_digest(&plan.digest, plan))
}

/// The content is what the digest was made of.
fn wrong_digest(said: &str, document: &impl Serialize) -> Option<String> {
    let is_same = digest_of(document) == said;
    (!is_same).then(|| "its content is not what its digest says".to_owned())
}

/// The list of changes is in its one order, and names nothing twice.
fn wrong_list(plan: &Plan) -> Option<String> {
    let pairs = plan.changes.windows(2);
    let mut unordered = pairs.filter(|pair| place(&pair[0]) >= place(&pair[1]));
    let pair = unordered.next()?;
    Some(format!("{} is at the wrong place", pair[1].key()))
}

/// The steps are those of the changes.
fn wrong_step(plan: &Plan) -> Option<String> {
    let due = order::sorted(
        steps::steps(&plan.changes),
        &plan.changes,
        &plan.dependencies,
    );
    let told = |step: &Step| {
        let verb = serde_json::json!(step.verb);
        format!("{} {}", verb.as_str().unwrap_or_default(), step.key)
    };
    let mut pairs = plan.steps.iter().zip(&due).enumerate();
    if let Some((index, (step, due))) = pairs.find(|(_, (step, due))| step != due) {
        let (step, due) = (told(step), told(due));
        return Some(if step == due {
            format!("step {index} ({step}) does not write what the changes say")
        } else {
            format!("step {index} is `{step}`, and `{due}` follows from the changes")
        });
    }
    let (is, due) = (plan.steps.len(), due.len());
    (is != due).then(|| format!("it has {is} steps, and {due} follow from the changes"))
}

/// The counts are those of the changes. Of what does not change, a document keeps little.
fn wrong_summary(plan: &Plan) -> Option<String> {
    let counted = summary(&plan.changes);
    let is_same = Summary {
        unchanged: plan.summary.unchanged,
        ..counted
    } == plan.summary;
    (!is_same || plan.summary.unchanged < counted.unchanged)
        .then(|| "its summary does not count the changes".to_owned())
}

/// A protected object is in no plan that deletes it without a refusal.
fn wrong_refusal(plan: &Plan) -> Option<String> {
    let protected = plan.changes.iter().find(|change| {
        let goes = matches!(change.action, Action::Delete | Action::Replace);
        let refusals = &mut plan.refusals.iter();
        goes && change.protect && !refusals.any(|refusal| refusal.objects.contains(&change.key()))
    })?;
    Some(format!(
        "{} is protected, and no guard holds it",
        protected.key()
    ))
}

/// What in a change does not follow from the rest of it.
fn wrong_change(change: &Change) -> Option<String> {
    let what = match change.action {
        Action::Create => unlike(change, &created(change), &Value::Null),
        // Of what is left to people, the differences are shown, and the name alone moves.
        Action::Update if change.is_rename_only() => None,
        Action::Update | Action::Manual => unlike(change, &change.patch, &change.expected),
        Action::Replace => replaces_otherwise(change),
        Action::Delete => {
            let inside = change.kind.def().children.as_ref();
            let list = inside.map(|inside| get_path(&change.expected, inside.field));
            let is_said = list.is_none_or(|list| list.is_some_and(Value::is_array));
            (!is_said).then(|| "it does not say what is inside".to_owned())
        }
        Action::Adopt | Action::Forget | Action::None => None,
    };
    let what = what.or_else(|| unseen(change))?;
    Some(format!("{}: {what}", change.key()))
}

/// All that a create writes. The list of what lies inside comes after it, and an empty one that is declared is not
/// written.
fn created(change: &Change) -> Value {
    let mut spec = change.declared.clone();
    if let Some(inside) = &change.kind.def().children {
        take_path(&mut spec, inside.field);
        if let Some(list) = change.patch.get(inside.field) {
            set_path(&mut spec, inside.field, list.clone());
        }
    }
    spec
}

/// The fields of a manifest that a change shows.
fn shown(change: &Change) -> impl Iterator<Item = (&str, &FieldChange)> {
    let fields = change.fields.iter();
    fields.filter_map(|field| Some((field.pointer.as_str().strip_prefix(SPEC)?, field)))
}

/// A field that is shown and not written, or written and not shown.
fn unlike(change: &Change, wanted: &Value, held: &Value) -> Option<String> {
    let written = compare(change.kind.def().fields, wanted, held).differences;
    let told = |pointer: &str| Pointer::from(pointer).path();
    let mut by_place: BTreeMap<&str, Vec<&Difference>> = BTreeMap::new();
    for difference in &written {
        let place = by_place.entry(difference.pointer.as_str()).or_default();
        place.push(difference);
    }
    for (at, field) in shown(change) {
        let is_written = by_place.get(at).into_iter().flatten().any(|difference| {
            // What the platform does not return is shown as it was applied last.
            let is_before = same(&difference.before, &field.before)
                || (difference.before.is_null() && is_unreturned(change, at));
            is_before && same(&difference.after, &field.after)
        });
        if !is_written {
            return Some(format!(
                "`{}` is shown otherwise than it is written",
                told(at)
            ));
        }
    }
    let is_shown: BTreeSet<&str> = shown(change).map(|(at, _)| at).collect();
    let mut places = written.iter();
    let hidden = places.find(|difference| !is_shown.contains(difference.pointer.as_str()))?;
    let at = told(hidden.pointer.as_str());
    Some(format!("`{at}` is written and not shown"))
}

/// Whether the platform takes a field and does not return it.
fn is_unreturned(change: &Change, at: &str) -> bool {
    let mut fields = change.kind.def().fields.iter();
    fields
        .any(|field| field.unreturned && at.trim_start_matches('/') == field.spec.replace('.', "/"))
}

/// A field of a replacement that is shown otherwise than it is created.
fn replaces_otherwise(change: &Change) -> Option<String> {
    let full = with_defaults(change.kind.def(), &change.declared);
    shown(change).find_map(|(at, field)| {
        let is = full.pointer(at).unwrap_or(&Value::Null);
        let path = Pointer::from(at).path();
        // Items of a list take along what nobody declares of them.
        let is_shown = same(is, &field.after) || same(is, &field.written(change.kind));
        (!is_shown).then(|| format!("`{path}` is shown otherwise than it is written"))
    })
}

/// A write to a live object without an id, or without a look at what it was.
fn unseen(change: &Change) -> Option<String> {
    let writes = match change.action {
        Action::Delete | Action::Replace => true,
        Action::Update => !change.is_rename_only(),
        Action::Create | Action::Adopt | Action::Forget | Action::Manual | Action::None => false,
    };
    if !change.takes.is_empty() && !change.sets_flag() {
        return Some("it takes a flag that it does not set".to_owned());
    }
    if writes && (change.remote_id.is_none() || change.fingerprint.is_empty()) {
        return Some("it does not say which live object it saw".to_owned());
    }
    None
}
