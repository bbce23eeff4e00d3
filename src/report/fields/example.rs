//! An example of a field, out of whole examples: that of its kind, those of this folder, and that of the schema.

use serde_json::{Value, json};

use super::nodes::{NodeLevel, SchemaNode};

/// An example of a field.
pub(super) struct FieldExample {
    /// The names of the user's own on the way to it, from the top.
    names: Vec<String>,
    /// Its value.
    value: Value,
    /// The item of the outermost list on the way to it: a part of an item is no use without the rest.
    item: Option<Value>,
    /// Which of the whole examples it is taken from.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a test puts the example back where it is from")
    )]
    pub(super) whole: Option<usize>,
}

impl FieldExample {
    /// What a field holds in the first of some whole examples that has it, else the example of the
    /// schema.
    pub(super) fn of(
        node: SchemaNode<'_>,
        way: &[NodeLevel<'_>],
        wholes: &[Value],
    ) -> Option<Self> {
        let found = Self::first(way, wholes);
        found.or_else(|| Self::opposite(way, wholes)).or_else(|| {
            let own = node.get("examples").and_then(Value::as_array)?.first()?;
            Some(Self {
                names: Vec::new(),
                value: own.clone(),
                item: None,
                whole: None,
            })
        })
    }

    /// The first of some whole examples that has a field.
    fn first(way: &[NodeLevel<'_>], wholes: &[Value]) -> Option<Self> {
        let mut all = wholes.iter().enumerate();
        all.find_map(|(index, whole)| Self::within(index, whole, way))
    }

    fn within(index: usize, whole: &Value, way: &[NodeLevel<'_>]) -> Option<Self> {
        let (mut names, mut item) = (Vec::new(), None);
        let value = within(whole, way, &mut names, &mut item)?;
        let whole = Some(index);
        Some(Self {
            names,
            value,
            item,
            whole,
        })
    }

    /// Facts below `except` are those beside it, so what is an example of the one is one of the other: in an item that
    /// has another fact beside it.
    fn opposite(way: &[NodeLevel<'_>], wholes: &[Value]) -> Option<Self> {
        let except = way
            .iter()
            .position(|level| *level == NodeLevel::Field("except"))?;
        let (before, after) = (&way[..except], &way[except + 1..]);
        let beside = [before, after].concat();
        let facts = Self::first(&beside, wholes)?.item?;
        let list = before.iter().position(|level| *level == NodeLevel::Item)?;
        let Some(NodeLevel::Field(fact)) = after.first() else {
            return None;
        };
        let is_other = |item: &&Value| {
            let facts = item.get("means").and_then(Value::as_object);
            facts.is_some_and(|facts| !facts.contains_key(*fact))
        };
        let (whole, mut item) = wholes.iter().enumerate().find_map(|(index, whole)| {
            let (mut names, mut none) = (Vec::new(), None);
            let items = within(whole, &before[..list], &mut names, &mut none)?;
            let item = items.as_array()?.iter().find(is_other)?.clone();
            Some((index, item))
        })?;
        item["means"]["except"] = json!({ *fact: facts["means"][*fact] });
        Some(Self {
            names: Vec::new(),
            value: Value::Null,
            item: Some(item),
            whole: Some(whole),
        })
    }

    /// The example as it is in a file: below its path.
    pub(super) fn placed(self, way: &[NodeLevel<'_>]) -> Value {
        let list = way.iter().position(|level| *level == NodeLevel::Item);
        let (Some(list), Some(mut item)) = (list, self.item) else {
            return below(way, &self.names, self.value);
        };
        let is_name = |level: &&NodeLevel<'_>| matches!(level, NodeLevel::Name);
        let above = way[..list].iter().filter(is_name).count();
        let (above, inside) = self.names.split_at(above.min(self.names.len()));
        // Of a long item, the field that is asked for has nothing else in it.
        if lines(&item) > LONGEST
            && let Some((NodeLevel::Field(field), rest)) = way[list + 1..].split_first()
            && !self.value.is_null()
            && !rest.contains(&NodeLevel::Item)
        {
            item[*field] = below(rest, inside, self.value);
        }
        below(&way[..list], above, json!([item]))
    }
}

/// How many lines of an item are shown at most.
const LONGEST: usize = 25;

fn lines(value: &Value) -> usize {
    serde_yaml::to_string(value).map_or(0, |text| text.lines().count())
}

/// A value as it stands below a path, with the names of the user's own on it.
fn below(way: &[NodeLevel<'_>], names: &[String], value: Value) -> Value {
    let mut names = names.iter().rev();
    way.iter().rev().fold(value, |inner, level| match level {
        NodeLevel::Field(name) => json!({ *name: inner }),
        NodeLevel::Name => json!({ names.next().map_or("name", String::as_str): inner }),
        NodeLevel::Item => json!([inner]),
    })
}

/// How long a value is.
fn size(value: &Value) -> usize {
    value.to_string().len()
}

/// The value at a path of a whole example, with the names of the user's own that lead to it, and the item of the outermost
/// list that it is in.
fn within(
    whole: &Value,
    way: &[NodeLevel<'_>],
    names: &mut Vec<String>,
    outermost: &mut Option<Value>,
) -> Option<Value> {
    let Some((level, rest)) = way.split_first() else {
        return Some(whole.clone());
    };
    match (level, whole) {
        (NodeLevel::Field(name), Value::Object(map)) => {
            within(map.get(*name)?, rest, names, outermost)
        }
        (NodeLevel::Field(_), Value::Array(items)) => items
            .iter()
            .find_map(|item| within(item, way, names, outermost)),
        (NodeLevel::Name, Value::Object(map)) => map.iter().find_map(|(name, inner)| {
            let before = names.len();
            names.push(name.clone());
            let found = within(inner, rest, names, outermost);
            if found.is_none() {
                names.truncate(before);
            }
            found
        }),
        (NodeLevel::Item, Value::Array(items)) => {
            let mut sorted: Vec<&Value> = items.iter().collect();
            sorted.sort_by_key(|item| size(item));
            sorted.into_iter().find_map(|item| {
                let found = within(item, rest, names, outermost)?;
                // The outermost one is the last to be noted.
                *outermost = Some(item.clone()).filter(Value::is_object);
                Some(found)
            })
        }
        (NodeLevel::Item, single) => within(single, rest, names, outermost),
        _ => None,
    }
}
