//! What a visit is advised works when it is followed.

use std::fmt::Write as _;

use insta::assert_snapshot;
use jiff::{SignedDuration, Timestamp, Zoned};
use proptest::prelude::*;

use super::shifts;
use super::worlds::{answers, draws, key, specs, visit, world_of};
use super::{WORLD, desired};
use crate::kinds::offering::{Aspect, Assumed, Datum, Fact, FactAnswer, Place, SWITCHES};
use crate::manifest::Key;
use crate::offers::judgement::Judge;
use crate::offers::{Adviser, Eligibility, Truth, Visit, VisitOutcome, World, judge};

fn schedule_at(at: Timestamp) -> Eligibility {
    let visit = Visit {
        at: Some(at),
        ..Visit::new(Place::App("Shop".to_owned()))
    };
    let found = judge(&World::of(&desired(WORLD)), &visit, &Assumed::default());
    let order = key("Engagement", "order");
    found.into_iter().find(|it| it.engagement == order).unwrap()
}

fn is_running(at: Timestamp) -> Truth {
    let found = schedule_at(at);
    let all = found.requirements.iter();
    let mut schedule = all.filter(|it| it.aspect == Aspect::Schedule);
    schedule.next().unwrap().judged.truth
}

/// The schedule starts in the hour that clocks skip, and ends in the one that they repeat.
#[test]
fn a_time_that_exists_twice_is_advised_with_its_offset() {
    let advice = |at: &str| {
        let found = schedule_at(at.parse().unwrap());
        let all: Vec<String> = found.changes().map(|it| it.change.clone()).collect();
        all.into_iter().find(|it| it.contains("2026-")).unwrap()
    };
    let time = |text: &str| text.parse::<Zoned>().unwrap().timestamp();
    let start = advice("2026-01-01T00:00:00Z");
    let start = start.strip_prefix("a visit at ").unwrap();
    let start = time(start.strip_suffix(" or later").unwrap());
    let end = advice("2026-12-01T00:00:00Z");
    let end = time(end.strip_prefix("a visit before ").unwrap());
    assert_eq!(is_running(start), Truth::Yes);
    assert_eq!(is_running(end - SignedDuration::from_secs(1)), Truth::Yes);
}

/// A text of the values of a fact.
fn datum(fact: Fact, text: &str) -> Datum {
    let all = answers();
    let (_, values) = all.iter().find(|(it, _)| *it == fact).unwrap();
    let mut known = values.iter().filter_map(|answer| match answer {
        FactAnswer::Known(data) => data.first(),
        FactAnswer::Depends(..) => None,
    });
    match known.next().unwrap() {
        Datum::Number(_) => Datum::Number(text.parse().unwrap()),
        Datum::Flag(_) => Datum::Flag(text.parse().unwrap()),
        Datum::Error(..) => Datum::Error(Some(text.to_owned()), None),
        _ => Datum::Text(text.to_owned()),
    }
}

