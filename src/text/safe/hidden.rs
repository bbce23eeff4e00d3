//! Which characters of a text cannot be seen, or change how others are seen.

/// Whether a text has a character that cannot be seen where it stands.
#[must_use]
pub fn has_hidden(text: &str) -> bool {
    text.bytes().any(|byte| !(b' '..=b'~').contains(&byte))
        && visible(text).any(|(_, hidden)| hidden)
}

/// The characters of a text, each with whether it is hidden.
///
/// Joiners and variation selectors are part of how Persian, Hindi and emoji are written: between two characters that
/// are not ASCII they are no secret. Elsewhere they make two names that look the same.
pub(super) fn visible(text: &str) -> impl Iterator<Item = (char, bool)> {
    // The last character, where it can be seen.
    let mut before: Option<char> = None;
    let mut rest = text.chars().peekable();
    std::iter::from_fn(move || {
        let ch = rest.next()?;
        let behind = rest.peek().copied();
        let hidden = is_hidden(ch) && !is_joined(before, ch, behind);
        before = Some(ch).filter(|_| !hidden);
        Some((ch, hidden))
    })
}

fn is_joined(before: Option<char>, ch: char, behind: Option<char>) -> bool {
    let before = before.filter(|it| !it.is_ascii());
    match ch {
        '\u{200c}' | '\u{200d}' => {
            before.is_some_and(|it| !is_joiner(it))
                && behind.is_some_and(|it| !it.is_ascii() && !is_hidden(it))
        }
        // Keycaps are a digit, a selector and a frame.
        _ if is_selector(ch) => {
            before.is_some_and(|it| !is_hidden(it)) || behind == Some('\u{20e3}')
        }
        _ => false,
    }
}

fn is_joiner(ch: char) -> bool {
    matches!(ch, '\u{200c}' | '\u{200d}')
}

fn is_selector(ch: char) -> bool {
    matches!(ch, '\u{fe00}'..='\u{fe0f}')
}

/// Whether a character has no look of its own: controls (C0, DEL, C1), separators of lines, marks of direction and of
/// zero width, fillers, tags and noncharacters.
#[must_use]
pub fn is_hidden(ch: char) -> bool {
    ch.is_control()
        || matches!(ch,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
        || u32::from(ch) & 0xfffe == 0xfffe
        || matches!(ch, '\u{fdd0}'..='\u{fdef}')
}
