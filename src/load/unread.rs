//! Manifests in files that a run does not read: below hidden folders and packages, or with another ending.
//!
//! Looked for only when the manifest of an owned object is missing: a manifest that was moved to such a place is not gone.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::find::{
    Found, Origin, PACKAGES, is_excepted_by, is_hidden, is_manifest, is_ours, real_path, shown,
};
use super::{Group, read};
use crate::diag::Texts;
use crate::text::Limits;

/// How many files and folders are looked at; more is the work of a program.
const MOST_ENTRIES: usize = 100_000;

/// The folder of git's own files.
const GIT: &str = ".git";

/// The documents of the files below some groups that hold manifests and are not read. What cannot be read is left out.
#[must_use]
pub fn unread(groups: &[Group], limits: &Limits) -> Texts {
    let mut finder = Finder {
        found: Vec::new(),
        left: MOST_ENTRIES,
    };
    for Group { paths, except } in groups {
        let except: Vec<PathBuf> = except.iter().map(|path| real_path(path)).collect();
        for path in paths {
            finder.folder(path, &except, false);
        }
    }
    read(&finder.found, &mut std::io::empty(), limits).0
}

struct Finder {
    found: Vec<Found>,
    left: usize,
}

impl Finder {
    /// Looks below a folder. In one that is skipped as a whole, files count that have the ending of a manifest; elsewhere,
    /// those that have another.
    fn folder(&mut self, folder: &Path, except: &[PathBuf], is_skipped: bool) {
        if is_excepted_by(&real_path(folder), except) {
            return;
        }
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if self.left == 0 {
                return;
            }
            self.left -= 1;
            let (path, name) = (entry.path(), entry.file_name());
            let is_aside = is_skipped || is_hidden(&name) || name == PACKAGES;
            // Links are not followed: what they lead to is elsewhere.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && name != OsStr::new(GIT) => {
                    self.folder(&path, except, is_aside);
                }
                Ok(kind) if kind.is_file() => self.file(path, is_aside),
                _ => {}
            }
        }
    }

    fn file(&mut self, path: PathBuf, is_aside: bool) {
        if is_aside == is_manifest(&path) && is_ours(&path).unwrap_or(false) {
            self.found.push(Found {
                shown: shown(&path),
                origin: Origin::File(path),
                rank: 0,
            });
        }
    }
}
