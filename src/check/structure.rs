//! Manifests against their JSON Schema: the same schemas that editors use.
//!
//! The kind is chosen here, so that a mistake is reported against one schema. A union that fails is
//! unpicked to the branch that the author most likely meant, and of several complaints about one mistake
//! the most precise one is kept.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::codes::{INVALID_VALUE, MISSING_FIELD, UNKNOWN_FIELD, WRONG_TYPE};
use super::complaint::{Complaint, ComplaintDocument};
use super::digits::{long_numbers, too_long};
use super::mistakes::one_per_mistake;
use super::schema::bare_kind_schema;
use super::tidy::prose;
use super::wording::{
    counted, dash, lower_first, names_below, no_day, not_one_of, of_texts, plain, property_names,
    remedy, shown, wanted, word_remedy, words_of, wrong_type,
};
use crate::diag::{Advice, Diags, DocId, Fix, Location, suggestion};
use crate::kinds::field::Codec;
use crate::kinds::mapping::{EXTRA, KEEP_KEY, REF_KEY};
use crate::kinds::{ALL, KindId, field_at};
use crate::name::Name;
use crate::text::yaml::{at_edge, instead_of_space};
use crate::text::{Document, EntryHalf, Pointer};

/// Checks a document against the schema of its kind and returns whether it fits.
///
/// Nothing is said about a value whose variables are not known.
pub(crate) fn check(
    doc: DocId,
    kind: KindId,
    written: ComplaintDocument<'_>,
    diags: &mut Diags,
) -> bool {
    let ComplaintDocument { document, sources } = written;
    let compiled = compiled(kind);
    let is_known = document.fills.iter().all(|fill| fill.known);
    let long = long_numbers(kind, &document.value);
    for at in &long {
        let (file, span) = document.place(at, EntryHalf::Value);
        diags.push(too_long(&document.value, at, Location::Span(file, span)));
    }
    if is_known && long.is_empty() && compiled.validator.is_valid(&document.value) {
        return true;
    }
    for complaint in compiled.complaints(&document.value) {
        if is_reported_by_parse(&complaint)
            || is_not_known(document, &complaint.pointer)
            || long.contains(&complaint.pointer)
        {
            continue;
        }
        let complaint = complaint.without_comment(document, sources);
        diags.push(complaint.spelled_as_written(document, sources).at(doc));
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
    kind: Option<KindId>,
    schema: Value,
    validator: Validator,
}

/// Each schema is compiled once, when the first manifest of its kind is checked.
fn compiled(kind: KindId) -> &'static Compiled {
    static COMPILED: [OnceLock<Compiled>; ALL.len()] = [const { OnceLock::new() }; ALL.len()];
    COMPILED[kind.index()].get_or_init(|| Compiled {
        kind: Some(kind),
        ..Compiled::new(bare_kind_schema(kind))
    })
}

/// The schema of a kind as text.
pub(crate) fn schema_text(kind: KindId) -> String {
    compiled(kind).schema.to_string()
}

impl Compiled {
    /// Compiles a schema of ours.
    pub(crate) fn new(schema: Value) -> Self {
        let validator = jsonschema::validator_for(&schema)
            .expect("our own schemas compile: a test compiles each");
        Self {
            kind: None,
            schema,
            validator,
        }
    }

