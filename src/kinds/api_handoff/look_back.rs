//! The look-back as people write it: `2d`, `36h`, `1d12h`.

use std::fmt;

/// The shortest look-back: an hour.
pub(super) const SHORTEST: u64 = 1;
/// The longest look-back: 30 days, in hours.
pub(super) const LONGEST: u64 = 30 * 24;

/// A look-back in whole hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LookBack {
    /// All of it, in hours.
    pub(super) hours: u64,
}

impl LookBack {
    /// From the two numbers of the wire; `None` when they are not what the platform would write.
    pub(super) fn of_wire(days: u64, hours: u64) -> Option<Self> {
        let total = days.checked_mul(24)?.checked_add(hours)?;
        (hours < 24).then_some(Self { hours: total })
    }

    /// The days and the remaining hours.
    pub(super) fn days_and_hours(self) -> (u64, u64) {
        (self.hours / 24, self.hours % 24)
    }

    /// From a text; `None` when it is not days, hours, or days and hours.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (days, rest) = match text.split_once('d') {
            Some((days, rest)) => (number(days)?, rest),
            None => (0, text),
        };
        let hours = match rest.strip_suffix('h') {
            Some(hours) => number(hours)?,
            None if rest.is_empty() && !text.is_empty() => 0,
            None => return None,
        };
        let hours = days.checked_mul(24)?.checked_add(hours)?;
        Some(Self { hours })
    }
}

fn number(digits: &str) -> Option<u64> {
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

impl fmt::Display for LookBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.days_and_hours() {
            (0, hours) => write!(f, "{hours}h"),
            (days, 0) => write!(f, "{days}d"),
            (days, hours) => write!(f, "{days}d{hours}h"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_has_one_canonical_text() {
        let canonical = |text| LookBack::parse(text).map(|look_back| look_back.to_string());
        for (text, expected) in [
            ("2d", "2d"),
            ("48h", "2d"),
            ("36h", "1d12h"),
            ("1d12h", "1d12h"),
            ("1d0h", "1d"),
            ("5h", "5h"),
            ("0h", "0h"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "2",
            "d",
            "h",
            "90m",
            "1h1d",
            "1d2",
            "+1d",
            "-1h",
            "1 d",
            "99999999999999999999d",
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }
}
