//! Paths to files: which files a folder holds, in which order, and each of them once.
//!
//! What is passed over although it may hold manifests is reported, so that people do not take them for read: folders of
//! packages, hidden files with a manifest in them, manifests in files of another ending, what is no regular file, and
//! links that lead nowhere.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirEntry, FileType};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{PROJECT_FILES, PathGroup};

/// The folder that holds other people's files.
pub(super) const PACKAGES: &str = "node_modules";

/// How many names of a hidden folder are looked at in search of a manifest: more is the work of a program.
const HIDDEN_NAMES: usize = 200;

/// How much of a file that is not read is looked at: `apiVersion` is the first line of a manifest, below its comments.
const START_BYTES: u64 = 4096;

/// How many files of other endings are looked at in search of a manifest: a folder with more of them holds other things,
/// and opening each would cost more than reading the manifests.
const OTHER_FILES: usize = 1000;

/// What every manifest says.
pub(super) const OURS: &[u8] = b"campaignctl.dev/";

/// One place that a path led to.
pub(super) struct FoundPlace {
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
    /// Nothing is there, or a link that leads nowhere.
    Missing(PathBuf),
    Unreadable(io::Error),
    /// It leads to where the caller lets nothing be read.
    Outside,
}

/// A place below the paths that is not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// The path as the user typed it, with what was found below it.
    pub shown: String,
    /// Why.
    pub why: &'static str,
}

/// Follows the paths, in their order; what is below a folder is sorted by name. What lies in or below the
/// folders of `except` is passed over, and project files unless they are wanted.
pub(super) fn find(group: &PathGroup, with_projects: bool) -> (Vec<FoundPlace>, Vec<Skipped>) {
    let PathGroup {
        here,
        paths,
        except,
        within,
    } = group;
    let mut finder = ManifestFinder {
        here,
        with_projects,
        found: Vec::new(),
        skipped: Vec::new(),
        rank: 0,
        seen: BTreeSet::new(),
        except: except
            .iter()
            .map(|path| real_path(&here.join(path)))
            .collect(),
        within,
        others: 0,
    };
    for (rank, path) in paths.iter().enumerate() {
        finder.rank = rank;
        finder.path(path);
    }
    (finder.found, finder.skipped)
}

struct ManifestFinder<'g> {
    /// Where relative paths start from.
    here: &'g Path,
    found: Vec<FoundPlace>,
    skipped: Vec<Skipped>,
    rank: usize,
    /// Files and folders by their real path, so that links and repeated paths are followed once. As text:
    /// comparing paths part by part is ten times as slow.
    seen: BTreeSet<OsString>,
    /// Folders to pass over, by their real path.
    except: Vec<PathBuf>,
    /// Where all that is read has to lie; anywhere without any.
    within: &'g [PathBuf],
    /// Whether project files are found, too.
    with_projects: bool,
    /// How many files of other endings were looked at.
    others: usize,
}

impl ManifestFinder<'_> {
    /// Where a path is, which is shown as the user typed it.
    fn at(&self, path: &Path) -> PathBuf {
        self.here.join(path)
    }

    fn path(&mut self, path: &Path) {
        if path == Path::new("-") {
            if self.seen.insert(path.as_os_str().to_owned()) {
                self.found.push(FoundPlace {
                    shown: "<stdin>".to_owned(),
                    origin: Origin::Stdin,
                    rank: self.rank,
                });
            }
            return;
        }
        let at = self.at(path);
        match fs::metadata(&at) {
            Ok(metadata) if metadata.is_dir() => self.folder(path),
            Ok(_) => self.file(path, real_path(&at)),
            Err(error) => self.broken(path, error),
        }
    }

    fn folder(&mut self, path: &Path) {
        let at = self.at(path);
        let real = real_path(&at);
        if self.is_excepted(&real) || !self.seen.insert(real.clone().into_os_string()) {
            return;
        }
        if self.is_outside(&real) {
            return self.add(path, Origin::Outside);
        }
        let entries: io::Result<Vec<DirEntry>> = fs::read_dir(at).and_then(Iterator::collect);
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
        // People do not type `.` in front of a name.
        let path = if folder == Path::new(".") {
            PathBuf::from(&name)
        } else {
            folder.join(&name)
        };
        let at = self.at(&path);
        let link = entry
            .file_type()
            .is_ok_and(|file_type| file_type.is_symlink());
        // Following every entry would cost a look-up per file; only links lead elsewhere.
        let file_type = if link {
            fs::metadata(&at).map(|metadata| metadata.file_type())
        } else {
            entry.file_type()
        };
        if is_hidden(&name) {
            let holds = file_type.is_ok_and(|file_type| hides_manifests(&at, file_type));
            return self.skip(&path, holds.then_some("hidden"));
        }
        match file_type {
            Ok(file_type) if file_type.is_dir() && name == PACKAGES => {
                self.skip(&path, Some("packages"));
            }
            Ok(file_type) if file_type.is_dir() => self.folder(&path),
            Ok(file_type) if file_type.is_file() && self.is_wanted(&path) => {
                let real = if link {
                    real_path(&at)
                } else {
                    real_folder.join(&name)
                };
                self.file(&path, real);
            }
            Ok(_) if is_manifest(&path) => self.skip(&path, Some("not a regular file")),
            Err(error) if self.is_wanted(&path) => self.broken(&path, error),
            Err(_) if link => self.skip(&path, Some("a broken link")),
            Ok(file_type) if file_type.is_file() => self.other(&path),
            Ok(_) | Err(_) => {}
        }
    }

    /// A file whose ending is not one of manifests: told if it is one all the same, such as `goal.yaml.bak`.
    fn other(&mut self, path: &Path) {
        let is_project = path.file_name().is_some_and(is_project);
        if is_project || self.others == OTHER_FILES {
            return;
        }
        self.others += 1;
        let is_manifest = begins_as_manifest(&self.at(path)).unwrap_or(false);
        self.skip(path, is_manifest.then_some("another ending than `.yaml`"));
    }

    fn skip(&mut self, path: &Path, why: Option<&'static str>) {
        if let Some(why) = why.filter(|_| !self.is_excepted(&real_path(&self.at(path)))) {
            let shown = shown(path);
            self.skipped.push(Skipped { shown, why });
        }
    }

    fn file(&mut self, path: &Path, real: PathBuf) {
        let is_outside = self.is_outside(&real);
        if !self.is_excepted(&real) && self.seen.insert(real.into_os_string()) {
            let origin = if is_outside {
                Origin::Outside
            } else {
                Origin::File(self.at(path))
            };
            self.add(path, origin);
        }
    }

    fn add(&mut self, path: &Path, origin: Origin) {
        self.found.push(FoundPlace {
            shown: shown(path),
            origin,
            rank: self.rank,
        });
    }

    fn is_outside(&self, real: &Path) -> bool {
        !self.within.is_empty() && !is_excepted_by(real, self.within)
    }

    /// Whether a file of a folder is read.
    fn is_wanted(&self, path: &Path) -> bool {
        is_manifest(path) || (self.with_projects && is_yaml(path))
    }

    fn is_excepted(&self, real: &Path) -> bool {
        is_excepted_by(real, &self.except)
    }

    fn broken(&mut self, path: &Path, error: io::Error) {
        let origin = match error.kind() {
            io::ErrorKind::NotFound => Origin::Missing(self.at(path)),
            _ => Origin::Unreadable(error),
        };
        self.add(path, origin);
    }
}

