//! What keeps a plan of a launch from being sent.

use jiff::{SignedDuration, Timestamp};

use super::connection::LaunchConnection;
use super::records::{manifest_digest, sent_before};
use super::seen::moved;
use super::sending::{SendingLaunch, other_service};
use super::{mark, reading};
use crate::launch::{self, MOST, ProactivePlan, SenderPlan, is_expired, survey};
use crate::live::Ledger;
use crate::run::account::Account;
use crate::run::kept::{self, Timing};
use crate::run::ledgers::account_of;
use crate::run::{Error, Meaning};
use crate::text::safe::line;

impl SendingLaunch<'_> {
    /// What speaks against sending the plan, before the account is asked: its own state, the files.
    ///
    /// # Errors
    /// A plan that was edited, is too old or was refused when it was made; files that moved.
    pub fn check_files(&self) -> Result<(), Error> {
        let plan = self.plan;
        let stale = |why: String| Error::new(Meaning::Stale, why).help("plan the launch again");
        if plan.key != self.key.id() {
            let why = "the plan was made with another key, so its recipients cannot be compared";
            return Err(stale(why.to_owned()).help(
                "set `CAMPAIGNCTL_LAUNCH_KEY` to the same text where you plan and where you send, or plan again here",
            ));
        }
        if launch::seal(plan, self.key) != plan.seal {
            return Err(stale("the plan was edited after it was made".to_owned()));
        }
        if is_expired(plan, self.run.machine().now()) {
            let why = format!("the plan expired at {}", plan.expires_at);
            return Err(stale(why));
        }
        if let Some(why) = plan.refusals.first() {
            let why = format!("the plan cannot be sent: {why}");
            return Err(Error::new(Meaning::Blocked, why));
        }
        if manifest_digest(self.resource) != plan.manifest_digest {
            let why = format!("{} was changed since it was planned", self.resource.key);
            return Err(stale(why));
        }
        if let SenderPlan::Proactive(section) = &plan.sender {
            self.check_recipients(section)?;
        }
        match kept::unkept(self.workspace, self.run.environment(), Timing::Records) {
            Some(unkept) => Err(Error::new(
                Meaning::Blocked,
                format!("{}, and with it the record of what was sent", unkept.why),
            )
            .help(unkept.help)),
            None => Ok(()),
        }
    }

    fn check_recipients(&self, section: &ProactivePlan) -> Result<(), Error> {
        let recipients = &section.recipients;
        let found = survey(
            reading(self.workspace, section)?,
            self.key,
            recipients.batch_size,
        );
        if found.fault_count == 0 && found.digest == recipients.digest {
            return Ok(());
        }
        let why = format!(
            "the recipients `{}` were changed since the launch was planned",
            line(&recipients.file)
        );
        Err(Error::new(Meaning::Stale, why).help("plan the launch again"))
    }

    /// Whether the account is as it was planned.
    ///
    /// # Errors
    /// Another account, a handoff or an audience that was changed, a launch that was sent.
    pub async fn check_account(&self, connection: &LaunchConnection) -> Result<(), Error> {
        let plan = self.plan;
        let (environment, id) = (
            self.run.environment(),
            account_of(self.run, self.workspace)?,
        );
        if environment != plan.environment || id != plan.account {
            let why = format!(
                "the plan was made for {} (account {}), and this is {} (account {})",
                plan.environment, plan.account, environment, id
            );
            return Err(Error::new(Meaning::Stale, why));
        }
        let ledger = connection.recorded(self.run, self.workspace).await?;
        self.check_record(&ledger)?;
        mark::check(self, &ledger)?;
        match (connection, &plan.sender) {
            (LaunchConnection::Proactive(account), SenderPlan::Proactive(section)) => {
                self.check_handoff(account, section, &ledger).await
            }
            (LaunchConnection::Clevertap(sender), SenderPlan::Clevertap(section)) => {
                self.check_audience(sender, section).await
            }
            _ => Err(other_service()),
        }
    }

    async fn check_handoff(
        &self,
        account: &Account,
        section: &ProactivePlan,
        ledger: &Ledger,
    ) -> Result<(), Error> {
        account.client.proactive_host()?;
        let moved = moved(self.run, account, section, self.resource, ledger).await?;
        match moved.first() {
            Some(why) => Err(Error::new(Meaning::Stale, why.clone()).help("plan the launch again")),
            None => Ok(()),
        }
    }

    pub(super) fn check_record(&self, ledger: &Ledger) -> Result<(), Error> {
        let record = ledger.launches.get(&self.plan.launch);
        match record.and_then(|record| sent_before(record, self.plan)) {
            Some(why) => Err(Error::new(Meaning::Stale, why)),
            None => Ok(()),
        }
    }

    /// Whether a batch would be more than the account takes in a day.
    pub(super) fn over_limit(&self, ledger: &Ledger, more: usize) -> Option<String> {
        let now = self.run.machine().now();
        let day = now.checked_sub(SignedDuration::from_hours(24)).ok()?;
        let ours = ledger.launches.values().filter(|it| it.sender.is_none());
        let batches = ours.flat_map(|it| it.batches.values());
        let of_today = batches.filter(|it| {
            let at: Option<Timestamp> = it.at.parse().ok();
            it.state.may_be_out() && at.is_some_and(|at| at > day)
        });
        let sent: usize = of_today.map(|it| it.count as usize).sum();
        (sent + more > MOST as usize).then(|| {
            format!(
                "{sent} recipients were sent to within 24 hours, and the platform takes {MOST} a day; the same command sends what is left tomorrow"
            )
        })
    }
}
