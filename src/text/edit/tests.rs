//! What changes is what was to change, in texts that people wrote.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::text::cases;

/// The text with other values at some places of its first document; null removes an entry.
fn edited(text: &str, edits: &[(&str, Value)]) -> Result<String, EditRefusal> {
    let (documents, _) = yaml::parse(FileId(0), text, &Limits::default());
    let mut value = Value::clone(&documents[0].value);
    for (at, new) in edits {
        set(&mut value, &Pointer::from(*at), new.clone());
    }
    rewritten(text, 0, &value)
}

/// Sets a value; null removes an entry of a mapping or an item.
fn set(value: &mut Value, at: &Pointer, new: Value) {
    let parent = at.parent().unwrap_or_default();
    let key = at.steps().last().unwrap_or_default();
    match value.pointer_mut(parent.as_str()).unwrap() {
        Value::Object(fields) if new.is_null() => drop(fields.shift_remove(&key)),
        Value::Object(fields) => drop(fields.insert(key, new)),
        Value::Array(items) if new.is_null() => drop(items.remove(key.parse().unwrap())),
        Value::Array(items) if key == "-" => items.push(new),
        Value::Array(items) => items[key.parse::<usize>().unwrap()] = new,
        _ => panic!("{at}"),
    }
}

#[track_caller]
fn check(text: &str, edits: &[(&str, Value)], wanted: &str) {
    assert_eq!(edited(text, edits).as_deref(), Ok(wanted));
}

#[test]
fn a_scalar_keeps_its_quotes_and_its_comments() {
    check(
        "# top\na: low # why\n\nb: 'x' # b\nc: \"y\"\nd: 5\n",
        &[
            ("/a", json!("very high")),
            ("/b", json!("z")),
            ("/c", json!("no \"w\"")),
            ("/d", json!(7.5)),
        ],
        "# top\na: very high # why\n\nb: 'z' # b\nc: 'no \"w\"'\nd: 7.5\n",
    );
    check(
        "a: x\nb: y\nc: z\nd: 'q'\n",
        &[
            ("/a", json!("no")),
            ("/b", json!("012")),
            ("/c", json!("a # b")),
            ("/d", json!("it's")),
        ],
        "a: \"no\"\nb: \"012\"\nc: \"a # b\"\nd: \"it's\"\n",
    );
}

#[test]
fn a_text_of_several_lines_stays_a_block() {
    check(
        "a: | # note\n    one\n    two\nb: 1\n",
        &[("/a", json!("one\nthree\n"))],
        "a: | # note\n    one\n    three\nb: 1\n",
    );
    check(
        "a: |-\n  one\n  two\n# end\nb: 1\n",
        &[("/a", json!("alone"))],
        "a: alone\n# end\nb: 1\n",
    );
    check(
        "a: >\n  folded text\n  goes on\nb: 1\n",
        &[("/a", json!("another text\n"))],
        "a: >\n  another text\nb: 1\n",
    );
    check(
        "x:\n  a: one # c\n  b: 1\n",
        &[("/x/a", json!("one\ntwo\n"))],
        "x:\n  a: | # c\n    one\n    two\n  b: 1\n",
    );
    check(
        "a: \"one\\ntwo\"\n",
        &[("/a", json!("one\nthree"))],
        "a: \"one\\nthree\"\n",
    );
    check(
        "- |\n  a\n  b\n- c\n",
        &[("/0", json!("a\nd\n"))],
        "- |\n  a\n  d\n- c\n",
    );
}

