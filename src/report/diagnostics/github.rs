//! Complaints as the workflow commands of GitHub Actions, which shows them beside the lines of a pull request.
//!
//! GitHub shows ten annotations of each level per step and drops the others without a word, so the rest is
//! counted in a notice, and everything is in the log below, folded.
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::finding::{ReportedFinding, ReportedFindings};
use crate::text::safe::{screen, workflow_data as data, workflow_property as property};

/// How many annotations of one level GitHub shows of a step.
const SHOWN: usize = 10;

/// The commands, and `text` (the complaints as people read them) in a group of the log.
#[must_use]
pub fn render_github(findings: &ReportedFindings, text: &str) -> String {
    let (errors, warnings): (Vec<_>, Vec<_>) = findings.list.iter().partition(|it| it.is_error());
    let mut out = String::new();
    for (level, list) in [("error", &errors), ("warning", &warnings)] {
        for finding in list.iter().take(SHOWN) {
            command(&mut out, level, findings, finding);
        }
    }
    let rest = |list: &[&ReportedFinding], word: &str| match list.len().saturating_sub(SHOWN) {
        0 => None,
        1 => Some(format!("1 more {word}")),
        more => Some(format!("{more} more {word}s")),
    };
    let rest = [rest(&errors, "error"), rest(&warnings, "warning")];
    let rest: Vec<String> = rest.into_iter().flatten().collect();
    if !rest.is_empty() {
        let rest = rest.join(" and ");
        let _ = writeln!(
            out,
            "::notice title=campaignctl::{rest}: the log of this step has all of them"
        );
    }
    if !findings.list.is_empty() {
        log(&mut out, text);
    }
    out
}

/// A failure that is about no line of a file.
#[must_use]
pub fn render_github_failure(message: &str, help: Option<&str>) -> String {
    let help = help.map(|help| format!("\nhelp: {help}"));
    let text = format!("{message}{}", help.unwrap_or_default());
    format!("::error title=campaignctl::{}\n", data(&text))
}

fn command(out: &mut String, level: &str, findings: &ReportedFindings, finding: &ReportedFinding) {
    let _ = write!(out, "::{level} file={}", property(findings.file(finding)));
    if let Some(region) = finding.region() {
        let _ = write!(out, ",line={}", region.line);
        let _ = write!(out, ",endLine={}", region.end_line);
        // GitHub refuses columns of a place that ends in another line.
        if region.line == region.end_line {
            let last = region.end_column.saturating_sub(1).max(region.column);
            let _ = write!(out, ",col={},endColumn={last}", region.column);
        }
    }
    let (title, message) = (property(finding.code.name), data(&finding.told()));
    let _ = writeln!(out, ",title={title}::{message}");
}

/// A folded part of the log in which nothing is taken for a command, whatever a manifest says.
fn log(out: &mut String, text: &str) {
    // A manifest cannot hold the digest of its own complaints.
    let digest = format!("{:x}", Sha256::digest(text.as_bytes()));
    let token = digest.get(..32).unwrap_or(&digest);
    let text = screen(text.trim_end(), false);
    let _ = write!(
        out,
        "::group::All problems\n::stop-commands::{token}\n{text}\n::{token}::\n::endgroup::\n"
    );
}
