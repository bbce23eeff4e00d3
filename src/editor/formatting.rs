//! A file in canonical form, as an edit of the lines that are not.

use crate::format::{FormatError, format};
use crate::text::{FileId, Span};

/// What brings a text into canonical form: one edit, from the first line that changes to the last one. Nothing for a
/// text with mistakes, since complaints about them stand there already.
///
/// # Errors
/// A text that cannot be formatted without changing what it says.
pub fn formatting(file: FileId, text: &str) -> Result<Option<(Span, String)>, FormatError> {
    match format(file, text) {
        Ok(formatted) => Ok(edit(text, &formatted)),
        Err(FormatError::Invalid(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What is different between two texts, in whole lines.
fn edit(old: &str, new: &str) -> Option<(Span, String)> {
    if old == new {
        return None;
    }
    let same = |pairs: &mut dyn Iterator<Item = (&str, &str)>| {
        let same = pairs.take_while(|(old, new)| old == new);
        same.map(|(line, _)| line.len()).sum::<usize>()
    };
    let start = same(&mut old.split_inclusive('\n').zip(new.split_inclusive('\n')));
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = same(
        &mut old_rest
            .split_inclusive('\n')
            .rev()
            .zip(new_rest.split_inclusive('\n').rev()),
    );
    Some((
        span(start, old.len() - end),
        new_rest[..new_rest.len() - end].to_owned(),
    ))
}

fn span(start: usize, end: usize) -> Span {
    let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    Span {
        start: narrow(start),
        end: narrow(end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_as_small_as_lines_allow_and_leads_to_the_new_text() {
        let texts = [
            "",
            "a",
            "a\n",
            "b\n",
            "a\nb\n",
            "a\na\n",
            "a\nc\nb\n",
            "a\r\nb\r\n",
            "\u{feff}a\n",
            "a\nb",
        ];
        for old in texts {
            for new in texts {
                let mut text = old.to_owned();
                if let Some((span, new)) = edit(old, new) {
                    text.replace_range(span.start as usize..span.end as usize, &new);
                }
                assert_eq!(text, new, "from {old:?}");
            }
        }
        assert_eq!(
            edit("a\nb\nc\n", "a\nx\nc\n"),
            Some((span(2, 4), "x\n".to_owned()))
        );
    }

    #[test]
    fn a_text_with_mistakes_stays_as_it_is() {
        assert_eq!(formatting(FileId(0), "a: [\n"), Ok(None));
        assert_eq!(
            formatting(FileId(0), "a:    1\n").unwrap().unwrap().1,
            "a: 1\n"
        );
        assert_eq!(formatting(FileId(0), "a: 1\n"), Ok(None));
    }
}
