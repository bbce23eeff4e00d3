//! The term of a lock: how long it outlives its last renewal, so that the lock of a run that died goes away without
//! anybody's help.
//!
//! - The holder of a remote lock renews it three times per term, as long as its process lives.
//! - Another run takes a lock only after it has [watched](Watch) it for a while without a renewal: for half a term when
//!   the end that the lock names has passed, for a whole one otherwise. Its own steady clock measures the watching, so a
//!   wall clock that is wrong on either side costs time, and never a lock whose holder renews it.
//! - That decides when a lock is *tried*. Whether it is taken is decided by the store, with a write that only succeeds if
//!   the lock still is the one that was watched; and every write of the run that lost it is refused from then on.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lock::Ticket;

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
    /// How long the lock outlives a renewal.
    #[must_use]
    pub fn length(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Whether its end has passed, by the clock of the one who asks.
    #[must_use]
    pub fn has_passed(&self, now: Timestamp) -> bool {
        let until: Result<Timestamp, _> = self.until.parse();
        until.is_ok_and(|until| until <= now)
    }
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
        Duration::from_secs(self.seconds)
    }

    /// How long after a renewal the next one is due: one may fail, and a second one still comes in time.
    pub(super) fn pause(&self) -> Duration {
        self.length() / 3
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
            term.length() / 2
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
