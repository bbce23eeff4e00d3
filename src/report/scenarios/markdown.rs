//! Results of scenarios as Markdown for a pull request.

use std::fmt::Write as _;

use super::{Tested, summary};
use crate::offers::{Unasked, Verdict};
use crate::text::safe::{code, prose};

/// A table of the scenarios, and every case that does not pass.
#[must_use]
pub fn render_markdown(tested: &Tested<'_>) -> String {
    let mut out = super::proof_line(tested);
    if !out.is_empty() {
        out = format!("{}\n\n", prose(out.trim_end()));
    }
    let _ = write!(
        out,
        "### {}\n\n| scenario | passed | failed | undecided |\n|---|---|---|---|\n",
        summary(&tested.counts()).trim_end_matches('.')
    );
    for (key, results) in tested.by_scenario() {
        let of = |verdict: Verdict| results.iter().filter(|it| it.verdict() == verdict).count();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            code(key.name.as_str()),
            of(Verdict::Passed),
            of(Verdict::Failed),
            of(Verdict::Undecided)
        );
    }
    let coverage = super::coverage_line(tested);
    if !coverage.is_empty() {
        let _ = write!(out, "\n{coverage}");
    }
    let complaints = tested.complaints();
    if !complaints.is_empty() {
        out.push('\n');
    }
    for (diagnostic, position) in complaints.located(tested.texts) {
        let place = position.map(|it| format!("{}:{}", it.file, it.line));
        let place = place
            .map(|place| format!("{} ", code(&place)))
            .unwrap_or_default();
        let _ = writeln!(out, "- {place}{}", prose(&diagnostic.message));
        for (_, label) in &diagnostic.labels {
            let _ = writeln!(out, "  - {}", prose(label));
        }
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(out, "  - help: {}", prose(help));
        }
    }
    let unasked = tested.proof.map_or(&[][..], |it| it.unasked.as_slice());
    for Unasked {
        scenario,
        name,
        why,
    } in unasked
    {
        let case = code(&format!("{}, {name}", scenario.name));
        let _ = writeln!(out, "- not asked: {case} {}", prose(why));
    }
    if let Some(clock) = tested.clock {
        let _ = writeln!(
            out,
            "\nVisits without `at` are at {clock}, the time of the run."
        );
    }
    out
}
