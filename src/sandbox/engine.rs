//! The one engine behind every account-config collection: which verb does what, and the checks that
//! all of them share (platform.md#writes).

use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use rusqlite::Transaction;

use crate::kinds::UpdateForm;

use super::call::{IncomingCall, Reply};
use super::errors::RefusedRequest;
use super::place::{CollectionPlace, Family};
use super::rows::RowScope;
use super::settings::{SandboxSettings, StaleAnswer};
use super::{Emulator, read, rows, write};

/// One call on one collection.
pub(super) struct Engine<'a> {
    pub(super) emulator: &'a Emulator,
    pub(super) call: &'a IncomingCall,
    pub(super) place: &'a CollectionPlace,
    pub(super) now: Timestamp,
}

/// Answers a call on a collection (`item` is `None`) or on one of its items.
pub(super) fn handle(engine: &Engine<'_>, item: Option<&str>) -> Result<Reply, RefusedRequest> {
    let Engine { call, place, .. } = engine;
    engine.check_media_types()?;
    engine.check_version()?;
    let bulk = place.family() == Family::Users;
    let by_array = place.collection.update == UpdateForm::CollectionArray;
    match (&call.method, item) {
        (&Method::GET, None) => read::list(engine),
        (&Method::GET, Some(id)) => read::item(engine, id),
        (&Method::POST, None) => write::create(engine),
        (&Method::POST, Some(_)) if engine.settings().post_on_item_is_not_found => {
            Err(RefusedRequest::no_data())
        }
        (&Method::PUT, None) if bulk || by_array => write::replace_many(engine),
        (&Method::PUT, Some(id)) if !by_array || engine.settings().serve_undocumented_item_put => {
            write::replace(engine, id)
        }
        (&Method::DELETE, Some(list)) if by_array => write::delete(
            engine,
            &list.split(',').map(str::to_owned).collect::<Vec<_>>(),
        ),
        (&Method::DELETE, Some(id)) => write::delete(engine, &[id.to_owned()]),
        (&Method::DELETE, None) if bulk => write::delete(engine, &write::ids_of(call)?),
        (method, _) => Err(RefusedRequest::method_not_allowed(format!(
            "{method} is not served on this path"
        ))),
    }
}

impl Engine<'_> {
    pub(super) fn settings(&self) -> &SandboxSettings {
        &self.emulator.settings
    }

    /// The rows of the call's place.
    pub(super) fn scope(&self) -> RowScope {
        self.place.scope(&self.emulator.account)
    }

    /// What the revision of the call's place is counted for.
    pub(super) fn revision_scope(&self, place: &CollectionPlace) -> RowScope {
        revision_scope(self.settings(), place, &self.emulator.account)
    }

    /// Adds the headers of a success.
    pub(super) fn stamped(&self, reply: Reply, revision: i64) -> Reply {
        let reply = reply.with("ac-revision", revision.to_string());
        if self.place.family() == Family::Users {
            reply.with("etag", revision.to_string())
        } else {
            reply
        }
    }

    /// Refuses a call below a parent that is not there.
    pub(super) fn check_parent(&self, tx: &Transaction<'_>) -> Result<(), RefusedRequest> {
        let Some(above) = self.place.above() else {
            return Ok(());
        };
        let scope = above.scope(&self.emulator.account);
        match rows::get(tx, &scope, &self.place.parent)? {
            None => Err(RefusedRequest::no_data()),
            Some(parent) if parent.deleted => Err(self.gone()),
            Some(_) => Ok(()),
        }
    }

    /// The refusal of a read or replace of a deleted row.
    pub(super) fn gone(&self) -> RefusedRequest {
        if self.settings().deleted_is_not_found {
            RefusedRequest::no_data()
        } else {
            RefusedRequest::new(StatusCode::GONE, "the object was deleted")
        }
    }

    /// Refuses a write whose `If-Match` is not the current revision.
    pub(super) fn check_revision(&self, tx: &Transaction<'_>) -> Result<(), RefusedRequest> {
        let current = rows::revision(tx, &self.revision_scope(self.place))?;
        match self.call.header("if-match").map(str::trim) {
            None if self.settings().allow_missing_if_match || self.place.is_handoffs() => Ok(()),
            None => Err(RefusedRequest::new(
                StatusCode::PRECONDITION_FAILED,
                "the request needs an `If-Match` header with the collection's revision",
            )),
            Some(sent) if sent == current.to_string() => Ok(()),
            Some(sent) => Err(RefusedRequest::new(
                self.stale_status(),
                format!("the revision is {current}, not {sent}"),
            )),
        }
    }

    fn stale_status(&self) -> StatusCode {
        match self.settings().stale {
            StaleAnswer::Conflict => StatusCode::CONFLICT,
            StaleAnswer::ConflictOnCommon if self.place.family() == Family::Common => {
                StatusCode::CONFLICT
            }
            StaleAnswer::ConflictOnCommon | StaleAnswer::PreconditionFailed => {
                StatusCode::PRECONDITION_FAILED
            }
        }
    }

    fn check_media_types(&self) -> Result<(), RefusedRequest> {
        let acceptable = |accept: &str| {
            accept.split(',').any(|range| {
                let range = range.split(';').next().unwrap_or_default().trim();
                ["application/json", "application/*", "*/*"].contains(&range)
            })
        };
        if self
            .call
            .header("accept")
            .is_some_and(|accept| !acceptable(accept))
        {
            return Err(RefusedRequest::new(
                StatusCode::NOT_ACCEPTABLE,
                "only application/json is served",
            ));
        }
        let sent = self.call.header("content-type").unwrap_or_default();
        let media_type = sent.split(';').next().unwrap_or_default().trim();
        let has_body = self.call.method != Method::GET && !self.call.body.is_empty();
        if has_body && !media_type.eq_ignore_ascii_case("application/json") {
            return Err(RefusedRequest::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body must be application/json",
            ));
        }
        Ok(())
    }

    fn check_version(&self) -> Result<(), RefusedRequest> {
        let known = self.place.collection.version;
        match self.call.param("v") {
            Some(version) if is_known_version(version, known) => Ok(()),
            Some(version) => Err(RefusedRequest::bad_request(format!(
                "version `{version}` is not known, use v={known}"
            ))),
            None if self.call.method == Method::GET
                && self.settings().allow_missing_version_on_read =>
            {
                Ok(())
            }
            None => Err(RefusedRequest::bad_request(format!(
                "the version is missing, use v={known}"
            ))),
        }
    }
}

/// What the revision of a place is counted for.
pub(super) fn revision_scope(
    settings: &SandboxSettings,
    place: &CollectionPlace,
    account: &str,
) -> RowScope {
    let mut scope = place.scope(account);
    if settings.account_wide_child_revision {
        scope.parent.clear();
    }
    scope
}

/// The newest version that any documented client of these collections sends (platform.md#paths-and-versions).
const NEWEST_VERSION: f64 = 6.0;

/// Clients use several versions of one collection side by side, so every version from 1.0 to the
/// newest documented one is served alike.
fn is_known_version(version: &str, known: &str) -> bool {
    version == known
        || version
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
            && version
                .parse::<f64>()
                .is_ok_and(|number| (1.0..=NEWEST_VERSION).contains(&number))
}
