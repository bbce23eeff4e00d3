//! Ids of one account in a manifest: each belongs into an overlay or a variable, since a manifest serves every account.

use super::codes::{ACCOUNT_ID, REFERENCE_BY_ID};
use crate::diag::{Diagnostic, Diags, Location, Texts};
use crate::kinds::{AccountId, KindId, Role, What, account_ids};
use crate::resolve::Resource;
use crate::text::{Part, Pointer};

/// Complains about the ids that a manifest itself writes; a template's are complained about at the template.
pub(super) fn check(texts: &Texts, resource: &Resource, diags: &mut Diags) {
    for id in account_ids(resource.key.kind.def().fields, resource.own()) {
        let pointer = Pointer::from("/spec").join(&id.pointer);
        let written = match id.what {
            What::Reference(_) => pointer.key("id"),
            What::Key(..) => pointer.clone(),
        };
        if !is_of_one_environment(texts, resource, &written) {
            let at = Location::Node {
                doc: resource.doc,
                pointer,
                part: Part::Value,
            };
            diags.push(complaint(&id, at));
        }
    }
}

/// Whether an overlay or a variable says what stands at a place.
fn is_of_one_environment(texts: &Texts, resource: &Resource, pointer: &Pointer) -> bool {
    let document = texts.document(resource.doc);
    let (file, _) = document.place(pointer, Part::Value);
    let mut fills = document.fills.iter();
    let is_filled = |at: &Pointer| at.starts_with(pointer) || pointer.starts_with(at);
    document.added || file != document.file || fills.any(|fill| is_filled(&fill.pointer))
}

/// A noun with its article.
fn one(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {noun}")
}

fn complaint(id: &AccountId, at: Location) -> Diagnostic {
    let key = id.pointer.steps().last().unwrap_or_default();
    match id.what {
        What::Reference(kind) => {
            let name = match KindId::known(kind).def().role {
                Role::Reference => "its name",
                _ => "`{ live: <display name> }`",
            };
            let message = format!(
                "this id is of {} of one account, and the environments have several accounts",
                KindId::known(kind).one()
            );
            Diagnostic::new(&REFERENCE_BY_ID, at, message).help(format!(
                "refer to it by {name}, or set it in the overlays of the environments"
            ))
        }
        What::Key(what, Some(field)) => {
            let message = format!("`{key}` holds the id of {} of one account", one(what));
            Diagnostic::new(&ACCOUNT_ID, at, message)
                .help(format!("remove it, and give the name in `{field}`"))
        }
        What::Key(what, None) => {
            let message = format!("`{key}` holds the id of {} of one account", one(what));
            Diagnostic::new(&ACCOUNT_ID, at, message).help(
                "set it in the overlays of the environments, or write `${var.NAME}` and give the variable in each of them",
            )
        }
    }
}
