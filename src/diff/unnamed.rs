//! Live objects that an account shows without their names: some lists hold only a part of each object.
//!
//! What such an object does not show is unknown, which is not the same as unset. So it is bound by what it shows,
//! and only that is compared.

use serde_json::Value;

use super::specs::{declared_spec, live_spec};
use super::{Difference, compare};
use crate::kinds::KindDef;
use crate::live::{LiveObject, References};
use crate::resolve::Resource;
use crate::text::Pointer;

/// What a person has to know who makes an object where the list shows no names.
pub(super) const RECOGNIZED: &str = "the account lists channels without their handoffs: the next plan recognizes it by its channel, unless it has several";

/// Whether an object that shows no name holds all that a manifest declares, as far as it can be seen.
pub(super) fn holds(resource: &Resource, references: &References, object: &LiveObject) -> bool {
    let def = resource.key.kind.def();
    let live = live_spec(def, references, object);
    let declared = declared_spec(def, references, resource, Some(&live));
    let body = object.body.value();
    let compared = compare(def.fields, &declared, &live);
    let seen = |pointer: &Pointer| !is_hidden(def, &body, pointer);
    let is_about = |key: &String| seen(&Pointer::root().key(key));
    let differs = |difference: &Difference| seen(&difference.pointer);
    declared
        .as_object()
        .is_some_and(|spec| spec.keys().any(is_about))
        && !compared.differences.iter().any(differs)
}

/// Whether a field of a spec is one that this body, which has no name, cannot show.
pub(super) fn is_hidden(def: &KindDef, body: &Value, pointer: &Pointer) -> bool {
    let top = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    let key = pointer.as_str().split('/').nth(1).unwrap_or_default();
    let mut fields = def.fields.iter().filter(|field| top(field.spec) == key);
    !fields.any(|field| body.get(top(field.wire)).is_some())
}
