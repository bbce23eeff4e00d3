//! The page of the platform's contract: what the code cites exists, and the page uses its own words for certainty.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use campaignctl::kinds::ALL;
use campaignctl::kinds::field::{Codec, Field};

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
fn facts_are_cited_by_the_sections_of_the_page_alone() {
    let old = [concat!("wire ", "section"), concat!("wire", ".md")];
    let mut wrong = String::new();
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        // A citation may go over the end of a line of comment.
        let lines = text
            .lines()
            .map(|line| line.trim().trim_start_matches(['/', '!', '#', ' ']));
        let text = lines.collect::<Vec<_>>().join(" ").to_lowercase();
        if old.iter().any(|old| text.contains(old)) {
            let _ = writeln!(wrong, "{}: cite {PAGE}", path.display());
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

/// The rows of the table of words: field, word, number, certainty.
fn words_of_the_page() -> BTreeSet<[String; 4]> {
    let page = page();
    let (_, below) = page.split_once("\n## Numbers and words\n").unwrap();
    let (section, _) = below.split_once("\n## ").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<_> = (row.split('|').map(str::trim))
            .map(|cell| cell.trim_matches('`').to_owned())
            .filter(|cell| !cell.is_empty())
            .collect();
        cells.try_into().unwrap()
    })
    .collect()
}

fn collect_words(path: &str, fields: &[Field], rows: &mut BTreeSet<[String; 4]>) {
    for field in fields {
        let path = format!("{path}.{}", field.spec);
        match field.codec {
            Codec::Word(words) => rows.extend(words.list.iter().map(|word| {
                [
                    path.clone(),
                    word.word.to_owned(),
                    word.wire.to_value().to_string(),
                    word.certainty.name().to_owned(),
                ]
            })),
            Codec::Object(fields) | Codec::List { fields, .. } => {
                collect_words(&path, fields, rows);
            }
            _ => {}
        }
    }
}

#[test]
fn every_word_has_the_number_and_the_certainty_of_the_page() {
    let mut program = BTreeSet::new();
    for def in ALL {
        collect_words(def.name, def.fields, &mut program);
    }
    // The page says of these that they are as those of another field.
    program.retain(|[path, ..]| {
        !path.starts_with("EngagementTemplate.") && path != "Engagement.availabilityForMessaging"
    });
    let page = words_of_the_page();
    let missing: Vec<_> = program.difference(&page).collect();
    let wrong: Vec<_> = page.difference(&program).collect();
    assert!(
        missing.is_empty() && wrong.is_empty(),
        "only in the program {missing:#?}\nonly on the page {wrong:#?}"
    );
}
