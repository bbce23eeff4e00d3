//! The lock as an object: a line of JSON that says whose it is, and below it the journal of the run.
//!
//! They are one object so that one conditional write does three things: it renews the lock, adds to the journal, and is
//! refused when another run has the lock by now. The object stays small: what the journal grows beyond
//! [`SEGMENT`] goes into objects of its own, which the first line names.

use serde::{Deserialize, Serialize};

use super::super::backend::KeptJournal;
use super::super::lock::Ticket;

/// How many bytes of the journal are written again with each renewal, at most. A step of an ordinary object takes some
/// two thousand, so a run of a few hundred steps needs one object, and one of ten thousand some hundred.
pub(super) const SEGMENT: usize = 256 * 1024;

/// The first line after a lock was given back.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Freed {
    /// The identity of the lock.
    freed: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    segments: Vec<String>,
}

/// A lock that is held, in the first line.
#[derive(Serialize)]
struct HeldLock<'a> {
    #[serde(flatten)]
    ticket: &'a Ticket,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    segments: &'a [String],
}

/// The names in the first line of any lock.
#[derive(Default, Deserialize)]
struct Names {
    #[serde(default)]
    segments: Vec<String>,
}

/// The lock of `ticket`, with the journal.
pub(super) fn held(ticket: &Ticket, kept: &KeptJournal) -> Vec<u8> {
    let head = HeldLock {
        ticket,
        segments: &kept.segments,
    };
    with_tail(serde_json::to_vec(&head), kept)
}

/// A lock that was given back, with the journal. No two of them are alike, because the identities of locks are not.
pub(super) fn freed(id: &str, kept: &KeptJournal) -> Vec<u8> {
    let head = Freed {
        freed: id.to_owned(),
        segments: kept.segments.clone(),
    };
    with_tail(serde_json::to_vec(&head), kept)
}

fn with_tail(head: serde_json::Result<Vec<u8>>, kept: &KeptJournal) -> Vec<u8> {
    let mut bytes = head.unwrap_or_default();
    if !kept.tail.is_empty() {
        bytes.push(b'\n');
        bytes.extend_from_slice(&kept.tail);
    }
    bytes
}

/// Whose the lock is, `None` when it was given back, and the journal without its version. What cannot be read is
/// somebody's.
pub(super) fn read(bytes: &[u8]) -> (Option<Ticket>, KeptJournal) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let (head, tail) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[][..]),
    };
    let names: Names = serde_json::from_slice(head).unwrap_or_default();
    let kept = KeptJournal {
        segments: names.segments,
        tail: tail.to_vec(),
        ..KeptJournal::default()
    };
    match serde_json::from_slice(head) {
        Ok(Freed { .. }) => (None, kept),
        Err(_) => (Some(Ticket::read(head)), kept),
    }
}
