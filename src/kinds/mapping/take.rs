//! What a declared value becomes when it takes over what is held: as little of it as that takes.
//!
//! Three sides go down together: the value as it is written, the same in canonical spelling, which says what it means,
//! and what is held. What means the same stays as it is written. Undeclared keys of objects stay undeclared; items of
//! lists are matched as the diff matches them, and what is new among them comes whole.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::items::{key_field, partners, spec_key, without};
use super::notes::{notes, with_notes, without_notes};
use super::same;
use super::shape::{KeyScope, ListItems, ValueShape};
use crate::kinds::field::{Codec, Field};
use crate::text::Pointer;
use crate::text::edit::{AlignmentStep, steps};

/// A declared value.
#[derive(Clone, Copy, Debug)]
pub struct Declared<'v> {
    /// As it is written.
    pub written: &'v Value,
    /// In canonical spelling.
    pub meant: &'v Value,
}

/// How a held value is written in the place of a declared one, which is null where there is none. It may refuse.
pub type HeldWrite<'w, E> = &'w dyn Fn(&Value, &Value) -> Result<Value, E>;

/// What the declared value at a place becomes when it takes over what is held there; null when it goes.
///
/// # Errors
/// What `write` refuses.
pub fn taken<E>(
    fields: &'static [Field],
    at: &Pointer,
    declared: Declared<'_>,
    held: &Value,
    write: HeldWrite<'_, E>,
) -> Result<Value, E> {
    let mut place = PlaceShape::of(KeyScope::table(fields));
    for step in at.steps() {
        place = place.below(&step);
    }
    Taker { write }.value(place, declared, held)
}

/// How the value of a place is read.
#[derive(Clone, Copy)]
struct PlaceShape {
    shape: ValueShape<'static>,
    /// Whether it is a list whose order means nothing.
    is_set: bool,
}

impl PlaceShape {
    const fn of(scope: KeyScope<'static>) -> Self {
        Self {
            shape: ValueShape::Object(scope),
            is_set: false,
        }
    }

    fn below(self, step: &str) -> Self {
        match self.shape {
            ValueShape::Object(scope) => Self {
                shape: scope.shape(step),
                is_set: matches!(
                    scope.field(step).map(|field| field.codec),
                    Some(Codec::RefSet(_))
                ),
            },
            ValueShape::List(items) => Self::of(KeyScope::table(items.fields)),
            ValueShape::Whole => self,
        }
    }
}

struct Taker<'w, E> {
    write: HeldWrite<'w, E>,
}

