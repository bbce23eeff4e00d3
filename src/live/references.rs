//! Names to ids and back: the one [`Lookup`] that diff, plan, apply and export use.
//!
//! The canonical reference of an id is the name of the manifest bound to it; else its live display
//! name where that is unique; else the id itself. Kinds that are never in manifests are referred to by
//! a bare live name. The vendor's row of a kind is `{ system: true }` where there is one such row, since its
//! name differs from account to account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Inventory, Ledger, LiveObject};
use crate::kinds::mapping::PENDING_KEY;
use crate::kinds::{KindId, Lookup, Role};
use crate::manifest::Key;
use crate::name::RemoteId;

/// A table of canonical references, one row per object that can be referred to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct References(
    #[schemars(with = "BTreeMap<String, Vec<ReferableObject>>")] BTreeMap<String, ReferenceRows>,
);

/// The rows of one kind, with an index for each way to look one up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<ReferableObject>", into = "Vec<ReferableObject>")]
struct ReferenceRows {
    list: Vec<ReferableObject>,
    by_id: BTreeMap<RemoteId, usize>,
    by_name: BTreeMap<String, usize>,
    by_display_name: BTreeMap<String, Vec<usize>>,
    system: Vec<usize>,
}

/// One object that can be referred to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReferableObject {
    id: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    display_name: String,
    /// Whether the vendor made it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    system: bool,
}

/// One object that can be referred to, for whoever only looks.
pub(crate) struct ReferenceRow<'a> {
    pub(crate) kind: &'a str,
    pub(crate) id: &'a Value,
    pub(crate) name: Option<&'a str>,
    pub(crate) display_name: &'a str,
    /// Whether the vendor made it.
    pub(crate) system: bool,
}

impl References {
    /// Everything that was read, by the names of the manifests that the ledger binds.
    #[must_use]
    pub fn bound(inventory: &Inventory, ledger: &Ledger) -> Self {
        let entries = ledger.entries.iter();
        let names: BTreeMap<(KindId, &RemoteId), &Key> = entries
            .map(|(key, entry)| ((key.kind, &entry.id), key))
            .collect();
        let mut references = Self::default();
        for object in inventory.iter() {
            let key = names.get(&(object.kind, &object.id));
            references.insert_live(object, key.map(|key| key.name.to_string()));
        }
        references
    }

    /// Adds an object, with the name of the manifest bound to it. A second entry for an id replaces the
    /// first; a name that moves to another id leaves the old one.
    pub fn insert(&mut self, kind: KindId, id: Value, name: Option<String>, display_name: String) {
        let system = self.row(kind.name(), &id).is_some_and(|row| row.system);
        self.add(
            kind,
            ReferableObject {
                id,
                name,
                display_name,
                system,
            },
        );
    }

    /// As [`References::insert`], for an object that was read.
    pub fn insert_live(&mut self, object: &LiveObject, name: Option<String>) {
        self.add(
            object.kind,
            ReferableObject {
                id: object.id.to_wire(),
                name,
                display_name: object.display_name.clone(),
                system: object.system,
            },
        );
    }

    fn add(&mut self, kind: KindId, known: ReferableObject) {
        let rows = self.0.entry(kind.name().to_owned()).or_default();
        rows.insert(known);
    }

    /// The rows of `self` whose ids `keep` names, for a plan that carries only what it speaks of. With one row of
    /// the vendor's, its others of that kind are kept: whether there is only one decides how it is referred to.
    #[must_use]
    pub fn filtered(&self, mut keep: impl FnMut(&str, &Value) -> bool) -> Self {
        let kept = self.0.iter().map(|(kind, rows)| {
            let kept: Vec<bool> = rows.list.iter().map(|row| keep(kind, &row.id)).collect();
            let with_system = rows.system.iter().any(|at| kept[*at]);
            let list: Vec<_> = rows
                .list
                .iter()
                .zip(kept)
                .filter(|(row, kept)| *kept || (with_system && row.system))
                .map(|(row, _)| row.clone())
                .collect();
            (kind.clone(), ReferenceRows::from(list))
        });
        Self(kept.filter(|(_, rows)| !rows.list.is_empty()).collect())
    }

