//! Which engagement a visitor of an app is shown (platform.md#monitoring-rules).
//!
//! It is the first engagement, in the order of the campaigns' priorities and of their lists, that its campaign
//! lists and that both admit, as does one object at least of each kind that they refer to. Audiences and
//! behaviors admit everybody: what their conditions mean is not published. No visitor is in a control
//! group.

use std::collections::BTreeMap;

use rusqlite::Transaction;
use serde_json::{Map, Value};

use crate::kinds::{ALL, KindId, Visit};
use crate::name::RemoteId;
use crate::sandbox::Emulator;
use crate::sandbox::call::Call;
use crate::sandbox::engine::Engine;
use crate::sandbox::errors::Failure;
use crate::sandbox::place::Place;
use crate::sandbox::references::references;
use crate::sandbox::rows::{self, Row};

/// Looks for what a visitor is shown.
pub(super) struct Search<'a> {
    pub(super) emulator: &'a Emulator,
    pub(super) call: &'a Call,
    pub(super) tx: &'a Transaction<'a>,
    pub(super) visit: Visit<'a>,
}

impl Search<'_> {
    /// The details of the engagement that is shown.
    pub(super) fn run(&self) -> Result<Option<Value>, Failure> {
        for outer in ALL.iter().filter(|def| def.children.is_some()) {
            let Some(place) = Place::new(outer, "") else {
                continue;
            };
            let mut parents = rows::list(self.tx, &place.scope(&self.emulator.account), false)?;
            // The sort is stable: among equals, the older one comes first.
            parents.sort_by(|left, right| priority(right).total_cmp(&priority(left)));
            for parent in parents {
                if self.is_admitted(&place, &parent)?
                    && let Some(found) = self.child(&place, &parent)?
                {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    /// The first child that the parent lists and that is admitted.
    fn child(&self, place: &Place, parent: &Row) -> Result<Option<Value>, Failure> {
        let (Some(below), Some(key)) = (place.below(&parent.id), place.children_key()) else {
            return Ok(None);
        };
        let listed = parent.body.get(key).and_then(Value::as_array);
        for id in listed.into_iter().flatten().filter_map(RemoteId::from_wire) {
            let scope = below.scope(&self.emulator.account);
            if let Some(row) = rows::get(self.tx, &scope, id.as_str())?.filter(|row| !row.deleted)
                && self.is_admitted(&below, &row)?
            {
                return self.details(&below, parent, &row).map(Some);
            }
        }
        Ok(None)
    }

    /// Whether an object admits the visitor, and of each kind that it refers to one object at least.
    fn is_admitted(&self, place: &Place, row: &Row) -> Result<bool, Failure> {
        if !(place.def.admits)(&row.body, &self.visit) {
            return Ok(false);
        }
        let mut kinds = BTreeMap::new();
        for (kind, id) in references(place.def.fields, &row.body) {
            // Its own children are looked at one by one.
            let children = place.def.children.as_ref();
            if children.is_none_or(|children| children.kind != kind) {
                *kinds.entry(kind).or_insert(false) |= self.target_admits(kind, id)?;
            }
        }
        Ok(kinds.values().all(|admits| *admits))
    }

    /// Whether what an id means admits the visitor. What is gone has no say.
    fn target_admits(&self, kind: &str, id: &Value) -> Result<bool, Failure> {
        let place = KindId::named(kind).and_then(|kind| Place::new(kind.def(), ""));
        let (Some(place), Some(id)) = (place, RemoteId::from_wire(id)) else {
            return Ok(true);
        };
        let scope = place.scope(&self.emulator.account);
        let row = rows::get(self.tx, &scope, id.as_str())?;
        Ok(row.is_none_or(|row| (place.def.admits)(&row.body, &self.visit)))
    }

    fn details(&self, place: &Place, parent: &Row, row: &Row) -> Result<Value, Failure> {
        let engine = Engine {
            emulator: self.emulator,
            call: self.call,
            place,
            now: self.visit.now,
        };
        let id = |row: &Row| row.body.get("id").cloned().unwrap_or_default();
        let mut details = Map::new();
        details.insert("campaignId".to_owned(), id(parent));
        details.insert("engagementId".to_owned(), id(row));
        // A revision of its own is not kept for an object; that of its collection moves with it.
        let revision = rows::revision(self.tx, &engine.revision_scope(place))?;
        details.insert("engagementRevision".to_owned(), revision.into());
        details.insert("contextId".to_owned(), "1".into());
        for key in ["windowId", "connectorId", "language"] {
            if let Some(value) = row.body.get(key).filter(|value| !value.is_null()) {
                details.insert(key.to_owned(), value.clone());
            }
        }
        details.insert("status".to_owned(), "expose".into());
        Ok(Value::Object(details))
    }
}

fn priority(row: &Row) -> f64 {
    let priority = row.body.get("priority").and_then(Value::as_f64);
    priority.unwrap_or_default()
}
