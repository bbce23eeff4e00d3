//! The field that an edit changes: `schedule.end`, or `displayInstances[online].enabled`, where an item of a list
//! is named by its key as plans name it.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use crate::diag::{nearest, question};
use crate::kinds::field::Codec;
use crate::kinds::mapping::{is_open, join, list_key, notes};
use crate::kinds::{KindId, field, field_at};
use crate::report::fields::{Root, field_paths};
use crate::text::Pointer;
use crate::text::safe::line;

/// The way to a field below `spec`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EditedField(Vec<FieldStep>);

/// One field on the way, and the item of it where it is a list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FieldStep {
    name: String,
    item: Option<String>,
}

impl FromStr for EditedField {
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
            steps.push(FieldStep { name, item });
            match behind.strip_prefix('.') {
                Some(further) => rest = further,
                None if behind.is_empty() => return Ok(Self(steps)),
                None => return Err(format!("`{text}` has no `.` behind `]`")),
            }
        }
    }
}

impl fmt::Display for EditedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            write!(f, "{}{}", if at == 0 { "" } else { "." }, step.name)?;
            if let Some(item) = &step.item {
                write!(f, "[{item}]")?;
            }
        }
        Ok(())
    }
}

/// What is wrong with a change, and what to do.
pub(super) type Refused = (String, String);

impl EditedField {
    /// The field as `explain` names it.
    fn without_items(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|step| step.name.as_str()).collect();
        names.join(".")
    }

    /// The place below `spec`, at the first item of each list.
    fn place(&self) -> Pointer {
        self.0.iter().fold(Pointer::root(), |at, step| {
            let at = at.key(&step.name);
            if step.item.is_some() { at.index(0) } else { at }
        })
    }

    /// Refuses a field that the kind does not have. In open JSON, every key is one.
    pub(super) fn check(&self, kind: KindId) -> Result<(), Refused> {
        let (name, path, fields) = (kind.name(), self.without_items(), kind.def().fields);
        let first = fields.iter().find(|field| field.spec == self.0[0].name);
        if first.is_some_and(|field| field.wire.is_empty()) {
            return Err(self.of_no_effect(kind)); // a parent, a template
        }
        if let Some(list) = self.numbered(fields) {
            let why = format!("{name} has no field `{}`", line(&path));
            return Err((
                why,
                format!("name an item of a list by its key: `{list}[KEY]`"),
            ));
        }
        let known = field_paths(Root::Kind(kind));
        let is_known = |path: &str| known.contains(&format!("{name}.{path}"));
        if is_known(&path) || is_open(kind.def().fields, &self.place()) {
            return Ok(());
        }
        let steps: Vec<&str> = path.split('.').collect();
        let deep = (0..steps.len()).rfind(|deep| *deep == 0 || is_known(&steps[..*deep].join(".")));
        let deep = deep.unwrap_or_default();
        let parent = steps[..deep]
            .iter()
            .fold(name.to_owned(), |at, step| format!("{at}.{step}"));
        let step = steps[deep];
        let beside: Vec<&str> = known
            .iter()
            .filter_map(|path| path.strip_prefix(&parent)?.strip_prefix('.'))
            .filter(|rest| !rest.contains('.'))
            .collect();
        let help = match nearest(step, beside) {
            Some(near) => question(&[&steps[..deep], &[near]].concat().join(".")),
            None => format!("`campaignctl explain {parent}` lists the fields"),
        };
        Err((format!("{name} has no field `{}`", line(&path)), help))
    }

    /// The list of which an item is named by its number, `conditions.0`.
    fn numbered(&self, fields: &'static [field::Field]) -> Option<&str> {
        let mut at = Pointer::root();
        self.0.windows(2).find_map(|pair| {
            let [list, item] = pair else { return None };
            at = at.key(&list.name);
            let is_list = field_at(fields, &at)
                .is_some_and(|field| matches!(field.codec, Codec::List { .. }));
            let is_number = item.name.chars().all(|ch| ch.is_ascii_digit());
            (is_list && is_number).then_some(list.name.as_str())
        })
    }

    /// Why a change of the field changes nothing in an account.
    pub(super) fn of_no_effect(&self, kind: KindId) -> Refused {
        let field = line(&self.to_string()).into_owned();
        let parent = kind.def().parent.as_ref();
        match parent.filter(|parent| parent.field == self.0[0].name) {
            Some(parent) => (
                format!(
                    "{} cannot move to another {}: `{field}` cannot be edited",
                    kind.one(),
                    parent.kind
                ),
                "change it in the manifest: a plan deletes the object and creates it again"
                    .to_owned(),
            ),
            None => not_held(&field),
        }
    }

    /// Whether the platform takes the field and does not return it.
    pub(super) fn is_unreturned(&self, fields: &'static [field::Field]) -> bool {
        field_at(fields, &self.place()).is_some_and(|field| field.unreturned)
    }

    /// The change as a patch of the spec that holds nothing else. A list is in it whole.
    pub(super) fn patch(
        &self,
        fields: &'static [field::Field],
        spec: &Value,
        value: &Value,
    ) -> Result<Value, Refused> {
        let patch = patch(fields, Some(spec), &Pointer::root(), &self.0, value)?;
        let notes = notes(fields, &patch);
        let Some(note) = notes.first().and_then(|(at, _)| at.steps().last()) else {
            return Ok(patch);
        };
        let is_named = self.0.iter().any(|step| step.name == note);
        let field = if is_named { self.to_string() } else { note };
        Err(not_held(&line(&field)))
    }
}

