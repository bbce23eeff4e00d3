//! Made-up texts: every shape that YAML has and manifests may have, with comments and blank lines wherever they can be.

use std::fmt::Write as _;

const ENVELOPE: [&str; 7] = [
    "spec",
    "kind",
    "metadata",
    "lifecycle",
    "apiVersion",
    "$patch",
    "other",
];
const FIELDS: [&str; 7] = [
    "url",
    "schedule",
    "displayName",
    "indicator",
    "extra",
    "type",
    "\"quoted\"",
];
const SCALARS: [&str; 28] = [
    "abc",
    "Goal",
    "Campaign",
    "\"012\"",
    "\"no\"",
    "\"1e3\"",
    "'~'",
    "\"2026-01-01\"",
    "12",
    "true",
    "null",
    "'it''s'",
    "\"say \\\"hi\\\"\"",
    "'\"x\"'",
    "a b c",
    "https://x.example/a?b=c#d",
    "2026-09-01T00:00:00",
    "Hi ${{1}}, you",
    "10%",
    "~",
    "-1",
    "\"a\\tb\"",
    "'# no comment'",
    "\"{x}\"",
    "é😀",
    "012",
    "no",
    "!!str 1",
];
const LINES: [&str; 7] = [
    "text",
    "  deeper",
    "# no comment",
    "a: b",
    "- x",
    "trailing  ",
    "a line of many words, which goes on and on until it is wider than the widest line may be, and then a bit more",
];

/// A text, decided by a list of numbers; when they run out, the simplest is taken.
pub(super) fn text(choices: &[u32]) -> String {
    let mut maker = Maker {
        choices: choices.iter(),
        comments: 0,
        text: String::new(),
    };
    for index in 0..=maker.pick(3) {
        if index > 0 || maker.one_in(5) {
            maker.text.push_str("---");
            maker.end_of_line();
        }
        maker.between(0);
        maker.mapping(4, 0, &ENVELOPE);
        maker.between(0);
    }
    maker.text
}

struct Maker<'c> {
    choices: std::slice::Iter<'c, u32>,
    comments: u32,
    text: String,
}