    /// Every complaint about a value, one per mistake.
    pub(crate) fn complaints(&self, value: &Value) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        for error in self.validator.iter_errors(value) {
            self.explain(&error, &mut complaints);
        }
        one_per_mistake(complaints)
    }

    fn explain(&self, error: &ValidationError<'_>, out: &mut Vec<Complaint>) {
        let pointer = Pointer::new(error.instance_path().as_str());
        if let Some(complaint) = self.once(&pointer, error.instance()) {
            let is_told = |other: &Complaint| other.pointer == pointer;
            if !out.iter().any(is_told) {
                out.push(complaint);
            }
            return;
        }
        match error.kind() {
            ValidationErrorKind::AnyOf { context } => self.explain_union(error, context, out),
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let node = self.refusing(error);
                let unknown = unexpected.iter();
                let around = error.instance();
                out.extend(unknown.map(|key| match name_alone(node, around, key) {
                    Some(help) => unknown_key(&pointer, key, help),
                    None => self.unknown_field(node, &pointer, key),
                }));
            }
            ValidationErrorKind::PropertyNames { error: inner } => {
                let name = plain(inner.instance());
                out.push(Complaint {
                    code: &INVALID_VALUE,
                    pointer: pointer.key(&name),
                    part: EntryHalf::Key,
                    message: format!("`{name}` is not a name for this"),
                    help: self.name_help(error).map(Advice::from),
                });
            }
            _ => out.push(self.refused(error, pointer)),
        }
    }

    /// A value that is missing, of the wrong type, or not one of those allowed.
    fn refused(&self, error: &ValidationError<'_>, pointer: Pointer) -> Complaint {
        let value = error.instance();
        let node = self.refusing(error);
        let (code, message, help) = match error.kind() {
            ValidationErrorKind::Required { property } => {
                let name = plain(property);
                let message = format!("`{name}` is missing");
                let help = Advice::from(format!("add `{name}:`"));
                let fix = Fix::Add(name, String::new());
                (&MISSING_FIELD, message, help.fix(fix))
            }
            ValidationErrorKind::Type { .. } => {
                let message = wrong_type(&pointer, value, node);
                let help = of_texts(&pointer, value).unwrap_or_else(|| remedy(node, value));
                (&WRONG_TYPE, message, help)
            }
            ValidationErrorKind::Enum { options } => {
                let words = words_of(options);
                let help = word_remedy(value, &words, &[]);
                (&INVALID_VALUE, not_one_of(value, &words), help)
            }
            ValidationErrorKind::Pattern { .. } => {
                let no_day = no_day(value).map(|(message, help)| (message, Advice::from(help)));
                let (message, help) = no_day.unwrap_or_else(|| {
                    let message = format!("{} is not {}", shown(value), wanted(node));
                    (message, remedy(node, value))
                });
                (&INVALID_VALUE, message, help)
            }
            other => {
                let (message, help) = self.out_of_bounds(other, error);
                (&INVALID_VALUE, message, help)
            }
        };
        Complaint {
            code,
            pointer,
            part: EntryHalf::Value,
            message,
            help: Some(help),
        }
    }

    /// The schema node that refused a value.
    fn refusing(&self, error: &ValidationError<'_>) -> &Value {
        Pointer::new(error.schema_path().as_str())
            .parent()
            .and_then(|parent| parent.get(&self.schema))
            .unwrap_or(&Value::Null)
    }

    /// The description of what names the keys of a mapping may have.
    fn name_help(&self, error: &ValidationError<'_>) -> Option<String> {
        let node = self.refusing(error);
        let names = node.get("propertyNames").unwrap_or(node);
        let described = prose(names.get("description")?.as_str()?);
        Some(lower_first(described.trim_end_matches('.')))
    }

    /// Too long, too many, too large: message and remedy.
    fn out_of_bounds(
        &self,
        kind: &ValidationErrorKind,
        error: &ValidationError<'_>,
    ) -> (String, Advice) {
        let node = self.refusing(error);
        let value = shown(error.instance());
        let keys = || {
            let names = names_below(&self.schema, node).into_iter();
            names.map(|name| format!("`{name}`")).collect::<Vec<_>>()
        };
        let one_of = |verb: &str| match keys() {
            keys if keys.is_empty() || keys.len() > MOST_NAMES => {
                "write a key and its value, or remove it".to_owned()
            }
            keys => format!("{verb} one of {}", keys.join(", ")),
        };
        match kind {
            ValidationErrorKind::MinItems { limit } => {
                let least = counted(*limit, "item", "items");
                (
                    format!("{value} is too short"),
                    format!("name at least {least}").into(),
                )
            }
            ValidationErrorKind::MinProperties { .. } => {
                (format!("{value} says nothing"), one_of("write").into())
            }
            ValidationErrorKind::MaxProperties { limit } => {
                let most = counted(*limit, "key is", "keys are");
                (format!("only {most} allowed here"), one_of("keep").into())
            }
            ValidationErrorKind::Constant { expected_value } => (
                format!("{value} is not allowed here"),
                Advice::from(format!("write `{}`", plain(expected_value)))
                    .fix(Fix::Write(expected_value.to_string())),
            ),
            _ => {
                let described = node.get("description").and_then(Value::as_str);
                let help = prose(described.unwrap_or("see `campaignctl explain`"));
                (
                    lower_first(&error.to_string()),
                    lower_first(help.trim_end_matches('.')).into(),
                )
            }
        }
    }

    /// Of a union, the branch whose type the value has; else what all branches take together.
    fn explain_union(
        &self,
        error: &ValidationError<'_>,
        branches: &[Vec<ValidationError<'static>>],
        out: &mut Vec<Complaint>,
    ) {
        let value = error.instance();
        let here = error.instance_path().as_str();
        let is_here = |inner: &&ValidationError<'_>| inner.instance_path().as_str() == here;
        let is_of_type = |branch: &&Vec<ValidationError<'static>>| {
            !branch
                .iter()
                .filter(is_here)
                .any(|inner| match inner.kind() {
                    ValidationErrorKind::Type { .. } => true,
                    ValidationErrorKind::Enum { .. } => !value.is_string(),
                    _ => false,
                })
        };
        let mut words = Vec::new();
        let mut others = Vec::new();
        for inner in branches.iter().flatten().filter(is_here) {
            match inner.kind() {
                ValidationErrorKind::Enum { options } => words.extend(words_of(options)),
                ValidationErrorKind::Type { .. } => others.push(self.refusing(inner)),
                _ => {}
            }
        }
        let is_word = value.is_string() || !branches.iter().any(|branch| is_of_type(&branch));
        if !words.is_empty() && is_word {
            let former = self.former(here, value);
            let help = former.unwrap_or_else(|| word_remedy(value, &words, &others));
            out.push(Complaint {
                code: &INVALID_VALUE,
                pointer: Pointer::new(here),
                part: EntryHalf::Value,
                message: not_one_of(value, &words),
                help: Some(help),
            });
            return;
        }
        let Some(branch) = branches.iter().find(is_of_type) else {
            // Of no type that a branch takes: what the first takes is said, a union of several has words.
            let node = others.first().copied().unwrap_or(&Value::Null);
            let pointer = Pointer::new(here);
            out.push(Complaint {
                code: &WRONG_TYPE,
                message: wrong_type(&pointer, value, node),
                pointer,
                part: EntryHalf::Value,
                help: Some(remedy(node, value)),
            });
            return;
        };
        for inner in branch {
            self.explain(inner, out);
        }
    }

    /// What to write instead of a word of an earlier version.
    fn former(&self, pointer: &str, value: &Value) -> Option<Advice> {
        let place = Pointer::new(pointer.strip_prefix("/spec")?);
        let Codec::Word(words) = field_at(self.kind?.def().fields, &place)?.codec else {
            return None;
        };
        let former = words.formerly(value.as_str()?)?;
        Some(format!("an earlier version had this word: {}", former.remedy).into())
    }

    /// An item of a list of references as an earlier version wrote it: an object around the reference. All that the
    /// schema has against the object is that.
    fn once(&self, pointer: &Pointer, item: &Value) -> Option<Complaint> {
        let list = Pointer::new(pointer.parent()?.as_str().strip_prefix("/spec")?);
        let field = field_at(self.kind?.def().fields, &list)?;
        let (key, reference) = (field.once_under?, field.once(item)?);
        let (written, fix) = match reference {
            Value::String(name) => (name.clone(), Fix::Replace(name.clone())),
            other => (other.to_string(), Fix::Write(other.to_string())),
        };
        let help =
            format!("write the {key} alone: `{written}`; the platform keeps nothing else of it");
        Some(Complaint {
            code: &WRONG_TYPE,
            pointer: pointer.clone(),
            part: EntryHalf::Value,
            message: format!(
                "an earlier version wrote a {key} as an object; it is a reference now"
            ),
            help: Some(Advice::from(help).fix(fix)),
        })
    }

    fn unknown_field(&self, node: &Value, pointer: &Pointer, key: &str) -> Complaint {
        let names = property_names(node);
        let odd = at_edge(key)
            .or_else(|| instead_of_space(key))
            .map(|blank| Advice::from(format!("it contains {blank}: write a plain space instead")));
        let help = odd
            .or_else(|| dash(key))
            .or_else(|| self.other_place(pointer, key))
            .or_else(|| suggestion(key, names.iter().copied()))
            .unwrap_or_else(|| match (names.as_slice(), self.kind) {
                ([], _) => "no value is allowed here".into(),
                (names, Some(kind)) if names.len() > MOST_NAMES => {
                    let path =
                        fields_of(pointer).fold(String::new(), |path, step| path + "." + &step);
                    let extra = if names.contains(&EXTRA) {
                        let steps: Vec<String> = pointer.steps().collect();
                        let around = steps.join(".");
                        format!("; platform keys without a field go below `{around}.extra`")
                    } else {
                        String::new()
                    };
                    format!("`campaignctl explain {kind}{path}` lists the fields{extra}").into()
                }
                (names, _) => format!("the fields here are {}", names.join(", ")).into(),
            });
        unknown_key(pointer, key, help)
    }

    /// Where a key of a manifest belongs, when that is known for sure: below `spec`, or under the name that
    /// we have for the platform's.
    fn other_place(&self, pointer: &Pointer, key: &str) -> Option<Advice> {
        let fields = self.kind?.def().fields;
        match pointer.as_str() {
            "/metadata" if ENVELOPE.contains(&key) => Some(
                format!("`{key}` belongs beside `metadata`: indent it and what is below it less")
                    .into(),
            ),
            "" | "/metadata" | "/spec" if LIFECYCLE.contains(&key) => {
                Some(format!("it belongs below `lifecycle`: `lifecycle.{key}`").into())
            }
            "" | "/metadata" => {
                let names = fields.iter().map(|field| field.spec.split('.').next());
                let is_of_spec = names.chain([Some(EXTRA)]).any(|name| name == Some(key));
                let is_of_metadata = pointer.as_str().is_empty() && METADATA.contains(&key);
                let around = match (is_of_metadata, is_of_spec) {
                    (true, _) => "metadata",
                    (false, true) => "spec",
                    (false, false) => return None,
                };
                Some(format!("it belongs below `{around}`: `{around}.{key}`").into())
            }
            "/spec" => fields.iter().find(|field| field.wire == key).map(|field| {
                let called = format!("the platform's `{key}` is called `{}` here", field.spec);
                let is_here = !field.spec.contains('.');
                let fix = is_here.then(|| Fix::Replace(field.spec.to_owned()));
                Advice { text: called, fix }
            }),
            _ => None,
        }
    }
}

