//! Who changed a field since it was last applied.

use serde_json::Value;

use super::{Cause, Difference};
use crate::kinds::mapping::same;
use crate::live::Entry;
use crate::resolve::{Resource, Segment, segments};
use crate::text::{Fill, Pointer};

/// Who changed a field since it was last applied.
pub(super) fn cause(resource: &Resource, entry: Option<&Entry>, difference: &Difference) -> Cause {
    let Some(entry) = entry else {
        return Cause::Unknown;
    };
    let null = Value::Null;
    let Difference {
        pointer,
        before,
        after,
        ..
    } = difference;
    let applied = entry.applied.value();
    let last = pointer.get(&applied).unwrap_or(&null);
    match (same(last, after), same(last, before)) {
        (true, _) => Cause::Drift,
        (false, true) if is_variable(&resource.fills, pointer, last, after) => Cause::Variable,
        (false, true) if resource.is_from_template(pointer) => Cause::Template,
        (false, true) => Cause::Edit,
        (false, false) if last.is_null() => Cause::Edit,
        (false, false) => Cause::Both,
    }
}

/// Whether a field differs from what was last applied only where variables were filled in.
fn is_variable(fills: &[Fill], field: &Pointer, last: &Value, after: &Value) -> bool {
    if fills
        .iter()
        .any(|fill| field.starts_with(&fill.pointer) && *field != fill.pointer)
    {
        return true; // inside a list that is a variable
    }
    let (mut last, mut after) = (last.clone(), after.clone());
    let mut found = false;
    for fill in fills.iter().filter(|fill| fill.pointer.starts_with(field)) {
        found = true;
        let below = Pointer::new(&fill.pointer.as_str()[field.as_str().len()..]);
        if is_in_list(&below, &after) {
            return true; // the account has an order of its own there, so nothing can be told apart
        }
        let (Some(was), Some(is)) = (
            last.pointer_mut(below.as_str()),
            after.pointer_mut(below.as_str()),
        ) else {
            return false;
        };
        // A value that is spelled another way than it was written says nothing of the text around the variable.
        if fits(&fill.raw, is) && !fits(&fill.raw, was) {
            return false;
        }
        *was = Value::Null;
        *is = Value::Null;
    }
    found && same(&last, &after)
}

fn is_in_list(pointer: &Pointer, value: &Value) -> bool {
    let mut around = pointer.parent();
    while let Some(pointer) = around {
        if pointer.get(value).is_some_and(Value::is_array) {
            return true;
        }
        around = pointer.parent();
    }
    false
}

/// Whether a text can be made of a scalar with variables by giving them some values.
fn fits(raw: &str, value: &Value) -> bool {
    let segments = segments(raw);
    if matches!(segments.as_slice(), [Segment::Variable(..)]) {
        return true;
    }
    let Some(mut rest) = value.as_str() else {
        return false;
    };
    let last = segments.len().saturating_sub(1);
    for (index, segment) in segments.iter().enumerate() {
        let Segment::Text(text) = segment else {
            continue;
        };
        let tail = match index {
            0 => rest.strip_prefix(text.as_ref()),
            _ if index == last => rest.ends_with(text.as_ref()).then_some(""),
            _ => rest.split_once(text.as_ref()).map(|(_, tail)| tail),
        };
        match tail {
            Some(tail) => rest = tail,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fill(pointer: &str, raw: &str) -> Fill {
        Fill {
            pointer: Pointer::from(pointer),
            raw: raw.to_owned(),
            known: true,
        }
    }

    #[test]
    fn only_what_stands_in_a_variable_counts_as_one() {
        let fills = [
            fill("/message/text", "Hi ${var.brand}, bye"),
            fill("/weight", "${var.weight}"),
        ];
        let told = |field: &str, last: Value, after: Value| {
            is_variable(&fills, &Pointer::from(field), &last, &after)
        };
        assert!(told(
            "/message/text",
            json!("Hi A, bye"),
            json!("Hi B, bye")
        ));
        assert!(!told(
            "/message/text",
            json!("Hello A, bye"),
            json!("Hi B, bye")
        ));
        assert!(told("/weight", json!(5), json!(7)));
        assert!(!told("/description", json!("a"), json!("b")));
        let message = |text: &str, other: u8| json!({ "text": text, "other": other });
        assert!(told(
            "/message",
            message("Hi A, bye", 1),
            message("Hi B, bye", 1)
        ));
        assert!(!told(
            "/message",
            message("Hi A, bye", 1),
            message("Hi B, bye", 2)
        ));
    }

    #[test]
    fn a_list_that_is_a_variable_or_holds_one_counts_as_a_whole() {
        let fills = [fill("/apps", "${var.apps}")];
        assert!(is_variable(
            &fills,
            &Pointer::from("/apps/0"),
            &json!("a"),
            &json!("b")
        ));
        let fills = [fill("/urls/1", "https://${var.host}/")];
        let urls = |host: &str| json!([format!("https://{host}/"), "https://x/"]);
        assert!(is_variable(
            &fills,
            &Pointer::from("/urls"),
            &urls("a"),
            &urls("b")
        ));
    }
}
