//! Handoffs: a paged list on a service of their own, writable through the sandbox's back door only.
//!
//! The vendor's documentation shows two bodies (platform.md#handoffs), and both are taken, in an envelope or without
//! one: handoffs, and bare channel objects. The latter have neither the id nor the name of their handoff; each is
//! taken for a handoff with one channel, under an id that follows from all that it holds.

use std::collections::BTreeSet;

use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::request::{Answer, Payload, Request};
use super::retry::Repeat;
use super::{ApiError, ApiItem, Client, rows};
use crate::diff::digest_of_fields;
use crate::kinds::Collection;
use crate::name::{RemoteId, Revision};

/// Rows per page. The documentation's example; the largest page is not documented.
const PAGE: usize = 30;

/// Rows that are asked for behind full pages, so that many handoffs take few requests.
const LONG_PAGE: usize = 1000;

/// What services call the number of all rows.
const TOTALS: [&str; 3] = ["total", "totalCount", "totalResults"];

/// Pages after which a list that never ends is given up.
const PAGES_MAX: usize = 1000;

/// The kinds of channels: a list of bare channels shows each handoff at most so many times.
const CHANNELS: usize = 5;

/// Every handoff.
///
/// How long a page may be is not documented, so that a short one does not end the list: only an empty one does,
/// or one with nothing new, from a service that does not page. That has to be a page as the documentation shows it: see [`Lengths`].
pub(super) async fn list(client: &Client, collection: &Collection) -> Result<Vec<Value>, ApiError> {
    let mut all = Vec::new();
    let mut seen = BTreeSet::new();
    let (mut offset, mut last) = (0, Vec::new());
    let mut lengths = Lengths::default();
    for _ in 0..PAGES_MAX {
        let Some(page) = page(client, collection, offset, &mut lengths).await? else {
            continue;
        };
        let before = seen.len();
        let ids = page.ids(collection)?;
        for (id, row) in ids.iter().zip(page.rows) {
            if seen.insert(id.clone()) {
                all.push(row);
            }
        }
        let (step, is_over) = if page.is_bare {
            // Whether an offset counts handoffs or channels is not known: pages overlap rather than leave a gap.
            (ids.len().div_ceil(CHANNELS), ids == last)
        } else {
            (seen.len() - before, seen.len() == before)
        };
        // Nor is it known which of the two the service announces.
        let announced = page.announced.filter(|_| !page.is_bare);
        let is_whole = announced.is_some_and(|count| count == seen.len() as u64);
        if is_whole || (is_over && !lengths.is_long) {
            rows::check_count(collection, announced, seen.len())?;
            return rows::live_rows(collection, Some(Value::Array(all)));
        }
        lengths.after(ids.len(), page.is_bare);
        (offset, last) = (offset + step, ids);
    }
    Err(rows::wrong(collection, "the list never ends"))
}

/// How many rows are asked for.
///
/// Behind two full pages of the documented length, a long one is tried. What comes of it is taken as rows and as nothing else: that a long
/// page is empty, short or refused says nothing about the list, and a page of the documented length follows. Whatever a service makes of
/// a number that it does not like, the end of the list is known only from pages that the documentation shows.
#[derive(Default)]
struct Lengths {
    /// How many full pages came one behind the other.
    full: usize,
    /// Whether the next page is a long one.
    is_long: bool,
    /// Whether a long page brought no more than a documented one.
    is_in_vain: bool,
}

impl Lengths {
    fn next(&self) -> usize {
        if self.is_long { LONG_PAGE } else { PAGE }
    }

    /// Takes note of a page with so many rows. One with more than were asked for is of a service that does not page.
    fn after(&mut self, rows: usize, is_bare: bool) {
        self.is_in_vain |= is_bare || (self.is_long && rows <= PAGE);
        self.full = if rows == self.next() {
            self.full + 1
        } else {
            0
        };
        self.is_long = !self.is_in_vain && self.full > 0 && (self.is_long || self.full > 1);
    }
}

/// One page of the list.
struct HandoffPage {
    rows: Vec<Value>,
    /// Whether the service lists bare channels.
    is_bare: bool,
    /// How many rows all pages have, where the service says so.
    announced: Option<u64>,
}

