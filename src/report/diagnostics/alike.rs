//! Warnings of one kind, together: a person reads the first in full, and the places of the others.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diag::{Diagnostic, Severity};
use crate::text::Position;
use crate::text::safe::line;

/// How many warnings with the same code and help are drawn each on its own at most.
const ALIKE: usize = 3;

/// A complaint with its place.
type Located<'d> = (&'d Diagnostic, Option<Position>);

/// Complaints in blocks: each on its own, but for warnings that have code and help in common with many others. These are
/// at the place of the first one. Errors are never put together.
pub(super) fn blocks<'d>(located: &[Located<'d>]) -> Vec<Vec<Located<'d>>> {
    let key = |diagnostic: &'d Diagnostic| (diagnostic.code.name, diagnostic.help.as_deref());
    let is_warning = |it: &&Located<'d>| it.0.severity == Severity::Warning;
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for (diagnostic, _) in located.iter().filter(is_warning) {
        *counts.entry(key(diagnostic)).or_default() += 1;
    }
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    let mut blocks: Vec<Vec<Located<'d>>> = Vec::new();
    for it in located {
        let key = key(it.0);
        let is_many = is_warning(&it) && counts.get(&key).is_some_and(|count| *count > ALIKE);
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

/// The places and messages of the further warnings of a block.
pub(super) fn others(others: &[Located<'_>], out: &mut String) {
    let _ = writeln!(out, "and {} more with the same help:", others.len());
    for (diagnostic, at) in others {
        let at = at.as_ref().map_or_else(String::new, |at| {
            let path = line(&at.file);
            format!("{path}:{}:{}: ", at.line, at.column)
        });
        let _ = writeln!(out, "  {at}{}", line(&diagnostic.message));
    }
    out.push('\n');
}
