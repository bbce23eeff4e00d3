//! What to do about a complaint: for people as text, and for an editor as an edit where it is certain which.

use super::nearest::{nearest, question};

/// What to do about a complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// The help for people.
    pub text: String,
    /// The edit that does it.
    pub fix: Option<Fix>,
}

/// An edit at the place of a complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// This text instead of the key or value, in quotes where it needs them.
    Replace(String),
    /// This YAML instead of the value.
    Write(String),
    /// The value in quotes.
    Quote,
    /// One more field in the mapping, with a value as YAML or without one.
    Add(String, String),
}

impl Advice {
    /// Adds the edit that does it.
    #[must_use]
    pub fn fix(self, fix: Fix) -> Self {
        let fix = Some(fix);
        Self { fix, ..self }
    }
}

impl From<String> for Advice {
    fn from(text: String) -> Self {
        Self { text, fix: None }
    }
}

impl From<&str> for Advice {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

/// To write the nearest candidate instead of a misspelt word; `None` when nothing is near.
pub fn suggestion<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<Advice> {
    let meant = nearest(word, candidates)?;
    Some(Advice::from(question(meant)).fix(Fix::Replace(meant.to_owned())))
}
