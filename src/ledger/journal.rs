//! The journal: one JSON document per line, appended and flushed event by event.
//!
//! Its first line names the ledger that it continues. A journal of an older serial is ignored when its events
//! were folded in already; otherwise another run wrote the ledger meanwhile, which is an error, as is
//! another lineage. The last line may be torn by a crash.
//!
//! A journal is a file on the computer of the run, or it is [kept](JournalPlace::Beside) beside a remote ledger, with the same
//! lines.

use std::fs::{File, OpenOptions};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::event::{JournalEvent, replay};
use super::{LedgerError, file};
use crate::files;
use crate::live::Ledger;

const FORMAT: &str = "campaignctl.journal/v1";

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct JournalHeader {
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
    pub(super) events: Vec<JournalEvent>,
    /// Where they end: what stands behind is torn.
    pub(super) end: u64,
    /// The events that the ledger holds already: the run ended between storing it and removing the journal.
    pub(super) folded: Vec<JournalEvent>,
}

/// Where a journal is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JournalPlace {
    /// On the computer of the run. Others that have the lock do not see it.
    Here,
    /// Beside the ledger, in what the lock protects. The run that has the lock continues it. A ledger that is newer was
    /// then stored by the run that lost the lock, in the moment in which it lost it: by the events that are in the
    /// journal, too. Replaying them once more does no harm.
    Beside,
}

/// A journal that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadJournal<'a> {
    /// Where it is, for people.
    pub(super) name: &'a str,
    /// The ledger that it is about, for people.
    pub(super) place: &'a str,
    /// The account of the run.
    pub(super) account: &'a str,
    /// Where it is kept.
    pub(super) rest: JournalPlace,
}

impl ReadJournal<'_> {
    /// Reads the journal that continues `ledger` (`None`: there is no ledger yet).
    pub(super) fn read(
        self,
        bytes: &[u8],
        ledger: Option<&Ledger>,
    ) -> Result<Leftover, LedgerError> {
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
        let Some(first) = lines.next().filter(|line| line.ends_with(b"\n")) else {
            return Ok(Leftover::default()); // not there, or torn before anything was recorded
        };
        let header = header_of(self.name, self.account, first)?;
        let mut leftover = Leftover {
            end: first.len() as u64,
            lineage: Some(header.lineage.clone()),
            ..Leftover::default()
        };
        for line in lines.filter(|line| line.ends_with(b"\n")) {
            leftover.events.push(event_of(self.name, line)?);
            leftover.end += line.len() as u64;
        }
        match gap(&header, ledger, &leftover.events, self.rest) {
            JournalGap::None => Ok(leftover),
            // committed, and then the crash came before the removal
            JournalGap::Folded => Ok(Leftover {
                folded: leftover.events,
                ..Leftover::default()
            }),
            JournalGap::Diverged(why) => Err(LedgerError::Diverged {
                ledger: self.place.to_owned(),
                journal: self.name.to_owned(),
                why,
            }),
        }
    }
}

/// How a journal stands to the ledger that is stored now.
enum JournalGap {
    None,
    Folded,
    Diverged(String),
}

fn gap(
    header: &JournalHeader,
    ledger: Option<&Ledger>,
    events: &[JournalEvent],
    rest: JournalPlace,
) -> JournalGap {
    let Some(ledger) = ledger else {
        return if header.serial == 0 {
            JournalGap::None
        } else {
            let serial = header.serial;
            JournalGap::Diverged(format!(
                "it continues serial {serial}, which does not exist"
            ))
        };
    };
    if header.lineage != ledger.lineage {
        JournalGap::Diverged("it belongs to another ledger".to_owned())
    } else if header.serial == ledger.serial {
        JournalGap::None
    } else if header.serial < ledger.serial && was_folded(ledger, events) {
        JournalGap::Folded
    } else if header.serial < ledger.serial && rest == JournalPlace::Beside {
        JournalGap::None
    } else {
        let (journal, stored) = (header.serial, ledger.serial);
        JournalGap::Diverged(format!(
            "it continues serial {journal}, and serial {stored} is stored"
        ))
    }
}

