//! Comments stay with what they are about, wherever that goes.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::text::cases;

#[track_caller]
fn check(text: &str, wanted: &Value, after: &str) {
    assert_eq!(rewritten(text, 0, wanted).as_deref(), Ok(after));
}

const BRACKETS: &str = "\
a: [ # what
  # above one
  one, # c1
  # above two
  two, # c2
  # above three
  three, # c3
]
b: 1 # b
";

#[test]
fn items_in_brackets_keep_their_comments() {
    let check = |wanted: Value, items: &str| {
        let after = format!("a: [ # what\n{items}]\nb: 1 # b\n");
        check(BRACKETS, &json!({ "a": wanted, "b": 1 }), &after);
    };
    let [one, two, three] = ["one", "two", "three"]
        .map(|it| {
            (
                it,
                it.replace("one", "1")
                    .replace("two", "2")
                    .replace("three", "3"),
            )
        })
        .map(|(it, number)| format!("  # above {it}\n  {it}, # c{number}\n"));
    check(json!(["one", "three"]), &format!("{one}{three}"));
    check(json!(["two", "three"]), &format!("{two}{three}"));
    check(json!(["one", "two"]), &format!("{one}{two}"));
    check(
        json!(["three", "one", "two"]),
        &format!("{three}{one}{two}"),
    );
    check(
        json!(["three", "two", "one"]),
        &format!("{three}{two}{one}"),
    );
    check(json!(["x", "three"]), &format!("  x,\n{three}"));
    check(
        json!(["one", "x", "two", "three", "last"]),
        &format!("{one}  x,\n{two}{three}  last,\n"),
    );
}

#[test]
fn brackets_that_close_behind_an_item_leave_its_comment() {
    let text = "b: [ one, # c1\n  two, # c2\n  three ] # c3\nc: 1\n";
    check(
        text,
        &json!({ "b": ["one", "two"], "c": 1 }),
        "b: [ one, # c1\n  two # c2\n  ] # c3\nc: 1\n",
    );
    check(
        text,
        &json!({ "b": ["three", "one", "two"], "c": 1 }),
        "b: [ three,\n  one, # c1\n  two # c2\n  ] # c3\nc: 1\n",
    );
    check(
        "b:   [ one, two,   # c2\r\n  three ]\r\n",
        &json!({ "b": ["two", "one", "three"] }),
        "b:   [ two,   # c2\r\n  one,\r\n  three ]\r\n",
    );
    // The comma in front of an item, and comments of nothing.
    check(
        "b: [ one # c1\n  # above two\n  , two # c2\n  # last\n\n  # apart\n\n  , three\n  # end\n ]\n",
        &json!({ "b": ["one", "three"] }),
        "b: [ one, # c1\n  # last\n\n  # apart\n\n  three\n  # end\n ]\n",
    );
}

#[test]
fn entries_in_brackets_keep_their_comments() {
    let text = "c: { k1: 1, # k1\n  # above k2\n  k2: 2, # k2\n  # above k3\n  k3: 3 } # k3\n";
    check(
        text,
        &json!({ "c": { "k1": 1, "k3": 3 } }),
        "c: { k1: 1, # k1\n  # above k3\n  k3: 3 } # k3\n",
    );
    check(
        text,
        &json!({ "c": { "k2": 2, "k3": 4 } }),
        "c: {\n  # above k2\n  k2: 2, # k2\n  # above k3\n  k3: 4 } # k3\n",
    );
    check(
        text,
        &json!({ "c": { "k1": 1, "k2": 2 } }),
        "c: { k1: 1, # k1\n  # above k2\n  k2: 2 # k2\n  } # k3\n",
    );
    check(
        text,
        &json!({ "c": { "k1": 1, "new": [1], "k2": 2, "k3": 3 } }),
        "c: { k1: 1, # k1\n  new: [1],\n  # above k2\n  k2: 2, # k2\n  # above k3\n  k3: 3 } # k3\n",
    );
}

#[test]
fn items_in_lines_move_as_text() {
    let text = "l:\n  - one # c1\n  - two # c2\n  - three # c3\n";
    check(
        text,
        &json!({ "l": ["three", "two", "one"] }),
        "l:\n  - three # c3\n  - two # c2\n  - one # c1\n",
    );
    check(
        text,
        &json!({ "l": ["three", "one", "two"] }),
        "l:\n  - three # c3\n  - one # c1\n  - two # c2\n",
    );
    let text = "l:\n  # the list\n\n  # above a\n  - n: a # da\n    v: 1 # va\n    # below a\n\n  - {n: b,  v: 2} # b\n  # above c\n  - n: c # dc\n    v: 3 # vc\n# end\n";
    check(
        text,
        &json!({ "l": [{ "n": "c", "v": 4 }, { "n": "a", "v": 1 }, { "n": "b", "v": 2 }] }),
        "l:\n  # the list\n\n  # above c\n  - n: c # dc\n    v: 4 # vc\n\n  # above a\n  - n: a # da\n    v: 1 # va\n    # below a\n  - {n: b,  v: 2} # b\n# end\n",
    );
    check(
        text,
        &json!({ "l": [{ "n": "b", "v": 2 }] }),
        "l:\n  # the list\n\n\n  - {n: b,  v: 2} # b\n# end\n",
    );
    check(
        "- - a # a\n  # above b\n  - b # b\n- c\n",
        &json!([["b", "a"], "c"]),
        "-\n  # above b\n  - b # b\n  - a # a\n- c\n",
    );
}

