//! The time that a report is about: moments as people give them, and what the platform keeps.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::project::parse_time;
use crate::run::{Error, Run};

/// How long the platform keeps reports: 13 months, as days.
const KEPT: SignedDuration = SignedDuration::from_hours(396 * 24);

/// A moment, as people give it.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// A time.
    At(Timestamp),
    /// So long ago.
    Ago(SignedDuration),
}

impl Moment {
    fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(time) => now.checked_sub(time).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let days = text
            .strip_suffix('d')
            .and_then(|days| days.parse::<u16>().ok());
        let ago = days.map(|days| SignedDuration::from_hours(i64::from(days) * 24));
        let ago = ago.or_else(|| SignedDuration::try_from(parse_time(text)?).ok());
        if let Some(ago) = ago {
            return Ok(Self::Ago(ago));
        }
        let day: Option<Date> = text
            .parse()
            .ok()
            .filter(|_| text.len() == "2026-11-01".len());
        let day = day.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
        let at = day.map(|day| day.timestamp()).or_else(|| text.parse().ok());
        at.map(Self::At).ok_or_else(|| {
            "it is not a time such as `30d`, `12h`, `2026-11-01` or `2026-11-01T08:00:00Z`"
                .to_owned()
        })
    }
}

/// The time that is reported, as far as the platform keeps reports.
///
/// # Errors
/// A time that ends before it begins, or that is over for longer than reports are kept.
pub fn period(
    run: &Run,
    since: Moment,
    until: Option<Moment>,
) -> Result<(Timestamp, Timestamp), Error> {
    let now = run.machine().now();
    let until = until.map_or(now, |until| until.at(now)).min(now);
    let since = since.at(now);
    if since >= until {
        let why = "the time ends before it begins: `--since` has to be before `--until`";
        return Err(Error::invalid(why));
    }
    let oldest = now.checked_sub(KEPT).unwrap_or(since);
    if since < oldest {
        run.note("note: the platform keeps reports for 13 months; older messages are not in it");
    }
    let since = since.max(oldest);
    if since >= until {
        return Err(Error::invalid(
            "the time is over for more than 13 months, and the platform keeps no older reports",
        ));
    }
    Ok((since, until))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::*;
    use crate::run::{Machine, Options, Silent};

    fn now() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn period_of(since: &str, until: Option<&str>) -> Result<String, String> {
        let machine = Arc::new(Machine::new(PathBuf::from("/"), now));
        let run = Run::new(Options::default(), machine, Arc::new(Silent));
        let until = until.map(|text| text.parse().unwrap());
        let (since, until) = period(&run, since.parse()?, until).map_err(|it| it.message)?;
        Ok(format!("{since} {until}"))
    }

    #[test]
    fn a_moment_is_a_time_a_day_or_so_long_ago() {
        for (since, begin) in [
            ("2d", "2026-11-18T12:00:00Z"),
            ("12h", "2026-11-20T00:00:00Z"),
            ("2026-11-01", "2026-11-01T00:00:00Z"),
            ("2026-11-01T08:00:00Z", "2026-11-01T08:00:00Z"),
            ("2020-01-01", "2025-10-20T12:00:00Z"), // 13 months are kept
        ] {
            let shown = format!("{begin} 2026-11-20T12:00:00Z");
            assert_eq!(period_of(since, None), Ok(shown), "{since}");
        }
        assert!(period_of("2026-11", None).is_err());
        assert!(period_of("soon", None).is_err());
    }

    #[test]
    fn a_period_has_a_length_and_ends_now_at_the_latest() {
        let found = period_of("2d", Some("2027-01-01")).unwrap();
        assert!(found.ends_with(" 2026-11-20T12:00:00Z"), "{found}");
        let why = period_of("2d", Some("3d")).unwrap_err();
        assert!(why.starts_with("the time ends before it begins"), "{why}");
        let why = period_of("2020-01-01", Some("2021-01-01")).unwrap_err();
        assert!(why.contains("keeps no older reports"), "{why}");
    }
}
