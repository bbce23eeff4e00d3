//! Tests of `SpecialOccasion`.

use serde_json::{Value, json};

use super::SpecialOccasionKind;
use crate::kinds::testing::{TestWorld, findings, kind_tests};
use crate::kinds::{KindDef, mapping};

kind_tests!(SpecialOccasionKind);

/// What an event from `start` to `end` in Paris raises, its place left out.
fn raised(start: &str, end: &str) -> Vec<String> {
    event(&json!({
        "start": { "dateTime": start, "timeZone": "Europe/Paris" },
        "end": { "dateTime": end, "timeZone": "Europe/Paris" }
    }))
}

fn event(event: &Value) -> Vec<String> {
    findings::<SpecialOccasionKind>(&json!({ "events": [event] }))
        .into_iter()
        .map(|found| found.replace("/events/0", ""))
        .collect()
}

fn recurring(working: bool, rules: &Value) -> Vec<String> {
    let day = json!({ "dateTime": "2026-12-25", "timeZone": "UTC" });
    event(&json!({ "working": working, "start": day, "end": day, "recurrence": rules }))
}

#[test]
fn dates_have_two_spellings() {
    const NONE: [&str; 0] = [];
    assert_eq!(raised("2026-12-25", "2026-12-25"), NONE);
    assert_eq!(raised("2026-12-24T14:00:00", "2026-12-24T14:00:00"), NONE);
    assert_eq!(raised("2026-12-24", "2026-12-24T14:00:00"), NONE);
    for wrong in [
        "",
        "2026-12-32",
        "2026-2-3",
        "20261225",
        "2026-12-25 08:00:00",
        "2026-12-25T08:00",
        "2026-12-25T08:00:00Z",
        "2026-12-25T08:00:00+01:00",
        "2026-12-25T08:00:00.5",
        "2026-12-25T08:00:00[Europe/Paris]",
    ] {
        assert_eq!(
            raised(wrong, "2026-12-26"),
            ["occasion-date-form /start/dateTime"],
            "{wrong}"
        );
    }
}

#[test]
fn an_event_does_not_end_before_it_starts() {
    let found = ["occasion-end-before-start /end/dateTime"];
    assert_eq!(raised("2026-12-24T14:00:00", "2026-12-24T13:59:59"), found);
    assert_eq!(raised("2026-12-24T14:00:00", "2026-12-24"), found);
}

#[test]
fn recurrences_are_daily_and_days_off_are_bounded() {
    let rule = |count: &str| json!([format!("RRULE:FREQ=DAILY;COUNT={count};INTERVAL=1")]);
    assert_eq!(recurring(false, &json!([])), [""; 0]);
    assert_eq!(recurring(false, &rule("30")), [""; 0]);
    assert_eq!(recurring(true, &rule("31")), [""; 0]);
    for count in ["31", "4294967296"] {
        assert_eq!(
            recurring(false, &rule(count)),
            ["occasion-recurrence-long /recurrence/0"]
        );
    }
    for count in ["", "0", "-1", "+1", "1.5", "x"] {
        assert_eq!(
            recurring(true, &rule(count)),
            ["occasion-recurrence-form /recurrence/0"],
            "{count}"
        );
    }
    let twice = json!([
        "RRULE:FREQ=DAILY;COUNT=1;INTERVAL=1",
        "RRULE:FREQ=DAILY;COUNT=1;INTERVAL=1"
    ]);
    assert_eq!(
        recurring(true, &twice),
        ["occasion-recurrence-form /recurrence"]
    );
}

#[test]
fn the_name_of_the_manifest_counts_where_there_is_no_display_name() {
    let day = json!({ "dateTime": "2026-12-25", "timeZone": "UTC" });
    let spec = json!({ "events": [{ "start": day, "end": day }] });
    let mut out = crate::kinds::Findings::default();
    let def = KindDef::of::<SpecialOccasionKind>();
    (def.check)(&spec, &"x".repeat(51), &TestWorld, &mut out).unwrap();
    assert_eq!(out.0.len(), 1);
    assert_eq!(out.0[0].code.name, "occasion-name-long");
    // Characters count, not bytes.
    let mut spec = spec;
    spec["displayName"] = Value::from("é".repeat(50));
    assert_eq!(findings::<SpecialOccasionKind>(&spec), [""; 0]);
}

