//! `doctor --capture`: reads every collection for its shapes, and writes them to a file.

use std::path::Path;

use serde_json::Value;

use crate::api::{self, Address, Client, Reader as _};
use crate::kinds::{KindDef, KindId};
use crate::name::RemoteId;
use crate::report::capture::{Capture, CapturedShape, Collected, FORMAT};
use crate::run::{Error, outputs};

/// How many items of a kind are read one by one, and in how many parents children are looked at.
const SAMPLE: usize = 25;

/// Writes the shapes of an account, and says what was written.
pub async fn write(client: &Client, file: &Path) -> Result<String, Error> {
    let mut capture = Capture {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION"),
        collections: Vec::new(),
    };
    let kinds = KindId::all().filter(|kind| kind.def().collection.is_some());
    for kind in kinds.filter(|kind| kind.def().parent.is_none()) {
        let rows = client.list(kind, None).await;
        let listed = rows.as_deref().unwrap_or_default();
        let items = items(client, kind, None, listed).await;
        let children = children(client, kind, listed).await;
        capture
            .collections
            .extend(collected(kind.def(), rows, &items));
        capture.collections.extend(children);
    }
    let readable = capture.collections.iter();
    let readable = readable.filter(|one| one.unreadable.is_none()).count();
    outputs::write(file, &capture.to_json(), outputs::OutputFlag::CAPTURE)?;
    Ok(format!(
        "the shapes of {readable} collections, without their values: {}",
        file.display()
    ))
}

/// The children of the first parents.
async fn children(client: &Client, around: KindId, parents: &[Value]) -> Option<Collected> {
    let below = around.def().children.as_ref()?;
    let kind = KindId::named(below.kind)?;
    let (mut listed, mut read) = (Vec::new(), Vec::new());
    let ids = parents.iter().filter_map(id_of).take(SAMPLE);
    for parent in ids {
        match client.list(kind, Some(&parent)).await {
            Ok(rows) => {
                if read.len() < SAMPLE {
                    read.extend(items(client, kind, Some(&parent), &rows).await);
                }
                listed.extend(rows);
            }
            Err(api::ApiError::NotFound(_)) => {} // deleted since it was listed
            Err(error) => return collected(kind.def(), Err(error), &read),
        }
    }
    collected(kind.def(), Ok(listed), &read)
}

/// The first rows as items; what cannot be read is left out.
async fn items(
    client: &Client,
    kind: KindId,
    parent: Option<&RemoteId>,
    rows: &[Value],
) -> Vec<Value> {
    let mut items = Vec::new();
    for id in rows.iter().filter_map(id_of).take(SAMPLE) {
        let parent = parent.cloned();
        if let Ok(item) = client.get(&Address { kind, parent, id }).await {
            items.push(item.body);
        }
    }
    items
}

fn collected(
    def: &'static KindDef,
    rows: Result<Vec<Value>, api::ApiError>,
    items: &[Value],
) -> Option<Collected> {
    let collection = def.collection?;
    let unreadable = rows.as_ref().err().map(api::ApiError::word);
    Some(Collected {
        kind: def.name,
        path: collection.path,
        v: collection.version,
        unreadable,
        list: rows.ok().map(|rows| CapturedShape::of(def, &rows)),
        items: (!items.is_empty()).then(|| CapturedShape::of(def, items)),
    })
}

fn id_of(row: &Value) -> Option<RemoteId> {
    row.get("id").and_then(RemoteId::from_wire)
}
