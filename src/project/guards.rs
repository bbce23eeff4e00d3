//! How much a plan may change before somebody has to say so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The limits of what one plan may delete, update or take offline in an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Guards {
    /// The share of the owned objects of a kind that a plan may delete, in percent.
    #[schemars(range(min = 0, max = 100))]
    pub max_delete_percent: u8,
    /// The share of the owned objects of a kind that a plan may update, in percent.
    #[schemars(range(min = 0, max = 100))]
    pub max_update_percent: u8,
    /// The shares count from this number of owned objects of a kind on; below, a plan may change all of them.
    pub minimum_objects: u32,
    /// Whether a plan that deletes or unpublishes a published campaign is refused.
    pub protect_published: bool,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            max_delete_percent: 30,
            max_update_percent: 30,
            minimum_objects: 10,
            protect_published: true,
        }
    }
}

impl Guards {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
