//! The topics are whole, true to the guards there are, and their examples are valid.

use std::collections::BTreeSet;

use super::*;
use crate::diag::Texts;
use crate::kinds::{Findings, KindId, RuleWorld};
use crate::manifest::Lifecycle;
use crate::plan::GUARDS;
use crate::project::{Catalog, PROJECT_FILE, parse};
use crate::text::{FileId, Limits, Source, yaml};

/// The examples of a topic, without what stands in front of them.
fn examples(topic: &Topic) -> Vec<String> {
    let paragraphs = topic.body().split("\n\n");
    let paragraphs = paragraphs.filter(|paragraph| paragraph.starts_with("    "));
    paragraphs
        .map(|paragraph| paragraph.replace("\n    ", "\n")[4..].to_owned())
        .collect()
}

#[test]
fn names_are_unique_and_every_text_has_a_title_and_an_example() {
    let mut seen = BTreeSet::new();
    for topic in TOPICS {
        for name in std::iter::once(&topic.name).chain(topic.also) {
            assert!(seen.insert(name.to_lowercase()), "{name}");
            assert!(KindId::named(name).is_none(), "{name}");
        }
        assert!(!topic.title().ends_with('.'), "{}", topic.name);
        assert!(!examples(topic).is_empty(), "{}", topic.name);
        let widest = topic.text.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(120), "{} is {widest:?} wide", topic.name);
    }
}

#[test]
fn every_guard_has_a_topic_and_the_overview_names_all_of_them() {
    let guards = topic("guards").unwrap();
    for guard in GUARDS {
        let name = guard.name;
        let topic = topic(name).unwrap_or_else(|| panic!("no topic for the guard `{name}`"));
        assert_eq!(
            topic.title(),
            format!("A guard: a plan that {}", guard.title)
        );
        let flag = guard.flag.unwrap_or("no flag");
        let mut lines = guards.body().lines().map(str::split_whitespace);
        let row = format!("{name} {flag}");
        assert!(
            lines.any(|mut words| {
                let words: Vec<&str> = words.by_ref().collect();
                words.join(" ").starts_with(&row)
            }),
            "no row `{row} ..` in the overview"
        );
        let also = guard.flag.map(|flag| flag.trim_start_matches("--"));
        assert_eq!(also.as_slice(), topic.also, "{name}");
    }
}

#[test]
fn what_a_topic_refers_to_can_be_looked_up() {
    for topic in TOPICS {
        let Some((_, list)) = topic.body().split_once("See also: ") else {
            continue;
        };
        let list = list.split([';', '\n']).next().unwrap_or_default();
        for name in list.trim_end_matches('.').split(", ") {
            let kind = name.split('.').next().unwrap_or_default();
            let known = super::topic(name).is_some()
                || KindId::named(kind).is_some()
                || name.starts_with("project.");
            assert!(known, "{}: {name}", topic.name);
        }
    }
}

#[test]
fn every_example_of_a_project_file_or_a_lifecycle_is_valid() {
    let mut found = 0;
    for topic in TOPICS {
        for example in examples(topic) {
            let first = example.split(':').next();
            if !matches!(first, Some("project" | "environments" | "lifecycle")) {
                continue;
            }
            found += 1;
            let mut texts = Texts::default();
            let file = texts.sources.push(Source {
                path: PROJECT_FILE.to_owned(),
                text: example.clone(),
            });
            let (documents, errors) = yaml::parse(file, &example, &Limits::default());
            assert!(errors.is_empty(), "{}: {example}", topic.name);
            if first == Some("lifecycle") {
                let lifecycle = documents[0].value["lifecycle"].clone();
                serde_json::from_value::<Lifecycle>(lifecycle).unwrap();
                continue;
            }
            texts.documents = documents;
            let (_, diags) = parse(&texts, &Catalog::default());
            // An example of one thing leaves out the rest of an environment.
            let said = diags.iter().map(|it| it.message.clone());
            let said: Vec<_> = said
                .filter(|it| !it.contains("environment has no"))
                .collect();
            assert!(said.is_empty(), "{}: {said:?}\n{example}", topic.name);
        }
    }
    assert!(found > 5, "{found}");
}

#[test]
fn every_example_of_a_manifest_is_one() {
    let mut found = 0;
    for topic in TOPICS {
        let examples = examples(topic).into_iter();
        for example in examples.filter(|example| example.starts_with("kind: ")) {
            let (documents, errors) = yaml::parse(FileId(0), &example, &Limits::default());
            assert!(errors.is_empty(), "{}: {example}", topic.name);
            let value = &documents[0].value;
            let kind = KindId::named(value["kind"].as_str().unwrap()).unwrap();
            let mut findings = Findings::default();
            let checked = (kind.def().check)(&value["spec"], "x", &Alone, &mut findings);
            assert_eq!(checked, Ok(()), "{}: {example}", topic.name);
            assert!(findings.0.is_empty(), "{}: {findings:?}", topic.name);
            found += 1;
        }
    }
    assert!(found > 0);
}

/// A manifest among no others.
struct Alone;

impl RuleWorld for Alone {
    fn spec(&self, _: &'static str, _: &str) -> Option<&serde_json::Value> {
        None
    }

    fn children(&self, _: &'static str, _: &str) -> Vec<(&str, &serde_json::Value)> {
        Vec::new()
    }
}
