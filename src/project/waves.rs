//! Waves: in which order a rollout reaches the environments of a project, and how long it waits in between.
//!
//! An environment is in the first wave that selects it by its labels. Those that no wave selects come last.

use std::time::Duration;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Number, Value};

use super::{Environment, Project, parse_time};
use crate::diag::did_you_mean;
use crate::text::{Pointer, Selector, SelectorTerm};

/// Environments that a rollout reaches together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Wave {
    /// Which environments, by their labels: `ring=1`, `ring=1,region!=emea`. One that several waves select is in the
    /// first of them.
    #[schemars(extend("examples" = ["ring=1"]))]
    pub select: String,
    /// How long the wave waits after the last write that the ledgers of the earlier waves record: `30m`, `1h`, `24h`.
    /// Default: it does not wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["30m", "1h", "24h"]))]
    pub after: Option<String>,
}

impl Wave {
    /// How long it waits; nothing where that is not said.
    #[must_use]
    pub fn pause(&self) -> Duration {
        let after = self.after.as_deref();
        after.and_then(parse_time).unwrap_or_default()
    }

    fn selects(&self, environment: &Environment) -> bool {
        let selector: Result<Selector, _> = self.select.parse();
        selector.is_ok_and(|it| it.matches(&environment.labels))
    }
}

impl Project {
    /// The wave of an environment, from 1; `None` where none selects it: it comes last.
    #[must_use]
    pub fn wave_of(&self, environment: &str) -> Option<usize> {
        let environment = self.environments.get(environment)?;
        let found = self.waves.iter().position(|it| it.selects(environment));
        found.map(|index| index + 1)
    }
}

/// What is wrong with the waves: where, what, and what to do.
pub(super) fn complaints(project: &Project) -> Vec<(Pointer, String, String)> {
    let mut found = Vec::new();
    for (index, wave) in project.waves.iter().enumerate() {
        let at = Pointer::from("/waves").index(index);
        match wave.select.parse::<Selector>() {
            Err(why) => found.push((
                at.key("select"),
                why,
                "write the labels as for `--selector`, `ring=1`".to_owned(),
            )),
            Ok(selector) if !project.environments.values().any(|it| wave.selects(it)) => {
                let message = format!("the wave `{selector}` selects no environment");
                found.push((at.key("select"), message, remedy(project, &selector)));
            }
            Ok(_) => {}
        }
        let Some(after) = &wave.after else { continue };
        if parse_time(after).is_none() {
            let help = "write a number and a unit, `30m`, `1h` or `24h`";
            found.push((
                at.key("after"),
                format!("`{after}` is not a time"),
                help.to_owned(),
            ));
        } else if index == 0 {
            let message = "the first wave has none to wait for".to_owned();
            let help = "remove `after`, or move it to a later wave";
            found.push((at.key("after"), message, help.to_owned()));
        }
    }
    found
}

/// What to do about a wave that selects nothing.
fn remedy(project: &Project, selector: &Selector) -> String {
    let labels = || {
        project
            .environments
            .values()
            .flat_map(|it| it.labels.iter())
    };
    let known = |(key, value): (&String, &String)| format!("{key}={value}");
    let asked = selector.terms().iter().find_map(|term| match term {
        SelectorTerm::Is(key, value) => Some(format!("{key}={value}")),
        SelectorTerm::Has(key) => Some(key.clone()),
        SelectorTerm::IsNot(..) | SelectorTerm::Lacks(_) => None,
    });
    let known: Vec<String> = labels().map(known).collect();
    let near = asked.and_then(|asked| did_you_mean(&asked, known.iter().map(String::as_str)));
    near.unwrap_or_else(|| {
        "give an environment such a label, `labels: { ring: 1 }`, or remove the wave".to_owned()
    })
}

/// The schema of `labels` of an environment.
pub(super) fn labels_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": { "type": ["string", "integer"] }
    })
}

/// Labels, with whole numbers as they are written: `ring: 1`.
pub(super) fn labels<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<IndexMap<String, String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Label {
        Text(String),
        Number(Number),
    }
    let labels = IndexMap::<String, Label>::deserialize(deserializer)?;
    let text = |label| match label {
        Label::Text(text) => text,
        Label::Number(number) => Value::Number(number).to_string(),
    };
    let labels = labels.into_iter().map(|(key, label)| (key, text(label)));
    Ok(labels.collect())
}
