//! One project that an editor has files of: found, read, and kept up to date, whatever protocol the editor speaks.

mod live;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

pub use live::LiveCache;

use crate::diag::{Diagnostic, Diags, DocId, Location, Texts, yaml};
use crate::editor::{Analysis, EditorInput, FileEdit, PROJECT, Setup, TouchedFiles};
use crate::load::{self, ListedFile, PathGroup};
use crate::project::Project;
use crate::run::Machine;
use crate::run::manifests::{groups, no_folder};
use crate::run::workspace::{Workspace, canonical, project_paths, understood};
use crate::text::{EntryHalf, Limits, Source};

/// The texts of open files, by path.
pub trait Buffers: Sync {
    /// The text of an open file.
    fn text(&self, path: &Path) -> Option<&str>;
    /// The open files below a folder.
    fn below(&self, folder: &Path) -> Vec<PathBuf>;
}

/// A path with links in its folders followed; the file itself need not be there.
#[must_use]
pub fn real(path: &Path) -> PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => canonical(folder).join(name),
        _ => canonical(path),
    }
}

/// What marks a file as ours where no project file does.
const OURS: &str = "campaignctl.dev/";

/// A project, or the files of a folder without a project file.
pub struct HeldProject {
    /// Its folder.
    root: PathBuf,
    /// Its project file.
    file: Option<PathBuf>,
    groups: Vec<PathGroup>,
    /// Overlay folders that are not there.
    missing: Vec<PathBuf>,
    /// What the project file said when it could last be read.
    project: Project,
    /// What the editor asks.
    pub analysis: Analysis,
    /// What a local ledger or a saved plan says of live objects.
    pub live: LiveCache,
    edits: Vec<FileEdit>,
    is_stale: bool,
    machine: Arc<Machine>,
}

impl HeldProject {
    /// Reads a project.
    pub fn load(
        machine: &Arc<Machine>,
        root: PathBuf,
        file: Option<PathBuf>,
        buffers: &dyn Buffers,
    ) -> Self {
        Self::read(machine, root, file, Project::default(), buffers)
    }

    fn read(
        machine: &Arc<Machine>,
        root: PathBuf,
        file: Option<PathBuf>,
        last: Project,
        buffers: &dyn Buffers,
    ) -> Self {
        let ProjectLayout {
            setup,
            groups,
            missing,
        } = layout(machine, &root, file.as_deref(), last, buffers);
        let mut held = Self {
            live: LiveCache::new(machine.trust(), &root, &setup.project),
            project: setup.project.clone(),
            analysis: Analysis::new(Setup::default(), &[]),
            root,
            file,
            groups,
            missing,
            edits: Vec::new(),
            is_stale: false,
            machine: Arc::clone(machine),
        };
        let inputs = held.inputs(buffers);
        held.analysis = Analysis::new(setup, &inputs);
        held
    }

