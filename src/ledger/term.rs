//! The term of a lock: how long it outlives its last renewal, so that the lock of a run that died goes away without
//! anybody's help.
//!
//! - The holder of a remote lock renews it three times per term, and each 20 seconds at least, as long as its process
//!   lives.
//! - Another run takes a lock only after it has [watched](Watch) it for a while without a renewal. When the end that the
//!   lock names has passed, that is half a term, and [30 seconds](WATCH) at most: longer than a renewal takes to come,
//!   whatever the term is. Otherwise it is a whole term. Its own steady clock measures the watching, so a wall clock that
//!   is wrong on either side costs time, and never a lock whose holder renews it.
//! - A lock says its term itself, and a broken store may say anything: what no project file may say is not believed.
//! - That decides when a lock is *tried*. Whether it is taken is decided by the store, with a write that only succeeds if
//!   the lock still is the one that was watched; and every write of the run that lost it is refused from then on.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lock::Ticket;
use crate::project::LOCK_TERMS;

/// How long a lock is watched whose end has passed, at most. Its holder lets no more than two thirds of it pass between
/// two renewals, and is not sure of its lock for longer.
pub(super) const WATCH: Duration = Duration::from_secs(30);

/// How long a holder waits between two renewals, at most.
const PAUSE: Duration = Duration::from_secs(20);

/// The term of one lock, as the lock itself says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LockTerm {
    /// How many seconds the lock outlives a renewal.
    pub seconds: u64,
    /// When it is over unless it is renewed, RFC 3339, by the clock of its holder.
    pub until: String,
    /// How often it was renewed.
    #[serde(default)]
    pub renewals: u64,
}

impl LockTerm {
    /// How long the lock outlives a renewal, within the bounds of a term.
    #[must_use]
    pub fn length(&self) -> Duration {
        bounded(self.seconds)
    }

    /// How long it is to be watched once its end has passed.
    #[must_use]
    pub fn watch(&self) -> Duration {
        watch(self.length())
    }

    /// Whether its end has passed, by the clock of the one who asks.
    #[must_use]
    pub fn has_passed(&self, now: Timestamp) -> bool {
        let until: Result<Timestamp, _> = self.until.parse();
        until.is_ok_and(|until| until <= now)
    }
}

/// A term of so many seconds, within its bounds.
fn bounded(seconds: u64) -> Duration {
    Duration::from_secs(seconds.clamp(*LOCK_TERMS.start(), *LOCK_TERMS.end()))
}

/// How long a lock of this term is watched once its end has passed. For as long after a renewal, nobody else has it.
pub(super) fn watch(term: Duration) -> Duration {
    (term / 2).min(WATCH)
}

/// How long the locks of a run last.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How long a lock outlives its last renewal, in whole seconds.
    pub seconds: u64,
    /// The time.
    pub clock: fn() -> Timestamp,
}

impl Terms {
    /// The term where nobody gives one. A run that died holds up the next one for a minute at most; a holder would
    /// have to stand still for 40 seconds between two renewals to lose its lock.
    pub const SECONDS: u64 = 60;

    /// How long a lock lasts.
    pub(super) fn length(&self) -> Duration {
        bounded(self.seconds)
    }

    /// How long after a renewal the next one is due: one may fail, and a second one still comes in time.
    pub(super) fn pause(&self) -> Duration {
        (self.length() / 3).min(PAUSE)
    }

    /// A term that begins now, behind so many renewals.
    pub(super) fn after(&self, renewals: u64) -> LockTerm {
        let now = (self.clock)();
        let until = now.checked_add(self.length()).unwrap_or(now);
        LockTerm {
            seconds: self.seconds,
            until: until.to_string(),
            renewals,
        }
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            seconds: Self::SECONDS,
            clock: Timestamp::now,
        }
    }
}

/// What a run that waits for a lock has seen of it.
#[derive(Debug, Default)]
pub struct Watch(Option<(Ticket, Instant)>);

