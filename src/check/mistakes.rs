//! One complaint per mistake.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::codes::{INVALID_VALUE, MISSING_FIELD, UNKNOWN_FIELD};
use super::complaint::Complaint;
use crate::diag::Code;
use crate::text::EntryHalf;

/// Drops what only follows from a more precise complaint: about the same place, about something inside it,
/// or about a misspelt key where the key itself is missing.
pub(super) fn one_per_mistake(complaints: Vec<Complaint>) -> Vec<Complaint> {
    let places = ComplaintsByPlace::of(&complaints);
    let keep: Vec<bool> = (complaints.iter().enumerate())
        .map(|(index, complaint)| !places.follows(complaint, index))
        .collect();
    complaints
        .into_iter()
        .zip(keep)
        .filter_map(|(complaint, keep)| keep.then_some(complaint))
        .collect()
}

/// Complaints by their places: one mapping may have thousands.
struct ComplaintsByPlace<'a> {
    at: BTreeMap<(&'a str, EntryHalf), Vec<(usize, &'a Complaint)>>,
    below: BTreeMap<&'a str, Vec<&'a Complaint>>,
}

impl<'a> ComplaintsByPlace<'a> {
    fn of(complaints: &'a [Complaint]) -> Self {
        let (mut at, mut below) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for (index, complaint) in complaints.iter().enumerate() {
            let pointer = complaint.pointer.as_str();
            let here = at.entry((pointer, complaint.part)).or_default();
            here.push((index, complaint));
            if let Some((parent, _)) = pointer.rsplit_once('/') {
                below.entry(parent).or_default().push(complaint);
            }
        }
        Self { at, below }
    }

    /// Whether what is missing stands where it is not allowed.
    fn is_elsewhere(&self, missing: &Complaint) -> bool {
        let inside = format!("{}/", missing.pointer.as_str());
        let mut misplaced = self.below.values().flatten().filter(|other| {
            other.code == &UNKNOWN_FIELD && other.pointer.as_str().starts_with(&inside)
        });
        misplaced.any(|other| {
            let key = other.pointer.steps().last().unwrap_or_default();
            missing.message == format!("`{key}` is missing")
        })
    }

    /// Whether a complaint only follows from another one.
    fn follows(&self, complaint: &Complaint, index: usize) -> bool {
        let pointer = complaint.pointer.as_str();
        let mut below = self.below.get(pointer).into_iter().flatten();
        if complaint.code == &MISSING_FIELD && self.is_elsewhere(complaint) {
            return true;
        }
        if complaint.code == &MISSING_FIELD {
            return below.any(|other| {
                other.code == &UNKNOWN_FIELD
                    && other
                        .help
                        .as_ref()
                        .is_some_and(|help| complaint.message.starts_with(&help_target(&help.text)))
            });
        }
        let precision = |code: &Code, index| (code == &INVALID_VALUE, Reverse(index));
        let here = self.at.get(&(pointer, complaint.part));
        let is_preciser = |(other_index, other): &(usize, &Complaint)| {
            *other_index != index
                && other.code != &MISSING_FIELD
                && precision(other.code, *other_index) > precision(complaint.code, index)
        };
        here.into_iter().flatten().any(is_preciser)
            || (complaint.code == &INVALID_VALUE && below.next().is_some())
    }
}

/// The name that a suggestion names, in its quotes.
fn help_target(help: &str) -> String {
    help.strip_prefix("did you mean ").map_or_else(
        || help.to_owned(),
        |name| name.trim_end_matches('?').to_owned(),
    )
}
