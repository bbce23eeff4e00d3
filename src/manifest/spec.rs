//! `spec` of a manifest, shared with the document that it stands in: ten thousand manifests are held once.

use std::ops::Deref;
use std::sync::Arc;

use serde_json::{Map, Value};

/// The `spec` of a manifest or of what was made of one. Reads as a JSON value.
#[derive(Clone, Debug)]
pub struct Spec(Held);

#[derive(Clone, Debug)]
enum Held {
    /// The field of a document, which is a mapping there.
    Within(Arc<Value>),
    /// A value of its own.
    Alone(Arc<Value>),
}

impl Spec {
    /// The spec of a document; empty where the document has none.
    pub(super) fn of(document: &Arc<Value>) -> Self {
        if document.get("spec").is_some_and(Value::is_object) {
            Self(Held::Within(Arc::clone(document)))
        } else {
            Self::from(Value::Object(Map::new()))
        }
    }
}

impl From<Value> for Spec {
    fn from(value: Value) -> Self {
        Self(Held::Alone(Arc::new(value)))
    }
}

impl Deref for Spec {
    type Target = Value;

    fn deref(&self) -> &Value {
        match &self.0 {
            Held::Within(document) => &document["spec"],
            Held::Alone(value) => value,
        }
    }
}

impl PartialEq for Spec {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
