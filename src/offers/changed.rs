//! What is different between two worlds: the engagements that are written otherwise, and those that compete with them.
//!
//! Two engagements meet at a section that both list, or at several sections at once. The second is looked at within bounds:
//! what is left out is said of each engagement that it is about ([`WorldChange::crowded`]).

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::judgement::Judge;
use super::opened::opened;
use super::outcome::{Weighing, shares_of};
use super::rivalry::{ChoiceRule, is_in_other_zone, meets};
use super::truth::{Spot, Truth};
use super::visit::Visit;
use super::world::World;
use super::zoned::{ZonedPlaces, may_be_one, meets_otherwise, zones};
use crate::kinds::offering::{Assumed, Clause, Reading};
use crate::manifest::Key;
use crate::text::Pointer;

/// How many rivals of one engagement are looked at that share no section with it.
const ACROSS: usize = 16;

/// How many pairs of engagements that only meet at several sections are looked at.
const PAIRS: usize = 400;

/// What is different between two worlds.
pub(super) struct WorldChange<'a> {
    pub(super) before: &'a World,
    pub(super) after: &'a World,
    /// The engagements that are written otherwise in one of the worlds, with all that they refer to.
    pub(super) keys: BTreeSet<&'a Key>,
    /// Those of these that other visits may be offered, or in another zone.
    moved: BTreeSet<&'a Key>,
    /// By engagement: those of the changed ones that can take part at one of its visits.
    beside: BTreeMap<&'a Key, BTreeSet<&'a Key>>,
    /// Of the changed ones: the first condition whose payload is another, and whether its `means` says the same as before.
    pub(super) payloads: BTreeMap<&'a Key, (Spot, bool)>,
    /// Of the changed ones that are in both worlds: the fields that are others, and of which it is not known whether they have
    /// a say.
    pub(super) fields: BTreeMap<&'a Key, BTreeSet<Spot>>,
    /// Both worlds with these payloads and fields open, once that was asked.
    opened: OnceCell<[World; 2]>,
    /// Of these: whether what they mean says who is offered them otherwise, once that was asked.
    pub(super) explained: RefCell<BTreeMap<Key, bool>>,
    /// The changed ones that meet too many others at several sections to look at.
    pub(super) crowded: BTreeSet<&'a Key>,
    /// The engagements of the places of the changed ones, with their zones.
    zoned: ZonedPlaces<'a>,
    /// The highest priority in each world.
    highest: [f64; 2],
    /// The first moment that counts, where earlier ones do not.
    pub(super) since: Option<Timestamp>,
}

impl<'a> WorldChange<'a> {
    pub(super) fn new(before: &'a World, after: &'a World) -> Self {
        let all: BTreeSet<&Key> = before
            .offered()
            .chain(after.offered())
            .map(|(key, ..)| key)
            .collect();
        let is_same = |key: &&Key| {
            before.around(key) == after.around(key) && before.says_the_same(after, key)
        };
        let keys: BTreeSet<&Key> = all.into_iter().filter(|key| !is_same(key)).collect();
        let is_moved = |key: &&Key| !is_offered_alike(before, after, key);
        let mut changed = Self {
            before,
            after,
            moved: keys.iter().copied().filter(is_moved).collect(),
            zoned: ZonedPlaces::of([before, after], &keys),
            keys,
            beside: BTreeMap::new(),
            payloads: BTreeMap::new(),
            fields: BTreeMap::new(),
            opened: OnceCell::new(),
            explained: RefCell::default(),
            crowded: BTreeSet::new(),
            highest: [before, after].map(highest),
            since: None,
        };
        for key in changed.keys.clone() {
            let payload = payload(before, after, key);
            changed.payloads.extend(payload.map(|it| (key, it)));
            let fields = fields(before, after, key);
            if !fields.is_empty() {
                changed.fields.insert(key, fields);
            }
            for rival in changed.beside_of(key) {
                changed.beside.entry(rival).or_default().insert(key);
            }
        }
        changed.join_across();
        changed
    }

