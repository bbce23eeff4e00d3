//! A row for each launch of the ledger, and one for each handoff that others sent.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::campaigns::{ReportedCampaign, UNCOUNTED};
use super::counts::MessageCounts;
use super::tally::{MessageTally, Of, SendGroup};
use crate::kinds::channel_word;
use crate::live::{BatchRecord, CLEVERTAP, LaunchRecord};
use crate::select::Selector;

/// Proactive Messaging as a sender.
pub const PROACTIVE: &str = "proactive";

/// The channel of launches.
const IN_APP: &str = "inApp";

/// What others sent is sent, as far as anyone can tell.
const SENT: &str = "sent";

/// What was sent under one name over one channel, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// The name of the launch; for what others sent, that of the handoff.
    pub name: String,
    /// The service that sent: `proactive`, `clevertap`.
    pub sender: String,
    /// Whether a launch of the ledger sent it.
    pub owned: bool,
    /// The channel, in the word of manifests.
    pub channel: String,
    /// The labels of the launch, and those that CleverTap has, which have no value.
    #[schemars(with = "BTreeMap<String, String>")]
    pub labels: IndexMap<String, String>,
    /// How far the launch is: `sending`, `sent`, `partly`, `stopped`, `draft`, `scheduled`. What others sent with Proactive
    /// Messaging is `sent`; of campaigns of CleverTap, it is what CleverTap says.
    pub state: String,
    /// The skills that replies go to.
    pub skills: BTreeSet<String>,
    /// The time of the first message, RFC 3339 in UTC; absent where none is reported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// The time of the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// How many messages came how far.
    pub counts: MessageCounts,
    /// The counts that the sender does not give: they are 0 in `counts`, and unknown.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub uncounted: BTreeSet<String>,
    /// Why messages failed, with how many of each. Words that may name someone are left out.
    pub reasons: BTreeMap<String, u64>,
    /// How many recipients the platform did not accept in the request, as the ledger has it.
    pub refused: u64,
    /// Why, with how many of each.
    pub refusals: BTreeMap<String, u64>,
    /// How many recipients are in batches that may have been sent, or not.
    pub unknown: u64,
    /// How many recipients the platform accepted and does not report yet.
    pub unreported: u64,
}

impl Sent {
    /// Says that no count of it is known: its sender could not be read.
    pub fn forget_counts(&mut self) {
        self.uncounted = MessageCounts::NAMES.map(str::to_owned).into();
        self.unreported = 0;
    }
}

/// Which sends are wanted.
#[derive(Clone, Debug, Default)]
pub struct WantedSends {
    /// All of these must match the labels.
    pub labels: Vec<Selector>,
    /// One of these channels; none are all.
    pub channels: Vec<String>,
    /// One of these states; none are all.
    pub states: Vec<String>,
}

impl WantedSends {
    /// Whether a send is wanted.
    #[must_use]
    pub fn admits(&self, send: &Sent) -> bool {
        let one_of = |words: &[String], word: &str| {
            words.is_empty() || words.iter().any(|it| it.eq_ignore_ascii_case(word))
        };
        self.labels.iter().all(|it| it.matches(&send.labels))
            && one_of(&self.channels, &send.channel)
            && one_of(&self.states, &send.state)
    }
}

/// What the project and its ledger know of sends.
#[derive(Clone, Copy, Debug)]
pub struct RecordedSends<'a> {
    /// The launches of the ledger.
    pub launches: &'a BTreeMap<String, LaunchRecord>,
    /// The labels of their manifests.
    pub labels: &'a BTreeMap<String, IndexMap<String, String>>,
    /// The names of handoffs by id.
    pub handoffs: &'a BTreeMap<String, String>,
}

impl RecordedSends<'_> {
    /// The launch that a campaign belongs to, by the id of the campaign, else by its name: that of a campaign whose answer was
    /// lost.
    fn owner(&self, campaign: &str, name: Option<&str>) -> Option<&str> {
        let mut launches = self.launches.iter();
        let is_it = |batch: &BatchRecord| match &batch.campaign {
            Some(id) => id == campaign,
            None => name == Some(batch.name.as_str()),
        };
        let found = launches.find(|(_, launch)| launch.batches.values().any(is_it));
        found.map(|(name, _)| name.as_str())
    }
}

