//! Where a field of a spec stands on the wire, out of the field tables.

use std::fmt::Write as _;

use crate::kinds::field::{Codec, Field, WireWord};
use crate::kinds::mapping::EXTRA;

/// The wire side of a field.
pub(super) struct OnTheWire {
    /// The keys, dotted, in words where there is more to say.
    pub(super) name: String,
    /// The words of the field with their numbers.
    pub(super) words: &'static [WireWord],
    /// What a reference names.
    pub(super) refers_to: Option<&'static str>,
    /// What a create sends when nothing is said, as JSON.
    pub(super) default: Option<&'static str>,
}

/// What is said of a field that has no place on the wire.
const OURS: &str = "nothing: the program alone uses it";

/// The wire side of the field at a dotted path, `None` when the tables know nothing of it.
pub(super) fn on_the_wire(fields: &'static [Field], path: &str) -> Option<OnTheWire> {
    if path.rsplit('.').next() == Some(EXTRA) {
        let name = "the keys below it, as they are".to_owned();
        return Some(OnTheWire::named(name));
    }
    let exact = fields.iter().find(|field| field.spec == path);
    if let Some(field) = exact {
        return Some(OnTheWire::of(field));
    }
    let inside = fields.iter().find_map(|field| {
        let rest = path.strip_prefix(field.spec)?.strip_prefix('.')?;
        Some((field, rest))
    });
    match inside {
        Some((field, rest)) => below(field, rest),
        None => grouped(fields, path),
    }
}

/// A field inside another one.
fn below(field: &'static Field, rest: &str) -> Option<OnTheWire> {
    let (fields, joint) = match field.codec {
        Codec::Object(fields) => (fields, "."),
        Codec::List { fields, .. } => (fields, "[]."),
        Codec::Json | Codec::JsonObject | Codec::JsonWithRefs(_) if !field.wire.is_empty() => {
            return Some(OnTheWire::named(format!("{}.{rest}", field.wire)));
        }
        Codec::Hook | Codec::Note(_) => return Some(OnTheWire::of(field)),
        // `{ live: .. }`: another way to say which object it is.
        _ => {
            return Some(OnTheWire::named(format!(
                "{} (the id of the object)",
                field.wire
            )));
        }
    };
    let found = on_the_wire(fields, rest)?;
    if found.name == OURS {
        return Some(found);
    }
    let names = found.name.split(", ");
    let names: Vec<String> = names
        .map(|name| format!("{}{joint}{name}", field.wire))
        .collect();
    Some(OnTheWire {
        name: names.join(", "),
        ..found
    })
}

/// A mapping that has no place of its own: its fields have.
fn grouped(fields: &'static [Field], path: &str) -> Option<OnTheWire> {
    let inside = fields.iter().filter(|field| {
        let rest = field.spec.strip_prefix(path);
        rest.is_some_and(|rest| rest.starts_with('.'))
    });
    let mut name = String::new();
    for field in inside {
        let separator = if name.is_empty() { "" } else { ", " };
        let _ = write!(name, "{separator}{}", field.wire); // a string can be written to
    }
    (!name.is_empty()).then(|| OnTheWire::named(name))
}

impl OnTheWire {
    fn named(name: String) -> Self {
        Self {
            name,
            words: &[],
            refers_to: None,
            default: None,
        }
    }

    fn of(field: &'static Field) -> Self {
        let name = match (field.wire, field.codec) {
            ("", _) => OURS.to_owned(),
            (wire, Codec::Hook) => format!("inside `{wire}`, translated"),
            (wire, _) => wire.to_owned(),
        };
        Self {
            words: match field.codec {
                Codec::Word(words) => words.list,
                _ => &[],
            },
            refers_to: match field.codec {
                Codec::Ref(kind) | Codec::RefSet(kind) | Codec::RefList(kind) => Some(kind),
                _ => None,
            },
            default: field.default,
            ..Self::named(name)
        }
    }

    /// The number that stands for a word, and how sure it is: `5 on the wire, documented`.
    pub(super) fn number(&self, word: &str) -> Option<String> {
        let found = self.words.iter().find(|it| it.word == word);
        found.map(|it| {
            format!(
                "{} on the wire, {}",
                it.wire.to_value(),
                it.certainty.name()
            )
        })
    }
}
