//! F2, pass 2: manifests. The envelope (`apiVersion`, `kind`, `metadata`, `spec`, `lifecycle`) of every
//! document, parsed; the spec stays JSON until the kind's own types read it.

pub mod codes;
mod parse;
mod spec;

use std::fmt;
use std::str::FromStr;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::diag::DocId;
use crate::kinds::KindId;
use crate::name::{Name, RemoteId};
use crate::text::Fill;

pub use parse::{parse, parse_document};
pub use spec::Spec;

/// The only `apiVersion` so far.
pub const API_VERSION: &str = "campaignctl.dev/v1";

/// What identifies a manifest: its kind and name. Written `Goal/checkout-done`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key {
    /// The kind.
    pub kind: KindId,
    /// The name.
    pub name: Name,
}

impl Key {
    /// The key under which the ledger keeps an object that one of this key took the place of, until it is deleted. No
    /// manifest has it, because it holds the id.
    #[must_use]
    pub fn of_replaced(&self, id: &RemoteId) -> Self {
        Self {
            kind: self.kind,
            name: Name::from_display_name(&format!("replaced {id}"), "replaced"),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, name) = text.split_once('/').ok_or_else(|| {
            format!("`{text}` is not of the form KIND/NAME, such as `Goal/{text}`")
        })?;
        let kind = KindId::named(kind).ok_or_else(|| format!("`{kind}` is not a kind"))?;
        let name = Name::new(name).map_err(|error| error.to_string())?;
        Ok(Self { kind, name })
    }
}

impl TryFrom<String> for Key {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

/// One YAML document that describes one object.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Where it stands.
    pub doc: DocId,
    /// Its kind and name.
    pub key: Key,
    /// `metadata.labels`.
    pub labels: IndexMap<String, String>,
    /// `metadata.annotations`.
    pub annotations: IndexMap<String, String>,
    /// `spec`, as written.
    pub spec: Spec,
    /// `lifecycle`.
    pub lifecycle: Lifecycle,
    /// The scalars of `spec` that variables were filled into, from the root of `spec`.
    pub fills: Vec<Fill>,
}

/// How the program may treat the live object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Lifecycle {
    /// Never delete or replace the live object.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// JSON pointers of fields that plan and apply ignore, `/spec/description`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["/spec/description"]]))]
    pub ignore_changes: Vec<String>,
    /// What apply may do.
    #[serde(skip_serializing_if = "Mode::is_default")]
    pub mode: Mode,
    /// The name that this manifest had before; the live object is kept and renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_name: Option<String>,
}

/// What apply may do with the live object of a manifest.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// Create it and keep it as declared.
    #[default]
    Enforce,
    /// Create it when it is missing, then leave it to people.
    CreateOnly,
    /// Never write; show differences only. From the apply that brings this mode on, the live object is not
    /// deleted when the manifest goes.
    Observe,
}

impl Mode {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
