//! The field that `sandbox edit` changes: `schedule.end`, or `displayInstances[online].enabled`, where an item of a list
//! is named by its key as plans name it.

use std::str::FromStr;

use serde_json::{Value, json};

use crate::kinds::field;
use crate::kinds::mapping::{join, list_key};
use crate::text::Pointer;
use crate::text::safe::line;

/// The way to a field below `spec`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field(Vec<Step>);

/// One field on the way, and the item of it where it is a list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    name: String,
    item: Option<String>,
}

impl FromStr for Field {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = text;
        loop {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, behind) = rest.split_at(end);
            let (item, behind) = match behind.strip_prefix('[') {
                Some(inside) => {
                    let (item, behind) = inside
                        .split_once(']')
                        .ok_or_else(|| format!("`{text}` has a `[` without `]`"))?;
                    (Some(item.to_owned()), behind)
                }
                None => (None, behind),
            };
            let name = name.to_owned();
            steps.push(Step { name, item });
            match behind.strip_prefix('.') {
                Some(further) => rest = further,
                None if behind.is_empty() => return Ok(Self(steps)),
                None => return Err(format!("`{text}` has no `.` behind `]`")),
            }
        }
    }
}

/// What is wrong with a change, and what to do.
type Refused = (String, String);

impl Field {
    /// The field as `explain` names it.
    pub(super) fn without_items(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|step| step.name.as_str()).collect();
        names.join(".")
    }

    /// The change as a patch of the spec that holds nothing else. A list is in it whole.
    pub(super) fn patch(
        &self,
        fields: &'static [field::Field],
        spec: &Value,
        value: &Value,
    ) -> Result<Value, Refused> {
        patch(fields, Some(spec), &Pointer::root(), &self.0, value)
    }
}

fn patch(
    fields: &'static [field::Field],
    held: Option<&Value>,
    at: &Pointer,
    steps: &[Step],
    value: &Value,
) -> Result<Value, Refused> {
    let [step, rest @ ..] = steps else {
        return Ok(value.clone());
    };
    let at = at.key(&step.name);
    let held = held.and_then(|held| held.get(&step.name));
    let Some(item) = &step.item else {
        let inner = patch(fields, held, &at, rest, value)?;
        return Ok(json!({ &step.name: inner }));
    };
    let mut list = held.and_then(Value::as_array).cloned().unwrap_or_default();
    let index = position(fields, &at, &list, step, item)?;
    if rest.is_empty() && value.is_null() {
        list.remove(index);
    } else {
        let inner = patch(fields, list.get(index), &at.index(index), rest, value)?;
        // A null stays in it: it asks for the field to go.
        join(&mut list[index], &inner);
    }
    Ok(json!({ &step.name: list }))
}

/// Where the item with a key is in its list.
fn position(
    fields: &'static [field::Field],
    at: &Pointer,
    list: &[Value],
    step: &Step,
    item: &str,
) -> Result<usize, Refused> {
    let name = &step.name;
    let Some(key) = list_key(fields, at) else {
        let why = format!("the items of `{name}` have no key");
        return Err((why, format!("write the whole list: `{name}=[..]`")));
    };
    let said = |value: &Value| match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let found = list.iter().position(|value| said(value) == item);
    found.ok_or_else(|| {
        let keys: Vec<String> = list.iter().map(said).collect();
        let help = if keys.is_empty() {
            format!("the list is empty: write it whole, `{name}=[..]`")
        } else {
            format!("its items are {}", line(&keys.join(", ")))
        };
        (format!("`{name}` has no item `{}`", line(item)), help)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_named_in_brackets() {
        let field: Field = "displayInstances[online].enabled".parse().unwrap();
        assert_eq!(field.without_items(), "displayInstances.enabled");
        for wrong in ["a[b", "a[b]c"] {
            assert!(wrong.parse::<Field>().is_err(), "{wrong}");
        }
    }
}
