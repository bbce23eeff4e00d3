//! What `doctor` found: checks, each with its remedy, and what the account offers.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::ledger::{json, table};
use super::prose::hung;
use crate::text::safe::line;
use crate::text::some_of;

/// The format of the JSON document.
pub const FORMAT: &str = "campaignctl.doctor/v1";

/// The most names of one kind that the text shows.
const NAMES_SHOWN: usize = 8;

/// Everything that was found.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Examination {
    /// The format.
    pub format: &'static str,
    /// The environment.
    pub environment: String,
    /// The account, where it is known.
    pub account: Option<String>,
    /// The checks in the order of their making.
    pub checks: Vec<Check>,
    /// What the account holds, by kind.
    pub offers: Vec<KindCount>,
    /// What no program can see and a launch needs, where the project has launches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen: Vec<String>,
    /// The requests that it took, where it got as far as to count them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// What was checked, in a word.
    pub name: &'static str,
    /// How it went.
    pub state: CheckState,
    /// What was found.
    pub found: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CheckState {
    /// As it should be.
    Ok,
    /// Not as it should be, but nothing that the manifests need.
    Warning,
    /// It keeps the account from being planned or applied.
    Failed,
    /// It could not be made, because another one failed.
    Skipped,
}

/// The objects of one kind.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KindCount {
    /// The kind.
    pub kind: &'static str,
    /// How many, the vendor's own included; `None` when they cannot be read.
    pub objects: Option<usize>,
    /// How many of them are the vendor's own; `None` when they cannot be read.
    pub system: Option<usize>,
    /// Whether the manifests describe or refer to objects of this kind.
    pub needed: bool,
    /// The display names, of kinds that manifests only refer to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

impl Check {
    /// A check that went well.
    #[must_use]
    pub fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            state: CheckState::Ok,
            found: found.into(),
            help: None,
        }
    }

    /// A check that did not go well.
    #[must_use]
    pub fn bad(name: &'static str, state: CheckState, found: String, help: Option<String>) -> Self {
        Self {
            name,
            state,
            found,
            help,
        }
    }

    /// A check that had to be left out.
    #[must_use]
    pub fn skipped(name: &'static str, because: &str) -> Self {
        Self::bad(name, CheckState::Skipped, because.to_owned(), None)
    }
}

impl Examination {
    /// How many checks went like this.
    #[must_use]
    pub fn count(&self, state: CheckState) -> usize {
        self.checks
            .iter()
            .filter(|check| check.state == state)
            .count()
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> String {
        json(self)
    }

    /// For people, on a terminal of so many columns.
    #[must_use]
    pub fn to_text(&self, color: bool, width: Option<usize>) -> String {
        let width = width.unwrap_or(usize::MAX);
        let account = self.account.as_deref();
        let account = account.map_or_else(String::new, |id| format!(" (account {})", line(id)));
        let mut out = format!("Environment {}{account}\n\n", line(&self.environment));
        let widest = self.checks.iter().map(|check| check.name.len()).max();
        for check in &self.checks {
            check.render(widest.unwrap_or_default(), color, width, &mut out);
        }
        if !self.offers.is_empty() {
            out.push_str("\nThe account holds\n\n");
            let rows = indented(&table(&self.rows()));
            let names = rows.find("NAMES").unwrap_or_default(); // the column of the first row
            let rows = rows.lines().map(|row| hung(row, width, names) + "\n");
            out.extend(rows);
        }
        if !self.unseen.is_empty() {
            out.push_str("\nCheck before a launch what no program can see\n\n");
        }
        for unseen in &self.unseen {
            let item = format!("  - {}", line(unseen));
            let _ = writeln!(out, "{}", hung(&item, width, 4)); // a string can be written to
        }
        let _ = writeln!(out, "\n{}", self.verdict()); // a string can be written to
        out
    }

    fn rows(&self) -> Vec<[String; 5]> {
        let head = ["KIND", "OBJECTS", "VENDOR'S", "NEEDED", "NAMES"].map(str::to_owned);
        let rows = self.offers.iter().map(|offer| {
            let shown = |count: Option<usize>| {
                count.map_or_else(|| "?".to_owned(), |count| count.to_string())
            };
            [
                offer.kind.to_owned(),
                shown(offer.objects),
                shown(offer.system),
                if offer.needed { "yes" } else { "" }.to_owned(),
                shown_names(&offer.names),
            ]
        });
        std::iter::once(head).chain(rows).collect()
    }

    fn verdict(&self) -> String {
        let counted = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let failed = counted(
            self.count(CheckState::Failed),
            "check failed",
            "checks failed",
        );
        let warned = counted(self.count(CheckState::Warning), "warning", "warnings");
        let parts: Vec<String> = failed.into_iter().chain(warned).collect();
        let verdict = match parts.as_slice() {
            [] => "Everything is fine".to_owned(),
            parts => parts.join(", "),
        };
        let requests = match self.requests {
            None => String::new(),
            Some(1) => "; 1 request".to_owned(),
            Some(count) => format!("; {count} requests"),
        };
        format!("{verdict}. Nothing was written{requests}.")
    }
}

impl Check {
    fn render(&self, widest: usize, color: bool, width: usize, out: &mut String) {
        let (word, tint) = match self.state {
            CheckState::Ok => ("ok", AnsiColor::Green),
            CheckState::Warning => ("warn", AnsiColor::Yellow),
            CheckState::Failed => ("fail", AnsiColor::Red),
            CheckState::Skipped => ("-", AnsiColor::BrightBlack),
        };
        let style = Style::new().fg_color(Some(tint.into()));
        let word = if color {
            format!("{style}{word:>4}{style:#}")
        } else {
            format!("{word:>4}")
        };
        let column = "  ok  ".len() + widest + 2;
        let found = format!("{word}  {:<widest$}  {}", self.name, line(&self.found));
        out.push_str(&hung(&found, width, column));
        out.push('\n');
        if let Some(help) = &self.help {
            let help = format!("      {:<widest$}  = help: {}", "", line(help));
            out.push_str(&hung(&help, width, column + 2));
            out.push('\n');
        }
    }
}

fn shown_names(names: &[String]) -> String {
    some_of(names.iter().map(|it| line(it)), NAMES_SHOWN)
}

fn indented(text: &str) -> String {
    text.lines()
        .fold(String::new(), |out, line| out + "  " + line + "\n")
}