/// What stands between ticks.
fn ticked(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The values with which a phrase is followed, one for each way to take it; none where it does not say one.
fn values(phrase: &str) -> Option<(Fact, Vec<Vec<Datum>>)> {
    let phrase = phrase.strip_prefix("a visit where ").unwrap_or(phrase);
    if let Some(code) = phrase.strip_prefix("an `error` is reported whose code is ") {
        let ways = ticked(code).map(|code| vec![datum(Fact::Errors, code)]);
        return Some((Fact::Errors, ways.collect()));
    }
    let (name, rest) = phrase.strip_prefix('`')?.split_once("` ")?;
    let fact = *Fact::ALL.iter().find(|it| it.name() == name)?;
    let rest = rest.strip_prefix("is ").unwrap_or(rest);
    let number = |text: &str| datum(fact, text);
    let ways = if rest == "not reported" {
        vec![Vec::new()]
    } else if let Some(bound) = rest.strip_prefix("at least ") {
        vec![vec![number(bound)], vec![Datum::Number(1e6)]]
    } else if let Some(bound) = rest.strip_prefix("at most ") {
        vec![vec![number(bound)], vec![Datum::Number(0.0)]]
    } else if let Some((least, most)) = rest.split_once(" to ") {
        [least, most].map(|it| vec![number(it)]).to_vec()
    } else if rest.contains(" and ") {
        vec![ticked(rest).map(|it| datum(fact, it)).collect()]
    } else {
        let one = |way: &str| {
            let text = ticked(way).next()?;
            let within = format!("zz {text} zz");
            let is_part = way.contains("contains ");
            Some(vec![datum(fact, if is_part { &within } else { text })])
        };
        rest.split(" or ").map(one).collect::<Option<Vec<_>>>()?
    };
    Some((fact, ways))
}

/// The visits that do what they are advised, one for each way to take it; none where a visit cannot do it.
fn followed(from: &Visit, engagement: &Key, changes: &[String]) -> Option<Vec<Visit>> {
    let mut visits = vec![from.clone()];
    let phrases = changes.iter().flat_map(|it| it.split(", and "));
    for phrase in phrases {
        let at = |text: &str| text.parse::<Zoned>().ok().map(|it| it.timestamp());
        let instant = phrase.strip_prefix("a visit where `at` is `");
        let since = phrase
            .strip_prefix("a visit at ")
            .and_then(|it| it.strip_suffix(" or later"));
        let before = phrase.strip_prefix("a visit before ");
        let time = match (instant, since, before) {
            (Some(text), ..) => at(text.trim_end_matches('`')),
            (_, Some(text), _) => at(text),
            (.., Some(text)) => Some(at(text)? - SignedDuration::from_secs(1)),
            _ => None,
        };
        if time.is_some() {
            for visit in &mut visits {
                visit.at = time;
            }
        } else if let Some(place) = phrase.strip_prefix("a visit in ") {
            let app = place.strip_prefix("the app ").map(str::to_owned);
            for visit in &mut visits {
                visit.place = app.clone().map_or(Place::Web, Place::App);
            }
        } else if phrase == "a new session" {
            for visit in &mut visits {
                visit.closed.remove(engagement);
            }
        } else if phrase == "a visit without `ctmrinfo.customerId`, or `signedIn: true`" {
            let nobody = (Fact::CustomerId, FactAnswer::Known(Vec::new()));
            let somebody = (Fact::SignedIn, FactAnswer::Known(vec![Datum::Flag(true)]));
            let ways = visits.iter().flat_map(|visit| {
                [&nobody, &somebody].map(|(fact, answer)| visit.clone().with(*fact, answer.clone()))
            });
            visits = ways.collect();
        } else {
            let (fact, ways) = values(phrase)?;
            let ways = visits.iter().flat_map(|visit| {
                let way =
                    |data: &Vec<Datum>| visit.clone().with(fact, FactAnswer::Known(data.clone()));
                ways.iter().map(way)
            });
            visits = ways.collect();
        }
    }
    Some(visits)
}

/// Follows the advice on each engagement that a visit is not offered: how often that could be done.
fn follow(world: &World, visit: &Visit, assumed: &Assumed) -> Result<usize, String> {
    let adviser = Adviser::new(world, visit, assumed);
    let mut count = 0;
    for found in judge(world, visit, assumed) {
        if found.whole.truth != Truth::No {
            continue;
        }
        let key = &found.engagement;
        let advice = adviser.advise(&found);
        let told = || format!("{key}: {advice:?} of {visit:?}");
        if advice.is_never {
            let all = super::impact::all_visits([world, world], key).unwrap_or_default();
            let mut all = all.iter();
            let is_offered =
                |it: &&Visit| Judge::new(world, it, assumed).whole(key).truth == Truth::Yes;
            if let Some(other) = all.find(is_offered) {
                return Err(format!("{}, but {other:?}", told()));
            }
        }
        let visits = followed(visit, key, &advice.changes).unwrap_or_default();
        if advice.changes.is_empty() {
            continue;
        }
        for other in &visits {
            let truth = Judge::new(world, other, assumed).whole(key).truth;
            let outcome = VisitOutcome::whole(world, other, assumed);
            let possible = outcome.possible(world, key, assumed).truth;
            let is_so = match (advice.then.is_empty(), advice.behind.is_empty()) {
                (false, _) => truth != Truth::No,
                (true, true) => truth == Truth::Yes && possible != Truth::No,
                (true, false) => truth == Truth::Yes && possible == Truth::No,
            };
            if !is_so {
                return Err(format!(
                    "{} is {truth:?}, {possible:?} at {other:?}",
                    told()
                ));
            }
            count += 1;
        }
    }
    Ok(count)
}

proptest! {
    #![proptest_config(super::impact::pairs(48))]

    #[test]
    fn advice_that_is_followed_does_it(mut draw in draws()) {
        draw.is_decidable = true;
        let world = world_of(&specs(&mut draw));
        let positions = SWITCHES.iter().map(|switch| (*switch, draw.below(2)));
        let assumed = Assumed(positions.collect());
        for _ in 0..4 {
            let visit = visit(&mut draw);
            let followed = follow(&world, &visit, &assumed);
            prop_assert!(followed.is_ok(), "{}", followed.unwrap_err());
        }
    }
}

proptest! {
    #![proptest_config(super::impact::pairs(48))]

    /// Where facts and switches are open, what is told to be decided after a change is.
    #[test]
    fn advice_says_what_stays_open(mut draw in draws()) {
        draw.is_decidable = true;
        let world = world_of(&specs(&mut draw));
        let positions = SWITCHES.iter().filter_map(|switch| {
            let at = draw.below(2);
            (!draw.once_in(4)).then_some((*switch, at))
        });
        let assumed = Assumed(positions.collect());
        for _ in 0..4 {
            let mut visit = visit(&mut draw);
            visit.facts.retain(|_, _| !draw.once_in(6));
            let followed = follow(&world, &visit, &assumed);
            prop_assert!(followed.is_ok(), "{}", followed.unwrap_err());
        }
    }
}

/// A web engagement `a` with one entry point and behavior, and what a visit of a section is advised.
fn advised(conditions: &str, visit: &Visit, positions: &str) -> String {
    let point = |name: &str, data: &str| {
        format!(
            "{{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {{name: {name}}}, spec: {{appInstallation: Shop, conditions: [{{type: section, data: {data}}}]}}}}\n---\n"
        )
    };
    let sections = |names: &str| {
        let each = names.split_whitespace();
        let each: Vec<String> = each.map(|it| format!("{{name: '\"{it}\"'}}")).collect();
        format!("[{{sections: [{}]}}]", each.join(", "))
    };
    let world = shifts::world("help")
        + &point(
            "sale",
            &format!("{{include: {}, exclude: []}}", sections("sale")),
        )
        + &point(
            "mixed",
            &format!(
                "{{include: {}, exclude: {}}}",
                sections("home sale"),
                sections("home")
            ),
        )
        + "{apiVersion: campaignctl.dev/v1, kind: Behavior, metadata: {name: cart}, spec: {conditions: [{type: 4, data: {}, means: {cart: {value: {atLeast: 100}}}}, {type: 4, data: {}, means: {cart: {value: {atMost: 50}}}}]}}\n---\n"
        + "{apiVersion: campaignctl.dev/v1, kind: Behavior, metadata: {name: rich}, spec: {conditions: [{type: 4, data: {}, means: {cart: {value: {atLeast: 100}, items: {atLeast: 2}}}}]}}\n---\n"
        + "{apiVersion: campaignctl.dev/v1, kind: Behavior, metadata: {name: erring}, spec: {conditions: [{type: 13, data: {}, means: {visitorError: {code: declined}}}, {type: 13, data: {}, means: {visitorError: {message: {is: 'no'}}}}]}}\n---\n"
        + "{apiVersion: campaignctl.dev/v1, kind: TargetAudience, metadata: {name: new}, spec: {conditions: [{type: 9, data: {}, means: {customerType: [club, gold]}}, {type: 9, data: {}, means: {except: {customerType: club}}}]}}\n---\n";
    let conditions =
        conditions
            .split(';')
            .fold(world, |world, change| match change.split_once("->") {
                Some((from, to)) => {
                    assert!(world.contains(from), "{from}");
                    world.replacen(from, to, 1)
                }
                None => world,
            });
    let world = World::of(&desired(conditions.trim_end_matches("---\n")));
    let mut assumed = Assumed(SWITCHES.iter().map(|it| (*it, 0)).collect());
    for (switch, position) in positions.split(' ').filter_map(|it| it.split_once('=')) {
        assumed.add(switch, position).unwrap();
    }
    let found = judge(&world, visit, &assumed).into_iter();
    let found =
        found.filter(|it| it.whole.truth == Truth::No && it.engagement.name.as_str() == "a");
    let adviser = Adviser::new(&world, visit, &assumed);
    let mut told = String::new();
    for found in found {
        let advice = adviser.advise(&found);
        let _ = write!(told, "{}", advice.changes.join(", and "));
        if !advice.behind.is_empty() {
            let _ = write!(told, "; behind {}", advice.behind.len());
        }
        if advice.is_never {
            told.push_str("never");
        }
    }
    told
}

#[test]
fn what_is_advised_is_enough() {
    let at = |section: &str| {
        let known = answers().into_iter().map(|(fact, _)| fact);
        let unreported = known.filter(|it| {
            !matches!(
                it,
                Fact::Pages | Fact::Device | Fact::Returning | Fact::AboutToAbandon
            )
        });
        let visit = unreported.fold(Visit::new(Place::App("Shop".to_owned())), |visit, fact| {
            visit.with(fact, FactAnswer::Known(Vec::new()))
        });
        let words = [
            (Fact::Sections, section),
            (Fact::ControlGroup, "outside"),
            (Fact::Conversation, "none"),
            (Fact::Agents, "available"),
        ];
        let visit = words.into_iter().fold(visit, |visit, (fact, word)| {
            visit.with(fact, FactAnswer::text(word))
        });
        visit.with(Fact::SignedIn, FactAnswer::Known(vec![Datum::Flag(false)]))
    };
    let audience = "targetAudiences: [all], weight: low->targetAudiences: [new], weight: low";
    let mut told = String::new();
    for (conditions, section, positions) in [
        ("", "else", ""),
        ("", "else", "contest=priority"),
        (
            "entryPoints: [help]->entryPoints: [orders]",
            "else",
            "contest=priority",
        ),
        (
            "entryPoints: [orders]->entryPoints: [orders, sale]",
            "else",
            "",
        ),
        (
            "entryPoints: [orders]->entryPoints: [orders, sale]",
            "orders",
            "alternatives=all",
        ),
        (
            "entryPoints: [orders]->entryPoints: [orders, sale]",
            "else",
            "alternatives=all",
        ),
        ("entryPoints: [orders]->entryPoints: [mixed]", "else", ""),
        ("entryPoints: [orders]->entryPoints: [mixed]", "home", ""),
        ("behaviors: [any]->behaviors: [cart]", "orders", ""),
        ("behaviors: [any]->behaviors: [rich]", "orders", ""),
        ("behaviors: [any]->behaviors: [rich]", "else", ""),
        (audience, "orders", ""),
        (audience, "else", ""),
        ("skill: Orders->skill: Orders, enabled: false", "else", ""),
        ("skill: Orders->skill: Orders, enabled: false", "orders", ""),
        (
            "skill: Orders->skill: Orders, enabled: false;entryPoints: [orders]->entryPoints: [mixed]",
            "else",
            "",
        ),
        (
            "skill: Orders->skill: Orders, enabled: false;behaviors: [any]->behaviors: [cart]",
            "orders",
            "",
        ),
        // The behavior that is nearest is one that no visit meets: of all visits, one that meets the other.
        ("behaviors: [any]->behaviors: [cart, erring]", "orders", ""),
        (
            "skill: Orders->skill: Orders, enabled: false;behaviors: [any]->behaviors: [cart, erring]",
            "orders",
            "",
        ),
        (
            "skill: Orders->skill: Orders, enabled: false;behaviors: [any]->behaviors: [cart, erring]",
            "else",
            "",
        ),
        // Its entry point belongs to web pages or to another app, where the engagement is not: nobody is offered it anywhere.
        (
            "appInstallation: Shop, conditions->conditions",
            "orders",
            "entry-point-without-app=web-only",
        ),
        (
            "appInstallation: Shop, conditions->appInstallation: Other, conditions",
            "orders",
            "",
        ),
        (
            "appInstallation: Shop, conditions->appInstallation: Other, conditions;skill: Orders->skill: Orders, enabled: false",
            "orders",
            "",
        ),
        (
            "appInstallation: Shop, conditions->appInstallation: Other, conditions;appInstallation: Shop, behaviors->appInstallation: Other, behaviors",
            "orders",
            "",
        ),
        // The visit meets an entry point of its place, which is no reason to stay there: in the other place another one is met.
        (
            "name: help}, spec: {appInstallation: Shop->name: help}, spec: {appInstallation: Other;appInstallation: Shop, behaviors->appInstallation: Other, behaviors;entryPoints: [orders]->entryPoints: [orders, help]",
            "orders",
            "",
        ),
    ] {
        let _ = writeln!(
            told,
            "{conditions} at {section} {positions}\n  {}",
            advised(conditions, &at(section), positions)
        );
    }
    assert_snapshot!(told, @r"
     at else 
      a visit where `sections` is `orders`
     at else contest=priority
      a visit where `sections` is `orders`
    entryPoints: [help]->entryPoints: [orders] at else contest=priority
      a visit where `sections` is `orders`; behind 1
    entryPoints: [orders]->entryPoints: [orders, sale] at else 
      a visit where `sections` is `orders`
    entryPoints: [orders]->entryPoints: [orders, sale] at orders alternatives=all
      a visit where `sections` is `orders` and `sale`
    entryPoints: [orders]->entryPoints: [orders, sale] at else alternatives=all
      a visit where `sections` is `orders` and `sale`
    entryPoints: [orders]->entryPoints: [mixed] at else 
      a visit where `sections` is `sale`
    entryPoints: [orders]->entryPoints: [mixed] at home 
      a visit where `sections` is `sale`
    behaviors: [any]->behaviors: [cart] at orders 
      never
    behaviors: [any]->behaviors: [rich] at orders 
      a visit where `cart.total` is at least 100
    behaviors: [any]->behaviors: [rich] at else 
      a visit where `sections` is `orders`, and a visit where `cart.total` is at least 100
    targetAudiences: [all], weight: low->targetAudiences: [new], weight: low at orders 
      a visit where `ctmrinfo.ctype` is `gold`
    targetAudiences: [all], weight: low->targetAudiences: [new], weight: low at else 
      a visit where `sections` is `orders`, and `ctmrinfo.ctype` is `gold`
    skill: Orders->skill: Orders, enabled: false at else 
      set `enabled: true`, and a visit where `sections` is `orders`
    skill: Orders->skill: Orders, enabled: false at orders 
      set `enabled: true`
    skill: Orders->skill: Orders, enabled: false;entryPoints: [orders]->entryPoints: [mixed] at else 
      set `enabled: true`, and a visit where `sections` is `sale`
    skill: Orders->skill: Orders, enabled: false;behaviors: [any]->behaviors: [cart] at orders 
      never
    behaviors: [any]->behaviors: [cart, erring] at orders 
      a visit where `error` is one with the code `declined` and one with the message `no`
    skill: Orders->skill: Orders, enabled: false;behaviors: [any]->behaviors: [cart, erring] at orders 
      set `enabled: true`, and a visit where `error` is one with the code `declined` and one with the message `no`
    skill: Orders->skill: Orders, enabled: false;behaviors: [any]->behaviors: [cart, erring] at else 
      set `enabled: true`, and a visit where `sections` is `orders`, and `error` is one with the code `declined` and one with the message `no`
    appInstallation: Shop, conditions->conditions at orders entry-point-without-app=web-only
      never
    appInstallation: Shop, conditions->appInstallation: Other, conditions at orders 
      never
    appInstallation: Shop, conditions->appInstallation: Other, conditions;skill: Orders->skill: Orders, enabled: false at orders 
      never
    appInstallation: Shop, conditions->appInstallation: Other, conditions;appInstallation: Shop, behaviors->appInstallation: Other, behaviors at orders 
      a visit in the app Other
    name: help}, spec: {appInstallation: Shop->name: help}, spec: {appInstallation: Other;appInstallation: Shop, behaviors->appInstallation: Other, behaviors;entryPoints: [orders]->entryPoints: [orders, help] at orders 
      a visit in the app Other, and a visit where `sections` is `help`
    ");
}

/// What is followed in the test above is followed at all.
#[test]
fn advice_can_be_followed() {
    let mut count = 0;
    for seed in 0..100_u32 {
        let number = |at: u32| {
            seed.wrapping_mul(2_654_435_761)
                .wrapping_add(at.wrapping_mul(40_503))
        };
        let numbers = (0..300).map(|at| number(at).to_le_bytes()[1]);
        let mut draw = super::worlds::Draw::new(numbers.collect());
        draw.is_decidable = true;
        let world = world_of(&specs(&mut draw));
        let assumed = Assumed(
            SWITCHES
                .iter()
                .map(|switch| (*switch, draw.below(2)))
                .collect(),
        );
        let visit = visit(&mut draw);
        count += follow(&world, &visit, &assumed).unwrap();
    }
    assert!(count > 25, "{count}");
}
