//! A schema as a tree of fields: what lies below a node, whatever it is wrapped in.

use std::collections::BTreeSet;

use serde_json::Value;

/// What a schema says of a field that a rule wants, because a template or an overlay may lack it.
const REQUIRED: &str = "x-required";

/// A node of a schema, and the schema that its references point into.
#[derive(Clone, Copy)]
pub(super) struct SchemaNode<'s> {
    schema: &'s Value,
    /// The node as it stands, with what it says of itself beside a reference.
    at: &'s Value,
}

/// A field of a node.
pub(super) struct Below<'s> {
    /// Its name.
    pub(super) name: &'s str,
    /// What it holds.
    pub(super) node: SchemaNode<'s>,
    /// Whether it must be there.
    pub(super) is_required: bool,
}

/// A level of a file, on the way to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodeLevel<'s> {
    /// A field.
    Field(&'s str),
    /// A name of the user's own.
    Name,
    /// An item of a list.
    Item,
}

impl<'s> SchemaNode<'s> {
    /// The root of a schema.
    pub(super) fn root(schema: &'s Value) -> Self {
        Self { schema, at: schema }
    }

    fn of(self, at: &'s Value) -> Self {
        Self { at, ..self }
    }

    /// The definition that the node refers to, or itself.
    fn target(self) -> Self {
        let path = self.at.get("$ref").and_then(Value::as_str);
        let target = path.and_then(|path| self.schema.pointer(path.strip_prefix('#')?));
        target.map_or(self, |target| self.of(target).target())
    }

