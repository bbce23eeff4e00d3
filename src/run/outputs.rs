//! Files that a person names for what a run makes: none of them replaces what people wrote.
//!
//! A plan, a picture or a report is made anew each time, so its file may be replaced. Anything else was made by people or by
//! other programs: a slip such as `--out goals.yaml` or `--json-into seed/skills.json` would lose it. Scenarios that the program writes are for people to edit, so they only go
//! into files that are not there. Where nothing can be written is found out before anything is done, too: a run that
//! changed an account should not end without the result that was asked for.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::error::Error;
use super::saved;
use super::workspace::{STATE_FOLDER, canonical};
use crate::load::{PROJECT_FILES, is_manifest};

/// How what a run makes begins, but for documents, which name their format first.
const MADE: [&str; 5] = [
    "digraph campaignctl",
    "flowchart LR\n  n0[",
    "<svg xmlns=\"http://www.w3.org/2000/svg\" font-family=\"system-ui, 'Segoe UI'",
    "TN:",
    "SF:",
];

/// The formats of files that a run keeps for itself: they cannot be made anew.
const KEPT: [&str; 8] = [
    "audit", "cache", "journal", "ledger", "login", "matches", "sends", "state",
];

/// How much of a file is looked at.
const START: u64 = 512;

/// Whether a file may be written to that `flag` names: what is there was made by a run as well, and its folder takes
/// files. For the beginning of a run, before anything is done.
///
/// # Errors
/// A file that may not, or cannot.
pub fn allowed(path: &Path, flag: &'static str) -> Result<(), Error> {
    if is_passed(path) {
        return Ok(());
    }
    if has_content(path) && (!is_made(path) || is_state(path)) {
        let name = path.file_name().unwrap_or_default();
        let by_hand = is_manifest(path) || PROJECT_FILES.iter().any(|it| name == *it);
        let holds = if by_hand {
            "may hold manifests"
        } else {
            "is no result of an earlier run"
        };
        let why = format!("`{}` would be replaced, and {holds}", path.display());
        return Err(Error::invalid(why)
            .help("name another file, or delete this one first")
            .about(flag));
    }
    saved::can_write(path).map_err(|error| error.about(flag))
}

/// Whether a path stands for what the caller's shell opened, such as `/dev/stdout`: that is the shell's to keep.
fn is_passed(path: &Path) -> bool {
    ["/dev", "/proc"].iter().any(|it| path.starts_with(it))
}

/// Whether a file lies where a run keeps its ledger, its journal and the plans that undo it.
fn is_state(path: &Path) -> bool {
    let whole = canonical(path);
    path.iter().chain(&whole).any(|name| name == STATE_FOLDER)
}

/// Whether a file begins as the result of a run.
fn is_made(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(START).read_to_end(&mut start));
    let start = String::from_utf8_lossy(&start);
    let is_result = format_of(&start).is_some_and(|format| !KEPT.contains(&format));
    let is_coverage = start.starts_with("<?xml ") && start.contains("<coverage line-rate=");
    read.is_ok() && (is_result || is_coverage || MADE.iter().any(|it| start.starts_with(it)))
}

/// The word in `{ "format": "campaignctl.WORD/v1"`, with which our documents begin.
fn format_of(start: &str) -> Option<&str> {
    let rest = start.trim_start().strip_prefix('{')?.trim_start();
    let rest = rest.strip_prefix("\"format\"")?.trim_start();
    let rest = rest.strip_prefix(':')?.trim_start();
    let (word, _) = rest.strip_prefix("\"campaignctl.")?.split_once('/')?;
    Some(word)
}

/// Whether a file may be made that `flag` names, and holds what is to be kept as it is: it is not there, or is empty.
///
/// # Errors
/// A file that is there, or cannot be written.
pub fn is_free(path: &Path, flag: &'static str) -> Result<(), Error> {
    if has_content(path) {
        let why = format!("`{}` already exists", path.display());
        return Err(Error::invalid(why)
            .help("name a new file, or delete this one first")
            .about(flag));
    }
    saved::can_write(path).map_err(|error| error.about(flag))
}

/// Whether a file of manifests may be made that `flag` names: it is not there, or is empty, and would be read.
///
/// # Errors
/// A file that is there; one of another ending.
pub fn is_new(path: &Path, flag: &'static str) -> Result<(), Error> {
    if !is_manifest(path) {
        let why = format!("`{}` would not be read as manifests", path.display());
        return Err(Error::invalid(why)
            .help("give it a name that ends in `.yaml`")
            .about(flag));
    }
    is_free(path, flag)
}

/// Writes a file that `flag` names.
///
/// # Errors
/// One that may not be written to, see [`allowed`], or cannot.
pub fn write(path: &Path, text: &str, flag: &'static str) -> Result<(), Error> {
    allowed(path, flag)?;
    saved::write(path, text).map_err(|error| error.about(flag))
}

/// Makes a file that `flag` names.
///
/// # Errors
/// One that is there, see [`is_new`], or cannot be written.
pub fn create(path: &Path, text: &str, flag: &'static str) -> Result<(), Error> {
    is_new(path, flag)?;
    saved::write(path, text).map_err(|error| error.about(flag))
}

/// Whether a regular file is there that holds anything.
fn has_content(path: &Path) -> bool {
    let found = path.metadata();
    found.is_ok_and(|it| it.is_file() && it.len() > 0)
}