impl HandoffPage {
    fn of(collection: &Collection, answer: Answer) -> Result<Self, ApiError> {
        let announced = answer
            .announced
            .or_else(|| announced(answer.body.as_ref()?));
        let (rows, is_bare) = page_rows(collection, answer.body)?;
        Ok(Self {
            rows,
            is_bare,
            announced,
        })
    }

    fn ids(&self, collection: &Collection) -> Result<Vec<RemoteId>, ApiError> {
        let id = |row| rows::id_of(row).ok_or("a row is not an object with an id");
        let ids = self.rows.iter().map(id).collect::<Result<_, _>>();
        ids.map_err(|what| rows::wrong(collection, what))
    }
}

/// The next page; `None` where a long one did not come.
async fn page(
    client: &Client,
    collection: &Collection,
    offset: usize,
    lengths: &mut Lengths,
) -> Result<Option<HandoffPage>, ApiError> {
    client.locate_handoffs().await?;
    let mut url = client.url(collection, None, None, None)?;
    url.query_pairs_mut()
        .append_pair("limit", &lengths.next().to_string())
        .append_pair("offset", &offset.to_string());
    let mut request = Request::get(url, collection.path).of(collection);
    if lengths.is_long {
        request.repeat = Repeat::Once; // there is another way
    }
    let answer = client.send(request).await.map_err(closed);
    match answer.and_then(|answer| HandoffPage::of(collection, answer)) {
        Ok(page) => Ok(Some(page)),
        Err(_) if lengths.is_long => {
            lengths.after(0, false);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A refusal of the list, with what it may mean: the platform answers alike in both cases.
fn closed(error: ApiError) -> ApiError {
    match error {
        ApiError::Denied(_) | ApiError::NotFound(_) => error.with(
            " (the service `outboundConfiguration`: the account has no Proactive, or the credentials may not read its handoffs)",
        ),
        error => error,
    }
}

/// The number of all rows in an envelope, or in the paging block of one.
fn announced(body: &Value) -> Option<u64> {
    let envelope = body.as_object()?;
    let blocks = envelope.values().filter_map(Value::as_object);
    std::iter::once(envelope)
        .chain(blocks)
        .find_map(|block| TOTALS.iter().find_map(|key| block.get(*key)?.as_u64()))
}

/// One handoff. Where handoffs are written, the path that writes them answers with the revision that a write names;
/// anywhere else there is no call for one, so the list is searched.
pub(super) async fn get(
    client: &Client,
    collection: &Collection,
    id: &RemoteId,
) -> Result<ApiItem, ApiError> {
    if client.handoff_writes {
        let url = writable(client, Some(id)).await?;
        let answer = client
            .send(Request::get(url, collection.path).of(collection))
            .await?;
        return rows::whole_item(collection, id, answer);
    }
    list(client, collection)
        .await?
        .into_iter()
        .find(|row| rows::id_of(row).as_ref() == Some(id))
        .map(unrevised)
        .ok_or_else(|| ApiError::NotFound(format!("{}: {id}", collection.path)))
}

/// Creates a handoff on a sandbox.
pub(super) async fn create(
    client: &Client,
    collection: &Collection,
    body: &Value,
) -> Result<ApiItem, ApiError> {
    let url = writable(client, None).await?;
    let request = Request::post(url, collection.path, Payload::Json(body.clone()));
    let answer = client.send(request.of(collection)).await?;
    revised(collection, None, answer)
}

/// Replaces a handoff on a sandbox.
pub(super) async fn update(
    client: &Client,
    collection: &Collection,
    id: &RemoteId,
    revision: &Revision,
    body: &Value,
) -> Result<ApiItem, ApiError> {
    let request = Request {
        method: Method::PUT,
        if_match: Some(named(collection, revision)?),
        repeat: Repeat::Idempotent,
        ..Request::post(
            writable(client, Some(id)).await?,
            collection.path,
            Payload::Json(body.clone()),
        )
    };
    let answer = client.send(request.of(collection)).await?;
    match answer.body {
        Some(_) => revised(collection, Some(id), answer),
        None => get(client, collection, id).await,
    }
}

/// Deletes a handoff on a sandbox.
pub(super) async fn delete(
    client: &Client,
    collection: &Collection,
    id: &RemoteId,
    revision: &Revision,
) -> Result<(), ApiError> {
    let url = writable(client, Some(id)).await?;
    let request = Request {
        method: Method::DELETE,
        if_match: Some(named(collection, revision)?),
        repeat: Repeat::Idempotent,
        ..Request::post(url, collection.path, Payload::Empty)
    };
    client.send(request.of(collection)).await.map(drop)
}

async fn writable(client: &Client, id: Option<&RemoteId>) -> Result<Url, ApiError> {
    if client.handoff_writes {
        client.locate_handoffs().await?;
        return client.back_door(id);
    }
    Err(ApiError::Denied(
        "programs can only read handoffs: enter them in the proactive web tool".into(),
    ))
}

/// The handoff in the answer to a write. Its revision is of no use: the next write reads first.
fn revised(
    collection: &Collection,
    id: Option<&RemoteId>,
    answer: Answer,
) -> Result<ApiItem, ApiError> {
    let body = answer
        .body
        .ok_or_else(|| ApiError::Lost(format!("{}: the answer is empty", collection.path)))?;
    Ok(ApiItem {
        body: rows::item(collection, id, body)?,
        revision: Revision(answer.revision.unwrap_or_default()),
    })
}

/// The `If-Match` of a write: what was read last. Without it a write would replace what a colleague wrote since.
fn named(collection: &Collection, revision: &Revision) -> Result<String, ApiError> {
    if revision.0.is_empty() {
        return Err(rows::wrong(collection, "the item comes without a revision"));
    }
    Ok(revision.0.clone())
}

fn unrevised(body: Value) -> ApiItem {
    ApiItem {
        body,
        revision: Revision(String::new()),
    }
}

/// The handoffs of a page, and whether they were bare channels.
fn page_rows(collection: &Collection, body: Option<Value>) -> Result<(Vec<Value>, bool), ApiError> {
    let rows = match body {
        Some(Value::Array(rows)) => rows,
        Some(Value::Object(envelope)) => enveloped(collection, envelope)?,
        _ => return Err(rows::wrong(collection, "neither an array nor an envelope")),
    };
    match rows.iter().filter(|row| is_bare_channel(row)).count() {
        0 => Ok((rows, false)),
        count if count == rows.len() => Ok((rows.iter().map(around).collect(), true)),
        _ => Err(rows::wrong(
            collection,
            "some rows are handoffs and some are channels without one",
        )),
    }
}

/// The handoff around a bare channel, as much as is known of it. The same channel always has the same id.
fn around(channel: &Value) -> Value {
    let channel_type = channel.get("type").and_then(Value::as_str);
    let channel_type = channel_type.unwrap_or("channel").to_owned();
    let digest = digest_of_fields(std::iter::once(("channel".to_owned(), channel)));
    json!({ "id": format!("{channel_type}-{digest}"), "channels": [channel] })
}

fn enveloped(
    collection: &Collection,
    envelope: serde_json::Map<String, Value>,
) -> Result<Vec<Value>, ApiError> {
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
    row.get("type").is_some() && row.get("id").is_none() && row.get("channels").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_body() {
        let collection = Collection::account_config("handoffs/list", "1");
        let rows = |body| page_rows(&collection, Some(body));
        let handoff = json!({ "id": "H1", "name": "a", "channels": [] });
        let channel = json!({ "type": "inapp", "appNames": ["com.example.shop"] });
        let whole = |body| rows(body).unwrap();
        assert_eq!(whole(json!([handoff])), (vec![handoff.clone()], false));
        let envelope = json!({ "page": { "limit": 30 }, "handoffs": [handoff] });
        assert_eq!(announced(&envelope), None);
        assert_eq!(whole(envelope).0.len(), 1);
        let paged = json!({ "page": { "limit": 30, "total": 7 }, "handoffs": [handoff] });
        assert_eq!(announced(&paged), Some(7));
        let (bare, is_bare) = whole(json!([channel]));
        assert!(is_bare);
        assert_eq!(bare[0]["channels"], json!([channel]));
        assert_eq!(bare[0]["name"], Value::Null);
        let again = json!({ "appNames": ["com.example.shop"], "type": "inapp" });
        assert_eq!(whole(again).0[0]["id"], bare[0]["id"], "whatever the order");
        let other = json!({ "type": "inapp", "appNames": [] });
        assert_ne!(whole(other).0[0]["id"], bare[0]["id"]);
        for body in [
            json!([channel, handoff]),
            json!({ "a": [], "b": [] }),
            json!({}),
            json!("x"),
        ] {
            assert!(matches!(rows(body), Err(ApiError::Unexpected(_))));
        }
    }
}
