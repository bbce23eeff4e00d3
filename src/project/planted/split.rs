//! Secrets that a scalar holds over several lines: no line of them looks like one.

use std::ops::Range;

use crate::text::looks::looks_secret;

/// The longest secret that is put together, in bytes. Longer ones have lines that look like secrets by themselves.
const LONGEST: usize = 512;

/// The parts of words that are split over lines, as a scalar with an escaped end of line splits them, where the whole looks
/// like a secret.
pub(super) fn over_lines(file: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open = OpenWord::default();
    let mut start = 0;
    for line in file.split_inclusive('\n') {
        open.line(line, start, &mut found);
        start += line.len();
    }
    open.close(&mut found);
    found
}

/// A word that may go on in the next line.
#[derive(Default)]
struct OpenWord {
    word: String,
    parts: Vec<Range<usize>>,
}

impl OpenWord {
    fn line(&mut self, line: &str, start: usize, found: &mut Vec<Range<usize>>) {
        let indent = line.len() - line.trim_start().len();
        let content = line.trim();
        let content = content.strip_suffix('\\').unwrap_or(content);
        let content = content.trim_end();
        let start = start + indent;
        // A backslash at the start keeps a blank; it is no part of the word.
        let first = content.find(|it| !is_of_word(it)).unwrap_or(content.len());
        // A key or an item begins something else: the word before has ended with its line.
        let is_entry = content[first..].starts_with(':') || &content[..first] == "-";
        if !self.parts.is_empty() && !is_entry {
            self.push(&content[..first], start);
            if first == content.len() && first > 0 {
                return; // the whole line: the word may go on
            }
        }
        self.close(found);
        let behind = content.rfind(|it| !is_of_word(it));
        let last = behind.map_or(0, |at| {
            at + content[at..].chars().next().map_or(1, char::len_utf8)
        });
        if last < content.len() {
            self.push(&content[last..], start + last);
        }
    }

    fn push(&mut self, part: &str, start: usize) {
        if !part.is_empty() && self.word.len() + part.len() <= LONGEST {
            self.word.push_str(part);
            self.parts.push(start..start + part.len());
        }
    }

    fn close(&mut self, found: &mut Vec<Range<usize>>) {
        if self.parts.len() > 1 && looks_secret(&self.word) {
            found.append(&mut self.parts);
        }
        self.word.clear();
        self.parts.clear();
    }
}

/// Whether keys and tokens are made of a letter.
fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "_-+/=.~".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(file: &str) -> String {
        let mut bytes = file.as_bytes().to_vec();
        for range in over_lines(file) {
            bytes[range].fill(b'*');
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_token_that_is_split_over_lines_is_struck_out_whole() {
        for (file, masked) in [
            (
                "a: \"ghp_16C7\\\n  e42F292c6912E771\\\n  0c838347Ae17\"\nb: 1\n",
                "a: \"********\\\n  ****************\\\n  ************\"\nb: 1\n",
            ),
            (
                "a: see xoxb-1234\n  56789012-abcdef too\n",
                "a: see *********\n  *************** too\n",
            ),
            (
                "a: |\r\n  AKIAIOSF\r\n  ODNN7EXAMPLE0\r\n",
                "a: |\r\n  ********\r\n  *************\r\n",
            ),
        ] {
            assert_eq!(shown(file), masked);
        }
    }

    #[test]
    fn words_and_ids_that_end_a_line_stay() {
        for file in [
            "a: production\nb: marlowe-finch-eu-west-1\n",
            "a: |\n  accountCreate\n  ReadUpdate\n  engagementCollectionRevision2026\n",
            "ids:\n  - 4100000501\n  - 4100000502\n",
            "é\né\n",
            "",
            // A secret that is whole in its line is found there; what follows it is another entry.
            "a: Sale AKIAIOSFODNN7EXAMPLE\ndescripton: x\n",
            "# ghp_16C7e42F292c6912E7710c838347Ae178B4a\nskill: Orders\n",
            "a:\n  - AKIAIOSFODNN7EXAMPLE\n  - Orders\n",
        ] {
            assert_eq!(shown(file), file);
        }
    }
}
