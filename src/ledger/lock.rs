//! Who holds a lock, and the lock of the operating system on a file.
//!
//! The operating system drops its lock with the process, so a crash leaves no stale one. The file stays.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::LedgerError;
use super::term::LockTerm;
use crate::files;

/// Who applies, for the one who has to wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// A user and a host, `ann@build-7`.
    pub who: String,
    /// Since when, RFC 3339.
    pub since: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since: Option<jiff::Timestamp> = self.since.parse().ok();
        let seconds = since.and_then(|since| jiff::Timestamp::from_second(since.as_second()).ok());
        match seconds {
            Some(seconds) => write!(f, "{} since {seconds}", self.who),
            None => write!(f, "{} since {}", self.who, self.since), // another run's lock
        }
    }
}

/// How a lock calls itself that was only taken to see whether there is another one.
const CHECK: &str = "a check for a lock";

/// One lock: its identity, and who holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Unique for every lock that was ever taken.
    #[serde(default)]
    pub id: String,
    /// Who holds it.
    #[serde(flatten)]
    pub holder: Holder,
    /// How long it lasts; none for a lock that only its holder or a person removes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Box<LockTerm>>,
}

impl Ticket {
    /// A new ticket with an identity of its own.
    #[must_use]
    pub fn new(holder: &Holder) -> Self {
        let half = |seed: u8| {
            use std::hash::{BuildHasher as _, RandomState};
            RandomState::new().hash_one((seed, std::process::id(), &holder.who, &holder.since))
        };
        Self {
            id: format!("{:016x}{:016x}", half(0), half(1)),
            holder: holder.clone(),
            term: None,
        }
    }

    /// The same, for a term.
    #[must_use]
    pub fn lasting(self, term: LockTerm) -> Self {
        Self {
            term: Some(Box::new(term)),
            ..self
        }
    }

    /// The ticket of a lock that is only taken to see whether there is another one.
    pub(super) fn of_check(asker: &Holder) -> Self {
        Self::new(&Holder {
            who: format!("{CHECK} by {}", asker.who),
            since: asker.since.clone(),
        })
    }

    /// Whether the lock was only taken to see whether there is another one. Where it was granted there was none: no run
    /// is at work, and none is left unfinished because of it.
    #[must_use]
    pub fn is_check(&self) -> bool {
        self.holder.who.starts_with(CHECK)
    }

    /// The ticket of a lock that does not say whose it is.
    pub(super) fn unknown() -> Self {
        Self {
            id: String::new(),
            holder: Holder {
                who: "an unknown user".to_owned(),
                since: "an unknown time".to_owned(),
            },
            term: None,
        }
    }

    /// Reads what a lock says of itself.
    pub(super) fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_else(|_| Self::unknown())
    }

    /// What a lock says of itself.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// The longest text of a local lock that is read.
pub(super) const TICKET_MAX: u64 = 4096;

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // It is not held any more; the name in it would only mislead.
        let _ = self.0.set_len(0);
        // Closing the file would unlock it, too, but not while a process that is just being started has it open.
        let _ = self.0.unlock();
    }
}

/// Takes the lock of the file at `path`, or says who has it. `ledger` is named in the error.
pub(super) fn acquire(path: &Path, ledger: &str, ticket: &Ticket) -> Result<Lock, LedgerError> {
    files::refuse_link(path).map_err(LedgerError::io("open", path))?;
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(LedgerError::io("open", path))?;
    if !try_lock(&file, path)? {
        return Err(LedgerError::Locked {
            ledger: ledger.to_owned(),
            ticket: read_ticket(&mut file),
        });
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(&ticket.to_bytes()))
        .map_err(LedgerError::io("write", path))?;
    Ok(Lock(file))
}

/// Who holds the lock of the file at `path`.
pub(super) fn holder(path: &Path) -> Result<Option<Ticket>, LedgerError> {
    let mut file = match files::refuse_link(path).and_then(|()| files::open(path)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(LedgerError::io("open", path)(error)),
    };
    Ok((!try_lock(&file, path)?).then(|| read_ticket(&mut file)))
}

fn try_lock(file: &File, path: &Path) -> Result<bool, LedgerError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(LedgerError::io("lock", path)(error)),
    }
}

/// What the holder wrote into the file. It writes right after it took the lock: an empty file is one moment old.
fn read_ticket(file: &mut File) -> Ticket {
    for _ in 0..20 {
        let mut text = Vec::new();
        let read = file
            .rewind()
            .and_then(|()| file.take(TICKET_MAX).read_to_end(&mut text));
        if read.is_err() {
            break;
        }
        if let Ok(ticket) = serde_json::from_slice(&text) {
            return ticket;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ticket::unknown()
}
