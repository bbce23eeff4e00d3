//! The ledger as a JSON file: read with a bound, replaced atomically.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use super::Error;
use crate::live::{LEDGER_FORMAT, Ledger};

/// The longest file that is read: ten thousand objects with some ten kilobytes of spec each.
pub(super) const FILE_MAX: u64 = 256 * 1024 * 1024;

/// The ledger in a file, `None` when there is no file.
pub(super) fn read(path: &Path, account: &str) -> Result<Option<Ledger>, Error> {
    let Some(bytes) = read_bounded(path)? else {
        return Ok(None);
    };
    let format = serde_json::from_slice::<Head>(&bytes)
        .map_err(|error| Error::unreadable(path, format!("it is not JSON: {error}")))?
        .format;
    if format.as_deref() != Some(LEDGER_FORMAT) {
        let found = format.map_or_else(|| "none".to_owned(), |format| format!("`{format}`"));
        let why = format!("its format is {found}, this version reads `{LEDGER_FORMAT}`");
        return Err(Error::unreadable(path, why));
    }
    let ledger: Ledger = serde_json::from_slice(&bytes)
        .map_err(|error| Error::unreadable(path, error.to_string()))?;
    if ledger.account != account {
        return Err(Error::WrongAccount {
            path: path.to_owned(),
            found: ledger.account,
            wanted: account.to_owned(),
        });
    }
    Ok(Some(ledger))
}

#[derive(serde::Deserialize)]
struct Head {
    format: Option<String>,
}

/// A whole file, `None` when there is none.
pub(super) fn read_bounded(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("open", path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(FILE_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(Error::io("read", path))?;
    if bytes.len() as u64 > FILE_MAX {
        let why = format!("it is longer than {FILE_MAX} bytes");
        return Err(Error::unreadable(path, why));
    }
    Ok(Some(bytes))
}

/// Replaces the file: a reader sees the old ledger or the new one, whatever happens meanwhile.
pub(super) fn write(path: &Path, ledger: &Ledger) -> Result<(), Error> {
    let directory = directory_of(path);
    let mut bytes = serde_json::to_vec_pretty(ledger)
        .map_err(|error| Error::unreadable(path, error.to_string()))?;
    bytes.push(b'\n');
    let mut file =
        tempfile::NamedTempFile::new_in(directory).map_err(Error::io("write beside", path))?;
    file.write_all(&bytes)
        .and_then(|()| file.as_file().sync_all())
        .map_err(Error::io("write", path))?;
    file.persist(path)
        .map_err(|error| Error::io("replace", path)(error.error))?;
    sync_directory(directory)
}

/// Makes a rename or a removal in a directory durable.
pub(super) fn sync_directory(directory: &Path) -> Result<(), Error> {
    if cfg!(unix) {
        let sync = |directory: &Path| File::open(directory)?.sync_all();
        sync(directory).map_err(Error::io("sync", directory))?;
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
