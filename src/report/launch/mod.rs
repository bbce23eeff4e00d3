//! Launches as text: the page that a person judges before a send, what was sent, and all launches as a table.

mod plan;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::ledger::table;
use crate::check::schema::schema_of;
use crate::live::{
    BatchRecord, BatchState, CandidateCampaign, FailedRecipient, LaunchRecord, Messages,
    SettledBatch, Undelivered,
};
use crate::text::safe::line;

pub use plan::render_launch_plan;

/// The format of the document of launches.
pub const FORMAT: &str = "campaignctl.launches/v1";

/// The most failed recipients that are listed in text.
const LISTED: usize = 20;

/// What was sent from an environment.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SentLaunches {
    /// The format of the document.
    pub format: &'static str,
    /// The environment.
    pub environment: String,
    /// The launches, by name.
    pub launches: BTreeMap<String, LaunchStatus>,
}

/// A launch of which something was sent.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LaunchStatus {
    /// In a word: `sending`, `sent`, `draft`, `partly`, `stopped`.
    pub state: &'static str,
    /// How many recipients the platform accepted. 0 of a campaign that goes to an audience: see `estimated`.
    pub accepted: u64,
    /// How many it did not accept.
    pub failed: u64,
    /// How many may have been sent to, or not: those of batches whose answer was lost, and those that an answer does not name.
    pub unknown: u64,
    /// How many nothing was sent to.
    pub left: u64,
    /// Of a campaign that goes to an audience: how many users that has, as the service estimated. How many it accepted is not
    /// known, and `unknown` and `left` are estimates too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated: Option<u64>,
    /// How many messages are in which state, as the platform says; absent where it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<BTreeMap<String, u64>>,
    /// The messages that did not arrive, as the platform says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undelivered: Vec<Undelivered>,
    /// The batches whose campaign the platform does not find.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_found: Vec<u32>,
    /// Campaigns that batches without an answer may have become: a hint for the person who settles them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<CandidateCampaign>,
    /// What the ledger says.
    pub record: LaunchRecord,
}

/// A launch in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LaunchLine {
    /// Its name.
    pub name: String,
    /// In a word: `sending`, `sent`, `draft`, `partly`, `stopped`.
    pub state: &'static str,
    /// When it was begun, RFC 3339 in UTC.
    pub begun: String,
    /// How many recipients the platform accepted. 0 of a campaign that goes to an audience: see `estimated`.
    pub accepted: u64,
    /// How many it did not accept.
    pub failed: u64,
    /// How many may have been sent to, or not: those of batches whose answer was lost, and those that an answer does not name.
    pub unknown: u64,
    /// How many nothing was sent to.
    pub left: u64,
    /// Of a campaign that goes to an audience: how many users that has, as the service estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated: Option<u64>,
}

impl LaunchLine {
    /// The line of a launch.
    #[must_use]
    pub fn of(name: &str, status: &LaunchStatus) -> Self {
        Self {
            name: name.to_owned(),
            state: status.state,
            begun: status.record.at.clone(),
            accepted: status.accepted,
            failed: status.failed,
            unknown: status.unknown,
            left: status.left,
            estimated: status.estimated,
        }
    }
}

impl LaunchStatus {
    /// The status of a record.
    #[must_use]
    pub fn of(record: LaunchRecord, messages: Option<Messages>) -> Self {
        let batches = || record.batches.values();
        let sent = || batches().filter(|it| it.state == BatchState::Sent);
        let estimated = record.sender.as_ref().map(|_| u64::from(record.count));
        let accepted = match estimated {
            Some(_) => 0,
            None => sent().map(|it| u64::from(it.accepted)).sum(),
        };
        let left = record.count.saturating_sub(record.handed_over());
        let states = messages.as_ref().map(|it| it.states.clone());
        let messages = messages.unwrap_or_default();
        Self {
            state: record.state(),
            accepted,
            failed: sent().map(|it| it.failed.len() as u64).sum(),
            unknown: batches().map(BatchRecord::unknown_count).sum(),
            left: u64::from(left),
            estimated,
            messages: states,
            undelivered: messages.undelivered,
            not_found: messages.not_found,
            candidates: messages.candidates,
            record,
        }
    }

