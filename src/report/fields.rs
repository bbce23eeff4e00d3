//! Kinds and their fields as people read them, out of the same schemas that editors use.

use std::fmt::Write as _;

use serde_json::Value;

use crate::check::schema::{about, kind_schema};
use crate::diag::did_you_mean;
use crate::kinds::{KindId, Role};

/// What a kind is for, and its fields with a line each.
#[must_use]
pub fn explain_kind(kind: KindId) -> String {
    let schema = kind_schema(kind);
    let mut out = format!(
        "{kind}\n\n{}\n\nFIELDS of spec\n",
        wrapped(&about(kind), "")
    );
    list_fields(&schema, &schema["properties"]["spec"], &mut out);
    let _ = write!(out, "\nEXAMPLE\n\n{}", indented(kind.def().example));
    let _ = writeln!(
        out,
        "\n`campaignctl explain {kind}.FIELD` tells more of a field."
    );
    out
}

/// A field by its dotted path below `spec`.
///
/// # Errors
/// What is wrong with the path, with the nearest name.
pub fn explain_field(kind: KindId, path: &str) -> Result<String, String> {
    let schema = kind_schema(kind);
    let mut node = resolved(&schema, &schema["properties"]["spec"]);
    let mut required = false;
    for step in path.split('.') {
        node = items(&schema, node);
        let names: Vec<&str> = properties(node).map(|(name, _)| name.as_str()).collect();
        let Some((_, next)) = properties(node).find(|(name, _)| *name == step) else {
            let hint = did_you_mean(step, names.iter().copied()).unwrap_or_else(|| {
                match names.as_slice() {
                    [] => "there are no fields below".to_owned(),
                    names => format!("the fields are {}", names.join(", ")),
                }
            });
            return Err(format!("{kind} has no field `{path}`: {hint}"));
        };
        required = is_required(node, step);
        node = next;
    }
    let mut out = format!(
        "{kind}.{path}  <{}>{}\n",
        type_of(&schema, node),
        if required { "  required" } else { "" }
    );
    let described = description(&schema, node);
    if !described.is_empty() {
        let _ = write!(out, "\n{}\n", wrapped(&described, ""));
    }
    list_words(&schema, node, &mut out);
    if let Some(field) = kind.def().fields.iter().find(|field| field.spec == path) {
        if let Some(default) = field.default {
            let _ = write!(out, "\nDEFAULT  {default}\n");
        }
        if !field.wire.is_empty() {
            let _ = write!(out, "\nON THE WIRE  {}\n", field.wire);
        }
    }
    if properties(items(&schema, resolved(&schema, node)))
        .next()
        .is_some()
    {
        out.push_str("\nFIELDS\n");
        list_fields(&schema, node, &mut out);
    }
    Ok(out)
}

/// The table of kinds for the README, as Markdown.
#[must_use]
pub fn kinds_table() -> String {
    let mut out =
        String::from("| kind | what it is | on the wire | written by |\n|---|---|---|---|\n");
    for kind in KindId::manifests() {
        let def = kind.def();
        let wire = def
            .collection
            .map_or("nothing: expanded when planning".to_owned(), |found| {
                format!("`{}` v{}", found.path, found.version)
            });
        let writer = match def.role {
            Role::Managed => "`apply`",
            Role::Observed => "a person on real accounts, `apply` on the sandbox",
            Role::Local | Role::Reference => "nobody",
        };
        let text = about(kind).replace('\n', " ");
        let first = text
            .split_once(". ")
            .map_or(text.as_str(), |(first, _)| first)
            .trim_end_matches('.');
        let _ = writeln!(out, "| `{kind}` | {first} | {wire} | {writer} |");
    }
    let references: Vec<_> = KindId::all()
        .filter(|kind| kind.def().role == Role::Reference)
        .map(|kind| format!("`{kind}`"))
        .collect();
    let _ = writeln!(
        out,
        "\nReferred to by their live name, never in a manifest: {}.",
        references.join(", ")
    );
    out
}

