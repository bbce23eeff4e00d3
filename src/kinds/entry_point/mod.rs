//! `EntryPoint`: where in an app or web site an engagement is shown (platform.md#entry-point).

mod matching;
pub mod means;
mod offers;
mod rules;
mod wire;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::admission::VisitWord;
use super::field::Field;
use super::offering::Reading;
use super::shared::{Condition, Reference, derive_condition_box_types};
use super::words::words;
use super::{AppVisit, Collection, Findings, Kind, Role, RuleWorld, Serving};
use crate::diag::Code;
use means::EntryPointFacts;

/// The `EntryPoint` kind.
#[derive(Debug)]
pub struct EntryPointKind;

/// Where in an app or web site an engagement is shown: everywhere, or in sections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EntryPoint {
    /// What people see in the console. Defaults to the name of the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What the place is, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The app that the place belongs to, by its live name. Without one, the place is on the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_installation: Option<Reference>,
    /// The places. A section name in double quotes (`'"checkout"'`) must match exactly; without them a
    /// part of the name is enough. There is no word for addresses: their number and payload are not public. Make such
    /// an entry point in the console, export it, and say with `means` what its condition asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("defaultSnippets" = [{"label": "everywhere", "description": "The whole app or web site.", "type": "array", "body": {"type": "everywhere"}}, {"label": "in a section", "description": "A section of the app or web site, by its whole name.", "type": "array", "body": {"type": "section", "data": {"include": [{"sections": [{"name": "'\"${1:checkout}\"'"}]}], "exclude": "[]"}}}]))]
    pub conditions: Option<Vec<Condition<EntryPointType, EntryPointFacts>>>,
    /// Wire keys without a field, kept unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Map<String, Value>>,
}

words! {
    /// What a condition of an entry point looks at.
    pub enum EntryPointType: Int {
        /// The whole app or web site.
        Everywhere = "everywhere" => 0 Captured,
        /// Sections, by name: `data: { include: [{ sections: [{ name: .. }] }], exclude: [] }`.
        Section = "section" => 4 Captured,
    }
}

impl Kind for EntryPointKind {
    const NAME: &'static str = "EntryPoint";
    const PLURAL: &'static str = "entry-points";
    const ROLE: Role = Role::Managed;
    const PHASE: u8 = 0;
    const COLLECTION: Option<&'static Collection> = Some(&wire::COLLECTION);
    const FIELDS: &'static [Field] = wire::FIELDS;
    const CODES: &'static [&'static Code] = rules::CODES;
    const EXAMPLE: &'static str = include_str!("fixtures/valid.yaml");
    const VISIT_WORD: Option<VisitWord> = Some(VisitWord {
        word: "OSLs",
        is_of_page: true,
    });
    type Spec = EntryPoint;

    fn rules(spec: &Self::Spec, _name: &str, _world: &dyn RuleWorld, out: &mut Findings) {
        rules::check(spec, out);
    }

    fn met_by(spec: &Value) -> Option<String> {
        Some(match spec.get("appInstallation")? {
            Value::Null => "visitors of web pages".to_owned(),
            Value::String(name) => format!("users of the app `{name}`"),
            app => format!("users of the app {app}"),
        })
    }

    fn serve(body: &mut Value, _at: &Serving<'_>) {
        derive_condition_box_types(body);
    }

    fn admits(body: &Value, visit: &AppVisit<'_>) -> bool {
        matching::holds(Self::NAME, body, visit)
    }

    fn reading(spec: &Value) -> Option<Reading> {
        Some(offers::reading(spec))
    }
}

#[cfg(test)]
mod tests;
