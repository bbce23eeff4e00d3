//! A visit: a visitor at a place at a time, and what is known of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::reported::{is, names_customer, reported};
use crate::kinds::offering::{Datum, Fact, FactAnswer, Place, Switch};
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
    pub facts: BTreeMap<Fact, FactAnswer>,
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
    pub fn with(mut self, fact: Fact, answer: FactAnswer) -> Self {
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
                self.facts.insert(fact, FactAnswer::text(word));
            }
        }
        if let Some(is) = signed_in {
            self.facts.insert(Fact::SignedIn, flag(*is));
        }
    }

    /// Takes over what a `when` says, but for attributes and the time.
    pub fn say(&mut self, when: &When) {
        let texts =
            |list: &[String]| FactAnswer::Known(list.iter().cloned().map(Datum::Text).collect());
        let mut put = |fact: Fact, answer: Option<FactAnswer>| {
            if let Some(answer) = answer {
                self.facts.insert(fact, answer);
            }
        };
        put(Fact::Sections, when.sections.as_deref().map(texts));
        put(Fact::Url, when.url.as_deref().map(FactAnswer::text));
        put(
            Fact::Device,
            when.device.map(|it| FactAnswer::text(it.word())),
        );
        put(Fact::Ip, when.ip.as_deref().map(FactAnswer::text));
        if let Some(geo) = &when.geo {
            put(Fact::Country, geo.country.as_deref().map(FactAnswer::text));
            put(Fact::State, geo.state.as_deref().map(FactAnswer::text));
            put(Fact::City, geo.city.as_deref().map(FactAnswer::text));
        }
        put(
            Fact::CompanySize,
            when.company_size
                .map(|it| FactAnswer::Known(vec![Datum::Number(it)])),
        );
        put(Fact::Returning, when.returning.map(flag));
        put(
            Fact::Referral,
            when.referral.as_deref().map(FactAnswer::text),
        );
        put(
            Fact::SearchKeywords,
            when.search_keywords.as_deref().map(texts),
        );
        put(
            Fact::Channel,
            when.channel.map(|it| FactAnswer::text(it.word())),
        );
        let seconds = when.seconds_on_page;
        put(
            Fact::SecondsOnPage,
            seconds.map(|it| FactAnswer::Known(vec![Datum::Number(it)])),
        );
        put(Fact::AboutToAbandon, when.about_to_abandon.map(flag));
        let engaged = when.engaged.as_ref();
        let engaged = engaged.map(|list| list.iter().map(|it| Datum::Text(it.word().to_owned())));
        put(
            Fact::Engaged,
            engaged.map(|list| FactAnswer::Known(list.collect())),
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
                .unwrap_or(FactAnswer::Known(Vec::new()));
            let answer = FactAnswer::depending(Switch::NewSession, answer, kept);
            self.facts.insert(fact, answer);
        }
        let channel = all
            .iter()
            .any(|it| is(it, "mrktInfo") && it.pointer("/info/channel").is_some());
        if channel {
            let unreadable = FactAnswer::Known(vec![Datum::Unreadable]);
            self.facts.entry(Fact::Channel).or_insert(unreadable);
        }
    }
}

fn flag(is: bool) -> FactAnswer {
    FactAnswer::Known(vec![Datum::Flag(is)])
}
