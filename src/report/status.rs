//! What the account of one environment contains, or those of several: a table, comma-separated values, a document.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::environments::{environment_heading, failed};
use super::launch::{LaunchLine, lines_table};
use super::plan::flow;
use super::uses::words;
use crate::check::schema::schema_of;
use crate::kinds::KindId;
use crate::plan::PlanFailure;
use crate::status::{ScheduleState, StatusRow};
use crate::text::safe::{csv, line};

/// The format of the JSON form.
pub const FORMAT: &str = "campaignctl.status/v1";

/// What the accounts of some environments contain.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The format of the document.
    pub format: &'static str,
    /// The moment at which schedules are judged, RFC 3339 in UTC.
    pub at: String,
    /// One environment each, by name.
    pub environments: Vec<EnvironmentStatus>,
}

/// What the account of one environment contains, or why it is not known.
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
    /// Why what is shown may be the half of what a run does: one that is at work, or one that did not finish.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsettled: Vec<String>,
    /// How many objects the filters leave out.
    pub omitted: usize,
    /// The objects, each with what lies inside it behind it.
    #[serde(default)]
    pub objects: Vec<StatusRow>,
    /// The launches of which something was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub launches: Vec<LaunchLine>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<PlanFailure>,
}

/// The columns of the objects that consumers meet.
const SHOWN: [&str; 9] = [
    "OBJECT", "KIND", "LIVE", "STATE", "SCHEDULE", "FOR", "OWNER", "CHANGED", "DRIFT",
];

/// The columns of what these share, and of what stands alone.
const SHARED: [&str; 7] = [
    "OBJECT", "KIND", "LIVE", "USED BY", "OWNER", "CHANGED", "DRIFT",
];

/// The widest column of a table.
const WIDEST: usize = 44;

/// The columns that a narrow screen goes without, the first one first. What they say is in the other formats.
const DISPENSABLE: [&str; 3] = ["CHANGED", "STATE", "SCHEDULE"];

/// The columns whose cells are cut on a narrow screen, the first one first.
const CUT: [&str; 4] = ["FOR", "DRIFT", "OBJECT", "USED BY"];

/// The narrowest that such a column gets.
const NARROWEST: usize = 20;

/// A table for every environment, under its heading when there are several. On a narrow screen, some columns are left
/// out and named, and the cells of others are cut.
#[must_use]
pub fn render_status(status: &Status, width: Option<usize>) -> String {
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
            None => table(environment, width, &mut out),
        }
    }
    out
}

fn table(environment: &EnvironmentStatus, width: Option<usize>, out: &mut String) {
    let rows = |is_shown: bool| {
        let rows = environment.objects.iter();
        rows.filter(move |row| row.kind.def().is_shown() == is_shown)
    };
    let shown: Vec<_> = rows(true).map(shown_cells).collect();
    let shared: Vec<_> = rows(false).map(shared_cells).collect();
    let mut left_out = columns(&SHOWN, &shown, width, out);
    left_out.extend(columns(&SHARED, &shared, width, out));
    if !environment.launches.is_empty() {
        out.push_str(&lines_table(environment.launches.iter().cloned()));
        out.push('\n');
    }
    let _ = writeln!(out, "{}", counts(environment));
    if !left_out.is_empty() {
        let names: Vec<_> = left_out.into_iter().collect();
        let _ = writeln!(out, "A wider terminal shows: {}.", names.join(", "));
    }
}

/// Rows below their heads, each column as wide as it has to be. A column that nothing is in is left out; returned are those
/// for which there is no room.
fn columns<const N: usize>(
    heads: &[&'static str; N],
    rows: &[[String; N]],
    room: Option<usize>,
    out: &mut String,
) -> BTreeSet<&'static str> {
    let width = |column: usize| {
        let widest = rows.iter().map(|row| row[column].width()).max();
        widest
            .filter(|it| *it > 0)
            .map(|it| it.max(heads[column].width()))
    };
    let mut widths: Vec<Option<usize>> = (0..N).map(width).collect();
    let left_out = narrowed(heads, &mut widths, room);
    let heads = heads.map(str::to_owned);
    if rows.is_empty() {
        return left_out;
    }
    for row in [&heads].into_iter().chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            if let Some(width) = width {
                let cell = cut(cell, *width);
                line.push_str(&cell);
                line.extend(std::iter::repeat_n(' ', width - cell.width() + 2));
            }
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out.push('\n');
    left_out
}

