//! How fast an account is called, and how long a run waits for it: one governor per account.
//!
//! - A request waits for its turn in its lane, reads or writes; the heads of the two lanes take turns, so
//!   that neither starves the other.
//! - Turns are spaced evenly: no second has more of them than the rate allows. A turn that comes late by
//!   less than [`SLACK`] does not slow the next ones.
//! - 429 holds all requests back for as long as the platform asks and halves the rate; every success
//!   raises it again by a little, up to the rate that was set.
//! - Waits for a second try are paid from the budget of the run. Waits side by side are paid once.

use std::time::Duration;

use std::sync::{Mutex as StdMutex, MutexGuard, PoisonError};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// How late a turn may come without slowing the next ones: timers are that coarse.
const SLACK: Duration = Duration::from_millis(20);

/// The slowest rate that 429 leads to, as a part of the rate that was set.
const SLOWEST: u32 = 8;

/// Successes that raise the rate from nothing to the one that was set.
const EASE: f64 = 20.0;

/// Requests per second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    /// Of all requests; `None` for no limit.
    pub requests: Option<f64>,
    /// Of these, of the writes.
    pub writes: Option<f64>,
}

impl Rate {
    /// The rate of an account of which nothing else is known.
    #[must_use]
    pub fn usual() -> Self {
        Self {
            requests: Some(10.0),
            writes: None,
        }
    }
}

/// What a request does to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// Looks, or signs in.
    Read,
    /// Writes.
    Write,
}

/// The leave to send one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn(Instant);

/// See the module.
#[derive(Debug)]
pub(super) struct Governor {
    lanes: [Mutex<()>; 2],
    gate: Mutex<()>,
    state: StdMutex<State>,
}

#[derive(Debug)]
struct State {
    all: Pace,
    writes: Pace,
    held_until: Option<Instant>,
    slowed_at: Option<Instant>,
    throttlings: u64,
    budget: Budget,
}

impl Governor {
    /// A governor with the whole budget.
    pub(super) fn new(rate: Rate, budget: Duration) -> Self {
        Self {
            lanes: <[Mutex<()>; 2]>::default(),
            gate: Mutex::default(),
            state: StdMutex::new(State {
                all: Pace::new(rate.requests),
                writes: Pace::new(rate.writes),
                held_until: None,
                slowed_at: None,
                throttlings: 0,
                budget: Budget::new(budget),
            }),
        }
    }

    /// Waits until the next request may be sent.
    pub(super) async fn turn(&self, lane: Lane) -> Turn {
        let _head = self.lanes[lane as usize].lock().await;
        if lane == Lane::Write {
            self.wait(|state| state.writes.next).await;
        }
        let _gate = self.gate.lock().await;
        self.wait(|state| state.all.next.max(state.held_until))
            .await;
        let now = Instant::now();
        let mut state = self.lock();
        state.all.take(now);
        if lane == Lane::Write {
            state.writes.take(now);
        }
        Turn(now)
    }

    /// Waits for a moment that may move while it is waited for.
    async fn wait(&self, until: impl Fn(&State) -> Option<Instant>) {
        loop {
            let until = until(&self.lock());
            match until {
                Some(until) if until > Instant::now() => sleep_until(until).await,
                _ => return,
            }
        }
    }

    /// The request of this turn was throttled: everybody waits, and goes on more slowly.
    pub(super) fn throttled(&self, turn: Turn, wait: Duration) {
        let now = Instant::now();
        let mut state = self.lock();
        state.throttlings += 1;
        state.held_until = state.held_until.max(now.checked_add(wait));
        // The requests of one burst are throttled together, which says it once.
        if state.slowed_at.is_none_or(|slowed| turn.0 > slowed) {
            state.slowed_at = Some(now);
            state.all.slow();
            state.writes.slow();
        }
    }

    /// A request was answered as it should be.
    pub(super) fn answered(&self) {
        let mut state = self.lock();
        state.all.ease();
        state.writes.ease();
    }

    /// Takes a wait from the budget; `false` when it does not fit.
    pub(super) fn pay(&self, wait: Duration) -> bool {
        self.lock().budget.pay(Instant::now(), wait)
    }

    /// How much of the budget is spent, and whether a wait did not fit any more.
    pub(super) fn spent(&self) -> (Duration, bool) {
        let state = self.lock();
        (state.budget.spent, state.budget.is_exhausted)
    }

