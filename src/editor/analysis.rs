//! A project that is being edited: its files, what the passes make of them in each environment, and every complaint.
//!
//! The complaints are those of `validate` without `-e`. A keystroke parses one file again, and each environment takes
//! in the kinds and names in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::environment::EnvironmentPasses;
use super::files::{DocumentGroup, EditorInput, Files, PROJECT, PartIndex};
use super::snapshot::Snapshot;
use crate::diag::{Diagnostic, Diags, Location, Texts};
use crate::diagnose::{DiagnoseScope, Diagnosis};
use crate::load::no_manifests;
use crate::project::{EnvironmentSurvey, GivenVariables, Project};
use crate::text::{Document, FileId, Source};

/// What a project file says, and where.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// What it says.
    pub project: Project,
    /// Its path and text; empty without one.
    pub source: Option<(PathBuf, Source)>,
    /// Its document.
    pub document: Option<Document>,
    /// The groups of each environment's overlay folders, lowest first.
    pub overlays: BTreeMap<String, Vec<usize>>,
    /// The complaints about it. Their places are in [`PROJECT`].
    pub complaints: Diags,
    /// Where its manifests are.
    pub paths: Vec<PathBuf>,
    /// The moment, at which some schedules and waivers of rules are over.
    pub now: Timestamp,
}

impl Setup {
    /// The day in UTC.
    fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// With complaints that hold their places without the document.
    fn pinned(mut self) -> Self {
        let texts = Texts {
            documents: self.document.iter().cloned().collect(),
            ..Texts::default()
        };
        self.complaints = self.complaints.pinned(&texts);
        self
    }
}

/// A change of files.
#[derive(Clone, Debug)]
pub enum FileEdit {
    /// A file has this text now.
    Write(Box<EditorInput>),
    /// A file is gone.
    Remove(PathBuf),
}

/// A project that is being edited.
#[derive(Debug)]
pub struct Analysis {
    setup: Arc<Setup>,
    files: Files,
    index: PartIndex,
    environments: Vec<Arc<EnvironmentPasses>>,
    complaints: Arc<BTreeMap<FileId, Vec<Diagnostic>>>,
}

impl Analysis {
    /// Takes a whole project in.
    #[must_use]
    pub fn new(setup: Setup, inputs: &[EditorInput]) -> Self {
        let setup = setup.pinned();
        let text = setup.source.as_ref().map(|(_, source)| source.clone());
        let mut files = Files::new(text.unwrap_or_else(nothing));
        let mut index = PartIndex::new();
        let (_, parts) = files.write(inputs, &mut index);
        let mut analysis = Self {
            environments: environments(&setup),
            setup: Arc::new(setup),
            files,
            index,
            complaints: Arc::default(),
        };
        analysis.take_in(&parts);
        analysis
    }

    /// What the project file says.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Gives the project another project file, whose groups hold the same files as before.
    pub fn set_up(&mut self, setup: Setup) -> TouchedFiles {
        let setup = setup.pinned();
        let text = setup.source.as_ref().map(|(_, source)| source.clone());
        self.files
            .sources
            .replace(PROJECT, text.unwrap_or_else(nothing));
        let is_same = setup.project == self.setup.project && setup.now == self.setup.now;
        let before = Arc::clone(&self.complaints);
        self.setup = Arc::new(setup);
        if is_same {
            self.tell();
        } else {
            self.environments = environments(&self.setup);
            let parts = self.index.keys().cloned().collect();
            self.take_in(&parts);
        }
        self.changed_since(&before, &BTreeSet::from([PROJECT]))
    }

    /// Takes edits in, and returns the files whose complaints, or whose places, may be others now.
    pub fn update(&mut self, edits: Vec<FileEdit>) -> TouchedFiles {
        let (mut touched, mut parts) = (BTreeSet::new(), BTreeSet::new());
        let mut inputs: BTreeMap<PathBuf, EditorInput> = BTreeMap::new();
        for edit in edits {
            match edit {
                FileEdit::Write(input) => {
                    inputs.insert(input.path.clone(), *input);
                }
                FileEdit::Remove(path) => {
                    inputs.remove(&path);
                    if let Some((id, changed)) = self.files.remove(&path, &mut self.index) {
                        touched.insert(id);
                        parts.extend(changed);
                    }
                }
            }
        }
        let inputs: Vec<EditorInput> = inputs.into_values().collect();
        let (ids, changed) = self.files.write(&inputs, &mut self.index);
        touched.extend(ids);
        parts.extend(changed);
        let before = Arc::clone(&self.complaints);
        self.take_in(&parts);
        self.changed_since(&before, &touched)
    }

