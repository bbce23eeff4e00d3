//! The journal: one JSON document per line, appended and flushed event by event.
//!
//! Its first line names the ledger that it continues. A journal of an older serial is ignored when its events
//! were folded in already; otherwise somebody else wrote the ledger meanwhile, which is an error, as is
//! another lineage. The last line may be torn by a crash.

use std::fs::{File, OpenOptions};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::event::{Event, replay};
use super::{Error, file};
use crate::files;
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

/// Reads the journal that continues `ledger` (`None`: there is no ledger yet), which is kept at `place`.
pub(super) fn read(
    path: &Path,
    place: &str,
    account: &str,
    ledger: Option<&Ledger>,
) -> Result<Leftover, Error> {
    let bytes = file::read_bounded(path)?.unwrap_or_default();
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let Some(first) = lines.next().filter(|line| line.ends_with(b"\n")) else {
        return Ok(Leftover::default()); // not there, or torn before anything was recorded
    };
    let header = header_of(path, account, first)?;
    let mut leftover = Leftover {
        end: first.len() as u64,
        lineage: Some(header.lineage.clone()),
        events: Vec::new(),
    };
    for line in lines.filter(|line| line.ends_with(b"\n")) {
        leftover.events.push(event_of(path, line)?);
        leftover.end += line.len() as u64;
    }
    match gap(&header, ledger, &leftover.events) {
        Gap::None => Ok(leftover),
        Gap::Folded => Ok(Leftover::default()), // committed, and then the crash came before the removal
        Gap::Diverged(why) => Err(Error::Diverged {
            ledger: place.to_owned(),
            journal: path.to_owned(),
            why,
        }),
    }
}

/// How a journal stands to the ledger that is stored now.
enum Gap {
    None,
    Folded,
    Diverged(String),
}

fn gap(header: &Header, ledger: Option<&Ledger>, events: &[Event]) -> Gap {
    let Some(ledger) = ledger else {
        return if header.serial == 0 {
            Gap::None
        } else {
            let serial = header.serial;
            Gap::Diverged(format!("it continues serial {serial}, and there is none"))
        };
    };
    if header.lineage != ledger.lineage {
        Gap::Diverged("it belongs to another ledger".to_owned())
    } else if header.serial == ledger.serial {
        Gap::None
    } else if header.serial < ledger.serial && was_folded(ledger, events) {
        Gap::Folded
    } else {
        let (journal, stored) = (header.serial, ledger.serial);
        Gap::Diverged(format!(
            "it continues serial {journal}, and serial {stored} is stored"
        ))
    }
}

/// Whether the ledger holds what the events did. A plan is recorded together with what it did.
fn was_folded(ledger: &Ledger, events: &[Event]) -> bool {
    let mut plans = events.iter().filter_map(|event| match event {
        Event::PlanUsed { plan } => Some(plan),
        _ => None,
    });
    if let Some(plan) = plans.next() {
        return ledger.used_plans.contains(plan)
            && plans.all(|plan| ledger.used_plans.contains(plan));
    }
    let mut replayed = ledger.clone();
    for event in events {
        replay(&mut replayed, event.clone());
    }
    replayed.entries == ledger.entries && replayed.launches == ledger.launches
}

fn unreadable(path: &Path, why: String) -> Error {
    Error::unreadable(path.display().to_string(), why)
}

fn event_of(path: &Path, line: &[u8]) -> Result<Event, Error> {
    serde_json::from_slice(line)
        .map_err(|error| unreadable(path, format!("a damaged line: {error}")))
}

fn header_of(path: &Path, account: &str, line: &[u8]) -> Result<Header, Error> {
    let header: Header = serde_json::from_slice(line)
        .map_err(|error| unreadable(path, format!("a damaged first line: {error}")))?;
    if header.format != FORMAT {
        let why = format!(
            "its format is `{}`, this version reads `{FORMAT}`",
            header.format
        );
        return Err(unreadable(path, why));
    }
    if header.account != account {
        return Err(Error::WrongAccount {
            ledger: path.display().to_string(),
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
        files::refuse_link(&path).map_err(Error::io("open", &path))?;
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
        let mut bytes =
            serde_json::to_vec(line).map_err(|error| unreadable(&self.path, error.to_string()))?;
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
        Self::remove_leftover(&path)
    }

    /// Removes what is left of a journal that was folded in, if there is anything.
    pub(super) fn remove_leftover(path: &Path) -> Result<(), Error> {
        match std::fs::remove_file(path) {
            Ok(()) => file::sync_directory(file::directory_of(path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Error::io("remove", path)(error)),
        }
    }
}
