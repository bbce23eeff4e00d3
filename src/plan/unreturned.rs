//! Fields that the platform takes and does not return, in the inverse of an apply.
//!
//! The account does not show what they were, so the ledger's record of what was applied says it. Where no record does,
//! they get the default of a create, and the plan says so: nothing is lost without a word.

use serde_json::Value;

use super::rollback::{Inverse, Was};
use crate::diff;
use crate::kinds::KindDef;
use crate::kinds::field::Field;
use crate::kinds::mapping::{get_path, set_path, with_defaults};
use crate::live::{Entry, LiveObject};

impl Inverse<'_> {
    /// An object that was deleted, and what is not known of it.
    pub(super) fn spec_of_deleted(&self, was: &Was, entry: Option<&Entry>) -> (Value, Vec<String>) {
        let def = was.object.kind.def();
        let spec = diff::remembered_spec(def, &self.then, &was.object, entry);
        let lost = unknown(def, &spec)
            .into_iter()
            .map(|field| match default(def, &spec, field) {
                Some(value) => format!("{}: the new one gets the default, {value}", reason(field)),
                None => format!("{}: the new one gets none", reason(field)),
            });
        let lost = lost.collect();
        (spec, lost)
    }

    /// An object before it was written, and what of the written fields goes back to a default.
    pub(super) fn spec_before(&self, was: &Was, entry: Option<&Entry>) -> (Value, Vec<String>) {
        let def = was.object.kind.def();
        let mut spec = diff::remembered_spec(def, &self.then, &was.object, entry);
        let is_written = |field: &&Field| get_path(&was.written, field.spec).is_some();
        let mut written = unknown(def, &spec);
        written.retain(is_written);
        let defaults = written.iter().map(|field| default(def, &spec, field));
        let defaults: Vec<_> = defaults.collect();
        let mut reasons = Vec::new();
        for (field, default) in written.into_iter().zip(defaults) {
            if let Some(value) = default {
                reasons.push(format!(
                    "{}: it goes back to the default, {value}",
                    reason(field)
                ));
                set_path(&mut spec, field.spec, value);
            } else {
                reasons.push(format!("{}: the write leaves it out", reason(field)));
            }
        }
        (spec, reasons)
    }

    /// An object as it is now: of the fields that are not returned as they were written, or are recorded.
    pub(super) fn spec_now(&self, object: &LiveObject, written: &Value) -> Value {
        let def = object.kind.def();
        let entry = self.owner(object).map(|(_, entry)| entry);
        let live = diff::live_spec(def, &self.table, object);
        let mut spec = diff::remembered_spec(def, &self.table, object, entry);
        for field in unknown(def, &live) {
            if let Some(value) = get_path(written, field.spec) {
                set_path(&mut spec, field.spec, value.clone());
            }
        }
        spec
    }
}

/// The fields of which neither the account nor the ledger says anything.
fn unknown(def: &KindDef, spec: &Value) -> Vec<&'static Field> {
    let is_unknown = |field: &&Field| field.unreturned && get_path(spec, field.spec).is_none();
    def.fields.iter().filter(is_unknown).collect()
}

fn default(def: &KindDef, spec: &Value, field: &Field) -> Option<Value> {
    let full = with_defaults(def, spec);
    get_path(&full, field.spec)
        .filter(|value| !value.is_null())
        .cloned()
}

fn reason(field: &Field) -> String {
    format!(
        "what `{}` was is not known, because the platform does not return it",
        field.spec
    )
}
