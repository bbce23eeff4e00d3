//! Where a moment lies in a schedule.

use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};
use schemars::JsonSchema;
use serde::Serialize;

/// The same zones everywhere, whatever the computer knows.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// When an object runs, seen from a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduleState {
    /// The IANA time zone of start and end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The start, on the clocks of the time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// The end, on the clocks of the time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// Where the moment lies.
    pub phase: Phase,
    /// The same in words: `ends in 12 days`, `starts in 3 hours`, `ended 4 days ago`, `ends on 2036-09-24`, `no end`.
    pub words: String,
}

/// Where a moment lies in a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Before its start.
    NotBegun,
    /// Between start and end.
    Within,
    /// After its end.
    Over,
    /// Its times cannot be read.
    Unknown,
}

impl Phase {
    /// The word of it, as documents and flags have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NotBegun => "not-begun",
            Self::Within => "within",
            Self::Over => "over",
            Self::Unknown => "unknown",
        }
    }
}

impl ScheduleState {
    /// A schedule seen from a moment.
    #[must_use]
    pub fn at(
        now: Timestamp,
        time_zone: Option<String>,
        start: Option<String>,
        end: Option<String>,
    ) -> Self {
        let (phase, words) = match (
            instant(start.as_deref(), time_zone.as_deref()),
            instant(end.as_deref(), time_zone.as_deref()),
        ) {
            (Err(()), _) | (_, Err(())) => (Phase::Unknown, "times unknown".to_owned()),
            (Ok(Some(start)), _) if now < start => (
                Phase::NotBegun,
                told(now, start, "starts", time_zone.as_deref()),
            ),
            (_, Ok(Some(end))) if now >= end => {
                (Phase::Over, told(now, end, "ended", time_zone.as_deref()))
            }
            (_, Ok(Some(end))) => (Phase::Within, told(now, end, "ends", time_zone.as_deref())),
            (_, Ok(None)) => (Phase::Within, "no end".to_owned()),
        };
        Self {
            time_zone,
            start,
            end,
            phase,
            words,
        }
    }
}

/// The instant of a local time; without a time zone, of UTC.
fn instant(local: Option<&str>, time_zone: Option<&str>) -> Result<Option<Timestamp>, ()> {
    let Some(local) = local else { return Ok(None) };
    let local: DateTime = local.parse().map_err(drop)?;
    let zoned: Zoned = local.to_zoned(zone(time_zone)?).map_err(drop)?;
    Ok(Some(zoned.timestamp()))
}

fn zone(time_zone: Option<&str>) -> Result<TimeZone, ()> {
    time_zone.map_or(Ok(TimeZone::UTC), |name| ZONES.get(name).map_err(drop))
}

/// How far from now on a time is counted; one that is further away is a date.
const FAR: i64 = 366 * 24 * 60;

/// What happens at a time: `ends in 12 days`, `ended 2 hours ago`, `ends on 2036-09-24`.
fn told(now: Timestamp, at: Timestamp, verb: &str, time_zone: Option<&str>) -> String {
    let minutes = at.duration_since(now).as_secs().abs() / 60;
    if minutes > FAR {
        let date = at.to_zoned(zone(time_zone).unwrap_or(TimeZone::UTC)).date();
        return format!("{verb} on {date}");
    }
    if at > now {
        format!("{verb} in {}", span(minutes))
    } else {
        format!("{verb} {} ago", span(minutes))
    }
}

/// A time in its largest unit.
fn span(minutes: i64) -> String {
    let (count, unit) = match (minutes / (24 * 60), minutes / 60) {
        (0, 0) => (minutes, "minute"),
        (0, hours) => (hours, "hour"),
        (days, _) => (days, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_lies_before_within_or_behind() {
        let words = |now: &str| {
            let text = |text: &str| Some(text.to_owned());
            let (start, end) = (text("2026-09-01T00:00:00"), text("2026-09-28T00:00:00"));
            ScheduleState::at(now.parse().unwrap(), text("Europe/Paris"), start, end).words
        };
        for (now, told) in [
            ("2026-08-29T22:00:00Z", "starts in 2 days"),
            ("2026-08-31T21:59:00Z", "starts in 1 minute"),
            ("2026-08-31T22:00:00Z", "ends in 27 days"), // midnight in Paris
            ("2026-09-27T20:30:00Z", "ends in 1 hour"),
            ("2026-09-27T22:00:00Z", "ended 0 minutes ago"),
            ("2016-09-01T00:00:00Z", "starts on 2026-09-01"),
            ("2036-09-01T00:00:00Z", "ended on 2026-09-28"),
            ("2026-11-01T00:00:00Z", "ended 34 days ago"),
        ] {
            assert_eq!(words(now), told, "{now}");
        }
        let bare = |zone: Option<&str>, end: Option<&str>| {
            let now = Timestamp::UNIX_EPOCH;
            let owned = |text: Option<&str>| text.map(str::to_owned);
            ScheduleState::at(now, owned(zone), None, owned(end)).words
        };
        assert_eq!(bare(None, None), "no end");
        assert_eq!(
            bare(Some("Europe/Pairs"), Some("2026-09-28T00:00:00")),
            "times unknown"
        );
    }
}
