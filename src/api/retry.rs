//! What is tried again, and when: a pure classification.
//!
//! - A connection that never came up is tried again whatever the request: nothing was sent.
//! - 429 says that the request was not carried out: it is tried again whatever the request.
//! - Anything else is tried again only if the request is idempotent. A create is not; whoever asked for
//!   it must look whether it arrived.
//! - `Retry-After` is honoured, as seconds or as a date; a wait beyond the policy's longest ends the try.

use std::time::Duration;

/// How often and how slowly.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Tries in all, the first one included.
    pub attempts: u32,
    /// The wait before the second try; it doubles from try to try.
    pub base: Duration,
    /// The longest wait that is still waited for.
    pub longest: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 3,
            base: Duration::from_millis(250),
            longest: Duration::from_mins(1),
        }
    }
}

/// Why a try failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The connection did not come up.
    Connect,
    /// The request went out, and no whole answer came back.
    Lost,
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
pub(super) fn wait(
    policy: &Policy,
    repeat: Repeat,
    attempt: u32,
    failure: Failure,
) -> Option<Duration> {
    if attempt >= policy.attempts || !is_worth_it(repeat, failure) {
        return None;
    }
    let asked = match failure {
        Failure::Status(_, asked) => asked,
        Failure::Connect | Failure::Lost => None,
    };
    let backoff = policy.base.saturating_mul(1 << (attempt - 1).min(16));
    let wait = asked.unwrap_or(backoff.min(policy.longest));
    (wait <= policy.longest).then_some(wait)
}

fn is_worth_it(repeat: Repeat, failure: Failure) -> bool {
    match failure {
        Failure::Connect | Failure::Status(429, _) => true,
        Failure::Lost | Failure::Status(500 | 502..=504, _) => repeat == Repeat::Idempotent,
        Failure::Status(..) => false,
    }
}

/// The wait that `Retry-After` asks for. A date is counted from the answer's own `Date`, so that no
/// clock of ours has to agree with the platform's.
pub(super) fn retry_after(header: Option<&str>, date: Option<&str>) -> Option<Duration> {
    let header = header?.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(header).ok()?.timestamp();
    let now = jiff::fmt::rfc2822::parse(date?.trim()).ok()?.timestamp();
    let seconds = until.as_second().saturating_sub(now.as_second());
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy {
        attempts: 3,
        base: Duration::from_millis(100),
        longest: Duration::from_secs(30),
    };

    #[test]
    fn what_is_tried_again() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let base = Some(POLICY.base);
        for (failure, idempotent, once) in [
            (Failure::Connect, base, base),
            (Failure::Lost, base, None),
            (Failure::Status(429, None), base, base),
            (Failure::Status(429, seconds(7)), seconds(7), seconds(7)),
            (Failure::Status(429, seconds(31)), None, None),
            (Failure::Status(503, seconds(2)), seconds(2), None),
            (Failure::Status(503, None), base, None),
            (Failure::Status(500, None), base, None),
            (Failure::Status(501, None), None, None),
            (Failure::Status(400, None), None, None),
            (Failure::Status(401, None), None, None),
            (Failure::Status(412, None), None, None),
            (Failure::Status(302, None), None, None),
        ] {
            assert_eq!(wait(&POLICY, Repeat::Idempotent, 1, failure), idempotent);
            assert_eq!(wait(&POLICY, Repeat::Once, 1, failure), once, "{failure:?}");
            assert_eq!(wait(&POLICY, Repeat::Idempotent, 3, failure), None);
        }
        let second = wait(&POLICY, Repeat::Idempotent, 2, Failure::Lost);
        assert_eq!(second, Some(POLICY.base * 2));
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
