//! What a run has to read: the collections that the manifests need, and the items of them.

use std::collections::BTreeSet;

use crate::kinds::KindId;
use crate::name::RemoteId;

/// The collections to list and the items to read one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The collections. A kind with a parent is read through its parents.
    pub kinds: BTreeSet<KindId>,
    /// The items, of those kinds whose list holds only summaries.
    pub items: Items,
}

/// Which items of a summary list are read whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Items {
    /// Every one, for an export.
    Every,
    /// The bound ones, and those with the display name of a manifest.
    Wanted {
        /// By id.
        ids: BTreeSet<(KindId, RemoteId)>,
        /// By display name.
        display_names: BTreeSet<(KindId, String)>,
    },
}

impl Items {
    /// Whether a row of a summary list must be read whole.
    #[must_use]
    pub fn wants(&self, kind: KindId, id: &RemoteId, display_name: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Wanted { ids, display_names } => {
                ids.contains(&(kind, id.clone()))
                    || display_names.contains(&(kind, display_name.to_owned()))
            }
        }
    }
}
