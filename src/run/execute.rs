//! Carrying out a plan: progress, Ctrl-C, and the record in the ledger.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::account::Account;
use super::auditing::{Audit, Audited};
use super::error::Error;
use super::going_on::{begun_of, is_in_journal, left_of};
use super::stop::{GivenUp, StopRequests, UnderWay, listen};
use super::taking_back::TakingBack;
use super::{Machine, Meaning, Run};
use crate::apply::{self, Outcome, recover};
use crate::ledger::{Holder, LedgerError, LedgerSession};
use crate::plan::{Plan, StepVerb};

/// A plan on its way.
pub struct Execution<'a> {
    /// The run.
    pub run: &'a Run,
    /// The account.
    pub account: &'a Account,
    /// The plan.
    pub plan: &'a Plan,
    /// Whether the first failure stops steps that do not depend on it, too.
    pub fail_fast: bool,
}

impl Execution<'_> {
    /// Carries the plan out. What happens on the account is in the outcome; beside it is whether the ledger
    /// could be written.
    ///
    /// # Errors
    /// The third request to stop: the run ends with writes under way, and the journal keeps what it knows.
    pub async fn run(
        &self,
        mut session: LedgerSession,
        mut audit: Audit,
        stop: StopRequests,
    ) -> Result<(Outcome, Result<(), Error>), Error> {
        let ledger = session.ledger().clone();
        let begun = begun_of(&session, self.plan);
        let is_resumed = is_in_journal(&session, self.plan);
        let applied = begun.map_or_else(BTreeSet::new, |begun| begun.applied);
        let cancelled = Arc::new(AtomicBool::new(false));
        let steps = self.run.news().applying(shown_steps(self.plan));
        let under_way = Arc::new(UnderWay::default());
        let (listener, given_up) = listen(self.run.news(), stop, &cancelled, &under_way);
        let input = apply::ApplyInput {
            platform: &self.account.client,
            plan: self.plan,
            plan_id: &self.plan.id,
            ledger: &ledger,
            applied: &applied,
            is_resumed,
            clock: self.run.machine().clock(),
            cancelled: &cancelled,
            options: apply::ApplyOptions {
                parallelism: self.run.parallelism(),
                fail_fast: self.fail_fast,
                ..apply::ApplyOptions::default()
            },
        };
        audit.carries_out(&self.plan.id);
        self.account.fenced_by(&session);
        let mut recorder = Audited {
            session: &mut session,
            audit: &mut audit,
        };
        let show = |event: apply::Progress<'_>| {
            under_way.note(&event);
            steps.show(&event);
        };
        let outcome = given_up
            .unless(apply::run(&input, &mut recorder, &show))
            .await;
        drop(steps);
        listener.abort();
        self.account.client.fence(None);
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(GivenUp) => return Err(self.give_up(session, &under_way.names()).await),
        };
        let recorded = self.end(session, &outcome).await;
        Ok((outcome, recorded.map_err(Error::from)))
    }

    /// Saves what takes the run back, notes how far the plan got, so that another run can resume it, and stores the ledger.
    async fn end(&self, mut session: LedgerSession, outcome: &Outcome) -> Result<(), LedgerError> {
        let taking_back = TakingBack {
            run: self.run,
            account: self.account,
            plan: self.plan,
        };
        taking_back.save(&session, outcome).await;
        let left = left_of(&session, self.plan);
        let noted = session.note_begun(left);
        let stored = Box::pin(session.commit()).await;
        noted.and(stored.map(drop))
    }

    /// Gives the lock back and leaves the journal to the next run, which finds out what became of each write.
    async fn give_up(&self, session: LedgerSession, open: &[String]) -> Error {
        let applied = session.begun().applied.len();
        let code = if applied == 0 {
            Meaning::Interrupted
        } else {
            Meaning::Partly
        };
        let message = format!(
            "stopped at once: {applied} of {} steps are done, and it is unknown whether these are: {}",
            shown_steps(self.plan),
            open.join(", ")
        );
        let help = "run the same `apply` again: it first finds out what happened to each write, and repeats none";
        let help = match Box::pin(session.release()).await {
            Ok(()) => help.to_owned(),
            Err(error) => format!("{help} (the lock could not be given back: {error})"),
        };
        Error::new(code, message).help(help)
    }
}

/// The steps that people are told of: bringing the ledger's records up to date goes without saying.
fn shown_steps(plan: &Plan) -> usize {
    let shown = plan
        .steps
        .iter()
        .filter(|step| step.verb != StepVerb::Record);
    shown.count()
}

/// Finds out what a run that died left open, and writes it down.
///
/// # Errors
/// An account that cannot be read, an object of which nobody can tell whether it was created, and an audit log that
/// cannot be written.
pub async fn settle(
    run: &Run,
    account: &Account,
    session: &mut LedgerSession,
    audit: &mut Audit,
) -> Result<(), Error> {
    if session.begun().plan.is_some() {
        run.note(
            "An earlier run did not finish; this run first finds out what became of its writes.",
        );
    }
    let found = recover(&account.client, session.ledger()).await?;
    audit.recovered(session.events(), &found)?;
    for event in found {
        session.record(event)?;
    }
    Ok(())
}

/// Gives the lock of a session back that recorded nothing.
///
/// # Errors
/// That of `result`, else a lock that stays behind.
pub async fn released<T>(session: LedgerSession, result: Result<T, Error>) -> Result<T, Error> {
    let released = Box::pin(session.release()).await;
    let value = result?;
    released?;
    Ok(value)
}

/// Asks for a yes without holding up Ctrl-C. `None` when there is nobody to ask.
///
/// # Errors
/// A terminal that goes away.
pub async fn ask(run: &Run, question: String) -> Result<Option<bool>, Error> {
    let news = Arc::clone(run.news());
    let asking = tokio::task::spawn_blocking(move || news.confirm(&question));
    asking
        .await
        .map_err(|error| Error::new(Meaning::Failed, error.to_string()))
}

/// Who applies, for whoever finds the ledger locked.
pub fn holder(machine: &Machine) -> Holder {
    let variable = |name| machine.variable(name).filter(|value| !value.is_empty());
    let user = variable("USER")
        .or_else(|| variable("USERNAME"))
        .unwrap_or_else(|| "an unknown user".to_owned());
    let host = variable("HOSTNAME").or_else(|| variable("COMPUTERNAME"));
    let host = host.map(|host| format!("@{host}")).unwrap_or_default();
    Holder {
        who: format!("{user}{host} (process {})", machine.process()),
        since: machine.now().to_string(),
    }
}
