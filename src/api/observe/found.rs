//! From a row of an answer to live objects: its own, and those inside it. Pure.

use serde_json::Value;

use super::super::client::collection_of;
use super::super::{Address, ApiError, rows};
use crate::diff::digest_of_fields;
use crate::kinds::mapping::{drop_server_assigned, take_path};
use crate::kinds::{Collection, KindId};
use crate::live::LiveObject;
use crate::name::RemoteId;
use crate::text::Packed;

/// A row of a list, on its way to a live object.
pub(super) struct ListRow {
    pub(super) kind: KindId,
    pub(super) collection: &'static Collection,
    pub(super) parent: Option<RemoteId>,
    pub(super) body: Value,
    /// Whether it was read as an item, which is always whole.
    pub(super) is_item: bool,
}

/// A live object, and those inside it where its item brings them along.
pub(super) struct FoundObject {
    pub(super) object: LiveObject,
    pub(super) inside: Option<Vec<Self>>,
}

impl From<LiveObject> for FoundObject {
    fn from(object: LiveObject) -> Self {
        Self {
            object,
            inside: None,
        }
    }
}

impl ListRow {
    /// A row of a list, of a kind without a parent.
    pub(super) fn of(kind: KindId, collection: &'static Collection, body: Value) -> Self {
        Self {
            kind,
            collection,
            parent: None,
            body,
            is_item: false,
        }
    }

    /// The object of a row, and those inside it that are of the kinds `below`. Its body is packed at once: an account is larger than
    /// its rows.
    pub(super) fn object(self, below: &[KindId]) -> Result<FoundObject, ApiError> {
        let Self {
            kind,
            collection,
            parent,
            mut body,
            is_item,
        } = self;
        let id =
            rows::id_of(&body).ok_or_else(|| rows::wrong(collection, "a row without an id"))?;
        let display_name = body
            .get(collection.name_key)
            .and_then(Value::as_str)
            .map_or_else(|| label(kind, &body), str::to_owned);
        let is_bare = || rows::is_bare(collection, kind.def().fields, &body);
        let whole = is_item || (!collection.read_items && !is_bare());
        let inside = match child_of(kind, below) {
            Some(child) if whole => take_inside(child, collection, &id, &mut body)?,
            _ => None,
        };
        let object = LiveObject {
            kind,
            parent,
            display_name,
            whole,
            system: collection.is_system(&body),
            id,
            body: Packed::of(&body),
        };
        Ok(FoundObject { object, inside })
    }
}

/// The objects of the rows of a list, with those inside them that are of the kinds `below`.
pub(super) fn all_found(
    kind: KindId,
    parent: Option<&RemoteId>,
    below: &[KindId],
    bodies: Vec<Value>,
) -> Result<Vec<FoundObject>, ApiError> {
    let collection = collection_of(kind)?;
    let row = |body| ListRow {
        parent: parent.cloned(),
        ..ListRow::of(kind, collection, body)
    };
    let rows = bodies.into_iter().map(row);
    rows.map(|row| row.object(below)).collect()
}

/// The object with those of a kind inside it, where they still lie in its body.
pub(super) fn unpacked(object: LiveObject, child: KindId) -> Result<FoundObject, ApiError> {
    let mut body = object.body.value();
    let inside = take_inside(child, collection_of(object.kind)?, &object.id, &mut body)?;
    let object = LiveObject {
        body: Packed::of(&body),
        ..object
    };
    Ok(FoundObject { object, inside })
}

/// Takes the rows of a kind out of the item around them, `None` where it does not bring them along.
fn take_inside(
    kind: KindId,
    around: &Collection,
    id: &RemoteId,
    body: &mut Value,
) -> Result<Option<Vec<FoundObject>>, ApiError> {
    match around.embeds.and_then(|key| take_path(body, key)) {
        Some(bodies @ Value::Array(_)) => {
            let live = rows::live_rows(collection_of(kind)?, Some(bodies))?;
            all_found(kind, Some(id), &[], live).map(Some)
        }
        _ => Ok(None),
    }
}

/// The kind among some that lies inside another one.
pub(super) fn child_of(kind: KindId, among: &[KindId]) -> Option<KindId> {
    let mut children = among.iter().copied();
    children.find(|child| parent_of(*child) == Some(kind))
}

/// The kind around another one.
pub(super) fn parent_of(kind: KindId) -> Option<KindId> {
    let parent = kind.def().parent.as_ref()?;
    Some(KindId::known(parent.kind))
}

/// What a row without a name is shown as, and called in exports. It says what the row holds and not its id, which another
/// account does not have; no manifest bears it as its display name by accident.
fn label(kind: KindId, body: &Value) -> String {
    let mut body = body.clone();
    drop_server_assigned(kind.def(), &mut body);
    let fields = body.as_object().into_iter().flatten();
    let digest = digest_of_fields(fields.map(|(key, value)| (key.clone(), value)));
    format!("{}-{digest}", kind.name().to_lowercase())
}

/// Where an object is read.
pub(super) fn address_of(object: &LiveObject) -> Address {
    Address {
        kind: object.kind,
        parent: object.parent.clone(),
        id: object.id.clone(),
    }
}
