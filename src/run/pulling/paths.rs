//! Paths of a pull: they select what is pulled, and not what is read.

use std::path::{Path, PathBuf};

use super::Pulling;
use crate::load::{self, PathGroup};
use crate::manifest::Key;
use crate::run::manifests::Manifests;
use crate::run::workspace::{Workspace, canonical, project_paths};
use crate::run::{Error, Run};

/// Some paths of a run, all files where there is none.
pub(super) struct Paths {
    here: PathBuf,
    paths: Vec<PathBuf>,
}

impl Paths {
    pub(super) fn new(here: &Path, paths: &[PathBuf]) -> Self {
        let real = |path: &PathBuf| canonical(&here.join(path));
        Self {
            here: here.to_path_buf(),
            paths: paths.iter().map(real).collect(),
        }
    }

    fn has(&self, file: &str) -> bool {
        let file = canonical(&self.here.join(file));
        self.paths.is_empty() || self.paths.iter().any(|path| file.starts_with(path))
    }

    /// Whether each of them is below one of some folders, and has one of some files.
    fn are_of(&self, folders: &[PathBuf], files: &[PathBuf]) -> bool {
        let mut paths = self.paths.iter();
        paths.all(|path| {
            folders.iter().any(|folder| path.starts_with(folder))
                && files.iter().any(|file| file.starts_with(path))
        })
    }
}

/// The project around some paths. All of it is read where these are a part of it, because what is in them may refer to the
/// rest; paths outside of its manifests are read alone.
///
/// # Errors
/// As [`Workspace::find`].
pub fn workspace(run: &Run, paths: &[PathBuf]) -> Result<Workspace, Error> {
    let mut workspace = Workspace::find(run, paths)?;
    if paths.is_empty() || !workspace.has_file() {
        return Ok(workspace);
    }
    let here = workspace.here().to_path_buf();
    let whole = project_paths(&workspace.project, Path::new(&workspace.shown_root));
    let overlays = workspace.every_overlay_folder();
    let within = run.machine().trust().folders(&workspace.root, &here, &[]);
    let group = |paths: &[PathBuf], except: &[PathBuf]| PathGroup {
        except: except.to_vec(),
        within: within.clone(),
        ..PathGroup::of(&here, paths)
    };
    let files = load::list(&[group(&whole, &overlays), group(&overlays, &[])]);
    let real = |path: &Path| canonical(&here.join(path));
    let files: Vec<PathBuf> = files.iter().map(|file| real(&file.path)).collect();
    let folders = whole.iter().chain(&overlays);
    let folders: Vec<PathBuf> = folders.map(|path| real(path)).collect();
    if Paths::new(&here, paths).are_of(&folders, &files) {
        workspace.paths = whole;
        workspace.within = within;
        workspace.is_partial = false;
    }
    Ok(workspace)
}

impl Pulling<'_> {
    /// Whether a manifest is in the paths, or an overlay of it.
    pub(super) fn is_in_paths(&self, manifests: &Manifests, key: &Key) -> bool {
        let files = files_of(manifests, key);
        files.iter().any(|file| self.paths.has(file))
    }

    /// The file of a manifest that is not in the paths.
    pub(super) fn outside(&self, key: &Key) -> Option<String> {
        let manifests = self.planning.manifests;
        let is_outside = !self.is_in_paths(manifests, key);
        let files = files_of(manifests, key).into_iter();
        files.take(1).find(|_| is_outside)
    }
}

/// The files in which a manifest is written, the base first.
fn files_of(manifests: &Manifests, key: &Key) -> Vec<String> {
    let Some(resource) = manifests.desired.get(key) else {
        return Vec::new();
    };
    let files = manifests.texts.document(resource.doc).files().into_iter();
    files
        .map(|file| manifests.texts.sources.get(file).path.clone())
        .collect()
}
