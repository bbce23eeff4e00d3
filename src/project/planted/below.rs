//! Secrets by their place: whatever is written below `credentials`, `ledgerCredentials` and `notify`, at whatever wrong
//! shape. Keys stay readable there, and what names a place where a secret is kept; nothing else does, comments included.
//! Below the keys that take an address (`ledger`, `hosts`, ..), what an address may show stays readable too.
//!
//! Of a text that is no YAML, what follows the error is judged by its lines and their indentation.

use std::ops::Range;

use super::{is_plausible_name, is_plausible_path};
use crate::diag::is_slip;
use crate::text::address::struck;
use crate::text::{EntryHalf, Limits, ScalarToken, walk};

/// The keys below which secrets are expected, in small letters.
const PLACES: [&str; 3] = ["credentials", "ledgercredentials", "notify"];

/// The keys below which addresses are expected, in small letters.
const ADDRESSES: [&str; 5] = ["domainapi", "hosts", "handoffs", "ledger", "ledgerlock"];

/// The keys that the schema knows there.
const KNOWN: [&str; 12] = [
    "bearer",
    "clientId",
    "clientSecret",
    "env",
    "file",
    "kind",
    "login",
    "on",
    "password",
    "refreshToken",
    "url",
    "username",
];

/// What the schema takes as a value there, by key.
const WORDS: [(&str, &[&str]); 2] = [
    ("kind", &["slack", "teams", "json"]),
    ("on", &["apply", "drift", "failure"]),
];

/// The longest name of a service: `accountConfigReadWrite` has 22 letters.
const LONGEST_SERVICE: usize = 30;

/// What anchors, aliases and tags begin with.
const MARKS: [char; 4] = ['&', '*', '!', '<'];

/// What of a text is struck out.
#[derive(Default)]
pub(super) struct StruckOut {
    /// Where.
    pub(super) ranges: Vec<Range<usize>>,
    /// What the scalars among it say.
    pub(super) texts: Vec<String>,
    /// What comments, anchors, aliases and tags among it say: complaints repeat it, and keys elsewhere may say the same.
    pub(super) names: Vec<String>,
    /// The scalars that an alias can mean, and whether one is below.
    anchored: Vec<(Range<usize>, String)>,
    has_alias: bool,
    /// How far the text is read, and whether that is below.
    at: usize,
    is_inside: bool,
    /// Where the last key of a place starts.
    place: usize,
}

/// Whether secrets are expected below a key, or addresses that may hold some.
fn is_place(key: &str) -> bool {
    is_one_of(key, &PLACES) || is_one_of(key, &ADDRESSES)
}

/// Whether a key is one of these, or differs from one by a letter.
fn is_one_of(key: &str, places: &[&str]) -> bool {
    let letters = key.chars().filter(|it| !matches!(it, '_' | '-' | ' '));
    let key: String = letters.flat_map(char::to_lowercase).collect();
    places
        .iter()
        .any(|place| *place == key || is_slip(place, &key))
}

/// Whether a key is a word, and not a secret that is written as one.
fn is_readable_key(key: &str) -> bool {
    let is_word = |key: &str| {
        key.len() <= 20
            && key.starts_with(|it: char| it.is_ascii_lowercase())
            && key.bytes().all(|it| it.is_ascii_alphabetic())
            && key.bytes().filter(u8::is_ascii_uppercase).count() <= 3
    };
    KNOWN.contains(&key) || is_place(key) || is_word(key) || is_plausible_name(key)
}

/// Whether a key is the name of a service, and not the rest of an address that a comma cut.
fn is_service(key: &str) -> bool {
    key.len() <= LONGEST_SERVICE
        && key.starts_with(|it: char| it.is_ascii_lowercase())
        && key.bytes().all(|it| it.is_ascii_alphabetic())
        && key.bytes().filter(u8::is_ascii_uppercase).count() <= 4
}

/// What of a text is below the keys.
pub(super) fn below(text: &str) -> StruckOut {
    let mut below = StruckOut::default();
    let limits = Limits {
        bytes: text.len(),
        ..Limits::default()
    };
    let open = walk(text, &limits, &mut |token| below.token(text, token));
    match open {
        Some(open) => below.rest(text, open.iter().any(|key| is_place(key))),
        None if below.is_inside => below.between(text, below.at..end_of_line(text, below.at)),
        None => {}
    }
    if below.has_alias {
        for (range, text) in std::mem::take(&mut below.anchored) {
            below.ranges.push(range);
            below.texts.push(text);
        }
    }
    below
}

