//! What many visits look at is what each of them looks at, and those that are alike to something cost one look.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::worlds::{Draw, Specs, answers, draws, key, specs, visit, world_of};
use crate::kinds::offering::{Assumed, Fact, FactAnswer, Place, SWITCHES, Switch};
use crate::offers::coverage::{Coverage, CoverageGoal, SeenCount};
use crate::offers::stated::places_of;
use crate::offers::tally::VisitTally;
use crate::offers::{Truth, Visit, VisitOutcome, World};

/// Some visits that differ little, as the cases of a scenario do.
fn visits(draw: &mut Draw) -> Vec<(Visit, Assumed)> {
    let mut last = visit(draw);
    let mut all = Vec::new();
    for _ in 0..=draw.below(8) {
        let facts = answers();
        let (fact, values) = draw.of(&facts);
        match draw.below(8) {
            0 => drop(last.facts.remove(&fact)),
            1 => last.at = None,
            2 => last.place = super::worlds::place(draw),
            3 => drop(last.closed.insert(key("Engagement", "a"))),
            4 => drop(last.facts.insert(fact, draw.of(&values))),
            5 => {
                let both = [draw.of(&values), draw.of(&values)];
                let either = FactAnswer::Depends(draw.of(SWITCHES), Box::new(both));
                last.facts.insert(fact, either);
            }
            _ => {
                let sections = facts.iter().find(|(fact, _)| *fact == Fact::Sections);
                let section = draw.of(&sections.unwrap().1);
                last.facts.insert(Fact::Sections, section);
            }
        }
        let assumed = match draw.below(4) {
            0 => Assumed([(draw.of(SWITCHES), draw.below(2))].into()),
            _ => Assumed::default(),
        };
        all.push((last.clone(), assumed));
    }
    all
}

/// What each of some visits looks at, put together.
fn one_by_one(world: &World, visits: &[(Visit, Assumed)]) -> Coverage {
    let mut whole = Coverage::of(world, &[]);
    for visit in visits {
        let one = Coverage::of(world, std::slice::from_ref(visit));
        for (whole, one) in whole.items.iter_mut().zip(one.items) {
            let rank = |why: &str| match why {
                why if why.starts_with("no test visits") => 0,
                "no visit of a test shows it" => 1,
                _ => 2,
            };
            match (&mut whole.seen, one.seen) {
                (SeenCount::By(all), SeenCount::By(more)) => *all += more,
                (SeenCount::By(_), SeenCount::Missing(_)) => {}
                (all, by @ SeenCount::By(_)) => *all = by,
                // The last visit that does not decide it says why.
                (SeenCount::Missing(all), SeenCount::Missing(why)) => {
                    if rank(&why) >= rank(all) {
                        *all = why;
                    }
                }
            }
        }
    }
    whole
}

proptest! {
    #[test]
    fn alike_visits_look_at_what_each_of_them_does(mut draw in draws()) {
        let world = world_of(&specs(&mut draw));
        let visits = visits(&mut draw);
        let (all, each) = (Coverage::of(&world, &visits), one_by_one(&world, &visits));
        for (all, each) in all.items.iter().zip(&each.items) {
            prop_assert_eq!(all, each, "{:?}", visits);
        }
        prop_assert_eq!(all.items.len(), each.items.len());
    }
}

