//! Tests of `SpecialOccasion`.

use serde_json::{Value, json};

use super::SpecialOccasionKind;
use crate::kinds::testing::{Account, findings, kind_tests};
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
    (def.check)(&spec, &"x".repeat(51), &Account, &mut out).unwrap();
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
    mapping::overlay(&def, &mut body, &spec, &Account);
    assert_eq!(
        body["events"],
        json!([
            { "meta": { "name": "a" } },
            { "meta": { "name": "b", "color": 3, "working": true } }
        ])
    );
}
