//! The editor is told what `validate` says of every invalid example and of every version of the scenario projects.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use super::client::Editor;
use super::random::{Lines, said, told};
use crate::program::{entries, package};

/// Invalid examples of which the editor is told less, each with the reason.
const NOT_TOLD: [(&str, &str); 3] = [
    (
        "file-not-utf8",
        "no editor holds what is not text, so the file is never opened",
    ),
    (
        "not-a-manifest",
        "without a project file, it is taken for somebody else's",
    ),
    (
        "yaml-limit",
        "without a project file, it is taken for somebody else's",
    ),
];

/// What both say of a folder, the editor first.
fn both(folder: TempDir) -> (Lines, Lines) {
    let files = yaml(folder.path());
    let mut editor = Editor::with(folder, &json!({}));
    let root = editor.path("");
    for file in &files {
        // No editor holds what is not text.
        if let Ok(text) = std::fs::read_to_string(editor.path(file)) {
            let uri = editor.uri(file);
            let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
            editor.notify("textDocument/didOpen", json!({ "textDocument": document }));
        }
    }
    assert!(!files.is_empty(), "no file in {}", root.display());
    let mut told = told(&mut editor);
    told.retain(|_, lines| !lines.is_empty());
    (told, said(&editor))
}

/// The YAML files below a folder, by their paths in it.
fn yaml(folder: &Path) -> Vec<String> {
    let (mut open, mut files) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(entries(&path));
        } else if path.extension().is_some_and(|it| it == "yaml") {
            let below = path.strip_prefix(folder).unwrap();
            files.push(below.to_str().unwrap().to_owned());
        }
    }
    files.sort();
    files
}

/// A copy of a file, or of all that is in a folder.
fn copied(from: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    let root = if from.is_dir() {
        from
    } else {
        from.parent().unwrap()
    };
    let files = if from.is_dir() {
        yaml(from)
    } else {
        vec![from.file_name().unwrap().to_str().unwrap().to_owned()]
    };
    for file in files {
        let target = to.path().join(&file);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(root.join(&file), target).unwrap();
    }
    to
}

/// Compares all, and shows every difference that is not expected at once.
fn compare(corpus: Vec<PathBuf>, expected: &[&str]) {
    assert!(corpus.len() > 5, "{corpus:?}");
    let mut differing = BTreeMap::new();
    for path in corpus {
        let (told, said) = both(copied(&path));
        if told != said {
            let name = path.file_stem().unwrap().to_str().unwrap();
            differing.insert(name.to_owned(), (told, said));
        }
    }
    let names: Vec<&str> = differing.keys().map(String::as_str).collect();
    assert_eq!(names, expected, "{differing:#?}");
    let is_less = |(told, _): &(Lines, Lines)| told.is_empty();
    assert!(differing.values().all(is_less), "{differing:#?}");
}

#[test]
fn of_the_invalid_examples_both_say_the_same() {
    let all = entries(&package().join("examples/invalid")).into_iter();
    let is_example =
        |path: &PathBuf| path.is_dir() || path.extension().is_some_and(|it| it == "yaml");
    compare(
        all.filter(is_example).collect(),
        &NOT_TOLD.map(|(name, _)| name),
    );
}

#[test]
fn of_the_scenario_projects_both_say_the_same() {
    let scenarios = entries(&package().join("tests/scenarios"));
    let folders = scenarios.iter().filter(|path| path.is_dir());
    let versions = folders.flat_map(|path| entries(path));
    compare(versions.filter(|path| path.is_dir()).collect(), &[]);
}

#[test]
fn of_folders_that_are_passed_over_and_of_emptied_overlays_both_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let goal = |name: &str| {
        format!(
            "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: {name} }}\nspec: {{ type: laed }}\n"
        )
    };
    let files = [
        (
            "campaignctl.yaml",
            "environments:\n  sandbox: { overlays: [over] }\n".to_owned(),
        ),
        ("target/a.yaml", goal("in-target")),
        ("node_modules/a.yaml", goal("in-packages")),
        (".hidden/a.yaml", goal("hidden")),
        ("sub/A.YAML", goal("upper")),
        ("over/empty.yaml", "---\n".to_owned()),
        ("over/noted.yaml", "# nothing yet\n".to_owned()),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let (told, said) = both(folder);
    assert_eq!(told, said);
    let files: Vec<&str> = told.keys().map(String::as_str).collect();
    assert_eq!(files, ["over/empty.yaml", "sub/A.YAML", "target/a.yaml"]);
}