    /// The kinds of which it has rows.
    pub fn kinds(&self) -> impl Iterator<Item = KindId> {
        self.0.keys().filter_map(|kind| KindId::named(kind))
    }

    /// Every row: the kind, the id, the name of the manifest, the display name.
    pub fn rows(&self) -> impl Iterator<Item = (KindId, RemoteId, Option<&str>, &str)> {
        let kinds = self.0.iter();
        let kinds = kinds.filter_map(|(kind, rows)| Some((KindId::named(kind)?, rows)));
        kinds.flat_map(|(kind, rows)| {
            rows.list.iter().filter_map(move |row| {
                let id = RemoteId::from_wire(&row.id)?;
                Some((kind, id, row.name.as_deref(), row.display_name.as_str()))
            })
        })
    }

    /// Shows every row, with all that answers depend on.
    pub(crate) fn each_row(&self, mut show: impl FnMut(ReferenceRow<'_>)) {
        for (kind, rows) in &self.0 {
            for row in &rows.list {
                show(ReferenceRow {
                    kind,
                    id: &row.id,
                    name: row.name.as_deref(),
                    display_name: &row.display_name,
                    system: row.system,
                });
            }
        }
    }

    /// The display names of a kind, for suggestions.
    pub fn display_names(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.0
            .get(kind)
            .into_iter()
            .flat_map(|rows| rows.by_display_name.keys().map(String::as_str))
    }

    /// The ids of the live objects with this display name.
    #[must_use]
    pub fn ids_of(&self, kind: &str, display_name: &str) -> Vec<&Value> {
        let rows = self.0.get(kind);
        rows.into_iter()
            .flat_map(|rows| {
                rows.by_display_name
                    .get(display_name)
                    .into_iter()
                    .flatten()
                    .map(|at| &rows.list[*at].id)
            })
            .collect()
    }

    /// The display names and ids of the vendor's rows of a kind.
    pub fn system_rows(&self, kind: &str) -> impl Iterator<Item = (&str, &Value)> {
        let rows = self.0.get(kind).into_iter();
        rows.flat_map(|rows| rows.system.iter().map(|at| &rows.list[*at]))
            .map(|row| (row.display_name.as_str(), &row.id))
    }

    /// Whether the account holds an object with this id.
    #[must_use]
    pub fn has_id(&self, kind: &str, id: &Value) -> bool {
        self.row(kind, id).is_some()
    }

    fn row(&self, kind: &str, id: &Value) -> Option<&ReferableObject> {
        let rows = self.0.get(kind)?;
        rows.by_id
            .get(&RemoteId::from_wire(id)?)
            .map(|at| &rows.list[*at])
    }

    fn unique(&self, kind: &str, display_name: &str) -> Option<&ReferableObject> {
        let rows = self.0.get(kind)?;
        match rows.by_display_name.get(display_name)?.as_slice() {
            [only] => Some(&rows.list[*only]),
            _ => None,
        }
    }

    /// The vendor's row of a kind that `{ system: true }` stands for, with its display name and id.
    #[must_use]
    pub fn system_row(&self, kind: &str) -> Option<(&str, &Value)> {
        let row = self.system(kind)?;
        Some((&row.display_name, &row.id))
    }

    /// The vendor's row of a kind: the only one, or of several the only one that is known by its id or name. Some
    /// accounts hold more, such as further themes of windows (platform.md#names).
    fn system(&self, kind: &str) -> Option<&ReferableObject> {
        let rows = self.0.get(kind)?;
        let def = KindId::named(kind)?.def();
        let only = |mut found: Vec<&usize>| match found.as_slice() {
            [_] => found.pop().map(|at| &rows.list[*at]),
            _ => None,
        };
        let known = |is_known: &dyn Fn(&ReferableObject) -> bool| {
            let found = rows.system.iter().filter(|at| is_known(&rows.list[**at]));
            only(found.collect())
        };
        only(rows.system.iter().collect())
            .or_else(|| known(&|row| def.is_vendor_id(&row.id)))
            .or_else(|| known(&|row| def.is_vendor_name(&row.display_name)))
    }

    fn declared(&self, kind: &str, name: &str) -> Option<&ReferableObject> {
        let rows = self.0.get(kind)?;
        rows.by_name.get(name).map(|at| &rows.list[*at])
    }
}

impl ReferenceRows {
    fn insert(&mut self, known: ReferableObject) {
        let Some(id) = RemoteId::from_wire(&known.id) else {
            return;
        };
        let at = *self.by_id.entry(id).or_insert(self.list.len());
        self.system.retain(|other| *other != at);
        if known.system {
            self.system.push(at);
        }
        if let Some(old) = self.list.get(at) {
            if let Some(same) = self.by_display_name.get_mut(&old.display_name) {
                same.retain(|other| *other != at);
            }
            if let Some(name) = &old.name {
                self.by_name.remove(name);
            }
        }
        if let Some(name) = &known.name
            && let Some(before) = self.by_name.insert(name.clone(), at)
            && let Some(row) = self.list.get_mut(before)
        {
            row.name = None;
        }
        self.by_display_name
            .entry(known.display_name.clone())
            .or_default()
            .push(at);
        if at == self.list.len() {
            self.list.push(known);
        } else {
            self.list[at] = known;
        }
    }
}

impl From<Vec<ReferableObject>> for ReferenceRows {
    fn from(list: Vec<ReferableObject>) -> Self {
        let mut rows = Self::default();
        for known in list {
            rows.insert(known);
        }
        rows
    }
}

impl From<ReferenceRows> for Vec<ReferableObject> {
    fn from(rows: ReferenceRows) -> Self {
        rows.list
    }
}

impl Lookup for References {
    fn to_id(&self, kind: &'static str, reference: &Value) -> Value {
        let found = match reference {
            Value::String(name) if KindId::known(kind).def().role == Role::Reference => {
                self.unique(kind, name)
            }
            Value::String(name) => self.declared(kind, name),
            Value::Object(map) => match (map.get("live"), map.get("id")) {
                (Some(Value::String(name)), _) => self.unique(kind, name),
                (_, Some(id)) => return id.clone(),
                _ if map.get("system") == Some(&Value::Bool(true)) => self.system(kind),
                _ => None,
            },
            _ => None,
        };
        found.map_or_else(|| json!({ PENDING_KEY: reference }), |row| row.id.clone())
    }

