//! Sending a launch: batch by batch, each at most once.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::approving::Approval;
use super::connection::LaunchConnection;
use super::records::is_settled;
use super::{mark, reading};
use crate::api::{self, WriteFate};
use crate::audit::WriteOutcome;
use crate::launch::{
    self, Answered, Batches, ClevertapPlan, DigestKey, LaunchPlan, ProactivePlan, Recipient,
    SenderPlan, without_personal,
};
use crate::ledger::{JournalEvent, LedgerSession};
use crate::live::{BatchRecord, BatchState, CLEVERTAP, LaunchRecord, ListRecord};
use crate::resolve::Resource;
use crate::run::account::Account;
use crate::run::auditing::Audit;
use crate::run::execute::{holder, released, settle};
use crate::run::ledgers::{ledger_of, lock_within};
use crate::run::{Error, Meaning, Run, StopRequests, Workspace};

/// After so many lost answers in a row the service is down, and the launch pauses.
const LOST_IN_A_ROW: u32 = 3;

/// A plan that is to be sent.
pub struct SendingLaunch<'a> {
    /// The run.
    pub run: &'a Run,
    /// The project.
    pub workspace: &'a Workspace,
    /// The plan.
    pub plan: &'a LaunchPlan,
    /// The file of the plan: what was sent is marked beside it.
    pub file: &'a Path,
    /// The manifest of the launch, as it is now.
    pub resource: &'a Resource,
    /// The key of recipients.
    pub key: &'a DigestKey,
    /// The file of the audit log, instead of that of the environment.
    pub audit: Option<&'a Path>,
    /// How long to wait for another run that holds the ledger.
    pub lock_timeout: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct EndedLaunch {
    /// What was sent.
    pub record: LaunchRecord,
    /// Why it ended before the last batch.
    pub why: Option<(Meaning, String)>,
}

