//! What the readings of several kinds share: lists of references, lists of conditions, and `means`.

use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    Aspect, Clause, Fact, LetterCase, Question, ReferredObject, Requirement, Switch, Test, Unclear,
};
use crate::kinds::shared::means::{AnyOf, Means};
use crate::kinds::strict::Strict;
use crate::text::Pointer;

/// One of the objects that a field lists; a switch says whether one is enough, and what an empty list means.
pub(crate) fn one_of_listed(spec: &Value, field: &str, kind: &'static str) -> Clause {
    let at = Pointer::root().key(field);
    let listed = spec.get(field).and_then(Value::as_array);
    let items: Vec<Clause> = listed
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(index, reference)| {
            let reference = reference.clone();
            Clause::new(
                at.index(index),
                Test::Object(ReferredObject { kind, reference }),
            )
        })
        .collect();
    let test = if items.is_empty() {
        undeclared(&at, field)
    } else {
        several(Switch::Alternatives, &at, items, Test::Any, Test::All)
    };
    Clause::new(at, test)
}

fn undeclared(at: &Pointer, field: &str) -> Test {
    let known = |holds: bool| {
        let why = format!("`{field}` lists nothing");
        let change = format!("list something in `{field}`");
        Box::new(Clause::new(at.clone(), Test::Known(holds, why, change)))
    };
    Test::Either(Switch::Undeclared, known(true), known(false))
}

/// Several clauses that a switch combines; one alone needs none, and keeps its place.
fn several(
    switch: Switch,
    at: &Pointer,
    items: Vec<Clause>,
    first: fn(Vec<Clause>) -> Test,
    second: fn(Vec<Clause>) -> Test,
) -> Test {
    if items.len() == 1 {
        return Test::All(items);
    }
    let combined =
        |with: fn(Vec<Clause>) -> Test| Box::new(Clause::new(at.clone(), with(items.clone())));
    Test::Either(switch, combined(first), combined(second))
}

/// That a field has no say which is written there and which nothing documents: a switch, for it may keep anybody out.
/// In `extra`, the names of things are for people.
pub(crate) fn undocumented(spec: &Value, aspect: Aspect, fields: &[&str]) -> Vec<Requirement> {
    let root = Pointer::root();
    let written = |part: Option<&Value>| part.is_some_and(|it| !says_nothing(it) && *it != 0);
    let of_fields = fields
        .iter()
        .filter(|field| written(spec.get(**field)))
        .map(|field| root.key(field));
    let extra = spec.get("extra").and_then(Value::as_object);
    let more = extra.into_iter().flatten();
    let of_extra = more
        .filter(|(key, value)| !FOR_PEOPLE.contains(&key.as_str()) && written(Some(value)))
        .map(|(key, _)| root.key("extra").key(key));
    let all = of_fields.chain(of_extra);
    all.map(|at| Requirement {
        aspect,
        clause: without_say(at),
    })
    .collect()
}

/// The keys of bodies that say in words what something is.
const FOR_PEOPLE: &[&str] = &["description", "skillName"];

fn without_say(at: Pointer) -> Clause {
    let why = "nothing is documented of the field".to_owned();
    let [none, some] = [
        Test::Known(true, why, String::new()),
        Test::Open(Unclear::Field),
    ]
    .map(|test| Box::new(Clause::new(at.clone(), test)));
    Clause::new(at, Test::Either(Switch::UndocumentedFields, none, some))
}

/// A test that only web pages can meet.
pub(crate) fn web_only(at: &Pointer, test: Test) -> Test {
    Test::WebOnly(Box::new(Clause::new(at.clone(), test)))
}

/// How the conditions of a kind combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Combined {
    /// All of them hold, as documented.
    All,
    /// All of them hold, which is inferred.
    Inferred,
}

/// The conditions of a spec, each read by its kind.
pub(crate) fn conditions(
    spec: &Value,
    combined: Combined,
    read: impl Fn(&Value, &Pointer) -> Test,
) -> Clause {
    let at = Pointer::root().key("conditions");
    let listed = spec.get("conditions").and_then(Value::as_array);
    let items: Vec<Clause> = listed
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(index, condition)| {
            let at = at.index(index);
            let clause = Clause::new(at.clone(), read(condition, &at));
            if asks_more(condition) {
                with_more(clause)
            } else {
                clause
            }
        })
        .collect();
    let test = match (items.is_empty(), combined) {
        (true, _) => Test::Open(Unclear::NoMeaning),
        (false, Combined::All) => Test::All(items),
        (false, Combined::Inferred) => {
            several(Switch::Conditions, &at, items, Test::All, Test::Any)
        }
    };
    Clause::new(at, test)
}

/// A condition with an `extra`: whether that has a say is a switch.
fn with_more(clause: Clause) -> Clause {
    let at = clause.at.clone();
    let open = Clause::new(at.clone(), Test::Open(Unclear::Extra));
    let switch = Switch::UndocumentedFields;
    Clause::new(at, Test::Either(switch, Box::new(clause), Box::new(open)))
}

/// Whether a condition has more than its type and payload, which may mean anything where `means` does not say what it is.
fn asks_more(condition: &Value) -> bool {
    let written = |part: &str| condition.get(part).is_some_and(|it| !says_nothing(it));
    written("extra") && !written("means")
}

