//! Documents to manifests: just enough of the envelope to know what each document is.
//!
//! The rest of the envelope and the spec are the business of the schema check, so that each mistake is
//! reported once.

use indexmap::IndexMap;
use serde::Deserialize as _;
use serde_json::Value;

use super::codes::{API_VERSION_UNKNOWN, INVALID_NAME, NOT_A_MANIFEST, UNKNOWN_KIND};
use super::{API_VERSION, Key, Lifecycle, Manifest, Spec};
use crate::diag::{Advice, Diagnostic, Diags, DocId, Fix, Location, Texts, suggestion};
use crate::kinds::KindId;
use crate::name::Name;
use crate::text::looks::looks_secret;
use crate::text::{Document, EntryHalf, Fill, Pointer};

/// The manifests of all documents. A document that is none is a complaint.
#[must_use]
pub fn parse(texts: &Texts) -> (Vec<Manifest>, Diags) {
    let mut diags = Diags::default();
    let documents = (0..).map(DocId).zip(&texts.documents);
    let manifests = documents
        .filter(|(_, document)| !document.shadowed)
        .filter_map(|(doc, document)| parse_document(doc, document, &mut diags))
        .collect();
    (manifests, diags)
}

/// The manifest of one document.
pub fn parse_document(doc: DocId, document: &Document, diags: &mut Diags) -> Option<Manifest> {
    let value = &document.value;
    let kind = kind(doc, value, diags);
    api_version(doc, value, diags);
    let name = name(doc, value, diags);
    Some(Manifest {
        doc,
        key: Key {
            kind: kind?,
            name: name?,
        },
        labels: strings(value.pointer("/metadata/labels")),
        annotations: strings(value.pointer("/metadata/annotations")),
        spec: Spec::of(value),
        lifecycle: value
            .get("lifecycle")
            .and_then(|lifecycle| Lifecycle::deserialize(lifecycle).ok())
            .unwrap_or_default(),
        fills: spec_fills(document),
    })
}

fn spec_fills(document: &Document) -> Vec<Fill> {
    let below = |fill: &Fill| {
        let pointer = fill.pointer.as_str().strip_prefix("/spec")?;
        Some(Fill {
            pointer: Pointer::from(pointer),
            ..fill.clone()
        })
    };
    document.fills.iter().filter_map(below).collect()
}

fn kind(doc: DocId, value: &Value, diags: &mut Diags) -> Option<KindId> {
    let Some(word) = value.get("kind").and_then(Value::as_str) else {
        diags.push(
            Diagnostic::new(&NOT_A_MANIFEST, at(doc, ""), "this document is not a manifest: it has no `kind`")
                .help("a manifest has `apiVersion`, `kind`, `metadata` and `spec`; `campaignctl explain not-a-manifest` shows one"),
        );
        return None;
    };
    let found = KindId::manifests().find(|kind| kind.name() == word);
    if found.is_none() {
        let names: Vec<_> = KindId::manifests().map(KindId::name).collect();
        let help = match KindId::named(word) {
            Some(_) => format!("a {word} is never managed: refer to it by its live name").into(),
            None => suggestion(word, names.iter().copied())
                .unwrap_or_else(|| format!("the kinds are {}", names.join(", ")).into()),
        };
        diags.push(
            Diagnostic::new(
                &UNKNOWN_KIND,
                at(doc, "/kind"),
                format!("`{word}` is not a kind of manifest"),
            )
            .help(help),
        );
    }
    found
}

fn api_version(doc: DocId, value: &Value, diags: &mut Diags) {
    let (message, fix) = match value.get("apiVersion") {
        _ if value.get("kind").is_none() => return,
        Some(Value::String(version)) if version == API_VERSION => return,
        Some(other) => (
            format!(
                "`{}` is not a version that this program reads",
                plain(other)
            ),
            Fix::Write(API_VERSION.to_owned()),
        ),
        None => (
            "`apiVersion` is missing".to_owned(),
            Fix::Add("apiVersion".to_owned(), API_VERSION.to_owned()),
        ),
    };
    diags.push(
        Diagnostic::new(&API_VERSION_UNKNOWN, at(doc, "/apiVersion"), message)
            .help(Advice::from(format!("write `apiVersion: {API_VERSION}`")).fix(fix)),
    );
}

fn name(doc: DocId, value: &Value, diags: &mut Diags) -> Option<Name> {
    match value.pointer("/metadata/name") {
        Some(Value::String(text)) => match Name::new(text.as_str()) {
            Ok(name) => Some(name),
            Err(error) => {
                // A name made of a token would repeat the token.
                let text = if looks_secret(text) { "" } else { text };
                let suggestion = Name::from_display_name(text, "name");
                diags.push(
                    Diagnostic::new(&INVALID_NAME, at(doc, "/metadata/name"), error.to_string())
                        .help(
                            Advice::from(format!(
                                "try `{suggestion}`; `spec.displayName` may hold any text"
                            ))
                            .fix(Fix::Replace(suggestion.to_string())),
                        ),
                );
                None
            }
        },
        // A missing or mistyped name is the schema check's complaint, which needs no name.
        _ => None,
    }
}

fn strings(value: Option<&Value>) -> IndexMap<String, String> {
    let entries = value.and_then(Value::as_object).into_iter().flatten();
    entries
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn at(doc: DocId, pointer: &str) -> Location {
    Location::Node {
        doc,
        pointer: Pointer::from(pointer),
        part: EntryHalf::Value,
    }
}
