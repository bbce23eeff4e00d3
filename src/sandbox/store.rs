//! The durable store: one `SQLite` file that several processes may open.
//!
//! Every write is one transaction that is on disk before it is answered (WAL, `synchronous=FULL`), so
//! that a killed process loses nothing that it has answered. The file carries an application id and a
//! format number; a file of another program, of a newer format or a damaged one is refused at opening.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

/// `ccsb` as a number: marks a file as a sandbox store.
const APPLICATION_ID: i64 = 0x6363_7362;

/// The format that this version reads and writes.
const FORMAT: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE accounts (id TEXT PRIMARY KEY, seeded INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE rows (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    collection TEXT NOT NULL,
    parent TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    body TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    system INTEGER NOT NULL,
    UNIQUE (account, collection, id)
);
CREATE INDEX rows_by_parent ON rows (account, collection, parent, deleted);
CREATE INDEX rows_by_name ON rows (account, collection, name);
CREATE TABLE revisions (
    account TEXT NOT NULL, collection TEXT NOT NULL, parent TEXT NOT NULL, revision INTEGER NOT NULL,
    PRIMARY KEY (account, collection, parent)
) WITHOUT ROWID;
CREATE TABLE tokens (
    token TEXT PRIMARY KEY, account TEXT NOT NULL, csrf TEXT, expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
";

/// Tables that came later; a store without them gets them, and programs that do not know them pass over them.
const LATER: &str = "
CREATE TABLE IF NOT EXISTS grants (
    secret TEXT PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, redirect TEXT NOT NULL, expires INTEGER NOT NULL
) WITHOUT ROWID;
";

/// Where a store lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorePlace {
    /// In memory: gone with the process.
    Memory,
    /// In a file, which is made when it is missing.
    File(PathBuf),
}

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or made.
    #[error("cannot open the sandbox store {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: rusqlite::Error,
    },
    /// A newer version of the program wrote the file.
    #[error(
        "the sandbox store {} has format {found}, this version reads up to {FORMAT}: upgrade campaignctl or use another file",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
    },
    /// The file is not a sandbox store, or is damaged.
    #[error(
        "{} is not a sandbox store or is damaged ({reason}): move it away to start again",
        path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The store failed while in use.
    #[error("the sandbox store failed")]
    Failed(#[from] rusqlite::Error),
}

/// An open store.
#[derive(Debug)]
pub(super) struct SandboxStore {
    connection: Mutex<Connection>,
}

impl SandboxStore {
    /// Opens a store and makes its tables when it is new.
    pub(super) fn open(place: &StorePlace) -> Result<Self, StoreError> {
        let path = match place {
            StorePlace::Memory => Path::new(":memory:"),
            StorePlace::File(path) => path.as_path(),
        };
        let connection = Connection::open(path)
            .and_then(|mut connection| prepare(&mut connection).map(|found| (connection, found)));
        let problem = match connection {
            Ok((connection, OpenedStore::Ready)) => {
                return Ok(Self {
                    connection: Mutex::new(connection),
                });
            }
            Ok((_, OpenedStore::Newer(found))) => StoreError::Newer {
                path: path.to_owned(),
                found,
            },
            Ok((_, OpenedStore::Foreign(reason))) => StoreError::Corrupt {
                path: path.to_owned(),
                reason,
            },
            Err(source) => refusal(path, source),
        };
        Err(problem)
    }

    /// Runs reads that see one state of the store.
    pub(super) fn read<T, E: From<rusqlite::Error>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.run(TransactionBehavior::Deferred, work)
    }

    /// Runs writes; they are all on disk when this returns `Ok`, and none of them otherwise.
    pub(super) fn write<T, E: From<rusqlite::Error>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.run(TransactionBehavior::Immediate, work)
    }

    fn run<T, E: From<rusqlite::Error>>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // A panic inside `work` has rolled its transaction back: the connection is sound.
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(behavior)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

/// What an opened file turned out to be.
enum OpenedStore {
    Ready,
    Newer(i64),
    Foreign(String),
}

fn prepare(connection: &mut Connection) -> rusqlite::Result<OpenedStore> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(64);
    // Looks before it changes anything: switching to WAL writes to the file.
    if let Some(foreign) = inspect(connection)? {
        return Ok(foreign);
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if pragma(&transaction, "user_version")? == 0 {
        transaction.execute_batch(SCHEMA)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", FORMAT)?;
    }
    transaction.execute_batch(LATER)?;
    transaction.commit()?;
    Ok(OpenedStore::Ready)
}

/// What speaks against using the file.
fn inspect(connection: &Connection) -> rusqlite::Result<Option<OpenedStore>> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(None);
    }
    if pragma(connection, "application_id")? != APPLICATION_ID {
        return Ok(Some(OpenedStore::Foreign(
            "another program's database".to_owned(),
        )));
    }
    let format = pragma(connection, "user_version")?;
    if format > FORMAT {
        return Ok(Some(OpenedStore::Newer(format)));
    }
    let health: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((health != "ok").then_some(OpenedStore::Foreign(health)))
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

fn refusal(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreError::Corrupt {
            path,
            reason: source.to_string(),
        },
        _ => StoreError::Open { path, source },
    }
}
