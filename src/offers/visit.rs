//! A visit: a visitor at a place at a time, and what is known of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::kinds::offering::{Answer, Datum, Fact, Place, Switch};
use crate::kinds::shared::day;
use crate::kinds::{Agents, ControlGroup, Conversation, Given, When};
use crate::manifest::Key;

/// A visitor at a place at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The app, or web pages.
    pub place: Place,
    /// The time.
    pub at: Option<Timestamp>,
    /// What is known. A fact that is not here is not known.
    pub facts: BTreeMap<Fact, Answer>,
    /// What the visitor closed in this session.
    pub closed: BTreeSet<Key>,
    /// Whether one of the attributes says who the customer is, if a later one says nothing of it.
    pub names_customer: bool,
}

impl Visit {
    /// A visit of which nothing is known but the place.
    #[must_use]
    pub fn new(place: Place) -> Self {
        Self {
            place,
            at: None,
            facts: BTreeMap::new(),
            closed: BTreeSet::new(),
            names_customer: false,
        }
    }

    /// The same, with a fact.
    #[must_use]
    pub fn with(mut self, fact: Fact, answer: Answer) -> Self {
        self.facts.insert(fact, answer);
        self
    }

    /// Takes over what is given for all cases.
    pub fn give(&mut self, given: &Given) {
        let Given {
            agents,
            control_group,
            conversation,
            signed_in,
            assume: _,
        } = given;
        let words = [
            (Fact::Agents, agents.map(Agents::word)),
            (Fact::ControlGroup, control_group.map(ControlGroup::word)),
            (Fact::Conversation, conversation.map(Conversation::word)),
        ];
        for (fact, word) in words {
            if let Some(word) = word {
                self.facts.insert(fact, Answer::text(word));
            }
        }
        if let Some(is) = signed_in {
            self.facts.insert(Fact::SignedIn, flag(*is));
        }
    }

    /// Takes over what a `when` says, but for attributes and the time.
    pub fn say(&mut self, when: &When) {
        let texts =
            |list: &[String]| Answer::Known(list.iter().cloned().map(Datum::Text).collect());
        let mut put = |fact: Fact, answer: Option<Answer>| {
            if let Some(answer) = answer {
                self.facts.insert(fact, answer);
            }
        };
        put(Fact::Sections, when.sections.as_deref().map(texts));
        put(Fact::Url, when.url.as_deref().map(Answer::text));
        put(Fact::Device, when.device.map(|it| Answer::text(it.word())));
        put(Fact::Ip, when.ip.as_deref().map(Answer::text));
        if let Some(geo) = &when.geo {
            put(Fact::Country, geo.country.as_deref().map(Answer::text));
            put(Fact::State, geo.state.as_deref().map(Answer::text));
            put(Fact::City, geo.city.as_deref().map(Answer::text));
        }
        put(
            Fact::CompanySize,
            when.company_size
                .map(|it| Answer::Known(vec![Datum::Number(it)])),
        );
        put(Fact::Returning, when.returning.map(flag));
        put(Fact::Referral, when.referral.as_deref().map(Answer::text));
        put(
            Fact::SearchKeywords,
            when.search_keywords.as_deref().map(texts),
        );
        put(
            Fact::Channel,
            when.channel.map(|it| Answer::text(it.word())),
        );
        let seconds = when.seconds_on_page;
        put(
            Fact::SecondsOnPage,
            seconds.map(|it| Answer::Known(vec![Datum::Number(it)])),
        );
        put(Fact::AboutToAbandon, when.about_to_abandon.map(flag));
        let engaged = when.engaged.as_ref();
        let engaged = engaged.map(|list| list.iter().map(|it| Datum::Text(it.word().to_owned())));
        put(
            Fact::Engaged,
            engaged.map(|list| Answer::Known(list.collect())),
        );
    }

    /// Takes over the attributes that are reported, those of earlier sessions apart: what is not among them was not
    /// reported.
    pub fn report(&mut self, now: &[Value], before: &[Value]) {
        let today = reported(now);
        let all: Vec<Value> = before.iter().chain(now).cloned().collect();
        self.names_customer |= names_customer(&all);
        let both = reported(&all);
        for (fact, answer) in today {
            let kept = both
                .get(&fact)
                .cloned()
                .unwrap_or(Answer::Known(Vec::new()));
            let answer = match (answer, kept) {
                (answer, kept) if answer == kept => answer,
                (Answer::Known(one), Answer::Known(other)) => {
                    Answer::Depends(Switch::NewSession, one, other)
                }
                _ => Answer::Known(vec![Datum::Unreadable]),
            };
            self.facts.insert(fact, answer);
        }
        let channel = all
            .iter()
            .any(|it| is(it, "mrktInfo") && it.pointer("/info/channel").is_some());
        if channel {
            let unreadable = Answer::Known(vec![Datum::Unreadable]);
            self.facts.entry(Fact::Channel).or_insert(unreadable);
        }
    }
}

