//! The one promise of the incremental analysis: after any edits it says what a fresh one says of the same files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use fastrand::Rng;

use super::*;
use crate::diag::{Location, Texts};
use crate::kinds::KindId;
use crate::project::{self, Catalog, Project};
use crate::text::{Limits, Source, yaml};

/// Three environments: one with overlays, one with more of them, one with neither.
const PROJECT_TEXT: &str = "\
variables: { brand: Shoply, unused: no }
environments:
  staging: { account: '1', credentials: { bearer: { env: T } }, overlays: [over1], variables: { goal: g1 } }
  production: { account: '2', credentials: { bearer: { env: T } }, overlays: [over1, over2], rules: { campaign-priority: warn } }
  sandbox: {}
";

/// The files of the test, with the groups that they belong to.
const FILES: [(&str, usize); 6] = [
    ("/p/a.yaml", 0),
    ("/p/b.yaml", 0),
    ("/p/sub/c.yaml", 0),
    ("/p/over1/a.yaml", 1),
    ("/p/over1/b.yaml", 1),
    ("/p/over2/a.yaml", 2),
];

fn setup() -> Setup {
    let path = "/p/campaignctl.yaml".to_owned();
    let text = PROJECT_TEXT.to_owned();
    let (documents, _) = yaml::parse(PROJECT, &text, &Limits::default());
    let source = Source { path, text };
    let mut texts = Texts {
        documents,
        ..Texts::default()
    };
    texts.sources.push(source.clone());
    let catalog = Catalog {
        codes: KindId::manifests()
            .flat_map(|kind| kind.def().codes)
            .copied()
            .collect(),
        ..Catalog::default()
    };
    let (project, complaints) = project::parse(&texts, &catalog);
    assert!(complaints.is_empty(), "{complaints:?}");
    Setup {
        project,
        source: Some((PathBuf::from(&source.path), source)),
        document: texts.documents.into_iter().next(),
        overlays: BTreeMap::from([
            ("staging".to_owned(), vec![1]),
            ("production".to_owned(), vec![1, 2]),
        ]),
        complaints,
        paths: vec![PathBuf::from("/p")],
        now: jiff::Timestamp::default(),
    }
}

fn input(path: &str, group: usize, text: &str) -> EditorInput {
    EditorInput {
        path: PathBuf::from(path),
        shown: path.to_owned(),
        group,
        rank: 0,
        text: Ok(text.to_owned()),
    }
}

/// All complaints as text.
fn told(analysis: &Analysis) -> String {
    let snapshot = analysis.snapshot();
    let place = |at: &Location| match at {
        Location::Span(file, span) => {
            let path = snapshot.path(*file).unwrap_or(Path::new("gone"));
            format!("{}:{}-{}", path.display(), span.start, span.end)
        }
        Location::File(file) => format!("{:?}", snapshot.path(*file)),
        other => format!("{other:?}"),
    };
    let mut lines = Vec::new();
    let ids = snapshot.files.iter().map(|(file, _)| file).chain([PROJECT]);
    for diagnostic in ids.flat_map(|file| snapshot.complaints(file)) {
        let mut line = format!(
            "{} {:?} {} {} {:?}",
            place(&diagnostic.at),
            diagnostic.severity,
            diagnostic.code.name,
            diagnostic.message,
            diagnostic.help
        );
        for (at, text) in &diagnostic.labels {
            let _ = write!(line, " [{} {text}]", place(at));
        }
        lines.push(line);
    }
    lines.sort();
    lines.join("\n")
}

fn pick<'a>(rng: &mut Rng, words: &[&'a str]) -> &'a str {
    words[rng.usize(..words.len())]
}

