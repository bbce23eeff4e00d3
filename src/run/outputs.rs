//! Files that a person names for what a run makes: none of them replaces what people wrote.
//!
//! A plan, a picture or a report is made anew each time, so its file may be replaced. Manifests are written by hand: a slip
//! such as `--out goals.yaml` would lose them. Scenarios that the program writes are for people to edit, so they only go
//! into files that are not there.

use std::path::Path;

use super::error::Error;
use super::saved;
use crate::load::{PROJECT_FILES, is_manifest};

/// Whether a file may be written to that `flag` names: it does not look like manifests that are there, or like the project
/// file. For the beginning of a run, before anything is done.
///
/// # Errors
/// A file that may not.
pub fn allowed(path: &Path, flag: &'static str) -> Result<(), Error> {
    let name = path.file_name().unwrap_or_default();
    let is_written_by_hand = is_manifest(path) || PROJECT_FILES.iter().any(|it| name == *it);
    if is_written_by_hand && has_content(path) {
        let why = format!(
            "`{}` would be replaced, and may hold manifests",
            path.display()
        );
        return Err(Error::invalid(why)
            .help("name another file, or delete this one first")
            .about(flag));
    }
    Ok(())
}

/// Whether a file may be made that `flag` names: it is not there, or is empty.
///
/// # Errors
/// A file that is there.
pub fn is_new(path: &Path, flag: &'static str) -> Result<(), Error> {
    if has_content(path) {
        let why = format!("`{}` already exists", path.display());
        return Err(Error::invalid(why)
            .help("name a new file, and move into others what you want to keep of it")
            .about(flag));
    }
    Ok(())
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
