//! Launches as text: the page that a person judges before a send, what was sent, and all launches as a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::ledger::table;
use crate::check::schema::schema_of;
use crate::launch::LaunchPlan;
use crate::live::{BatchRecord, BatchState, LaunchRecord};
use crate::text::safe::{line, lines};

/// The format of the document of launches.
pub const FORMAT: &str = "campaignctl.launches/v1";

/// The most failed recipients that are listed in text.
const LISTED: usize = 20;

/// What was sent from an environment.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Launches {
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
    /// In a word: `sending`, `sent`, `partly`, `stopped`.
    pub state: &'static str,
    /// How many recipients the platform accepted.
    pub accepted: u64,
    /// How many it did not accept.
    pub failed: u64,
    /// How many are in batches that may have been sent, or not.
    pub unknown: u64,
    /// How many nothing was sent to.
    pub left: u64,
    /// How many messages are in which state, as the platform says; absent where it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<BTreeMap<String, u64>>,
    /// What the ledger says.
    pub record: LaunchRecord,
}

/// A launch in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LaunchLine {
    /// Its name.
    pub name: String,
    /// In a word: `sending`, `sent`, `partly`, `stopped`.
    pub state: &'static str,
    /// When it was begun, RFC 3339 in UTC.
    pub begun: String,
    /// How many recipients the platform accepted.
    pub accepted: u64,
    /// How many it did not accept.
    pub failed: u64,
    /// How many are in batches that may have been sent, or not.
    pub unknown: u64,
    /// How many nothing was sent to.
    pub left: u64,
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
        }
    }
}

