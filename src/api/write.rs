//! The writing half of the client.
//!
//! Updates and deletes are POSTs with an override header and a bare `If-Match`, as the vendor's console
//! sends them ([`Verbs`] switches to real verbs). An answer without a body is followed by a read.

use reqwest::{Method, Url};
use serde_json::Value;

use super::client::collection_of;
use super::request::{Answer, Payload, Request};
use super::retry::Repeat;
use super::{
    Address, ApiError, ApiItem, Call, Client, Reader, Verbs, WriteVerb, Writer, handoffs, rows,
};
use crate::kinds::{Collection, KindId, Service, UpdateForm};
use crate::name::{RemoteId, Revision};

impl Writer for Client {
    async fn create(
        &self,
        kind: KindId,
        parent: Option<&RemoteId>,
        body: &Value,
    ) -> Result<ApiItem, ApiError> {
        let collection = collection_of(kind)?;
        if collection.service == Service::Handoff {
            return handoffs::create(self, collection, body).await;
        }
        let url = self.url(collection, parent, None, None)?;
        let request = Request::post(url, collection.path, Payload::Json(body.clone()));
        let answer = self.send(request.of(collection)).await?;
        if let Some(item) = written(collection, None, &answer)? {
            return Ok(item);
        }
        let id = located(&answer).ok_or_else(|| {
            ApiError::Lost(format!("{}: the answer names no id", collection.path))
        })?;
        let parent = parent.cloned();
        self.get(&Address { kind, parent, id }).await
    }

    async fn update(
        &self,
        address: &Address,
        revision: &Revision,
        body: &Value,
    ) -> Result<ApiItem, ApiError> {
        let collection = collection_of(address.kind)?;
        if collection.service == Service::Handoff {
            return handoffs::update(self, collection, &address.id, revision, body).await;
        }
        let (id, payload) = match collection.update {
            UpdateForm::Item => (Some(&address.id), body.clone()),
            UpdateForm::CollectionArray => (None, Value::Array(vec![body.clone()])),
        };
        let url = self.url(collection, address.parent.as_ref(), id, None)?;
        let request = self.overridden("PUT", url, revision, collection, Payload::Json(payload));
        let answer = self.send(request.of(collection)).await?;
        match written(collection, Some(&address.id), &answer)? {
            Some(item) => Ok(item),
            None => self.get(address).await,
        }
    }

    async fn delete(&self, address: &Address, revision: &Revision) -> Result<(), ApiError> {
        let collection = collection_of(address.kind)?;
        if collection.service == Service::Handoff {
            return handoffs::delete(self, collection, &address.id, revision).await;
        }
        let url = self.url(collection, address.parent.as_ref(), Some(&address.id), None)?;
        let request = self.overridden("DELETE", url, revision, collection, Payload::Empty);
        self.send(request.of(collection)).await.map(drop)
    }

    fn call(
        &self,
        verb: WriteVerb,
        kind: KindId,
        parent: Option<&RemoteId>,
        id: Option<&RemoteId>,
    ) -> Option<Call> {
        let collection = collection_of(kind).ok()?;
        let url = if collection.service == Service::Handoff {
            self.back_door(id)
        } else {
            let is_array = collection.update == UpdateForm::CollectionArray;
            let id = id.filter(|_| verb != WriteVerb::Update || !is_array);
            self.url(collection, parent, id, None)
        };
        Some(Call {
            method: match verb {
                WriteVerb::Create => "POST",
                WriteVerb::Update => "PUT",
                WriteVerb::Delete => "DELETE",
            },
            path: url.ok()?.path().to_owned(),
        })
    }
}

impl Client {
    /// A write to an item. It names a revision, so that carrying it out twice is harmless.
    fn overridden(
        &self,
        verb: &'static str,
        url: Url,
        revision: &Revision,
        collection: &Collection,
        payload: Payload,
    ) -> Request {
        let real = match verb {
            "PUT" => Method::PUT,
            _ => Method::DELETE,
        };
        let (method, meant) = match self.verbs {
            Verbs::Override => (Method::POST, Some(verb)),
            Verbs::Real => (real, None),
        };
        Request {
            method,
            meant,
            if_match: Some(revision.0.clone()),
            repeat: Repeat::Idempotent,
            ..Request::post(url, collection.path, payload)
        }
    }
}

/// The item in the answer to a write, `None` when it holds none.
fn written(
    collection: &Collection,
    id: Option<&RemoteId>,
    answer: &Answer,
) -> Result<Option<ApiItem>, ApiError> {
    let body = match &answer.body {
        Some(Value::Array(rows)) => match id {
            Some(id) => rows
                .iter()
                .find(|row| rows::id_of(row).as_ref() == Some(id)),
            None => rows.first().filter(|_| rows.len() == 1),
        },
        Some(object @ Value::Object(map)) if !map.is_empty() => Some(object),
        _ => None,
    };
    let Some(body) = body else { return Ok(None) };
    Ok(Some(ApiItem {
        body: rows::item(collection, id, body.clone())?,
        revision: Revision(answer.revision.clone().unwrap_or_default()),
    }))
}

/// The id at the end of the `Location` header.
fn located(answer: &Answer) -> Option<RemoteId> {
    let path = answer.location.as_deref()?.split(['?', '#']).next()?;
    let last = path.trim_end_matches('/').rsplit('/').next()?;
    (!last.is_empty()).then(|| RemoteId::from(last))
}
