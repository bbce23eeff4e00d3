//! References to live objects: does the account hold exactly one such object?

use serde_json::Value;

use super::DiffInput;
use super::codes::{AMBIGUOUS_LIVE_REFERENCE, UNKNOWN_LIVE_REFERENCE};
use crate::check::vendor_row_by_name;
use crate::diag::{Diagnostic, Diags, Location, did_you_mean};
use crate::kinds::{KindId, Role, Use};
use crate::live::References;
use crate::resolve::Resource;
use crate::text::safe::line;
use crate::text::some_of;

/// Complains about every reference to a live object that means none, or more than one.
pub(super) fn check(input: &DiffInput<'_>, references: &References, diags: &mut Diags) {
    for resource in input
        .desired
        .iter()
        .filter(|resource| resource.key.kind.def().role != Role::Local)
    {
        for found in resource.uses() {
            if let Some(name) = live_name(&found) {
                check_one(input, resource, &found, name, references, diags);
            } else if found.reference.get("system").is_some() {
                check_system(input, resource, &found, references, diags);
            }
        }
    }
}

/// The live name that a reference gives: `{live: ..}`, or the text for kinds never in manifests.
pub(crate) fn live_name<'a>(found: &Use<'a>) -> Option<&'a str> {
    match found.reference {
        Value::String(name) if KindId::known(found.kind).def().role == Role::Reference => {
            Some(name)
        }
        Value::Object(map) => map.get("live")?.as_str(),
        _ => None,
    }
}

fn check_one(
    input: &DiffInput<'_>,
    resource: &Resource,
    found: &Use<'_>,
    name: &str,
    references: &References,
    diags: &mut Diags,
) {
    // About nearly all there is nothing to say: where each stands is looked up only then.
    let at = || resource.locate(input.texts, &found.pointer);
    match references.ids_of(found.kind, name).as_slice() {
        [id] => by_name(&at, found.kind, (name, *id), references, diags),
        [] => {
            let known: Vec<&str> = references.display_names(found.kind).collect();
            let help =
                did_you_mean(name, known.iter().copied()).unwrap_or_else(|| match known.len() {
                    0 => format!("the account has no {}", found.kind),
                    _ => format!("the account holds {}", list(&known)),
                });
            let message = format!("the account holds no {} named `{name}`", found.kind);
            diags.push(Diagnostic::new(&UNKNOWN_LIVE_REFERENCE, at(), message).help(help));
        }
        many => {
            let ids: Vec<_> = many.iter().map(ToString::to_string).collect();
            let message = format!(
                "the account holds {} {} objects named `{name}`: {}",
                ids.len(),
                found.kind,
                ids.join(", ")
            );
            diags.push(
                Diagnostic::new(&AMBIGUOUS_LIVE_REFERENCE, at(), message)
                    .help("refer to one of them with `{ id: .. }`, or rename the others"),
            );
        }
    }
}

/// A row of the vendor's that is referred to by its name, which other accounts do not have. Names that are known as
/// the vendor's are complained about without an account.
fn by_name(
    at: &dyn Fn() -> Location,
    kind: &'static str,
    (name, id): (&str, &Value),
    references: &References,
    diags: &mut Diags,
) {
    let mut rows = references.system_rows(kind);
    let is_only = rows.next() == Some((name, id)) && rows.next().is_none();
    let def = KindId::known(kind).def();
    if is_only && def.has_vendor_row() && !def.is_vendor_name(name) {
        diags.push(vendor_row_by_name(at(), kind, name));
    }
}

fn check_system(
    input: &DiffInput<'_>,
    resource: &Resource,
    found: &Use<'_>,
    references: &References,
    diags: &mut Diags,
) {
    let at = || resource.locate(input.texts, &found.pointer);
    let rows: Vec<_> = references.system_rows(found.kind).collect();
    match rows.as_slice() {
        _ if references.system_row(found.kind).is_some() => {}
        [] => diags.push(
            Diagnostic::new(
                &UNKNOWN_LIVE_REFERENCE,
                at(),
                format!("the account shows no {} of the vendor's own", found.kind),
            )
            .help("refer to one by its name, `{ live: <display name> }`"),
        ),
        many => {
            let names = many.iter().map(|(name, id)| format!("`{name}` ({id})"));
            let names: Vec<_> = names.collect();
            let message = format!(
                "the account holds {} {} objects of the vendor's own: {}",
                many.len(),
                found.kind,
                names.join(", ")
            );
            diags.push(
                Diagnostic::new(&AMBIGUOUS_LIVE_REFERENCE, at(), message)
                    .help("refer to one of them by its name, `{ live: <display name> }`"),
            );
        }
    }
}

fn list(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let names = names.iter().map(|name| format!("`{}`", line(name)));
    some_of(names, SHOWN)
}
