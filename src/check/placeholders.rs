//! `${NAME}` in a value: a variable of which the `var.` was forgotten.

use serde_json::Value;

use super::codes::VARIABLE_WITHOUT_VAR;
use crate::diag::{Advice, Diagnostic, Diags, Fix};
use crate::kinds::mapping::is_open;
use crate::resolve::{Resource, is_variable_name};
use crate::text::{Pointer, Trail};

/// Warns of every text of a manifest that looks like it. Open JSON is passed over: there it may be a script.
pub(super) fn check(texts: &crate::diag::Texts, resource: &Resource, diags: &mut Diags) {
    let mut found = Vec::new();
    let root = Pointer::root();
    walk(resource.own(), &Trail::From(&root), &mut found);
    let fields = resource.key.kind.def().fields;
    for (at, text, (written, name)) in found {
        if is_open(fields, &at) || resource.fills.iter().any(|fill| at == fill.pointer) {
            continue;
        }
        let meant = format!("${{var.{name}}}");
        let help = Advice::from(format!("a variable is written `{meant}`"))
            .fix(Fix::Replace(text.replace(written, &meant)));
        let message = format!("`{written}` is text, and not a variable");
        let at = resource.locate(texts, &at);
        diags.push(Diagnostic::new(&VARIABLE_WITHOUT_VAR, at, message).help(help));
    }
}

/// What is written, `${ brand }`, and the name in it.
type Forgotten<'v> = (&'v str, &'v str);

fn walk<'v>(value: &'v Value, at: &Trail<'_>, found: &mut Vec<(Pointer, &'v str, Forgotten<'v>)>) {
    match value {
        Value::String(text) => {
            let names = forgotten(text);
            found.extend(names.map(|name| (at.pointer(), text.as_str(), name)));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &Trail::Index(at, index), found);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                walk(value, &Trail::Key(at, key), found);
            }
        }
        _ => {}
    }
}

/// The names in `${..}` that have no `var.` in front of them, or `env.`, or blanks around them. `${{1}}` is a placeholder of the platform, and `$${` an
/// escape.
fn forgotten(text: &str) -> impl Iterator<Item = Forgotten<'_>> {
    text.match_indices("${").filter_map(|(at, open)| {
        let inner = text[at + open.len()..].split_once('}')?.0;
        let inside = inner.trim();
        let variable = inside
            .strip_prefix("var.")
            .or_else(|| inside.strip_prefix("env."));
        let name = variable.unwrap_or(inner).trim();
        let is_reference = inner.strip_prefix("var.") == Some(name);
        let is_escape = text[..at].ends_with('$');
        let written = &text[at..=at + open.len() + inner.len()];
        (!is_escape && !is_reference && is_variable_name(name)).then_some((written, name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_in_braces_are_meant_as_variables() {
        let forgotten = |text| forgotten(text).collect::<Vec<_>>();
        assert_eq!(forgotten("for ${brand}!"), [("${brand}", "brand")]);
        assert_eq!(forgotten("${{1}} and ${BRAND}"), [("${BRAND}", "BRAND")]);
        assert_eq!(
            forgotten("${env.X} of ${ var.x } and ${var.y}"),
            [("${env.X}", "X"), ("${ var.x }", "x")]
        );
        for text in ["${ brand }", "${ var.brand }", "${var. brand}"] {
            assert_eq!(forgotten(text), [(text, "brand")]);
        }
        for text in [
            "${var.brand}",
            "${{1}}",
            "$${brand}",
            "${a b}",
            "${",
            "$brand",
            "${}",
        ] {
            assert_eq!(forgotten(text), [], "{text}");
        }
    }
}
