//! What became of messages that were sent from an environment: the messages of the platform, walked day by day, beside
//! what the ledger says of launches.

mod period;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use jiff::Timestamp;

pub use period::{Moment, period};

use super::clevertap::CleverTapAccount;
use super::launching::REQUESTS_A_SECOND;
use super::{Error, Meaning, Run, Workspace, manifests};
use crate::api::Reader as _;
use crate::kinds::{KindId, Service};
use crate::live::{CLEVERTAP, LaunchRecord};
use crate::name::RemoteId;
use crate::run::account::Account;
use crate::sends::{
    ANALYTICS, CLEVERTAP_MOST, CLEVERTAP_WINDOW, MESSAGES, MessageCounts, MessageTally, PROACTIVE,
    RecordedSends, ReportedCampaign, Sent, WantedSends, sends, windows,
};
use crate::text::safe::line;

/// The most pages that are read of one day, so that a list that never ends ends: a page of one message each, and more
/// messages than the platform sends in a day.
const PAGES: usize = 200_000;

/// What is to be reported.
pub struct Reporting<'a> {
    /// The run.
    pub run: &'a Run,
    /// The project.
    pub workspace: &'a Workspace,
    /// The start.
    pub since: Timestamp,
    /// The end.
    pub until: Timestamp,
    /// Which sends are wanted.
    pub wanted: &'a WantedSends,
}

/// What became of the messages of an environment.
#[derive(Debug)]
pub struct Reported {
    /// The account.
    pub account: String,
    /// The sends that are wanted.
    pub sends: Vec<Sent>,
    /// How many others there are.
    pub omitted: usize,
    /// The counts of all messages that the platform lists.
    pub listed: MessageCounts,
    /// The counts that it gives for the whole account.
    pub counted: MessageCounts,
    /// What is to be known beside.
    pub notes: Vec<String>,
    /// Why one of two senders could not be read: its sends are not in it, or without figures.
    pub failure: Option<Error>,
}

impl Reporting<'_> {
    /// Reads what the platform and the ledger say.
    ///
    /// # Errors
    /// An account or a ledger that cannot be read, manifests with errors where labels are asked for.
    pub async fn reported(&self) -> Result<Reported, Error> {
        let mut notes = Vec::new();
        let labels = self.labels(&mut notes)?;
        let account = Account::connect_within(self.run, self.workspace, REQUESTS_A_SECOND).await?;
        let read = self.read(&account, &mut notes).await;
        let id = account.id.clone();
        account.close().await;
        let ReadSends {
            tally,
            counted,
            campaigns,
            launches,
            handoffs,
            failure,
        } = read?;
        let recorded = RecordedSends {
            launches: &launches,
            labels: &labels,
            handoffs: &handoffs,
        };
        let mut all = sends(&tally, &campaigns, recorded, (self.since, self.until));
        if let Some((sender, _)) = &failure {
            let unread = all.iter_mut().filter(|send| send.sender == *sender);
            unread.for_each(Sent::forget_counts);
        }
        let count = all.len();
        let wanted = all.into_iter().filter(|send| self.wanted.admits(send));
        let sends: Vec<Sent> = wanted.collect();
        Ok(Reported {
            account: id,
            omitted: count - sends.len(),
            sends,
            listed: tally.total(),
            counted,
            notes,
            failure: failure.map(|(_, error)| error),
        })
    }

    async fn read(&self, account: &Account, notes: &mut Vec<String>) -> Result<ReadSends, Error> {
        let recorded = account.recorded(self.run).await?;
        let launches = recorded.ledger.launches;
        notes.extend(recorded.unsettled);
        let sender = CleverTapAccount::beside(self.run, self.workspace, account).transpose();
        let is_told = sender.is_none() || account.client.can_report();
        let messages = if is_told {
            self.both(account).await
        } else {
            notes.push("messages of Proactive Messaging are not in it: no setting says where they are reported".to_owned());
            Ok(<(MessageTally, MessageCounts)>::default())
        };
        let campaigns = match sender {
            None => None,
            Some(Ok(sender)) => Some(self.campaigns(&sender, notes).await),
            Some(Err(error)) => Some(Err(error)),
        };
        let ((tally, counted), campaigns, failure) = what_was_read(messages, campaigns)?;
        let batches = launches.values().flat_map(|it| it.batches.values());
        let ours: BTreeSet<&str> = batches.filter_map(|it| it.campaign.as_deref()).collect();
        let handoffs = if tally.handoffs_of_others(&ours).is_empty() {
            BTreeMap::new()
        } else {
            names_of_handoffs(account, notes).await
        };
        Ok(ReadSends {
            tally,
            counted,
            campaigns,
            launches,
            handoffs,
            failure,
        })
    }

    /// The messages, and the counts that the platform gives.
    async fn both(&self, account: &Account) -> Result<(MessageTally, MessageCounts), Error> {
        Ok((self.messages(account).await?, self.counted(account).await?))
    }

    /// The counts that the platform gives for the whole account.
    async fn counted(&self, account: &Account) -> Result<MessageCounts, Error> {
        let mut counted = MessageCounts::default();
        for time in windows(self.since, self.until, ANALYTICS) {
            let answer = account.client.sent_counts(time).await?;
            counted.add(&MessageCounts::of_analytics(&answer).map_err(|why| unexpected(&why))?);
        }
        Ok(counted)
    }

    /// Every message of the time, counted.
    async fn messages(&self, account: &Account) -> Result<MessageTally, Error> {
        let days: Vec<_> = windows(self.since, self.until, MESSAGES).collect();
        let told = format!("reading the reports of {} days", days.len());
        let reading = self.run.news().waiting(&told);
        let mut tally = MessageTally::default();
        for time in days {
            tally.begin();
            let mut offset = 0;
            for page in 1.. {
                let answer = account.client.sent_messages(time, offset).await?;
                match tally.add(&answer).map_err(|why| unexpected(&why))?.next {
                    None => break,
                    Some(next) if next > offset && page < PAGES => offset = next,
                    Some(_) => return Err(unexpected("the list never ends")),
                }
            }
        }
        drop(reading);
        Ok(tally)
    }

    /// Every campaign of CleverTap that began in the time.
    async fn campaigns(
        &self,
        sender: &CleverTapAccount,
        notes: &mut Vec<String>,
    ) -> Result<Vec<ReportedCampaign>, Error> {
        let mut all: BTreeMap<String, ReportedCampaign> = BTreeMap::new();
        for (start, end) in windows(self.since, self.until, CLEVERTAP_WINDOW) {
            let day = |at: Timestamp| at.to_zoned(sender.zone.clone()).date();
            let answer = sender.client.report(day(start), day(end)).await?;
            let found = ReportedCampaign::of_report(&answer, &sender.zone).map_err(|why| {
                Error::new(
                    Meaning::Failed,
                    format!("unexpected answer of CleverTap: {why}"),
                )
            })?;
            if found.len() >= CLEVERTAP_MOST {
                notes.push(format!(
                    "CleverTap reports {CLEVERTAP_MOST} campaigns at most, and has as many from {} to {}: there may be more",
                    day(start),
                    day(end)
                ));
            }
            // The days of two times overlap.
            all.extend(found.into_iter().map(|it| (it.id.clone(), it)));
        }
        Ok(all.into_values().collect())
    }

    /// The labels of the launches of the project.
    fn labels(
        &self,
        notes: &mut Vec<String>,
    ) -> Result<BTreeMap<String, IndexMap<String, String>>, Error> {
        let manifests = if self.wanted.labels.is_empty() {
            let (name, given) = (self.run.environment(), self.run.given());
            manifests::of_environment(self.workspace, name, given)
        } else {
            self.workspace.plannable_manifests(self.run)?
        };
        if manifests.files > 0 && manifests.diags.counts().0 > 0 {
            notes.push(
                "there are errors in the manifests, so labels may be missing; `campaignctl validate` shows them"
                    .to_owned(),
            );
        }
        let launches = manifests.desired.iter();
        let launches = launches.filter(|it| it.key.kind.def().is_launch);
        let labels = launches.map(|it| (it.key.name.to_string(), it.labels.clone()));
        Ok(labels.collect())
    }
}