#[test]
fn entries_go_with_their_line_and_come_in_their_place() {
    check(
        "a: 1\n# about b\nb: 2 # two\nc: 3\n",
        &[("/b", Value::Null)],
        "a: 1\nc: 3\n",
    );
    check(
        "x:\n  a:\n    b: 1\n    # last\n  c: 2\n",
        &[("/x/a", Value::Null)],
        "x:\n  c: 2\n",
    );
    check(
        "a: {x: 1, y: 2, z: 3}\n",
        &[("/a/y", Value::Null)],
        "a: {x: 1, z: 3}\n",
    );
    check(
        "a: { x: 1, y: 2, z: 3 }\n",
        &[("/a/z", Value::Null)],
        "a: { x: 1, y: 2 }\n",
    );
    check(
        "a: { x: 1, y: 2 }\n",
        &[("/a/k", json!([1, "b,c"]))],
        "a: { x: 1, y: 2, k: [1, \"b,c\"] }\n",
    );
    check(
        "a:\n  x: 1 # one\n\nb: 2\n",
        &[("/a/k", json!({"p": 1, "q": [1, {"r": 2, "s": 3}]}))],
        "a:\n  x: 1 # one\n  k:\n    p: 1\n    q:\n      - 1\n      - r: 2\n        s: 3\n\nb: 2\n",
    );
    check(
        "a:\n    x: 1\n",
        &[("/a/k", json!({"p": 1}))],
        "a:\n    x: 1\n    k:\n        p: 1\n",
    );
    check("a:\n  x: 1", &[("/a/k", json!(2))], "a:\n  x: 1\n  k: 2");
    let text = "l:\n  - a: 1\n    b: 2\n  - a: 3\n    # about b\n    b: 4\n";
    check(
        text,
        &[("/l/0/a", Value::Null)],
        "l:\n  - b: 2\n  - a: 3\n    # about b\n    b: 4\n",
    );
    check(
        text,
        &[("/l/1/a", Value::Null)],
        "l:\n  - a: 1\n    b: 2\n  -\n    # about b\n    b: 4\n",
    );
}

#[test]
fn a_new_entry_stands_in_front_of_the_one_that_follows_it() {
    let (text, wanted) = ("s:\n  b: 1 # one\n", "s:\n  a: x\n  b: 1 # one\n");
    assert_eq!(
        rewritten(text, 0, &json!({"s": {"a": "x", "b": 1}})).as_deref(),
        Ok(wanted)
    );
    let (text, wanted) = ("s: {b: 1}\n", "s: {a: x, b: 1}\n");
    assert_eq!(
        rewritten(text, 0, &json!({"s": {"a": "x", "b": 1}})).as_deref(),
        Ok(wanted)
    );
}

#[test]
fn items_of_lists_are_matched() {
    let text = "l:\n  - a # about a\n  # between\n  - b # about b\n  - c # about c\n";
    check(
        text,
        &[("/l/1", Value::Null)],
        "l:\n  - a # about a\n  - c # about c\n",
    );
    check(
        text,
        &[("/l", json!(["x", "a", "b", "k", "c"]))],
        "l:\n  - x\n  - a # about a\n  # between\n  - b # about b\n  - k\n  - c # about c\n",
    );
    check(
        "l: [a, b, c] # l\n",
        &[("/l", json!(["a", "c", "d"]))],
        "l: [a, c, d] # l\n",
    );
    check("l: [ a, b, c ]\n", &[("/l", json!(["a"]))], "l: [ a ]\n");
    check("l: [a]\n", &[("/l", json!(["b"]))], "l: [b]\n");
    check(
        "l:\n- a\n- b\n",
        &[("/l", json!(["a", "b", "c"]))],
        "l:\n- a\n- b\n- c\n",
    );
    let text =
        "l:\n  - type: online # on\n    label: Chat # shown\n  - type: offline\n    label: Gone\n";
    check(
        text,
        &[("/l/0/label", json!("Hello"))],
        "l:\n  - type: online # on\n    label: Hello # shown\n  - type: offline\n    label: Gone\n",
    );
    check(
        text,
        &[("/l", json!([{"type": "offline", "label": "Here"}]))],
        "l:\n  - type: offline\n    label: Here\n",
    );
}

#[test]
fn values_change_their_form() {
    check(
        "a: # note\n  x: 1\nb: 2\n",
        &[("/a", json!("t"))],
        "a: t # note\nb: 2\n",
    );
    check(
        "a:\n  x: 1\n  y: 2\nb: 2\n",
        &[("/a", json!([]))],
        "a: []\nb: 2\n",
    );
    check(
        "a: 1 # note\nb: 2\n",
        &[("/a", json!({"x": 1}))],
        "a: { x: 1 } # note\nb: 2\n",
    );
    check("a: {x: 1}\n", &[("/a", json!({"k": 1}))], "a: { k: 1 }\n");
    check("a: [] # none\n", &[("/a", json!(["b"]))], "a: [b] # none\n");
    check("a:\nb: 2\n", &[("/a", json!("x"))], "a: x\nb: 2\n");
    check(
        "a: # why\nb: 2\n",
        &[("/a", json!(["x"]))],
        "a: [x] # why\nb: 2\n",
    );
    check(
        "a: # why\nb: 2\n",
        &[("/a", json!([{ "x": 1 }]))],
        "a: # why\n  - x: 1\nb: 2\n",
    );
    check(
        "a:\n  x: 1\nb: 2\n",
        &[("/a", json!(["p", "q"]))],
        "a:\n  - p\n  - q\nb: 2\n",
    );
}

