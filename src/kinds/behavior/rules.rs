//! The rules of Behavior.

use serde_json::Value;

use crate::diag::{Advice, Code, Fix, Severity, suggestion};
use crate::kinds::mapping::{OpenReference, REF_KEY, keeps, open_reference};
use crate::kinds::shared::means::MeansCodes;
use crate::kinds::shared::{Condition, ConditionCodes, Known, VendorReference, check_conditions};
use crate::kinds::{Findings, RuleWorld};
use crate::text::Pointer;

use super::means::BehaviorFacts;
use super::{Behavior, BehaviorType};

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[
    &CONDITIONS_EMPTY,
    &CONDITION_UNTYPED,
    &REFERENCE_FORM,
    &TIME_ON_PAGE,
    &FLOW_LOCATION,
    &REFERENCE_FORGOTTEN,
    &MEANS_UNCLEAR,
    &MEANS_CONTRADICTS,
];

const CONDITIONS_EMPTY: Code = Code {
    name: "behavior-conditions-empty",
    severity: Severity::Error,
    title: "a behavior declares an empty list of conditions",
    why: "The platform always stores at least one condition, a condition of type 0 when there is no \
          restriction. What it makes of an empty list is not known.",
    wrong: "spec:\n  conditions: []\n",
    right: "spec:\n  conditions:\n    - { type: timeOnPage, data: { seconds: 30 } }\n",
};

const CONDITION_UNTYPED: Code = Code {
    name: "behavior-condition-untyped",
    severity: Severity::Error,
    title: "a condition of a behavior has no `type`",
    why: "The platform reads `data` by the `type` beside it. A condition without one means nothing to it.",
    wrong: "spec:\n  conditions:\n    - data: { seconds: 30 }\n",
    right: "spec:\n  conditions:\n    - { type: timeOnPage, data: { seconds: 30 } }\n",
};

const REFERENCE_FORM: Code = Code {
    name: "behavior-reference-form",
    severity: Severity::Error,
    title: "a `$ref` inside a condition is not a reference to an entry point",
    why: "Inside `data`, `{ $ref: <reference> }` is replaced by the id of an entry point. Anything else with a `$ref` in it would be sent to the platform unchanged.",
    wrong: "spec:\n  conditions:\n    - { type: timeOnPage, data: { seconds: 30, location: { $ref: 7 } } }\n",
    right: "spec:\n  conditions:\n    - { type: timeOnPage, data: { seconds: 30, location: { $ref: checkout } } }\n",
};

const REFERENCE_FORGOTTEN: Code = Code {
    name: "behavior-reference-forgotten",
    severity: Severity::Warning,
    title: "the payload of a condition has the name of an entry point as a text",
    why: "Inside `data`, a name is a text like any other: the platform gets it as it is, and knows entry points by their \
          ids alone. `{ $ref: <name> }` is replaced by the id.",
    wrong: "spec:\n  conditions:\n    - { type: 7, data: { locations: [checkout] } }\n",
    right: "spec:\n  conditions:\n    - { type: 7, data: { locations: [{ $ref: checkout }] } }\n",
};

const TIME_ON_PAGE: Code = Code {
    name: "behavior-time-on-page",
    severity: Severity::Error,
    title: "the time or the place of a `timeOnPage` condition is not valid",
    why: "`timeOnPage` holds for a visitor who stays for `seconds`, a number above 0, at `location`, an entry point. Without \
          `seconds` it asks for nothing. The platform knows entry points by their ids alone, so `location` is a \
          reference: `{ $ref: <name> }`.",
    wrong: "spec:\n  conditions:\n    - { type: timeOnPage, data: { seconds: 30, location: checkout } }\n",
    right: "spec:\n  conditions:\n    - { type: timeOnPage, data: { seconds: 30, location: { $ref: checkout } } }\n",
};

