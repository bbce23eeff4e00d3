//! Labels as flags and waves ask for them: `team=retail,season!=autumn,campaign,!draft`.

use std::fmt;
use std::str::FromStr;

use indexmap::IndexMap;

/// Conditions that must all hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(Vec<SelectorTerm>);

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectorTerm {
    /// `key=value`: the label has this value.
    Is(String, String),
    /// `key!=value`: the label has another value, or is not there.
    IsNot(String, String),
    /// `key`: the label is there.
    Has(String),
    /// `!key`: the label is not there.
    Lacks(String),
}

impl Selector {
    /// The conditions.
    #[must_use]
    pub fn terms(&self) -> &[SelectorTerm] {
        &self.0
    }

    /// Whether the labels meet every condition.
    #[must_use]
    pub fn matches(&self, labels: &IndexMap<String, String>) -> bool {
        self.0.iter().all(|term| match term {
            SelectorTerm::Is(key, value) => labels.get(key) == Some(value),
            SelectorTerm::IsNot(key, value) => labels.get(key) != Some(value),
            SelectorTerm::Has(key) => labels.contains_key(key),
            SelectorTerm::Lacks(key) => !labels.contains_key(key),
        })
    }
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(term)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn term(text: &str) -> Result<SelectorTerm, String> {
    let text = text.trim();
    let term = if let Some((key, value)) = text.split_once("!=") {
        SelectorTerm::IsNot(key.trim().to_owned(), value.trim().to_owned())
    } else if let Some((key, value)) = text.split_once('=') {
        let value = value.strip_prefix('=').unwrap_or(value);
        SelectorTerm::Is(key.trim().to_owned(), value.trim().to_owned())
    } else if let Some(key) = text.strip_prefix('!') {
        SelectorTerm::Lacks(key.trim().to_owned())
    } else {
        SelectorTerm::Has(text.to_owned())
    };
    let (SelectorTerm::Is(key, _)
    | SelectorTerm::IsNot(key, _)
    | SelectorTerm::Has(key)
    | SelectorTerm::Lacks(key)) = &term;
    if key.is_empty() || key.contains(['!', '=']) || key.contains(char::is_whitespace) {
        return Err(format!(
            "`{text}` is not key=value, key!=value, key or !key"
        ));
    }
    Ok(term)
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.0.iter().enumerate() {
            f.write_str(if index > 0 { "," } else { "" })?;
            match term {
                // A second `=` belongs to the operator, so that a value with one needs both.
                SelectorTerm::Is(key, value) if value.starts_with('=') => {
                    write!(f, "{key}=={value}")
                }
                SelectorTerm::Is(key, value) => write!(f, "{key}={value}"),
                SelectorTerm::IsNot(key, value) => write!(f, "{key}!={value}"),
                SelectorTerm::Has(key) => f.write_str(key),
                SelectorTerm::Lacks(key) => write!(f, "!{key}"),
            }?;
        }
        Ok(())
    }
}