#[test]
fn each_missing_part_of_a_time_is_named() {
    assert_eq!(
        event(&json!({ "start": { "dateTime": "2026-12-25" }, "end": { "timeZone": "UTC" } })),
        ["occasion-time-missing /start", "occasion-time-missing /end"]
    );
    assert_eq!(
        event(&json!({})),
        ["occasion-time-missing ", "occasion-time-missing "]
    );
}

#[test]
fn an_event_in_front_of_another_leaves_that_one_s_unknown_keys_alone() {
    let def = KindDef::of::<SpecialOccasionKind>();
    let mut body = json!({ "id": 1, "events": [{ "meta": { "name": "b", "color": 3 } }] });
    let spec = json!({ "events": [{ "name": "a" }, { "name": "b", "working": true }] });
    mapping::overlay(&def, &mut body, &spec, &TestWorld);
    assert_eq!(
        body["events"],
        json!([
            { "meta": { "name": "a" } },
            { "meta": { "name": "b", "color": 3, "working": true } }
        ])
    );
}

#[test]
fn times_that_the_clocks_skip_are_warned_about_on_every_day_of_an_event() {
    const NONE: [&str; 0] = [];
    let times = |start: &str, end: &str, zone: &str, count: u32| {
        let moment = |time: &str| json!({ "dateTime": time, "timeZone": zone });
        let rules = match count {
            1 => json!([]),
            count => json!([format!("RRULE:FREQ=DAILY;COUNT={count};INTERVAL=1")]),
        };
        event(
            &json!({ "working": count > 30, "start": moment(start), "end": moment(end), "recurrence": rules }),
        )
    };
    let (before, start, end) = (
        "2027-03-27T02:30:00",
        "2027-03-28T02:30:00",
        "2027-03-28T02:59:59",
    );
    let both = [
        "occasion-skipped-time /start/dateTime",
        "occasion-skipped-time /end/dateTime",
    ];
    assert_eq!(times(start, end, "Europe/Paris", 1), both);
    assert_eq!(times(start, end, "Africa/Tunis", 1), NONE);
    assert_eq!(
        times(start, end, "Europe/Pari", 1).len(),
        1,
        "an unknown zone"
    );
    assert_eq!(times(before, before, "Europe/Paris", 1), NONE);
    assert_eq!(times(before, before, "Europe/Paris", 2), both);
    assert_eq!(
        times(
            "2026-11-01T02:30:00",
            "2026-11-01T02:45:00",
            "Europe/Paris",
            400
        ),
        both
    );
    assert_eq!(
        times(
            "2027-03-28T03:00:00",
            "2027-03-28T04:00:00",
            "Europe/Paris",
            1
        ),
        NONE
    );
    // A whole day has no time, also where the clocks skip midnight.
    assert_eq!(times("2027-03-28", "2027-03-28", "Asia/Beirut", 1), NONE);
    assert_eq!(
        times("2027-03-28T00:00:00", "2027-03-28", "Asia/Beirut", 1),
        both[..1]
    );
}

#[test]
fn an_event_is_over_two_days_behind_the_last_day_that_it_recurs_on() {
    let over = ["occasion-event-over /end/dateTime"];
    let found = |end: &str, rules: &Value, working: bool| {
        let moment = |time: &str| json!({ "dateTime": time, "timeZone": "UTC" });
        event(
            &json!({ "working": working, "start": moment("2020-01-01"), "end": moment(end), "recurrence": rules }),
        )
    };
    // The day of these tests is 2026-06-01; where a day is over depends on the zone.
    for working in [true, false] {
        let rule = |count: u32| json!([format!("RRULE:FREQ=DAILY;COUNT={count};INTERVAL=1")]);
        assert_eq!(found("2020-12-26", &json!([]), working), over);
        assert_eq!(found("2026-05-30", &json!([]), working), over);
        assert_eq!(found("2026-05-31", &json!([]), working), [""; 0]);
        assert_eq!(found("2026-05-31T23:00:00", &json!([]), working), [""; 0]);
        assert_eq!(found("2026-05-20", &rule(11), working), over);
        assert_eq!(found("2026-05-20", &rule(12), working), [""; 0]);
    }
    assert_eq!(
        found(
            "2020-12-26",
            &json!(["RRULE:FREQ=DAILY;COUNT=4294967295;INTERVAL=1"]),
            true
        ),
        [""; 0]
    );
    assert_eq!(
        found("2020-12-26", &json!(["yearly"]), true),
        ["occasion-recurrence-form /recurrence/0"]
    );
}