impl StruckOut {
    fn token(&mut self, text: &str, token: &ScalarToken<'_>) {
        let is_below = token.keys.iter().any(|key| is_place(key));
        let range = token.range.clone();
        if self.is_inside && range.start > self.at {
            let end = if is_below {
                range.start
            } else {
                end_of_line(text, self.at).min(range.start)
            };
            self.between(text, self.at..end);
        }
        let is_place = token.part == EntryHalf::Key && is_place(token.text);
        if is_place && !is_below {
            self.place = range.start;
        }
        let is_key = token.part == EntryHalf::Key && is_readable_key(token.text);
        if token.has_anchor && !is_key {
            let said = token.text.to_owned();
            self.anchored.push((range.clone(), said));
        }
        self.has_alias |= is_below && token.is_alias;
        if is_below {
            self.named(text, range.clone()); // a tag is a part of its scalar
        }
        if is_below && !is_readable(token) {
            self.strike(text, token);
        }
        self.at = self.at.max(range.end);
        self.is_inside = is_below || is_place;
    }

    /// Strikes out a scalar, of an address what is not shown of it.
    fn strike(&mut self, text: &str, token: &ScalarToken<'_>) {
        let range = token.range.clone();
        let of_address = struck_of_address(token).and_then(|found| {
            let start = range.start + text[range.clone()].find(token.text)?;
            Some((start, found))
        });
        let Some((start, found)) = of_address else {
            self.ranges.push(range);
            self.texts.push(token.text.to_owned());
            self.texts.extend(parts(token.text));
            return;
        };
        for part in found {
            self.texts.extend(parts(&token.text[part.clone()]));
            self.ranges.push(start + part.start..start + part.end);
        }
    }

    /// Strikes out comments, tags and whatever else is between two scalars.
    fn between(&mut self, text: &str, range: Range<usize>) {
        self.named(text, range.clone());
        self.ranges.extend(words(text, range));
    }

    /// Takes note of anchors, aliases and tags, which complaints name without their marks, and of comments.
    fn named(&mut self, text: &str, range: Range<usize>) {
        let is_between = |it: char| it.is_whitespace() || "{}[],".contains(it);
        let lines = text[range.clone()].lines();
        let comments = lines.filter_map(|line| Some(line.split_once('#')?.1.trim().to_owned()));
        self.names.extend(comments);
        let chunks = text[range].split(is_between);
        for chunk in chunks.filter(|chunk| chunk.starts_with(MARKS)) {
            let words = words(chunk, 0..chunk.len()).into_iter();
            let words = words.map(|range| chunk[range].trim_start_matches(MARKS).to_owned());
            self.names.extend(words);
        }
    }

    /// Strikes out what follows an error, line by line.
    fn rest(&mut self, text: &str, mut is_below: bool) {
        let mut start = self.at;
        let mut place = self.place;
        is_below |= self.is_inside;
        while start < text.len() {
            let end = end_of_line(text, start);
            let line = &text[start..end];
            is_below &= start == self.at
                || is_deeper(line, indent_at(text, place))
                || is_open(&text[place..start])
                || !begins_entry(line);
            let mut from = start;
            if !is_below && let Some(behind) = place_in(line) {
                is_below = true;
                from = start + behind;
                place = from;
            }
            if is_below {
                self.line(text, from..end);
            }
            start = end + 1;
        }
    }

    fn line(&mut self, text: &str, line: Range<usize>) {
        self.named(text, line.clone());
        let comment = text[line.clone()].find(" #").unwrap_or(line.len()) + line.start;
        for range in words(text, line) {
            let word = &text[range.clone()];
            let behind = text[range.end..].trim_start_matches(['"', '\'']);
            if behind.starts_with(':') && KNOWN.contains(&word) {
                continue;
            }
            if range.start < comment {
                self.texts.extend(parts(word));
            }
            self.ranges.push(range);
        }
    }
}