#[test]
fn another_item_in_the_place_of_one_has_none_of_its_comments() {
    let text = "l:\n  - home # h\n  # the pages\n  - product-pages # pp\n  - 'cart'\n";
    check(
        text,
        &json!({ "l": ["home", "basket", "cart"] }),
        "l:\n  - home # h\n  - basket\n  - 'cart'\n",
    );
    // Without comments the author's layout stays, and so does what has something in common with the old item.
    check(
        text,
        &json!({ "l": ["home", "product-pages", "basket"] }),
        "l:\n  - home # h\n  # the pages\n  - product-pages # pp\n  - 'basket'\n",
    );
    check(
        "l: [home, # h\n  { a: 1, b: 1 }, # a\n  c]\n",
        &json!({ "l": ["home", { "a": 2, "b": 2 }, "c"] }),
        "l: [home, # h\n  { a: 2, b: 2 },\n  c]\n",
    );
    check(
        "l: # l\n  - { live: A b } # a\n  - name: b # b\n",
        &json!({ "l": ["a-b", { "name": "c" }] }),
        "l: # l\n  - a-b # a\n  - name: c # b\n",
    );
    check(
        "l:\n  - a: { b: 1, c: 2 } # a\n",
        &json!({ "l": [{ "a": { "b": 1, "c": 3 } }] }),
        "l:\n  - a: { b: 1, c: 3 } # a\n",
    );
}

#[test]
fn an_item_whose_dash_has_a_comment_changes_below_it() {
    check(
        "a:\n- # dash\n  s: [ { n: x } ] # s\n",
        &json!({ "a": [{ "s": [{ "n": "why" }] }] }),
        "a:\n- # dash\n  s: [ { n: why } ] # s\n",
    );
    check(
        "a:\n  - # dash\n    # above\n    one # o\n  - two\n",
        &json!({ "a": ["eins", "two"] }),
        "a:\n  - eins\n  - two\n",
    );
    check(
        "a:\n  - # dash\n    s: x\n  - # more\n    s: q\n    t: z\n",
        &json!({ "a": [{ "s": "x" }, { "s": "why", "t": "z" }, { "s": "new" }] }),
        "a:\n  - # dash\n    s: x\n  - # more\n    s: why\n    t: z\n  - s: new\n",
    );
    check(
        "a:\n  - # dash\n    s: x\n  - # more\n    s: q\n    t: z\n",
        &json!({ "a": [{ "s": "q", "t": "z" }] }),
        "a:\n  - # more\n    s: q\n    t: z\n",
    );
}

/// A list with a comment at the end of some items and above some.
#[derive(Clone, Debug)]
struct Commented {
    items: Vec<Remarks>,
    is_flow: bool,
    has_maps: bool,
    has_last_comma: bool,
    closes_on_line: bool,
    newline: &'static str,
}

#[derive(Clone, Copy, Debug)]
struct Remarks {
    above: bool,
    behind: bool,
    /// A comment with a blank line behind it, or a blank line, in front.
    apart: u8,
    /// Whether it begins a line in brackets.
    begins: bool,
}

const BEFORE: &str = "# top\na: 'x' # a\nlist:";
const AFTER: &str = "# about z\nz: [1, 2] # z\n";

impl Commented {
    fn value(&self, name: &str) -> Value {
        if self.has_maps {
            json!({ "name": name, "size": format!("of {name}") })
        } else {
            json!(name)
        }
    }

    fn item(&self, at: usize) -> String {
        let name = format!("i{at}x");
        match (self.has_maps, self.is_flow) {
            (false, _) => name,
            (true, true) => format!("{{name: {name},  size: of {name}}}"),
            (true, false) => format!("name: {name}\n    # inside i{at}x;\n    size:  of {name}"),
        }
    }

    /// The lines of an item in a block, its comments included.
    fn lines(&self, at: usize) -> String {
        let above = format!("  # above i{at}x;\n");
        let above = if self.items[at].above { &above } else { "" };
        let behind = format!(" # behind i{at}x;");
        let behind = if self.items[at].behind { &behind } else { "" };
        format!("{above}  - {}{behind}\n", self.item(at))
    }