    /// The value of a keyword, of the node itself or else of its definition.
    pub(super) fn get(self, keyword: &str) -> Option<&'s Value> {
        let own = self.at.get(keyword);
        own.or_else(|| self.target().at.get(keyword))
    }

    /// The text of a keyword.
    pub(super) fn text(self, keyword: &str) -> &'s str {
        let text = self.get(keyword).and_then(Value::as_str);
        text.unwrap_or_default()
    }

    /// The alternatives of a union, null aside; the node itself when it is none.
    pub(super) fn branches(self) -> Vec<Self> {
        let target = self.target();
        let union = ["anyOf", "oneOf"].into_iter();
        let branches: Vec<&Value> = union
            .filter_map(|keyword| target.at.get(keyword)?.as_array())
            .flatten()
            .collect();
        if branches.is_empty() {
            return vec![target];
        }
        let branches = branches.into_iter().map(|branch| target.of(branch));
        let branches = branches.filter(|branch| branch.text("type") != "null");
        branches.flat_map(Self::branches).collect()
    }

    /// What a list or a mapping by name holds.
    pub(super) fn inner(self) -> Option<Self> {
        let target = self.target();
        let inner = ["items", "additionalProperties"].into_iter();
        let mut inner = inner.filter_map(|keyword| target.at.get(keyword));
        inner
            .find(|inner| inner.is_object())
            .map(|inner| target.of(inner))
    }

    /// Whether it is a mapping with names of the user's own.
    pub(super) fn is_map(self) -> bool {
        let target = self.target();
        let values = target.at.get("additionalProperties");
        values.is_some_and(Value::is_object)
    }

    /// Every field below: of the node, of what its alternatives are, of the items of a list, and of the values of a
    /// mapping. The first one of a name counts.
    pub(super) fn below(self) -> Vec<Below<'s>> {
        let mut found = Vec::<Below<'s>>::new();
        for branch in self.branches() {
            let own = branch.own();
            let inner = branch.inner().map(Self::below).unwrap_or_default();
            for below in own.into_iter().chain(inner) {
                if !found.iter().any(|known| known.name == below.name) {
                    found.push(below);
                }
            }
        }
        found
    }

    /// The field of this name below, and the levels that lie between.
    pub(super) fn step(self, name: &str, way: &mut Vec<NodeLevel<'s>>) -> Option<Below<'s>> {
        let branches = self.branches();
        let own = branches.iter().flat_map(|branch| branch.own());
        if let Some(found) = own.into_iter().find(|below| below.name == name) {
            way.push(NodeLevel::Field(found.name));
            return Some(found);
        }
        branches.into_iter().find_map(|branch| {
            let mut deeper = vec![if branch.is_map() {
                NodeLevel::Name
            } else {
                NodeLevel::Item
            }];
            let found = branch.inner()?.step(name, &mut deeper)?;
            way.extend(deeper);
            Some(found)
        })
    }

    /// The fields that the node itself names.
    fn own(self) -> Vec<Below<'s>> {
        let places = [Some(self.at), self.at.get("then")];
        let mut own = Vec::new();
        for place in places.into_iter().flatten() {
            let required = place.get("required").and_then(Value::as_array);
            let fields = place.get("properties").and_then(Value::as_object);
            own.extend(fields.into_iter().flatten().map(|(name, field)| Below {
                name,
                node: self.of(field),
                is_required: required.is_some_and(|names| names.iter().any(|it| it == name))
                    || field.get(REQUIRED) == Some(&Value::Bool(true)),
            }));
        }
        own
    }

    /// The type in words: `list of word`, `string or object`, `mapping of string`.
    pub(super) fn type_name(self) -> String {
        let mut names = Vec::<String>::new();
        for branch in self.branches() {
            for name in branch.own_types() {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        match names.as_slice() {
            [] => "any value".to_owned(),
            names => names.join(" or "),
        }
    }

    fn own_types(self) -> Vec<String> {
        if self.at.get("enum").is_some() || self.at.get("const").is_some() {
            return vec!["word".to_owned()];
        }
        let named = match self.at.get("type") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let named = named.into_iter().filter(|name| *name != "null");
        named.map(|name| self.one_type(name)).collect()
    }

    fn one_type(self, name: &str) -> String {
        let inner = |keyword| {
            let inner = self.at.get(keyword).filter(|inner| inner.is_object())?;
            Some(self.of(inner).type_name())
        };
        match name {
            "array" => inner("items").map_or("list".to_owned(), |of| format!("list of {of}")),
            "object" => inner("additionalProperties")
                .map_or("mapping".to_owned(), |of| format!("mapping of {of}")),
            name => name.to_owned(),
        }
    }

    /// The words that it takes, each with its text.
    pub(super) fn words(self) -> Vec<(String, &'s str)> {
        let mut words = Vec::new();
        for branch in self.branches() {
            let texts = branch.at.get("enumDescriptions").and_then(Value::as_array);
            let text = |index: usize| texts.and_then(|texts| texts.get(index)?.as_str());
            let listed = branch.at.get("enum").and_then(Value::as_array);
            for (index, word) in listed.into_iter().flatten().enumerate() {
                words.push((plain(word), text(index).unwrap_or_default()));
            }
            if let Some(word) = branch.at.get("const") {
                words.push((plain(word), branch.text("description")));
            }
            if branch.own().is_empty() {
                words.extend(branch.inner().map(Self::words).unwrap_or_default());
            }
        }
        // Of a word or a list of words, each is said once.
        let mut said = BTreeSet::new();
        words.retain(|(word, _)| said.insert(word.clone()));
        words
    }

    /// What a value must be like, beside its type.
    pub(super) fn limits(self) -> Vec<String> {
        const LIMITS: [(&str, &str); 9] = [
            ("minimum", "at least"),
            ("exclusiveMinimum", "more than"),
            ("maximum", "at most"),
            ("minLength", "characters, at least"),
            ("maxLength", "characters, at most"),
            ("minItems", "items, at least"),
            ("maxItems", "items, at most"),
            ("pattern", "matches"),
            ("format", "form"),
        ];
        let mut limits = Vec::new();
        for branch in self.branches() {
            for (keyword, text) in LIMITS {
                let limit = branch.at.get(keyword);
                limits.extend(limit.map(|limit| format!("{text} {}", plain(limit))));
            }
        }
        limits.dedup();
        limits
    }
}

/// A scalar without quotes, anything else as JSON.
pub(super) fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
