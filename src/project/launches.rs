//! Whether launches may be sent where no person can be asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who lets a launch go out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Launches {
    /// A person at a terminal, who types the name of the account.
    #[default]
    Asked,
    /// Also a pipeline that says who approved it: `launch send --approved-by NAME`.
    Allowed,
}

impl Launches {
    /// Whether it is the default.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
