//! Who is shown beside whom on a page: what is not known of two zones is decided nowhere.

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::desired;
use super::payloads::web;
use super::shifts::told;
use crate::kinds::offering::{Assumed, Fact, FactAnswer, Place};
use crate::offers::{Truth, Visit, VisitOutcome, World};

/// All that an engagement can say of where it is.
const FORMATS: [&str; 11] = [
    "type: overlay",
    "type: overlay, zones: [Overlay]",
    "type: overlay, zones: [Right]",
    "type: stickyButton, position: {type: rightEdge}",
    "type: stickyButton",
    "type: embedded",
    "type: embedded, zones: [Overlay]",
    "type: embedded, zones: [hero]",
    "type: overlay, zones: [{id: 5}]",
    "type: overlay, zones: [Overlay, Right]",
    "type: embedded, zones: [{id: 5}]",
];

fn outcome(text: &str) -> (World, VisitOutcome) {
    let world = World::of(&desired(text.trim_end_matches("---\n")));
    let all = "undeclared=unrestricted entry-point-app=ignored availability=as-named";
    let all = all.split(' ').filter_map(|it| it.split_once('='));
    let all: serde_json::Map<_, _> = all.map(|(fact, at)| (fact.to_owned(), at.into())).collect();
    let assumed: Assumed = serde_json::from_value(all.into()).unwrap();
    let facts = [
        (Fact::ControlGroup, "outside"),
        (Fact::Conversation, "none"),
    ];
    let from = Visit {
        at: "2026-11-27T12:00:00Z".parse().ok(),
        ..Visit::new(Place::Web)
    };
    let visit = facts.into_iter().fold(from, |visit, (fact, word)| {
        visit.with(fact, FactAnswer::text(word))
    });
    let outcome = VisitOutcome::whole(&world, &visit, &assumed);
    (world, outcome)
}

