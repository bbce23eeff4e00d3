//! The sends as comma-separated values (RFC 4180), one line each below a line of heads.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{EnvironmentReport, Report, figures, labels};
use crate::sends::Sent;
use crate::text::safe::csv;

/// The texts of a line; the counts are between them and [`BEHIND`].
const HEADS: &str = "environment,account,name,sender,owned,channel,labels,state,skills,first,last";

/// What stands behind the counts.
const BEHIND: &str = "refused,unknown,unreported,reasons,refusals";

/// The sends as comma-separated values. No cell is a formula to a spreadsheet.
#[must_use]
pub fn render_sends_csv(report: &Report) -> String {
    let names = figures(&crate::sends::MessageCounts::default()).map(|(name, _)| name);
    let mut out = format!("{HEADS},{},{BEHIND}\r\n", names.join(","));
    for (environment, send) in report.sends() {
        let cells: Vec<String> = cells(environment, send).iter().map(|it| csv(it)).collect();
        let _ = write!(out, "{}\r\n", cells.join(","));
    }
    out
}

fn cells(environment: &EnvironmentReport, send: &Sent) -> Vec<String> {
    let text = |it: &Option<String>| it.clone().unwrap_or_default();
    let skills: Vec<&str> = send.skills.iter().map(String::as_str).collect();
    let mut cells = vec![
        environment.environment.clone(),
        text(&environment.account),
        send.name.clone(),
        send.sender.clone(),
        send.owned.to_string(),
        send.channel.clone(),
        labels(send),
        send.state.clone(),
        skills.join(";"),
        text(&send.first),
        text(&send.last),
    ];
    let known = |name: &str| !send.uncounted.contains(name);
    cells.extend(figures(&send.counts).map(|(name, count)| {
        let shown = known(name).then(|| count.to_string());
        shown.unwrap_or_default()
    }));
    cells.extend([send.refused, send.unknown, send.unreported].map(|it| it.to_string()));
    cells.extend([&send.reasons, &send.refusals].map(told));
    cells
}

/// Reasons with their counts in one cell.
fn told(reasons: &BTreeMap<String, u64>) -> String {
    let reasons = reasons.iter();
    let reasons = reasons.map(|(reason, count)| format!("{count} {reason}"));
    reasons.collect::<Vec<_>>().join("; ")
}
