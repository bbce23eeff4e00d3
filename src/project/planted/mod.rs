//! Secrets that somebody wrote into a project file, where only the names of variables and files belong.
//!
//! No complaint, in no format, shows one: [`Planted::masked`] is for lines that are quoted, [`redacted`] for messages.
//! What is a secret follows from its place (whatever is written below `credentials` or `notify`), from its key
//! (`clientSecret: hush`), from its part of an address (`https://user:password@host?token=..`), or from its looks: strictly
//! where the name of a variable or a file is expected (`env: hunter2!`), and anywhere else if nothing but a secret looks so
//! ([`looks`](crate::text::looks)).

mod below;
mod split;

use std::ops::Range;

use below::below;

use crate::diag::{Diagnostic, Diags};
use crate::text::address::{credentials, end_of_credentials};
use crate::text::looks::by_looks;

/// What keys end with below which secrets have keys of their own.
const PLACE: &str = "credentials";

/// What the keys of secrets end with, in small letters.
const KEYS: [&str; 7] = [
    PLACE,
    "secret",
    "password",
    "bearer",
    "token",
    "passphrase",
    "apikey",
];

/// The key of the addresses of webhooks in a project file, which are secrets. Addresses in manifests are for visitors.
const ADDRESS: &str = "url:";

/// The longest file that is searched as a whole: project files are far shorter, and manifests hold no secrets.
const LONGEST: usize = 64 * 1024;

/// The shortest text that is struck out wherever it occurs: shorter ones are parts of ordinary words.
const SHORTEST: usize = 4;

/// The longest part of the name of a variable, `AUTHENTICATION`.
const LONGEST_PART: usize = 14;

/// The longest word of a path.
const LONGEST_OF_PATH: usize = 20;

/// Whether a file is a project file, by its name.
fn is_project_file(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".yaml").or(name.strip_suffix(".yml")) == Some("campaignctl")
}

/// The secrets of one file.
#[derive(Debug, Default)]
pub struct Planted {
    is_project: bool,
    /// Where those are that are known by their place.
    ranges: Vec<Range<usize>>,
    /// What is struck out wherever it occurs.
    texts: Vec<String>,
}

impl Planted {
    /// The secrets of the file at a path. Of a manifest only what goes on in the next line is looked for here, the rest
    /// line by line as it is shown.
    #[must_use]
    pub fn in_file(path: &str, file: &str) -> Self {
        let mut ranges = split::over_lines(file);
        if !is_project_file(path) {
            return Self {
                ranges,
                ..Self::default()
            };
        }
        let below = below(file);
        ranges.extend(below.ranges);
        Self {
            is_project: true,
            ranges,
            texts: texts(file, below.texts),
        }
    }

    /// A line of the file, or a part of one, with its secrets struck out, of the same length; `at` is where it starts.
    #[must_use]
    pub fn masked(&self, line: &str, at: usize) -> String {
        let mut bytes = line.as_bytes().to_vec();
        for range in in_line(line, self.is_project) {
            bytes[range].fill(b'*');
        }
        let within = |place: usize| place.clamp(at, at + line.len()) - at;
        for range in &self.ranges {
            bytes[within(range.start)..within(range.end)].fill(b'*');
        }
        for text in &self.texts {
            for range in whole_words(line, text) {
                bytes[range].fill(b'*');
            }
        }
        // What was struck out were whole characters.
        String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(line.len()))
    }
}

/// What is struck out of messages about a file. The file is read once, however many messages there are.
struct Redaction(Vec<String>);

impl Redaction {
    fn of(file: &str) -> Self {
        let below = below(file);
        let mut texts = texts(file, [below.texts, below.names].concat());
        texts.sort_by_key(|text| std::cmp::Reverse(text.len())); // one may be a part of another
        Self(texts)
    }

    fn redacted(&self, message: &str) -> String {
        let mut message = message.to_owned();
        for text in &self.0 {
            let found: Vec<_> = whole_words(&message, text).collect();
            for range in found.into_iter().rev() {
                message.replace_range(range, "********");
            }
        }
        message
    }
}

/// A message about a file without the secrets that the file holds.
#[must_use]
pub fn redacted(message: &str, file: &str) -> String {
    Redaction::of(file).redacted(message)
}

/// Complaints about the project file that repeat nothing of the secrets in its text.
#[must_use]
pub fn without_secrets(diags: Diags, file: &str) -> Diags {
    if diags.is_empty() {
        return diags;
    }
    let redaction = Redaction::of(file);
    let redacted = |text: String| redaction.redacted(&text);
    let diags = diags.into_iter().map(|diagnostic| Diagnostic {
        message: redacted(diagnostic.message),
        help: diagnostic.help.map(redacted),
        labels: diagnostic
            .labels
            .into_iter()
            .map(|(at, label)| (at, redacted(label)))
            .collect(),
        ..diagnostic
    });
    diags.collect()
}

