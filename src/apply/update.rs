//! Changing an object: read, compare with what was planned, overlay, write with the revision just read.
//!
//! When the revision was stale or the answer got lost, the object is read again. If it bears the declared
//! values, the write arrived; if its planned fields are untouched, the write is tried again, on the newest
//! body; otherwise the step is stale. Fields that the plan does not touch may change at any time: they
//! are sent back as they were read last.

use std::borrow::Cow;

use serde_json::Value;

use super::compare::{self, LiveDifference};
use super::failure::StepFailure;
use super::job::{Job, StepDone, refuse_pending};
use super::outcome::Class;
use super::publish::ReadObject;
use super::state::{SharedState, TouchedObject};
use crate::api::{Address, ApiError, ApiItem, Reader, WriteFate, Writer};
use crate::kinds::KindId;
use crate::kinds::mapping::{
    canonical, counterpart, lift, overlay, same, take_path, with_defaults,
};
use crate::live::ById;
use crate::name::Revision;
use crate::text::Pointer;

impl<P: Reader + Writer> Job<'_, P> {
    /// Changes the object.
    pub(super) async fn update(&self) -> Result<StepDone, StepFailure> {
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
        Ok(StepDone {
            id: Some(address.id),
            after: Some(item.revision).filter(|_| before.is_some()),
            before,
            normalized,
            found,
        })
    }

    async fn write(&self, address: &Address) -> Result<Written, StepFailure> {
        let platform = self.input.platform;
        let mut before: Option<Revision> = None;
        let mut last: Option<(ApiError, ApiItem)> = None;
        let mut first: Option<Value> = None;
        for _ in 0..self.input.options.tries.max(1) {
            let item = match platform.get(address).await {
                Ok(item) => item,
                Err(error) => return Err(unread(error, last.as_ref().map(|(error, _)| error))),
            };
            // A flag that the object lost to one of ours is all that is ever given back to a row of the vendor's.
            if self.collection()?.is_system(&item.body) && !self.change.only_sets_flag() {
                return Err(StepFailure::refused(
                    "it is one of the vendor's own objects, which are never changed",
                ));
            }
            let body = self.updated_body(address, &item, first.as_ref())?;
            first.get_or_insert_with(|| self.by_id(&item.body));
            let failed = last.as_ref().map(|(error, _)| not_again("write", error));
            let lost = last.filter(|(error, _)| error.fate() == WriteFate::Unknown);
            if self.is_there(&item.body, before.is_some()) {
                // Ours, its answer lost, now or in a run that died; or a colleague did the same.
                return Ok(Written {
                    item,
                    before,
                    found: lost.is_some(),
                });
            }
            if lost.is_some_and(|(_, then)| self.is_written_since(&then, &item)) {
                return Err(StepFailure::stale(UNDONE));
            }
            if let Some(failure) = failed.filter(|_| self.is_to_stop()) {
                return Err(failure);
            }
            if before.is_none() {
                self.begin(address, &item).await?;
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
                Err(error) if matches!(error.fate(), WriteFate::Stale | WriteFate::Unknown) => {
                    last = Some((error, item));
                }
                Err(error) => return Err(self.unwritten(address, error).await),
            }
        }
        Err(given_up("write", last.as_ref().map(|(error, _)| error)))
    }

    /// Why a write was refused: an object that is gone was deleted as the write passed.
    async fn unwritten(&self, address: &Address, error: ApiError) -> StepFailure {
        if matches!(error, ApiError::NotFound(_))
            && let Err(gone @ ApiError::NotFound(_)) = self.input.platform.get(address).await
        {
            return unread(gone, None);
        }
        error.into()
    }

    /// Whether the row was, or may have been, written between two reads. A revision is one of the whole collection;
    /// where there is none, the row itself tells.
    fn is_written_since(&self, then: &ApiItem, now: &ApiItem) -> bool {
        if !now.revision.0.is_empty() {
            return now.revision != then.revision;
        }
        let row = |item: &ApiItem| {
            let mut row = item.body.clone();
            let volatile = self.def().collection.map_or(&[][..], |it| it.volatile);
            for path in volatile {
                take_path(&mut row, path);
            }
            row
        };
        row(then) != row(now)
    }

    /// Whether the object holds already what would be written.
    fn is_there(&self, body: &Value, is_tried: bool) -> bool {
        let is_checked = is_tried || !self.step.before.is_null();
        is_checked && self.unlike(body).is_empty()
    }

    /// A body in spec terms, in which names that change while this run goes on do not count.
    fn by_id(&self, body: &Value) -> Value {
        lift(self.def(), body, &ById(&self.shared.lock().references))
    }

    /// The live body with the declared fields on it, unless the planned fields moved. `first` is the body that this step read
    /// first, once it reads another one.
    fn updated_body(
        &self,
        address: &Address,
        item: &ApiItem,
        first: Option<&Value>,
    ) -> Result<Value, StepFailure> {
        let state = self.shared.lock();
        let lifted = lift(self.def(), &item.body, &state.references);
        let touched = state.touched(&self.step.key);
        let touched = touched.filter(|touched| touched.id == address.id);
        let now = ReadObject {
            touched,
            first,
            body: &item.body,
            lifted: &lifted,
        };
        let moved = self.moved(&state, address, &item.body).into_iter();
        if let Some(difference) = moved.chain(self.not_as_written(&state, now)).next() {
            return Err(StepFailure::stale(stale_message(&difference)));
        }
        if let Some(field) = self.not_as_planned(now).first() {
            return Err(StepFailure::stale(format!(
                "changed since it was planned: `{field}`; plan again"
            )));
        }
        let mut body = item.body.clone();
        if let (Value::Object(body), Some(collection)) = (&mut body, self.def().collection) {
            body.retain(|key, _| !collection.volatile.contains(&key.as_str()));
        }
        overlay(self.def(), &mut body, &self.step.spec, &state.references);
        refuse_pending(&body)?;
        Ok(body)
    }

    /// What the step would write over although the plan did not see it: live values that are neither the planned
    /// ones nor some that this run wrote. A delete writes over all that it was planned to see.
    pub(super) fn moved(
        &self,
        state: &SharedState<'_>,
        address: &Address,
        body: &Value,
    ) -> Vec<LiveDifference> {
        // A new object under this key says nothing of the one that it replaced.
        let touched = state.touched(&self.step.key);
        let touched = touched.filter(|touched| touched.id == address.id);
        let Some(before) = self.before(touched) else {
            return Vec::new();
        };
        let (def, references) = (self.def(), &state.references);
        let lifted = lift(def, body, references);
        let mut moved = if self.step.spec.is_null() {
            compare::unlike(def, &before, &lifted, references)
        } else {
            compare::unseen(def, &self.step.spec, &before, &lifted, references)
        };
        let written = touched.map(|touched| canonical(def, &touched.written, references));
        let lost = self.lost_flag(&address.id);
        let lost = lost.map(|flag| {
            flag.spec
                .split('.')
                .fold(Pointer::root(), |at, key| at.key(key))
        });
        moved.retain(|difference| {
            let place = difference.place();
            if lost.as_ref() == Some(&place) {
                return difference.live == Value::Bool(true);
            }
            let written = written.as_ref();
            let written = written
                .and_then(|written| counterpart(def.fields, &self.step.spec, written, &place));
            let is_ours = written.is_some_and(|written| same(written, &difference.live));
            !is_ours && !self.is_passing(state, &place, difference)
        });
        moved
    }

    /// What the object held before the step, as far as the plan or this run knows.
    fn before(&self, touched: Option<&TouchedObject>) -> Option<Cow<'_, Value>> {
        match touched {
            // The delete of a replacement is about the old object, of which its fingerprint tells.
            Some(touched) if touched.created && self.step.spec.is_null() => None,
            Some(touched) if touched.created => {
                let created = with_defaults(self.def(), &touched.written);
                Some(Cow::Owned(created))
            }
            _ if self.step.before.is_null() => None,
            _ => Some(Cow::Borrowed(&self.step.before)),
        }
    }

    /// Whether two lists of children differ by such only as this run created or deleted: no one else moved them.
    fn is_passing(
        &self,
        state: &SharedState<'_>,
        place: &Pointer,
        difference: &LiveDifference,
    ) -> bool {
        let Some(children) = &self.def().children else {
            return false;
        };
        if *place != Pointer::root().key(children.field) {
            return false;
        }
        let passing = state.passing(KindId::known(children.kind));
        let stays = |list: &Value| {
            let members = list.as_array().into_iter().flatten();
            members
                .filter(|member| !passing.contains(member))
                .cloned()
                .collect::<Value>()
        };
        same(&stays(&difference.expected), &stays(&difference.live))
    }
}