    /// How many requests were throttled.
    pub(super) fn throttlings(&self) -> u64 {
        self.lock().throttlings
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Evenly spaced turns.
#[derive(Debug)]
struct Pace {
    /// The distance of turns at the rate that was set; zero for no limit.
    set: Duration,
    /// The distance now.
    now: Duration,
    next: Option<Instant>,
}

impl Pace {
    fn new(rate: Option<f64>) -> Self {
        let set = rate.map_or(Duration::ZERO, |rate| {
            Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::ZERO)
        });
        Self {
            set,
            now: set,
            next: None,
        }
    }

    fn take(&mut self, now: Instant) {
        let due = self.next.unwrap_or(now);
        let late = now.checked_sub(SLACK).unwrap_or(now);
        self.next = Some(due.max(late) + self.now);
    }

    fn slow(&mut self) {
        self.now = (self.now * 2).min(self.set * SLOWEST);
    }

    fn ease(&mut self) {
        if self.now > self.set {
            let rate = 1.0 / self.now.as_secs_f64() + 1.0 / (EASE * self.set.as_secs_f64());
            self.now = Duration::from_secs_f64(1.0 / rate).max(self.set);
        }
    }
}

/// The time that a run may wait in all.
#[derive(Debug)]
struct Budget {
    total: Duration,
    spent: Duration,
    waits_until: Option<Instant>,
    is_exhausted: bool,
}

impl Budget {
    fn new(total: Duration) -> Self {
        Self {
            total,
            spent: Duration::ZERO,
            waits_until: None,
            is_exhausted: false,
        }
    }

    fn pay(&mut self, now: Instant, wait: Duration) -> bool {
        let paid = self
            .waits_until
            .map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let price = wait.saturating_sub(paid);
        if self.spent.saturating_add(price) > self.total {
            self.is_exhausted = true;
            return false;
        }
        self.spent += price;
        self.waits_until = self.waits_until.max(now.checked_add(wait));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn governor(requests: f64) -> Governor {
        let rate = Rate {
            requests: Some(requests),
            writes: None,
        };
        Governor::new(rate, 10 * SECOND)
    }

    /// The seconds that some turns take.
    async fn turns(governor: &Governor, lane: Lane, count: usize) -> f64 {
        let start = Instant::now();
        for _ in 0..count {
            governor.turn(lane).await;
        }
        start.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_turns_take_what_the_rate_says() {
        let governor = governor(10.0);
        let seconds = turns(&governor, Lane::Write, 1001).await;
        assert!((100.0..100.5).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_turns_than_the_rate_even_after_a_rest() {
        let governor = governor(10.0);
        turns(&governor, Lane::Read, 3).await;
        tokio::time::sleep(60 * SECOND).await;
        let seconds = turns(&governor, Lane::Read, 11).await;
        assert!((0.95..1.1).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_rate_nothing_waits() {
        let governor = Governor::new(Rate::default(), SECOND);
        assert!(turns(&governor, Lane::Write, 1000).await < 0.001);
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_waits_for_one_write_and_not_for_all_of_them() {
        let governor = governor(10.0);
        let start = Instant::now();
        let writes = async {
            for _ in 0..50 {
                governor.turn(Lane::Write).await;
            }
        };
        let read = async {
            governor.turn(Lane::Read).await;
            start.elapsed().as_secs_f64()
        };
        let ((), seconds) = tokio::join!(writes, read);
        assert!(seconds < 0.3, "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn slow_writes_do_not_slow_reads() {
        let rate = Rate {
            requests: Some(10.0),
            writes: Some(1.0),
        };
        let governor = Governor::new(rate, SECOND);
        let (writes, reads) = tokio::join!(
            turns(&governor, Lane::Write, 11),
            turns(&governor, Lane::Read, 31)
        );
        assert!((9.9..10.3).contains(&writes), "{writes}");
        assert!((3.0..3.8).contains(&reads), "{reads}");
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_holds_everybody_halves_the_rate_once_per_burst_and_success_heals_it() {
        let governor = governor(10.0);
        let burst = [
            governor.turn(Lane::Read).await,
            governor.turn(Lane::Write).await,
        ];
        for turn in burst {
            governor.throttled(turn, 3 * SECOND);
        }
        let start = Instant::now();
        let later = governor.turn(Lane::Read).await;
        assert_eq!(start.elapsed().as_secs(), 3);
        let seconds = turns(&governor, Lane::Read, 10).await;
        assert!((1.9..2.1).contains(&seconds), "half the rate: {seconds}");
        for _ in 0..20 {
            governor.throttled(later, Duration::ZERO);
        }
        turns(&governor, Lane::Read, 1).await;
        let seconds = turns(&governor, Lane::Read, 10).await;
        assert!((3.9..4.1).contains(&seconds), "a quarter: {seconds}");
        for _ in 0..20 {
            let turn = governor.turn(Lane::Read).await;
            governor.throttled(turn, Duration::ZERO);
        }
        let seconds = turns(&governor, Lane::Read, 10).await;
        assert!((7.9..8.9).contains(&seconds), "not slower: {seconds}");
        (0..20).for_each(|_| governor.answered());
        turns(&governor, Lane::Read, 1).await;
        let seconds = turns(&governor, Lane::Read, 10).await;
        assert!((0.9..1.1).contains(&seconds), "healed: {seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn waits_side_by_side_are_paid_once() {
        let governor = governor(10.0);
        assert!(governor.pay(6 * SECOND) && governor.pay(6 * SECOND));
        tokio::time::sleep(2 * SECOND).await;
        assert!(governor.pay(5 * SECOND));
        assert_eq!(governor.spent(), (7 * SECOND, false));
        assert!(!governor.pay(9 * SECOND));
        assert!(!governor.pay(Duration::MAX));
        assert_eq!(governor.spent(), (7 * SECOND, true));
        assert!(governor.pay(8 * SECOND), "up to the last second");
    }
}
