//! What an edit makes of an object: its fields with the new values, back on the wire, checked as a manifest is.

use serde_json::Value;

use super::field::Refused;
use super::given::FieldEdit;
use crate::diag::nearest;
use crate::kinds::mapping::{compare, merge, overlay, same};
use crate::kinds::{Findings, KindId, Lookup as _, Role, Use, field, uses};
use crate::live::References;
use crate::resolve::Desired;
use crate::run::Error;
use crate::text::safe::line;

/// An object as an edit makes it.
pub(super) struct EditedObject {
    /// The object on the wire.
    pub(super) body: Value,
    /// The fields that had their values before.
    pub(super) same: Vec<String>,
    /// Whether one of the fields is never returned, so that nobody can see whether the platform took it.
    pub(super) is_unreturned: bool,
}

impl EditedObject {
    /// What edits make of an object, of which the fields and the wire are given.
    ///
    /// # Errors
    /// A field that cannot be edited, a value that the kind does not take.
    pub(super) fn of(
        kind: KindId,
        name: &str,
        (held, live): (&Value, &Value),
        edits: &[FieldEdit],
        references: &References,
    ) -> Result<Self, Error> {
        let def = kind.def();
        let mut spec = held.clone();
        let mut edited = Self {
            body: live.clone(),
            same: Vec::new(),
            is_unreturned: false,
        };
        for FieldEdit { field, value } in edits {
            let patch = field.patch(def.fields, &spec, value).map_err(refused)?;
            if let Some(unknown) = unknown_reference(def.fields, &patch, &spec, references) {
                return Err(refused(unknown));
            }
            let mut wanted = spec.clone();
            merge(&mut wanted, &patch);
            let before = edited.body.clone();
            overlay(def, &mut edited.body, &patch, references);
            if same(&before, &edited.body) {
                edited.body = before;
                // The order of the items of a list with keys means nothing, so that another one is no change.
                let differs = !compare(def.fields, &wanted, &spec).differences.is_empty();
                if differs {
                    return Err(refused(field.of_no_effect(kind)));
                }
                edited.same.push(field.to_string());
            }
            edited.is_unreturned |= field.is_unreturned(def.fields);
            spec = wanted;
        }
        let mut findings = Findings::default();
        (def.check)(&spec, name, &Desired::default(), &mut findings).map_err(|error| {
            let place = error.pointer.path();
            Error::invalid(in_words(&place, error.message.trim_end_matches('.')))
        })?;
        Ok(edited)
    }
}

pub(super) fn refused((message, help): Refused) -> Error {
    Error::invalid(message).help(help)
}

/// A reference as it is written: `home`, `{ live: Home }`.
fn shown_reference(reference: &Value) -> String {
    match reference {
        Value::String(name) => format!("`{name}`"),
        Value::Object(map) if map.len() == 1 => {
            let parts = map.iter().map(|(key, value)| match value {
                Value::String(text) => format!("`{{ {key}: {text} }}`"),
                other => format!("`{{ {key}: {other} }}`"),
            });
            parts.collect()
        }
        other => format!("`{other}`"),
    }
}

/// What is wrong with a value, in the words of the file: the parser's are those of a program.
fn in_words(place: &str, message: &str) -> String {
    let expected = message
        .strip_prefix("invalid type: ")
        .and_then(|text| text.rsplit_once(", expected "))
        .map(|(_, expected)| expected);
    let wanted = match expected {
        Some("a string") => "text",
        Some("a boolean") => "`true` or `false`",
        Some("a sequence") => "a list",
        Some("u8" | "u16" | "u32" | "u64" | "i32" | "i64" | "f64") => "a number",
        Some(text) if text.starts_with("struct ") || text == "a map" => "a mapping",
        _ => return format!("`{place}` is not valid: {message}"),
    };
    format!("`{place}` must be {wanted}")
}

/// The first reference of a change that stands for no object of the account. What the object refers to already may stay.
fn unknown_reference(
    fields: &'static [field::Field],
    patch: &Value,
    held: &Value,
    references: &References,
) -> Option<Refused> {
    let before = uses(fields, held);
    let found = uses(fields, patch);
    let unknown = found.into_iter().find(|found| {
        let id = references.to_id(found.kind, found.reference);
        let is_held = |it: &Use<'_>| it.kind == found.kind && it.reference == found.reference;
        !found.reference.is_null()
            && !references.has_id(found.kind, &id)
            && !before.iter().any(is_held)
    })?;
    let kind = unknown.kind;
    let text = shown_reference(unknown.reference);
    let message = format!("the account has no {kind} {}", line(&text));
    let is_bare = KindId::known(kind).def().role == Role::Reference;
    let rows: Vec<(&str, String)> = references
        .rows()
        .filter(|(of, ..)| of.name() == kind)
        .flat_map(|(_, _, name, shown)| {
            let written = match name {
                Some(name) => format!("`{name}`"),
                None if is_bare => format!("`{shown}`"),
                None => format!("`{{ live: {shown} }}`"),
            };
            [name, Some(shown)]
                .into_iter()
                .flatten()
                .map(move |word| (word, written.clone()))
        })
        .collect();
    let word = unknown
        .reference
        .get("live")
        .unwrap_or(unknown.reference)
        .as_str();
    let near = nearest(word.unwrap_or_default(), rows.iter().map(|(word, _)| *word));
    let near = near.and_then(|near| rows.iter().find(|(word, _)| *word == near));
    let help = near.map_or_else(
        || {
            // `status` shows what manifests define.
            let command = if is_bare {
                "doctor -e sandbox".to_owned()
            } else {
                format!("status --kind {kind}")
            };
            format!("`campaignctl {command}` lists what the account contains")
        },
        |(_, written)| format!("did you mean {}?", line(written)),
    );
    Some((message, help))
}
