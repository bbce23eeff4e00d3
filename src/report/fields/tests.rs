//! Every field of everything that has fields has a page that tells all of it.

use std::sync::LazyLock;

use super::root::{EVERY_SETTING, ONE_ASSUMPTION};
use super::*;
use crate::check::Compiled;
use crate::check::schema::kind_schema;
use crate::diag::{Severity, Texts};
use crate::kinds::mapping::merge;
use crate::kinds::{Findings, RuleWorld};
use crate::project::{self, Catalog, PROJECT_FILE};
use crate::text::{Limits, Source, yaml};

/// What a field is explained with.
struct Page {
    root: Root,
    /// With the root in front.
    path: String,
    told: String,
    flaws: Vec<&'static str>,
}

/// The pages of all fields, for all tests: each schema is made once.
static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| Root::all().flat_map(pages).collect());

fn pages(root: Root) -> Vec<Page> {
    let schema = root.schema();
    let page = |path: String| {
        let below = path.strip_prefix(root.name()).unwrap();
        let below = below.trim_start_matches('.');
        let (told, flaws) = match found(root, &schema, below) {
            Ok(found) => {
                let told = found.told();
                let flaws = flaws(root, below, &found, &told);
                (told, flaws)
            }
            Err(_) => (String::new(), vec!["it is not found"]),
        };
        Page {
            root,
            path,
            told,
            flaws,
        }
    };
    field_paths(root).into_iter().map(page).collect()
}

/// What is wrong with the page of a field.
fn flaws(root: Root, path: &str, found: &FoundField<'_>, told: &str) -> Vec<&'static str> {
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
    let is_unknown = UNKNOWN.contains(&found.last_step());
    if found.node.get("deprecated").is_none() && found.example().is_none() && !is_unknown {
        flaws.push("it has no example: add one to examples.yaml or project.yaml");
    }
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
    let mut flawed = Vec::new();
    for Page { path, flaws, .. } in &*PAGES {
        flawed.extend(flaws.iter().map(|flaw| format!("{path}: {flaw}")));
    }
    let seen = PAGES.len();
    assert!(seen > 300, "{seen}");
    assert!(flawed.is_empty(), "of {seen}:\n{}", flawed.join("\n"));
}

/// What `extra` holds in the examples: keys that answers of the platform have, and no made-up ones.
#[test]
fn an_example_of_extra_has_keys_of_real_answers() {
    const SEEN: [(&str, &str); 3] = [
        ("Engagement", "interactionType"),
        ("EngagementTemplate", "interactionType"),
        ("EngagementWindow", "description"),
    ];
    let mut made_up = Vec::new();
    for root in Root::all() {
        for whole in root.examples() {
            let mut nodes = vec![&whole];
            while let Some(node) = nodes.pop() {
                let keys = node.get("extra").and_then(Value::as_object);
                let keys = keys.into_iter().flat_map(|it| it.keys());
                let keys = keys.filter(|key| !SEEN.contains(&(root.name(), key.as_str())));
                made_up.extend(keys.map(|key| format!("{}: {key}", root.name())));
                match node {
                    Value::Object(map) => nodes.extend(map.values()),
                    Value::Array(items) => nodes.extend(items),
                    _ => {}
                }
            }
        }
    }
    assert_eq!(made_up, [""; 0]);
}

/// An example of a scenario is a case that a brand could have: few facts of a visit, and one outcome.
#[test]
fn an_example_of_a_scenario_is_one_case() {
    let scenario = Root::named("Scenario").unwrap();
    let mut long = Vec::new();
    for Page { path, told, .. } in PAGES.iter().filter(|page| page.root == scenario) {
        let (_, below) = path.split_once('.').unwrap();
        let (_, example) = told.split_once("\nEXAMPLE\n\n").unwrap();
        let is_whole = ["cases", "always", "never", "given.assume"].contains(&below);
        if example.lines().count() > 26 && !is_whole {
            long.push(path);
        }
    }
    assert_eq!(long, [""; 0]);
}

#[test]
fn no_page_is_wider_than_a_terminal() {
    let mut wide = Vec::new();
    let roots: Vec<String> = Root::all().map(explain_root).collect();
    for page in roots.iter().chain(PAGES.iter().map(|page| &page.told)) {
        // Examples are lines of files.
        let text = page.split("\nEXAMPLE\n").next().unwrap_or_default();
        // A word that is longer than a line cannot be broken.
        let is_wide = |line: &&str| line.chars().count() > WIDTH && line.trim().contains(' ');
        wide.extend(text.lines().filter(is_wide).map(str::to_owned));
    }
    assert_eq!(wide, [""; 0]);
}

#[test]
fn the_examples_of_the_project_file_are_valid() {
    for text in [Root::Project.example(), ONE_ASSUMPTION, EVERY_SETTING] {
        assert_eq!(complaints(text), [""; 0]);
    }
}

#[test]
fn the_example_of_a_field_is_short() {
    let mut long = Vec::new();
    for Page { path, told, .. } in &*PAGES {
        let example = told
            .split_once("\nEXAMPLE\n\n")
            .map(|(_, it)| it.lines().count());
        long.extend(
            example
                .filter(|lines| *lines > 66) // what needs the rest of its item may take more than a screen
                .map(|lines| (path.clone(), lines)),
        );
    }
    assert_eq!(long, []);
}

/// The example of a field takes the place of what its manifest has there, as someone does who copies it: the manifest is
/// then as right as it was.
#[test]
fn the_example_of_a_field_is_valid_where_it_is_copied_to() {
    let mut flawed = Vec::new();
    for root in Root::all() {
        let Root::Kind(kind) = root else { continue };
        let compiled = Compiled::new(kind_schema(kind));
        let (schema, wholes) = (root.schema(), root.examples());
        for path in field_paths(root) {
            let (_, below) = path.split_once('.').unwrap();
            let found = found(root, &schema, below).unwrap();
            let Some(example) = found.example() else {
                continue;
            };
            let Some(whole) = example.whole.map(|index| &wholes[index]) else {
                continue;
            };
            if whole["kind"] != kind.name() {
                continue;
            }
            let mut copied = whole.clone();
            let placed = example.placed(&found.way);
            merge(&mut copied, &placed);
            let before = errors(&compiled, kind, whole);
            let more = errors(&compiled, kind, &copied);
            let more: Vec<_> = more.into_iter().filter(|it| !before.contains(it)).collect();
            if !more.is_empty() {
                flawed.push(format!("{path}: {more:?}\n{placed}"));
            }
        }
    }
    assert!(flawed.is_empty(), "{}", flawed.join("\n"));
}

/// The errors of a manifest alone.
fn errors(compiled: &Compiled, kind: KindId, manifest: &Value) -> Vec<String> {
    let complaints = compiled.complaints(manifest).into_iter();
    let mut errors: Vec<String> = complaints.map(|it| it.message).collect();
    let mut findings = Findings::default();
    let def = kind.def();
    if let Err(error) = (def.check)(&manifest["spec"], "copied", &Nothing, &mut findings) {
        errors.push(error.message);
    }
    let severe = findings.0.into_iter();
    let severe = severe.filter(|it| it.code.severity == Severity::Error);
    errors.extend(severe.map(|it| it.message));
    errors
}

/// Nothing but the one manifest.
struct Nothing;

impl RuleWorld for Nothing {
    fn spec(&self, _kind: &'static str, _name: &str) -> Option<&Value> {
        None
    }

    fn children(&self, _kind: &'static str, _parent: &str) -> Vec<(&str, &Value)> {
        Vec::new()
    }
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
