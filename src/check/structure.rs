//! Manifests against their JSON Schema: the same schemas that editors use.
//!
//! The kind is chosen here, so that a mistake is reported against one schema. A union that fails is
//! unpicked to the branch that the author most likely meant.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::codes::{INVALID_VALUE, MISSING_FIELD, UNKNOWN_FIELD, WRONG_TYPE};
use super::schema::kind_schema;
use crate::diag::{Code, Diagnostic, Diags, DocId, Location, did_you_mean};
use crate::kinds::{ALL, KindId};
use crate::text::{Document, Part, Pointer};

/// One complaint about a manifest, without a document to point into.
#[derive(Debug)]
pub(crate) struct Complaint {
    pub(crate) code: &'static Code,
    pub(crate) pointer: Pointer,
    pub(crate) part: Part,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// Checks a document against the schema of its kind and returns whether it fits.
///
/// Nothing is said about a value whose variables are not known.
pub(crate) fn check(doc: DocId, kind: KindId, document: &Document, diags: &mut Diags) -> bool {
    let compiled = compiled(kind);
    let is_known = document.fills.iter().all(|fill| fill.known);
    if is_known && compiled.validator.is_valid(&document.value) {
        return true;
    }
    for complaint in compiled.complaints(&document.value) {
        if is_reported_by_parse(&complaint) || is_not_known(document, &complaint.pointer) {
            continue;
        }
        let Complaint {
            code,
            pointer,
            part,
            message,
            help,
        } = complaint;
        let mut diagnostic = Diagnostic::new(code, Location::Node { doc, pointer, part }, message);
        diagnostic.help = help;
        diags.push(diagnostic);
    }
    false
}

fn is_not_known(document: &Document, pointer: &Pointer) -> bool {
    let mut unknown = document.fills.iter().filter(|fill| !fill.known);
    unknown.any(|fill| pointer.starts_with(&fill.pointer))
}

/// The parse pass speaks of these in its own words.
fn is_reported_by_parse(complaint: &Complaint) -> bool {
    let pointer = complaint.pointer.as_str();
    pointer == "/apiVersion"
        || (pointer == "/metadata/name" && complaint.code == &INVALID_VALUE)
        || (pointer.is_empty()
            && complaint.code == &MISSING_FIELD
            && complaint.message.contains("`apiVersion`"))
}

/// A compiled schema with its source, from which suggestions are taken.
pub(crate) struct Compiled {
    schema: Value,
    validator: Validator,
}

/// Each schema is compiled once, when the first manifest of its kind is checked.
fn compiled(kind: KindId) -> &'static Compiled {
    static COMPILED: [OnceLock<Compiled>; ALL.len()] = [const { OnceLock::new() }; ALL.len()];
    COMPILED[kind.index()].get_or_init(|| Compiled::new(kind_schema(kind)))
}

impl Compiled {
    /// Compiles a schema of ours.
    pub(crate) fn new(schema: Value) -> Self {
        let validator = jsonschema::validator_for(&schema)
            .expect("our own schemas compile: a test compiles each");
        Self { schema, validator }
    }

