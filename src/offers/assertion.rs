//! What a `then` asserts, decided at a visit.

use std::collections::BTreeMap;

use serde_json::Value;

use super::judgement::Eligibility;
use super::outcome::{Contest, VisitOutcome};
use super::route::Route;
use super::truth::{Judged, Reason, Truth};
use super::visit::Visit;
use super::world::World;
use crate::kinds::offering::{Aspect, Assumed, SWITCHES};
use crate::kinds::shared::{Reference, VendorReference};
use crate::kinds::{Nothing, Then};
use crate::manifest::Key;
use crate::name::Name;
use crate::text::Pointer;

/// One assertion, decided.
#[derive(Clone, Debug, PartialEq)]
pub struct DecidedAssertion {
    /// Its place below `spec`.
    pub at: Pointer,
    /// What is asserted, `offered: ios-orders`.
    pub what: String,
    /// Whether it holds.
    pub judged: Judged,
    /// What is the case instead, where it does not hold.
    pub instead: String,
}

/// Something that is asserted of an outcome.
#[derive(Clone, Debug)]
pub(super) struct Assertion {
    pub(super) at: Pointer,
    pub(super) what: String,
    pub(super) claim: Claim,
}

#[derive(Clone, Debug)]
pub(super) enum Claim {
    Offered(Key),
    OneOf(Vec<Key>),
    MayBeOffered(Key),
    NotOffered(Key),
    Nothing,
    FailsFor(Key, Vec<Aspect>),
    Eligible(Key),
    Route(Route, Value),
    SkillOf(Key, Value),
    Share(Key, f64),
    Undecided(Vec<String>),
    /// Names an engagement that no manifest defines.
    Impossible(String),
}

/// The engagement that a name means.
fn engagement(world: &World, name: &str) -> Option<Key> {
    let mut offered = world.offered().map(|(key, ..)| key);
    let kind = offered.next().map(|key| key.kind)?;
    let key = Key {
        kind,
        name: Name::new(name).ok()?,
    };
    world.offering(&key).map(|_| key)
}

/// The engagement that a reference means.
pub(super) fn target(world: &World, reference: &Reference) -> Result<Key, String> {
    let Reference::Name(name) = reference else {
        return Err("only an engagement that a manifest describes can be decided".to_owned());
    };
    engagement(world, name).ok_or_else(|| {
        let known = world.offered().map(|(key, ..)| key.name.as_str());
        let near = crate::diag::did_you_mean(name, known);
        let near = near.map_or_else(String::new, |near| format!("; {near}"));
        format!("no engagement is named `{name}`{near}")
    })
}

/// A list of engagements, by its field, and what it claims of each.
type ListedEngagements<'a> = (&'a str, &'a Option<Vec<Reference>>, fn(Key) -> Claim);

/// The assertions of a `then`.
pub(super) fn assertions(world: &World, then: &Then, at: &Pointer) -> Vec<Assertion> {
    let mut all = Vec::new();
    let mut push = |at: Pointer, what: String, claim: Result<Claim, String>| {
        let claim = claim.unwrap_or_else(Claim::Impossible);
        all.push(Assertion { at, what, claim });
    };
    of_offers(world, then, at, &mut push);
    if let Some(nothing) = &then.nothing {
        of_nothing(world, nothing, &at.key("nothing"), &mut push);
    }
    of_routes(then, at, &mut push);
    of_each(world, then, at, &mut push);
    if let Some(names) = &then.undecided {
        let what = format!("undecided: [{}]", names.join(", "));
        let claim = Claim::Undecided(names.clone());
        push(at.key("undecided"), what, Ok(claim));
    }
    all
}

/// Takes an assertion: its place, what it says, and its claim or the reason why it has none.
type Push<'a> = dyn FnMut(Pointer, String, Result<Claim, String>) + 'a;