impl<E> Taker<'_, E> {
    fn value(&self, place: PlaceShape, declared: Declared<'_>, held: &Value) -> Result<Value, E> {
        let Declared { written, meant } = declared;
        if same(meant, held) {
            return Ok(written.clone());
        }
        match (
            place.shape.of_values([Some(meant), Some(held)]),
            written,
            meant,
            held,
        ) {
            (
                ValueShape::Object(_),
                Value::Object(written),
                Value::Object(meant),
                Value::Object(held),
            ) => self.object(place, (written, meant), held),
            (
                ValueShape::List(items),
                Value::Array(written),
                Value::Array(meant),
                Value::Array(held),
            ) if written.len() == meant.len() => self.items(items, (written, meant), held),
            (ValueShape::Whole, Value::Array(written), Value::Array(meant), Value::Array(held))
                if place.is_set && written.len() == meant.len() =>
            {
                self.set((written, meant), held)
            }
            _ => self.whole(declared, held),
        }
    }

    fn object(
        &self,
        place: PlaceShape,
        (written, meant): (&Map<String, Value>, &Map<String, Value>),
        held: &Map<String, Value>,
    ) -> Result<Value, E> {
        let mut taken = Map::new();
        for (key, written) in written {
            let found = held.get(key).filter(|held| !held.is_null());
            let value = match (meant.get(key), found) {
                (None, _) | (Some(Value::Null), None) => written.clone(),
                (Some(_), None) => {
                    (self.write)(written, &Value::Null)?;
                    continue;
                }
                (Some(meant), Some(held)) => {
                    self.value(place.below(key), Declared { written, meant }, held)?
                }
            };
            taken.insert(key.clone(), value);
        }
        Ok(Value::Object(taken))
    }

    /// A list of objects: those that stay in their order, each new one behind the one that it follows.
    fn items(
        &self,
        items: ListItems,
        (written, meant): (&[Value], &[Value]),
        held: &[Value],
    ) -> Result<Value, E> {
        let place = PlaceShape::of(KeyScope::table(items.fields));
        let partners = nearest_partners(items, meant, held);
        let replaced = replaced(items, (written, meant), &partners, held);
        let mut taken = Vec::new();
        for (at, partner) in partners.iter().enumerate() {
            let (written, meant) = (&written[at], &meant[at]);
            match partner {
                Some(partner) => {
                    let value = self.value(place, Declared { written, meant }, &held[*partner])?;
                    taken.push((*partner, value));
                }
                None => match replaced.iter().find(|(it, _)| *it == at) {
                    Some((_, other)) => {
                        let bare = without_notes(items.fields, written);
                        let declared = Declared {
                            written: &bare,
                            meant,
                        };
                        let new = self.whole(declared, &held[*other])?;
                        taken.push((*other, with_notes(items.fields, written, new)));
                    }
                    None => drop((self.write)(written, &Value::Null)?),
                },
            }
        }
        for (at, new) in held.iter().enumerate() {
            if !partners.contains(&Some(at)) && !replaced.iter().any(|(_, other)| *other == at) {
                let before = taken.iter().rposition(|(partner, _)| *partner < at);
                let value = (self.write)(&Value::Null, new)?;
                taken.insert(before.map_or(0, |before| before + 1), (at, value));
            }
        }
        Ok(taken.into_iter().map(|(_, value)| value).collect())
    }

    /// A list whose order means nothing: what stays keeps its place.
    fn set(&self, (written, meant): (&[Value], &[Value]), held: &[Value]) -> Result<Value, E> {
        let (mut taken, mut kept) = (Vec::new(), Vec::new());
        for (written, meant) in written.iter().zip(meanings(written, meant)) {
            match meant.filter(|meant| held.iter().any(|held| same(held, meant))) {
                Some(meant) => {
                    kept.push(meant);
                    taken.push(written.clone());
                }
                None => drop((self.write)(written, &Value::Null)?),
            }
        }
        let is_new = |held: &&Value| !kept.iter().any(|kept| same(held, kept));
        for new in held.iter().filter(is_new) {
            taken.push((self.write)(&Value::Null, new)?);
        }
        Ok(Value::Array(taken))
    }

    /// A value that is held as a whole: what of it is declared alike stays as it is written.
    fn whole(&self, declared: Declared<'_>, held: &Value) -> Result<Value, E> {
        let Declared { written, meant } = declared;
        if same(meant, held) {
            return Ok(written.clone());
        }
        match (written, meant, held) {
            (Value::Object(written), Value::Object(meant), Value::Object(held)) => {
                let mut taken = Map::new();
                for (key, written) in written {
                    match (meant.get(key), held.get(key)) {
                        (Some(meant), Some(held)) => {
                            let value = self.whole(Declared { written, meant }, held)?;
                            taken.insert(key.clone(), value);
                        }
                        _ => drop((self.write)(written, &Value::Null)?),
                    }
                }
                let is_new = |key: &&String| !written.contains_key(*key);
                for key in held.keys().filter(is_new) {
                    taken.insert(key.clone(), (self.write)(&Value::Null, &held[key])?);
                }
                Ok(Value::Object(taken))
            }
            (Value::Array(written), Value::Array(meant), Value::Array(held))
                if written.len() == meant.len() =>
            {
                self.list((written, meant), held)
            }
            _ => (self.write)(written, held),
        }
    }

    fn list(&self, (written, meant): (&[Value], &[Value]), held: &[Value]) -> Result<Value, E> {
        let mut taken = Vec::new();
        for step in steps(meant, held) {
            match step {
                AlignmentStep::Keep(at, other)
                | AlignmentStep::Move(at, other)
                | AlignmentStep::Replace(at, other) => {
                    let (written, meant) = (&written[at], &meant[at]);
                    taken.push(self.whole(Declared { written, meant }, &held[other])?);
                }
                AlignmentStep::Remove(at) => drop((self.write)(&written[at], &Value::Null)?),
                AlignmentStep::Add(other) => taken.push((self.write)(&Value::Null, &held[other])?),
            }
        }
        Ok(Value::Array(taken))
    }
}

