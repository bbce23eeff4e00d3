//! Manifests in files that a run does not read: outside of its paths, below hidden folders and packages, behind links, or with
//! another ending.
//!
//! Looked for only when the manifest of an owned object is missing: a manifest that was moved to such a place is not gone. Nor is
//! one in a file that cannot be read as YAML, where its kind and its name are still to be seen.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::find::{FoundPlace, OURS, Origin, PACKAGES, is_excepted_by, real_path, shown};
use super::{PROJECT_FILES, PathGroup, read};
use crate::diag::{Location, Severity, Texts};
use crate::text::{FileId, Limits};

/// How many files and folders are looked at, the nearest first; more is the work of a program.
const MOST_ENTRIES: usize = 300_000;

/// The largest file that is looked into: well above the limit of files that are read.
const LARGEST: u64 = 16 * 1024 * 1024;

/// How much of a file shows whether it is text.
const START: u64 = 4096;

/// What files among packages end with that are surely no manifests. There are tens of thousands of them.
const CODE: [&str; 14] = [
    "js", "mjs", "cjs", "jsx", "ts", "tsx", "mts", "cts", "map", "css", "wasm", "node", "png",
    "svg",
];

/// The folder of git's own files.
const GIT: &str = ".git";

/// Where to look for manifests that a run does not read.
#[derive(Clone, Debug)]
pub struct Unread<'a> {
    /// Where relative paths start from.
    pub here: &'a Path,
    /// What the run reads together.
    pub groups: &'a [PathGroup],
    /// The folder of the project, where there is a project file.
    pub root: Option<&'a Path>,
    /// Folders that say nothing of it, such as those of overlays: what they hold is a part of a manifest.
    pub except: &'a [PathBuf],
    /// The folders outside of which nothing is read; without any, all is.
    pub within: &'a [PathBuf],
    /// The files that the run has read.
    pub read: Vec<&'a Path>,
}

/// What is in the files that hold manifests and are not read.
#[derive(Debug)]
pub struct Aside {
    /// Their documents, as far as they can be read.
    pub texts: Texts,
    /// The files that cannot, or in part, with what is in them.
    pub broken: Vec<(String, String)>,
    /// Whether there were more files than are looked at.
    pub is_cut: bool,
}

/// The files that hold manifests and are not read, below the paths of a run and in its project. Projects inside of the project
/// are others.
#[must_use]
pub fn unread(unread: &Unread<'_>, limits: &Limits) -> Aside {
    let real = |path: &Path| real_path(&unread.here.join(path));
    let read_files = unread.read.iter().map(|path| real(path));
    let except = unread.except.iter().map(|path| real(path));
    let mut finder = UnreadFinder {
        here: unread.here,
        found: Vec::new(),
        links: Vec::new(),
        left: MOST_ENTRIES,
        seen: read_files.collect(),
        except: except.collect(),
        within: unread.within,
    };
    for PathGroup { paths, except, .. } in unread.groups {
        let around = finder.except.len();
        finder.except.extend(except.iter().map(|it| real(it)));
        for path in paths {
            finder.below(path, Nested::Included);
        }
        finder.except.truncate(around);
    }
    if let Some(root) = unread.root {
        finder.below(root, Nested::Another);
    }
    finder.follow_links();
    let (texts, diags) = read(&finder.found, &mut std::io::empty(), limits);
    let errors = diags.iter().filter(|it| it.severity == Severity::Error);
    let files: BTreeSet<FileId> = errors.filter_map(|it| file_of(&it.at, &texts)).collect();
    let sources = texts.sources.iter();
    let broken: BTreeSet<&str> = sources
        .filter(|(file, _)| files.contains(file))
        .map(|(_, source)| source.path.as_str())
        .collect();
    let broken = finder
        .found
        .iter()
        .filter(|it| broken.contains(it.shown.as_str()));
    let broken = broken.filter_map(|found| match &found.origin {
        Origin::File(path) => {
            let bytes = fs::read(path).ok()?;
            Some((found.shown.clone(), decoded(&bytes)))
        }
        _ => None,
    });
    let broken = broken.collect();
    Aside {
        texts,
        broken,
        is_cut: finder.left == 0,
    }
}

fn file_of(at: &Location, texts: &Texts) -> Option<FileId> {
    match at {
        Location::Run => None,
        Location::File(file) | Location::Span(file, _) => Some(*file),
        Location::Node { doc, .. } => Some(texts.document(*doc).file),
    }
}

impl Aside {
    /// The file that cannot be read and yet names a manifest, by its kind and its name.
    #[must_use]
    pub fn names(&self, kind: &str, name: &str) -> Option<&str> {
        let is_part = |it: char| it.is_alphanumeric() || "-_.".contains(it);
        let has = |text: &str, word: &str| {
            text.match_indices(word).any(|(at, _)| {
                !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
            })
        };
        let mut broken = self.broken.iter();
        let found = broken.find(|(_, text)| has(text, kind) && has(text, name));
        found.map(|(shown, _)| shown.as_str())
    }
}

