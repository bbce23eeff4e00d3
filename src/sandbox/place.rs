//! Which collection a path means, looked up in the table of kinds, and what its family of the API does
//! differently.

use crate::kinds::{ALL, Collection, KindDef, KindId, Service};

use super::rows::RowScope;

/// A collection, or the part of it below one parent.
#[derive(Clone, Debug)]
pub(super) struct CollectionPlace {
    /// The kind.
    pub(super) def: &'static KindDef,
    /// Its collection.
    pub(super) collection: &'static Collection,
    /// The id of the parent; empty for a collection of its own.
    pub(super) parent: String,
}

/// A group of account-config collections that the vendor documents together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// `le-users`: `eTag` beside `ac-revision`, bulk replace and delete (platform.md#writes).
    Users,
    /// `ac-common`: 409 for a stale revision, 304, deletes by comma list (platform.md#special-occasion).
    Common,
    /// All the others.
    Other,
}

impl CollectionPlace {
    /// The place of a kind, `None` for a kind that does not live on the wire.
    pub(super) fn new(def: &'static KindDef, parent: impl Into<String>) -> Option<Self> {
        Some(Self {
            def,
            collection: def.collection?,
            parent: parent.into(),
        })
    }

    /// Finds the account-config collection of a path, and the item where the path names one.
    pub(super) fn find(path: &[String]) -> Option<(Self, Option<&str>)> {
        ALL.iter().find_map(|def| {
            let collection = def.collection?;
            if collection.service != Service::AccountConfig {
                return None;
            }
            let (parent, rest) = match_path(collection.path, path)?;
            let item = match rest {
                [] => None,
                [item] => Some(item.as_str()),
                _ => return None,
            };
            Some((Self::new(def, parent)?, item))
        })
    }

    /// The kind that the handoff service holds.
    pub(super) fn handoffs() -> Option<Self> {
        ALL.iter()
            .filter_map(|def| Self::new(def, ""))
            .find(Self::is_handoffs)
    }

    /// Whether this is the collection of the handoff service.
    pub(super) fn is_handoffs(&self) -> bool {
        self.collection.service == Service::Handoff
    }

    /// The place that holds the parent.
    pub(super) fn above(&self) -> Option<Self> {
        let parent = self.def.parent.as_ref()?;
        Self::new(KindId::named(parent.kind)?.def(), "")
    }

    /// The place of the rows below one of this place's rows.
    pub(super) fn below(&self, id: &str) -> Option<Self> {
        let children = self.def.children.as_ref()?;
        Self::new(KindId::named(children.kind)?.def(), id)
    }

    /// The wire key of a row that lists the ids of the rows below it, `engagementIds`.
    pub(super) fn children_key(&self) -> Option<&'static str> {
        let children = self.def.children.as_ref()?;
        let mut fields = self.def.fields.iter();
        fields
            .find(|field| field.spec == children.field)
            .map(|field| field.wire)
    }

    /// The rows of the place.
    pub(super) fn scope(&self, account: &str) -> RowScope {
        RowScope {
            account: account.to_owned(),
            collection: self.collection.path,
            parent: self.parent.clone(),
        }
    }

    /// The family of the collection.
    pub(super) fn family(&self) -> Family {
        match self.collection.path.split('/').next() {
            Some("le-users") => Family::Users,
            Some("ac-common") => Family::Common,
            _ => Family::Other,
        }
    }

    /// The wire key of a child that holds its parent's id, `campaignId`.
    pub(super) fn parent_key(&self) -> Option<String> {
        let parent = self.def.parent.as_ref()?;
        Some(format!("{}Id", parent.field))
    }

    /// What error bodies call the type of the objects.
    pub(super) fn object_type(&self) -> &'static str {
        self.def.plural
    }
}

/// The parent's id (empty without one) and the segments behind the collection.
fn match_path<'a>(template: &str, path: &'a [String]) -> Option<(&'a str, &'a [String])> {
    let mut parent = "";
    let mut rest = path;
    for part in template.split('/') {
        let (first, tail) = rest.split_first()?;
        match part {
            "{parent}" => parent = first,
            _ if part == first => {}
            _ => return None,
        }
        rest = tail;
    }
    Some((parent, rest))
}

#[cfg(test)]
mod tests {
    use super::match_path;

    #[test]
    fn templates_match_segment_by_segment() {
        let template = "le-campaigns/campaigns/{parent}/engagements";
        let path = |text: &str| -> Vec<String> { text.split('/').map(str::to_owned).collect() };
        let full = path("le-campaigns/campaigns/7/engagements/8");
        assert_eq!(
            match_path(template, &full),
            Some(("7", &["8".to_owned()][..]))
        );
        assert_eq!(
            match_path(template, &path("le-campaigns/campaigns/7")),
            None
        );
        assert_eq!(
            match_path("le-goals/goals", &path("le-goals/goals")),
            Some(("", &[][..]))
        );
    }
}