#[test]
fn comments_that_are_aligned_stay_in_their_column() {
    check(
        "a: low     # one\nbb: high   # two\nc: x # three\n",
        &[
            ("/a", json!("medium")),
            ("/bb", json!("é")),
            ("/c", json!("longer")),
        ],
        "a: medium  # one\nbb: é      # two\nc: longer # three\n",
    );
    check(
        "a: low   # one\nb: x\n",
        &[("/a", json!("longer than that"))],
        "a: longer than that # one\nb: x\n",
    );
    check(
        "l: [a, { b: 1, c: 2 }]   # one\r\nm: { x: 1 }  # two\r\n",
        &[
            ("/l/1/b", json!(1000)),
            ("/l/1/c", json!(3)),
            ("/m/z", json!(2)),
        ],
        "l: [a, { b: 1000, c: 3 }] # one\r\nm: { x: 1, z: 2 } # two\r\n",
    );
    // Several blanks that are part of a text are no gap.
    check(
        "a: [b, \"x   # y\"]   # one\n",
        &[("/a/0", json!("cc"))],
        "a: [cc, \"x   # y\"]   # one\n",
    );
}

#[test]
fn blanks_at_the_ends_of_lines_stay_where_they_are_and_belong_to_no_other_value() {
    for newline in ["\n", "\r\n"] {
        let check = |text: &str, edits: &[(&str, Value)], wanted: &str| {
            let ended = |text: &str| text.replace('\n', newline);
            check(&ended(text), edits, &ended(wanted));
        };
        check(
            "a: low   \nb: 'x'  \nc:   \nd: [1]   \n",
            &[
                ("/a", json!("high")),
                ("/b", json!("y")),
                ("/d/0", json!(2)),
            ],
            "a: high   \nb: 'y'  \nc:   \nd: [2]   \n",
        );
        check(
            "a: >-  \n  folded text  \n  goes on  \nb: 1  \n",
            &[("/a", json!("other "))],
            "a: \"other \"\nb: 1  \n",
        );
        check(
            "a: |\n  one  \n  two  \nb: 1\n",
            &[("/a", json!("one\ntwo\n"))],
            "a: |\n  one\n  two\nb: 1\n",
        );
        check(
            "a:\n  x: 1   \nb: 1\n",
            &[("/a", json!("t"))],
            "a: t\nb: 1\n",
        );
        check(
            "l:\n  - a \n",
            &[("/l/0", json!({ "b": 1, "c": "one\ntwo\n" }))],
            "l:\n  - b: 1\n    c: |\n      one\n      two\n",
        );
    }
}

#[test]
fn lines_end_as_the_others_do() {
    check(
        "a: 1\r\nb:\r\n  x: one # c\r\n",
        &[("/b/x", json!("p\nq\n")), ("/b/k", json!(2))],
        "a: 1\r\nb:\r\n  x: | # c\r\n    p\r\n    q\r\n  k: 2\r\n",
    );
}

#[test]
fn other_documents_are_untouched() {
    let text = "# one\na: 1\n---\n# two\na: 1 # x\n...\n---\na: 1\n";
    let wanted = "# one\na: 1\n---\n# two\na: 2 # x\n...\n---\na: 1\n";
    assert_eq!(rewritten(text, 1, &json!({"a": 2})).as_deref(), Ok(wanted));
}

#[test]
fn what_is_shared_is_refused() {
    let text = "a: &x low\nb: *x\nc: &y {p: 1}\nd: *y\ne: &z 1\n";
    assert_eq!(
        edited(text, &[("/a", json!("high"))]),
        Err(EditRefusal::Elsewhere(Pointer::from("/b")))
    );
    assert_eq!(
        edited(text, &[("/c/p", json!(2))]),
        Err(EditRefusal::Elsewhere(Pointer::from("/d/p")))
    );
    assert_eq!(
        edited(text, &[("/d/p", json!(2))]),
        Err(EditRefusal::Alias(Pointer::from("/d")))
    );
    // An alias that is replaced, and an anchor without one, change nothing else.
    check(
        text,
        &[("/b", json!("high")), ("/e", json!(2))],
        "a: &x low\nb: high\nc: &y {p: 1}\nd: *y\ne: &z 2\n",
    );
    assert_eq!(
        edited("a: &x low\nb: *x\n", &[("/a", Value::Null)]),
        Err(EditRefusal::Layout(Pointer::root()))
    );
}

