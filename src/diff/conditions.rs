//! Conditions of which no live object has the like: their numbers and payloads are not public, so that what the
//! account has is the only measure.

use std::collections::{BTreeMap, BTreeSet};

use super::codes::{CONDITION_SHAPE, CONDITION_UNSEEN};
use super::{Action, Bindings, Change, DiffInput};
use crate::diag::{Diagnostic, Diags};
use crate::kinds::mapping::{create_body, keeps};
use crate::kinds::{KindId, RawCondition, condition_numbers, conditions_field, raw_conditions};
use crate::live::{Inventory, UsedConditions, used_conditions};
use crate::text::Pointer;

/// Warns of conditions that a plan creates or changes and that are like none of the account.
pub(super) fn check(
    input: &DiffInput<'_>,
    bindings: &Bindings<'_>,
    changes: &[Change],
    diags: &mut Diags,
) {
    for change in changes.iter().filter(|change| writes_conditions(change)) {
        let Some(resource) = input.desired.get(&change.key()) else {
            continue;
        };
        let (kind, def) = (change.kind, change.kind.def());
        let used = used_conditions(input.inventory, kind);
        let body = create_body(def, &resource.spec, &bindings.references);
        let list = Pointer::root().key(conditions_field(def).unwrap_or_default());
        for (index, condition) in raw_conditions(def, &body).iter().enumerate() {
            let at = list.index(index);
            // A value that is kept has the shape that the account gives it.
            let is_kept = at.get(&resource.spec).is_some_and(keeps);
            if condition.confirmed || is_kept || !is_written(change, &at) {
                continue;
            }
            let found = match used.get(&condition.number) {
                None if condition.word.is_some() => continue, // `unconfirmed-word` speaks of it
                None => {
                    let said = unseen(kind, condition, &used, input.scope.environment);
                    Some((at.key("type"), said))
                }
                Some(used) => odd(kind, condition, used, input.scope.environment)
                    .map(|it| (at.key("data"), it)),
            };
            if let Some((at, (code, message, help))) = found {
                let at = resource.locate(input.texts, &at);
                diags.push(Diagnostic::new(code, at, message).help(help));
            }
        }
    }
}

/// The number of a condition that restricts nothing, in every kind (platform.md#target-audience).
const UNRESTRICTED: i64 = 0;

type ConditionComplaint = (&'static crate::diag::Code, String, String);

/// That no live object has the number.
fn unseen(
    kind: KindId,
    condition: &RawCondition,
    used: &BTreeMap<i64, UsedConditions>,
    environment: &str,
) -> ConditionComplaint {
    // The vendor's own row restricts nothing: its number is no example to go by.
    let numbers = used.keys().filter(|number| **number != UNRESTRICTED);
    let numbers: Vec<_> = numbers.map(ToString::to_string).collect();
    let used = match numbers.as_slice() {
        [] => String::new(),
        [one] => format!("the only type that the account uses is {one}; "),
        numbers => format!("the account uses the types {}; ", numbers.join(", ")),
    };
    let message = format!(
        "no {kind} of the account has a condition of type {}",
        condition.number
    );
    let help = format!(
        "{used}make one in the console and look at it with {}",
        explain(kind, environment)
    );
    (&CONDITION_UNSEEN, message, help)
}

/// That the payload is like none of the number.
fn odd(
    kind: KindId,
    condition: &RawCondition,
    used: &UsedConditions,
    environment: &str,
) -> Option<ConditionComplaint> {
    if used.may_have(&condition.outline) {
        return None;
    }
    let known: Vec<_> = used
        .payloads
        .iter()
        .map(|it| format!("`{}`", it.0))
        .collect();
    let message = format!(
        "no {kind} of the account has a condition of type {} with such data",
        condition.number
    );
    let help = format!(
        "the account has {}; {} names the objects",
        known.join(" and "),
        explain(kind, environment)
    );
    Some((&CONDITION_SHAPE, message, help))
}

fn explain(kind: KindId, environment: &str) -> String {
    let field = conditions_field(kind.def()).unwrap_or_default();
    format!("`campaignctl explain {kind}.{field} -e {environment}`")
}

/// The kinds of which every object has to be read whole before it is known which payloads the account has.
pub(super) fn unread(inventory: &Inventory, changes: &[Change]) -> BTreeSet<KindId> {
    let mut kinds = BTreeSet::new();
    for change in changes.iter().filter(|change| writes_conditions(change)) {
        let def = change.kind.def();
        let numbers: Vec<i64> = numbers_of(change);
        let mut unread = inventory.of_kind(change.kind).iter();
        let has_like = unread.any(|object| {
            let listed = || condition_numbers(def, &object.body.value());
            !object.whole && listed().iter().any(|number| numbers.contains(number))
        });
        if has_like {
            kinds.insert(change.kind);
        }
    }
    kinds
}

/// The numbers of the conditions that a change writes, but for those that are known.
fn numbers_of(change: &Change) -> Vec<i64> {
    let body = create_body(change.kind.def(), &change.declared, &Nowhere);
    let raw = raw_conditions(change.kind.def(), &body).into_iter();
    raw.filter(|it| !it.confirmed).map(|it| it.number).collect()
}

/// Whether a change writes conditions.
fn writes_conditions(change: &Change) -> bool {
    let Some(field) = conditions_field(change.kind.def()) else {
        return false;
    };
    let list = Pointer::from("/spec").key(field);
    matches!(
        change.action,
        Action::Create | Action::Replace | Action::Update
    ) && change.fields.iter().any(|it| it.pointer.starts_with(&list))
}

/// Whether a change writes the condition at a place of the spec.
fn is_written(change: &Change, at: &Pointer) -> bool {
    let at = Pointer::from("/spec").join(at);
    let mut places = change.fields.iter().map(|field| &field.pointer);
    places.any(|place| place.starts_with(&at) || at.starts_with(place))
}

/// Numbers of conditions need no references.
struct Nowhere;

impl crate::kinds::Lookup for Nowhere {
    fn to_id(&self, _: &'static str, reference: &serde_json::Value) -> serde_json::Value {
        reference.clone()
    }

    fn to_ref(&self, _: &'static str, id: &serde_json::Value) -> serde_json::Value {
        id.clone()
    }

    fn display_name(&self, _: &'static str, _: &serde_json::Value) -> Option<String> {
        None
    }
}
