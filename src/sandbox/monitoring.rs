//! The engagement call of the Monitoring API: what a visitor of an app is shown (wire section 8).
//!
//! What is shown is the first engagement, in the order of the campaigns' priorities and of their lists, that
//! its campaign lists and that both admit, as does one object at least of each kind that they refer to.
//! Audiences and behaviors admit everybody: what their conditions mean is not published. Nobody is in a
//! control group. Sessions are not kept: a caller that sends `vid` and `sid` is in a session.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use axum::http::{Method, StatusCode};
use rusqlite::Transaction;
use serde_json::{Map, Value, json};

use crate::kinds::{ALL, IdForm, KindId, Visit};
use crate::name::RemoteId;

use super::call::{Body, Call, Reply};
use super::errors::Failure;
use super::place::Place;
use super::references::references;
use super::rows::{self, Row};
use super::{Emulator, engine::Engine};

/// `POST /api/account/{acct}/app/{appInstallationId}/engagement`.
pub(super) fn engagement(
    emulator: &Emulator,
    call: &Call,
    app_installation: &str,
) -> Result<Reply, Failure> {
    if call.method != Method::POST {
        return Err(Failure::method_not_allowed("only POST is served here"));
    }
    let version = call.param("v").unwrap_or_default();
    if !["1.0", "1.1"].contains(&version) {
        return Err(Failure::bad_request("v=1.1 or v=1.0 is required"));
    }
    let request = call.json()?;
    if !request.is_object() {
        return Err(Failure::bad_request("the body must be an object"));
    }
    let reply = emulator.store.read(|tx| {
        if !is_installed(tx, emulator, app_installation)? {
            return Err(Failure::no_data());
        }
        let session = Session::of(call, tx)?;
        if let Some(reply) = loading(emulator, version, &session)? {
            return Ok(reply);
        }
        let places = texts(&request, "entryPoints");
        let visit = Visit {
            app_installation,
            entry_points: &places,
            now: emulator.now(),
        };
        let found = Search {
            emulator,
            call,
            tx,
            visit,
        }
        .run()?;
        session.reply(found, tx)
    })?;
    Ok(match reply.body {
        Body::Json(body) if emulator.settings.monitoring_octet_stream => Reply {
            body: Body::Octets(body),
            ..reply
        },
        _ => reply,
    })
}

/// Whether the app is installed and switched on. Its collection is the one whose ids are UUIDs.
fn is_installed(tx: &Transaction<'_>, emulator: &Emulator, id: &str) -> rusqlite::Result<bool> {
    let apps = ALL
        .iter()
        .filter_map(|def| Place::new(def, ""))
        .find(|place| place.collection.id == IdForm::Uuid);
    let Some(apps) = apps else { return Ok(false) };
    let row = rows::get(tx, &apps.scope(&emulator.account), id)?;
    Ok(row.is_some_and(|row| !row.deleted && row.body.get("enabled") != Some(&Value::Bool(false))))
}

/// The refusal of an account that is not ready yet, as often as the settings want it.
fn loading(
    emulator: &Emulator,
    version: &str,
    session: &Session,
) -> Result<Option<Reply>, Failure> {
    let calls = emulator.monitored.fetch_add(1, Ordering::Relaxed);
    if calls >= emulator.settings.monitoring_loading {
        return Ok(None);
    }
    if version == "1.0" {
        return Err(Failure {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: 20,
            message: "Loading account".to_owned(),
        });
    }
    let mut reply = Failure::loading(emulator.now());
    if let Body::Json(Value::Object(body)) = &mut reply.body {
        body.insert("vid".to_owned(), Value::from(session.visitor.as_str()));
    }
    Ok(Some(reply))
}

/// The session of a visitor.
struct Session {
    visitor: String,
    id: String,
    is_new: bool,
}

impl Session {
    fn of(call: &Call, tx: &Transaction<'_>) -> rusqlite::Result<Self> {
        let given = |name| call.param(name).filter(|text| !text.is_empty());
        let (visitor, id) = (given("vid"), given("sid"));
        let text = |given: Option<&str>| match given {
            Some(text) => Ok(text.to_owned()),
            None => rows::random_text(tx).map(|text| text[..22].to_owned()),
        };
        Ok(Self {
            visitor: text(visitor)?,
            id: text(id)?,
            is_new: visitor.is_none() || id.is_none(),
        })
    }