impl LaunchStatus {
    /// The status of a record.
    #[must_use]
    pub fn of(record: LaunchRecord, messages: Option<BTreeMap<String, u64>>) -> Self {
        let batches = || record.batches.values();
        let in_state = |state: BatchState| batches().filter(move |it| it.state == state);
        let sent = || in_state(BatchState::Sent);
        let open = in_state(BatchState::Unknown).chain(in_state(BatchState::Intent));
        let unknown: u64 = open.map(|it| u64::from(it.count)).sum();
        let accepted = sent().map(|it| u64::from(it.accepted)).sum();
        let left = record.count.saturating_sub(record.handed_over());
        Self {
            state: record.state(),
            accepted,
            failed: sent().map(|it| it.failed.len() as u64).sum(),
            unknown,
            left: u64::from(left),
            messages,
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
    let mut schema = schema_of::<Launches>("Launches of a campaignctl environment");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}

/// The page of a plan.
#[must_use]
pub fn render_launch_plan(plan: &LaunchPlan) -> String {
    let mut out = String::new();
    for (name, value) in facts(plan) {
        let _ = writeln!(out, "{name:<13}{}", line(&value));
    }
    message(&mut out, plan);
    values(&mut out, plan);
    out.push_str("\nCheck what no program can see:\n");
    for check in &plan.check {
        let _ = writeln!(out, "  - {}", line(check));
    }
    if !plan.refusals.is_empty() {
        out.push_str("\nIt cannot be sent:\n");
        for why in &plan.refusals {
            let _ = writeln!(out, "  - {}", line(why));
        }
    }
    let _ = writeln!(
        out,
        "\nLaunch: {} recipients to send to. A send cannot be undone.",
        left_of(plan)
    );
    out
}

/// How many recipients nothing was sent to yet.
fn left_of(plan: &LaunchPlan) -> u32 {
    plan.recipients.count - plan.recipients.handed_over
}

/// Who sends what to whom, and until when.
fn facts(plan: &LaunchPlan) -> Vec<(&'static str, String)> {
    let recipients = &plan.recipients;
    let left = left_of(plan);
    let apps = plan.handoff.app_names.join(", ");
    let batches = recipients.batches.len();
    let size = recipients.batch_size;
    let mut rows = vec![
        ("Name", plan.launch.clone()),
        (
            "Environment",
            format!("{}, account {}", plan.environment, plan.account),
        ),
        (
            "Recipients",
            format!(
                "{}, from {} in {batches} {} of at most {size}",
                recipients.count,
                recipients.file,
                if batches == 1 { "request" } else { "requests" }
            ),
        ),
    ];
    if recipients.handed_over > 0 {
        let already = recipients.handed_over;
        rows.push((
            "Left",
            format!("{left}; {already} are in batches that an earlier run sent, or may have sent"),
        ));
    }
    rows.extend([
        (
            "Handoff",
            format!("{} ({})", plan.handoff.display_name, plan.handoff.id),
        ),
        ("Apps", apps),
        ("Replies to", format!("skill {}", plan.skill)),
    ]);
    rows.extend((plan.handoff.lookback_period.clone()).map(|time| ("Look-back", time)));
    rows.push(("When", windows(plan)));
    rows.push(("Valid until", plan.expires_at.clone()));
    rows
}

/// What consumers read.
fn message(out: &mut String, plan: &LaunchPlan) {
    out.push_str("\nMessage\n");
    quote(out, &plan.says.text);
    if plan.says.notification_title.is_some() || plan.says.notification_text.is_some() {
        out.push_str("Push notification\n");
        let parts = [&plan.says.notification_title, &plan.says.notification_text];
        parts
            .into_iter()
            .flatten()
            .for_each(|part| quote(out, part));
    }
    if let Some(image) = &plan.says.image {
        let _ = writeln!(out, "Image\n  {}", line(image));
    }
}

/// Where the values of variables come from.
fn values(out: &mut String, plan: &LaunchPlan) {
    let recipients = &plan.recipients;
    if !recipients.longest.is_empty() {
        out.push_str("Values\n");
    }
    for (name, longest) in &recipients.longest {
        let column = recipients.variables.get(name).map_or("", String::as_str);
        let _ = writeln!(
            out,
            "  <{}> is variable {}; the longest has {longest} characters",
            line(column),
            line(name)
        );
    }
}

fn quote(out: &mut String, text: &str) {
    for part in lines(text).lines() {
        let _ = writeln!(out, "  | {part}");
    }
}

fn windows(plan: &LaunchPlan) -> String {
    if plan.windows.is_empty() {
        return "at once".to_owned();
    }
    let windows = plan.windows.iter();
    let windows = windows.map(|it| format!("{} {} to {}", it.day.word(), it.from, it.to));
    windows.collect::<Vec<_>>().join(", ")
}

/// What was sent of a launch.
#[must_use]
pub fn render_launch(name: &str, status: &LaunchStatus) -> String {
    let record = &status.record;
    let mut out = format!(
        "Launch {}: {}\n  {} accepted, {} failed, {} unknown, {} left of {} recipients\n",
        line(name),
        status.state,
        status.accepted,
        status.failed,
        status.unknown,
        status.left,
        record.count
    );
    let approved = record.approved_by.as_ref();
    let approved =
        approved.map_or_else(String::new, |name| format!(", approved by {}", line(name)));
    let _ = writeln!(
        out,
        "  begun {} by {}{approved}",
        record.at,
        line(&record.by)
    );
    for (state, count) in status.messages.iter().flatten() {
        let _ = writeln!(out, "  {count:>7} {}", line(state));
    }
    failures(&mut out, record);
    for (number, batch) in &record.batches {
        let (first, last) = batch.lines;
        let why = batch
            .reason
            .as_deref()
            .unwrap_or("a run that sends, or died");
        let about = format!(
            "batch {number} (lines {first} to {last}, {} recipients)",
            batch.count
        );
        if let Some(settled) = &batch.settled {
            let word = match batch.state {
                BatchState::Sent => "sent",
                _ => "not sent, and left for the next run",
            };
            let (by, at) = (line(&settled.by), line(&settled.at));
            let _ = writeln!(out, "  settled: {about}: {word}, as {by} says at {at}");
            continue;
        }
        match batch.state {
            BatchState::Sent => {}
            BatchState::Refused => {
                let _ = writeln!(out, "  refused: {about}: {}", line(why));
            }
            BatchState::Unknown | BatchState::Intent => {
                let _ = writeln!(out, "  unknown: {about}: {}", line(why));
                let _ = writeln!(
                    out,
                    "           look for `{}` in the web tool; it is not sent again. Then: campaignctl launch settle {} --batch {number} --sent, or --not-sent",
                    line(&batch.name),
                    line(name)
                );
            }
        }
    }
    out
}

/// The recipients that were not accepted, by line.
fn failures(out: &mut String, record: &LaunchRecord) {
    let all = || {
        record
            .batches
            .values()
            .flat_map(|it: &BatchRecord| &it.failed)
    };
    for failed in all().take(LISTED) {
        let _ = writeln!(
            out,
            "  failed: line {}: {}",
            failed.line,
            line(&failed.reason)
        );
    }
    let more = all().count().saturating_sub(LISTED);
    if more > 0 {
        let _ = writeln!(out, "  failed: {more} more, in `--format json`");
    }
}

/// All launches as a table.
#[must_use]
pub fn render_launches(launches: &Launches) -> String {
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
        [
            line(&it.name).into_owned(),
            it.state.to_owned(),
            line(&it.begun).into_owned(),
            it.accepted.to_string(),
            it.failed.to_string(),
            it.unknown.to_string(),
            it.left.to_string(),
        ]
    }));
    table(&rows)
}
