//! F3: files on disk, for all that read and write them: bounded, whole, and never through a link that a program planted.
//!
//! - Reading ends: a file has a limit, and a named pipe, which may never send anything, is refused.
//! - [`replace`] gives a file its new content at once or not at all. A reader sees the old one or the new one. A new
//!   file gets the mode that the umask wants; one that exists keeps its own. A link is followed: a person made it to
//!   lead to the file.
//! - [`replace_own`], [`replace_private`] and [`write_inside`] follow no link: what lies at those names was made by the program, or was
//!   planted.

mod stream;

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

pub use stream::Stream;

/// Opens a file that may be waited for: anything but a named pipe.
///
/// # Errors
/// Those of the system; a named pipe. One that the caller's shell made, `/dev/fd/63`, has a writer, and is opened.
pub fn open(path: &Path) -> io::Result<File> {
    refuse_named_pipe(path)?;
    File::open(path)
}

/// Refuses a named pipe, of which nobody knows whether it has another end; one that the caller opened has.
///
/// # Errors
/// A named pipe.
pub fn refuse_named_pipe(path: &Path) -> io::Result<()> {
    let is_pipe = fs::metadata(path).is_ok_and(|found| is_named_pipe(&found));
    if is_pipe && Stream::of(path).is_none() {
        return Err(refused("it is a named pipe, not a file"));
    }
    Ok(())
}

/// The content of a file, at most `limit` bytes.
///
/// # Errors
/// As [`open`]; [`io::ErrorKind::FileTooLarge`] for one that is longer.
pub fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let why = format!("it is longer than {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
    Ok(bytes)
}

/// The text of a file, at most `limit` bytes.
///
/// # Errors
/// As [`read_bounded`], and a file that is not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read_bounded(path, limit)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

/// Gives a file this content; what a link leads to, if it is one. What is no regular file, such as `/dev/null`, and
/// what the caller opened, such as `/dev/stdout`, is written to as it is.
///
/// # Errors
/// Those of the system; a broken link.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(stream) = Stream::of(path) {
        Stream::refuse_unwritable(path)?;
        return stream.write(path, bytes);
    }
    match fs::metadata(path) {
        Ok(found) if !found.is_file() && !found.is_dir() => {
            File::options().write(true).open(path)?.write_all(bytes)
        }
        _ => replace_own(&followed(path)?, bytes),
    }
}

/// Gives a file this content. A link of this name is replaced, and what it leads to stays as it is.
///
/// # Errors
/// Those of the system.
pub fn replace_own(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = temporary(folder_of(path))?;
    if let Ok(former) = fs::symlink_metadata(path)
        && former.is_file()
    {
        file.as_file().set_permissions(former.permissions())?;
    }
    file.write_all(bytes)?;
    take_place(file, path)
}

/// As [`replace_own`], for a file that only its owner can read.
///
/// # Errors
/// Those of the system.
pub fn replace_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new(); // 0600 on Unix
    let folder = folder_of(path);
    let made = builder.prefix(".campaignctl").tempfile_in(folder);
    let mut file = made.map_err(|error| nameless(&error, folder))?;
    file.write_all(bytes)?;
    take_place(file, path)
}

/// An error about a file of ours, which nobody has heard of, as one about its folder.
fn nameless(error: &io::Error, folder: &Path) -> io::Error {
    let why = match error.kind() {
        io::ErrorKind::NotFound if !folder.is_dir() => {
            format!("there is no folder `{}`", folder.display())
        }
        kind => format!("the folder `{}`: {kind}", folder.display()),
    };
    io::Error::new(error.kind(), why)
}

fn take_place(file: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync(folder_of(path))
}

/// Whether [`replace`] would work, found out without changing the file.
///
/// # Errors
/// A folder that is not there or cannot be written to; a path that is a folder; a file that is mounted on its own, as
/// containers do it with single files: nothing can take its place.
pub fn can_replace(path: &Path) -> io::Result<()> {
    if Stream::of(path).is_some() {
        return Stream::refuse_unwritable(path);
    }
    if path.to_string_lossy().ends_with('/') {
        return Err(refused("it is the name of a folder"));
    }
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => return Err(refused("it is a folder")),
        Ok(found) if !found.is_file() => return Ok(()), // a device or a pipe is written to as it is
        _ => {}
    }
    let path = followed(path)?;
    let folder = folder_of(&path);
    drop(temporary(folder)?);
    if !path.exists() {
        return Ok(());
    }
    // A second name for the file beside it: the system refuses one across mounts, and knows a mount that is one file.
    let probe = tempfile::Builder::new()
        .prefix(".campaignctl")
        .make_in(folder, |name| fs::hard_link(&path, name));
    match probe {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => Err(refused(
            "it is mounted as a single file, so that no new file can take its place",
        )),
        _ => Ok(()), // file systems without second names tell nothing
    }
}

/// Writes a file at a path below a folder, which is made with the folders on the way. No link on the way is followed.
///
/// # Errors
/// Those of the system; a link; a file that exists, unless `overwrites`.
pub fn write_inside(folder: &Path, path: &Path, bytes: &[u8], overwrites: bool) -> io::Result<()> {
    let whole = place_inside(folder, path, overwrites)?;
    fs::create_dir_all(whole.parent().unwrap_or(folder))?;
    replace_own(&whole, bytes)
}

