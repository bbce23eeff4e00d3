//! The references of a spec, found by its field table.

use serde_json::Value;

use super::field::{Codec, Field};
use super::mapping::{REF_KEY, get_path, kept, open_reference};
use crate::text::{Pointer, Trail};

/// One reference in a spec.
#[derive(Clone, Debug, PartialEq)]
pub struct Use<'a> {
    /// The place below `spec`.
    pub pointer: Pointer,
    /// The kind that is referred to.
    pub kind: &'static str,
    /// The reference as written: a name, `{live: ..}` or `{id: ..}`.
    pub reference: &'a Value,
}

/// Every reference of a spec, in the order of the table.
#[must_use]
pub fn uses<'a>(fields: &'static [Field], spec: &'a Value) -> Vec<Use<'a>> {
    let mut found = Vec::new();
    let root = Pointer::root();
    walk(fields, spec, &Trail::From(&root), &mut found);
    found
}

/// A key of a mapping that is the name of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse<'a> {
    /// The place of the entry below `spec`.
    pub pointer: Pointer,
    /// The kind of the manifest.
    pub kind: &'static str,
    /// The name.
    pub name: &'a str,
}

/// Every key of a spec that is the name of a manifest, in the order of the table.
#[must_use]
pub fn key_uses<'a>(fields: &'static [Field], spec: &'a Value) -> Vec<KeyUse<'a>> {
    let mut found = Vec::new();
    let root = Pointer::root();
    walk_keys(fields, spec, &Trail::From(&root), &mut found);
    found
}

fn walk_keys<'a>(
    fields: &'static [Field],
    spec: &'a Value,
    at: &Trail<'_>,
    found: &mut Vec<KeyUse<'a>>,
) {
    for field in fields {
        let Some(value) = get_path(spec, field.spec) else {
            continue;
        };
        let here = Trail::Path(at, field.spec);
        match &field.codec {
            Codec::Keyed(kind) => {
                let keys = value.as_object().into_iter().flatten();
                found.extend(keys.map(|(name, _)| KeyUse {
                    pointer: here.pointer().key(name),
                    kind,
                    name,
                }));
            }
            Codec::Object(fields) => walk_keys(fields, value, &here, found),
            Codec::List { fields, .. } => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    walk_keys(fields, item, &Trail::Index(&here, index), found);
                }
            }
            _ => {}
        }
    }
}

fn walk<'a>(fields: &'static [Field], spec: &'a Value, at: &Trail<'_>, found: &mut Vec<Use<'a>>) {
    for field in fields.iter().filter(|field| field.codec.refers()) {
        if let Some(value) = get_path(spec, field.spec) {
            walk_value(&field.codec, value, &Trail::Path(at, field.spec), found);
        }
    }
}

fn walk_value<'a>(
    codec: &'static Codec,
    value: &'a Value,
    at: &Trail<'_>,
    found: &mut Vec<Use<'a>>,
) {
    match codec {
        Codec::Ref(kind) => push(kind, value, at, found),
        Codec::RefSet(kind) | Codec::RefList(kind) => {
            for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                push(kind, item, &Trail::Index(at, index), found);
            }
        }
        Codec::Object(fields) | Codec::Note(fields) => walk(fields, value, at, found),
        Codec::List { fields, .. } => {
            for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                walk(fields, item, &Trail::Index(at, index), found);
            }
        }
        Codec::JsonWithRefs(kind) => walk_json(Some(kind), value, at, found),
        Codec::Json | Codec::JsonObject | Codec::Hook => walk_json(None, value, at, found),
        _ => {}
    }
}

fn walk_json<'a>(
    inside: Option<&'static str>,
    value: &'a Value,
    at: &Trail<'_>,
    found: &mut Vec<Use<'a>>,
) {
    match value {
        Value::Object(map) => match open_reference(map, inside) {
            Some(it) => push(it.kind, it.reference, &Trail::Key(at, REF_KEY), found),
            None => map
                .iter()
                .for_each(|(key, value)| walk_json(inside, value, &Trail::Key(at, key), found)),
        },
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| walk_json(inside, item, &Trail::Index(at, index), found));
        }
        _ => {}
    }
}

fn push<'a>(kind: &'static str, reference: &'a Value, at: &Trail<'_>, found: &mut Vec<Use<'a>>) {
    if !reference.is_null() && kept(reference).is_none() {
        found.push(Use {
            pointer: at.pointer(),
            kind,
            reference,
        });
    }
}

/// Every kind that the fields which `is_declared` can refer to, whatever they hold: the account may hold references
/// there, and they are to be read by their names.
pub fn kinds_of_declared<'a>(
    fields: &'static [Field],
    is_declared: impl Fn(&'static str) -> bool + 'a,
) -> impl Iterator<Item = &'static str> + 'a {
    fields
        .iter()
        .filter(move |field| field.codec.refers() && is_declared(field.spec))
        .flat_map(|field| referenced_kinds(std::slice::from_ref(field)))
}

/// Every kind that a table can refer to.
#[must_use]
pub fn referenced_kinds(fields: &'static [Field]) -> Vec<&'static str> {
    fields
        .iter()
        .flat_map(|field| match &field.codec {
            Codec::Ref(kind)
            | Codec::RefSet(kind)
            | Codec::RefList(kind)
            | Codec::JsonWithRefs(kind) => vec![*kind],
            Codec::Object(fields) | Codec::Note(fields) | Codec::List { fields, .. } => {
                referenced_kinds(fields)
            }
            _ => Vec::new(),
        })
        .collect()
}
