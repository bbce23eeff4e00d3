//! What a run says of a reference to a manifest that is in the project, and not in the files that it was given.

use std::collections::BTreeMap;

use super::manifests::Manifests;
use super::workspace::{Workspace, project_paths};
use crate::check::not_named;
use crate::diag::Texts;
use crate::load::{self, Group};
use crate::manifest;
use crate::resolve::codes::UNKNOWN_REFERENCE;
use crate::text::Limits;

/// Names the file of each manifest that a reference names in vain, because a run for some files only does not read it.
pub(super) fn name_files(workspace: &Workspace, manifests: &mut Manifests) {
    let is_unknown = |code: &str| code == UNKNOWN_REFERENCE.name;
    if !manifests.diags.iter().any(|it| is_unknown(it.code.name)) {
        return;
    }
    let files = files(workspace);
    let diags = std::mem::take(&mut manifests.diags).into_iter();
    manifests.diags = diags
        .map(|diagnostic| match files.get(&diagnostic.message) {
            Some((key, file)) if is_unknown(diagnostic.code.name) => diagnostic.help(format!(
                "`{key}` is defined in {file}, outside of the given paths: leave the paths out, and select objects with `--target`"
            )),
            _ => diagnostic,
        })
        .collect();
}

/// The manifests of the whole project and their files, by what is said of a reference to one that is not there.
fn files(workspace: &Workspace) -> BTreeMap<String, (String, String)> {
    let whole = Group {
        here: workspace.here().to_owned(),
        paths: project_paths(&workspace.project, workspace.shown_root.as_ref()),
        except: workspace.every_overlay_folder(),
        within: workspace.within.clone(),
    };
    let mut loaded = load::load_groups(&[whole], &mut std::io::empty(), &Limits::default());
    let texts = Texts {
        sources: loaded.sources,
        documents: loaded.documents.pop().unwrap_or_default(),
    };
    let (manifests, _) = manifest::parse(&texts);
    let manifests = manifests.into_iter();
    manifests
        .map(|it| {
            let file = texts.document(it.doc).file;
            let path = texts.sources.get(file).path.clone();
            let message = not_named(it.key.kind, it.key.name.as_str());
            (message, (it.key.to_string(), path))
        })
        .collect()
}