const FLOW_LOCATION: Code = Code {
    name: "behavior-flow-location",
    severity: Severity::Error,
    title: "the place of a step of a `flow` condition is not a reference",
    why: "A step of a `flow` is at an entry point. The platform knows entry points by their ids alone, so `location` is a \
          reference: `{ $ref: <name> }`. A text is sent as it is, and no entry point has that id.",
    wrong: "spec:\n  conditions:\n    - { type: flow, data: { steps: [{ location: cart }, { location: { $ref: checkout } }] } }\n",
    right: "spec:\n  conditions:\n    - { type: flow, data: { steps: [{ location: { $ref: cart } }, { location: { $ref: checkout } }] } }\n",
};

const MEANS: MeansCodes = MeansCodes {
    unclear: &MEANS_UNCLEAR,
    contradicts: &MEANS_CONTRADICTS,
};

const MEANS_UNCLEAR: Code = Code {
    name: "behavior-means-unclear",
    severity: Severity::Error,
    title: "`means` of a condition of a behavior says nothing that can be decided",
    why: "`means` says what the platform's own numbers and payload ask of a visitor, so that people and programs can decide whether it is true. An empty fact, a range without numbers or a text without characters decides nothing.",
    wrong: "spec:\n  conditions:\n    - { type: cart, data: { value: { min: 50 } }, means: { cart: {} } }\n",
    right: "spec:\n  conditions:\n    - { type: cart, data: { value: { min: 50 } }, means: { cart: { value: { atLeast: 50 } } } }\n",
};

const MEANS_CONTRADICTS: Code = Code {
    name: "behavior-means-contradicts",
    severity: Severity::Error,
    title: "`means` of a condition of a behavior contradicts its `type`",
    why: "`means` is for conditions whose number or payload is not public. Where the type is a known word, `means` must say the same: the platform only uses `type` and `data`.",
    wrong: "spec:\n  conditions:\n    - { type: timeOnPage, data: { seconds: 30 }, means: { aboutToAbandon: true } }\n",
    right: "spec:\n  conditions:\n    - { type: timeOnPage, data: { seconds: 30 }, means: { timeOnPage: { atLeast: 30 } } }\n",
};

/// All rules.
pub(super) fn check(spec: &Behavior, world: &dyn RuleWorld, out: &mut Findings) {
    let codes = ConditionCodes {
        empty: &CONDITIONS_EMPTY,
        untyped: &CONDITION_UNTYPED,
        unrestricted: "all",
        means: MEANS,
    };
    check_conditions(spec.conditions.as_deref(), &codes, known, out);
    reference_form(spec, out);
    time_on_page(spec, out);
    cart_value(spec, out);
    flow_locations(spec, out);
    reference_forgotten(spec, world, out);
}

/// What the word of a type says by itself.
fn known(of: &BehaviorType) -> Known {
    match of {
        BehaviorType::All => Known::All("all"),
        BehaviorType::Flow => Known::About("flow", "flow"),
        BehaviorType::TimeOnPage => Known::About("timeOnPage", "timeOnPage"),
        BehaviorType::Cart => Known::About("cart", "cart"),
        BehaviorType::EngagementAttribute | BehaviorType::Raw(_) => Known::Nothing,
    }
}

/// Names of entry points in payloads. The locations of `timeOnPage` and `flow` have complaints of their own.
fn reference_forgotten(spec: &Behavior, world: &dyn RuleWorld, out: &mut Findings) {
    let at = Pointer::root().key("conditions");
    for (index, condition) in spec.conditions.iter().flatten().enumerate() {
        let Some(data) = &condition.data else {
            continue;
        };
        let data_at = at.index(index).key("data");
        let mut texts = Vec::new();
        collect_texts(data, &data_at, &mut texts);
        for (at, text) in texts {
            let name = entry_point_name(text);
            // A complaint of a place, `location: { ref: cart }`, is about all that is in it.
            let told = |around: &Pointer| out.0.iter().any(|it| it.pointer == *around);
            let around = std::iter::successors(Some(at.clone()), Pointer::parent);
            let is_told = around.take_while(|it| *it != data_at).any(|it| told(&it));
            if is_told || world.spec("EntryPoint", name).is_none() {
                continue;
            }
            let reference = format!("{{\"{REF_KEY}\":{}}}", Value::from(name));
            out.push(
                &REFERENCE_FORGOTTEN,
                at,
                format!("`{text}` is a text here, and an EntryPoint has this name"),
                Advice::from(format!("refer to it: `{{ $ref: {name} }}`"))
                    .fix(Fix::Write(reference)),
            );
        }
    }
}