    /// Every complaint about a value, the most specific of each union.
    pub(crate) fn complaints(&self, value: &Value) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        for error in self.validator.iter_errors(value) {
            self.explain(&error, &mut complaints);
        }
        complaints
    }

    fn explain(&self, error: &ValidationError<'_>, out: &mut Vec<Complaint>) {
        let pointer = Pointer::new(error.instance_path().as_str());
        let at_value = |code, message: String, help| Complaint {
            code,
            pointer: pointer.clone(),
            part: Part::Value,
            message,
            help,
        };
        match error.kind() {
            ValidationErrorKind::AnyOf { context }
            | ValidationErrorKind::OneOfNotValid { context } => {
                self.explain_union(error, context, out);
            }
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                out.extend(
                    unexpected
                        .iter()
                        .map(|key| self.unknown_field(error, &pointer, key)),
                );
            }
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                out.push(at_value(
                    &MISSING_FIELD,
                    format!("`{name}` is missing"),
                    Some(format!("add `{name}:`")),
                ));
            }
            ValidationErrorKind::Type { .. } => {
                let wanted = wanted_types(&self.schema, error.schema_path().as_str());
                out.push(at_value(
                    &WRONG_TYPE,
                    format!("{} is not {wanted}", shown(error.instance())),
                    Some(format!("write {wanted}")),
                ));
            }
            ValidationErrorKind::Enum { options } => out.push(at_value(
                &INVALID_VALUE,
                not_one_of(error.instance(), options),
                suggestion(error.instance(), options),
            )),
            ValidationErrorKind::Constant { expected_value } => {
                out.push(at_value(
                    &INVALID_VALUE,
                    format!("{} is not allowed here", shown(error.instance())),
                    Some(format!("write `{}`", plain(expected_value))),
                ));
            }
            ValidationErrorKind::PropertyNames { error: inner } => {
                let name = inner.instance().as_str().unwrap_or_default();
                let help = self.described(inner).or_else(|| self.described(error));
                out.push(Complaint {
                    pointer: pointer.key(name),
                    part: Part::Key,
                    ..at_value(
                        &INVALID_VALUE,
                        format!("`{name}` is not a name for this"),
                        help,
                    )
                });
            }
            ValidationErrorKind::Pattern { pattern } => {
                let help = self
                    .described(error)
                    .unwrap_or_else(|| format!("it must match `{pattern}`"));
                out.push(at_value(
                    &INVALID_VALUE,
                    format!(
                        "{} does not have the form of this field",
                        shown(error.instance())
                    ),
                    Some(help),
                ));
            }
            _ => out.push(at_value(
                &INVALID_VALUE,
                lower_first(&error.to_string()),
                self.described(error),
            )),
        }
    }

    /// Of a union, the branch that got furthest: one whose complaints lie deeper than the union itself;
    /// else the words of all branches together.
    fn explain_union(
        &self,
        error: &ValidationError<'_>,
        context: &[Vec<ValidationError<'static>>],
        out: &mut Vec<Complaint>,
    ) {
        let here = error.instance_path().as_str();
        if let Some(words) = words_of(here, context) {
            out.push(Complaint {
                code: &INVALID_VALUE,
                pointer: Pointer::new(here),
                part: Part::Value,
                message: not_one_of(error.instance(), &words),
                help: suggestion(error.instance(), &words),
            });
            return;
        }
        let is_deeper = |branch: &&Vec<ValidationError<'static>>| {
            branch.iter().all(|inner| {
                inner.instance_path().as_str() != here
                    || !matches!(inner.kind(), ValidationErrorKind::Type { .. })
            })
        };
        let best = context
            .iter()
            .filter(is_deeper)
            .min_by_key(|branch| branch.len());
        if let Some(branch) = best {
            for inner in branch {
                self.explain(inner, out);
            }
            return;
        }
        let wanted: Vec<_> = context
            .iter()
            .flatten()
            .filter(|inner| matches!(inner.kind(), ValidationErrorKind::Type { .. }))
            .map(|inner| wanted_types(&self.schema, inner.schema_path().as_str()))
            .filter(|wanted| wanted != "null")
            .collect();
        let wanted = if wanted.is_empty() {
            "of an allowed form".to_owned()
        } else {
            wanted.join(" or ")
        };
        out.push(Complaint {
            code: &WRONG_TYPE,
            pointer: Pointer::new(here),
            part: Part::Value,
            message: format!("{} is not {wanted}", shown(error.instance())),
            help: Some(format!("write {wanted}")),
        });
    }

    fn unknown_field(
        &self,
        error: &ValidationError<'_>,
        pointer: &Pointer,
        key: &str,
    ) -> Complaint {
        let parent = Pointer::new(error.schema_path().as_str())
            .parent()
            .unwrap_or_default();
        let known = parent
            .get(&self.schema)
            .and_then(|schema| schema.get("properties"))
            .and_then(Value::as_object);
        let names: Vec<&str> = known
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str())
            .collect();
        let help = did_you_mean(key, names.iter().copied())
            .unwrap_or_else(|| format!("the fields here are {}", names.join(", ")));
        Complaint {
            code: &UNKNOWN_FIELD,
            pointer: pointer.key(key),
            part: Part::Key,
            message: format!("there is no field `{key}` here"),
            help: Some(help),
        }
    }

    /// The description of the schema node that refused a value.
    fn described(&self, error: &ValidationError<'_>) -> Option<String> {
        let parent = Pointer::new(error.schema_path().as_str()).parent()?;
        parent
            .get(&self.schema)?
            .get("description")?
            .as_str()
            .map(lower_first)
    }
}

/// The words of a union that is nothing but words.
fn words_of(here: &str, context: &[Vec<ValidationError<'static>>]) -> Option<Value> {
    let words_of_branch = |branch: &Vec<ValidationError<'static>>| match branch.as_slice() {
        [only] if only.instance_path().as_str() == here => match only.kind() {
            ValidationErrorKind::Constant { expected_value } => {
                Some(vec![expected_value.as_ref().clone()])
            }
            ValidationErrorKind::Enum { options } => options.as_array().cloned(),
            _ => None,
        },
        _ => None,
    };
    let words: Option<Vec<Vec<Value>>> = context.iter().map(words_of_branch).collect();
    words.map(|words| Value::Array(words.concat()))
}

fn wanted_types(schema: &Value, schema_path: &str) -> String {
    let types = schema.pointer(schema_path);
    let names: Vec<&str> = match types {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| *name != "null")
            .collect(),
        _ => Vec::new(),
    };
    let articled = names.iter().map(|name| match *name {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "a mapping",
        "null" => "null",
        other => other,
    });
    let articled: Vec<_> = articled.collect();
    if articled.is_empty() {
        "of an allowed type".to_owned()
    } else {
        articled.join(" or ")
    }
}

fn not_one_of(value: &Value, options: &Value) -> String {
    let words: Vec<_> = options
        .as_array()
        .into_iter()
        .flatten()
        .map(|word| format!("`{}`", plain(word)))
        .collect();
    format!("{} is not one of {}", shown(value), words.join(", "))
}

fn suggestion(value: &Value, options: &Value) -> Option<String> {
    let words: Vec<&str> = options
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    did_you_mean(value.as_str()?, words.iter().copied())
        .or_else(|| Some(format!("write one of {}", words.join(", "))))
}

/// A value as it fits into a sentence; long ones by their type.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
        Value::String(text) if text.chars().count() > 60 => "this text".to_owned(),
        Value::String(text) => format!("`{text}`"),
        other => format!("`{other}`"),
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}
