//! Whether paths name the same file, whichever way they lead to it.

use std::path::{Path, PathBuf};

use super::workspace::canonical;

/// What two names of one file have in common: its whole path, or its number where it has several names (hard links).
pub(super) fn identity(path: &Path) -> PathBuf {
    #[cfg(unix)]
    if let Ok(found) = path.metadata()
        && found.is_file()
    {
        use std::os::unix::fs::MetadataExt as _;
        if found.nlink() > 1 {
            return PathBuf::from(format!("{}:{}", found.dev(), found.ino()));
        }
    }
    whole(path)
}

/// How many links are followed from one to the next: as many as Linux does
/// (<https://man7.org/linux/man-pages/man7/path_resolution.7.html>).
const LINKS: usize = 40;

/// The path of a file that may not be there yet, the same whichever way it is named; of a link, that of the file which would
/// be made behind it.
pub(super) fn whole(path: &Path) -> PathBuf {
    if let Ok(found) = std::fs::canonicalize(path) {
        return found;
    }
    let mut path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    for _ in 0..LINKS {
        let Ok(leads_to) = std::fs::read_link(&path) else {
            break;
        };
        path = path.parent().unwrap_or(&path).join(leads_to);
    }
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => canonical(folder).join(name),
        _ => path,
    }
}

/// Whether a file has several names: what is added under one of them is in the others, too.
pub(super) fn has_names(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let found = path.metadata();
        found.is_ok_and(|it| it.is_file() && it.nlink() > 1)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}
