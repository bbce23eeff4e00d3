//! Changing an object: read, compare with what was planned, overlay, write with the revision just read.
//!
//! When the revision was stale or the answer got lost, the object is read again. If it bears the declared
//! values, the write arrived; if its planned fields are untouched, the write is tried again, on the newest
//! body; otherwise the step is stale. Fields that the plan does not touch may change at any time: they
//! are sent back as they were read last.

use serde_json::Value;

use super::compare::{Difference, SPEC, differences};
use super::failure::Failure;
use super::job::{Done, Job, refuse_pending};
use super::outcome::Class;
use super::state::State;
use crate::api::{Address, Error, Fate, Item, Reader, Writer};
use crate::kinds::KindId;
use crate::kinds::mapping::{lift, overlay, same};
use crate::name::Revision;

impl<P: Reader + Writer> Job<'_, P> {
    /// Changes the object.
    pub(super) async fn update(&self) -> Result<Done, Failure> {
        let address = self.address()?;
        let Written {
            item,
            before,
            found,
        } = {
            let _alone = self.gate.write().await;
            self.write(&address).await?
        };
        let normalized = self.settle(&address, &item, false)?;
        Ok(Done {
            id: Some(address.id),
            after: Some(item.revision).filter(|_| before.is_some()),
            before,
            normalized,
            found,
        })
    }

    async fn write(&self, address: &Address) -> Result<Written, Failure> {
        let platform = self.input.platform;
        let mut before: Option<Revision> = None;
        let mut last: Option<Error> = None;
        for _ in 0..self.input.options.tries.max(1) {
            let item = match platform.get(address).await {
                Ok(item) => item,
                Err(error) => return Err(unread(error, last.as_ref())),
            };
            let body = self.updated_body(address, &item)?;
            if self.is_there(&item.body, before.is_some()) {
                // Ours, its answer lost, now or in a run that died; or somebody did the same.
                let found = last.is_some_and(|error| error.fate() == Fate::Unknown);
                return Ok(Written {
                    item,
                    before,
                    found,
                });
            }
            if before.is_none() {
                self.begin(address, &item)?;
            }
            before = Some(item.revision.clone());
            match platform.update(address, &item.revision, &body).await {
                Ok(written) => {
                    return Ok(Written {
                        item: written,
                        before,
                        found: false,
                    });
                }
                Err(error) if matches!(error.fate(), Fate::Stale | Fate::Unknown) => {
                    last = Some(error);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(given_up("write", last.as_ref()))
    }

    /// Whether the object holds already what would be written.
    fn is_there(&self, body: &Value, is_tried: bool) -> bool {
        let is_checked = is_tried || !self.step.before.is_null();
        is_checked && self.unlike(body).is_empty()
    }

    /// The live body with the declared fields on it, unless the planned fields moved.
    fn updated_body(&self, address: &Address, item: &Item) -> Result<Value, Failure> {
        let state = self.shared.lock();
        if let Some(difference) = self.moved(&state, address, &item.body).into_iter().next() {
            return Err(Failure::stale(stale_message(&difference)));
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
    pub(super) fn moved(
        &self,
        state: &State<'_>,
        address: &Address,
        body: &Value,
    ) -> Vec<Difference> {
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
        let lost = self
            .lost_flag(&address.id)
            .map(|flag| format!("{SPEC}/{}", flag.spec));
        moved.retain(|difference| {
            if lost.as_deref() == Some(difference.pointer.as_str()) {
                return difference.live == Value::Bool(true);
            }
            let pointer = difference.pointer.as_str().strip_prefix(SPEC);
            let is_ours = |spec: &Value| {
                let value = pointer.and_then(|pointer| spec.pointer(pointer));
                value.is_some_and(|value| same(value, &difference.live))
            };
            !is_ours(&self.step.spec) && !touched.is_some_and(|touched| is_ours(&touched.written))
        });
        moved
    }
}

/// The item after a write, and the revision that the write named; none when it was not needed.
struct Written {
    item: Item,
    before: Option<Revision>,
    /// Whether the answer to the write was lost.
    found: bool,
}

/// What it means that an object cannot be read that was about to be written.
fn unread(error: Error, last: Option<&Error>) -> Failure {
    match (error, last) {
        (Error::NotFound(_), _) => Failure::stale("deleted since it was planned; plan again"),
        (error, Some(last)) if last.fate() == Fate::Unknown => {
            let Failure {
                class, is_final, ..
            } = Failure::from(error);
            let message = format!("{last}; whether it took effect could not be found out");
            match class {
                Class::Refused => Failure::unknown(message),
                class => Failure {
                    class,
                    message,
                    is_final,
                },
            }
        }
        (error, _) => error.into(),
    }
}

/// What is said when the last try of a write failed.
pub(super) fn given_up(what: &str, last: Option<&Error>) -> Failure {
    match last {
        Some(error) if error.fate() == Fate::Unknown => Failure::unknown(format!(
            "{error}; it did not take effect so far: apply again"
        )),
        last => {
            let last = last.map_or_else(String::new, |error| format!(" ({error})"));
            Failure::refused(format!(
                "the collection kept changing, so the {what} was given up{last}: apply again"
            ))
        }
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