type SentRows = BTreeMap<(bool, String, String), Sent>;

/// The rows: launches by their time, then what others sent.
///
/// Of launches, those with a batch in the time count, whether the platform reports it yet or not.
#[must_use]
pub fn sends(
    tally: &MessageTally,
    campaigns: &[ReportedCampaign],
    recorded: RecordedSends<'_>,
    (since, until): (Timestamp, Timestamp),
) -> Vec<Sent> {
    let mut rows = SentRows::new();
    for (name, launch) in recorded.launches {
        let is_within = |batch: &&BatchRecord| {
            let at: Option<Timestamp> = batch.at.parse().ok();
            at.is_some_and(|at| (since..until).contains(&at))
        };
        let batches: Vec<&BatchRecord> = launch.batches.values().filter(is_within).collect();
        if batches.is_empty() {
            continue;
        }
        let row = of_launch(name, launch, &batches);
        rows.insert((false, name.clone(), row.channel.clone()), row);
    }
    for (of, group) in &tally.groups {
        add_messages(&mut rows, (of, group), recorded);
    }
    let unreported = |row: &mut Sent| {
        row.unreported = row.unreported.saturating_sub(row.counts.attempted);
    };
    rows.values_mut()
        .filter(|row| row.owned)
        .for_each(unreported);
    for campaign in campaigns {
        add_campaign(&mut rows, campaign, recorded);
    }
    let mut rows: Vec<Sent> = rows.into_values().collect();
    for row in rows.iter_mut().filter(|row| row.owned) {
        let labels = recorded.labels.get(&row.name).cloned().unwrap_or_default();
        row.labels = labels
            .into_iter()
            .chain(std::mem::take(&mut row.labels))
            .collect();
    }
    rows
}

/// Adds messages of Proactive Messaging.
fn add_messages(rows: &mut SentRows, (of, group): (&Of, &SendGroup), recorded: RecordedSends<'_>) {
    let channel = channel_word(&of.channel).to_owned();
    let launch = recorded.owner(&of.campaign, None);
    let name = launch.map_or_else(
        || {
            recorded
                .handoffs
                .get(&of.handoff)
                .unwrap_or(&of.handoff)
                .clone()
        },
        str::to_owned,
    );
    let key = (launch.is_none(), name.clone(), channel.clone());
    let row = rows.entry(key).or_insert_with(|| Sent {
        name,
        sender: PROACTIVE.to_owned(),
        owned: launch.is_some(),
        channel,
        state: launch
            .and_then(|name| recorded.launches.get(name))
            .map_or(SENT, LaunchRecord::state)
            .to_owned(),
        ..Sent::default()
    });
    add(row, group);
}

/// Adds a campaign of CleverTap.
fn add_campaign(rows: &mut SentRows, campaign: &ReportedCampaign, recorded: RecordedSends<'_>) {
    let launch = recorded.owner(&campaign.id, Some(&campaign.name));
    let name = launch.unwrap_or(&campaign.name).to_owned();
    let key = (launch.is_none(), name.clone(), campaign.channel.clone());
    let row = rows.entry(key).or_insert_with(|| Sent {
        name,
        owned: launch.is_some(),
        channel: campaign.channel.clone(),
        ..Sent::default()
    });
    CLEVERTAP.clone_into(&mut row.sender);
    row.state.clone_from(&campaign.state);
    row.labels.extend(campaign.labels.clone());
    row.uncounted = UNCOUNTED.map(str::to_owned).into();
    row.unreported = 0;
    row.unknown = 0;
    add(
        row,
        &SendGroup {
            counts: campaign.counts,
            reasons: campaign.reasons.clone(),
            skills: BTreeSet::new(),
            first: campaign.began,
            last: campaign.began,
        },
    );
}

