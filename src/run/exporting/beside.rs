//! The manifests that a run would read together with an export: two that describe one object are an error for every
//! command, so an export that would make such a pair is refused before it writes anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::diag::Texts;
use crate::diff::bind;
use crate::export::{Export, ObjectIds};
use crate::live::{Inventory, Ledger};
use crate::manifest::Key;
use crate::project::SANDBOX;
use crate::resolve::{Desired, Resource};
use crate::run::manifests::of_environment;
use crate::run::workspace::{Workspace, canonical, normal, project_paths};
use crate::run::{Error, Run};

/// How many files are named.
const FILES: usize = 10;

/// Manifests, and the folder that an export goes to.
#[derive(Debug, Default)]
pub struct Beside {
    /// The manifests.
    pub desired: Desired,
    texts: Texts,
    /// The folder from which paths of manifests start.
    here: PathBuf,
    folder: PathBuf,
}

/// The manifests of the project that reads a folder; else those that are in the folder.
pub fn manifests(run: &Run, folder: &Path) -> Beside {
    let here = run.machine().here();
    let whole = whole(&here.join(folder));
    let found = Workspace::find(run, &[there(&whole)]).ok();
    let around = found.filter(|workspace| workspace.has_file() && reads(workspace, &whole));
    let around = around.and_then(|it| Workspace::find(run, &[it.root]).ok());
    let workspace = around.or_else(|| {
        let alone = run.without_project();
        let within = whole.is_dir();
        let within = within.then(|| Workspace::find(&alone, &[folder.to_owned()]));
        within.and_then(Result::ok)
    });
    let (desired, texts) = workspace.map_or_else(Default::default, |workspace| {
        let known = workspace.environment(run.environment()).is_ok();
        let name = if known { run.environment() } else { SANDBOX };
        let found = of_environment(&workspace, name, run.given());
        (found.desired, found.texts)
    });
    Beside {
        desired,
        texts,
        here: here.to_owned(),
        folder: whole,
    }
}

/// The manifests of a project; none where it has none.
pub fn of_project(run: &Run, workspace: &Workspace) -> Desired {
    let manifests = workspace.readable_manifests(&run.silent());
    manifests.map_or_else(|_| Desired::default(), |it| it.desired)
}

/// The nearest folder above a path that is there.
fn there(folder: &Path) -> PathBuf {
    let mut around = folder.ancestors();
    let found = around.find(|folder| folder.is_dir());
    found.map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// A path from the root, without links as far as it is there. It starts from the folder of the run, which need not be that
/// of the process.
fn whole(path: &Path) -> PathBuf {
    let whole = normal(path);
    let mut rest = PathBuf::new();
    for folder in whole.ancestors() {
        if folder.exists() {
            return canonical(folder).join(rest);
        }
        let last = folder.file_name().unwrap_or_default();
        rest = Path::new(last).join(rest);
    }
    whole
}

/// Whether the runs of a project read a folder.
fn reads(workspace: &Workspace, folder: &Path) -> bool {
    let paths = project_paths(&workspace.project, Path::new(&workspace.shown_root));
    let wholes = paths.iter().map(|path| whole(&workspace.here().join(path)));
    wholes.into_iter().any(|path| folder.starts_with(path))
}

impl Beside {
    /// The manifests of other objects than these: an earlier export of the same ones is replaced, so it takes no name away.
    pub fn names_of_others(
        &self,
        ids: &ObjectIds,
        inventory: &Inventory,
        ledger: &Ledger,
    ) -> BTreeSet<Key> {
        let bound = bind(&self.desired, inventory, ledger).0.bound;
        let is_other = |key: &&Key| {
            let object = bound.get(*key).map(|it| (key.kind, it.object.id.clone()));
            object.is_none_or(|object| !ids.contains(&object))
        };
        let all = self.desired.iter().map(|it| &it.key);
        all.filter(is_other).cloned().collect()
    }

    /// Refuses an export of objects that other manifests describe, or under names that these have.
    ///
    /// # Errors
    /// The files, and what to do instead.
    pub fn refuse(
        &self,
        exported: &Export,
        inventory: &Inventory,
        ledger: &Ledger,
    ) -> Result<(), Error> {
        let bound = bind(&self.desired, inventory, ledger).0.bound;
        let owners: BTreeMap<_, &Key> = bound
            .iter()
            .map(|(key, bound)| ((key.kind, &bound.object.id), key))
            .collect();
        let mut files: BTreeMap<&str, Vec<&Key>> = BTreeMap::new();
        for (key, id, path) in &exported.manifests {
            let owner = owners.get(&(key.kind, id)).copied();
            let resource = owner.or(Some(key)).and_then(|key| self.desired.get(key));
            let Some(resource) = resource else { continue };
            let file = self.file(resource);
            if whole(&self.here.join(file)) != whole(&self.folder.join(path)) {
                files.entry(file).or_default().push(&resource.key);
            }
        }
        if files.is_empty() {
            return Ok(());
        }
        Err(refused(&files))
    }

    fn file(&self, resource: &Resource) -> &str {
        let file = self.texts.document(resource.doc).file;
        &self.texts.sources.get(file).path
    }
}

fn refused(files: &BTreeMap<&str, Vec<&Key>>) -> Error {
    let objects: usize = files.values().map(Vec::len).sum();
    let (objects, are) = match objects {
        1 => ("1 object".to_owned(), "is"),
        count => (format!("{count} objects"), "are"),
    };
    let mut list: Vec<String> = files
        .iter()
        .take(FILES)
        .map(|(file, keys)| match keys.as_slice() {
            [first] => format!("  `{file}`: {first}"),
            [first, rest @ ..] => format!("  `{file}`: {first} and {} more", rest.len()),
            [] => format!("  `{file}`"),
        })
        .collect();
    if files.len() > FILES {
        let more = files.len() - FILES;
        let noun = if more == 1 { "file" } else { "files" };
        list.push(format!("  and {more} more {noun}"));
    }
    let message = format!("{objects} of this export {are} already defined; nothing was written");
    Error::invalid(message).list(&list.join("\n")).help(
        "`campaignctl pull` takes what changed over into these files; or export to a folder outside the project's manifests, or only `--foreign` objects",
    )
}
