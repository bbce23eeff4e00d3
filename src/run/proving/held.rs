//! What the account holds of what a case is about, and where that is not what the manifests say: a change that somebody made
//! by hand, or one that was not applied, explains more than any fact that is only inferred.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::{Address, ApiError, Client, Reader as _};
use crate::kinds::KindDef;
use crate::kinds::mapping::{canonical, compare, get_path, lift, with_defaults};
use crate::kinds::offering::Aspect;
use crate::live::{Inventory, Ledger, References};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::offers::{HeldDifference, HeldPart, Route, World};
use crate::resolve::Desired;
use crate::text::{Pointer, safe};

/// An object as the account holds it.
#[derive(Clone)]
enum HeldObject {
    Gone,
    Held { body: Value, revision: Option<i64> },
}

/// The objects that were read of the account, each once.
pub(super) struct HeldObjects<'a> {
    client: &'a Client,
    desired: &'a Desired,
    ledger: &'a Ledger,
    references: References,
    read: RefCell<BTreeMap<Key, HeldObject>>,
}

impl<'a> HeldObjects<'a> {
    /// None yet; the inventory has what the account alone has.
    pub(super) fn new(
        client: &'a Client,
        desired: &'a Desired,
        ledger: &'a Ledger,
        inventory: &Inventory,
    ) -> Self {
        let mut references = References::bound(inventory, ledger);
        for (key, entry) in &ledger.entries {
            let name = key.name.to_string();
            references.insert(key.kind, entry.id.to_wire(), Some(name.clone()), name);
        }
        Self {
            client,
            desired,
            ledger,
            references,
            read: RefCell::default(),
        }
    }

    /// The revision that the account has of an object, nothing of one that is gone; or why it does not say.
    pub(super) async fn revision(&self, key: &Key) -> Result<Option<i64>, String> {
        Ok(match self.object(key).await? {
            Some(HeldObject::Held { revision, .. }) => revision,
            Some(HeldObject::Gone) | None => None,
        })
    }

    /// The revisions of what an engagement refers to. What cannot be read says nothing.
    pub(super) async fn revisions(&self, world: &World, key: &Key) -> BTreeMap<Key, i64> {
        let mut found = BTreeMap::new();
        for each in world.keys_around(key) {
            if let Ok(Some(revision)) = self.revision(&each).await {
                found.insert(each, revision);
            }
        }
        found
    }

    /// An object of the account; nothing of one that was never applied.
    async fn object(&self, key: &Key) -> Result<Option<HeldObject>, String> {
        if let Some(known) = self.read.borrow().get(key) {
            return Ok(Some(known.clone()));
        }
        let Some(entry) = self.ledger.entries.get(key) else {
            return Ok(None);
        };
        let address = Address {
            kind: key.kind,
            parent: entry.parent.clone(),
            id: entry.id.clone(),
        };
        let object = match self.client.get(&address).await {
            Ok(item) => HeldObject::Held {
                revision: item.revision.0.parse().ok(),
                body: item.body,
            },
            Err(ApiError::NotFound(_)) => HeldObject::Gone,
            Err(error) => return Err(error.to_string()),
        };
        self.read.borrow_mut().insert(key.clone(), object.clone());
        Ok(Some(object))
    }

    /// Where the account holds something else than the manifests of an engagement and of what is around it, the engagement first. What
    /// cannot be read says nothing.
    pub(super) async fn differences(&self, world: &World, key: &Key) -> Vec<HeldDifference> {
        let around = world.keys_around(key).into_iter();
        let mut all = Vec::new();
        for each in std::iter::once(key.clone()).chain(around.filter(|it| it != key)) {
            match self.object(&each).await {
                Ok(Some(HeldObject::Gone)) => all.push(HeldDifference {
                    text: format!("{each} is gone"),
                    key: each,
                    part: HeldPart::Whole,
                    is_left_out: false,
                }),
                Ok(Some(HeldObject::Held { body, .. })) => {
                    all.extend(self.unlisted(&each, key, &body));
                    all.extend(self.compared(&each, &body));
                }
                Ok(None) | Err(_) => {}
            }
        }
        all
    }

