//! YAML in, values, places and complaints out.

use std::fmt::Write;

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::text::Source;
use crate::text::exact;

/// The documents of a text as JSON lines, then its problems as `line:column-line:column kind: message`.
fn read(text: &str) -> String {
    read_within(text, &Limits::default())
}

fn read_within(text: &str, limits: &Limits) -> String {
    let source = Source {
        path: String::new(),
        text: text.to_owned(),
    };
    let place = |offset| {
        let position = source.position(offset);
        format!("{}:{}", position.line, position.column)
    };
    let (documents, problems) = parse(FileId(0), text, limits);
    let mut out = String::new();
    for document in documents {
        writeln!(out, "{}", *document.value).unwrap();
    }
    for problem in problems {
        let YamlError {
            kind,
            message,
            span,
            help,
            label,
            ..
        } = problem;
        write!(
            out,
            "{}-{} {kind:?}: {message}",
            place(span.start),
            place(span.end)
        )
        .unwrap();
        if let Some((span, text)) = label {
            write!(out, " ({} {text})", place(span.start)).unwrap();
        }
        writeln!(
            out,
            "{}",
            help.map_or(String::new(), |help| format!("; {help}"))
        )
        .unwrap();
    }
    out
}

/// The text of a node and of its key.
fn spans(text: &str, pointer: &str) -> String {
    let (documents, problems) = parse(FileId(0), text, &Limits::default());
    assert_eq!(problems, []);
    let slice = |part| {
        let span = documents[0].span(&Pointer::from(pointer), part);
        &text[span.start as usize..span.end as usize]
    };
    format!("{} => {}", slice(EntryHalf::Key), slice(EntryHalf::Value))
}

