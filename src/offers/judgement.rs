//! Decides whether each engagement meets its requirements at a visit.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use super::ask::{QuestionPlace, ask};
use super::opaque::Opaque;
use super::parts::{NeededPart, parts};
use super::truth::{Because, Judged, Reason, Spot, Truth, unclear};
use super::universe::names_of_facts;
use super::visit::Visit;
use super::world::{ReferenceTarget, World};
use crate::kinds::offering::{
    Aspect, Assumed, Clause, Datum, Fact, FactAnswer, Place, Question, Reading, Switch, Test,
    Unclear,
};
use crate::manifest::Key;
use crate::text::Pointer;

/// Whether one requirement of an engagement holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What it is about.
    pub aspect: Aspect,
    /// The place that states it.
    pub spot: Spot,
    /// Whether it holds.
    pub judged: Judged,
}

/// Whether an engagement meets its requirements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eligibility {
    /// The engagement.
    pub engagement: Key,
    /// Whether it does.
    pub whole: Judged,
    /// Each requirement, those of the campaign included.
    pub requirements: Vec<Judgement>,
}

impl Eligibility {
    /// The requirements that certainly fail.
    pub fn failing(&self) -> impl Iterator<Item = &Judgement> {
        let all = self.requirements.iter();
        all.filter(|it| it.judged.truth == Truth::No)
    }

    /// The requirement that decided: one that fails, else one that is unknown.
    #[must_use]
    pub fn deciding(&self) -> Option<&Judgement> {
        let unknown = || {
            self.requirements
                .iter()
                .find(|it| it.judged.truth == Truth::Unknown)
        };
        self.failing().next().or_else(unknown)
    }

    /// What would have to change for it to be offered: of each requirement that fails, all that would make it hold.
    pub fn changes(&self) -> impl Iterator<Item = &Because> {
        self.failing().flat_map(|it| &it.judged.nearest)
    }

    /// What would still be undecided after these changes.
    #[must_use]
    pub fn then(&self) -> BTreeSet<Reason> {
        let unknown = self.requirements.iter();
        let unknown = unknown.filter(|it| it.judged.truth == Truth::Unknown);
        let reasons = unknown.flat_map(|it| &it.judged.reasons);
        let reasons = reasons.chain(self.failing().flat_map(|it| &it.judged.then));
        reasons.cloned().collect()
    }
}

/// Judges everything that can be offered.
#[must_use]
pub fn judge(world: &World, visit: &Visit, assumed: &Assumed) -> Vec<Eligibility> {
    let judge = Judge::new(world, visit, assumed).explaining();
    world
        .offered()
        .map(|(key, reading, _)| judge.engagement(key, reading))
        .collect()
}

/// The change that leads to another place.
pub(super) fn visit_in(place: &Place) -> String {
    format!("a visit in {place}")
}

/// What came of each clause at a visit.
pub(super) type Noted = RefCell<BTreeMap<Spot, Truth>>;

/// Judges clauses at a visit.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    pub(super) world: &'a World,
    pub(super) visit: &'a Visit,
    pub(super) assumed: &'a Assumed,
    /// What is supposed of conditions that no visit decides.
    pub(super) opaque: Option<&'a Opaque<'a>>,
    /// Where it is noted what came of each clause.
    pub(super) noted: Option<&'a Noted>,
    /// Whether verdicts say which places decided, in sentences.
    pub(super) explains: bool,
}

impl<'a> Judge<'a> {
    /// One that only says whether something holds, supposes nothing and notes nothing.
    pub(super) const fn new(world: &'a World, visit: &'a Visit, assumed: &'a Assumed) -> Self {
        Self {
            world,
            visit,
            assumed,
            opaque: None,
            noted: None,
            explains: false,
        }
    }

    /// The same, with the places that decided.
    pub(super) const fn explaining(self) -> Self {
        Self {
            explains: true,
            ..self
        }
    }

