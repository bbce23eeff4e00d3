//! The fields of a change: names, values with the colours in them, causes, differences of long texts.

use std::fmt::Write as _;

use serde_json::Value;

use crate::plan::{Action, Change, FieldChange};
use crate::report::cause::{is_new, remarks};
use crate::report::plan::{flow, line_diff, named_field, short};
use crate::text::safe::html as escaped;

/// How many lines of a value are shown.
const LINES: usize = 120;

pub(super) fn fields(change: &Change, out: &mut String) {
    if change.action == Action::Manual {
        out.push_str(
            "<label class=\"check done\"><input type=\"checkbox\"> Done in the web tool</label>",
        );
    }
    list(change, out);
    was(change, out);
    if change.unchanged > 0 && !change.fields.is_empty() {
        let plural = if change.unchanged == 1 { "" } else { "s" };
        let _ = write!(
            out,
            "<p class=\"same\">{} unchanged field{plural}</p>",
            change.unchanged
        );
    }
}

/// The fields that change.
pub(super) fn list(change: &Change, out: &mut String) {
    if change.fields.is_empty() {
        return;
    }
    out.push_str("<dl class=\"fields\">\n");
    for it in &change.fields {
        field(change, it, out);
    }
    out.push_str("</dl>");
}

fn field(change: &Change, field: &FieldChange, out: &mut String) {
    let _ = write!(out, "<div><dt>{}", broken(&named_field(change, field)));
    let is_new = is_new(change, field);
    let means = (field.means.iter()).map(|means| format!("means: {}", flow(means)));
    let hints = (field.hints.iter()).map(|hint| format!("hint: {hint}"));
    let hints = means.chain(hints);
    for remark in remarks(change, field, str::to_owned)
        .into_iter()
        .chain(hints)
    {
        let _ = write!(out, " <span class=\"cause\">{}</span>", escaped(&remark));
    }
    out.push_str("</dt>");
    if let Some(lines) = line_diff(&field.before, &field.written(change.kind)) {
        long(&lines, is_new, out);
    } else if is_new {
        let _ = write!(
            out,
            "<dd><span>{}</span></dd>",
            colored(&short(&field.after))
        );
    } else {
        let (before, after) = (short(&field.before), short(&field.after));
        let (before, after) = (colored(&before), colored(&after));
        let _ = write!(
            out,
            "<dd class=\"pair\"><del>{before}</del><ins>{after}</ins></dd>"
        );
    }
    out.push_str("</div>\n");
}

/// A name that may be broken behind its dots.
pub(super) fn broken(name: &str) -> String {
    escaped(name).replace('.', ".<wbr>")
}

/// Text with a swatch before each colour in it: one that is the whole text, or a quoted one inside a list or a mapping.
/// Swatches are drawn by attributes, which the page admits where it admits no style.
fn colored(text: &str) -> String {
    if is_color(text) {
        return swatch(text) + &escaped(text);
    }
    let mut out = String::new();
    for (index, part) in text.split('"').enumerate() {
        if index > 0 {
            out.push_str(&escaped("\""));
        }
        if is_color(part) {
            out.push_str(&swatch(part));
        }
        out.push_str(&escaped(part));
    }
    out
}

fn is_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|it| it.is_ascii_hexdigit())
}

fn swatch(color: &str) -> String {
    format!(
        "<svg class=\"swatch\" width=\"12\" height=\"12\" role=\"img\" aria-label=\"colour\"><rect x=\"0.5\" y=\"0.5\" width=\"11\" height=\"11\" rx=\"2\" fill=\"{color}\" stroke=\"#8a8f98\"/></svg> "
    )
}

/// What an object was that goes: its fields as the account has them.
fn was(change: &Change, out: &mut String) {
    let fields = change.was.as_object().filter(|fields| !fields.is_empty());
    let Some(fields) = fields else { return };
    out.push_str("<dl class=\"fields was\">\n");
    for (name, value) in fields {
        let _ = write!(out, "<div><dt>{}</dt>", broken(name));
        match line_diff(&Value::Null, value) {
            Some(lines) => {
                let lines: Vec<_> = lines.into_iter().filter(|(sign, _)| *sign != '-').collect();
                long(&lines, true, out);
            }
            None => {
                let _ = write!(out, "<dd><span>{}</span></dd>", colored(&short(value)));
            }
        }
        out.push_str("</div>\n");
    }
    out.push_str("</dl>");
}

/// A value of several lines, or the lines in which two differ.
fn long(lines: &[(char, String)], is_new: bool, out: &mut String) {
    out.push_str("<dd><pre>");
    for (sign, line) in lines.iter().take(LINES) {
        let line = escaped(line);
        let _ = match sign {
            _ if is_new => writeln!(out, "{line}"),
            '-' => writeln!(out, "<del>- {line}</del>"),
            '+' => writeln!(out, "<ins>+ {line}</ins>"),
            _ => writeln!(out, "  {line}"),
        };
    }
    out.push_str("</pre>");
    if lines.len() > LINES {
        let _ = write!(
            out,
            "<p class=\"same\">{} more lines</p>",
            lines.len() - LINES
        );
    }
    out.push_str("</dd>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_have_swatches_wherever_they_are() {
        let count = |text: &str| colored(text).matches("<svg").count();
        assert_eq!(count("#ff8800"), 1);
        assert_eq!(
            count(r##"[{ color: "#fff", hover: "#11223344" }, plain]"##),
            2
        );
        assert_eq!(count(r##"#12 "issue #fff" "#ggg""##), 0);
        let text = r##"["#abc", "<b>"]"##;
        let bare = colored(text).replace(&swatch("#abc"), "");
        assert_eq!(bare, escaped(text));
    }
}
