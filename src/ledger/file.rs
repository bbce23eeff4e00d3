//! Files of the ledger: read with a bound, replaced atomically, made durable.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::LedgerError;
use super::content::{LONGEST, too_long};
use crate::files;

/// A whole file, `None` when there is none.
pub(super) fn read_bounded(path: &Path) -> Result<Option<Vec<u8>>, LedgerError> {
    let file = match files::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(LedgerError::io("open", path)(error)),
    };
    let metadata = file.metadata().map_err(LedgerError::io("read", path))?;
    if !metadata.is_file() {
        return Err(LedgerError::unreadable(
            path.display().to_string(),
            "it is no file",
        ));
    }
    // One byte more than is expected, so that the end is found without growing.
    let expected = usize::try_from(metadata.len().min(LONGEST)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(expected.saturating_add(1));
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(LedgerError::io("read", path))?;
    if bytes.len() as u64 > LONGEST {
        return Err(too_long(path.display().to_string()));
    }
    Ok(Some(bytes))
}

/// Replaces the file: a reader sees the old one or the new one, whatever happens meanwhile.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
    files::replace(path, bytes).map_err(LedgerError::io("replace", path))
}

/// Makes the directory of a file.
pub(super) fn make_directory_of(path: &Path) -> Result<(), LedgerError> {
    let directory = directory_of(path);
    std::fs::create_dir_all(directory).map_err(LedgerError::io("make", directory))
}

/// Makes a rename or a removal in a directory durable.
pub(super) fn sync_directory(directory: &Path) -> Result<(), LedgerError> {
    if cfg!(unix) {
        let sync = |directory: &Path| File::open(directory)?.sync_all();
        sync(directory).map_err(LedgerError::io("sync", directory))?;
    }
    Ok(())
}

/// The directory of a file, `.` for a bare name.
pub(super) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
