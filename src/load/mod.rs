//! F3, pass 1: files and standard input to sources and documents. The only reader of manifests.
//!
//! - A path is a file, a folder or `-` for standard input. Of a folder, every `*.yaml` and `*.yml` below it is
//!   read, in upper or lower case, sorted by name; names that start with a dot, `node_modules` and the project file are
//!   passed over, and what of it may hold manifests is in the list of what is [`Skipped`]. A file that is named is read
//!   whatever it is called.
//! - The same file is read once, however many paths and links lead to it; links in a circle end.
//! - Files are read and parsed side by side; the result is in the order of the paths all the same.
//! - What cannot be read is a complaint like any other. Its source stays in the list, with an empty text, so that
//!   the complaint has a file to name.

mod below;
mod codes;
mod find;
mod listed;
mod read;
#[cfg(test)]
mod tests;
mod unread;

use std::io::Read;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::diag::{Diagnostic, Diags, Location, Texts, yaml};
use crate::text::{Document, FileId, Limits, Source, Sources};
pub use below::projects_below;
pub use codes::{CODES, FILE_NOT_FOUND, FILE_NOT_UTF8, FILE_UNREADABLE, NO_MANIFESTS};
pub use find::Skipped;
use find::{FoundPlace, Origin, find};
pub use listed::{ListedFile, is_manifest, is_read_below, list, read_one};
use read::{ReadFailure, read_file, read_text};
pub use unread::{Aside, Unread, unread};

/// The names of the project file, which is not a manifest.
pub const PROJECT_FILES: [&str; 2] = ["campaignctl.yaml", "campaignctl.yml"];

/// One file after reading.
struct LoadedFile {
    source: Source,
    documents: Vec<Document>,
    problems: Vec<Diagnostic>,
}

/// Paths whose documents belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathGroup {
    /// Where relative paths start from; nothing stands for the current folder of the process.
    pub here: PathBuf,
    /// The paths.
    pub paths: Vec<PathBuf>,
    /// Folders that are passed over, and all below them.
    pub except: Vec<PathBuf>,
    /// The folders outside of which nothing is read, wherever a link leads; without any, all is read. They have no links.
    pub within: Vec<PathBuf>,
}

impl PathGroup {
    /// Paths that start from a folder.
    #[must_use]
    pub fn of(here: &Path, paths: &[PathBuf]) -> Self {
        Self {
            here: here.to_owned(),
            paths: paths.to_vec(),
            ..Self::default()
        }
    }
}

/// Reads the documents below the paths of a group.
pub fn load(group: &PathGroup, stdin: &mut dyn Read, limits: &Limits) -> (Texts, Diags) {
    read(&find(group, false).0, stdin, limits)
}

/// The same with the project files that lie among them, and what is skipped.
pub fn load_with_projects(
    group: &PathGroup,
    stdin: &mut dyn Read,
    limits: &Limits,
) -> (Texts, Diags, Vec<Skipped>) {
    let (found, skipped) = find(group, true);
    let (texts, diags) = read(&found, stdin, limits);
    (texts, diags, skipped)
}

/// What was read of several groups.
#[derive(Debug)]
pub struct Groups {
    /// The sources of all groups.
    pub sources: Sources,
    /// The documents of each group.
    pub documents: Vec<Vec<Document>>,
    /// What lies below the paths and is not read.
    pub skipped: Vec<Skipped>,
    /// The complaints.
    pub diags: Diags,
}

/// Reads several groups into one list of sources.
pub fn load_groups(groups: &[PathGroup], stdin: &mut dyn Read, limits: &Limits) -> Groups {
    let (mut found, mut skipped) = (Vec::new(), Vec::new());
    let mut ends = Vec::new();
    for group in groups {
        let (files, others) = find(group, false);
        found.extend(files);
        skipped.extend(others);
        ends.push(found.len());
    }
    skipped.sort();
    skipped.dedup();
    let (Texts { sources, documents }, diags) = read(&found, stdin, limits);
    let mut files = documents.into_iter().peekable();
    let mut documents = Vec::with_capacity(groups.len());
    for end in ends {
        let mut group = Vec::new();
        while let Some(document) = files.next_if(|document| (document.file.0 as usize) < end) {
            group.push(document);
        }
        documents.push(group);
    }
    Groups {
        sources,
        documents,
        skipped,
        diags,
    }
}

fn read(found: &[FoundPlace], stdin: &mut dyn Read, limits: &Limits) -> (Texts, Diags) {
    // Standard input cannot be shared between threads, and is read at most once.
    let mut stdin_text = found
        .iter()
        .any(|found| matches!(found.origin, Origin::Stdin))
        .then(|| read_text(stdin, limits));
    let stdin_at = found
        .iter()
        .position(|found| matches!(found.origin, Origin::Stdin));
    let mut loaded: Vec<LoadedFile> = found
        .par_iter()
        .enumerate()
        .filter(|(index, _)| Some(*index) != stdin_at)
        .map(|(index, found)| parse(index, found, limits))
        .collect();
    if let (Some(index), Some(text)) = (stdin_at, stdin_text.take()) {
        loaded.insert(index, parse_text(index, &found[index], text, limits));
    }
    gather(loaded)
}

/// The complaint that there is nothing to plan: an empty set of manifests must never delete anything.
#[must_use]
pub fn no_manifests(paths: &[PathBuf]) -> Diagnostic {
    let paths: Vec<_> = paths
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    let message = match paths.as_slice() {
        [] => "no path to look for manifests was given".to_owned(),
        paths => format!("there is no manifest in {}", paths.join(", ")),
    };
    Diagnostic::new(&NO_MANIFESTS, Location::Run, message)
        .help("give files or folders that hold `*.yaml` files, or `-` for standard input; `campaignctl init` creates a project")
}

fn gather(loaded: Vec<LoadedFile>) -> (Texts, Diags) {
    let mut texts = Texts::default();
    let mut diags = Diags::default();
    for file in loaded {
        texts.sources.push(file.source);
        texts.documents.extend(file.documents);
        diags.extend(file.problems);
    }
    (texts, diags)
}

fn parse(index: usize, found: &FoundPlace, limits: &Limits) -> LoadedFile {
    let text = match &found.origin {
        Origin::File(path) => read_file(path, limits),
        Origin::Missing(path) => Err(ReadFailure::missing(path)),
        Origin::Unreadable(error) => Err(ReadFailure::unreadable(error)),
        Origin::Outside => Err(ReadFailure::outside()),
        Origin::Stdin => Ok(String::new()),
    };
    parse_text(index, found, text, limits)
}

fn parse_text(
    index: usize,
    found: &FoundPlace,
    text: Result<String, ReadFailure>,
    limits: &Limits,
) -> LoadedFile {
    let file = FileId(u32::try_from(index).unwrap_or(u32::MAX));
    let source = |text| Source {
        path: found.shown.clone(),
        text,
    };
    match text {
        Ok(text) => {
            let (documents, problems) = crate::text::yaml::parse(file, &text, limits);
            let problems = problems
                .into_iter()
                .map(|problem| yaml::diagnostic(file, problem));
            LoadedFile {
                problems: problems.collect(),
                source: source(text),
                documents,
            }
        }
        Err(failure) => LoadedFile {
            source: source(String::new()),
            documents: Vec::new(),
            problems: vec![failure.diagnostic(Location::File(file))],
        },
    }
}