    /// Everything that questions are answered from, as it is now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            setup: Arc::clone(&self.setup),
            files: self.files.clone(),
            live: Arc::default(),
            complaints: Arc::clone(&self.complaints),
            environments: self.environments.clone(),
        }
    }

    /// Every file, and the project file.
    #[must_use]
    pub fn every_file(&self) -> TouchedFiles {
        let files = self.files.iter().map(|(id, _)| id);
        files.chain([PROJECT]).collect()
    }

    /// The id of a file, or of the project file.
    #[must_use]
    pub fn find(&self, path: &Path) -> Option<FileId> {
        let project = self.setup.source.as_ref().map(|(path, _)| path.as_path());
        if project == Some(path) {
            return Some(PROJECT);
        }
        self.files.find(path)
    }

    fn take_in(&mut self, parts: &BTreeSet<DocumentGroup>) {
        for environment in &mut self.environments {
            // A copy only while a question is being answered from it.
            Arc::make_mut(environment).update(&mut self.files, &self.index, parts);
        }
        self.tell();
    }

    /// Brings the complaints of all environments together, file by file and in order.
    fn tell(&mut self) {
        let mut diags = self.setup.complaints.clone();
        diags.extend(self.found());
        let texts = Texts {
            sources: self.files.sources.clone(),
            documents: Vec::new(),
        };
        let mut complaints: BTreeMap<FileId, Vec<Diagnostic>> = BTreeMap::new();
        for (diagnostic, _) in diags.located(&texts) {
            let file = texts.span(&diagnostic.at).map_or(PROJECT, |(file, _)| file);
            complaints.entry(file).or_default().push(diagnostic.clone());
        }
        self.complaints = Arc::new(complaints);
    }

    /// Everything that is wrong but for the project file.
    fn found(&self) -> Diags {
        let (project, today) = (&self.setup.project, self.setup.today());
        let nothing = Texts::default();
        let (rules, texts) = match self.environments.as_slice() {
            [only] => (project.rules_of(&only.name, today), only.texts()),
            _ => (project.rules.clone().on(today), &nothing),
        };
        let mut survey = EnvironmentSurvey::default();
        for environment in &self.environments {
            let rules = project.rules_of(&environment.name, today);
            survey.add(&environment.name, environment.complaints(&rules));
        }
        let used = self.environments.iter();
        let used = used.map(|it| (it.name.clone(), self.files.variables(&it.groups())));
        let found = Diagnosis {
            files: self.files.problems().cloned().collect(),
            environments: survey.finish(),
            used: used.collect(),
            is_cut: self.setup.complaints.has_errors(),
            is_empty: self.environments.iter().all(|it| it.desired().is_empty()),
        };
        let scope = DiagnoseScope {
            project,
            sources: &self.files.sources,
            file: self.setup.document.as_ref().map(|it| (PROJECT, it)),
            given: &GivenVariables::new(),
            today,
            is_partial: false,
        };
        let paths = &self.setup.paths;
        let is_said = self.setup.complaints.is_empty() && !paths.is_empty();
        scope.whole((&rules, texts), found, || {
            is_said.then(|| no_manifests(paths))
        })
    }

    /// Whether some complaints are from before the last edit: what takes longer waits for a pause.
    #[must_use]
    pub fn owes(&self) -> bool {
        self.environments.iter().any(|it| it.owes())
    }

    /// Works out what waited, and returns the files whose complaints are others now.
    pub fn settle(&mut self) -> TouchedFiles {
        let before = Arc::clone(&self.complaints);
        for environment in self.environments.iter_mut().filter(|it| it.owes()) {
            Arc::make_mut(environment).settle();
        }
        self.tell();
        self.changed_since(&before, &BTreeSet::new())
    }

    fn changed_since(
        &self,
        before: &BTreeMap<FileId, Vec<Diagnostic>>,
        touched: &BTreeSet<FileId>,
    ) -> TouchedFiles {
        let is_touched = |diagnostic: &Diagnostic| {
            let mut labels = diagnostic.labels.iter();
            labels.any(|(at, _)| matches!(at, Location::Span(file, _) if touched.contains(file)))
        };
        let all: BTreeSet<FileId> = before
            .keys()
            .chain(self.complaints.keys())
            .copied()
            .collect();
        let changed = all.into_iter().filter(|file| {
            let (before, now) = (before.get(file), self.complaints.get(file));
            touched.contains(file)
                || before != now
                || now.is_some_and(|diags| diags.iter().any(is_touched))
        });
        changed.chain(touched.iter().copied()).collect()
    }
}

/// The files whose complaints may be others than before.
pub type TouchedFiles = BTreeSet<FileId>;

fn nothing() -> Source {
    Source {
        path: String::new(),
        text: String::new(),
    }
}

/// Every environment of a project; without any, the sandbox.
fn environments(setup: &Setup) -> Vec<Arc<EnvironmentPasses>> {
    let project = Arc::new(setup.project.clone());
    let names = project.every_environment().into_iter();
    let made = names.map(|name| {
        let overlays = setup.overlays.get(&name).cloned().unwrap_or_default();
        Arc::new(EnvironmentPasses::new(&project, name, overlays, setup.now))
    });
    made.collect()
}
