//! A journey: several visits of one visitor, one session after the other.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use super::assertion::{Claim, DecidedAssertion, assertions, target};
use super::closing::can_close;
use super::flaws::{Misspelt, attribute_flaws};
use super::outcome::VisitOutcome;
use super::session::VisitorSession;
use super::suite::{CaseResult, Suite};
use super::truth::{Judged, Reason, Truth};
use super::visit::Visit;
use crate::kinds::offering::{Assumed, Switch};
use crate::kinds::{JourneyStep, Then, When};
use crate::manifest::Key;
use crate::text::Pointer;

/// How long a step waits before its visit; one that cannot be read is a complaint about the manifest.
fn idle(step: &JourneyStep) -> SignedDuration {
    let said = step.after.as_deref().map(str::parse::<SignedDuration>);
    said.and_then(Result::ok).unwrap_or_default()
}

/// What is so where a session is over at its end, or where it still runs; in both, where that is open.
fn of_both<T: PartialEq>(position: Option<usize>, over: Vec<T>, running: Vec<T>) -> Vec<T> {
    match position {
        Some(0) => over,
        Some(_) => running,
        None => over.into_iter().filter(|it| running.contains(it)).collect(),
    }
}

/// What came of a journey.
struct Travelled {
    result: CaseResult,
    /// Whether a visit was on the very second of the end of a session.
    met_end: bool,
    /// What is open, for the checks that assert that something is.
    open: BTreeMap<usize, OpenAssertion>,
}

/// What is open at a visit of which it is asserted that something is.
struct OpenAssertion {
    names: Vec<String>,
    reasons: BTreeSet<Reason>,
    /// Those that may be offered.
    offers: BTreeMap<Key, Truth>,
}

impl OpenAssertion {
    /// The check, where the session is over and where it still runs.
    fn with(&self, other: &Self, assumed: &Assumed, check: DecidedAssertion) -> DecidedAssertion {
        let mut open: BTreeSet<&str> = self
            .reasons
            .iter()
            .chain(&other.reasons)
            .map(Reason::name)
            .collect();
        if self.offers != other.offers && assumed.of(Switch::SessionEnd).is_none() {
            open.insert(Switch::SessionEnd.word());
        }
        let holds = !open.is_empty() && self.names.iter().all(|it| open.contains(it.as_str()));
        DecidedAssertion {
            judged: Judged::of(holds.into()),
            instead: if holds { String::new() } else { check.instead },
            ..check
        }
    }
}