impl Watch {
    /// Whether a lock that is still held at `now` is over, so that it may be tried to take it. `today` is the same
    /// moment by the wall clock.
    pub fn is_over(&mut self, held: &Ticket, now: Instant, today: Timestamp) -> bool {
        let Some(term) = &held.term else {
            return false;
        };
        let since = match &self.0 {
            Some((seen, since)) if seen == held => *since,
            _ => now,
        };
        self.0 = Some((held.clone(), since));
        let enough = if term.has_passed(today) {
            term.watch()
        } else {
            term.length()
        };
        now.duration_since(since) >= enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Holder;

    fn held(renewals: u64, until: &str) -> Ticket {
        let holder = Holder {
            who: "ann".to_owned(),
            since: "2026-09-01T00:00:00Z".to_owned(),
        };
        Ticket {
            id: "1".to_owned(),
            ..Ticket::new(&holder).lasting(LockTerm {
                seconds: 60,
                until: until.to_owned(),
                renewals,
            })
        }
    }

    /// What a watch says at these seconds.
    fn said(watch: &mut Watch, lock: &Ticket, seconds: &[u64], start: Instant) -> Vec<bool> {
        let today = "2026-09-01T00:00:00Z".parse().unwrap();
        let at = |second: &u64| start + Duration::from_secs(*second);
        let seconds = seconds.iter();
        seconds
            .map(|second| watch.is_over(lock, at(second), today))
            .collect()
    }

    #[test]
    fn a_lock_is_over_when_it_was_watched_without_a_renewal() {
        let start = Instant::now();
        let passed = held(0, "2026-08-31T23:59:59Z");
        let mut watch = Watch::default();
        assert_eq!(
            said(&mut watch, &passed, &[0, 29, 30], start),
            [false, false, true]
        );
        // A clock that is fast on either side takes no lock that is renewed.
        let renewed = held(1, "2026-08-31T23:59:59Z");
        assert_eq!(
            said(&mut watch, &renewed, &[31, 60, 61], start),
            [false, false, true]
        );
        // Nor does one that is slow keep a dead lock for longer than a term.
        let ahead = held(1, "2026-09-02T00:00:00Z");
        let mut watch = Watch::default();
        assert_eq!(
            said(&mut watch, &ahead, &[0, 30, 59, 60], start),
            [false, false, false, true]
        );
    }

    /// A lock of so many seconds, over since a long time.
    fn lasting(seconds: u64) -> Ticket {
        let mut lock = held(0, "2026-08-31T23:59:59Z");
        if let Some(term) = &mut lock.term {
            term.seconds = seconds;
        }
        lock
    }

    #[test]
    fn a_lock_that_is_over_is_watched_for_half_a_minute_at_most_whatever_its_term() {
        let start = Instant::now();
        for seconds in [60, 300, 3600, 1_000_000_000_000, u64::MAX] {
            let (lock, mut watch) = (lasting(seconds), Watch::default());
            assert_eq!(
                said(&mut watch, &lock, &[0, 29, 30], start),
                [false, false, true],
                "{seconds}"
            );
        }
        // Nor for no time at all.
        assert!(lasting(0).term.is_some_and(|it| !it.watch().is_zero()));
        let mut ahead = lasting(u64::MAX);
        if let Some(term) = &mut ahead.term {
            term.until = "2999-01-01T00:00:00Z".to_owned();
        }
        let mut watch = Watch::default();
        assert_eq!(
            said(&mut watch, &ahead, &[0, 3_599, 3_600], start),
            [false, false, true]
        );
    }

    #[test]
    fn a_holder_renews_more_often_than_others_watch_and_is_sure_for_no_longer() {
        for seconds in LOCK_TERMS {
            let terms = Terms {
                seconds,
                ..Terms::default()
            };
            let watched = terms.after(0).watch();
            assert!(terms.pause() * 4 / 3 <= watched, "{seconds}");
            assert_eq!(watched, watch(terms.length()), "{seconds}");
        }
    }

    #[test]
    fn a_lock_without_a_term_is_never_over() {
        let mut lock = held(0, "2026-08-31T23:59:59Z");
        lock.term = None;
        let start = Instant::now();
        assert_eq!(
            said(&mut Watch::default(), &lock, &[0, 100_000], start),
            [false, false]
        );
    }
}
