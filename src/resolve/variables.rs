//! Variables: `${var.name}` in the scalars of a document.
//!
//! - They are filled into the texts of `spec`, `metadata.labels` and `metadata.annotations`; never into keys,
//!   and never into what identifies a manifest.
//! - A scalar that is one reference and nothing else takes the variable's type; inside a longer text, texts,
//!   numbers and booleans are spelled as JSON spells them.
//! - `$${var.name}` stands for the characters `${var.name}`, in values and in keys. Any other `${` is text: handoff
//!   messages have placeholders like `${{1}}` of their own. [`escaped`] is the way back, for what is exported.
//! - What is filled in is never read again, so a value may hold `${var.` itself.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::codes::{MALFORMED_VARIABLE, UNKNOWN_VARIABLE, VARIABLE_TYPE};
use crate::diag::{Advice, Code, Diagnostic, Diags, Fix, Location, did_you_mean, nearest};
use crate::text::{Document, EntryHalf, FileId, Fill, Pointer, Sources, Span};

/// The variables of an environment by name.
pub type Variables = BTreeMap<String, Value>;

/// What begins a reference.
const OPEN: &str = "${var.";

/// What stands for the characters that begin a reference.
const ESCAPED: &str = "$${var.";

/// The parts of a manifest that variables are filled into.
const PLACES: [&str; 3] = ["/spec", "/metadata/labels", "/metadata/annotations"];

/// A piece of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Segment<'t> {
    /// Text as it is meant, escapes undone.
    Text(Cow<'t, str>),
    /// A reference, with its number among all [`OPEN`]s of the scalar.
    Variable(&'t str, usize),
    /// Something that begins like a reference and is none.
    Broken(&'t str, usize),
}

/// Whether a name can be referred to.
#[must_use]
pub fn is_variable_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .chars()
            .all(|ch| ch.is_ascii_alphanumeric() || ch == '_' || ch == '-')
}

/// The pieces of a scalar.
pub(crate) fn segments(raw: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let mut rest = raw;
    for number in 0.. {
        let Some(at) = rest.find(OPEN) else {
            break;
        };
        let behind = &rest[at + OPEN.len()..];
        if rest[..at].ends_with('$') {
            segments.push(Segment::Text(Cow::Owned(format!(
                "{}{OPEN}",
                &rest[..at - 1]
            ))));
            rest = behind;
            continue;
        }
        segments.push(Segment::Text(Cow::Borrowed(&rest[..at])));
        let name = behind.split(['}', '\n']).next().unwrap_or_default();
        let is_closed = behind[name.len()..].starts_with('}');
        segments.push(if is_closed && is_variable_name(name) {
            Segment::Variable(name, number)
        } else {
            Segment::Broken(name, number)
        });
        rest = &behind[name.len() + usize::from(is_closed)..];
    }
    segments.push(Segment::Text(Cow::Borrowed(rest)));
    segments.retain(|segment| !matches!(segment, Segment::Text(text) if text.is_empty()));
    segments
}

/// A value of the account as it is written in a manifest: what looks like a reference stays text.
#[must_use]
pub fn escaped(value: &Value) -> Value {
    let text = |text: &str| text.replace(OPEN, ESCAPED);
    match value {
        Value::String(it) => Value::String(text(it)),
        Value::Array(items) => items.iter().map(escaped).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            fields.map(|(key, it)| (text(key), escaped(it))).collect()
        }
        other => other.clone(),
    }
}

/// The files that may hold references: those in which one can be read, or that have escapes, which can spell
/// anything. Most files have neither, and need no search node by node.
pub(super) fn referring_files(
    sources: &Sources,
    files: impl Iterator<Item = FileId>,
) -> BTreeSet<FileId> {
    fn refers(text: &str) -> bool {
        text.contains(OPEN) || text.contains('\\')
    }
    let (mut referring, mut last) = (BTreeSet::new(), None);
    for file in files {
        // The documents of a file stand together: its text is searched once.
        if last.replace(file) != Some(file) && sources.may_refer(file, refers) {
            referring.insert(file);
        }
    }
    referring
}

