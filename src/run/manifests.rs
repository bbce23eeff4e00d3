//! The manifests of a run: loaded once, and checked for one environment or for several.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::planning::manifest_digest;
use super::workspace::Workspace;
use super::{give_back, outside};
use crate::diag::{Diagnostic, Diags, Location, Severity, Texts};
use crate::diagnose::{self, Depth, DiagnoseScope, Diagnosis};
use crate::load::{self, FILE_NOT_FOUND, PathGroup, Skipped};
use crate::project::{EnvironmentSurvey, GivenVariables, UsedVariables};
use crate::resolve::{Desired, Ingredients, compose};
use crate::text::{
    Document, EntryHalf, FileId, Limits, Source, Sources, address, is_blank, some_of,
};
use crate::{check, manifest, resolve};

/// The manifests of an environment, checked.
#[derive(Debug)]
pub struct Manifests {
    /// The files.
    pub texts: Texts,
    /// The desired state.
    pub desired: Desired,
    /// Every complaint, with the severities of the project.
    pub diags: Diags,
    /// How many files they stand in.
    pub files: usize,
    /// What lies below the paths and was not read.
    pub skipped: Vec<Skipped>,
    /// The digest of the desired state, where it is at rest.
    digest: Option<String>,
}

impl Manifests {
    /// The same, with the content of the files at rest: few of them are looked at from now on.
    #[must_use]
    pub fn at_rest(mut self) -> Self {
        self.digest = Some(manifest_digest(&self.desired));
        resolve::rest(&mut self.texts, &mut self.desired);
        self
    }

    /// The digest of the desired state.
    #[must_use]
    pub fn digest(&self) -> String {
        let known = self.digest.clone();
        known.unwrap_or_else(|| manifest_digest(&self.desired))
    }

    /// The same as a survey of one environment.
    #[must_use]
    pub fn surveyed(self, name: &str) -> Surveyed {
        let counts = vec![(name.to_owned(), self.desired.len(), self.files)];
        give_back(self.desired);
        Surveyed {
            counts,
            texts: self.texts,
            diags: self.diags,
            skipped: self.skipped,
        }
    }
}

/// The manifests of several environments, checked.
#[derive(Debug)]
pub struct Surveyed {
    /// The files.
    pub texts: Texts,
    /// Every complaint once, saying where it occurs unless that is everywhere.
    pub diags: Diags,
    /// By environment: how many manifests in how many files.
    pub counts: Vec<(String, usize, usize)>,
    /// What lies below the paths and was not read.
    pub skipped: Vec<Skipped>,
}

/// All that was read, before anything is made of it.
struct Material {
    sources: Sources,
    base: Vec<Document>,
    overlays: BTreeMap<PathBuf, Vec<Document>>,
    /// The project file among the sources.
    project: Option<FileId>,
    /// What lies below the paths and was not read.
    skipped: Vec<Skipped>,
    diags: Diags,
}

/// Loads and checks the manifests of one environment.
#[must_use]
pub fn of_environment(workspace: &Workspace, name: &str, given: &GivenVariables) -> Manifests {
    of_material(
        (workspace, Depth::Checks),
        name,
        given,
        load(workspace, &[name.to_owned()]),
    )
}

/// The same, with what is certainly wrong with what visitors are offered.
#[must_use]
pub fn of_environment_with_findings(
    workspace: &Workspace,
    name: &str,
    given: &GivenVariables,
) -> Manifests {
    of_material(
        (workspace, Depth::Findings),
        name,
        given,
        load(workspace, &[name.to_owned()]),
    )
}

/// Makes warnings of some errors.
pub fn lower(manifests: &mut Manifests, is_lowered: &dyn Fn(&Diagnostic) -> bool) {
    let found = std::mem::take(&mut manifests.diags).into_iter();
    let lowered = found.map(|diagnostic| match diagnostic.severity {
        Severity::Error if is_lowered(&diagnostic) => Diagnostic {
            severity: Severity::Warning,
            ..diagnostic
        },
        _ => diagnostic,
    });
    manifests.diags = lowered.collect();
}

/// The same as if some files had other texts, and some were there that are not. Paths are as positions show them.
#[must_use]
pub fn of_environment_with(
    workspace: &Workspace,
    name: &str,
    given: &GivenVariables,
    changed: &BTreeMap<String, String>,
) -> Manifests {
    let mut material = load(workspace, &[name.to_owned()]);
    for (path, text) in changed {
        material.change(path, text);
    }
    of_material((workspace, Depth::Checks), name, given, material)
}

