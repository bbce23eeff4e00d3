//! What one object says about who is offered what, worked out by itself: many are read side by side.

use serde_json::Value;

use super::truth::Spot;
use crate::kinds::mapping::with_defaults;
use crate::kinds::offering::{Clause, Reading, Test};
use crate::manifest::Key;
use crate::text::Pointer;

/// What an object says.
pub(super) struct Contribution {
    pub(super) key: Key,
    pub(super) reading: Reading,
    /// What is written where a test is open whatever the visit is.
    pub(super) open: Vec<(Spot, String)>,
    /// The list of what is inside it, where it has one.
    pub(super) list: Option<Vec<Value>>,
}

impl Contribution {
    /// What the spec of an object says; `None` where its kind has no say.
    pub(super) fn of(key: &Key, spec: &Value) -> Option<Self> {
        let def = key.kind.def();
        let spec = with_defaults(def, spec);
        let reading = (def.reading)(&spec)?;
        let mut open = Vec::new();
        for requirement in &reading.requires {
            let note = &mut |at: &Pointer| {
                let spot = Spot {
                    key: key.clone(),
                    at: at.clone(),
                };
                open.push((spot, written(&spec, at, reading.offer.is_some())));
            };
            open_places(&requirement.clause, note);
        }
        let list = def.children.as_ref().and_then(|it| spec.get(it.field));
        let list = list.and_then(Value::as_array).cloned();
        let key = key.clone();
        Some(Self {
            key,
            reading,
            open,
            list,
        })
    }
}

/// What is written at an open place. What an engagement says of its place takes several fields.
fn written(spec: &Value, at: &Pointer, is_offered: bool) -> String {
    let mut text = at.get(spec).map(Value::to_string).unwrap_or_default();
    if is_offered {
        for field in ["source", "type", "appInstallation"] {
            let value = spec.get(field).map(Value::to_string);
            text.push_str(&value.unwrap_or_default());
        }
    }
    text
}

/// The places of a clause that are open whatever the visit is.
fn open_places(clause: &Clause, note: &mut impl FnMut(&Pointer)) {
    if matches!(clause.test, Test::Open(_)) {
        note(&clause.at);
    }
    clause.test.inner(&mut |inner| open_places(inner, note));
}
