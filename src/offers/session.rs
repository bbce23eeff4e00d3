//! A visitor's session: what was reported, where the visitor was, and when it ends.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::reported::names_customer;
use super::visit::Visit;
use crate::kinds::When;
use crate::kinds::offering::{Datum, Fact, FactAnswer, Place};
use crate::manifest::Key;

/// A session lasts so long (platform.md#monitoring).
const LASTS: SignedDuration = SignedDuration::from_hours(6);

/// It ends after so long without a visit (platform.md#monitoring).
const IDLE: SignedDuration = SignedDuration::from_mins(30);

/// The session of a visitor.
#[derive(Clone, Debug)]
pub(super) struct VisitorSession {
    /// A visit with what is given for all.
    base: Visit,
    now: Timestamp,
    started: Timestamp,
    active: Timestamp,
    reported: Vec<Value>,
    before: Vec<Value>,
    pages: Vec<Datum>,
    /// The visits of this session.
    visits: Vec<Visit>,
    closed: BTreeSet<Key>,
    runs_at_end: bool,
    /// Whether something happened on the very second of its end.
    pub(super) met_end: bool,
}

impl VisitorSession {
    /// A session that starts now. Whether it goes on at the second of its end is a switch of the platform.
    pub(super) fn new(base: Visit, now: Timestamp, runs_at_end: bool) -> Self {
        Self {
            base,
            now,
            started: now,
            active: now,
            reported: Vec::new(),
            before: Vec::new(),
            pages: Vec::new(),
            visits: Vec::new(),
            closed: BTreeSet::new(),
            runs_at_end,
            met_end: false,
        }
    }

    /// The time.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// The visits of this session, each as it is for one who closed what is closed by now.
    pub(super) fn visits(&self) -> impl Iterator<Item = Visit> + '_ {
        self.visits.iter().map(|visit| Visit {
            closed: self.closed.clone(),
            ..visit.clone()
        })
    }

    /// Time goes by and nothing happens.
    pub(super) fn wait(&mut self, time: SignedDuration) {
        self.now = self.now.checked_add(time).unwrap_or(self.now);
    }

    /// Whether the platform refuses a call of this visitor, so that nothing of it counts (platform.md#monitoring-rules).
    fn is_refused(&self, attributes: &[Value]) -> bool {
        let is_anonymous = self.base.facts.get(&Fact::SignedIn)
            == Some(&FactAnswer::Known(vec![Datum::Flag(false)]));
        is_anonymous && self.base.place != Place::Web && names_customer(attributes)
    }

    pub(super) fn report(&mut self, attributes: &[Value]) {
        if self.is_refused(attributes) {
            return;
        }
        self.touch();
        self.reported.extend_from_slice(attributes);
    }

    /// Closes an engagement. An app makes no call for that, so that it keeps no session from its end.
    pub(super) fn close(&mut self, engagement: Key) {
        match self.base.place {
            Place::Web => self.touch(),
            Place::App(_) => self.expire(),
        }
        self.closed.insert(engagement);
    }

    /// The visit of a step.
    pub(super) fn visit(
        &mut self,
        when: &When,
        attributes: &[Value],
        at: Option<Timestamp>,
    ) -> Visit {
        if let Some(at) = at {
            self.now = at;
        }
        let is_refused = self.is_refused(attributes);
        if !is_refused {
            self.touch();
        }
        let kept = self.reported.len();
        self.reported.extend_from_slice(attributes);
        let mut visit = self.base.clone();
        visit.at = Some(self.now);
        visit.say(when);
        visit.report(&self.reported, &self.before);
        visit.closed.clone_from(&self.closed);
        visit
            .facts
            .insert(Fact::Pages, FactAnswer::Known(self.pages.clone()));
        if is_refused {
            self.reported.truncate(kept);
        } else {
            let sections = when.sections.clone().unwrap_or_default();
            self.pages.push(Datum::Page(sections, when.url.clone()));
            self.visits.push(visit.clone());
        }
        visit
    }

    /// Something happens: in the same session, or in a new one.
    fn touch(&mut self) {
        self.expire();
        self.active = self.now;
    }

    /// Ends the session, if it is over.
    fn expire(&mut self) {
        let gone = [(self.active, IDLE), (self.started, LASTS)];
        let gone = gone.map(|(since, most)| self.now.duration_since(since).cmp(&most));
        self.met_end |= gone.contains(&Ordering::Equal) && !gone.contains(&Ordering::Greater);
        let is_over = if self.runs_at_end {
            gone.contains(&Ordering::Greater)
        } else {
            gone.iter().any(|it| it.is_ge())
        };
        if is_over || self.now < self.active {
            self.started = self.now;
            self.before.append(&mut self.reported);
            self.pages.clear();
            self.visits.clear();
            self.closed.clear();
        }
    }
}
