//! F2: who uses an object: which manifests and live objects refer to it, directly and through others, and which of them
//! consumers see.
//!
//! - [`Web`] holds who refers to whom, of manifests alone or of an account and the manifests.
//! - [`Uses`] is the answer for one object: a tree of its users, a document with a published schema.
//!
//! What lies inside a user is among its users, because it goes wherever the user goes. A user that was told before is
//! told again without what is behind it.

mod seen;
#[cfg(test)]
mod tests;
mod tree;
mod web;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::check::schema::schema_of;
use crate::kinds::{KindId, referenced_kinds};
use crate::live::{Items, Needs, users_of};
use crate::manifest::Key;
use crate::name::RemoteId;
pub use web::{UserNode, Web};

/// The format of the JSON form.
pub const FORMAT: &str = "campaignctl.uses/v1";

/// Who uses an object.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Uses {
    /// The format of the document.
    pub format: &'static str,
    /// The environment whose account was read; absent when only manifests were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The account that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The object, with its users.
    pub object: User,
    /// How many users there are.
    pub summary: UserCounts,
}

/// How many users an object has, each counted once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UserCounts {
    /// By kind.
    #[schemars(with = "BTreeMap<String, usize>")]
    pub users: BTreeMap<KindId, usize>,
    /// How many of them consumers see.
    pub live: usize,
    /// How many of them neither a manifest nor the ledger knows.
    pub foreign: usize,
}

/// An object and those who use it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct User {
    /// The kind.
    #[schemars(with = "String")]
    pub kind: KindId,
    /// The manifest, or the name in the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub key: Option<Key>,
    /// What people see in the console.
    pub display_name: String,
    /// The live object.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub remote_id: Option<RemoteId>,
    /// Whose it is; absent where that is not known or means nothing, as for skills.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<ObjectOwner>,
    /// Whether consumers see it, for campaigns and engagements: on the account, or if the manifests were applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<bool>,
    /// Why consumers do not see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The object around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<String>,
    /// The fields that refer to the object below which it is listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Whether it is listed because it is inside that object.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_inside: bool,
    /// Where alone it refers to that object, if manifest and account differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// Whether its users are listed further up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// Those who use it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<Self>,
}

/// Whose an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ObjectOwner {
    /// A manifest describes it.
    Manifest,
    /// The ledger binds it, and no manifest of the run describes it.
    Ledger,
    /// People made it in the console.
    Foreign,
    /// The platform's vendor made it.
    Vendor,
}

/// Where alone an object refers to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Only {
    /// In the manifest: it was not applied yet.
    Manifests,
    /// On the account: the manifest says something else.
    Account,
}

/// What has to be read to know who uses objects of these kinds: all that may refer to them, directly or through others,
/// and what lies around and inside of that, whole; and the names of all that these refer to.
#[must_use]
pub fn needs(kinds: impl IntoIterator<Item = KindId>) -> Needs {
    let whole = with_users(kinds.into_iter().collect());
    let mut needs = Needs {
        items: Items::Wanted {
            ids: BTreeSet::new(),
            display_names: BTreeSet::new(),
            kinds: BTreeSet::new(),
        },
        ..Needs::every([])
    };
    for kind in &whole {
        needs.add_kind(*kind);
        for kind in referenced_kinds(kind.def().fields) {
            needs.add_kind(KindId::known(kind));
        }
    }
    needs.add_whole(
        whole
            .into_iter()
            .filter(|kind| kind.def().fields.iter().any(|it| it.codec.refers())),
    );
    needs
}

/// The kinds, those that may refer to them, and what lies inside of these.
#[must_use]
pub fn with_users(mut kinds: BTreeSet<KindId>) -> BTreeSet<KindId> {
    loop {
        let inside = kinds.iter().filter_map(|kind| kind.def().children.as_ref());
        let inside: Vec<KindId> = inside.map(|list| KindId::known(list.kind)).collect();
        let mut more: Vec<KindId> = users_of(&kinds)
            .filter(|kind| !kind.def().is_test)
            .chain(inside)
            .collect();
        more.retain(|kind| !kinds.contains(kind));
        if more.is_empty() {
            return kinds;
        }
        kinds.extend(more);
    }
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<Uses>("Who uses an object");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}