fn flag(is: bool) -> Answer {
    Answer::Known(vec![Datum::Flag(is)])
}

fn is(attribute: &Value, name: &str) -> bool {
    attribute.get("type").and_then(Value::as_str) == Some(name)
}

/// Whether one of the attributes says who the customer is: the platform looks at each, also at one that a later one replaces.
pub(super) fn names_customer(attributes: &[Value]) -> bool {
    let mut customers = attributes.iter().filter(|it| is(it, "ctmrinfo"));
    customers.any(|it| it.pointer("/info/customerId").is_some())
}

/// The facts that attributes report; all that they can report are there (platform.md#engagement-attributes).
fn reported(attributes: &[Value]) -> BTreeMap<Fact, Answer> {
    let attribute_facts = Fact::ALL.iter().copied().filter(|fact| fact.is_attribute());
    attribute_facts
        .map(|fact| (fact, of_fact(fact, attributes)))
        .collect()
}

fn of_fact(fact: Fact, attributes: &[Value]) -> Answer {
    let of = |name: &'static str| attributes.iter().filter(move |it| is(it, name));
    // The last one of these replaces the earlier ones.
    let last = |name: &'static str, pointer: &str, read: fn(&Value) -> Datum| {
        let value = of(name).next_back().and_then(|it| it.pointer(pointer));
        Answer::Known(value.into_iter().map(read).collect())
    };
    match fact {
        Fact::CustomerType => last("ctmrinfo", "/info/ctype", text),
        Fact::CustomerStatus => last("ctmrinfo", "/info/cstatus", text),
        Fact::CustomerId => last("ctmrinfo", "/info/customerId", text),
        Fact::StoreZipCode => last("ctmrinfo", "/info/storeZipCode", text),
        Fact::StoreNumber => last("ctmrinfo", "/info/storeNumber", text),
        Fact::Balance => last("ctmrinfo", "/info/balance", number),
        Fact::Registered => last("ctmrinfo", "/info/registrationDate", date),
        Fact::Age => last("personal", "/personal/age", age),
        Fact::Gender => last("personal", "/personal/gender", text),
        Fact::Affiliate => last("mrktInfo", "/info/affiliate", text),
        Fact::MarketingCampaign => last("mrktInfo", "/info/campaignId", text),
        Fact::ServiceActivity => last("service", "/service/status", status),
        Fact::CartValue => cart(of("cart"), "/total"),
        Fact::CartItems => cart(of("cart"), "/numItems"),
        Fact::ViewedProducts => viewed(of("prodView")),
        Fact::Errors => Answer::Known(of("error").map(error).collect()),
        _ => Answer::Known(Vec::new()),
    }
}

fn text(value: &Value) -> Datum {
    match value {
        Value::String(text) => Datum::Text(text.clone()),
        Value::Number(number) => Datum::Text(number.to_string()),
        _ => Datum::Unreadable,
    }
}

fn number(value: &Value) -> Datum {
    value.as_f64().map_or(Datum::Unreadable, Datum::Number)
}

fn date(value: &Value) -> Datum {
    day(value).map_or(Datum::Unreadable, Datum::Day)
}

fn age(value: &Value) -> Datum {
    number(value.get("age").unwrap_or(value))
}

/// The numbers of statuses are not public.
fn status(value: &Value) -> Datum {
    value
        .as_str()
        .map_or(Datum::Unreadable, |text| Datum::Text(text.to_owned()))
}

fn error(attribute: &Value) -> Datum {
    let part = |pointer: &str| match attribute.pointer(pointer) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    Datum::Error(part("/error/code"), part("/error/message"))
}

/// A cart that is reported again replaces the earlier one, or is added: two pages of the vendor differ. One that
/// replaces takes what it does not say away.
fn cart<'v>(carts: impl Iterator<Item = &'v Value>, pointer: &str) -> Answer {
    let carts: Vec<Option<Datum>> = carts.map(|it| it.pointer(pointer).map(number)).collect();
    let last: Vec<Datum> = carts.last().cloned().flatten().into_iter().collect();
    let values: Vec<Datum> = carts.into_iter().flatten().collect();
    let numbers = values.iter().map(|datum| match datum {
        Datum::Number(number) => Some(*number),
        _ => None,
    });
    let sum = match numbers.sum::<Option<f64>>() {
        _ if values.len() < 2 => values,
        Some(sum) => vec![Datum::Number(sum)],
        None => vec![Datum::Unreadable],
    };
    if last == sum {
        Answer::Known(last)
    } else {
        Answer::Depends(Switch::Cart, last, sum)
    }
}

fn viewed<'v>(views: impl Iterator<Item = &'v Value>) -> Answer {
    let mut count = None;
    for view in views {
        let products = view.get("products").and_then(Value::as_array);
        *count.get_or_insert(0_u32) +=
            products.map_or(0, |it| u32::try_from(it.len()).unwrap_or(u32::MAX));
    }
    Answer::Known(
        count
            .into_iter()
            .map(|count| Datum::Number(count.into()))
            .collect(),
    )
}
