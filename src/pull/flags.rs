//! Flags that one object of an account bears at most: where one is taken over, the manifest that had it loses it, whether it
//! was asked for or not. Two manifests cannot have it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::drift::Takes;
use crate::diff::{Change, FieldChange};
use crate::kinds::KindId;

/// The kinds of which a new bearer of the flag is taken over.
pub(super) struct PulledFlags(BTreeSet<KindId>);

impl PulledFlags {
    /// Those of the new manifests, and those of the manifests that are taken over.
    pub(super) fn of(takes: &Takes<'_>, changes: &[Change]) -> Self {
        let wanted = changes.iter().filter(|it| (takes.wants)(&it.key()));
        let gains = |change: &&Change| {
            let mut fields = change.fields.iter();
            fields.any(|field| is_flag(change, field) && is_set(&field.before))
        };
        let gained = wanted.filter(gains).map(|change| change.kind);
        Self(gained.chain(takes.flagged.iter().copied()).collect())
    }

    /// Whether a field is the flag that an object lost to such a bearer.
    pub(super) fn is_lost(&self, change: &Change, field: &FieldChange) -> bool {
        self.0.contains(&change.kind)
            && is_flag(change, field)
            && is_set(&field.after)
            && !is_set(&field.before)
    }
}

fn is_flag(change: &Change, field: &FieldChange) -> bool {
    let flag = change.kind.def().exclusive_field();
    flag.is_some_and(|flag| field.pointer.as_str() == format!("/spec/{}", flag.spec))
}

fn is_set(value: &Value) -> bool {
    *value == Value::Bool(true)
}
