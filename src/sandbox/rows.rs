//! The statements of the store: rows, revisions, ids and random texts.

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::Value;

/// The first id of a vendor's row; far from the others, so that seeds seldom meet them.
const FIRST_SYSTEM_ID: i64 = 4_000_000_001;

/// The first id that the sandbox assigns.
const FIRST_ID: i64 = 4_100_000_101;

/// The first number of a handoff id, `H100000000000001`.
const FIRST_HANDOFF: i64 = 100_000_000_000_001;

/// The revision of a collection before its first write.
const FIRST_REVISION: i64 = 1;

/// A set of rows that shares a list and a revision: a collection, or the part of it below one parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RowScope {
    /// The account.
    pub(super) account: String,
    /// The path of the collection as its kind spells it.
    pub(super) collection: &'static str,
    /// The id of the parent; empty for a collection of its own.
    pub(super) parent: String,
}

/// A stored row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StoredRow {
    pub(super) id: String,
    pub(super) parent: String,
    pub(super) body: Value,
    pub(super) deleted: bool,
    /// Whether the row came with the new account.
    pub(super) system: bool,
}

/// The live rows of a scope in the order of their making, with the deleted ones on demand.
pub(super) fn list(
    tx: &Transaction<'_>,
    scope: &RowScope,
    include_deleted: bool,
) -> rusqlite::Result<Vec<StoredRow>> {
    tx.prepare_cached(
        "SELECT id, parent, body, deleted, system FROM rows
         WHERE account = ?1 AND collection = ?2 AND parent = ?3 AND (deleted = 0 OR ?4) ORDER BY seq",
    )?
    .query_map(
        params![scope.account, scope.collection, scope.parent, include_deleted],
        read_row,
    )?
    .collect()
}

/// The live rows of a collection below every parent.
pub(super) fn list_all(
    tx: &Transaction<'_>,
    account: &str,
    collection: &str,
) -> rusqlite::Result<Vec<StoredRow>> {
    tx.prepare_cached(
        "SELECT id, parent, body, deleted, system FROM rows
         WHERE account = ?1 AND collection = ?2 AND deleted = 0 ORDER BY seq",
    )?
    .query_map(params![account, collection], read_row)?
    .collect()
}

/// A row of a scope, deleted or not.
pub(super) fn get(
    tx: &Transaction<'_>,
    scope: &RowScope,
    id: &str,
) -> rusqlite::Result<Option<StoredRow>> {
    tx.prepare_cached(
        "SELECT id, parent, body, deleted, system FROM rows
         WHERE account = ?1 AND collection = ?2 AND parent = ?3 AND id = ?4",
    )?
    .query_row(
        params![scope.account, scope.collection, scope.parent, id],
        read_row,
    )
    .optional()
}

fn read_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<StoredRow> {
    let text = row.get_ref(2)?.as_str()?;
    let body = serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(error))
    })?;
    Ok(StoredRow {
        id: row.get(0)?,
        parent: row.get(1)?,
        body,
        deleted: row.get(3)?,
        system: row.get(4)?,
    })
}

/// Adds a row.
pub(super) fn insert(
    tx: &Transaction<'_>,
    scope: &RowScope,
    row: &StoredRow,
    name: Option<&str>,
) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO rows (account, collection, parent, id, name, body, deleted, system)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        scope.account,
        scope.collection,
        row.parent,
        row.id,
        name,
        row.body.to_string(),
        row.deleted,
        row.system
    ])?;
    Ok(())
}

/// Stores a row's new body and whether it is deleted.
pub(super) fn update(
    tx: &Transaction<'_>,
    scope: &RowScope,
    row: &StoredRow,
    name: Option<&str>,
) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "UPDATE rows SET body = ?4, deleted = ?5, name = ?6
         WHERE account = ?1 AND collection = ?2 AND id = ?3",
    )?
    .execute(params![
        scope.account,
        scope.collection,
        row.id,
        row.body.to_string(),
        row.deleted,
        name
    ])?;
    Ok(())
}

/// Removes the rows of a collection that came with the new account for good, so that captured ones can take their
/// place.
pub(super) fn drop_system(tx: &Transaction<'_>, scope: &RowScope) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM rows WHERE account = ?1 AND collection = ?2 AND system = 1")?
        .execute(params![scope.account, scope.collection])?;
    Ok(())
}

/// Whether a live row other than `except` bears the name.
pub(super) fn name_is_taken(
    tx: &Transaction<'_>,
    scope: &RowScope,
    name: &str,
    except: Option<&str>,
) -> rusqlite::Result<bool> {
    tx.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM rows WHERE account = ?1 AND collection = ?2 AND name = ?3
         AND deleted = 0 AND id <> ?4)",
    )?
    .query_row(
        params![
            scope.account,
            scope.collection,
            name,
            except.unwrap_or_default()
        ],
        |row| row.get(0),
    )
}

/// The id of the first live row with a name.
pub(super) fn id_of_name(
    tx: &Transaction<'_>,
    account: &str,
    collection: &str,
    name: &str,
) -> rusqlite::Result<Option<String>> {
    tx.prepare_cached(
        "SELECT id FROM rows WHERE account = ?1 AND collection = ?2 AND name = ?3 AND deleted = 0
         ORDER BY seq LIMIT 1",
    )?
    .query_row(params![account, collection, name], |row| row.get(0))
    .optional()
}

