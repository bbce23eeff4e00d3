//! The difference of two random worlds against brute force over a larger universe of visits.
//!
//! `PROPTEST_CASES=1000 cargo test --lib offers::tests::impact` looks at more than the pairs of every run.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::worlds::{Draw, MOMENTS, Specs, answers, changed, draws, place, specs, visit, world_of};
use crate::kinds::offering::{Assumed, Fact, Place, SWITCHES, Switch};
use crate::manifest::Key;
use crate::offers::closing::is_closable;
use crate::offers::judgement::Judge;
use crate::offers::universe::Universe;
use crate::offers::{Reason, SeenDifference, Truth, Visit, World, differences};
use crate::plan::Shift;

pub(super) fn pairs(default: u32) -> Config {
    let usual = Config::default(); // reads PROPTEST_CASES
    let cases = if usual.cases == 256 {
        default
    } else {
        usual.cases
    };
    Config { cases, ..usual }
}

fn truth(world: &World, visit: &Visit, assumed: &Assumed, key: &Key) -> Truth {
    Judge::new(world, visit, assumed).whole(key).truth
}

/// Every visit of a universe that is larger than the one that is searched; nothing where it is too large to look at.
pub(super) fn all_visits(worlds: [&World; 2], key: &Key) -> Option<Vec<Visit>> {
    let mut universe = Universe::default();
    for world in worlds {
        world.asked_by(key, &mut universe);
    }
    let places = [
        Place::Web,
        Place::App("Shop".to_owned()),
        Place::App("Other".to_owned()),
    ];
    let mut visits: Vec<Visit> = places.into_iter().map(Visit::new).collect();
    let times = if universe.moments().is_some_and(|it| !it.is_empty()) {
        &MOMENTS[..]
    } else {
        &MOMENTS[..1]
    };
    let more = |visits: Vec<Visit>, count: usize, make: &dyn Fn(&Visit, usize) -> Visit| {
        let all = visits
            .iter()
            .flat_map(|visit| (0..count).map(|at| make(visit, at)));
        all.collect::<Vec<Visit>>()
    };
    visits = more(visits, times.len(), &|visit, at| Visit {
        at: times[at].parse().ok(),
        ..visit.clone()
    });
    for (fact, values) in answers() {
        let matters = !universe.questions(fact).is_empty() || fact == Fact::SignedIn;
        let count = if matters { values.len() } else { 1 };
        if visits.len() * count > 1_500 {
            return None;
        }
        visits = more(visits, count, &|visit, at| {
            visit.clone().with(fact, values[at].clone())
        });
    }
    Some(visits)
}

fn turns(found: &[SeenDifference], key: &Key) -> BTreeSet<Shift> {
    found
        .iter()
        .filter(|it| it.engagement == *key)
        .map(|it| it.turn)
        .collect()
}

/// What an engagement gets of a visit among all that the world offers: its share, none where it is not drawn; nothing where
/// it is not known who takes part.
fn share(world: &World, visit: &Visit, assumed: &Assumed, key: &Key) -> Option<f64> {
    let mut all = Vec::new();
    for (rival, _, offering) in world.offered() {
        if world
            .offering(key)
            .is_none_or(|own| own.zone != offering.zone)
        {
            continue;
        }
        match truth(world, visit, assumed, rival) {
            Truth::Yes => all.push(rival),
            Truth::No => {}
            Truth::Unknown => return None,
        }
    }
    let rank = |key: &Key| world.rank(key).unwrap();
    let by_priority = visit.place != Place::Web && assumed.of(Switch::Contest) == Some(1);
    if by_priority {
        let most = all.iter().map(|key| rank(key).priority).fold(0.0, f64::max);
        all.retain(|key| rank(key).priority >= most);
    }
    let weight = |key: &Key| {
        let own = world.offering(key).and_then(|it| it.weight);
        let counts = assumed.of(Switch::EngagementWeight) == Some(1);
        rank(key).weight * if counts { own.unwrap_or(0.5) } else { 1.0 }
    };
    let sum: f64 = all.iter().map(|key| weight(key)).sum();
    Some(if all.contains(&key) {
        weight(key) / sum
    } else {
        0.0
    })
}

/// What the visitors of a visit see differently.
fn turn(
    [before, after]: [&World; 2],
    visit: &Visit,
    assumed: &Assumed,
    key: &Key,
) -> Option<Shift> {
    let shares = [before, after].map(|world| share(world, visit, assumed, key));
    match shares {
        [Some(0.0), Some(after)] if after > 0.0 => Some(Shift::NowOffered),
        [Some(before), Some(0.0)] if before > 0.0 => Some(Shift::NoLongerOffered),
        [Some(before), Some(after)] if (before - after).abs() > 1e-9 => Some(Shift::OtherOdds),
        _ => None,
    }
}

