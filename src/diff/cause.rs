//! Who changed a field since it was last applied, and which template or variable.
//!
//! What an overlay changes is an edit: the position of the field names the overlay's file.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Cause, DiffInput, Difference};
use crate::kinds::mapping::{is_like, same};
use crate::kinds::place_in;
use crate::resolve::{Resource, Segment, segments};
use crate::text::{Fill, Pointer};

/// Who changed a field, and what in particular.
#[derive(Debug, PartialEq)]
pub(super) struct Blame {
    /// Who.
    pub(super) cause: Cause,
    /// The templates or the variables, by name.
    pub(super) by: Vec<String>,
}

impl Blame {
    fn new(cause: Cause, by: BTreeSet<String>) -> Self {
        Self {
            cause,
            by: by.into_iter().collect(),
        }
    }
}

impl From<Cause> for Blame {
    fn from(cause: Cause) -> Self {
        Self::new(cause, BTreeSet::new())
    }
}

/// What was last applied to an object, and to the place of a difference.
pub(super) struct Last<'a> {
    /// The whole spec.
    pub(super) applied: &'a Value,
    /// The value in the place.
    pub(super) last: Option<&'a Value>,
}

/// Who changed a field since it was last applied.
pub(super) fn blame(
    input: &DiffInput<'_>,
    resource: &Resource,
    known: &Last<'_>,
    difference: &Difference,
) -> Blame {
    let last = known.last.unwrap_or(&Value::Null);
    let Difference {
        pointer,
        before,
        after,
    } = difference;
    if last.is_null() && pointer.get(&resource.spec).is_none() {
        return Cause::Edit.into(); // It follows from a field that changed.
    }
    let fields = resource.key.kind.def().fields;
    let is_edited =
        !is_like(fields, pointer, last, after) || !is_like(fields, pointer, after, last);
    match (is_edited, is_like(fields, pointer, last, before)) {
        (false, _) => Cause::Drift.into(),
        (true, true) => ours(input, resource, known.applied, difference, last),
        (true, false) if last.is_null() => Cause::Edit.into(),
        (true, false) => Cause::Both.into(),
    }
}

/// What of ours changed a field: a variable, a template, or the manifest.
fn ours(
    input: &DiffInput<'_>,
    resource: &Resource,
    applied: &Value,
    difference: &Difference,
    last: &Value,
) -> Blame {
    let Difference { pointer, after, .. } = difference;
    if let Some(by) = variables(&resource.fills, pointer, last, after) {
        return Blame::new(Cause::Variable, by);
    }
    match templates(input, resource, applied, difference) {
        Some(by) => Blame::new(Cause::Template, by),
        None => Cause::Edit.into(),
    }
}

/// The templates that everything new in a field comes from; none when a part of it is the manifest's own.
fn templates(
    input: &DiffInput<'_>,
    resource: &Resource,
    applied: &Value,
    difference: &Difference,
) -> Option<BTreeSet<String>> {
    if resource.templates.is_empty() {
        return None;
    }
    let fields = resource.key.kind.def().fields;
    let had = |at: &Pointer, value: &Value| {
        place_in(fields, &resource.spec, applied, at)
            .and_then(|place| place.get(applied).map(|last| same(last, value)))
            .unwrap_or(false)
    };
    let mut new = leaves(&difference.pointer, &difference.after);
    new.retain(|(at, value)| !had(at, value));
    let names = new.iter().map(|(at, _)| {
        let doc = resource.template_of(input.texts, at)?;
        let template = input.texts.value(doc);
        let text = |at: &str| template.pointer(at).and_then(Value::as_str);
        Some(format!("{}/{}", text("/kind")?, text("/metadata/name")?))
    });
    let names = names.collect::<Option<BTreeSet<String>>>()?;
    (!names.is_empty()).then_some(names)
}

/// Everything in a value, which stands at `at`, that has nothing below it; a list of scalars is one thing.
fn leaves<'v>(at: &Pointer, value: &'v Value) -> Vec<(Pointer, &'v Value)> {
    match value {
        Value::Object(map) if !map.is_empty() => map
            .iter()
            .flat_map(|(key, value)| leaves(&at.key(key), value))
            .collect(),
        Value::Array(items) if items.iter().any(Value::is_object) => items
            .iter()
            .enumerate()
            .flat_map(|(index, item)| leaves(&at.index(index), item))
            .collect(),
        _ => vec![(at.clone(), value)],
    }
}