/// A value with the text that somebody may have written for it, full of comments.
#[derive(Debug)]
struct Written {
    text: String,
    comments: usize,
    choices: Vec<u8>,
}

impl Written {
    fn choose(&mut self, among: u8) -> u8 {
        let choice = self.choices.pop().unwrap_or_default();
        self.choices
            .insert(0, choice.wrapping_mul(31).wrapping_add(7));
        choice % among
    }

    fn comment(&mut self) -> String {
        self.comments += 1;
        format!("# comment {};", self.comments)
    }

    fn end_line(&mut self) {
        if self.choose(3) == 0 {
            let comment = self.comment();
            let blanks = " ".repeat(usize::from(self.choose(4)) + 1);
            let _ = write!(self.text, "{blanks}{comment}");
        }
        self.blanks();
        self.text.push('\n');
    }

    /// Blanks at the end of a line, in some of them.
    fn blanks(&mut self) {
        let blanks = usize::from(self.choose(8).saturating_sub(5));
        self.text += &" ".repeat(blanks);
    }

    fn before_entry(&mut self, indent: usize) {
        match self.choose(5) {
            0 => {
                let comment = self.comment();
                let _ = writeln!(self.text, "{}{comment}", " ".repeat(indent));
            }
            1 => self.text.push('\n'),
            _ => {}
        }
    }

    fn scalar(&mut self, value: &Value, is_flow: bool) {
        let Value::String(text) = value else {
            self.text += &value.to_string();
            return;
        };
        let around = if is_flow {
            write::Around::Flow
        } else {
            write::Around::Block
        };
        let single = !text.contains(['\'', '\n']) && quoted_is_plain(text);
        let scalar = match self.choose(3) {
            0 if single => format!("'{text}'"),
            1 => value.to_string(),
            _ => write::text_inline(text, around),
        };
        self.text += &scalar;
    }

    fn flow(&mut self, value: &Value) {
        match value {
            Value::Array(items) => {
                self.text.push('[');
                for (at, item) in items.iter().enumerate() {
                    self.text += if at > 0 { ", " } else { "" };
                    self.flow(item);
                }
                self.text.push(']');
            }
            Value::Object(fields) => {
                self.text.push('{');
                for (at, (key, value)) in fields.iter().enumerate() {
                    self.text += if at > 0 { ", " } else { " " };
                    let _ = write!(self.text, "{key}: ");
                    self.flow(value);
                }
                self.text += " }";
            }
            scalar => self.scalar(scalar, true),
        }
    }

    /// What follows a key or a dash.
    fn value(&mut self, value: &Value, indent: usize, step: usize) {
        let is_block = write::is_tall(value) && !value.is_string() && self.choose(4) > 0;
        if is_block {
            self.end_line();
            self.block(value, indent + step, step);
            return;
        }
        if let Value::String(text) = value
            && let Some((header, lines)) = literal(text)
            && self.choose(2) == 0
        {
            let _ = write!(self.text, " {header}");
            self.blanks();
            self.text.push('\n');
            for line in lines {
                let _ = writeln!(self.text, "{}", write::indented(line, indent + step));
            }
            return;
        }
        self.text.push(' ');
        self.flow(value);
        self.end_line();
    }

    fn block(&mut self, value: &Value, indent: usize, step: usize) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    self.before_entry(indent);
                    let _ = write!(self.text, "{}{key}:", " ".repeat(indent));
                    self.value(value, indent, step);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.before_entry(indent);
                    let _ = write!(self.text, "{}-", " ".repeat(indent));
                    self.value(item, indent, 2);
                }
            }
            _ => {}
        }
    }
}

/// A text of several lines as people write it as a block: with the blanks that its lines end with.
fn literal(text: &str) -> Option<(&'static str, Vec<&str>)> {
    let content = text.strip_suffix('\n').unwrap_or(text);
    let is_visible = !content.starts_with(['\n', ' ']) && !content.ends_with('\n');
    let header = if content.len() < text.len() {
        "|"
    } else {
        "|-"
    };
    (content.contains('\n') && is_visible && !content.contains('\t'))
        .then(|| (header, content.split('\n').collect()))
}

