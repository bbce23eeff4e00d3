//! Items of lists that change, go, come and move.

use serde_json::Value;

use super::EditRefusal;
use super::align::{AlignmentStep, steps};
use super::brackets::Brackets;
use super::lines::{EntryLines, Extent, Made};
use super::mappings::around;
use super::splice::{Editor, Style, Within};
use super::write::{Around, inline, item_lines};
use crate::text::Pointer;

/// The items of a list as they stand in the text.
enum WrittenItems {
    Lines(Vec<EntryLines>, usize),
    Brackets(Brackets),
}

impl Editor<'_> {
    /// Makes one list of another one. Both have items.
    pub(super) fn list(
        &mut self,
        at: &Pointer,
        old: &[Value],
        new: &[Value],
        style: Style,
    ) -> Result<(), EditRefusal> {
        let steps = steps(old, new);
        let is_kept = |step: &AlignmentStep| {
            matches!(step, AlignmentStep::Keep(..) | AlignmentStep::Replace(..))
        };
        let commented = self.commented(at, old, &steps, style)?;
        if steps.iter().all(is_kept) && commented.is_empty() {
            for (index, (before, after)) in old.iter().zip(new).enumerate() {
                self.change_item(&at.index(index), before, after, style)?;
            }
            return Ok(());
        }
        let items = self.items(at, old, style)?;
        let mut made = Vec::with_capacity(steps.len());
        for step in steps {
            let other = match step {
                AlignmentStep::Remove(_) => continue,
                AlignmentStep::Keep(_, other)
                | AlignmentStep::Move(_, other)
                | AlignmentStep::Replace(_, other)
                | AlignmentStep::Add(other) => other,
            };
            let wanted = &new[other];
            made.push(match step {
                AlignmentStep::Replace(item, _) if commented.contains(&item) => {
                    Made::Instead(item, self.item_text(&items, wanted))
                }
                AlignmentStep::Keep(item, _)
                | AlignmentStep::Move(item, _)
                | AlignmentStep::Replace(item, _) => {
                    let place = at.index(item);
                    let pieces =
                        self.aside(|it| it.change_item(&place, &old[item], wanted, style))?;
                    Made::Of(item, pieces)
                }
                _ => Made::New(self.item_text(&items, wanted)),
            });
        }
        match items {
            WrittenItems::Lines(lines, column) => self.rebuild_lines(at, &lines, column, made),
            WrittenItems::Brackets(brackets) => self.rebuild_brackets(at, &brackets, made),
        }
    }

    /// The items with comments that others take the place of.
    fn commented(
        &self,
        at: &Pointer,
        old: &[Value],
        steps: &[AlignmentStep],
        style: Style,
    ) -> Result<Vec<usize>, EditRefusal> {
        let replaced = steps.iter().filter_map(|step| match step {
            AlignmentStep::Replace(item, _) => Some(*item),
            _ => None,
        });
        let mut replaced: Vec<usize> = replaced.collect();
        if !replaced.is_empty() {
            let items = self.items(at, old, style)?;
            replaced.retain(|item| self.is_commented(&items, *item));
        }
        Ok(replaced)
    }

    fn items(
        &self,
        at: &Pointer,
        old: &[Value],
        style: Style,
    ) -> Result<WrittenItems, EditRefusal> {
        let place = |index: usize| at.index(index);
        if style == Style::Flow {
            let ends: Vec<usize> = (0..old.len()).map(|it| self.value(&place(it)).1).collect();
            return Ok(WrittenItems::Brackets(self.brackets(at, &ends)?));
        }
        let mut extents = Vec::with_capacity(old.len());
        for (index, item) in old.iter().enumerate() {
            let start = self.dash(&place(index))?;
            let value = self.value(&place(index));
            let is_tall = self.style(&place(index), item) == Style::Block;
            let is_empty = item.is_null()
                && self
                    .text
                    .get(value.0..value.1)
                    .is_none_or(|it| it != "~" && !it.eq_ignore_ascii_case("null"));
            extents.push(Extent {
                start,
                end: if is_empty { start + 1 } else { value.1 },
                inner: is_tall.then(|| self.column(value.0)),
            });
        }
        let column = extents.first().map_or(0, |first| self.column(first.start));
        Ok(WrittenItems::Lines(self.lines(at, &extents)?, column))
    }

    /// Whether an item has comments, which are about it and nothing else.
    fn is_commented(&self, items: &WrittenItems, item: usize) -> bool {
        let text = match items {
            WrittenItems::Lines(lines, _) => &self.text[lines[item].start..lines[item].end],
            WrittenItems::Brackets(brackets) if brackets.has_comment(item) => return true,
            WrittenItems::Brackets(brackets) => {
                let piece = &brackets.pieces[item];
                &self.text[piece.start..piece.end]
            }
        };
        text.starts_with('#') || [" #", "\t#", "\n#"].iter().any(|mark| text.contains(mark))
    }

    fn item_text(&self, items: &WrittenItems, item: &Value) -> String {
        match items {
            WrittenItems::Lines(_, column) => self.joined(&item_lines(item, *column, self.step)),
            WrittenItems::Brackets(_) => inline(item, Around::Flow),
        }
    }

    fn change_item(
        &mut self,
        at: &Pointer,
        old: &Value,
        new: &Value,
        style: Style,
    ) -> Result<(), EditRefusal> {
        if old == new {
            return Ok(());
        }
        let (behind, column) = if style == Style::Flow {
            (self.value(at).0, 0)
        } else {
            let dash = self.dash(at)?;
            (dash + 1, self.column(dash))
        };
        let within = Within {
            around: around(style),
            behind,
            column,
            step: 2,
        };
        self.change(at, old, new, within)
    }

    /// The place of the dash of an item: behind the one before it, and the comments between them.
    fn dash(&self, at: &Pointer) -> Result<usize, EditRefusal> {
        let layout = || EditRefusal::Layout(at.clone());
        let list = at.parent().ok_or_else(layout)?;
        let index: usize = at
            .steps()
            .last()
            .and_then(|it| it.parse().ok())
            .ok_or_else(layout)?;
        let mut from = match index.checked_sub(1) {
            Some(before) => self.value(&list.index(before)).1,
            None => self.value(&list).0,
        };
        loop {
            let rest = self.text.get(from..).unwrap_or_default();
            let next = rest.trim_start();
            from += rest.len() - next.len();
            match next.chars().next() {
                Some('-') => return Ok(from),
                Some('#') => from = self.next_line(from),
                Some(':') => from += 1, // of a last entry without a value
                _ => return self.dash_above(self.value(at).0).ok_or_else(layout),
            }
        }
    }

    /// The dash above a value that comments part from it: its line has nothing else but other dashes.
    fn dash_above(&self, value: usize) -> Option<usize> {
        let mut end = self.line_start(value);
        while end > 0 {
            let start = self.line_start(end - 1);
            let code = self.text[start..end].split('#').next()?.trim_end();
            let is_dashes = code.trim_start_matches([' ', '-']).is_empty();
            match code.rfind('-').filter(|_| is_dashes) {
                Some(dash) => return Some(start + dash),
                None if code.is_empty() => end = start,
                None => return None,
            }
        }
        None
    }
}