/// Leaves nothing but entry points to keep visitors of the shop out, so that many engagements compete.
fn open(specs: &mut Specs) {
    for (key, spec) in specs {
        match key.kind.name() {
            "Campaign" => {
                spec["state"] = json!("published");
                spec["priority"] = json!(if key.name.as_str() == "a" { 0.9 } else { 0.5 });
                spec["targetAudiences"] = json!([]);
                spec.as_object_mut().unwrap().remove("schedule");
            }
            // One of them asks for sections, so that who is first is another one at some.
            "EntryPoint" => {
                spec.as_object_mut().unwrap().remove("appInstallation");
                if key.name.as_str() != "a" {
                    spec["conditions"] = json!([{ "type": "everywhere" }]);
                }
            }
            "Engagement" => {
                for (field, value) in [
                    (
                        "campaign",
                        json!(if key.name.as_str() == "a" { "a" } else { "b" }),
                    ),
                    ("type", json!("app")),
                    ("appInstallation", json!("Shop")),
                    ("allowUnauthenticated", json!(true)),
                    ("availability", json!("always")),
                    ("behaviors", json!([])),
                    ("enabled", json!(true)),
                ] {
                    spec[field] = value;
                }
                spec.as_object_mut().unwrap().remove("zones");
            }
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(super::impact::pairs(64))]

    /// An engagement that another one is always ahead of is not seen to be offered: what the count sees is what the visit is offered.
    #[test]
    fn what_is_seen_to_be_offered_can_be(mut draw in draws()) {
        draw.is_decidable = true;
        let mut specs = specs(&mut draw);
        let mut visits = visits(&mut draw);
        if !draw.once_in(3) {
            open(&mut specs);
            for (visit, _) in &mut visits {
                visit.place = Place::App("Shop".to_owned());
                let usual = [(Fact::Conversation, "none"), (Fact::ControlGroup, "outside"), (Fact::Agents, "available")];
                let usual = usual.map(|(fact, word)| (fact, FactAnswer::text(word)));
                visit.facts.extend(usual);
            }
        }
        let world = world_of(&specs);
        for (_, assumed) in &mut visits {
            if draw.once_in(4) {
                continue;
            }
            *assumed = Assumed(SWITCHES.iter().map(|it| (*it, draw.below(2))).collect());
            match draw.below(3) {
                0 => drop(assumed.0.remove(&Switch::Contest)),
                _ => drop(assumed.0.insert(Switch::Contest, 1)),
            }
        }
        let found = Coverage::of(&world, &visits);
        let goals = [(CoverageGoal::Offered, Truth::Yes), (CoverageGoal::Withheld, Truth::No)];
        for item in &found.items {
            let Some((_, wanted)) = goals.iter().find(|(goal, _)| *goal == item.goal) else {
                continue;
            };
            let key = &item.spot.key;
            let places = places_of(world.reading(key).unwrap());
            let here = visits.iter().filter(|(visit, _)| places.contains(&visit.place));
            let count = here.filter(|(visit, assumed)| {
                let outcome = VisitOutcome::whole(&world, visit, assumed);
                outcome.possible(&world, key, assumed).truth == *wanted
            });
            let count = count.count();
            let seen = match item.seen {
                SeenCount::By(count) => count,
                SeenCount::Missing(_) => 0,
            };
            prop_assert_eq!(seen, count, "{} at {:?}", &item.what, visits);
        }
    }
}

/// An app with so many engagements, each at a section of its own, and a visit at each of them.
fn app(engagements: usize) -> (World, Vec<(Visit, Assumed)>) {
    let mut specs = Specs::from([(key("Campaign", "c"), json!({ "state": "published" }))]);
    let section = |at: usize, name: &str| json!({ "include": [{ "sections": [{ "name": name.replace('#', &at.to_string()) }] }], "exclude": [] });
    for at in 0..engagements {
        // Every third one asks for a part of a name.
        let name = if at.is_multiple_of(3) {
            "part-#-"
        } else {
            "\"Section-#\""
        };
        let conditions = json!([{ "type": "section", "data": section(at, name) }]);
        specs.insert(
            key("EntryPoint", &format!("p{at}")),
            json!({ "appInstallation": "Shop", "conditions": conditions }),
        );
        specs.insert(
            key("Engagement", &format!("e{at}")),
            json!({
                "campaign": "c", "type": "app", "appInstallation": "Shop", "allowUnauthenticated": true,
                "entryPoints": [format!("p{at}")], "skill": "Orders",
            }),
        );
    }
    let visit = |at: usize| {
        let name = if at.is_multiple_of(3) {
            format!("a part-{at}-")
        } else {
            format!("section-{at}")
        };
        let visit =
            Visit::new(Place::App("Shop".to_owned())).with(Fact::Sections, FactAnswer::text(name));
        (visit, Assumed::default())
    };
    (world_of(&specs), (0..engagements).map(visit).collect())
}

/// How often something is judged.
fn judged(world: &World, visits: &[(Visit, Assumed)]) -> usize {
    let mut tally = VisitTally::new(world, visits.iter().map(|(it, _)| &it.place).collect());
    for (key, reading, _) in world.offered() {
        tally.expect(key, reading);
    }
    tally.count(visits);
    tally.judged()
}

#[test]
fn an_engagement_is_judged_at_its_own_section_and_once_for_all_others() {
    for engagements in [6, 60] {
        let (world, visits) = app(engagements);
        // The same for the entry point of each.
        assert_eq!(judged(&world, &visits), 2 * 2 * engagements);
        let twice: Vec<_> = visits.iter().chain(&visits).cloned().collect();
        assert_eq!(judged(&world, &twice), 2 * 2 * engagements);
        let found = Coverage::of(&world, &twice);
        let mut seen = BTreeMap::new();
        for item in &found.items {
            let SeenCount::By(count) = item.seen else {
                continue;
            };
            *seen.entry((item.goal.word(), count)).or_insert(0) += 1;
        }
        let rest = 2 * (engagements - 1);
        let expected = [
            // Whether a name in other letters is the same is not known.
            (("true", 2), engagements / 3),
            (("false", rest), engagements),
            (("withheld", rest), engagements),
            (("deciding", rest), engagements),
        ];
        for (what, count) in expected {
            assert_eq!(seen.get(&what), Some(&count), "{what:?} of {seen:?}");
        }
    }
}