/// The place of a path below a folder, if a file can be written there. Nothing is made.
///
/// # Errors
/// As those of [`write_inside`].
pub fn place_inside(folder: &Path, path: &Path, overwrites: bool) -> io::Result<PathBuf> {
    let mut whole = folder.to_path_buf();
    let mut names = path.components().peekable();
    while let Some(name) = names.next() {
        if !matches!(name, Component::Normal(_)) {
            return Err(refused("the path leads out of the folder"));
        }
        whole.push(name);
        let Ok(found) = fs::symlink_metadata(&whole) else {
            continue;
        };
        if found.is_symlink() {
            let why = format!(
                "`{}` is a link, which may lead out of the folder",
                whole.display()
            );
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
        }
        let is_last = names.peek().is_none();
        if is_last && !overwrites {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if is_last && !found.is_file() {
            return Err(refused("it is there, and is no regular file"));
        }
        if !is_last && !found.is_dir() {
            let why = format!("`{}` is there, and is no folder", whole.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, why));
        }
    }
    Ok(whole)
}

/// Refuses a link at a name under which only the program makes files.
///
/// # Errors
/// A link.
pub fn refuse_link(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => Err(refused("it is a link, and must be a file")),
        _ => Ok(()),
    }
}

/// Whether something is a named pipe.
#[must_use]
pub fn is_named_pipe(metadata: &fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        metadata.file_type().is_fifo()
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
}

/// The file that a link leads to; any other path as it is.
fn followed(path: &Path) -> io::Result<PathBuf> {
    if !fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
        return Ok(path.to_path_buf());
    }
    fs::canonicalize(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            let to = fs::read_link(path).unwrap_or_default();
            let why = format!("it is a link to `{}`, which does not exist", to.display());
            io::Error::new(io::ErrorKind::NotFound, why)
        }
        _ => error,
    })
}

/// A file with the mode that the umask wants, until it gets its name.
fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".campaignctl");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666)); // less the umask
    }
    let made = builder.tempfile_in(folder);
    made.map_err(|error| nameless(&error, folder))
}

/// Makes a rename in a folder durable.
fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// The folder of a file, `.` for a bare name.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why.to_owned())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn files_have_the_mode_of_any_other_new_file_and_keep_what_they_have() {
        let folder = tempfile::tempdir().unwrap();
        let [usual, ours] = ["usual", "ours"].map(|name| folder.path().join(name));
        fs::write(&usual, "").unwrap();
        replace(&ours, b"a").unwrap();
        assert_eq!(mode(&ours), mode(&usual));
        for kept in [0o600, 0o664, 0o640] {
            fs::set_permissions(&ours, fs::Permissions::from_mode(kept)).unwrap();
            replace(&ours, b"b").unwrap();
            assert_eq!(mode(&ours), kept);
        }
    }

    #[test]
    fn links_are_followed_where_somebody_made_them_only() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, gone] = ["file", "link", "gone"].map(|name| folder.path().join(name));
        fs::write(&file, "old").unwrap();
        symlink("file", &link).unwrap();
        symlink("nowhere", &gone).unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(link.is_symlink());
        let error = replace(&gone, b"new").unwrap_err();
        assert_eq!(
            error.to_string(),
            "it is a link to `nowhere`, which does not exist"
        );
        assert!(refuse_link(&link).is_err() && refuse_link(&gone).is_err());
        assert!(refuse_link(&file).is_ok());
        replace_own(&link, b"own").unwrap();
        assert!(!link.is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
    }

    #[test]
    fn nothing_is_written_out_of_a_folder() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::write(outer.path().join("victim"), "precious").unwrap();
        symlink("../victim", inner.join("file")).unwrap();
        symlink("../nowhere", inner.join("new")).unwrap();
        symlink("..", inner.join("folder")).unwrap();
        for path in [
            "file",
            "new",
            "folder/victim",
            "folder/x",
            "../victim",
            "/tmp/x",
        ] {
            for overwrites in [false, true] {
                let written = write_inside(&inner, Path::new(path), b"bad", overwrites);
                assert!(written.is_err(), "{path}");
            }
        }
        assert_eq!(fs::read(outer.path().join("victim")).unwrap(), b"precious");
        assert_eq!(fs::read_dir(outer.path()).unwrap().count(), 2);
        let good = Path::new("a/b/c");
        write_inside(&inner, good, b"1", false).unwrap();
        assert!(write_inside(&inner, good, b"2", false).is_err());
        write_inside(&inner, good, b"2", true).unwrap();
        assert_eq!(fs::read(inner.join(good)).unwrap(), b"2");
    }

    #[test]
    fn reading_ends() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let error = read_bounded(&pipe, 10).unwrap_err();
        assert_eq!(error.to_string(), "it is a named pipe, not a file");
        let error = read_bounded(Path::new("/dev/zero"), 10).unwrap_err();
        assert_eq!(error.to_string(), "it is longer than 10 bytes");
        let file = folder.path().join("file");
        fs::write(&file, "0123456789").unwrap();
        assert_eq!(read_text(&file, 10).unwrap(), "0123456789");
        assert!(read_text(&file, 9).is_err());
    }

    #[test]
    fn what_can_be_replaced_is_known_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        can_replace(&file).unwrap();
        fs::write(&file, "").unwrap();
        can_replace(&file).unwrap();
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left behind"
        );
        assert!(can_replace(&folder.path().join("no/folder")).is_err());
        // Mounts need rights that a test does not have: this one is there on every Linux in a container.
        let mounted = Path::new("/etc/hosts");
        if cfg!(target_os = "linux") && is_mounted(mounted) {
            assert!(can_replace(mounted).is_err());
        }
    }

    fn is_mounted(path: &Path) -> bool {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let path = path.to_string_lossy();
        mounts
            .lines()
            .any(|line| line.split(' ').nth(4) == Some(&*path))
    }
}
