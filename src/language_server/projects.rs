//! The files that are open, and the projects that they belong to.
//!
//! A file belongs to the nearest folder around it with a project file; without one, to its own folder, of which only
//! files are looked at that name our API version.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::Uri;

use super::uri::path_of;
use crate::editor::{Encoding, LinePosition, Snapshot, TouchedFiles, replaced};
use crate::load;
use crate::project::PROJECT_FILE;
use crate::run::Machine;
use crate::run::editing::{Buffers, HeldProject, LiveCache};
use crate::run::editor_schemas;
use crate::text::safe::line;
use crate::text::{FileId, Limits};

/// The largest text, in bytes, that is checked while somebody types. Checking takes about 0.2 ms per KiB, and an answer
/// that takes longer than 100 ms is felt as a delay.
const LIVE_MAX: usize = 256 * 1024;

/// A file in an editor.
struct Buffer {
    /// Its address, as the editor writes it.
    uri: Uri,
    version: i32,
    text: String,
}

/// All open files.
#[derive(Default)]
struct OpenFiles(BTreeMap<PathBuf, Buffer>);

impl Buffers for OpenFiles {
    fn text(&self, path: &Path) -> Option<&str> {
        self.0.get(path).map(|buffer| buffer.text.as_str())
    }

    fn below(&self, folder: &Path) -> Vec<PathBuf> {
        let paths = self.0.keys();
        paths
            .filter(|path| path.starts_with(folder))
            .cloned()
            .collect()
    }
}

/// A part of a text, and what stands there now; the whole text without one.
pub(super) type TextChange = (Option<(LinePosition, LinePosition)>, String);

/// Everything that is held for the editor.
pub(super) struct Projects {
    open: OpenFiles,
    held: BTreeMap<PathBuf, HeldProject>,
    /// The projects that were read since somebody asked.
    new: BTreeSet<PathBuf>,
    /// Files of which the editor was told something.
    pub(super) told: BTreeSet<PathBuf>,
    /// Open files that are too large to be checked while somebody types, with edits that are not taken in yet.
    waiting: BTreeSet<PathBuf>,
    /// Those of which the editor was told so.
    large: BTreeSet<PathBuf>,
    /// The folders that the editor was opened with, whose projects were not looked for yet.
    pub(super) folders: Vec<PathBuf>,
    /// What a person should know, and was not told yet.
    pub(super) notes: Vec<String>,
    machine: Arc<Machine>,
}

impl Projects {
    /// No files yet.
    pub(super) fn new(machine: Arc<Machine>) -> Self {
        Self {
            open: OpenFiles::default(),
            held: BTreeMap::new(),
            new: BTreeSet::new(),
            told: BTreeSet::new(),
            waiting: BTreeSet::new(),
            large: BTreeSet::new(),
            folders: Vec::new(),
            notes: Vec::new(),
            machine,
        }
    }

    /// A file was opened.
    pub(super) fn open(&mut self, uri: Uri, version: i32, text: String) {
        let Some(path) = path_of(&uri) else {
            return;
        };
        let buffer = Buffer { uri, version, text };
        self.open.0.insert(path.clone(), buffer);
        self.touch(&path);
    }

    /// A file was edited. Files that are not open are passed over. Returns what there is to say about that, once per file:
    /// a large one is checked when it is saved.
    pub(super) fn change(
        &mut self,
        uri: &Uri,
        version: i32,
        changes: Vec<TextChange>,
        encoding: Encoding,
    ) -> Option<String> {
        let path = path_of(uri)?;
        let buffer = self.open.0.get_mut(&path)?;
        buffer.version = version;
        for (range, new) in changes {
            buffer.text = match range {
                Some(range) => replaced(&buffer.text, range, encoding, &new),
                None => new,
            };
        }
        let size = buffer.text.len();
        if size <= LIVE_MAX {
            self.touch(&path);
            return None;
        }
        self.waiting.insert(path.clone());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.large.insert(path.clone()).then(|| {
            format!(
                "{} is large ({} KiB): it is checked when you save it, not while you type",
                line(&name),
                size / 1024
            )
        })
    }

    /// A file was saved.
    pub(super) fn save(&mut self, uri: &Uri) {
        if let Some(path) = path_of(uri).filter(|path| self.waiting.contains(path)) {
            self.touch(&path);
        }
    }

    /// Whether a file has edits that are not taken in yet.
    pub(super) fn waits(&self, path: &Path) -> bool {
        self.waiting.contains(path)
    }

    /// Takes in the edits of large files, too: for what edits files itself.
    pub(super) fn take_waiting_in(&mut self) {
        for path in self.waiting.clone() {
            self.touch(&path);
        }
    }

    /// A file was closed: what counts is on the disk.
    pub(super) fn close(&mut self, uri: &Uri) {
        let path = path_of(uri).filter(|path| self.open.0.remove(path).is_some());
        if let Some(path) = path {
            self.large.remove(&path);
            self.touch(&path);
        }
    }

