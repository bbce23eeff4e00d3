//! Where a visitor has to be (platform.md#entry-point).

use serde_json::{Map, Value};

use super::means::EntryPointFacts;
use crate::kinds::offering::read::{
    Combined, always, conditions, live_name, meaning, payloads, undocumented, unread,
};
use crate::kinds::offering::{
    Aspect, Clause, Fact, LetterCase, Place, Question, Reading, Requirement, Switch, Test, Unclear,
};
use crate::kinds::shared::means::TextMatch;
use crate::text::Pointer;

/// The fields that are read, and those that are only for people.
const KNOWN: &[&str] = &[
    "displayName",
    "description",
    "appInstallation",
    "conditions",
];

pub(super) fn reading(spec: &Value) -> Reading {
    let mut clauses = vec![conditions(spec, Combined::Inferred, condition)];
    clauses.push(of_app(spec));
    let requires = clauses.into_iter().map(|clause| Requirement {
        aspect: Aspect::EntryPoints,
        clause,
    });
    Reading {
        requires: requires
            .chain(undocumented(spec, Aspect::EntryPoints, &[]))
            .collect(),
        payloads: payloads(spec),
        unread: unread(spec, KNOWN),
        ..Reading::default()
    }
}

fn condition(condition: &Value, at: &Pointer) -> Test {
    let word = condition.get("type").and_then(Value::as_str);
    let number = condition.get("type").and_then(Value::as_f64);
    match (word, number) {
        (Some("everywhere"), _) | (_, Some(0.0)) => {
            always(condition, "the entry point is everywhere")
                .unwrap_or_else(|| meaning::<EntryPointFacts>(condition, at, facts))
        }
        (Some("section"), _) => sections(condition, at),
        (_, Some(4.0)) if condition.get("means").is_none() => sections(condition, at),
        _ => meaning::<EntryPointFacts>(condition, at, facts),
    }
}

/// An entry point of an app, or of the web: whether it can hold elsewhere is a switch for each. One of the web says so by
/// leaving the app out, also where its condition is `everywhere`; only the vendor's own row is for both.
fn of_app(spec: &Value) -> Clause {
    let app = spec.get("appInstallation").filter(|it| !it.is_null());
    let at = Pointer::root().key("appInstallation");
    let (switch, here, why) = match app.map(live_name) {
        None => (
            Switch::EntryPointWithoutApp,
            Test::In(Place::Web),
            "an entry point without an app counts in apps as well",
        ),
        Some(Some(name)) => (
            Switch::EntryPointApp,
            Test::In(Place::App(name.to_owned())),
            ANY_APP,
        ),
        Some(None) => (
            Switch::EntryPointApp,
            Test::Open(Unclear::NotInManifests),
            ANY_APP,
        ),
    };
    let anywhere = Test::Known(true, why.to_owned(), String::new());
    let test = Test::Either(
        switch,
        Box::new(Clause::new(at.clone(), here)),
        Box::new(Clause::new(at.clone(), anywhere)),
    );
    Clause::new(at, test)
}

const ANY_APP: &str = "the app of the entry point does not count";

/// `data: { include: [{ sections: [{ name: .. }] }], exclude: [..] }`.
fn sections(condition: &Value, at: &Pointer) -> Test {
    let at = at.key("data");
    let data = condition.get("data").and_then(Value::as_object);
    let Some(data) = data.filter(|data| has_only(data, &["include", "exclude"])) else {
        return Test::Open(Unclear::Unreadable);
    };
    let (Some(include), Some(exclude)) = (named(data, "include"), named(data, "exclude")) else {
        return Test::Open(Unclear::Unreadable);
    };
    let within = if include.is_empty() {
        let at = at.key("include");
        let known = |holds: bool| {
            let why = "`include` lists no section".to_owned();
            let change = "list a section in `include`".to_owned();
            Box::new(Clause::new(at.clone(), Test::Known(holds, why, change)))
        };
        Clause::new(
            at.clone(),
            Test::Either(Switch::EmptyInclude, known(true), known(false)),
        )
    } else {
        Clause::new(at.key("include"), Test::Is(asks(include)))
    };
    let mut all = vec![within];
    if !exclude.is_empty() {
        let at = at.key("exclude");
        let inner = Clause::new(at.clone(), Test::Is(asks(exclude)));
        all.push(Clause::new(at, Test::Not(Box::new(inner))));
    }
    Test::All(all)
}

fn asks(any: Vec<TextMatch>) -> Question {
    Question::Text {
        fact: Fact::Sections,
        any,
        case: LetterCase::Open(Switch::SectionCase),
    }
}

/// Whether nothing is said under other keys than these.
fn has_only(part: &Map<String, Value>, keys: &[&str]) -> bool {
    let mut said = part.iter().filter(|(_, value)| !value.is_null());
    said.all(|(key, _)| keys.contains(&key.as_str()))
}

/// The names of a list; `None` where an entry holds anything else.
fn named(data: &Map<String, Value>, list: &str) -> Option<Vec<TextMatch>> {
    let entries = match data.get(list) {
        None | Some(Value::Null) => return Some(Vec::new()),
        Some(entries) => entries.as_array()?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.as_object().filter(|it| has_only(it, &["sections"]))?;
        for section in entry.get("sections")?.as_array()? {
            let section = section.as_object().filter(|it| has_only(it, &["name"]))?;
            names.push(matched(section.get("name")?.as_str()?));
        }
    }
    Some(names)
}

/// A name in double quotes is the whole name of the section, any other a part of it.
fn matched(name: &str) -> TextMatch {
    let quoted = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    match quoted {
        Some(whole) => TextMatch {
            is: Some(whole.to_owned()),
            ..TextMatch::default()
        },
        None => TextMatch {
            contains: Some(name.to_owned()),
            ..TextMatch::default()
        },
    }
}

fn facts(facts: &EntryPointFacts, at: &Pointer) -> Vec<Clause> {
    let EntryPointFacts { section, url } = facts;
    let parts = [
        ("section", Fact::Sections, section, Switch::SectionCase),
        ("url", Fact::Url, url, Switch::UrlCase),
    ];
    let given = parts.into_iter().filter_map(|(key, fact, any, case)| {
        let question = Question::Text {
            fact,
            any: any.as_ref()?.0.clone(),
            case: LetterCase::Open(case),
        };
        let clause = Clause::new(at.key(key), Test::Is(question));
        Some(match fact {
            Fact::Url => Clause::new(at.key(key), Test::WebOnly(Box::new(clause))),
            _ => clause,
        })
    });
    given.collect()
}
