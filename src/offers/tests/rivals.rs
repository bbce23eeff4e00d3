//! What others take part in decides as well: who competes with whom, and where.

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::shifts::{told, world as two};
use super::{desired, run_in};
use crate::kinds::offering::{Assumed, SWITCHES};
use crate::offers::{MutantFate, Tests, World};

fn world(engagements: &str) -> String {
    let mut text = "\
{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {name: a}, spec: {appInstallation: Shop, conditions: [{type: section, data: {include: [{sections: [{name: a}]}], exclude: []}}]}}
---
{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {name: a-not-b}, spec: {appInstallation: Shop, conditions: [{type: section, data: {include: [{sections: [{name: a}]}], exclude: [{sections: [{name: b}]}]}}]}}
---
{apiVersion: campaignctl.dev/v1, kind: TargetAudience, metadata: {name: everybody}, spec: {conditions: [{type: all}]}}
---
{apiVersion: campaignctl.dev/v1, kind: Behavior, metadata: {name: any}, spec: {conditions: [{type: all}]}}
---
{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: low}, spec: {state: published, targetAudiences: [everybody], priority: 0.1}}
---
{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: high}, spec: {state: published, targetAudiences: [everybody], priority: 0.9}}
"
    .to_owned();
    text.push_str(engagements);
    text
}

fn engagement(name: &str, rest: &str) -> String {
    format!(
        "---\n{{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {{name: {name}}}, spec: {{language: en-US, behaviors: [any], allowUnauthenticated: true, {rest}}}}}\n"
    )
}

const GIVEN: &str =
    "given: { agents: available, controlGroup: outside, conversation: none, signedIn: false";