/// Takes columns away, and makes others narrower, until they fit.
fn narrowed<const N: usize>(
    heads: &[&'static str; N],
    widths: &mut [Option<usize>],
    room: Option<usize>,
) -> BTreeSet<&'static str> {
    let total = |widths: &[Option<usize>]| {
        let shown: Vec<usize> = widths.iter().copied().flatten().collect();
        shown.iter().sum::<usize>() + 2 * shown.len().saturating_sub(1)
    };
    let mut left_out = BTreeSet::new();
    let Some(room) = room else {
        return left_out;
    };
    let place = |name: &str| heads.iter().position(|head| *head == name);
    let narrowest = |widths: &[Option<usize>]| {
        let mut widths = widths.to_vec();
        for column in CUT.iter().filter_map(|name| place(name)) {
            widths[column] = widths[column].map(|it| it.min(NARROWEST));
        }
        total(&widths)
    };
    for name in DISPENSABLE {
        if narrowest(widths) <= room {
            break;
        }
        if place(name).is_some_and(|column| widths[column].take().is_some()) {
            left_out.insert(name);
        }
    }
    for column in CUT.iter().filter_map(|name| place(name)) {
        let excess = total(widths).saturating_sub(room);
        let narrower = |it: usize| it.saturating_sub(excess).max(NARROWEST.min(it));
        widths[column] = widths[column].map(narrower);
    }
    left_out
}

fn shown_cells(row: &StatusRow) -> [String; 9] {
    let indent = if row.inside.is_some() { "  " } else { "" };
    let schedule = row.schedule.as_ref();
    let mut who: Vec<String> = row.audiences.iter().map(|name| meant(row, name)).collect();
    who.extend(row.skill.iter().map(|skill| format!("skill {skill}")));
    [
        clipped(&format!("{indent}{}", row.display_name)),
        row.kind.to_string(),
        live(row),
        line(row.state.as_deref().unwrap_or_default()).into_owned(),
        schedule.map_or_else(String::new, |it| line(&it.words).into_owned()),
        clipped(&who.join(", ")),
        owner(row),
        day(row),
        clipped(&row.drift.join(", ")),
    ]
}

