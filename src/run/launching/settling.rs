//! A person's word on batches whose answers were lost: only a person can look at what the platform did with them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::audit::Outcome;
use crate::kinds::KindId;
use crate::ledger::{Event, Session};
use crate::live::{BatchRecord, BatchState, LaunchRecord, Settled};
use crate::manifest::Key;
use crate::name::Name;
use crate::run::auditing::Audit;
use crate::run::execute::{holder, released};
use crate::run::ledgers::{account_of, ledger_of, lock_within};
use crate::run::{Error, Meaning, Run, Stop, Workspace};

/// What a person found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
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
    pub word: &'a Word,
    /// The file of the audit log, instead of that of the environment.
    pub audit: Option<&'a Path>,
}

impl Settling<'_> {
    /// Writes down what became of the batches, and who says so: all of them, or none.
    ///
    /// # Errors
    /// A launch or a batch that is not open; a ledger that is locked, as it is while the launch is being sent.
    pub async fn settle(&self) -> Result<LaunchRecord, Error> {
        let account = account_of(self.run, self.workspace)?;
        let mut audit = Audit::open(self.audit, self.run, self.workspace, &account)?;
        let ledger = ledger_of(self.run, self.workspace)?;
        let mut stop = Stop::never();
        let lock = lock_within(self.run, self.workspace, &ledger, Duration::ZERO, &mut stop);
        let mut session = lock.await?;
        let open = match self.open(&session) {
            Ok(open) => open,
            Err(error) => return released(session, Err(error)).await,
        };
        if let Err(error) = self.write(&mut session, &mut audit, open) {
            return released(session, Err(error)).await;
        }
        let mut ledger = session.commit().await?;
        Ok(ledger.launches.remove(self.launch).unwrap_or_default())
    }

    /// The batches that are meant, all of them open.
    fn open(&self, session: &Session) -> Result<Vec<(u32, BatchRecord)>, Error> {
        let launch = session.ledger().launches.get(self.launch);
        let launch = launch.ok_or_else(|| {
            let (name, environment) = (self.launch, self.run.environment());
            let why = format!("nothing of a launch `{name}` was sent from {environment}");
            Error::new(Meaning::NotFound, why)
                .help("`campaignctl launch list` lists those of which something was sent")
        })?;
        let is_open =
            |it: &BatchRecord| matches!(it.state, BatchState::Unknown | BatchState::Intent);
        let open = launch.batches.iter().filter(|(_, it)| is_open(it));
        let open: BTreeMap<u32, &BatchRecord> = open.map(|(number, it)| (*number, it)).collect();
        let mut found = Vec::new();
        for number in self.batches {
            let Some(batch) = open.get(number) else {
                let why = format!(
                    "it is known what became of batch {number} of `{}`, or it was not tried",
                    self.launch
                );
                let numbers: Vec<String> = open.keys().map(ToString::to_string).collect();
                return Err(Error::invalid(why).help(if numbers.is_empty() {
                    "no batch of it is open".to_owned()
                } else {
                    format!("open are: {}", numbers.join(", "))
                }));
            };
            found.push((*number, (*batch).clone()));
        }
        Ok(found)
    }

    fn write(
        &self,
        session: &mut Session,
        audit: &mut Audit,
        open: Vec<(u32, BatchRecord)>,
    ) -> Result<(), Error> {
        let machine = self.run.machine();
        let settled = Settled {
            by: holder(machine).who,
            at: format!("{:.0}", machine.now()),
        };
        let key = key_of(self.launch);
        for (batch, record) in open {
            let record = BatchRecord {
                settled: Some(settled.clone()),
                ..self.settled(record)
            };
            let outcome = match self.word {
                Word::Sent(_) => Outcome::Found,
                Word::NotSent => Outcome::Failed,
            };
            let reason = format!("settled by {}", settled.by);
            if let Some(key) = &key {
                audit.of_batch(key, batch, (&record.name, outcome, Some(reason)))?;
            }
            session.record(Event::LaunchBatch {
                launch: self.launch.to_owned(),
                batch,
                record: Box::new(record),
            })?;
        }
        Ok(())
    }

    fn settled(&self, record: BatchRecord) -> BatchRecord {
        match self.word {
            Word::Sent(campaign) => BatchRecord {
                state: BatchState::Sent,
                accepted: record.count,
                campaign: campaign.clone(),
                ..record
            },
            Word::NotSent => BatchRecord {
                state: BatchState::Refused,
                ..record
            },
        }
    }
}

/// The key of the manifest of a launch, whether it is still there or not.
fn key_of(launch: &str) -> Option<Key> {
    let kind = KindId::manifests().find(|kind| kind.def().is_launch)?;
    let name = Name::new(launch).ok()?;
    Some(Key { kind, name })
}
