//! YAML to JSON values, with a span for every key and every value.
//!
//! What is read is YAML 1.2 with its core scalars, and less of it where YAML surprises people:
//!
//! - `no`, `on`, `yes`, `off`, `y` and `n` are text, and so are numbers with leading zeros (`012`, an id
//!   must not lose its zeros) or underscores (`1_000`). Each of them is a warning, because other readers
//!   of the same file may see something else in it.
//! - Integers that fit neither 64-bit form are errors, never rounded; so are infinities and `.nan`, which
//!   JSON cannot hold.
//! - Keys are text: `1: a` has the key `"1"`. Lists and mappings as keys are errors, a repeated key is too.
//! - Anchors and aliases are replayed. Merge keys (`<<`) are errors: they hide where a field comes from, and
//!   two readers in three ignore them.
//! - Tags other than the core ones (`!!str`, `!!int`, ..) are errors.
//!
//! A document with an error is left out, and reading goes on behind the next `---`. Nothing in a text can make
//! the reader panic, loop, or use memory out of proportion: [`Limits`] bounds what a file may ask for.

mod blanks;
mod build;
mod error;
mod indent;
mod layers;
mod quotes;
mod scalar;
mod spans;
#[cfg(test)]
mod tests;
mod walk;

use granit_parser::{Options, Parser};
use serde_json::Value;

use super::{Content, FileId, Pointer, Span};
pub use blanks::{at_edge, instead_of_space};
pub use build::comment_instead;
use build::{Builder, NextStep};
pub use error::{YamlError, YamlErrorKind};
use layers::TextLayer;
pub use layers::{merges, stands_for_a_value};
use spans::SpanTable;
pub use walk::{ScalarToken, walk};

/// Which half of a mapping entry a complaint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryHalf {
    /// The key, for a field that should not be there.
    Key,
    /// The value, for a field whose content is wrong.
    Value,
}

/// One YAML document: its value as JSON, and where every node of it stands.
///
/// A merged document is made of several, see [`Document::under`].
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The file it stands in; of a merged document, the lowest one.
    pub file: FileId,
    /// The content as a JSON value, shared with the manifest that is made of it.
    pub value: Content,
    /// The scalars that variables were filled into, in reading order.
    pub fills: Vec<Fill>,
    /// Whether it only lies below others: it is checked against its schema, and is no manifest of the run.
    pub shadowed: bool,
    /// Whether an overlay folder adds it: it is of those environments alone that have the folder.
    pub added: bool,
    spans: SpanTable,
    layers: Vec<TextLayer>,
}

/// One scalar with variables in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The scalar, from the root of the document.
    pub pointer: Pointer,
    /// The text as it was written.
    pub raw: String,
    /// Whether every variable in it is known; otherwise the text is still in the value.
    pub known: bool,
}

impl Document {
    /// A document as it was read.
    fn new(file: FileId, value: Value, spans: SpanTable) -> Self {
        Self {
            file,
            value: Content::from(value),
            fills: Vec::new(),
            shadowed: false,
            added: false,
            spans,
            layers: Vec::new(),
        }
    }

    /// A document that a program made: every node of it stands at the start of the file.
    #[must_use]
    pub fn synthetic(file: FileId, value: Value) -> Self {
        Self::new(file, value, SpanTable::default())
    }

    /// The content without its places.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.value.into_value()
    }

    /// Puts the content to rest, that of its layers included, and returns what it was before.
    pub fn rest(&mut self) -> Content {
        self.rest_layers();
        let resting = self.value.at_rest();
        std::mem::replace(&mut self.value, resting)
    }

    /// The file and span of a node. For a node that is not there, the key of the nearest node around it.
    #[must_use]
    pub fn place(&self, pointer: &Pointer, part: EntryHalf) -> (FileId, Span) {
        if self.is_merged() {
            return self.merged_place(pointer, part);
        }
        let value = self.value.look();
        (self.file, self.spans.find(&value, pointer, part))
    }

    /// The deepest node that a byte of the file stands in, and whether that is its key; `None` outside of the document,
    /// and in a merged one.
    #[must_use]
    pub fn at(&self, offset: u32) -> Option<(Pointer, EntryHalf)> {
        self.spans.at(&self.value, offset)
    }

    /// The span of every node, from its key to the end of its value.
    pub fn spans(&self) -> impl Iterator<Item = Span> + '_ {
        self.spans.spans()
    }

    /// The span of a node in its file, see [`Document::place`].
    #[must_use]
    pub fn span(&self, pointer: &Pointer, part: EntryHalf) -> Span {
        self.place(pointer, part).1
    }
}

/// What one file may ask for, against hostile input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file.
    pub bytes: usize,
    /// Documents in a file.
    pub documents: usize,
    /// Lists and mappings inside each other.
    pub depth: usize,
    /// Values in a file.
    pub nodes: usize,
    /// Values copied for anchors and aliases; every 256 bytes of a text count as one more.
    pub alias_nodes: usize,
    /// Errors of a file after which the rest of it is not read, and warnings that are kept.
    pub problems: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 4 * 1024 * 1024,
            documents: 10_000,
            depth: 64,
            nodes: 250_000,
            alias_nodes: 100_000,
            problems: 100,
        }
    }
}

/// Reads the documents of a text. Errors and warnings are in the order of their places.
#[must_use]
pub fn parse(file: FileId, text: &str, limits: &Limits) -> (Vec<Document>, Vec<YamlError>) {
    let bytes = limits.bytes.min(u32::MAX as usize); // spans are 32 bits wide
    if text.len() > bytes {
        return (Vec::new(), vec![YamlError::too_long(bytes)]);
    }
    let mut parser = Parser::new_from_str_with_options(text, options(limits));
    let mut builder = Builder::new(file, text, limits);
    while let Some(event) = parser.next_event() {
        let next = match event {
            Ok((event, span)) => builder.event(event, &span),
            Err(error) => builder.syntax_error(&error),
        };
        match next {
            NextStep::Event => {}
            NextStep::Document => match parser.proceed_next_document() {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    builder.syntax_error(&error);
                    break;
                }
            },
            NextStep::Stop => break,
        }
    }
    builder.finish()
}

fn options(limits: &Limits) -> Options {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = limits.depth;
    options.block_nesting_limit = limits.depth;
    options
}
