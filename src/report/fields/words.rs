//! A word of a manifest that is no name of a kind or a topic: a value such as `stickyButton`, or a field such as `weight`.
//! What it is, and in which fields.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Root, explain_field, field_paths, found};
use crate::report::prose::{WIDTH, hung, wrapped};
use crate::text::some_of;

/// How many fields of one meaning are named.
const NAMED: usize = 4;

/// How many letters of a word are enough for the rest of it.
const SHORTEST: usize = 3;

/// What there is to say of a word in one or several fields.
struct WordMeaning {
    /// What else it has: the type of a field, the number of a value.
    detail: String,
    text: String,
    /// The fields, as `explain` takes them.
    paths: Vec<String>,
}

/// Everything that manifests and the project file say, each word with its fields.
struct Vocabulary {
    fields: Vec<(String, WordMeaning)>,
    values: Vec<(String, WordMeaning)>,
}

/// What a word is and where it is used: a field or a value, in any case of letters, or the only one that it is the beginning
/// of.
#[must_use]
pub fn explain_word(word: &str) -> Option<String> {
    let vocabulary = Vocabulary::read();
    let words: BTreeSet<&str> = vocabulary.words().collect();
    let known = words.iter().find(|it| it.eq_ignore_ascii_case(word));
    let word = known.copied().or_else(|| completed(word, &words))?;
    let fields = vocabulary.fields.iter().filter(|(name, _)| name == word);
    let fields: Vec<&WordMeaning> = fields.map(|(_, meaning)| meaning).collect();
    let values = vocabulary.values.iter().filter(|(name, _)| name == word);
    let values: Vec<&WordMeaning> = values.map(|(_, meaning)| meaning).collect();
    if let ([only], []) = (fields.as_slice(), values.as_slice())
        && let [path] = only.paths.as_slice()
    {
        let (root, below) = path.split_once('.')?;
        return explain_field(Root::named(root)?, below).ok();
    }
    let mut out = format!("{word}\n");
    list("A VALUE OF", &values, &mut out);
    list("A FIELD", &fields, &mut out);
    let first = values.first().or(fields.first())?.paths.first()?;
    let _ = writeln!(out, "\n`campaignctl explain {first}` describes the field.");
    Some(out)
}

/// The fields and values that there are, for who misspells one.
#[must_use]
pub fn words_of_fields() -> Vec<String> {
    let vocabulary = Vocabulary::read();
    let words: BTreeSet<&str> = vocabulary.words().collect();
    words.into_iter().map(str::to_owned).collect()
}

/// The only word that begins so.
fn completed<'w>(start: &str, words: &BTreeSet<&'w str>) -> Option<&'w str> {
    let start = start.to_lowercase();
    let is_begun = |word: &&&str| word.to_lowercase().starts_with(&start);
    let mut begun = words.iter().filter(is_begun);
    let only = begun.next().filter(|_| start.chars().count() >= SHORTEST)?;
    begun.next().is_none().then_some(only)
}

fn list(heading: &str, meanings: &[&WordMeaning], out: &mut String) {
    if meanings.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{heading}"); // a string can be written to
    for meaning in meanings {
        let named = some_of(&meaning.paths, NAMED);
        let title = format!("  {named}{}", meaning.detail);
        let _ = writeln!(out, "{}", hung(&title, WIDTH, 4));
        if !meaning.text.is_empty() {
            let _ = writeln!(out, "{}", wrapped(&meaning.text, "      "));
        }
    }
}

impl Vocabulary {
    fn read() -> Self {
        let mut vocabulary = Self {
            fields: Vec::new(),
            values: Vec::new(),
        };
        for root in Root::all() {
            let schema = root.schema();
            for path in field_paths(root) {
                let Some((_, below)) = path.split_once('.') else {
                    continue;
                };
                let Ok(field) = found(root, &schema, below) else {
                    continue;
                };
                let detail = format!("  <{}>", field.node.type_name());
                let text = field.node.text("description");
                add(
                    &mut vocabulary.fields,
                    field.last_step(),
                    &detail,
                    text,
                    &path,
                );
                for (word, text) in field.node.words() {
                    let number = field.wire.as_ref().and_then(|wire| wire.number(&word));
                    let detail = number.map_or(String::new(), |number| format!("  ({number})"));
                    add(&mut vocabulary.values, &word, &detail, text, &path);
                }
            }
        }
        vocabulary
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        let all = self.fields.iter().chain(&self.values);
        // `true` and `null` are values of many fields, and no words.
        let all = all.map(|(word, _)| word.as_str());
        all.filter(|word| !matches!(*word, "true" | "false" | "null"))
    }
}

/// Adds a use of a word to the meaning that says the same.
fn add(known: &mut Vec<(String, WordMeaning)>, word: &str, detail: &str, text: &str, path: &str) {
    let is_same = |(name, it): &&mut (String, WordMeaning)| {
        name == word && it.detail == detail && it.text == text
    };
    if let Some((_, meaning)) = known.iter_mut().find(is_same) {
        meaning.paths.push(path.to_owned());
        return;
    }
    let meaning = WordMeaning {
        detail: detail.to_owned(),
        text: text.to_owned(),
        paths: vec![path.to_owned()],
    };
    known.push((word.to_owned(), meaning));
}