impl SendingLaunch<'_> {
    /// Connects to what the launch is sent through.
    ///
    /// # Errors
    /// As [`LaunchConnection::open`].
    pub async fn connect(&self) -> Result<LaunchConnection, Error> {
        LaunchConnection::open(self.run, self.workspace, self.plan).await
    }

    /// Sends what is left of the launch.
    ///
    /// # Errors
    /// A ledger that is locked or cannot be written, an audit log that cannot be written. What was sent is recorded.
    pub async fn send(
        &self,
        connection: &LaunchConnection,
        approval: &Approval,
        mut stop: StopRequests,
    ) -> Result<EndedLaunch, Error> {
        let mut audit = Audit::open(self.audit, self.run, self.workspace, &self.plan.account)?;
        audit.carries_out(&self.plan.id);
        let mut session = self.lock(&mut stop).await?;
        if let Err(error) = self
            .begin(connection, &mut session, &mut audit, approval)
            .await
        {
            return released(session, Err(error)).await;
        }
        mark::leave(self);
        connection.fenced_by(Some(&session));
        let cancelled = listen(self.run, stop);
        let ended = match (connection, &self.plan.sender) {
            (LaunchConnection::Proactive(account), SenderPlan::Proactive(section)) => {
                self.batches((account, section), &mut session, &mut audit, &cancelled.0)
                    .await
            }
            (LaunchConnection::Clevertap(sender), SenderPlan::Clevertap(section)) => {
                self.make((sender, section), &mut session, &mut audit).await
            }
            _ => Err(other_service()),
        };
        cancelled.1.abort();
        connection.fenced_by(None);
        let (why, failed) = match ended {
            Ok(why) => (why, None),
            Err(error) => (None, Some(error)),
        };
        let launch = self.plan.launch.clone();
        let over = session.record(JournalEvent::LaunchEnded { launch });
        let ledger = session.commit().await;
        if let Some(error) = failed {
            return Err(error);
        }
        over?;
        let record = ledger?
            .launches
            .remove(&self.plan.launch)
            .unwrap_or_default();
        Ok(EndedLaunch { record, why })
    }

    pub(super) fn now(&self) -> String {
        format!("{:.0}", self.run.machine().now())
    }

    async fn lock(&self, stop: &mut StopRequests) -> Result<LedgerSession, Error> {
        lock_within(
            self.run,
            self.workspace,
            &ledger_of(self.run, self.workspace)?,
            self.lock_timeout,
            stop,
        )
        .await
    }

    /// Writes down that the launch is being sent, and what a run that died left open.
    async fn begin(
        &self,
        connection: &LaunchConnection,
        session: &mut LedgerSession,
        audit: &mut Audit,
        approval: &Approval,
    ) -> Result<(), Error> {
        if let LaunchConnection::Proactive(account) = connection {
            settle(self.run, account, session, audit).await?;
        }
        self.check_record(session.ledger())?;
        let plan = self.plan;
        if let Some(record) = session.ledger().launches.get(&plan.launch) {
            let intents = record.batches.iter();
            let intents = intents.filter(|(_, it)| it.state == BatchState::Intent);
            let intents: Vec<(u32, BatchRecord)> =
                intents.map(|(batch, it)| (*batch, it.clone())).collect();
            for (batch, record) in intents {
                let why = "the run died before the answer came";
                self.ended(session, audit, batch, unknown(record, why.to_owned()))?;
            }
        }
        let now = self.now();
        let by = holder(self.run.machine()).who;
        session.record(JournalEvent::LaunchBegun {
            launch: plan.launch.clone(),
            record: Box::new(LaunchRecord {
                plans: vec![plan.id.clone()],
                at: now,
                open: Some(by.clone()),
                by,
                sender: self.clevertap().map(|_| CLEVERTAP.to_owned()),
                channel: self.clevertap().map(|section| section.channel.clone()),
                draft: plan.is_draft(),
                approved_by: match approval {
                    Approval::By(name) => Some(name.clone()),
                    Approval::Asked | Approval::Declined => None,
                },
                recipients: plan.digest().to_owned(),
                count: plan.count(),
                of: plan.requests(),
                list: self.list(),
                ..LaunchRecord::default()
            }),
        })?;
        Ok(())
    }

    /// Sends one batch after the other. Returns why it ended before the last one.
    async fn batches(
        &self,
        (account, section): (&Account, &ProactivePlan),
        session: &mut LedgerSession,
        audit: &mut Audit,
        cancelled: &AtomicBool,
    ) -> Result<Option<(Meaning, String)>, Error> {
        let plan = self.plan;
        let total = section.recipients.count as usize;
        let counting = self.run.news().counting(total, "recipients");
        let batches = Batches::new(
            reading(self.workspace, section)?,
            self.key.clone(),
            section.recipients.batch_size,
        );
        let (mut done, mut lost) = (0, 0);
        let mut expected = section.recipients.batches.iter();
        for (batch, found) in (1_u32..).zip(batches) {
            let moved = || {
                Error::new(
                    Meaning::Stale,
                    "the recipients were changed while they were sent",
                )
            };
            let (recipients, digest) = found.map_err(|_| moved())?;
            if expected.next() != Some(&digest) {
                return Err(moved());
            }
            done += recipients.len();
            if is_settled(session.ledger().launches.get(&plan.launch), batch) {
                continue;
            }
            if cancelled.load(Ordering::SeqCst) {
                let why = "interrupted; the same command sends what is left";
                return Ok(Some((Meaning::Interrupted, why.to_owned())));
            }
            if let Some(why) = self.over_limit(session.ledger(), recipients.len()) {
                return Ok(Some((Meaning::Throttled, why)));
            }
            let sent = self.batch((account, section), session, audit, batch, &recipients);
            let state = sent.await?;
            counting.done(done);
            match state {
                (BatchState::Unknown, why) => {
                    lost += 1;
                    if lost >= LOST_IN_A_ROW {
                        let why = format!("{lost} answers in a row were lost, the last one: {why}");
                        return Ok(Some((Meaning::Failed, why)));
                    }
                }
                (BatchState::Refused, why) => return Ok(Some((Meaning::Failed, why))),
                (BatchState::Sent | BatchState::Intent, _) => lost = 0,
            }
        }
        Ok(None)
    }

    /// Sends a batch: the intent is on the disk first, and what came of it is there before the next one.
    async fn batch(
        &self,
        (account, section): (&Account, &ProactivePlan),
        session: &mut LedgerSession,
        audit: &mut Audit,
        batch: u32,
        recipients: &[Recipient],
    ) -> Result<(BatchState, String), Error> {
        let name = self.plan.name_of(batch);
        let line_of = |it: Option<&Recipient>| it.map_or(0, |it| it.line);
        let lines = (line_of(recipients.first()), line_of(recipients.last()));
        let count = u32::try_from(recipients.len()).unwrap_or(u32::MAX);
        let intent = BatchRecord::intent(self.now(), name.clone(), lines, count);
        self.intended(session, audit, batch, intent.clone()).await?;
        let body = launch::request(section, &name, recipients);
        let answer = account.client.send_proactive(&body).await;
        let record = came_of(intent, answer, recipients);
        let told = (record.state, record.reason.clone().unwrap_or_default());
        self.ended(session, audit, batch, record)?;
        Ok(told)
    }

    /// Writes down that a request is about to go out: it is on the disk when this returns.
    pub(super) async fn intended(
        &self,
        session: &mut LedgerSession,
        audit: &mut Audit,
        batch: u32,
        intent: BatchRecord,
    ) -> Result<(), Error> {
        audit.of_batch(
            &self.resource.key,
            batch,
            (&intent.name, WriteOutcome::Begun, None),
        )?;
        self.record(session, batch, intent)?;
        Ok(session.durable().await?)
    }

    /// Where the recipients are.
    fn list(&self) -> Option<ListRecord> {
        let SenderPlan::Proactive(section) = &self.plan.sender else {
            return None;
        };
        let recipients = &section.recipients;
        Some(ListRecord {
            file: recipients.file.clone(),
            consumer: recipients.consumer.clone(),
            variables: recipients.variables.clone(),
            batch_size: recipients.batch_size,
        })
    }

    fn clevertap(&self) -> Option<&ClevertapPlan> {
        match &self.plan.sender {
            SenderPlan::Proactive(_) => None,
            SenderPlan::Clevertap(section) => Some(section),
        }
    }

    fn record(
        &self,
        session: &mut LedgerSession,
        batch: u32,
        record: BatchRecord,
    ) -> Result<(), Error> {
        let launch = self.plan.launch.clone();
        let record = Box::new(record);
        Ok(session.record(JournalEvent::LaunchBatch {
            launch,
            batch,
            record,
        })?)
    }

    /// Writes down what came of a request.
    pub(super) fn ended(
        &self,
        session: &mut LedgerSession,
        audit: &mut Audit,
        batch: u32,
        record: BatchRecord,
    ) -> Result<(), Error> {
        let outcome = match record.state {
            BatchState::Sent => WriteOutcome::Applied,
            BatchState::Refused => WriteOutcome::Failed,
            BatchState::Unknown | BatchState::Intent => WriteOutcome::Unknown,
        };
        let (name, reason) = (record.name.clone(), record.reason.clone());
        self.record(session, batch, record)?;
        audit.of_batch(&self.resource.key, batch, (&name, outcome, reason))?;
        Ok(())
    }
}

