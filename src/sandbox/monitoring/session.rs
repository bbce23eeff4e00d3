//! Who a call is from: the visitor and the session (platform.md#monitoring).
//!
//! Sessions are kept in memory: they live for hours at most, and a restart of the sandbox ends them. A visitor
//! may bring an id of their own, as the published sample does; a session is one that this server made. It keeps what
//! was reported in it, and which engagements were shown.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Transaction;
use serde_json::{Value, json};

use super::facts::VisitorFacts;
use super::request::MonitoringRequest;
use super::{SESSION, VISITOR};
use crate::sandbox::Emulator;
use crate::sandbox::call::{IncomingCall, Reply};
use crate::sandbox::errors::RefusedRequest;
use crate::sandbox::rows;

/// How long a session lives.
const LIFETIME: SignedDuration = SignedDuration::from_hours(6);
/// How long it lives without a call.
const IDLE: SignedDuration = SignedDuration::from_mins(30);
/// How many sessions are kept; the one that was idle for longest goes first.
const MOST: usize = 10_000;
/// The longest visitor id that is taken. What the platform takes is unknown.
const LONGEST_ID: usize = 64;

/// The sessions that were begun, by id.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Sessions(Mutex<BTreeMap<String, KeptSession>>);

/// What is kept of a session.
#[derive(Clone, Debug)]
pub(super) struct KeptSession {
    pub(super) id: String,
    pub(super) visitor: String,
    began: Timestamp,
    last: Timestamp,
    /// The app of the last call.
    pub(super) app: String,
    pub(super) facts: VisitorFacts,
    /// The engagements that were shown: campaign, engagement and context.
    pub(super) shown: Vec<[String; 3]>,
}

impl KeptSession {
    /// Whether it goes on; on the very second of its end, as the settings want it.
    fn lives(&self, now: Timestamp, runs_at_end: bool) -> bool {
        let within = |since: Timestamp, most: SignedDuration| {
            let gone = now.duration_since(since);
            gone < most || runs_at_end && gone == most
        };
        within(self.began, LIFETIME) && within(self.last, IDLE)
    }

    /// Takes in what a call says.
    pub(super) fn take(&mut self, request: &MonitoringRequest, app: &str) {
        app.clone_into(&mut self.app);
        let facts = &mut self.facts;
        facts.attributes.extend(request.attributes.iter().cloned());
        facts.places.clone_from(&request.entry_points);
        for (kept, said) in [
            (&mut facts.device, &request.device),
            (&mut facts.ip, &request.ip),
        ] {
            if said.is_some() {
                kept.clone_from(said);
            }
        }
        if let Some(is) = request.is_signed_in {
            facts.is_signed_in = is;
        }
    }
}

impl Sessions {
    /// Forgets all of them.
    pub(in crate::sandbox) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, KeptSession>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, id: &str, visitor: &str, now: Timestamp) {
        let mut all = self.lock();
        if all.len() >= MOST {
            let oldest = all.iter().min_by_key(|(_, kept)| kept.last);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                all.remove(&oldest);
            }
        }
        let earlier = all.values().filter(|kept| kept.visitor == visitor);
        let earlier = earlier.max_by_key(|kept| kept.last).map(|kept| &kept.facts);
        let mut facts = VisitorFacts::default();
        if let Some(VisitorFacts {
            attributes, before, ..
        }) = earlier
        {
            facts.before = before.iter().chain(attributes).cloned().collect();
        }
        let kept = KeptSession {
            id: id.to_owned(),
            visitor: visitor.to_owned(),
            began: now,
            last: now,
            app: String::new(),
            facts,
            shown: Vec::new(),
        };
        all.insert(id.to_owned(), kept);
    }

    /// The visitor of a session, and whether the session still lives; `None` for one that never was.
    fn touch(&self, id: &str, now: Timestamp, runs_at_end: bool) -> Option<(String, bool)> {
        let mut all = self.lock();
        let kept = all.get_mut(id)?;
        let lives = kept.lives(now, runs_at_end);
        if lives {
            kept.last = now;
        }
        Some((kept.visitor.clone(), lives))
    }

    /// Changes a session, and returns it.
    pub(super) fn change(
        &self,
        id: &str,
        change: impl FnOnce(&mut KeptSession),
    ) -> Option<KeptSession> {
        let mut all = self.lock();
        let kept = all.get_mut(id)?;
        change(kept);
        Some(kept.clone())
    }

    /// The living session of a visitor: the named one, or the last.
    pub(super) fn find(
        &self,
        visitor: &str,
        id: Option<&str>,
        now: Timestamp,
        runs_at_end: bool,
    ) -> Option<KeptSession> {
        let all = self.lock();
        let own = all
            .values()
            .filter(|it| it.visitor == visitor && it.lives(now, runs_at_end));
        let named = own.filter(|it| id.is_none_or(|id| id == it.id));
        named.max_by_key(|it| it.last).cloned()
    }
}

