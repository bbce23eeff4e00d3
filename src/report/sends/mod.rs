//! What became of sends, in one table over environments: as text, comma-separated values and a document. The page is in
//! [`html`](super::html).

mod csv;

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use super::environments::failed;
use crate::check::schema::schema_of;
use crate::live::CLEVERTAP;
use crate::plan::PlanFailure;
use crate::sends::{CLEVERTAP_LAG, LAG, LabelTotal, MessageCounts, Sent, label};
use crate::text::safe::line;

pub use csv::render_sends_csv;

/// The format of the document.
pub const FORMAT: &str = "campaignctl.report/v1";

/// What was sent from some environments, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The format of the document.
    pub format: &'static str,
    /// The start of the time that is reported, RFC 3339 in UTC.
    pub since: String,
    /// Its end.
    pub until: String,
    /// What happened after this may not be reported yet: the platform is up to 20 minutes late.
    pub complete_until: String,
    /// One environment each, by name.
    pub environments: Vec<EnvironmentReport>,
    /// The totals of each label, then those of what has none.
    pub labels: Vec<LabelTotal>,
}

/// What was sent from one environment, or why it is not known.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentReport {
    /// The environment.
    pub environment: String,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The exit code that a run of it alone would have had.
    pub exit: u8,
    /// What was sent.
    pub sends: Vec<Sent>,
    /// How many sends the filters leave out.
    pub omitted: usize,
    /// The counts of all messages that the platform lists, filters aside.
    pub listed: MessageCounts,
    /// The counts that the platform gives for the whole account. They differ from `listed` where it is not done counting.
    pub counted: MessageCounts,
    /// What is to be known beside: a ledger that is at work, names that could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Why it is not known, or the part of one sender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<PlanFailure>,
}

impl Report {
    /// Every send with its environment.
    pub(super) fn sends(&self) -> impl Iterator<Item = (&EnvironmentReport, &Sent)> {
        let environments = self.environments.iter();
        environments.flat_map(|it| it.sends.iter().map(move |send| (it, send)))
    }

    /// What the counts do not show: what is late, open, or counted otherwise by the platform.
    pub(super) fn remarks(&self) -> Vec<String> {
        let sum = |count: fn(&Sent) -> u64| self.sends().map(|(_, send)| count(send)).sum::<u64>();
        let is_clevertap = |send: &Sent| send.sender == CLEVERTAP;
        let mut remarks = Vec::new();
        let minutes = LAG.as_mins();
        match sum(|send| {
            if send.sender == CLEVERTAP {
                0
            } else {
                send.unreported
            }
        }) {
            0 => {}
            late => remarks.push(format!(
                "{late} accepted {} not reported yet: the platform is up to {minutes} minutes late",
                if late == 1 {
                    "message is"
                } else {
                    "messages are"
                }
            )),
        }
        if self.sends().any(|(_, send)| is_clevertap(send)) {
            let hours = CLEVERTAP_LAG.as_hours();
            remarks.push(format!(
                "the figures of CleverTap are up to {hours} hours old, and by the days of its account; it does not say what was delivered or answered"
            ));
        }
        match sum(|send| send.unknown) {
            0 => {}
            open => remarks.push(format!(
                "{open} recipients are in batches that may have been sent, or not: `campaignctl launch status NAME` names them"
            )),
        }
        for it in &self.environments {
            let name = line(&it.environment);
            if it.listed != it.counted {
                let differences = differences(&it.listed, &it.counted).join(", ");
                remarks.push(format!(
                    "the platform counts otherwise for {name} than it lists messages: {differences}"
                ));
            }
            let notes = it.notes.iter();
            remarks.extend(notes.map(|note| format!("{name}: {}", line(note))));
        }
        remarks
    }
}

/// The counts that differ, in words.
fn differences(listed: &MessageCounts, counted: &MessageCounts) -> Vec<String> {
    let pairs = figures(listed).into_iter().zip(figures(counted));
    let differing = pairs.filter(|((_, listed), (_, counted))| listed != counted);
    let words = differing
        .map(|((name, listed), (_, counted))| format!("{counted} {name}, {listed} in the list"));
    words.collect()
}

/// The counts by their names, in the order of the way of a message.
pub(super) fn figures(counts: &MessageCounts) -> [(&'static str, u64); 8] {
    let figures = counts.figures();
    std::array::from_fn(|at| (MessageCounts::NAMES[at], figures[at]))
}

/// The labels of a send, as one text.
pub(super) fn labels(send: &Sent) -> String {
    let labels = send.labels.iter();
    let labels = labels.map(|(key, value)| label(key, value));
    labels.collect::<Vec<_>>().join(",")
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<Report>("What became of messages that were sent");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}

/// How the cells of a column are aligned, and whether it is left out where all of them are empty.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Text,
    Number,
    NumberIfAny,
}

use Column::{Number, NumberIfAny, Text};

