//! The files of a project as an editor sees them: read and parsed once, and again when they change.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::diag::{Diagnostic, Location, yaml};
use crate::diagnose::empty_overlay;
use crate::resolve::{RawKey, collect_names, raw_key};
use crate::text::{Document, FileId, Limits, Position, Source, Sources, is_blank};

/// The project file among the sources; it is always there, and may be empty.
pub const PROJECT: FileId = FileId(0);

/// A file to take in.
#[derive(Clone, Debug)]
pub struct EditorInput {
    /// Its whole path.
    pub path: PathBuf,
    /// The path as people see it.
    pub shown: String,
    /// Which documents it belongs to: 0 for the base, else the number of an overlay folder from 1.
    pub group: usize,
    /// The position among the paths of the group that it was found below.
    pub rank: usize,
    /// The text, or why there is none; the place of that complaint does not matter.
    pub text: Result<String, Box<Diagnostic>>,
}

/// A file, read.
#[derive(Clone, Debug)]
pub struct EditorFile {
    /// Its whole path.
    pub path: PathBuf,
    /// Which documents it belongs to, see [`EditorInput::group`].
    pub group: usize,
    /// Its documents; those that are broken are left out.
    pub documents: Vec<Document>,
    rank: usize,
    problems: Vec<Diagnostic>,
    /// The variables that its documents refer to.
    variables: BTreeSet<String>,
    /// Which of its documents each part has: a file may have thousands of both.
    parts: BTreeMap<DocumentGroup, Vec<usize>>,
}

impl EditorFile {
    fn read(id: FileId, input: &EditorInput) -> Self {
        let (documents, problems) = match &input.text {
            Ok(text) => {
                let (documents, problems) = crate::text::yaml::parse(id, text, &Limits::default());
                let told = problems
                    .into_iter()
                    .map(|problem| yaml::diagnostic(id, problem));
                let is_emptied = input.group > 0 && is_blank(text);
                let emptied = is_emptied.then(|| empty_overlay(id));
                (documents, told.chain(emptied).collect())
            }
            Err(complaint) => {
                let at = Location::File(id);
                let complaint = Diagnostic {
                    at,
                    ..(**complaint).clone()
                };
                (Vec::new(), vec![complaint])
            }
        };
        let mut variables = BTreeSet::new();
        for document in &documents {
            collect_names(document, &mut variables);
        }
        let mut parts: BTreeMap<DocumentGroup, Vec<usize>> = BTreeMap::new();
        for (at, document) in documents.iter().enumerate() {
            parts.entry(part_of(id, document)).or_default().push(at);
        }
        Self {
            parts,
            path: input.path.clone(),
            group: input.group,
            rank: input.rank,
            documents,
            problems,
            variables,
        }
    }

    /// The order in which a run reads files.
    fn order(&self, other: &Self) -> Ordering {
        let of = |file: &Self| (file.group, file.rank);
        of(self)
            .cmp(&of(other))
            .then_with(|| self.path.cmp(&other.path))
    }
}

/// Documents that have to do with each other before anything is resolved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DocumentGroup {
    /// All documents of one kind and name.
    Named(RawKey),
    /// The documents of a file that do not say what they are.
    Nameless(FileId),
}

/// All files, with an index of what they contain. Copies share the files.
#[derive(Clone, Debug, Default)]
pub struct Files {
    pub(super) sources: Sources,
    all: Vec<Option<Arc<EditorFile>>>,
    /// The path of every file that there ever was.
    paths: Arc<Vec<PathBuf>>,
    by_path: Arc<BTreeMap<PathBuf, FileId>>,
}

/// Where the documents of each part stand.
pub(super) type PartIndex = BTreeMap<DocumentGroup, BTreeSet<FileId>>;

impl Files {
    /// No files but the project file.
    pub(super) fn new(project: Source) -> Self {
        let mut files = Self::default();
        files.sources.push(project);
        files.all.push(None);
        Arc::make_mut(&mut files.paths).push(PathBuf::new());
        files
    }

    /// The path of a file, of one that is gone as well.
    #[must_use]
    pub fn path(&self, id: FileId) -> Option<&Path> {
        self.paths.get(id.0 as usize).map(PathBuf::as_path)
    }

