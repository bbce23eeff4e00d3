//! What of an answer of the platform contradicts the manifests, and what would explain that.

use std::collections::BTreeSet;

use serde_json::Value;

use super::outcome::VisitOutcome;
use super::proof::{CONTROLLED, Evidence, Weighed};
use super::route::Route;
use super::served::{self, ServedOffer, is_controlled};
use super::truth::{Observation, Reason, Truth};
use super::why::{Objection, not_active};
use crate::kinds::offering::{Aspect, Assumed, Fact, SWITCHES};
use crate::manifest::Key;

/// What of an object the account holds otherwise than its manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldPart {
    /// All of it: the object is gone.
    Whole,
    /// What decides who is offered it.
    Requirement(Aspect),
    /// Where it leads.
    Route(Route),
}

/// Where the account holds something else than the manifest of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldDifference {
    /// The object.
    pub key: Key,
    /// What of it is held otherwise.
    pub part: HeldPart,
    /// Whether the manifest leaves the field out: no plan shows it, and it may be as it always was.
    pub is_left_out: bool,
    /// What is held, in a phrase.
    pub text: String,
}

impl Weighed<'_> {
    /// That the account holds something else than the manifests of an engagement say, whoever changed it. Whether the visitor is in a
    /// control group is said by the platform itself.
    pub(super) fn held_otherwise(&self, key: &Key) -> Option<Objection> {
        self.held_with(key, |it| {
            let decides = match it.part {
                HeldPart::Whole => true,
                HeldPart::Requirement(aspect) => aspect != Aspect::ControlGroup,
                HeldPart::Route(_) => false,
            };
            decides && !it.is_left_out
        })
    }

    /// That the account has something where the manifests of what is expected, or of what is offered, say nothing.
    fn held_beside(&self) -> Option<Objection> {
        let about = self.target.iter().chain(self.offer.ours());
        let mut found = about.filter_map(|key| self.held_with(key, |it| it.is_left_out));
        let mut why = found.next()?;
        why.text.push_str("; that may be why"); // the visit may meet what is held
        Some(why)
    }

    /// That the campaign of an engagement has another control group on the account, where the visitor was drawn into one.
    fn other_control_group(&self, key: &Key) -> Option<Objection> {
        self.held_with(key, |it| {
            it.part == HeldPart::Requirement(Aspect::ControlGroup)
        })
    }

    /// The same of some differences.
    pub(super) fn held_with(
        &self,
        key: &Key,
        is_meant: impl Fn(&HeldDifference) -> bool,
    ) -> Option<Objection> {
        const SHOWN: usize = 3;
        let differing = self.evidence.differing.iter();
        let of_key = differing
            .filter(|(of, _)| of == key)
            .flat_map(|(_, all)| all);
        let meant = of_key.filter(|it| is_meant(it)).map(|it| it.text.as_str());
        let meant: Vec<&str> = meant.take(SHOWN).collect();
        (!meant.is_empty()).then(|| {
            let (shown, all) = (self.offer.phrase(), meant.join("; "));
            let text = format!("{shown}: on the account, {all}");
            Objection::fails(Some(Observation::Differs), text)
        })
    }

    /// That the visitor is in the control group of a campaign and is offered something of another one: by the manifests, that may
    /// be whatever is behind the first.
    pub(super) fn drawn(&self) -> Option<Objection> {
        // No draw admits a visitor to what its own conditions keep them from.
        let is_offered = match &self.offer {
            ServedOffer::Ours(key) => self.outcome.eligible(key).truth != Truth::No,
            ServedOffer::Foreign(_) => true,
            _ => false,
        };
        (is_offered && is_controlled(self.evidence)).then(|| {
            let target = self.target.as_ref();
            if let Some(why) = target.and_then(|key| self.other_control_group(key)) {
                return why;
            }
            let text = format!(
                "{}: the visitor was drawn into the control group of a campaign, of which nothing is offered then",
                self.offer.phrase()
            );
            Objection::open(Observation::ControlGroup, text)
        })
    }

    /// That it is not known whether what is offered is served as the account has it.
    pub(super) fn unread(&self) -> Option<Objection> {
        let why = self.evidence.revision.as_ref().err()?;
        let shown = self.offer.phrase();
        let text = format!("{shown}, and the account does not say its revision: {why}");
        Some(Objection::open(Observation::Unsaid, text))
    }

    /// What the platform does other than the manifests say, and the inferred facts that would explain it.
    pub(super) fn contradiction(&self) -> Objection {
        let fits = |assumed: &Assumed| {
            let outcome = VisitOutcome::whole(self.world, &self.query.visit, assumed);
            match &self.offer {
                ServedOffer::Ours(key) => {
                    outcome.possible(self.world, key, assumed).truth != Truth::No
                }
                _ => outcome.contests.iter().all(|it| it.sure.is_empty()),
            }
        };
        let offered = self.offer.ours().and_then(|key| self.held_otherwise(key));
        if let Some(why) = offered.or_else(|| self.held_beside()) {
            return why;
        }
        let mut explained = Vec::new();
        for switch in SWITCHES {
            for (at, position) in switch.positions().iter().enumerate() {
                let with = |at: usize| {
                    let mut taken = self.query.assumed.clone();
                    taken.0.insert(*switch, at);
                    taken
                };
                if fits(&with(at)) && !fits(&with(1 - at)) {
                    explained.push(format!("`{switch}: {}`", position.word));
                }
            }
        }
        let shown = self.offer.phrase();
        match explained.as_slice() {
            [] if self.offer == ServedOffer::Nothing => {
                let text = format!("{shown}, and the platform does not say why");
                Objection::fails(Some(Observation::Unexplained), text)
            }
            [] => Objection::fails(None, format!("{shown}, and the manifests say otherwise")),
            all => {
                let facts = all.join(" or ");
                let text =
                    format!("{shown}, and the manifests say otherwise; {facts} would explain it");
                Objection::fails(None, text)
            }
        }
    }

    /// That a list is not active which was applied a moment ago and is served as it was before.
    fn outdated(
        &self,
        state: &Value,
        listed: &BTreeSet<Key>,
        why: &Objection,
    ) -> Option<Objection> {
        let Evidence { ids, revisions, .. } = self.evidence;
        let older = listed.iter().find_map(|key| {
            let word = key.kind.def().visit_word?.word;
            let served = served::revision_in(state, word, ids.get(key)?)?;
            let current = revisions.get(key).filter(|it| served < **it)?;
            Some(format!(
                "{}: what is served is of revision {served}, and the account has revision {current}",
                why.text
            ))
        });
        let older = older.filter(|_| self.evidence.is_fresh)?;
        Some(Objection::open(Observation::Propagation, older))
    }

    /// Why nothing was offered, where something was expected.
    pub(super) fn why_nothing(&self, target: &Key) -> Objection {
        let Self {
            world, evidence, ..
        } = self;
        if is_controlled(evidence) {
            if let Some(why) = self.other_control_group(target) {
                return why;
            }
            return Objection::open(Observation::ControlGroup, CONTROLLED);
        }
        if !evidence.ids.contains_key(target) {
            let text = format!(
                "nothing is offered: the ledger knows no {}, so it was not applied",
                target.name
            );
            return Objection::open(Observation::Propagation, text);
        }
        if let Some(state) = evidence.state {
            for (aspect, listed) in world.listed_by(target) {
                if let Some(why) = not_active(state, aspect, &listed, evidence.ids) {
                    let is_of_list = |it: &HeldDifference| {
                        it.part == HeldPart::Requirement(aspect) || listed.contains(&it.key)
                    };
                    let of_account = self.held_with(target, is_of_list);
                    let outdated = || self.outdated(state, &listed, &why);
                    return of_account.or_else(outdated).unwrap_or(why);
                }
            }
        }
        if let Some(why) = self.held_otherwise(target) {
            return why;
        }
        if evidence.is_fresh {
            let text = "nothing is offered: what was applied a moment ago may not be served yet";
            return Objection::open(Observation::Propagation, text);
        }
        let open = self.outcome.eligible(target).reasons;
        if !open.is_empty() && open.iter().all(|it| *it == Reason::Missing(Fact::Agents)) {
            let text = "nothing is offered: `given` does not say that agents are available, and none may be";
            return Objection::open(Observation::Agents, text);
        }
        let mut why = self.contradiction();
        if world.needs_agents(target) && why.observation != Some(Observation::Differs) {
            why.text.push_str(
                "; perhaps no agent of the skill is available, which the platform does not say",
            );
        }
        why
    }
}
