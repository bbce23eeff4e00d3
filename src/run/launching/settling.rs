//! A person's word on batches whose answers were lost: only a person can look at what the platform did with them. A word that
//! was wrong is corrected by another one.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::{REQUESTS_A_SECOND, clevertap};
use crate::kinds::KindId;
use crate::ledger::{JournalEvent, LedgerSession};
use crate::live::{BatchRecord, BatchState, LaunchRecord, Ledger, SettledBatch};
use crate::manifest::Key;
use crate::name::Name;
use crate::run::account::Account;
use crate::run::auditing::Audit;
use crate::run::clevertap::CleverTapAccount;
use crate::run::execute::{holder, released};
use crate::run::ledgers::{account_of, ledger_of, lock_within};
use crate::run::{Error, Meaning, Run, StopRequests, Workspace};
use crate::{api, audit};

/// What a person found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettlementWord {
    /// It was sent, as this proactive campaign where that is known.
    Sent(Option<String>),
    /// Nothing went out.
    NotSent,
}

/// Batches that a person found out about.
pub struct Settling<'a> {
    /// The run.
    pub run: &'a Run,
    /// The project.
    pub workspace: &'a Workspace,
    /// The name of the launch.
    pub launch: &'a str,
    /// The numbers of the batches.
    pub batches: &'a [u32],
    /// What became of them.
    pub word: &'a SettlementWord,
    /// The file of the audit log, instead of that of the environment.
    pub audit: Option<&'a Path>,
}

/// What a person's word did.
pub struct SettledOutcome {
    /// What is known of the launch now.
    pub record: LaunchRecord,
    /// Why the platform was not asked for the campaign, where it could not be.
    pub unchecked: Option<String>,
}

