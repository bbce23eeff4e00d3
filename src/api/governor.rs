//! How fast an account is called: one governor per account, which all that call it in this process share.
//!
//! The platform counts the requests of an account, whichever environment, run or language server they come from. So its
//! limit can only be kept where all of them take their turns in one place: two environments of one account with a
//! governor each would send twice what the platform allows.
//!
//! - A request waits for its turn in its lane, reads or writes; the heads of the two lanes take turns, so
//!   that neither starves the other.
//! - No second has more requests than the rate allows, as the platform sees them ([`Pace`]).
//! - 429 holds all requests back for as long as the platform asks and halves the rate; nothing is made up for then, and every
//!   success raises the rate again by a little, up to the one that was set: in a quarter of a minute if it was halved once.
//! - Where several settings name a rate for one account, the lowest counts.
//!
//! A governor outlives the runs that use it, with all that it knows: a 429 at the end of one run holds back the next one.
//! That of a server on this computer goes soon after its last run: the next server on that port is another account.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, timeout_at};

use super::pace::Pace;

/// How much longer than others a request may take to arrive, so that the rate holds where it is counted. It costs
/// at most this part of a second in every second.
const TRAVEL: Duration = Duration::from_millis(40);

/// The same on this computer, where answers come at once unless the computer is busy.
const TRAVEL_HERE: Duration = Duration::from_millis(500);

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
pub(super) struct RequestTurn {
    number: u64,
    at: Instant,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Governor {
    lanes: [Mutex<()>; 2],
    gate: Mutex<()>,
    /// Wakes who waits for a moment that came closer.
    closer: Notify,
    state: StdMutex<GovernorState>,
}

#[derive(Debug)]
struct GovernorState {
    all: Pace,
    writes: Pace,
    turns: u64,
    held_until: Option<Instant>,
    slowed_at: Option<Instant>,
    /// When a request was sent or arrived last.
    last: Option<Instant>,
}

/// The governors of this process, by the address of the look-up service and the account.
static GOVERNORS: StdMutex<BTreeMap<(String, String), KeptGovernor>> =
    StdMutex::new(BTreeMap::new());

/// For how long the governor of a server on this computer is kept when no client uses it any more: the next run may come at once,
/// and the platform counts what the one before sent in the same second.
const KEPT_HERE: Duration = Duration::from_secs(2);

/// A governor that is kept.
struct KeptGovernor {
    governor: Arc<Governor>,
    is_local: bool,
}

impl KeptGovernor {
    /// Whether it is of the account that is called now.
    fn is_current(&self) -> bool {
        let is_used = Arc::strong_count(&self.governor) > 1;
        let last = self.governor.lock().last;
        let is_fresh = last.is_some_and(|last| last.elapsed() < KEPT_HERE);
        !self.is_local || is_used || is_fresh
    }
}

impl Governor {
    /// The governor of an account, which is at an address; `is_local` where that is this computer.
    pub(super) fn of(address: &str, account: &str, (rate, is_local): (Rate, bool)) -> Arc<Self> {
        let mut governors = GOVERNORS.lock().unwrap_or_else(PoisonError::into_inner);
        governors.retain(|_, kept| kept.is_current());
        let travel = if is_local { TRAVEL_HERE } else { TRAVEL };
        let key = (address.to_owned(), account.to_owned());
        if let Some(KeptGovernor { governor, .. }) = governors.get(&key) {
            governor.limit(rate, travel);
            return Arc::clone(governor);
        }
        let governor = Arc::new(Self::new(rate, travel));
        let kept = KeptGovernor {
            governor: Arc::clone(&governor),
            is_local,
        };
        governors.insert(key, kept);
        governor
    }

    /// A governor of its own. A request may take as long as `travel` to arrive.
    fn new(rate: Rate, travel: Duration) -> Self {
        Self {
            lanes: <[Mutex<()>; 2]>::default(),
            gate: Mutex::default(),
            closer: Notify::new(),
            state: StdMutex::new(GovernorState {
                all: Pace::new(rate.requests, travel),
                writes: Pace::new(rate.writes, travel),
                turns: 0,
                held_until: None,
                slowed_at: None,
                last: None,
            }),
        }
    }

    /// Keeps to a rate, too.
    fn limit(&self, rate: Rate, travel: Duration) {
        let mut state = self.lock();
        state.all.limit(rate.requests, travel);
        state.writes.limit(rate.writes, travel);
    }

    /// Waits until the next request may be sent.
    pub(super) async fn turn(&self, lane: Lane) -> RequestTurn {
        let _head = self.lanes[lane as usize].lock().await;
        if lane == Lane::Write {
            self.wait(|state| state.writes.next()).await;
        }
        let _gate = self.gate.lock().await;
        self.wait(|state| state.all.next().max(state.held_until))
            .await;
        let at = Instant::now();
        let mut state = self.lock();
        state.turns += 1;
        state.last = Some(at);
        let number = state.turns;
        state.all.take(number, at);
        if lane == Lane::Write {
            state.writes.take(number, at);
        }
        RequestTurn { number, at }
    }

