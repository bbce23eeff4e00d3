//! Manifests that are hard to tell apart by their display names, or that claim the same flag of an account.
//!
//! The display name is what people see in the console, and what a manifest is bound by when the ledger is lost.

use std::collections::BTreeMap;

use serde_json::Value;

use super::codes::{DISPLAY_NAME_ALIKE, DISPLAY_NAME_TWICE, FLAG_TWICE};
use crate::diag::{Diagnostic, Diags, Location};
use crate::kinds::mapping::get_path;
use crate::kinds::{KindId, Role};
use crate::resolve::{Desired, Resource};
use crate::text::{EntryHalf, Pointer, folded};

/// Complains about every manifest but the first of those that look alike, and of those that claim one flag.
pub(super) fn check(desired: &Desired, diags: &mut Diags) {
    let mut seen = BTreeMap::<(KindId, String, String), &Resource>::new();
    let mut flags = BTreeMap::<KindId, &Resource>::new();
    let live = desired.iter();
    for resource in live.filter(|it| it.key.kind.def().role != Role::Local) {
        let kind = resource.key.kind;
        let place = (kind, around(resource), folded(resource.display_name()));
        match seen.get(&place) {
            Some(other) => diags.push(alike(resource, other)),
            None => drop(seen.insert(place, resource)),
        }
        let flag = kind.def().exclusive_field();
        if let Some(flag) =
            flag.filter(|flag| get_path(&resource.spec, flag.spec) == Some(&Value::Bool(true)))
        {
            match flags.get(&kind) {
                Some(other) => diags.push(claimed_twice(resource, other, flag.spec)),
                None => drop(flags.insert(kind, resource)),
            }
        }
    }
}

/// What a manifest lies inside of: names are for people who look at one list.
fn around(resource: &Resource) -> String {
    let parent = resource.key.kind.def().parent.as_ref();
    let parent = parent.and_then(|parent| get_path(&resource.spec, parent.field));
    parent.map(Value::to_string).unwrap_or_default()
}

fn alike(resource: &Resource, other: &Resource) -> Diagnostic {
    let (kind, name) = (resource.key.kind, resource.display_name());
    let diagnostic = if name == other.display_name() {
        let message = format!("{} has the display name `{name}`, too", other.key);
        Diagnostic::new(&DISPLAY_NAME_TWICE, at_name(resource), message)
    } else {
        let message = format!(
            "`{name}` looks like `{}`, the display name of {}: they differ only in case, blanks or composition",
            other.display_name(),
            other.key
        );
        Diagnostic::new(&DISPLAY_NAME_ALIKE, at_name(resource), message)
    };
    diagnostic
        .label(at_name(other), format!("the other {kind}"))
        .help("give one of them another `displayName`")
}

fn claimed_twice(resource: &Resource, other: &Resource, field: &str) -> Diagnostic {
    let pointer = field
        .split('.')
        .fold(Pointer::from("/spec"), |at, key| at.key(key));
    let at = |resource: &Resource| at(resource, pointer.clone());
    let message = format!(
        "{} has `{field}: true`, too, and an account has one such {}",
        other.key, resource.key.kind
    );
    Diagnostic::new(&FLAG_TWICE, at(resource), message)
        .label(at(other), "the other one")
        .help(format!("remove `{field}` from one of them"))
}

fn at_name(resource: &Resource) -> Location {
    let own = resource.own().get("displayName");
    let pointer = if own.is_some_and(Value::is_string) {
        "/spec/displayName"
    } else {
        "/metadata/name"
    };
    at(resource, Pointer::from(pointer))
}

fn at(resource: &Resource, pointer: Pointer) -> Location {
    Location::Node {
        doc: resource.doc,
        pointer,
        part: EntryHalf::Value,
    }
}
