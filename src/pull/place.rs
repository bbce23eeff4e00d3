//! Which objects can get manifests, and where these go: the folder of its kind, a name that no file has, and the lines for editors.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::diag::Texts;
use crate::export;
use crate::kinds::{KindId, Role};
use crate::live::{Inventory, LiveObject};
use crate::manifest::Key;
use crate::name::RemoteId;

/// The folder in which most manifests of a kind are, and the lines for editors that its files begin with; the folder of
/// the kind's name below `root` where there are none, with the lines that files in it need.
pub(super) fn folder_of(
    texts: &Texts,
    kind: KindId,
    root: &str,
    lines: &dyn Fn(&str) -> String,
) -> (String, String) {
    let mut folders: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for document in &texts.documents {
        let is_kind = document.value.get("kind").and_then(|it| it.as_str()) == Some(kind.name());
        let source = texts.sources.get(document.file);
        if !is_kind || document.shadowed || document.added || source.path.starts_with('<') {
            continue;
        }
        let folder = Path::new(&source.path)
            .parent()
            .unwrap_or_else(|| Path::new(""));
        let folder = folder.to_string_lossy().replace('\\', "/");
        let (count, _) = folders
            .entry(folder)
            .or_insert_with(|| (0, head(&source.text)));
        *count += 1;
    }
    let most = folders
        .into_iter()
        .rev()
        .max_by_key(|(_, (count, _))| *count);
    most.map_or_else(
        || {
            let plural = kind.def().plural;
            let folder = match root {
                "" | "." => plural.to_owned(),
                root => format!("{}/{plural}", root.trim_end_matches('/')),
            };
            let lines = lines(&folder);
            (folder, lines)
        },
        |(folder, (_, head))| (folder, head),
    )
}

/// The lines at the start of a file by which editors find its schema.
fn head(text: &str) -> String {
    let is_mode =
        |line: &&str| line.starts_with("# yaml-language-server:") || line.starts_with("# $schema:");
    let lines = text.lines().take_while(is_mode);
    lines.fold(String::new(), |head, line| head + line + "\n")
}

/// A path that no file has, not even in other case.
pub(super) fn free_path(folder: &str, key: &Key, taken: &mut BTreeSet<String>) -> String {
    let stem = export::stem(&key.name);
    let kind = key.kind.name().to_lowercase();
    let numbered = (2..).map(|number| format!("{stem}-{kind}-{number}"));
    let stems = [stem.clone(), format!("{stem}-{kind}")]
        .into_iter()
        .chain(numbered);
    let slash = if folder.is_empty() { "" } else { "/" };
    let mut paths = stems.map(|stem| format!("{folder}{slash}{stem}.yaml"));
    let free = paths.find(|path| taken.insert(path.to_lowercase()));
    free.unwrap_or_default()
}

/// The objects that can get manifests, in a fixed order.
pub(super) fn in_order(inventory: &Inventory) -> Vec<&LiveObject> {
    let system: BTreeSet<(KindId, &RemoteId)> = inventory
        .iter()
        .filter(|object| object.system)
        .map(|object| (object.kind, &object.id))
        .collect();
    let is_vendors = |object: &LiveObject| {
        let around = object.kind.def().parent.as_ref();
        let parent = around.zip(object.parent.as_ref());
        object.system
            || parent.is_some_and(|(around, id)| system.contains(&(KindId::known(around.kind), id)))
    };
    let is_manifest =
        |object: &&LiveObject| matches!(object.kind.def().role, Role::Managed | Role::Observed);
    let mut objects: Vec<&LiveObject> = inventory
        .iter()
        .filter(is_manifest)
        .filter(|object| !is_vendors(object))
        .collect();
    objects.sort_by(|a, b| (a.kind, &a.display_name, &a.id).cmp(&(b.kind, &b.display_name, &b.id)));
    objects
}