/// The value of a variable as it may be shown: struck out where its name or its looks say that it is a secret.
#[must_use]
pub fn shown_variable(name: &str, value: &serde_json::Value) -> String {
    let (key, value) = (format!("{name}: "), value.to_string());
    let line = format!("{key}{value}");
    let masked = Planted::in_file(super::PROJECT_FILE, &line).masked(&line, 0);
    masked.get(key.len()..).unwrap_or_default().to_owned()
}

/// Where a text occurs, not as a part of a longer word.
fn whole_words(around: &str, text: &str) -> impl Iterator<Item = Range<usize>> {
    let found = around.match_indices(text).map(|(at, it)| at..at + it.len());
    found.filter(|range| {
        let before = around[..range.start].chars().next_back();
        let behind = around[range.end..].chars().next();
        let ends = |it: Option<char>| it.is_none_or(|it| !it.is_alphanumeric());
        ends(before) && ends(behind)
    })
}

/// Whether a text looks like the name of an environment variable, and not like the secret itself: words in letters of one
/// case, none of them long.
#[must_use]
pub fn is_plausible_name(text: &str) -> bool {
    let is_word = |word: &str| {
        let letters = word.trim_end_matches(|it: char| it.is_ascii_digit());
        let is_one_case = letters.bytes().all(|it| it.is_ascii_uppercase())
            || letters.bytes().all(|it| it.is_ascii_lowercase());
        word.len() <= LONGEST_PART && is_one_case
    };
    !text.is_empty()
        && !text.starts_with(|it: char| it.is_ascii_digit())
        && text.split('_').all(is_word)
}

/// Whether a text looks like the path of a file, and not like the secret itself: its words are short, have their digits
/// behind their letters, and few letters in another case. An address may carry a password in front of its host or in its query.
#[must_use]
pub(super) fn is_plausible_path(text: &str) -> bool {
    let is_address = text.contains("://") && text.contains(['@', '?']);
    let is_word = |word: &str| {
        let letters = word.trim_end_matches(|it: char| it.is_ascii_digit());
        let digits = word.len() - letters.len();
        let letters: Vec<char> = letters.chars().collect();
        let is_upper = |it: &&char| it.is_uppercase();
        let upper = letters.iter().filter(is_upper).count();
        let few = upper == letters.len() || upper <= 1 || upper * 4 <= letters.len() + 1;
        digits <= 8
            && letters.len() <= LONGEST_OF_PATH
            && few
            && letters.iter().all(|it| it.is_alphabetic())
    };
    let mut words = text.split(|it: char| it.is_ascii_punctuation() || it == ' ');
    !text.is_empty() && !is_address && !text.contains(['=', '+']) && words.all(is_word)
}

/// The secrets of a file, as they are written in it; `found` are those that are known by their place.
fn texts(file: &str, mut found: Vec<String>) -> Vec<String> {
    // The indentation of the key of a secret whose value is below it.
    let mut key = None;
    let searched = if file.len() > LONGEST { "" } else { file };
    for line in searched.lines() {
        let ranges = in_line(line, true);
        let content = line.trim_start();
        let indent = line.len() - content.len();
        let item = content.trim_start_matches(['-', ' ']);
        let is_below = |key: usize| indent > key || indent == key && item.len() < content.len();
        key = key.filter(|key| content.is_empty() || is_below(*key));
        if key.is_some() && !is_reference(&format!("{{{item}")) {
            found.extend(words_of(item));
        }
        for text in ranges.map(|range| &line[range]) {
            found.extend(words_of(text));
        }
        let begins = keys_of_secrets(line)
            .any(|at| line[at..].trim().is_empty() && !ends_with_key(&line[..at - 1], PLACE));
        key = key.or_else(|| begins.then_some(indent));
    }
    found.retain(|text| text.len() >= SHORTEST);
    found.sort_unstable();
    found.dedup();
    found
}

/// A secret, and where it is a list or a mapping, each value in it: a complaint may repeat any.
fn words_of(secret: &str) -> Vec<String> {
    let bare = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
    let is_several = secret.starts_with(['{', '[']) || secret.contains(": ");
    let words = secret.split_inclusive(|it: char| it.is_whitespace() || "[]{},:".contains(it));
    let values = words.filter(|word| is_several && !word.ends_with(':'));
    let values = values.map(|word| bare(word.trim_end_matches(['[', ']', '{', '}', ','])));
    std::iter::once(bare(secret)).chain(values).collect()
}