/// A document that refers to others of a small world, now and then wrongly.
fn document(rng: &mut Rng, is_overlay: bool) -> String {
    let name = pick(rng, &["g1", "g2", "g3", "c1", "c2", "Bad Name"]);
    let of = |rng: &mut Rng, some: &[&'static str]| pick(rng, some);
    let goal = of(
        rng,
        &[
            "g1",
            "g2",
            "g3",
            "g4",
            "${var.goal}",
            "${var.gaol}",
            "{ live: X }",
        ],
    );
    let campaign = of(rng, &["c1", "c1", "c2", "c3"]);
    let template = of(rng, &["g1", "g2", "c1", "c2"]);
    let state = of(rng, &["published", "published", "unpublished", "publishd"]);
    let (kind, spec) = match rng.u8(..8) {
        0 => (
            "Goal",
            format!("spec: {{ displayName: \"${{var.brand}} {name}\", type: lead }}\n"),
        ),
        1 => ("Goal", "spec: { type: purchas }\n".to_owned()),
        2 | 3 => (
            "Campaign",
            format!(
                "spec:\n  goal: {goal}\n  state: {state}\n  priority: {}\n",
                rng.i8(-1..2)
            ),
        ),
        4 | 5 => (
            "Engagement",
            format!(
                "spec:\n  campaign: {campaign}\n  template: {template}\n  enabled: {}\n",
                rng.bool()
            ),
        ),
        6 => (
            "EngagementTemplate",
            format!(
                "spec:\n  extends: {template}\n  language: en-US\n  type: {}\n",
                of(rng, &["app", "stickyButton", "13"])
            ),
        ),
        _ => ("EngagementTemplate", "spec: { language: 5 }\n".to_owned()),
    };
    let name = if kind == "Campaign" {
        ["c1", "c2"][rng.usize(..2)]
    } else {
        name
    };
    let head = match rng.u8(..if is_overlay { 4 } else { 12 }) {
        0 | 1 if is_overlay => "",
        2 if is_overlay => {
            return format!("kind: {kind}\nmetadata: {{ name: {name} }}\n$patch: delete\n");
        }
        0 => "# a comment\napiVersion: campaignctl.dev/v1\n",
        _ => "apiVersion: campaignctl.dev/v1\n",
    };
    format!("{head}kind: {kind}\nmetadata: {{ name: {name} }}\n{spec}")
}

fn file(rng: &mut Rng, group: usize) -> String {
    let count = rng.usize(..5);
    let documents: Vec<String> = (0..count).map(|_| document(rng, group > 0)).collect();
    documents.join("---\n")
}

/// What somebody types: a document more, a document less, a letter here or there.
fn edited(rng: &mut Rng, text: &str, group: usize) -> String {
    let mut documents: Vec<&str> = text.split("---\n").collect();
    let new = document(rng, group > 0);
    match rng.u8(..6) {
        0 => documents.push(&new),
        1 => {
            documents.remove(rng.usize(..documents.len()));
        }
        2 => {
            let at = rng.usize(..documents.len());
            documents[at] = &new;
        }
        3 => return format!("# moved down\n{text}"),
        _ => {
            let at = rng.usize(..=text.len());
            let letter = pick(rng, &["", "x", "1", " ", "\n", ":", "-", "g", "{"]);
            let end = (at + rng.usize(..2)).min(text.len());
            return [&text[..at], letter, &text[end..]].concat();
        }
    }
    documents.join("---\n")
}

#[test]
fn after_any_edits_the_complaints_are_those_of_a_fresh_look() {
    for seed in 0..u64::from(crate::text::cases(4).cases) {
        let mut rng = Rng::with_seed(seed);
        let mut texts: BTreeMap<&str, (usize, String)> = BTreeMap::new();
        for (path, group) in FILES {
            texts.insert(path, (group, file(&mut rng, group)));
        }
        let all = |texts: &BTreeMap<&str, (usize, String)>| -> Vec<EditorInput> {
            let files = texts.iter();
            files
                .map(|(path, (group, text))| input(path, *group, text))
                .collect()
        };
        let mut analysis = Analysis::new(setup(), &all(&texts));
        for step in 0..25 {
            let mut edits = Vec::new();
            for _ in 0..rng.usize(1..3) {
                let (path, group) = FILES[rng.usize(..FILES.len())];
                let before = texts.get(path).map(|(_, text)| text.clone());
                if before.is_some() && rng.u8(..10) == 0 {
                    texts.remove(path);
                    edits.push(FileEdit::Remove(PathBuf::from(path)));
                    continue;
                }
                let text = edited(&mut rng, &before.unwrap_or_default(), group);
                edits.push(FileEdit::Write(Box::new(input(path, group, &text))));
                texts.insert(path, (group, text));
            }
            analysis.update(edits);
            let fresh = Analysis::new(setup(), &all(&texts));
            assert_eq!(
                told(&analysis),
                told(&fresh),
                "seed {seed}, step {step}:\n{texts:#?}"
            );
        }
    }
}

/// The passes of an environment have documents without sources: what is wrong with a file is told all the same.
#[test]
fn a_file_that_cannot_be_read_is_told_with_one_environment_and_with_several() {
    let alone = Setup {
        project: Project::default(),
        source: None,
        document: None,
        overlays: BTreeMap::new(),
        ..setup()
    };
    for setup in [setup(), alone] {
        let broken = input("/p/broken.yaml", 0, "kind: [\n");
        let analysis = Analysis::new(setup, &[broken]);
        assert!(
            told(&analysis).contains("yaml-syntax"),
            "{}",
            told(&analysis)
        );
    }
}

#[test]
fn what_takes_longer_waits_for_a_pause() {
    let goals: Vec<EditorInput> = (0..1_001)
        .map(|number| {
            let path = format!("/p/goal{number}.yaml");
            input(&path, 0, &format!("apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: {{ name: g{number} }}\nspec: {{ type: lead }}\n"))
        })
        .collect();
    let never = include_str!("../../examples/invalid/never-offered.yaml");
    let mut analysis = Analysis::new(setup(), &goals);
    let has = |analysis: &Analysis| told(analysis).matches("Warning never-offered ").count();
    analysis.settle();
    assert!(!analysis.owes());
    let path = "/p/sub/never.yaml";
    analysis.update(vec![FileEdit::Write(Box::new(input(path, 0, never)))]);
    assert!(analysis.owes());
    assert_eq!(has(&analysis), 0);
    let changed = analysis.settle();
    assert!(changed.contains(&analysis.find(Path::new(path)).unwrap()));
    assert_eq!(has(&analysis), 1);
    // What was found stays while other files are edited, and goes with its own.
    let goal = "apiVersion: campaignctl.dev/v1\nkind: Goal\nmetadata: { name: other }\nspec: { type: lead }\n";
    analysis.update(vec![FileEdit::Write(Box::new(input(
        "/p/goal7.yaml",
        0,
        goal,
    )))]);
    assert!(analysis.owes());
    assert_eq!(has(&analysis), 1);
    analysis.update(vec![FileEdit::Remove(PathBuf::from(path))]);
    assert_eq!(has(&analysis), 0);
    analysis.settle();
    assert_eq!(has(&analysis), 0);
}