/// The answer was lost, the planned values are not there, and yet something was written. Had our write arrived, and
/// had a colleague taken it back, a second one would undo that.
const UNDONE: &str = "it was edited right after a write whose answer was lost; plan again";

/// The item after a write, and the revision that the write named; none when it was not needed.
struct Written {
    item: ApiItem,
    before: Option<Revision>,
    /// Whether the answer to the write was lost.
    found: bool,
}

/// What it means that an object cannot be read that was about to be written.
fn unread(error: ApiError, last: Option<&ApiError>) -> StepFailure {
    match (error, last) {
        (ApiError::NotFound(_), _) => {
            StepFailure::stale("deleted since it was planned; plan again")
        }
        (error, Some(last)) if last.fate() == WriteFate::Unknown => {
            let StepFailure {
                class, is_final, ..
            } = StepFailure::from(error);
            let message = format!("{last}; whether it took effect could not be found out");
            match class {
                Class::Refused => StepFailure::unknown(message),
                class => StepFailure {
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
pub(super) fn given_up(what: &str, last: Option<&ApiError>) -> StepFailure {
    match last {
        Some(error) if error.fate() == WriteFate::Unknown => StepFailure::unknown(format!(
            "{error}; it did not take effect so far: apply again"
        )),
        last => {
            let last = last.map_or_else(String::new, |error| format!(" ({error})"));
            StepFailure::refused(format!(
                "the collection kept changing, so the {what} was given up{last}: apply again"
            ))
        }
    }
}

/// What is said when a write failed and is not tried again because the run is to stop.
pub(super) fn not_again(what: &str, error: &ApiError) -> StepFailure {
    match error.fate() {
        WriteFate::Unknown => given_up(what, Some(error)),
        _ => StepFailure::refused(format!(
            "{error}; the {what} was not retried because the run is stopping: apply again"
        )),
    }
}

/// What a stale step says: the field, the live value and the planned one.
pub(super) fn stale_message(difference: &LiveDifference) -> String {
    let LiveDifference {
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
