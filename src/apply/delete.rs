//! Deleting an object. One that is gone already counts as deleted; the vendor's own rows stay.

use super::job::{Done, Failure, Job};
use super::update::stale_message;
use crate::api::{Address, Error, Item, Reader, Writer};
use crate::ledger::Event;
use crate::name::Revision;

impl<P: Reader + Writer> Job<'_, P> {
    /// Deletes the object.
    pub(super) async fn delete(&self) -> Result<Done, Failure> {
        let address = self.address()?;
        let before = {
            let _alone = self.gate.write().await;
            self.erase(&address).await?
        };
        let key = self.step.key.clone();
        let is_replaced = {
            let mut state = self.shared.lock();
            let is_replaced = state.touched(&key).is_some_and(|now| now.id != address.id);
            state.deleted(&key, &address.id, &self.change.display_name);
            is_replaced
        };
        if !is_replaced {
            self.record(Event::Unbound { key })?;
        }
        Ok(Done {
            id: Some(address.id),
            before,
            ..Done::default()
        })
    }

    /// The revision that the delete named, `None` when the object was gone already.
    async fn erase(&self, address: &Address) -> Result<Option<Revision>, Failure> {
        let platform = self.input.platform;
        let mut last = None;
        for attempt in 0..self.input.options.tries.max(1) {
            let item = match platform.get(address).await {
                Ok(item) => item,
                Err(Error::NotFound(_)) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            self.refuse_delete(&item)?;
            if attempt == 0 {
                self.begin()?;
            }
            match platform.delete(address, &item.revision).await {
                Ok(()) | Err(Error::NotFound(_)) => return Ok(Some(item.revision)),
                Err(error @ (Error::Conflict(_) | Error::Lost(_))) => last = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        let last = last.map_or_else(String::new, |error| error.to_string());
        Err(Failure::Failed(format!(
            "the collection kept changing, so the delete was given up ({last}): apply again"
        )))
    }

    fn refuse_delete(&self, item: &Item) -> Result<(), Failure> {
        if self.collection()?.is_system(&item.body) {
            return Err(Failure::Failed(
                "it is one of the vendor's own objects, which are never deleted".to_owned(),
            ));
        }
        match self.moved(&self.shared.lock(), &item.body).first() {
            Some(difference) => Err(Failure::Stale(stale_message(difference))),
            None => Ok(()),
        }
    }
}
