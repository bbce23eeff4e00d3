//! The plan that takes an apply back, saved beside the ledger for `undo`.
//!
//! It is made of the journal: of all that was begun since the ledger was last stored, by the runs that died, too. So it is
//! made whenever the ledger is about to be stored, also by a run that had nothing left to do.

use std::path::Path;

use super::account::Account;
use super::applying::Applying;
use super::auditing::Audit;
use super::error::Error;
use super::execute::{released, settle};
use super::planning::plan_json;
use super::saved;
use super::stop::Stop;
use super::workspace::STATE_FOLDER;
use super::{Meaning, Run};
use crate::apply::{self, Outcome};
use crate::ledger::{Event, Session};
use crate::plan::{Header, LedgerState, Plan};

/// What is taken back.
pub(super) struct TakingBack<'a> {
    /// The run.
    pub(super) run: &'a Run,
    /// The account.
    pub(super) account: &'a Account,
    /// The plan that was carried out, where there is one.
    pub(super) plan: Option<&'a Plan>,
    /// The folder of the project, relative to the current one.
    pub(super) project: &'a str,
    /// The name of the project, if the project file has one.
    pub(super) project_name: Option<&'a str>,
}

impl TakingBack<'_> {
    /// Saves the plan, if this run or one that died did something. An apply does not fail without it. Whether the plan of
    /// an earlier run still is what there is to undo.
    pub(super) async fn save(&self, session: &Session, outcome: &Outcome) -> bool {
        let is_begun = |event: &Event| matches!(event, Event::Started { .. });
        if outcome.counts.applied == 0 && !session.events().iter().any(is_begun) {
            return true; // records that were brought up to date are no one's change
        }
        let asked = apply::Asked {
            seen: outcome.seen.as_ref(),
            plan: self.plan,
            guards: self.account.guards,
        };
        let header = self.header(session);
        let client = &self.account.client;
        let inverse = apply::rollback(client, session, asked, header).await;
        let path = self.account.ledger.rollback_path();
        let Some(inverse) = inverse.filter(|inverse| !inverse.is_empty()) else {
            return !self.remove_old(session, outcome, &path);
        };
        let written = saved::write_own(&path, &plan_json(&inverse));
        let path = seen_from(self.run.machine().here(), &path);
        self.run.note(&match written {
            Ok(()) => format!("To undo: campaignctl {}", self.command(path)),
            Err(error) => format!("The rollback plan was not saved: {}", error.message),
        });
        false
    }

    /// The plan of an earlier apply would take that one back, and people would think that it is this one. It stays where
    /// nothing was done. Whether something was.
    fn remove_old(&self, session: &Session, outcome: &Outcome, path: &Path) -> bool {
        let is_done = |event: &Event| matches!(event, Event::Finished { applied: true, .. });
        let is_done = outcome.counts.applied > 0 || session.events().iter().any(is_done);
        if is_done && std::fs::remove_file(path).is_ok() {
            self.run
                .note("It cannot be undone; the rollback plan of the apply before is removed.");
        }
        is_done
    }

    fn header(&self, session: &Session) -> Header {
        let machine = self.run.machine();
        let ledger = session.ledger();
        let digest = self.plan.map(|plan| plan.manifest_digest.clone());
        Header {
            id: machine.unique_id(),
            created_at: machine.now().to_string(),
            project: self.project.to_owned(),
            project_name: self.project_name.map(str::to_owned),
            environment: self.account.environment.clone(),
            account: self.account.id.clone(),
            manifest_digest: digest.unwrap_or_default(),
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

impl Applying<'_> {
    /// Brings a run to its end that died and that nobody resumed: finds out what became of its writes, saves the plan that
    /// takes them back, and stores the ledger. Nothing is written to the account.
    ///
    /// # Errors
    /// A ledger that is locked or cannot be stored; an account that cannot be read; an interruption; a run that died before
    /// it did anything.
    pub async fn close_killed(&self, mut stop: Stop) -> Result<(), Error> {
        let mut audit = Audit::open(self.audit, self.run, self.workspace, &self.account.id)?;
        let mut session = self.lock(&mut stop).await?;
        if session.begun().plan.is_none() {
            return released(session, Ok(())).await;
        }
        let settling = settle(self.run, self.account, &mut session, &mut audit);
        if let Err(error) = stop.interrupts(settling).await {
            return released(session, Err(error)).await;
        }
        let taking_back = TakingBack {
            run: self.run,
            account: self.account,
            plan: None,
            project: &self.workspace.shown_root,
            project_name: self.workspace.project.project.as_deref(),
        };
        let is_nothing = taking_back.save(&session, &Outcome::default()).await;
        Box::pin(session.commit()).await?;
        if is_nothing {
            let why = "the last run died before it changed anything: there is nothing to undo";
            let help = "`undo` once more takes back the apply before it";
            return Err(Error::new(Meaning::Invalid, why).help(help));
        }
        Ok(())
    }
}