/// A rival that is ahead everywhere but at another section does not keep an engagement from all visits.
#[test]
fn what_is_never_offered_asks_what_its_rivals_ask() {
    let app = "type: app, appInstallation: Shop";
    let world = world(&format!(
        "{}{}",
        engagement("k", &format!("campaign: low, {app}, entryPoints: [a]")),
        engagement(
            "r",
            &format!("campaign: high, {app}, entryPoints: [a-not-b]")
        ),
    ));
    let scenario = format!(
        "  app: Shop\n  at: 2026-12-01T12:00:00[Europe/Paris]\n  {GIVEN}, assume: {{ contest: priority, section-case: exact }} }}\n  never: [{{ offered: k }}, {{ offered: r }}]\n"
    );
    assert_snapshot!(run_in(&world, &scenario), @r"
    failed never 1
      never offered: k: not at a visit where `sections` is `a`, `b` []
    failed never 2
      never offered: r: not at a visit where `sections` is `a` []
    ");
}

/// Where a button is decides with what it competes; where that is not known, so is who is offered.
#[test]
fn rivals_of_an_unknown_zone_leave_it_open_and_an_own_element_has_none() {
    let web = "campaign: low, entryPoints: [a], window: { system: true }";
    let sticky = world(&format!(
        "{}{}",
        engagement(
            "a",
            &format!("{web}, type: stickyButton, position: {{ type: rightEdge }}")
        ),
        engagement("b", &format!("{web}, type: stickyButton")),
    ));
    let embedded = world(&format!(
        "{}{}",
        engagement("a", &format!("{web}, type: embedded")),
        engagement("b", &format!("{web}, type: embedded")),
    ));
    let visit = "when: { sections: [a] }";
    let given = format!("{GIVEN}, assume: {{ entry-point-app: ignored }} }}");
    let scenario = format!(
        "  web: true\n  at: 2026-12-01T12:00:00[Europe/Paris]\n  {given}\n  cases:\n    - {{ {visit}, then: {{ offered: a }} }}\n    - {{ {visit}, then: {{ oneOf: [a] }} }}\n    - {{ {visit}, then: {{ shares: {{ a: 100 }} }} }}\n    - {{ {visit}, then: {{ oneOf: [a, b] }} }}\n"
    );
    let told = format!(
        "{}\n{}",
        run_in(&sticky, &scenario),
        run_in(&embedded, &scenario)
    );
    assert_snapshot!(told, @r"
    undecided case 1
      offered: a: offered: a; b [zone]
    undecided case 2
      oneOf: [a]: offered: a; b [zone]
    undecided case 3
      shares: a: 100 %: offered: a; b [zone]
    passed case 4

    passed case 1
    passed case 2
    passed case 3
    passed case 4
    ");
}

#[test]
fn a_list_of_nothing_asserts_nothing() {
    let app = "campaign: low, type: app, appInstallation: Shop, entryPoints: [a]";
    let world = world(&engagement("k", app));
    let thens = [
        "oneOf: []",
        "mayBeOffered: []",
        "notOffered: []",
        "eligible: []",
        "skills: {}",
        "shares: {}",
        "undecided: []",
    ];
    let cases: Vec<String> = thens
        .iter()
        .map(|then| {
            format!("    - {{ when: {{ sections: [a] }}, then: {{ offered: k, {then} }} }}\n")
        })
        .collect();
    let scenario = format!(
        "  app: Shop\n  at: 2026-12-01T12:00:00[Europe/Paris]\n  {GIVEN} }}\n  cases:\n{}",
        cases.concat()
    );
    assert_snapshot!(run_in(&world, &scenario), @r"
    failed case 1
      `oneOf` is empty and asserts nothing
      oneOf: []: offered: k []
    failed case 2
      `mayBeOffered` is empty and asserts nothing
    failed case 3
      `notOffered` is empty and asserts nothing
    failed case 4
      `eligible` is empty and asserts nothing
    failed case 5
      `skills` is empty and asserts nothing
    failed case 6
      `shares` is empty and asserts nothing
    failed case 7
      `undecided` is empty and asserts nothing
      undecided: []: offered: k []
    ");
}

/// The weight of an engagement counts or does not: where that is open, so is what changes with it.
#[test]
fn the_weight_of_an_engagement_changes_the_odds_where_it_counts() {
    let before = two("orders");
    let heavier = before.replace("skill: Returns", "skill: Returns, weight: 0.9");
    let lighter = before.replace("weight: high", "weight: medium");
    // The campaign counts less, and its engagement as much more.
    let both =
        |own: &str| lighter.replace("skill: Returns", &format!("skill: Returns, weight: {own}"));
    let mut all = String::new();
    for after in [&heavier, &both("0.2"), &both("1.75")] {
        for weight in ["counts", "ignored", "open"] {
            let assumed = format!("contest=lottery engagement-weight={weight}");
            all += weight;
            all.push('\n');
            all += &told(&before, after, &assumed);
        }
    }
    assert_snapshot!(all, @r#"
    counts
    other odds a 13 % -> 7 % {sections:[orders]} closed []  because [] assuming ["contest", "engagement-weight"]
    other odds b engagement weight 0.5 -> engagement weight 0.9 {sections:[orders]} closed []  because [] assuming ["contest", "engagement-weight"]
    -
    ignored
    -
    open
    may change a {sections:[orders]} closed []  because ["it depends on the inferred fact `engagement-weight`"] assuming ["contest"]
    may change b {sections:[orders]} closed []  because ["it depends on the inferred fact `engagement-weight`"] assuming ["contest"]
    -
    counts
    other odds a 13 % -> 56 % {sections:[orders]} closed []  because [] assuming ["contest"]
    other odds b weight 0.7, priority 0.9, engagement weight 0.5 -> weight 0.2, priority 0.9, engagement weight 0.2 {sections:[orders]} closed []  because [] assuming ["contest"]
    -
    ignored
    other odds a 13 % -> 33 % {sections:[orders]} closed []  because [] assuming ["contest"]
    other odds b weight 0.7, priority 0.9, engagement weight 0.5 -> weight 0.2, priority 0.9, engagement weight 0.2 {sections:[orders]} closed []  because [] assuming ["contest"]
    -
    open
    other odds a {sections:[orders]} closed []  because [] assuming ["contest"]
    other odds b weight 0.7, priority 0.9, engagement weight 0.5 -> weight 0.2, priority 0.9, engagement weight 0.2 {sections:[orders]} closed []  because [] assuming ["contest"]
    -
    counts
    -
    ignored
    other odds a 13 % -> 33 % {sections:[orders]} closed []  because [] assuming ["contest", "engagement-weight"]
    other odds b weight 0.7, priority 0.9, engagement weight 0.5 -> weight 0.2, priority 0.9, engagement weight 1.75 {sections:[orders]} closed []  because [] assuming ["contest", "engagement-weight"]
    -
    open
    may change a {sections:[orders]} closed []  because ["it depends on the inferred fact `engagement-weight`"] assuming ["contest"]
    may change b {sections:[orders]} closed []  because ["it depends on the inferred fact `engagement-weight`"] assuming ["contest"]
    -
    "#);
}

/// A mutant of an engagement's own weight is noticed by the share of it, with what that rests on.
#[test]
fn another_weight_of_an_engagement_is_a_mutant_that_its_share_notices() {
    let text = two("orders").replace("skill: Returns", "skill: Returns, weight: 0.9");
    let world = World::of(&desired(text.trim_end_matches("---\n")));
    let tests = Tests {
        world: &world,
        scenarios: &[],
        assumed: &Assumed::default(),
        now: "2026-11-27T12:00:00Z".parse().unwrap(),
    };
    let mutants = tests.mutants().into_iter();
    let of_weight = mutants.filter(|it| it.what == "weight 0.9 becomes 0.1");
    let told = of_weight.map(|it| match it.fate {
        MutantFate::Unnoticed(scenario) => {
            let said = serde_json::json!(scenario);
            let case = &said["cases"][0];
            format!(
                "{} {} {}",
                it.spot.key, case["then"], said["given"]["assume"]
            )
        }
        fate => format!("{} {fate:?}", it.spot.key),
    });
    assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @r#"Engagement/b {"shares":{"b":93.0}} {"availability":"as-named","contest":"lottery","engagement-weight":"counts"}"#);
}

/// Where the priority decides, nobody is offered the one behind, so no mutant of it makes a difference, whatever it requires.
#[test]
fn a_mutant_of_what_is_always_behind_is_equivalent_where_the_priority_decides() {
    let world = World::of(&desired(two("orders").trim_end_matches("---\n")));
    let told = ["lottery", "priority"].map(|contest| {
        let mut assumed = Assumed(SWITCHES.iter().map(|it| (*it, 0)).collect());
        assumed.add("contest", contest).unwrap();
        assumed.add("closed-in-app", "again").unwrap();
        let tests = Tests {
            world: &world,
            scenarios: &[],
            assumed: &assumed,
            now: "2026-11-27T12:00:00Z".parse().unwrap(),
        };
        let mutants = tests.mutants().into_iter();
        let told = mutants.map(|it| {
            let fate = match it.fate {
                MutantFate::Unnoticed(_) => "unnoticed",
                MutantFate::Equivalent => "equivalent",
                _ => "other",
            };
            format!("{contest} {} {}: {fate}", it.spot.key, it.what)
        });
        told.collect::<Vec<_>>().join("\n")
    });
    assert_snapshot!(told.join("\n"), @r"
    lottery EntryPoint/orders `sections` is `orders` is dropped: unnoticed
    lottery EntryPoint/orders `sections` is `orders` is negated: unnoticed
    lottery EntryPoint/orders `sections` is `orders` takes any name that contains it: unnoticed
    lottery Campaign/one `state` is `published` becomes the opposite: unnoticed
    lottery Campaign/one `controlGroup` is `outside` is dropped: unnoticed
    lottery Campaign/one `controlGroup` is `outside` is negated: unnoticed
    lottery Campaign/one weight 0.1 becomes 0.7: unnoticed
    lottery Campaign/one priority 0.1 becomes 0.01: equivalent
    lottery Campaign/one priority 0.1 becomes 0.99: equivalent
    lottery Campaign/two `state` is `published` becomes the opposite: unnoticed
    lottery Campaign/two `controlGroup` is `outside` is dropped: unnoticed
    lottery Campaign/two `controlGroup` is `outside` is negated: unnoticed
    lottery Campaign/two weight 0.7 becomes 0.1: unnoticed
    lottery Campaign/two priority 0.9 becomes 0.01: equivalent
    lottery Campaign/two priority 0.9 becomes 0.99: equivalent
    lottery Engagement/a `enabled` is `true` becomes the opposite: unnoticed
    lottery Engagement/a `conversation` is `none` is dropped: unnoticed
    lottery Engagement/a `conversation` is `none` is negated: unnoticed
    lottery Engagement/a skill Orders becomes Returns: unnoticed
    lottery Engagement/b `enabled` is `true` becomes the opposite: unnoticed
    lottery Engagement/b `conversation` is `none` is dropped: unnoticed
    lottery Engagement/b `conversation` is `none` is negated: unnoticed
    lottery Engagement/b skill Returns becomes Orders: unnoticed
    priority EntryPoint/orders `sections` is `orders` is dropped: unnoticed
    priority EntryPoint/orders `sections` is `orders` is negated: unnoticed
    priority EntryPoint/orders `sections` is `orders` takes any name that contains it: unnoticed
    priority Campaign/one `state` is `published` becomes the opposite: equivalent
    priority Campaign/one `controlGroup` is `outside` is dropped: unnoticed
    priority Campaign/one `controlGroup` is `outside` is negated: unnoticed
    priority Campaign/one weight 0.1 becomes 0.7: equivalent
    priority Campaign/one priority 0.1 becomes 0.01: equivalent
    priority Campaign/one priority 0.1 becomes 0.99: unnoticed
    priority Campaign/two `state` is `published` becomes the opposite: unnoticed
    priority Campaign/two `controlGroup` is `outside` is dropped: unnoticed
    priority Campaign/two `controlGroup` is `outside` is negated: unnoticed
    priority Campaign/two weight 0.7 becomes 0.1: equivalent
    priority Campaign/two priority 0.9 becomes 0.01: unnoticed
    priority Campaign/two priority 0.9 becomes 0.99: equivalent
    priority Engagement/a `enabled` is `true` becomes the opposite: equivalent
    priority Engagement/a `conversation` is `none` is dropped: unnoticed
    priority Engagement/a `conversation` is `none` is negated: unnoticed
    priority Engagement/a skill Orders becomes Returns: equivalent
    priority Engagement/b `enabled` is `true` becomes the opposite: unnoticed
    priority Engagement/b `conversation` is `none` is dropped: unnoticed
    priority Engagement/b `conversation` is `none` is negated: unnoticed
    priority Engagement/b skill Returns becomes Orders: unnoticed
    ");
}

/// Beside an example only those are named that can be there where nothing more is reported than it says.
#[test]
fn a_rival_that_asks_for_an_attribute_is_not_beside_a_visit_without_it() {
    let club = "{type: 9, data: {x: 1}, means: {customerType: [club]}}";
    let audiences = [
        ("everybody", "{type: all}"),
        ("club", club),
        (
            "all but club",
            "{type: 9, data: {x: 1}, means: {platform: [mobile], except: {customerType: club}}}",
        ),
    ];
    let full = "{apiVersion: campaignctl.dev/v1, kind: Behavior, metadata: {name: full}, spec: {conditions: [{type: 14, data: {}, means: {cart: {items: {atLeast: 3}}}}]}}\n---\n";
    let behaviors = "behaviors: [any], availability: always, campaign: two";
    let cart =
        full.to_owned() + &two("orders").replace(behaviors, &behaviors.replace("any", "full"));
    let of_audience = |(what, audience)| (what, two("orders").replace(club, audience));
    let mut all = String::new();
    for (what, after) in audiences
        .map(of_audience)
        .into_iter()
        .chain([("a full cart", cart)])
    {
        // `b` is there before and after, `a` is new.
        let audience = if what == "a full cart" { "all" } else { "club" };
        let after = after.replace(
            "targetAudiences: [all], weight: high",
            &format!("targetAudiences: [{audience}], weight: high"),
        );
        let before = after.replace(
            "state: published, targetAudiences: [all], weight: low",
            "targetAudiences: [all], weight: low",
        );
        assert_ne!(before, after);
        let worlds = [&before, &after].map(|it| World::of(&desired(it.trim_end_matches("---\n"))));
        let assumed: Assumed = serde_json::from_value(serde_json::json!({
            "alternatives": "any", "conditions": "all", "section-case": "exact", "undeclared": "unrestricted", "contest": "lottery", "engagement-weight": "ignored",
        }))
        .unwrap();
        let now = "2026-11-27T12:00:00Z".parse().unwrap();
        let found = crate::offers::impact(&worlds[0], &worlds[1], &assumed, now);
        for row in found
            .differences
            .iter()
            .filter(|it| it.engagement.name.as_str() == "a")
        {
            let with: Vec<&str> = row.with.iter().map(|it| it.name.as_str()).collect();
            let when = serde_json::json!(row.visit.as_ref().map(|it| &it.when));
            let _ = writeln!(
                all,
                "beside {what}: {} with {with:?} alone {} {when}",
                row.shift.words(),
                row.alone
            );
        }
    }
    assert_snapshot!(all, @r#"
    beside everybody: now offered with ["b"] alone false {"sections":["orders"]}
    beside everybody: may change with [] alone false {"sections":["orders"]}
    beside club: now offered with [] alone true {"sections":["orders"]}
    beside club: may change with [] alone false {"sections":["orders"]}
    beside all but club: now offered with ["b"] alone false {"sections":["orders"]}
    beside all but club: may change with [] alone false {"sections":["orders"]}
    beside a full cart: now offered with [] alone true {"sections":["orders"]}
    beside a full cart: may change with [] alone false {"sections":["orders"]}
    "#);
}
