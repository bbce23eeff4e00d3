//! What stands in the account of one environment, or of several: a table, comma-separated values, a document.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::environments::{environment_heading, failed};
use super::plan::flow;
use crate::check::schema::schema_of;
use crate::plan::Failure;
use crate::status::{Row, Schedule};
use crate::text::safe::{csv, line};

/// The format of the JSON form.
pub const FORMAT: &str = "campaignctl.status/v1";

/// What stands in the accounts of some environments.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// How the document is to be read.
    pub format: &'static str,
    /// The moment at which schedules are judged, RFC 3339 in UTC.
    pub at: String,
    /// One environment each, by name.
    pub environments: Vec<EnvironmentStatus>,
}

/// What stands in the account of one environment, or why nobody knows.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentStatus {
    /// The environment.
    pub environment: String,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The exit code that a run of it alone would have had.
    pub exit: u8,
    /// How many objects the filters leave out.
    pub omitted: usize,
    /// The objects, each with what lies inside it behind it.
    #[serde(default)]
    pub objects: Vec<Row>,
    /// Why nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// The heads of the table's columns.
const HEADS: [&str; 7] = [
    "OBJECT", "KIND", "STATE", "SCHEDULE", "FOR", "OWNER", "DRIFT",
];

/// The widest column of a table.
const WIDEST: usize = 44;

/// A table for every environment, under its heading when there are several.
#[must_use]
pub fn render_status(status: &Status) -> String {
    let mut out = String::new();
    for (index, environment) in status.environments.iter().enumerate() {
        if status.environments.len() > 1 {
            let blank = if index > 0 { "\n" } else { "" };
            let heading =
                environment_heading(&environment.environment, environment.account.as_deref());
            let _ = writeln!(out, "{blank}{heading}");
        }
        match &environment.error {
            Some(failure) => out.push_str(&failed(failure)),
            None => table(environment, &mut out),
        }
    }
    out
}

fn table(environment: &EnvironmentStatus, out: &mut String) {
    let rows: Vec<[String; 7]> = environment.objects.iter().map(cells).collect();
    let heads = HEADS.map(str::to_owned);
    let width = |column: usize| {
        let cells = rows.iter().chain([&heads]).map(|row| row[column].width());
        cells.max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..HEADS.len()).map(width).collect();
    if !rows.is_empty() {
        for row in [&heads].into_iter().chain(&rows) {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let blanks = width - cell.width() + 2;
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', blanks));
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}", counts(environment));
}

fn cells(row: &Row) -> [String; 7] {
    let indent = if row.inside.is_some() { "  " } else { "" };
    let schedule = row.schedule.as_ref();
    let mut who: Vec<String> = row.audiences.iter().map(|name| meant(row, name)).collect();
    who.extend(row.skill.iter().map(|skill| format!("skill {skill}")));
    [
        clipped(&format!("{indent}{}", row.display_name)),
        row.kind.to_string(),
        line(&row.state).into_owned(),
        schedule.map_or_else(String::new, |it| line(&it.words).into_owned()),
        clipped(&who.join(", ")),
        if row.owned { "owned" } else { "foreign" }.to_owned(),
        clipped(&row.drift.join(", ")),
    ]
}

/// An audience with what its conditions mean, where that is known: `VIPs (customerType: vip)`.
fn meant(row: &Row, audience: &str) -> String {
    let Some(meaning) = row.means.iter().find(|meaning| meaning.of == audience) else {
        return audience.to_owned();
    };
    let facts = meaning.means.iter().map(|means| {
        let text = flow(means);
        let inner = text.strip_prefix("{ ").and_then(|it| it.strip_suffix(" }"));
        inner.unwrap_or(&text).to_owned()
    });
    format!("{audience} ({})", facts.collect::<Vec<_>>().join("; "))
}

/// One line, cut where the column ends.
fn clipped(text: &str) -> String {
    let text = line(text);
    if text.width() <= WIDEST {
        return text.into_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        kept.push(letter);
        if kept.width() > WIDEST - 2 {
            kept.pop();
            break;
        }
    }
    format!("{kept}..")
}

fn counts(environment: &EnvironmentStatus) -> String {
    let objects = &environment.objects;
    let owned = objects.iter().filter(|row| row.owned).count();
    let drifted = objects.iter().filter(|row| !row.drift.is_empty()).count();
    let count = objects.len();
    let plural = if count == 1 { "" } else { "s" };
    let mut line = format!(
        "{count} object{plural}: {owned} owned, {} foreign, {drifted} drifted.",
        count - owned
    );
    if environment.omitted > 0 {
        let _ = write!(line, " {} not shown.", environment.omitted);
    }
    line
}

/// The objects as comma-separated values (RFC 4180), one line each below a line of heads.
#[must_use]
pub fn render_status_csv(status: &Status) -> String {
    let mut out = "environment,account,kind,name,displayName,remoteId,inside,state,phase,timeZone,start,end,audiences,skill,owned,drift\r\n".to_owned();
    for environment in &status.environments {
        for row in &environment.objects {
            let cells = values(environment, row).map(|cell| csv(&cell));
            let _ = write!(out, "{}\r\n", cells.join(","));
        }
    }
    out
}

fn values(environment: &EnvironmentStatus, row: &Row) -> [String; 16] {
    let schedule = row.schedule.as_ref();
    let of = |get: fn(&Schedule) -> &Option<String>| {
        schedule.and_then(|it| get(it).clone()).unwrap_or_default()
    };
    [
        environment.environment.clone(),
        environment.account.clone().unwrap_or_default(),
        row.kind.to_string(),
        row.name.clone().unwrap_or_default(),
        row.display_name.clone(),
        row.remote_id.to_string(),
        row.inside.clone().unwrap_or_default(),
        row.state.clone(),
        schedule.map_or("", |it| it.phase.word()).to_owned(),
        of(|it| &it.time_zone),
        of(|it| &it.start),
        of(|it| &it.end),
        row.audiences.join(";"),
        row.skill.clone().unwrap_or_default(),
        row.owned.to_string(),
        row.drift.join(";"),
    ]
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<Status>("status", "What stands in an account");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "How the document is to be read." });
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_cut_by_width() {
        assert_eq!(clipped("a\nb"), "a\\nb");
        assert_eq!(clipped(&"x".repeat(45)), format!("{}..", "x".repeat(42)));
        assert_eq!(clipped(&"宽".repeat(23)).width(), 44);
    }
}
