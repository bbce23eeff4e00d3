//! Which kind something is of: an index into the list of all kinds, written as the kind's name.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::kind::{KindDef, Role};

/// A kind, as an index into [`super::ALL`]. Ordered as that list is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(u8);

impl KindId {
    /// The name with its article: `a Goal`, `an Engagement`.
    #[must_use]
    pub fn one(self) -> String {
        let name = self.name();
        let article = if name.starts_with(['A', 'E', 'I', 'O', 'U']) {
            "an"
        } else {
            "a"
        };
        format!("{article} {name}")
    }

    /// The kind with this name, `None` when there is none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.def().name == name)
    }

    /// The kind with this name, which is in a field table.
    ///
    /// # Panics
    /// Never for a name out of a field table: a test looks every one of them up.
    #[must_use]
    pub fn known(name: &'static str) -> Self {
        Self::named(name).expect("field tables name kinds of `ALL`")
    }

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..u8::try_from(super::ALL.len()).unwrap_or(u8::MAX)).map(Self)
    }

    /// The kinds that manifests can have.
    pub fn manifests() -> impl Iterator<Item = Self> {
        Self::all().filter(|kind| kind.def().role != Role::Reference)
    }

    /// The contract of the kind.
    #[must_use]
    pub fn def(self) -> &'static KindDef {
        &super::ALL[self.0 as usize]
    }

    /// Its position in [`super::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The name of the kind, `Campaign`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.def().name
    }
}

impl fmt::Debug for KindId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for KindId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for KindId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for KindId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name)
            .ok_or_else(|| serde::de::Error::custom(format!("`{name}` is not a kind")))
    }
}