/// The same visit of visitors who closed some of the others, or nothing.
fn closings(worlds: [&World; 2], visit: &Visit, key: &Key) -> Vec<Visit> {
    let others = worlds[0].offered().map(|(key, ..)| key);
    let others: BTreeSet<&Key> = others
        .filter(|it| *it != key && is_closable(worlds, it))
        .collect();
    let mut all = vec![visit.clone()];
    for rival in others {
        let more = all.iter().map(|visit| {
            let mut visit = visit.clone();
            visit.closed.insert(rival.clone());
            visit
        });
        all = all.iter().cloned().chain(more).collect();
    }
    all
}

/// What brute force finds.
fn brute(worlds: [&World; 2], assumed: &Assumed, key: &Key) -> Option<BTreeSet<Shift>> {
    let [before, after] = worlds;
    let skill = |world: &World| world.offering(key).and_then(|it| it.skill.clone());
    let has_other_skill = skill(before) != skill(after);
    let mut found = BTreeSet::new();
    let may_be = |visit: &Visit| {
        let mut worlds = worlds.iter();
        worlds.any(|world| truth(world, visit, assumed, key) != Truth::No)
    };
    let visits = all_visits(worlds, key)?.into_iter().filter(may_be);
    for visit in &visits
        .flat_map(|visit| closings(worlds, &visit, key))
        .collect::<Vec<Visit>>()
    {
        found.extend(turn(worlds, visit, assumed, key));
        let is_kept = worlds
            .iter()
            .all(|world| share(world, visit, assumed, key).is_some_and(|it| it > 0.0));
        if is_kept && has_other_skill {
            found.insert(Shift::OtherSkill);
        }
    }
    Some(found)
}

/// Whether a difference is there at its own example, whatever else is known of the visit.
fn is_so(worlds: [&World; 2], assumed: &Assumed, told: &SeenDifference, draw: &mut Draw) -> bool {
    // Others are ahead that are not looked at, and that apps offer again.
    if told.turn == Shift::MayChange && told.reasons.contains(&Reason::TooMany) {
        return assumed.of(Switch::ClosedInApp) == Some(1);
    }
    let Some(example) = &told.example else {
        return false;
    };
    let skill = |world: &World| {
        world
            .offering(&told.engagement)
            .and_then(|it| it.skill.clone())
    };
    (0..8).all(|_| {
        let mut whole = visit(draw);
        whole.place = example.place.clone();
        whole.closed.clone_from(&example.closed);
        whole.at = example.at.or(whole.at);
        whole.facts.extend(example.facts.clone());
        let key = &told.engagement;
        // A control group is a draw of its own.
        let is_control = |it: &serde_json::Value| it.to_string().contains("control group");
        if told.values.as_ref().is_some_and(|(it, _)| is_control(it)) {
            return true;
        }
        match told.turn {
            Shift::OtherSkill => {
                let [before, after] = worlds;
                let is_kept = worlds
                    .iter()
                    .all(|world| share(world, &whole, assumed, key).is_none_or(|it| it > 0.0));
                is_kept && skill(before) != skill(after)
            }
            turn => {
                self::turn(worlds, &whole, assumed, key).is_none_or(|it| it == turn)
                    && worlds
                        .iter()
                        .all(|world| share(world, &whole, assumed, key).is_some())
            }
        }
    })
}

/// Whether the example of other odds says all that decides them: nothing of what may compete is open there.
fn says_all(worlds: [&World; 2], assumed: &Assumed, told: &SeenDifference) -> bool {
    let is_control = |it: &serde_json::Value| it.to_string().contains("control group");
    let is_own = told.values.as_ref().is_some_and(|(it, _)| is_control(it));
    let Some(example) = &told.example else {
        return false;
    };
    let found = turn(worlds, example, assumed, &told.engagement);
    told.turn != Shift::OtherOdds || is_own || found == Some(Shift::OtherOdds)
}

pub(super) fn worlds(draw: &mut Draw) -> (Specs, Specs) {
    // What an engagement weighs itself counts only in some lotteries: it changes more often than by chance.
    let weighs = draw.once_in(3).then(|| draw.of(&[0.9, 0.2]));
    let before = specs(draw);
    let mut after = changed(draw, &before);
    let mut engagements = after
        .iter_mut()
        .filter(|(key, _)| key.kind.name() == "Engagement");
    if let (Some(weight), Some((_, spec))) = (weighs, engagements.next()) {
        spec["weight"] = serde_json::json!(weight);
    }
    (before, after)
}

