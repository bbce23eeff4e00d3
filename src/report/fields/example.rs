//! An example of a field, out of whole examples: that of its kind, those of this folder, and that of the schema.

use serde_json::{Value, json};

use super::nodes::{Level, Node};

/// An example of a field.
pub(super) struct Example {
    /// The names of the user's own on the way to it, from the top.
    names: Vec<String>,
    /// Its value.
    value: Value,
}

impl Example {
    /// What a field holds in the first of some whole examples that has it, else the example of the
    /// schema.
    pub(super) fn of(node: Node<'_>, way: &[Level<'_>], wholes: &[Value]) -> Option<Self> {
        let found = wholes.iter().find_map(|whole| {
            let mut names = Vec::new();
            let value = within(whole, way, &mut names)?;
            Some(Self { names, value })
        });
        found
            .or_else(|| Self::opposite(node, way, wholes))
            .or_else(|| {
                let own = node.get("examples").and_then(Value::as_array)?.first()?;
                let value = own.clone();
                Some(Self {
                    names: Vec::new(),
                    value,
                })
            })
    }

    /// Facts below `except` are those beside it, so what is an example of the one is one of the other.
    fn opposite(node: Node<'_>, way: &[Level<'_>], wholes: &[Value]) -> Option<Self> {
        let except = way
            .iter()
            .position(|level| *level == Level::Field("except"))?;
        let beside = [&way[..except], &way[except + 1..]].concat();
        Self::of(node, &beside, wholes)
    }

    /// The example as it stands in a file: below its path.
    pub(super) fn placed(self, way: &[Level<'_>]) -> Value {
        let mut names = self.names.into_iter().rev();
        way.iter()
            .rev()
            .fold(self.value, |inner, level| match level {
                Level::Field(name) => json!({ *name: inner }),
                Level::Name => json!({ names.next().unwrap_or_else(|| "name".to_owned()): inner }),
                Level::Item => json!([inner]),
            })
    }
}

/// The value at a path of a whole example, with the names of the user's own that lead to it.
fn within(whole: &Value, way: &[Level<'_>], names: &mut Vec<String>) -> Option<Value> {
    let Some((level, rest)) = way.split_first() else {
        return Some(whole.clone());
    };
    match (level, whole) {
        (Level::Field(name), Value::Object(map)) => within(map.get(*name)?, rest, names),
        (Level::Field(_), Value::Array(items)) => {
            items.iter().find_map(|item| within(item, way, names))
        }
        (Level::Name, Value::Object(map)) => map.iter().find_map(|(name, inner)| {
            let before = names.len();
            names.push(name.clone());
            let found = within(inner, rest, names);
            if found.is_none() {
                names.truncate(before);
            }
            found
        }),
        (Level::Item, Value::Array(items)) => {
            items.iter().find_map(|item| within(item, rest, names))
        }
        (Level::Item, single) => within(single, rest, names),
        _ => None,
    }
}
