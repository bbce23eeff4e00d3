//! Which engagement a visitor of an app is shown (platform.md#monitoring-rules).
//!
//! Eligible is what its campaign lists, where both admit the visitor and so does what they refer to, outside of the
//! control groups. One of those that are eligible is drawn.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::facts::VisitorFacts;
use super::world::{Library, ListingRow, ServedWorld};
use crate::kinds::{AppVisit, KindDef, referenced_kinds};
use crate::name::RemoteId;
use crate::sandbox::Emulator;
use crate::sandbox::references::references;
use crate::sandbox::rows::StoredRow;

/// Decides for one visitor at one moment.
#[derive(Clone, Copy)]
pub(super) struct VisitorDecider<'a> {
    pub(super) emulator: &'a Emulator,
    pub(super) world: &'a ServedWorld,
    pub(super) app_installation: &'a str,
    pub(super) visitor: &'a str,
    pub(super) facts: &'a VisitorFacts,
    pub(super) now: Timestamp,
}

/// An engagement that meets its requirements.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a> {
    pub(super) parent: &'a ListingRow,
    pub(super) row: &'a StoredRow,
    /// Whether the visitor is in the control group of its campaign.
    pub(super) is_withheld: bool,
}

impl<'a> VisitorDecider<'a> {
    /// What the visitor is shown.
    pub(super) fn run(&self) -> Option<Candidate<'a>> {
        if self.is_in_account_control_group() {
            return None;
        }
        let eligible: Vec<Candidate<'a>> = self
            .eligible()
            .into_iter()
            .filter(|it| !it.is_withheld)
            .collect();
        let first = if self.emulator.settings.conduct.by_priority {
            let most = eligible.iter().map(|it| number(&it.parent.row, "priority"));
            most.max_by(f64::total_cmp)
        } else {
            None
        };
        let drawn: Vec<&Candidate<'a>> = eligible
            .iter()
            .filter(|it| first.is_none_or(|most| number(&it.parent.row, "priority") >= most))
            .collect();
        let weights: Vec<f64> = drawn
            .iter()
            .map(|it| {
                let own = it.row.body.get("weight").and_then(Value::as_f64);
                let own = own.unwrap_or(0.5);
                let is_own = self.emulator.settings.conduct.weighs_engagements;
                number(&it.parent.row, "weight") * if is_own { own } else { 1.0 }
            })
            .collect();
        let index = match drawn.len() {
            0 => return None,
            1 => 0,
            _ => pick(
                &weights,
                self.emulator.monitoring.draw(self.emulator.settings.seed),
            ),
        };
        drawn.get(index).map(|it| **it)
    }

    /// Whatever meets its requirements, the control group of its campaign aside.
    pub(super) fn eligible(&self) -> Vec<Candidate<'a>> {
        let mut found = Vec::new();
        for parent in &self.world.parents {
            let admits = |def: &KindDef, row: &StoredRow| {
                self.admits(def, row, &self.facts.places) && self.holds_listed(def, row)
            };
            if !admits(parent.def, &parent.row) {
                continue;
            }
            let share = parent.row.body.pointer("/controlGroup/percentage");
            let share = share.and_then(Value::as_f64).unwrap_or_default();
            let is_withheld = self.is_among(share, &parent.row.id);
            let children = parent
                .children
                .iter()
                .filter(|row| !self.is_closed(row) && admits(parent.child_def, row));
            found.extend(children.map(|row| Candidate {
                parent,
                row,
                is_withheld,
            }));
        }
        found
    }

    fn is_closed(&self, row: &StoredRow) -> bool {
        let again = self.emulator.settings.conduct.offers_closed;
        !again && self.facts.closed.contains(&row.id)
    }

    pub(super) fn is_in_account_control_group(&self) -> bool {
        self.is_among(self.emulator.settings.account_control_group, "account")
    }

    /// Whether the visitor is among so many percent, always the same ones.
    fn is_among(&self, percent: f64, what: &str) -> bool {
        let text = format!("{}/{what}/{}", self.emulator.settings.seed, self.visitor);
        fraction(hash(&text)) * 100.0 < percent
    }

    /// Whether a row admits the visitor at these places.
    pub(super) fn admits(&self, def: &KindDef, row: &StoredRow, places: &[String]) -> bool {
        let visit = AppVisit {
            app_installation: self.app_installation,
            entry_points: places,
            now: self.now,
            has_agents: self.emulator.monitoring.has_agents(self.emulator),
            conduct: &self.emulator.settings.conduct,
            meanings: self,
        };
        (def.admits)(&row.body, &visit)
    }

    /// The rows of a library that admit the visitor.
    pub(super) fn active<'l>(
        &'l self,
        library: &'l Library,
    ) -> impl Iterator<Item = &'l StoredRow> {
        let rows = library.rows.values();
        rows.filter(|row| self.admits(library.def, row, &self.facts.places))
    }

    /// Of each kind of library, the rows that a row refers to.
    pub(super) fn listed(&self, def: &KindDef, row: &StoredRow) -> Vec<(&'a Library, Vec<String>)> {
        let referred = references(def.fields, &row.body);
        let kinds = referenced_kinds(def.fields);
        let libraries = self.world.libraries.values();
        let libraries = libraries.filter(|it| kinds.contains(&it.def.name));
        libraries
            .map(|library| {
                let ids = referred
                    .iter()
                    .filter(|(kind, _)| *kind == library.def.name);
                let ids = ids.filter_map(|(_, id)| RemoteId::from_wire(id));
                (library, ids.map(|id| id.as_str().to_owned()).collect())
            })
            .collect()
    }

    /// Whether what a row refers to admits the visitor. What is gone has no say.
    fn holds_listed(&self, def: &KindDef, row: &StoredRow) -> bool {
        let conduct = &self.emulator.settings.conduct;
        self.listed(def, row).into_iter().all(|(library, ids)| {
            let mut admits = ids.iter().map(|id| {
                let row = library.rows.get(id);
                row.is_none_or(|row| self.admits(library.def, row, &self.facts.places))
            });
            match (ids.is_empty(), conduct.needs_all) {
                (true, _) => !conduct.undeclared_is_nothing,
                (_, true) => admits.all(|it| it),
                (_, false) => admits.any(|it| it),
            }
        })
    }

    /// Whether one of the places of a page is one with such a name.
    pub(super) fn is_at_one_of(&self, names: &[&str], places: &[String]) -> bool {
        // What settings say of a condition is about the page in question, too, and not about the one of now.
        let facts = VisitorFacts {
            places: places.to_vec(),
            ..self.facts.clone()
        };
        let there = VisitorDecider {
            facts: &facts,
            ..*self
        };
        let libraries = self.world.libraries.values();
        let pages = libraries.filter(|it| it.def.visit_word.is_some_and(|word| word.is_of_page));
        pages.into_iter().any(|library| {
            library.rows.values().any(|row| {
                let name = row.body.get("name").and_then(Value::as_str);
                name.is_some_and(|name| names.contains(&name))
                    && there.admits(library.def, row, places)
            })
        })
    }
}

