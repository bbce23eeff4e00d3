//! Items of lists that change, go and come.

use serde_json::Value;

use super::Refusal;
use super::align::{Step, steps};
use super::mappings::around;
use super::splice::{Editor, Style, Within};
use super::write::{Around, inline, item_lines};
use crate::text::Pointer;

impl Editor<'_> {
    /// Makes one list of another one. Both have items.
    pub(super) fn list(
        &mut self,
        at: &Pointer,
        old: &[Value],
        new: &[Value],
        style: Style,
    ) -> Result<(), Refusal> {
        let steps = steps(old, new);
        for step in &steps {
            if let Step::Keep(item, wanted) = step {
                self.change_item(&at.index(*item), &old[*item], &new[*wanted], style)?;
            }
        }
        if style == Style::Flow {
            self.remove_in_brackets(at, &steps, old.len());
        } else {
            self.remove_items(at, &steps)?;
        }
        self.add_items(at, &steps, new, style)
    }

    fn change_item(
        &mut self,
        at: &Pointer,
        old: &Value,
        new: &Value,
        style: Style,
    ) -> Result<(), Refusal> {
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
    fn dash(&self, at: &Pointer) -> Result<usize, Refusal> {
        let layout = || Refusal::Layout(at.clone());
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
                _ => return Err(layout()),
            }
        }
    }

    fn remove_items(&mut self, at: &Pointer, steps: &[Step]) -> Result<(), Refusal> {
        for step in steps {
            let Step::Remove(item) = step else { continue };
            let item = at.index(*item);
            let dash = self.dash(&item)?;
            if !self.begins_line(dash) {
                return Err(Refusal::Layout(item));
            }
            let end = self.value(&item).1;
            self.splice(self.line_start(dash), self.next_line(end), "");
        }
        Ok(())
    }

    fn remove_in_brackets(&mut self, at: &Pointer, steps: &[Step], count: usize) {
        let kept = steps.iter().filter_map(|step| match step {
            Step::Keep(item, _) => Some(*item),
            _ => None,
        });
        let last = kept.max().unwrap_or_default();
        for step in steps {
            if let Step::Remove(item) = step
                && *item < last
            {
                let start = self.value(&at.index(*item)).0;
                let next = self.value(&at.index(item + 1)).0;
                self.splice(start, next, "");
            }
        }
        if last + 1 < count {
            let end = |item: usize| self.value(&at.index(item)).1;
            let (from, to) = (end(last), end(count - 1));
            self.splice(from, to, "");
        }
    }

    /// Adds what is new behind the item that precedes it, else in front of the first one that stays.
    fn add_items(
        &mut self,
        at: &Pointer,
        steps: &[Step],
        new: &[Value],
        style: Style,
    ) -> Result<(), Refusal> {
        let kept = |step: &Step| match step {
            Step::Keep(item, _) => Some(*item),
            _ => None,
        };
        let first = steps.iter().find_map(kept).unwrap_or_default();
        let mut before = None;
        for step in steps {
            before = kept(step).or(before);
            if let Step::Add(item) = step {
                let beside = at.index(before.unwrap_or(first));
                self.add_item(&beside, before.is_some(), &new[*item], style)?;
            }
        }
        Ok(())
    }

    fn add_item(
        &mut self,
        beside: &Pointer,
        behind: bool,
        item: &Value,
        style: Style,
    ) -> Result<(), Refusal> {
        let (start, end) = self.value(beside);
        if style == Style::Flow {
            let text = inline(item, Around::Flow);
            if behind {
                self.splice(end, end, format!(", {text}"));
            } else {
                self.splice(start, start, format!("{text}, "));
            }
            return Ok(());
        }
        let dash = self.dash(beside)?;
        let column = self.column(dash);
        let text = self.joined(&item_lines(item, column, self.step));
        let (newline, indent) = (self.newline, " ".repeat(column));
        if behind {
            let line = self.line_end(end);
            self.splice(line, line, format!("{newline}{indent}{text}"));
        } else {
            self.splice(dash, dash, format!("{text}{newline}{indent}"));
        }
        Ok(())
    }
}
