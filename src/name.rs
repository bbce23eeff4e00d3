//! Newtypes for every identity that crosses a module border.
//!
//! A bare `String` says nothing about what it identifies. These do: a manifest's [`Name`], a live
//! object's [`RemoteId`], a collection's [`Revision`]. And a [`Secret`] does not say what it is.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest manifest name: a DNS label, so that names can become file names and label values.
pub const NAME_MAX: usize = 63;

/// The stable key of a manifest, unique per kind: `[a-z0-9]([-a-z0-9.]*[a-z0-9])?`, at most 63.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Arc<str>); // the same name is a key of many maps at once

/// Why a text is not a [`Name`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a name: use lower-case letters, digits, `-` and `.`, at most 63 of them, starting and ending with a letter or digit"
)]
pub struct InvalidName(String);

impl Name {
    /// Checks the grammar of a name.
    ///
    /// # Errors
    /// [`InvalidName`] when the text breaks the grammar or is longer than [`NAME_MAX`].
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
        let text = text.into();
        if is_name(&text) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidName(text))
        }
    }

    /// Makes the nearest legal name out of any text, `fallback` when nothing of it is usable.
    #[must_use]
    pub fn from_display_name(text: &str, fallback: &str) -> Self {
        let mut slug = String::new();
        for ch in text.chars() {
            match ch {
                'a'..='z' | '0'..='9' => slug.push(ch),
                'A'..='Z' => slug.push(ch.to_ascii_lowercase()),
                _ if slug.ends_with('-') || slug.is_empty() => {}
                _ => slug.push('-'),
            }
            if slug.len() >= NAME_MAX - 8 {
                break; // room for the suffix that tells two equal slugs apart
            }
        }
        let slug = slug.trim_matches('-');
        Self(if slug.is_empty() { fallback } else { slug }.into())
    }

    /// The same name with `-2`, `-3` .. behind it.
    #[must_use]
    pub fn with_suffix(&self, number: usize) -> Self {
        Self(format!("{}-{number}", self.0).into())
    }

    /// The text of the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    bytes.len() <= NAME_MAX
        && bytes.first().is_some_and(edge)
        && bytes.last().is_some_and(edge)
        && bytes
            .iter()
            .all(|byte| edge(byte) || *byte == b'-' || *byte == b'.')
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.as_ref().to_owned()
    }
}

/// The server's id of a live object: digits for account-config rows, a UUID for app installations,
/// `H` and digits for handoffs. Kept as text; [`RemoteId::to_wire`] restores the JSON form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RemoteId(String);

impl RemoteId {
    /// Reads an id from its wire form: a JSON number or a string that is not empty.
    #[must_use]
    pub fn from_wire(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => {
                // An id may come as `4100000101.0`.
                let whole = number
                    .as_f64()
                    .filter(|id| number.is_f64() && id.fract() == 0.0);
                Some(Self(whole.map_or_else(
                    || number.to_string(),
                    |whole| format!("{whole:.0}"),
                )))
            }
            Value::String(text) if !text.is_empty() => Some(Self(text.clone())),
            _ => None,
        }
    }

    /// The JSON form: a number when the id is one, a string otherwise.
    #[must_use]
    pub fn to_wire(&self) -> Value {
        match self.0.parse::<u64>() {
            Ok(number) if number.to_string() == self.0 => Value::from(number),
            _ => Value::from(self.0.clone()),
        }
    }

    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RemoteId {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A collection's revision as the server gave it (`ac-revision`), sent back bare in `If-Match`.
///
/// Opaque: nothing is proven but by equality (platform.md#revisions).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub String);

impl Revision {
    /// Whether it is a smaller number than one that the server gave before, as after it was set back to a backup. `false` where one
    /// of them is no number.
    #[must_use]
    pub fn has_fallen_from(&self, earlier: &Self) -> bool {
        let number = |revision: &Self| revision.0.parse::<u64>().ok();
        matches!((number(self), number(earlier)), (Some(now), Some(before)) if now < before)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A secret. Its `Debug` shows nothing of it, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the request that needs it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_grammar() {
        for good in ["a", "autumn-sale", "a.b-c", "0", &"x".repeat(63)] {
            assert!(Name::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a_b", "ä", ".a", &"x".repeat(64)] {
            assert!(Name::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn any_display_name_gives_a_legal_name() {
        for (text, name) in [
            ("Autumn Sale 2026!", "autumn-sale-2026"),
            ("  ", "goal"),
            ("Été", "t"),
            ("a--b", "a-b"),
        ] {
            assert_eq!(Name::from_display_name(text, "goal").as_str(), name);
        }
        let long = Name::from_display_name(&"y z".repeat(60), "goal");
        assert!(Name::new(long.with_suffix(1234).as_str()).is_ok());
    }

    #[test]
    fn ids_keep_their_wire_form() {
        for wire in [
            Value::from(4_100_000_101_u64),
            Value::from("H100000000000001"),
            Value::from("007"),
        ] {
            assert_eq!(RemoteId::from_wire(&wire).unwrap().to_wire(), wire);
        }
    }
}
