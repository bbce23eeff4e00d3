//! The state document: the ledger alone, or, while a run is at work or did not finish, a document around it with the
//! journal and the renewals of the lock.
//!
//! The protocol knows one document, and a lock without a term. So the journal is in the document, which is written anew
//! with each renewal. The lock that the server holds says its first term in its `Info`; how often it was renewed since,
//! and until when it lasts, is in the document.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::lock::Ticket;
use super::super::term::LockTerm;

/// The format of a document around a ledger.
const FORMAT: &str = "campaignctl.state/v1";

/// What stands before journal and ledger.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StateHead<'a> {
    format: &'a str,
    /// Servers count the versions of a state by it: each one is written once only.
    serial: u64,
    lock: StateLock,
}

/// The lock under which a document was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StateLock {
    /// Its identity.
    pub(super) id: String,
    /// Its term, renewed.
    pub(super) term: Option<Box<LockTerm>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StateDocument {
    format: String,
    serial: u64,
    lock: StateLock,
    journal: Vec<Value>,
    ledger: Option<Value>,
}

/// The serial of a ledger alone.
#[derive(Default, Deserialize)]
struct StateSerial {
    #[serde(default)]
    serial: u64,
}

/// A document that was read.
#[derive(Debug, Default)]
pub(super) struct HttpState {
    /// The ledger in it, `None` when there is none yet.
    pub(super) ledger: Option<Vec<u8>>,
    /// The lines of the journal.
    pub(super) journal: Vec<u8>,
    /// The serial of the document.
    pub(super) serial: u64,
    /// The lock under which it was written, while a run is at work or did not finish.
    pub(super) lock: Option<StateLock>,
}

/// Reads a document. What is no document around a ledger is taken for a ledger.
pub(super) fn read(bytes: &[u8]) -> HttpState {
    match serde_json::from_slice::<StateDocument>(bytes) {
        Ok(document) if document.format == FORMAT => {
            let line = |event: &Value| [event.to_string().as_bytes(), b"\n"].concat();
            HttpState {
                ledger: document.ledger.map(|ledger| ledger.to_string().into()),
                journal: document.journal.iter().flat_map(line).collect(),
                serial: document.serial,
                lock: Some(document.lock),
            }
        }
        _ => HttpState {
            serial: serde_json::from_slice(bytes)
                .unwrap_or(StateSerial::default())
                .serial,
            ledger: Some(bytes.to_vec()),
            ..HttpState::default()
        },
    }
}

/// A document around a ledger. Its parts are JSON already, so they are joined as text: it is written often.
pub(super) fn write(
    ticket: &Ticket,
    serial: u64,
    journal: &[u8],
    ledger: Option<&[u8]>,
) -> Vec<u8> {
    let head = StateHead {
        format: FORMAT,
        serial,
        lock: StateLock {
            id: ticket.id.clone(),
            term: ticket.term.clone(),
        },
    };
    let mut bytes = serde_json::to_vec(&head).unwrap_or_default();
    bytes.pop(); // its last brace
    bytes.extend_from_slice(b",\"journal\":[");
    let lines = journal.trim_ascii_end().split(|byte| *byte == b'\n');
    bytes.extend(lines.collect::<Vec<_>>().join(&b','));
    bytes.extend_from_slice(b"],\"ledger\":");
    bytes.extend_from_slice(ledger.map_or(&b"null"[..], <[u8]>::trim_ascii_end));
    bytes.extend_from_slice(b"}\n");
    bytes
}

/// Whether two texts hold the same: a server may lay JSON out in its own way.
pub(super) fn is_same(stored: &[u8], sent: &[u8]) -> bool {
    let value = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    stored == sent || value(stored).is_some_and(|stored| Some(stored) == value(sent))
}

/// The same of documents that may not be there.
pub(super) fn is_same_document(stored: Option<&[u8]>, known: Option<&[u8]>) -> bool {
    match (stored, known) {
        (None, None) => true,
        (Some(stored), Some(known)) => is_same(stored, known),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Holder;

    #[test]
    fn what_is_written_is_read() {
        let holder = Holder {
            who: "ann".to_owned(),
            since: "2026-09-01T00:00:00Z".to_owned(),
        };
        let ticket = Ticket::new(&holder);
        for (journal, ledger) in [
            ("", None),
            ("{\"a\":1}\n", None),
            ("{\"a\":1}\n{\"b\":\"\\n\"}\n", Some("{\"serial\":3}")),
        ] {
            let ledger = ledger.map(str::as_bytes);
            let state = read(&write(&ticket, 7, journal.as_bytes(), ledger));
            assert_eq!(state.journal, journal.as_bytes());
            assert_eq!((state.ledger.as_deref(), state.serial), (ledger, 7));
            assert_eq!(state.lock.unwrap().id, ticket.id);
        }
        let plain = read(b"{\"serial\":4}");
        assert_eq!((plain.serial, plain.journal.is_empty()), (4, true));
        assert_eq!(plain.ledger.as_deref(), Some(&b"{\"serial\":4}"[..]));
    }
}
