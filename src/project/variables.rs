//! The variables of an environment: what is declared, what a run gives, and what nobody uses.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Number, Value};

use super::Project;
use crate::diag::{Diagnostic, Diags, Location, did_you_mean};
use crate::resolve::Variables;
use crate::resolve::codes::{UNUSED_VARIABLE, VARIABLE_TYPE};
use crate::text::{FileId, Limits, Pointer, YamlErrorKind, yaml};

/// Values that a run gives, by name; the last one of a name counts.
pub type GivenVariables = BTreeMap<String, String>;

/// The names of variables that the manifests of each checked environment refer to.
pub type UsedVariables = BTreeMap<String, BTreeSet<String>>;

/// The schema of `variables`.
pub(super) fn schema(_: &mut SchemaGenerator) -> Schema {
    let scalar = ["string", "number", "boolean"];
    json_schema!({
        "type": "object",
        "propertyNames": {
            "description": "A name has letters, digits, `-` and `_`, and starts with a letter.",
            "pattern": "^[A-Za-z][A-Za-z0-9_-]*$"
        },
        "additionalProperties": {
            "type": ["string", "number", "boolean", "array"],
            "items": { "type": scalar }
        }
    })
}

impl Project {
    /// The variables of an environment: the project's, over them the environment's, over them the run's.
    /// A value that the run gives takes the type of the declared one.
    #[must_use]
    pub fn variables_of(&self, environment: &str, given: &GivenVariables) -> (Variables, Diags) {
        let mut variables = self.variables.clone();
        if let Some(environment) = self.environments.get(environment) {
            variables.extend(environment.variables.clone());
        }
        let mut diags = Diags::default();
        for (name, text) in given {
            match typed(text, variables.get(name)) {
                Ok(value) => {
                    variables.insert(name.clone(), value);
                }
                Err(wanted) => {
                    let message =
                        format!("`--var {name}={text}`: the variable is declared as {wanted}");
                    diags.push(
                        Diagnostic::new(&VARIABLE_TYPE, Location::Run, message)
                            .help(format!("give it {wanted}")),
                    );
                }
            }
        }
        (variables, diags)
    }

    /// The variables of an environment that its manifests do not refer to. `used` has the names that they do,
    /// `at` makes a place of a pointer into the project file.
    #[must_use]
    pub fn unused_in(
        &self,
        environment: &str,
        used: &BTreeSet<String>,
        at: &dyn Fn(&Pointer) -> Location,
    ) -> Diags {
        let pointer = Pointer::from("/environments")
            .key(environment)
            .key("variables");
        let declared = self.environments.get(environment).map(|it| &it.variables);
        let names: BTreeSet<&str> = used.iter().map(String::as_str).collect();
        declared
            .into_iter()
            .flat_map(BTreeMap::keys)
            .filter(|name| !used.contains(*name))
            .map(|name| self.unused(name, &names, at(&pointer.key(name)), ""))
            .collect()
    }

    /// The variables of the whole project that the manifests of no environment refer to. Nothing is said
    /// unless every environment with overlays was checked: the others may refer to them.
    #[must_use]
    pub fn unused_defaults(
        &self,
        used: &UsedVariables,
        at: &dyn Fn(&Pointer) -> Location,
    ) -> Diags {
        let sees_all = self
            .environments
            .iter()
            .all(|(name, it)| it.overlays.is_empty() || used.contains_key(name));
        let names = everywhere(used);
        self.variables
            .keys()
            .filter(|name| sees_all && !names.contains(name.as_str()))
            .map(|name| self.unused(name, &names, at(&Pointer::from("/variables").key(name)), ""))
            .collect()
    }

    /// The variables that the run gives and nobody knows: no manifest refers to them. With `is_partial`, those
    /// that the project declares are passed over.
    #[must_use]
    pub fn unused_given(
        &self,
        given: &GivenVariables,
        used: &UsedVariables,
        is_partial: bool,
    ) -> Diags {
        let names = everywhere(used);
        given
            .keys()
            .filter(|name| !names.contains(name.as_str()))
            .filter(|name| !(is_partial && self.declares(name)))
            .map(|name| self.unused(name, &names, Location::Run, ", which `--var` gives"))
            .collect()
    }

    fn unused(&self, name: &str, used: &BTreeSet<&str>, at: Location, flag: &str) -> Diagnostic {
        let undeclared = used.iter().copied().filter(|used| !self.declares(used));
        let help = did_you_mean(name, undeclared)
            .unwrap_or_else(|| format!("remove it, or write `${{var.{name}}}` where it belongs"));
        let message = format!("no manifest refers to the variable `{name}`{flag}");
        Diagnostic::new(&UNUSED_VARIABLE, at, message).help(help)
    }

    fn declares(&self, name: &str) -> bool {
        self.variables.contains_key(name)
            || self
                .environments
                .values()
                .any(|environment| environment.variables.contains_key(name))
    }
}

fn everywhere(used: &UsedVariables) -> BTreeSet<&str> {
    used.values().flatten().map(String::as_str).collect()
}

/// The value of a text from the command line, or the type that it does not have.
fn typed(text: &str, declared: Option<&Value>) -> Result<Value, &'static str> {
    match declared {
        Some(Value::String(_)) => Ok(Value::from(text)),
        Some(Value::Number(_)) => number(text).map(Value::Number).ok_or("a number"),
        Some(Value::Bool(_)) => boolean(text).ok_or("`true` or `false`"),
        Some(_) => list(text).ok_or("a list, `[a, b]`"),
        None => Ok(undeclared(text)),
    }
}

/// A number only where it is spelled back the same way: `1.10` is a version, not a number.
fn undeclared(text: &str) -> Value {
    let number = number(text).filter(|number| number.to_string() == text);
    number
        .map(Value::Number)
        .or_else(|| boolean(text))
        .or_else(|| list(text))
        .unwrap_or_else(|| Value::from(text))
}

fn number(text: &str) -> Option<Number> {
    serde_json::from_str(text).ok()
}

fn boolean(text: &str) -> Option<Value> {
    text.parse::<bool>().ok().map(Value::Bool)
}

fn list(text: &str) -> Option<Value> {
    let (documents, errors) = yaml::parse(FileId(0), text, &Limits::default());
    let value = documents.into_iter().next()?.into_value();
    let is_read = errors
        .iter()
        .all(|error| error.is_warning() && error.kind != YamlErrorKind::Comment);
    let is_flat = |items: &Vec<Value>| {
        items
            .iter()
            .all(|item| !item.is_array() && !item.is_object() && !item.is_null())
    };
    (is_read && value.as_array().is_some_and(is_flat)).then_some(value)
}
