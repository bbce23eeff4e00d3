//! What the manifests say about who is offered what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use indexmap::{Equivalent, IndexMap};
use rayon::prelude::*;
use serde_json::Value;

use super::contribution::Contribution;
use super::route::Route;
use super::sections::{Sections, texts_by};
use super::shelves::Shelves;
use super::stated::places_of;
use super::surroundings::{KnownSurroundings, Surroundings};
use super::truth::Spot;
use super::universe::{Universe, ValueLists};
use crate::kinds::offering::{
    Aspect, Assumed, Clause, Fact, Offering, Place, Question, Rank, Reading, ReferredObject,
    Requirement, Test,
};
use crate::kinds::{KindId, Role};
use crate::manifest::Key;
use crate::resolve::{Desired, Resource, reference_key};
use crate::text::Pointer;

/// The readings of all manifests, and the personas.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// In the order of their keys.
    objects: IndexMap<Key, Reading>,
    personas: BTreeMap<Key, Vec<Value>>,
    /// What the objects that give those inside them an order list: what is not listed is not shown (platform.md#campaign).
    lists: BTreeMap<Key, Vec<Value>>,
    /// What all conditions ask for.
    asked: Universe,
    /// What is written where a test is open whatever the visit is.
    open: BTreeMap<Spot, String>,
    /// Where each engagement can be offered, once that was asked.
    shelves: OnceLock<Shelves>,
    /// The campaigns that have a control group, by place, once that was asked.
    withholding: OnceLock<BTreeMap<Place, BTreeSet<Key>>>,
    /// The sections that something mentions, once that was asked.
    sections: OnceLock<Sections>,
    /// What each offer counts in a contest, once that was asked.
    ranks: OnceLock<IndexMap<Key, Rank>>,
    /// What stands around each engagement, once that was asked.
    surroundings: KnownSurroundings,
    /// The lists of values that searches made, which copies share.
    value_lists: Arc<ValueLists>,
}

/// What a reference leads to.
pub(super) enum ReferenceTarget<'w> {
    /// An object that a manifest describes.
    Object(&'w Key, &'w Reading),
    /// The vendor's own row, which restricts nothing.
    Vendor,
    /// An object that no manifest defines.
    Elsewhere,
}

impl World {
    /// What the manifests of an environment say.
    #[must_use]
    pub fn of(desired: &Desired) -> Self {
        let mut world = Self::default();
        let resources: Vec<&Resource> = desired.iter().collect();
        for resource in &resources {
            if let Some(attributes) = (resource.key.kind.def().attributes)(&resource.spec) {
                world.personas.insert(resource.key.clone(), attributes);
            }
        }
        let contributions = resources
            .into_par_iter()
            .filter(|it| !it.key.kind.def().is_test)
            .filter_map(|it| Contribution::of(&it.key, &it.spec));
        let contributions: Vec<Contribution> = contributions.collect();
        for contribution in contributions {
            world.take(contribution);
        }
        world.leave_out_unlisted();
        world
    }

    /// Adds what the spec of an object says, and a persona's attributes are not among that.
    pub fn add(&mut self, key: &Key, spec: &Value) {
        if let Some(contribution) = Contribution::of(key, spec) {
            self.take(contribution);
        }
    }

    fn take(&mut self, contribution: Contribution) {
        let Contribution {
            key,
            reading,
            open,
            list,
        } = contribution;
        self.open.extend(open);
        self.lists.extend(list.map(|list| (key.clone(), list)));
        self.put(key, reading);
    }

    /// Requires of everything that it is in the list of the object around it, where there is such a list. To be done once, when all
    /// objects are there.
    pub(super) fn leave_out_unlisted(&mut self) {
        let unlisted = self.objects.iter().filter_map(|(key, reading)| {
            let around = reading.around.as_ref()?;
            let parent = reference_key(around.kind, &around.reference)?;
            let list = self.lists.get(&parent)?;
            let is_listed = list.iter().any(|it| it.as_str() == Some(key.name.as_str()));
            (!is_listed).then(|| (key.clone(), unlisted(&parent)))
        });
        let unlisted: Vec<(Key, Requirement)> = unlisted.collect();
        for (key, requirement) in unlisted {
            if let Some(reading) = self.objects.get_mut(&key) {
                reading.requires.push(requirement);
            }
        }
    }

    /// The lists of values that searches made.
    pub(super) fn value_lists(&self) -> Arc<ValueLists> {
        Arc::clone(&self.value_lists)
    }

