//! The index of a folder of plans: which environments it is about, which file has the plan of each, and in which order
//! they are applied. It goes with its plans: the digest of each is in it, so a plan of another run is not taken for one
//! of this folder.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::digest_of;
use super::{Plan, PlanFailure, Summary, state_format};
use crate::check::schema::schema_of;
use crate::project::Wave;

/// The format of the document.
pub const INDEX_FORMAT: &str = "campaignctl.plan-index/v1";

/// The name of the document in its folder.
pub const INDEX_FILE: &str = "index.json";

/// The index of a folder of plans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PlanIndex {
    /// [`INDEX_FORMAT`].
    pub format: String,
    /// The unique id of this index: reports of its plans name it.
    pub id: String,
    /// When it was made, RFC 3339 in UTC.
    pub created_at: String,
    /// The version of the program that made it.
    pub tool_version: String,
    /// The folder of the project, relative to where the plans were made.
    pub project: String,
    /// The name of the project, if the project file has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_name: Option<String>,
    /// How many environments may fail before no further one is started.
    pub max_failures: u32,
    /// The waves, in their order. Environments in none of them are in one more, the last.
    pub waves: Vec<Wave>,
    /// One environment each, by name.
    pub environments: Vec<Indexed>,
    /// A digest of all the rest.
    pub digest: String,
}

/// An environment of an index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Indexed {
    /// The environment.
    pub environment: String,
    /// Its account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Its labels.
    #[schemars(with = "BTreeMap<String, String>")]
    pub labels: IndexMap<String, String>,
    /// The number of its wave, from 1.
    pub wave: usize,
    /// The exit code that a plan of it alone would have had.
    pub exit: u8,
    /// Its plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<IndexedPlan>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<PlanFailure>,
}

/// The plan of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct IndexedPlan {
    /// The file, beside the index.
    pub file: String,
    /// The id of the plan.
    pub id: String,
    /// The digest of the plan.
    pub digest: String,
    /// The counts of its summary line.
    pub summary: Summary,
}

impl IndexedPlan {
    /// The entry of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        Self {
            file: plan_file(&plan.environment),
            id: plan.id.clone(),
            digest: plan.digest.clone(),
            summary: plan.summary,
        }
    }
}

/// The name of the file with the plan of an environment.
#[must_use]
pub fn plan_file(environment: &str) -> String {
    let file = format!("{environment}.json");
    match file.as_str() {
        INDEX_FILE => format!("{environment}.plan.json"),
        _ => file,
    }
}

impl PlanIndex {
    /// The same with its digest.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.digest = digest_of(&self);
        self
    }

    /// The index in the text of a file.
    ///
    /// # Errors
    /// Why the text is not a valid index.
    pub fn read(text: &str) -> Result<Self, String> {
        let index: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if index.format != INDEX_FORMAT {
            return Err(format!(
                "its format is `{}`, and this program reads `{INDEX_FORMAT}`",
                index.format
            ));
        }
        match index.damage() {
            Some(what) => Err(format!("the index is damaged: {what}")),
            None => Ok(index),
        }
    }

    /// What in it cannot be.
    fn damage(&self) -> Option<String> {
        let mut names = BTreeSet::new();
        for indexed in &self.environments {
            let name = &indexed.environment;
            if !names.insert(name) {
                return Some(format!("it lists `{name}` twice"));
            }
            let plan = indexed.plan.as_ref();
            if plan.is_some_and(|plan| plan.file != plan_file(name)) {
                return Some(format!("the plan of `{name}` has the name of another file"));
            }
            if !(1..=self.waves.len() + 1).contains(&indexed.wave) {
                return Some(format!("there is no wave {} for `{name}`", indexed.wave));
            }
        }
        let is_same = self.digest == digest_of(self);
        (!is_same).then(|| "its content is not what its digest says".to_owned())
    }
}

/// The JSON Schema of the document.
#[must_use]
pub fn index_schema() -> Value {
    let mut schema = schema_of::<PlanIndex>("The index of a folder of campaignctl plans");
    state_format(&mut schema, INDEX_FORMAT);
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> PlanIndex {
        let indexed = |name: &str, wave| Indexed {
            environment: name.to_owned(),
            account: Some("1".to_owned()),
            labels: IndexMap::new(),
            wave,
            exit: 0,
            plan: None,
            error: None,
        };
        PlanIndex {
            format: INDEX_FORMAT.to_owned(),
            id: "1".to_owned(),
            created_at: String::new(),
            tool_version: "0".to_owned(),
            project: ".".to_owned(),
            project_name: None,
            max_failures: 0,
            waves: Vec::new(),
            environments: vec![indexed("a", 1), indexed("b", 1)],
            digest: String::new(),
        }
        .sealed()
    }

    fn read(index: &PlanIndex) -> Result<PlanIndex, String> {
        PlanIndex::read(&serde_json::to_string(index).unwrap())
    }

    #[test]
    fn an_index_is_read_as_it_was_written_or_refused() {
        assert_eq!(read(&index()), Ok(index()));
        let damaged = |change: &dyn Fn(&mut PlanIndex)| {
            let mut index = index();
            change(&mut index);
            read(&index).unwrap_err()
        };
        assert_eq!(
            damaged(&|it| it.max_failures = 9),
            "the index is damaged: its content is not what its digest says"
        );
        assert!(damaged(&|it| it.environments[1].wave = 2).contains("there is no wave 2 for `b`"));
        assert!(
            damaged(&|it| "a".clone_into(&mut it.environments[1].environment)).contains("twice")
        );
        let elsewhere = damaged(&|it| {
            it.environments[0].plan = Some(IndexedPlan {
                file: "../a.json".to_owned(),
                id: String::new(),
                digest: String::new(),
                summary: Summary::default(),
            });
        });
        assert!(
            elsewhere.contains("the name of another file"),
            "{elsewhere}"
        );
        assert!(damaged(&|it| it.format.push('2')).contains("this program reads"));
    }

    #[test]
    fn no_plan_has_the_name_of_the_index() {
        assert_eq!(plan_file("staging"), "staging.json");
        assert_eq!(plan_file("index"), "index.plan.json");
    }
}
