//! Rules about every visit: against all visits of a larger universe, with alternatives, several sections at once, what
//! `unless` excuses, and what a visitor closed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::json;

use super::run_in;
use super::worlds::{Draw, draws, key, specs, visit, world_of};
use crate::kinds::Scenario;
use crate::kinds::offering::{Assumed, Datum, Fact, FactAnswer, Place, SWITCHES};
use crate::manifest::Key;
use crate::offers::outcome::VisitOutcome;
use crate::offers::{Reason, Suite, Truth, Verdict, Visit, World};

fn world(of_b: &str) -> String {
    format!(
        "\
{{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {{name: orders}}, spec: {{appInstallation: Shop, conditions: [{{type: section, data: {{include: [{{sections: [{{name: '\"orders\"'}}]}}, {{sections: [{{name: '\"checkout\"'}}]}}], exclude: []}}}}]}}}}
---
{{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {{name: help}}, spec: {{appInstallation: Shop, conditions: [{{type: section, data: {{include: [{{sections: [{{name: '\"help\"'}}]}}], exclude: []}}}}]}}}}
---
{{apiVersion: campaignctl.dev/v1, kind: TargetAudience, metadata: {{name: club}}, spec: {{conditions: [{{type: 9, data: {{}}, means: {{customerType: [club, gold]}}}}]}}}}
---
{{apiVersion: campaignctl.dev/v1, kind: TargetAudience, metadata: {{name: all}}, spec: {{conditions: [{{type: all}}]}}}}
---
{{apiVersion: campaignctl.dev/v1, kind: Behavior, metadata: {{name: any}}, spec: {{conditions: [{{type: all}}]}}}}
---
{{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {{name: one}}, spec: {{state: published, targetAudiences: [club], priority: 0.1}}}}
---
{{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {{name: two}}, spec: {{state: published, targetAudiences: [all], priority: 0.9}}}}
---
{{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {{name: a}}, spec: {{campaign: one, type: app, language: en-US, appInstallation: Shop, entryPoints: [orders], behaviors: [any], skill: Orders, allowUnauthenticated: true}}}}
---
{{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {{name: b}}, spec: {{campaign: two, type: app, language: en-US, appInstallation: Shop, entryPoints: [{of_b}], behaviors: [any], skill: Returns, allowUnauthenticated: true}}}}
---
{{apiVersion: campaignctl.dev/v1, kind: Persona, metadata: {{name: club}}, spec: {{attributes: [{{type: ctmrinfo, info: {{ctype: club}}}}]}}}}
---
{{apiVersion: campaignctl.dev/v1, kind: Persona, metadata: {{name: gold}}, spec: {{attributes: [{{type: ctmrinfo, info: {{ctype: GOLD}}}}]}}}}
"
    )
}

fn run(of_b: &str, assumed: &str, rest: &str) -> String {
    let scenario = format!(
        "  app: Shop\n  at: 2026-06-01T12:00:00[Europe/Paris]\n  given: {{ agents: available, controlGroup: outside, conversation: none, signedIn: false, assume: {{ section-case: exact, alternatives: any, {assumed} }} }}\n{rest}"
    );
    run_in(&world(of_b), &scenario)
}

/// The platform looks at each attribute of a call.
#[test]
fn a_customer_id_is_refused_wherever_it_is_in_a_call() {
    let case = |attributes: &str| {
        run(
            "help",
            "contest: lottery",
            &format!(
                "  cases:\n    - when: {{ sections: [orders], attributes: [{attributes}] }}\n      then: {{ offered: a }}\n"
            ),
        )
    };
    let (named, club) = (
        "{ type: ctmrinfo, info: { customerId: c1, ctype: club } }",
        "{ type: ctmrinfo, info: { ctype: club } }",
    );
    assert!(case(club).starts_with("passed"));
    assert!(case(&format!("{club}, {club}")).starts_with("passed"));
    assert!(case(&format!("{named}, {club}")).starts_with("failed"));
    assert!(case(&format!("{club}, {named}")).starts_with("failed"));
}

