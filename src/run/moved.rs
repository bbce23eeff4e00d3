//! Manifests that a run does not read, because they were moved to files that it passes over.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::manifests::groups;
use super::workspace::Workspace;
use crate::load;
use crate::manifest::{self, Key};
use crate::text::{Limits, Sources};

/// Manifests in files that a run does not read.
#[derive(Debug, Default)]
pub(super) struct Moved {
    /// They, with these files.
    pub(super) found: BTreeMap<Key, String>,
    /// Whether there were too many files to look into each.
    pub(super) is_cut: bool,
}

/// The manifests in the project, and below the paths of a run, that are in files which it does not read; with these files.
/// `read` are the files that it has read, `missing` those that are looked for.
pub(super) fn unread_manifests(
    workspace: &Workspace,
    environment: &str,
    read: &Sources,
    missing: &[&Key],
) -> Moved {
    let folders = workspace.overlay_folders(&[environment.to_owned()]);
    let folders: Vec<PathBuf> = folders.into_iter().map(|(folder, _)| folder).collect();
    let read = read.iter().map(|(_, source)| Path::new(&source.path));
    // What the run reads of its own overlays is among `read`: the rest of them may hold what was moved.
    let mut others = workspace.every_overlay_folder();
    others.retain(|folder| !folders.contains(folder));
    let aside = load::unread(
        &load::Unread {
            here: workspace.here(),
            groups: &groups(workspace, &folders),
            root: workspace
                .has_file()
                .then_some(Path::new(&workspace.shown_root)),
            except: &others,
            within: &workspace.within,
            read: read.collect(),
        },
        &Limits::default(),
    );
    // As the ledger names files: the report shows them from the current folder.
    let identity = workspace.identity();
    let file = |shown: &str| identity.of(shown).file;
    let named = missing.iter().filter_map(|key| {
        let shown = aside.names(key.kind.name(), key.name.as_str())?;
        Some((Key::clone(key), file(shown)))
    });
    let mut found: BTreeMap<Key, String> = named.collect();
    let (manifests, _) = manifest::parse(&aside.texts);
    found.extend(manifests.into_iter().map(|manifest| {
        let doc = aside.texts.document(manifest.doc);
        (manifest.key, file(&aside.texts.sources.get(doc.file).path))
    }));
    Moved {
        found,
        is_cut: aside.is_cut,
    }
}