    /// Every file of the project, on the disk or in an editor.
    fn inputs(&self, buffers: &dyn Buffers) -> Vec<EditorInput> {
        let mut folders: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
        let mut files: BTreeMap<PathBuf, (usize, usize)> = BTreeMap::new();
        for ListedFile { group, rank, path } in load::list(&self.groups) {
            let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
                continue;
            };
            // Thousands of files share few folders: each folder is followed once.
            let folder = folders
                .entry(folder.to_path_buf())
                .or_insert_with_key(|folder| canonical(folder));
            files.entry(folder.join(name)).or_insert((group, rank));
        }
        for path in buffers.below(&self.root) {
            if let Some(place) = self.place(&path) {
                files.entry(path).or_insert(place);
            }
        }
        let files: Vec<_> = files.into_iter().collect();
        let inputs = files.into_par_iter().filter_map(|(path, place)| {
            let text = match buffers.text(&path) {
                Some(text) => Ok(text.to_owned()),
                None => load::read_one(&path, &Limits::default()),
            };
            self.input(path, place, text)
        });
        inputs.collect()
    }

    fn input(
        &self,
        path: PathBuf,
        (group, rank): (usize, usize),
        text: Result<String, Box<Diagnostic>>,
    ) -> Option<EditorInput> {
        // Without a project file, most YAML files are somebody else's.
        let is_ours = self.file.is_some() || text.as_ref().is_ok_and(|text| text.contains(OURS));
        let shown = path.strip_prefix(&self.root).unwrap_or(&path);
        let shown = shown.display().to_string();
        is_ours.then_some(EditorInput {
            path,
            shown,
            group,
            rank,
            text,
        })
    }

    /// The group of a file, and the path in it, by where the file is; `None` when it is none of the project's.
    fn place(&self, path: &Path) -> Option<(usize, usize)> {
        let groups = self.groups.iter().enumerate();
        let found = groups.filter_map(|(number, group)| {
            let is_excepted = group.except.iter().any(|folder| path.starts_with(folder));
            let rank = group
                .paths
                .iter()
                .position(|folder| is_seen(folder, path))?;
            (!is_excepted).then(|| (group.paths[rank].as_os_str().len(), (number, rank)))
        });
        found.max().map(|(_, place)| place)
    }

    /// Notes that a file of an editor, or on the disk, is another one now.
    pub fn touch(&mut self, path: &Path, buffers: &dyn Buffers) {
        if Some(path) == self.file.as_deref() {
            self.is_stale = true;
            return;
        }
        if self.missing.iter().any(|folder| path.starts_with(folder)) {
            self.is_stale = true;
        }
        let Some(place) = self.place(path) else {
            return;
        };
        let text = match buffers.text(path) {
            Some(text) => Some(Ok(text.to_owned())),
            None if path.exists() => Some(load::read_one(path, &Limits::default())),
            None => None,
        };
        let input = text.and_then(|text| self.input(path.to_path_buf(), place, text));
        self.edits.push(match input {
            Some(input) => FileEdit::Write(Box::new(input)),
            None => FileEdit::Remove(path.to_path_buf()),
        });
    }

    /// Takes in what was noted, and returns the files that there may be something else to say about.
    pub fn flush(&mut self, buffers: &dyn Buffers) -> TouchedFiles {
        let mut changed = TouchedFiles::new();
        // Schedules and waivers of rules end, and an editor stays open for days.
        self.is_stale |= self.analysis.setup().now != quarter(&self.machine);
        if std::mem::take(&mut self.is_stale) {
            let layout = layout(
                &self.machine,
                &self.root,
                self.file.as_deref(),
                self.project.clone(),
                buffers,
            );
            if layout.groups == self.groups {
                self.project = layout.setup.project.clone();
                self.live = LiveCache::new(self.machine.trust(), &self.root, &self.project);
                self.missing = layout.missing;
                changed = self.analysis.set_up(layout.setup);
            } else {
                let (root, file) = (self.root.clone(), self.file.clone());
                let machine = Arc::clone(&self.machine);
                *self = Self::read(&machine, root, file, self.project.clone(), buffers);
                return self.analysis.every_file();
            }
        }
        if !self.edits.is_empty() {
            changed.extend(self.analysis.update(std::mem::take(&mut self.edits)));
        }
        changed
    }
}

/// Whether a path of the project is a file, or leads to it: not by folders that are passed over.
fn is_seen(path: &Path, file: &Path) -> bool {
    let below = file.strip_prefix(path);
    below.is_ok_and(|below| below.as_os_str().is_empty() || load::is_read_below(below))
}

/// What a project file makes of a folder.
struct ProjectLayout {
    setup: Setup,
    groups: Vec<PathGroup>,
    missing: Vec<PathBuf>,
}