    /// Whether every recipient was accepted.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.failed == 0 && self.unknown == 0 && self.left == 0
    }
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<SentLaunches>("Launches of a campaignctl environment");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}

/// What was sent of a launch.
#[must_use]
pub fn render_launch(name: &str, status: &LaunchStatus) -> String {
    let record = &status.record;
    let mut out = format!(
        "Launch {}: {}\n  {}\n",
        line(name),
        status.state,
        reached(status)
    );
    let approved = record.approved_by.as_ref();
    let approved =
        approved.map_or_else(String::new, |name| format!(", approved by {}", line(name)));
    let word = if record.of == 0 {
        "stopped before anything was sent,"
    } else {
        "begun"
    };
    let _ = writeln!(
        out,
        "  {word} {} by {}{approved}",
        record.at,
        line(&record.by)
    );
    for (state, count) in status.messages.iter().flatten() {
        let _ = writeln!(out, "  {count:>7} {}", line(state));
    }
    recipients(&mut out, record);
    undelivered(&mut out, &status.undelivered);
    for (number, batch) in &record.batches {
        one_batch(&mut out, (name, record), (*number, batch));
        if status.not_found.contains(number) {
            let id = line(batch.campaign.as_deref().unwrap_or_default());
            let _ = writeln!(
                out,
                "  not found: batch {number}: the platform has no campaign `{id}`"
            );
        }
        let candidates = status.candidates.iter().filter(|it| it.batch == *number);
        for CandidateCampaign {
            campaign, messages, ..
        } in candidates
        {
            let _ = writeln!(
                out,
                "           it may be the campaign `{}`, of that time and with {messages} messages: look before you settle it",
                line(campaign)
            );
        }
    }
    out
}

/// A batch that was settled, refused, or of which it is not known what became.
fn one_batch(
    out: &mut String,
    (name, record): (&str, &LaunchRecord),
    (number, batch): (u32, &BatchRecord),
) {
    let (first, last) = batch.lines;
    let count = batch.count;
    let why = line(
        batch
            .reason
            .as_deref()
            .unwrap_or("a run that sends, or died"),
    );
    let (about, place) = if record.sender.is_some() {
        let about = format!("campaign `{}` (about {count} users)", line(&batch.name));
        (about, "the dashboard")
    } else {
        let about = format!("batch {number} (lines {first} to {last}, {count} recipients)");
        (about, "the web tool")
    };
    if let Some(word) = &batch.settled {
        return settled(out, &about, (batch.state, word));
    }
    match batch.state {
        BatchState::Sent if batch.unknown.is_empty() => {}
        BatchState::Sent => {
            let _ = writeln!(
                out,
                "  unknown: {} recipients of {about}, who are not sent to again; if they got it: campaignctl launch settle {} --batch {number} --sent",
                batch.unknown.len(),
                line(name)
            );
        }
        BatchState::Refused => {
            let _ = writeln!(out, "  refused: {about}: {why}");
        }
        BatchState::Unknown | BatchState::Intent => {
            let _ = writeln!(out, "  unknown: {about}: {why}");
            let _ = writeln!(
                out,
                "           look for `{}` in {place}; it is not sent again. Then: campaignctl launch settle {} --batch {number} --sent, or --not-sent",
                line(&batch.name),
                line(name)
            );
        }
    }
}

/// A person's word on a batch.
fn settled(out: &mut String, about: &str, (state, settled): (BatchState, &SettledBatch)) {
    let word = match state {
        BatchState::Sent => "sent",
        _ => "not sent, and left for the next run",
    };
    let (by, at) = (line(&settled.by), line(&settled.at));
    let before = settled.corrects.as_deref();
    let before = before.map_or_else(String::new, |it| format!("; this corrects: {}", line(it)));
    let _ = writeln!(
        out,
        "  settled: {about}: {word}, as {by} says at {at}{before}"
    );
}