/// A visit names shares for certain exactly where it is known who competes.
#[test]
fn a_visit_decides_nothing_between_zones_that_may_be_one() {
    let mut told = String::new();
    for (index, a) in FORMATS.iter().enumerate() {
        for b in &FORMATS[index..] {
            let (world, found) = outcome(&web(a, b));
            let is_sure = |it: &crate::offers::Eligibility| it.whole.truth == Truth::Yes;
            assert!(found.eligibilities.values().all(is_sure), "{found:?}");
            let zones: Vec<_> = world.offered().map(|(.., it)| it.zone.clone()).collect();
            let is_shared = zones[0].is_shared_with(&zones[1]);
            assert_eq!(is_shared, zones[1].is_shared_with(&zones[0]), "{zones:?}");
            let together = found.contests.iter().any(|it| it.sure.len() > 1);
            assert_eq!(together, is_shared == Some(true), "{a} beside {b}");
            for contest in &found.contests {
                let is_open = is_shared.is_none();
                assert_eq!(contest.is_zone_open, is_open, "{a} beside {b}");
                assert_eq!(contest.shares.is_empty(), is_open, "{a} beside {b}");
                assert_eq!(contest.reasons().count(), usize::from(is_open));
                let beside = found.perhaps_beside(&world, contest);
                assert_eq!(beside.len(), usize::from(is_open), "{a} beside {b}");
            }
            let word = match is_shared {
                Some(true) => "one of both",
                Some(false) => continue,
                None => "not known",
            };
            let _ = writeln!(told, "{word}: {a} beside {b}");
        }
    }
    assert_snapshot!(told, @"
    one of both: type: overlay beside type: overlay
    not known: type: overlay beside type: overlay, zones: [Overlay]
    not known: type: overlay beside type: overlay, zones: [Right]
    not known: type: overlay beside type: stickyButton
    not known: type: overlay beside type: overlay, zones: [{id: 5}]
    not known: type: overlay beside type: overlay, zones: [Overlay, Right]
    one of both: type: overlay, zones: [Overlay] beside type: overlay, zones: [Overlay]
    not known: type: overlay, zones: [Overlay] beside type: stickyButton, position: {type: rightEdge}
    not known: type: overlay, zones: [Overlay] beside type: stickyButton
    not known: type: overlay, zones: [Overlay] beside type: embedded, zones: [Overlay]
    not known: type: overlay, zones: [Overlay] beside type: overlay, zones: [{id: 5}]
    not known: type: overlay, zones: [Overlay] beside type: overlay, zones: [Overlay, Right]
    not known: type: overlay, zones: [Overlay] beside type: embedded, zones: [{id: 5}]
    one of both: type: overlay, zones: [Right] beside type: overlay, zones: [Right]
    not known: type: overlay, zones: [Right] beside type: stickyButton, position: {type: rightEdge}
    not known: type: overlay, zones: [Right] beside type: stickyButton
    not known: type: overlay, zones: [Right] beside type: overlay, zones: [{id: 5}]
    not known: type: overlay, zones: [Right] beside type: overlay, zones: [Overlay, Right]
    not known: type: overlay, zones: [Right] beside type: embedded, zones: [{id: 5}]
    one of both: type: stickyButton, position: {type: rightEdge} beside type: stickyButton, position: {type: rightEdge}
    not known: type: stickyButton, position: {type: rightEdge} beside type: stickyButton
    not known: type: stickyButton, position: {type: rightEdge} beside type: overlay, zones: [{id: 5}]
    not known: type: stickyButton, position: {type: rightEdge} beside type: overlay, zones: [Overlay, Right]
    not known: type: stickyButton beside type: stickyButton
    not known: type: stickyButton beside type: overlay, zones: [{id: 5}]
    not known: type: stickyButton beside type: overlay, zones: [Overlay, Right]
    not known: type: embedded, zones: [Overlay] beside type: embedded, zones: [Overlay]
    not known: type: embedded, zones: [Overlay] beside type: embedded, zones: [{id: 5}]
    not known: type: embedded, zones: [hero] beside type: embedded, zones: [hero]
    not known: type: embedded, zones: [hero] beside type: embedded, zones: [{id: 5}]
    not known: type: overlay, zones: [{id: 5}] beside type: overlay, zones: [{id: 5}]
    not known: type: overlay, zones: [{id: 5}] beside type: overlay, zones: [Overlay, Right]
    not known: type: overlay, zones: [Overlay, Right] beside type: overlay, zones: [Overlay, Right]
    not known: type: embedded, zones: [{id: 5}] beside type: embedded, zones: [{id: 5}]
    ");
}

/// Another zone is told of each engagement that has one, also of an element of its own.
#[test]
fn another_zone_is_told_whatever_the_format() {
    let changes = [
        (FORMATS[5], FORMATS[7]),
        (FORMATS[7], FORMATS[5]),
        (FORMATS[6], FORMATS[7]),
        (FORMATS[7], FORMATS[7]),
        (
            "type: embedded, zones: [a, b]",
            "type: embedded, zones: [b, a]",
        ),
        (FORMATS[1], FORMATS[2]),
        (FORMATS[1], FORMATS[6]),
    ];
    let mut all = String::new();
    for (one, other) in changes {
        let rows = told(&web(one, ""), &web(other, ""), "");
        let _ = write!(all, "{one} -> {other}\n  {rows}");
    }
    // Who comes into the zone that another one names is told of both.
    let beside = FORMATS[7];
    let rows = told(&web(beside, FORMATS[6]), &web(beside, beside), "");
    let _ = write!(all, "beside {beside}:\n  {rows}");
    assert_snapshot!(all, @r#"
    type: embedded -> type: embedded, zones: [hero]
      other zone a an element of its own -> an element of its own (hero) {} closed []  because [] assuming ["undeclared"]
    -
    type: embedded, zones: [hero] -> type: embedded
      other zone a an element of its own (hero) -> an element of its own {} closed []  because [] assuming ["undeclared"]
    -
    type: embedded, zones: [Overlay] -> type: embedded, zones: [hero]
      other zone a an element of its own (Overlay) -> an element of its own (hero) {} closed []  because [] assuming ["undeclared"]
    -
    type: embedded, zones: [hero] -> type: embedded, zones: [hero]
      -
    type: embedded, zones: [a, b] -> type: embedded, zones: [b, a]
      -
    type: overlay, zones: [Overlay] -> type: overlay, zones: [Right]
      other zone a Overlay -> Right {} closed []  because [] assuming ["undeclared"]
    -
    type: overlay, zones: [Overlay] -> type: embedded, zones: [Overlay]
      other zone a Overlay -> an element of its own (Overlay) {} closed []  because [] assuming ["undeclared"]
    may change a {} closed []  because ["whether the field has a say in who is offered what is not known (Engagement/a/followMePages)", "whether the field has a say in who is offered what is not known (Engagement/a/subType)"] assuming []
    -
    beside type: embedded, zones: [hero]:
      may change a {} closed []  because ["whether two engagements share a zone of the page is not known"] assuming ["undeclared"]
    other zone b an element of its own (Overlay) -> an element of its own (hero) {} closed []  because [] assuming ["undeclared"]
    may change b {} closed []  because ["whether two engagements share a zone of the page is not known"] assuming ["undeclared"]
    -
    "#);
}

/// All that compete with one that moves in one world and not in the other, or may, are named.
#[test]
fn who_may_compete_otherwise_with_one_that_moves_is_told_of() {
    let zone = |text: &str, name: &str| {
        let world = World::of(&desired(text.trim_end_matches("---\n")));
        let mut all = world.offered();
        let found = all.find(|(key, ..)| key.name.as_str() == name);
        found.map(|(.., it)| it.zone.clone()).unwrap()
    };
    let mut count = 0;
    for one in FORMATS {
        for other in FORMATS {
            for beside in FORMATS.into_iter().step_by(2) {
                let [before, after] = [one, other].map(|it| web(it, beside));
                let [old, new] = [&before, &after].map(|it| zone(it, "a"));
                let rival = zone(&before, "b");
                let is_same = match [&old, &new].map(|it| it.is_shared_with(&rival)) {
                    [Some(before), Some(after)] => before == after,
                    _ => old == new,
                };
                if is_same {
                    continue;
                }
                count += 1;
                let rows = told(&before, &after, "");
                let of_rival = ["other odds b ", "may change b "];
                let is_told = of_rival.iter().any(|row| rows.contains(row));
                assert!(is_told, "{one} -> {other} beside {beside}: {rows}");
            }
        }
    }
    assert!(count > 50, "{count}");
}

/// One that leaves the zone that it shared, or comes into one, is drawn more or less often, and so is what it shared it with.
#[test]
fn another_zone_gives_other_odds() {
    let both = web(FORMATS[1], FORMATS[1]);
    let apart = web(FORMATS[1], FORMATS[2]);
    let there = told(&both, &apart, "");
    let back = told(&apart, &both, "");
    for (rows, shares) in [(there, "50 % -> 100 %"), (back, "100 % -> 50 %")] {
        for name in ["a", "b"] {
            let row = format!("other odds {name} {shares}");
            assert!(rows.contains(&row), "{row}: {rows}");
        }
    }
}
