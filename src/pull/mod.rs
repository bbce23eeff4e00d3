//! F2: what the account holds, taken over into the files that are there. Pure: a pull is new texts for files, and
//! nothing is read or written here.
//!
//! - A field that drifted gets the live value at its place: in the overlay that sets it, else in the base
//!   ([`drift`]). The texts are changed by [`crate::text::edit`], so comments and layout stay.
//! - An object that people made in the console gets a manifest in the folder where its kind lives, when a person names
//!   it ([`fresh`]).
//! - Where the manifest around it lists what lies inside, it is listed ([`listed`]).
//! - References to such an object are by the name of its manifest from then on ([`renamed`]).
//! - What cannot be taken over for sure is [`Left`], with the reason and what to do: a conflict, a variable, an alias.
//!
//! Nothing is taken on trust: a pull plans again with the new texts, and takes back what did not settle
//! ([`unsettled`]).

mod asked;
pub mod drift;
mod files;
mod flags;
pub mod fresh;
mod gone;
mod layers;
mod listing;
mod meanings;
mod members;
mod place;
mod reasons;
mod refer;
#[cfg(test)]
mod tests;
mod twins;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::diff::Change;
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::text::Pointer;
pub use asked::{Named, PullWants, UnknownName, may_be_stranger};
pub use drift::{PullEdit, Takes};
pub use files::texts_of;
pub use fresh::FreshObjects;
pub use listing::{keep_causes, listed, unlisted};
pub use reasons::{broken, refused, unsettled as left_unsettled};
pub use refer::renamed;

/// The format of the document.
pub const FORMAT: &str = "campaignctl.pull/v1";

/// What a pull takes over, and what it leaves.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pull {
    /// [`FORMAT`].
    pub format: &'static str,
    /// The environment.
    pub environment: String,
    /// The account.
    pub account: String,
    /// Whether the files were written.
    pub written: bool,
    /// The fields that get their live values.
    pub fields: Vec<TakenField>,
    /// The objects that get manifests.
    pub objects: Vec<NewManifest>,
    /// What is left as it is.
    pub left: Vec<Left>,
    /// The files with their new texts.
    pub files: Vec<PulledFile>,
    /// How many fields differ because the files were edited; they are for `apply`.
    pub edited: usize,
    /// The objects of the kinds that were read that no manifest defines and that were not asked for.
    pub foreign: Vec<Foreign>,
}

/// A field that gets its live value.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TakenField {
    /// Kind and name.
    #[schemars(with = "String")]
    pub key: Key,
    /// The field, from the root of the manifest.
    #[schemars(with = "String")]
    pub pointer: Pointer,
    /// The field as plans name it, items of lists by their key: `displayInstances[online].enabled`.
    pub path: String,
    /// The declared value; null when the manifest does not say it.
    pub before: Value,
    /// The live value; null when there is none.
    pub after: Value,
    /// The files in which it is written.
    pub files: Vec<String>,
    /// The other environments in which the manifest says something else from now on.
    pub environments: Vec<String>,
    /// What there is to know of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An object that gets a manifest.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewManifest {
    /// Kind and name.
    #[schemars(with = "String")]
    pub key: Key,
    /// What people see in the console.
    pub display_name: String,
    /// The live object.
    #[schemars(with = "String")]
    pub remote_id: RemoteId,
    /// The file.
    pub file: String,
    /// The objects that it refers to and that no manifest defines.
    pub refers_to: Vec<Foreign>,
}

/// An object of the account that no manifest defines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Foreign {
    /// The kind, and the name that its manifest would get.
    #[schemars(with = "String")]
    pub key: Key,
    /// What people see in the console.
    pub display_name: String,
    /// The live object.
    #[schemars(with = "String")]
    pub remote_id: RemoteId,
}

/// A file with its new text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PulledFile {
    /// The path, as positions show it.
    pub path: String,
    /// The text before; absent for a new file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The text from now on.
    pub after: String,
}

/// Something that a pull leaves as it is.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// Kind and name.
    #[schemars(with = "String")]
    pub key: Key,
    /// The field, from the root of the manifest; absent for a whole object.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub pointer: Option<Pointer>,
    /// The field as plans name it, items of lists by their key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The declared value.
    pub declared: Value,
    /// The live value.
    pub live: Value,
    /// Why, as a word.
    pub why: LeftReason,
    /// Why, in words.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Where the declared value is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// Why something is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum LeftReason {
    /// The files and the account both changed it.
    Conflict,
    /// The manifest was never applied, so it is not known which side changed.
    NeverApplied,
    /// The value comes from a variable.
    Variable,
    /// Part of the value comes from a template.
    Template,
    /// The text of the file cannot be changed there without changing more.
    Text,
    /// The live value has an id of the account, or more digits than a manifest holds.
    Value,
    /// With the live value, the manifest would break a rule.
    Rule,
    /// The account no longer holds the object.
    Gone,
    /// Other objects have the display name of the object, so no manifest can mean it.
    Ambiguous,
    /// A plan would still show the difference.
    Unsettled,
}

/// The edits whose fields a plan with the new texts still shows.
#[must_use]
pub fn unsettled(edits: &[PullEdit], changes: &[Change]) -> Vec<usize> {
    let is_settled = |edit: &PullEdit| {
        let mut changes = changes.iter().filter(|change| change.key() == edit.key);
        changes.all(|change| {
            let touches =
                |at: &Pointer| at.starts_with(&edit.pointer) || edit.pointer.starts_with(at);
            let mut fields = change.fields.iter();
            !fields.any(|field| touches(&field.pointer) && !lists(edit, &field.after))
        })
    };
    let edits = edits.iter().enumerate();
    edits
        .filter(|(_, edit)| !is_settled(edit))
        .map(|(at, _)| at)
        .collect()
}

/// Whether a list has all that an edit was to put there, and no more was to be done: it may differ otherwise.
fn lists(edit: &PullEdit, list: &Value) -> bool {
    let has = |name| list.as_array().is_some_and(|list| list.contains(name));
    !edit.lists.is_empty() && edit.lists.iter().all(has)
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = crate::check::schema::schema_of::<Pull>(
        "What a pull takes over from an account, and what it leaves",
    );
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}