/// What the ledger says of a launch in a time. What the platform accepted is not reported, until a message says so.
fn of_launch(name: &str, launch: &LaunchRecord, batches: &[&BatchRecord]) -> Sent {
    let mut refusals: BTreeMap<String, u64> = BTreeMap::new();
    let failed = batches.iter().flat_map(|batch| &batch.failed);
    for recipient in failed {
        *refusals.entry(recipient.reason.clone()).or_default() += 1;
    }
    let accepted = || batches.iter().filter(|it| it.campaign.is_some());
    let uncounted = match launch.sender {
        // No campaign is known, so that none of its messages are.
        Some(_) if accepted().next().is_none() => MessageCounts::NAMES.map(str::to_owned).into(),
        Some(_) => UNCOUNTED.map(str::to_owned).into(),
        None => BTreeSet::new(),
    };
    Sent {
        name: name.to_owned(),
        sender: launch.sender.as_deref().unwrap_or(PROACTIVE).to_owned(),
        owned: true,
        channel: launch.channel.as_deref().unwrap_or(IN_APP).to_owned(),
        uncounted,
        state: launch.state().to_owned(),
        refused: refusals.values().sum(),
        refusals,
        unknown: batches.iter().map(|batch| batch.unknown_count()).sum(),
        unreported: if launch.draft {
            0
        } else {
            accepted().map(|batch| u64::from(batch.accepted)).sum()
        },
        ..Sent::default()
    }
}

fn add(row: &mut Sent, group: &SendGroup) {
    row.counts.add(&group.counts);
    for (reason, count) in &group.reasons {
        *row.reasons.entry(reason.clone()).or_default() += count;
    }
    row.skills.extend(group.skills.iter().cloned());
    let text = |at: Timestamp| format!("{at:.0}");
    row.first = row
        .first
        .take()
        .into_iter()
        .chain(group.first.map(text))
        .min();
    row.last = row
        .last
        .take()
        .into_iter()
        .chain(group.last.map(text))
        .max();
}

/// A label as text; one of CleverTap has no value.
#[must_use]
pub fn label(key: &str, value: &str) -> String {
    if value.is_empty() {
        key.to_owned()
    } else {
        format!("{key}={value}")
    }
}

/// What became of all sends with one label.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LabelTotal {
    /// The label, `key=value`, or that of CleverTap; absent for what has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How many sends have it.
    pub sends: usize,
    /// How many messages came how far.
    pub counts: MessageCounts,
    /// The counts that a sender of some of them does not give, with how many of the attempted messages that leaves out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uncounted: BTreeMap<String, u64>,
}

impl LabelTotal {
    /// Of how many messages a count is known; `None` where it is known of no send.
    #[must_use]
    pub fn known_of(&self, name: &str) -> Option<u64> {
        let Some(unknown) = self.uncounted.get(name) else {
            return Some(self.counts.attempted);
        };
        self.counts
            .attempted
            .checked_sub(*unknown)
            .filter(|known| *known > 0)
    }

    fn add(&mut self, send: &Sent) {
        self.sends += 1;
        self.counts.add(&send.counts);
        for name in &send.uncounted {
            *self.uncounted.entry(name.clone()).or_default() += send.counts.attempted;
        }
    }
}

/// The totals of each label, then those of what has none. A send counts for each of its labels.
#[must_use]
pub fn by_label<'s>(all: impl IntoIterator<Item = &'s Sent>) -> Vec<LabelTotal> {
    let mut totals: BTreeMap<Option<String>, LabelTotal> = BTreeMap::new();
    for send in all {
        let labels = send.labels.iter();
        let mut labels: Vec<Option<String>> =
            labels.map(|(key, value)| Some(label(key, value))).collect();
        if labels.is_empty() {
            labels.push(None);
        }
        for label in labels {
            let total = totals.entry(label.clone()).or_default();
            total.label = label;
            total.add(send);
        }
    }
    let unlabelled = totals.remove(&None);
    totals.into_values().chain(unlabelled).collect()
}