fn not_held(field: &str) -> Refused {
    (
        format!("`{field}` cannot be edited: the account does not hold it"),
        "change it in the manifest".to_owned(),
    )
}

fn patch(
    fields: &'static [field::Field],
    held: Option<&Value>,
    at: &Pointer,
    steps: &[FieldStep],
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
    step: &FieldStep,
    item: &str,
) -> Result<usize, Refused> {
    let name = &step.name;
    let Some(key) = list_key(fields, at) else {
        let index = item.parse().ok().filter(|index| *index < list.len());
        return index.ok_or_else(|| {
            let why = format!("`{name}` has no item `{}`", line(item));
            let help = match list.len() {
                0 => format!("the list is empty: write it whole, `{name}=[..]`"),
                many => {
                    format!("its {many} items have no key: write `{name}[0]` for the first one")
                }
            };
            (why, help)
        });
    };
    let said = |value: &Value| match value.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let found = list.iter().position(|value| said(value) == item);
    // Plans name an item by its place where its key is a number without a word.
    let is_named_by_place = |at: &usize| {
        let key = list.get(*at).and_then(|value| value.get(key));
        key.is_some_and(|key| !key.is_string())
    };
    let by_place = || item.parse().ok().filter(is_named_by_place);
    found.or_else(by_place).ok_or_else(|| {
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
        let text = "displayInstances[online].enabled";
        let field: EditedField = text.parse().unwrap();
        assert_eq!(field.without_items(), "displayInstances.enabled");
        assert_eq!(field.to_string(), text);
        // By its place only where its key is a number without a word, as in plans.
        let behavior = KindId::known("Behavior").def().fields;
        let spec = json!({ "conditions": [{ "type": "cart" }, { "type": 7, "data": 1 }] });
        let edited = |text: &str| {
            let field: EditedField = text.parse().unwrap();
            field.patch(behavior, &spec, &json!(2))
        };
        let wanted = json!({ "conditions": [{ "type": "cart" }, { "type": 7, "data": 2 }] });
        assert_eq!(edited("conditions[1].data"), Ok(wanted.clone()));
        assert_eq!(edited("conditions[7].data"), Ok(wanted));
        assert!(edited("conditions[0].data").is_err());
        for wrong in ["a[b", "a[b]c"] {
            assert!(wrong.parse::<EditedField>().is_err(), "{wrong}");
        }
    }
}
