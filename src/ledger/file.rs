//! Files: read with a bound, replaced atomically, made durable.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use super::Error;
use super::content::{LONGEST, too_long};

/// A whole file, `None` when there is none.
pub(super) fn read_bounded(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("open", path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(Error::io("read", path))?;
    if bytes.len() as u64 > LONGEST {
        return Err(too_long(path.display().to_string()));
    }
    Ok(Some(bytes))
}

/// Replaces the file: a reader sees the old one or the new one, whatever happens meanwhile.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let directory = directory_of(path);
    let mut file =
        tempfile::NamedTempFile::new_in(directory).map_err(Error::io("write beside", path))?;
    file.write_all(bytes)
        .and_then(|()| file.as_file().sync_all())
        .map_err(Error::io("write", path))?;
    file.persist(path)
        .map_err(|error| Error::io("replace", path)(error.error))?;
    sync_directory(directory)
}

/// Makes the directory of a file.
pub(super) fn make_directory_of(path: &Path) -> Result<(), Error> {
    let directory = directory_of(path);
    std::fs::create_dir_all(directory).map_err(Error::io("make", directory))
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
