//! What is known of an engagement on the way of a search: from one visit to another that knows one fact more, only the parts
//! are judged again that ask for this fact.

use std::rc::Rc;

use super::explore::ComparedRequirements;
use super::judgement::Judge;
use super::opaque::Opaque;
use super::parts::{FactSet, NeededPart, parts};
use super::truth::{Judged, Truth};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Assumed, Fact};

/// What an engagement of a world needs, part by part.
pub(super) struct KnownParts<'a> {
    world: &'a World,
    /// Each with the facts that it asks for; none where there is no such engagement.
    parts: Option<Vec<(NeededPart<'a>, FactSet)>>,
}

/// What came of an engagement at a visit.
pub(super) struct PartVerdicts {
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
            all.map(|part| (part, FactSet::asked_by(world, part)))
                .collect()
        });
        Self { world, parts }
    }

    /// Judges it at a visit, given what came of it at the visit that knows all but one fact.
    pub(super) fn judge(
        &self,
        visit: &Visit,
        assumed: &Assumed,
        before: Option<(&Rc<PartVerdicts>, Fact)>,
    ) -> Rc<PartVerdicts> {
        let Some(parts) = &self.parts else {
            return Rc::new(PartVerdicts {
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
        Rc::new(PartVerdicts {
            whole: whole(&found),
            parts: found,
        })
    }

    /// Judges at the same visit again what is open, where more is supposed or assumed: what is decided stays so.
    pub(super) fn judge_open(
        &self,
        (visit, assumed, opaque): (&Visit, &Assumed, &Opaque<'_>),
        before: &Rc<PartVerdicts>,
    ) -> Rc<PartVerdicts> {
        let Some(parts) = self.parts.as_ref().filter(|_| before.is_open()) else {
            return Rc::clone(before);
        };
        let judge = Judge {
            opaque: Some(opaque),
            ..Judge::new(self.world, visit, assumed)
        };
        let both = parts.iter().zip(&before.parts);
        let found = both.map(|((part, _), known)| match known {
            Some(known) if known.truth == Truth::Unknown => judge.part(*part).map(Rc::new),
            known => known.clone(),
        });
        let found: Vec<Option<Rc<Judged>>> = found.collect();
        Rc::new(PartVerdicts {
            whole: whole(&found),
            parts: found,
        })
    }
}

impl PartVerdicts {
    /// Whether it is not decided.
    pub(super) fn is_open(&self) -> bool {
        self.whole.truth == Truth::Unknown
    }
}

/// What comes of all parts, without what they would say of it: one that fails whatever is assumed decides.
fn whole(parts: &[Option<Rc<Judged>>]) -> Judged {
    let all = || parts.iter().flatten();
    if let Some(fails) = all().find(|it| it.is_final()) {
        return (**fails).clone();
    }
    let truths = [Truth::No, Truth::Unknown];
    let truth = truths
        .into_iter()
        .find(|it| all().any(|part| part.truth == *it));
    let mut whole = Judged::of(truth.unwrap_or(Truth::Yes));
    let fails = all().filter(|it| it.truth == Truth::No);
    // One that fails is enough: the one that assumes least.
    match fails.min_by_key(|it| it.rests.len()) {
        Some(least) => whole.rests.clone_from(&least.rests),
        None => whole.rests.extend(all().flat_map(|it| &it.rests)),
    }
    let of_truth = all().filter(|it| it.truth == whole.truth);
    whole
        .reasons
        .extend(of_truth.flat_map(|it| it.reasons.iter().cloned()));
    whole
}
