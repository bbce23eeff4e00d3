//! The journal: one JSON document per line, appended and flushed event by event.
//!
//! Its first line names the ledger that it continues. A journal of an older serial was folded in already
//! and is ignored; one of another lineage is an error. The last line may be torn by a crash.

use std::fs::{File, OpenOptions};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::{Error, file};
use crate::live::Ledger;

const FORMAT: &str = "campaignctl.journal/v1";

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Header {
    format: String,
    account: String,
    lineage: String,
    serial: u64,
}

/// What a crash left behind.
#[derive(Debug, Default)]
pub(super) struct Leftover {
    /// The lineage in the header, for a ledger that was never committed.
    pub(super) lineage: Option<String>,
    /// The whole events.
    pub(super) events: Vec<Event>,
    /// Where they end: what stands behind is torn.
    pub(super) end: u64,
}

/// Reads the journal that continues `ledger` (`None`: there is no ledger yet).
pub(super) fn read(path: &Path, account: &str, ledger: Option<&Ledger>) -> Result<Leftover, Error> {
    let Some(bytes) = file::read_bounded(path)? else {
        return Ok(Leftover::default());
    };
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let Some(first) = lines.next().filter(|line| line.ends_with(b"\n")) else {
        return Ok(Leftover::default()); // torn before anything was recorded
    };
    let header = header_of(path, account, first)?;
    let (lineage, serial) = ledger.map_or((&header.lineage, 0), |ledger| {
        (&ledger.lineage, ledger.serial)
    });
    if header.lineage != *lineage || header.serial > serial {
        let why = "it does not continue the ledger beside it";
        return Err(Error::unreadable(path, why));
    }
    if header.serial < serial {
        return Ok(Leftover::default()); // committed, and then the crash came before the removal
    }
    let mut leftover = Leftover {
        end: first.len() as u64,
        lineage: Some(header.lineage),
        events: Vec::new(),
    };
    for line in lines.filter(|line| line.ends_with(b"\n")) {
        let event = serde_json::from_slice(line)
            .map_err(|error| Error::unreadable(path, format!("a damaged line: {error}")))?;
        leftover.events.push(event);
        leftover.end += line.len() as u64;
    }
    Ok(leftover)
}

fn header_of(path: &Path, account: &str, line: &[u8]) -> Result<Header, Error> {
    let header: Header = serde_json::from_slice(line)
        .map_err(|error| Error::unreadable(path, format!("a damaged first line: {error}")))?;
    if header.format != FORMAT {
        let why = format!(
            "its format is `{}`, this version reads `{FORMAT}`",
            header.format
        );
        return Err(Error::unreadable(path, why));
    }
    if header.account != account {
        return Err(Error::WrongAccount {
            path: path.to_owned(),
            found: header.account,
            wanted: account.to_owned(),
        });
    }
    Ok(header)
}

/// A journal that is being written.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens the journal of `ledger`, behind the whole events that a crash left in it.
    pub(super) fn open(path: PathBuf, ledger: &Ledger, leftover_end: u64) -> Result<Self, Error> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(Error::io("open", &path))?;
        file.set_len(leftover_end)
            .and_then(|()| file.seek(std::io::SeekFrom::End(0)))
            .map_err(Error::io("write", &path))?;
        let mut journal = Self { path, file };
        if leftover_end == 0 {
            journal.append(&Header {
                format: FORMAT.to_owned(),
                account: ledger.account.clone(),
                lineage: ledger.lineage.clone(),
                serial: ledger.serial,
            })?;
            file::sync_directory(file::directory_of(&journal.path))?;
        }
        Ok(journal)
    }

    /// Appends a line, which is on the disk when this returns.
    pub(super) fn append(&mut self, line: &impl Serialize) -> Result<(), Error> {
        let mut bytes = serde_json::to_vec(line)
            .map_err(|error| Error::unreadable(&self.path, error.to_string()))?;
        bytes.push(b'\n');
        self.file
            .write_all(&bytes)
            .and_then(|()| self.file.sync_data())
            .map_err(Error::io("write", &self.path))
    }

    /// Removes the journal, whose events are in the ledger now.
    pub(super) fn remove(self) -> Result<(), Error> {
        let Self { path, file } = self;
        drop(file);
        std::fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        file::sync_directory(file::directory_of(&path))
    }
}
