//! A visit in the words of scenarios: for examples that people read, and scenarios that are written of them.

use serde_json::{Map, Value, json};

use super::visit::Visit;
use crate::kinds::offering::{Datum, Fact, FactAnswer, Place};
use crate::kinds::{
    Agents, ControlGroup, Conversation, Device, Engaged, Geo, Given, VisitorChannel, When,
};
use crate::plan::ExampleVisit;

/// The visit in the words of scenarios.
#[must_use]
pub fn example(visit: &Visit) -> ExampleVisit {
    let app = match &visit.place {
        Place::App(name) => Some(name.clone()),
        Place::Web => None,
    };
    let given = given(visit);
    ExampleVisit {
        app,
        at: visit.at.map(|at| format!("{at}[UTC]")),
        given: (given != Given::default()).then_some(given),
        closed: visit.closed.iter().map(|it| it.name.to_string()).collect(),
        when: when(visit),
    }
}

fn data(visit: &Visit, fact: Fact) -> Option<&[Datum]> {
    match visit.facts.get(&fact)? {
        FactAnswer::Known(data) => Some(data),
        FactAnswer::Depends(..) => None,
    }
}

fn texts(visit: &Visit, fact: Fact) -> Option<Vec<String>> {
    let texts = data(visit, fact)?.iter().filter_map(|datum| match datum {
        Datum::Text(text) => Some(text.clone()),
        _ => None,
    });
    Some(texts.collect())
}

fn text(visit: &Visit, fact: Fact) -> Option<String> {
    texts(visit, fact)?.into_iter().next()
}

fn flag(visit: &Visit, fact: Fact) -> Option<bool> {
    match data(visit, fact)? {
        [Datum::Flag(is)] => Some(*is),
        _ => None,
    }
}

fn number(visit: &Visit, fact: Fact) -> Option<f64> {
    match data(visit, fact)? {
        [Datum::Number(number)] => Some(*number),
        _ => None,
    }
}

/// The word of a list that a text is.
fn word<T: Copy>(all: &[T], named: impl Fn(T) -> &'static str, text: Option<String>) -> Option<T> {
    let text = text?;
    all.iter().copied().find(|it| named(*it) == text)
}

fn given(visit: &Visit) -> Given {
    Given {
        agents: word(Agents::ALL, Agents::word, text(visit, Fact::Agents)),
        control_group: word(
            ControlGroup::ALL,
            ControlGroup::word,
            text(visit, Fact::ControlGroup),
        ),
        conversation: word(
            Conversation::ALL,
            Conversation::word,
            text(visit, Fact::Conversation),
        ),
        signed_in: flag(visit, Fact::SignedIn),
        assume: None,
    }
}

fn when(visit: &Visit) -> When {
    let geo = Geo {
        country: text(visit, Fact::Country),
        state: text(visit, Fact::State),
        city: text(visit, Fact::City),
    };
    let engaged = texts(visit, Fact::Engaged).map(|all| {
        let words = all.into_iter();
        words
            .filter_map(|it| word(Engaged::ALL, Engaged::word, Some(it)))
            .collect()
    });
    let attributes = attributes(visit);
    When {
        persona: None,
        sections: texts(visit, Fact::Sections),
        url: text(visit, Fact::Url),
        attributes: (!attributes.is_empty()).then_some(attributes),
        at: None,
        device: word(Device::ALL, Device::word, text(visit, Fact::Device)),
        ip: text(visit, Fact::Ip),
        geo: (geo != Geo::default()).then_some(geo),
        company_size: number(visit, Fact::CompanySize),
        returning: flag(visit, Fact::Returning),
        referral: text(visit, Fact::Referral),
        search_keywords: texts(visit, Fact::SearchKeywords),
        channel: word(
            VisitorChannel::ALL,
            VisitorChannel::word,
            text(visit, Fact::Channel),
        ),
        seconds_on_page: number(visit, Fact::SecondsOnPage),
        about_to_abandon: flag(visit, Fact::AboutToAbandon),
        engaged,
    }
}