/// What was read.
struct ReadSends {
    tally: MessageTally,
    counted: MessageCounts,
    campaigns: Vec<ReportedCampaign>,
    launches: BTreeMap<String, LaunchRecord>,
    handoffs: BTreeMap<String, String>,
    /// The sender that could not be read, and why.
    failure: Option<UnreadSender>,
}

/// A sender that could not be read, and why.
type UnreadSender = (&'static str, Error);

/// Where one of two senders cannot be read, the other one is reported all the same.
fn what_was_read<M: Default>(
    messages: Result<M, Error>,
    campaigns: Option<Result<Vec<ReportedCampaign>, Error>>,
) -> Result<(M, Vec<ReportedCampaign>, Option<UnreadSender>), Error> {
    match (messages, campaigns) {
        (messages, None) => Ok((messages?, Vec::new(), None)),
        (Ok(messages), Some(Ok(campaigns))) => Ok((messages, campaigns, None)),
        (Ok(messages), Some(Err(error))) => {
            let error = error.context("the figures of CleverTap are not in it");
            Ok((messages, Vec::new(), Some((CLEVERTAP, error))))
        }
        (Err(error), Some(Ok(campaigns))) => {
            let error = error.context("the figures of Proactive Messaging are not in it");
            Ok((M::default(), campaigns, Some((PROACTIVE, error))))
        }
        (Err(error), Some(Err(_))) => Err(error),
    }
}

fn unexpected(why: &str) -> Error {
    let why = format!("unexpected answer of the Outbound Reporting API: {why}");
    Error::new(Meaning::Failed, why)
}

/// The names of handoffs by id. Where they cannot be read, ids have to do.
async fn names_of_handoffs(account: &Account, notes: &mut Vec<String>) -> BTreeMap<String, String> {
    let is_handoff = |kind: &KindId| {
        let collection = kind.def().collection;
        collection.is_some_and(|it| it.service == Service::Handoff)
    };
    let Some(kind) = KindId::all().find(is_handoff) else {
        return BTreeMap::new();
    };
    let name_key = kind.def().collection.map_or("name", |it| it.name_key);
    let rows = match account.client.list(kind, None).await {
        Ok(rows) => rows,
        Err(error) => {
            let why = error.to_string();
            notes.push(format!(
                "handoffs of other senders have no name here: {}",
                line(&why)
            ));
            return BTreeMap::new();
        }
    };
    let names = rows.iter().filter_map(|row| {
        let id = row.get("id").and_then(RemoteId::from_wire)?;
        Some((id.to_string(), row.get(name_key)?.as_str()?.to_owned()))
    });
    names.collect()
}
