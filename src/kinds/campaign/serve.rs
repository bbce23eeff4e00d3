//! What the platform computes when it serves a campaign (platform.md#campaign): offsets in milliseconds,
//! and the minutes that are left, which no two reads agree on.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde_json::Value;

use crate::kinds::{AppVisit, Conduct, Serving};
use crate::text::number::integer;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// How dates stand on the wire.
const FORMAT: &str = "%Y-%m-%d %H:%M:%S";

/// Each date with the keys that are derived from it: the zone's offset then, and the minutes until then.
const DATES: [(&str, &str, &str); 2] = [
    ("startDate", "startDateTimeZoneOffset", "startTimeInMinutes"),
    (
        "expirationDate",
        "expirationDateTimeZoneOffset",
        "expirationTimeInMinutes",
    ),
];

/// Fills in the derived keys. A date or zone that cannot be read yields none, as does a missing one.
pub(super) fn derive(body: &mut Value, at: &Serving<'_>) {
    body["accountId"] = Value::from(at.account);
    // Answered as `0.0` and `10.0`, whatever was written.
    if let Some(share) = body.pointer_mut("/controlGroup/percentage")
        && let Some(number) = share.as_f64()
    {
        *share = Value::from(number);
    }
    if let Some(revision) = at.child_revision {
        body["engagementCollectionRevision"] = Value::from(revision);
    }
    let Some(zone) = zone_of(body) else { return };
    body["timeZoneOffset"] = offset(&zone, at.now);
    for (date, offset_key, minutes_key) in DATES {
        let Some(moment) = body.get(date).and_then(|text| moment(&zone, text)) else {
            continue;
        };
        body[offset_key] = offset(&zone, moment);
        body[minutes_key] = Value::from(minutes_until(moment, at.now));
    }
}

/// Whether visitors see the campaign: made by people, published, and within its dates. A date that cannot
/// be read is no bound.
pub(super) fn is_running(body: &Value, visit: &AppVisit<'_>) -> bool {
    runs(body, visit.now, visit.conduct)
}

fn runs(body: &Value, now: Timestamp, conduct: &Conduct) -> bool {
    let number = |key: &str| body.get(key).and_then(integer);
    let zone = zone_of(body).unwrap_or(TimeZone::UTC);
    let date = |key: &str| {
        body.get(key)
            .and_then(|text| instant(&zone, text, conduct.later_changeover))
    };
    number("status") == Some(1)
        && number("type").unwrap_or_default() == 0
        && date("startDate").is_none_or(|start| start <= now)
        && date("expirationDate").is_none_or(|end| now < end || conduct.runs_at_end && now == end)
}

/// The instant of a date on the wire; in the hour that clocks skip or repeat, there are two.
fn instant(zone: &TimeZone, text: &Value, is_later: bool) -> Option<Timestamp> {
    let local = DateTime::strptime(FORMAT, text.as_str()?).ok()?;
    let found = zone.to_ambiguous_zoned(local);
    let zoned = if is_later {
        found.later()
    } else {
        found.earlier()
    };
    Some(zoned.ok()?.timestamp())
}

fn zone_of(body: &Value) -> Option<TimeZone> {
    let name = body.get("timeZone")?.as_str()?;
    ZONES.get(name).ok()
}

fn moment(zone: &TimeZone, text: &Value) -> Option<Timestamp> {
    let local = DateTime::strptime(FORMAT, text.as_str()?).ok()?;
    Some(zone.to_zoned(local).ok()?.timestamp())
}

fn offset(zone: &TimeZone, at: Timestamp) -> Value {
    Value::from(i64::from(zone.to_offset(at).seconds()) * 1000)
}

/// Minutes from the read to the moment, give or take a few: so that reads within one minute hardly ever
/// agree either, and a client that compares them is caught at once.
fn minutes_until(moment: Timestamp, now: Timestamp) -> i64 {
    (moment.as_second() - now.as_second()) / 60 - now.as_microsecond().rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn served(now: &str, child_revision: Option<i64>) -> Value {
        let mut body = json!({"timeZone": "America/New_York", "startDate": "2026-07-01 00:00:00",
            "expirationDate": "2026-11-30 23:59:59"});
        let now = now.parse().unwrap();
        let at = Serving {
            account: "10000001",
            now,
            child_revision,
        };
        derive(&mut body, &at);
        body
    }

    #[test]
    fn offsets_know_daylight_saving_time() {
        let body = served("2026-01-15T00:00:00Z", Some(3));
        assert_eq!(body["timeZoneOffset"], -18_000_000);
        assert_eq!(body["startDateTimeZoneOffset"], -14_400_000);
        assert_eq!(body["expirationDateTimeZoneOffset"], -18_000_000);
        assert_eq!(body["engagementCollectionRevision"], 3);
        assert_eq!(body["accountId"], "10000001");
    }

    #[test]
    fn minutes_differ_from_read_to_read() {
        let minutes = |now| served(now, None)["startTimeInMinutes"].as_i64();
        assert_ne!(
            minutes("2026-01-15T00:00:00.001Z"),
            minutes("2026-01-15T00:00:00.002Z")
        );
        assert!(minutes("2026-08-01T00:00:00Z").unwrap() < 0);
    }

    #[test]
    fn a_campaign_runs_between_its_dates_in_its_own_zone() {
        let body = json!({"status": 1, "type": 0, "timeZone": "America/New_York",
            "startDate": "2026-07-01 00:00:00", "expirationDate": "2026-11-30 23:59:59"});
        let conduct = Conduct::default();
        let runs = |body: &Value, now: &str| runs(body, now.parse().unwrap(), &conduct);
        assert!(!runs(&body, "2026-07-01T03:59:59Z"));
        assert!(runs(&body, "2026-07-01T04:00:00Z"));
        assert!(runs(&body, "2026-12-01T04:59:58Z"));
        assert!(!runs(&body, "2026-12-01T04:59:59Z"));
        for (key, value) in [("status", 0), ("status", 2), ("type", 1)] {
            let mut other = body.clone();
            other[key] = value.into();
            assert!(!runs(&other, "2026-08-01T00:00:00Z"), "{key} {value}");
        }
        assert!(runs(&json!({"status": 1}), "2026-08-01T00:00:00Z"));
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let mut body = json!({"timeZone": "Moon/Base", "startDate": "soon"});
        let at = Serving {
            account: "1",
            now: Timestamp::UNIX_EPOCH,
            child_revision: None,
        };
        derive(&mut body, &at);
        assert_eq!(body.get("startTimeInMinutes"), None);
    }
}
