//! Creating an object, once.
//!
//! Right before a create it is made sure that no object of that display name has appeared: by a list that was begun
//! after its turn came. The object of a create whose answer was lost is looked up; the create is sent again only once its
//! object is proven absent, and whether the lost one took effect after all is looked up behind it.

use serde_json::Value;

use super::failure::StepFailure;
use super::job::{Job, StepDone, refuse_pending};
use super::state::describe;
use super::twins::{TwinSearch, find};
use crate::api::{Address, ApiError, ApiItem, Reader, WriteFate, WriteVerb as Sent, Writer};
use crate::kinds::mapping::create_body;
use crate::ledger::JournalEvent;
use crate::live::Draft;
use crate::name::RemoteId;

/// How often a create is sent whose object is proven absent each time.
const TRIES: u32 = 3;

impl<P: Reader + Writer> Job<'_, P> {
    /// Creates the object.
    pub(super) async fn create(&self) -> Result<StepDone, StepFailure> {
        let (parent, body) = self.create_request()?;
        let kind = self.step.key.kind;
        let (item, found) = {
            let _shared = self.gate.read().await;
            // Behind the gate, so that no wait for another write lies between the look and the create.
            let twins = self.known_twins(parent.as_ref(), &body).await?;
            let draft = self.draft(parent.clone(), body, twins);
            let platform = self.input.platform;
            let call = platform.call(Sent::Create, kind, parent.as_ref(), None);
            self.sending(call.as_ref(), None, None)?;
            self.begin_create(&draft).await?;
            self.sent(&draft).await?
        };
        let id = item.body.get("id").and_then(RemoteId::from_wire);
        let id = id.ok_or_else(|| {
            StepFailure::unknown("it was created, but the answer holds no id: apply again")
        })?;
        let address = Address { kind, parent, id };
        let normalized = self.settle(&address, &item, true)?;
        Ok(StepDone {
            id: Some(address.id),
            before: None,
            after: Some(item.revision),
            normalized,
            found,
        })
    }

    /// The object that a create made, and whether it had to be looked for.
    async fn sent(&self, draft: &Draft) -> Result<(ApiItem, bool), StepFailure> {
        let (kind, parent) = (self.step.key.kind, draft.entry.parent.as_ref());
        let platform = self.input.platform;
        for tries in 1.. {
            let lost = match platform.create(kind, parent, &draft.body).await {
                Ok(item) if tries > 1 => return self.only(draft, item).await,
                Ok(item) => return Ok((item, false)),
                Err(error) if error.fate() == WriteFate::Unknown => error,
                Err(error) => return Err(error.into()),
            };
            if let Some(item) = self.find_created(draft, &lost).await? {
                return Ok((item, true));
            }
            if tries == TRIES || self.is_to_stop() {
                let tried = if tries == 1 {
                    "1 try"
                } else {
                    &format!("{tries} tries")
                };
                return Err(StepFailure::refused(format!(
                    "{lost}; it was not created, in {tried}"
                )));
            }
            let call = platform.call(Sent::Create, kind, parent, None);
            self.sending(call.as_ref(), None, None)?;
        }
        Err(StepFailure::refused("it was not tried"))
    }

    /// The object of a second try, unless the lost one took effect late.
    async fn only(&self, draft: &Draft, item: ApiItem) -> Result<(ApiItem, bool), StepFailure> {
        let kind = self.step.key.kind;
        let mut others = draft.clone();
        others
            .twins
            .extend(item.body.get("id").and_then(RemoteId::from_wire));
        let is_known = |id: &RemoteId| self.shared.lock().knows(kind, id);
        match find(self.input.platform, kind, &others, &is_known).await {
            Ok(TwinSearch::One(late)) => Err(StepFailure::refused(format!(
                "it was created twice, because the first try took effect late: delete one of {} and {}, then apply again",
                shown(&item),
                shown(&late)
            ))),
            // What cannot be told now, the next plan tells.
            Ok(_) | Err(_) => Ok((item, false)),
        }
    }

    fn create_request(&self) -> Result<(Option<RemoteId>, Value), StepFailure> {
        let state = self.shared.lock();
        let parent = match &self.def().parent {
            Some(_) => Some(self.parent(&state, &self.step.spec)?),
            None => None,
        };
        let body = create_body(self.def(), &self.step.spec, &state.references);
        refuse_pending(&body)?;
        Ok((parent, body))
    }

    /// The objects of that display name that are known to be others.
    ///
    /// # Errors
    /// One that the plan does not know: a colleague was quicker.
    async fn known_twins(
        &self,
        parent: Option<&RemoteId>,
        body: &Value,
    ) -> Result<Vec<RemoteId>, StepFailure> {
        let kind = self.step.key.kind;
        let key = self.def().collection.map_or("name", |it| it.name_key);
        let Some(name) = body.get(key).and_then(Value::as_str) else {
            return Ok(Vec::new());
        };
        let listing = self.shared.listing(kind, parent);
        let rows = listing.rows(self.input.platform).await?;
        let state = self.shared.lock();
        let twins = rows.get(name).cloned().unwrap_or_default();
        let is_new =
            |id: &&RemoteId| !state.knows(kind, id) && !self.input.plan.known_twins.contains(id);
        match twins.iter().find(is_new) {
            None => Ok(twins),
            Some(id) => Err(StepFailure::stale(format!(
                "an object of that name exists in the account now ({id}); plan again"
            ))),
        }
    }

    fn draft(&self, parent: Option<RemoteId>, body: Value, twins: Vec<RemoteId>) -> Draft {
        let address = Address {
            kind: self.step.key.kind,
            parent,
            id: RemoteId::from(""),
        };
        let display_name = self.name_of(&body);
        Draft {
            entry: self.entry(&address, display_name),
            body,
            twins,
            replaces: self.replaced(),
        }
    }

    async fn begin_create(&self, draft: &Draft) -> Result<(), StepFailure> {
        self.record(JournalEvent::Started {
            step: self.index,
            key: self.step.key.clone(),
            verb: self.step.verb,
            draft: Some(Box::new(draft.clone())),
            target: None,
        })?;
        Ok(self.shared.durable().await?)
    }

    /// The object that a create made although its answer was lost; `None` when it is proven absent.
    async fn find_created(
        &self,
        draft: &Draft,
        lost: &ApiError,
    ) -> Result<Option<ApiItem>, StepFailure> {
        let kind = self.step.key.kind;
        let is_known = |id: &RemoteId| self.shared.lock().knows(kind, id);
        let mut found = find(self.input.platform, kind, draft, &is_known).await;
        // An answer ends a request. Without one, it may still be under way.
        if matches!((&found, lost), (Ok(TwinSearch::None), ApiError::Lost(_))) {
            tokio::time::sleep(self.input.options.quiet).await;
            found = find(self.input.platform, kind, draft, &is_known).await;
        }
        match found {
            Ok(TwinSearch::One(item)) => Ok(Some(*item)),
            Ok(TwinSearch::None) => Ok(None),
            Ok(TwinSearch::Many(ids)) => Err(StepFailure::refused(format!(
                "{lost}; several new objects have its display name ({}): delete the duplicates, then plan again",
                listed(&ids)
            ))),
            Ok(TwinSearch::Other(ids)) => Err(StepFailure::refused(format!(
                "{lost}; an object with its display name appeared that differs from what was sent ({}): plan again",
                listed(&ids)
            ))),
            Err(error) => {
                let why = describe(&error);
                let StepFailure { is_final, .. } = error.into();
                let message = format!(
                    "{lost}; whether it was created could not be found out ({why}): apply again, which looks first"
                );
                Err(StepFailure {
                    is_final,
                    // Unknown is what leaves it open.
                    ..StepFailure::unknown(message)
                })
            }
        }
    }
}

/// The id of an item.
fn shown(item: &ApiItem) -> String {
    let id = item.body.get("id").and_then(RemoteId::from_wire);
    id.map_or_else(|| "one without an id".to_owned(), |id| id.to_string())
}

/// Ids in a row.
pub(super) fn listed(ids: &[RemoteId]) -> String {
    let ids: Vec<_> = ids.iter().map(RemoteId::as_str).collect();
    ids.join(", ")
}