/// How far it came, in a line.
fn reached(status: &LaunchStatus) -> String {
    let record = &status.record;
    if record.sender.is_none() {
        return format!(
            "{} accepted, {} failed, {} unknown, {} left of {} recipients",
            status.accepted, status.failed, status.unknown, status.left, record.count
        );
    }
    let channel = record.channel.as_deref().unwrap_or("a channel");
    let mut campaigns = record
        .batches
        .values()
        .filter_map(|it| it.campaign.as_deref());
    let made = match campaigns.next() {
        Some(id) if record.draft => format!("kept as the draft {}", line(id)),
        Some(id) => format!("sent as the campaign {}", line(id)),
        None => "no campaign is known to be made".to_owned(),
    };
    format!(
        "{made} of CleverTap, {}, about {} users",
        line(channel),
        record.count
    )
}

/// The recipients that were not accepted, and those of whom it is not known, by line.
fn recipients(out: &mut String, record: &LaunchRecord) {
    let batches = || record.batches.values();
    listed(out, "failed", batches().flat_map(|it| &it.failed));
    listed(out, "unknown", batches().flat_map(|it| &it.unknown));
}

/// The messages that did not arrive, the first of them.
fn undelivered(out: &mut String, all: &[Undelivered]) {
    for told in all.iter().take(LISTED) {
        let whose = match told.line {
            Some(at) => format!("line {at}"),
            None => format!("one of batch {}", told.batch),
        };
        let reason = told.reason.as_deref();
        let reason = reason.map_or_else(String::new, |it| format!(": {}", line(it)));
        let state = line(&told.state);
        let _ = writeln!(out, "  not delivered: {whose}: {state}{reason}");
    }
    let more = all.len().saturating_sub(LISTED);
    if more > 0 {
        let _ = writeln!(out, "  not delivered: {more} more, in `--format json`");
    }
}

/// Recipients by line, the first of them.
fn listed<'r>(
    out: &mut String,
    word: &str,
    all: impl Iterator<Item = &'r FailedRecipient> + Clone,
) {
    for FailedRecipient { line: at, reason } in all.clone().take(LISTED) {
        let _ = writeln!(out, "  {word}: line {at}: {}", line(reason));
    }
    let more = all.count().saturating_sub(LISTED);
    if more > 0 {
        let _ = writeln!(out, "  {word}: {more} more, in `--format json`");
    }
}

/// All launches as a table.
#[must_use]
pub fn render_launches(launches: &SentLaunches) -> String {
    if launches.launches.is_empty() {
        return format!("Nothing was sent from {}.\n", line(&launches.environment));
    }
    let lines = launches.launches.iter();
    lines_table(lines.map(|(name, status)| LaunchLine::of(name, status)))
}

/// Launches as a table, a line each.
pub(super) fn lines_table(lines: impl IntoIterator<Item = LaunchLine>) -> String {
    let head = [
        "LAUNCH", "STATE", "BEGUN", "ACCEPTED", "FAILED", "UNKNOWN", "LEFT",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(lines.into_iter().map(|it| {
        let [accepted, failed, unknown, left] = reach(&it);
        [
            line(&it.name).into_owned(),
            it.state.to_owned(),
            line(&it.begun).into_owned(),
            accepted,
            failed,
            unknown,
            left,
        ]
    }));
    table(&rows)
}

/// How far a launch came: accepted, failed, unknown, left. Of a campaign that goes to an audience, what was accepted or
/// failed is not known, and the rest is an estimate.
fn reach(launch: &LaunchLine) -> [String; 4] {
    if launch.estimated.is_none() {
        return [launch.accepted, launch.failed, launch.unknown, launch.left]
            .map(|it| it.to_string());
    }
    let about = |count: u64| match count {
        0 => "0".to_owned(),
        count => format!("~{count}"),
    };
    [
        "-".to_owned(),
        "-".to_owned(),
        about(launch.unknown),
        about(launch.left),
    ]
}
