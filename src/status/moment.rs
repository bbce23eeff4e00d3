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
pub struct Schedule {
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
    /// The same in words: `ends in 12 d`, `begins in 3 h`, `over for 4 d`, `no end`.
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

impl Schedule {
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
            (Ok(Some(start)), _) if now < start => {
                (Phase::NotBegun, format!("begins in {}", span(now, start)))
            }
            (_, Ok(Some(end))) if now >= end => {
                (Phase::Over, format!("over for {}", span(end, now)))
            }
            (_, Ok(Some(end))) => (Phase::Within, format!("ends in {}", span(now, end))),
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
    let zone = time_zone.map_or(Ok(TimeZone::UTC), |name| ZONES.get(name).map_err(drop))?;
    let zoned: Zoned = local.to_zoned(zone).map_err(drop)?;
    Ok(Some(zoned.timestamp()))
}

/// The time between two instants in its largest unit.
fn span(from: Timestamp, to: Timestamp) -> String {
    let minutes = to.duration_since(from).as_secs().max(0) / 60;
    match (minutes / (24 * 60), minutes / 60) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h"),
        (days, _) => format!("{days} d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_lies_before_within_or_behind() {
        let words = |now: &str| {
            let text = |text: &str| Some(text.to_owned());
            let (start, end) = (text("2026-09-01T00:00:00"), text("2026-09-28T00:00:00"));
            Schedule::at(now.parse().unwrap(), text("Europe/Paris"), start, end).words
        };
        for (now, told) in [
            ("2026-08-29T22:00:00Z", "begins in 2 d"),
            ("2026-08-31T21:59:00Z", "begins in 1 min"),
            ("2026-08-31T22:00:00Z", "ends in 27 d"), // midnight in Paris
            ("2026-09-27T20:30:00Z", "ends in 1 h"),
            ("2026-09-27T22:00:00Z", "over for 0 min"),
            ("2026-11-01T00:00:00Z", "over for 34 d"),
        ] {
            assert_eq!(words(now), told, "{now}");
        }
        let bare = |zone: Option<&str>, end: Option<&str>| {
            let now = Timestamp::UNIX_EPOCH;
            let owned = |text: Option<&str>| text.map(str::to_owned);
            Schedule::at(now, owned(zone), None, owned(end)).words
        };
        assert_eq!(bare(None, None), "no end");
        assert_eq!(
            bare(Some("Europe/Pairs"), Some("2026-09-28T00:00:00")),
            "times unknown"
        );
    }
}
