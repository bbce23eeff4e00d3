//! Keys of a JSON object that are there twice. Readers of JSON keep one of the values, and no one knows which was meant.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

/// Whether a key of an object is there twice.
pub(super) struct IsDoubled(pub(super) bool);

impl<'de> Deserialize<'de> for IsDoubled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = IsDoubled;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<IsDoubled, A::Error> {
        let mut seen = BTreeSet::new();
        let mut is_doubled = false;
        while let Some((key, _)) = map.next_entry::<String, IgnoredAny>()? {
            is_doubled |= !seen.insert(key);
        }
        Ok(IsDoubled(is_doubled))
    }
}
