//! Ids of one account in a manifest: each belongs into an overlay or a variable, since a manifest serves every account.

use super::codes::{ACCOUNT_ID, REFERENCE_BY_ID};
use crate::diag::{Diagnostic, Diags, Location, Texts};
use crate::kinds::{AccountId, ByName, KindId, Role, What, account_ids};
use crate::resolve::Resource;
use crate::text::{Part, Pointer};

/// Complains about the ids that a manifest itself writes; a template's are complained about at the template.
pub(super) fn check(texts: &Texts, resource: &Resource, diags: &mut Diags) {
    for id in account_ids(resource.key.kind.def().fields, resource.own()) {
        let pointer = Pointer::from("/spec").join(&id.pointer);
        let written = match id.what {
            What::Reference(_) => pointer.key("id"),
            What::Key(..) | What::Likely => pointer.clone(),
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
    const PER_ENVIRONMENT: &str = "set it in the overlays of the environments, or write `${var.NAME}` and give the variable in each of them";
    let key = written_key(&id.pointer);
    if let What::Reference(kind) = id.what {
        let name = match KindId::known(kind).def().role {
            Role::Reference => "its name",
            _ => "`{ live: <display name> }`",
        };
        let message = format!(
            "this id is of {} of one account, and the environments have several accounts",
            KindId::known(kind).one()
        );
        return Diagnostic::new(&REFERENCE_BY_ID, at, message).help(format!(
            "refer to it by {name}, or set it in the overlays of the environments"
        ));
    }
    let holds = match id.what {
        What::Likely => "seems to hold",
        _ => "holds",
    };
    let message = format!(
        "`{key}` {holds} the id of {} of one account",
        one(&id.what.noun())
    );
    let help = match id.what {
        What::Key(_, Some(ByName::Field(field))) => {
            format!("remove it, and give the name in `{field}`")
        }
        What::Key(_, Some(ByName::Here(kind))) => {
            format!("write `{{ $ref: <its name>, kind: {kind} }}`, or {PER_ENVIRONMENT}")
        }
        What::Key(_, Some(ByName::Inside(_))) => {
            format!("write `{{ $ref: <its name> }}`, or {PER_ENVIRONMENT}")
        }
        _ => PER_ENVIRONMENT.to_owned(),
    };
    Diagnostic::new(&ACCOUNT_ID, at, message).help(help)
}

/// The key that a value is under; of an item, that of its list.
fn written_key(pointer: &Pointer) -> String {
    let mut steps: Vec<String> = pointer.steps().collect();
    while steps.len() > 1
        && steps
            .last()
            .is_some_and(|step| step.parse::<usize>().is_ok())
    {
        steps.pop();
    }
    steps.pop().unwrap_or_default()
}