    /// The same, noting what came of each clause.
    pub(super) const fn noting(self, noted: &'a Noted) -> Self {
        Self {
            noted: Some(noted),
            ..self
        }
    }
}

impl Judge<'_> {
    /// Judges one engagement; one that does not exist meets no requirement.
    pub(super) fn whole(&self, key: &Key) -> Judged {
        let found = self.world.reading(key).filter(|it| it.offer.is_some());
        found.map_or_else(
            || Judged::of(Truth::No),
            |reading| self.verdict(parts(self.world, key, reading)),
        )
    }

    /// Whether an engagement meets its requirements, without saying what became of each. The first that fails whatever
    /// is assumed decides, so the rest is not looked at.
    fn verdict<'p>(&self, parts: impl Iterator<Item = NeededPart<'p>>) -> Judged {
        let mut found = Vec::new();
        for part in parts {
            let Some(judged) = self.part(part) else {
                continue;
            };
            if judged.is_final() {
                return judged;
            }
            found.push(judged);
        }
        Judged::all(found)
    }

    /// Judges a part of what an engagement needs; `None` where it has no say.
    pub(super) fn part(&self, part: NeededPart<'_>) -> Option<Judged> {
        match part {
            NeededPart::Open(key) => self.closed(key).map(|it| it.judged),
            NeededPart::Call(key) => self.call(key).map(|it| it.judged),
            NeededPart::Clause(key, clause) => Some(self.clause(key, clause)),
            NeededPart::Around(key, reading) => {
                let around = self.around(key, reading).into_iter();
                Some(Judged::all(around.map(|it| it.judged)))
            }
        }
    }

    /// Judges an object for itself.
    pub(super) fn object(&self, key: &Key, reading: &Reading) -> Judged {
        let all = reading.requires.iter();
        Judged::all(all.map(|it| self.clause(key, &it.clause)))
    }

    pub(super) fn engagement(&self, key: &Key, reading: &Reading) -> Eligibility {
        let mut requirements = self.requirements(key, reading);
        requirements.extend(self.around(key, reading));
        requirements.extend(self.closed(key));
        requirements.extend(self.call(key));
        Eligibility {
            engagement: key.clone(),
            whole: Judged::all(requirements.iter().map(|it| it.judged.clone())),
            requirements,
        }
    }

    /// What keeps an engagement back that the visitor closed.
    fn closed(&self, key: &Key) -> Option<Judgement> {
        self.visit.closed.contains(key).then(|| {
            let spot = Spot {
                key: key.clone(),
                at: Pointer::root(),
            };
            let closed = Judged::of(Truth::No).because(Because {
                spot: spot.clone(),
                why: "the visitor closed the engagement in this session".to_owned(),
                change: "a new session".to_owned(),
            });
            // What the vendor says of it is about web pages.
            let judged = match self.visit.place {
                Place::Web => closed,
                Place::App(_) => {
                    self.depending(Switch::ClosedInApp, closed, Judged::of(Truth::Yes))
                }
            };
            Judgement {
                aspect: Aspect::Closed,
                spot,
                judged,
            }
        })
    }

    fn requirements(&self, key: &Key, reading: &Reading) -> Vec<Judgement> {
        let all = reading.requires.iter().map(|requirement| Judgement {
            aspect: requirement.aspect,
            spot: Spot {
                key: key.clone(),
                at: requirement.clause.at.clone(),
            },
            judged: self.clause(key, &requirement.clause),
        });
        all.collect()
    }

    /// The requirements of the campaign, or what there is in its place.
    fn around(&self, key: &Key, reading: &Reading) -> Vec<Judgement> {
        let spot = Spot {
            key: key.clone(),
            at: Pointer::root().key("campaign"),
        };
        let judged = match reading
            .around
            .as_ref()
            .map(|around| self.world.find(around))
        {
            Some(ReferenceTarget::Object(key, around)) => return self.requirements(key, around),
            Some(_) => unclear(Unclear::NotInManifests, spot.clone()),
            None => Judged::of(Truth::No).because(Because {
                spot: spot.clone(),
                why: "the engagement has no campaign".to_owned(),
                change: "set `campaign`".to_owned(),
            }),
        };
        vec![Judgement {
            aspect: Aspect::Campaign,
            spot,
            judged,
        }]
    }

    pub(super) fn depending(&self, switch: Switch, first: Judged, second: Judged) -> Judged {
        Judged::depending(switch, self.assumed, first, second)
    }

    fn clause(&self, key: &Key, clause: &Clause) -> Judged {
        let judged = self.test(key, clause);
        if let Some(noted) = self.noted {
            let spot = Spot {
                key: key.clone(),
                at: clause.at.clone(),
            };
            noted.borrow_mut().insert(spot, judged.truth);
        }
        match self.opaque {
            Some(opaque) => opaque.settled(self.world, key, clause, judged),
            None => judged,
        }
    }

    fn test(&self, key: &Key, clause: &Clause) -> Judged {
        let spot = || Spot {
            key: key.clone(),
            at: clause.at.clone(),
        };
        match &clause.test {
            Test::Known(holds, why, change) => {
                Judged::of((*holds).into()).because_if(self.explains, || Because {
                    spot: spot(),
                    why: why.clone(),
                    change: change.clone(),
                })
            }
            Test::Open(why) => unclear(*why, spot()),
            Test::Is(question) => self.question(key, &clause.at, question),
            Test::All(list) => self.all_of(key, list),
            Test::Any(list) => self.any_of(key, list),
            Test::Not(inner) => self.not(self.clause(key, inner), inner, spot),
            Test::Either(switch, first, second) => {
                let (first, second) = (self.clause(key, first), self.clause(key, second));
                self.depending(*switch, first, second)
            }
            Test::WebOnly(inner) => self.web_only(key, inner, spot),
            Test::Object(target) => match self.world.find(target) {
                ReferenceTarget::Object(key, reading) => {
                    let all = reading.requires.iter();
                    self.all_of(key, all.map(|it| &it.clause))
                }
                ReferenceTarget::Vendor => Judged::of(Truth::Yes),
                ReferenceTarget::Elsewhere => unclear(Unclear::NotInManifests, spot()),
            },
            Test::Earlier(places) => self.earlier(key, places),
            Test::Flow(first) => self.flow(key, first, spot()),
            Test::Within(span) => self.within(span, &spot),
            Test::In(place) => self.place(place, spot),
        }
    }

    /// Judges a list, of which all must hold, or one. Where nobody asks what came of each, those behind one that settles it
    /// are not looked at.
    fn list<'c>(
        &self,
        key: &Key,
        list: impl IntoIterator<Item = &'c Clause>,
        decides: Truth,
    ) -> Judged {
        let is_brief = !self.explains && self.noted.is_none();
        let mut is_settled = false;
        let parts = list.into_iter().map_while(|clause| {
            let judged = (!is_settled).then(|| self.clause(key, clause))?;
            is_settled = is_brief && judged.settles(decides);
            Some(judged)
        });
        Judged::combined(parts, decides)
    }

    /// Holds where all of a list do.
    pub(super) fn all_of<'c>(
        &self,
        key: &Key,
        list: impl IntoIterator<Item = &'c Clause>,
    ) -> Judged {
        self.list(key, list, Truth::No)
    }

    /// Holds where one of a list does.
    pub(super) fn any_of<'c>(
        &self,
        key: &Key,
        list: impl IntoIterator<Item = &'c Clause>,
    ) -> Judged {
        self.list(key, list, Truth::Yes)
    }

    /// What an exclusion means for a visitor of whom the attribute was not reported is a switch.
    fn not(&self, inner: Judged, of: &Clause, spot: impl FnOnce() -> Spot) -> Judged {
        let is_absent = inner.is_absent && inner.truth == Truth::No;
        let outer = inner.not();
        if !is_absent {
            return match outer.truth {
                Truth::No => Judged {
                    because: Vec::new(),
                    ..outer
                }
                .because_if(self.explains, || Because {
                    spot: spot(),
                    why: "the visit is excluded".to_owned(),
                    change: "a visit that is not excluded".to_owned(),
                }),
                _ => outer,
            };
        }
        let fails = Judged::of(Truth::No).because_if(self.explains, || Because {
            spot: spot(),
            why: "the attribute was not reported".to_owned(),
            change: format!("a visit that reports {}", names_of_facts(of)),
        });
        self.depending(Switch::AbsentAttribute, outer, fails)
    }

    fn web_only(&self, key: &Key, inner: &Clause, spot: impl FnOnce() -> Spot) -> Judged {
        if self.visit.place == Place::Web {
            return self.clause(key, inner);
        }
        let never = Judged::of(Truth::No).because_if(self.explains, || Because {
            spot: spot(),
            why: "only web pages can decide the condition".to_owned(),
            change: "remove the condition, or ask for something that apps report".to_owned(),
        });
        self.depending(Switch::WebOnly, never, Judged::of(Truth::Yes))
    }

    fn question(&self, key: &Key, at: &Pointer, question: &Question) -> Judged {
        let asked = QuestionPlace {
            key,
            at,
            assumed: self.assumed,
            explains: self.explains,
            day: self.visit.at.map(|at| at.to_zoned(TimeZone::UTC).date()),
        };
        let fact = question.fact();
        let is_inside = |answer: &FactAnswer| *answer == FactAnswer::text("inside");
        if fact == Fact::ControlGroup
            && self.visit.facts.get(&fact).is_some_and(is_inside)
            && self.world.has_other_control_group(key, &self.visit.place)
        {
            return unclear(Unclear::ControlGroup, asked.spot());
        }
        let missing = |fact: Fact| {
            Judged::unknown(Reason::Missing(fact)).because_if(self.explains, || Because {
                spot: asked.spot(),
                why: format!("`{}` is not given", fact.name()),
                change: format!("a visit where {}", question.phrase()),
            })
        };
        let judged = match self.visit.facts.get(&fact) {
            None => return missing(fact),
            Some(answer) => self.answered(asked, question, answer),
        };
        let without = || ask(asked, question, &[]);
        // One that is not taken was not reported, which matters to exclusions.
        let is_same =
            |other: &Judged| (judged.truth, judged.is_absent) == (other.truth, other.is_absent);
        if !fact.is_anonymous_only() || is_same(&without()) {
            return judged;
        }
        match self.visit.facts.get(&Fact::SignedIn) {
            Some(FactAnswer::Known(data)) if data == &[Datum::Flag(false)] => judged,
            Some(FactAnswer::Known(data)) if data == &[Datum::Flag(true)] => without(),
            _ => missing(Fact::SignedIn),
        }
    }

    /// What an answer says to a question, in each position of the inferred facts on which it depends.
    fn answered(
        &self,
        asked: QuestionPlace<'_>,
        question: &Question,
        answer: &FactAnswer,
    ) -> Judged {
        match answer {
            FactAnswer::Known(data) => ask(asked, question, data),
            FactAnswer::Depends(switch, both) => {
                let [first, second] = both.each_ref().map(|it| self.answered(asked, question, it));
                self.depending(*switch, first, second)
            }
        }
    }

    fn place(&self, place: &Place, spot: impl FnOnce() -> Spot) -> Judged {
        let holds = *place == self.visit.place;
        Judged::of(holds.into()).because_if(self.explains, || Because {
            spot: spot(),
            why: format!(
                "it belongs to {place}, and the visit is in {}",
                self.visit.place
            ),
            change: if holds {
                String::new()
            } else {
                visit_in(place)
            },
        })
    }
}
