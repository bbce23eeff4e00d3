//! The live objects that were read.

use std::collections::BTreeMap;

use crate::kinds::mapping::get_path;
use crate::kinds::{KindId, Role};
use crate::name::RemoteId;
use crate::text::Packed;

/// One object of the account, as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveObject {
    /// Its kind.
    pub kind: KindId,
    /// The server's id.
    pub id: RemoteId,
    /// The id of the object around it, for kinds with a parent.
    pub parent: Option<RemoteId>,
    /// What people see in the console.
    pub display_name: String,
    /// The wire body, secrets removed. Only the summary where the item was not needed.
    pub body: Packed,
    /// Whether `body` is the whole item.
    pub whole: bool,
    /// Whether it is one of the vendor's own rows.
    pub system: bool,
}

impl LiveObject {
    /// Whether the account shows only a part of the object, without its name: what is absent is unknown. That is so
    /// for rows of observed kinds, whose lists are all that there is to read.
    #[must_use]
    pub fn is_unnamed(&self) -> bool {
        let def = self.kind.def();
        let name_key = def.collection.map_or("name", |it| it.name_key);
        def.role == Role::Observed && self.body.value().get(name_key).is_none()
    }
}

impl LiveObject {
    /// Whether its list of what lies inside has an id; `None` where the kind has no such list, or the object shows none.
    #[must_use]
    pub fn lists(&self, id: &RemoteId) -> Option<bool> {
        let def = self.kind.def();
        let list = def.children.as_ref()?.field;
        let field = def.fields.iter().find(|field| field.spec == list)?;
        let body = self.body.value();
        let mut listed = get_path(&body, field.wire)?.as_array()?.iter();
        Some(listed.any(|it| RemoteId::from_wire(it).as_ref() == Some(id)))
    }
}

/// Every live object that was read, by kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    objects: BTreeMap<KindId, Vec<LiveObject>>,
    unreadable: BTreeMap<KindId, String>,
}

impl Inventory {
    /// Notes that a kind was read, even when the account holds nothing of it.
    pub fn read(&mut self, kind: KindId) {
        self.objects.entry(kind).or_default();
    }

    /// Notes that the account does not let a kind be read, and why. That is not the same as an account that holds none:
    /// the kind counts as not read.
    pub fn cannot_read(&mut self, kind: KindId, why: String) {
        self.unreadable.insert(kind, why);
    }

    /// The kinds that could not be read, and why.
    pub fn unreadable(&self) -> impl Iterator<Item = (KindId, &str)> {
        let kinds = self.unreadable.iter();
        kinds.map(|(kind, why)| (*kind, why.as_str()))
    }

    /// Adds an object.
    pub fn push(&mut self, object: LiveObject) {
        self.objects.entry(object.kind).or_default().push(object);
    }

    /// Takes out the objects of a kind, which then counts as not read.
    pub fn take(&mut self, kind: KindId) -> Vec<LiveObject> {
        self.objects.remove(&kind).unwrap_or_default()
    }

    /// Whether the kind was read.
    #[must_use]
    pub fn has_read(&self, kind: KindId) -> bool {
        self.objects.contains_key(&kind)
    }

    /// The objects of a kind, in the order of the account.
    #[must_use]
    pub fn of_kind(&self, kind: KindId) -> &[LiveObject] {
        self.objects.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// All objects.
    pub fn iter(&self) -> impl Iterator<Item = &LiveObject> {
        self.objects.values().flatten()
    }
}
