//! Paths to files: which files a folder holds, in which order, and each of them once.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use super::PROJECT_FILES;

/// Folders that hold other people's files.
const SKIPPED_FOLDERS: [&str; 2] = ["node_modules", "target"];

/// One place that a path led to.
pub(super) struct Found {
    /// The path as the user typed it, with what was found below it.
    pub(super) shown: String,
    pub(super) origin: Origin,
    /// The position of the path that led to it.
    pub(super) rank: usize,
}

/// Where a text comes from.
pub(super) enum Origin {
    Stdin,
    File(PathBuf),
    Missing,
    Unreadable(io::Error),
}

/// Follows the paths, in their order; what is below a folder is sorted by name. What lies in or below the
/// folders of `except` is passed over, and project files unless they are wanted.
pub(super) fn find(paths: &[PathBuf], except: &[PathBuf], with_projects: bool) -> Vec<Found> {
    let mut finder = Finder {
        with_projects,
        except: except.iter().map(|path| real_path(path)).collect(),
        ..Finder::default()
    };
    for (rank, path) in paths.iter().enumerate() {
        finder.rank = rank;
        finder.path(path);
    }
    finder.found
}

#[derive(Default)]
struct Finder {
    found: Vec<Found>,
    rank: usize,
    /// Files and folders by their real path, so that links and repeated paths are followed once. As text:
    /// comparing paths part by part is ten times as slow.
    seen: BTreeSet<OsString>,
    /// Folders to pass over, by their real path.
    except: Vec<PathBuf>,
    /// Whether project files are found, too.
    with_projects: bool,
}

impl Finder {
    fn path(&mut self, path: &Path) {
        if path == Path::new("-") {
            if self.seen.insert(path.as_os_str().to_owned()) {
                self.found.push(Found {
                    shown: "<stdin>".to_owned(),
                    origin: Origin::Stdin,
                    rank: self.rank,
                });
            }
            return;
        }
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.folder(path),
            Ok(_) => self.file(path, real_path(path)),
            Err(error) => self.broken(path, error),
        }
    }

    fn folder(&mut self, path: &Path) {
        let real = real_path(path);
        if self.is_excepted(&real) || !self.seen.insert(real.clone().into_os_string()) {
            return;
        }
        let entries: io::Result<Vec<DirEntry>> = fs::read_dir(path).and_then(Iterator::collect);
        match entries {
            Ok(mut entries) => {
                entries.sort_by_key(DirEntry::file_name);
                for entry in entries {
                    self.entry(path, &real, &entry);
                }
            }
            Err(error) => self.broken(path, error),
        }
    }

    fn entry(&mut self, folder: &Path, real_folder: &Path, entry: &DirEntry) {
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            return;
        }
        // `.` is what nobody types in front of a name.
        let path = if folder == Path::new(".") {
            PathBuf::from(&name)
        } else {
            folder.join(&name)
        };
        let link = entry
            .file_type()
            .is_ok_and(|file_type| file_type.is_symlink());
        // Following every entry would cost a look-up per file; only links lead elsewhere.
        let file_type = if link {
            fs::metadata(&path).map(|metadata| metadata.file_type())
        } else {
            entry.file_type()
        };
        match file_type {
            Ok(file_type) if file_type.is_dir() && !is_skipped(&name) => self.folder(&path),
            Ok(file_type) if file_type.is_file() && self.is_wanted(&path) => {
                let real = if link {
                    real_path(&path)
                } else {
                    real_folder.join(&name)
                };
                self.file(&path, real);
            }
            Err(error) if self.is_wanted(&path) => self.broken(&path, error),
            _ => {}
        }
    }

    fn file(&mut self, path: &Path, real: PathBuf) {
        if !self.is_excepted(&real) && self.seen.insert(real.into_os_string()) {
            self.found.push(Found {
                shown: shown(path),
                origin: Origin::File(path.to_owned()),
                rank: self.rank,
            });
        }
    }

    /// Whether a file of a folder is read.
    fn is_wanted(&self, path: &Path) -> bool {
        is_manifest(path) || (self.with_projects && is_yaml(path))
    }

    fn is_excepted(&self, real: &Path) -> bool {
        self.except.iter().any(|folder| real.starts_with(folder))
    }

    fn broken(&mut self, path: &Path, error: io::Error) {
        let origin = match error.kind() {
            io::ErrorKind::NotFound => Origin::Missing,
            _ => Origin::Unreadable(error),
        };
        self.found.push(Found {
            shown: shown(path),
            origin,
            rank: self.rank,
        });
    }
}

/// The path without the `.` that stands for the current folder.
fn shown(path: &Path) -> String {
    match path.strip_prefix(".") {
        Ok(inside) if !inside.as_os_str().is_empty() => inside.display().to_string(),
        _ => path.display().to_string(),
    }
}

fn real_path(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn is_skipped(name: &OsStr) -> bool {
    SKIPPED_FOLDERS.iter().any(|skipped| name == *skipped)
}

/// Whether a file of a folder is read as manifests.
pub(super) fn is_manifest(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    is_yaml(path) && !PROJECT_FILES.iter().any(|file| name == *file)
}

fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml")
}
