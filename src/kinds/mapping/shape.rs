//! How the values of a spec are to be read: what the field table says of each key on the way down.

use serde_json::Value;

use super::EXTRA;
use super::paths::{get_path, on_the_way};
use crate::kinds::field::{Codec, Field};
use crate::text::{Pointer, stands_for_a_value};

/// How the keys of an object are to be read. `'a` are the specs that are compared.
#[derive(Clone, Copy, Debug)]
pub(super) enum KeyScope<'a> {
    /// By a field table, below a part of its dotted paths.
    Table(Table<'a>),
    /// As open JSON.
    Open,
}

/// A field table on the way through two specs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    fields: &'static [Field],
    /// How many keys of the dotted paths are behind.
    depth: usize,
    /// The first key on the way here, where there are any behind.
    below: Option<&'static str>,
    /// The `extra` of the first side, at the root of the table.
    own: Option<&'a Value>,
    /// The `extra` of the other side, at the root of the table.
    other: Option<&'a Value>,
}

/// How one value is to be read.
#[derive(Clone, Copy, Debug)]
pub(super) enum ValueShape<'a> {
    /// Key by key.
    Object(KeyScope<'a>),
    /// Item by item; see [`Codec::List`].
    List(ListItems),
    /// As one value.
    Whole,
}

/// The items of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct ListItems {
    /// The table of an item.
    pub(super) fields: &'static [Field],
    /// The field that tells them apart.
    pub(super) key: Option<&'static str>,
}

impl ValueShape<'_> {
    /// The same for these values of a place: what stands for one value of open JSON, such as a reference, is read as one,
    /// whatever is on the other side.
    pub(super) fn of_values(self, sides: [Option<&Value>; 2]) -> Self {
        let is_one = |side: &Value| side.as_object().is_some_and(stands_for_a_value);
        match self {
            Self::Object(KeyScope::Open) if sides.into_iter().flatten().any(is_one) => Self::Whole,
            shape => shape,
        }
    }
}

impl<'a> KeyScope<'a> {
    /// A table at its root.
    pub(super) const fn table(fields: &'static [Field]) -> Self {
        Self::Table(Table {
            fields,
            depth: 0,
            below: None,
            own: None,
            other: None,
        })
    }

    /// The same for two specs that are laid side by side, where this is the root of a table.
    pub(super) fn beside(self, own: Option<&'a Value>, other: Option<&'a Value>) -> Self {
        let extra = |spec: Option<&'a Value>| spec.and_then(|spec| spec.get(EXTRA));
        match self {
            Self::Table(table) if table.depth == 0 => Self::Table(Table {
                own: extra(own),
                other: extra(other),
                ..table
            }),
            scope => scope,
        }
    }

    /// Whether this is a table that no key of a dotted path leads to.
    pub(super) const fn is_root(&self) -> bool {
        matches!(self, Self::Table(table) if table.depth == 0)
    }

    /// The fields of the table.
    pub(super) const fn fields(&self) -> &'static [Field] {
        match self {
            Self::Table(table) => table.fields,
            Self::Open => &[],
        }
    }

    /// Whether this is open JSON.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self, Self::Open)
    }

    /// How the value of a key is to be read.
    pub(super) fn shape(&self, key: &str) -> ValueShape<'a> {
        let Self::Table(table) = self else {
            return ValueShape::Object(Self::Open);
        };
        if let Some(field) = table.field(key) {
            return shape_of(&field.codec);
        }
        match table.at(key).next() {
            Some(field) => ValueShape::Object(Self::Table(Table {
                depth: table.depth + 1,
                below: Some(field.spec),
                ..*table
            })),
            None => ValueShape::Object(Self::Open),
        }
    }

    /// The field of a key; none where fields are further down, or the key is open JSON.
    pub(super) fn field(&self, key: &str) -> Option<&'static Field> {
        match self {
            Self::Table(table) => table.field(key),
            Self::Open => None,
        }
    }

    /// Whether a key is ours alone; see [`Codec::Note`].
    pub(super) fn is_note(&self, key: &str) -> bool {
        let field = self.field(key);
        field.is_some_and(|field| matches!(field.codec, Codec::Note(_)))
    }

    /// What the wire holds in the place of a declared value although no field can read it: such values are in
    /// the `extra` of the other side. None where the first side declares it there itself.
    pub(super) fn unread(&self, key: &str, declared: &Value) -> Option<&'a Value> {
        let Self::Table(table) = self else {
            return None;
        };
        let is_whole = |field: &&Field| !declared.is_object() || table.is_at_end(field);
        let reach = if declared.is_null() {
            there
        } else {
            on_the_way
        };
        table
            .at(key)
            .filter(|field| !field.wire.is_empty() && !matches!(field.codec, Codec::Hook))
            .filter(is_whole)
            .find_map(|field| {
                let own = table.own.and_then(|extra| reach(extra, field.wire));
                let other = table.other.and_then(|extra| reach(extra, field.wire));
                other.filter(|_| own.is_none())
            })
    }
}

impl Table<'_> {
    /// The fields whose paths go through a key.
    fn at(&self, key: &str) -> impl Iterator<Item = &'static Field> {
        let (depth, below) = (self.depth, self.below);
        self.fields.iter().filter(move |field| {
            let mut steps = field.spec.split('.');
            let mut way = below.unwrap_or_default().split('.');
            (0..depth).all(|_| steps.next() == way.next()) && steps.next() == Some(key)
        })
    }

    fn field(&self, key: &str) -> Option<&'static Field> {
        self.at(key).find(|field| self.is_at_end(field))
    }

    fn is_at_end(&self, field: &Field) -> bool {
        field.spec.split('.').count() == self.depth + 1
    }
}

/// What a wire body holds at a dotted path, which is all that a null takes away.
fn there<'v>(extra: &'v Value, path: &str) -> Option<&'v Value> {
    get_path(extra, path).filter(|value| !value.is_null())
}

/// Whether a place of a spec is in open JSON, which the platform gets as it is written.
#[must_use]
pub fn is_open(fields: &'static [Field], place: &Pointer) -> bool {
    let mut scope = KeyScope::table(fields);
    let mut steps = place.steps();
    while let Some(step) = steps.next() {
        match scope.field(&step).map(|field| &field.codec) {
            Some(Codec::Json | Codec::JsonObject | Codec::JsonWithRefs(_)) => return true,
            Some(Codec::Hook) => return false, // only the kind knows what is in it
            None if step == EXTRA && scope.is_root() => return true,
            _ => {}
        }
        scope = match scope.shape(&step) {
            ValueShape::Object(inner) if !inner.is_open() => inner,
            ValueShape::List(items) if steps.next().is_some() => KeyScope::table(items.fields),
            _ => return false,
        };
    }
    false
}

fn shape_of(codec: &'static Codec) -> ValueShape<'static> {
    match codec {
        Codec::Object(fields) => ValueShape::Object(KeyScope::table(fields)),
        Codec::List { fields, key } => ValueShape::List(ListItems { fields, key: *key }),
        Codec::Json | Codec::JsonObject | Codec::JsonWithRefs(_) | Codec::Hook => {
            ValueShape::Object(KeyScope::Open)
        }
        _ => ValueShape::Whole,
    }
}
