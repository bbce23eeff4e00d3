//! Scenarios made of example visits: what a plan changes, as tests.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::export::emit;
use crate::kinds::KindId;
use crate::kinds::offering::Assumed;
use crate::name::Name;
use crate::plan::{ExampleVisit, Impact, Shift, Shifted};

/// A file of scenarios that hold after a plan, one for each place; nothing where there is no example to test.
#[must_use]
pub fn scenarios_of(impact: &Impact, assumed: &Assumed, title: &str) -> String {
    let mut places: BTreeMap<(Option<String>, String), Vec<Value>> = BTreeMap::new();
    for shifted in &impact.differences {
        let (Some(visit), Some(then)) = (&shifted.visit, then(shifted)) else {
            continue;
        };
        let given = json!(visit.given.clone().unwrap_or_default());
        let cases = places
            .entry((visit.app.clone(), given.to_string()))
            .or_default();
        let new = case(shifted, visit, &then);
        if !cases.contains(&new) {
            cases.push(new);
        }
    }
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let documents = places.into_iter().map(|((app, given), cases)| {
        let place = app.clone().unwrap_or_else(|| "web".to_owned());
        let wanted = Name::from_display_name(&format!("{title} {place}"), "scenario");
        let number = numbers.entry(wanted.to_string()).or_default();
        *number += 1;
        let name = if *number == 1 {
            wanted
        } else {
            wanted.with_suffix(*number)
        };
        let mut given: Map<String, Value> = serde_json::from_str(&given).unwrap_or_default();
        if !assumed.0.is_empty() {
            given.insert("assume".to_owned(), json!(assumed));
        }
        let mut spec = Map::new();
        match app {
            Some(app) => spec.insert("app".to_owned(), app.into()),
            None => spec.insert("web".to_owned(), true.into()),
        };
        if !given.is_empty() {
            spec.insert("given".to_owned(), Value::Object(given));
        }
        spec.insert("cases".to_owned(), cases.into());
        emit(&json!({
            "apiVersion": "campaignctl.dev/v1",
            "kind": kind(),
            "metadata": { "name": name.as_str() },
            "spec": spec,
        }))
    });
    documents.collect::<Vec<String>>().join("---\n")
}

/// The kind of tests.
fn kind() -> &'static str {
    let is_test = |kind: &KindId| (kind.def().scenario)(&json!({})).is_some();
    KindId::manifests()
        .find(is_test)
        .map_or("", |kind| kind.name())
}

fn case(shifted: &Shifted, visit: &ExampleVisit, then: &Value) -> Value {
    let mut when = json!(visit.when);
    if let Some(at) = &visit.at {
        when["at"] = at.clone().into();
    }
    if when.as_object().is_some_and(Map::is_empty) {
        when = json!({ "sections": [] });
    }
    let name = format!("{}: {}", shifted.engagement.name, shifted.shift.words());
    json!({ "name": name, "when": when, "then": then })
}

/// What holds at the example after the plan; nothing where that is not known.
fn then(shifted: &Shifted) -> Option<Value> {
    let name = shifted.engagement.name.as_str();
    let mut then = match shifted.shift {
        Shift::MayChange => return None,
        Shift::NoLongerOffered => return Some(json!({ "notOffered": [name] })),
        _ if shifted.alone => json!({ "offered": name }),
        _ => json!({ "eligible": [name] }),
    };
    let field = match shifted.shift {
        Shift::OtherSkill => "skill",
        Shift::OtherLanguage => "language",
        Shift::OtherWindow => "window",
        Shift::OtherConnector => "connector",
        _ => return Some(then),
    };
    if shifted.alone && !shifted.after.is_null() {
        then[field] = shifted.after.clone();
    }
    Some(then)
}
