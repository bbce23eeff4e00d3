//! A fault that cannot be read: what is wrong with it, and where.

use std::fmt;
use std::ops::Range;

/// Why a fault cannot be read. Shows the line with a caret below the word in question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError {
    /// The fault as it was written.
    pub text: String,
    /// The bytes of it that are wrong.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl std::error::Error for FaultError {}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            text,
            span,
            message,
            help: _,
        } = self;
        // One column per letter, so that the caret stands where it should.
        let line: String = text
            .chars()
            .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
            .collect();
        let letters = |bytes: Range<usize>| text.get(bytes).unwrap_or_default().chars().count();
        let indent = " ".repeat(letters(0..span.start));
        let caret = "^".repeat(letters(span.clone()).max(1));
        write!(f, "{message}\n  {line}\n  {indent}{caret}")
    }
}
