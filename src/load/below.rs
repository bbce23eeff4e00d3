//! The projects below a folder that is none itself: a run there reads the manifests of all of them as one.

use std::fs;
use std::path::{Path, PathBuf};

use super::PROJECT_FILES;
use super::find::{PACKAGES, is_hidden};

/// How deep projects are looked for: deeper ones are not what a person overlooks.
const DEEPEST: usize = 4;

/// How many folders are looked into: a hint is worth no more.
const FOLDERS: usize = 2_000;

/// The folders of the projects below a folder, relative to it and sorted; those inside of another project are its own.
#[must_use]
pub fn projects_below(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut looked) = (Vec::new(), 0);
    let mut waiting = vec![(PathBuf::new(), 0)];
    while let Some((below, depth)) = waiting.pop() {
        looked += 1;
        if looked > FOLDERS {
            break;
        }
        let here = folder.join(&below);
        let has_file = PROJECT_FILES.iter().any(|name| here.join(name).is_file());
        if has_file && depth > 0 {
            found.push(below);
            continue;
        }
        if depth == DEEPEST {
            continue;
        }
        let entries = fs::read_dir(&here).into_iter().flatten().flatten();
        // Links are not followed: they may lead around in a circle.
        let folders = entries.filter(|it| it.file_type().is_ok_and(|it| it.is_dir()));
        let names = folders.map(|it| it.file_name());
        let names = names.filter(|name| !is_hidden(name) && name != PACKAGES);
        waiting.extend(names.map(|name| (below.join(name), depth + 1)));
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_are_found_below_a_folder_and_not_inside_of_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let file = folder.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        };
        for path in [
            "b/campaignctl.yaml",
            "b/inner/campaignctl.yaml",
            "a/deep/campaignctl.yml",
            "c/goals.yaml",
            ".hidden/campaignctl.yaml",
            "node_modules/x/campaignctl.yaml",
            "1/2/3/4/5/campaignctl.yaml",
        ] {
            write(path);
        }
        let expected = [Path::new("a/deep"), Path::new("b")];
        assert_eq!(projects_below(folder.path()), expected);
        assert!(projects_below(&folder.path().join("c")).is_empty());
    }
}
