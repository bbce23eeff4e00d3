//! The pace of requests: how many may arrive within one second. Pure.
//!
//! A platform counts requests when they arrive, and a run knows when it sends them. Between the two a request may
//! take its time, and the next one less. So a request counts from when it was answered, at the latest from when
//! it should have arrived: then no second of the platform has more requests than the rate allows.
//!
//! Below that, turns are spaced evenly. What a stall costs is made up for, as long as it was short.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// The slowest pace that 429 leads to, as a part of the one that was set.
const SLOWEST: f64 = 8.0;

/// How many windows full of successes, at the pace that was set, raise it from nothing to that. At half of it a window has half
/// of them, so a pace that was halved is whole again after 20 s * ln 2 = 14 s, and the slowest one after 42 s: soon
/// enough for a long run, and late enough for others that call the account.
const EASE: f64 = 20.0;

/// The part of a second's turns that may be made up for at once.
const CATCH_UP: u32 = 4;

/// A turn that was taken.
#[derive(Debug)]
struct TakenTurn {
    number: u64,
    at: Instant,
    arrived: Option<Instant>,
}

/// The pace of requests; without a rate, no request waits.
#[derive(Debug)]
pub(super) struct Pace(Option<Paced>);

#[derive(Debug)]
struct Paced {
    /// How many requests may arrive within [`Paced::window`].
    most: u32,
    /// A second, for a rate that is a whole number.
    window: Duration,
    /// How long a request may take to arrive.
    travel: Duration,
    /// How many times longer everything takes than was set.
    slowness: f64,
    /// The last turns, as many as `most`.
    taken: VecDeque<TakenTurn>,
    /// When the next turn is due that is spaced evenly.
    due: Option<Instant>,
}

impl Pace {
    /// So many requests per second, which take at most `travel` to arrive.
    pub(super) fn new(rate: Option<f64>, travel: Duration) -> Self {
        let rate = rate.filter(|rate| rate.is_finite() && *rate > 0.0);
        Self(rate.and_then(|rate| Paced::new(rate, travel)))
    }

    /// Keeps to another rate, too: the lower one counts.
    pub(super) fn limit(&mut self, rate: Option<f64>, travel: Duration) {
        let Self(Some(lower)) = Self::new(rate, travel) else {
            return;
        };
        match &mut self.0 {
            Some(paced) if paced.gap() >= lower.gap() => {}
            Some(paced) => {
                (paced.most, paced.window) = (lower.most, lower.window);
                while paced.taken.len() > paced.most as usize {
                    paced.taken.pop_front();
                }
            }
            none => *none = Some(lower),
        }
    }

    /// When the next turn may be taken, if it cannot be taken already.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.as_ref()?.next()
    }

    /// Takes a turn.
    pub(super) fn take(&mut self, number: u64, at: Instant) {
        if let Some(paced) = &mut self.0 {
            paced.take(number, at);
        }
    }

    /// The request of a turn has arrived before now.
    pub(super) fn arrived(&mut self, number: u64, now: Instant) {
        let mut taken = self.0.iter_mut().flat_map(|paced| &mut paced.taken);
        if let Some(taken) = taken.find(|taken| taken.number == number) {
            taken.arrived = Some(now);
        }
    }

    /// Halves the pace.
    pub(super) fn slow(&mut self) {
        if let Some(paced) = &mut self.0 {
            paced.slowness = (paced.slowness * 2.0).min(SLOWEST);
        }
    }

    /// Raises the pace by a little, up to the one that was set: one success of so many as a window has.
    pub(super) fn ease(&mut self) {
        if let Some(paced) = &mut self.0 {
            let little = 1.0 / (EASE * f64::from(paced.most));
            paced.slowness = (1.0 / (1.0 / paced.slowness + little)).max(1.0);
        }
    }

    /// No turn is taken before this moment, and what was not taken until then is not made up for.
    pub(super) fn hold(&mut self, until: Instant) {
        if let Some(paced) = &mut self.0 {
            paced.due = paced.due.max(Some(until));
        }
    }
}

impl Paced {
    fn new(rate: f64, travel: Duration) -> Option<Self> {
        let most = Duration::try_from_secs_f64(rate.ceil()).ok()?.as_secs();
        let most = u32::try_from(most).ok()?; // billions per second are no limit
        Some(Self {
            most,
            window: Duration::try_from_secs_f64(f64::from(most) / rate).ok()?,
            travel,
            slowness: 1.0,
            taken: VecDeque::new(),
            due: None,
        })
    }

    /// The time from one turn to the next, where they are spaced evenly.
    fn gap(&self) -> Duration {
        self.window / self.most
    }

    fn is_full(&self) -> bool {
        self.taken.len() >= self.most as usize
    }

    fn next(&self) -> Option<Instant> {
        let window = self.window.mul_f64(self.slowness);
        let first = self.taken.front().filter(|_| self.is_full());
        let free = first.map(|first| {
            let latest = first.at + self.travel;
            first.arrived.unwrap_or(latest).min(latest) + window
        });
        self.due.max(free)
    }

    fn take(&mut self, number: u64, at: Instant) {
        let window = self.window.mul_f64(self.slowness);
        let late = at.checked_sub(window / CATCH_UP).unwrap_or(at);
        self.due = Some(self.due.unwrap_or(at).max(late) + window / self.most);
        if self.is_full() {
            self.taken.pop_front();
        }
        self.taken.push_back(TakenTurn {
            number,
            at,
            arrived: None,
        });
    }
}