impl Material {
    /// Gives a file another text; one that was not read belongs to the base.
    fn change(&mut self, path: &str, text: &str) {
        let source = Source {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let known = (self.sources.iter()).find(|(_, source)| source.path == path);
        let known = known.map(|(file, _)| file);
        let file = match known {
            Some(file) => {
                self.sources.replace(file, source);
                file
            }
            None => self.sources.push(source),
        };
        let (documents, _) = crate::text::yaml::parse(file, text, &Limits::default());
        let mut groups = std::iter::once(&mut self.base).chain(self.overlays.values_mut());
        let found = groups.find(|group| group.iter().any(|document| document.file == file));
        let group = match found {
            Some(group) => group,
            None => &mut self.base,
        };
        let place = group.iter().position(|document| document.file == file);
        group.retain(|document| document.file != file);
        let place = place.unwrap_or(group.len());
        group.splice(place..place, documents);
    }
}

fn of_material(
    (workspace, depth): (&Workspace, Depth),
    name: &str,
    given: &GivenVariables,
    mut material: Material,
) -> Manifests {
    let texts = Texts {
        sources: std::mem::take(&mut material.sources),
        documents: std::mem::take(&mut material.base),
    };
    let at = (workspace, depth);
    let (mut manifests, used) = environment(at, texts, &material.overlays, name, given);
    let rules = workspace.rules_of(name);
    let found = Diagnosis {
        files: std::mem::take(&mut material.diags),
        environments: rules.apply(std::mem::take(&mut manifests.diags), &manifests.texts),
        used: UsedVariables::from([(name.to_owned(), used)]),
        is_cut: false,
        is_empty: manifests.desired.is_empty(),
    };
    let by = (&rules, &manifests.texts);
    let diags =
        scope(workspace, (&material, &manifests.texts.sources), given)
            .whole(by, found, || Some(load::no_manifests(&workspace.paths)));
    manifests.diags = diags;
    manifests.skipped = material.skipped;
    manifests
}

/// Loads the manifests once and checks them for each of the environments.
#[must_use]
pub fn of_environments(
    workspace: &Workspace,
    names: &[String],
    given: &GivenVariables,
) -> Surveyed {
    let mut material = load(workspace, names);
    let (mut used, mut counts) = (UsedVariables::new(), Vec::new());
    let mut survey = EnvironmentSurvey::default();
    for name in names {
        let texts = Texts {
            sources: material.sources.clone(),
            documents: material.base.clone(),
        };
        let at = (workspace, Depth::Findings);
        let (manifests, found) = environment(at, texts, &material.overlays, name, given);
        used.insert(name.clone(), found);
        counts.push((name.clone(), manifests.desired.len(), manifests.files));
        let rules = workspace.rules_of(name);
        let ruled = rules.apply(manifests.diags, &manifests.texts);
        survey.add(name, ruled.pinned(&manifests.texts));
    }
    let texts = Texts {
        sources: std::mem::take(&mut material.sources),
        documents: Vec::new(),
    };
    let found = Diagnosis {
        files: std::mem::take(&mut material.diags),
        environments: survey.finish(),
        used,
        is_cut: false,
        is_empty: counts.iter().all(|(_, manifests, _)| *manifests == 0),
    };
    let by = (
        &workspace.project.rules.clone().on(workspace.today()),
        &texts,
    );
    let diags = scope(workspace, (&material, &texts.sources), given)
        .whole(by, found, || Some(load::no_manifests(&workspace.paths)));
    Surveyed {
        texts,
        diags,
        counts,
        skipped: material.skipped,
    }
}

/// Checks texts that no file holds yet, each with the path that it is shown under.
#[must_use]
pub fn of_texts(files: Vec<(String, String)>) -> (Texts, Diags) {
    let mut texts = Texts::default();
    for (path, text) in files {
        let file = texts.sources.push(Source { path, text });
        let text = &texts.sources.get(file).text;
        let all = Limits {
            bytes: text.len(),
            documents: usize::MAX,
            nodes: usize::MAX,
            ..Limits::default()
        };
        let (documents, _) = crate::text::yaml::parse(file, text, &all);
        texts.documents.extend(documents);
    }
    let checked = checked(texts, Diags::default(), 0, None);
    (checked.texts, checked.diags)
}

/// Everything that the environments are made of, each file once.
fn load(workspace: &Workspace, names: &[String]) -> Material {
    let (found, missing): (Vec<_>, Vec<_>) = workspace
        .overlay_folders(names)
        .into_iter()
        .partition(|(folder, _)| workspace.here().join(folder).is_dir());
    let folders: Vec<PathBuf> = found.into_iter().map(|(folder, _)| folder).collect();
    let groups = groups(workspace, &folders);
    let load::Groups {
        mut sources,
        mut documents,
        skipped,
        mut diags,
    } = load::load_groups(&groups, &mut *workspace.machine.stdin(), &Limits::default());
    diags.extend(emptied(&sources, &folders));
    let base = documents.remove(0);
    let file = workspace.project_texts.sources.iter().next();
    let project = file.map(|(_, source)| sources.push(source.clone()));
    let document = workspace.project_texts.documents.first();
    for (folder, pointer) in missing {
        let at = project
            .zip(document)
            .map_or(Location::Run, |(file, document)| {
                Location::Span(file, document.span(&pointer, EntryHalf::Key))
            });
        diags.push(no_folder(&folder, at));
    }
    Material {
        sources,
        base,
        overlays: folders.into_iter().zip(documents).collect(),
        project,
        skipped,
        diags,
    }
}

/// Complaints about overlay files that hold nothing.
fn emptied(sources: &Sources, folders: &[PathBuf]) -> Diags {
    let is_overlay = |path: &str| folders.iter().any(|it| Path::new(path).starts_with(it));
    let empty = sources
        .iter()
        .filter(|(_, source)| is_overlay(&source.path) && is_blank(&source.text));
    empty
        .map(|(file, _)| diagnose::empty_overlay(file))
        .collect()
}

/// The complaint about an overlay folder that is not there.
pub fn no_folder(folder: &Path, at: Location) -> Diagnostic {
    let folder = address::shown_path(&folder.display().to_string()).into_owned();
    let message = format!("there is no folder `{folder}`");
    Diagnostic::new(&FILE_NOT_FOUND, at, message).help("make it, or remove it from `overlays`")
}

/// What the project is looked at with.
fn scope<'a>(
    workspace: &'a Workspace,
    (material, sources): (&Material, &'a Sources),
    given: &'a GivenVariables,
) -> DiagnoseScope<'a> {
    let document = workspace.project_texts.documents.first();
    DiagnoseScope {
        project: &workspace.project,
        sources,
        file: material.project.zip(document),
        given,
        today: workspace.today(),
        is_partial: workspace.is_partial,
    }
}

