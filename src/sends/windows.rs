//! The times that can be asked for at once (platform.md#outbound-reporting).

use jiff::{SignedDuration, Timestamp};

/// The longest time that messages can be asked for.
pub const MESSAGES: SignedDuration = SignedDuration::from_hours(24);

/// The longest time that counts can be asked for.
pub const ANALYTICS: SignedDuration = SignedDuration::from_hours(60 * 24);

/// How late the platform may report.
pub const LAG: SignedDuration = SignedDuration::from_mins(20);

/// A time in parts that can each be asked for, the first one first. The end of one is the start of the next.
pub fn windows(
    since: Timestamp,
    until: Timestamp,
    most: SignedDuration,
) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let mut start = since;
    std::iter::from_fn(move || {
        if start >= until {
            return None;
        }
        let end = start.checked_add(most).map_or(until, |end| end.min(until));
        let window = (start, end);
        start = end;
        Some(window)
    })
}
