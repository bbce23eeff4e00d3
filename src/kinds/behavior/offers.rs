//! What a behavior asks of a visitor (platform.md#behavior).

use serde_json::Value;

use super::means::{BehaviorFacts, Cart, EngagedMeans, Flow, TimeOnPage, VisitorError};
use crate::kinds::offering::read::{
    Combined, always, conditions, in_currency, meaning, payloads, undocumented, unread, web_only,
    word,
};
use crate::kinds::offering::{
    Aspect, Clause, Fact, LetterCase, Question, Reading, ReferredObject, Requirement, Switch, Test,
};
use crate::kinds::shared::VendorReference;
use crate::kinds::shared::means::{Range, TextMatch};
use crate::text::Pointer;

const OPEN: LetterCase = LetterCase::Open(Switch::TextCase);

/// The fields that are read, and those that are only for people.
const KNOWN: &[&str] = &["displayName", "description", "conditions"];

pub(super) fn reading(spec: &Value) -> Reading {
    let clause = conditions(spec, Combined::All, |condition, at| {
        let number = condition.get("type").and_then(Value::as_f64);
        let is_all = condition.get("type").and_then(Value::as_str) == Some("all");
        if (is_all || number == Some(0.0))
            && let Some(any) = always(condition, "the behavior is any")
        {
            return any;
        }
        let said = in_currency(condition, meaning::<BehaviorFacts>(condition, at, facts));
        match condition.get("type").and_then(Value::as_str) {
            // Without `means`, its word says at least where it can hold.
            Some("timeOnPage") if condition.get("means").is_none() => web_only(at, said),
            _ => said,
        }
    });
    let mut requires = vec![Requirement {
        aspect: Aspect::Behaviors,
        clause,
    }];
    requires.extend(undocumented(spec, Aspect::Behaviors, &[]));
    Reading {
        requires,
        payloads: payloads(spec),
        unread: unread(spec, KNOWN),
        ..Reading::default()
    }
}

fn facts(facts: &BehaviorFacts, at: &Pointer) -> Vec<Clause> {
    let BehaviorFacts {
        flow,
        time_on_page,
        visited,
        about_to_abandon,
        cart,
        viewed_products,
        visitor_error,
        engaged_in_session,
        service_activity,
    } = facts;
    let mut all = Vec::new();
    let mut ask = |key: &str, test: Test| all.push(Clause::new(at.key(key), test));
    if let Some(flow) = flow {
        ask("flow", first_step(flow, &at.key("flow")));
    }
    if let Some(time) = time_on_page {
        let at = at.key("timeOnPage");
        ask("timeOnPage", web_only(&at, Test::All(time_on(time, &at))));
    }
    if let Some(places) = visited {
        ask("visited", been_at(places, &at.key("visited")));
    }
    if let Some(is) = about_to_abandon {
        ask(
            "aboutToAbandon",
            web_only(at, Test::Is(Question::Flag(Fact::AboutToAbandon, *is))),
        );
    }
    if let Some(cart) = cart {
        ask("cart", Test::All(held(cart, &at.key("cart"))));
    }
    if let Some(range) = viewed_products {
        ask(
            "viewedProducts",
            Test::Is(Question::Number(Fact::ViewedProducts, range.clone())),
        );
    }
    if let Some(error) = visitor_error {
        ask("visitorError", Test::Is(met(error)));
    }
    if let Some(any) = engaged_in_session {
        let words: Vec<String> = any.0.iter().map(|it: &EngagedMeans| word(it)).collect();
        ask(
            "engagedInSession",
            Test::Is(Question::one_of(Fact::Engaged, &words, LetterCase::Ignored)),
        );
    }
    if let Some(any) = service_activity {
        ask(
            "serviceActivity",
            Test::Is(Question::one_of(Fact::ServiceActivity, &any.0, OPEN)),
        );
    }
    all
}

/// A flow needs its first step; how leaving it is counted is not known.
fn first_step(flow: &Flow, at: &Pointer) -> Test {
    let Some(first) = flow.steps.first() else {
        return Test::Flow(Vec::new());
    };
    let at = at.key("steps").index(0);
    let texts = [
        (
            "section",
            Fact::Sections,
            &first.section,
            Switch::SectionCase,
        ),
        ("url", Fact::Url, &first.url, Switch::UrlCase),
    ];
    let asked = texts.into_iter().filter_map(|(key, fact, text, case)| {
        let question = Question::Text {
            fact,
            any: vec![text.clone()?],
            case: LetterCase::Open(case),
        };
        Some(Clause::new(at.key(key), Test::Is(question)))
    });
    Test::Flow(asked.collect())
}

fn time_on(time: &TimeOnPage, at: &Pointer) -> Vec<Clause> {
    let TimeOnPage { at_least, location } = time;
    let range = Range {
        at_least: Some(*at_least),
        at_most: None,
    };
    let stayed = Test::Is(Question::Number(Fact::SecondsOnPage, range));
    let stayed = Clause::new(at.key("atLeast"), stayed);
    let place = location.as_ref().map(|it| object(it, at.key("location")));
    place.into_iter().chain([stayed]).collect()
}

fn been_at(places: &[VendorReference], at: &Pointer) -> Test {
    let places = places.iter().enumerate();
    Test::Earlier(
        places
            .map(|(index, place)| object(place, at.index(index)))
            .collect(),
    )
}

fn object(reference: &VendorReference, at: Pointer) -> Clause {
    let reference = serde_json::to_value(reference).unwrap_or_default();
    let kind = "EntryPoint";
    Clause::new(at, Test::Object(ReferredObject { kind, reference }))
}

fn held(cart: &Cart, at: &Pointer) -> Vec<Clause> {
    let Cart { value, items } = cart;
    let parts = [
        ("value", Fact::CartValue, value),
        ("items", Fact::CartItems, items),
    ];
    let given = parts.into_iter().filter_map(|(key, fact, range)| {
        let question = Question::Number(fact, range.clone()?);
        Some(Clause::new(at.key(key), Test::Is(question)))
    });
    given.collect()
}

fn met(error: &VisitorError) -> Question {
    let VisitorError { code, message } = error;
    let whole = |text: &String| TextMatch {
        is: Some(text.clone()),
        ..TextMatch::default()
    };
    let code = code.as_ref().map(|any| any.0.iter().map(whole).collect());
    Question::Error(code, message.as_ref().map(|any| any.0.clone()))
}
