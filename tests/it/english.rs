//! Plain English: phrasings that read as translated are in no page, message, help text or comment.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::program::package;

/// What is not written, and what to write instead.
const PHRASES: &[(&str, &str)] = &[
    (" as yet ", "yet"),
    (" for want of ", "without"),
    (", be it ", "also, or whether .. or not"),
    ("a word of its own", "a separate word"),
    ("can be used.", "are valid"),
    ("command of its own", "its own command"),
    ("commands of its own", "its own commands"),
    ("described a second time", "is defined twice"),
    ("gone on with", "resume"),
    ("goes on with it", "resumes it"),
    ("is there already", "already exists"),
    ("is told by", "the noun that tells it, as the subject"),
    ("shows to nobody", "is unpublished"),
    ("somebody should", "deserves a look"),
    ("stands twice", "is defined twice, duplicate key"),
    ("take it back", "undo"),
    ("tells more of", "for more, run .."),
    ("there can be no", "say what was not made, and why"),
    ("what stands in an account", "what an account contains"),
];

/// The files that are looked at: the pages, the topics and the program.
fn files() -> Vec<PathBuf> {
    let mut files = vec![package().join("README.md")];
    for folder in ["docs/src", "src"] {
        collect(&package().join(folder), &mut files);
    }
    files.sort();
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        match ending {
            _ if path.is_dir() => collect(&path, files),
            Some("rs" | "md") => files.push(path),
            _ => {}
        }
    }
}

/// The words of a text, with one space between them: a sentence may go over the end of a line, of a comment and of a
/// string, too.
fn words(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.trim();
        let line = line.trim_start_matches('/').trim_start_matches('!');
        line.trim_end_matches('\\')
    });
    let words = lines.flat_map(str::split_whitespace);
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The phrases in a text.
fn found(text: &str) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    let words = words(text);
    PHRASES
        .iter()
        .filter(move |(phrase, _)| words.contains(phrase))
}

#[test]
fn no_text_reads_as_translated() {
    let mut wrong = String::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        for (phrase, better) in found(&text) {
            let _ = writeln!(wrong, "{}: `{phrase}`: {better}", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_phrase_is_found_across_lines() {
    for text in [
        "/// A run that is gone\n/// on with.",
        "//! It is gone on\n//! with.",
        "    \"is gone \\\n     on with\"",
        "Is gone on\nwith.",
    ] {
        assert_eq!(found(text).count(), 1, "{text}");
    }
}
