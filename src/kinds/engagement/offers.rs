//! Where, when and with what an engagement is offered (platform.md#monitoring-rules).

use serde_json::Value;

use crate::kinds::offering::read::{live_name, one_of_listed, undocumented, unread};
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
    let mut requires = vec![
        require(Aspect::Enabled, "enabled", enabled(spec)),
        require(Aspect::Place, place_field(spec), place(spec)),
        listed(spec, Aspect::EntryPoints, "entryPoints", "EntryPoint"),
        listed(spec, Aspect::Behaviors, "behaviors", "Behavior"),
        Requirement {
            aspect: Aspect::Agents,
            clause: agents(spec),
        },
        require(
            Aspect::Conversation,
            "conversationType",
            without_conversation(),
        ),
    ];
    requires.extend(undocumented(
        spec,
        Aspect::Enabled,
        &["timeInQueue", "externalTargets"],
    ));
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
        permits: permits(spec),
    }
}

/// Who has not signed in is permitted to write.
fn permits(spec: &Value) -> Vec<Pointer> {
    const FIELD: &str = "allowUnauthenticated";
    let is_permitted = spec.get(FIELD) == Some(&Value::Bool(true));
    let all = is_permitted.then(|| Pointer::root().key(FIELD));
    all.into_iter().collect()
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
    let clause = clause(field, test);
    Requirement { aspect, clause }
}

fn clause(field: &str, test: Test) -> Clause {
    Clause::new(Pointer::root().key(field), test)
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

/// An agent has to be available; whether `always` lifts that is a switch, for the numbers of the words are guessed. Which field
/// counts where the one of the other conversations says `always` is another one.
fn agents(spec: &Value) -> Clause {
    let [own, other] = match spec.get("conversationType").and_then(Value::as_str) {
        Some("chat") => ["availability", "availabilityForMessaging"],
        _ => ["availabilityForMessaging", "availability"],
    };
    match [own, other].map(|field| is_always(spec, field)) {
        [Some(true), _] => unless_always(own),
        [None, Some(true)] => unless_always(other),
        [Some(false), Some(true)] => {
            let needed = clause(own, needs_agents());
            let test = either(Switch::AvailabilityField, [needed, unless_always(other)]);
            clause(own, test)
        }
        [Some(false), _] => clause(own, needs_agents()),
        [None, _] => clause(other, needs_agents()),
    }
}

/// Whether a field says that the engagement shows at all times; none where it is not declared.
fn is_always(spec: &Value, field: &str) -> Option<bool> {
    let word = spec.get(field)?.as_str();
    Some(word != Some("onlineOnly"))
}

/// An agent has to be available, unless `always` in a field lifts that.
fn unless_always(field: &str) -> Clause {
    let always = Test::Known(true, format!("`{field}` is `always`"), String::new());
    let both = [always, needs_agents()].map(|test| clause(field, test));
    clause(field, either(Switch::Availability, both))
}

fn needs_agents() -> Test {
    Test::Is(Question::one_of(
        Fact::Agents,
        &["available"],
        LetterCase::Ignored,
    ))
}

fn either(switch: Switch, [first, second]: [Clause; 2]) -> Test {
    Test::Either(switch, Box::new(first), Box::new(second))
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
    let format = spec.get("type").and_then(Value::as_str);
    let zones = spec.get("zones").and_then(Value::as_array);
    let zones: Vec<&Value> = zones.into_iter().flatten().collect();
    if format == Some("embedded") {
        let names = zones.iter().filter_map(|it| live_name(it));
        let ids = zones.iter().filter_map(|it| it.get("id"));
        return Zone::Own {
            names: names.map(str::to_owned).collect(),
            ids: ids.map(Value::to_string).collect(),
        };
    }
    match zones.as_slice() {
        [] => {}
        [only] if live_name(only).is_some() => {
            return Zone::Named(live_name(only).unwrap_or_default().to_owned());
        }
        // The name of an id is not known, nor which one of several counts.
        _ => return Zone::Unknown,
    }
    let anchor = spec.pointer("/position/type").and_then(Value::as_str);
    match (format, anchor) {
        (Some("overlay" | "toaster" | "peelingCorner"), _) => {
            Zone::OfFormat("proactive".to_owned())
        }
        (Some("stickyButton" | "slideOut"), Some("rightEdge")) => {
            Zone::OfFormat("right".to_owned())
        }
        _ => Zone::Unknown,
    }
}
