//! The folder that an export is written to: its files, their schemas, and what else is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::export::Export;
use crate::files;
use crate::kinds::KindId;
use crate::run::{Error, Meaning, Run, editor_files, editor_schemas};
use crate::text::some_of;

/// How many files that an export did not write are named.
const OTHERS: usize = 10;

/// Writes an export into a folder, whose files name their schemas, and tells what else is there. Existing files are
/// replaced where `replaces` says so. An export of nothing leaves nothing behind.
///
/// # Errors
/// A file that exists, or cannot be written.
pub fn write(
    run: &Run,
    folder: &Path,
    replaces: bool,
    exported: &mut Export,
    kinds: &BTreeSet<KindId>,
) -> Result<(), Error> {
    let target = Target {
        real: run.machine().here().join(folder),
        shown: folder,
    };
    if exported.files.is_empty() {
        tell_of_others(run, &target, kinds, exported);
        return Ok(());
    }
    let root = editor_schemas::project_around(&target.real);
    let root = root.unwrap_or_else(|| target.real.clone());
    name_schemas(exported, &root, &target.real);
    write_files(run, &target, replaces, exported)?;
    editor_schemas::provide(run, &root);
    tell_of_others(run, &target, kinds, exported);
    Ok(())
}

/// A folder as people gave it, and as the system finds it from any folder.
struct Target<'a> {
    shown: &'a Path,
    real: PathBuf,
}

/// Has the files name their schema.
fn name_schemas(exported: &mut Export, root: &Path, folder: &Path) {
    for file in &mut exported.files {
        let path = folder.join(&file.path);
        let around = path.parent().unwrap_or(folder);
        let lines = editor_schemas::lines_for("manifest", root, around);
        file.text.insert_str(0, &lines);
    }
}

fn write_files(
    run: &Run,
    Target { shown, real }: &Target<'_>,
    replaces: bool,
    exported: &Export,
) -> Result<(), Error> {
    let is_fresh = is_fresh(real);
    let taken = exported
        .files
        .iter()
        .find(|file| real.join(&file.path).symlink_metadata().is_ok());
    if let Some(file) = taken.filter(|_| !replaces) {
        return Err(Error::invalid(format!(
            "`{}` already exists",
            shown.join(&file.path).display()
        ))
        .help("give another folder, or `--force` to replace the files"));
    }
    // All of them before the first one is written, so that nothing is left half done.
    for file in &exported.files {
        let place = files::place_inside(real, Path::new(&file.path), replaces);
        place.map_err(|error| {
            let path = shown.join(&file.path);
            let why = format!("cannot write `{}`: {error}", path.display());
            Error::invalid(why).help("delete what is in the way, or give another folder")
        })?;
    }
    for file in &exported.files {
        let path = Path::new(&file.path);
        let written = files::write_inside(real, path, file.text.as_bytes(), replaces);
        written.map_err(|error| {
            let path = shown.join(&file.path);
            let why = format!("cannot write `{}`: {error}", path.display());
            Error::new(Meaning::Failed, why)
        })?;
    }
    let count = |number: usize, word: &str| match number {
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    };
    run.note(&format!(
        "{} in {} below `{}`.",
        count(exported.objects, "object"),
        count(exported.files.len(), "file"),
        shown.display()
    ));
    if is_fresh {
        editor_files::write(real)?;
    }
    Ok(())
}

/// Tells of manifests among those of the export that it did not write: the account may no longer hold what they describe,
/// and a plan would create it again. They stay, because nobody but a person knows whether they are meant.
fn tell_of_others(
    run: &Run,
    Target { shown, real }: &Target<'_>,
    kinds: &BTreeSet<KindId>,
    exported: &Export,
) {
    let others = others(real, kinds, exported);
    let Some(first) = others.first() else { return };
    let named = some_of(others.iter().map(|it| format!("`{it}`")), OTHERS);
    let (count, are) = match others.len() {
        1 => ("1 file".to_owned(), "is"),
        count => (format!("{count} files"), "are"),
    };
    run.note(&format!(
        "warning: {count} below `{}` {are} not part of this export: {named}. The next plan creates objects that no longer exist in the account again.\n  = help: delete what you do not want, such as `{}`",
        shown.display(),
        shown.join(first).display()
    ));
}

/// The manifests in the folders of some kinds that an export did not write.
fn others(folder: &Path, kinds: &BTreeSet<KindId>, exported: &Export) -> Vec<String> {
    let written: BTreeSet<&str> = exported.files.iter().map(|it| it.path.as_str()).collect();
    let mut others = Vec::new();
    for plural in kinds.iter().map(|kind| kind.def().plural) {
        let entries = std::fs::read_dir(folder.join(plural)).into_iter().flatten();
        let names = entries.flatten().map(|entry| entry.file_name());
        let paths = names.map(|name| format!("{plural}/{}", name.to_string_lossy()));
        let is_manifest = |path: &str| {
            let ending = Path::new(path).extension().unwrap_or_default();
            ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml")
        };
        others.extend(paths.filter(|path| is_manifest(path) && !written.contains(path.as_str())));
    }
    others.sort();
    others
}

/// Whether a folder is the start of a project: nothing is in it, and no project is around it, whose settings
/// are for its own root.
fn is_fresh(folder: &Path) -> bool {
    let is_empty = std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    is_empty && editor_schemas::project_around(folder).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_other_exports_are_found_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let kind = KindId::manifests()
            .find(|kind| kind.def().collection.is_some())
            .unwrap();
        let plural = kind.def().plural;
        std::fs::create_dir(folder.path().join(plural)).unwrap();
        for name in ["b.yaml", "a.YML", "notes.txt"] {
            std::fs::write(folder.path().join(plural).join(name), "").unwrap();
        }
        std::fs::write(folder.path().join("c.yaml"), "").unwrap();
        let found = others(folder.path(), &[kind].into(), &Export::default());
        assert_eq!(
            found,
            ["a.YML", "b.yaml"].map(|name| format!("{plural}/{name}"))
        );
        assert!(!is_fresh(folder.path()));
        assert!(is_fresh(&folder.path().join("new")));
    }
}
