//! What is wrong with scenarios.

use serde_json::{Value, json};

use super::ScenarioKind;
use super::rules::in_a_zone;
use crate::kinds::testing::findings;

fn of(case: &Value) -> Vec<String> {
    findings::<ScenarioKind>(&json!({ "web": true, "cases": [case] }))
}

#[test]
fn a_case_is_a_visit_or_a_journey() {
    let (when, then) = (json!({"sections": ["a"]}), json!({"nothing": {}}));
    assert_eq!(of(&json!({"when": when, "then": then})), [""; 0]);
    assert_eq!(
        of(&json!({"journey": [{"when": when, "then": then}]})),
        [""; 0]
    );
    for (case, expected) in [
        (json!({"when": when}), "scenario-case /cases/0"),
        (json!({"then": then}), "scenario-case /cases/0"),
        (json!({}), "scenario-case /cases/0"),
        (
            json!({"when": when, "journey": [{"when": when, "then": then}]}),
            "scenario-case /cases/0",
        ),
        (
            json!({"journey": [{"when": when}]}),
            "scenario-empty /cases/0/journey",
        ),
        (
            json!({"when": {}, "then": then}),
            "scenario-empty /cases/0/when",
        ),
        (
            json!({"when": when, "then": {}}),
            "scenario-empty /cases/0/then",
        ),
    ] {
        assert_eq!(of(&case), [expected]);
    }
}

#[test]
fn times_have_a_zone_and_waits_a_unit() {
    let at = |text: &str| {
        findings::<ScenarioKind>(&json!({"web": true, "at": text, "never": [{"offered": "a"}]}))
    };
    assert_eq!(at("2026-09-15T12:00:00[Europe/Paris]"), [""; 0]);
    for wrong in [
        "2026-09-15T12:00:00",
        "2026-09-15",
        "noon",
        "2026-09-15T12:00:00[Moon/Base]",
    ] {
        assert_eq!(at(wrong), ["scenario-time /at"]);
    }
    for (wrong, help) in [
        (
            "2026-09-15T12:00:00",
            "add its time zone, as in `2026-09-15T12:00:00[Europe/Paris]`",
        ),
        (
            "2026-09-15T12:00:00[Europe/Pari]",
            "name a zone that there is, and no offset but its own, as in `2026-09-15T12:00:00[Europe/Paris]`",
        ),
        (
            "2026-09-15T12:00:00+09:00[Europe/Paris]",
            "name a zone that there is, and no offset but its own, as in `2026-09-15T12:00:00[Europe/Paris]`",
        ),
        ("noon", "write it as `2026-09-15T12:00:00[Europe/Paris]`"),
    ] {
        assert_eq!(in_a_zone(wrong), help);
    }
    let wait = |text: &str| {
        let visit = json!({"when": {"sections": ["a"]}, "then": {"nothing": {}}});
        of(&json!({"journey": [{"after": text}, visit]}))
    };
    for right in ["31m", "6h", "1h 30m", "90s"] {
        assert_eq!(wait(right), [""; 0], "{right}");
    }
    for wrong in ["31", "-5m", "soon", "0m"] {
        assert_eq!(
            wait(wrong),
            ["scenario-time /cases/0/journey/0/after"],
            "{wrong}"
        );
    }
}