/// The session of a call.
pub(super) struct CallSession {
    pub(super) visitor: String,
    pub(super) id: String,
    pub(super) is_new: bool,
}

impl CallSession {
    /// The session that a call names, or a new one.
    ///
    /// The vendor's pages contradict each other about ids that are not valid: refused, or a new session.
    pub(super) fn of(
        emulator: &Emulator,
        call: &IncomingCall,
        tx: &Transaction<'_>,
    ) -> Result<Self, RefusedRequest> {
        let refuses = !emulator.settings.monitoring_renews_sessions;
        let now = emulator.monitoring.now(emulator);
        let mut visitor = given(call, "vid");
        if visitor.is_some_and(|id| !is_well_formed(id)) {
            if refuses {
                return Err(RefusedRequest::coded(StatusCode::NOT_FOUND, VISITOR, "vid"));
            }
            visitor = None;
        }
        if let Some(id) = given(call, "sid") {
            let runs_at_end = emulator.settings.conduct.sessions_run_at_end;
            let kept = emulator.monitoring.sessions.touch(id, now, runs_at_end);
            let kept = kept.filter(|(owner, _)| visitor.is_none_or(|visitor| visitor == owner));
            match kept {
                Some((visitor, true)) => {
                    let id = id.to_owned();
                    let is_new = false;
                    return Ok(Self {
                        visitor,
                        id,
                        is_new,
                    });
                }
                None if refuses => {
                    return Err(RefusedRequest::coded(StatusCode::NOT_FOUND, SESSION, "sid"));
                }
                // One that is over: the visit goes on in the next.
                Some((_, false)) | None => {}
            }
        }
        let visitor = match visitor {
            Some(visitor) => visitor.to_owned(),
            None => fresh(tx)?,
        };
        let id = fresh(tx)?;
        emulator.monitoring.sessions.begin(&id, &visitor, now);
        emulator.stats.began_session();
        let is_new = true;
        Ok(Self {
            visitor,
            id,
            is_new,
        })
    }

    /// 201 for a new session, 200 for one that goes on; without details when there is nothing to show.
    pub(super) fn reply(
        self,
        found: Option<Value>,
        tx: &Transaction<'_>,
    ) -> Result<Reply, RefusedRequest> {
        let mut body = json!({
            "sessionId": self.id,
            "visitorId": self.visitor,
            "pageId": rows::random_text(tx)?[..10],
        });
        let mut is_new = self.is_new;
        if let Some(details) = found {
            // An open conversation is answered with 200, whatever the session is.
            is_new &= details.get("conversationId").is_none();
            body["engagementDetails"] = json!([details]);
        }
        let status = if is_new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        Ok(Reply::json(status, body))
    }
}

/// A parameter that says something.
pub(super) fn given<'c>(call: &'c IncomingCall, name: &str) -> Option<&'c str> {
    call.param(name).filter(|text| !text.is_empty())
}

/// A new id.
pub(super) fn fresh(tx: &Transaction<'_>) -> rusqlite::Result<String> {
    rows::random_text(tx).map(|text| text[..22].to_owned())
}

fn is_well_formed(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    id.len() <= LONGEST_ID && id.bytes().all(is_plain)
}