/// The columns of the table.
const COLUMNS: [(&str, Column); 15] = [
    ("ENVIRONMENT", Text),
    ("NAME", Text),
    ("SENDER", Text),
    ("CHANNEL", Text),
    ("LABELS", Text),
    ("STATE", Text),
    ("SENT", Number),
    ("DELIVERED", Number),
    ("READ", Number),
    ("CLICKED", NumberIfAny),
    ("REPLIED", Number),
    ("FAILED", Number),
    ("REFUSED", NumberIfAny),
    ("UNKNOWN", NumberIfAny),
    ("NOT YET", NumberIfAny),
];

/// The figures that have no column.
const ASIDE: [&str; 2] = ["attempted", "skipped"];

/// The sends as a table, then why messages failed, then what the table does not show.
#[must_use]
pub fn render_sends(report: &Report) -> String {
    let mut out = String::new();
    let is_one = report.environments.len() == 1;
    let rows: Vec<Vec<String>> = report
        .sends()
        .map(|(environment, send)| {
            let name = if is_one { "" } else { &environment.environment };
            cells(name, send)
        })
        .collect();
    if !rows.is_empty() {
        table(&rows, &mut out);
        out.push('\n');
    }
    reasons(report, &mut out);
    let _ = writeln!(out, "{}", summary(report));
    for remark in report.remarks() {
        let _ = writeln!(out, "note: {remark}.");
    }
    for environment in &report.environments {
        if let Some(failure) = &environment.error {
            let _ = writeln!(out, "\n{}", line(&environment.environment));
            out.push_str(&failed(failure));
        }
    }
    out
}

fn cells(environment: &str, send: &Sent) -> Vec<String> {
    let texts = [
        environment,
        &send.name,
        &send.sender,
        &send.channel,
        &labels(send),
        &send.state,
    ];
    let figures = figures(&send.counts).into_iter();
    let figures = figures.filter(|(name, _)| !ASIDE.contains(name));
    let figures = figures.map(|(name, count)| shown(send, name, count));
    let beside = [send.refused, send.unknown, send.unreported].map(|it| it.to_string());
    let texts = texts.map(|text| line(text).into_owned());
    texts.into_iter().chain(figures).chain(beside).collect()
}

/// A figure, or that the sender does not count it.
pub(super) fn shown(send: &Sent, name: &str, count: u64) -> String {
    if send.uncounted.contains(name) {
        "-".to_owned()
    } else {
        count.to_string()
    }
}

fn table(rows: &[Vec<String>], out: &mut String) {
    let is_empty = |column: usize, kind: Column| match kind {
        Text => rows.iter().all(|row| row[column].is_empty()),
        Number => false,
        NumberIfAny => rows.iter().all(|row| row[column] == "0"),
    };
    let heads: Vec<String> = COLUMNS.iter().map(|(head, _)| (*head).to_owned()).collect();
    let columns: Vec<(usize, Column, usize)> = COLUMNS
        .iter()
        .enumerate()
        .filter(|(column, (_, kind))| !is_empty(*column, *kind))
        .map(|(column, (_, kind))| {
            let all = rows.iter().chain([&heads]);
            let width = all.map(|row| row[column].width()).max();
            (column, *kind, width.unwrap_or_default())
        })
        .collect();
    for row in [&heads].into_iter().chain(rows) {
        let cells = columns.iter().map(|(column, kind, width)| {
            let cell = &row[*column];
            let blanks = " ".repeat(width.saturating_sub(cell.width()));
            match kind {
                Text => format!("{cell}{blanks}"),
                Number | NumberIfAny => format!("{blanks}{cell}"),
            }
        });
        let _ = writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// Why messages failed or were not accepted, a line each.
fn reasons(report: &Report, out: &mut String) {
    let before = out.len();
    for (_, send) in report.sends() {
        let name = line(&send.name);
        for (word, reasons) in [("failed", &send.reasons), ("refused", &send.refusals)] {
            for (reason, count) in reasons {
                let _ = writeln!(out, "{word}: {count} of {name}: {}", line(reason));
            }
        }
    }
    if out.len() > before {
        out.push('\n');
    }
}

/// What was sent, in a sentence.
pub(super) fn summary(report: &Report) -> String {
    let total = MessageCounts::total(report.sends().map(|(_, send)| &send.counts));
    let count = report.sends().count();
    let omitted: usize = report.environments.iter().map(|it| it.omitted).sum();
    let omitted = match omitted {
        0 => String::new(),
        omitted => format!(" {omitted} not shown."),
    };
    let plural = if count == 1 { "" } else { "s" };
    // What no sender counts is unknown, and not 0.
    let is_counted = |name: &str| {
        let mut sends = report.sends();
        count == 0 || sends.any(|(_, send)| !send.uncounted.contains(name))
    };
    let figures = figures(&total).into_iter().filter(|(name, figure)| {
        !ASIDE.contains(name) && is_counted(name) && (*name != "clicked" || *figure > 0)
    });
    let figures: Vec<String> = figures
        .map(|(name, figure)| format!("{figure} {name}"))
        .collect();
    format!(
        "{count} send{plural} from {} to {}: {}.{omitted}",
        report.since,
        report.until,
        figures.join(", ")
    )
}