/// What a folder with a project file of its own is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nested {
    /// A part of what was asked for.
    Included,
    /// Another project.
    Another,
}

struct UnreadFinder<'a> {
    here: &'a Path,
    found: Vec<FoundPlace>,
    /// What links lead to: looked at last, since it is elsewhere and may be large.
    links: Vec<PathBuf>,
    left: usize,
    /// Files that were read, and files and folders that were looked at, by their real paths.
    seen: BTreeSet<PathBuf>,
    except: Vec<PathBuf>,
    within: &'a [PathBuf],
}

impl UnreadFinder<'_> {
    /// Where a path is, which is shown as it is relative to the current folder of the run.
    fn at(&self, path: &Path) -> PathBuf {
        self.here.join(path)
    }

    /// Looks at every folder and file below a folder, those that are near before those that are deep.
    fn below(&mut self, top: &Path, nested: Nested) {
        let mut folders = VecDeque::from([top.to_owned()]);
        while let Some(folder) = folders.pop_front() {
            let place = self.at(&folder);
            let real = real_path(&place);
            let is_another = nested == Nested::Another && folder != top && is_project(&place);
            let is_passed_over = is_excepted_by(&real, &self.except) || self.is_outside(&real);
            if is_another || is_passed_over || !self.seen.insert(real) {
                continue;
            }
            for entry in fs::read_dir(&place).into_iter().flatten().flatten() {
                if self.left == 0 {
                    return;
                }
                self.left -= 1;
                let path = folder.join(entry.file_name());
                match entry.file_type() {
                    Ok(kind) if kind.is_symlink() => self.links.push(path),
                    Ok(kind) if kind.is_dir() && entry.file_name() != OsStr::new(GIT) => {
                        folders.push_back(path);
                    }
                    Ok(kind) if kind.is_file() => self.file(&path),
                    _ => {}
                }
            }
        }
    }

    /// Looks at what links lead to, and at what the links in there lead to.
    fn follow_links(&mut self) {
        while let Some(link) = self.links.pop() {
            match fs::metadata(self.at(&link)) {
                Ok(it) if it.is_dir() => self.below(&link, Nested::Another),
                Ok(it) if it.is_file() => self.file(&link),
                _ => {}
            }
        }
    }

    fn is_outside(&self, real: &Path) -> bool {
        !self.within.is_empty() && !is_excepted_by(real, self.within)
    }

    fn file(&mut self, path: &Path) {
        let place = self.at(path);
        let is_small = fs::metadata(&place).is_ok_and(|it| it.len() <= LARGEST);
        let is_code = is_in_packages(path) && has_ending_of_code(path);
        let real = real_path(&place);
        if is_small
            && !is_code
            && !is_project_file(path)
            && !is_excepted_by(&real, &self.except)
            && !self.is_outside(&real)
            && self.seen.insert(real)
            && holds_manifests(&place)
        {
            self.found.push(FoundPlace {
                shown: shown(path),
                origin: Origin::File(place),
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

/// Whether a file holds manifests anywhere. Of what is no text, only the start is read.
fn holds_manifests(path: &Path) -> bool {
    let mut bytes = Vec::new();
    let Ok(mut file) = fs::File::open(path) else {
        return false;
    };
    let is_in = |bytes: &[u8]| bytes.windows(OURS.len()).any(|it| it == OURS);
    let is_ours = |bytes: &[u8]| {
        if is_utf16(bytes) {
            is_in(decoded(bytes).as_bytes())
        } else {
            is_in(bytes)
        }
    };
    if file.by_ref().take(START).read_to_end(&mut bytes).is_err() || is_ours(&bytes) {
        return is_ours(&bytes);
    }
    !bytes.contains(&0) && file.read_to_end(&mut bytes).is_ok() && is_ours(&bytes)
}

/// Whether a text begins as one of two bytes a letter.
fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF])
}

/// A text as it can be searched, whatever is wrong in it.
fn decoded(bytes: &[u8]) -> String {
    if !is_utf16(bytes) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let is_little = bytes.starts_with(&[0xFF, 0xFE]);
    let units = bytes.chunks_exact(2).skip(1).map(|pair| {
        if is_little {
            u16::from_le_bytes([pair[0], pair[1]])
        } else {
            u16::from_be_bytes([pair[0], pair[1]])
        }
    });
    let letters = char::decode_utf16(units);
    letters
        .map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Whether a file lies among packages, which are many and hardly ever hold manifests.
fn is_in_packages(path: &Path) -> bool {
    path.iter().any(|part| part == PACKAGES)
}

fn has_ending_of_code(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    CODE.iter().any(|it| ending.eq_ignore_ascii_case(it))
}
