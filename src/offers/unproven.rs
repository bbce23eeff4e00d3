//! Fields of unknown effect, which the answers to a visit assume to have no say.
//!
//! What the platform makes of `followMePages` or `conversationType` is not documented. A plan that changes such a field may
//! change who is offered what ([`super::unsaid`]), so a visit that is decided without it names the fields that its answers
//! rest on. A default is what the console sends for engagements that work: only what a manifest sets otherwise counts.

use std::collections::BTreeSet;

use serde_json::Value;

use super::contribution::Contribution;
use super::outcome::VisitOutcome;
use super::truth::{Spot, Truth};
use super::world::World;
use crate::kinds::offering::{Assumed, Switch};
use crate::manifest::Key;
use crate::resolve::Desired;
use crate::text::Pointer;

/// The fields around the engagements that are or may be offered at a visit; none where it is assumed that such fields have no
/// say.
#[must_use]
pub fn unproven_fields(
    (world, desired): (&World, &Desired),
    outcome: &VisitOutcome,
    assumed: &Assumed,
) -> BTreeSet<Spot> {
    if assumed.of(Switch::UndocumentedFields) == Some(0) {
        return BTreeSet::new();
    }
    let found = outcome.eligibilities.values();
    let found = found.filter(|it| it.whole.truth != Truth::No);
    let around: BTreeSet<Key> = found
        .flat_map(|it| world.around(&it.engagement).into_keys())
        .collect();
    let specs = around
        .into_iter()
        .filter_map(|key| Some((desired.get(&key)?.spec.clone(), key)));
    specs.flat_map(|(spec, key)| set_in(&key, &spec)).collect()
}

/// Those that a spec sets otherwise than their defaults.
fn set_in(key: &Key, spec: &Value) -> Vec<Spot> {
    let reading = |spec: &Value| Contribution::of(key, spec).map(|it| it.reading);
    let Some(own) = reading(spec) else {
        return Vec::new();
    };
    let set = own.unread.into_iter().filter(|field| {
        let without = without(spec, &field.0).filter(|_| !own.permits.contains(&field.0));
        without.is_some_and(|spec| reading(&spec).is_none_or(|it| !it.unread.contains(field)))
    });
    set.map(|(at, _)| Spot {
        key: key.clone(),
        at,
    })
    .collect()
}

/// The same spec without a field; nothing where it does not set it.
fn without(spec: &Value, at: &Pointer) -> Option<Value> {
    at.get(spec)?;
    let mut spec = spec.clone();
    let parent = spec.pointer_mut(at.parent()?.as_str())?;
    parent.as_object_mut()?.remove(&at.steps().last()?)?;
    Some(spec)
}