/// The variables that make the difference between a field and what was last applied; none where anything else
/// differs, too.
fn variables(
    fills: &[Fill],
    field: &Pointer,
    last: &Value,
    after: &Value,
) -> Option<BTreeSet<String>> {
    let around = |fill: &&Fill| field.starts_with(&fill.pointer) && *field != fill.pointer;
    if let Some(fill) = fills.iter().find(around) {
        return Some(names(&fill.raw)); // inside a list that is a variable
    }
    let (mut last, mut after) = (last.clone(), after.clone());
    let mut found = BTreeSet::new();
    for fill in fills.iter().filter(|fill| fill.pointer.starts_with(field)) {
        let below = Pointer::new(&fill.pointer.as_str()[field.as_str().len()..]);
        if is_in_list(&below, &after) {
            // The account has an order of its own there, so nothing can be told apart.
            return Some(names(&fill.raw));
        }
        let was = last.pointer_mut(below.as_str())?;
        let is = after.pointer_mut(below.as_str())?;
        found.extend(changed(&fill.raw, was, is)?);
        *was = Value::Null;
        *is = Value::Null;
    }
    (!found.is_empty() && same(&last, &after)).then_some(found)
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

/// The variables of a scalar that got other values; none when the text around them is another one.
fn changed(raw: &str, was: &Value, is: &Value) -> Option<BTreeSet<String>> {
    let Some(gaps) = gaps(raw, is) else {
        // A value that is spelled another way than it was written says nothing of the text around the variable.
        return Some(names(raw));
    };
    let before = self::gaps(raw, was)?;
    let pairs = gaps.into_iter().zip(before);
    let changed = pairs.filter(|((_, is), (_, was))| !same(is, was));
    Some(changed.flat_map(|((names, _), _)| names).collect())
}

/// The variables of a scalar.
fn names(raw: &str) -> BTreeSet<String> {
    let names = segments(raw)
        .into_iter()
        .filter_map(|segment| match segment {
            Segment::Variable(name, _) => Some(name.to_owned()),
            _ => None,
        });
    names.collect()
}

/// Variables that stand side by side, and the value in their place.
type VariableGap = (Vec<String>, Value);

/// The values in the place of the variables of a scalar; none when a value cannot be made of it.
fn gaps(raw: &str, value: &Value) -> Option<Vec<VariableGap>> {
    let segments = segments(raw);
    if let [Segment::Variable(name, _)] = segments.as_slice() {
        return Some(vec![(vec![(*name).to_owned()], value.clone())]);
    }
    let mut rest = value.as_str()?;
    let (mut gaps, mut open) = (Vec::<VariableGap>::new(), Vec::new());
    let last = segments.len().saturating_sub(1);
    for (index, segment) in segments.iter().enumerate() {
        let Segment::Text(text) = segment else {
            if let Segment::Variable(name, _) = segment {
                open.push((*name).to_owned());
            }
            continue;
        };
        let (gap, tail) = match index {
            0 => ("", rest.strip_prefix(text.as_ref())?),
            _ if index == last => (rest.strip_suffix(text.as_ref())?, ""),
            _ => rest.split_once(text.as_ref())?,
        };
        if !open.is_empty() {
            gaps.push((std::mem::take(&mut open), Value::from(gap)));
        }
        rest = tail;
    }
    if !open.is_empty() {
        gaps.push((open, Value::from(rest)));
    }
    Some(gaps)
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
            variables(&fills, &Pointer::from(field), &last, &after).is_some()
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
        let names = variables(&fills, &Pointer::from("/apps/0"), &json!("a"), &json!("b"));
        assert_eq!(names, Some(BTreeSet::from(["apps".to_owned()])));
        let fills = [fill("/urls/1", "https://${var.host}/")];
        let urls = |host: &str| json!([format!("https://{host}/"), "https://x/"]);
        let names = variables(&fills, &Pointer::from("/urls"), &urls("a"), &urls("b"));
        assert_eq!(names, Some(BTreeSet::from(["host".to_owned()])));
    }

    #[test]
    fn of_several_variables_in_a_text_the_changed_ones_are_named() {
        let told = |raw: &str, was: &str, is: &str| {
            changed(raw, &json!(was), &json!(is)).map(|names| names.into_iter().collect::<Vec<_>>())
        };
        let raw = "${var.brand} in ${var.town}, ${var.a}${var.b}";
        assert_eq!(
            told(raw, "X in Paris, 12", "Y in Paris, 12").unwrap(),
            ["brand"]
        );
        assert_eq!(
            told(raw, "X in Paris, 12", "X in Rome, 13").unwrap(),
            ["a", "b", "town"]
        );
        assert_eq!(told(raw, "X at Paris, 12", "X in Rome, 13"), None);
        assert_eq!(told("${var.a}", "1", "2").unwrap(), ["a"]);
    }
}
