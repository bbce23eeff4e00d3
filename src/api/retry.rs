//! What is tried again, and when: a pure classification.
//!
//! - A connection that never came up is tried again whatever the request: nothing was sent.
//! - 429 says that the request was not carried out: it is tried again whatever the request.
//! - Anything else is tried again only if the request is idempotent. A create is not; whoever asked for
//!   it must look whether it arrived.
//! - The waits are the vendor's own recommendation (platform.md#retries). `Retry-After` overrides them, as
//!   seconds or as a date.
//! - All waits of a run are paid from one budget, which each run has for itself.

use std::time::Duration;

/// How patient a run is.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// What a second of the schedules lasts: less than one for a server on this computer, which needs no rest.
    pub second: Duration,
    /// How long a run may wait in all for a platform that is throttled, slow or failing.
    pub budget: Duration,
    /// Spreads the waits of many runs: a number from 0 to 1, another one at each call.
    pub jitter: fn() -> f64,
}

impl Policy {
    /// The longest that a run waits unless it is told otherwise.
    pub const BUDGET: Duration = Duration::from_mins(10);

    /// For a server on this computer: a hundredth of every wait.
    #[must_use]
    pub fn quick() -> Self {
        Self {
            second: Duration::from_millis(10),
            ..Self::default()
        }
    }

    /// How long to wait for this failure, in real time.
    pub(super) fn lasting(&self, pause: Pause) -> Duration {
        let jitter = (self.jitter)().clamp(0.0, 1.0);
        match pause {
            // What is asked for is the least.
            Pause::Asked(wait) => wait.saturating_add(self.second.mul_f64(jitter)),
            Pause::Scheduled(seconds) => (self.second * seconds).mul_f64(1.0 + jitter / 5.0),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            second: Duration::from_secs(1),
            budget: Self::BUDGET,
            jitter: fastrand::f64,
        }
    }
}

/// The waits between the tries of a failing request, in seconds (platform.md#retries).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetrySchedule {
    /// Account config, look-up, sign-in and handoffs.
    AccountConfig,
    /// The Monitoring API, which loads an account at its first call.
    Monitoring,
}

impl RetrySchedule {
    const fn seconds(self) -> &'static [u32] {
        match self {
            Self::AccountConfig => &[5, 10, 15],
            Self::Monitoring => &[3, 10, 30, 90],
        }
    }
}

/// The waits for a connection: the mistake may be a host that does not exist, which no patience mends.
const CONNECT: &[u32] = &[1, 2, 4];

/// The waits after 429 without `Retry-After`.
const THROTTLED: &[u32] = &[1, 2, 4, 8, 16, 32, 60, 60, 60, 60];

/// A wait before the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// The platform asked for it.
    Asked(Duration),
    /// Seconds of a schedule.
    Scheduled(u32),
}

/// Why a try failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TryFailure {
    /// The connection did not come up.
    Connect,
    /// The request went out, and no whole answer came back.
    Lost,
    /// A read was answered with 202: the account is being loaded. Maybe with a time to wait.
    Loading(Option<Duration>),
    /// The platform answered with this status, and maybe with a time to wait.
    Status(u16, Option<Duration>),
}

/// Whether the same request may be carried out twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Reads, and writes that name a revision.
    Idempotent,
    /// Creates.
    Once,
}

/// How long to wait before the next try, `None` to give up. `attempt` counts from 1.
pub(super) fn pause(
    schedule: RetrySchedule,
    repeat: Repeat,
    attempt: u32,
    failure: TryFailure,
) -> Option<Pause> {
    let (waits, asked) = match failure {
        TryFailure::Connect => (CONNECT, None),
        TryFailure::Status(429, asked) => (THROTTLED, asked),
        TryFailure::Loading(asked) => (schedule.seconds(), asked),
        // A call of the Monitoring API may have opened a session: the vendor's schedule is for 202 and 5xx.
        TryFailure::Lost if schedule == RetrySchedule::Monitoring => return None,
        TryFailure::Lost if repeat == Repeat::Idempotent => (schedule.seconds(), None),
        TryFailure::Status(500 | 502..=504, asked) if repeat == Repeat::Idempotent => {
            (schedule.seconds(), asked)
        }
        TryFailure::Lost | TryFailure::Status(..) => return None,
    };
    let seconds = *waits.get(attempt as usize - 1)?;
    Some(asked.map_or(Pause::Scheduled(seconds), Pause::Asked))
}

