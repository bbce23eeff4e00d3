//! What the caller opened for the program: written to as it is, and never opened anew where that would lose something.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use super::refused;

/// What the caller opened for the program, under the name that it has as a file. Where it is a log that others write
/// to as well, it must be written to and not replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// `/dev/stdout`.
    Output,
    /// `/dev/stderr`.
    Errors,
    /// `/dev/stdin`, `/dev/fd/63`, and those of other processes.
    Other,
}

impl Stream {
    /// The stream that a path names.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let names: Vec<_> = path.to_str()?.split('/').collect();
        match names[..] {
            ["", "dev", "stdout"] => Some(Self::Output),
            ["", "dev", "stderr"] => Some(Self::Errors),
            ["", "dev", "stdin"] => Some(Self::Other),
            ["", "dev", "fd", number] | ["", "proc", "self", "fd", number] => {
                Self::numbered(number)
            }
            ["", "proc", _, "fd", number] => Self::numbered(number).map(|_| Self::Other),
            _ => Self::behind(path),
        }
    }

    /// The stream of the process that leads to a file, `log` in `--audit-log log > log`: opened anew, the file has another
    /// place to write at.
    fn behind(path: &Path) -> Option<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let number = |path: &Path| {
                let found = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
                Some((found.dev(), found.ino()))
            };
            let own = number(path)?;
            let streams = [("/dev/stdout", Self::Output), ("/dev/stderr", Self::Errors)];
            let mut streams = streams.into_iter();
            streams.find_map(|(name, it)| (number(Path::new(name)) == Some(own)).then_some(it))
        }
        #[cfg(not(unix))]
        {
            let _ = path;
            None
        }
    }

    /// Refuses what the caller opened for reading only or did not open at all, and a file that it did not open for appending:
    /// opened anew, the file has another place to write at, and what both write would be over each other.
    ///
    /// Linux opens the file behind such a name anew, for writing as well: `7<notes` says that the notes are read
    /// (<https://man7.org/linux/man-pages/man5/proc_pid_fdinfo.5.html>). Other systems refuse it themselves.
    ///
    /// # Errors
    /// As told.
    pub fn refuse_unwritable(path: &Path) -> io::Result<()> {
        /// The bits of the flags of an open file that say whether it is read or written (`O_ACCMODE`); reading only is 0.
        const ACCESS: u32 = 0b11;
        /// The flag of a file that is appended to (`O_APPEND`).
        const APPEND: u32 = 0o2000;
        let Some(info) = path.to_str().and_then(Self::fdinfo) else {
            return Ok(());
        };
        if !Path::new("/proc/self/fdinfo").is_dir() {
            return Ok(());
        }
        let info = fs::read_to_string(info).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => refused("nothing is open under this number"),
            _ => error,
        })?;
        let mut lines = info.lines();
        let flags = lines.find_map(|line| line.strip_prefix("flags:"));
        let flags = flags.and_then(|text| u32::from_str_radix(text.trim(), 8).ok());
        if flags.is_some_and(|flags| flags & ACCESS == 0) {
            return Err(refused("it is open for reading only"));
        }
        let is_file = fs::metadata(path).is_ok_and(|found| found.is_file());
        let is_opened_anew = is_file && Self::of(path) == Some(Self::Other);
        if is_opened_anew && flags.is_some_and(|flags| flags & APPEND == 0) {
            return Err(refused(
                "the file behind it is not open for appending: open it with `>>`, or name it",
            ));
        }
        Ok(())
    }

    /// Where Linux says how the stream of a path is open.
    fn fdinfo(path: &str) -> Option<String> {
        let names: Vec<_> = path.split('/').collect();
        let (process, number) = match names[..] {
            ["", "dev", "stdin"] => ("self", "0"),
            ["", "dev", "stdout"] => ("self", "1"),
            ["", "dev", "stderr"] => ("self", "2"),
            ["", "dev", "fd", number] => ("self", number),
            ["", "proc", process, "fd", number] => (process, number),
            _ => return None,
        };
        let is_number = number.parse::<u32>().is_ok();
        is_number.then(|| format!("/proc/{process}/fdinfo/{number}"))
    }

    fn numbered(number: &str) -> Option<Self> {
        match number.parse::<u32>() {
            Ok(1) => Some(Self::Output),
            Ok(2) => Some(Self::Errors),
            Ok(_) => Some(Self::Other),
            Err(_) => None,
        }
    }

    /// Writes behind what was written to it before.
    ///
    /// # Errors
    /// Those of the system.
    pub fn write(self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Output => io::stdout()
                .lock()
                .write_all(bytes)
                .and_then(|()| io::stdout().flush()),
            Self::Errors => io::stderr().lock().write_all(bytes),
            // Opened anew by its name it starts at the beginning, were it not for `append`.
            Self::Other => File::options().append(true).open(path)?.write_all(bytes),
        }
    }
}