    /// Where each engagement can be offered at all.
    pub(super) fn shelves(&self) -> &Shelves {
        self.shelves.get_or_init(|| Shelves::of(self))
    }

    /// Whether a campaign has no say in it that a visitor of a place is in a control group: that of another one may be meant, of
    /// which something can be offered there.
    pub(super) fn has_other_control_group(&self, campaign: &Key, place: &Place) -> bool {
        let withholding = self.withholding.get_or_init(|| self.control_groups());
        let here = withholding.get(place).into_iter().flatten();
        here.into_iter().any(|it| it != campaign)
    }

    /// The campaigns with control groups, by the places of what they offer.
    fn control_groups(&self) -> BTreeMap<Place, BTreeSet<Key>> {
        let mut found: BTreeMap<Place, BTreeSet<Key>> = BTreeMap::new();
        for (key, reading, _) in self.offered() {
            let around = reading.around.as_ref().and_then(|it| self.object(it));
            let Some((campaign, around)) = around else {
                continue;
            };
            let has_group = around.rank.is_some_and(|it| it.control_group > 0.0);
            let is_never = [reading, around].into_iter().any(is_never_offered);
            if has_group && !is_never {
                let own = places_of(reading);
                let is_known = !own.is_empty();
                for place in if is_known { own } else { self.places_of(key) } {
                    found.entry(place).or_default().insert(campaign.clone());
                }
            }
        }
        found
    }

    /// The campaign of an engagement, where a manifest defines it.
    pub(super) fn campaign_of(&self, key: &Key) -> Option<Key> {
        let around = self.objects.get(key)?.around.as_ref()?;
        self.object(around).map(|(key, _)| key.clone())
    }

    /// Whether a visitor can be in the control group of the campaign of one engagement and not in that of another.
    pub(super) fn may_withhold(&self, rival: &Key, key: &Key) -> bool {
        let has_group = self.rank(rival).is_some_and(|it| it.control_group > 0.0);
        has_group && self.campaign_of(rival) != self.campaign_of(key)
    }

    /// Puts what an object says in the place of what it said.
    pub(super) fn put(&mut self, key: Key, reading: Reading) {
        for requirement in &reading.requires {
            self.asked.note(&requirement.clause);
        }
        self.shelves = OnceLock::new();
        self.withholding = OnceLock::new();
        self.sections = OnceLock::new();
        self.ranks = OnceLock::new();
        self.surroundings = KnownSurroundings::default();
        self.objects.insert_sorted(key, reading);
    }

