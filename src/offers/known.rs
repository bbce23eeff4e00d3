//! What is known of an engagement on the way of a search: from one visit to another that knows one fact more, only the parts
//! are judged again that ask for this fact.

use std::rc::Rc;

use super::explore::ComparedRequirements;
use super::judgement::Judge;
use super::parts::{Facts, Part, parts};
use super::truth::{Judged, Truth};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Fact};

/// What an engagement of a world needs, part by part.
pub(super) struct KnownParts<'a> {
    world: &'a World,
    /// Each with the facts that it asks for; none where there is no such engagement.
    parts: Option<Vec<(Part<'a>, Facts)>>,
}

/// What came of an engagement at a visit.
pub(super) struct Verdict {
    /// Of all of it.
    pub(super) whole: Judged,
    /// Of each part; those behind one that fails whatever is assumed are not looked at.
    parts: Vec<Option<Rc<Judged>>>,
}

impl<'a> KnownParts<'a> {
    pub(super) fn new(asked: ComparedRequirements<'a>) -> Self {
        let ComparedRequirements { world, key } = asked;
        let reading = world.reading(key).filter(|it| it.offer.is_some());
        let parts = reading.map(|reading| {
            let all = parts(world, key, reading);
            all.map(|part| (part, Facts::asked_by(world, part)))
                .collect()
        });
        Self { world, parts }
    }

    /// Judges it at a visit, given what came of it at the visit that knows all but one fact.
    pub(super) fn judge(
        &self,
        visit: &Visit,
        assumed: &Assumed,
        before: Option<(&Rc<Verdict>, Fact)>,
    ) -> Rc<Verdict> {
        let Some(parts) = &self.parts else {
            return Rc::new(Verdict {
                whole: Judged::of(Truth::No),
                parts: Vec::new(),
            });
        };
        if let Some((before, fact)) = before
            && !parts.iter().any(|(_, facts)| facts.has(fact))
        {
            return Rc::clone(before);
        }
        let judge = Judge::new(self.world, visit, assumed);
        let mut found: Vec<Option<Rc<Judged>>> = Vec::with_capacity(parts.len());
        for (at, (part, facts)) in parts.iter().enumerate() {
            let known = before.filter(|(_, fact)| !facts.has(*fact));
            let known = known.and_then(|(before, _)| before.parts.get(at));
            let judged = match known {
                Some(known) => known.clone(),
                None => judge.part(*part).map(Rc::new),
            };
            let is_final = judged.as_ref().is_some_and(|it| it.is_final());
            found.push(judged);
            if is_final {
                break;
            }
        }
        Rc::new(Verdict {
            whole: whole(&found),
            parts: found,
        })
    }
}

/// What comes of all parts: one that fails whatever is assumed decides.
fn whole(parts: &[Option<Rc<Judged>>]) -> Judged {
    let mut found = parts.iter().flatten();
    let last = found.clone().next_back().filter(|it| it.is_final());
    last.map_or_else(
        || Judged::all(found.by_ref().map(|it| (**it).clone())),
        |it| (**it).clone(),
    )
}
