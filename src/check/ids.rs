//! Ids of one account in a manifest: each belongs into an overlay or a variable, since a manifest serves every account.

use super::codes::{ACCOUNT_ID, REFERENCE_BY_ID};
use crate::diag::{Diagnostic, Diags, Location, Texts};
use crate::kinds::{AccountId, ByName, IdSubject, KindId, Role, account_ids, is_id_key};
use crate::resolve::Resource;
use crate::text::{EntryHalf, Pointer};

/// Complains about the ids that a manifest itself writes; a template's are complained about at the template.
pub(super) fn check(texts: &Texts, resource: &Resource, diags: &mut Diags) {
    let ids = account_ids(resource.key.kind.def().fields, resource.own());
    for id in ids.iter().filter(|id| is_said_to_be_one(id)) {
        let pointer = Pointer::from("/spec").join(&id.pointer);
        let written = match id.what {
            IdSubject::Reference(_) => pointer.key("id"),
            IdSubject::Key(..) | IdSubject::Likely => pointer.clone(),
        };
        if !is_of_one_environment(texts, resource, &written) {
            let at = Location::Node {
                doc: resource.doc,
                pointer,
                part: EntryHalf::Value,
            };
            diags.push(complaint(id, at));
        }
    }
}

/// Whether the place of an id is known to hold one, by the table or by its key. Digits alone do not say so: a telephone
/// number and a moment have as many. An export is more careful, since it does not ask.
fn is_said_to_be_one(id: &AccountId) -> bool {
    id.what != IdSubject::Likely || is_id_key(&written_key(&id.pointer))
}

/// Whether an overlay or a variable says what stands at a place.
fn is_of_one_environment(texts: &Texts, resource: &Resource, pointer: &Pointer) -> bool {
    let document = texts.document(resource.doc);
    let (file, _) = document.place(pointer, EntryHalf::Value);
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
    if let IdSubject::Reference(kind) = id.what {
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
        IdSubject::Likely => "seems to hold",
        _ => "holds",
    };
    let message = format!(
        "`{key}` {holds} the id of {} of one account",
        one(&id.what.noun())
    );
    let help = match id.what {
        IdSubject::Key(_, Some(ByName::Field(field))) => {
            format!("remove it, and give the name in `{field}`")
        }
        IdSubject::Key(_, Some(ByName::Here(kind))) => {
            format!("write `{{ $ref: <its name>, kind: {kind} }}`, or {PER_ENVIRONMENT}")
        }
        IdSubject::Key(_, Some(ByName::Inside(_))) => {
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn said(spec: &Value) -> Vec<String> {
        let ids = account_ids(KindId::known("EngagementWindow").def().fields, spec);
        let said = ids.iter().filter(|id| is_said_to_be_one(id));
        said.map(|id| id.pointer.to_string()).collect()
    }

    #[test]
    fn digits_are_an_id_only_where_the_key_says_so() {
        let open = json!({ "hotline": 4_930_123_456_i64, "call": ["4930123456"], "since": "1766620800",
            "seats": 1_000_000_000, "help": "https://x.example/4100007001", "4100007001": true });
        // A word that merely ends with these letters says nothing.
        let words = json!({ "paid": 4_930_123_456_i64, "grid": "4930123456", "isValid": ["4930123456"], "ANDROID": 4_930_123_456_i64 });
        let spec = json!({ "style": open, "extra": { "open": open, "words": words } });
        assert_eq!(said(&spec), Vec::<String>::new());
    }

    #[test]
    fn a_key_that_is_known_or_says_so_holds_an_id() {
        let style = json!({ "surveyPreChatId": "4100007001", "pageId": 4_100_007_002_i64, "preferredSkill": "4100007003",
            "formIds": ["4100007004"], "skills": { "main": 4_100_007_005_i64 } });
        assert_eq!(
            said(&json!({ "style": style })),
            [
                "/style/surveyPreChatId",
                "/style/pageId",
                "/style/preferredSkill",
                "/style/formIds",
                "/style/skills/main",
            ]
        );
    }
}