impl Settling<'_> {
    /// Writes down what became of the batches, and who says so: all of them, or none.
    ///
    /// # Errors
    /// A launch or a batch that is known already; a campaign that the platform does not find, or of another size; a ledger
    /// that is locked, as it is while the launch is being sent.
    pub async fn settle(&self) -> Result<SettledOutcome, Error> {
        let account = account_of(self.run, self.workspace)?;
        let mut audit = Audit::open(self.audit, self.run, self.workspace, &account)?;
        let ledger = ledger_of(self.run, self.workspace)?;
        let mut stop = StopRequests::never();
        let lock = lock_within(self.run, self.workspace, &ledger, Duration::ZERO, &mut stop);
        let mut session = lock.await?;
        let open = match self.open(session.ledger()) {
            Ok(open) => open,
            Err(error) => return released(session, Err(error)).await,
        };
        let unchecked = match self.check(session.ledger(), &open).await {
            Ok(unchecked) => unchecked,
            Err(error) => return released(session, Err(error)).await,
        };
        if let Err(error) = self.write(&mut session, &mut audit, open) {
            return released(session, Err(error)).await;
        }
        let mut ledger = session.commit().await?;
        let record = ledger.launches.remove(self.launch).unwrap_or_default();
        Ok(SettledOutcome { record, unchecked })
    }

    /// The batches that are meant: all of them open, or settled in another way.
    fn open(&self, ledger: &Ledger) -> Result<Vec<(u32, BatchRecord)>, Error> {
        let launch = ledger.launches.get(self.launch);
        let launch = launch.ok_or_else(|| {
            let (name, environment) = (self.launch, self.run.environment());
            let why = format!("nothing of a launch `{name}` was sent from {environment}");
            Error::new(Meaning::NotFound, why)
                .help("`campaignctl launch list` lists those of which something was sent")
        })?;
        let mut found = Vec::new();
        for number in self.batches {
            let known = launch.batches.get(number);
            let Some(batch) = known.filter(|it| it.is_open() || it.settled.is_some()) else {
                let why = format!(
                    "it is known what became of batch {number} of `{}`, or it was not tried",
                    self.launch
                );
                let open = launch.batches.iter().filter(|(_, it)| it.is_open());
                let numbers: Vec<String> = open.map(|(number, _)| number.to_string()).collect();
                return Err(Error::invalid(why).help(if numbers.is_empty() {
                    "no batch of it is open".to_owned()
                } else {
                    format!("open are: {}", numbers.join(", "))
                }));
            };
            self.may_settle(*number, batch)?;
            found.push((*number, batch.clone()));
        }
        Ok(found)
    }

    /// Whether the word can be true of a batch, and says something new.
    fn may_settle(&self, number: u32, batch: &BatchRecord) -> Result<(), Error> {
        let is_answered = batch.state == BatchState::Sent && batch.settled.is_none();
        if is_answered && *self.word == SettlementWord::NotSent {
            let why = format!("batch {number} was sent: some of its recipients were accepted");
            return Err(Error::invalid(why).help(
                "those that did not get it are sent to by a launch of their own, with their lines alone",
            ));
        }
        if let (SettlementWord::NotSent, Some(campaign)) = (self.word, &batch.campaign) {
            let why =
                format!("batch {number} is the campaign `{campaign}`: something of it was sent");
            return Err(Error::invalid(why).help(
                "if the campaign is another send, settle the batch with `--sent` alone first",
            ));
        }
        if batch.settled.is_some() && (batch.state, &batch.campaign) == self.outcome() {
            let why = format!("batch {number} is settled so already");
            return Err(Error::invalid(why).help("`launch status` shows who said so"));
        }
        Ok(())
    }

    /// The state and the campaign of a batch by the word.
    fn outcome(&self) -> (BatchState, &Option<String>) {
        match self.word {
            SettlementWord::Sent(campaign) => (BatchState::Sent, campaign),
            SettlementWord::NotSent => (BatchState::Refused, &None),
        }
    }

    /// Asks the platform for the campaign that a batch is said to be. Returns why it could not be asked.
    async fn check(
        &self,
        ledger: &Ledger,
        open: &[(u32, BatchRecord)],
    ) -> Result<Option<String>, Error> {
        let SettlementWord::Sent(Some(campaign)) = self.word else {
            return Ok(None);
        };
        let [(number, batch)] = open else {
            return Err(
                Error::invalid("a campaign is one batch").help("settle the others one by one")
            );
        };
        let is_other = |launch: &str, it: u32| (launch, it) != (self.launch, *number);
        for (launch, record) in &ledger.launches {
            let mut batches = record.batches.iter();
            let owner = batches.find(|(_, it)| it.campaign.as_ref() == Some(campaign));
            if let Some((other, _)) = owner.filter(|(other, _)| is_other(launch, **other)) {
                let why = format!("the campaign `{campaign}` is batch {other} of `{launch}`");
                return Err(Error::invalid(why));
            }
        }
        let is_clevertap = ledger
            .launches
            .get(self.launch)
            .is_some_and(|it| it.sender.is_some());
        match self.count(is_clevertap, campaign).await {
            Ok(CampaignMessages::Nothing) => {
                let why = format!("the platform has no campaign `{campaign}`");
                Err(Error::new(Meaning::NotFound, why)
                    .help("leave `--campaign` out if its id is not known"))
            }
            Ok(CampaignMessages::Messages(count)) if count > u64::from(batch.count) => {
                let why = format!(
                    "the campaign `{campaign}` has {count} messages, and batch {number} has {} recipients",
                    batch.count
                );
                Err(Error::invalid(why).help("it is another send"))
            }
            Ok(_) => Ok(None),
            Err(error) => Ok(Some(error.message)),
        }
    }

    /// How many messages a campaign has.
    async fn count(&self, is_clevertap: bool, campaign: &str) -> Result<CampaignMessages, Error> {
        if is_clevertap {
            let sender = CleverTapAccount::connect(self.run, self.workspace).await?;
            let answer = sender.client.result(campaign).await;
            sender.close().await;
            return match answer {
                Err(error) if clevertap::is_unknown(&error) => Ok(CampaignMessages::Nothing),
                answer => Ok(answer.map(|_| CampaignMessages::Uncounted)?),
            };
        }
        let account = Account::connect_within(self.run, self.workspace, REQUESTS_A_SECOND).await?;
        let answer = account.client.proactive_conversations(campaign).await;
        account.close().await;
        match answer {
            Err(api::ApiError::NotFound(_)) => Ok(CampaignMessages::Nothing),
            answer => {
                let answer = answer?;
                let all = answer.get("conversations").and_then(Value::as_array);
                Ok(all.map_or(CampaignMessages::Uncounted, |all| {
                    CampaignMessages::Messages(all.len() as u64)
                }))
            }
        }
    }

    fn write(
        &self,
        session: &mut LedgerSession,
        audit: &mut Audit,
        open: Vec<(u32, BatchRecord)>,
    ) -> Result<(), Error> {
        let machine = self.run.machine();
        let by = holder(machine).who;
        let at = format!("{:.0}", machine.now());
        let key = key_of(self.launch);
        for (batch, record) in open {
            let corrects = record.settled.as_ref().map(|it| {
                let word = word_of(record.state);
                format!("{word}, as {} said at {}", it.by, it.at)
            });
            let mut reason = format!("settled by {by}");
            if let Some(before) = &corrects {
                reason = format!("{reason}, who corrects: {before}");
            }
            let settled = SettledBatch {
                by: by.clone(),
                at: at.clone(),
                corrects,
            };
            let record = BatchRecord {
                settled: Some(settled),
                ..self.settled(record)
            };
            let outcome = match self.word {
                SettlementWord::Sent(_) => audit::WriteOutcome::Found,
                SettlementWord::NotSent => audit::WriteOutcome::Failed,
            };
            if let Some(key) = &key {
                audit.of_batch(key, batch, (&record.name, outcome, Some(reason)))?;
            }
            session.record(JournalEvent::LaunchBatch {
                launch: self.launch.to_owned(),
                batch,
                record: Box::new(record),
            })?;
        }
        Ok(())
    }

    fn settled(&self, record: BatchRecord) -> BatchRecord {
        let (state, campaign) = self.outcome();
        let refused = u32::try_from(record.failed.len()).unwrap_or(u32::MAX);
        let is_sent = state == BatchState::Sent;
        let is_answered = record.state == BatchState::Sent && record.settled.is_none();
        BatchRecord {
            state,
            accepted: if is_sent {
                record.count.saturating_sub(refused)
            } else {
                0
            },
            campaign: match campaign {
                None if is_answered => record.campaign,
                campaign => campaign.clone(),
            },
            unknown: Vec::new(),
            ..record
        }
    }
}

/// What the platform says of a campaign.
enum CampaignMessages {
    /// It has none of this id.
    Nothing,
    /// It has so many messages.
    Messages(u64),
    /// It does not say how many.
    Uncounted,
}

/// The word for what became of a batch.
fn word_of(state: BatchState) -> &'static str {
    match state {
        BatchState::Sent => "sent",
        _ => "not sent",
    }
}

/// The key of the manifest of a launch, whether it is still there or not.
fn key_of(launch: &str) -> Option<Key> {
    let kind = KindId::manifests().find(|kind| kind.def().is_launch)?;
    let name = Name::new(launch).ok()?;
    Some(Key { kind, name })
}