    fn text(&self) -> String {
        let mut out = String::from(BEFORE);
        out += if self.is_flow { " [" } else { "\n" };
        let mut is_ended = false;
        for (at, remarks) in self.items.iter().enumerate() {
            let is_begun = remarks.begins || remarks.above || remarks.apart > 0 || is_ended;
            if self.is_flow {
                out += if is_begun { "\n" } else { " " };
            }
            let _ = match remarks.apart {
                1 => writeln!(out, "  # apart {at};\n"),
                2 => writeln!(out),
                _ => Ok(()),
            };
            if !self.is_flow {
                out += &self.lines(at);
                continue;
            }
            if remarks.above {
                let _ = writeln!(out, "  # above i{at}x;");
            }
            out += if is_begun { "  " } else { "" };
            out += &self.item(at);
            let is_last = at + 1 == self.items.len();
            out += if !is_last || self.has_last_comma {
                ","
            } else {
                ""
            };
            if remarks.behind {
                let _ = write!(out, " # behind i{at}x;");
            }
            is_ended = remarks.behind;
        }
        if self.is_flow {
            out += if self.closes_on_line && !is_ended {
                " "
            } else {
                "\n  "
            };
            out += "] # list\n";
        }
        (out + AFTER).replace('\n', self.newline)
    }
}

fn any_commented() -> impl Strategy<Value = Commented> {
    let remarks = (any::<bool>(), any::<bool>(), 0_u8..5, any::<bool>());
    let remarks = remarks.prop_map(|(above, behind, apart, begins)| Remarks {
        above,
        behind,
        apart,
        begins,
    });
    let items = prop::collection::vec(remarks, 1..7);
    (items, any::<[bool; 5]>()).prop_map(
        |(items, [is_flow, has_maps, has_last_comma, closes_on_line, crlf])| Commented {
            items,
            is_flow,
            has_maps,
            has_last_comma,
            closes_on_line,
            newline: if crlf { "\r\n" } else { "\n" },
        },
    )
}

/// The name in a comment of this sort.
fn named<'t>(line: &'t str, sort: &str) -> Option<&'t str> {
    let rest = &line[line.find(sort)? + sort.len()..];
    rest.split(';').next()
}

proptest! {
    #![proptest_config(cases(600))]

    /// Items go, come and move: each one that stays has its comments, no item has those of another one, and nothing
    /// beside the list changes.
    #[test]
    fn comments_go_where_their_items_go(
        list in any_commented(),
        order in Just((0..7_usize).collect::<Vec<_>>()).prop_shuffle(),
        (keeps, moves) in (prop::collection::vec(prop::bool::weighted(0.7), 7), any::<bool>()),
        news in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
    ) {
        let text = list.text();
        let mut order = order;
        if !moves {
            order.sort_unstable();
        }
        order.retain(|at| *at < list.items.len() && keeps[*at]);
        let mut names: Vec<String> = order.iter().map(|at| format!("i{at}x")).collect();
        for (number, place) in news.iter().enumerate() {
            names.insert(place.index(names.len() + 1), format!("new{number}"));
        }
        prop_assume!(!names.is_empty());
        let items: Vec<Value> = names.iter().map(|name| list.value(name)).collect();
        let wanted = json!({ "a": "x", "list": items, "z": [1, 2] });
        let after = rewritten(&text, 0, &wanted);
        prop_assert!(after.is_ok(), "{after:?}\n{text}\n{names:?}");
        let after = after.unwrap();
        let shown = format!("{text}\n=== {names:?}\n{after}");
        let (documents, _) = yaml::parse(FileId(0), &after, &Limits::default());
        prop_assert_eq!(&*documents[0].value, &wanted, "{}", shown);
        prop_assert!(after.starts_with(&BEFORE.replace('\n', list.newline)), "{shown}");
        prop_assert!(after.ends_with(&AFTER.replace('\n', list.newline)), "{shown}");
        prop_assert!(!list.is_flow || after.contains("] # list"), "{shown}");
        prop_assert_eq!(after.matches('\n').count(), after.matches(list.newline).count());
        let lines: Vec<&str> = after.lines().collect();
        for (at, remarks) in list.items.iter().enumerate() {
            let name = format!("i{at}x");
            let stays = order.contains(&at);
            for (sort, has) in [("# above ", remarks.above), ("# behind ", remarks.behind)] {
                let count = after.matches(&format!("{sort}{name};")).count();
                prop_assert_eq!(count, usize::from(has && stays), "{}{}\n{}", sort, name, shown);
            }
            if remarks.apart == 1 {
                prop_assert!(after.contains(&format!("# apart {at};")), "{shown}");
            }
            if stays && !list.is_flow {
                prop_assert!(after.contains(&list.lines(at).replace('\n', list.newline)), "{shown}");
            }
        }
        for (number, line) in lines.iter().enumerate() {
            let next = lines.get(number + 1).copied().unwrap_or_default();
            if let Some(name) = named(line, "# above ") {
                let item = next.trim_start_matches([' ', '-', '{']);
                let item = item.strip_prefix("name: ").unwrap_or(item);
                prop_assert!(name == "z" || item.starts_with(name), "{line}\n{shown}");
            }
            if let Some(name) = named(line, "# behind ") {
                let head = &line[..line.find("# behind ").unwrap_or_default()];
                let last = head.rfind(name).map(|at| &head[at + name.len()..]);
                let is_own = last.is_some_and(|rest| matches!(rest.trim_end(), "" | "," | "}" | "},"));
                prop_assert!(is_own, "{line}\n{shown}");
            }
        }
    }
}