fn quoted_is_plain(text: &str) -> bool {
    serde_json::to_string(text).is_ok_and(|json| json == format!("\"{text}\""))
}

fn any_scalar() -> impl Strategy<Value = Value> {
    let texts = prop::sample::select(vec![
        "a",
        "low",
        "two words",
        "no",
        "12",
        "",
        "x: y",
        "a # b",
        "- c",
        "it's",
        "say \"hi\"",
        "a, b",
        "[x]",
        "{y}",
        "one\ntwo\n",
        "one\n\n  two",
        "one  \ntwo ",
        "one \n\ntwo  \n",
        "é",
        "${var.b}",
        "*x",
        "&x",
        "!t",
        "%",
        "@",
        "`",
        "tab\tx",
        "\u{200b}",
        "2026-09-01",
        "12:30",
        "~",
        "null",
        "true",
        "|",
        ">",
        "?",
        ": ",
        "a\\b",
        "##[x]",
        "trail ",
        " lead",
    ]);
    prop_oneof![
        6 => texts.prop_map(Value::from),
        2 => any::<i32>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(json!([])),
        1 => Just(json!({})),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let keys = prop::sample::select(vec!["a", "b", "c", "label", "type", "size"]);
    any_scalar().prop_recursive(4, 24, 4, move |inner| {
        let fields = prop::collection::vec((keys.clone(), inner.clone()), 1..4);
        let fields = fields.prop_map(|fields| {
            let fields = fields
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value));
            Value::Object(fields.collect())
        });
        prop_oneof![
            fields,
            prop::collection::vec(inner, 1..4).prop_map(Value::from)
        ]
    })
}

fn any_document() -> impl Strategy<Value = Value> {
    let keys = ["kind", "metadata", "spec", "lifecycle"];
    prop::collection::vec(any_value(), keys.len()).prop_map(move |values| {
        let fields = keys.iter().zip(values);
        Value::Object(
            fields
                .map(|(key, value)| ((*key).to_owned(), value))
                .collect(),
        )
    })
}

/// Documents as somebody wrote them, with their text.
fn any_text() -> impl Strategy<Value = (Vec<Value>, String)> {
    let documents = prop::collection::vec(any_document(), 1..4);
    let choices = prop::collection::vec(any::<u8>(), 40);
    (documents, choices, prop::bool::ANY, prop::bool::ANY).prop_map(
        |(documents, choices, crlf, wide)| {
            let (text, comments) = (String::new(), 0);
            let mut written = Written {
                text,
                comments,
                choices,
            };
            for (at, document) in documents.iter().enumerate() {
                written.text += if at > 0 { "---\n" } else { "" };
                written.block(document, 0, if wide { 4 } else { 2 });
            }
            let text = written.text;
            (
                documents,
                if crlf {
                    text.replace('\n', "\r\n")
                } else {
                    text
                },
            )
        },
    )
}

/// Every place of a value.
fn places(value: &Value, at: &Pointer, out: &mut Vec<Pointer>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| {
            out.push(at.key(key));
            places(value, &at.key(key), out);
        }),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| {
            out.push(at.index(index));
            places(value, &at.index(index), out);
        }),
        _ => {}
    }
}

fn is_leaf(value: &Value) -> bool {
    !write::is_tall(value) || value.is_string()
}

/// The comments of a text.
fn comments(text: &str) -> Vec<&str> {
    let parts = text.match_indices("# comment ");
    parts
        .map(|(at, _)| text[at..].split(';').next().unwrap_or_default())
        .collect()
}