fn layout(
    machine: &Arc<Machine>,
    root: &Path,
    file: Option<&Path>,
    last: Project,
    buffers: &dyn Buffers,
) -> ProjectLayout {
    let (mut setup, project_texts) = setup(file, last, buffers);
    let shown_root = root.to_path_buf();
    let workspace = Workspace {
        root: root.to_path_buf(),
        shown_root: root.to_string_lossy().into_owned(),
        project: setup.project.clone(),
        paths: project_paths(&setup.project, &shown_root),
        is_partial: false,
        now: quarter(machine),
        within: machine.trust().folders(root, root, &[]),
        machine: Arc::clone(machine),
        project_texts,
    };
    let names: Vec<String> = workspace.project.environments.keys().cloned().collect();
    let (found, missing): (Vec<_>, Vec<_>) = workspace
        .overlay_folders(&names)
        .into_iter()
        .partition(|(folder, _)| folder.is_dir());
    for (folder, pointer) in &missing {
        let document = setup.document.as_ref();
        let at = document.map(|document| document.span(pointer, EntryHalf::Value));
        let at = at.map_or(Location::Run, |span| Location::Span(PROJECT, span));
        let shown = folder.strip_prefix(root).unwrap_or(folder);
        setup.complaints.push(no_folder(shown, at));
    }
    let folders: Vec<PathBuf> = found.into_iter().map(|(folder, _)| folder).collect();
    for name in &names {
        let own = workspace.overlay_folders(std::slice::from_ref(name));
        let own = own
            .iter()
            .filter_map(|(folder, _)| folders.iter().position(|it| it == folder).map(|at| at + 1));
        setup.overlays.insert(name.clone(), own.collect());
    }
    setup.paths.clone_from(&workspace.paths);
    setup.now = workspace.now;
    ProjectLayout {
        groups: groups(&workspace, &folders)
            .into_iter()
            .map(followed)
            .collect(),
        missing: missing
            .into_iter()
            .map(|(folder, _)| real(&folder))
            .collect(),
        setup,
    }
}

/// The moment at which manifests are judged: they are judged again every quarter of an hour, and not at each key.
fn quarter(machine: &Machine) -> jiff::Timestamp {
    let quarter = 15 * 60;
    let second = machine.now().as_second().div_euclid(quarter) * quarter;
    jiff::Timestamp::from_second(second).unwrap_or_default()
}

/// A group with links in its paths followed.
fn followed(group: PathGroup) -> PathGroup {
    let here = group.here;
    let follow = |paths: Vec<PathBuf>| {
        let paths = paths.iter().map(|path| canonical(&here.join(path)));
        paths.collect()
    };
    PathGroup {
        here: PathBuf::new(),
        paths: follow(group.paths),
        except: follow(group.except),
        within: group.within,
    }
}

/// What a project file says; what it last said, as long as it cannot be read.
fn setup(file: Option<&Path>, last: Project, buffers: &dyn Buffers) -> (Setup, Texts) {
    let Some(file) = file else {
        return (Setup::default(), Texts::default());
    };
    let path = file.display().to_string();
    let mut diags = Diags::default();
    let text = match buffers.text(file) {
        Some(text) => Ok(text.to_owned()),
        None => load::read_one(file, &Limits::default()),
    };
    let text = text.unwrap_or_else(|complaint| {
        let at = Location::File(PROJECT);
        diags.push(Diagnostic { at, ..*complaint });
        String::new()
    });
    let mut texts = Texts::default();
    let (documents, problems) = crate::text::yaml::parse(PROJECT, &text, &Limits::default());
    texts.documents = documents;
    let source = Source { path, text };
    texts.sources.push(source.clone());
    diags.extend(problems.into_iter().map(|it| yaml::diagnostic(PROJECT, it)));
    let (project, diags) = understood(&texts, diags);
    let is_read = !diags.has_errors();
    let setup = Setup {
        project: if is_read { project } else { last },
        source: Some((file.to_path_buf(), source)),
        document: (!texts.documents.is_empty()).then(|| texts.document(DocId(0)).clone()),
        complaints: diags,
        ..Setup::default()
    };
    (setup, texts)
}
