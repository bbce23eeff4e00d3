//! Which manifests differ between two states of some files.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::manifest::Key;
use crate::name::Name;

/// A document as a file has it: the base or the overlay that it belongs to, and what it says.
#[derive(Clone, Debug)]
pub struct Described {
    /// Which documents it belongs to: those of the base, or of which overlay.
    pub layer: String,
    /// The document, before overlays and variables.
    pub value: Value,
}

/// The manifests that `before` and `now` describe differently. That a document moved to another file or line, or got
/// another comment, makes no difference.
#[must_use]
pub fn touched(before: &[Described], now: &[Described]) -> BTreeSet<Key> {
    let (before, now) = (by_key(before), by_key(now));
    let keys: BTreeSet<_> = before.keys().chain(now.keys()).collect();
    let differ = keys
        .into_iter()
        .filter(|key| before.get(*key) != now.get(*key));
    differ.map(|(_, key)| key.clone()).collect()
}

fn by_key(documents: &[Described]) -> BTreeMap<(&str, Key), Vec<&Value>> {
    let mut found = BTreeMap::<_, Vec<&Value>>::new();
    for Described { layer, value } in documents {
        if let Some(key) = key(value) {
            found.entry((layer.as_str(), key)).or_default().push(value);
        }
    }
    found
}

/// What a document is about, where it says so.
fn key(value: &Value) -> Option<Key> {
    Some(Key {
        kind: crate::kinds::KindId::named(value.get("kind")?.as_str()?)?,
        name: Name::new(value.pointer("/metadata/name")?.as_str()?).ok()?,
    })
}
