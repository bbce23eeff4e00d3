//! Deleting an object, unless a colleague changed it since it was planned. One that is gone already counts as
//! deleted; the vendor's own rows stay.

use std::collections::BTreeSet;

use serde_json::Value;

use super::failure::StepFailure;
use super::job::{Job, StepDone};
use super::state::SharedState;
use super::update::{given_up, not_again, stale_message};
use crate::api::{Address, ApiError, ApiItem, Reader, WriteFate, Writer};
use crate::diff::fingerprint;
use crate::kinds::KindId;
use crate::kinds::mapping::{get_path, take_path};
use crate::ledger::JournalEvent;
use crate::name::{RemoteId, Revision};
use crate::plan::Action;
use crate::text::safe::line;

impl<P: Reader + Writer> Job<'_, P> {
    /// Deletes the object.
    pub(super) async fn delete(&self) -> Result<StepDone, StepFailure> {
        let address = self.address()?;
        let (before, found) = {
            let _alone = self.gate.write().await;
            self.erase(&address).await?
        };
        let key = &self.step.key;
        self.shared
            .lock()
            .deleted(key, &address.id, &self.change.display_name);
        let key = match self.change.action {
            Action::Replace => key.of_replaced(&address.id),
            _ => key.clone(),
        };
        let at = Some((self.input.clock)().to_string());
        self.record(JournalEvent::Unbound { key, at })?;
        Ok(StepDone {
            id: Some(address.id),
            before,
            found,
            ..StepDone::default()
        })
    }

    /// The revision that the delete named, `None` when the object was gone already; and whether its answer was
    /// lost.
    async fn erase(&self, address: &Address) -> Result<(Option<Revision>, bool), StepFailure> {
        let platform = self.input.platform;
        let mut before = None;
        let mut last: Option<ApiError> = None;
        for _ in 0..self.input.options.tries.max(1) {
            let item = match platform.get(address).await {
                Ok(item) => item,
                Err(ApiError::NotFound(_)) => {
                    let found = last.is_some_and(|error| error.fate() == WriteFate::Unknown);
                    return Ok((before, found));
                }
                Err(error) => return Err(error.into()),
            };
            self.refuse_delete(address, &item)?;
            if let Some(error) = last.as_ref().filter(|_| self.is_to_stop()) {
                return Err(not_again("delete", error));
            }
            if before.is_none() {
                self.begin(address, &item).await?;
            }
            before = Some(item.revision.clone());
            match platform.delete(address, &item.revision).await {
                Ok(()) | Err(ApiError::NotFound(_)) => return Ok((before, false)),
                Err(error) if matches!(error.fate(), WriteFate::Stale | WriteFate::Unknown) => {
                    last = Some(error);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(given_up("delete", last.as_ref()))
    }

    fn refuse_delete(&self, address: &Address, item: &ApiItem) -> Result<(), StepFailure> {
        if self.collection()?.is_system(&item.body) {
            return Err(StepFailure::refused(
                "it is one of the vendor's own objects, which are never deleted",
            ));
        }
        if let Some(inside) = self.stranger_inside(&item.body) {
            return Err(StepFailure::stale(format!(
                "`{}` was added inside it since it was planned; plan again",
                line(&inside)
            )));
        }
        let state = self.shared.lock();
        if let Some(difference) = self.moved(&state, address, &item.body).first() {
            return Err(StepFailure::stale(stale_message(difference)));
        }
        let edited = self.edited(&state, address, &item.body);
        if edited.is_empty() {
            return Ok(());
        }
        Err(StepFailure::stale(format!(
            "changed since it was planned: {}; plan again",
            edited.join(", ")
        )))
    }

    /// An object inside this one that the plan does not delete: it would be deleted with it.
    fn stranger_inside(&self, body: &Value) -> Option<String> {
        let inside = KindId::known(self.def().children.as_ref()?.kind);
        let rows = body.get(self.collection().ok()?.embeds?)?.as_array()?;
        let goes = |id: &RemoteId| {
            let mut changes = self.input.plan.changes.iter();
            changes.any(|change| {
                change.kind == inside
                    && change.remote_id.as_ref() == Some(id)
                    && matches!(change.action, Action::Delete | Action::Replace)
            })
        };
        let is_there = |row: &&Value| row.get("deleted") != Some(&Value::Bool(true));
        let row = rows.iter().filter(is_there).find(|row| {
            let id = row.get("id").and_then(RemoteId::from_wire);
            id.is_some_and(|id| !goes(&id))
        })?;
        let name = row.get("name").and_then(Value::as_str);
        Some(name.unwrap_or_default().to_owned())
    }

    /// The keys of the body that are not as they were planned, those aside that this run wrote and the list of
    /// what lies inside, of which the step itself knows what it was.
    fn edited(&self, state: &SharedState<'_>, address: &Address, body: &Value) -> Vec<String> {
        let planned = &self.change.fingerprint;
        if planned.is_empty() {
            return Vec::new();
        }
        let ours = state.touched(&self.step.key);
        let ours = ours.filter(|touched| touched.id == address.id);
        let inside = self.def().children.as_ref().map(|list| list.field);
        let fields = self.def().fields.iter();
        let lost = self.lost_flag(&address.id).map(|field| field.spec);
        let written: BTreeSet<&str> = fields
            .filter(|field| {
                [inside, lost].contains(&Some(field.spec))
                    || ours.is_some_and(|ours| get_path(&ours.written, field.spec).is_some())
            })
            .filter_map(|field| field.wire.split('.').next())
            .collect();
        let mut body = body.clone();
        if let Some(embeds) = self
            .def()
            .collection
            .and_then(|collection| collection.embeds)
        {
            take_path(&mut body, embeds); // objects of their own
        }
        let now = fingerprint(self.step.key.kind, body);
        let keys: BTreeSet<&String> = now.keys().chain(planned.keys()).collect();
        keys.into_iter()
            .filter(|key| now.get(*key) != planned.get(*key) && !written.contains(key.as_str()))
            .map(|key| format!("`{key}`"))
            .collect()
    }
}
