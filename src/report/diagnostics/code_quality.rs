//! Complaints as GitLab's code quality report, which a merge request shows beside its lines.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use serde::Serialize;

use super::finding::{ReportedFinding, ReportedFindings};
use super::fingerprint::Fingerprints;
use crate::text::safe;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: IssueLocation<'a>,
}

#[derive(Serialize)]
struct IssueLocation<'a> {
    path: &'a str,
    lines: IssueLines,
}

#[derive(Serialize)]
struct IssueLines {
    begin: u32,
    end: u32,
}

/// The report: one issue per complaint, an empty list when there are none.
#[must_use]
pub fn render_code_quality(findings: &ReportedFindings) -> String {
    let mut fingerprints = Fingerprints::default();
    let issues = findings.list.iter().map(|finding| Issue {
        description: finding.told(),
        check_name: finding.code.name,
        fingerprint: fingerprints.of(findings.file(finding), finding),
        severity: severity(finding),
        location: location(findings, finding),
    });
    rendered(&issues.collect::<Vec<_>>())
}

/// A failure that is about no file, at the file that is named instead.
#[must_use]
pub fn render_code_quality_failure(message: &str, stand_in: &str) -> String {
    rendered(&[Issue {
        description: message.to_owned(),
        check_name: "failure",
        fingerprint: Fingerprints::default().text(message),
        severity: "blocker",
        location: IssueLocation {
            path: stand_in,
            lines: IssueLines { begin: 1, end: 1 },
        },
    }])
}

fn rendered(issues: &[Issue]) -> String {
    safe::json(issues)
}

fn severity(finding: &ReportedFinding) -> &'static str {
    if finding.is_error() { "major" } else { "minor" }
}

fn location<'a>(findings: &'a ReportedFindings, finding: &'a ReportedFinding) -> IssueLocation<'a> {
    let lines = finding.region().map(|it| (it.line, it.end_line));
    let (begin, end) = lines.unwrap_or((1, 1));
    IssueLocation {
        path: findings.file(finding),
        lines: IssueLines { begin, end },
    }
}