impl Candidate<'_> {
    /// What the answer says of it.
    pub(super) fn details(&self, context: &str) -> Map<String, Value> {
        let id = |row: &StoredRow| row.body.get("id").cloned().unwrap_or_default();
        let mut details = Map::new();
        details.insert("campaignId".to_owned(), id(&self.parent.row));
        details.insert("engagementId".to_owned(), id(self.row));
        // A revision of its own is not kept for an object; that of its collection moves with it.
        let revision = self.parent.child_revision.into();
        details.insert("engagementRevision".to_owned(), revision);
        details.insert("contextId".to_owned(), context.into());
        for key in ["windowId", "connectorId", "language"] {
            if let Some(value) = self.row.body.get(key).filter(|value| !value.is_null()) {
                details.insert(key.to_owned(), value.clone());
            }
        }
        details.insert("status".to_owned(), "expose".into());
        details
    }
}

fn number(row: &StoredRow, key: &str) -> f64 {
    let number = row.body.get(key).and_then(Value::as_f64);
    number.unwrap_or_default()
}

/// The index that a number from 0 to 1 falls on, where each takes up its weight; all the same where no weight is given.
fn pick(weights: &[f64], at: f64) -> usize {
    let sum: f64 = weights.iter().sum();
    let count = f64::from(u32::try_from(weights.len()).unwrap_or(u32::MAX));
    let mut left = at;
    for (index, weight) in weights.iter().enumerate() {
        left -= if sum > 0.0 { weight / sum } else { 1.0 / count };
        if left < 0.0 {
            return index;
        }
    }
    weights.len() - 1
}

/// FNV-1a, mixed so that texts that differ in their last letter differ in all bits.
pub(super) fn hash(text: &str) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64;
    let fnv = text.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mixed(fnv)
}

/// The finalizer of `SplitMix64`.
pub(super) fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// A number from 0 to 1 out of the upper 32 bits.
pub(super) fn fraction(number: u64) -> f64 {
    f64::from(u32::try_from(number >> 32).unwrap_or(u32::MAX)) / 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_share_the_whole_and_equal_ones_share_alike() {
        let picked = |weights: &[f64]| -> Vec<usize> {
            [0.0, 0.15, 0.55, 0.75, 0.999]
                .iter()
                .map(|at| pick(weights, *at))
                .collect()
        };
        assert_eq!(picked(&[0.7, 0.2, 0.1]), [0, 0, 0, 1, 2]);
        assert_eq!(picked(&[0.0, 0.0]), [0, 0, 1, 1, 1]);
        assert_eq!(picked(&[0.1, 0.7]), [0, 1, 1, 1, 1]);
    }

    #[test]
    fn so_many_percent_of_the_visitors_are_among_them() {
        let visitors = (0..10_000).map(|number| fraction(hash(&format!("7/account/v{number}"))));
        let inside = visitors.filter(|it| it * 100.0 < 5.0).count();
        assert!((400..600).contains(&inside), "{inside}");
    }
}
