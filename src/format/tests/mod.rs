//! Texts in, texts out.

mod made_up;

use std::path::Path;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;

/// The canonical form, which is that of itself.
fn formatted(text: &str) -> String {
    let once = match format(FileId(0), text) {
        Ok(once) => once,
        Err(error) => return format!("{error:?}"),
    };
    assert_eq!(
        format(FileId(0), &once).as_ref(),
        Ok(&once),
        "formatted twice"
    );
    once
}

fn values(text: &str) -> Vec<serde_json::Value> {
    let (documents, problems) = yaml::parse(FileId(0), text, &Limits::default());
    assert!(
        problems.iter().all(YamlError::is_warning),
        "{text}\n{problems:?}"
    );
    documents
        .into_iter()
        .map(yaml::Document::into_value)
        .collect()
}

/// The numbers of the comments of a made-up text.
fn numbers(text: &str) -> Vec<u32> {
    let numbers = text.match_indices("# c").filter_map(|(at, sign)| {
        let (number, _) = text[at + sign.len()..].split_once('.')?;
        number.parse().ok()
    });
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn made_up_texts_keep_their_meaning_and_comments(choices in prop::collection::vec(any::<u32>(), 0..150)) {
        let text = made_up::text(&choices);
        let once = format(FileId(0), &text)
            .map_err(|error| TestCaseError::fail(format!("{error:?}\n{text}")))?;
        prop_assert_eq!(values(&text), values(&once));
        prop_assert_eq!(numbers(&text), numbers(&once));
        prop_assert_eq!(format(FileId(0), &once), Ok(once));
    }

    #[test]
    fn no_text_makes_it_panic(text in "[-a:?#\\[\\]{},&*|>'\"%! \n\t\r.é1]{0,60}") {
        let _ = format(FileId(0), &text);
    }
}

fn yaml_files(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            yaml_files(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            files.push(path);
        }
    }
}

#[test]
fn every_example_and_fixture_keeps_its_meaning() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    yaml_files(&package.join("examples"), &mut files);
    yaml_files(&package.join("src/kinds"), &mut files);
    let mut done = 0;
    for path in files {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue; // the example of a file that is not UTF-8
        };
        match format(FileId(0), &text) {
            Ok(once) => {
                assert_eq!(values(&text), values(&once), "{}", path.display());
                assert_eq!(comments(&text), comments(&once), "{}", path.display());
                assert_eq!(format(FileId(0), &once), Ok(once), "{}", path.display());
                done += 1;
            }
            Err(FormatError::Invalid(_)) => {
                assert!(
                    path.starts_with(package.join("examples/invalid")),
                    "{}",
                    path.display()
                );
            }
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }
    assert!(done > 120, "{done}");
}

