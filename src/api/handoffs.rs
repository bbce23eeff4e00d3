//! Handoffs: a paged list on a service of their own, writable through the sandbox's back door only.
//!
//! The vendor's documentation shows two bodies (wire section 5.3). Taken are an array of handoffs, and an
//! envelope around one; rows without an id, as in the vendor's samples, cannot be told apart and are
//! refused.

use std::collections::BTreeSet;

use reqwest::{Method, Url};
use serde_json::Value;

use super::request::{Payload, Request};
use super::retry::Repeat;
use super::{Client, Error, Item, rows};
use crate::kinds::Collection;
use crate::name::{RemoteId, Revision};

/// Rows per page. The documentation's example; the largest page is not documented.
const PAGE: usize = 30;

/// What services call the number of all rows.
const TOTALS: [&str; 3] = ["total", "totalCount", "totalResults"];

/// Pages after which a list that never ends is given up.
const PAGES_MAX: usize = 1000;

/// Every handoff.
///
/// How long a page may be is not documented, so that a short one does not end the list: only an empty one does,
/// or one with nothing new, from a service that does not page.
pub(super) async fn list(client: &Client, collection: &Collection) -> Result<Vec<Value>, Error> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    for _ in 0..PAGES_MAX {
        let page = page(client, collection, seen.len()).await?;
        let before = seen.len();
        for row in page.rows {
            let Some(id) = rows::id_of(&row) else {
                return Err(rows::wrong(collection, "a row is not an object with an id"));
            };
            if seen.insert(id) {
                all.push(row);
            }
        }
        let is_whole = page
            .announced
            .is_some_and(|count| count == seen.len() as u64);
        if is_whole || seen.len() == before {
            rows::check_count(collection, page.announced, seen.len())?;
            return rows::live_rows(collection, Some(Value::Array(all)));
        }
    }
    Err(rows::wrong(collection, "the list never ends"))
}

/// One page of the list.
struct Page {
    rows: Vec<Value>,
    /// How many rows all pages have, where the service says so.
    announced: Option<u64>,
}

async fn page(client: &Client, collection: &Collection, offset: usize) -> Result<Page, Error> {
    let mut url = client.url(collection, None, None, None)?;
    url.query_pairs_mut()
        .append_pair("limit", &PAGE.to_string())
        .append_pair("offset", &offset.to_string());
    let request = Request::get(url, collection.path).of(collection);
    let answer = client.send(request).await?;
    Ok(Page {
        announced: answer
            .announced
            .or_else(|| announced(answer.body.as_ref()?)),
        rows: page_rows(collection, answer.body)?,
    })
}

/// The number of all rows in an envelope, or in the paging block of one.
fn announced(body: &Value) -> Option<u64> {
    let envelope = body.as_object()?;
    let blocks = envelope.values().filter_map(Value::as_object);
    std::iter::once(envelope)
        .chain(blocks)
        .find_map(|block| TOTALS.iter().find_map(|key| block.get(*key)?.as_u64()))
}

/// One handoff: there is no call for it, so the list is searched.
pub(super) async fn get(
    client: &Client,
    collection: &Collection,
    id: &RemoteId,
) -> Result<Item, Error> {
    list(client, collection)
        .await?
        .into_iter()
        .find(|row| rows::id_of(row).as_ref() == Some(id))
        .map(unrevised)
        .ok_or_else(|| Error::NotFound(format!("{}: {id}", collection.path)))
}

/// Creates a handoff on a sandbox.
pub(super) async fn create(
    client: &Client,
    collection: &Collection,
    body: &Value,
) -> Result<Item, Error> {
    let url = writable(client, None)?;
    let request = Request::post(url, collection.path, Payload::Json(body.clone()));
    let answer = client.send(request.of(collection)).await?;
    let body = answer
        .body
        .ok_or_else(|| Error::Lost(format!("{}: the answer is empty", collection.path)))?;
    rows::item(collection, None, body).map(unrevised)
}

