//! How much one plan may do unless a flag allows more: the limits of an environment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much one plan may delete, update or take offline unless a flag allows more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Guards {
    /// The largest share of the owned objects of a kind that a plan may delete, in percent.
    #[schemars(range(min = 0, max = 100))]
    pub max_delete_percent: u8,
    /// The largest share of the owned objects of a kind that a plan may update, in percent.
    #[schemars(range(min = 0, max = 100))]
    pub max_update_percent: u8,
    /// Kinds with fewer owned objects than this are not limited.
    pub minimum_objects: usize,
    /// Whether deleting or unpublishing what consumers see needs a flag.
    pub protect_published: bool,
    /// Whether a plan is held back that changes what visitors are offered, where no scenario expects it.
    pub unexpected_impact: bool,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            max_delete_percent: 30,
            max_update_percent: 30,
            minimum_objects: 10,
            protect_published: true,
            unexpected_impact: false,
        }
    }
}