proptest! {
    #![proptest_config(pairs(24))]

    /// Where everything can be decided: all that brute force finds, and nothing that is not so.
    #[test]
    fn nothing_is_missed_and_nothing_made_up(mut draw in draws()) {
        draw.is_decidable = true;
        let (before, after) = worlds(&mut draw);
        let positions = SWITCHES.iter().map(|switch| (*switch, draw.below(2)));
        let assumed = Assumed(positions.collect());
        let keys: BTreeSet<Key> = before.keys().chain(after.keys()).cloned().collect();
        let specs = (before.clone(), after.clone());
        let (before, after) = (world_of(&before), world_of(&after));
        let found = differences(&before, &after, &assumed, None);
        for key in keys.iter().filter(|it| it.kind.name() == "Engagement") {
            let Some(expected) = brute([&before, &after], &assumed, key) else { continue };
            let mut told = turns(&found, key);
            told.retain(|turn| matches!(turn, Shift::NowOffered | Shift::NoLongerOffered | Shift::OtherSkill | Shift::OtherOdds | Shift::MayChange));
            let said: Vec<_> = found.iter().filter(|it| it.engagement == *key).collect();
            prop_assert!(told.is_superset(&expected), "{} misses some of {:?}: {:?}\n{:#?}", key, expected, said, specs);
            // Texts that no visit of the larger universe holds: what is told of them has to be so at its example.
            for more in said.iter().filter(|it| told.contains(&it.turn)) {
                prop_assert!(is_so([&before, &after], &assumed, more, &mut draw), "{} {:?}\n{:#?}", key, more, specs);
                prop_assert!(says_all([&before, &after], &assumed, more), "{} {:?}\n{:#?}", key, more, specs);
            }
        }
    }

    /// Where much is open: a difference at any visit, in any position of what is open, is told, if only as one that may
    /// be; and what is told for certain is so at its example, whatever else is known.
    #[test]
    fn never_silent_and_never_too_sure(mut draw in draws()) {
        let (before, after) = worlds(&mut draw);
        let (before, after) = (world_of(&before), world_of(&after));
        let found = differences(&before, &after, &Assumed::default(), None);
        for _ in 0..40 {
            let mut whole = visit(&mut draw);
            let all = before.offered().map(|(key, ..)| key);
            let all = all.filter(|it| is_closable([&before, &after], it));
            whole.closed = all.filter(|_| draw.once_in(4)).cloned().collect();
            let positions = SWITCHES.iter().map(|switch| (*switch, draw.below(2)));
            let assumed = Assumed(positions.collect());
            for (key, ..) in before.offered().chain(after.offered()) {
                let Some(turn) = turn([&before, &after], &whole, &assumed, key) else { continue };
                let told = turns(&found, key);
                prop_assert!(told.contains(&turn) || told.contains(&Shift::MayChange), "{key} {turn:?} {told:?} {whole:?}");
            }
        }
        let examples = found.iter().filter_map(|it| it.example.as_ref());
        let mut closed = examples.flat_map(|it| &it.closed);
        prop_assert!(closed.all(|it| is_closable([&before, &after], it)), "{found:?}");
        let sure = found.iter().filter(|it| matches!(it.turn, Shift::NowOffered | Shift::NoLongerOffered));
        for difference in sure {
            let example = difference.example.as_ref().unwrap();
            let mut whole = visit(&mut draw);
            whole.place = example.place.clone();
            whole.closed.clone_from(&example.closed);
            whole.at = example.at.or(whole.at);
            whole.facts.extend(example.facts.clone());
            let positions = SWITCHES.iter().map(|switch| (*switch, draw.below(2)));
            let assumed = Assumed(positions.collect());
            let key = &difference.engagement;
            // Conditions that no visit decides may be left open, in both worlds alike; so may those of rivals.
            let found = turn([&before, &after], &whole, &assumed, key);
            let is_open = [&before, &after].into_iter().any(|world| share(world, &whole, &assumed, key).is_none());
            prop_assert!(is_open || found == Some(difference.turn), "{difference:?} {found:?}");
        }
    }

    /// A world is no different from itself.
    #[test]
    fn nothing_changes_where_nothing_does(mut draw in draws()) {
        let world = world_of(&specs(&mut draw));
        let _ = place(&mut draw);
        prop_assert_eq!(differences(&world, &world.clone(), &Assumed::default(), None), Vec::new());
    }
}
