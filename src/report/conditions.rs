//! The conditions that an account uses, for people who have to write one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::prose::wrapped;
use crate::kinds::KindId;
use crate::live::UsedConditions;
use crate::text::safe::line;
use crate::text::some_of;

/// How many objects are named of a payload.
const NAMES: usize = 5;

/// The numbers and payloads of conditions, each with the objects that have it.
#[must_use]
pub fn render_conditions(
    kind: KindId,
    environment: &str,
    used: &BTreeMap<i64, UsedConditions>,
) -> String {
    let mut out = format!("USED IN {}\n", line(environment));
    if used.is_empty() {
        let _ = writeln!(out, "\n  No {kind} of the account has a condition.");
    }
    for (number, used) in used {
        let word = used.word.map_or(String::new(), |word| format!("  {word}"));
        let _ = writeln!(out, "\n  type {number}{word}  {}", objects(used.objects()));
        for (outline, names) in &used.payloads {
            let _ = writeln!(out, "    data: {}", line(&outline.to_string()));
            let names = names.iter().map(|name| format!("`{}`", line(name)));
            let named = some_of(names, NAMES);
            let _ = writeln!(out, "{}", wrapped(&named, "      "));
        }
    }
    out
}

fn objects(count: usize) -> String {
    match count {
        1 => "1 object".to_owned(),
        count => format!("{count} objects"),
    }
}