/// The partners of items, but among several that share a key, each with the one that it has most in common with.
fn nearest_partners(items: ListItems, meant: &[Value], held: &[Value]) -> Vec<Option<usize>> {
    let mut partners = partners(items, meant, held);
    let Some(key) = key_field(items.fields, items.key) else {
        return partners;
    };
    let keys: Vec<_> = held.iter().map(|item| spec_key(key, item)).collect();
    let mut open: Vec<usize> = (0..meant.len()).collect();
    while let Some(first) = open.first().copied() {
        let name = spec_key(key, &meant[first]);
        let (ours, rest): (Vec<usize>, Vec<usize>) =
            (open.iter()).partition(|at| spec_key(key, &meant[**at]) == name);
        open = rest;
        let theirs = (0..held.len()).filter(|at| keys[*at] == name);
        let theirs: Vec<usize> = theirs.collect();
        if theirs.len() > 1 {
            for (at, partner) in paired(&ours, &theirs, |at, other| {
                Some(in_common(&meant[at], &held[other]))
            }) {
                partners[at] = Some(partner);
            }
        }
    }
    partners
}

/// The items with notes in the place of which one of another key is held now that has something in common with them, such as
/// a condition of another type with the same data. The note stays with it: its author has to look at it.
fn replaced(
    items: ListItems,
    (written, meant): (&[Value], &[Value]),
    partners: &[Option<usize>],
    held: &[Value],
) -> Vec<(usize, usize)> {
    let Some(key) = key_field(items.fields, items.key) else {
        return Vec::new();
    };
    let is_noted = |at: &usize| !notes(items.fields, &written[*at]).is_empty();
    let gone = (0..written.len()).filter(|at| partners[*at].is_none() && is_noted(at));
    let gone: Vec<usize> = gone.collect();
    let new = (0..held.len()).filter(|at| !partners.contains(&Some(*at)));
    let new: Vec<usize> = new.collect();
    paired(&gone, &new, |at, other| {
        let shared = in_common(&without(key, &meant[at]), &held[other]);
        (shared > 0).then_some(shared)
    })
}

/// Pairs of two lists: those with most in common first, and in their order where it is as much. What is `None` is no pair,
/// and long lists have none.
fn paired(
    ours: &[usize],
    theirs: &[usize],
    in_common: impl Fn(usize, usize) -> Option<usize>,
) -> Vec<(usize, usize)> {
    if ours.len() * theirs.len() > LONG {
        return Vec::new();
    }
    let mut ways: Vec<(usize, usize, usize)> = Vec::new();
    for at in ours {
        let all = theirs.iter();
        ways.extend(all.filter_map(|other| Some((in_common(*at, *other)?, *at, *other))));
    }
    ways.sort_by_key(|(shared, at, other)| (Reverse(*shared), at.abs_diff(*other), *at));
    let (mut pairs, mut is_taken) = (BTreeMap::new(), BTreeSet::new());
    for (_, at, other) in ways {
        if !pairs.contains_key(&at) && is_taken.insert(other) {
            pairs.insert(at, other);
        }
    }
    pairs.into_iter().collect()
}

