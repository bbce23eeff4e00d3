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
        info: String::new(),
        who: ticket.holder.who.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        created: ticket.holder.since.clone(),
        path: place.to_owned(),
    };
    serde_json::to_vec(&info).unwrap_or_default()
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
    }
}
