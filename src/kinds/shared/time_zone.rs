//! IANA time zones, checked against the database that is built in: the answer is the same on every
//! machine.

use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZoneDatabase};

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