/// Which engagements are offered, and which are not.
fn of_offers(world: &World, then: &Then, at: &Pointer, push: &mut Push<'_>) {
    if let Some(reference) = &then.offered {
        let claim = target(world, reference).map(Claim::Offered);
        let what = format!("offered: {}", shown(reference));
        push(at.key("offered"), what, claim);
    }
    if let Some(list) = &then.one_of {
        let keys: Result<Vec<Key>, String> = list.iter().map(|it| target(world, it)).collect();
        let names: Vec<String> = list.iter().map(shown).collect();
        let what = format!("oneOf: [{}]", names.join(", "));
        push(at.key("oneOf"), what, keys.map(Claim::OneOf));
    }
    let lists: [ListedEngagements<'_>; 3] = [
        ("mayBeOffered", &then.may_be_offered, Claim::MayBeOffered),
        ("notOffered", &then.not_offered, Claim::NotOffered),
        ("eligible", &then.eligible, Claim::Eligible),
    ];
    for (key, list, claim) in lists {
        for (index, reference) in list.iter().flatten().enumerate() {
            let what = format!("{key}: {}", shown(reference));
            let claim = target(world, reference).map(claim);
            push(at.key(key).index(index), what, claim);
        }
    }
}

/// That nothing is offered, and why.
fn of_nothing(world: &World, nothing: &Nothing, at: &Pointer, push: &mut Push<'_>) {
    push(at.clone(), "nothing".to_owned(), Ok(Claim::Nothing));
    for (name, aspects) in nothing.because.iter().flatten() {
        let at = at.key("because").key(name);
        let words: Vec<&str> = aspects.0.iter().map(|it| it.word()).collect();
        let what = format!("because: {name}: {}", words.join(", "));
        let claim = target(world, &Reference::Name(name.clone()));
        push(
            at,
            what,
            claim.map(|key| Claim::FailsFor(key, aspects.0.clone())),
        );
    }
}

/// Where the conversation goes.
fn of_routes(then: &Then, at: &Pointer, push: &mut Push<'_>) {
    let routes = [
        ("skill", Route::Skill, then.skill.as_ref().map(json)),
        (
            "language",
            Route::Language,
            then.language.as_ref().map(json),
        ),
        ("window", Route::Window, then.window.as_ref().map(vendor)),
        (
            "connector",
            Route::Connector,
            then.connector.as_ref().map(json),
        ),
    ];
    for (key, route, value) in routes {
        if let Some(value) = value {
            let what = format!("{key}: {}", short(&value));
            push(at.key(key), what, Ok(Claim::Route(route, value)));
        }
    }
}

/// What comes of single engagements.
fn of_each(world: &World, then: &Then, at: &Pointer, push: &mut Push<'_>) {
    let target = |name: &String| target(world, &Reference::Name(name.clone()));
    for (name, skill) in then.skills.iter().flatten() {
        let skill = json(skill);
        let what = format!("skills: {name}: {}", short(&skill));
        let claim = target(name).map(|key| Claim::SkillOf(key, skill));
        push(at.key("skills").key(name), what, claim);
    }
    for (name, percent) in then.shares.iter().flatten() {
        let what = format!("shares: {name}: {percent} %");
        let claim = target(name).map(|key| Claim::Share(key, *percent));
        push(at.key("shares").key(name), what, claim);
    }
}

/// That an engagement is not offered.
pub(super) fn not_offered(key: Key, at: Pointer) -> Assertion {
    Assertion {
        at,
        what: format!("never offered: {}", key.name),
        claim: Claim::NotOffered(key),
    }
}

/// Of which engagements a visit is offered one for certain, none where it is nothing; `None` where that is open.
pub(super) fn offered_for_certain(
    world: &World,
    visit: &Visit,
    assumed: &Assumed,
) -> Option<Vec<Key>> {
    let outcome = VisitOutcome::of(world, visit, assumed);
    let all: Vec<Key> = outcome.candidates().cloned().collect();
    let claim = match all.as_slice() {
        [] => Claim::Nothing,
        all => Claim::OneOf(all.to_vec()),
    };
    let assertion = Assertion {
        at: Pointer::root(),
        what: String::new(),
        claim,
    };
    let is_certain = assertion.judge(world, &outcome, assumed).truth == Truth::Yes;
    is_certain.then_some(all)
}

fn json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn vendor(value: &VendorReference) -> Value {
    json(value)
}

fn shown(reference: &Reference) -> String {
    short(&json(reference))
}