impl Maker<'_> {
    fn pick(&mut self, count: u32) -> usize {
        (self.choices.next().copied().unwrap_or_default() % count) as usize
    }

    fn one_in(&mut self, count: u32) -> bool {
        self.pick(count) == 1
    }

    fn comment(&mut self) -> String {
        self.comments += 1;
        let words = ["", ": x", " 'q", " [a, b", " - y", " | z"][self.pick(6)];
        format!("# c{}.{words}", self.comments)
    }

    /// Comments and blank lines.
    fn between(&mut self, indent: usize) {
        while self.one_in(5) {
            if self.one_in(2) {
                self.text.push('\n');
                continue;
            }
            let comment = self.comment();
            let indent = indent + [0, 0, 0, 2, 4][self.pick(5)];
            let _ = writeln!(self.text, "{:indent$}{comment}", "");
        }
    }

    fn end_of_line(&mut self) {
        if self.one_in(5) {
            let (comment, blanks) = (self.comment(), 1 + self.pick(3));
            let _ = write!(self.text, "{:blanks$}{comment}", "");
        }
        self.text.push('\n');
    }

    fn mapping(&mut self, depth: u32, indent: usize, names: &[&str]) {
        let (from, count) = (self.pick(7), 1 + self.pick(4));
        for name in names.iter().cycle().skip(from).take(count) {
            self.between(indent);
            let blank = if self.one_in(6) { " " } else { "" };
            let _ = write!(self.text, "{:indent$}{name}{blank}:", "");
            self.value(depth, indent);
        }
    }

    fn list(&mut self, depth: u32, indent: usize) {
        for _ in 0..=self.pick(3) {
            self.between(indent);
            let _ = write!(self.text, "{:indent$}-", "");
            if depth > 0 && self.one_in(3) {
                self.text.push_str(" a:");
                self.value(depth - 1, indent + 2);
                self.between(indent + 2);
                let _ = write!(self.text, "{:indent$}  b: 1", "");
                self.end_of_line();
            } else {
                self.value(depth, indent);
            }
        }
    }

    /// What follows a `key:` or a `-`.
    fn value(&mut self, depth: u32, indent: usize) {
        let deeper = indent + 1 + self.pick(4);
        if self.one_in(12) {
            let property = [" &a", " &long-1", " &b"][self.pick(3)];
            self.text.push_str(property);
        }
        match self.pick(10) {
            1 => self.end_of_line(),
            2 => self.brackets_after(indent),
            3 => self.block_scalar(indent),
            4 | 5 if depth > 0 => {
                self.end_of_line();
                self.mapping(depth - 1, deeper, &FIELDS);
            }
            6 if depth > 0 => {
                self.end_of_line();
                let deeper = indent + [0, 2, 4][self.pick(3)];
                self.list(depth - 1, deeper);
            }
            7 => {
                let quote = ["", "\"", "'"][self.pick(3)];
                let _ = write!(
                    self.text,
                    " {quote}over\n\n{:deeper$}several\n{:deeper$}lines{quote}",
                    "", ""
                );
                self.end_of_line();
            }
            8 => {
                self.end_of_line();
                self.text.extend(std::iter::repeat_n(' ', deeper));
                self.scalar();
                self.end_of_line();
            }
            _ => {
                self.text.push(' ');
                self.scalar();
                self.end_of_line();
            }
        }
    }

    fn scalar(&mut self) {
        let scalar = SCALARS[self.pick(28)];
        self.text.push_str(scalar);
    }

    fn brackets_after(&mut self, indent: usize) {
        self.text.push(' ');
        self.brackets(2, indent);
        self.end_of_line();
    }

    fn brackets(&mut self, depth: u32, indent: usize) {
        let (is_mapping, is_broken) = (self.one_in(2), self.one_in(3));
        let count = self.pick(5);
        self.text.push(if is_mapping { '{' } else { '[' });
        for index in 0..count {
            self.inside(is_broken, indent);
            if is_mapping {
                let _ = write!(self.text, "k{index}: ");
            }
            match self.pick(4) {
                1 if depth > 0 => self.brackets(depth - 1, indent + 2),
                2 => self
                    .text
                    .push_str(["a b", "\"q r\"", "'s'", "no"][index % 4]),
                _ => self.text.push('x'),
            }
            if index + 1 < count || self.one_in(5) {
                if self.one_in(9) {
                    self.inside(is_broken, indent);
                }
                self.text.push(',');
            }
        }
        self.inside(is_broken, indent);
        self.text.push(if is_mapping { '}' } else { ']' });
    }

    fn inside(&mut self, is_broken: bool, indent: usize) {
        let indent = indent + 2;
        let comment = if is_broken && self.one_in(2) {
            self.comment()
        } else {
            String::new()
        };
        let _ = match (is_broken, self.pick(2)) {
            (false, 0) => Ok(()),
            (false, _) => write!(self.text, " "),
            (true, 0) => write!(self.text, " {comment}\n{:indent$}", ""),
            (true, _) => write!(self.text, "\n\n{:indent$}{comment}\n{:indent$}", "", ""),
        };
    }

    fn block_scalar(&mut self, indent: usize) {
        let header = ["|", "|-", "|+", ">", ">-", ">+", "|2", ">2-", "|4+"][self.pick(9)];
        let _ = write!(self.text, " {header}");
        self.end_of_line();
        let deeper = match header.chars().find_map(|ch| ch.to_digit(10)) {
            Some(digit) => indent + digit as usize,
            None => indent + 1 + self.pick(4),
        };
        for index in 0..=self.pick(5) {
            let line = LINES[self.pick(7)];
            let line = if index == 0 && !header.contains(['2', '4']) {
                line.trim_start()
            } else {
                line
            };
            let _ = writeln!(self.text, "{:deeper$}{line}", "");
            if self.one_in(4) {
                let blank = ["\n", "\n\n"][self.pick(2)];
                self.text.push_str(blank);
            }
        }
    }
}
