//! The words of a fault as they are read, and the complaints about them.

use std::ops::Range;
use std::str::FromStr;

use super::FaultError;
use crate::diag::nearest;

/// The longest fault that is read.
const LONGEST_TEXT: usize = 1000;

/// The words of a fault, one after the other.
pub(super) struct FaultWords<'t> {
    text: &'t str,
    /// Where the last word stands.
    last: Range<usize>,
}

impl<'t> FaultWords<'t> {
    /// The words of this text.
    pub(super) fn of(text: &'t str) -> Result<Self, FaultError> {
        let words = FaultWords { text, last: 0..0 };
        if text.len() > LONGEST_TEXT {
            return Err(FaultError {
                text: text.chars().take(40).collect(),
                ..words.error("a fault has at most 1000 letters")
            });
        }
        Ok(words)
    }

    /// The next word, which is the last one from now on.
    pub(super) fn next(&mut self) -> Option<&'t str> {
        let rest = &self.text[self.last.end..];
        let word = rest.split_whitespace().next()?;
        let start = self.last.end + rest.find(word)?;
        self.last = start..start + word.len();
        Some(word)
    }

    /// The next word, left where it is.
    pub(super) fn peek(&self) -> Option<&'t str> {
        self.text[self.last.end..].split_whitespace().next()
    }

    /// Whether the next word is this one, which is then read.
    pub(super) fn takes(&mut self, word: &str) -> bool {
        let is_next = self.peek() == Some(word);
        if is_next {
            self.next();
        }
        is_next
    }

    /// The next word, which must be there.
    pub(super) fn demand(&mut self, what: &str) -> Result<&'t str, FaultError> {
        self.next().ok_or_else(|| {
            self.last = self.text.len()..self.text.len();
            self.error(format!("{what} is missing"))
        })
    }

    /// The next word as a value.
    pub(super) fn value<T: FromStr>(&mut self, what: &str) -> Result<T, FaultError> {
        let word = self.demand(what)?;
        word.parse()
            .map_err(|_| self.error(format!("`{word}` is not {what}")))
    }

    /// Makes the next complaint begin so many bytes into the last word.
    pub(super) fn narrow(&mut self, bytes: usize) {
        self.last.start += bytes;
    }

    /// A complaint about the last word.
    pub(super) fn error(&self, message: impl Into<String>) -> FaultError {
        FaultError {
            text: self.text.to_owned(),
            span: self.last.clone(),
            message: message.into(),
            help: None,
        }
    }

    /// A complaint about a word that is none of these.
    pub(super) fn unknown(&self, what: &str, known: &[&str]) -> FaultError {
        let word = &self.text[self.last.clone()];
        let help = match nearest(word, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it is one of `{}`", known.join("`, `")),
        };
        self.error(format!("`{word}` is not {what}")).help(help)
    }
}

impl FaultError {
    /// Adds what to write instead.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