    /// That an object does not list an engagement inside of it, which is not shown then.
    fn unlisted(&self, around: &Key, key: &Key, body: &Value) -> Option<HeldDifference> {
        let def = around.kind.def();
        let children = def
            .children
            .as_ref()
            .filter(|it| it.kind == key.kind.name())?;
        let field = def.fields.iter().find(|it| it.spec == children.field)?;
        let id = &self.ledger.entries.get(key)?.id;
        let mut listed = get_path(body, field.wire)?.as_array()?.iter();
        let is_listed = listed.any(|it| RemoteId::from_wire(it).as_ref() == Some(id));
        (!is_listed).then(|| HeldDifference {
            key: around.clone(),
            part: HeldPart::Requirement(Aspect::Campaign),
            is_left_out: false,
            text: format!(
                "`{}` of {around} does not list {}",
                children.field, key.name
            ),
        })
    }

    /// What has a say in who is offered what, and is held otherwise than a manifest says.
    fn compared(&self, key: &Key, body: &Value) -> Vec<HeldDifference> {
        let def = key.kind.def();
        let Some(resource) = self.desired.get(key) else {
            return Vec::new();
        };
        let wanted = with_defaults(def, &resource.spec);
        let held = with_defaults(def, &lift(def, body, &self.references));
        let declared = canonical(def, &wanted, &self.references);
        let found = compare(def.fields, &declared, &held)
            .differences
            .into_iter();
        let stated = found.filter_map(|difference| {
            let field = difference.pointer.steps().next()?;
            let part = part_of(def, &wanted, &field)?;
            let is_said = resource.spec.get(&*field).is_some();
            is_named(wanted.get(&*field)).then(|| HeldDifference {
                key: key.clone(),
                part,
                is_left_out: false,
                text: format!(
                    "`{}` of {key} is {}, and {} {}",
                    difference.pointer.path(),
                    short(&difference.before),
                    short(&difference.after),
                    if is_said {
                        "in its manifest"
                    } else {
                        "where its manifest says nothing"
                    },
                ),
            })
        });
        stated.chain(left_out(key, &wanted, &held)).collect()
    }
}

/// What a field of a spec has a say in: who is offered something, or where that leads.
fn part_of(def: &KindDef, spec: &Value, field: &str) -> Option<HeldPart> {
    let reading = (def.reading)(spec)?;
    let mut requires = reading.requires.iter();
    let states = |at: &Pointer| at.steps().next().is_some_and(|it| it == field);
    if let Some(requirement) = requires.find(|it| states(&it.clause.at)) {
        return Some(HeldPart::Requirement(requirement.aspect));
    }
    let mut routes = Route::ALL.into_iter();
    routes.find(|it| it.field() == field).map(HeldPart::Route)
}

/// Whether a value does not refer to something by a live name, an id or as the vendor's own: what the manifests and the ledger do not name is not told
/// apart here.
fn is_named(value: Option<&Value>) -> bool {
    let ways = ["live", "id", "system"];
    let by_another = |it: &Value| ways.iter().any(|way| it.get(way).is_some());
    value.is_none_or(|value| {
        !by_another(value) && !value.as_array().into_iter().flatten().any(by_another)
    })
}

/// What has a say in who is offered what, and is held where the manifest leaves it out: no plan shows that.
fn left_out(key: &Key, wanted: &Value, held: &Value) -> Vec<HeldDifference> {
    let requires = (key.kind.def().reading)(held).map_or_else(Vec::new, |it| it.requires);
    let fields: BTreeMap<String, Aspect> = requires
        .iter()
        .filter_map(|it| Some((it.clause.at.steps().next()?, it.aspect)))
        .collect();
    let says = |value: &Value| {
        let is_empty = value.as_array().is_some_and(Vec::is_empty);
        !value.is_null() && !is_empty
    };
    let left_out = fields.into_iter().filter_map(|(field, aspect)| {
        let value = held.get(&field).filter(|it| says(it))?;
        wanted.get(&field).is_none().then(|| HeldDifference {
            key: key.clone(),
            part: HeldPart::Requirement(aspect),
            is_left_out: true,
            text: format!(
                "`{field}` of {key} is {}, and its manifest leaves it out",
                short(value)
            ),
        })
    });
    left_out.collect()
}

/// A value in a line.
fn short(value: &Value) -> String {
    const MOST: usize = 60;
    let text = match value {
        Value::Null => "not set".to_owned(),
        Value::String(text) => text.clone(),
        other => safe::json(other)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace("[ ", "[")
            .replace(" ]", "]"),
    };
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