proptest! {
    #![proptest_config(cases(300))]

    /// One scalar changes: every comment stays, and so does every line but its own.
    #[test]
    fn a_scalar_changes_alone(
        (documents, text) in any_text(),
        new in any_scalar(),
        (document, place) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        let index = document.index(documents.len());
        let mut leaves = Vec::new();
        places(&documents[index], &Pointer::root(), &mut leaves);
        leaves.retain(|at| at.get(&documents[index]).is_some_and(is_leaf));
        prop_assume!(!leaves.is_empty());
        let at = &leaves[place.index(leaves.len())];
        let mut wanted = documents[index].clone();
        let old = std::mem::replace(wanted.pointer_mut(at.as_str()).unwrap(), new.clone());
        let after = rewritten(&text, index, &wanted);
        prop_assert!(after.is_ok(), "{after:?}\n{text}");
        let after = after.unwrap();
        // Another item of a list has no comments of the one that it takes the place of.
        let mut around = std::iter::successors(at.parent(), Pointer::parent);
        let is_in_list = around.any(|it| it.get(&documents[index]).is_some_and(Value::is_array));
        if is_in_list {
            let left = comments(&text);
            prop_assert!(comments(&after).iter().all(|it| left.contains(it)), "{}\n---\n{}", text, after);
        } else {
            prop_assert_eq!(comments(&after), comments(&text), "{}\n---\n{}", text, after);
        }
        let (read, problems) = yaml::parse(FileId(0), &after, &Limits::default());
        prop_assert!(problems.iter().all(YamlError::is_warning));
        for (other, document) in read.iter().enumerate() {
            let expected = if other == index { &wanted } else { &documents[other] };
            prop_assert_eq!(&*document.value, expected, "{}", after);
        }
        let lines = |value: &Value| value.as_str().map_or(1, |text| text.split('\n').count() + 1);
        let (before, now): (Vec<_>, Vec<_>) = (text.lines().collect(), after.lines().collect());
        let head = before.iter().zip(&now).take_while(|(a, b)| a == b).count();
        let tail = before.iter().rev().zip(now.iter().rev()).take_while(|(a, b)| a == b).count();
        prop_assert!(is_in_list || before.len().saturating_sub(head + tail) <= lines(&old), "{text}\n---\n{after}");
        prop_assert!(is_in_list || now.len().saturating_sub(head + tail) <= lines(&new), "{text}\n---\n{after}");
        prop_assert_eq!(text.contains("\r\n"), after.matches('\n').count() == after.matches("\r\n").count() && after.contains('\n'));
    }

    /// Any value becomes any other: what is written reads as it has to, or is refused; other documents stay byte by
    /// byte, and so do the comments above entries that stay.
    #[test]
    fn anything_becomes_anything(
        (documents, text) in any_text(),
        wanted in any_document(),
        keep in prop::collection::vec(prop::bool::ANY, 4),
        document in any::<prop::sample::Index>(),
    ) {
        let index = document.index(documents.len());
        let mut value = Map::new();
        let old = documents[index].as_object().unwrap();
        for ((key, new), keeps) in wanted.as_object().unwrap().iter().zip(keep) {
            value.insert(key.clone(), if keeps { old[key].clone() } else { new.clone() });
        }
        let value = Value::Object(value);
        let after = rewritten(&text, index, &value);
        prop_assert!(after.is_ok(), "{after:?}\n{text}\n{value}");
        let after = after.unwrap();
        let (read, _) = yaml::parse(FileId(0), &after, &Limits::default());
        prop_assert_eq!(&*read[index].value, &value);
        let parts = |text: &str| -> Vec<String> {
            text.replace("\r\n", "\n").split("---\n").map(str::to_owned).collect()
        };
        for (other, (before, now)) in parts(&text).iter().zip(parts(&after)).enumerate() {
            prop_assert!(other == index || *before == now);
        }
        let outer = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| line.starts_with("# comment"));
            lines.map(str::to_owned).collect()
        };
        prop_assert_eq!(outer(&after), outer(&text), "{}\n---\n{}", text, after);
    }

    /// Whatever is shared or laid out oddly, what comes out says what it has to say.
    #[test]
    fn anchors_are_safe(new in any_scalar(), at in prop::sample::select(vec!["/a", "/b", "/c/p", "/c/l/0", "/d/p", "/d", "/e/0", "/e/1/q", "/f"])) {
        let text = "a: &x low # a\nb: *x\nc: &y\n  p: 1\n  l: [*x, z]\nd: *y\ne:\n- *x\n- q: &w 1\nf: *w\n";
        let (documents, _) = yaml::parse(FileId(0), text, &Limits::default());
        let mut wanted = Value::clone(&documents[0].value);
        *wanted.pointer_mut(at).unwrap() = new;
        if let Ok(after) = rewritten(text, 0, &wanted) {
            let (read, _) = yaml::parse(FileId(0), &after, &Limits::default());
            prop_assert_eq!(&*read[0].value, &wanted, "{}", after);
        }
    }
}