    fn to_ref(&self, kind: &'static str, id: &Value) -> Value {
        if let Some(pending) = id.get(PENDING_KEY) {
            return pending.clone();
        }
        let Some(row) = self.row(kind, id) else {
            return json!({ "id": id });
        };
        if let Some(name) = &row.name {
            return Value::from(name.clone());
        }
        let is_the_one = || self.system(kind).is_some_and(|known| known.id == row.id);
        if row.system && KindId::known(kind).def().has_vendor_row() && is_the_one() {
            return json!({ "system": true });
        }
        if self.unique(kind, &row.display_name).is_none() {
            return json!({ "id": id });
        }
        match KindId::known(kind).def().role {
            Role::Reference => Value::from(row.display_name.clone()),
            _ => json!({ "live": row.display_name }),
        }
    }

    fn display_name(&self, kind: &'static str, id: &Value) -> Option<String> {
        self.row(kind, id).map(|row| row.display_name.clone())
    }

    fn named(&self, id: &Value) -> Option<(&'static str, Value)> {
        let kinds = KindId::all().map(KindId::def);
        let mut kinds = kinds.filter(|def| def.role == Role::Reference);
        kinds.find_map(|def| {
            let row = self.row(def.name, id)?;
            let row = self.unique(def.name, &row.display_name)?;
            Some((def.name, row.display_name.clone().into()))
        })
    }
}

/// The same table with every object spelt by its id, for what is kept: names change, ids do not.
#[derive(Clone, Copy, Debug)]
pub struct ById<'a>(pub &'a References);

