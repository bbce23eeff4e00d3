//! After any edits, the editor was told what `validate` says of the same files.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Value, json};

use super::client::Editor;
use crate::support::{Run, binary};

/// The files that are edited; all of them are open.
const FILES: [&str; 5] = [
    "base/campaigns.yaml",
    "base/goals.yaml",
    "base/handoffs.yaml",
    "overlays/staging/changes.yaml",
    "overlays/production/changes.yaml",
];

pub(super) type Lines = BTreeMap<String, Vec<String>>;

/// What the editor was told.
pub(super) fn told(editor: &mut Editor) -> Lines {
    let mut lines = Lines::new();
    for (file, diagnostics) in editor.all_diagnostics() {
        for it in diagnostics {
            let start = &it["range"]["start"];
            let (line, column) = (
                start["line"].as_u64().unwrap() + 1,
                start["character"].as_u64().unwrap() + 1,
            );
            let text = it["message"].as_str().unwrap();
            let code = it["code"].as_str().unwrap();
            lines
                .entry(file.clone())
                .or_default()
                .push(format!("{line}:{column} {code} {text}"));
        }
    }
    lines
}

/// What `validate` says.
pub(super) fn said(editor: &Editor) -> Lines {
    let mut command = binary(editor.folder.path());
    let run = Run::from(
        command
            .args(["validate", "--format", "json"])
            .output()
            .unwrap(),
    );
    let report: Value = run.json();
    let mut lines = Lines::new();
    // A project file that cannot be used ends the run with an error around them.
    let told = report.get("complaints").unwrap_or(&report);
    for it in told["diagnostics"]
        .as_array()
        .unwrap_or_else(|| panic!("{report}"))
    {
        let Some(file) = it["file"].as_str() else {
            continue;
        };
        let help = it["help"].as_str().map(|help| format!("\nhelp: {help}"));
        let line = format!(
            "{}:{} {} {}{}",
            // An editor shows what is about a whole file at its beginning.
            it["line"].as_u64().unwrap_or(1),
            it["column"].as_u64().unwrap_or(1),
            it["code"].as_str().unwrap(),
            it["message"].as_str().unwrap(),
            help.unwrap_or_default()
        );
        lines.entry(file.to_owned()).or_default().push(line);
    }
    lines
}

/// A line less, a line twice, a letter more or less, or a word instead of another one.
fn edited(rng: &mut Rng, text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return "kind: Goal\n".to_owned();
    }
    let at = rng.usize(..lines.len());
    match rng.u8(..5) {
        0 => drop(lines.remove(at)),
        1 => {
            let line = lines[rng.usize(..lines.len())].clone();
            lines.insert(at, line);
        }
        2 => {
            let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            let (old, new) = (
                &words[rng.usize(..words.len())],
                &words[rng.usize(..words.len())],
            );
            return text.replacen(old.as_str(), new, 1);
        }
        _ => {
            let line = &mut lines[at];
            let place = rng.usize(..=line.chars().count());
            let place = line
                .char_indices()
                .nth(place)
                .map_or(line.len(), |(at, _)| at);
            line.insert_str(place, ["x", " ", "1", ":", "#"][rng.usize(..5)]);
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn the_editor_is_told_what_validate_says() {
    for seed in 0..6 {
        let mut rng = Rng::with_seed(seed);
        let mut editor = Editor::on_example("environments");
        for file in FILES {
            editor.open(file);
        }
        for step in 0..6 {
            for _ in 0..rng.usize(1..4) {
                let file = FILES[rng.usize(..FILES.len())];
                let text = edited(&mut rng, &editor.text(file));
                editor.write(file, &text);
                editor.type_in(file, json!([{ "text": text }]));
            }
            let mut told = told(&mut editor);
            told.retain(|_, lines| !lines.is_empty());
            assert_eq!(told, said(&editor), "seed {seed}, step {step}");
        }
    }
}