fn collect_texts<'v>(value: &'v Value, at: &Pointer, texts: &mut Vec<(Pointer, &'v str)>) {
    match value {
        Value::String(text) => texts.push((at.clone(), text)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_texts(item, &at.index(index), texts);
            }
        }
        // What is nearly a `$ref` is told as such.
        Value::Object(map) if !map.keys().any(|key| key.starts_with('$')) => {
            for (key, value) in map {
                collect_texts(value, &at.key(key), texts);
            }
        }
        _ => {}
    }
}

/// The data of `timeOnPage`, as far as its keys are known: `seconds` and `location`.
fn time_on_page(spec: &Behavior, out: &mut Findings) {
    let at = Pointer::root().key("conditions");
    for (index, condition) in spec.conditions.iter().flatten().enumerate() {
        if condition.condition_type != Some(BehaviorType::TimeOnPage) {
            continue;
        }
        let at = at.index(index);
        let Some(data) = &condition.data else {
            let help = "add `data: { seconds: 30 }`";
            out.push(
                &TIME_ON_PAGE,
                at.key("type"),
                "the condition has no `data`",
                help,
            );
            continue;
        };
        let at = at.key("data");
        has_seconds(data, &at, out);
        let seconds = data.get("seconds").filter(|seconds| !seconds.is_null());
        if let Some(seconds) = seconds.filter(|it| it.as_f64().is_none_or(|it| it <= 0.0)) {
            out.push(
                &TIME_ON_PAGE,
                at.key("seconds"),
                format!("{seconds} is not a valid number of seconds"),
                "write a number above 0, as `seconds: 30`",
            );
        }
        location_is_reference(&TIME_ON_PAGE, data, &at, out);
        seconds_meant(condition, data, &at, out);
        location_meant(condition, data, &at, out);
    }
}

/// The value of a cart in `data` that is another one than in `means`. Of its payload, which is not public, this key is
/// the one that is known.
fn cart_value(spec: &Behavior, out: &mut Findings) {
    let at = Pointer::root().key("conditions");
    for (index, condition) in spec.conditions.iter().flatten().enumerate() {
        if condition.condition_type != Some(BehaviorType::Cart) {
            continue;
        }
        let data = condition.data.as_ref();
        let held = data.and_then(|data| data.get("minimumValue")?.as_f64());
        let cart = condition.means.as_ref();
        let cart = cart.and_then(|means| means.facts.cart.as_ref());
        let meant = cart.and_then(|cart| cart.value.as_ref()?.at_least);
        if let (Some(held), Some(meant)) = (held, meant)
            && (held - meant).abs() > f64::EPSILON
        {
            out.push(
                &MEANS_CONTRADICTS,
                at.index(index)
                    .key("means")
                    .key("cart")
                    .key("value")
                    .key("atLeast"),
                format!("`means` says a value of {meant}, and `data` says {held}"),
                "write the same number in both; the platform goes by `data`",
            );
        }
    }
}

/// The data of `timeOnPage` says a time.
fn has_seconds(data: &Value, at: &Pointer, out: &mut Findings) {
    if keeps(data) || data.get("seconds").is_some() {
        return;
    }
    let mut keys = data.as_object().into_iter().flatten().map(|(key, _)| key);
    let near = keys.find(|key| suggestion(key, ["seconds"]).is_some());
    let (at, help) = match near {
        Some(key) => (at.key(key), Advice::from("did you mean `seconds`?")),
        None if data.is_object() => (at.clone(), "add `seconds: 30`".into()),
        None => (at.clone(), "write `data: { seconds: 30 }`".into()),
    };
    out.push(
        &TIME_ON_PAGE,
        at,
        "the condition has no `seconds`: it does not say how long a visitor stays",
        help,
    );
}

