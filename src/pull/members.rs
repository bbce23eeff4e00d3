//! Lists of what lies inside an object, as files have them: what is ours, and of other people's what the file names.
//!
//! A plan keeps what people put into such a list in the console at its place. So their engagements come into the files
//! only when they are asked for: else the files would depend on objects that other people rename and delete.

use std::collections::BTreeSet;

use serde_json::Value;

use super::drift::Object;
use crate::diff::FieldChange;
use crate::kinds::Children;
use crate::kinds::mapping::same;
use crate::resolve::{Resource, reference_key};
use crate::text::Pointer;

impl Object<'_> {
    /// A field that differs, with what the file says and with what it is to say.
    pub(super) fn in_files(&self, field: &FieldChange) -> FieldChange {
        match self.list_at(field) {
            Some(list) => self.members(list, field),
            None => FieldChange {
                after: self.declared(field),
                ..field.clone()
            },
        }
    }

    /// Whether the field is such a list, and the file has all of it as it is in the account.
    pub(super) fn is_listed(&self, field: &FieldChange) -> bool {
        self.list_at(field).is_some() && same(&field.before, &field.after)
    }

    fn list_at(&self, field: &FieldChange) -> Option<&'static Children> {
        let list = self.resource.key.kind.def().children.as_ref()?;
        (field.pointer == Pointer::from("/spec").key(list.field)).then_some(list)
    }

    fn members(&self, list: &Children, field: &FieldChange) -> FieldChange {
        let lookup = self.takes.lookup;
        let declared = self.resource.spec.get(list.field).and_then(Value::as_array);
        let canonical = |member| lookup.to_ref(list.kind, &lookup.to_id(list.kind, member));
        let declared = declared.map(|it| it.iter().map(canonical).collect::<Vec<_>>());
        let named: BTreeSet<String> = (declared.iter().flatten()).map(Value::to_string).collect();
        let is_ours = |member: &Value| {
            let key = reference_key(list.kind, member);
            let child = key.and_then(|key| self.takes.desired.get(&key));
            let around = child.map(Resource::parent);
            around.is_some_and(|it| it.is_none_or(|it| it == self.resource.key))
        };
        let live = field.before.as_array().into_iter().flatten();
        let live = live.filter(|it| named.contains(&it.to_string()) || is_ours(it));
        FieldChange {
            before: Value::Array(live.cloned().collect()),
            after: declared.map_or(Value::Null, Value::Array),
            ..field.clone()
        }
    }

    /// What the manifest says of a field; null where a plan wants something that follows from other fields or from what
    /// was applied.
    fn declared(&self, field: &FieldChange) -> Value {
        let Some(mut place) = field.pointer.below_spec() else {
            return field.after.clone();
        };
        while place.get(&self.resource.spec).is_none() {
            let Some(around) = place.parent() else { break };
            // Another spelling of the value may be above.
            if around
                .get(&self.resource.spec)
                .is_some_and(Value::is_object)
            {
                return Value::Null;
            }
            place = around;
        }
        field.after.clone()
    }
}