fn list_fields(schema: &Value, node: &Value, out: &mut String) {
    let object = items(schema, resolved(schema, node));
    for (name, field) in properties(object) {
        let required = if is_required(object, name) {
            " required"
        } else {
            ""
        };
        let _ = writeln!(out, "  {name}  <{}>{required}", type_of(schema, field));
        let text = description(schema, field);
        if !text.is_empty() {
            let _ = writeln!(out, "{}", wrapped(&text, "      "));
        }
    }
}

fn list_words(schema: &Value, node: &Value, out: &mut String) {
    let mut nodes = vec![resolved(schema, node)];
    while let Some(node) = nodes.pop() {
        if let Some(words) = node.get("enum").and_then(Value::as_array) {
            out.push_str("\nVALUES\n");
            let docs = node.get("enumDescriptions").and_then(Value::as_array);
            for (index, word) in words.iter().enumerate() {
                let doc = docs
                    .and_then(|docs| docs.get(index))
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let _ = writeln!(
                    out,
                    "  {}  {doc}",
                    word.as_str()
                        .map_or_else(|| word.to_string(), str::to_owned)
                );
            }
        }
        for key in ["anyOf", "oneOf"] {
            nodes.extend(
                node.get(key)
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .map(|inner| resolved(schema, inner)),
            );
        }
        if let Some(constant) = node.get("const").and_then(Value::as_str) {
            let _ = writeln!(
                out,
                "  {constant}  {}",
                node.get("description")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            );
        }
    }
}

fn resolved<'a>(schema: &'a Value, node: &'a Value) -> &'a Value {
    if let Some(target) = node
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|path| path.strip_prefix('#'))
    {
        return schema
            .pointer(target)
            .map_or(node, |target| resolved(schema, target));
    }
    let branches = node.get("anyOf").and_then(Value::as_array);
    let concrete: Vec<_> = branches
        .into_iter()
        .flatten()
        .filter(|branch| branch.get("type").and_then(Value::as_str) != Some("null"))
        .collect();
    match concrete.as_slice() {
        [only] => resolved(schema, only),
        _ => node,
    }
}

/// The items of a list, anything else as it is.
fn items<'a>(schema: &'a Value, node: &'a Value) -> &'a Value {
    let node = resolved(schema, node);
    node.get("items")
        .map_or(node, |inner| resolved(schema, inner))
}

fn properties(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    node.get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

fn is_required(node: &Value, name: &str) -> bool {
    node.get("required")
        .and_then(Value::as_array)
        .is_some_and(|names| names.iter().any(|required| required == name))
}

fn description(schema: &Value, node: &Value) -> String {
    let own = node
        .get("description")
        .or_else(|| resolved(schema, node).get("description"));
    own.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn type_of(schema: &Value, node: &Value) -> String {
    let node = resolved(schema, node);
    if node.get("enum").is_some() {
        return "word".to_owned();
    }
    let named = match node.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(many)) => many
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| *name != "null")
            .collect(),
        _ => Vec::new(),
    };
    if named == ["array"] {
        return node.get("items").map_or("list".to_owned(), |inner| {
            format!("list of {}", type_of(schema, inner))
        });
    }
    if !named.is_empty() {
        return named.join(" or ");
    }
    let branches = node
        .get("anyOf")
        .or_else(|| node.get("oneOf"))
        .and_then(Value::as_array);
    let mut types: Vec<_> = branches
        .into_iter()
        .flatten()
        .map(|branch| type_of(schema, branch))
        .filter(|name| name != "null")
        .collect();
    types.dedup();
    if types.is_empty() {
        "any".to_owned()
    } else {
        types.join(" or ")
    }
}

fn wrapped(text: &str, indent: &str) -> String {
    const WIDTH: usize = 88;
    let mut lines = Vec::new();
    for paragraph in text.split("\n\n") {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + word.chars().count() + 1 > WIDTH {
                lines.push(format!("{indent}{line}"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(format!("{indent}{line}"));
    }
    lines.join("\n")
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut out, line| {
        let _ = writeln!(
            out,
            "{}",
            if line.is_empty() {
                String::new()
            } else {
                format!("  {line}")
            }
        );
        out
    })
}
