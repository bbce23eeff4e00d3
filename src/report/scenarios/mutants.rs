//! The small changes of manifests that tests notice or not.

use std::fmt::Write as _;

use super::Tested;
use super::written::written;
use crate::kinds::offering::Assumed;
use crate::offers::{Mutant, MutantFate};
use crate::resolve::Desired;
use crate::text::safe::line;

type Is = fn(&MutantFate) -> bool;

/// The mutants that no test notices, and a line with the counts.
#[must_use]
pub fn render_mutants(tested: &Tested<'_>, mutants: &[Mutant], assumed: &Assumed) -> String {
    let mut out = String::new();
    let count = |is: Is| mutants.iter().filter(|it| is(&it.fate)).count();
    let lists: [(&str, Is); 3] = [
        ("No test notices:", |fate| {
            matches!(fate, MutantFate::Unnoticed(_))
        }),
        ("No visitor sees, so no test can notice:", |fate| {
            *fate == MutantFate::Equivalent
        }),
        ("It cannot be decided whether a visitor sees:", |fate| {
            *fate == MutantFate::Undecided
        }),
    ];
    for (title, is) in lists {
        if count(is) > 0 {
            let _ = writeln!(out, "\n{title}");
        }
        for mutant in mutants.iter().filter(|it| is(&it.fate)) {
            let position = tested.position(&mutant.spot.key, &mutant.spot.at);
            let place =
                position.map_or_else(String::new, |it| format!("  {}:{}", it.file, it.line));
            let _ = writeln!(
                out,
                "  {}: {}{}",
                mutant.spot.key,
                line(&mutant.what),
                line(&place)
            );
        }
        if is(&MutantFate::Equivalent) && count(is) > 0 && !assumed.0.is_empty() {
            let all = assumed.0.iter();
            let all = all.map(|(switch, at)| format!("{switch}: {}", switch.positions()[*at].word));
            let all = all.collect::<Vec<String>>().join(", ");
            let _ = writeln!(
                out,
                "  assuming {all}; a test that assumes otherwise may notice them"
            );
        }
    }
    let noticed = count(|fate| *fate == MutantFate::Noticed);
    let unnoticed = count(|fate| matches!(fate, MutantFate::Unnoticed(_)));
    let _ = writeln!(
        out,
        "\nMutants: {noticed} of {} noticed; {} equivalent, {} undecided.",
        noticed + unnoticed,
        count(|fate| *fate == MutantFate::Equivalent),
        count(|fate| *fate == MutantFate::Undecided)
    );
    out
}

/// Scenarios that notice the mutants that no test notices, under names that no manifest has yet.
#[must_use]
pub fn noticing(mutants: &[Mutant], desired: &Desired) -> String {
    let found = mutants.iter().filter_map(|mutant| match &mutant.fate {
        MutantFate::Unnoticed(scenario) => Some(&**scenario),
        _ => None,
    });
    written(found, desired, "mutants in")
}
