//! Words whose numbers nothing confirms, in objects that are to be created: a warning for each object.

use super::codes::UNCONFIRMED_WORD;
use super::{Action, Change, DiffInput};
use crate::diag::{Diagnostic, Diags};
use crate::kinds::words_of;

/// Warns of every object that is to be created with such words, at the first of them.
pub(super) fn check(input: &DiffInput<'_>, changes: &[Change], diags: &mut Diags) {
    let created = changes
        .iter()
        .filter(|change| matches!(change.action, Action::Create | Action::Replace));
    for resource in created.filter_map(|change| input.desired.get(&change.key())) {
        let mut said = words_of(resource.key.kind.def().fields, &resource.spec);
        said.retain(|said| !said.word.certainty.is_confirmed());
        let Some(first) = said.first() else { continue };
        let mut words: Vec<_> = (said.iter())
            .map(|said| format!("`{}`", said.word.word))
            .collect();
        words.sort();
        words.dedup();
        let message = match words.as_slice() {
            [one] => format!("{one} is a word for a platform number that is not confirmed"),
            several => format!(
                "{} are words for platform numbers that are not confirmed",
                several.join(", ")
            ),
        };
        let at = resource.locate(input.texts, &first.pointer);
        diags.push(Diagnostic::new(&UNCONFIRMED_WORD, at, message).help(
            "look at the new object in the console; if it is right, add `rules: { unconfirmed-word: off }` to `campaignctl.yaml`",
        ));
    }
}