    /// The file with this id; none for the project file, and for one that is gone.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&EditorFile> {
        self.all.get(id.0 as usize)?.as_deref()
    }

    /// The file with this path.
    #[must_use]
    pub fn find(&self, path: &Path) -> Option<FileId> {
        let id = *self.by_path.get(path)?;
        self.get(id).map(|_| id)
    }

    /// Every file.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &EditorFile)> {
        let files = (0..).map(FileId).zip(&self.all);
        files.filter_map(|(id, file)| Some((id, file.as_deref()?)))
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, id: FileId) -> &str {
        &self.sources.get(id).text
    }

    /// The line and column of a byte, as people count.
    #[must_use]
    pub fn position(&self, id: FileId, offset: u32) -> Position {
        self.sources.position(id, offset)
    }

    /// What is wrong with the texts.
    pub(super) fn problems(&self) -> impl Iterator<Item = &Diagnostic> {
        self.iter().flat_map(|(_, file)| &file.problems)
    }

    /// The variables that the documents of some groups refer to.
    pub(super) fn variables(&self, groups: &BTreeSet<usize>) -> BTreeSet<String> {
        let files = self.iter().filter(|(_, file)| groups.contains(&file.group));
        let names = files.flat_map(|(_, file)| &file.variables);
        names.cloned().collect()
    }

    /// Takes files in, side by side. Returns their ids and the parts that may have changed.
    pub(super) fn write(
        &mut self,
        inputs: &[EditorInput],
        index: &mut PartIndex,
    ) -> (Vec<FileId>, BTreeSet<DocumentGroup>) {
        let ids: Vec<FileId> = inputs.iter().map(|input| self.id_of(input)).collect();
        let read: Vec<EditorFile> = ids
            .par_iter()
            .zip(inputs)
            .map(|(id, input)| EditorFile::read(*id, input))
            .collect();
        let mut changed = BTreeSet::new();
        for ((id, input), file) in ids.iter().zip(inputs).zip(read) {
            let text = input.text.as_deref().unwrap_or_default().to_owned();
            let path = input.shown.clone();
            self.sources.replace(*id, Source { path, text });
            changed.extend(self.put(*id, Some(file), index));
        }
        (ids, changed)
    }

    /// Forgets a file. Returns its id and the parts that may have changed.
    pub(super) fn remove(
        &mut self,
        path: &Path,
        index: &mut PartIndex,
    ) -> Option<(FileId, BTreeSet<DocumentGroup>)> {
        let id = self.find(path)?;
        let shown = self.sources.get(id).path.clone();
        let text = String::new();
        self.sources.replace(id, Source { path: shown, text });
        Some((id, self.put(id, None, index)))
    }

    /// The documents of a part in reading order, by group.
    pub(super) fn documents(
        &self,
        part: &DocumentGroup,
        index: &PartIndex,
    ) -> BTreeMap<usize, Vec<Document>> {
        let ids = index.get(part).into_iter().flatten();
        let mut files: Vec<(FileId, &EditorFile)> =
            ids.filter_map(|id| Some((*id, self.get(*id)?))).collect();
        files.sort_by(|(_, one), (_, other)| one.order(other));
        let mut documents: BTreeMap<usize, Vec<Document>> = BTreeMap::new();
        for (_, file) in files {
            let found = file.parts.get(part).into_iter().flatten();
            documents
                .entry(file.group)
                .or_default()
                .extend(found.map(|at| file.documents[*at].clone()));
        }
        documents
    }

    fn id_of(&mut self, input: &EditorInput) -> FileId {
        if let Some(id) = self.by_path.get(&input.path) {
            return *id;
        }
        let id = self.sources.push(Source {
            path: input.shown.clone(),
            text: String::new(),
        });
        self.all.push(None);
        Arc::make_mut(&mut self.paths).push(input.path.clone());
        Arc::make_mut(&mut self.by_path).insert(input.path.clone(), id);
        id
    }

    fn put(
        &mut self,
        id: FileId,
        file: Option<EditorFile>,
        index: &mut PartIndex,
    ) -> BTreeSet<DocumentGroup> {
        let parts =
            |file: &EditorFile| -> BTreeSet<DocumentGroup> { file.parts.keys().cloned().collect() };
        let slot = &mut self.all[id.0 as usize];
        let before = slot.as_deref().map(parts).unwrap_or_default();
        let now = file.as_ref().map(parts).unwrap_or_default();
        *slot = file.map(Arc::new);
        for part in before.difference(&now) {
            if let Some(ids) = index.get_mut(part) {
                ids.remove(&id);
                if ids.is_empty() {
                    index.remove(part);
                }
            }
        }
        for part in now.difference(&before) {
            index.entry(part.clone()).or_default().insert(id);
        }
        before.into_iter().chain(now).collect()
    }
}

fn part_of(file: FileId, document: &Document) -> DocumentGroup {
    raw_key(document).map_or(DocumentGroup::Nameless(file), DocumentGroup::Named)
}
