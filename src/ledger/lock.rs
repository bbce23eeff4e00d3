//! One writer at a time: an exclusive lock on a file beside the ledger, which says who holds it.
//!
//! The operating system drops the lock with the process, so a crash leaves no stale one. The file stays.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Error;

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
        write!(f, "{} since {}", self.who, self.since)
    }
}

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Nobody holds it any more; the name in it would only mislead. Closing the file unlocks it.
        let _ = self.0.set_len(0);
    }
}

/// Takes the lock, or says who has it.
pub(super) fn acquire(path: &Path, ledger: &Path, holder: &Holder) -> Result<Lock, Error> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(Error::io("open", path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Error::Locked {
                path: ledger.to_owned(),
                holder: read_holder(&mut file),
            });
        }
        Err(TryLockError::Error(error)) => return Err(Error::io("lock", path)(error)),
    }
    let text = serde_json::to_vec(holder).unwrap_or_default();
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(&text))
        .map_err(Error::io("write", path))?;
    Ok(Lock(file))
}

fn read_holder(file: &mut File) -> Holder {
    let mut text = String::new();
    let unknown = || Holder {
        who: "somebody".to_owned(),
        since: "an unknown time".to_owned(),
    };
    match file.take(4096).read_to_string(&mut text) {
        Ok(_) => serde_json::from_str(&text).unwrap_or_else(|_| unknown()),
        Err(_) => unknown(),
    }
}