    /// Waits for a moment that may move while it is waited for.
    async fn wait(&self, until: impl Fn(&GovernorState) -> Option<Instant>) {
        loop {
            let closer = self.closer.notified(); // before the look, so that no move is missed
            let until = until(&self.lock());
            match until {
                Some(until) if until > Instant::now() => drop(timeout_at(until, closer).await),
                _ => return,
            }
        }
    }

    /// The request of this turn was answered, or given up: it has arrived, if ever.
    pub(super) fn arrived(&self, turn: RequestTurn) {
        let now = Instant::now();
        let mut state = self.lock();
        state.last = Some(now);
        state.all.arrived(turn.number, now);
        state.writes.arrived(turn.number, now);
        drop(state);
        self.closer.notify_waiters();
    }

    /// The request of this turn was throttled: everybody waits, and goes on more slowly.
    pub(super) fn throttled(&self, turn: RequestTurn, wait: Duration) {
        let now = Instant::now();
        let mut state = self.lock();
        state.held_until = state.held_until.max(now.checked_add(wait));
        if let Some(until) = state.held_until {
            state.all.hold(until);
            state.writes.hold(until);
        }
        // The requests of one burst are throttled together, which says it once.
        if state.slowed_at.is_none_or(|slowed| turn.at > slowed) {
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

    fn lock(&self) -> MutexGuard<'_, GovernorState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        Governor::new(rate, TRAVEL)
    }

    /// A turn of a request that arrives at once.
    async fn turn(governor: &Governor, lane: Lane) -> RequestTurn {
        let turn = governor.turn(lane).await;
        governor.arrived(turn);
        turn
    }

    /// The seconds that some turns take.
    async fn turns(governor: &Governor, lane: Lane, count: usize) -> f64 {
        let start = Instant::now();
        for _ in 0..count {
            turn(governor, lane).await;
        }
        start.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_turns_take_what_the_rate_says() {
        let governor = governor(10.0);
        let seconds = turns(&governor, Lane::Write, 1001).await;
        assert!((100.0..100.5).contains(&seconds), "{seconds}");
    }

    /// Sends requests side by side, of which each travels for some milliseconds; when they arrive.
    async fn arrivals(governor: &Arc<Governor>, travels: &[u64]) -> Vec<Instant> {
        let mut under_way = Vec::new();
        for travel in travels {
            let (travel, lane) = (Duration::from_millis(*travel), Lane::Write);
            let turn = governor.turn(lane).await;
            let governor = Arc::clone(governor);
            under_way.push(tokio::spawn(async move {
                tokio::time::sleep(travel).await;
                let arrived = Instant::now();
                tokio::time::sleep(travel).await; // the answer's way
                governor.arrived(turn);
                arrived
            }));
        }
        let mut arrivals = Vec::new();
        for request in under_way {
            arrivals.push(request.await.unwrap());
        }
        arrivals.sort();
        arrivals
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_arrivals_than_the_rate_however_unevenly_requests_travel() {
        for rate in [1_u16, 3, 10, 50] {
            let governor = Arc::new(governor(f64::from(rate)));
            let count = u32::from(rate) * 20;
            let travels: Vec<u64> = (0..u64::from(count)).map(|n| n * n * 7 % 41).collect();
            let arrivals = arrivals(&governor, &travels).await;
            for pair in arrivals.windows(usize::from(rate) + 1) {
                let apart = *pair.last().unwrap() - pair[0];
                assert!(apart >= SECOND, "{rate} per second: {apart:?}");
            }
            let seconds = (arrivals[arrivals.len() - 1] - arrivals[0]).as_secs_f64();
            let bound = f64::from(count - 1) / f64::from(rate);
            assert!(seconds <= bound * 1.05, "{seconds} for {bound}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_answer_does_not_slow_the_next_turns() {
        let governor = Arc::new(governor(10.0));
        let arrivals = arrivals(&governor, &[300; 201]).await;
        let seconds = (arrivals[200] - arrivals[0]).as_secs_f64();
        assert!((20.0..=20.9).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stall_is_made_up_for() {
        let governor = governor(10.0);
        let start = Instant::now();
        for _ in 0..10 {
            turns(&governor, Lane::Read, 10).await;
            tokio::time::sleep(SECOND / 5).await;
        }
        let seconds = start.elapsed().as_secs_f64();
        assert!((9.9..10.3).contains(&seconds), "{seconds}");
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
        let governor = Governor::new(Rate::default(), TRAVEL);
        assert!(turns(&governor, Lane::Write, 1000).await < 0.001);
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_waits_for_one_write_and_not_for_all_of_them() {
        let governor = governor(10.0);
        let start = Instant::now();
        let writes = async {
            for _ in 0..50 {
                turn(&governor, Lane::Write).await;
            }
        };
        let read = async {
            turn(&governor, Lane::Read).await;
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
        let governor = Governor::new(rate, TRAVEL);
        let (writes, reads) = tokio::join!(
            turns(&governor, Lane::Write, 11),
            turns(&governor, Lane::Read, 31)
        );
        assert!((9.9..10.6).contains(&writes), "{writes}");
        assert!((3.0..3.8).contains(&reads), "{reads}");
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_holds_everybody_halves_the_rate_once_per_burst_and_success_heals_it() {
        let governor = governor(10.0);
        let burst = [
            turn(&governor, Lane::Read).await,
            turn(&governor, Lane::Write).await,
        ];
        for turn in burst {
            governor.throttled(turn, 3 * SECOND);
        }
        let start = Instant::now();
        let later = turn(&governor, Lane::Read).await;
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
            let slow = turn(&governor, Lane::Read).await;
            governor.throttled(slow, Duration::ZERO);
        }
        let seconds = turns(&governor, Lane::Read, 10).await;
        assert!((7.9..8.9).contains(&seconds), "not slower: {seconds}");
        (0..200).for_each(|_| governor.answered());
        turns(&governor, Lane::Read, 1).await;
        let seconds = turns(&governor, Lane::Read, 10).await;
        assert!((0.9..1.1).contains(&seconds), "healed: {seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_halved_rate_is_seen_after_the_hold_and_comes_back_within_a_quarter_of_a_minute() {
        for rate in [2_u16, 10, 50] {
            let governor = governor(f64::from(rate));
            turns(&governor, Lane::Read, usize::from(rate) * 2).await;
            let first = turn(&governor, Lane::Read).await;
            governor.throttled(first, 6 * SECOND);
            tokio::time::sleep(6 * SECOND).await;
            let mut seconds = [0_u16; 20];
            let start = Instant::now();
            loop {
                turn(&governor, Lane::Read).await;
                governor.answered();
                let second = usize::try_from(start.elapsed().as_secs()).unwrap();
                let Some(count) = seconds.get_mut(second) else {
                    break;
                };
                *count += 1;
            }
            let half = rate / 2;
            assert!(
                (half..=half + half / 5 + 1).contains(&seconds[0]),
                "{seconds:?}"
            );
            assert!(seconds[5] < rate - rate / 10, "{seconds:?}");
            assert!(seconds[16..].iter().all(|it| it + 1 >= rate), "{seconds:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_calls_an_account_takes_turns_with_all_others() {
        let rate = |requests| Rate {
            requests: Some(requests),
            writes: None,
        };
        let place = "https://one-governor.example";
        let of = |account: &str, requests| Governor::of(place, account, (rate(requests), false));
        let (first, second) = (of("1", 10.0), of("1", 10.0));
        let start = Instant::now();
        let (one, other) = tokio::join!(
            turns(&first, Lane::Read, 50),
            turns(&second, Lane::Write, 51)
        );
        assert!((9.9..10.3).contains(&one.max(other)), "{one} {other}");
        let another = turns(&of("2", 10.0), Lane::Read, 51).await;
        assert!(
            (4.9..5.2).contains(&another),
            "an account of its own: {another}"
        );
        // A run that is over leaves behind what it was told, and the lowest rate is kept.
        let turn = turn(&first, Lane::Read).await;
        first.throttled(turn, 60 * SECOND);
        drop((first, second));
        let later = of("1", 2.0);
        let held = turns(&later, Lane::Read, 1).await;
        assert!((59.0..60.1).contains(&held), "{held}");
        (0..40).for_each(|_| later.answered());
        turns(&of("1", 100.0), Lane::Read, 1).await;
        let slow = turns(&later, Lane::Read, 10).await;
        assert!((4.4..5.6).contains(&slow), "{slow}");
        assert!(start.elapsed() > 60 * SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_server_on_a_port_is_another_account() {
        let rate = Rate {
            requests: Some(1.0),
            writes: None,
        };
        let of = || Governor::of("http://127.0.0.1:1", "1", (rate, true));
        let first = of();
        let turn = turn(&first, Lane::Read).await;
        first.throttled(turn, 60 * SECOND);
        assert!(Arc::ptr_eq(&first, &of()));
        // The next run may come at once, and what was sent still counts.
        let known = Arc::as_ptr(&first);
        drop(first);
        assert_eq!(Arc::as_ptr(&of()), known);
        tokio::time::advance(KEPT_HERE).await;
        assert!(turns(&of(), Lane::Read, 1).await < 0.001);
    }
}
