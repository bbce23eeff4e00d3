//! The life of the account: a new one holds the vendor's rows, a reset makes it new again.

use jiff::Timestamp;
use rusqlite::Transaction;
use serde_json::{Map, Value};

use crate::kinds::ALL;
use crate::name::RemoteId;

use super::body;
use super::place::CollectionPlace;
use super::rows::{self, StoredRow};
use super::write::free_id;

/// Makes the account with the vendor's rows, unless it exists.
pub(super) fn ensure(tx: &Transaction<'_>, account: &str, now: Timestamp) -> rusqlite::Result<()> {
    if rows::account_exists(tx, account)? {
        return Ok(());
    }
    rows::add_account(tx, account)?;
    for def in ALL {
        let Some(place) = CollectionPlace::new(def, "") else {
            continue;
        };
        for text in place.collection.system_rows {
            let mut body: Map<_, _> = serde_json::from_str(text).unwrap_or_default();
            if !body.contains_key("id") {
                body.insert("id".to_owned(), rows::next_system_number(tx)?.into());
            }
            let row = completed(tx, &place, account, (body, now))?;
            store(
                tx,
                &place,
                account,
                &StoredRow {
                    system: true,
                    ..row
                },
            )?;
        }
    }
    Ok(())
}

/// Forgets everything and makes the account anew.
pub(super) fn reset(tx: &Transaction<'_>, account: &str, now: Timestamp) -> rusqlite::Result<()> {
    rows::drop_account(tx, account)?;
    ensure(tx, account, now)
}

/// A row out of a whole body as an account serves it: what the server assigns is filled in where the
/// body lacks it, and kept where it does not.
pub(super) fn completed(
    tx: &Transaction<'_>,
    place: &CollectionPlace,
    account: &str,
    (raw, now): (Map<String, Value>, Timestamp),
) -> rusqlite::Result<StoredRow> {
    let collection = place.collection;
    let id = match raw.get("id").filter(|id| RemoteId::from_wire(id).is_some()) {
        Some(id) => id.clone(),
        None => free_id(place, account, tx)?,
    };
    let text = RemoteId::from_wire(&id).map_or_else(String::new, |id| id.as_str().to_owned());
    let birth = body::Birth {
        id,
        now,
        parent: place
            .parent_key()
            .map(|key| (key, RemoteId::from(place.parent.as_str()).to_wire())),
    };
    let body = body::restored(collection, raw, &birth);
    Ok(StoredRow {
        id: text,
        parent: place.parent.clone(),
        deleted: is_deleted(&body),
        system: false,
        body,
    })
}

/// Adds a completed row.
pub(super) fn store(
    tx: &Transaction<'_>,
    place: &CollectionPlace,
    account: &str,
    row: &StoredRow,
) -> rusqlite::Result<()> {
    let name = body::name(place.collection, &row.body);
    rows::insert(tx, &place.scope(account), row, name)
}

fn is_deleted(body: &Value) -> bool {
    ["deleted", "isDeleted"]
        .iter()
        .any(|key| body.get(key) == Some(&Value::Bool(true)))
}
