//! Creating an object, once.
//!
//! A create whose answer was lost is never sent again: the object is looked up by its display name. If
//! exactly one row is new, it is ours.

use serde_json::Value;

use super::job::{Done, Failure, Job, refuse_pending};
use crate::api::{Address, Error, Item, Reader, Writer};
use crate::kinds::mapping::create_body;
use crate::name::RemoteId;

impl<P: Reader + Writer> Job<'_, P> {
    /// Creates the object.
    pub(super) async fn create(&self) -> Result<Done, Failure> {
        let (parent, body) = self.create_request()?;
        let kind = self.step.key.kind;
        let item = {
            let _shared = self.gate.read().await;
            self.begin()?;
            let answer = self.input.platform.create(kind, parent.as_ref(), &body);
            match answer.await {
                Ok(item) => item,
                Err(error @ (Error::Lost(_) | Error::Unavailable(_) | Error::Unexpected(_))) => {
                    self.find_created(parent.as_ref(), &body, &error).await?
                }
                Err(error) => return Err(error.into()),
            }
        };
        let id = item.body.get("id").and_then(RemoteId::from_wire);
        let id = id.ok_or_else(|| {
            Failure::Failed("it was created, but the answer holds no id: apply again".to_owned())
        })?;
        let address = Address { kind, parent, id };
        let normalized = self.settle(&address, &item, true).await?;
        Ok(Done {
            id: Some(address.id),
            before: None,
            after: Some(item.revision),
            normalized,
        })
    }

    fn create_request(&self) -> Result<(Option<RemoteId>, Value), Failure> {
        let state = self.shared.lock();
        let parent = match &self.def().parent {
            Some(_) => Some(self.parent(&state, &self.step.spec)?),
            None => None,
        };
        let body = create_body(self.def(), &self.step.spec, &state.references);
        refuse_pending(&body)?;
        Ok((parent, body))
    }

    /// The object that a create made although its answer was lost.
    async fn find_created(
        &self,
        parent: Option<&RemoteId>,
        body: &Value,
        lost: &Error,
    ) -> Result<Item, Failure> {
        let ids = match self.new_rows(parent, body).await {
            Ok(ids) => ids,
            Err(error) => {
                return Err(Failure::Failed(format!(
                    "{lost}; whether it was created could not be found out ({error}): plan again before applying again"
                )));
            }
        };
        match <[RemoteId; 1]>::try_from(ids) {
            Ok([id]) => Ok(self.input.platform.get(&self.sibling(parent, id)).await?),
            Err(ids) if ids.is_empty() => {
                Err(Failure::Failed(format!("{lost}; it was not created")))
            }
            Err(ids) => {
                let ids: Vec<_> = ids.iter().map(RemoteId::as_str).collect();
                Err(Failure::Failed(format!(
                    "{lost}; several new objects bear its display name ({}): delete the ones too many, then plan again",
                    ids.join(", ")
                )))
            }
        }
    }

    /// Rows with the display name of `body` that neither the plan nor the ledger nor this run knows.
    async fn new_rows(
        &self,
        parent: Option<&RemoteId>,
        body: &Value,
    ) -> Result<Vec<RemoteId>, Error> {
        let kind = self.step.key.kind;
        let key = self.def().collection.map_or("name", |it| it.name_key);
        let rows = self.input.platform.list(kind, parent).await?;
        let state = self.shared.lock();
        Ok(rows
            .iter()
            .filter(|row| row.get(key).is_some() && row.get(key) == body.get(key))
            .filter_map(|row| RemoteId::from_wire(row.get("id")?))
            .filter(|id| !state.knows(kind, id))
            .collect())
    }

    fn sibling(&self, parent: Option<&RemoteId>, id: RemoteId) -> Address {
        Address {
            kind: self.step.key.kind,
            parent: parent.cloned(),
            id,
        }
    }
}
