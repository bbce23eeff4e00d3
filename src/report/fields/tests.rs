//! Every field of everything that has fields has a page that tells all of it.

use super::root::EVERY_SETTING;
use super::*;
use crate::diag::Texts;
use crate::project::{self, Catalog, PROJECT_FILE};
use crate::text::{Limits, Source, yaml};

/// What is wrong with the page of a field.
fn flaws(root: Root, path: &str) -> Vec<&'static str> {
    let schema = root.schema();
    let Ok(found) = found(root, &schema, path) else {
        return vec!["it is not found"];
    };
    let mut flaws = Vec::new();
    if found.node.text("description").trim().is_empty() {
        flaws.push("it has no description");
    }
    let first = path.split('.').next().unwrap_or_default();
    let is_in_spec = matches!(root, Root::Kind(_)) && !ENVELOPE.contains(&first);
    if found.node.type_name() == "any value" && !is_in_spec {
        flaws.push("it has no type"); // only the platform's own JSON is open
    }
    if is_in_spec && found.wire.is_none() {
        flaws.push("nobody knows what it is on the wire");
    }
    if found.node.get("deprecated").is_none() && found.example().is_none() {
        flaws.push("it has no example: add one to examples.yaml or project.yaml");
    }
    let told = found.told();
    if !told.contains("\nEXAMPLE\n\n  ") || !told.contains("SINCE") {
        flaws.push("it has no example, or does not say since when it is there");
    }
    for (word, text) in found.node.words() {
        if text.is_empty() && KindId::named(&word).is_none() {
            flaws.push("one of its words says nothing");
        }
    }
    flaws
}

#[test]
fn every_field_of_every_kind_and_file_is_explained() {
    let (mut seen, mut flawed) = (0, Vec::new());
    for root in Root::all() {
        for path in field_paths(root) {
            let below = path
                .strip_prefix(root.name())
                .unwrap()
                .trim_start_matches('.');
            seen += 1;
            for flaw in flaws(root, below) {
                flawed.push(format!("{path}: {flaw}"));
            }
        }
    }
    assert!(seen > 300, "{seen}");
    assert!(flawed.is_empty(), "of {seen}:\n{}", flawed.join("\n"));
}

#[test]
fn the_examples_of_the_project_file_are_valid() {
    for text in [Root::Project.example(), EVERY_SETTING] {
        assert_eq!(complaints(text), [""; 0]);
    }
}

#[test]
fn the_example_of_a_field_fits_a_screen() {
    let mut long = Vec::new();
    for root in Root::all() {
        for path in field_paths(root) {
            let (_, below) = path.split_once('.').unwrap();
            let told = explain_field(root, below).unwrap();
            let example = told
                .split_once("\nEXAMPLE\n\n")
                .map(|(_, it)| it.lines().count());
            long.extend(
                example
                    .filter(|lines| *lines > 40)
                    .map(|lines| (path.clone(), lines)),
            );
        }
    }
    assert_eq!(long, []);
}

/// What is wrong with a project file.
fn complaints(text: &str) -> Vec<String> {
    let mut texts = Texts::default();
    let file = texts.sources.push(Source {
        path: PROJECT_FILE.to_owned(),
        text: text.to_owned(),
    });
    texts.documents = yaml::parse(file, text, &Limits::default()).0;
    let codes = crate::kinds::ALL.iter().flat_map(|def| def.codes).copied();
    let catalog = Catalog {
        codes: codes.collect(),
        ..Catalog::default()
    };
    let (_, diags) = project::parse(&texts, &catalog);
    diags.iter().map(|it| it.message.clone()).collect()
}
