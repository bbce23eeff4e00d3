//! What a run says of a reference to a manifest that is in the project, and not in the files that it was given.

use std::collections::BTreeMap;

use super::manifests::Manifests;
use super::workspace::{Workspace, project_paths};
use crate::diag::Texts;
use crate::load::{self, PathGroup};
use crate::manifest;
use crate::text::Limits;

/// Names the file of each manifest that a reference names in vain, because a run for some files only does not read it.
pub(super) fn name_files(workspace: &Workspace, manifests: &mut Manifests) {
    if !manifests.diags.iter().any(|it| it.missing.is_some()) {
        return;
    }
    let files = files(workspace);
    let diags = std::mem::take(&mut manifests.diags).into_iter();
    manifests.diags = diags
        .map(|diagnostic| {
            let missing = diagnostic.missing.as_ref();
            match missing.and_then(|key| files.get_key_value(key)) {
                Some((key, file)) => diagnostic.help(format!(
                    "`{key}` is defined in {file}, outside of the given paths: leave the paths out, and select objects with `--target`"
                )),
                None => diagnostic,
            }
        })
        .collect();
}

/// The files of the manifests of the whole project, each by its `KIND/NAME`.
fn files(workspace: &Workspace) -> BTreeMap<String, String> {
    let whole = PathGroup {
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
            (it.key.to_string(), texts.sources.get(file).path.clone())
        })
        .collect()
}
