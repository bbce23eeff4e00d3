//! Which conditions the objects of an account have: the only source for numbers and payloads that are not public.

use std::collections::BTreeMap;

use super::Inventory;
use crate::kinds::{KindId, PayloadOutline, condition_numbers, raw_conditions};

/// The conditions of one number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsedConditions {
    /// Our word for the number.
    pub word: Option<&'static str>,
    /// The payloads, each with the display names of the objects that have it.
    pub payloads: Vec<(PayloadOutline, Vec<String>)>,
    /// How many objects have the number and were not read whole, so that their payloads are not known.
    pub unread: usize,
}

/// The conditions that live objects of a kind have, by number.
#[must_use]
pub fn used_conditions(inventory: &Inventory, kind: KindId) -> BTreeMap<i64, UsedConditions> {
    let mut used = BTreeMap::<i64, UsedConditions>::new();
    for object in inventory.of_kind(kind) {
        let body = object.body.value();
        if !object.whole {
            for number in condition_numbers(kind.def(), &body) {
                used.entry(number).or_default().unread += 1;
            }
            continue;
        }
        for condition in raw_conditions(kind.def(), &body) {
            let used = used.entry(condition.number).or_default();
            used.word = condition.word;
            used.note(&condition.outline, &object.display_name);
        }
    }
    used
}

impl UsedConditions {
    fn note(&mut self, outline: &PayloadOutline, name: &str) {
        let mut known = self.payloads.iter_mut();
        let joined = known.find_map(|(known, names)| Some((known.join(outline)?, known, names)));
        match joined {
            Some((joined, known, names)) => {
                *known = joined;
                if names.last().is_none_or(|last| last != name) {
                    names.push(name.to_owned());
                }
            }
            None => self.payloads.push((outline.clone(), vec![name.to_owned()])),
        }
    }

    /// How many objects have the number.
    #[must_use]
    pub fn objects(&self) -> usize {
        let read: usize = self.payloads.iter().map(|(_, names)| names.len()).sum();
        read + self.unread
    }

    /// Whether some live object has a payload like this, or may have one.
    #[must_use]
    pub fn may_have(&self, outline: &PayloadOutline) -> bool {
        self.unread > 0
            || self
                .payloads
                .iter()
                .any(|(known, _)| known.join(outline).is_some())
    }
}
