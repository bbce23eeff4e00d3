//! Guards at the time of applying: whoever made the plan and whenever, it is judged again right before its first
//! write, by the ledger that is locked, the manifests that were given or found, and the account of this moment.

use super::Global;
use super::account::Account;
use super::error::CliError;
use super::manifests::Manifests;
use super::ui::Ui;
use super::workspace::{Workspace, today};
use crate::ledger::Session;
use crate::live::Inventory;
use crate::plan::{Now, Plan, Refusal, judge, judged_by};
use crate::resolve::Desired;

/// What a plan is judged by besides the account.
#[derive(Clone, Copy)]
pub(super) struct Judging<'a> {
    pub(super) ui: &'a Ui,
    pub(super) global: &'a Global,
    pub(super) account: &'a Account,
    /// The manifests, where they were given or found.
    pub(super) desired: Option<&'a Desired>,
}

impl Judging<'_> {
    /// Reads what the verdict depends on, and judges. A plan that takes nothing away costs no request.
    ///
    /// # Errors
    /// An account that cannot be read.
    pub(super) async fn judge(
        &self,
        session: &Session,
        plan: &Plan,
    ) -> Result<Vec<Refusal>, CliError> {
        let needs = judged_by(plan, Some(today()));
        let inventory = if needs.kinds.is_empty() {
            Inventory::default()
        } else {
            self.account.read(self.ui, self.global, &needs).await?
        };
        Ok(self.judge_by(session, plan, &inventory))
    }

    /// Judges by what was read.
    pub(super) fn judge_by(
        &self,
        session: &Session,
        plan: &Plan,
        inventory: &Inventory,
    ) -> Vec<Refusal> {
        // Of a plan that an earlier run began, all counts: also what is done already.
        let is_resumed = session.begun().plan.as_deref() == Some(&plan.id);
        let before = if is_resumed {
            session.stored()
        } else {
            session.ledger()
        };
        let now = Now {
            guards: self.account.guards,
            exclusive: self.account.prune.exclusive(),
            ledger: session.ledger(),
            before,
            inventory,
            desired: self.desired,
            today: Some(today()),
        };
        judge(plan, &now)
    }
}

/// The manifests of a project that a saved plan was made in, as far as they can be read: they are asked only for
/// what they protect, so that a mistake in one of them keeps no plan back.
pub(super) fn found_manifests(
    ui: &Ui,
    workspace: &Workspace,
    global: &Global,
) -> Option<Manifests> {
    workspace.readable_manifests(ui, global).ok()
}
