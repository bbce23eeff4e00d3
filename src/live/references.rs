//! Names to ids and back: the one [`Lookup`] that diff, plan, apply and export use.
//!
//! The canonical reference of an id is the name of the manifest bound to it; else its live display
//! name where that is unique; else the id itself. Kinds that are never in manifests are referred to by
//! a bare live name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::kinds::mapping::PENDING_KEY;
use crate::kinds::{KindId, Lookup, Role};

/// A table of canonical references.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct References(BTreeMap<String, Vec<Known>>);

/// One object that can be referred to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    id: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    display_name: String,
}

impl References {
    /// Adds an object, with the name of the manifest bound to it. A second entry for an id replaces the first.
    pub fn insert(&mut self, kind: KindId, id: Value, name: Option<String>, display_name: String) {
        let rows = self.0.entry(kind.name().to_owned()).or_default();
        let known = Known {
            id,
            name,
            display_name,
        };
        match rows.iter_mut().find(|row| row.id == known.id) {
            Some(row) => *row = known,
            None => rows.push(known),
        }
    }

    fn rows(&self, kind: &str) -> &[Known] {
        self.0.get(kind).map_or(&[], Vec::as_slice)
    }

    fn by_display_name(&self, kind: &str, display_name: &str) -> Option<&Known> {
        let mut rows = self
            .rows(kind)
            .iter()
            .filter(|row| row.display_name == display_name);
        let first = rows.next()?;
        rows.next().is_none().then_some(first)
    }
}

impl Lookup for References {
    fn to_id(&self, kind: &'static str, reference: &Value) -> Value {
        let by_display_name =
            |name: &str| self.by_display_name(kind, name).map(|row| row.id.clone());
        match reference {
            Value::String(name) if KindId::known(kind).def().role == Role::Reference => {
                by_display_name(name)
            }
            Value::String(name) => self
                .rows(kind)
                .iter()
                .find(|row| row.name.as_deref() == Some(name))
                .map(|row| row.id.clone()),
            Value::Object(map) => match (map.get("live"), map.get("id")) {
                (Some(Value::String(name)), _) => by_display_name(name),
                (_, Some(id)) => Some(id.clone()),
                _ => None,
            },
            _ => None,
        }
        .unwrap_or_else(|| json!({ PENDING_KEY: reference }))
    }

    fn to_ref(&self, kind: &'static str, id: &Value) -> Value {
        if let Some(pending) = id.get(PENDING_KEY) {
            return pending.clone();
        }
        let Some(row) = self.rows(kind).iter().find(|row| row.id == *id) else {
            return json!({ "id": id });
        };
        if let Some(name) = &row.name {
            return Value::from(name.clone());
        }
        if self.by_display_name(kind, &row.display_name).is_none() {
            return json!({ "id": id });
        }
        match KindId::known(kind).def().role {
            Role::Reference => Value::from(row.display_name.clone()),
            _ => json!({ "live": row.display_name }),
        }
    }

    fn display_name(&self, kind: &'static str, id: &Value) -> Option<String> {
        self.rows(kind)
            .iter()
            .find(|row| row.id == *id)
            .map(|row| row.display_name.clone())
    }
}