    /// 201 for a new session, 200 for one that goes on; without details when there is nothing to show.
    fn reply(self, found: Option<Value>, tx: &Transaction<'_>) -> Result<Reply, Failure> {
        let mut body = json!({
            "sessionId": self.id,
            "visitorId": self.visitor,
            "pageId": rows::random_text(tx)?[..10],
        });
        if let Some(details) = found {
            body["engagementDetails"] = json!([details]);
        }
        let status = if self.is_new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        Ok(Reply::json(status, body))
    }
}

/// Looks for what a visitor is shown.
struct Search<'a> {
    emulator: &'a Emulator,
    call: &'a Call,
    tx: &'a Transaction<'a>,
    visit: Visit<'a>,
}

impl Search<'_> {
    /// The details of the engagement that is shown.
    fn run(&self) -> Result<Option<Value>, Failure> {
        for outer in ALL.iter().filter(|def| def.children.is_some()) {
            let Some(place) = Place::new(outer, "") else {
                continue;
            };
            let mut parents = rows::list(self.tx, &place.scope(&self.emulator.account), false)?;
            // The sort is stable: among equals, the older one comes first.
            parents.sort_by(|left, right| priority(right).total_cmp(&priority(left)));
            for parent in parents {
                if self.is_admitted(&place, &parent)?
                    && let Some(found) = self.child(&place, &parent)?
                {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    /// The first child that the parent lists and that is admitted.
    fn child(&self, place: &Place, parent: &Row) -> Result<Option<Value>, Failure> {
        let (Some(below), Some(key)) = (place.below(&parent.id), place.children_key()) else {
            return Ok(None);
        };
        let listed = parent.body.get(key).and_then(Value::as_array);
        for id in listed.into_iter().flatten().filter_map(RemoteId::from_wire) {
            let scope = below.scope(&self.emulator.account);
            if let Some(row) = rows::get(self.tx, &scope, id.as_str())?.filter(|row| !row.deleted)
                && self.is_admitted(&below, &row)?
            {
                return self.details(&below, parent, &row).map(Some);
            }
        }
        Ok(None)
    }

    /// Whether an object admits the visitor, and of each kind that it refers to one object at least.
    fn is_admitted(&self, place: &Place, row: &Row) -> Result<bool, Failure> {
        if !(place.def.admits)(&row.body, &self.visit) {
            return Ok(false);
        }
        let mut kinds = BTreeMap::new();
        for (kind, id) in references(place.def.fields, &row.body) {
            // Its own children are looked at one by one.
            let children = place.def.children.as_ref();
            if children.is_none_or(|children| children.kind != kind) {
                *kinds.entry(kind).or_insert(false) |= self.target_admits(kind, id)?;
            }
        }
        Ok(kinds.values().all(|admits| *admits))
    }

    /// Whether what an id means admits the visitor. What is gone has no say.
    fn target_admits(&self, kind: &str, id: &Value) -> Result<bool, Failure> {
        let place = KindId::named(kind).and_then(|kind| Place::new(kind.def(), ""));
        let (Some(place), Some(id)) = (place, RemoteId::from_wire(id)) else {
            return Ok(true);
        };
        let scope = place.scope(&self.emulator.account);
        let row = rows::get(self.tx, &scope, id.as_str())?;
        Ok(row.is_none_or(|row| (place.def.admits)(&row.body, &self.visit)))
    }

    fn details(&self, place: &Place, parent: &Row, row: &Row) -> Result<Value, Failure> {
        let engine = Engine {
            emulator: self.emulator,
            call: self.call,
            place,
            now: self.visit.now,
        };
        let id = |row: &Row| row.body.get("id").cloned().unwrap_or_default();
        let mut details = Map::new();
        details.insert("campaignId".to_owned(), id(parent));
        details.insert("engagementId".to_owned(), id(row));
        // A revision of its own is not kept for an object; that of its collection moves with it.
        let revision = rows::revision(self.tx, &engine.revision_scope(place))?;
        details.insert("engagementRevision".to_owned(), revision.into());
        for key in ["windowId", "connectorId", "language"] {
            if let Some(value) = row.body.get(key).filter(|value| !value.is_null()) {
                details.insert(key.to_owned(), value.clone());
            }
        }
        details.insert("contextId".to_owned(), "1".into());
        details.insert("conversationId".to_owned(), Value::Null);
        details.insert("status".to_owned(), "expose".into());
        Ok(Value::Object(details))
    }
}

fn priority(row: &Row) -> f64 {
    let priority = row.body.get("priority").and_then(Value::as_f64);
    priority.unwrap_or_default()
}

fn texts(request: &Value, key: &str) -> Vec<String> {
    let items = request.get(key).and_then(Value::as_array);
    let texts = items.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}