/// Adds the names of all variables that a document refers to.
pub(crate) fn collect_names(document: &Document, names: &mut BTreeSet<String>) {
    for pointer in references(&document.value).scalars {
        let text = pointer.get(&document.value).and_then(Value::as_str);
        for segment in segments(text.unwrap_or_default()) {
            if let Segment::Variable(name, _) = segment {
                names.insert(name.to_owned());
            }
        }
    }
}

/// Fills the variables into a document. What is not known stays, with a complaint.
pub(super) fn fill(
    document: &mut Document,
    variables: &Variables,
    sources: &Sources,
    diags: &mut Diags,
) {
    let keys = references(&document.value).keys;
    for pointer in &keys {
        let key = pointer.steps().last().unwrap_or_default();
        if key.matches(OPEN).count() == key.matches(ESCAPED).count() {
            continue;
        }
        let (file, span) = document.place(pointer, EntryHalf::Key);
        let message = "variables are not filled into keys";
        diags.push(
            Diagnostic::new(&MALFORMED_VARIABLE, Location::Span(file, span), message)
                .help("write the key out, or `$${var.` for the characters `${var.`"),
        );
    }
    if !keys.is_empty() {
        for place in PLACES {
            if let Some(value) = document.value.make_mut().pointer_mut(place) {
                unescape_keys(value);
            }
        }
    }
    for pointer in references(&document.value).scalars {
        let place = document.place(&pointer, EntryHalf::Value);
        let value = document.value.make_mut();
        let Some(node) = value.pointer_mut(pointer.as_str()) else {
            continue;
        };
        let raw = node.as_str().unwrap_or_default().to_owned();
        let scalar = FilledScalar {
            raw: &raw,
            place,
            variables,
            sources,
        };
        let known = match scalar.filled(diags) {
            Some(value) => {
                *node = value;
                true
            }
            None => false,
        };
        // A text with nothing but escapes does not come from a variable.
        if !known || refers(&raw) {
            document.fills.push(Fill {
                pointer,
                raw,
                known,
            });
        }
    }
}

/// Undoes the escapes of keys, each at its place: spans go by places.
fn unescape_keys(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(unescape_keys),
        Value::Object(fields) => {
            let is_escaped = fields.keys().any(|key| key.contains(ESCAPED));
            if is_escaped {
                let renamed: Map<String, Value> = std::mem::take(fields)
                    .into_iter()
                    .map(|(key, value)| (key.replace(ESCAPED, OPEN), value))
                    .collect();
                *fields = renamed;
            }
            fields.values_mut().for_each(unescape_keys);
        }
        _ => {}
    }
}

fn refers(raw: &str) -> bool {
    let segments = segments(raw);
    segments
        .iter()
        .any(|segment| matches!(segment, Segment::Variable(..)))
}

/// Where a document has something that begins like a reference.
#[derive(Default)]
struct ReferencePlaces {
    scalars: Vec<Pointer>,
    keys: Vec<Pointer>,
}

fn references(document: &Value) -> ReferencePlaces {
    let mut found = ReferencePlaces::default();
    for place in PLACES {
        // Pointers are made only where there is something to point to.
        if let Some(value) = document.pointer(place).filter(|value| has_reference(value)) {
            found.collect(&Pointer::from(place), value);
        }
    }
    found
}

fn has_reference(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(OPEN),
        Value::Array(items) => items.iter().any(has_reference),
        Value::Object(fields) => fields
            .iter()
            .any(|(key, value)| key.contains(OPEN) || has_reference(value)),
        _ => false,
    }
}

impl ReferencePlaces {
    fn collect(&mut self, at: &Pointer, value: &Value) {
        match value {
            Value::String(text) if text.contains(OPEN) => self.scalars.push(at.clone()),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.collect(&at.index(index), item);
                }
            }
            Value::Object(fields) => {
                for (key, value) in fields {
                    let at = at.key(key);
                    if key.contains(OPEN) {
                        self.keys.push(at.clone());
                    }
                    self.collect(&at, value);
                }
            }
            _ => {}
        }
    }
}