impl Lookup for ById<'_> {
    fn to_id(&self, kind: &'static str, reference: &Value) -> Value {
        self.0.to_id(kind, reference)
    }

    fn to_ref(&self, _kind: &'static str, id: &Value) -> Value {
        match id.get(PENDING_KEY) {
            Some(pending) => pending.clone(),
            None => json!({ "id": id }),
        }
    }

    fn display_name(&self, kind: &'static str, id: &Value) -> Option<String> {
        self.0.display_name(kind, id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goals() -> References {
        let kind = KindId::known("Goal");
        let mut references = References::default();
        references.insert(
            kind,
            json!(1),
            Some("checkout".into()),
            "Checkout done".into(),
        );
        references.insert(kind, json!(2), None, "Interact".into());
        references.insert(kind, json!(3), None, "Twin".into());
        references.insert(kind, json!(4), None, "Twin".into());
        references
    }

    #[test]
    fn the_canonical_reference_is_the_name_then_the_display_name_then_the_id() {
        let references = goals();
        let canonical: Vec<_> = (1..=5)
            .map(|id| references.to_ref("Goal", &json!(id)).to_string())
            .collect();
        assert_eq!(
            canonical,
            [
                r#""checkout""#,
                r#"{"live":"Interact"}"#,
                r#"{"id":3}"#,
                r#"{"id":4}"#,
                r#"{"id":5}"#
            ]
        );
    }

    #[test]
    fn of_several_rows_of_the_vendors_the_known_one_is_meant() {
        let table = |rows: &[(i64, &str)]| {
            let kind = KindId::known("EngagementWindow");
            let mut references = References::default();
            for (id, display_name) in rows {
                let row = ReferableObject {
                    id: json!(id),
                    name: None,
                    display_name: (*display_name).to_owned(),
                    system: true,
                };
                references.add(kind, row);
            }
            references.to_id("EngagementWindow", &json!({ "system": true }))
        };
        let harmony = 9_999_999_999_i64;
        assert_eq!(table(&[(7, "Any theme")]), json!(7));
        assert_eq!(table(&[(7, "Calm"), (harmony, "Thème")]), json!(harmony));
        assert_eq!(table(&[(7, "Calm"), (8, "Harmony theme")]), json!(8));
        let open = json!({ PENDING_KEY: { "system": true } });
        assert_eq!(table(&[(7, "Calm"), (8, "Calmer")]), open);
    }

    #[test]
    fn what_is_not_there_yet_survives_the_round_trip() {
        let references = goals();
        let pending = references.to_id("Goal", &json!("later"));
        assert_eq!(references.to_ref("Goal", &pending), json!("later"));
        assert_eq!(
            references.to_id("Goal", &json!({"live": "Twin"})),
            json!({PENDING_KEY: {"live": "Twin"}})
        );
    }

    #[test]
    fn a_name_belongs_to_one_id_and_serde_keeps_the_table() {
        let mut references = goals();
        references.insert(
            KindId::known("Goal"),
            json!(9),
            Some("checkout".into()),
            "Checkout done".into(),
        );
        assert_eq!(references.to_id("Goal", &json!("checkout")), json!(9));
        assert_eq!(references.to_ref("Goal", &json!(1)), json!({"id": 1}));
        let copy: References =
            serde_json::from_value(serde_json::to_value(&references).unwrap()).unwrap();
        assert_eq!(copy, references);
    }
}
