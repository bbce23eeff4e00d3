//! A visit at which an engagement is likely to be offered: what its conditions ask for first, and nothing else.
//!
//! Nearly every engagement of a project can be offered at it. So it spares most searches: one verdict says whether it can.

use jiff::{SignedDuration, Timestamp};

use super::ask::bounds;
use super::schedule::ZONES;
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{
    Clause, Datum, Fact, FactAnswer, Place, Question, ScheduleSpan, Test,
};
use crate::kinds::shared::means::{Range, TextMatch};
use crate::manifest::Key;

/// How deep references lead at most: a campaign to an audience, and nothing beyond.
const DEEPEST: usize = 4;

impl Visit {
    /// A visit at a place at which an engagement is likely to be offered. It is a guess: a verdict says whether it is right.
    pub(super) fn likely(world: &World, key: &Key, place: &Place) -> Self {
        let mut visit = Self::new(place.clone());
        let own = world.reading(key);
        let around = own.and_then(|it| world.object(it.around.as_ref()?));
        let around = around.as_ref().map(|(_, reading)| *reading);
        for reading in own.into_iter().chain(around) {
            for requirement in &reading.requires {
                visit.suit(world, &requirement.clause, DEEPEST);
            }
        }
        visit.otherwise();
        visit
    }

    /// Takes over what a clause asks for, where nothing else was asked before. What it excludes is left alone.
    fn suit(&mut self, world: &World, clause: &Clause, deepest: usize) {
        match &clause.test {
            Test::Is(question) => self.answer(question),
            Test::All(list) => list.iter().for_each(|it| self.suit(world, it, deepest)),
            Test::Any(list) => {
                if let Some(first) = list.first() {
                    self.suit(world, first, deepest);
                }
            }
            Test::Either(_, inner, _) | Test::WebOnly(inner) => self.suit(world, inner, deepest),
            Test::Object(target) if deepest > 0 => {
                let found = world.object(target);
                for requirement in found.iter().flat_map(|(_, reading)| &reading.requires) {
                    self.suit(world, &requirement.clause, deepest - 1);
                }
            }
            Test::Within(span) => self.at = self.at.max(moment(span)),
            Test::Known(..)
            | Test::Open(_)
            | Test::Not(_)
            | Test::Object(_)
            | Test::Earlier(_)
            | Test::Flow(_)
            | Test::In(_) => {}
        }
    }

    fn answer(&mut self, question: &Question) {
        let text = |text: &TextMatch| text.is.clone().or_else(|| text.contains.clone());
        let first = |any: &[TextMatch]| any.first().and_then(text);
        let datum = match question {
            Question::Text { any, .. } => first(any).map(Datum::Text),
            Question::Number(_, Range { at_least, at_most }) => {
                at_least.or(*at_most).map(Datum::Number)
            }
            Question::Flag(_, is) => Some(Datum::Flag(*is)),
            Question::DaysAgo(..) => None,
            Question::Address(_, any) => {
                let range = any.first().and_then(|range| bounds(range));
                range.map(|(from, _)| Datum::Text(from.to_string()))
            }
            Question::Error(code, message) => {
                let of = |any: &Option<Vec<TextMatch>>| any.as_deref().and_then(first);
                Some(Datum::Error(of(code), of(message)))
            }
        };
        let Some(datum) = datum else {
            return;
        };
        let fact = question.fact();
        let known = self.facts.entry(fact);
        let known = known.or_insert_with(|| FactAnswer::Known(Vec::new()));
        if let FactAnswer::Known(data) = known
            && (data.is_empty() || fact.is_list())
        {
            data.push(datum);
        }
    }

    /// What is the rule where nothing was asked.
    fn otherwise(&mut self) {
        let is_customer = self.facts.contains_key(&Fact::CustomerId);
        let flag = |is: bool| FactAnswer::Known(vec![Datum::Flag(is)]);
        let usual = [
            (Fact::Agents, FactAnswer::text("available")),
            (Fact::ControlGroup, FactAnswer::text("outside")),
            (Fact::Conversation, FactAnswer::text("none")),
            (Fact::Device, FactAnswer::text("desktop")),
            (Fact::SignedIn, flag(is_customer)),
            (Fact::Returning, flag(false)),
            (Fact::AboutToAbandon, flag(false)),
        ];
        let absent = Fact::ALL.iter().filter(|fact| fact.can_be_absent());
        let absent = absent.map(|fact| (*fact, FactAnswer::Known(Vec::new())));
        for (fact, answer) in usual.into_iter().chain(absent) {
            self.facts.entry(fact).or_insert(answer);
        }
    }
}

/// The first moment of a schedule, or the last one where it has always been running.
fn moment(span: &ScheduleSpan) -> Option<Timestamp> {
    let zone = ZONES.get(span.time_zone.as_deref()?).ok()?;
    let at = |local| Some(zone.to_ambiguous_zoned(local).later().ok()?.timestamp());
    let start = span.start.map(at);
    let last = |local| at(local)?.checked_sub(SignedDuration::from_secs(1)).ok();
    start.or_else(|| span.end.map(last)).flatten()
}