/// The payloads of conditions that say what they mean.
pub(crate) fn payloads(spec: &Value) -> Vec<(Pointer, String)> {
    let at = Pointer::root().key("conditions");
    let listed = spec.get("conditions").and_then(Value::as_array);
    let all = listed.into_iter().flatten().enumerate();
    let meant = all.filter(|(_, it)| it.get("means").is_some_and(|means| !means.is_null()));
    meant
        .map(|(index, condition)| {
            let payload = ["type", "data"].map(|key| condition.get(key).cloned());
            (
                at.index(index),
                Value::from_iter(payload.map(Option::unwrap_or_default)).to_string(),
            )
        })
        .collect()
}

/// The fields of which it is not known whether they have a say: all but those that are read, or are known to have none.
/// Of conditions, all but those that say what is asked.
pub(crate) fn unread(spec: &Value, known: &[&str]) -> Vec<(Pointer, String)> {
    let root = Pointer::root();
    let mut found = Vec::new();
    others(spec, (&root, ""), known, &mut found);
    let listed = spec.get("conditions").and_then(Value::as_array);
    for (index, condition) in listed.into_iter().flatten().enumerate() {
        let at = root.key("conditions").index(index);
        // What it asks is said by `means`, where that is there.
        let known: &[&str] = if asks_more(condition) {
            &["type", "data", "means"]
        } else {
            &["type", "data", "means", "extra"]
        };
        others(condition, (&at, "conditions."), known, &mut found);
    }
    found
}

fn others(
    part: &Value,
    (at, path): (&Pointer, &str),
    known: &[&str],
    found: &mut Vec<(Pointer, String)>,
) {
    for (field, value) in part.as_object().into_iter().flatten() {
        if !value.is_null() && !known.contains(&field.as_str()) {
            found.push((at.key(field), format!("{path}{field}={value}")));
        }
    }
}

/// The same test, where the payload of its condition names currencies: an amount may have to be in one of them.
pub(crate) fn in_currency(condition: &Value, mut test: Test) -> Test {
    let mut named = Vec::new();
    currencies(condition.get("data").unwrap_or(&Value::Null), &mut named);
    if !named.is_empty() {
        test.each_inside(&mut |inner| amounts(inner, &named));
    }
    test
}

/// The currencies that a payload names.
fn currencies(data: &Value, found: &mut Vec<String>) {
    match data {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key.eq_ignore_ascii_case("currency") => {
                        found.push(text.clone());
                    }
                    value => currencies(value, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|it| currencies(it, found)),
        _ => {}
    }
}

fn amounts(clause: &mut Clause, named: &[String]) {
    let currency = match &clause.test {
        Test::Is(Question::Number(Fact::CartValue, _)) => Fact::CartCurrency,
        Test::Is(Question::Number(Fact::Balance, _)) => Fact::BalanceCurrency,
        _ => {
            clause.test.each_inside(&mut |inner| amounts(inner, named));
            return;
        }
    };
    let amount = || Clause::new(clause.at.clone(), clause.test.clone());
    let is_named = Test::Is(Question::one_of(currency, named, LetterCase::Ignored));
    let both = vec![amount(), Clause::new(clause.at.clone(), is_named)];
    clause.test = Test::Either(
        Switch::Currency,
        Box::new(amount()),
        Box::new(Clause::new(clause.at.clone(), Test::All(both))),
    );
}

/// What `means` of a condition says; open where there is none.
pub(crate) fn meaning<F: DeserializeOwned>(
    condition: &Value,
    at: &Pointer,
    facts: impl Fn(&F, &Pointer) -> Vec<Clause>,
) -> Test {
    let Some(means) = condition.get("means").filter(|means| !means.is_null()) else {
        return Test::Open(Unclear::NoMeaning);
    };
    let Ok(means) = Means::<F>::deserialize(Strict(means)) else {
        return Test::Open(Unclear::Unreadable);
    };
    let at = at.key("means");
    let mut all = facts(&means.facts, &at);
    if let Some(except) = &means.except {
        let at = at.key("except");
        let except = Clause::new(at.clone(), Test::All(facts(except, &at)));
        all.push(Clause::new(at, Test::Not(Box::new(except))));
    }
    Test::All(all)
}

/// That a condition which says no more than its type always holds; nothing where it has a payload, of which nobody knows what it
/// says there.
pub(crate) fn always(condition: &Value, why: &str) -> Option<Test> {
    let is_plain = condition.get("data").is_none_or(says_nothing);
    is_plain.then(|| Test::Known(true, why.to_owned(), String::new()))
}

/// Whether there is no value in a payload, however deep.
fn says_nothing(data: &Value) -> bool {
    match data {
        Value::Null => true,
        Value::Array(list) => list.iter().all(says_nothing),
        Value::Object(map) => map.values().all(says_nothing),
        _ => false,
    }
}

/// One of several alternatives.
pub(crate) fn any_of<T>(any: &AnyOf<T>, at: &Pointer, test: impl Fn(&T) -> Test) -> Test {
    match any.0.as_slice() {
        [one] => test(one),
        several => {
            let items = several.iter().enumerate();
            Test::Any(
                items
                    .map(|(index, one)| Clause::new(at.index(index), test(one)))
                    .collect(),
            )
        }
    }
}

/// A word that serializes as a text.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// The live name of an object that is never in manifests; `None` where the reference is an id.
pub(crate) fn live_name(reference: &Value) -> Option<&str> {
    reference
        .as_str()
        .or_else(|| reference.get("live")?.as_str())
}