    /// Who is at several sections at once is offered what belongs to any of them: two engagements that share no section meet
    /// there.
    fn join_across(&mut self) {
        let counts = |key: &&Key| {
            self.moved.contains(key)
                || self.is_ranked_otherwise(key)
                || self.is_withheld_otherwise(key)
                || self.payloads.contains_key(key)
                || self.fields.contains_key(key)
        };
        let counting: Vec<&'a Key> = self.keys.iter().copied().filter(counts).collect();
        let sizes = counting.iter().map(|key| self.neighbours(key));
        if sizes.sum::<usize>() > PAIRS {
            let meets_any = |key: &&Key| self.across(key, 1).next().is_some();
            self.crowded = counting.into_iter().filter(meets_any).collect();
            return;
        }
        for key in counting {
            let across: BTreeSet<&'a Key> = self.across(key, usize::MAX).collect();
            for rival in across {
                self.beside.entry(rival).or_default().insert(key);
            }
        }
    }

    /// How many engagements the places of one have.
    fn neighbours(&self, key: &Key) -> usize {
        let worlds = [self.before, self.after].into_iter();
        let counts = worlds.flat_map(|world| {
            let places = world.places_of(key).into_iter();
            places.map(|place| world.shelves().count(&place))
        });
        counts.max().unwrap_or_default()
    }

    /// Those of the same place that share no section with an engagement, so many at most in each world.
    fn across(&self, key: &'a Key, most: usize) -> impl Iterator<Item = &'a Key> {
        let near = self.beside_of(key);
        let own = zones(self.worlds(), key);
        let mut found = Vec::new();
        for (at, world) in self.worlds().into_iter().enumerate() {
            let places = world.places_of(key);
            let all = places.iter().flat_map(|it| self.zoned.at(at, it));
            // The zones are compared first: what meets is looked for among all engagements of a place.
            let apart = all.filter(|it| may_be_one(it.zones, own) && it.key != key);
            let apart = apart.filter(|it| !near.contains(it.key));
            found.extend(apart.take(most).map(|it| it.key));
        }
        found.into_iter()
    }

    /// Both worlds.
    pub(super) fn worlds(&self) -> [&'a World; 2] {
        [self.before, self.after]
    }

    fn is_ranked_otherwise(&self, key: &Key) -> bool {
        let rank = |world: &World| {
            let rank = world.rank(key)?;
            let own = Weighing::Engagements.of(world, key);
            Some((rank.weight, rank.priority, own))
        };
        rank(self.before) != rank(self.after)
    }

    /// Whether another share of the visitors is in the control group of its campaign.
    fn is_withheld_otherwise(&self, key: &Key) -> bool {
        let share = |world: &World| world.rank(key).map(|it| it.control_group.to_bits());
        share(self.before) != share(self.after)
    }

    /// The rivals that are withheld from other visitors than before: those in the control group of a campaign of their own.
    pub(super) fn withheld(&self, key: &Key) -> impl Iterator<Item = &'a Key> {
        let beside = self.beside.get(key).into_iter().flatten().copied();
        let worlds = [self.before, self.after];
        beside.filter(move |rival| {
            self.is_withheld_otherwise(rival)
                && worlds.iter().any(|it| it.may_withhold(rival, key))
                && self.may_meet(key, rival)
        })
    }

    /// Both worlds with the payloads and the fields open that changed.
    pub(super) fn opened(&self) -> [&World; 2] {
        let keys = || self.payloads.keys().copied().collect();
        let fields = || self.fields.values().flatten().collect();
        let worlds = || opened([self.before, self.after], &keys(), &fields());
        self.opened.get_or_init(worlds).each_ref()
    }

