//! What a launch is sent through: the account, or a CleverTap account.

use super::REQUESTS_A_SECOND;
use crate::launch::{LaunchPlan, SenderPlan};
use crate::ledger::LedgerSession;
use crate::live::Ledger;
use crate::run::account::{Account, fence_of};
use crate::run::clevertap::CleverTapAccount;
use crate::run::ledgers::ledger_of;
use crate::run::{Error, Run, Workspace};

/// What a launch is sent through.
pub enum LaunchConnection {
    /// The account, which has Proactive Messaging.
    Proactive(Box<Account>),
    /// A CleverTap account. The account itself is not asked.
    Clevertap(Box<CleverTapAccount>),
}

impl LaunchConnection {
    /// Connects to what a plan is sent through, no faster than the service takes requests.
    ///
    /// # Errors
    /// As [`Account::connect`]; an environment without a CleverTap account, or credentials that are not there.
    pub async fn open(run: &Run, workspace: &Workspace, plan: &LaunchPlan) -> Result<Self, Error> {
        Ok(match &plan.sender {
            SenderPlan::Proactive(_) => {
                let account = Account::connect_within(run, workspace, REQUESTS_A_SECOND).await?;
                Self::Proactive(Box::new(account))
            }
            SenderPlan::Clevertap(_) => {
                Self::Clevertap(Box::new(CleverTapAccount::connect(run, workspace).await?))
            }
        })
    }

    /// The ledger as it is, with what an apply that died left open settled where the account can be asked.
    pub(super) async fn recorded(&self, run: &Run, workspace: &Workspace) -> Result<Ledger, Error> {
        match self {
            Self::Proactive(account) => Ok(account.recorded(run).await?.ledger),
            Self::Clevertap(_) => {
                let ledger = ledger_of(run, workspace)?;
                Ok(ledger.load(&run.machine().unique_id()).await?.ledger)
            }
        }
    }

    /// Has the lock of a session asked for before each write from now on, where it can be lost; `None` ends it.
    pub(super) fn fenced_by(&self, session: Option<&LedgerSession>) {
        let fence = session.and_then(fence_of);
        match self {
            Self::Proactive(account) => account.client.fence(fence),
            Self::Clevertap(sender) => sender.client.fence(fence),
        }
    }

    /// Ends the sandbox, if there is one.
    pub async fn close(self) {
        match self {
            Self::Proactive(account) => account.close().await,
            Self::Clevertap(sender) => sender.close().await,
        }
    }
}