/// How many values two have in common: at the same keys, and anywhere in the same list.
fn in_common(one: &Value, other: &Value) -> usize {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let shared = one
                .iter()
                .filter_map(|(key, it)| Some((it, other.get(key)?)));
            shared.map(|(one, other)| in_common(one, other)).sum()
        }
        // Long lists are compared in their order: each with each would take too long.
        (Value::Array(one), Value::Array(other)) if one.len() * other.len() > LONG => {
            let both = one.iter().zip(other);
            both.map(|(one, other)| in_common(one, other)).sum()
        }
        (Value::Array(one), Value::Array(other)) => {
            let most = |it| other.iter().map(|other| in_common(it, other)).max();
            one.iter().filter_map(most).sum()
        }
        (one, other) => usize::from(!one.is_null() && same(one, other)),
    }
}

/// Lists of more pairs of items than this are long.
const LONG: usize = 10_000;

/// What each item of a set means: in canonical spelling a set is sorted, so the places say nothing. Of several items that are
/// all written in another way it is not known.
fn meanings<'v>(written: &[Value], meant: &'v [Value]) -> Vec<Option<&'v Value>> {
    let mut rest: Vec<&Value> = meant.iter().collect();
    let mut found: Vec<Option<&Value>> = written
        .iter()
        .map(|written| {
            let at = rest.iter().position(|meant| same(written, meant))?;
            Some(rest.remove(at))
        })
        .collect();
    let mut open = found.iter_mut().filter(|it| it.is_none());
    if let (Some(only), None, [meant]) = (open.next(), open.next(), &rest[..]) {
        *only = Some(meant);
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::KindId;

    /// What a value of an engagement becomes; what is new is marked.
    fn check(at: &str, written: &Value, meant: &Value, held: &Value) -> Value {
        let write = |_: &Value, held: &Value| Ok::<_, ()>(held.clone());
        let fields = KindId::known("Engagement").def().fields;
        let declared = Declared { written, meant };
        taken(fields, &Pointer::from(at), declared, held, &write).unwrap()
    }

    #[test]
    fn what_means_the_same_stays_as_it_is_written() {
        let written =
            json!([{ "type": 1, "presentation": { "label": "Chat" } }, { "type": "offline" }]);
        let meant = json!([{ "type": "online", "presentation": { "label": "Chat" } }, { "type": "offline" }]);
        let held = json!([
            { "type": "online", "presentation": { "label": "Hi", "more": 1 }, "enabled": true },
            { "type": "busy", "enabled": false },
        ]);
        let wanted = json!([
            { "type": 1, "presentation": { "label": "Hi" } },
            { "type": "busy", "enabled": false },
        ]);
        assert_eq!(check("/displayInstances", &written, &meant, &held), wanted);
    }

    #[test]
    fn a_set_keeps_the_order_of_the_author() {
        let meant = json!(["a", "b", "c"]);
        for (written, held, wanted) in [
            (
                json!(["b", { "live": "A" }, "c"]),
                json!(["a", "b", "d"]),
                json!(["b", { "live": "A" }, "d"]),
            ),
            (json!(["c", "b", "a"]), json!(["a"]), json!(["a"])),
            (json!(["c", "a", "b"]), json!(["b", "c"]), json!(["c", "b"])),
            (
                json!([{ "live": "C" }, "b", { "live": "A" }]),
                json!(["b", "c"]),
                json!(["b", "c"]),
            ),
        ] {
            assert_eq!(check("/entryPoints", &written, &meant, &held), wanted);
        }
    }

    #[test]
    fn open_json_is_taken_key_by_key_and_its_lists_whole() {
        let written = json!({ "list": [{ "a": 1, "b": 2 }, 3], "gone": 1 });
        let held = json!({ "list": [{ "a": 1, "b": 5, "c": 6 }, 4, 3], "undeclared": 1 });
        let wanted = json!({ "list": [{ "a": 1, "b": 5, "c": 6 }, 4, 3] });
        assert_eq!(check("/presentation", &written, &written, &held), wanted);
    }
}
