//! Where, when and with what an engagement is offered (platform.md#monitoring-rules).

use serde_json::Value;

use crate::kinds::offering::read::{live_name, one_of_listed, unread};
use crate::kinds::offering::{
    Aspect, Clause, Fact, LetterCase, Offering, Place, Question, Reading, ReferredObject,
    Requirement, Switch, Test, Unclear, Zone,
};
use crate::text::Pointer;

/// The fields that are read, and those that are for people or for the look.
const KNOWN: &[&str] = &[
    "displayName",
    "description",
    "template",
    "campaign",
    "enabled",
    "entryPoints",
    "behaviors",
    "skill",
    "appInstallation",
    "connector",
    "availability",
    "availabilityForMessaging",
    "type",
    "source",
    "language",
    "window",
    "zones",
    "position",
    "rendering",
    "effects",
    "popOut",
    "weight",
    // Of these only whether anything is shown in a state, see `states`.
    "displayInstances",
];

pub(super) fn reading(spec: &Value) -> Reading {
    let requires = vec![
        require(Aspect::Enabled, "enabled", enabled(spec)),
        require(Aspect::Place, place_field(spec), place(spec)),
        listed(spec, Aspect::EntryPoints, "entryPoints", "EntryPoint"),
        listed(spec, Aspect::Behaviors, "behaviors", "Behavior"),
        require(Aspect::Agents, "availability", agents(spec)),
        require(
            Aspect::Conversation,
            "conversationType",
            without_conversation(),
        ),
    ];
    let around = spec.get("campaign").filter(|it| !it.is_null());
    Reading {
        requires,
        around: around.map(|reference| ReferredObject {
            kind: "Campaign",
            reference: reference.clone(),
        }),
        offer: Some(offering(spec)),
        rank: None,
        payloads: Vec::new(),
        unread: unread(spec, KNOWN)
            .into_iter()
            .chain(states(spec))
            .collect(),
    }
}

/// In which states anything is shown: the platform may count what shows nothing as offered, or not.
fn states(spec: &Value) -> impl Iterator<Item = (Pointer, String)> {
    let at = Pointer::root().key("displayInstances");
    let looks = spec.get("displayInstances").and_then(Value::as_array);
    let looks = looks.into_iter().flatten().enumerate();
    looks.map(move |(index, look)| {
        let state = look.get("type").unwrap_or(&Value::Null);
        let is_shown = look.get("enabled") != Some(&Value::Bool(false));
        let text = format!("displayInstances.{state}.enabled={is_shown}");
        (at.index(index).key("enabled"), text)
    })
}

fn require(aspect: Aspect, field: &str, test: Test) -> Requirement {
    let clause = Clause::new(Pointer::root().key(field), test);
    Requirement { aspect, clause }
}

fn listed(spec: &Value, aspect: Aspect, field: &str, kind: &'static str) -> Requirement {
    let clause = one_of_listed(spec, field, kind);
    Requirement { aspect, clause }
}

fn enabled(spec: &Value) -> Test {
    let is = spec.get("enabled") != Some(&Value::Bool(false));
    Test::Known(
        is,
        format!("`enabled` is `{is}`"),
        "set `enabled: true`".to_owned(),
    )
}

fn place_field(spec: &Value) -> &'static str {
    if spec.get("appInstallation").is_some() {
        "appInstallation"
    } else {
        "type"
    }
}

fn place(spec: &Value) -> Test {
    let source = spec.get("source").and_then(Value::as_str);
    let app = spec.get("appInstallation").filter(|it| !it.is_null());
    match (source, app.map(live_name)) {
        (Some("web"), _) => Test::In(Place::Web),
        (Some("app"), Some(Some(name))) => Test::In(Place::App(name.to_owned())),
        (Some("app"), None) => Test::Known(
            false,
            "the engagement names no app".to_owned(),
            "set `appInstallation`".to_owned(),
        ),
        (Some("app"), Some(None)) => Test::Open(Unclear::NotInManifests),
        _ => Test::Open(Unclear::NoWord),
    }
}

/// An agent has to be available; whether `always` lifts that is a switch, for the numbers of the words are guessed.
fn agents(spec: &Value) -> Test {
    let available = || {
        Test::Is(Question::one_of(
            Fact::Agents,
            &["available"],
            LetterCase::Ignored,
        ))
    };
    let words = ["availability", "availabilityForMessaging"];
    let is_always = |field: &&str| spec.get(field).and_then(Value::as_str) != Some("onlineOnly");
    let declared = words.into_iter().filter(|field| spec.get(field).is_some());
    if !declared.into_iter().any(|field| is_always(&field)) {
        return available();
    }
    let at = Pointer::root().key("availability");
    let always = Test::Known(true, "`availability` is `always`".to_owned(), String::new());
    Test::Either(
        Switch::Availability,
        Box::new(Clause::new(at.clone(), always)),
        Box::new(Clause::new(at, available())),
    )
}

/// A visitor with an open conversation is answered with that one.
fn without_conversation() -> Test {
    Test::Is(Question::one_of(
        Fact::Conversation,
        &["none"],
        LetterCase::Ignored,
    ))
}

fn offering(spec: &Value) -> Offering {
    let given = |field: &str| spec.get(field).filter(|it| !it.is_null()).cloned();
    Offering {
        skill: given("skill"),
        language: spec
            .get("language")
            .and_then(Value::as_str)
            .map(str::to_owned),
        window: given("window"),
        connector: given("connector"),
        zone: zone(spec),
        weight: spec.get("weight").and_then(Value::as_f64),
    }
}

/// On the web one engagement of each zone is shown (platform.md#monitoring-rules).
fn zone(spec: &Value) -> Zone {
    if spec.get("source").and_then(Value::as_str) == Some("app") {
        return Zone::App;
    }
    let zones = spec.get("zones").and_then(Value::as_array);
    let named: Option<Vec<&str>> = zones.map(|it| it.iter().filter_map(live_name).collect());
    if let Some([only]) = named.as_deref() {
        return Zone::Named((*only).to_owned());
    }
    let anchor = spec.pointer("/position/type").and_then(Value::as_str);
    match (spec.get("type").and_then(Value::as_str), anchor) {
        (Some("embedded"), _) => Zone::Own,
        (Some("overlay" | "toaster" | "peelingCorner"), _) => Zone::Named("proactive".to_owned()),
        (Some("stickyButton" | "slideOut"), Some("rightEdge")) => Zone::Named("right".to_owned()),
        _ => Zone::Unknown,
    }
}
