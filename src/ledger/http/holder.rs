//! Who holds the lock. The protocol has no question for it: taking the lock tells.

use super::super::LedgerError;
use super::super::lock::{Holder, Ticket};
use super::super::term::Terms;
use super::{HttpLedger, TRIES};

/// How a lock calls itself that was only taken to see whether there is another one.
pub(super) const CHECK: &str = "a check for a lock";

/// How long such a lock lasts if its process dies, in seconds. It is held for as long as an answer takes.
const CHECK_LASTS: u64 = 10;

impl HttpLedger {
    /// Who holds the lock: takes it, and gives it back at once.
    pub(super) async fn find_holder(&self) -> Result<Option<Ticket>, LedgerError> {
        let lasts = Terms {
            seconds: CHECK_LASTS,
            ..Terms::default()
        };
        let asking = Ticket::new(&Holder {
            who: CHECK.to_owned(),
            since: String::new(),
        });
        let asking = asking.lasting(lasts.after(0));
        let mut tries = 1..TRIES;
        loop {
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
