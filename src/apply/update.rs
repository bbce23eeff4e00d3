//! Changing an object: read, compare with what was planned, overlay, write with the revision just read.
//!
//! When the revision was stale or the answer got lost, the object is read again. If it bears the declared
//! values, the write arrived; if its planned fields are untouched, the write is tried again, on the newest
//! body; otherwise the step is stale. Fields that the plan does not touch may change at any time: they
//! are sent back as they were read last.

use serde_json::Value;

use super::compare::{Difference, SPEC, differences};
use super::job::{Done, Failure, Job, refuse_pending};
use super::state::State;
use crate::api::{Address, Error, Item, Reader, Writer};
use crate::kinds::KindId;
use crate::kinds::mapping::{lift, overlay, same};
use crate::name::Revision;

impl<P: Reader + Writer> Job<'_, P> {
    /// Changes the object.
    pub(super) async fn update(&self) -> Result<Done, Failure> {
        let address = self.address()?;
        let (item, before) = {
            let _alone = self.gate.write().await;
            self.write(&address).await?
        };
        let normalized = self.settle(&address, &item, false).await?;
        Ok(Done {
            id: Some(address.id),
            before: Some(before),
            after: Some(item.revision),
            normalized,
        })
    }

    /// The item after the write, and the revision that the write named.
    async fn write(&self, address: &Address) -> Result<(Item, Revision), Failure> {
        let platform = self.input.platform;
        let mut first: Option<Revision> = None;
        let mut last = None;
        for _ in 0..self.input.options.tries.max(1) {
            let item = platform.get(address).await.map_err(gone)?;
            if let Some(before) = &first
                && self.unlike(&item.body).is_empty()
            {
                return Ok((item, before.clone())); // the answer was lost, the write was not
            }
            let body = self.updated_body(&item)?;
            if first.is_none() {
                self.begin()?;
            }
            first = Some(item.revision.clone());
            match platform.update(address, &item.revision, &body).await {
                Ok(written) => return Ok((written, item.revision)),
                Err(error @ (Error::Conflict(_) | Error::Lost(_))) => last = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        let last = last.map_or_else(String::new, |error| error.to_string());
        Err(Failure::Failed(format!(
            "the collection kept changing, so the write was given up ({last}): apply again"
        )))
    }

    /// The live body with the declared fields on it, unless the planned fields moved.
    fn updated_body(&self, item: &Item) -> Result<Value, Failure> {
        let state = self.shared.lock();
        if let Some(difference) = self.moved(&state, &item.body).into_iter().next() {
            return Err(Failure::Stale(stale_message(&difference)));
        }
        let mut body = item.body.clone();
        if let (Value::Object(body), Some(collection)) = (&mut body, self.def().collection) {
            body.retain(|key, _| !collection.volatile.contains(&key.as_str()));
        }
        overlay(self.def(), &mut body, &self.step.spec, &state.references);
        refuse_pending(&body)?;
        Ok(body)
    }

    /// The planned fields whose live value is neither the planned one nor one that this run wrote.
    pub(super) fn moved(&self, state: &State<'_>, body: &Value) -> Vec<Difference> {
        let touched = state.touched(&self.step.key);
        if self.step.before.is_null() || touched.is_some_and(|touched| touched.created) {
            return Vec::new();
        }
        let mut lifted = lift(self.def(), body, &state.references);
        let mut before = self.step.before.clone();
        if let Some(children) = &self.def().children {
            let passing = state.passing(KindId::known(children.kind));
            drop_passing(&mut before, children.field, passing);
            drop_passing(&mut lifted, children.field, passing);
        }
        let mut moved = differences(self.def(), &before, &lifted, &state.references);
        if let Some(touched) = touched {
            moved.retain(|difference| {
                let pointer = difference.pointer.as_str().strip_prefix(SPEC);
                let written = pointer.and_then(|pointer| touched.written.pointer(pointer));
                !written.is_some_and(|written| same(written, &difference.live))
            });
        }
        moved
    }
}

/// Members that this run created or deleted come and go in the parent's list; nobody else moved them.
fn drop_passing(spec: &mut Value, field: &str, passing: &[Value]) {
    if let Some(Value::Array(members)) = spec.get_mut(field) {
        members.retain(|member| !passing.contains(member));
    }
}

/// What a stale step says: the field, the live value and the planned one.
pub(super) fn stale_message(difference: &Difference) -> String {
    let Difference {
        pointer,
        expected,
        live,
    } = difference;
    format!(
        "changed since it was planned: {pointer} is {}, it was {}; plan again",
        shown(live),
        shown(expected)
    )
}

fn shown(value: &Value) -> String {
    const LONGEST: usize = 80;
    let text = match value {
        Value::Null => return "absent".to_owned(),
        other => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text,
    }
}

/// An object that is to be changed and is not there any more is stale.
fn gone(error: Error) -> Failure {
    match error {
        Error::NotFound(_) => Failure::Stale("deleted since it was planned; plan again".to_owned()),
        error => error.into(),
    }
}
