//! `lifecycle.previousName`: is it a name, and does it belong to nobody else?

use std::collections::BTreeMap;

use super::codes::{INVALID_VALUE, PREVIOUS_NAME_TAKEN};
use crate::diag::{Diagnostic, Diags, Location};
use crate::manifest::Key;
use crate::name::Name;
use crate::resolve::{Desired, Resource};
use crate::text::{EntryHalf, Pointer};

/// Checks the previous names of all manifests, those that two of them claim among them.
pub(super) fn check(desired: &Desired, diags: &mut Diags) {
    let mut claimed = BTreeMap::<Key, &Resource>::new();
    for resource in desired.iter() {
        let Some(text) = &resource.lifecycle.previous_name else {
            continue;
        };
        if let Err(error) = Name::new(text.as_str()) {
            let diagnostic =
                Diagnostic::new(&INVALID_VALUE, at_previous(resource), error.to_string());
            diags.push(diagnostic.help("write the `metadata.name` that the manifest had before"));
        }
        let Some(previous) = resource.previous_key() else {
            continue;
        };
        if let Some(other) = desired.get(&previous) {
            diags.push(still_there(resource, other, &previous));
        } else if let Some(other) = claimed.insert(previous.clone(), resource) {
            diags.push(claimed_twice(resource, other, &previous));
        }
    }
}

fn still_there(resource: &Resource, other: &Resource, previous: &Key) -> Diagnostic {
    if *previous == resource.key {
        let message = format!("`{}` is the name that the manifest has", previous.name);
        return Diagnostic::new(&PREVIOUS_NAME_TAKEN, at_previous(resource), message)
            .help("write the name that it had before, or remove `previousName`");
    }
    let message = format!(
        "{previous} still exists, so {} is not a rename of it",
        resource.key
    );
    Diagnostic::new(&PREVIOUS_NAME_TAKEN, at_previous(resource), message)
        .label(at(other, "/metadata/name"), "the manifest of that name")
        .help("remove the old manifest, or remove `previousName` if this is another object or was renamed before")
}

fn claimed_twice(resource: &Resource, other: &Resource, previous: &Key) -> Diagnostic {
    let message = format!("{} was called {previous} before, too", other.key);
    Diagnostic::new(&PREVIOUS_NAME_TAKEN, at_previous(resource), message)
        .label(at_previous(other), "the other one")
        .help("remove `previousName` from the one that is another object")
}

fn at_previous(resource: &Resource) -> Location {
    at(resource, "/lifecycle/previousName")
}

fn at(resource: &Resource, pointer: &str) -> Location {
    Location::Node {
        doc: resource.doc,
        pointer: Pointer::from(pointer),
        part: EntryHalf::Value,
    }
}
