//! How bash asks for what can stand at its cursor, and what it needs of the answer.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::engine;
use clap_complete::env::{Bash, EnvCompleter};

use super::environment_variable;

/// Bash, which takes `team=shop` for three words where others see one, hands over words as they are typed, and inserts
/// what it is offered as it is.
pub(super) struct QuotingBash;

/// The variable with the word at the cursor as it is typed: bash leaves out the quote that it begins with.
const TYPED: &str = "_CLAP_TYPED";

impl EnvCompleter for QuotingBash {
    fn name(&self) -> &'static str {
        Bash.name()
    }

    fn is(&self, name: &str) -> bool {
        Bash.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut script = Vec::new();
        Bash.write_registration(var, name, bin, completer, &mut script)?;
        let script = String::from_utf8_lossy(&script);
        let asking = format!("{var}=\"bash\"");
        let typed = format!("{TYPED}=\"${{COMP_WORDS[COMP_CWORD]}}\" {asking}");
        out.write_all(script.replacen(&asking, &typed, 1).as_bytes())
    }

    fn write_complete(
        &self,
        command: &mut Command,
        words: Vec<OsString>,
        here: Option<&Path>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let index = environment_variable("_CLAP_COMPLETE_INDEX");
        let index = index.and_then(|text| text.parse().ok()).unwrap_or_default();
        let separator = environment_variable("_CLAP_IFS").unwrap_or_else(|| "\n".to_owned());
        let is_quoted =
            environment_variable(TYPED).is_some_and(|typed| typed.starts_with(['"', '\'']));
        let words = words
            .iter()
            .map(|word| plain(&word.to_string_lossy()).into());
        let (words, index, before) = joined(words.collect(), index);
        let found = engine::complete(command, words, index, here)?;
        let found = found.iter().map(|it| it.get_value().to_string_lossy());
        let found = found.map(|it| {
            let rest = it.strip_prefix(&before).unwrap_or(&it);
            if is_quoted {
                rest.to_owned()
            } else {
                quoted(rest)
            }
        });
        write!(out, "{}", found.collect::<Vec<_>>().join(&separator))
    }
}

/// Words joined where bash parts them, at `=`; with the index of the word that holds the cursor, and what bash has
/// already written of it.
fn joined(words: Vec<OsString>, index: usize) -> (Vec<OsString>, usize, String) {
    let mut whole: Vec<OsString> = Vec::new();
    let (mut at, mut before, mut goes_on) = (0, String::new(), false);
    for (position, word) in words.into_iter().enumerate() {
        let is_sign = word == "=";
        match whole.last_mut() {
            Some(last) if position > 1 && (is_sign || goes_on) => {
                if position == index {
                    before = last.to_string_lossy().into_owned();
                    before.push_str(if is_sign { "=" } else { "" });
                }
                last.push(&word);
            }
            _ => whole.push(word),
        }
        goes_on = is_sign;
        if position == index {
            at = whole.len() - 1;
        }
    }
    (whole, at, before)
}

/// A word without the quotes and backslashes that it is typed with.
fn plain(word: &str) -> String {
    let mut plain = String::new();
    let mut quote = None;
    let mut chars = word.chars().peekable();
    while let Some(ch) = chars.next() {
        match (ch, quote) {
            ('\\', Some('"')) if chars.peek().is_some_and(|next| !"\"\\$`".contains(*next)) => {
                plain.push(ch);
            }
            ('\\', None | Some('"')) => plain.extend(chars.next()),
            ('"' | '\'', None) => quote = Some(ch),
            (ch, Some(open)) if ch == open => quote = None,
            (ch, _) => plain.push(ch),
        }
    }
    plain
}

/// A word as it is typed outside of quotes.
fn quoted(word: &str) -> String {
    let mut quoted = String::with_capacity(word.len());
    for ch in word.chars() {
        if ch.is_ascii() && !ch.is_ascii_alphanumeric() && !"_-./,:=@%+".contains(ch) {
            quoted.push('\\');
        }
        quoted.push(ch);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_read_back_as_it_was() {
        for word in [
            "Skill/General care",
            "a'b\"c",
            "$HOME `x` * ? [a] {b} #c",
            "C:\\x",
            "Grüße 🎁",
            "team=shop",
        ] {
            assert_eq!(plain(&quoted(word)), word);
        }
        assert_eq!(plain("'Skill/General c"), "Skill/General c");
        assert_eq!(plain("\"a\\\"b\\c\""), "a\"b\\c");
        assert_eq!(quoted("Goal/paid"), "Goal/paid");
    }
}