pub(super) fn short(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl Claim {
    /// Whether it says of an engagement that it is not offered.
    pub(super) const fn is_of_absence(&self) -> bool {
        matches!(self, Self::NotOffered(_) | Self::FailsFor(..))
    }

    /// The engagements that it names.
    pub(super) fn keys(&self) -> Vec<&Key> {
        match self {
            Self::Offered(key)
            | Self::MayBeOffered(key)
            | Self::NotOffered(key)
            | Self::FailsFor(key, _)
            | Self::SkillOf(key, _)
            | Self::Share(key, _)
            | Self::Eligible(key) => vec![key],
            Self::OneOf(keys) => keys.iter().collect(),
            Self::Nothing | Self::Route(..) | Self::Undecided(_) | Self::Impossible(_) => {
                Vec::new()
            }
        }
    }
}

impl Assertion {
    pub(super) fn judge(&self, world: &World, outcome: &VisitOutcome, assumed: &Assumed) -> Judged {
        match &self.claim {
            Claim::Impossible(_) => Judged::of(Truth::No),
            Claim::Offered(key) => {
                let alone = outcome.alone(world, key, assumed);
                Judged::all([outcome.eligible(key), alone])
            }
            Claim::OneOf(keys) => one_of(world, outcome, keys, assumed),
            Claim::MayBeOffered(key) => outcome.possible(world, key, assumed),
            Claim::NotOffered(key) => outcome.possible(world, key, assumed).not(),
            Claim::Nothing => {
                // One that fails by an assumption alone has a say in what the verdict rests on.
                let all = outcome.eligibilities.values().map(|it| &it.whole);
                let all = all.filter(|it| it.truth != Truth::No || !it.rests.is_empty());
                Judged::all(all.map(|it| it.clone().not()))
            }
            Claim::FailsFor(key, aspects) => fails_for(outcome, key, aspects),
            Claim::Eligible(key) => outcome.eligible(key),
            Claim::Route(route, value) => self::route(world, outcome, (*route, value), assumed),
            Claim::SkillOf(key, expected) => {
                let skill = world.offering(key).and_then(|it| it.skill.as_ref());
                let is_it = skill.is_some_and(|skill| same(skill, expected));
                Judged::all([outcome.eligible(key), Judged::of(is_it.into())])
            }
            Claim::Share(key, percent) => outcome.share(world, key, *percent, assumed),
            Claim::Undecided(names) => undecided(world, outcome, names, assumed),
        }
    }

    /// What is the case instead of what is asserted.
    pub(super) fn instead(&self, world: &World, outcome: &VisitOutcome, judged: &Judged) -> String {
        if let Claim::Impossible(why) = &self.claim {
            return why.clone();
        }
        if judged.truth == Truth::Yes {
            return String::new();
        }
        if let Claim::FailsFor(key, _) = &self.claim {
            let found = outcome.eligibilities.get(key);
            let failing = found.into_iter().flat_map(Eligibility::failing);
            let words: Vec<&str> = failing.map(|it| it.aspect.word()).collect();
            return match words.as_slice() {
                [] => format!("{} does not certainly fail", key.name),
                words => format!("{} fails for {}", key.name, words.join(", ")),
            };
        }
        if let Claim::SkillOf(key, _) = &self.claim
            && outcome.eligible(key).truth == Truth::Yes
        {
            let skill = world.offering(key).and_then(|it| it.skill.as_ref());
            let skill = skill.map_or_else(|| "no skill".to_owned(), short);
            return format!("{} has {skill}", key.name);
        }
        told(outcome)
    }
}

/// The set of possible offers in a phrase.
pub(super) fn told(outcome: &VisitOutcome) -> String {
    let contests: Vec<String> = outcome.contests.iter().map(told_of).collect();
    match contests.as_slice() {
        [] => "nothing is offered".to_owned(),
        contests => format!("offered: {}", contests.join("; ")),
    }
}

fn told_of(contest: &Contest) -> String {
    let maybe = contest
        .maybe
        .iter()
        .map(|key| format!("perhaps {}", key.name));
    let sure: Vec<String> = if contest.shares.len() > 1 {
        let shares = contest.shares.iter();
        shares
            .map(|(key, share)| format!("{} (about {:.0} %)", key.name, share * 100.0))
            .collect()
    } else if contest.shares.is_empty() {
        contest
            .sure
            .iter()
            .map(|key| key.name.to_string())
            .collect()
    } else {
        contest
            .shares
            .keys()
            .map(|key| key.name.to_string())
            .collect()
    };
    match contest.depends {
        Some(switch) if contest.maybe.is_empty() => {
            format!("{}, which depends on `{switch}`", sure.join(" or "))
        }
        _ => sure.into_iter().chain(maybe).collect::<Vec<_>>().join(", "),
    }
}

/// One of the listed is offered: one of them is sure, and no other can be in its place.
fn one_of(world: &World, outcome: &VisitOutcome, keys: &[Key], assumed: &Assumed) -> Judged {
    let some = Judged::any(keys.iter().map(|key| outcome.eligible(key)));
    let candidates: Vec<&Key> = outcome
        .candidates()
        .filter(|it| keys.contains(it))
        .collect();
    let mut rivals = BTreeMap::new();
    for (rival, is_certain) in candidates.iter().flat_map(|it| outcome.rivals(world, it)) {
        if !keys.contains(&rival) {
            *rivals.entry(rival).or_insert(false) |= is_certain;
        }
    }
    let none = Judged::all(rivals.iter().map(|(rival, is_certain)| {
        let out = outcome.possible(world, rival, assumed).not();
        if *is_certain || out.truth == Truth::Yes {
            return out;
        }
        let mut open = Judged::unknown(Reason::Zone);
        open.reasons.extend(out.reasons);
        open
    }));
    let listed = candidates
        .first()
        .map(|it| outcome.out_by_assumption(world, it));
    Judged::all([some, none].into_iter().chain(listed.into_iter().flatten()))
}

/// An engagement fails for these requirements and for no other.
fn fails_for(outcome: &VisitOutcome, key: &Key, aspects: &[Aspect]) -> Judged {
    let Some(found) = outcome.eligibilities.get(key) else {
        return Judged::of(Truth::No);
    };
    Judged::all(found.requirements.iter().map(|it| {
        let is_named = aspects.contains(&it.aspect);
        let same = found
            .requirements
            .iter()
            .filter(|other| other.aspect == it.aspect);
        // An aspect with several requirements fails when one of them does.
        let whole = Judged::all(same.map(|other| other.judged.clone()));
        if is_named { whole.not() } else { whole }
    }))
}

fn route(
    world: &World,
    outcome: &VisitOutcome,
    (route, expected): (Route, &Value),
    assumed: &Assumed,
) -> Judged {
    let is_it = |key: &Key| {
        let found = world.offering(key).and_then(|it| route.of(it));
        found.is_some_and(|found| same(&found, expected))
    };
    let some = Judged::any(outcome.candidates().map(|key| outcome.eligible(key)));
    let others = outcome.candidates().filter(|key| !is_it(key));
    let no_other = Judged::all(others.map(|key| outcome.possible(world, key, assumed).not()));
    Judged::all([some, no_other])
}

/// Whether two references mean the same: a live name is the same with and without `live`.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    let plain = |value: &Value| value.get("live").cloned().unwrap_or_else(|| value.clone());
    plain(one) == plain(other)
}

/// The outcome cannot be decided, and these would decide it.
fn undecided(world: &World, outcome: &VisitOutcome, names: &[String], assumed: &Assumed) -> Judged {
    let open = outcome.open(world, assumed);
    let has = |name: &String| open.iter().any(|reason| reason.name() == name);
    Judged::of((!open.is_empty() && names.iter().all(has)).into())
}

/// The names that `undecided` takes.
pub(super) fn is_reason(name: &str) -> bool {
    use crate::kinds::offering::Fact;
    let facts = Fact::ALL.iter().map(|fact| fact.name());
    let switches = SWITCHES.iter().map(|switch| switch.word());
    let others = ["means", "platform", "zone", "visits"];
    facts
        .chain(switches)
        .chain(others)
        .any(|known| known == name)
}