/// A plan of another service than the one that is connected.
pub(super) fn other_service() -> Error {
    Error::new(Meaning::Stale, "the plan is for another service").help("plan the launch again")
}

/// A record whose request may have taken effect, or not.
pub(super) fn unknown(record: BatchRecord, why: String) -> BatchRecord {
    BatchRecord {
        state: BatchState::Unknown,
        reason: Some(why),
        ..record
    }
}

/// What an answer, or its absence, says of a batch.
fn came_of(
    intent: BatchRecord,
    answer: Result<serde_json::Value, api::ApiError>,
    recipients: &[Recipient],
) -> BatchRecord {
    let error = match answer {
        Ok(answer) => match Answered::of(&answer, recipients) {
            Some(answered) => {
                return BatchRecord {
                    state: BatchState::Sent,
                    campaign: Some(answered.campaign),
                    accepted: answered.accepted,
                    failed: answered.failed,
                    unknown: answered.unknown,
                    by_position: answered.by_position,
                    ..intent
                };
            }
            None => return unknown(intent, "the answer has not the documented shape".to_owned()),
        },
        Err(error) => error,
    };
    let why = without_personal(&error.to_string(), recipients);
    match error.fate() {
        WriteFate::Unknown => unknown(intent, why),
        WriteFate::Refused
        | WriteFate::Stale
        | WriteFate::BudgetSpent
        | WriteFate::Unauthorized => BatchRecord {
            state: BatchState::Refused,
            reason: Some(why),
            ..intent
        },
    }
}

/// Sets a flag at the first request to stop.
fn listen(run: &Run, mut stop: StopRequests) -> (Arc<AtomicBool>, tokio::task::JoinHandle<()>) {
    let cancelled = Arc::new(AtomicBool::new(false));
    let (flag, news) = (Arc::clone(&cancelled), Arc::clone(run.news()));
    let listener = tokio::spawn(async move {
        stop.wanted().await;
        news.note("Stopping after the batch that is on its way ..");
        flag.store(true, Ordering::SeqCst);
    });
    (cancelled, listener)
}
