//! The ledger for runs that write nothing: with what became of the writes of a run that died, and with a word about a
//! run that is at work or did not finish. What such a run sees may be half of what that one does.

use jiff::Timestamp;

use super::Run;
use super::account::Account;
use super::error::{Error, age};
use crate::apply::recover;
use crate::ledger::{Loaded, Ticket, replayed};
use crate::live::{Begun, Ledger};
use crate::text::safe::line;

/// A ledger as it is, or as it would be if a run that died had written down what became of its writes.
#[derive(Debug)]
pub struct RecordedLedger {
    /// The ledger.
    pub ledger: Ledger,
    /// What is not settled: a run that is at work, and one that did not finish.
    pub unsettled: Vec<String>,
    /// How far the run got that did not finish.
    pub begun: Begun,
}

impl Account {
    /// Loads the ledger of the environment without writing anything, and says what is not settled.
    ///
    /// # Errors
    /// A ledger or an account that cannot be read, and an object of which it cannot be told whether it was created.
    pub async fn recorded(&self, run: &Run) -> Result<RecordedLedger, Error> {
        let loaded = self.ledger.load(&run.machine().unique_id()).await?;
        let held = self.ledger.holder().await?;
        let unsettled = unsettled(&loaded, held.as_ref(), run.machine().now());
        for text in &unsettled {
            run.note(&format!("warning: {text}"));
        }
        let begun = loaded.ledger.begun_with(loaded.begun());
        let events = recover(&self.client, &loaded.ledger).await?;
        Ok(RecordedLedger {
            begun,
            ledger: replayed(loaded.ledger, events),
            unsettled,
        })
    }
}

/// What is not settled about a ledger: what it is, then what to do.
pub fn unsettled(loaded: &Loaded, held: Option<&Ticket>, now: Timestamp) -> Vec<String> {
    if let Some(ticket) = held {
        let age = age(&ticket.holder.since, now);
        let age = age.map_or_else(String::new, |age| format!(" for {age}"));
        let holder = ticket.holder.who.clone();
        let what = match &ticket.term {
            None => {
                "a run that is at work is seen in part, and one that died needs `campaignctl ledger unlock`"
            }
            Some(term) if term.has_passed(now) => {
                "that run has not renewed its lock in time, so it died; the next `campaignctl apply` takes the lock and continues it"
            }
            Some(_) => "a run that is at work is seen in part",
        };
        return vec![format!(
            "the ledger has been locked{age} by {}: {what}",
            line(&holder)
        )];
    }
    let unsent = unsent(&loaded.ledger);
    let open = match loaded.ledger.unfinished.as_slice() {
        [] if !unsent.is_empty() => return unsent,
        [] if loaded.has_journal() => "",
        [] => return Vec::new(),
        [open] => &format!(", and its write of {} is open", open.key),
        open => &format!(", and {} of its writes are open", open.len()),
    };
    let unfinished =
        format!("an earlier run did not finish{open}; the next `campaignctl apply` resumes it");
    std::iter::once(unfinished).chain(unsent).collect()
}

/// Launches whose run died: no apply goes on with them.
fn unsent(ledger: &Ledger) -> Vec<String> {
    let launches = ledger.launches.iter();
    let open = launches.filter(|(_, launch)| launch.open.is_some() && launch.stopped.is_none());
    let told = open.map(|(name, _)| {
        let name = line(name);
        format!(
            "the run that sent the launch `{name}` did not finish; the same `campaignctl launch send` resumes it, and `campaignctl launch status {name}` says how far it came"
        )
    });
    told.collect()
}