/// The places of the steps of `flow`.
fn flow_locations(spec: &Behavior, out: &mut Findings) {
    let at = Pointer::root().key("conditions");
    for (index, condition) in spec.conditions.iter().flatten().enumerate() {
        if condition.condition_type != Some(BehaviorType::Flow) {
            continue;
        }
        let steps = condition.data.as_ref().and_then(|data| data.get("steps"));
        let steps = steps.and_then(Value::as_array).into_iter().flatten();
        let at = at.index(index).key("data").key("steps");
        for (step_index, step) in steps.enumerate() {
            location_is_reference(&FLOW_LOCATION, step, &at.index(step_index), out);
        }
    }
}

/// The name in a text that may have the kind before it, as commands and plans do.
fn entry_point_name(text: &str) -> &str {
    text.strip_prefix("EntryPoint/").unwrap_or(text)
}

/// Complains about a `location` that is neither a reference nor an id.
fn location_is_reference(code: &'static Code, around: &Value, at: &Pointer, out: &mut Findings) {
    let at = at.key("location");
    let refer = |reference: &Value| {
        let help = format!(
            "refer to the entry point: `{{ $ref: {} }}`",
            flow_of(reference)
        );
        let written = format!("{{\"{REF_KEY}\":{reference}}}");
        Advice::from(help).fix(Fix::Write(written))
    };
    match around.get("location") {
        Some(Value::String(text)) => {
            let message =
                format!("`{text}` is a text, and the platform knows entry points by their ids");
            let help = match place_meant(text) {
                Some(reference) => refer(&reference),
                None => Advice::from(ANY_PAGE),
            };
            out.push(code, at, message, help);
        }
        Some(Value::Object(map)) if map.len() == 1 => {
            let meant = map.iter().find_map(|(key, value)| meant_by(key, value));
            if let Some(meant) = meant {
                out.push(code, at, "a reference in `data` is a `$ref`", refer(&meant));
            }
        }
        Some(value @ (Value::Bool(_) | Value::Array(_))) => not_a_place(code, value, at, out),
        Some(value @ Value::Object(map)) if map.is_empty() => not_a_place(code, value, at, out),
        _ => {}
    }
}

/// What to do where a place is not one of the account's entry points.
const ANY_PAGE: &str =
    "refer to an entry point: `{ $ref: <name> }`, or leave `location` out for any page";

/// The reference that a text means in the place of one; nothing where it is no name: an address, a word for any page.
fn place_meant(text: &str) -> Option<Value> {
    let name = entry_point_name(text);
    let name = name.trim_start_matches(['$', '{']).trim_end_matches('}');
    let name = name.strip_prefix("ref").map_or(name, |rest| {
        rest.strip_prefix([':', ' ']).map_or(name, str::trim_start)
    });
    if name.is_empty() || name.contains(['/', ':']) || ["all", "any", "everywhere"].contains(&name)
    {
        return None;
    }
    let is_id = name.bytes().all(|byte| byte.is_ascii_digit());
    let id = name.parse::<u64>().ok().filter(|_| is_id);
    Some(id.map_or_else(|| Value::from(name), |id| serde_json::json!({ "id": id })))
}

/// What a mapping of one key means in the place of a reference, where it is the form of a field that takes references,
/// or a misspelt `$ref`.
fn meant_by(key: &str, value: &Value) -> Option<Value> {
    let whole = Value::Object([(key.to_owned(), value.clone())].into_iter().collect());
    match (key, value) {
        ("ref" | "name", Value::String(text)) => Some(Value::from(entry_point_name(text))),
        ("ref", Value::Object(_)) => Some(value.clone()),
        ("live" | "id" | "system", _) => Some(whole),
        _ => None,
    }
    .filter(|meant| serde_json::from_value::<VendorReference>(meant.clone()).is_ok())
}

