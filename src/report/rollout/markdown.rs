//! A rollout as Markdown, for the summary of a pipeline: a table, the environments that are not done first.

use std::fmt::Write as _;

use super::text::{COLUMNS, cells};
use super::{EnvironmentRollout, RolloutReport};
use crate::text::safe::{code, prose};

/// How many characters of a reason are shown.
const LONGEST: usize = 500;

/// The report as Markdown of at most `budget` characters: of the environments that are done, as many as fit are listed.
#[must_use]
pub fn render_rollout_markdown(report: &RolloutReport, budget: usize) -> String {
    let mut out = head(report);
    let columns = COLUMNS.join(" | ");
    let _ = write!(
        out,
        "| environment | wave | result | {columns} | |\n|---|--:|---|{}---|\n",
        "--:|".repeat(COLUMNS.len())
    );
    let (good, open): (Vec<_>, Vec<_>) = report
        .environments
        .iter()
        .partition(|it| it.result.is_good());
    let mut omitted = 0;
    for environment in open.into_iter().chain(good) {
        let row = row(environment);
        if out.chars().count() + row.chars().count() > budget.saturating_sub(100) {
            omitted += 1;
        } else {
            out.push_str(&row);
        }
    }
    if omitted > 0 {
        let _ = writeln!(out, "\nand {omitted} more environments");
    }
    out
}

fn head(report: &RolloutReport) -> String {
    let mut out = String::from("<!-- campaignctl:rollout -->\n## Rollout\n\n");
    let _ = writeln!(out, "**{}**\n", prose(&report.summary()));
    for problem in &report.problems {
        let _ = writeln!(out, "> [!CAUTION]\n> {}\n", prose(&problem.message));
    }
    out
}

fn row(environment: &EnvironmentRollout) -> String {
    let why = environment.why().unwrap_or_default();
    // A row is one line.
    let why: Vec<&str> = why.split_whitespace().collect();
    let why: String = why.join(" ").chars().take(LONGEST).collect();
    let result = environment.result;
    let result = if result.is_good() {
        result.word().to_owned()
    } else {
        format!("**{}**", result.word())
    };
    format!(
        "| {} | {} | {result} | {} | {} |\n",
        code(&environment.environment),
        environment.wave,
        cells(environment).join(" | "),
        prose(&why)
    )
}
