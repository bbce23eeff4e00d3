//! Texts and complaints in, what the user sees out.

use insta::assert_snapshot;

use super::*;
use crate::diag::yaml::{self, DUPLICATE_KEY};
use crate::diag::{Code, DocId};
use crate::text::{EntryHalf, Limits, Pointer, yaml::parse};

static CODE: Code = Code {
    name: "test-code",
    severity: Severity::Error,
    title: "a test",
    why: "It is a test.",
    wrong: "",
    right: "",
};

/// Texts as files `a.yaml`, `b.yaml`, .. with the complaints of the YAML reader.
fn read(files: &[&str]) -> (Texts, Diags) {
    let (mut texts, mut diags) = (Texts::default(), Diags::default());
    for (name, text) in ('a'..).zip(files) {
        let path = format!("{name}.yaml");
        let file = texts.sources.push(Source {
            path,
            text: (*text).to_owned(),
        });
        let (documents, problems) = parse(file, text, &Limits::default());
        texts.documents.extend(documents);
        diags.extend(
            problems
                .into_iter()
                .map(|problem| yaml::diagnostic(file, problem)),
        );
    }
    (texts, diags)
}

fn node(pointer: &str, part: EntryHalf) -> Location {
    Location::Node {
        doc: DocId(0),
        pointer: Pointer::from(pointer),
        part,
    }
}

fn text(files: &[&str]) -> String {
    let (texts, diags) = read(files);
    render_text(&diags, &texts, false)
}

