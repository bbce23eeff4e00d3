//! What a key says that it holds, however it is spelled.

use std::borrow::Cow;

use super::keys::{NOUNS, OTHERS, STEMS};
use super::{THEME, TIME_ZONE};

/// What a key holds ids of, by the tables.
pub(super) fn what_of(key: &str) -> Option<&'static str> {
    let plain = plain(key);
    of_ids(&plain).or_else(|| of_likely_ids(&plain))
}

/// What the mapping or the list below a key holds ids of: `skills`, `preChatSurvey`, `surveyRef`, `skillIdList`.
pub(super) fn held_below(key: &str) -> Option<&'static str> {
    const FORMS: [&str; 6] = ["References", "Reference", "Refs", "Ref", "List", "Map"];
    let bare = FORMS.iter().find_map(|form| key.strip_suffix(form));
    let known = |key: &str| what_of(key).or_else(|| by_last_words(key));
    known(key).or_else(|| known(bare?))
}

/// What a key holds ids of, or its last words do: `preferredAgentGroup`, `my_default_skill_ids`. Where words come before
/// what the tables know, only a value that looks like an id is one.
pub(super) fn by_last_words(key: &str) -> Option<&'static str> {
    if plain(key).ends_with(TIME_ZONE) {
        return None;
    }
    let mut before = ' ';
    for (at, letter) in key.char_indices() {
        let is_start = letter.is_uppercase() && !before.is_uppercase();
        if (is_start || matches!(before, '_' | '-' | '.'))
            && let Some(what) = what_of(&key[at..])
        {
            return Some(what);
        }
        before = letter;
    }
    None
}

/// What a key holds ids of, whatever its value looks like.
pub(super) fn of_ids(key: &str) -> Option<&'static str> {
    let stem = key.strip_suffix("ids").or(key.strip_suffix("id"));
    stem.and_then(|stem| row_of(STEMS, stem))
        .or_else(|| row_of(OTHERS, key))
}

/// What a key holds an id of where its value looks like one.
pub(super) fn of_likely_ids(key: &str) -> Option<&'static str> {
    let noun = |noun: &str| {
        let found = NOUNS.binary_search(&noun).is_ok();
        found.then(|| row_of(STEMS, noun))?
    };
    noun(key)
        .or_else(|| noun(key.strip_suffix('s')?))
        .or((key == THEME).then_some("theme"))
}

pub(super) fn row_of(table: &[(&str, &'static str)], key: &str) -> Option<&'static str> {
    let row = table.binary_search_by_key(&key, |(known, _)| known).ok()?;
    Some(table[row].1)
}

/// A key in the spelling of the table.
pub(super) fn plain(key: &str) -> Cow<'_, str> {
    if key
        .bytes()
        .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    {
        return Cow::Borrowed(key); // most are
    }
    let letters = key.chars().filter(|ch| !matches!(ch, '_' | '-'));
    letters
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .into()
}
