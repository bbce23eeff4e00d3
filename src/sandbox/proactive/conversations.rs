//! What became of the messages of a send. No consumer is kept, only digests of them.
//!
//! The ids of consumers say what becomes of their messages, as the numbers of test cards do: the sandbox knows neither
//! apps nor open conversations.

use jiff::tz::TimeZone;
use rusqlite::Transaction;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::sandbox::Emulator;
use crate::sandbox::call::{IncomingCall, Reply};
use crate::sandbox::errors::RefusedRequest;
use crate::sandbox::rows::{self, RowScope, StoredRow};

use super::reporting;

/// What becomes of a message.
struct Fate {
    /// What the id of its consumer begins with.
    start: &'static str,
    /// The state of the message.
    state: &'static str,
    /// Why it was not delivered.
    reason: Option<&'static str>,
    /// How far it came, as reports count it.
    reached: &'static str,
}

/// The message of a consumer whose id says nothing of it.
const DELIVERED: Fate = Fate {
    start: "",
    state: "DELIVERED",
    reason: None,
    reached: reporting::DELIVERED,
};

/// What ids say of messages.
const FATES: [Fate; 5] = [
    Fate {
        start: "sandbox-open-conversation",
        state: "NOT_SENT",
        reason: Some("the consumer has an open conversation"),
        reached: reporting::ATTEMPTED,
    },
    Fate {
        start: "sandbox-never-signed-in",
        state: "NOT_SENT",
        reason: Some("the consumer has not signed in to the app"),
        reached: reporting::ATTEMPTED,
    },
    Fate {
        start: "sandbox-failed",
        state: "FAILED",
        reason: Some("the message was not delivered"),
        reached: reporting::SENT,
    },
    Fate {
        start: "sandbox-read",
        reached: reporting::READ,
        ..DELIVERED
    },
    Fate {
        start: "sandbox-replied",
        reached: reporting::REPLIED,
        ..DELIVERED
    },
];

pub(super) fn scope(emulator: &Emulator) -> RowScope {
    RowScope {
        account: emulator.account.clone(),
        collection: "proactive/sends",
        parent: String::new(),
    }
}

/// Keeps a send.
pub(super) fn keep(
    tx: &Transaction<'_>,
    emulator: &Emulator,
    (request, channel): (&Value, &str),
    (id, accepted): (&str, &[Value]),
) -> Result<(), RefusedRequest> {
    let (mut digests, mut reached) = (Vec::new(), Vec::new());
    let conversations = accepted.iter().map(|consumer| {
        let content = consumer["consumerContent"].as_object();
        let address = content.and_then(|it| it.values().find_map(Value::as_str));
        let address = address.or(consumer["phoneNumber"].as_str()); // of older clients
        let address = address.unwrap_or_default();
        digests.push(digest(address));
        let mut fates = FATES.iter();
        let fate = fates.find(|fate| address.starts_with(fate.start));
        let fate = fate.unwrap_or(&DELIVERED);
        reached.push(fate.reached);
        let mut told = json!({ "id": consumer["id"], "status": fate.state });
        if let Some(reason) = fate.reason {
            told["errorMessage"] = reason.into();
        } else {
            let at = told["id"].as_str().unwrap_or_default();
            told["conversationId"] = format!("{id}-{at}").into();
        }
        told
    });
    let conversations: Vec<Value> = conversations.collect();
    let body = json!({
        "id": id,
        "campaignName": request["campaignName"],
        "at": emulator.now().as_millisecond(),
        "channel": channel,
        "skill": request["skill"],
        "templateId": request["templateId"],
        "consumers": digests,
        "conversations": conversations,
        "reached": reached,
    });
    let row = StoredRow {
        id: id.to_owned(),
        parent: String::new(),
        body,
        deleted: false,
        system: false,
    };
    rows::insert(tx, &scope(emulator), &row, None)?;
    Ok(())
}

/// Counts the recipients of a day and a channel, and refuses what would be too many. The day is that of UTC: whose it is on
/// the platform is not documented.
pub(super) fn count(
    tx: &Transaction<'_>,
    emulator: &Emulator,
    channel: &str,
    more: usize,
) -> Result<(), RefusedRequest> {
    let scope = RowScope {
        collection: "proactive/days",
        ..scope(emulator)
    };
    let day = emulator.now().to_zoned(TimeZone::UTC).date();
    let id = format!("{day} {channel}");
    let known = rows::get(tx, &scope, &id)?;
    let before = known
        .as_ref()
        .and_then(|row| row.body["recipients"].as_u64());
    let count = before.unwrap_or_default() + more as u64;
    let most = emulator.settings.proactive_daily;
    if count > most {
        let why =
            format!("the daily limit of {most} recipients of the channel {channel} is exceeded");
        return Err(RefusedRequest::bad_request(why));
    }
    let row = StoredRow {
        id,
        parent: String::new(),
        body: json!({ "recipients": count }),
        deleted: false,
        system: false,
    };
    match known {
        Some(_) => rows::update(tx, &scope, &row, None)?,
        None => rows::insert(tx, &scope, &row, None)?,
    }
    Ok(())
}

/// What is kept of a consumer.
fn digest(address: &str) -> String {
    format!("{:x}", Sha256::digest(address))
}

/// `GET /api/v2/account/{acct}/campaign/{id}/conversations`.
pub(crate) fn conversations(
    emulator: &Emulator,
    call: &IncomingCall,
    id: &str,
) -> Result<Reply, RefusedRequest> {
    if call.method != axum::http::Method::GET {
        return Err(RefusedRequest::method_not_allowed(
            "only GET is served here",
        ));
    }
    let found = (emulator.store).read(|tx| rows::get(tx, &scope(emulator), id))?;
    let row = found.ok_or_else(RefusedRequest::no_data)?;
    Ok(Reply::ok(json!({
        "campaignStatus": "FINISHED",
        "conversations": row.body["conversations"],
    })))
}

/// Every send, oldest first: its name, and SHA-256 digests of the consumers that were accepted.
pub(crate) fn sends(emulator: &Emulator) -> Result<Reply, RefusedRequest> {
    let sends = (emulator.store).read(|tx| rows::list(tx, &scope(emulator), false))?;
    let sends: Vec<Value> = sends
        .into_iter()
        .map(|row| {
            json!({
                "id": row.body["id"],
                "campaignName": row.body["campaignName"],
                "consumers": row.body["consumers"],
            })
        })
        .collect();
    Ok(Reply::ok(Value::from(sends)))
}