/// Whether a scalar below the keys is no secret.
fn is_readable(token: &ScalarToken<'_>) -> bool {
    if token.text.is_empty() && !token.is_alias {
        return true;
    }
    let key = token.keys.last().map(String::as_str).unwrap_or_default();
    match (token.part, key) {
        (EntryHalf::Key, _) => {
            is_readable_key(token.text) || (is_of_address(token) && is_service(token.text))
        }
        (EntryHalf::Value, "env") => is_plausible_name(token.text),
        (EntryHalf::Value, "file") => is_plausible_path(token.text),
        (EntryHalf::Value, key) => WORDS
            .iter()
            .any(|(of, words)| *of == key && words.contains(&token.text)),
    }
}

/// A secret, and those of its parts that are no words: a complaint may repeat an address in pieces.
fn parts<'s>(secret: &'s str) -> impl Iterator<Item = String> + 's {
    let split = |text: &'s str| text.split(|it: char| !it.is_alphanumeric());
    let behind_escape = secret.split('%').filter_map(|it| it.get(2..)); // `%40` is undone by parsers
    let parts = split(secret).chain(behind_escape.flat_map(split));
    let is_no_word = |it: &&str| !it.chars().all(char::is_lowercase);
    let parts = parts.filter(is_no_word).map(str::to_owned);
    std::iter::once(secret.trim_matches(['@', '/', ':']).to_owned()).chain(parts)
}

/// Whether a scalar below the keys is an address, and not below one of secrets.
fn is_of_address(token: &ScalarToken<'_>) -> bool {
    let is_address = token.keys.iter().any(|key| is_one_of(key, &ADDRESSES));
    is_address && !token.keys.iter().any(|key| is_one_of(key, &PLACES))
}

/// What of a scalar that is an address is not shown.
fn struck_of_address(token: &ScalarToken<'_>) -> Option<Vec<Range<usize>>> {
    if token.part == EntryHalf::Key || token.is_alias || !is_of_address(token) {
        return None;
    }
    Some(struck(token.text))
}

/// The words between blanks and what YAML is made of.
fn words(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let is_structure = |it: char| it.is_whitespace() || "{}[],:-?|>\"'".contains(it);
    let mut found = Vec::new();
    let mut start = None;
    for (at, letter) in text[range.clone()].char_indices() {
        let at = range.start + at;
        match (start, is_structure(letter)) {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                found.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    found.extend(start.map(|from| from..range.end));
    found
}

/// Where what is below a key of a line starts.
fn place_in(line: &str) -> Option<usize> {
    line.match_indices(':').find_map(|(at, _)| {
        let before = line[..at].trim_end_matches(['"', '\'', ' ']);
        let word = before.rsplit(|it: char| !it.is_alphanumeric() && !matches!(it, '_' | '-'));
        is_place(word.into_iter().next().unwrap_or_default()).then_some(at + 1)
    })
}

/// Whether a line can be below a key of this indentation.
fn is_deeper(line: &str, indent: usize) -> bool {
    let content = line.trim_start();
    let own = line.len() - content.len();
    let has_tab = line[..own].contains('\t'); // no YAML: it may be below of anything
    content.is_empty()
        || has_tab
        || own > indent
        || (own == indent && content.starts_with(['-', '#', ']', '}']))
}

/// Whether a line begins an entry of a mapping: behind an error, a line that does not may belong to the text before it,
/// such as one of a key that was pasted.
fn begins_entry(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches("- ");
    let key = line.split(':').next().unwrap_or_default();
    let behind = &line[key.len()..];
    let is_split = behind == ":" || behind.starts_with(": ");
    is_split && is_readable_key(key.trim_matches(['"', '\'']).trim_end())
}

/// Whether more brackets are opened in a text than closed.
fn is_open(text: &str) -> bool {
    let count = |brackets: [char; 2]| text.matches(brackets).count();
    count(['{', '[']) > count(['}', ']'])
}

/// The indentation of the line around a place.
fn indent_at(text: &str, at: usize) -> usize {
    let line = text[..at].rfind('\n').map_or(0, |before| before + 1);
    text[line..].len() - text[line..].trim_start_matches(' ').len()
}

fn end_of_line(text: &str, from: usize) -> usize {
    text[from..].find('\n').map_or(text.len(), |at| from + at)
}
