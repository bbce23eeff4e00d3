//! The lock as the Terraform HTTP state protocol spells it.

use serde::{Deserialize, Serialize};

use super::super::lock::{Holder, Ticket};

/// The lock as Terraform spells it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct LockInfo {
    #[serde(rename = "ID")]
    id: String,
    operation: String,
    info: String,
    who: String,
    version: String,
    created: String,
    path: String,
}

/// A lock, to be sent. `place` is the ledger.
pub(super) fn write(ticket: &Ticket, place: &str) -> Vec<u8> {
    let info = LockInfo {
        id: ticket.id.clone(),
        operation: "campaignctl".to_owned(),
        info: told(ticket),
        who: ticket.holder.who.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        created: ticket.holder.since.clone(),
        path: place.to_owned(),
    };
    serde_json::to_vec(&info).unwrap_or_default()
}

/// What the protocol has no field for: the term.
fn told(ticket: &Ticket) -> String {
    let term = ticket.term.as_ref();
    let told = term.and_then(|term| serde_json::to_string(term).ok());
    told.unwrap_or_default()
}

/// The lock in an answer.
pub(super) fn read(bytes: &[u8]) -> Ticket {
    let info: LockInfo = serde_json::from_slice(bytes).unwrap_or_default();
    let unknown = Ticket::unknown().holder;
    let or = |text: String, unknown: String| if text.is_empty() { unknown } else { text };
    Ticket {
        id: info.id,
        holder: Holder {
            who: or(info.who, unknown.who),
            since: or(info.created, unknown.since),
        },
        term: serde_json::from_str(&info.info).ok(),
    }
}