/// The wait that `Retry-After` asks for. A date is counted from the answer's own `Date`, so that no
/// clock of ours has to agree with the platform's.
pub(super) fn retry_after(header: Option<&str>, date: Option<&str>) -> Option<Duration> {
    let header = header?.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let seconds = http_date(header)?.as_second() - http_date(date?)?.as_second();
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// The moment of a header like `Date`.
pub(super) fn http_date(text: &str) -> Option<jiff::Timestamp> {
    Some(jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds of all waits until the request is given up.
    fn waits(schedule: RetrySchedule, repeat: Repeat, failure: TryFailure) -> Vec<u32> {
        let seconds = |attempt| match pause(schedule, repeat, attempt, failure)? {
            Pause::Scheduled(seconds) => Some(seconds),
            Pause::Asked(wait) => u32::try_from(wait.as_secs()).ok(),
        };
        (1..).map_while(seconds).collect()
    }

    #[test]
    fn what_is_tried_again() {
        let (never, asked) = (&[][..], Some(Duration::from_secs(7)));
        let vendor = &[5, 10, 15][..];
        for (failure, idempotent, once) in [
            (TryFailure::Connect, CONNECT, CONNECT),
            (TryFailure::Lost, vendor, never),
            (TryFailure::Loading(None), vendor, vendor),
            (TryFailure::Status(429, None), THROTTLED, THROTTLED),
            (TryFailure::Status(429, asked), &[7; 10], &[7; 10]),
            (TryFailure::Status(503, asked), &[7; 3], never),
            (TryFailure::Status(503, None), vendor, never),
            (TryFailure::Status(500, None), vendor, never),
            (TryFailure::Status(501, None), never, never),
            (TryFailure::Status(400, asked), never, never),
            (TryFailure::Status(401, None), never, never),
            (TryFailure::Status(412, None), never, never),
            (TryFailure::Status(302, None), never, never),
        ] {
            let of = |repeat| waits(RetrySchedule::AccountConfig, repeat, failure);
            assert_eq!(of(Repeat::Idempotent), idempotent, "{failure:?}");
            assert_eq!(of(Repeat::Once), once, "{failure:?}");
        }
    }

    #[test]
    fn the_monitoring_api_has_a_schedule_of_its_own() {
        for failure in [TryFailure::Loading(None), TryFailure::Status(500, None)] {
            let waits = waits(RetrySchedule::Monitoring, Repeat::Idempotent, failure);
            assert_eq!(waits, [3, 10, 30, 90]);
        }
        let lost = waits(
            RetrySchedule::Monitoring,
            Repeat::Idempotent,
            TryFailure::Lost,
        );
        assert!(lost.is_empty(), "{lost:?}");
    }

    #[test]
    fn jitter_never_shortens_a_wait() {
        let lasting = |pause, jitter| {
            let policy = Policy {
                jitter,
                ..Policy::default()
            };
            policy.lasting(pause).as_secs_f64()
        };
        for (pause, least, most) in [
            (Pause::Scheduled(5), 5.0, 6.0),
            (Pause::Asked(Duration::from_secs(7)), 7.0, 8.0),
        ] {
            assert!((lasting(pause, || 0.0) - least).abs() < 1e-9);
            assert!((lasting(pause, || 1.0) - most).abs() < 1e-9);
        }
        assert_eq!(
            Policy::quick().lasting(Pause::Asked(Duration::MAX)),
            Duration::MAX
        );
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let date = Some("Wed, 21 Oct 2026 07:28:00 GMT");
        for (header, date, seconds) in [
            (Some("120"), None, Some(120)),
            (Some(" 0 "), None, Some(0)),
            (Some("Wed, 21 Oct 2026 07:28:05 GMT"), date, Some(5)),
            (Some("Wed, 21 Oct 2026 07:27:00 GMT"), date, Some(0)),
            (Some("Wed, 21 Oct 2026 07:28:05 GMT"), None, None),
            (Some("soon"), date, None),
            (None, date, None),
        ] {
            let wait = retry_after(header, date);
            assert_eq!(wait, seconds.map(Duration::from_secs), "{header:?}");
        }
    }
}
