//! A ledger as people and programs read it.

use std::fmt::Write as _;

use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

use crate::export::emit;
use crate::live::{Entry, Ledger};
use crate::manifest::Key;
use crate::text::safe::{self, line, lines};

/// The format of the JSON list.
pub const FORMAT: &str = "campaignctl.ledger-list/v1";

/// A ledger, and where it was found.
#[derive(Clone, Copy, Debug)]
pub struct ListedLedger<'a> {
    /// The environment.
    pub environment: &'a str,
    /// Where it is kept.
    pub place: &'a str,
    /// Whether it is there, or will be with the first apply.
    pub is_stored: bool,
    /// The ledger.
    pub ledger: &'a Ledger,
}

/// The bound objects as a table.
#[must_use]
pub fn render_list(listed: &ListedLedger<'_>) -> String {
    let head = ["MANIFEST", "ID", "DISPLAY NAME", "FILE", "APPLIED"].map(str::to_owned);
    let rows = listed.ledger.entries.iter().map(|(key, entry)| {
        [
            key.to_string(),
            entry.id.to_string(),
            line(&entry.display_name).into_owned(),
            line(&entry.file).into_owned(),
            seconds(&entry.at),
        ]
    });
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    if rows.len() == 1 {
        return "The ledger is empty.\n".to_owned();
    }
    table(&rows)
}

/// The bound objects for programs, without what was applied to them.
#[must_use]
pub fn render_list_json<'a>(listed: &ListedLedger<'a>) -> String {
    let row = |(key, entry): (&'a Key, &'a Entry)| LedgerRow {
        kind: key.kind.name(),
        name: key.name.as_str(),
        id: entry.id.as_str(),
        display_name: &entry.display_name,
        protect: entry.protect,
        observed: entry.observed,
        file: &entry.file,
        at: &entry.at,
        plan: &entry.plan,
    };
    json(&LedgerReport {
        format: FORMAT,
        environment: listed.environment,
        ledger: listed.place,
        account: &listed.ledger.account,
        lineage: listed.is_stored.then_some(&listed.ledger.lineage),
        serial: listed.ledger.serial,
        entries: listed.ledger.entries.iter().map(row).collect(),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LedgerReport<'d> {
    format: &'static str,
    environment: &'d str,
    ledger: &'d str,
    account: &'d str,
    lineage: Option<&'d str>,
    serial: u64,
    entries: Vec<LedgerRow<'d>>,
}
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LedgerRow<'d> {
    kind: &'static str,
    name: &'d str,
    id: &'d str,
    display_name: &'d str,
    protect: bool,
    observed: bool,
    file: &'d str,
    at: &'d str,
    plan: &'d str,
}

/// What the ledger is, in a few lines.
#[must_use]
pub fn render_summary(listed: &ListedLedger<'_>) -> String {
    let ledger = listed.ledger;
    let mut out = format!(
        "environment  {}\naccount      {}\nledger       {}\n",
        line(listed.environment),
        line(&ledger.account),
        line(listed.place)
    );
    if !listed.is_stored {
        out.push_str("             not there yet: the first apply creates it\n");
        return out;
    }
    let mut kinds = std::collections::BTreeMap::<_, usize>::new();
    for key in ledger.entries.keys() {
        *kinds.entry(key.kind).or_default() += 1;
    }
    let kinds: Vec<_> = kinds
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let _ = writeln!(out, "lineage      {}", line(&ledger.lineage)); // a string can be written to
    let _ = writeln!(out, "serial       {}", ledger.serial);
    let _ = writeln!(out, "plans        {} applied", ledger.used_plans.len());
    let bound = if kinds.is_empty() {
        "nothing".to_owned()
    } else {
        kinds.join(", ")
    };
    let _ = writeln!(out, "bound        {bound}");
    out
}

/// One entry, with all that was applied.
#[must_use]
pub fn render_entry(key: &Key, entry: &Entry) -> String {
    let text = emit(&serde_json::to_value(entry).unwrap_or_default());
    format!("# {key}\n{}", lines(&text))
}

/// Anything as indented JSON.
#[must_use]
pub fn json(value: &impl Serialize) -> String {
    safe::json(value)
}

/// Rows in columns.
pub(super) fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let widths: Vec<usize> = (0..N)
        .map(|column| rows.iter().map(|row| row[column].width()).max())
        .map(Option::unwrap_or_default)
        .collect();
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let blanks = width.saturating_sub(cell.width()) + 2;
            let _ = write!(line, "{cell}{:blanks$}", ""); // a string can be written to
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A time without its fractions of a second.
fn seconds(at: &str) -> String {
    match at.split_once('.') {
        Some((whole, _)) => format!("{}Z", line(whole)),
        None => line(at).into_owned(),
    }
}
