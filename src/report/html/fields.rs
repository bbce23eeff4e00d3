//! The fields of a change: names, values with the colours in them, causes, differences of long texts.

use serde_json::Value;

use super::markup::Html;
use crate::plan::{Action, Change, FieldChange};
use crate::report::cause::{is_new, remarks};
use crate::report::plan::{flow, line_diff, named_field, pair, short};

/// How many lines of a value are shown.
const LINES: usize = 120;

pub(super) fn fields(change: &Change, out: &mut Html) {
    if change.action == Action::Manual {
        out.say(
            "<label class=\"check done\"><input type=\"checkbox\"> Done in the web tool</label>",
        );
    }
    list(change, out);
    was(change, out);
    if change.unchanged > 0 && !change.fields.is_empty() {
        let plural = if change.unchanged == 1 { "" } else { "s" };
        out.put(
            "<p class=\"same\">{} unchanged field{}</p>",
            &[&change.unchanged, &plural],
        );
    }
}

/// The fields that change.
pub(super) fn list(change: &Change, out: &mut Html) {
    if change.fields.is_empty() {
        return;
    }
    out.say("<dl class=\"fields\">\n");
    for it in &change.fields {
        field(change, it, out);
    }
    out.say("</dl>");
}

fn field(change: &Change, field: &FieldChange, out: &mut Html) {
    out.put("<div><dt>{}", &[&broken(&named_field(change, field))]);
    let is_new = is_new(change, field);
    let means = (field.means.iter()).map(|means| format!("means: {}", flow(means)));
    let hints = (field.hints.iter()).map(|hint| format!("hint: {hint}"));
    let hints = means.chain(hints);
    for remark in remarks(change, field, str::to_owned)
        .into_iter()
        .chain(hints)
    {
        out.put(" <span class=\"cause\">{}</span>", &[&remark]);
    }
    out.say("</dt>");
    if let Some(lines) = line_diff(&field.before, &field.written(change.kind)) {
        long(&lines, is_new, out);
    } else if is_new {
        out.put(
            "<dd><span>{}</span></dd>",
            &[&colored(&short(&field.after))],
        );
    } else {
        let (before, after) = pair(&field.before, &field.after);
        let (before, after) = (colored(&before), colored(&after));
        out.put(
            "<dd class=\"pair\"><del>{}</del><ins>{}</ins></dd>",
            &[&before, &after],
        );
    }
    out.say("</div>\n");
}

/// A name that may be broken behind its dots.
pub(super) fn broken(name: &str) -> Html {
    let parts: Vec<Html> = name.split('.').map(Html::text).collect();
    Html::joined(&parts, ".<wbr>")
}

/// Text with a swatch before each colour in it: one that is the whole text, or a quoted one inside a list or a mapping.
/// Swatches are drawn by attributes, which the page admits where it admits no style.
fn colored(text: &str) -> Html {
    if is_color(text) {
        return Html::of("{}{}", &[&swatch(text), &text]);
    }
    let mut out = Html::default();
    for (index, part) in text.split('"').enumerate() {
        let quote = (index > 0).then_some("\"");
        let swatch = is_color(part).then(|| swatch(part));
        out.put("{}{}{}", &[&quote, &swatch, &part]);
    }
    out
}

fn is_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|it| it.is_ascii_hexdigit())
}

fn swatch(color: &str) -> Html {
    Html::of(
        "<svg class=\"swatch\" width=\"12\" height=\"12\" role=\"img\" aria-label=\"colour\"><rect x=\"0.5\" y=\"0.5\" width=\"11\" height=\"11\" rx=\"2\" fill=\"{}\" stroke=\"#8a8f98\"/></svg> ",
        &[&color],
    )
}

/// What an object was that goes: its fields as the account has them.
fn was(change: &Change, out: &mut Html) {
    let fields = change.was.as_object().filter(|fields| !fields.is_empty());
    let Some(fields) = fields else { return };
    out.say("<dl class=\"fields was\">\n");
    for (name, value) in fields {
        out.put("<div><dt>{}</dt>", &[&broken(name)]);
        match line_diff(&Value::Null, value) {
            Some(lines) => {
                let lines: Vec<_> = lines.into_iter().filter(|(sign, _)| *sign != '-').collect();
                long(&lines, true, out);
            }
            None => {
                out.put("<dd><span>{}</span></dd>", &[&colored(&short(value))]);
            }
        }
        out.say("</div>\n");
    }
    out.say("</dl>");
}

/// A value of several lines, or the lines in which two differ.
fn long(lines: &[(char, String)], is_new: bool, out: &mut Html) {
    out.say("<dd><pre>");
    for (sign, line) in lines.iter().take(LINES) {
        let template = match sign {
            _ if is_new => "{}\n",
            '-' => "<del>- {}</del>\n",
            '+' => "<ins>+ {}</ins>\n",
            _ => "  {}\n",
        };
        out.put(template, &[line]);
    }
    out.say("</pre>");
    if lines.len() > LINES {
        out.put(
            "<p class=\"same\">{} more lines</p>",
            &[&(lines.len() - LINES)],
        );
    }
    out.say("</dd>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_have_swatches_wherever_they_are() {
        let count = |text: &str| colored(text).into_string().matches("<svg").count();
        assert_eq!(count("#ff8800"), 1);
        assert_eq!(
            count(r##"[{ color: "#fff", hover: "#11223344" }, plain]"##),
            2
        );
        assert_eq!(count(r##"#12 "issue #fff" "#ggg""##), 0);
        let text = r##"["#abc", "<b>"]"##;
        let bare = colored(text).into_string();
        let bare = bare.replace(&swatch("#abc").into_string(), "");
        assert_eq!(bare, Html::text(text).into_string());
    }
}
