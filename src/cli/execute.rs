//! Carrying out a plan: progress, Ctrl-C, and the record in the ledger.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::account::Account;
use super::error::CliError;
use super::progress::Applying;
use super::ui::Ui;
use super::{Global, now};
use crate::apply::{self, Outcome};
use crate::ledger::{Holder, Session};
use crate::plan::{Plan, Verb};

/// A plan on its way.
pub(super) struct Execution<'a> {
    pub(super) ui: &'a Ui,
    pub(super) global: &'a Global,
    pub(super) account: &'a Account,
    pub(super) plan: &'a Plan,
    /// Whether the first failure stops steps that do not depend on it, too.
    pub(super) fail_fast: bool,
}

impl Execution<'_> {
    /// Carries the plan out, and records in the ledger what was done.
    ///
    /// # Errors
    /// A ledger that cannot be written. What happens on the account is in the outcome.
    pub(super) async fn run(&self, mut session: Session) -> Result<Outcome, CliError> {
        let ledger = session.ledger().clone();
        let cancelled = Arc::new(AtomicBool::new(false));
        let listener = listen(self.ui, &cancelled);
        let progress = Applying::new(self.ui, shown_steps(self.plan));
        let input = apply::Input {
            platform: &self.account.client,
            plan: self.plan,
            plan_id: &self.plan.id,
            ledger: &ledger,
            clock: now,
            cancelled: &cancelled,
            options: apply::Options {
                parallelism: usize::from(self.global.parallelism),
                fail_fast: self.fail_fast,
                ..apply::Options::default()
            },
        };
        let outcome = apply::run(&input, &mut session, &|event| progress.show(event)).await;
        progress.finish();
        listener.abort();
        session.commit()?;
        Ok(outcome)
    }
}

/// The steps that people are told of: bringing the ledger's records up to date goes without saying.
fn shown_steps(plan: &Plan) -> usize {
    let shown = plan.steps.iter().filter(|step| step.verb != Verb::Record);
    shown.count()
}

/// The first Ctrl-C stops between two steps; the steps under way end.
fn listen(ui: &Ui, cancelled: &Arc<AtomicBool>) -> tokio::task::JoinHandle<()> {
    let (ui, cancelled) = (ui.clone(), Arc::clone(cancelled));
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            ui.note("Stopping after the steps that are under way ..");
            cancelled.store(true, Ordering::SeqCst);
        }
    })
}

/// Who applies, for whoever finds the ledger locked.
pub(super) fn holder() -> Holder {
    let variable = |name| super::environment_variable(name).filter(|value| !value.is_empty());
    let user = variable("USER")
        .or_else(|| variable("USERNAME"))
        .unwrap_or_else(|| "somebody".to_owned());
    let host = variable("HOSTNAME").or_else(|| variable("COMPUTERNAME"));
    let host = host.map(|host| format!("@{host}")).unwrap_or_default();
    Holder {
        who: format!("{user}{host} (process {})", std::process::id()),
        since: now().to_string(),
    }
}
