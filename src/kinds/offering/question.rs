//! The questions that conditions ask about a fact.

use super::{Fact, Switch};
use crate::kinds::shared::means::{Range, TextMatch};

/// Whether upper and lower case are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterCase {
    /// They are.
    Ignored,
    /// It is not known.
    Open(Switch),
}

/// A question about a fact of a visit. A fact with several values answers with any of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// A text matches one of these.
    Text {
        /// The fact.
        fact: Fact,
        /// The alternatives.
        any: Vec<TextMatch>,
        /// Whether case counts.
        case: LetterCase,
    },
    /// A number lies in a range.
    Number(Fact, Range),
    /// A flag has this value.
    Flag(Fact, bool),
    /// A day lies so many days back.
    DaysAgo(Fact, Range),
    /// An address lies in one of these networks or ranges.
    Address(Fact, Vec<String>),
    /// An error matches: its code, and its text.
    Error(Option<Vec<TextMatch>>, Option<Vec<TextMatch>>),
}

impl Question {
    /// A question for one of these whole texts.
    #[must_use]
    pub fn one_of<T: AsRef<str>>(fact: Fact, any: &[T], case: LetterCase) -> Self {
        let is = |text: &T| TextMatch {
            is: Some(text.as_ref().to_owned()),
            ..TextMatch::default()
        };
        Self::Text {
            fact,
            any: any.iter().map(is).collect(),
            case,
        }
    }

    /// The fact that it asks for.
    #[must_use]
    pub const fn fact(&self) -> Fact {
        match self {
            Self::Text { fact, .. }
            | Self::Number(fact, _)
            | Self::Flag(fact, _)
            | Self::DaysAgo(fact, _)
            | Self::Address(fact, _) => *fact,
            Self::Error(..) => Fact::Errors,
        }
    }

    /// What it asks for, in a phrase: `` `sections` is `orders` ``.
    #[must_use]
    pub fn phrase(&self) -> String {
        let name = self.fact().name();
        match self {
            Self::Text { any, .. } => format!("`{name}` {}", texts(any)),
            Self::Number(_, range) => format!("`{name}` is {}", numbers(range)),
            Self::Flag(_, is) => format!("`{name}` is `{is}`"),
            Self::DaysAgo(_, range) => format!("`{name}` is {} days ago", numbers(range)),
            Self::Address(_, any) => format!("`{name}` is in `{}`", any.join("` or `")),
            Self::Error(None, None) => "an `error` is reported".to_owned(),
            Self::Error(code, message) => {
                let code = code.iter().map(|any| format!("whose code {}", texts(any)));
                let message = message
                    .iter()
                    .map(|any| format!("whose message {}", texts(any)));
                let parts: Vec<String> = code.chain(message).collect();
                format!("an `error` is reported {}", parts.join(" and "))
            }
        }
    }
}

fn texts(any: &[TextMatch]) -> String {
    let one = |text: &TextMatch| match (&text.is, &text.contains, &text.matches) {
        (Some(text), ..) => format!("is `{text}`"),
        (_, Some(text), _) => format!("contains `{text}`"),
        (.., Some(text)) => format!("matches `{text}`"),
        _ => "is anything".to_owned(),
    };
    let all: Vec<String> = any.iter().map(one).collect();
    all.join(" or ")
}

fn numbers(range: &Range) -> String {
    match (range.at_least, range.at_most) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => "any number".to_owned(),
    }
}
