//! References to manifests: does the name exist, and is it of the right kind?

use crate::diag::{Diagnostic, Diags, Location, did_you_mean};
use crate::kinds::{KindId, Use, uses};
use crate::manifest::Key;
use crate::name::Name;
use crate::resolve::codes::{UNKNOWN_REFERENCE, WRONG_KIND_REFERENCE};
use crate::resolve::{Desired, Resource};
use crate::text::{Part, Pointer};

/// Checks the references that a manifest itself writes; a template's are checked at the template.
pub(super) fn check(resource: &Resource, desired: &Desired, diags: &mut Diags) {
    for found in uses(resource.key.kind.def().fields, resource.own()) {
        let Some(text) = found.reference.as_str() else {
            continue;
        };
        let kind = KindId::known(found.kind);
        if kind.def().role == crate::kinds::Role::Reference {
            continue; // known to the account only
        }
        let exists = Name::new(text).is_ok_and(|name| desired.get(&Key { kind, name }).is_some());
        if !exists {
            diags.push(complaint(resource, desired, &found, kind, text));
        }
    }
}

fn complaint(
    resource: &Resource,
    desired: &Desired,
    found: &Use<'_>,
    kind: KindId,
    text: &str,
) -> Diagnostic {
    let at = Location::Node {
        doc: resource.doc,
        pointer: Pointer::from("/spec").join(&found.pointer),
        part: Part::Value,
    };
    let other = desired
        .iter()
        .find(|other| other.key.name.as_str() == text && other.key.kind != kind);
    if let Some(other) = other {
        return Diagnostic::new(
            &WRONG_KIND_REFERENCE,
            at,
            format!(
                "`{text}` is {}, and this field takes {}",
                other.key.kind.one(),
                kind.one()
            ),
        )
        .label(
            Location::Node {
                doc: other.doc,
                pointer: Pointer::from("/metadata/name"),
                part: Part::Value,
            },
            format!("the {} of that name", other.key.kind),
        )
        .help(suggest(desired, kind, text));
    }
    Diagnostic::new(
        &UNKNOWN_REFERENCE,
        at,
        format!("no {kind} manifest is named `{text}`"),
    )
    .help(suggest(desired, kind, text))
}

fn suggest(desired: &Desired, kind: KindId, text: &str) -> String {
    let names = desired
        .of_kind(kind)
        .map(|resource| resource.key.name.as_str());
    did_you_mean(text, names)
        .unwrap_or_else(|| format!("describe it in a manifest, or refer to a live one with `{{ live: <display name of the {kind}> }}`"))
}