#[test]
fn streams_of_documents_skip_the_empty_ones() {
    assert_snapshot!(read("---\n---\n# only a comment\n...\n---\na: 1\n--- \nnull\n---\n- x\n"), @r#"
    {"a":1}
    null
    ["x"]
    "#);
    assert_snapshot!(read(""), @"");
    assert_snapshot!(read("# nothing\n"), @"");
}

#[test]
fn core_scalars() {
    let text = "[null, ~, true, False, 0, -7, +7, 0o17, 0x1F, 18446744073709551615, -9223372036854775808, 1.5, 1e3, .5, '1', \"2\"]";
    assert_snapshot!(read(text), @r#"[null,null,true,false,0,-7,7,15,31,18446744073709551615,-9223372036854775808,1.5,1000.0,0.5,"1","2"]"#);
    assert_snapshot!(read("a:\nb: |\n  x\n  y\nc: >-\n  x\n  y\nd: 2026-09-01T00:00:00\ne: 12:30:45\nf: 10%\ng: 2d\n"), @r#"{"a":null,"b":"x\ny\n","c":"x y","d":"2026-09-01T00:00:00","e":"12:30:45","f":"10%","g":"2d"}"#);
}

#[test]
fn texts_that_look_like_something_else_are_texts_with_a_warning() {
    assert_snapshot!(read("[no, On, y, 012, -012, 1_000, 0b11, 01.5]"), @r#"
    ["no","On","y","012","-012","1_000","0b11","01.5"]
    1:2-1:4 AmbiguousScalar: `no` is read as text, not as a boolean; quote it if you mean text: "no"; or write false
    1:6-1:8 AmbiguousScalar: `On` is read as text, not as a boolean; quote it if you mean text: "On"; or write true
    1:10-1:11 AmbiguousScalar: `y` is read as text, not as a boolean; quote it if you mean text: "y"; or write true
    1:13-1:16 AmbiguousScalar: `012` is read as text, not as a number; quote it if you mean text: "012"; a number has no leading zeros and no `_`
    1:18-1:22 AmbiguousScalar: `-012` is read as text, not as a number; quote it if you mean text: "-012"; a number has no leading zeros and no `_`
    1:24-1:29 AmbiguousScalar: `1_000` is read as text, not as a number; quote it if you mean text: "1_000"; a number has no leading zeros and no `_`
    1:31-1:35 AmbiguousScalar: `0b11` is read as text, not as a number; quote it if you mean text: "0b11"; a number has no leading zeros and no `_`
    1:37-1:41 AmbiguousScalar: `01.5` is read as text, not as a number; quote it if you mean text: "01.5"; a number has no leading zeros and no `_`
    "#);
    assert_snapshot!(read("['no', \"012\", nope, one, 1_a, 0x, 0xZ, 1.2.3, '-', +, ., e1, 1e, _1]\n"), @r#"["no","012","nope","one","1_a","0x","0xZ","1.2.3","-","+",".","e1","1e","_1"]"#);
    assert_snapshot!(read("no: 1\n012: 2\n"), @r#"{"no":1,"012":2}"#);
}

#[test]
fn numbers_out_of_range_are_errors() {
    let text = "- 18446744073709551616\n- -9223372036854775809\n- 1e999\n- .inf\n- -.INF\n- .nan\n- 0xFFFFFFFFFFFFFFFFF\n";
    assert_snapshot!(read(text), @r#"
    1:3-1:23 NumberRange: the number `18446744073709551616` does not fit in 64 bits; quote it if you mean text: "18446744073709551616"
    2:3-2:23 NumberRange: the number `-9223372036854775809` does not fit in 64 bits; quote it if you mean text: "-9223372036854775809"
    3:3-3:8 NumberRange: the number `1e999` does not fit in 64 bits; quote it if you mean text: "1e999"
    4:3-4:7 NumberRange: `.inf` cannot be written as JSON; quote it if you mean text: ".inf"
    5:3-5:8 NumberRange: `-.INF` cannot be written as JSON; quote it if you mean text: "-.INF"
    6:3-6:7 NumberRange: `.nan` cannot be written as JSON; quote it if you mean text: ".nan"
    7:3-7:22 NumberRange: the number `0xFFFFFFFFFFFFFFFFF` does not fit in 64 bits; quote it if you mean text: "0xFFFFFFFFFFFFFFFFF"
    "#);
}

#[test]
fn keys_are_texts_and_stand_once() {
    assert_snapshot!(read("1: a\ntrue: b\n~: c\n1.50: d\n? e\n: f\n"), @r#"{"1":"a","true":"b","~":"c","1.50":"d","e":"f"}"#);
    assert_snapshot!(read("a: 1\nb: {c: 1, \"c\": 2}\n'a': 2\na: 3\n"), @"
    2:11-2:14 DuplicateKey: the key `c` is defined twice (2:5 first here); remove one of the two, or merge their content
    3:1-3:4 DuplicateKey: the key `a` is defined twice (1:1 first here); remove one of the two, or merge their content
    4:1-4:2 DuplicateKey: the key `a` is defined twice (1:1 first here); remove one of the two, or merge their content
    ");
    assert_snapshot!(read("[a]: 1\n---\n? {b: 1}\n: 2\n---\n: x\n---\nok: 1\n"), @r#"
    {"ok":1}
    1:1-1:2 Key: a key must be text, not a list or a mapping; quote a text that starts with `[` or `{`
    3:3-3:4 Key: a key must be text, not a list or a mapping; quote a text that starts with `[` or `{`
    6:1-6:1 Key: the key before `:` is missing
    "#);
}

#[test]
fn aliases_are_replayed() {
    assert_snapshot!(read("a: &x {b: [1, 2]}\nc: *x\nd: [*x, &t text, *t]\n&k key: *k\n? *t\n: 1\n"), @r#"{"a":{"b":[1,2]},"c":{"b":[1,2]},"d":[{"b":[1,2]},"text","text"],"key":"key","text":1}"#);
    assert_snapshot!(read("&a [*a]\n---\na: *nope\n---\nbase: &b {x: 1}\nuse:\n  <<: *b\n  '<<': 1\n"), @"
    1:5-1:7 Alias: the alias is inside its own anchor
    3:4-3:9 Alias: no anchor `&nope` is defined above this alias; an alias can only use anchors of the same document; quote a text that starts with `*`
    7:3-7:5 MergeKey: merge keys are not read; write the fields out where they are needed
    8:3-8:7 DuplicateKey: the key `<<` is defined twice (7:3 first here); remove one of the two, or merge their content
    ");
}

#[test]
fn tags_must_be_core_tags_that_fit() {
    assert_snapshot!(read("[!!str 1, !!int '2', !!float 3, !!bool true, !!null '', ! 4, !!str , !!seq [], !!map {}]"), @r#"["1",2,3.0,true,null,"4","",[],{}]"#);
    assert_snapshot!(read("[!!int x, !foo y, !!timestamp 2026-01-01, !!seq {}, !<tag:example.com,2026:z> []]"), @"
    1:2-1:7 Tag: the value does not fit its tag `!!int`; remove the tag; text is written in quotes
    1:11-1:15 Tag: the tag `!foo` is not known; remove the tag; text is written in quotes
    1:19-1:30 Tag: the tag `!!timestamp` is not known; remove the tag; text is written in quotes
    1:43-1:48 Tag: the value does not fit its tag `!!seq`; remove the tag; text is written in quotes
    1:53-1:78 Tag: the tag `!<tag:example.com,2026:z>` is not known; remove the tag; text is written in quotes
    ");
}

#[test]
fn syntax_errors_have_a_place_and_keep_the_other_documents() {
    assert_snapshot!(read("a: 1\n---\nb: [1, 2\nc: 3\n---\nd: 4\n"), @r#"
    {"a":1}
    {"d":4}
    4:2-4:3 Syntax: a `:` is not allowed here (3:4 inside the bracket that opens here); close the bracket above, or put the key on one line with its `:`
    "#);
    let broken = [
        "a:\n\tb: 1\n",
        "a: 1\n\tb: 2\n",
        "a: |\n\t x\n",
        "a: \"x\nb: 1\n",
        "a: 'x",
        "a: b: c\n",
        "a: @x\n",
        "a: %x\n",
        "a: 1\n- b\n",
        "a: \"\\q\"\n",
        "a: 1\nb\n",
        "a: [1\n",
        "a:\n  b: 1\n c: 2\n",
        "}",
        "{a: 1]",
        "a:\u{a0}1\nb: 2\n",
        "- - a:\u{a0}x\n\n\n  b: 1\n",
        "a:\n  - b\n  -\u{a0}c\n",
        "a:\n  -\u{a0}b\n  - c\n",
    ];
    let out: Vec<_> = broken
        .iter()
        .map(|text| format!("{text:?}\n  {}", read(text)))
        .collect();
    assert_snapshot!(out.concat(), @r#"
    "a:\n\tb: 1\n"
      2:1-2:2 Syntax: a tab is used where only spaces indent; indent with spaces
    "a: 1\n\tb: 2\n"
      2:1-2:2 Syntax: a tab is used where only spaces indent; indent with spaces
    "a: |\n\t x\n"
      2:1-2:2 Syntax: a tab is used where only spaces indent; indent with spaces
    "a: \"x\nb: 1\n"
      2:1-2:2 Syntax: the quoted text continues with too little indentation (1:4 the text starts here); add the closing quote, or indent the lines of the text
    "a: 'x"
      1:4-1:5 Syntax: the quoted text is not closed; add the closing quote
    "a: b: c\n"
      1:5-1:6 Syntax: a `:` is not allowed here; quote a text that contains `: `
    "a: @x\n"
      1:4-1:5 Syntax: a plain text cannot start with `@`; put the text in quotes
    "a: %x\n"
      1:4-1:5 Syntax: a plain text cannot start with `%`; put the text in quotes
    "a: 1\n- b\n"
      2:3-2:4 Syntax: a key is expected here; check that this line is indented like its siblings
    "a: \"\\q\"\n"
      1:4-1:5 Syntax: this escape is not known; write `\\` for a backslash, or use single quotes
    "a: 1\nb\n"
      2:1-2:2 Syntax: this line has no `:`; write `key: value`
    "a: [1\n"
      1:4-1:5 Syntax: the bracket `[` is not closed (1:4 inside the bracket that opens here); add the closing `]`
    "a:\n  b: 1\n c: 2\n"
      3:2-3:3 Syntax: this line is indented by 1 space, its siblings by 2 (2:3 a sibling); indent it by 2 spaces, as line 2
    "}"
      1:1-1:2 Syntax: misplaced bracket; compare the line with its siblings; put a text with special characters in quotes
    "{a: 1]"
      1:1-1:2 Syntax: mismatched bracket '{' closed by ']'; compare the line with its siblings; put a text with special characters in quotes
    "a:\u{a0}1\nb: 2\n"
      1:3-1:4 Syntax: there is a no-break space (U+00A0) where only a space can be; write a plain space instead; put a text that needs it in quotes
    "- - a:\u{a0}x\n\n\n  b: 1\n"
      1:7-1:8 Syntax: there is a no-break space (U+00A0) where only a space can be; write a plain space instead; put a text that needs it in quotes
    "a:\n  - b\n  -\u{a0}c\n"
      3:4-3:5 Syntax: there is a no-break space (U+00A0) where only a space can be; write a plain space instead; put a text that needs it in quotes
    "a:\n  -\u{a0}b\n  - c\n"
      {"a":"- b - c"}
    "#);
}

#[test]
fn byte_order_mark_and_windows_lines() {
    assert_snapshot!(read("\u{feff}a: 1\r\nb: |\r\n  x\r\n  y\r\nc: no\r\n"), @r#"
    {"a":1,"b":"x\ny\n","c":"no"}
    5:4-5:6 AmbiguousScalar: `no` is read as text, not as a boolean; quote it if you mean text: "no"; or write false
    "#);
    assert_eq!(
        spans("\u{feff}a: 1\r\nb: [1,\r\n 2]\r\n", "/b"),
        "b => [1,\r\n 2]"
    );
}

#[test]
fn every_node_has_its_span() {
    let text = "spec:\n  name: \"Grüße\"\n  list:\n  - x\n  - {k: [v]}\n\n  text: |\n    long\n    text\n\n\nempty:\nlast: &x 'q'\ncopy: *x\n";
    assert_eq!(spans(text, "/spec/name"), "name => \"Grüße\"");
    assert_eq!(spans(text, "/spec/list"), "list => - x\n  - {k: [v]}");
    assert_eq!(spans(text, "/spec/list/1/k/0"), "v => v");
    assert_eq!(spans(text, "/spec/list/1"), "{k: [v]} => {k: [v]}");
    assert_eq!(spans(text, "/spec/text"), "text => long\n    text");
    assert_eq!(spans(text, "/empty"), "empty => empty");
    assert_eq!(spans(text, "/copy"), "copy => *x");
    assert!(spans(text, "").starts_with("spec:\n"));
}

#[test]
fn a_node_that_is_missing_is_shown_at_the_node_around_it() {
    let text = "base: &x {a: {b: 1}}\nspec:\n  goal: g\n  none: {}\ncopy: *x\n";
    assert_eq!(spans(text, "/spec/goals"), "spec => spec");
    assert_eq!(spans(text, "/spec/goal/live"), "g => g");
    assert_eq!(spans(text, "/spec/none/x"), "{} => {}");
    assert_eq!(spans(text, "/copy/a/b"), "*x => *x");
    assert_eq!(spans(text, "/base/a/b"), "b => 1");
}

#[test]
fn a_synthetic_document_has_empty_spans() {
    let document = Document::synthetic(FileId(0), json!({"a": [1]}));
    assert_eq!(
        document.span(&Pointer::from("/a/0"), EntryHalf::Value),
        Span::default()
    );
}

/// Only the problems: what hostile texts would hold is not worth printing.
fn problems(text: &str) -> String {
    let out = read(text);
    out.lines()
        .filter(|line| !line.starts_with(['{', '[']))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn hostile_texts_hit_a_limit() {
    let bomb = (1..9).fold("a0: &a0 [x]\n".to_owned(), |text, level| {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        format!("{text}a{level}: &a{level} [{aliases}]\n")
    });
    assert_snapshot!(problems(&bomb), @"6:20-6:23 Limit: anchors and aliases copy more than 100000 values; write the values out instead of copying them");
    let long = format!(
        "a: &a \"{}\"\nb: [{}]\n",
        "x".repeat(1 << 20),
        "*a, ".repeat(1000)
    );
    assert_snapshot!(problems(&long), @"2:97-2:99 Limit: anchors and aliases copy more than 100000 values; write the values out instead of copying them");
    assert_snapshot!(problems(&"[".repeat(100_000)), @"1:65-1:66 Limit: lists and mappings are nested more than 64 levels deep");
    assert_snapshot!(problems(&"- ".repeat(3000)), @"1:129-1:130 Limit: lists and mappings are nested more than 64 levels deep");
    assert_snapshot!(problems(&"? ".repeat(3000)), @"1:3-1:3 Key: a key must be text, not a list or a mapping; quote a text that starts with `[` or `{`");
    let deep = (0..300).fold(String::new(), |text, level| {
        format!("{text}{}a:\n", " ".repeat(level))
    });
    assert_snapshot!(problems(&deep), @"65:65-65:66 Limit: lists and mappings are nested more than 64 levels deep");
    let nested = format!(
        "a: &a {}x{}\nb: {}*a{}\n",
        "[".repeat(40),
        "]".repeat(40),
        "[".repeat(40),
        "]".repeat(40)
    );
    assert_snapshot!(problems(&nested), @"2:44-2:46 Limit: lists and mappings are nested more than 64 levels deep");
    let keys: Vec<_> = (0..300_000).map(|key| format!("k{key}: 1")).collect();
    assert_snapshot!(problems(&keys.join("\n")), @"250000:10-250000:11 Limit: the file holds more than 250000 values");
    assert_snapshot!(problems(&"--- []\n".repeat(10_001)), @"10001:1-10001:4 Limit: the file holds more than 10000 documents; split the file: all files of a folder are read together");
    assert_snapshot!(problems(&"x".repeat(5 << 20)), @"1:1-1:1 Limit: the file is larger than the limit of 4194304 bytes; split the file: all files of a folder are read together");
    let repeated = read(&"a: 1\n".repeat(100_000));
    assert_eq!(repeated.lines().count(), 102);
    assert_snapshot!(repeated.lines().next_back().unwrap(), @"102:1-102:2 Limit: too many errors: the rest of the file is not read; correct the ones above first");
    let broken = read(&"[\n---\n".repeat(1000));
    assert_eq!(broken.lines().count(), 102);
    assert_eq!(read(&"- no\n".repeat(1000)).lines().count(), 101);
}

/// YAML-shaped noise finds more paths than noise alone.
fn noise() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "a",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&a ",
        "*a",
        "!!str ",
        "!x ",
        "'",
        "\"",
        "|\n",
        "? ",
        "---\n",
        "...\n",
        "#",
        "\t",
        "\r\n",
        "<<",
        "0x",
        "\u{feff}",
        "é",
        "%YAML 1.2\n",
        "1",
        "no",
    ]);
    prop::collection::vec(token, 0..60).prop_map(|tokens| tokens.concat())
}

fn survives(text: &str) {
    let (documents, problems) = parse(FileId(0), text, &Limits::default());
    for span in problems.iter().map(|problem| problem.span) {
        assert!(
            text.get(span.start as usize..span.end as usize).is_some(),
            "{span:?}"
        );
    }
    for document in documents {
        let mut open = vec![(Pointer::root(), &*document.value)];
        while let Some((pointer, value)) = open.pop() {
            for part in [EntryHalf::Key, EntryHalf::Value] {
                let span = document.span(&pointer, part);
                assert!(
                    text.get(span.start as usize..span.end as usize).is_some(),
                    "{span:?}"
                );
            }
            match value {
                Value::Array(items) => open.extend(
                    items
                        .iter()
                        .enumerate()
                        .map(|(at, item)| (pointer.index(at), item)),
                ),
                Value::Object(fields) => {
                    open.extend(fields.iter().map(|(key, value)| (pointer.key(key), value)));
                }
                _ => {}
            }
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        line(),
        "[-+0-9._xobe~:]{0,6}",
        prop::sample::select(vec![
            "no", "on", "y", "null", "<<", "", "~", "012", "1_000", "a: b", "- x", "*a", ".inf",
            "=", "\n", " x", "x\n\n"
        ])
        .prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e12..1e12).prop_map(|number: f64| json!(number)),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key(), inner, 0..5)
                .prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

/// Everything but the key `<<`, which the emitter does not quote and no platform field is called.
fn key() -> impl Strategy<Value = String> {
    line().prop_filter("a merge key", |key| key != "<<")
}

/// The emitter follows YAML 1.1, where these characters end a line; YAML 1.2 reads them as text.
fn line() -> impl Strategy<Value = String> {
    "\\PC{0,12}".prop_map(|text| text.replace(['\u{85}', '\u{2028}', '\u{2029}'], " "))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise_never_breaks_the_reader(text in prop_oneof![noise(), "\\PC*", any::<String>()]) {
        survives(&text);
    }

    /// What the emitter writes is read back unchanged; errors would be texts that export breaks.
    #[test]
    fn emitted_yaml_is_read_back(value in any_json()) {
        let text = serde_yaml::to_string(&json!({ "value": value })).unwrap();
        let (documents, problems) = parse(FileId(0), &text, &Limits::default());
        let errors: Vec<_> = problems.into_iter().filter(|problem| !problem.is_warning()).collect();
        prop_assert_eq!(errors, [], "{}", text);
        prop_assert_eq!(&documents[0].value["value"], &value, "{}", text);
    }
}

#[test]
fn a_child_among_many_is_found_where_it_stands() {
    use std::fmt::Write as _;
    let mut text = String::from("a: &x {y: 1}\nspec:\n");
    for index in 0..200 {
        let _ = writeln!(text, "  k{index}: {index}");
    }
    text.push_str("  list:\n");
    for index in 0..200 {
        let _ = writeln!(text, "  - {{ list: {index} }}");
    }
    text.push_str("  copy: *x\n");
    let (documents, problems) = parse(FileId(0), &text, &Limits::default());
    assert_eq!(problems, []);
    let shown = |pointer: &str, part| {
        let span = documents[0].span(&Pointer::from(pointer), part);
        text[span.start as usize..span.end as usize].to_owned()
    };
    for index in 0..200 {
        let key = format!("k{index}");
        assert_eq!(shown(&format!("/spec/{key}"), EntryHalf::Key), key);
        assert_eq!(
            shown(&format!("/spec/{key}"), EntryHalf::Value),
            index.to_string()
        );
        let item = shown(&format!("/spec/list/{index}/list"), EntryHalf::Value);
        assert_eq!(item, index.to_string());
    }
    for nowhere in ["/spec/none", "/spec/none/at/all"] {
        assert_eq!(shown(nowhere, EntryHalf::Value), "spec");
    }
    assert_eq!(shown("/spec/list/200", EntryHalf::Value), "list");
    assert_eq!(shown("/spec/list/x", EntryHalf::Value), "list");
    assert_eq!(shown("/spec/copy/y", EntryHalf::Value), "*x");
}

#[test]
fn digits_are_kept_below_spec_and_nowhere_rounded() {
    let numbers = "[12345678901234567890123, -0.12345678901234567890, 1e400, 0.1, 1.50]";
    let text = format!("spec: {{ a: {numbers}, b: \"12345678901234567890123\" }}\n");
    let (documents, problems) = parse(FileId(0), &text, &Limits::default());
    assert_eq!(problems, []);
    assert_eq!(
        exact::write(&documents[0].value),
        "{\"spec\":{\"a\":[12345678901234567890123,-0.12345678901234567890,1e400,0.1,1.5],\"b\":\"12345678901234567890123\"}}"
    );
    for text in [
        "a: 0.12345678901234567890\n",
        "metadata: { spec: 12345678901234567890123 }\n",
        "spec: +1e400\n",
        "spec: [0xfffffffffffffffff]\n",
    ] {
        let (documents, problems) = parse(FileId(0), text, &Limits::default());
        let kinds: Vec<_> = problems.iter().map(|it| it.kind).collect();
        assert_eq!(
            (documents.len(), &kinds[..]),
            (0, &[YamlErrorKind::NumberRange][..]),
            "{text}"
        );
    }
}

/// Kinds and marked texts of the problems of a text.
fn told(text: &str) -> Vec<String> {
    let (_, problems) = parse(FileId(0), text, &Limits::default());
    let told = problems.into_iter().map(|problem| {
        let span = &text[problem.span.start as usize..problem.span.end as usize];
        format!("{:?} {span}: {}", problem.kind, problem.message)
    });
    told.collect()
}

/// The problems of a text, each with what to do.
fn advised(text: &str) -> String {
    let (_, problems) = parse(FileId(0), text, &Limits::default());
    let told = problems.into_iter().map(|problem| {
        let span = &text[problem.span.start as usize..problem.span.end as usize];
        let help = problem.help.unwrap_or_default();
        format!("{:?} {span}: {}\n  {help}\n", problem.kind, problem.message)
    });
    told.collect()
}

#[test]
fn typographic_quotes_are_told_with_what_was_meant() {
    for (text, opening, closing, meant) in [
        ("a: “Sale”\n", '“', '”', "Sale"),
        ("a: ”Sale”\n", '”', '”', "Sale"),
        ("a: „Sale“\n", '„', '“', "Sale"),
        ("a: « Soldes »\n", '«', '»', "Soldes"),
        ("a: «\u{a0}Soldes\u{a0}»\n", '«', '»', "Soldes"),
        ("a: ‘Don’t miss’\n", '‘', '’', "Don’t miss"),
        ("a: “Don’t miss”\n", '“', '”', "Don’t miss"),
        ("a: “Sale\"\n", '“', '"', "Sale"),
        ("a:\n  - “Sale”\n", '“', '”', "Sale"),
        ("a: { b: “Sale” }\n", '“', '”', "Sale"),
        ("a: [“Sale”, b]\n", '“', '”', "Sale"),
    ] {
        let (_, problems) = parse(FileId(0), text, &Limits::default());
        let [problem] = problems.as_slice() else {
            panic!("{text}: {problems:?}");
        };
        assert_eq!(problem.kind, YamlErrorKind::TypographicQuotes, "{text}");
        assert!(problem.is_warning());
        assert_eq!(problem.meant.as_deref(), Some(meant), "{text}");
        let message = format!("the quotes `{opening}` and `{closing}` are letters of the text");
        assert_eq!(problem.message, message);
        let start = problem.span.start as usize;
        assert!(text[start..].starts_with(opening), "{text}");
    }
    assert_snapshot!(advised("“a”: 1\nb: “Sale # 50\nc: [“x, y”]\n"), @r#"
    TypographicQuotes “a”: the quotes `“` and `”` are letters of the key
      write `"a"`, or `"“a”"` if the text has these quotes
    TypographicQuotes “Sale: the quote `“` is a letter of the text
      quotes of YAML are `"` and `'`: write one of them instead
    TypographicQuotes “x: the quote `“` is a letter of the text
      quotes of YAML are `"` and `'`: write one of them instead
    "#);
    for fine in [
        "a: \"“Sale”\"\n",
        "a: '« Soldes »'\n",
        "a: “A” and “B”\n",
        "a: “Sale” today\n",
        "a: the “Sale”\n",
        "a: ’90s\n",
        "a: ‘A’ and ‘B’\n",
        "a: “\n",
        "a: |\n  “Sale”\n",
    ] {
        assert_eq!(told(fine), [""; 0], "{fine}");
    }
}

#[test]
fn typographic_quotes_that_make_a_text_unreadable_are_the_reason() {
    assert_snapshot!(advised("a: “Sale: 50 %”\n"), @r#"
    Syntax “: `“` opens no text in YAML
      quotes of YAML are `"` and `'`: write one of them instead
    "#);
    assert_snapshot!(advised("a:\n  b: \"Sale”\n  c: 1\n"), @r#"
    Syntax ”: `”` closes no text in YAML
      quotes of YAML are `"` and `'`: write one of them instead
    "#);
    assert_snapshot!(advised("a: b: “c”\n"), @"
    Syntax :: a `:` is not allowed here
      quote a text that contains `: `
    ");
}

#[test]
fn a_missing_separator_is_told_once_for_each_manifest() {
    let one = "apiVersion: v1\nkind: A\nmetadata: {}\nspec: {}\n";
    assert_eq!(told(&[one, "---\n", one].concat()), [""; 0]);
    let said =
        "Separator apiVersion: a `---` is missing before this line: a second manifest starts here";
    assert_eq!(told(&one.repeat(2)), [said]);
    assert_eq!(told(&one.repeat(3)), [said, said]);
    // A key that is defined twice in one manifest is no second manifest.
    assert_eq!(
        told("kind: A\nspec: {}\nspec: {}\n"),
        ["DuplicateKey spec: the key `spec` is defined twice"]
    );
    assert_eq!(
        told("a:\n  kind: A\n  kind: B\n"),
        ["DuplicateKey kind: the key `kind` is defined twice"]
    );
}

#[test]
fn a_line_that_is_nearly_a_key_or_a_separator_is_told_so() {
    for (text, expected) in [
        ("a: 1\nb:c\n", "Syntax b: a space is missing after `b:`"),
        (
            "a:\n  b: 1\n  c:d\n",
            "Syntax c: a space is missing after `c:`",
        ),
        (
            "a: 1\n--\nb: 1\n",
            "Syntax -: `--` does not separate manifests",
        ),
        ("a: 1\nb c\n", "Syntax b: this line has no `:`"),
    ] {
        assert_eq!(told(text), [expected], "{text}");
    }
}

/// Text in, text out: the line to mend is marked, not the one where the parser noticed.
#[test]
fn a_mistake_is_told_where_it_was_made() {
    for (text, expected) in [
        (
            "spec:\n  displayName:Bought\n  indicator: { url: /a }\n",
            "Syntax displayName:: a space is missing after `displayName:`",
        ),
        (
            "spec:\n  displayName:Bought\n\n  # below\n  indicator:\n    url: /a\n",
            "Syntax displayName:: a space is missing after `displayName:`",
        ),
        (
            "list:\n  - a:b\n    c: d\n",
            "Syntax a:: a space is missing after `a:`",
        ),
        (
            "a: { url: '/seen', # trailing\n  count: ${var.limit} }\n",
            "Syntax ${var.limit}: `${` is in a bracket, where `{` opens a mapping",
        ),
        (
            "a: { url: /thanks #x, count: 1 }\nb: 2\n",
            "Syntax #x, count: 1 }: `#x, count: 1 }` is a comment, inside a bracket",
        ),
        (
            "a: { url: /thanks #x, count: 1 }\n",
            "Syntax #x, count: 1 }: `#x, count: 1 }` is a comment, inside a bracket",
        ),
        ("list: [#a, #b]\n", "Syntax #: a `#` begins a comment here"),
        (
            "a: { url: /x, count: 1\nb: x\n",
            "Syntax :: the bracket `{` is not closed before this",
        ),
        ("a: [x, y\nb: x\n", "Syntax :: a `:` is not allowed here"),
        (
            "a: { b: 1, # a remark\n  c: 2\n",
            "Syntax {: the bracket `{` is not closed",
        ),
    ] {
        assert_eq!(told(text), [expected], "{text}");
    }
    for fine in [
        "a: x\n  http://y\nb: c\n",
        "a: { b: 1, # a remark\n  c: 2 }\n",
    ] {
        assert_eq!(told(fine), [""; 0], "{fine}");
    }
}

/// Whatever is cut out of a text: what is no YAML any more is told with a remedy.
#[test]
fn every_syntax_error_says_what_to_do() {
    let whole = "a: { b: [1, 'x'], c: \"y\" } # z\nd:\n  - e: |\n      f\n  - g\nh: &i j\nk: *i\n";
    for from in 0..whole.len() {
        for to in from + 1..=whole.len().min(from + 6) {
            let text = format!("{}{}", &whole[..from], &whole[to..]);
            let (_, problems) = parse(FileId(0), &text, &Limits::default());
            for problem in problems {
                let is_syntax = problem.kind == YamlErrorKind::Syntax;
                assert!(
                    !is_syntax || problem.help.is_some(),
                    "{text}: {}",
                    problem.message
                );
            }
        }
    }
}

#[test]
fn a_comment_that_looks_like_a_value_is_told() {
    for (text, expected) in [
        (
            "a: #b\n",
            Some("Comment #b: `#b` is a comment, and `a` is empty"),
        ),
        (
            "a:   #00FF00  \nb: 1\n",
            Some("Comment #00FF00: `#00FF00` is a comment, and `a` is empty"),
        ),
        (
            "'a': #b\n",
            Some("Comment #b: `#b` is a comment, and `a` is empty"),
        ),
        (
            "a:\n  - #b\n  - c\n",
            Some("Comment #b: `#b` is a comment, and this item is empty"),
        ),
        ("a:\n  - # b\n    c: 1\n", None),
        ("a: # b\n", None),
        ("a: #b\n  c: 1\n", None),
        ("a: x #b\n", None),
        ("a: x # b c\n", None),
        ("a: X y # b\n", None),
        ("a: 12 #b\n", None),
        ("a: true #B\n", None),
        ("kind: Goal #b\n", None),
        ("a: { b: X } #c\n", None),
        ("a: \"X y\" #b\n", None),
        ("a: X y#b\n", None),
        (
            "displayName: enjoy #summer deals  \n",
            Some("Comment #summer deals: `#summer deals` is a comment, not part of the value"),
        ),
        (
            "a:\n  - 20 % off  #été\n",
            Some("Comment #été: `#été` is a comment, not part of the value"),
        ),
        (
            "a: A #b\n",
            Some("Comment #b: `#b` is a comment, not part of the value"),
        ),
        (
            "a: sale #1\n",
            Some("Comment #1: `#1` is a comment, not part of the value"),
        ),
        ("a: '#b'\n", None),
        (
            "a: { b: #c }\nd: 1\n",
            Some("Syntax #c }: `#c }` is a comment, inside a bracket"),
        ),
    ] {
        assert_eq!(
            told(text),
            expected.into_iter().collect::<Vec<_>>(),
            "{text}"
        );
    }
}

#[test]
fn a_line_of_wrong_indentation_is_told_that_of_its_siblings() {
    for (text, expected) in [
        (
            "a:\n  b: 1\n   c: 2\n",
            "Syntax c: this line is indented by 3 spaces, its siblings by 2",
        ),
        (
            "a:\n  b: 1\n c: 2\n",
            "Syntax c: this line is indented by 1 space, its siblings by 2",
        ),
        ("a: b: c\n", "Syntax :: a `:` is not allowed here"),
    ] {
        assert_eq!(told(text), [expected], "{text}");
    }
}
