//! A ledger as bytes, the same for every store.

use super::Error;
use crate::live::{LEDGER_FORMAT, Ledger};

/// The longest ledger that is read: ten thousand objects with some ten kilobytes of spec each.
pub(super) const LONGEST: u64 = 256 * 1024 * 1024;

#[derive(serde::Deserialize)]
struct Head {
    format: Option<String>,
}

/// The bytes of a ledger.
pub(super) fn encode(place: &str, ledger: &Ledger) -> Result<Vec<u8>, Error> {
    let mut bytes = serde_json::to_vec_pretty(ledger)
        .map_err(|error| Error::unreadable(place, error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The ledger in bytes that were read from `place`.
pub(super) fn decode(place: &str, bytes: &[u8], account: &str) -> Result<Ledger, Error> {
    let format = serde_json::from_slice::<Head>(bytes)
        .map_err(|error| Error::unreadable(place, format!("it is not JSON: {error}")))?
        .format;
    if format.as_deref() != Some(LEDGER_FORMAT) {
        let found = format.map_or_else(|| "none".to_owned(), |format| format!("`{format}`"));
        let why = format!("its format is {found}, this version reads `{LEDGER_FORMAT}`");
        return Err(Error::unreadable(place, why));
    }
    let ledger: Ledger = serde_json::from_slice(bytes)
        .map_err(|error| Error::unreadable(place, error.to_string()))?;
    if ledger.account != account {
        return Err(Error::WrongAccount {
            ledger: place.to_owned(),
            found: ledger.account,
            wanted: account.to_owned(),
        });
    }
    Ok(ledger)
}

/// The error for what is longer than [`LONGEST`].
pub(super) fn too_long(place: impl Into<String>) -> Error {
    Error::unreadable(place, format!("it is longer than {LONGEST} bytes"))
}