/// The base, and each overlay folder. An overlay folder belongs to nothing around it.
pub fn groups(workspace: &Workspace, folders: &[PathBuf]) -> Vec<PathGroup> {
    let all = workspace.every_overlay_folder();
    let here = workspace.here();
    let overlays = folders.iter().map(|folder| PathGroup {
        here: here.to_owned(),
        paths: vec![folder.clone()],
        except: inside(folder, &all),
        within: workspace.within.clone(),
    });
    let base = PathGroup {
        here: here.to_owned(),
        paths: workspace.paths.clone(),
        except: all.clone(),
        within: workspace.within.clone(),
    };
    std::iter::once(base).chain(overlays).collect()
}

/// The folders that lie below another one.
fn inside(folder: &Path, folders: &[PathBuf]) -> Vec<PathBuf> {
    let below = |other: &&PathBuf| other.starts_with(folder) && *other != folder;
    folders.iter().filter(below).cloned().collect()
}

/// One environment, and the names of the variables that its documents refer to.
fn environment(
    (workspace, depth): (&Workspace, Depth),
    base: Texts,
    overlays: &BTreeMap<PathBuf, Vec<Document>>,
    name: &str,
    given: &GivenVariables,
) -> (Manifests, BTreeSet<String>) {
    let folders = workspace.overlay_folders(&[name.to_owned()]);
    let overlays: Vec<Vec<Document>> = folders
        .iter()
        .filter_map(|(folder, _)| overlays.get(folder).cloned())
        .collect();
    let documents = base.documents.iter().chain(overlays.iter().flatten());
    let files: BTreeSet<FileId> = documents.map(|document| document.file).collect();
    let (variables, mut diags) = workspace.project.variables_of(name, given);
    let (composed, found) = compose(Ingredients {
        base,
        overlays,
        variables,
        is_partial: workspace.is_partial,
    });
    diags.extend(found);
    let now = Some(workspace.now);
    let mut manifests = checked(composed.texts, diags, files.len(), now);
    let by = (&workspace.project, depth);
    let (texts, desired) = (&manifests.texts, &manifests.desired);
    let found = diagnose::together(by, (texts, desired), manifests.diags.iter());
    manifests.diags.extend(found);
    if workspace.is_partial {
        outside::name_files(workspace, &mut manifests);
    }
    (manifests, composed.used)
}

/// The passes from documents to a checked desired state.
fn checked(texts: Texts, mut diags: Diags, files: usize, now: Option<Timestamp>) -> Manifests {
    let (manifests, found) = manifest::parse(&texts);
    diags.extend(found);
    let (mut desired, found) = resolve::resolve(manifests);
    diags.extend(found);
    if let Some(now) = now {
        desired = desired.at(now);
    }
    diags.extend(check::check(&texts, &desired));
    Manifests {
        texts,
        desired,
        diags,
        files,
        skipped: Vec::new(),
        digest: None,
    }
}

/// What is told of places below the paths that were not read, which may hold manifests.
#[must_use]
pub fn skipped_note(skipped: &[Skipped]) -> Option<String> {
    const NAMED: usize = 5;
    let count = match skipped.len() {
        0 => return None,
        1 => "1 path is skipped and may hold manifests".to_owned(),
        count => format!("{count} paths are skipped and may hold manifests"),
    };
    let named = skipped.iter();
    let named = named.map(|Skipped { shown, why }| format!("`{shown}` ({why})"));
    Some(format!(
        "note: {count}: {}\n  = help: name them under `manifests` in `campaignctl.yaml`, or on the command line, to read them",
        some_of(named, NAMED)
    ))
}
