//! Complaints of one kind, together: a person reads the first in full, and the places of some others.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diag::{Diagnostic, Severity};
use crate::text::Position;
use crate::text::safe::line;

/// How many complaints that are alike are drawn each on its own at most.
const ALIKE: usize = 3;

/// How many other errors are listed with their places; the rest are counted.
const LISTED: usize = 10;

/// A complaint with its place.
type Located<'d> = (&'d Diagnostic, Option<Position>);

/// What alike complaints have in common: warnings their code and help, errors their message, too. An error stops a run,
/// so each different one is shown.
type Likeness<'d> = (&'d str, Severity, Option<&'d str>, Option<&'d str>);

fn kind(diagnostic: &Diagnostic) -> Likeness<'_> {
    let is_error = diagnostic.severity == Severity::Error;
    let message = is_error.then_some(diagnostic.message.as_str());
    let (code, severity) = (diagnostic.code.name, diagnostic.severity);
    (code, severity, message, diagnostic.help.as_deref())
}

/// Complaints in blocks: each on its own, but for those that are alike and more than a few, which are at the place of the
/// first one. `full` leaves each on its own.
pub(super) fn blocks<'d>(located: &[Located<'d>], full: bool) -> Vec<Vec<Located<'d>>> {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for (diagnostic, _) in located {
        *counts.entry(kind(diagnostic)).or_default() += 1;
    }
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    let mut blocks: Vec<Vec<Located<'d>>> = Vec::new();
    for it in located {
        let key = kind(it.0);
        let is_many = !full && counts.get(&key).is_some_and(|count| *count > ALIKE);
        if let Some(place) = places.get(&key).filter(|_| is_many) {
            blocks[*place].push(it.clone());
            continue;
        }
        if is_many {
            places.insert(key, blocks.len());
        }
        blocks.push(vec![it.clone()]);
    }
    blocks
}

/// How many further complaints a block has, and the first of them: their places, and their messages where these differ.
pub(super) fn others(first: &Diagnostic, others: &[Located<'_>], out: &mut String) {
    let is_equal = others.iter().all(|(it, _)| it.message == first.message);
    let what = match (is_equal, first.severity) {
        (false, _) => "with the same help",
        (true, Severity::Error) => "of the same error",
        (true, Severity::Warning) => "of the same warning",
    };
    let _ = writeln!(out, "and {} more {what}:", others.len());
    // Errors are those of `validate`. Some warnings are those of a plan alone, and nothing else would show the rest of them.
    let listed = match first.severity {
        Severity::Error => LISTED,
        Severity::Warning => others.len(),
    };
    for (diagnostic, at) in others.iter().take(listed) {
        let at = at.as_ref().map(|at| {
            let path = line(&at.file);
            format!("{path}:{}:{}", at.line, at.column)
        });
        let message = line(&diagnostic.message);
        let _ = match (at, is_equal) {
            (Some(at), true) => writeln!(out, "  {at}"),
            (Some(at), false) => writeln!(out, "  {at}: {message}"),
            (None, _) => writeln!(out, "  {message}"),
        };
    }
    let rest = others.len().saturating_sub(listed);
    if rest > 0 {
        let _ = writeln!(out, "  .. {rest} more: `campaignctl validate --full`");
    }
    out.push('\n');
}
