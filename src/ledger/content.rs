//! A ledger as bytes, the same for every store.

use super::LedgerError;
use crate::live::{LEDGER_FORMAT, Ledger};

/// The longest ledger that is read: ten thousand objects with some ten kilobytes of spec each.
pub(super) const LONGEST: u64 = 256 * 1024 * 1024;

#[derive(serde::Deserialize)]
struct LedgerHead {
    format: Option<String>,
}

/// The bytes of a ledger.
pub(super) fn encode(place: &str, ledger: &Ledger) -> Result<Vec<u8>, LedgerError> {
    let mut bytes = serde_json::to_vec_pretty(ledger)
        .map_err(|error| LedgerError::unreadable(place, error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The ledger in bytes that were read from `place`.
pub(super) fn decode(place: &str, bytes: &[u8], account: &str) -> Result<Ledger, LedgerError> {
    // Nearly always it is one of ours, and then it is gone through once.
    let ledger = match serde_json::from_slice::<Ledger>(bytes) {
        Ok(ledger) if ledger.format == LEDGER_FORMAT => ledger,
        read => return Err(unusable(place, bytes, read.err())),
    };
    if ledger.account != account {
        return Err(LedgerError::WrongAccount {
            ledger: place.to_owned(),
            found: ledger.account,
            wanted: account.to_owned(),
        });
    }
    Ok(ledger)
}

/// Why bytes are no ledger of this version; `error` is what reading them as one said.
fn unusable(place: &str, bytes: &[u8], error: Option<serde_json::Error>) -> LedgerError {
    let format = match serde_json::from_slice::<LedgerHead>(bytes) {
        Ok(head) => head.format,
        Err(error) => return damage(place, bytes, &error),
    };
    if let Some(format) = format.as_ref().filter(|format| is_newer(format)) {
        return LedgerError::Newer {
            place: place.to_owned(),
            format: format.clone(),
        };
    }
    let why = match (format, error) {
        (Some(format), Some(error)) if format == LEDGER_FORMAT => error.to_string(),
        (Some(format), _) => {
            format!("its format is `{format}`, this version reads `{LEDGER_FORMAT}`")
        }
        (None, _) => format!("it has no `format`, this version reads `{LEDGER_FORMAT}`"),
    };
    LedgerError::unreadable(place, why)
}

/// What is wrong with bytes that are no JSON.
fn damage(place: &str, bytes: &[u8], error: &serde_json::Error) -> LedgerError {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    match lines.position(|line| line.starts_with(b"<<<<<<< ") || line.starts_with(b">>>>>>> ")) {
        Some(before) => LedgerError::Conflicted {
            place: place.to_owned(),
            line: before + 1,
        },
        None => LedgerError::unreadable(place, format!("it is not JSON: {error}")),
    }
}

/// Whether a format is ours, and of a higher version.
fn is_newer(format: &str) -> bool {
    let version = |format: &str| {
        let (name, version) = format.rsplit_once("/v")?;
        Some((name.to_owned(), version.parse::<u32>().ok()?))
    };
    match (version(format), version(LEDGER_FORMAT)) {
        (Some((name, theirs)), Some((ours, known))) => name == ours && theirs > known,
        _ => false,
    }
}

/// The error for what is longer than [`LONGEST`].
pub(super) fn too_long(place: impl Into<String>) -> LedgerError {
    LedgerError::unreadable(place, format!("it is longer than {LONGEST} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_damage_is_named() {
        let said = |text: &str| {
            decode("l.json", text.as_bytes(), "1")
                .unwrap_err()
                .to_string()
        };
        let ledger = String::from_utf8(encode("l.json", &Ledger::new("1", "a")).unwrap()).unwrap();
        insta::assert_snapshot!(said(&ledger.replace("/v1", "/v12")), @"the ledger `l.json` was written by a later version of campaignctl: its format is `campaignctl.ledger/v12`");
        insta::assert_snapshot!(said(&format!("<<<<<<< HEAD\n{ledger}=======\n{ledger}>>>>>>> other\n")), @"the ledger `l.json` holds an unresolved merge conflict of git, on line 1");
        let inside = ledger.replace("  \"serial\": 0", "<<<<<<< HEAD\n  \"serial\": 0");
        insta::assert_snapshot!(said(&inside), @"the ledger `l.json` holds an unresolved merge conflict of git, on line 5");
        insta::assert_snapshot!(said("{}"), @"`l.json` is not a readable ledger: it has no `format`, this version reads `campaignctl.ledger/v1`");
        insta::assert_snapshot!(said(&ledger.replace("campaignctl.ledger/v1", "terraform/v9")), @"`l.json` is not a readable ledger: its format is `terraform/v9`, this version reads `campaignctl.ledger/v1`");
    }
}
