//! What is wrong with launches.

use serde_json::{Value, json};

use super::LaunchKind;
use crate::diag::Code;
use crate::kinds::{Findings, KindDef, RuleWorld};

/// A world with these handoffs.
struct Handoffs(Vec<(&'static str, Value)>);

impl RuleWorld for Handoffs {
    fn spec(&self, kind: &'static str, name: &str) -> Option<&Value> {
        let known = self.0.iter().filter(|_| kind == "ApiHandoff");
        let mut known = known.filter(|(known, _)| *known == name);
        known.next().map(|(_, spec)| spec)
    }

    fn children(&self, _kind: &'static str, _parent: &str) -> Vec<(&str, &Value)> {
        Vec::new()
    }
}

/// A launch with this section, and what is said about it.
fn of(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let message = json!({ "text": "Hi ${{1}}", "variables": ["1"] });
    let app = json!(["com.example.shop"]);
    let world = Handoffs(vec![
        (
            "plain",
            json!({ "channel": "inApp", "appNames": app, "message": message }),
        ),
        (
            "by-sms",
            json!({ "channel": "sms", "sms": { "components": [] } }),
        ),
    ]);
    let mut spec = json!({
        "sender": { "proactive": {
            "handoff": "plain", "skill": "Orders", "consent": true,
            "recipients": { "file": "r.csv", "consumer": "id", "variables": { "1": "name" } },
        } },
        "maxRecipients": 10,
    });
    change(&mut spec);
    let mut found = Findings::default();
    (KindDef::of::<LaunchKind>().check)(&spec, "launch", &world, &mut found).unwrap();
    let told = found.0.iter().map(|finding| {
        assert!(
            finding.pointer.get(&spec).is_some(),
            "{} points nowhere",
            finding.code.name
        );
        format!("{} {}", finding.code.name, finding.pointer)
    });
    told.collect()
}

fn proactive(spec: &mut Value) -> &mut Value {
    &mut spec["sender"]["proactive"]
}

#[test]
fn a_launch_is_checked_against_its_handoff() {
    assert_eq!(of(|_| {}), [""; 0]);
    let with = |name: &'static str| of(move |spec| proactive(spec)["handoff"] = name.into());
    assert_eq!(with("by-sms"), ["launch-channel /sender/proactive/handoff"]);
    assert_eq!(with("elsewhere"), [""; 0], "told as a reference");
    let variables =
        |variables: Value| of(move |spec| proactive(spec)["recipients"]["variables"] = variables);
    let at = "launch-variables /sender/proactive/recipients/variables";
    assert_eq!(variables(json!({})), [at]);
    assert_eq!(
        variables(json!({ "1": "name", "2": "order" })),
        [format!("{at}/2")]
    );
    let none = of(|spec| {
        let recipients = proactive(spec)["recipients"].as_object_mut().unwrap();
        recipients.shift_remove("variables");
    });
    assert_eq!(none, ["launch-variables /sender/proactive/recipients"]);
}

#[test]
fn windows_lie_within_a_day() {
    let window = |from: &'static str, to: &'static str| {
        of(move |spec| {
            let window = json!({ "day": "monday", "from": from, "to": to });
            proactive(spec)["windows"] = json!([window]);
        })
    };
    assert_eq!(window("00:00", "23:59"), [""; 0]);
    let at = "launch-window /sender/proactive/windows/0";
    for (from, to, key) in [
        ("9:00", "10:00", "from"),
        ("09:00", "24:00", "to"),
        ("09:00", "09:60", "to"),
        ("09:00", "09:00", "to"),
        ("18:00", "09:00", "to"),
        ("noon", "13:00", "from"),
        ("+9:00", "13:00", "from"),
    ] {
        assert_eq!(window(from, to), [format!("{at}/{key}")], "{from} {to}");
    }
}

#[test]
fn files_and_consent_are_said() {
    let file =
        |name: &'static str| of(move |spec| proactive(spec)["recipients"]["file"] = name.into());
    for name in ["a.csv", "../lists/A.CSV", "b.jsonl"] {
        assert_eq!(file(name), [""; 0], "{name}");
    }
    for name in ["a.xlsx", "a", "csv", "a.json"] {
        let at = "launch-recipients-form /sender/proactive/recipients/file";
        assert_eq!(file(name), [at], "{name}");
    }
    for most in [0, -1, 100_001] {
        let limit = of(|spec| spec["maxRecipients"] = most.into());
        assert_eq!(limit, ["launch-limit /maxRecipients"], "{most}");
    }
    for size in [0, -1, 101] {
        let size = of(|spec| proactive(spec)["batchSize"] = size.into());
        assert_eq!(size, ["launch-batch-size /sender/proactive/batchSize"]);
    }
    for size in [1, 100] {
        assert_eq!(
            of(|spec| proactive(spec)["batchSize"] = size.into()),
            [""; 0]
        );
    }
    let denied = of(|spec| proactive(spec)["consent"] = false.into());
    assert_eq!(denied, ["launch-consent /sender/proactive/consent"]);
}

/// The codes that need no handoff beside them are raised by what their page says is wrong.
#[test]
fn the_texts_of_codes_are_right() {
    let of_handoff = ["launch-channel", "launch-variables"];
    let alone = |code: &&&Code| !of_handoff.contains(&code.name);
    for code in super::rules::CODES.iter().filter(alone) {
        let found = |text: &str| {
            crate::kinds::testing::findings::<LaunchKind>(&crate::kinds::testing::spec(text))
        };
        assert_eq!(found(code.right), [""; 0], "{}", code.name);
        let wrong = found(code.wrong);
        assert!(
            wrong.len() == 1 && wrong[0].starts_with(code.name),
            "{wrong:?}"
        );
    }
}
