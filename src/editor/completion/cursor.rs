//! Where in a document a person is typing.
//!
//! The word at the cursor is replaced by a mark, once as a value and once as a key, and the document is read with it. A
//! document that is broken further down is read up to the cursor, with its brackets closed.

use serde_json::Value;

use crate::text::{Document, FileId, Limits, Pointer, Span, yaml};

/// Stands for what is being typed.
const MARK: &str = "zzCursorzz";

/// A place in a document.
#[derive(Clone, Debug)]
pub(super) struct CursorPlace {
    /// The document with the mark in it.
    pub(super) value: Value,
    /// The mark: the value itself, or the mapping that it is a key of.
    pub(super) pointer: Pointer,
    /// Whether the mark is a key.
    pub(super) is_key: bool,
    /// Whether the line has a colon already, so that a key is inserted without one.
    pub(super) has_colon: bool,
}

/// The word around a byte.
pub(super) fn word(text: &str, offset: u32) -> Span {
    let mut at = (offset as usize).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let is_word = |ch: char| ch.is_alphanumeric() || "-_./$+".contains(ch);
    let before = text[..at].chars().rev().take_while(|ch| is_word(*ch));
    let behind = text[at..].chars().take_while(|ch| is_word(*ch));
    let start = at - before.map(char::len_utf8).sum::<usize>();
    let end = at + behind.map(char::len_utf8).sum::<usize>();
    // The dash of a list item is no part of the word behind it, and `---` is no word.
    let dashes = text[start..at].chars().take_while(|ch| *ch == '-').count();
    Span {
        start: narrow(start + dashes),
        end: narrow(end),
    }
}

/// The places that a word may be at: several, as long as too little is written to tell.
pub(super) fn places(text: &str, typed: Span) -> Vec<CursorPlace> {
    let (start, end) = (typed.start as usize, typed.end as usize);
    let (first, last) = bounds(text, start);
    let (before, behind) = (&text[first..start], &text[end.min(last)..last]);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let is_first = line.trim_start_matches([' ', '-']).is_empty();
    let has_colon = behind.trim_start_matches(['"', '\'', ' ']).starts_with(':');
    let in_flow = closers(before).starts_with('}');
    let mut found = Vec::new();
    if !has_colon && (is_first || in_flow) {
        found.extend(read(before, ": null", behind, has_colon));
    }
    found.extend(read(before, "", behind, has_colon));
    found.dedup_by(|one, other| one.pointer == other.pointer && one.is_key == other.is_key);
    found
}

fn read(before: &str, after_mark: &str, behind: &str, has_colon: bool) -> Option<CursorPlace> {
    let whole = [before, MARK, after_mark, behind].concat();
    let rest = behind.split('\n').next().unwrap_or_default();
    let line = [before, MARK, after_mark, rest].concat();
    let cut = [before, MARK, after_mark].concat();
    let closed = [cut.as_str(), &closers(&cut)].concat();
    [whole, line, closed].iter().find_map(|text| {
        let (documents, _) = yaml::parse(FileId(0), text, &Limits::default());
        let value = documents.into_iter().next().map(Document::into_value)?;
        let (pointer, is_key) = find(&value, &Pointer::root())?;
        Some(CursorPlace {
            value,
            pointer,
            is_key,
            has_colon,
        })
    })
}

/// The document around a byte, without the lines that bound it.
fn bounds(text: &str, at: usize) -> (usize, usize) {
    let is_bound = |line: &str| {
        line.trim_end() == "---" || line.trim_end() == "..." || line.starts_with("--- ")
    };
    let (mut first, mut last, mut here) = (0, text.len(), 0);
    for line in text.split_inclusive('\n') {
        let end = here + line.len();
        if is_bound(line) {
            if end <= at {
                first = end;
            } else if here >= at {
                last = here;
                break;
            }
        }
        here = end;
    }
    (first, last.max(at))
}

/// Where the mark is, and whether it is a key.
fn find(value: &Value, at: &Pointer) -> Option<(Pointer, bool)> {
    match value {
        Value::String(text) => text.contains(MARK).then(|| (at.clone(), false)),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, item)| find(item, &at.index(index)))
        }
        Value::Object(fields) => fields.iter().find_map(|(key, value)| {
            if key.contains(MARK) {
                return Some((at.clone(), true));
            }
            find(value, &at.key(key))
        }),
        _ => None,
    }
}

/// What closes the brackets and quotes that a text leaves open.
fn closers(text: &str) -> String {
    let mut open: Vec<char> = Vec::new();
    let mut quote = None;
    let mut last = '\n';
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        let is_start = " \t\n,[{:-".contains(last);
        match (quote, ch) {
            (Some(mark), _) if ch == mark => quote = None,
            (Some('"'), '\\') => drop(chars.next()),
            (None, '"' | '\'') if is_start => quote = Some(ch),
            (None, '#') if " \t\n".contains(last) => {
                while chars.next_if(|ch| *ch != '\n').is_some() {}
            }
            (None, '{') if is_start || !open.is_empty() => open.push('}'),
            (None, '[') if is_start || !open.is_empty() => open.push(']'),
            (None, '}' | ']') if open.last() == Some(&ch) => drop(open.pop()),
            _ => {}
        }
        last = ch;
    }
    quote.into_iter().chain(open.into_iter().rev()).collect()
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places at the `|` of a text.
    fn told(text: &str) -> String {
        let at = text.find('|').unwrap();
        let text = text.replacen('|', "", 1);
        let typed = word(&text, u32::try_from(at).unwrap());
        let word = &text[typed.start as usize..typed.end as usize];
        let places = places(&text, typed).into_iter().map(|place| {
            let sort = if place.is_key { "key in" } else { "value of" };
            format!("{sort} `{}`", place.pointer)
        });
        format!("`{word}` {}", places.collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn places_are_found_in_texts_that_are_not_whole() {
        let told = |text| told(text);
        assert_eq!(told("|"), "`` key in ``, value of ``");
        assert_eq!(told("kin|"), "`kin` key in ``, value of ``");
        assert_eq!(told("kind: |"), "`` value of `/kind`");
        assert_eq!(
            told("a: 1\n---\nkind: Go|al\nspec: {}"),
            "`Goal` value of `/kind`"
        );
        assert_eq!(
            told("spec:\n  goal: a-b|\n  x: 1\n"),
            "`a-b` value of `/spec/goal`"
        );
        assert_eq!(told("spec:\n  |\n"), "`` key in `/spec`, value of `/spec`");
        assert_eq!(told("spec:\n  a: 1\n  |\n  b: 1\n"), "`` key in `/spec`");
        assert_eq!(told("spec:\n  a: 1\n  b|: 1\n"), "`b` key in `/spec`");
        assert_eq!(
            told("spec:\n  list:\n    - |\n"),
            "`` key in `/spec/list/0`, value of `/spec/list/0`"
        );
        assert_eq!(told("spec: { list: [a, |"), "`` value of `/spec/list/1`");
        assert_eq!(told("spec: { a: 1, |"), "`` key in `/spec`");
        assert_eq!(
            told("spec: { list: [a, b|], c: d }"),
            "`b` value of `/spec/list/1`"
        );
        assert_eq!(told("spec:\n  goal: \"x|\"\n"), "`x` value of `/spec/goal`");
        assert_eq!(
            told("spec:\n  goal: g|\n broken: [\n"),
            "`g` value of `/spec/goal`"
        );
    }
}
