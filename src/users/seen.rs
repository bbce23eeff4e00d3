//! Whether consumers see an object: its own fields say so, and the list of what lies around it.

use std::collections::BTreeMap;

use super::web::{UserNode, Web};
use crate::kinds::mapping::{get_path, with_defaults};
use crate::kinds::{KindDef, KindId};
use crate::live::Inventory;
use crate::resolve::Resource;

impl Web<'_> {
    /// Why consumers do not see an object of a kind that they meet: nothing where they do.
    #[must_use]
    pub fn unseen(&self, node: &UserNode) -> Option<&str> {
        self.unseen.get(node)?.as_deref()
    }

    /// Whether consumers see an object and what lies around it; `None` for kinds that they do not meet.
    #[must_use]
    pub fn is_seen(&self, node: &UserNode) -> Option<bool> {
        let own = self.unseen.get(node)?.is_none();
        let around = node.kind().def().parent.as_ref();
        let around = around.map(|_| self.around(node).and_then(|it| self.is_seen(it)));
        Some(own && around.is_none_or(|it| it == Some(true)))
    }

    /// Notes what consumers do not see because the live object around it does not list it.
    pub(super) fn unlisted(&mut self, inventory: &Inventory) {
        let with_list = KindId::all().filter(|kind| kind.def().children.is_some());
        let lists = with_list.flat_map(|kind| inventory.of_kind(kind));
        let lists: BTreeMap<_, _> = lists.map(|it| ((it.kind, &it.id), it)).collect();
        for (node, object) in &self.objects {
            let parent = object.kind.def().parent.as_ref();
            let Some((around, id)) = parent.zip(object.parent.as_ref()) else {
                continue;
            };
            let around = lists.get(&(KindId::known(around.kind), id));
            if let Some(around) = around.filter(|it| it.lists(&object.id) == Some(false))
                && let Some(unseen) = self.unseen.get_mut(node)
            {
                unseen.get_or_insert_with(|| not_listed(around.kind, &around.display_name));
            }
        }
    }

    /// Why consumers do not see the object of a manifest: its own fields, or the list that the manifest around it declares.
    pub(super) fn unseen_manifest(&self, node: &UserNode, resource: &Resource) -> Option<String> {
        let def: &KindDef = resource.key.kind.def();
        let own = def.unseen_alone(&with_defaults(def, &resource.spec), self.now);
        own.or_else(|| {
            let around = self.desired.get(&resource.parent()?)?;
            let kind = around.key.kind;
            let list = kind.def().children.as_ref()?.field;
            let mut declared = get_path(&around.spec, list)?.as_array()?.iter();
            let is_it = |it| self.node(node.kind().name(), it).as_ref() == Some(node);
            (!declared.any(is_it)).then(|| not_listed(kind, around.display_name()))
        })
    }
}

fn not_listed(kind: KindId, display_name: &str) -> String {
    format!("the {kind} `{display_name}` does not list it")
}