#[test]
fn many_warnings_of_one_kind_are_told_together() {
    let many = "a: no\nb: no\nc: no\nx: on\nd: no\n";
    assert_snapshot!(text(&[many, "e: no\n"]), @r#"
    warning[ambiguous-scalar]: `no` is read as text, not as a boolean
     --> a.yaml:1:4
      |
    1 | a: no
      |    ^^
      |
      = help: quote it if you mean text: "no"; or write false

    and 4 more of the same warning:
      a.yaml:2:4
      a.yaml:3:4
      a.yaml:5:4
      b.yaml:1:4

    warning[ambiguous-scalar]: `on` is read as text, not as a boolean
     --> a.yaml:4:4
      |
    4 | x: on
      |    ^^
      |
      = help: quote it if you mean text: "on"; or write true

    6 warnings in 2 files
    "#);
    // All of them have a place: no other command shows the warnings of a plan.
    let many: Vec<String> = (0..30).map(|at| format!("k{at}: no\n")).collect();
    let many = text(&[&many.concat()]);
    assert!(
        many.contains("and 29 more") && many.contains("  a.yaml:30:"),
        "{many}"
    );
    let few = text(&["a: no\nb: no\nc: no\n"]);
    assert_eq!(few.matches("-->").count(), 3);
}

/// Errors are told together only if they are equal, message and all: each different one has to be mended.
#[test]
fn many_equal_errors_are_one_with_a_count() {
    let many = "a: 1\na: 2\nb: 1\nb: 2\n---\n".repeat(15);
    let shown = text(&[&many]);
    let (first, second) = shown
        .split_once("error[duplicate-key]: the key `b`")
        .unwrap();
    assert_snapshot!(first, @r"
    error[duplicate-key]: the key `a` is defined twice
     --> a.yaml:2:1
      |
    1 | a: 1
      | - first here
    2 | a: 2
      | ^
      |
      = help: remove one of the two, or merge their content

    and 14 more of the same error:
      a.yaml:7:1
      a.yaml:12:1
      a.yaml:17:1
      a.yaml:22:1
      a.yaml:27:1
      a.yaml:32:1
      a.yaml:37:1
      a.yaml:42:1
      a.yaml:47:1
      a.yaml:52:1
      .. 4 more: `campaignctl validate --full`
    ");
    assert!(second.ends_with("\n30 errors in 1 file\n"), "{second}");
    let (texts, diags) = read(&[&many]);
    let full = render_text_in_full(&diags, &texts, false);
    assert_eq!(full.matches("error[duplicate-key]").count(), 30);
    assert!(!full.contains(" more"));
    let json: serde_json::Value = serde_json::from_str(&render_json(&diags, &texts)).unwrap();
    assert_eq!(json["diagnostics"].as_array().unwrap().len(), 30);
    let different: Vec<String> = (0..9).map(|at| format!("a{at}: 1\na{at}: 2\n")).collect();
    let different = different.concat();
    assert_eq!(text(&[&different]).matches("error[").count(), 9);
}

#[test]
fn complaints_are_sorted_drawn_and_counted() {
    let first = "spec:\n  weight: low\n  state: published\n  weight: high\n---\nlanguage: no\n";
    assert_snapshot!(text(&[first, "a: [1\nb: 2\n"]), @r#"
    error[duplicate-key]: the key `weight` is defined twice
     --> a.yaml:4:3
      |
    2 |   weight: low
      |   ------ first here
    3 |   state: published
    4 |   weight: high
      |   ^^^^^^
      |
      = help: remove one of the two, or merge their content

    warning[ambiguous-scalar]: `no` is read as text, not as a boolean
     --> a.yaml:6:11
      |
    6 | language: no
      |           ^^
      |
      = help: quote it if you mean text: "no"; or write false

    error[yaml-syntax]: a `:` is not allowed here
     --> b.yaml:2:2
      |
    1 | a: [1
      |    - inside the bracket that opens here
    2 | b: 2
      |  ^
      |
      = help: close the bracket above, or put the key on one line with its `:`

    2 errors and 1 warning in 2 files
    "#);
    assert_snapshot!(text(&["a: 1\n"]), @"");
}

#[test]
fn places_without_lines() {
    let (mut texts, mut diags) = read(&["a: 1\n"]);
    let file = texts.sources.push(Source {
        path: "gone.yaml".to_owned(),
        text: String::new(),
    });
    diags.push(Diagnostic::new(&CODE, Location::File(file), "cannot be read").help("look for it"));
    diags.push(Diagnostic::new(&CODE, Location::Run, "nothing to do").help("do something"));
    assert_snapshot!(render_text(&diags, &texts, false), @"
    error[test-code]: nothing to do
     = help: do something

    error[test-code]: cannot be read
    --> gone.yaml
     = help: look for it

    2 errors in 1 file
    ");
}

#[test]
fn far_labels_and_other_files_get_an_excerpt_of_their_own() {
    let far = format!("first: 1\n{}last: 2\n", "# filler\n".repeat(40));
    let (texts, mut diags) = read(&[&far, "other: 3\n"]);
    let other = Location::Node {
        doc: DocId(1),
        pointer: Pointer::from("/other"),
        part: EntryHalf::Key,
    };
    diags.push(
        Diagnostic::new(&CODE, node("/last", EntryHalf::Value), "two labels")
            .label(node("/first", EntryHalf::Key), "far away")
            .label(other, "in another file"),
    );
    assert_snapshot!(render_text(&diags, &texts, false), @"
    error[test-code]: two labels
      --> a.yaml:42:7
       |
    42 | last: 2
       |       ^
       |
      ::: a.yaml:1:1
       |
     1 | first: 1
       | ----- far away
       |
      ::: b.yaml:1:1
       |
     1 | other: 3
       | ----- in another file

    1 error in 1 file
    ");
}

#[test]
fn wide_values_and_long_lines_are_cut() {
    let long = format!(
        "list: [{}, \"ä{}\", {}]\n",
        "1, 2".repeat(100),
        "ö".repeat(300),
        "x".repeat(300)
    );
    let block = "spec:\n  text: |\n    one\n    two\n";
    let (texts, mut diags) = read(&[&long, block]);
    let doc = DocId(1);
    diags.push(Diagnostic::new(
        &CODE,
        node("/list/101", EntryHalf::Value),
        "a long line",
    ));
    let at = Location::Node {
        doc,
        pointer: Pointer::from("/spec"),
        part: EntryHalf::Value,
    };
    diags.push(Diagnostic::new(&CODE, at, "a block"));
    assert_snapshot!(render_text(&diags, &texts, false), @r#"
    error[test-code]: a long line
     --> a.yaml:1:410
      |
    1 | ...                   21, 21, 21, 21, 21, 21, 21, 21, 21, 2, "äööööööööööööööööööööööööööööööööööööööööööööööööö...
      |                                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    error[test-code]: a block
     --> b.yaml:2:3
      |
    2 |   text: |
      |   ^^^^^^^

    2 errors in 2 files
    "#);
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let (texts, mut diags) = read(&["a: \u{1b}[31m\n"]);
    let at = Location::Span(FileId(0), Span { start: 3, end: 8 });
    diags.push(
        Diagnostic::new(&CODE, at.clone(), "a \u{1b}[31m message")
            .help("a \u{1b}[31m help")
            .label(at, "a \u{1b}[31m label"),
    );
    assert!(!render_text(&diags, &texts, false).contains('\u{1b}'));
}

#[test]
fn windows_lines_tabs_and_the_end_of_the_file() {
    assert_snapshot!(text(&["a: 1\r\n\tb: no\r\nc: no", "a: [", "", "grüße: no # ä"]), @r#"
    error[yaml-syntax]: a tab is used where only spaces indent
     --> a.yaml:2:1
      |
    2 |     b: no
      | ^
      |
      = help: indent with spaces

    error[yaml-syntax]: the bracket `[` is not closed
     --> b.yaml:1:4
      |
    1 | a: [
      |    ^
      |    |
      |    inside the bracket that opens here
      |
      = help: add the closing `]`

    warning[ambiguous-scalar]: `no` is read as text, not as a boolean
     --> d.yaml:1:8
      |
    1 | grüße: no # ä
      |        ^^
      |
      = help: quote it if you mean text: "no"; or write false

    2 errors and 1 warning in 3 files
    "#);
}

#[test]
fn colour_is_an_option() {
    let (texts, diags) = read(&["a: no\n"]);
    assert!(render_text(&diags, &texts, true).contains("\u{1b}["));
}

#[test]
fn json_has_the_same_data() {
    let (mut texts, mut diags) = read(&["a: 1\na: 2\n"]);
    diags.push(Diagnostic::new(&CODE, Location::Run, "the run"));
    let file = texts.sources.push(Source {
        path: "gone.yaml".to_owned(),
        text: String::new(),
    });
    diags.push(Diagnostic::new(&CODE, Location::File(file), "the file"));
    assert_snapshot!(render_json(&diags, &texts), @r#"
    {
      "format": "campaignctl.diagnostics/v1",
      "diagnostics": [
        {
          "code": "test-code",
          "severity": "error",
          "message": "the run",
          "file": null,
          "line": null,
          "column": null,
          "endLine": null,
          "endColumn": null,
          "help": null,
          "labels": []
        },
        {
          "code": "duplicate-key",
          "severity": "error",
          "message": "the key `a` is defined twice",
          "file": "a.yaml",
          "line": 2,
          "column": 1,
          "endLine": 2,
          "endColumn": 2,
          "help": "remove one of the two, or merge their content",
          "labels": [
            {
              "message": "first here",
              "file": "a.yaml",
              "line": 1,
              "column": 1,
              "endLine": 1,
              "endColumn": 2
            }
          ]
        },
        {
          "code": "test-code",
          "severity": "error",
          "message": "the file",
          "file": "gone.yaml",
          "line": null,
          "column": null,
          "endLine": null,
          "endColumn": null,
          "help": null,
          "labels": []
        }
      ],
      "errors": 3,
      "warnings": 0
    }
    "#);
}

#[test]
fn long_files_are_drawn_quickly() {
    let line = format!("a: [{}]\n", "no, ".repeat(20_000));
    let (texts, mut diags) = read(&[&line]);
    for index in 0..50 {
        let at = node(&format!("/a/{}", index * 100), EntryHalf::Value);
        diags.push(Diagnostic::new(&DUPLICATE_KEY, at, "far to the right"));
    }
    let longest = render_text(&diags, &texts, false)
        .lines()
        .map(str::len)
        .max();
    assert!(longest < Some(200), "{longest:?}");
}

#[test]
fn a_complaint_far_to_the_right_has_the_column_of_the_file() {
    let line = format!("a: [{}]\n", "ä, ".repeat(4_000));
    let (texts, _) = read(&[&line, &line]);
    let item = |doc: u32, index: usize| Location::Node {
        doc: DocId(doc),
        pointer: Pointer::from(format!("/a/{index}")),
        part: EntryHalf::Value,
    };
    for (index, other) in [(0, 3_999), (40, 1_000), (3_000, 2_000), (3_999, 3_999)] {
        let mut diags = Diags::default();
        diags.push(Diagnostic::new(&CODE, item(0, index), "here").label(item(1, other), "there"));
        let shown = render_text(&diags, &texts, false);
        let (here, there) = (5 + 3 * index, 5 + 3 * other);
        assert!(
            shown.contains(&format!(" --> a.yaml:1:{here}\n")),
            "{shown}"
        );
        assert!(
            shown.contains(&format!(" ::: b.yaml:1:{there}\n")),
            "{shown}"
        );
        assert!(shown.lines().all(|it| it.len() < 300), "{shown}");
    }
}