/// What stands beside `metadata`.
const ENVELOPE: [&str; 4] = ["apiVersion", "kind", "spec", "lifecycle"];

/// What is below `metadata`.
const METADATA: [&str; 3] = ["name", "labels", "annotations"];

/// What stands below `lifecycle`, by the names that nothing else has.
const LIFECYCLE: [&str; 3] = ["previousName", "ignoreChanges", "protect"];

/// The fields around a place, below `spec`.
fn fields_of(pointer: &Pointer) -> impl Iterator<Item = String> {
    let steps = pointer.steps().skip(1).collect::<Vec<_>>().into_iter();
    steps.filter(|step| step.parse::<usize>().is_err())
}

/// More field names than this are not listed in a sentence.
const MOST_NAMES: usize = 10;

fn unknown_key(pointer: &Pointer, key: &str, help: Advice) -> Complaint {
    Complaint {
        code: &UNKNOWN_FIELD,
        pointer: pointer.key(key),
        part: EntryHalf::Key,
        message: format!("there is no field `{key}` here"),
        help: Some(help),
    }
}

/// That a reference is the name itself, for a person who writes `{ name: .. }`, or `{ $ref: .. }` as in open JSON.
fn name_alone(node: &Value, around: &Value, key: &str) -> Option<Advice> {
    let names = property_names(node);
    let is_reference = names.contains(&"live") && names.contains(&KEEP_KEY);
    let text = around.get(key)?.as_str()?;
    if !is_reference || !["name", "ref", REF_KEY, "displayName"].contains(&key) {
        return None;
    }
    // With the kind before it, as commands and plans call an object.
    let name = text.rsplit('/').next().unwrap_or(text);
    Some(match Name::new(name) {
        Ok(name) if key != "displayName" => format!("write the name alone: `{name}`").into(),
        _ => {
            let live = Value::from(text);
            format!("write the name of its manifest alone, or `{{ live: {live} }}`").into()
        }
    })
}
