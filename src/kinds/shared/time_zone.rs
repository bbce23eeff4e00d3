//! IANA time zones, checked against the database that is built in: the answer is the same on every
//! machine.

use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{AmbiguousOffset, Offset, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use crate::diag::{Advice, Fix, suggestion};

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// What the clocks of a time zone show instead of a time that they skip; `None` when they show it, and for an unknown zone.
pub(crate) fn instead_of_skipped(time: DateTime, zone: &str) -> Option<DateTime> {
    let zone = ZONES.get(zone).ok()?;
    let found = zone.to_ambiguous_zoned(time);
    let is_skipped = matches!(found.offset(), AmbiguousOffset::Gap { .. });
    is_skipped
        .then(|| found.compatible().ok())?
        .map(|it| it.datetime())
}

/// Why a time in a time zone is no one moment, and what to write instead: its clocks skip it, or show it twice, and no offset
/// says which is meant. `None` for one that is, and for what cannot be read.
#[must_use]
pub fn no_one_moment(text: &str) -> Option<(String, String)> {
    let pieces = Pieces::parse(text).ok()?;
    if pieces.offset().is_some() {
        return None;
    }
    let zone = pieces.to_time_zone().ok()??;
    let time = DateTime::from_parts(pieces.date(), pieces.time()?);
    let found = zone.to_ambiguous_zoned(time);
    let name = zone.iana_name().unwrap_or("the zone");
    let [earlier, later] = [found.clone().earlier(), found.clone().later()].map(Result::ok);
    let (earlier, later) = (earlier?, later?);
    match found.offset() {
        AmbiguousOffset::Unambiguous { .. } => None,
        AmbiguousOffset::Gap { .. } => Some((
            format!("the clocks of {name} skip {time}"),
            format!("write `{later}` or `{earlier}`"),
        )),
        AmbiguousOffset::Fold { .. } => Some((
            format!("the clocks of {name} show {time} twice"),
            format!("write `{earlier}` or `{later}`"),
        )),
    }
}

/// The first and the last moment at which the clocks of a time zone may show a time. These are two where clocks are put
/// forward or back, and where the zone is not known: clocks on Earth are up to 12 hours behind UTC and 14 ahead.
pub(crate) fn moments(time: DateTime, zone: Option<&str>) -> Option<(Timestamp, Timestamp)> {
    if let Some(zone) = zone.and_then(|zone| ZONES.get(zone).ok()) {
        let found = zone.to_ambiguous_zoned(time);
        let earlier = found.clone().earlier().ok()?.timestamp();
        return Some((earlier, found.later().ok()?.timestamp()));
    }
    let in_utc = Offset::UTC.to_timestamp(time).ok()?;
    let ahead = in_utc.checked_sub(SignedDuration::from_hours(14)).ok()?;
    Some((
        ahead,
        in_utc.checked_add(SignedDuration::from_hours(12)).ok()?,
    ))
}

/// A time as people say it at a moment: the day, and the hour where it is today.
pub(crate) fn said_at(time: DateTime, zone: Option<&str>, now: Timestamp) -> String {
    let is_today = |zone: &str| {
        let zone = ZONES.get(zone).ok()?;
        Some(now.to_zoned(zone).date() == time.date())
    };
    match zone.filter(|zone| is_today(zone) == Some(true)) {
        Some(zone) => format!("{} at {} ({zone})", time.date(), time.strftime("%H:%M")),
        None => time.date().to_string(),
    }
}

/// What to do about a text that is not an IANA time zone in its exact spelling; `None` when it is one.
pub(crate) fn unknown_zone(name: &str) -> Option<Advice> {
    match ZONES.get(name) {
        Ok(zone) if zone.iana_name() == Some(name) => None,
        Ok(zone) => Some(match zone.iana_name() {
            Some(exact) => {
                Advice::from(format!("write it as `{exact}`")).fix(Fix::Replace(exact.to_owned()))
            }
            None => EXPECTED.into(),
        }),
        Err(_) => {
            let known: Vec<_> = ZONES.available().map(|zone| zone.to_string()).collect();
            Some(
                suggestion(name, known.iter().map(String::as_str))
                    .unwrap_or_else(|| EXPECTED.into()),
            )
        }
    }
}

const EXPECTED: &str = "use a name of the IANA database, such as `Europe/Paris`";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_at_one_moment_or_between_two() {
        let moments = |time: &str, zone| {
            let (first, last) = moments(time.parse().unwrap(), zone).unwrap();
            format!("{first} {last}")
        };
        let paris = Some("Europe/Paris");
        assert_eq!(
            moments("2026-09-01T00:00:00", paris),
            "2026-08-31T22:00:00Z 2026-08-31T22:00:00Z"
        );
        assert_eq!(
            moments("2026-10-25T02:30:00", paris),
            "2026-10-25T00:30:00Z 2026-10-25T01:30:00Z"
        );
        for zone in [None, Some("Moon/Base")] {
            assert_eq!(
                moments("2026-09-01T00:00:00", zone),
                "2026-08-31T10:00:00Z 2026-09-01T12:00:00Z"
            );
        }
    }

    #[test]
    fn zones_are_known_by_their_exact_name() {
        for zone in [
            "Europe/Paris",
            "UTC",
            "Etc/UTC",
            "US/Pacific",
            "America/Argentina/Ushuaia",
        ] {
            assert_eq!(unknown_zone(zone), None, "{zone}");
        }
        assert_eq!(
            unknown_zone("europe/paris").unwrap().text,
            "write it as `Europe/Paris`"
        );
        assert_eq!(
            unknown_zone("Europe/Pariss").unwrap().text,
            "did you mean `Europe/Paris`?"
        );
        assert_eq!(unknown_zone("the office").unwrap().text, EXPECTED);
        assert_eq!(unknown_zone("").unwrap().text, EXPECTED);
    }
}