/// Replaces a handoff on a sandbox.
pub(super) async fn update(
    client: &Client,
    collection: &Collection,
    id: &RemoteId,
    body: &Value,
) -> Result<Item, Error> {
    let request = Request {
        method: Method::PUT,
        repeat: Repeat::Idempotent,
        ..Request::post(
            writable(client, Some(id))?,
            collection.path,
            Payload::Json(body.clone()),
        )
    };
    match client.send(request.of(collection)).await?.body {
        Some(body) => rows::item(collection, Some(id), body).map(unrevised),
        None => get(client, collection, id).await,
    }
}

/// Deletes a handoff on a sandbox.
pub(super) async fn delete(
    client: &Client,
    collection: &Collection,
    id: &RemoteId,
) -> Result<(), Error> {
    let request = Request {
        method: Method::DELETE,
        repeat: Repeat::Idempotent,
        ..Request::post(writable(client, Some(id))?, collection.path, Payload::Empty)
    };
    client.send(request.of(collection)).await.map(drop)
}

fn writable(client: &Client, id: Option<&RemoteId>) -> Result<Url, Error> {
    if client.handoff_writes {
        return client.back_door(id);
    }
    Err(Error::Denied(
        "the platform lets programs only read handoffs: enter them in the proactive web tool"
            .into(),
    ))
}

fn unrevised(body: Value) -> Item {
    Item {
        body,
        revision: Revision(String::new()),
    }
}

fn page_rows(collection: &Collection, body: Option<Value>) -> Result<Vec<Value>, Error> {
    let rows = match body {
        Some(Value::Array(rows)) => rows,
        Some(Value::Object(envelope)) => enveloped(collection, envelope)?,
        _ => return Err(rows::wrong(collection, "neither an array nor an envelope")),
    };
    if rows.iter().any(is_bare_channel) {
        return Err(rows::wrong(
            collection,
            "the list holds channels without the id and name of their handoff, so handoffs cannot be told apart on this account",
        ));
    }
    Ok(rows)
}

fn enveloped(
    collection: &Collection,
    envelope: serde_json::Map<String, Value>,
) -> Result<Vec<Value>, Error> {
    if envelope.contains_key("type") && !envelope.contains_key("id") {
        return Ok(vec![Value::Object(envelope)]); // the single bare channel of the samples
    }
    let mut arrays = envelope.into_iter().filter_map(|(_, value)| match value {
        Value::Array(rows) => Some(rows),
        _ => None,
    });
    match (arrays.next(), arrays.next()) {
        (Some(rows), None) => Ok(rows),
        _ => Err(rows::wrong(
            collection,
            "the envelope does not hold exactly one array",
        )),
    }
}

fn is_bare_channel(row: &Value) -> bool {
    row.get("type").is_some() && (row.get("id").is_none() || row.get("name").is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::json;

    #[test]
    fn three_bodies() {
        let collection = Collection::account_config("handoffs/list", "1");
        let rows = |body| page_rows(&collection, Some(body));
        let handoff = json!({ "id": "H1", "name": "a", "channels": [] });
        let channel = json!({ "type": "inapp", "appNames": ["com.example.shop"] });
        assert_eq!(rows(json!([handoff])).unwrap().len(), 1);
        let envelope = json!({ "page": { "limit": 30 }, "handoffs": [handoff] });
        assert_eq!(announced(&envelope), None);
        assert_eq!(rows(envelope).unwrap().len(), 1);
        let paged = json!({ "page": { "limit": 30, "total": 7 }, "handoffs": [handoff] });
        assert_eq!(announced(&paged), Some(7));
        for body in [
            json!([channel]),
            channel.clone(),
            json!({ "a": [], "b": [] }),
            json!({}),
            json!("x"),
        ] {
            assert!(matches!(rows(body), Err(Error::Unexpected(_))));
        }
    }
}
