//! The page of the platform's contract: what the code cites exists, and the page uses its own words for certainty.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::program::package;

/// The page, and the words that it defines.
const PAGE: &str = "docs/src/reference/platform.md";
const CERTAINTY: [&str; 6] = [
    "documented",
    "captured",
    "client code",
    "guessed",
    "inferred",
    "unknown",
];

fn page() -> String {
    std::fs::read_to_string(package().join(PAGE)).unwrap()
}

/// The anchors of the headings, as `mdbook` and GitHub make them.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter_map(|line| line.strip_prefix("## "));
    let kept = |ch: &char| ch.is_alphanumeric() || matches!(ch, ' ' | '-' | '_');
    let anchor = |heading: &str| heading.chars().filter(kept).collect::<String>();
    headings
        .map(|heading| anchor(heading).to_lowercase().replace(' ', "-"))
        .collect()
}

/// The sections that a text cites: what follows the name of the page and a `#`.
fn cited(text: &str) -> impl Iterator<Item = &str> {
    let behind = text.split(concat!("platform.md", "#")).skip(1);
    behind.map(|rest| {
        let is_anchor = |ch: char| ch.is_ascii_lowercase() || ch.is_ascii_digit() || ch == '-';
        rest.split(|ch| !is_anchor(ch)).next().unwrap_or_default()
    })
}

/// The text files that a reader of the repository meets.
fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in ["src", "tests/it", "tests/bench", "tests/fuzz", "docs/src"] {
        collect(&package().join(folder), &mut files);
    }
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        match ending {
            _ if path.is_dir() => collect(&path, files),
            Some("rs" | "md" | "yaml") => files.push(path),
            _ => {}
        }
    }
}

#[test]
fn every_cited_section_exists() {
    let page = page();
    let sections = anchors(&page);
    let distinct: BTreeSet<_> = sections.iter().map(String::as_str).collect();
    assert_eq!(distinct.len(), sections.len(), "two sections have one name");
    let mut wrong = String::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        for section in cited(&text).filter(|section| !distinct.contains(section)) {
            let _ = writeln!(wrong, "{}: no section `{section}`", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_certainty_of_every_fact_is_one_of_the_words() {
    let mut wrong = String::new();
    let mut facts = 0;
    let mut in_table = false;
    for line in page().lines() {
        if !line.starts_with('|') {
            in_table = false;
        } else if line.ends_with("| certainty |") {
            in_table = true;
        } else if in_table && !line.starts_with("|---") {
            facts += 1;
            let cell = line.trim_end_matches('|').rsplit('|').next().unwrap_or("");
            // `[documented](https://..)` links the vendor's page.
            let word = cell.trim().trim_start_matches('[');
            let word = word.split(']').next().unwrap_or(word);
            if !CERTAINTY.contains(&word) {
                let _ = writeln!(wrong, "`{word}` in {line}");
            }
        }
    }
    assert!(facts > 200, "{facts}");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_words_for_certainty_are_defined() {
    let page = page();
    let defined = page.lines().filter_map(|line| {
        let (word, meaning) = line.strip_prefix("| ")?.split_once(" | ")?;
        (!meaning.contains(" | ")).then_some(word)
    });
    let defined: Vec<_> = defined.skip_while(|word| *word != "word").skip(1).collect();
    assert_eq!(&defined[..CERTAINTY.len()], CERTAINTY);
}
