//! No type name stands for two things: a reader who knows `Place` from one file knows it in the next.
//!
//! Reads the sources as text, as the floors do. What counts is a type that a module declares, private ones too, so a
//! line that begins at the margin, as rustfmt sets it. What is further in belongs to the lines around it: the types of
//! a function, and those that a trait asks for, such as `Err` or the `Spec` of each kind.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::floors::{File, files};

/// The parts of the crate whose names are compared among themselves only, and why.
const APART: &[(&str, &str)] = &[(
    "src/sandbox/",
    "shares no code with the client, so it has its own types for the same ideas",
)];

/// The name of the type that a line declares for its module.
fn declared(line: &str) -> Option<&str> {
    let after = match line.strip_prefix("pub") {
        Some(after) if after.starts_with('(') => after.split_once(") ")?.1,
        Some(after) => after.strip_prefix(' ')?,
        None => line,
    };
    let (word, rest) = after.split_once(' ')?;
    let is_type = ["struct", "enum", "trait", "type", "union"].contains(&word);
    let end = |ch: char| !ch.is_ascii_alphanumeric();
    is_type.then(|| rest.split(end).next()).flatten()
}

/// Where files that are only compiled for tests begin: `src/report/cases` for `#[cfg(test)] mod cases;`.
fn of_tests(file: &File) -> Vec<String> {
    let folder = file.path.trim_end_matches(".rs").trim_end_matches("/mod");
    let folder = folder.trim_end_matches("/lib");
    let modules = file.text.split("#[cfg(test)]\n").skip(1);
    modules
        .filter_map(|after| after.lines().next()?.strip_suffix(';'))
        .filter_map(|line| line.rsplit_once("mod "))
        .map(|(_, name)| format!("{folder}/{name}"))
        .collect()
}

/// The files that declare each name, in one part of the crate.
fn places(files: &[File]) -> BTreeMap<(&str, &str), Vec<&str>> {
    let of_tests: Vec<_> = files.iter().flat_map(of_tests).collect();
    let is_of_tests = |path: &str| {
        let rest = |start: &String| path.strip_prefix(start.as_str());
        let mut rests = of_tests.iter().filter_map(rest);
        rests.any(|rest| rest == ".rs" || rest.starts_with('/'))
    };
    let mut places: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let is_code = |file: &&File| !file.code.is_empty() && !is_of_tests(&file.path);
    for file in files.iter().filter(is_code) {
        let mut parts = APART.iter().map(|(part, _)| *part);
        let part = parts.find(|part| file.path.starts_with(part));
        for name in file.text.lines().filter_map(declared) {
            let key = (part.unwrap_or_default(), name);
            places.entry(key).or_default().push(file.path.as_str());
        }
    }
    places
}

#[test]
fn no_type_name_stands_for_two_things() {
    let files = files();
    let places = places(&files);
    assert!(places.len() > 1000, "types were found");
    let mut wrong = String::new();
    for ((_, name), places) in places.iter().filter(|(_, places)| places.len() > 1) {
        let _ = writeln!(wrong, "{name}: {}", places.join(", "));
    }
    for (part, why) in APART {
        if !places.keys().any(|(other, _)| other == part) {
            let _ = writeln!(wrong, "{part} ({why}): declares nothing");
        }
    }
    assert!(
        wrong.is_empty(),
        "types that have the name of another one: rename the less central one after what it is, such as `LaunchRow`; \
         where it is the same thing, declare it once:\n{wrong}"
    );
}

#[test]
fn declared_types_are_found() {
    for line in [
        "struct Goal;",
        "pub struct Goal;",
        "pub(in crate::api) enum Goal {",
        "pub(super) type Goal<'a> = u8;",
        "trait Goal: Debug {",
    ] {
        assert_eq!(declared(line), Some("Goal"), "{line}");
    }
    for line in [
        "    type Goal = u8;",
        "    pub struct Goal;",
        "public struct Goal;",
        "pub fn goal() {",
        "pub const GOAL: u8 = 1;",
        "// struct Goal;",
    ] {
        assert_eq!(declared(line), None, "{line}");
    }
}

#[test]
fn names_are_compared_outside_of_tests_and_within_a_part() {
    let file = |path: &str, text: &str| File {
        path: path.to_owned(),
        module: String::new(),
        code: text.to_owned(),
        text: text.to_owned(),
    };
    let files = [
        file("src/report/mod.rs", "#[cfg(test)]\nmod cases;\nmod case;\n"),
        file("src/report/cases/mod.rs", "struct Row;\n"),
        file("src/report/case.rs", "struct Row;\n"),
        file("src/plan.rs", "pub enum Row {}\n"),
        file("src/sandbox/row.rs", "struct Row;\n"),
    ];
    let places = places(&files);
    assert_eq!(places[&("", "Row")], ["src/report/case.rs", "src/plan.rs"]);
    assert_eq!(places[&("src/sandbox/", "Row")], ["src/sandbox/row.rs"]);
}