/// Whether the ledger holds what the events did. A plan is recorded together with what it did.
fn was_folded(ledger: &Ledger, events: &[JournalEvent]) -> bool {
    let mut plans = events.iter().filter_map(|event| match event {
        JournalEvent::PlanUsed { plan } => Some(plan),
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

fn event_of(name: &str, line: &[u8]) -> Result<JournalEvent, LedgerError> {
    serde_json::from_slice(line)
        .map_err(|error| LedgerError::unreadable(name, format!("a damaged line: {error}")))
}

fn header_of(name: &str, account: &str, line: &[u8]) -> Result<JournalHeader, LedgerError> {
    let header: JournalHeader = serde_json::from_slice(line)
        .map_err(|error| LedgerError::unreadable(name, format!("a damaged first line: {error}")))?;
    if header.format != FORMAT {
        let why = format!(
            "its format is `{}`, this version reads `{FORMAT}`",
            header.format
        );
        return Err(LedgerError::unreadable(name, why));
    }
    if header.account != account {
        return Err(LedgerError::WrongAccount {
            ledger: name.to_owned(),
            found: header.account,
            wanted: account.to_owned(),
        });
    }
    Ok(header)
}

/// A line of a journal.
fn line_of(name: &str, content: &impl Serialize) -> Result<Vec<u8>, LedgerError> {
    let mut bytes = serde_json::to_vec(content)
        .map_err(|error| LedgerError::unreadable(name, error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn first_line(name: &str, ledger: &Ledger) -> Result<Vec<u8>, LedgerError> {
    let header = JournalHeader {
        format: FORMAT.to_owned(),
        account: ledger.account.clone(),
        lineage: ledger.lineage.clone(),
        serial: ledger.serial,
    };
    line_of(name, &header)
}

/// What an event adds to a journal beside `ledger`: its line, behind the first one where there is none yet.
pub(super) fn lines_of(
    place: &str,
    ledger: &Ledger,
    event: &JournalEvent,
    is_first: bool,
) -> Result<Vec<u8>, LedgerError> {
    let mut lines = if is_first {
        first_line(place, ledger)?
    } else {
        Vec::new()
    };
    lines.extend(line_of(place, event)?);
    Ok(lines)
}

/// A journal that is being written.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Opens the journal of `ledger`, behind the whole events that a crash left in it.
    pub(super) fn open(
        path: PathBuf,
        ledger: &Ledger,
        leftover_end: u64,
    ) -> Result<Self, LedgerError> {
        files::refuse_link(&path).map_err(LedgerError::io("open", &path))?;
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(LedgerError::io("open", &path))?;
        file.set_len(leftover_end)
            .and_then(|()| file.seek(std::io::SeekFrom::End(0)))
            .map_err(LedgerError::io("write", &path))?;
        let mut journal = Self { path, file };
        if leftover_end == 0 {
            journal.write(&first_line(&journal.name(), ledger)?)?;
            file::sync_directory(file::directory_of(&journal.path))?;
        }
        Ok(journal)
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Appends an event, which is on the disk when this returns.
    pub(super) fn append(&mut self, event: &JournalEvent) -> Result<(), LedgerError> {
        let line = line_of(&self.name(), event)?;
        self.write(&line)
    }

    fn write(&mut self, line: &[u8]) -> Result<(), LedgerError> {
        self.file
            .write_all(line)
            .and_then(|()| self.file.sync_data())
            .map_err(LedgerError::io("write", &self.path))
    }

    /// Removes the journal, whose events are in the ledger now.
    pub(super) fn remove(self) -> Result<(), LedgerError> {
        let Self { path, file } = self;
        drop(file);
        Self::remove_leftover(&path)
    }

    /// Removes what is left of a journal that was folded in, if there is anything.
    pub(super) fn remove_leftover(path: &Path) -> Result<(), LedgerError> {
        match std::fs::remove_file(path) {
            Ok(()) => file::sync_directory(file::directory_of(path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(LedgerError::io("remove", path)(error)),
        }
    }
}