#[test]
fn keys_stand_in_the_order_of_the_schema_and_open_json_in_its_own() {
    assert_snapshot!(formatted("# yaml-language-server: $schema=x.json
# About the file.

spec:
  unknown: 1
  # above the style
  style: {z: 1, a: {y: 2, b: 3}} # behind it

  order: 10
  displayName: Shop
metadata: {labels: {b: x, a: y}, name: shop}   # who
kind: EngagementWindow
lifecycle: {ignoreChanges: [/spec/style], protect: true}
apiVersion: campaignctl.dev/v1
"), @r#"
    # yaml-language-server: $schema=x.json
    # About the file.

    apiVersion: campaignctl.dev/v1
    kind: EngagementWindow
    metadata: { name: shop, labels: { b: x, a: "y" } } # who
    spec:
      displayName: Shop

      order: 10
      # above the style
      style: { z: 1, a: { y: 2, b: 3 } } # behind it
      unknown: 1
    lifecycle: { protect: true, ignoreChanges: [/spec/style] }
    "#);
    assert_snapshot!(formatted("$patch: delete\nmetadata: {name: a}\nkind: ApiHandoff\n"), @"
    kind: ApiHandoff
    metadata: { name: a }
    $patch: delete
    ");
    assert_snapshot!(formatted("environments:
  production:
    # the id
    account: '1'
    overlays: [b, a]
    domainApi: x
  # staging:
  #   account: '2'
project: p
"), @r#"
    project: p
    environments:
      production:
        # the id
        account: "1"
        domainApi: x
        overlays: [b, a]
      # staging:
      #   account: '2'
    "#);
    assert_snapshot!(formatted("b: 1\na: {d: 1, c: 2}\n"), @"
    b: 1
    a: { d: 1, c: 2 }
    ");
}

#[test]
fn keys_stay_where_anchors_stand() {
    assert_snapshot!(formatted("kind: Goal\nspec: {url: &u x, displayName: *u}\nmetadata: {name: *u}\napiVersion: v\n"), @"
    kind: Goal
    spec: { url: &u x, displayName: *u }
    metadata: { name: *u }
    apiVersion: v
    ");
}

#[test]
fn comments_stay_at_what_they_are_about() {
    assert_snapshot!(formatted("
# first


# second
a:   # behind a
    # above b
    b: 1     # behind b

    # above c
    c:
    - x # behind x
    # above y
    - y
      # deeper: still of the list
    # of the mapping

# above d
d: # only this

  # was: here
e:
- # behind the dash
  f: 1
- # of nothing
# last
"), @r#"
    # first

    # second
    a: # behind a
      # above b
      b: 1 # behind b

      # above c
      c:
        - x # behind x
        # above y
        - "y"
        # deeper: still of the list
      # of the mapping

    # above d
    d: # only this
      # was: here
    e:
      - # behind the dash
        f: 1
      - # of nothing
    # last
    "#);
    assert_snapshot!(formatted("a: [ # open
 1, 2 # two
 # above three
 , {x: 1, # behind x
 y: [ ] # behind y
 }
 # at the end
]   # behind
b: { # empty
}
c: # gap
  # more
  [1]
"), @"
    a: [ # open
      1,
      2, # two
      # above three
      {
        x: 1, # behind x
        y: [] # behind y
      }
      # at the end
    ] # behind
    b: { # empty
    }
    c: # gap
      # more
      [1]
    ");
}

#[test]
fn brackets_stand_on_one_line_where_they_fit() {
    assert_snapshot!(formatted("a: {x: 1,y: [ a,b ,],}
b: [
  1,

  2
]
c: [one: two, {}, [], {three}]
d: [\"a text that is so long that it has no place on a line\", \"together with another one\", \"and another one, too\"]
e:
- {key: \"a text that is so long that it has no place on a line\", other: \"together with another one\", last: \"another one\"}
"), @r#"
    a: { x: 1, y: [a, b] }
    b: [1, 2]
    c: [{ one: two }, {}, [], { three: }]
    d: ["a text that is so long that it has no place on a line", "together with another one", "and another one, too"]
    e:
      - {
          key: "a text that is so long that it has no place on a line",
          other: "together with another one",
          last: "another one"
        }
    "#);
}

#[test]
fn texts_keep_their_type() {
    assert_snapshot!(formatted("- \"012\"\n- 'no'\n- \"1e3\"\n- '~'\n- \"2026-01-01\"\n- no\n- 012\n- 1_000\n- ~\n-\n- 1e3\n- 2026-01-01\n- plain\n"), @r#"
    - "012"
    - "no"
    - "1e3"
    - "~"
    - "2026-01-01"
    - "no"
    - "012"
    - "1_000"
    - ~
    -
    - 1e3
    - 2026-01-01
    - plain
    "#);
    assert_snapshot!(formatted("- 'it''s'\n- 'say \"hi\"'\n- \"say \\\"hi\\\"\"\n- \"it's \\\"it\\\"\"\n- 'a\\b'\n- \"a\\tb\"\n- ''\n- '\"both\" ''kinds'''\n"), @r#"
    - "it's"
    - 'say "hi"'
    - 'say "hi"'
    - "it's \"it\""
    - 'a\b'
    - "a\tb"
    - ""
    - '"both" ''kinds'''
    "#);
    assert_snapshot!(formatted("!!map\n? a\n: !!str   1\n? 'b'\nc : &x !!str\nd: *x\n*x : &y e\n"), @r#"
    !!map
    a: !!str 1
    "b":
    c: &x !!str
    d: *x
    *x : &y e
    "#);
}

#[test]
fn long_texts_keep_their_lines() {
    assert_snapshot!(formatted("a: |4-
      deeper
    text


b: >+
      folded
        more

c: over
      several

      lines
d: \"over \\
      several\\n
   lines\"
e:
- |
 # text
- >2

  second
f: |

g: |+

h: |
 no end of line"), @r#"
    a: |2-
        deeper
      text

    b: >+
      folded
        more

    c: over
      several

      lines
    d: "over \
      several\n
      lines"
    e:
      - |
        # text
      - >

        second
    f: ""

    g: "\n"

    h: |
      no end of line
    "#);
}

#[test]
fn documents_and_directives() {
    assert_snapshot!(formatted("# above
%YAML 1.2 # the version
--- # marker
a: 1

...
# between
%YAML 1.2
---
b: 1
---
---

# nothing
---
c: 1
...
"), @"
    # above
    %YAML 1.2 # the version
    --- # marker
    a: 1
    # between
    ...
    %YAML 1.2
    ---
    b: 1
    ---
    ---
    # nothing
    ---
    c: 1
    ");
    assert_snapshot!(formatted("\n# only\n\n\n# comments\n"), @"
    # only

    # comments
    ");
    assert_eq!(formatted(""), "");
    assert_eq!(formatted("a:   1"), "a: 1\n");
}

#[test]
fn line_ends_stay_and_a_byte_order_mark_goes() {
    let text = "\u{feff}a:   1 # c\r\nb: |\r\n   x\r\n\r\n   y\r\n";
    assert_eq!(formatted(text), "a: 1 # c\r\nb: |\r\n  x\r\n\r\n  y\r\n");
    assert_eq!(values(text), values(&formatted(text)));
}

#[test]
fn a_text_with_mistakes_is_left_alone() {
    let Err(FormatError::Invalid(diags)) = format(FileId(7), "a: no\nb: [1\n---\nc: 1\n") else {
        panic!("it was formatted");
    };
    let told: Vec<_> = diags.iter().map(|it| (it.code.name, &it.at)).collect();
    assert_snapshot!(format!("{told:?}"), @r#"[("yaml-syntax", Span(FileId(7), Span { start: 9, end: 10 }))]"#);
}