fn not_a_place(code: &'static Code, value: &Value, at: Pointer, out: &mut Findings) {
    let what = match value {
        Value::Array(_) => "a list".to_owned(),
        other => format!("`{other}`"),
    };
    let message = format!("{what} is not a place");
    out.push(code, at, message, ANY_PAGE);
}

/// A reference as people write it in a flow of YAML.
fn flow_of(reference: &Value) -> String {
    match reference {
        Value::Object(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| format!("{key}: {}", flow_of(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A time in `means` that is another one than in `data`.
fn seconds_meant(
    condition: &Condition<BehaviorType, BehaviorFacts>,
    data: &Value,
    at: &Pointer,
    out: &mut Findings,
) {
    let means = condition.means.as_ref();
    let meant = means.and_then(|means| means.facts.time_on_page.as_ref());
    let seconds = data.get("seconds").and_then(Value::as_f64);
    if let (Some(meant), Some(seconds)) = (meant, seconds)
        && (meant.at_least - seconds).abs() > f64::EPSILON
        && let Some(condition) = at.parent()
    {
        out.push(
            &MEANS_CONTRADICTS,
            condition.key("means").key("timeOnPage").key("atLeast"),
            format!(
                "`means` says {} seconds, and `data` says {seconds}",
                meant.at_least
            ),
            "write the same number in both; the platform goes by `data`",
        );
    }
}

/// Complains about a place that `means` says and the data does not, or the other way round: without one, it is any page.
fn location_meant(
    condition: &Condition<BehaviorType, BehaviorFacts>,
    data: &Value,
    at: &Pointer,
    out: &mut Findings,
) {
    let means = condition.means.as_ref();
    let meant = means.and_then(|means| means.facts.time_on_page.as_ref());
    let (Some(meant), Some(around)) = (meant, at.parent()) else {
        return;
    };
    let held = data.get("location").filter(|held| !held.is_null());
    let reference = held.map(|held| held.get(REF_KEY));
    let (None | Some(Some(_))) = reference else {
        return; // an id, or what has a complaint of its own
    };
    if keeps(data) || held.is_some_and(keeps) {
        return;
    }
    // The vendor's own row of entry points is the whole site.
    let is_somewhere = |it: &Value| it.get("system").is_none();
    let said = meant.location.as_ref();
    let said = said.and_then(|said| serde_json::to_value(said).ok());
    let said = said.filter(is_somewhere);
    let written = reference.flatten().filter(|it| is_somewhere(it));
    if said.as_ref() != written {
        let any = Value::from("any page");
        let message = format!(
            "`means` says {}, and `data` says {}",
            said.as_ref().unwrap_or(&any),
            written.unwrap_or(&any)
        );
        out.push(
            &MEANS_CONTRADICTS,
            around.key("means").key("timeOnPage"),
            message,
            "name the same entry point in both; the platform goes by `data`",
        );
    }
}

fn reference_form(spec: &Behavior, out: &mut Findings) {
    let at = Pointer::root().key("conditions");
    for (index, condition) in spec.conditions.iter().flatten().enumerate() {
        if let Some(data) = &condition.data {
            walk(data, &at.index(index).key("data"), out);
        }
    }
}

fn walk(data: &Value, at: &Pointer, out: &mut Findings) {
    match data {
        Value::Object(map) => match map.get(REF_KEY) {
            Some(_) if open_reference(map, Some("EntryPoint")).is_some_and(is_reference) => {}
            Some(_) => out.push(
                &REFERENCE_FORM,
                at.clone(),
                "`$ref` does not name an entry point",
                "write `{ $ref: <name> }` or `{ $ref: { live: <display name> } }`, with no other key beside it than `as: text` where the platform has the id as a text",
            ),
            None => map
                .iter()
                .for_each(|(key, value)| walk(value, &at.key(key), out)),
        },
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| walk(item, &at.index(index), out)),
        _ => {}
    }
}

fn is_reference(found: OpenReference<'_>) -> bool {
    serde_json::from_value::<VendorReference>(found.reference.clone()).is_ok()
}