/// The secrets of one line.
fn in_line(line: &str, is_project: bool) -> impl Iterator<Item = Range<usize>> {
    let of_key = values(line, keys_of_secrets(line));
    let of_webhook = is_project.then(|| behind(line, ADDRESS)).flatten();
    let of_webhook = of_webhook.and_then(|at| value(line, at));
    let named = |key: &'static str, is_name: fn(&str) -> bool| {
        let named = line.match_indices(key).filter(move |_| is_project);
        let named = values(line, named.map(|(at, key)| at + key.len()));
        named.filter(move |range| !is_name(line[range.clone()].trim_matches(['"', '\''])))
    };
    let malformed = is_project.then(|| malformed_addresses(line));
    addresses(line, is_project)
        .chain(malformed.into_iter().flatten())
        .chain(by_looks(line))
        .chain(of_key)
        .chain(of_webhook)
        .chain(named("env:", is_plausible_name))
        .chain(named("file:", is_plausible_path))
}

/// Users, passwords and queries of addresses.
fn addresses(line: &str, is_project: bool) -> impl Iterator<Item = Range<usize>> {
    // A line may hold thousands, each inside the one before: how far the last one goes is found once.
    let (mut end, mut query_end) = (0, 0);
    let mut user_end = None;
    line.match_indices("://").flat_map(move |(at, scheme)| {
        let start = at + scheme.len();
        if end < start {
            let rest = &line[start..];
            let found = rest.find(['"', '\'', ' ', '\t', ',', '}']);
            end = start + found.unwrap_or(rest.len());
            user_end = line[start..end].rfind('@').map(|at| start + at);
        }
        let address = &line[start..end];
        let user = user_end.filter(|at| *at >= start);
        let user = user.filter(|at| end_of_credentials(&line[start..=*at]).is_some());
        let user = user.map(|at| start..at);
        let asks = is_project && query_end <= start;
        let query = asks.then(|| address.find('?')).flatten();
        let query = query.map(|query| start + query + 1..end);
        query_end = if asks { end } else { query_end };
        [user, query].into_iter().flatten()
    })
}

/// What may be a user and a password in an address that is none: with blanks in it, or without a scheme.
fn malformed_addresses(line: &str) -> impl Iterator<Item = Range<usize>> {
    let behind_scheme = behind(line, "://");
    let whole = behind_scheme.and_then(|start| {
        let at = start + line[start..].rfind('@')?;
        line[start..at].contains(':').then_some(start..at)
    });
    let is_between = |it: char| it.is_whitespace() || "\"',{}[]".contains(it);
    let words = line.split(is_between).filter_map(move |word| {
        let start = word.as_ptr() as usize - line.as_ptr() as usize;
        let found = credentials(word).filter(|it| word[it.clone()].contains(':'))?;
        Some(start + found.start..start + found.end)
    });
    whole.into_iter().chain(words)
}

/// Where the values of keys start whose values are secrets.
fn keys_of_secrets(line: &str) -> impl Iterator<Item = usize> {
    line.match_indices(':').filter_map(|(at, _)| {
        let is_secret = KEYS.iter().any(|key| ends_with_key(&line[..at], key));
        is_secret.then_some(at + 1)
    })
}

fn ends_with_key(before: &str, key: &str) -> bool {
    let before = before.trim_end_matches(['"', '\'']).as_bytes();
    let start = before.len().checked_sub(key.len());
    start.is_some_and(|start| before[start..].eq_ignore_ascii_case(key.as_bytes()))
}

/// The values that start at places of a line. One that starts inside of the one before is a part of it.
fn values(line: &str, starts: impl Iterator<Item = usize>) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    starts.filter_map(move |at| {
        if at < end {
            return None;
        }
        let value = value(line, at)?;
        end = value.end;
        Some(value)
    })
}

fn behind(line: &str, key: &str) -> Option<usize> {
    line.find(key).map(|at| at + key.len())
}

/// The value that starts at a place of a line, whole where it is a list or a mapping, unless it is a reference
/// `{ env: NAME }`.
fn value(line: &str, at: usize) -> Option<Range<usize>> {
    let rest = &line[at..];
    let start = at + rest.len() - rest.trim_start().len();
    let value = &line[start..];
    let is_place = value.starts_with('{') && ends_with_key(line[..at].trim_end_matches(':'), PLACE);
    if is_place || is_reference(value) {
        return None;
    }
    let end = if value.starts_with(['{', '[']) {
        end_of_brackets(value)
    } else {
        value.find([',', '}']).unwrap_or(value.len())
    };
    let end = value[..end].trim_end().len();
    (end > 0).then_some(start..start + end)
}

/// Whether a value begins as a reference to where a secret is kept.
fn is_reference(value: &str) -> bool {
    let key = value.strip_prefix('{').map(str::trim_start);
    let key = key.map(|key| key.trim_start_matches(['"', '\'']));
    key.is_some_and(|key| {
        key.is_empty()
            || ["env", "file"]
                .iter()
                .filter_map(|name| key.strip_prefix(name))
                .any(|behind| behind.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
    })
}

/// Where the brackets are closed that a text begins with; its end where they are not.
fn end_of_brackets(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, it) in text.bytes().enumerate() {
        match it {
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return at + 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests;