    /// The engagements beside one that have a condition whose payload is another.
    pub(super) fn payloads_beside(&self, key: &Key) -> impl Iterator<Item = &'a Key> {
        let beside = self.beside.get(key).into_iter().flatten().copied();
        beside.filter(|rival| self.payloads.contains_key(rival) && self.may_meet(key, rival))
    }

    /// The engagements beside one that have a field that is another and may have a say, with these fields.
    pub(super) fn fields_beside(
        &self,
        key: &Key,
    ) -> impl Iterator<Item = (&'a Key, &BTreeSet<Spot>)> {
        let beside = self.beside.get(key).into_iter().flatten();
        let beside = beside.filter_map(|rival| Some((*rival, self.fields.get(rival)?)));
        beside.filter(|(rival, _)| self.may_meet(key, rival))
    }

    /// Whether two engagements may be in another order than before, where the priority decides.
    pub(super) fn is_ordered_otherwise(&self, key: &Key, rival: &Key) -> bool {
        let order = |world: &World| {
            let (own, other) = (world.rank(key)?, world.rank(rival)?);
            Some(own.priority.total_cmp(&other.priority))
        };
        self.moved.contains(rival) || order(self.before) != order(self.after)
    }

    /// What else is ahead of an engagement at a visit, where the priority decides: neither it nor one of these.
    pub(super) fn hidden_by(
        &self,
        (key, rivals): (&Key, &[&Key]),
        visit: &Visit,
        assumed: &Assumed,
    ) -> BTreeSet<&'a Key> {
        let mut hidden = BTreeSet::new();
        for (world, highest) in [self.before, self.after].into_iter().zip(self.highest) {
            let priority = |key: &Key| world.rank(key).map(|it| it.priority);
            let Some(own) = priority(key).filter(|own| *own < highest) else {
                continue;
            };
            let judge = Judge::new(world, visit, assumed);
            let others = world.shelves().candidates(visit).into_iter();
            hidden.extend(others.filter(|it| {
                *it != key
                    && !rivals.contains(it)
                    && priority(it).is_some_and(|it| it > own)
                    && meets(world, key, it) != Some(false)
                    && judge.whole(it).truth != Truth::No
            }));
        }
        hidden
    }

    /// The engagements that an impact is to be asked of.
    pub(super) fn affected(&self) -> BTreeSet<&'a Key> {
        self.keys
            .iter()
            .chain(self.beside.keys())
            .copied()
            .collect()
    }

    /// All that can take part at one of the visits of an engagement in one of the worlds.
    pub(super) fn beside_of(&self, key: &Key) -> BTreeSet<&'a Key> {
        let mut found = BTreeSet::new();
        for world in [self.before, self.after] {
            for place in world.places_of(key) {
                found.extend(world.shelves().beside(world, (key, &place)));
            }
        }
        found.retain(|rival| *rival != key);
        found
    }

    /// The rivals that count otherwise at one of the visits of an engagement: those that ask for the same first, since they are
    /// met most easily. And whether there are more of them.
    pub(super) fn rivals(&self, key: &'a Key, choices: &[ChoiceRule]) -> (Vec<&'a Key>, bool) {
        let counts = |rival: &&Key| {
            self.may_meet(key, rival)
                && (self.moved.contains(rival)
                    || meets_otherwise(self.worlds(), key, rival)
                    || self.is_drawn_otherwise(key, rival, choices))
        };
        let mut rivals: Vec<&Key> = self
            .beside
            .get(key)
            .into_iter()
            .flatten()
            .copied()
            .collect();
        rivals.retain(counts);
        let mut is_cut = false;
        if self.is_ranked_otherwise(key) || is_in_other_zone(self.worlds(), key) {
            let known: BTreeSet<&Key> = rivals.iter().copied().collect();
            let near = self.beside_of(key).into_iter();
            rivals.extend(near.filter(|it| !known.contains(it)).filter(counts));
            let across = self.across(key, ACROSS + 1).collect::<BTreeSet<_>>();
            is_cut = across.len() > ACROSS;
            let across = across.into_iter().filter(|it| !known.contains(it));
            rivals.extend(across.filter(counts).take(ACROSS));
        }
        let own = self.after.around(key);
        rivals.sort_by_cached_key(|rival| {
            let asked = self.after.around(rival);
            std::cmp::Reverse(asked.keys().filter(|it| own.contains_key(*it)).count())
        });
        (rivals, is_cut)
    }

    /// Whether the one is drawn more or less often against the other: two engagements of one campaign have the same weight,
    /// whatever it is, if their own does not count.
    fn is_drawn_otherwise(&self, key: &Key, rival: &Key, choices: &[ChoiceRule]) -> bool {
        let odds = |world: &World| {
            let (own, other) = (world.rank(key)?, world.rank(rival)?);
            let shares = Weighing::BOTH.map(|weighing| {
                let pair = BTreeSet::from([key, rival]);
                let shares = shares_of(world, &pair, weighing);
                shares.get(key).copied().unwrap_or_default().to_bits()
            });
            let order = own.priority.total_cmp(&other.priority);
            Some((
                shares,
                choices.contains(&ChoiceRule::Priority).then_some(order),
            ))
        };
        odds(self.before) != odds(self.after)
    }

    /// The rivals that are ahead of an engagement in one of the worlds, where the priority decides: those of its sections, and
    /// some others.
    pub(super) fn ahead(&self, key: &Key, others: &[&'a Key]) -> Vec<&'a Key> {
        let is_ahead = |rival: &Key| {
            [self.before, self.after].into_iter().any(|world| {
                let of = |key: &Key| world.rank(key).map(|it| it.priority);
                matches!((of(rival), of(key)), (Some(one), Some(other)) if one > other)
            })
        };
        let mut beside = self.beside_of(key);
        beside.extend(others);
        beside
            .into_iter()
            .filter(|rival| is_ahead(rival) && self.may_meet(key, rival))
            .collect()
    }

    /// Whether the two may be in one zone of one place in one of the worlds.
    fn may_meet(&self, key: &Key, rival: &Key) -> bool {
        let [own, others] = [key, rival].map(|key| zones(self.worlds(), key));
        may_be_one(own, others)
    }
}

/// The highest priority of a world.
fn highest(world: &World) -> f64 {
    let ranks = world.offered().filter_map(|(key, ..)| world.rank(key));
    ranks.map(|it| it.priority).fold(f64::MIN, f64::max)
}

/// Whether the same visits may be offered an engagement in two worlds, in the same zone.
fn is_offered_alike(before: &World, after: &World, key: &Key) -> bool {
    let zone = |world: &World| world.offering(key).map(|it| it.zone.clone());
    let (old, new) = (before.around(key), after.around(key));
    let alike = old.len() == new.len()
        && old.iter().all(|(key, one)| {
            let other = new.get(key);
            other.is_some_and(|other| one.requires == other.requires && one.around == other.around)
        });
    alike && zone(before) == zone(after) && before.says_the_same(after, key)
}

/// The fields that are others in two worlds around an engagement of both, and of which it is not known whether they have a say.
/// What only moved in a list, or into another object, is no other one.
fn fields(before: &World, after: &World, key: &Key) -> BTreeSet<Spot> {
    if before.offering(key).is_none() || after.offering(key).is_none() {
        return BTreeSet::new();
    }
    let [old, new] = [before, after].map(|world| {
        let around = world.around(key).into_iter();
        let all = around.flat_map(|(key, reading)| {
            let unread = reading.unread.iter();
            unread.map(move |(at, text)| ((key.kind, text.as_str()), (key.clone(), at.clone())))
        });
        all.collect::<BTreeMap<_, _>>()
    });
    let only = |one: &BTreeMap<_, _>, other: &BTreeMap<_, _>| {
        let only = one.iter().filter(|(text, _)| !other.contains_key(*text));
        let spots = only.map(|(_, (key, at)): (_, &(Key, Pointer))| Spot {
            key: key.clone(),
            at: at.clone(),
        });
        spots.collect::<Vec<Spot>>()
    };
    only(&old, &new)
        .into_iter()
        .chain(only(&new, &old))
        .collect()
}

/// The first condition whose payload is another, and whether what it is said to mean is the same, but for upper and lower case.
fn payload(before: &World, after: &World, key: &Key) -> Option<(Spot, bool)> {
    let (before, after) = (before.around(key), after.around(key));
    let said =
        |reading: &Reading, at: &Pointer| format!("{:?}", meaning(reading, at)).to_lowercase();
    let found = before.iter().flat_map(|(key, old)| {
        let new = after.get(key);
        // One that only moved in its list is no other one.
        let is_other = move |(at, text): &&(Pointer, String)| {
            let is_known = old.payloads.iter().any(|(_, said)| said == text);
            !is_known && old.payloads.iter().any(|(other, _)| other == at)
        };
        let payloads = new.into_iter().flat_map(|new| &new.payloads);
        let other = payloads.filter(is_other);
        other.map(move |(at, _)| {
            let says_the_same = new.is_some_and(|new| said(old, at) == said(new, at));
            let (key, at) = (key.clone(), at.clone());
            (Spot { key, at }, says_the_same)
        })
    });
    // One that says the same tells more than one that does not.
    let found = found.max_by_key(|(_, says_the_same)| *says_the_same);
    match found {
        Some((_, true)) => found,
        other => moved_payload([&before, &after]).or(other),
    }
}

/// An engagement with all that it refers to.
type ReferredReadings<'a> = BTreeMap<Key, &'a Reading>;

/// A condition whose payload is nowhere in the other world, though one that is gone, or all conditions together, are said to mean
/// the same: it may have come with another audience, in another order, or while a condition beside it went.
fn moved_payload([before, after]: [&ReferredReadings<'_>; 2]) -> Option<(Spot, bool)> {
    let (old, new) = (said_in(before), said_in(after));
    let mut added = new.iter().filter(|(text, _)| !old.contains_key(*text));
    let mut gone = old.iter().filter(|(text, _)| !new.contains_key(*text));
    let meant = |world: &BTreeMap<&str, Said>| -> BTreeSet<Vec<String>> {
        world.values().map(|it| it.words.clone()).collect()
    };
    let found = if meant(&old) == meant(&new) {
        added.next().or_else(|| gone.next())
    } else {
        let gone: BTreeSet<&Vec<String>> = gone.map(|(_, it)| &it.words).collect();
        added.find(|(_, it)| gone.contains(&it.words))
    };
    found.map(|(_, it)| (it.spot.clone(), true))
}

/// A condition with a payload.
struct Said {
    spot: Spot,
    /// What it is said to mean, in whatever order its values are.
    words: Vec<String>,
}

/// The conditions with payloads, by these.
fn said_in<'r>(world: &ReferredReadings<'r>) -> BTreeMap<&'r str, Said> {
    let each = world.iter().flat_map(|(key, reading)| {
        let payloads = reading.payloads.iter();
        payloads.map(move |(at, text)| {
            let mut words = Vec::new();
            for clause in meaning(reading, at) {
                words_of(clause, &mut words);
            }
            words.sort();
            // Where all or any of several may be meant, each is read twice.
            words.dedup();
            let (key, at) = (key.clone(), at.clone());
            let spot = Spot { key, at };
            (text.as_str(), Said { spot, words })
        })
    });
    each.collect()
}

/// The words of a test, without the places that state it.
fn words_of(clause: &Clause, words: &mut Vec<String>) {
    let mut is_leaf = true;
    clause.test.inner(&mut |inner| {
        is_leaf = false;
        words_of(inner, words);
    });
    if is_leaf {
        let test = format!("{:?}", clause.test).to_lowercase();
        let parts = test.split(|it: char| !it.is_alphanumeric());
        words.extend(parts.filter(|it| !it.is_empty()).map(str::to_owned));
    } else {
        let test = format!("{:?}", clause.test);
        words.extend(test.split('(').next().map(str::to_lowercase));
    }
}

/// What a condition is said to mean.
fn meaning<'r>(reading: &'r Reading, at: &Pointer) -> Vec<&'r Clause> {
    fn below<'c>(clause: &'c Clause, at: &Pointer, found: &mut Vec<&'c Clause>) {
        if clause.at.starts_with(at) {
            found.push(clause);
        } else {
            clause.test.inner(&mut |inner| below(inner, at, found));
        }
    }
    let mut found = Vec::new();
    for requirement in &reading.requires {
        below(&requirement.clause, at, &mut found);
    }
    found
}
