//! Texts that people cannot tell apart.

use icu_normalizer::ComposingNormalizerBorrowed;

/// A text without what people overlook: composed (NFC), in lower case, its blanks as one space each and none at its
/// ends. Texts with the same outcome look the same in a list.
#[must_use]
pub fn folded(text: &str) -> String {
    let text = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        let normalizer = const { ComposingNormalizerBorrowed::new_nfc() };
        let lower = normalizer.normalize(text).to_lowercase();
        normalizer.normalize(&lower).into_owned()
    };
    let words = text.split(|ch: char| ch.is_whitespace() || is_invisible(ch));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// What takes no room: zero-width spaces and joiners, the mark at the start of a file.
fn is_invisible(ch: char) -> bool {
    matches!(ch, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_overlook_does_not_count() {
        for text in [
            "Caf\u{e9} sale",
            "Cafe\u{301} sale",
            " CAF\u{c9}\u{a0}\u{a0}Sale\t",
            "caf\u{e9} \u{200b}sale",
        ] {
            assert_eq!(folded(text), "caf\u{e9} sale", "{text:?}");
        }
        assert_eq!(folded("Big  Sale "), folded("big sale"));
        assert_ne!(folded("Big sale"), folded("Bigsale"));
        assert_ne!(folded("Cafe"), folded("Caf\u{e9}"));
    }
}
