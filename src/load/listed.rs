//! The files of groups, found first and read one by one: for callers that keep them and read again what changes.

use std::io;
use std::path::{Path, PathBuf};

use super::PathGroup;
use super::find::{self, FoundPlace, Origin, find};
use super::read::{ReadFailure, read_file};
use crate::diag::{Diagnostic, Location};
use crate::text::Limits;

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFile {
    /// The number of its group.
    pub group: usize,
    /// The position of the path, among those of the group, that led to it.
    pub rank: usize,
    /// Where it is.
    pub path: PathBuf,
}

/// The files of some groups, in reading order. Paths that lead nowhere are among them, and none that may not be read.
#[must_use]
pub fn list(groups: &[PathGroup]) -> Vec<ListedFile> {
    let mut listed = Vec::new();
    for (group, paths) in groups.iter().enumerate() {
        let found = find(paths, false).0.into_iter();
        let found = found.filter(|it| !matches!(it.origin, Origin::Outside));
        listed.extend(found.map(
            |FoundPlace {
                 shown,
                 origin,
                 rank,
             }| ListedFile {
                group,
                rank,
                path: match origin {
                    Origin::File(path) | Origin::Missing(path) => path,
                    _ => PathBuf::from(shown),
                },
            },
        ));
    }
    listed
}

/// Reads one file.
///
/// # Errors
/// The complaint that there is no text; its place is nowhere yet.
pub fn read_one(path: &Path, limits: &Limits) -> Result<String, Box<Diagnostic>> {
    let text = match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ReadFailure::missing(path)),
        Err(error) => Err(ReadFailure::unreadable(&error)),
        Ok(_) => read_file(path, limits),
    };
    text.map_err(|failure| Box::new(failure.diagnostic(Location::Run)))
}

/// Whether a file has the name of a manifest.
#[must_use]
pub fn is_manifest(path: &Path) -> bool {
    find::is_manifest(path)
}

/// Whether a file is read, when it exists, that lies at this path below a folder that is read.
#[must_use]
pub fn is_read_below(path: &Path) -> bool {
    find::is_read_below(path)
}
