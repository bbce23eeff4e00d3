//! Guards at the time of applying: whoever made the plan and whenever, it is judged again right before its first
//! write, by the ledger that is locked, the manifests that were given or found, and the account of this moment.

use super::Run;
use super::account::Account;
use super::error::Error;
use super::manifests::Manifests;
use super::workspace::Workspace;
use crate::ledger::LedgerSession;
use crate::live::{Inventory, Ledger};
use crate::plan::{Now, Plan, Refusal, StalePlan, judge, judged_by, listed_only_now};
use crate::resolve::Desired;

/// What a plan is judged by besides the account.
#[derive(Clone, Copy)]
pub struct Judging<'a> {
    /// The run.
    pub run: &'a Run,
    /// The account.
    pub account: &'a Account,
    /// The manifests, where they were given or found.
    pub desired: Option<&'a Desired>,
}

impl Judging<'_> {
    /// Reads what the verdict depends on, and judges. A plan that takes nothing away costs no request.
    ///
    /// # Errors
    /// An account that cannot be read.
    pub async fn judge(&self, session: &LedgerSession, plan: &Plan) -> Result<Vec<Refusal>, Error> {
        let needs = judged_by(plan, Some(self.run.machine().now()));
        let inventory = if needs.kinds.is_empty() {
            Inventory::default()
        } else {
            self.account.read(self.run, &needs).await?
        };
        Ok(self.judge_by(session, plan, &inventory))
    }

    /// Judges by what was read.
    pub fn judge_by(
        &self,
        session: &LedgerSession,
        plan: &Plan,
        inventory: &Inventory,
    ) -> Vec<Refusal> {
        // Of a plan that an earlier run began, all counts: also what is done already.
        let is_resumed = session.begun().of(&plan.id).is_some();
        let before = if is_resumed {
            session.stored()
        } else {
            session.ledger()
        };
        judge(plan, &self.now(session, before, inventory))
    }

    /// What goes live by a saved plan only now; of one that an earlier run began, that is known from its steps.
    pub fn listed_only_now(
        &self,
        session: &LedgerSession,
        plan: &Plan,
        inventory: &Inventory,
    ) -> Vec<StalePlan> {
        if session.begun().of(&plan.id).is_some() {
            return Vec::new();
        }
        let before = session.ledger();
        listed_only_now(plan, &self.now(session, before, inventory))
    }

    fn now<'a>(
        &'a self,
        session: &'a LedgerSession,
        before: &'a Ledger,
        inventory: &'a Inventory,
    ) -> Now<'a> {
        Now {
            guards: self.account.guards,
            exclusive: self.account.prune.exclusive(),
            ledger: session.ledger(),
            before,
            inventory,
            desired: self.desired,
            now: Some(self.run.machine().now()),
        }
    }
}

/// The manifests of a project that a saved plan was made in, as far as they can be read: they are asked only for
/// what they protect, so that a mistake in one of them keeps no plan back.
pub fn found_manifests(run: &Run, workspace: &Workspace) -> Option<Manifests> {
    workspace.readable_manifests(run).ok()
}