/// The engagement attributes that report what a visit says (platform.md#engagement-attributes).
fn attributes(visit: &Visit) -> Vec<Value> {
    let mut all = Vec::new();
    let customer = [
        ("ctype", Fact::CustomerType),
        ("cstatus", Fact::CustomerStatus),
        ("customerId", Fact::CustomerId),
        ("balance", Fact::Balance),
        ("currency", Fact::BalanceCurrency),
        ("storeZipCode", Fact::StoreZipCode),
        ("storeNumber", Fact::StoreNumber),
    ];
    let customer = keyed(visit, &customer);
    all.extend(customer.map(|info| json!({ "type": "ctmrinfo", "info": info })));
    let mut personal = keyed(visit, &[("gender", Fact::Gender)]).unwrap_or_default();
    let age = value(visit, Fact::Age);
    personal.extend(age.map(|age| ("age".to_owned(), json!({ "age": age }))));
    if !personal.is_empty() {
        all.push(json!({ "type": "personal", "personal": personal }));
    }
    let marketing = [
        ("affiliate", Fact::Affiliate),
        ("campaignId", Fact::MarketingCampaign),
    ];
    let marketing = keyed(visit, &marketing);
    all.extend(marketing.map(|info| json!({ "type": "mrktInfo", "info": info })));
    let cart = [
        ("total", Fact::CartValue),
        ("currency", Fact::CartCurrency),
        ("numItems", Fact::CartItems),
    ];
    all.extend(keyed(visit, &cart).map(|mut cart| {
        cart.insert("type".to_owned(), "cart".into());
        Value::Object(cart)
    }));
    all.extend(viewed(visit));
    all.extend(errors(visit));
    let service = keyed(visit, &[("status", Fact::ServiceActivity)]);
    all.extend(service.map(|service| json!({ "type": "service", "service": service })));
    all
}

/// What a visit says of a fact, as attributes say it.
fn value(visit: &Visit, fact: Fact) -> Option<Value> {
    match data(visit, fact)?.first()? {
        Datum::Text(text) => Some(text.clone().into()),
        Datum::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}").parse::<i64>().ok().map(Value::from)
        }
        Datum::Number(number) => Some((*number).into()),
        _ => None,
    }
}

/// What a visit says of some facts, by the keys of an attribute; nothing where it says none of them.
fn keyed(visit: &Visit, keys: &[(&str, Fact)]) -> Option<Map<String, Value>> {
    let found = keys.iter();
    let found = found.filter_map(|(key, fact)| Some(((*key).to_owned(), value(visit, *fact)?)));
    let found: Map<String, Value> = found.collect();
    (!found.is_empty()).then_some(found)
}

/// So many products are written out at most.
const MOST_PRODUCTS: u32 = 1_000;

/// Whether all of a visit can be written in the words of scenarios.
pub(super) fn is_sayable(visit: &Visit) -> bool {
    number(visit, Fact::ViewedProducts).is_none_or(|it| it <= f64::from(MOST_PRODUCTS))
}

fn viewed(visit: &Visit) -> Option<Value> {
    let count = number(visit, Fact::ViewedProducts)?;
    let products: Vec<Value> = (1..=MOST_PRODUCTS)
        .take_while(|at| f64::from(*at) <= count)
        // Each another one: whether one that is viewed again counts is not known.
        .map(|at| json!({ "product": { "sku": at.to_string() } }))
        .collect();
    Some(json!({ "type": "prodView", "products": products }))
}

fn errors(visit: &Visit) -> impl Iterator<Item = Value> {
    let all = data(visit, Fact::Errors).into_iter().flatten();
    all.filter_map(|datum| {
        let Datum::Error(code, message) = datum else {
            return None;
        };
        let parts = [("code", code), ("message", message)].into_iter();
        let parts = parts.filter_map(|(key, text)| Some((key.to_owned(), text.clone()?.into())));
        Some(json!({ "type": "error", "error": parts.collect::<Map<String, Value>>() }))
    })
}
