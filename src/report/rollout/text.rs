//! A rollout for people: a table, then why each environment that is not done is not.

use std::fmt::Write as _;

use super::{EnvironmentRollout, OpenStep, RolloutReport};
use crate::apply::Class;
use crate::report::environments::{environment_heading, failed};
use crate::report::outcome;
use crate::text::safe::line;

/// The columns of the table behind the result.
pub(super) const COLUMNS: [&str; 5] = ["create", "update", "delete", "done", "manual"];

/// The report as text.
#[must_use]
pub fn render_rollout(report: &RolloutReport) -> String {
    let mut out = table(report);
    for environment in &report.environments {
        if !environment.result.is_good() {
            out.push('\n');
            details(environment, &mut out);
        }
    }
    if !report.problems.is_empty() {
        out.push('\n');
    }
    for problem in &report.problems {
        let _ = writeln!(out, "error: {}", line(&problem.message));
    }
    let _ = writeln!(out, "\n{}", report.summary());
    out
}

/// What the table says of an environment: what was planned, and what was done of it.
pub(super) fn cells(environment: &EnvironmentRollout) -> [String; 5] {
    let planned = environment
        .summary
        .map(|it| [it.create + it.replace, it.update, it.delete]);
    let done = environment.counts.map(|it| [it.applied, it.manual]);
    let text = |count: Option<usize>| count.map_or_else(|| "-".to_owned(), |it| it.to_string());
    [
        text(planned.map(|it| it[0])),
        text(planned.map(|it| it[1])),
        text(planned.map(|it| it[2])),
        text(done.map(|it| it[0])),
        text(done.map(|it| it[1])),
    ]
}

fn table(report: &RolloutReport) -> String {
    let names = report.environments.iter();
    let names = names.map(|it| it.environment.chars().count());
    let width = names.chain(["environment".len()]).max().unwrap_or_default();
    let row = |name: &str, wave: &str, result: &str, cells: &[String]| {
        let mut row = format!("{name:width$}");
        if report.has_waves() {
            let _ = write!(row, "  {wave:>4}");
        }
        let _ = write!(row, "  {result:14}");
        for cell in cells {
            let _ = write!(row, "  {cell:>6}");
        }
        row.push('\n');
        row
    };
    let mut out = row("environment", "wave", "result", &COLUMNS.map(str::to_owned));
    for it in &report.environments {
        let (name, wave) = (line(&it.environment), it.wave.to_string());
        out.push_str(&row(&name, &wave, it.result.word(), &cells(it)));
    }
    out
}

fn details(environment: &EnvironmentRollout, out: &mut String) {
    let account = environment.account.as_deref();
    let heading = environment_heading(&environment.environment, account);
    let exit = environment.exit;
    let exit = exit.map_or_else(String::new, |exit| format!(", exit {exit}"));
    let _ = writeln!(out, "{heading}: {}{exit}", environment.result.word());
    for step in &environment.open {
        let _ = writeln!(out, "{}", open(step));
    }
    if let Some(error) = &environment.error {
        out.push_str(&failed(error));
    }
}

/// A step that is still to be done, in a line.
fn open(step: &OpenStep) -> String {
    let OpenStep {
        object,
        verb,
        failed,
        message,
    } = step;
    if *failed {
        // That it was stale is in the message of the account.
        outcome::failed(*verb, object, Class::Refused, message)
    } else {
        outcome::skipped(*verb, object, message)
    }
}
