//! Scenarios made of example visits: what a plan changes, as tests.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::export::emit;
use crate::format::format;
use crate::kinds::offering::{Assumed, Switch};
use crate::kinds::shared::Reference;
use crate::kinds::{Given, KindId, Scenario, Then};
use crate::manifest::Key;
use crate::name::Name;
use crate::offers::{Suite, Verdict, World};
use crate::plan::{ExampleVisit, Impact, Shift, Shifted};
use crate::resolve::Desired;
use crate::text::{Source, Sources};

/// A file of scenarios that hold after a plan, one for each place, and how many examples no test of the manifests can hold: what
/// competes with what nobody manages, say, or an app in which nothing is left. No manifest has their names yet.
#[must_use]
pub fn scenarios_of(
    impact: &Impact,
    (assumed, now): (&Assumed, Timestamp),
    desired: &Desired,
    title: &str,
) -> (String, usize) {
    let mut places = CasesByPlace::new();
    let mut left = 0;
    let world = World::of(desired);
    for shifted in &impact.differences {
        let Some(visit) = &shifted.visit else {
            continue;
        };
        match held(&world, shifted, visit, (assumed, now), desired) {
            Some((given, case)) => add(&mut places, (visit.app.clone(), &given), case),
            None => left += usize::from(shifted.shift != Shift::MayChange),
        }
    }
    (documents(places, desired, title), left)
}

/// The same as scenarios of one case each, for each difference that has one.
#[must_use]
pub fn single_scenarios_of(
    impact: &Impact,
    now: (&Assumed, Timestamp),
    desired: &Desired,
) -> Vec<(Key, Scenario)> {
    let world = World::of(desired);
    let all = impact.differences.iter().filter_map(|shifted| {
        let visit = shifted.visit.as_ref()?;
        let (given, case) = held(&world, shifted, visit, now, desired)?;
        let spec = spec_of(visit.app.clone(), json_of(&given), vec![case]);
        let key = unwritten()?;
        let scenario = (key.kind.def().scenario)(&spec)?;
        Some((key, scenario))
    });
    all.collect()
}

/// The case of a difference and what is given for it, where it holds.
fn held(
    world: &World,
    shifted: &Shifted,
    visit: &ExampleVisit,
    now: (&Assumed, Timestamp),
    desired: &Desired,
) -> Option<(Given, Value)> {
    let mut given = visit.given.clone().unwrap_or_default();
    given.assume = Some(now.0.clone()).filter(|it| !it.0.is_empty());
    let case = case(shifted, visit, &then(shifted, desired)?);
    let spec = spec_of(visit.app.clone(), json_of(&given), vec![case.clone()]);
    passes(world, &spec, now).then_some((given, case))
}

/// The key of a scenario that is in no file.
fn unwritten() -> Option<Key> {
    Some(Key {
        kind: kind()?,
        name: Name::from_display_name("impact", "scenario"),
    })
}

/// Whether every case of a scenario passes.
fn passes(world: &World, spec: &Value, (assumed, now): (&Assumed, Timestamp)) -> bool {
    let Some(key) = unwritten() else { return false };
    let scenario = (key.kind.def().scenario)(spec);
    scenario.is_some_and(|scenario| {
        let suite = Suite {
            world,
            key: &key,
            scenario: &scenario,
            now,
            assumed,
        };
        let mut results = suite.run().into_iter();
        results.all(|it| it.verdict() == Verdict::Passed)
    })
}

/// The cases of some scenarios, in one scenario for each place and for what is given; a case with others of its kind.
#[must_use]
pub(super) fn written<'s>(
    scenarios: impl Iterator<Item = &'s Scenario>,
    desired: &Desired,
    title: &str,
) -> String {
    let mut places = CasesByPlace::new();
    for scenario in scenarios {
        let app = scenario.app.as_ref().and_then(|app| match app {
            Reference::Name(name) => Some(name.clone()),
            Reference::Live(_) => None,
        });
        let given = scenario.given.clone().unwrap_or_default();
        for case in scenario.cases.iter().flatten() {
            add(&mut places, (app.clone(), &given), json!(case));
        }
    }
    documents(places, desired, title)
}

/// Cases by app, none for web pages, and what is given, as JSON.
type CasesByPlace = BTreeMap<(Option<String>, String), Vec<Value>>;

fn add(places: &mut CasesByPlace, (app, given): (Option<String>, &Given), case: Value) {
    let cases = places.entry((app, json!(given).to_string())).or_default();
    if !cases.contains(&case) {
        cases.push(case);
    }
}

fn documents(places: CasesByPlace, desired: &Desired, title: &str) -> String {
    let scenarios = desired.iter().filter(|it| Some(it.key.kind) == kind());
    let mut taken: BTreeSet<Name> = scenarios.map(|it| it.key.name.clone()).collect();
    let documents = places.into_iter().map(|((app, given), cases)| {
        let place = app.clone().unwrap_or_else(|| "web".to_owned());
        let wanted = Name::from_display_name(&format!("{title} {place}"), "scenario");
        let mut name = wanted.clone();
        let mut number = 1;
        while !taken.insert(name.clone()) {
            number += 1;
            name = wanted.with_suffix(number);
        }
        let given: Map<String, Value> = serde_json::from_str(&given).unwrap_or_default();
        emit(&json!({
            "apiVersion": "campaignctl.dev/v1",
            "kind": kind().map_or("", |kind| kind.name()),
            "metadata": { "name": name.as_str() },
            "spec": spec_of(app, given, cases),
        }))
    });
    canonical(documents.collect::<Vec<String>>().join("---\n"))
}

