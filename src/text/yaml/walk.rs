//! The scalars of a text with the keys around them, as far as the text can be read: also of one that is broken.

use std::ops::Range;

use granit_parser::{Event, Parser};

use super::build::span_of;
use super::{EntryHalf, Limits, options};

/// A scalar of a text, or an alias of one.
#[derive(Clone, Debug)]
pub struct ScalarToken<'a> {
    /// Its bytes.
    pub range: Range<usize>,
    /// The keys around it, the outermost first. A key is not around itself.
    pub keys: &'a [String],
    /// Whether it is a key.
    pub part: EntryHalf,
    /// What it says, without quotes; nothing for an alias.
    pub text: &'a str,
    /// Whether it is an alias.
    pub is_alias: bool,
    /// Whether an alias can mean it, or something around it.
    pub has_anchor: bool,
}

/// A list or a mapping that is open.
enum WalkFrame {
    List,
    /// Waits for a key.
    Mapping,
    /// Waits for the value of the last key.
    Entry,
}

/// Where a walk is.
#[derive(Default)]
struct Walk {
    frames: Vec<WalkFrame>,
    /// How many of the frames are open inside of the outermost one with an anchor, itself included.
    anchored: usize,
    keys: Vec<String>,
}

impl Walk {
    /// Whether a node that begins is a key.
    fn part(&self) -> EntryHalf {
        match self.frames.last() {
            Some(WalkFrame::Mapping) => EntryHalf::Key,
            _ => EntryHalf::Value,
        }
    }

    /// Opens a list or a mapping.
    fn open(&mut self, frame: WalkFrame, has_anchor: bool) {
        self.frames.push(frame);
        if has_anchor || self.anchored > 0 {
            self.anchored += 1;
        }
    }

    /// Closes the innermost list or mapping.
    fn close(&mut self) {
        self.frames.pop();
        self.anchored = self.anchored.saturating_sub(1);
        self.behind("");
    }

    /// Goes on behind a node.
    fn behind(&mut self, text: &str) {
        match self.frames.last_mut() {
            Some(frame @ WalkFrame::Mapping) => {
                *frame = WalkFrame::Entry;
                self.keys.push(text.to_owned());
            }
            Some(frame @ WalkFrame::Entry) => {
                *frame = WalkFrame::Mapping;
                self.keys.pop();
            }
            Some(WalkFrame::List) | None => {}
        }
    }
}

/// Shows every scalar of a text in its order, up to the first error, and returns the keys that are open there.
pub fn walk(
    text: &str,
    limits: &Limits,
    show: &mut dyn FnMut(&ScalarToken<'_>),
) -> Option<Vec<String>> {
    let mut parser = Parser::new_from_str_with_options(text, options(limits));
    let mut walk = Walk::default();
    while let Some(event) = parser.next_event() {
        let Ok((event, span)) = event else {
            return Some(walk.keys);
        };
        let span = span_of(&span);
        let range = span.start as usize..(span.end as usize).min(text.len());
        let mut token = ScalarToken {
            range,
            keys: &walk.keys,
            part: walk.part(),
            text: "",
            is_alias: false,
            has_anchor: walk.anchored > 0,
        };
        match event {
            Event::Scalar(content, _, anchor, _) => {
                token.text = &content;
                token.has_anchor |= anchor != 0;
                show(&token);
                walk.behind(&content);
            }
            Event::Alias(_) => {
                token.is_alias = true;
                show(&token);
                walk.behind("");
            }
            Event::MappingStart(_, anchor, _) => walk.open(WalkFrame::Mapping, anchor != 0),
            Event::SequenceStart(_, anchor, _) => walk.open(WalkFrame::List, anchor != 0),
            Event::MappingEnd | Event::SequenceEnd => walk.close(),
            Event::DocumentStart(..) => walk = Walk::default(),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(text: &str) -> (Vec<String>, Option<Vec<String>>) {
        let mut found = Vec::new();
        let open = walk(text, &Limits::default(), &mut |token| {
            let mark = if token.part == EntryHalf::Key {
                "?"
            } else {
                ""
            };
            let shown = &text[token.range.clone()];
            found.push(format!("{}{mark} {shown}", token.keys.join("/")));
        });
        (found, open)
    }

    #[test]
    fn what_an_alias_can_mean_is_known() {
        let mut found = Vec::new();
        let text = "a: &x { b: c, d: [e] }\nf: g\nh: &y i\nj: [k, &z [l], m]\n";
        walk(text, &Limits::default(), &mut |token| {
            if token.has_anchor {
                found.push(token.text.to_owned());
            }
        });
        assert_eq!(found, ["b", "c", "d", "e", "i", "l"]);
    }

    #[test]
    fn every_scalar_has_the_keys_around_it() {
        let (found, open) = walked("a: [b, { c: 'd' }]\n? [e, f]\n: g\nh:\n- i\n- j: |\n    k\n");
        let expected = [
            "? a", "a b", "a? c", "a/c 'd'", " e", " f", " g", "? h", "h i", "h? j",
        ];
        assert_eq!(found[..10], expected);
        assert_eq!(found.len(), 11);
        assert!(found[10].starts_with("h/j ") && found[10].contains('k'));
        assert_eq!(open, None);
        let (found, open) = walked("a: 1\nb: { c: [d, \"e\n");
        assert_eq!(found, ["? a", "a 1", "? b", "b? c", "b/c d"]);
        assert_eq!(open, Some(vec!["b".to_owned(), "c".to_owned()]));
    }
}