impl Suite<'_> {
    /// A journey; where a visit is on the very second of the end of a session, both as a new one and as the same.
    pub(super) fn journey(&self, steps: &[JourneyStep], name: &str, at: &Pointer) -> CaseResult {
        let Travelled {
            result: over,
            met_end,
            open: over_open,
        } = self.travelled(steps, name, at, false);
        if !met_end {
            return over;
        }
        let Travelled {
            result: running,
            open: running_open,
            ..
        } = self.travelled(steps, name, at, true);
        let assumed = self.assumed();
        let position = assumed.of(Switch::SessionEnd);
        let visits = of_both(position, over.visits, running.visits);
        let flaws = of_both(position, over.flaws, running.flaws);
        let checks = over.checks.into_iter().zip(running.checks);
        let checks = checks.enumerate().map(|(index, (over, running))| {
            if let (Some(one), Some(other)) = (over_open.get(&index), running_open.get(&index)) {
                return one.with(other, &assumed, over);
            }
            let instead = if over.instead.is_empty() {
                running.instead
            } else {
                over.instead
            };
            let (over_judged, running_judged) = (over.judged, running.judged);
            let judged =
                Judged::depending(Switch::SessionEnd, &assumed, over_judged, running_judged);
            DecidedAssertion {
                judged,
                instead,
                ..over
            }
        });
        let trace = if over.trace.is_empty() {
            running.trace
        } else {
            over.trace
        };
        CaseResult {
            flaws,
            checks: checks.collect(),
            trace,
            visits,
            ..over
        }
    }

    /// What the steps of a journey report that no condition sees.
    fn unseen_in(&self, steps: &[JourneyStep], at: &Pointer, result: &mut CaseResult) {
        for (index, step) in steps.iter().enumerate() {
            let at = at.index(index);
            let report = step.report.as_deref().unwrap_or_default();
            attribute_flaws(report, &at.key("report"), Misspelt::Key, result);
            if let Some(when) = &step.when {
                self.unseen(when, &at.key("when"), result);
            }
        }
    }

    /// A journey as it goes where a session goes on at its end, or does not.
    fn travelled(
        &self,
        steps: &[JourneyStep],
        name: &str,
        at: &Pointer,
        runs_at_end: bool,
    ) -> Travelled {
        let mut result = self.result(name.to_owned(), at.clone());
        let mut open = BTreeMap::new();
        let mut session = VisitorSession::new(self.base(), self.start(steps), runs_at_end);
        let mut asserts = false;
        for (index, step) in steps.iter().enumerate() {
            let at = at.key("journey").index(index);
            if let Some(report) = &step.report {
                attribute_flaws(report, &at.key("report"), Misspelt::Type, &mut result);
                session.report(report);
            }
            session.wait(idle(step));
            self.close(step, &at.key("closes"), &mut session, &mut result);
            let Some(when) = &step.when else { continue };
            self.visit_flaws(when, step.then.as_ref(), &at.key("when"), &mut result);
            let time = self.time_of(when, &at.key("when"), &session, &mut result);
            let visit = session.visit(when, &self.attributes(when), time);
            if let Some(then) = &step.then {
                asserts |= !then.is_empty();
                Self::empty_lists(then, &at.key("then"), &mut result);
                let checks = result.checks.len();
                self.assess(&visit, then, &at.key("then"), &mut result);
                open.extend(self.open(&visit, then, checks));
            }
        }
        let is_of_nothing =
            |step: &JourneyStep| step.then.as_ref().is_some_and(Then::is_of_nothing);
        if steps.iter().any(is_of_nothing) {
            self.unseen_in(steps, &at.key("journey"), &mut result);
        }
        if !asserts {
            let why = "no step of the journey asserts anything".to_owned();
            result.flaws.push((at.clone(), why));
        }
        Travelled {
            result,
            met_end: session.met_end,
            open,
        }
    }

    /// When a journey starts: its first visit may say when that is.
    fn start(&self, steps: &[JourneyStep]) -> Timestamp {
        let first = steps.iter().position(|it| it.when.is_some());
        let until = first.map_or(&[][..], |first| &steps[..=first]);
        let said = until.last().and_then(|it| it.when.as_ref()?.at.as_deref());
        let Some(said) = said else {
            return self.time(None);
        };
        let idle = until.iter().map(idle);
        let idle = idle.fold(SignedDuration::ZERO, SignedDuration::saturating_add);
        let at = self.time(Some(said));
        at.checked_sub(idle).unwrap_or(at)
    }

    /// The time that a visit of a journey says. It is no earlier than what came before.
    fn time_of(
        &self,
        when: &When,
        at: &Pointer,
        session: &VisitorSession,
        result: &mut CaseResult,
    ) -> Option<Timestamp> {
        let text = when.at.as_deref()?;
        let time = self.time(Some(text));
        if time < session.now() {
            // On the clocks of what is written.
            let zone = text.parse::<Zoned>().map(|it| it.time_zone().clone());
            let before = session.now().to_zoned(zone.unwrap_or(TimeZone::UTC));
            let why = format!("the journey goes back in time: the step before is at {before}");
            result.flaws.push((at.key("at"), why));
        }
        Some(time)
    }

    /// Closes what a step closes. What no visit of the session can be offered, nobody can close.
    fn close(
        &self,
        step: &JourneyStep,
        at: &Pointer,
        session: &mut VisitorSession,
        result: &mut CaseResult,
    ) {
        let mut closed = Vec::new();
        for (index, reference) in step.closes.iter().flatten().enumerate() {
            let at = at.index(index);
            match target(self.world, reference) {
                Ok(key) => {
                    session.close(key.clone());
                    closed.push((at, key));
                }
                Err(why) => result.flaws.push((at, why)),
            }
        }
        let assumed = self.assumed();
        for (at, key) in closed {
            let can_close = |visit: Visit| can_close(self.world, &visit, &assumed, &key);
            if !session.visits().any(can_close) {
                let name = &key.name;
                let why = format!(
                    "no visit before it in the same session can be offered {name}: there is nothing to close"
                );
                result.flaws.push((at, why));
            }
        }
    }

    /// What is open at a visit, for assertions that something is: by the number of the check.
    fn open(&self, visit: &Visit, then: &Then, first: usize) -> Option<(usize, OpenAssertion)> {
        let names = then.undecided.clone()?;
        let assumed = self.assumed();
        let all = assertions(self.world, then, &Pointer::root());
        let index = all
            .iter()
            .position(|it| matches!(it.claim, Claim::Undecided(_)))?;
        let outcome = VisitOutcome::of(self.world, visit, &assumed);
        let open = OpenAssertion {
            names,
            reasons: outcome.open(self.world, &assumed),
            offers: outcome
                .candidates()
                .map(|key| (key.clone(), outcome.eligible(key).truth))
                .collect(),
        };
        Some((first + index, open))
    }
}
