//! Manifests in files that a run does not read: outside of its paths, below hidden folders and packages, or with another
//! ending.
//!
//! Looked for only when the manifest of an owned object is missing: a manifest that was moved to such a place is not gone.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use super::find::{Found, Origin, PACKAGES, is_excepted_by, is_ours, real_path, shown};
use super::{Group, PROJECT_FILES, read};
use crate::diag::Texts;
use crate::text::Limits;

/// How many files and folders are looked at, the nearest first; more is the work of a program.
const MOST_ENTRIES: usize = 300_000;

/// The largest file that is looked into: far above any manifest.
const LARGEST: u64 = 1024 * 1024;

/// The folder of git's own files.
const GIT: &str = ".git";

/// Where to look for manifests that a run does not read.
#[derive(Clone, Debug)]
pub struct Unread<'a> {
    /// What the run reads together.
    pub groups: &'a [Group],
    /// The folder of the project, where there is a project file.
    pub root: Option<&'a Path>,
    /// Folders that say nothing of it, such as those of overlays: what they hold is a part of a manifest.
    pub except: &'a [PathBuf],
    /// The files that the run has read.
    pub read: Vec<&'a Path>,
}

/// The documents of the files that hold manifests and are not read, below the paths of a run and in its project. Projects
/// inside of the project are others. What cannot be read is left out.
#[must_use]
pub fn unread(unread: &Unread<'_>, limits: &Limits) -> Texts {
    let read_files = unread.read.iter().map(|path| real_path(path));
    let except = unread.except.iter().map(|path| real_path(path));
    let mut finder = Finder {
        found: Vec::new(),
        left: MOST_ENTRIES,
        seen: read_files.collect(),
        except: except.collect(),
    };
    for Group { paths, except } in unread.groups {
        let around = finder.except.len();
        finder.except.extend(except.iter().map(|it| real_path(it)));
        for path in paths {
            finder.below(path, Nested::Included);
        }
        finder.except.truncate(around);
    }
    if let Some(root) = unread.root {
        finder.below(root, Nested::Another);
    }
    read(&finder.found, &mut std::io::empty(), limits).0
}

/// What a folder with a project file of its own is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nested {
    /// A part of what was asked for.
    Included,
    /// Another project.
    Another,
}

struct Finder {
    found: Vec<Found>,
    left: usize,
    /// Files that were read, and files and folders that were looked at, by their real paths.
    seen: BTreeSet<PathBuf>,
    except: Vec<PathBuf>,
}

impl Finder {
    /// Looks at every folder and file below a folder, those that are near before those that are deep.
    fn below(&mut self, top: &Path, nested: Nested) {
        let mut folders = VecDeque::from([top.to_owned()]);
        while let Some(folder) = folders.pop_front() {
            let real = real_path(&folder);
            let is_another = nested == Nested::Another && folder != top && is_project(&folder);
            if is_another || is_excepted_by(&real, &self.except) || !self.seen.insert(real) {
                continue;
            }
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                if self.left == 0 {
                    return;
                }
                self.left -= 1;
                // Links are not followed: what they lead to is elsewhere.
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() && entry.file_name() != OsStr::new(GIT) => {
                        folders.push_back(entry.path());
                    }
                    Ok(kind) if kind.is_file() => self.file(&entry),
                    _ => {}
                }
            }
        }
    }

    fn file(&mut self, entry: &DirEntry) {
        let path = entry.path();
        let is_small = entry.metadata().is_ok_and(|it| it.len() <= LARGEST);
        let is_likely = !is_in_packages(&path) || is_named_like_yaml(&path);
        if is_small
            && is_likely
            && !is_project_file(&path)
            && is_ours(&path).unwrap_or(false)
            && self.seen.insert(real_path(&path))
        {
            self.found.push(Found {
                shown: shown(&path),
                origin: Origin::File(path),
                rank: 0,
            });
        }
    }
}

/// Whether a folder has a project file of its own.
fn is_project(folder: &Path) -> bool {
    PROJECT_FILES.iter().any(|file| folder.join(file).is_file())
}

fn is_project_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    PROJECT_FILES.iter().any(|file| name == *file)
}

/// Whether a file lies among packages, which are many and hardly ever hold manifests.
fn is_in_packages(path: &Path) -> bool {
    path.iter().any(|part| part == PACKAGES)
}

/// Whether a name has the ending of a manifest anywhere, as `sale.yaml.bak` has.
fn is_named_like_yaml(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_ascii_lowercase();
    let name = name.to_string_lossy();
    name.contains(".yaml") || name.contains(".yml")
}
