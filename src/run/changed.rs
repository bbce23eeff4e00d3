//! `--changed-since`: which manifests a range of commits touched.
//!
//! The files are compared as they are now, committed or not, with the commit at which the current branch left the
//! given one. Of a file that differs, only the documents that differ count: a manifest that moved to another file is the
//! same manifest. Files that git does not track, and standard input, are new.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::error::Error;
use super::git::{ChangedFile, Repository};
use super::identity::FileReading;
use super::workspace::{Workspace, canonical};
use crate::diag::Texts;
use crate::live::Absence;
use crate::project::PROJECT_FILE;
use crate::select::{Changed, Described, touched};
use crate::text::{Document, FileId, Limits, yaml};

/// What changed since a commit, of the files of an environment.
///
/// # Errors
/// No git, no repository around the project, no such commit.
pub fn changed(
    workspace: &Workspace,
    environment: &str,
    texts: &Texts,
    since: &str,
) -> Result<Changed, Error> {
    let repository = Repository::around(&workspace.root)?;
    let commit = repository.left_at(since)?;
    let differing = repository.touched(&commit)?;
    let known = repository.files(&commit)?;
    let layers = Layers::new(workspace, environment);
    let comparison = CommitComparison {
        before: differing
            .into_iter()
            .map(|ChangedFile { path, before }| (path, before))
            .collect(),
        known,
        repository: &repository,
        layers: &layers,
    };
    let touched = if comparison.changes_environment(workspace, environment)? {
        None
    } else {
        Some(comparison.touched(workspace, environment, texts)?)
    };
    Ok(Changed {
        since: since.to_owned(),
        commit,
        touched,
    })
}

/// The folders of the base and of the overlays.
struct Layers {
    here: PathBuf,
    /// Every overlay folder, and whether it is one of the environment.
    overlays: Vec<(PathBuf, bool)>,
}

impl Layers {
    fn new(workspace: &Workspace, environment: &str) -> Self {
        let here = workspace.machine.here().to_path_buf();
        let own = workspace.overlay_folders(&[environment.to_owned()]);
        let is_own = |folder: &PathBuf| own.iter().any(|(other, _)| other == folder);
        let overlays = workspace.every_overlay_folder().into_iter();
        let overlays = overlays
            .map(|folder| (canonical(&here.join(&folder)), is_own(&folder)))
            .collect();
        Self { here, overlays }
    }

    /// What the documents of a file belong to; `None` when that is another environment.
    fn of(&self, file: &Path) -> Option<String> {
        let around = self.overlays.iter();
        let around = around.filter(|(folder, _)| file.starts_with(folder));
        match around.max_by_key(|(folder, _)| folder.components().count()) {
            Some((_, false)) => None,
            Some((folder, true)) => Some(folder.to_string_lossy().into_owned()),
            None => Some(String::new()),
        }
    }
}

/// The files now, and in a commit.
struct CommitComparison<'a> {
    /// The tracked files that differ, with the object that the commit has of them.
    before: BTreeMap<String, Option<String>>,
    /// The files of the commit.
    known: BTreeSet<String>,
    repository: &'a Repository,
    layers: &'a Layers,
}

impl CommitComparison<'_> {
    /// Whether the project file says something else of the environment: then any manifest may have changed.
    fn changes_environment(&self, workspace: &Workspace, environment: &str) -> Result<bool, Error> {
        let Some(path) = self.path(&workspace.root.join(PROJECT_FILE)) else {
            return Ok(false);
        };
        let now = workspace.project_texts.documents.first();
        let is_new = now.is_some() && !self.known.contains(&path);
        let Some(before) = self.before.get(&path) else {
            return Ok(is_new);
        };
        let ids: BTreeSet<String> = before.iter().cloned().collect();
        let texts = self.repository.texts(&ids, Limits::default().bytes)?;
        let before: Vec<Value> = texts.values().flat_map(|text| values(text)).collect();
        let said = |project: Option<&Value>| {
            ["/manifests", "/variables"]
                .into_iter()
                .map(str::to_owned)
                .chain([format!("/environments/{environment}")])
                .map(|pointer| {
                    project
                        .and_then(|project| project.pointer(&pointer))
                        .cloned()
                })
                .collect::<Vec<_>>()
        };
        Ok(said(before.first()) != said(now.map(|document| &*document.value)))
    }

    /// The manifests that the files describe differently.
    fn touched(
        &self,
        workspace: &Workspace,
        environment: &str,
        texts: &Texts,
    ) -> Result<BTreeSet<crate::manifest::Key>, Error> {
        let (mut now, mut old) = (Vec::new(), BTreeMap::new());
        let mut loaded = BTreeSet::new();
        for (_, source) in texts.sources.iter() {
            let file = canonical(&self.layers.here.join(&source.path));
            let (path, layer) = (self.path(&file), self.layers.of(&file));
            if let Some(path) = &path {
                loaded.insert(path.clone());
                if self.known.contains(path) && !self.before.contains_key(path) {
                    continue;
                }
                if let Some(id) = self.before.get(path).cloned().flatten() {
                    old.insert(path.clone(), (layer.clone().unwrap_or_default(), id));
                }
            }
            let layer = layer.unwrap_or_default();
            now.extend(described(&layer, &source.text));
        }
        let reading = FileReading::of(workspace, environment, texts);
        for (path, id) in &self.before {
            let file = self.repository.top.join(path);
            if let (Some(id), Some(layer)) = (id, self.layers.of(&file))
                && !loaded.contains(path)
                && reading.reads(&file) == Absence::Gone
            {
                old.insert(path.clone(), (layer, id.clone()));
            }
        }
        Ok(touched(&self.before(&old)?, &now))
    }

    /// The documents that the commit has.
    fn before(&self, files: &BTreeMap<String, (String, String)>) -> Result<Vec<Described>, Error> {
        let ids = files.values().map(|(_, id)| id.clone()).collect();
        let texts = self.repository.texts(&ids, Limits::default().bytes)?;
        let documents = files.values().flat_map(|(layer, id)| {
            let text = texts.get(id).map_or("", String::as_str);
            described(layer, text)
        });
        Ok(documents.collect())
    }

    /// The path of a file as git has it; `None` outside of the repository.
    fn path(&self, file: &Path) -> Option<String> {
        let below = file.strip_prefix(&self.repository.top).ok()?;
        let names = below.iter().map(|name| name.to_string_lossy());
        Some(names.collect::<Vec<_>>().join("/"))
    }
}

fn described(layer: &str, text: &str) -> Vec<Described> {
    let documents = values(text).into_iter();
    let described = documents.map(|value| Described {
        layer: layer.to_owned(),
        value,
    });
    described.collect()
}

fn values(text: &str) -> Vec<Value> {
    let (documents, _) = yaml::parse(FileId(0), text, &Limits::default());
    documents.into_iter().map(Document::into_value).collect()
}