/// An audience with what its conditions mean, where that is known: `VIPs (customerType: vip)`.
fn meant(row: &StatusRow, audience: &str) -> String {
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

fn shared_cells(row: &StatusRow) -> [String; 7] {
    let used_by = row.used_by.as_ref();
    [
        clipped(&meant(row, &row.display_name)),
        row.kind.to_string(),
        live(row),
        match used_by {
            Some(counts) if counts.is_empty() => "nothing".to_owned(),
            Some(counts) => words(counts),
            None => String::new(),
        },
        owner(row),
        day(row),
        clipped(&row.drift.join(", ")),
    ]
}

fn live(row: &StatusRow) -> String {
    let mark = if row.live == Some(true) { "LIVE" } else { "" };
    mark.to_owned()
}

fn owner(row: &StatusRow) -> String {
    if row.owned { "owned" } else { "foreign" }.to_owned()
}

/// The day of the last change.
fn day(row: &StatusRow) -> String {
    let changed = row.changed.as_deref().unwrap_or_default();
    let day = changed.split([' ', 'T']).next().unwrap_or_default();
    line(day).into_owned()
}

/// One line, no wider than a column may be.
fn clipped(text: &str) -> String {
    cut(&line(text), WIDEST)
}

/// A text, cut where the column ends.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        kept.push(letter);
        if kept.width() > width.saturating_sub(2) {
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
    let mut out = "environment,account,kind,name,displayName,remoteId,inside,state,phase,timeZone,start,end,audiences,skill,owned,drift,live,usedBy,changed\r\n".to_owned();
    for environment in &status.environments {
        for row in &environment.objects {
            let cells = values(environment, row).map(|cell| csv(&cell));
            let _ = write!(out, "{}\r\n", cells.join(","));
        }
        for launch in &environment.launches {
            let cells = launch_values(environment, launch).map(|cell| csv(&cell));
            let _ = write!(out, "{}\r\n", cells.join(","));
        }
    }
    out
}

fn values(environment: &EnvironmentStatus, row: &StatusRow) -> [String; 19] {
    let schedule = row.schedule.as_ref();
    let counts = |counts: &BTreeMap<KindId, usize>| {
        let counts = counts.iter().map(|(kind, count)| format!("{kind}:{count}"));
        counts.collect::<Vec<_>>().join(";")
    };
    let used_by = row.used_by.as_ref().map(counts);
    let of = |get: fn(&ScheduleState) -> &Option<String>| {
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
        row.state.clone().unwrap_or_default(),
        schedule.map_or("", |it| it.phase.word()).to_owned(),
        of(|it| &it.time_zone),
        of(|it| &it.start),
        of(|it| &it.end),
        row.audiences.join(";"),
        row.skill.clone().unwrap_or_default(),
        row.owned.to_string(),
        row.drift.join(";"),
        row.live.map_or_else(String::new, |live| live.to_string()),
        used_by.unwrap_or_default(),
        row.changed.clone().unwrap_or_default(),
    ]
}

/// A launch in the columns of objects: it has a name, a state and a start.
fn launch_values(environment: &EnvironmentStatus, launch: &LaunchLine) -> [String; 19] {
    let kind = KindId::manifests().find(|kind| kind.def().is_launch);
    let mut values = [const { String::new() }; 19];
    values[0].clone_from(&environment.environment);
    values[1] = environment.account.clone().unwrap_or_default();
    values[2] = kind.map(|kind| kind.to_string()).unwrap_or_default();
    values[3].clone_from(&launch.name);
    values[4].clone_from(&launch.name);
    launch.state.clone_into(&mut values[7]);
    values[10].clone_from(&launch.begun);
    values[14] = true.to_string();
    values
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<Status>("What an account contains");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_a_narrow_screen() {
        let row = |name: &str| {
            [
                name.to_owned(),
                "Campaign".to_owned(),
                "LIVE".to_owned(),
                "published".to_owned(),
                "ends in 27 days".to_owned(),
                "f".repeat(44),
                "owned".to_owned(),
                "2026-11-26".to_owned(),
                String::new(),
            ]
        };
        let shown = |room: Option<usize>| {
            let mut out = String::new();
            let left_out = columns(
                &SHOWN,
                &[row(&"n".repeat(30)), row("short")],
                room,
                &mut out,
            );
            let widest = out.lines().map(UnicodeWidthStr::width).max();
            (
                widest.unwrap_or_default(),
                left_out.into_iter().collect::<Vec<_>>(),
            )
        };
        assert_eq!(shown(None), (139, vec![]));
        assert_eq!(shown(Some(120)), (120, vec![]));
        assert_eq!(shown(Some(100)), (100, vec!["CHANGED"]));
        assert_eq!(shown(Some(84)), (84, vec!["CHANGED", "STATE"]));
        assert_eq!(shown(Some(68)), (68, vec!["CHANGED", "SCHEDULE", "STATE"]));
    }

    #[test]
    fn cells_are_cut_by_width() {
        assert_eq!(clipped("a\nb"), "a\\nb");
        assert_eq!(clipped(&"x".repeat(45)), format!("{}..", "x".repeat(42)));
        assert_eq!(clipped(&"宽".repeat(23)).width(), 44);
    }
}
