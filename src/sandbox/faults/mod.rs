//! Faults: what goes wrong on purpose, so that a client can show what it survives.
//!
//! A [`Fault`] is one line of text, `PUT */engagements/* 503 x3`: which requests, what happens to them,
//! and when. [`mod@reference`] has the whole language. Every request is shown to the faults in the order of
//! their making. The first one that decides the answer ends the search; a `delay`, a `race` and a `move`
//! let the next one have its turn. Faults do not apply to the sandbox's own paths below `/_sandbox/`, except its handoffs.

pub(super) mod admin;
pub(super) mod conduct;
mod error;
mod grammar;
mod path;
mod race;
pub mod reference;
mod schedule;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde::Serialize;

pub use error::FaultError;

use super::call::IncomingCall;
use super::network::OldHost;
use super::routes::PathRoute;
use path::PathPattern;
use schedule::FaultSchedule;

/// One fault: which requests it strikes, what it does to them, and when. Made by parsing its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    text: String,
    /// The method as meant; `None` for any.
    method: Option<Method>,
    path: PathPattern,
    action: Action,
    phase: Phase,
    schedule: FaultSchedule,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        grammar::parse(text)
    }
}

/// Whether the request has its effect before the fault strikes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// The request has no effect.
    #[default]
    BeforeCommit,
    /// The request is carried out; its answer never arrives.
    AfterCommit,
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Action {
    Status(StatusCode, Option<RetryAfter>),
    Lost,
    Delay(Duration),
    Truncate,
    ExpireToken,
    Race(Race),
    Move(OldHost),
    Loading,
    Garbage(Garbage),
    Short(Option<usize>),
    Redirect(StatusCode, String),
}

/// How an answer says when to try again, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RetryAfter {
    Seconds(u32),
    Date(u32),
}

/// What another client does in between.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Race {
    /// It changes another object of the collection: only the revision moves.
    Revision,
    /// It changes this field of the object.
    Edit(String),
    /// It deletes the object.
    Delete,
}

/// What is sent instead of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Garbage {
    /// A page of a proxy.
    Html,
    /// JSON of another shape.
    Shape,
}

impl Action {
    /// Whether the action can strike a request at all. What it cannot strike it does not count either.
    fn applies(&self, call: &IncomingCall) -> bool {
        match self {
            Self::ExpireToken => call.headers.contains_key("authorization"),
            Self::Race(_) => race::object_of(call).is_some(),
            _ => true,
        }
    }

    /// Whether the action leaves the answer to the faults behind it.
    fn lets_pass(&self) -> bool {
        matches!(self, Self::Delay(_) | Self::Race(_) | Self::Move(_))
    }
}

/// What the faults do to one request.
#[derive(Debug, Default)]
struct Strike {
    delay_before: Duration,
    delay_after: Duration,
    races: Vec<Race>,
    moves: Option<OldHost>,
    /// What decides the answer.
    ending: Option<(Action, Phase)>,
}

impl Strike {
    fn add(&mut self, fault: &Fault) {
        match (&fault.action, fault.phase) {
            (Action::Delay(time), Phase::BeforeCommit) => self.delay_before += *time,
            (Action::Delay(time), Phase::AfterCommit) => self.delay_after += *time,
            (Action::Race(race), _) => self.races.push(race.clone()),
            (Action::Move(old), _) => self.moves = Some(*old),
            (action, phase) => self.ending = Some((action.clone(), phase)),
        }
    }
}

/// The faults of a running sandbox.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Armed>);

#[derive(Debug, Default)]
struct Armed {
    faults: Vec<FaultReport>,
    last_id: u64,
}

/// A fault in a running sandbox, and what it has done so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FaultReport {
    /// Its number, by which it can be removed.
    pub id: u64,
    /// The fault.
    #[serde(serialize_with = "as_text")]
    pub fault: Fault,
    /// How many requests its method and path matched.
    pub matched: u64,
    /// How many of them it struck.
    pub struck: u64,
}

fn as_text<S: serde::Serializer>(fault: &Fault, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(fault)
}

impl Faults {
    /// Starts with these.
    pub(super) fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        let all = Self::default();
        for fault in faults {
            all.add(fault);
        }
        all
    }

    /// Adds a fault behind the others.
    pub(super) fn add(&self, fault: Fault) -> FaultReport {
        let mut armed = self.lock();
        armed.last_id += 1;
        let report = FaultReport {
            id: armed.last_id,
            fault,
            matched: 0,
            struck: 0,
        };
        armed.faults.push(report.clone());
        report
    }

    /// All of them, in their order.
    pub(super) fn list(&self) -> Vec<FaultReport> {
        self.lock().faults.clone()
    }

    /// Removes one; whether it was there.
    pub(super) fn remove(&self, id: u64) -> bool {
        let mut armed = self.lock();
        let before = armed.faults.len();
        armed.faults.retain(|report| report.id != id);
        armed.faults.len() < before
    }

    /// Removes all.
    pub(super) fn clear(&self) {
        self.lock().faults.clear();
    }

    /// What happens to this request.
    fn strike(&self, call: &IncomingCall) -> Strike {
        let mut strike = Strike::default();
        if !PathRoute::of(call).is_public() {
            return strike;
        }
        let path = call.plain_path();
        for report in &mut self.lock().faults {
            let FaultReport { fault, .. } = report;
            let method = fault.method.as_ref();
            if method.is_some_and(|method| *method != call.method)
                || !fault.path.matches(&path)
                || !fault.action.applies(call)
            {
                continue;
            }
            report.matched += 1;
            if !fault.schedule.strikes(report.matched, report.struck) {
                continue;
            }
            report.struck += 1;
            strike.add(fault);
            if !fault.action.lets_pass() {
                break;
            }
        }
        strike
    }

    fn lock(&self) -> MutexGuard<'_, Armed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
