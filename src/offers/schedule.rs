//! Whether the time of a visit lies in a schedule, on the clocks of its zone.

use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousZoned, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};

use super::judgement::Judge;
use super::truth::{Because, Judged, Reason, Spot, Truth, unclear};
use crate::kinds::offering::{Fact, ScheduleSpan, Switch, Unclear};

/// The time zones that are built in.
pub(super) static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

impl Judge<'_> {
    pub(super) fn within(&self, span: &ScheduleSpan, spot: &dyn Fn() -> Spot) -> Judged {
        let Some(now) = self.visit.at else {
            return Judged::unknown(Reason::Missing(Fact::Time)).because_if(self.explains, || {
                Because {
                    spot: spot(),
                    why: "the time of the visit is not given".to_owned(),
                    change: "a visit within the schedule".to_owned(),
                }
            });
        };
        let Some(zone) = span
            .time_zone
            .as_deref()
            .and_then(|name| ZONES.get(name).ok())
        else {
            return unclear(Unclear::Unreadable, spot());
        };
        let shown = || now.to_zoned(zone.clone()).datetime();
        let started = span.start.map(|start| {
            let has = |bound: Timestamp| Judged::of((bound <= now).into());
            let started = self.bound(&zone, start, has);
            started.because_if(self.explains, || Because {
                spot: spot(),
                why: format!("it is {}, and the schedule starts at {start}", shown()),
                change: format!(
                    "a visit at {} or later",
                    said(&zone, start, AmbiguousZoned::later)
                ),
            })
        });
        let not_over = span.end.map(|end| {
            let has = |bound: Timestamp| {
                if bound == now {
                    let (over, running) = (Judged::of(Truth::No), Judged::of(Truth::Yes));
                    return self.depending(Switch::ScheduleEnd, over, running);
                }
                Judged::of((now < bound).into())
            };
            let not_over = self.bound(&zone, end, has);
            not_over.because_if(self.explains, || Because {
                spot: spot(),
                why: format!("it is {}, and the schedule ends at {end}", shown()),
                change: format!(
                    "a visit before {}",
                    said(&zone, end, AmbiguousZoned::earlier)
                ),
            })
        });
        Judged::all(started.into_iter().chain(not_over))
    }

    /// A bound of a schedule in the hour that clocks skip or repeat is one of two instants.
    fn bound(&self, zone: &TimeZone, local: DateTime, has: impl Fn(Timestamp) -> Judged) -> Judged {
        let found = zone.to_ambiguous_zoned(local);
        match (found.clone().earlier(), found.later()) {
            (Ok(earlier), Ok(later)) if earlier == later => has(earlier.timestamp()),
            (Ok(earlier), Ok(later)) => {
                let (first, second) = (has(earlier.timestamp()), has(later.timestamp()));
                self.depending(Switch::Changeover, first, second)
            }
            _ => Judged::of(Truth::Unknown),
        }
    }
}

/// A time of a schedule as a visit can say it: with its zone, and in the hour that clocks skip or repeat, where the time alone is
/// two instants, with its offset.
fn said(
    zone: &TimeZone,
    local: DateTime,
    instant: fn(AmbiguousZoned) -> Result<Zoned, jiff::Error>,
) -> String {
    let found = zone.to_ambiguous_zoned(local);
    let instant = found.is_ambiguous().then(|| instant(found).ok()).flatten();
    let name = zone.iana_name().unwrap_or("UTC");
    instant.map_or_else(|| format!("{local}[{name}]"), |it| it.to_string())
}
