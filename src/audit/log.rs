//! The file of the audit log.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::AuditLine;
use crate::files::{self, Stream};
use crate::text::safe;

/// How every line begins, see [`AuditLine`].
const BEGINNING: &str = "{\"format\":\"campaignctl.audit/";

/// The audit log cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} the audit log `{path}`")]
pub struct AuditError {
    doing: &'static str,
    path: String,
    #[source]
    source: std::io::Error,
}

impl AuditError {
    /// Whether the file is something else than a log.
    #[must_use]
    pub fn is_about_the_file(&self) -> bool {
        self.source.kind() == std::io::ErrorKind::AlreadyExists
    }
}

/// Where a log is written.
#[derive(Debug)]
enum LogPlace {
    /// Behind all that a file holds.
    File(File),
    /// To a stream of this process, which writes other things to it as well: opened anew, each would write over the other.
    Stream(Stream),
}

/// An audit log that is open for appending.
#[derive(Debug)]
pub struct AuditLog {
    path: PathBuf,
    place: LogPlace,
    /// Whether the file holds what a disk has to keep; a pipe does not.
    is_kept: bool,
}

impl AuditLog {
    /// Opens a log behind all that it holds. Nothing is written yet but the end of a line that was torn.
    ///
    /// # Errors
    /// [`AuditError`] when it cannot be opened for appending.
    pub fn open(path: &Path) -> Result<Self, AuditError> {
        let failed = |source| AuditError {
            doing: "open",
            path: path.display().to_string(),
            source,
        };
        files::refuse_named_pipe(path).map_err(failed)?;
        Stream::refuse_unwritable(path).map_err(failed)?;
        if Stream::of(path).is_none() && path.is_file() && !is_ours(path).map_err(failed)? {
            let why = "it holds something else; name another file";
            return Err(failed(std::io::Error::new(
                std::io::ErrorKind::AlreadyExists,
                why,
            )));
        }
        if let Some(stream @ (Stream::Output | Stream::Errors)) = Stream::of(path) {
            return Ok(Self {
                path: path.to_owned(),
                place: LogPlace::Stream(stream),
                is_kept: false,
            });
        }
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .map_err(failed)?;
        let is_kept = file.metadata().map_err(failed)?.is_file();
        let mut log = Self {
            path: path.to_owned(),
            place: LogPlace::File(file),
            is_kept,
        };
        if is_kept && is_torn(path) {
            log.write(b"\n")?;
        }
        Ok(log)
    }

    /// Appends a line, which is on the disk when this returns.
    ///
    /// # Errors
    /// [`AuditError`] when it is not.
    pub fn append(&mut self, line: &AuditLine) -> Result<(), AuditError> {
        self.write(safe::json_line(line).as_bytes())
    }

    /// One write for a whole line: lines of other processes stand before or behind it, never within.
    fn write(&mut self, bytes: &[u8]) -> Result<(), AuditError> {
        let kept = match &mut self.place {
            LogPlace::Stream(stream) => stream.write(&self.path, bytes),
            LogPlace::File(file) => file.write_all(bytes).and_then(|()| {
                if self.is_kept {
                    file.sync_data()
                } else {
                    file.flush()
                }
            }),
        };
        kept.map_err(|error| self.failed(error))
    }

    fn failed(&self, source: std::io::Error) -> AuditError {
        AuditError {
            doing: "write",
            path: self.path.display().to_string(),
            source,
        }
    }
}

/// Whether a file is empty or begins with a line of ours, whole or torn. A file that may not be read is taken as it is.
fn is_ours(path: &Path) -> std::io::Result<bool> {
    let mut start = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(BEGINNING.len() as u64).read_to_end(&mut start)?,
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return Ok(true),
        Err(error) => return Err(error),
    };
    Ok(BEGINNING.as_bytes().starts_with(&start))
}

/// Whether a crash left the last line without its end. A file that may not be read is taken as it is.
fn is_torn(path: &Path) -> bool {
    let last = || -> std::io::Result<u8> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::End(-1))?;
        let mut byte = [0];
        file.read_exact(&mut byte)?;
        Ok(byte[0])
    };
    last().is_ok_and(|byte| byte != b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_is_ended_and_nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let text = || std::fs::read_to_string(&path).unwrap();
        drop(AuditLog::open(&path).unwrap());
        assert_eq!(text(), "");
        let torn = format!("{BEGINNING}v1\"}}\n{{\"fo");
        std::fs::write(&path, &torn).unwrap();
        drop(AuditLog::open(&path).unwrap());
        drop(AuditLog::open(&path).unwrap());
        assert_eq!(text(), format!("{torn}\n"));
    }

    #[test]
    fn only_an_audit_log_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let torn = &BEGINNING[..5];
        for (held, is_taken) in [
            ("", true),
            (BEGINNING, true),
            (torn, true),
            ("kind: Goal\n", false),
            ("{}", false),
        ] {
            std::fs::write(&path, held).unwrap();
            assert_eq!(AuditLog::open(&path).is_ok(), is_taken, "{held}");
            assert!(is_taken || std::fs::read_to_string(&path).unwrap() == held);
        }
    }

    #[test]
    fn what_cannot_be_opened_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = AuditLog::open(folder.path()).unwrap_err();
        let shown = format!("cannot open the audit log `{}`", folder.path().display());
        assert_eq!(error.to_string(), shown);
    }
}