/// An engagement has one field for chats and one for messaging; most have only one of the two written.
#[test]
fn the_field_of_availability_is_that_of_the_conversations() {
    let told = |fields: &str, assumed: &str| {
        let world = world("help").replace("skill: Orders,", &format!("skill: Orders, {fields},"));
        let scenario = format!(
            "  app: Shop\n  at: 2026-06-01T12:00:00[Europe/Paris]\n  given: {{ agents: none, controlGroup: outside, conversation: none, signedIn: false, assume: {{ section-case: exact, alternatives: any, availability: as-named{assumed} }} }}\n  cases:\n    - when: {{ sections: [orders], persona: club }}\n      then: {{ offered: a }}\n"
        );
        let told = run_in(&world, &scenario);
        told.lines().next().unwrap_or_default().to_owned()
    };
    let mut rows = Vec::new();
    for talk in ["chat", "messaging"] {
        for (own, other) in [
            ("always", "always"),
            ("always", "onlineOnly"),
            ("onlineOnly", "always"),
            ("onlineOnly", "onlineOnly"),
        ] {
            let fields = format!(
                "conversationType: {talk}, availability: {own}, availabilityForMessaging: {other}"
            );
            let all = [
                "",
                ", availability-field: by-conversation",
                ", availability-field: either",
            ];
            let verdicts = all.map(|assumed| told(&fields, assumed)).join(", ");
            rows.push(format!("{talk} {own}/{other}: {verdicts}"));
        }
        for one in ["availability", "availabilityForMessaging"] {
            let verdict = told(&format!("conversationType: {talk}, {one}: always"), "");
            rows.push(format!("{talk} {one} alone: {verdict}"));
        }
    }
    assert_snapshot!(rows.join("\n"), @"
    chat always/always: passed case 1, passed case 1, passed case 1
    chat always/onlineOnly: passed case 1, passed case 1, passed case 1
    chat onlineOnly/always: undecided case 1, failed case 1, passed case 1
    chat onlineOnly/onlineOnly: failed case 1, failed case 1, failed case 1
    chat availability alone: passed case 1
    chat availabilityForMessaging alone: undecided case 1
    messaging always/always: passed case 1, passed case 1, passed case 1
    messaging always/onlineOnly: undecided case 1, failed case 1, passed case 1
    messaging onlineOnly/always: passed case 1, passed case 1, passed case 1
    messaging onlineOnly/onlineOnly: failed case 1, failed case 1, failed case 1
    messaging availability alone: passed case 1
    messaging availabilityForMessaging alone: passed case 1
    ");
}

/// What conditions do not tell from an excused visit is not excused.
#[test]
fn an_excuse_excuses_nothing_but_what_it_says() {
    assert_snapshot!(run("help", "contest: lottery", "  never:
    - { offered: a, unless: { persona: club } }
    - { offered: a, unless: { persona: gold } }
    - { offered: a, unless: { sections: [orders] } }
    - { offered: a, unless: { sections: [checkout] } }
    - { offered: b, unless: { sections: [help] } }
    - { offered: b, unless: { at: '2026-06-01T12:00:00[Europe/Paris]' } }
    - { offered: b, unless: { at: '2026-06-01T12:00:01[Europe/Paris]' } }
"), @r"
    failed never 1
      never offered: a: not at a visit where `sections` is `orders`, `ctmrinfo.ctype` is `gold` []
    failed never 2
      never offered: a: not at a visit where `sections` is `orders`, `ctmrinfo.ctype` is `club` []
    failed never 3
      never offered: a: not at a visit where `sections` is `checkout`, `ctmrinfo.ctype` is `club` []
    failed never 4
      never offered: a: not at a visit where `sections` is `orders`, `ctmrinfo.ctype` is `club` []
    passed never 5
    passed never 6
    failed never 7
      never offered: b: not at a visit where `sections` is `help` []
    ");
}

/// A visitor who closed what is ahead is offered what is behind.
#[test]
fn a_rule_is_about_visitors_who_closed_something_too() {
    let rules = "  always:
    - { if: { sections: [orders], persona: club }, then: { skill: Returns } }
    - { if: { sections: [orders], persona: club }, then: { offered: b } }
    - { if: { sections: [orders], persona: club }, then: { oneOf: [b] } }
    - { if: { sections: [orders], persona: club }, then: { oneOf: [a, b] } }
    - { if: { sections: [help] }, then: { offered: b } }
    - { if: { sections: [orders], persona: club }, then: { shares: { b: 100 } } }
  never:
    - { offered: a }
";
    let told = ["not-again", "again"].map(|closed| {
        let assumed = format!("contest: priority, closed-in-app: {closed}");
        run("orders, help", &assumed, rules)
    });
    let open = run("orders, help", "contest: priority", rules);
    assert_snapshot!(format!("{}\n{}\n{open}", told[0], told[1]), @r"
    failed always 1
      skill: Returns: not at a visit where the visitor closed `b` []
    failed always 2
      offered: b: not at a visit where the visitor closed `b` []
    failed always 3
      oneOf: [b]: not at a visit where the visitor closed `b` []
    passed always 4
    passed always 5
    passed always 6
    failed never 1
      never offered: a: not at a visit where `sections` is `orders`, `ctmrinfo.ctype` is `club`, the visitor closed `b` []

    passed always 1
    passed always 2
    passed always 3
    passed always 4
    passed always 5
    passed always 6
    passed never 1

    undecided always 1
      skill: Returns: not decided at a visit where the visitor closed `b` [closed-in-app]
    undecided always 2
      offered: b: not decided at a visit where the visitor closed `b` [closed-in-app]
    undecided always 3
      oneOf: [b]: not decided at a visit where the visitor closed `b` [closed-in-app]
    passed always 4
    passed always 5
    passed always 6
    undecided never 1
      never offered: a: not decided at a visit where `sections` is `orders`, `ctmrinfo.ctype` is `club`, the visitor closed `b` [closed-in-app]
    ");
}

/// Whether a visit is what a rule does not look at.
fn is_excused(visit: &Visit, unless: &serde_json::Value) -> bool {
    let texts = |fact: Fact| match visit.facts.get(&fact) {
        Some(FactAnswer::Known(data)) => data
            .iter()
            .filter_map(|it| match it {
                Datum::Text(text) => Some(text.clone()),
                _ => None,
            })
            .collect::<BTreeSet<String>>(),
        _ => BTreeSet::new(),
    };
    let sections = unless["sections"].as_array().map(|list| {
        let list = list.iter().map(|it| it.as_str().unwrap().to_owned());
        list.collect::<BTreeSet<String>>()
            .is_subset(&texts(Fact::Sections))
    });
    let customer = unless
        .pointer("/attributes/0/info/ctype")
        .map(|it| BTreeSet::from([it.as_str().unwrap().to_lowercase()]));
    let customer = customer.map(|it| {
        let own = texts(Fact::CustomerType).into_iter();
        own.map(|it| it.to_lowercase())
            .collect::<BTreeSet<String>>()
            == it
    });
    sections.unwrap_or(true) && customer.unwrap_or(true)
}

fn unless(draw: &mut Draw) -> serde_json::Value {
    let mut unless = json!({});
    let some = draw.below(3);
    if some != 1 {
        let one = draw.of(&["orders", "Orders", "help", "help/phone"]);
        unless["sections"] = json!([one]);
        if draw.once_in(4) {
            unless["sections"] = json!(["orders", "help"]);
        }
    }
    if some != 0 {
        let ctype = draw.of(&["club", "Gold", "gold"]);
        unless["attributes"] = json!([{ "type": "ctmrinfo", "info": { "ctype": ctype } }]);
    }
    unless
}

fn verdict(world: &World, rule: &serde_json::Value, assumed: &Assumed) -> Verdict {
    let spec = json!({ "app": "Shop", "never": [rule] });
    let scenario: Scenario = serde_json::from_value(spec).unwrap();
    let suite = Suite {
        world,
        key: &key("Scenario", "s"),
        scenario: &scenario,
        now: "2026-06-01T10:00:00Z".parse().unwrap(),
        assumed,
    };
    let mut results = suite.run();
    results[0].flaws.clear(); // a world need not have the sections that are excused
    results[0].verdict()
}

proptest! {
    #![proptest_config(super::impact::pairs(24))]

    /// A rule that passes is broken at no visit that is not excused; where everything is decided, one that does not is.
    #[test]
    fn a_rule_that_passes_is_broken_nowhere(mut draw in draws()) {
        draw.is_decidable = true;
        let world = world_of(&specs(&mut draw));
        let positions = SWITCHES.iter().map(|switch| (*switch, draw.below(2)));
        let assumed = Assumed(positions.collect());
        let excuses: Vec<_> = (0..3).map(|_| unless(&mut draw)).collect();
        let keys: Vec<Key> = world.offered().map(|(key, ..)| key.clone()).collect();
        let mut visits: Vec<Visit> = Vec::new();
        for key in &keys {
            visits.extend(super::impact::all_visits([&world, &world], key).unwrap_or_default());
        }
        visits.extend((0..40).map(|_| visit(&mut draw)));
        visits.retain(|it| it.place == Place::App("Shop".to_owned()));
        for key in &keys {
            let verdicts: Vec<Verdict> = excuses.iter().map(|unless| {
                verdict(&world, &json!({ "offered": key.name.as_str(), "unless": unless }), &assumed)
            }).collect();
            for whole in &visits {
                // All the others were closed, or nothing.
                let others = keys.iter().filter(|it| *it != key).cloned();
                for closed in [BTreeSet::new(), others.collect()] {
                    let whole = Visit { closed, ..whole.clone() };
                    let outcome = VisitOutcome::about(&world, &whole, &assumed, &[key]);
                    if outcome.possible(&world, key, &assumed).truth != Truth::Yes {
                        continue;
                    }
                    for (unless, verdict) in excuses.iter().zip(&verdicts) {
                        prop_assert!(*verdict != Verdict::Passed || is_excused(&whole, unless), "{key} {unless} {whole:?}");
                    }
                }
            }
        }
    }
}

/// A rule is about visitors in a control group as well, who are offered what belongs to other campaigns.
#[test]
fn a_rule_looks_at_visitors_in_the_control_group_of_one_campaign() {
    let world = |group: &str| {
        let campaign = |name: &str, more: &str| {
            format!(
                "{{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {{name: {name}}}, spec: {{state: published, targetAudiences: [{{system: true}}], {more}}}}}\n---\n"
            )
        };
        let engagement = |name: &str, campaign: &str| {
            format!(
                "{{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {{name: {name}}}, spec: {{campaign: {campaign}, type: app, appInstallation: Shop, entryPoints: [{{system: true}}], behaviors: [{{system: true}}]}}}}\n"
            )
        };
        [
            campaign("one", "priority: 0.1"),
            campaign("two", &format!("priority: 0.9, controlGroup: {group}")),
            engagement("a", "one"),
            "---\n".to_owned(),
            engagement("b", "two"),
        ]
        .concat()
    };
    let scenario = |given: &str, rest: &str| {
        format!(
            "  app: Shop\n  given: {{ agents: available, conversation: none, {given}assume: {{ contest: priority, closed-in-app: again, undeclared: unrestricted }} }}\n{rest}"
        )
    };
    let never = "  never: [{ offered: a }]\n";
    let nothing = "  cases: [{ when: { device: mobile }, then: { nothing: {} } }]\n";
    let inside = "controlGroup: inside, ";
    let all = [
        ("25%", "", never),
        ("0%", "", never),
        ("25%", "controlGroup: outside, ", never),
        ("25%", inside, nothing),
        ("0%", inside, nothing),
    ];
    let told = all.map(|(group, given, rest)| run_in(&world(group), &scenario(given, rest)));
    assert_snapshot!(told.join("\n"), @"
    undecided never 1
      never offered: a: not decided at a visit where `controlGroup` is `inside` [controlGroup]

    passed never 1

    passed never 1

    undecided case 1
      nothing: offered: perhaps a [controlGroup]

    passed case 1
    ");
}

/// A control group matters where its campaign can offer something: not in another app, on web pages, or where it is not published.
#[test]
fn a_control_group_of_another_place_decides_nothing() {
    let one = world("help").replace("priority: 0.1", "priority: 0.1, controlGroup: 25%");
    let three = |state: &str, place: &str| {
        format!(
            "{one}---
{{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {{name: three}}, spec: {{state: {state}, targetAudiences: [all], controlGroup: 10%}}}}
---
{{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {{name: c}}, spec: {{campaign: three, {place}, language: en-US, entryPoints: [help], behaviors: [any], skill: Returns}}}}
"
        )
    };
    let rule = "  app: Shop\n  given: { controlGroup: inside }\n  never:\n    - { offered: a }\n  always:\n    - { if: { sections: [orders] }, then: { notOffered: [a] } }\n";
    let (here, there) = (
        "type: app, appInstallation: Shop",
        "type: app, appInstallation: Desk",
    );
    let decided = "passed always 1\npassed never 1\n";
    assert_eq!(run_in(&one, rule), decided);
    for (state, place) in [
        ("published", there),
        ("published", "type: embedded"),
        ("unpublished", here),
    ] {
        assert_eq!(
            run_in(&three(state, place), rule),
            decided,
            "{state} {place}"
        );
    }
    let open = run_in(&three("published", here), rule);
    assert!(open.starts_with("undecided always 1"), "{open}");
    assert!(open.contains("undecided never 1"), "{open}");
}

/// An app with an engagement at each of so many sections; every third one is at the next section, too, or has no other skill.
fn sections_of(count: usize) -> String {
    let mut world = String::from(
        "{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: c}, spec: {state: published, targetAudiences: [{system: true}]}}\n",
    );
    for at in 0..count {
        let next = (at + 1) % count;
        let both = if at % 3 == 0 {
            format!(
                "{{sections: [{{name: '\"s{at}\"'}}]}}, {{sections: [{{name: '\"s{next}\"'}}]}}"
            )
        } else {
            format!("{{sections: [{{name: '\"s{at}\"'}}]}}")
        };
        let _ = write!(
            world,
            "---
{{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {{name: p{at}}}, spec: {{appInstallation: Shop, conditions: [{{type: section, data: {{include: [{both}], exclude: []}}}}]}}}}
---
{{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {{name: e{at}}}, spec: {{campaign: c, type: app, appInstallation: Shop, entryPoints: [p{at}], behaviors: [{{system: true}}], skill: {}}}}}
",
            if at == 4 { "Other" } else { "Orders" }
        );
    }
    world
}

/// However many sections a project has: a rule that fails at one of them fails, and what cannot be tried is not proven.
#[test]
fn a_rule_is_tried_at_each_section_of_many() {
    let run = |count: usize, rest: &str| {
        run_in(
            &sections_of(count),
            &format!(
                "  app: Shop\n  given: {{ agents: available, controlGroup: outside, conversation: none, signedIn: false, assume: {{ contest: lottery, section-case: exact, alternatives: any, undeclared: unrestricted }} }}\n{rest}"
            ),
        )
    };
    for count in [5, 6, 7, 8, 12, 40] {
        for rule in [
            "  always: [{ then: { notOffered: [e4] } }]\n",
            "  always: [{ then: { skill: Orders } }]\n",
            "  always: [{ then: { nothing: {} } }]\n",
            "  always: [{ if: { sections: [s4] }, then: { oneOf: [e0] } }]\n",
            "  always: [{ then: { eligible: [e4] } }]\n",
            "  never: [{ offered: e4 }]\n",
        ] {
            let told = run(count, rule);
            assert!(told.starts_with("failed"), "{count} {rule} {told}");
        }
        for rule in [
            "  always: [{ if: { sections: [s4] }, then: { notOffered: [e1] } }]\n",
            "  always: [{ if: { sections: [s1] }, then: { skill: Orders, oneOf: [e0, e1] } }]\n",
            "  never: [{ offered: e4, unless: { sections: [s4] } }]\n",
        ] {
            let told = run(count, rule);
            assert!(told.starts_with("passed"), "{count} {rule} {told}");
        }
    }
}

/// The reason why a rule is open has a remedy that a rule has.
#[test]
fn what_cannot_be_tried_is_open_with_a_remedy() {
    let behind = sections_of(12).replace("{name: c}, spec: {", "{name: c}, spec: {priority: 0.1, ");
    let behind = behind.replacen("kind: EntryPoint", "kind: Campaign, metadata: {name: first}, spec: {state: published, priority: 0.9, targetAudiences: [{system: true}]}}\n---\n{apiVersion: campaignctl.dev/v1, kind: EntryPoint", 1);
    let mut ahead = behind.clone();
    for at in 1..12 {
        ahead = ahead.replace(
            &format!("{{name: e{at}}}, spec: {{campaign: c,"),
            &format!("{{name: e{at}}}, spec: {{campaign: first,"),
        );
    }
    // e0 is at s0 and s1; at s1 e1 is ahead of it, and no engagement at s0.
    let given = "  app: Shop\n  given: { agents: available, controlGroup: outside, conversation: none, signedIn: false, assume: { contest: priority, closed-in-app: again, section-case: exact, alternatives: any, undeclared: unrestricted } }\n";
    let run = |world: &str, rest: &str| run_in(world, &format!("{given}{rest}"));
    assert_snapshot!(run(&ahead, "  always: [{ then: { notOffered: [e0] } }, { if: { sections: [s1] }, then: { notOffered: [e0] } }]\n"), @"
    failed always 1
      notOffered: e0: not at a visit where `sections` is `s0` []
    passed always 2
    ");
    let hidden = ahead.replace(
        "'\"s11\"'}]}], exclude",
        "'\"s11\"'}]}, {sections: [{name: '\"s0\"'}]}], exclude",
    );
    assert_snapshot!(run(&hidden, "  always: [{ then: { notOffered: [e0] } }, { if: { sections: [s0] }, then: { notOffered: [e0] } }]\n"), @"
    undecided always 1
      notOffered: e0: not decided at a visit where nothing else is known [sections]
    passed always 2
    ");
    assert_eq!(
        Reason::Untried(Fact::Sections).remedy(),
        "say `sections` in the `if` of an `always`, one for each value that matters"
    );
}
