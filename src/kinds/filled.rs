//! Fields whose absence the account fills: an explicit null there asks for what the platform never holds.

use serde_json::Value;

use super::field::{Codec, Field};
use super::mapping::{create_body, get_path, lift_once};
use super::owned::AsWritten;
use super::{KindDef, Serving};
use crate::text::{Pointer, Trail};

/// Every null of a spec in whose place the account answers a value, with that value. What the account fills in is what
/// the platform computes when it serves a body: [`super::Kind::serve`].
#[must_use]
pub fn filled_by_account(def: &KindDef, spec: &Value) -> Vec<(Pointer, Value)> {
    let mut nulls = Vec::new();
    let root = Pointer::root();
    collect(def.fields, spec, &Trail::From(&root), &mut nulls);
    if nulls.is_empty() {
        return Vec::new();
    }
    let mut body = create_body(def, spec, &AsWritten);
    let anywhere = Serving {
        account: "",
        now: jiff::Timestamp::UNIX_EPOCH,
        child_revision: None,
    };
    (def.serve)(&mut body, &anywhere);
    let served = lift_once(def, body, &AsWritten);
    let filled = nulls.into_iter().filter_map(|place| {
        let value = place.get(&served).filter(|value| !value.is_null())?;
        Some((place.clone(), value.clone()))
    });
    filled.collect()
}

/// The fields that are null, those of objects inside included. Items of lists are the platform's to keep or to drop.
fn collect(fields: &'static [Field], spec: &Value, at: &Trail<'_>, nulls: &mut Vec<Pointer>) {
    for field in fields.iter().filter(|field| !field.wire.is_empty()) {
        let here = Trail::Path(at, field.spec);
        match (get_path(spec, field.spec), &field.codec) {
            (Some(Value::Null), _) => nulls.push(here.pointer()),
            (Some(inner), Codec::Object(fields)) => collect(fields, inner, &here, nulls),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::KindId;

    #[test]
    fn a_null_that_the_account_fills_is_found_and_no_other() {
        let engagement = KindId::known("Engagement").def();
        let all = json!({ "type": "stickyButton", "availabilityForMessaging": null, "skill": null, "position": { "left": null } });
        assert_eq!(
            filled_by_account(engagement, &all),
            [(Pointer::from("/availabilityForMessaging"), json!("always"))]
        );
        let mut app = all.clone();
        app["type"] = json!("app");
        assert_eq!(filled_by_account(engagement, &app), [], "only on web pages");
        let mut said = all;
        said["availabilityForMessaging"] = json!("onlineOnly");
        assert_eq!(filled_by_account(engagement, &said), []);
    }
}
