//! Who holds the lock. The protocol has no question for it: taking the lock tells.

use super::super::LedgerError;
use super::super::lock::{Holder, Ticket};
use super::super::term::Terms;
use super::{HttpLedger, TRIES};

/// How long such a lock lasts if its process dies, in seconds. It is held for as long as an answer takes. One that is
/// taken away from a process that lives, because its server was slow, costs nothing: it has written nothing under it.
const CHECK_LASTS: u64 = 3;

impl HttpLedger {
    /// Who holds the lock: takes it, and gives it back at once.
    pub(super) async fn find_holder(&self) -> Result<Option<Ticket>, LedgerError> {
        let lasts = Terms {
            seconds: CHECK_LASTS,
            clock: self.clock,
        };
        let mut tries = 1..TRIES;
        loop {
            let asking = Ticket::of_check(&Holder {
                who: self.who.clone(),
                since: (self.clock)().to_string(),
            });
            let asking = asking.lasting(lasts.after(0));
            let grant = match self.acquire_free(&asking).await {
                Ok(grant) => grant,
                Err(LedgerError::Locked { ticket, .. }) => return Ok(Some(ticket)),
                Err(error) => return Err(error),
            };
            match self.release(&grant.ticket).await {
                Ok(()) => return Ok(None),
                // The lock was granted, and is not there any more: somebody removed it, so the question is still open.
                Err(LedgerError::Locked { .. }) if tries.next().is_some() => {}
                Err(error) => return Err(error),
            }
        }
    }
}
