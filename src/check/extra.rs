//! Keys below `extra` that have a field of their own, or that the platform assigns: no manifest writes them there.

use super::codes::EXTRA_OF_FIELD;
use crate::diag::{Advice, Diagnostic, Diags, Location};
use crate::kinds::{KeyOwner, Owned, owned_in_extra};
use crate::resolve::Resource;
use crate::text::{EntryHalf, Pointer};

/// Complains about the keys that a manifest itself writes; a template's are complained about at the template.
pub(super) fn check(resource: &Resource, diags: &mut Diags) {
    for Owned { pointer, owner } in owned_in_extra(resource.key.kind.def(), resource.own()) {
        let key = pointer.steps().last().unwrap_or_default();
        let at = Location::Node {
            doc: resource.doc,
            pointer: Pointer::from("/spec").join(&pointer),
            part: EntryHalf::Key,
        };
        let (message, help) = match owner {
            KeyOwner::Platform => (
                format!("the platform assigns `{key}`: nothing writes it"),
                Advice::from("remove it".to_owned()),
            ),
            KeyOwner::Fields(names, says) => {
                let message = match names.as_slice() {
                    [name] => {
                        format!("`{key}` is the field `{name}` here, and `extra` does not set it")
                    }
                    [] => format!("`{key}` has a field here, and `extra` does not set it"),
                    names => format!(
                        "`{key}` is what the fields {} say here, and `extra` does not set it",
                        listed(names)
                    ),
                };
                let help = match (names.as_slice(), says) {
                    ([name], Some(says)) => {
                        let says = says
                            .as_str()
                            .map_or_else(|| says.to_string(), str::to_owned);
                        format!("write `{name}: {says}` instead")
                    }
                    ([name], None) => format!("write `{name}` instead"),
                    _ => "write the fields instead".to_owned(),
                };
                (message, help.into())
            }
        };
        diags.push(Diagnostic::new(&EXTRA_OF_FIELD, at, message).help(help));
    }
}

fn listed(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