/// Whether a real path lies in or below one of some folders.
pub(super) fn is_excepted_by(real: &Path, except: &[PathBuf]) -> bool {
    except.iter().any(|folder| real.starts_with(folder))
}

/// The path without the `.` that stands for the current folder.
pub(super) fn shown(path: &Path) -> String {
    match path.strip_prefix(".") {
        Ok(inside) if !inside.as_os_str().is_empty() => inside.display().to_string(),
        _ => path.display().to_string(),
    }
}

pub(super) fn real_path(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

pub(super) fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Whether a hidden file is a manifest, or one of the first names in a hidden folder is.
fn hides_manifests(path: &Path, file_type: FileType) -> bool {
    if file_type.is_file() {
        return is_yaml(path) && is_ours(path).unwrap_or(false);
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let files = entries.take(HIDDEN_NAMES).map(|entry| entry.path());
    let mut files = files.filter(|path| is_manifest(path) && path.is_file());
    file_type.is_dir() && files.any(|path| is_ours(&path).unwrap_or(false))
}

fn is_ours(path: &Path) -> io::Result<bool> {
    let start = start(path)?;
    Ok(start.windows(OURS.len()).any(|bytes| bytes == OURS))
}

fn start(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    fs::File::open(path)?
        .take(START_BYTES)
        .read_to_end(&mut start)?;
    Ok(start)
}

/// Whether the first thing that a file says, as YAML or as JSON, is our `apiVersion`. A page of documentation or a
/// program that only quotes a manifest says something else before.
fn begins_as_manifest(path: &Path) -> io::Result<bool> {
    let start = start(path)?;
    let text = String::from_utf8_lossy(&start);
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    let mut said = lines
        .filter(|line| !line.starts_with(['#', '%']) && *line != "---")
        .map(|line| line.trim_start_matches(['{', '"', ' ']))
        .filter(|line| !line.is_empty());
    let first = said.next().unwrap_or_default();
    Ok(
        first.starts_with("apiVersion")
            && first.as_bytes().windows(OURS.len()).any(|it| it == OURS),
    )
}

/// Whether a file is read that lies at this path below a folder: the rule of all of [`find`], for files that are gone.
pub(super) fn is_read_below(path: &Path) -> bool {
    let mut folders = path.parent().into_iter().flat_map(Path::iter);
    let is_hidden = path.file_name().is_some_and(is_hidden);
    !is_hidden
        && is_manifest(path)
        && folders.all(|name| !self::is_hidden(name) && name != PACKAGES)
}

/// Whether a file of a folder is read as manifests.
pub(super) fn is_manifest(path: &Path) -> bool {
    is_yaml(path) && !path.file_name().is_some_and(is_project)
}

fn is_project(name: &OsStr) -> bool {
    PROJECT_FILES.iter().any(|file| name == *file)
}

fn is_yaml(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    ["yaml", "yml"]
        .iter()
        .any(|it| extension.eq_ignore_ascii_case(it))
}