    /// The same, as if what some places require were met.
    pub(super) fn without_requirements<'s>(&self, spots: impl Iterator<Item = &'s Spot>) -> Self {
        let mut world = self.clone();
        for spot in spots {
            let Some(mut reading) = world.objects.get(&spot.key).cloned() else {
                continue;
            };
            reading
                .requires
                .retain(|it| !spot.at.starts_with(&it.clause.at));
            world.put(spot.key.clone(), reading);
        }
        world
    }

    /// The same, where a condition is open from now on, with what stands for it.
    pub(super) fn put_open(&mut self, spot: Spot, reading: Reading, written: String) {
        self.put(spot.key.clone(), reading);
        self.open.insert(spot, written);
    }

    /// What is written where a test is open whatever the visit is: the same text holds for the same visits.
    pub(super) fn written(&self, spot: &Spot) -> &str {
        self.open.get(spot).map_or("", String::as_str)
    }

    /// Whether an engagement, its campaign and all that both refer to are written alike in two worlds where tests are
    /// open whatever the visit is.
    pub(super) fn says_the_same(&self, other: &Self, key: &Key) -> bool {
        let open = |world: &Self| {
            let around = world.around(key).into_keys();
            let found = around.flat_map(|key| {
                let at = Pointer::root();
                let first = Spot { key, at };
                let key = first.key.clone();
                let rest = world.open.range(first..);
                rest.take_while(move |(spot, _)| spot.key == key)
            });
            let found = found.map(|(spot, text)| (spot.clone(), text.clone()));
            found.collect::<Vec<_>>()
        };
        open(self) == open(other)
    }

    /// What the conditions of an engagement ask for, those of its campaign and of all that both refer to included.
    pub(super) fn asked_by(&self, key: &Key, asked: &mut Universe) {
        for (_, reading) in self.around(key) {
            for requirement in &reading.requires {
                asked.note(&requirement.clause);
            }
        }
    }

    /// An engagement, its campaign, and all that both refer to.
    pub(super) fn around(&self, key: &Key) -> BTreeMap<Key, &Reading> {
        let known = self.surroundings(key);
        let keys = known.keys.iter();
        keys.filter_map(|key| Some((key.clone(), self.objects.get(key)?)))
            .collect()
    }

    fn surroundings(&self, key: &Key) -> Arc<Surroundings> {
        self.surroundings.of(key, || {
            let around = self.found_around(key);
            let mut asked = Universe::default();
            for requirement in around.values().flat_map(|reading| &reading.requires) {
                asked.note(&requirement.clause);
            }
            let mut places: BTreeSet<Place> = asked.places().cloned().collect();
            if places.is_empty() {
                places.insert(Place::Web);
            }
            let keys = around.into_keys().collect();
            Surroundings { keys, places }
        })
    }

    fn found_around(&self, key: &Key) -> BTreeMap<Key, &Reading> {
        let mut found = BTreeMap::new();
        let mut waiting = vec![key.clone()];
        while let Some(key) = waiting.pop() {
            let Some(reading) = self.objects.get(&key) else {
                continue;
            };
            if found.insert(key, reading).is_some() {
                continue;
            }
            let mut targets: Vec<&ReferredObject> = reading.around.iter().collect();
            for requirement in &reading.requires {
                targets_of(&requirement.clause, &mut targets);
            }
            waiting.extend(
                targets
                    .into_iter()
                    .filter_map(|it| reference_key(it.kind, &it.reference)),
            );
        }
        found
    }

    /// An engagement, its campaign, and all that both refer to.
    #[must_use]
    pub fn keys_around(&self, key: &Key) -> Vec<Key> {
        self.around(key).into_keys().collect()
    }

    /// What an engagement and its campaign list and only one of which must hold, by what it is about. A list with one of the
    /// vendor's rows, which always hold, is left out.
    pub(super) fn listed_by(&self, key: &Key) -> Vec<(Aspect, BTreeSet<Key>)> {
        let own = self.objects.get(key);
        let around = own.and_then(|it| it.around.as_ref());
        let around = around.and_then(|target| self.object(target));
        let readings = own.into_iter().chain(around.map(|(_, reading)| reading));
        let requirements = readings.flat_map(|it| &it.requires);
        let lists = requirements.filter_map(|requirement| {
            let mut targets = Vec::new();
            targets_of(&requirement.clause, &mut targets);
            let keys = targets
                .iter()
                .map(|it| reference_key(it.kind, &it.reference));
            let keys: Option<BTreeSet<Key>> = keys.collect();
            Some((requirement.aspect, keys.filter(|keys| !keys.is_empty())?))
        });
        lists.collect()
    }

    /// Whether an engagement is only offered while agents are available.
    pub(super) fn needs_agents(&self, key: &Key) -> bool {
        let own = self.objects.get(key);
        let mut requires = own.into_iter().flat_map(|it| &it.requires);
        requires.any(|it| it.aspect == Aspect::Agents && matches!(it.clause.test, Test::Is(_)))
    }

    /// The kinds of what only the account has and offers lead to, such as skills.
    #[must_use]
    pub fn routed_kinds(&self) -> BTreeSet<&'static str> {
        let all = self.offered().flat_map(|(key, _, offering)| {
            let routes = Route::ALL.into_iter();
            let routes = routes.filter(|route| route.of(offering).is_some());
            routes.filter_map(|route| route.kind(key))
        });
        all.filter(|kind| KindId::known(kind).def().role == Role::Reference)
            .collect()
    }

    /// Everything that can be offered, by kind and name.
    pub fn offered(&self) -> impl Iterator<Item = (&Key, &Reading, &Offering)> {
        let objects = self.objects.iter();
        objects.filter_map(|(key, reading)| Some((key, reading, reading.offer.as_ref()?)))
    }

    /// The object that a reference leads to.
    pub(super) fn object(&self, target: &ReferredObject) -> Option<(&Key, &Reading)> {
        match self.find(target) {
            ReferenceTarget::Object(key, reading) => Some((key, reading)),
            _ => None,
        }
    }

    /// What an object says.
    pub(super) fn reading(&self, key: &Key) -> Option<&Reading> {
        self.objects.get(key)
    }

    /// What a visitor gets.
    #[must_use]
    pub fn offering(&self, key: &Key) -> Option<&Offering> {
        self.objects.get(key)?.offer.as_ref()
    }

    /// What an offer counts in a contest: that of the object around it.
    #[must_use]
    pub fn rank(&self, key: &Key) -> Option<Rank> {
        let ranks = self.ranks.get_or_init(|| {
            let around = |reading: &Reading| self.object(reading.around.as_ref()?)?.1.rank;
            let all = self.objects.iter();
            all.filter_map(|(key, reading)| Some((key.clone(), around(reading)?)))
                .collect()
        });
        ranks.get(key).copied()
    }

    /// The same with the personas of the manifests.
    pub(super) fn with_personas(&self, desired: &Desired) -> Self {
        let mut world = self.clone();
        for resource in desired.iter() {
            if let Some(attributes) = (resource.key.kind.def().attributes)(&resource.spec) {
                world.personas.insert(resource.key.clone(), attributes);
            }
        }
        world
    }

    /// The attributes of a persona.
    #[must_use]
    pub fn persona(&self, name: &str) -> Option<&[Value]> {
        let found = self
            .personas
            .iter()
            .find(|(key, _)| key.name.as_str() == name);
        found.map(|(_, attributes)| attributes.as_slice())
    }

    /// The places that the conditions of an engagement name; web pages where they name none.
    pub(super) fn places_of(&self, key: &Key) -> BTreeSet<Place> {
        self.surroundings(key).places.clone()
    }

    /// Whether something takes place there.
    #[must_use]
    pub fn has_place(&self, place: &Place) -> bool {
        self.asked.places().any(|it| it == place)
    }

    /// The apps that something takes place in.
    pub fn apps(&self) -> impl Iterator<Item = &str> {
        self.asked.places().filter_map(|place| match place {
            Place::App(name) => Some(name.as_str()),
            Place::Web => None,
        })
    }

    /// The texts that conditions ask for, whole or as a part.
    pub fn texts(&self, fact: Fact) -> impl Iterator<Item = &str> {
        let asked = self.asked.questions(fact).iter();
        let texts = asked.flat_map(|question| match question {
            Question::Text { any, .. } => any.as_slice(),
            _ => &[],
        });
        texts.filter_map(|text| text.is.as_deref().or(text.contains.as_deref()))
    }

    /// What all conditions ask for.
    pub(super) const fn asked(&self) -> &Universe {
        &self.asked
    }

    /// Whether a section is one that something mentions in a place; else the nearest that is. Where a case is about the entry
    /// points of some engagements, names count as well that only resemble one of theirs.
    ///
    /// # Errors
    /// The nearest name, where there is one.
    pub fn mentions(
        &self,
        section: &str,
        at: (&Place, &Assumed),
        about: &BTreeSet<Key>,
    ) -> Result<(), Option<String>> {
        let sections = self.sections.get_or_init(|| Sections::of(self));
        let about: Vec<_> = about.iter().flat_map(|key| texts_by(self, key)).collect();
        sections.mention(section, at, &about)
    }

    /// What all objects say.
    pub(super) fn readings(&self) -> impl Iterator<Item = &Reading> {
        self.objects.values()
    }

    pub(super) fn find(&self, target: &ReferredObject) -> ReferenceTarget<'_> {
        if target.reference.get("system") == Some(&Value::Bool(true)) {
            return ReferenceTarget::Vendor;
        }
        let name = target.reference.as_str();
        let found = name.and_then(|name| {
            let kind = KindId::known(target.kind);
            self.objects.get_key_value(&WrittenKey { kind, name })
        });
        found.map_or(ReferenceTarget::Elsewhere, |(key, reading)| {
            ReferenceTarget::Object(key, reading)
        })
    }
}

/// A key as a reference writes it: looked for without a copy, since each condition of each visit does.
#[derive(Hash)]
struct WrittenKey<'r> {
    kind: KindId,
    name: &'r str,
}

impl Equivalent<Key> for WrittenKey<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.kind == key.kind && self.name == key.name.as_str()
    }
}

/// What is required of an object that the one around it does not list.
fn unlisted(parent: &Key) -> Requirement {
    let why = format!("{parent} does not list it");
    let change = format!("add it to the list of {parent}");
    Requirement {
        aspect: Aspect::Campaign,
        clause: Clause::new(
            Pointer::root().key("campaign"),
            Test::Known(false, why, change),
        ),
    }
}

/// Whether something is required that no visit meets: a campaign that is published, an engagement that is enabled.
fn is_never_offered(reading: &Reading) -> bool {
    let mut all = reading.requires.iter();
    all.any(|it| matches!(it.clause.test, Test::Known(false, ..)))
}

/// The references of a clause.
fn targets_of<'c>(clause: &'c Clause, found: &mut Vec<&'c ReferredObject>) {
    if let Test::Object(target) = &clause.test {
        found.push(target);
    }
    clause.test.inner(&mut |inner| targets_of(inner, found));
}
