//! The plan that takes an apply back, saved beside the ledger for `undo`.
//!
//! It is made of the journal: of all that was begun since the ledger was last stored, by the runs that died, too. So it is
//! made whenever the ledger is about to be stored, also by a run that had nothing left to do.

use std::path::Path;

use super::Run;
use super::account::Account;
use super::planning::plan_json;
use super::saved;
use super::workspace::STATE_FOLDER;
use crate::apply::{self, Outcome};
use crate::ledger::{JournalEvent, LedgerSession};
use crate::plan::{Header, LedgerState, Plan};

/// What is taken back.
pub(super) struct TakingBack<'a> {
    /// The run.
    pub(super) run: &'a Run,
    /// The account.
    pub(super) account: &'a Account,
    /// The plan that was carried out.
    pub(super) plan: &'a Plan,
}

impl TakingBack<'_> {
    /// Saves the plan, if this run or one that died did something. An apply does not fail without it.
    pub(super) async fn save(&self, session: &LedgerSession, outcome: &Outcome) {
        let is_begun = |event: &JournalEvent| matches!(event, JournalEvent::Started { .. });
        if outcome.counts.applied == 0 && !session.events().iter().any(is_begun) {
            return; // records that were brought up to date are no one's change
        }
        let asked = apply::RunToUndo {
            seen: outcome.seen.as_ref(),
            plan: self.plan,
            guards: self.account.guards,
        };
        let header = self.header(session);
        let client = &self.account.client;
        let inverse = apply::rollback(client, session, asked, header).await;
        let path = self.account.ledger.rollback_path();
        let inverse = match inverse {
            Ok(inverse) => inverse.filter(|inverse| !inverse.is_empty()),
            Err(error) => {
                // That of the apply before would take that one back, and people would think that it is this one.
                let _ = std::fs::remove_file(path);
                self.run.note(&format!(
                    "It cannot be undone: what the account holds now could not be read: {error}"
                ));
                return;
            }
        };
        let Some(inverse) = inverse else {
            self.remove_old(session, outcome, path);
            return;
        };
        let written = saved::write_own(path, &plan_json(&inverse));
        let path = seen_from(self.run.machine().here(), path);
        let command = self.command(path);
        self.run.note(&match written {
            Ok(()) if self.is_resumed(session) => format!(
                "To undo what this run did: campaignctl {command}. What the run before it did stays."
            ),
            Ok(()) => format!("To undo: campaignctl {command}"),
            Err(error) => format!("The rollback plan was not saved: {}", error.message),
        });
    }

    /// The plan of an earlier apply would take that one back, and people would think that it is this one. It stays where
    /// nothing was done.
    fn remove_old(&self, session: &LedgerSession, outcome: &Outcome, path: &Path) {
        let is_done =
            |event: &JournalEvent| matches!(event, JournalEvent::Finished { applied: true, .. });
        let is_done = session.events().iter().any(is_done)
            || outcome.counts.applied > 0 && !self.is_resumed(session);
        if is_done && std::fs::remove_file(path).is_ok() {
            self.run
                .note("It cannot be undone; the rollback plan of the apply before is removed.");
        }
    }

    /// Whether a run that came to its end did a part of the plan: its own rollback plan takes that back.
    fn is_resumed(&self, session: &LedgerSession) -> bool {
        let begun = session.ledger().begun.as_ref();
        begun.is_some_and(|begun| begun.of(&self.plan.id).is_some())
    }

    fn header(&self, session: &LedgerSession) -> Header {
        let machine = self.run.machine();
        let ledger = session.ledger();
        Header {
            id: machine.unique_id(),
            created_at: machine.now().to_string(),
            project: self.plan.project.clone(),
            project_name: self.plan.project_name.clone(),
            environment: self.plan.environment.clone(),
            account: self.plan.account.clone(),
            manifest_digest: self.plan.manifest_digest.clone(),
            ledger: Some(LedgerState {
                lineage: ledger.lineage.clone(),
                serial: ledger.serial + 1,
            }),
        }
    }

    /// What takes a run back, typed where it was made: `undo` finds the plan of the project in the current folder.
    fn command(&self, plan: &Path) -> String {
        if !plan.starts_with(STATE_FOLDER) {
            return format!("apply {}", plan.display());
        }
        match self.run.given_environment() {
            Some(name) => format!("undo -e {name}"),
            None => "undo".to_owned(),
        }
    }
}

/// A path as people would type it: relative, where it lies below the current folder.
fn seen_from<'a>(here: &Path, path: &'a Path) -> &'a Path {
    path.strip_prefix(here).unwrap_or(path)
}
