//! What a visitor did before this visit in the same session.

use super::judgement::Judge;
use super::truth::{Because, Judged, Reason, Spot, Truth, unclear};
use super::visit::Visit;
use crate::kinds::offering::{Clause, Datum, Fact, FactAnswer, Switch, Unclear};
use crate::manifest::Key;

impl Judge<'_> {
    /// Whether it held at a page of this session; whether this page counts is a switch.
    pub(super) fn earlier(&self, key: &Key, places: &[Clause]) -> Judged {
        let now = self.any_of(key, places);
        let before = match self.visit.facts.get(&Fact::Pages) {
            Some(FactAnswer::Known(pages)) => {
                Judged::any(pages.iter().map(|page| self.at(page).any_of(key, places)))
            }
            _ => Judged::unknown(Reason::Missing(Fact::Pages)),
        };
        let both = Judged::any([now, before.clone()]);
        self.depending(Switch::VisitedNow, both, before)
    }

    /// A flow whose first step was never taken does not hold; how the rest is counted is not known.
    pub(super) fn flow(&self, key: &Key, first: &[Clause], spot: Spot) -> Judged {
        let open = unclear(Unclear::Flow, spot.clone());
        let Some(FactAnswer::Known(pages)) = self.visit.facts.get(&Fact::Pages) else {
            let mut open = open;
            open.reasons.insert(Reason::Missing(Fact::Pages));
            return open;
        };
        let now = self.all_of(key, first);
        let before = pages.iter().map(|page| self.at(page).all_of(key, first));
        let taken = Judged::any(before.chain([now]));
        match taken.truth {
            Truth::No => taken.because_if(self.explains, || Because {
                spot,
                why: "the first step of the flow was not taken in this session".to_owned(),
                change: "a journey through the steps".to_owned(),
            }),
            Truth::Yes => open,
            Truth::Unknown => Judged::all([taken, open]),
        }
    }

    /// The same visit on an earlier page.
    fn at(&self, page: &Datum) -> EarlierPage<'_> {
        let mut visit = self.visit.clone();
        if let Datum::Page(sections, url) = page {
            let sections = sections.iter().cloned().map(Datum::Text).collect();
            visit
                .facts
                .insert(Fact::Sections, FactAnswer::Known(sections));
            match url {
                Some(url) => visit.facts.insert(Fact::Url, FactAnswer::text(url)),
                None => visit.facts.remove(&Fact::Url),
            };
        }
        EarlierPage {
            judge: *self,
            visit,
        }
    }
}

/// A visit on another page.
struct EarlierPage<'a> {
    judge: Judge<'a>,
    visit: Visit,
}

impl EarlierPage<'_> {
    fn judge(&self) -> Judge<'_> {
        Judge {
            visit: &self.visit,
            ..self.judge
        }
    }

    fn any_of(&self, key: &Key, places: &[Clause]) -> Judged {
        self.judge().any_of(key, places)
    }

    fn all_of(&self, key: &Key, first: &[Clause]) -> Judged {
        self.judge().all_of(key, first)
    }
}