/// The spec of a scenario.
fn spec_of(app: Option<String>, given: Map<String, Value>, cases: Vec<Value>) -> Value {
    let mut spec = Map::new();
    match app {
        Some(app) => spec.insert("app".to_owned(), app.into()),
        None => spec.insert("web".to_owned(), true.into()),
    };
    if !given.is_empty() {
        spec.insert("given".to_owned(), Value::Object(given));
    }
    spec.insert("cases".to_owned(), cases.into());
    Value::Object(spec)
}

fn json_of(given: &Given) -> Map<String, Value> {
    json!(given).as_object().cloned().unwrap_or_default()
}

/// The text as `fmt` writes it.
fn canonical(text: String) -> String {
    let mut sources = Sources::default();
    let file = sources.push(Source {
        path: String::new(),
        text: text.clone(),
    });
    format(file, &text).unwrap_or(text)
}

/// The kind of tests.
fn kind() -> Option<KindId> {
    let is_test = |kind: &KindId| (kind.def().scenario)(&json!({})).is_some();
    KindId::manifests().find(is_test)
}

fn case(shifted: &Shifted, visit: &ExampleVisit, then: &Value) -> Value {
    let mut when = json!(visit.when);
    if let Some(at) = &visit.at {
        when["at"] = at.clone().into();
    }
    if says_too_little(visit, &when, then) {
        when["device"] = ANY_DEVICE.into();
    }
    let name = format!("{}: {}", shifted.engagement.name, shifted.shift.words());
    if shifted.closes.is_empty() {
        return json!({ "name": name, "when": when, "then": then });
    }
    // What was closed was there before.
    let closes: Vec<&str> = shifted.closes.iter().map(|it| it.name.as_str()).collect();
    json!({ "name": name, "journey": [
        { "when": when },
        { "closes": closes },
        { "when": when, "then": then },
    ] })
}

/// Whether a test of a visit would be refused: it says nothing, or reports nothing and expects nothing.
fn says_too_little(visit: &ExampleVisit, when: &Value, then: &Value) -> bool {
    let expects_nothing =
        serde_json::from_value(then.clone()).is_ok_and(|it: Then| it.is_of_nothing());
    let reports_nothing = visit.when.is_empty() || visit.when.reports_nothing();
    let is_empty = when.as_object().is_some_and(Map::is_empty);
    is_empty || (expects_nothing && reports_nothing)
}

/// What a visit says of which nothing has to be known.
const ANY_DEVICE: &str = "desktop";

/// That one of some engagements is offered, or nothing.
fn offered(all: &[Key]) -> Value {
    let names: Vec<&str> = all.iter().map(|key| key.name.as_str()).collect();
    match names.as_slice() {
        [] => json!({ "nothing": {} }),
        [only] => json!({ "offered": only }),
        several => json!({ "oneOf": several }),
    }
}

/// What holds at the example after the plan; nothing where that is not known, or is about what no manifest describes.
fn then(shifted: &Shifted, desired: &Desired) -> Option<Value> {
    let is_described = |key: &Key| desired.get(key).is_some();
    let name = shifted.engagement.name.as_str();
    if !is_described(&shifted.engagement) {
        let instead = shifted.instead.as_ref()?;
        return instead.iter().all(is_described).then(|| offered(instead));
    }
    let mut then = match shifted.shift {
        Shift::MayChange => return None,
        // What only says that it can be offered would hold before the plan as well.
        Shift::OtherOdds => return Some(json!({ "shares": { name: shifted.share? } })),
        Shift::NoLongerOffered => return Some(json!({ "notOffered": [name] })),
        _ if shifted.alone => json!({ "offered": name }),
        // By priority, one that meets its requirements is offered only where nothing else is ahead of it.
        _ if rests_on_contest(shifted) => json!({ "mayBeOffered": [name] }),
        _ => json!({ "eligible": [name] }),
    };
    let field = match shifted.shift {
        Shift::OtherSkill => "skill",
        Shift::OtherLanguage => "language",
        Shift::OtherWindow => "window",
        Shift::OtherConnector => "connector",
        _ => return Some(then),
    };
    if shifted.after.is_null() {
        return None;
    }
    if shifted.alone {
        then[field] = shifted.after.clone();
    } else if shifted.shift == Shift::OtherSkill {
        then = json!({ "skills": { name: shifted.after } });
    } else {
        // Of one of several that can be drawn, nothing but the skill can be asserted: what is left would hold before, too.
        return None;
    }
    Some(then)
}

fn rests_on_contest(shifted: &Shifted) -> bool {
    let contest = Switch::Contest.word();
    shifted.rests_on.iter().any(|it| it == contest)
}