/// Whether a live row has the id, below whichever parent.
pub(super) fn is_live(
    tx: &Transaction<'_>,
    account: &str,
    collection: &str,
    id: &str,
) -> rusqlite::Result<bool> {
    tx.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM rows WHERE account = ?1 AND collection = ?2 AND id = ?3
         AND deleted = 0)",
    )?
    .query_row(params![account, collection, id], |row| row.get(0))
}

/// Whether any row has the id, deleted or not, below whichever parent.
pub(super) fn has_id(
    tx: &Transaction<'_>,
    account: &str,
    collection: &str,
    id: &str,
) -> rusqlite::Result<bool> {
    tx.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM rows WHERE account = ?1 AND collection = ?2 AND id = ?3)",
    )?
    .query_row(params![account, collection, id], |row| row.get(0))
}

/// Whether any row of a collection holds a top-level key.
pub(super) fn any_has_key(
    tx: &Transaction<'_>,
    scope: &RowScope,
    key: &str,
) -> rusqlite::Result<bool> {
    tx.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM rows, json_each(rows.body) AS pair
         WHERE rows.account = ?1 AND rows.collection = ?2 AND pair.key = ?3)",
    )?
    .query_row(params![scope.account, scope.collection, key], |row| {
        row.get(0)
    })
}

/// The revision of a scope.
pub(super) fn revision(tx: &Transaction<'_>, scope: &RowScope) -> rusqlite::Result<i64> {
    let found = tx
        .prepare_cached(
            "SELECT revision FROM revisions WHERE account = ?1 AND collection = ?2 AND parent = ?3",
        )?
        .query_row(
            params![scope.account, scope.collection, scope.parent],
            |row| row.get(0),
        )
        .optional()?;
    Ok(found.unwrap_or(FIRST_REVISION))
}

/// Moves the revision of a scope on, and returns the new one.
pub(super) fn bump(tx: &Transaction<'_>, scope: &RowScope) -> rusqlite::Result<i64> {
    tx.prepare_cached(
        "INSERT INTO revisions VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET revision = revision + 1 RETURNING revision",
    )?
    .query_row(
        params![
            scope.account,
            scope.collection,
            scope.parent,
            FIRST_REVISION + 1
        ],
        |row| row.get(0),
    )
}

/// The next numeric id.
pub(super) fn next_number(tx: &Transaction<'_>) -> rusqlite::Result<i64> {
    next(tx, "next_id", FIRST_ID)
}

/// The next id of a vendor's row.
pub(super) fn next_system_number(tx: &Transaction<'_>) -> rusqlite::Result<i64> {
    next(tx, "next_system_id", FIRST_SYSTEM_ID)
}

/// The next handoff id.
pub(super) fn next_handoff(tx: &Transaction<'_>) -> rusqlite::Result<String> {
    Ok(format!("H{}", next(tx, "next_handoff", FIRST_HANDOFF)?))
}

fn next(tx: &Transaction<'_>, key: &str, first: i64) -> rusqlite::Result<i64> {
    tx.prepare_cached(
        "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = value + 1
         RETURNING value",
    )?
    .query_row(params![key, first], |row| row.get(0))
}

/// Thirty-two random bytes as hexadecimal digits.
pub(super) fn random_text(tx: &Transaction<'_>) -> rusqlite::Result<String> {
    tx.query_row("SELECT lower(hex(randomblob(32)))", [], |row| row.get(0))
}

/// A random UUID (version 4).
pub(super) fn random_uuid(tx: &Transaction<'_>) -> rusqlite::Result<String> {
    let text = random_text(tx)?;
    Ok(format!(
        "{}-{}-4{}-8{}-{}",
        &text[0..8],
        &text[8..12],
        &text[13..16],
        &text[17..20],
        &text[20..32]
    ))
}

/// Whether the account exists.
pub(super) fn account_exists(tx: &Transaction<'_>, account: &str) -> rusqlite::Result<bool> {
    tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM accounts WHERE id = ?1)",
        [account],
        |row| row.get(0),
    )
}

/// Adds an account that holds nothing.
pub(super) fn add_account(tx: &Transaction<'_>, account: &str) -> rusqlite::Result<()> {
    tx.execute("INSERT INTO accounts (id) VALUES (?1)", [account])?;
    Ok(())
}

/// Forgets everything that belongs to an account, its tokens included.
pub(super) fn drop_account(tx: &Transaction<'_>, account: &str) -> rusqlite::Result<()> {
    for statement in [
        "DELETE FROM rows WHERE account = ?1",
        "DELETE FROM revisions WHERE account = ?1",
        "DELETE FROM tokens WHERE account = ?1",
        "DELETE FROM grants WHERE account = ?1",
        "DELETE FROM accounts WHERE id = ?1",
    ] {
        tx.execute(statement, [account])?;
    }
    Ok(())
}

/// Whether the account was never seeded and holds only what it came with.
pub(super) fn is_pristine(tx: &Transaction<'_>, account: &str) -> rusqlite::Result<bool> {
    tx.query_row(
        "SELECT NOT EXISTS (SELECT 1 FROM rows WHERE account = ?1 AND system = 0)
         AND NOT EXISTS (SELECT 1 FROM accounts WHERE id = ?1 AND seeded = 1)",
        [account],
        |row| row.get(0),
    )
}

/// Notes that the account was seeded.
pub(super) fn mark_seeded(tx: &Transaction<'_>, account: &str) -> rusqlite::Result<()> {
    tx.execute("UPDATE accounts SET seeded = 1 WHERE id = ?1", [account])?;
    Ok(())
}