/// One scalar on its way.
struct FilledScalar<'a> {
    raw: &'a str,
    place: (FileId, Span),
    variables: &'a Variables,
    sources: &'a Sources,
}

impl FilledScalar<'_> {
    /// The value with all variables in it, `None` when one of them cannot be filled in.
    fn filled(&self, diags: &mut Diags) -> Option<Value> {
        let segments = segments(self.raw);
        if let [Segment::Variable(name, number)] = segments.as_slice() {
            return self.value_of(name, *number, diags).cloned();
        }
        let mut text = Some(String::new());
        for segment in &segments {
            let piece = self.piece(segment, diags);
            text = text.zip(piece).map(|(text, piece)| text + &piece);
        }
        text.map(Value::String)
    }

    fn piece<'s>(&'s self, segment: &'s Segment<'_>, diags: &mut Diags) -> Option<Cow<'s, str>> {
        match segment {
            Segment::Text(text) => Some(Cow::Borrowed(text.as_ref())),
            Segment::Broken(name, number) => {
                let message = format!("`{OPEN}{name}` is not a reference to a variable");
                let help = "write `${var.name}` with letters, digits, `-` and `_`; write `$${var.` for the characters `${var.`";
                diags.push(self.complaint(&MALFORMED_VARIABLE, name, *number, message, help));
                None
            }
            Segment::Variable(name, number) => match self.value_of(name, *number, diags)? {
                Value::String(text) => Some(Cow::Borrowed(text.as_str())),
                Value::Array(_) | Value::Object(_) => {
                    let message = format!(
                        "the variable `{name}` is a list, which cannot be used inside a text"
                    );
                    let help = "let the reference be the whole value, or give the variable a text";
                    diags.push(self.complaint(&VARIABLE_TYPE, name, *number, message, help));
                    None
                }
                other => Some(Cow::Owned(other.to_string())),
            },
        }
    }

    fn value_of(&self, name: &str, number: usize, diags: &mut Diags) -> Option<&Value> {
        let value = self.variables.get(name);
        if value.is_none() {
            let names = self.variables.keys().map(String::as_str);
            let meant = nearest(name, names.clone());
            let help = did_you_mean(name, names).unwrap_or_else(|| {
                format!("add it to `variables` in `campaignctl.yaml`, for all environments or for one; `--var {name}=VALUE` or `CAMPAIGNCTL_VAR={name}=VALUE` sets it for a run")
            });
            let message = format!("there is no variable `{name}`");
            let fix = meant.map(|meant| Fix::Write(format!("{OPEN}{meant}}}")));
            let fix = fix.filter(|_| self.reference(name, number).is_some());
            let advice = Advice { text: help, fix };
            diags.push(self.complaint(&UNKNOWN_VARIABLE, name, number, message, advice));
        }
        value
    }

    fn complaint(
        &self,
        code: &'static Code,
        name: &str,
        number: usize,
        message: String,
        help: impl Into<Advice>,
    ) -> Diagnostic {
        let (file, span) = self.place;
        let span = self.reference(name, number).unwrap_or(span);
        Diagnostic::new(code, Location::Span(file, span), message).help(help)
    }

    /// The bytes of one reference inside the scalar; none where the scalar's text stands elsewhere, or is
    /// written with escapes.
    fn reference(&self, name: &str, number: usize) -> Option<Span> {
        let (file, span) = self.place;
        let text = &self.sources.get(file).text;
        let slice = text.get(span.start as usize..span.end as usize)?;
        let written: Vec<usize> = slice.match_indices(OPEN).map(|(at, _)| at).collect();
        let meant = self.raw.matches(OPEN).count();
        let at = *written.get(number).filter(|_| written.len() == meant)?;
        let tail = slice[at + OPEN.len()..].strip_prefix(name)?;
        let length = OPEN.len() + name.len() + usize::from(tail.starts_with('}'));
        let offset = |at: usize| {
            span.start
                .saturating_add(u32::try_from(at).unwrap_or(u32::MAX))
        };
        Some(Span {
            start: offset(at),
            end: offset(at + length),
        })
    }
}