    /// Something happened on the disk.
    pub(super) fn happened(&mut self, uri: &Uri) {
        let path = path_of(uri).filter(|path| !self.open.0.contains_key(path));
        let Some(path) = path else {
            return;
        };
        if is_project_file(&path) {
            // Files may belong to other projects now.
            let root = path.parent().unwrap_or(&path);
            let below: Vec<PathBuf> = self.held.keys().cloned().collect();
            for folder in below.iter().filter(|folder| folder.starts_with(root)) {
                self.held.remove(folder);
            }
            for path in self.open.below(root) {
                self.touch(&path);
            }
        } else if self.held.contains_key(&self.root_of(&path).0) {
            self.touch(&path);
        }
    }

    /// Takes in what has happened, and returns by project what there may be something else to say about.
    pub(super) fn flush(&mut self) -> Vec<(PathBuf, TouchedFiles)> {
        let mut all = Vec::new();
        for (root, held) in &mut self.held {
            let mut changed = held.flush(&self.open);
            if self.new.remove(root) {
                changed.extend(held.analysis.every_file());
            }
            if !changed.is_empty() {
                all.push((root.clone(), changed));
            }
        }
        all
    }

    /// Whether some complaints are from before the last edit.
    pub(super) fn owes(&self) -> bool {
        self.held.values().any(|held| held.analysis.owes())
    }

    /// Works out what waited for a pause, and returns by project what there may be something else to say about.
    pub(super) fn settle(&mut self) -> Vec<(PathBuf, TouchedFiles)> {
        let owing = self
            .held
            .iter_mut()
            .filter(|(_, held)| held.analysis.owes());
        owing
            .map(|(root, held)| (root.clone(), held.analysis.settle()))
            .collect()
    }

    /// A project as it is now.
    pub(super) fn snapshot(&self, root: &Path) -> Option<Snapshot> {
        self.held.get(root).map(|held| held.analysis.snapshot())
    }

    /// The project of a file as it is now, with the id of the file.
    pub(super) fn around(&self, uri: &Uri) -> Option<(Snapshot, FileId, LiveCache)> {
        let path = path_of(uri)?;
        let (root, _) = self.root_of(&path);
        let held = self.held.get(&root)?;
        let file = held.analysis.find(&path)?;
        Some((held.analysis.snapshot(), file, held.live.clone()))
    }

    /// Every project as it is now: those that files are open of, and those in the folders of the editor.
    pub(super) fn every_snapshot(&mut self) -> Vec<Snapshot> {
        for folder in std::mem::take(&mut self.folders) {
            let file = folder.join(PROJECT_FILE);
            if file.is_file() && !self.held.contains_key(&folder) {
                self.touch(&file);
            }
        }
        let held = self.held.values();
        held.map(|held| held.analysis.snapshot()).collect()
    }

    /// Whether any project has a file.
    pub(super) fn is_held(&self, path: &Path) -> bool {
        let held = self.held.get(&self.root_of(path).0);
        held.is_some_and(|held| held.analysis.find(path).is_some())
    }

    /// Whether a file belongs to the project of a folder.
    pub(super) fn belongs(&self, path: &Path, root: &Path) -> bool {
        self.root_of(path).0 == root
    }

    /// The addresses of the open files.
    pub(super) fn addresses(&self) -> BTreeMap<PathBuf, (Uri, i32)> {
        let open = self.open.0.iter();
        open.map(|(path, buffer)| (path.clone(), (buffer.uri.clone(), buffer.version)))
            .collect()
    }

    fn touch(&mut self, path: &Path) {
        self.waiting.remove(path);
        let (root, file) = self.root_of(path);
        if let Some(held) = self.held.get_mut(&root) {
            held.touch(path, &self.open);
            return;
        }
        if let Some(file) = &file {
            let open = self.open.text(file).map(str::to_owned);
            let text = open.or_else(|| load::read_one(file, &Limits::default()).ok());
            let note = editor_schemas::refreshed(&root, &text.unwrap_or_default());
            self.notes.extend(note);
        }
        let held = HeldProject::load(&self.machine, root.clone(), file, &self.open);
        self.held.insert(root.clone(), held);
        self.new.insert(root);
    }

    /// The folder of the project that a file belongs to, and the project file.
    fn root_of(&self, path: &Path) -> (PathBuf, Option<PathBuf>) {
        let folder = path.parent().unwrap_or(path);
        let is_there = |file: &PathBuf| self.open.0.contains_key(file) || file.is_file();
        for folder in folder.ancestors() {
            let file = folder.join(PROJECT_FILE);
            if is_there(&file) {
                return (folder.to_path_buf(), Some(file));
            }
        }
        let held = self.held.keys().find(|root| path.starts_with(root));
        (held.map_or(folder, PathBuf::as_path).to_path_buf(), None)
    }
}

fn is_project_file(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == PROJECT_FILE)
}
