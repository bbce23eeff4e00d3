//! What a pull takes over, as people read it: the objects, what is left with the reason, the diff of the files, and
//! one summary line.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use similar::TextDiff;

use super::plan::{mark_hidden, pair};
use super::prose::broken_at;
use crate::manifest::Key;
use crate::pull::{Foreign, Left, Pull, PulledFile, TakenField};
use crate::text::safe::{line, lines};
use crate::text::some_of;

/// How many objects without a manifest are named.
const NAMED: usize = 10;

/// The whole pull as text, on a terminal of so many columns. Lines of files stay as they are.
#[must_use]
pub fn render_pull(pull: &Pull, color: bool, width: Option<usize>) -> String {
    let painter = PullPainter { color };
    let broken = |text: &str| broken_at(text, width.unwrap_or(usize::MAX));
    let mut out = broken(&render_objects(pull, &painter));
    if !pull.written {
        for file in &pull.files {
            render_diff(file, &painter, &mut out);
        }
    }
    if !pull.foreign.is_empty() {
        let message = format!(
            "Without a manifest: {}. Name them, or give `--foreign`, to make manifests.",
            list(&pull.foreign)
        );
        let _ = writeln!(out, "{}", broken(&painter.dim(&message)));
    }
    out + &broken(&summary(pull)) + "\n"
}

/// What is taken over, object by object, and what is left.
fn render_objects(pull: &Pull, painter: &PullPainter) -> String {
    let mut out = String::new();
    for fields in pull.fields.chunk_by(|a, b| a.key == b.key) {
        render_fields(fields, painter, &mut out);
    }
    for object in &pull.objects {
        let sign = painter.paint(AnsiColor::Green, "  + ");
        let file = painter.dim(&format!("{} (new)", line(&object.file)));
        let name = named(&object.key, &object.display_name);
        let _ = writeln!(out, "{sign}{name} ({})  {file}", object.remote_id);
        if !object.refers_to.is_empty() {
            let others = list(&object.refers_to);
            let note =
                format!("refers to {others} without a manifest: `--with-references` makes one");
            let _ = writeln!(out, "      {}", painter.dim(&note));
        }
    }
    for left in pull.left.chunk_by(|a, b| a.key == b.key) {
        render_left(left, painter, &mut out);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn render_fields(fields: &[TakenField], painter: &PullPainter, out: &mut String) {
    let Some(first) = fields.first() else { return };
    let sign = painter.paint(AnsiColor::Yellow, "  ~ ");
    let _ = writeln!(out, "{sign}{}", first.key);
    for field in fields {
        let files = line(&field.files.join(", ")).into_owned();
        let mut remarks = vec![files];
        if !field.environments.is_empty() {
            let others = field.environments.join(", ");
            remarks.push(format!("also in effect in {others}"));
        }
        remarks.extend(field.note.clone());
        let remarks = painter.dim(&format!("({})", remarks.join("; ")));
        let (before, after) = pair(&field.before, &field.after);
        let path = line(&field.path);
        let _ = writeln!(out, "      {path}: {before} -> {after}  {remarks}");
    }
}

fn render_left(left: &[Left], painter: &PullPainter, out: &mut String) {
    let Some(first) = left.first() else { return };
    let sign = painter.paint(AnsiColor::Red, "  ! ");
    let place = first.file.as_ref().map(|file| match first.line {
        Some(number) => format!("  {}:{number}", line(file)),
        None => format!("  {}", line(file)),
    });
    let place = painter.dim(&place.unwrap_or_default());
    let _ = writeln!(out, "{sign}{}{place}", first.key);
    for one in left {
        let message = line(&one.message);
        if let Some(path) = &one.path {
            let (declared, live) = pair(&one.declared, &one.live);
            let path = line(path);
            let _ = writeln!(
                out,
                "      {path}: {declared} in the file, {live} in the account"
            );
        }
        let _ = writeln!(out, "        {message}");
        let _ = writeln!(
            out,
            "        {}",
            painter.dim(&format!("help: {}", line(&one.help)))
        );
    }
}

fn render_diff(file: &PulledFile, painter: &PullPainter, out: &mut String) {
    let before = file.before.as_deref().unwrap_or_default();
    let diff = TextDiff::from_lines(before, file.after.as_str());
    let from = match file.before {
        Some(_) => format!("a/{}", file.path),
        None => "/dev/null".to_owned(),
    };
    let text = diff
        .unified_diff()
        .header(&from, &format!("b/{}", file.path))
        .to_string();
    let text = lines(&text);
    let rows = text.lines().map(|row| {
        let mut letters = row.chars();
        (letters.next().unwrap_or(' '), letters.as_str().to_owned())
    });
    let mut rows: Vec<(char, String)> = rows.collect();
    mark_hidden(&mut rows);
    for (sign, row) in rows {
        let row = format!("{sign}{row}");
        let color = match sign {
            '+' => Some(AnsiColor::Green),
            '-' => Some(AnsiColor::Red),
            _ => None,
        };
        let row = color.map_or_else(|| row.clone(), |color| painter.paint(color, &row));
        let _ = writeln!(out, "{row}");
    }
    out.push('\n');
}

/// `Pull: 3 fields, 1 new manifest; 1 left. ..`.
fn summary(pull: &Pull) -> String {
    let edited = match pull.edited {
        0 => String::new(),
        1 => {
            " 1 field differs because its file was edited: `campaignctl plan` shows it.".to_owned()
        }
        count => format!(
            " {count} fields differ because the files were edited: `campaignctl plan` shows them."
        ),
    };
    if pull.fields.is_empty() && pull.objects.is_empty() && pull.left.is_empty() {
        return format!("Nothing to pull.{edited}");
    }
    let counted = |count: usize, what: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {what}{plural}")
    };
    let done = match (pull.files.len(), pull.written) {
        (0, _) => " No file changes.".to_owned(),
        (files, true) => format!(" {} written.", counted(files, "file")),
        (_, false) => " Nothing was written; `--write` writes it.".to_owned(),
    };
    format!(
        "Pull: {}, {}; {} left.{done}{edited}",
        counted(pull.fields.len(), "field"),
        counted(pull.objects.len(), "new manifest"),
        pull.left.len()
    )
}

fn named(key: &Key, display_name: &str) -> String {
    if key.name.as_str() == display_name {
        return key.to_string();
    }
    format!("{key} \"{}\"", line(display_name))
}

fn list(objects: &[Foreign]) -> String {
    let names = objects.iter().map(|it| named(&it.key, &it.display_name));
    some_of(names, NAMED)
}

/// Colours a text, or leaves it alone.
struct PullPainter {
    color: bool,
}

impl PullPainter {
    fn paint(&self, color: AnsiColor, text: &str) -> String {
        self.styled(Style::new().fg_color(Some(color.into())), text)
    }

    fn dim(&self, text: &str) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}
