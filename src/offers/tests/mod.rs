//! Worlds and scenarios as texts, and the verdicts; and that no missing fact leads to a confident answer.

mod advice;
mod coverage;
mod fields;
mod flaws;
mod impact;
mod payloads;
mod random;
mod reported;
mod reused;
mod rivals;
mod rules;
mod shadows;
mod shifts;
mod worlds;
mod written;
mod zones;

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::*;
use crate::diag::Texts;
use crate::kinds::offering::Assumed;
use crate::resolve::Desired;
use crate::text::{Limits, Source, yaml};

/// An app with three engagements: two at orders, one of them for members, and one in the cart of an unpublished campaign.
const WORLD: &str = "\
{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {name: orders}, spec: {appInstallation: Shop, conditions: [{type: section, data: {include: [{sections: [{name: '\"orders\"'}]}], exclude: []}}]}}
---
{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {name: help}, spec: {appInstallation: Shop, conditions: [{type: section, data: {include: [{sections: [{name: help}]}], exclude: [{sections: [{name: '\"help/phone\"'}]}]}}]}}
---
{apiVersion: campaignctl.dev/v1, kind: TargetAudience, metadata: {name: everybody}, spec: {conditions: [{type: all}]}}
---
{apiVersion: campaignctl.dev/v1, kind: TargetAudience, metadata: {name: members}, spec: {conditions: [{type: 9, data: {}, means: {customerType: [club, gold]}}]}}
---
{apiVersion: campaignctl.dev/v1, kind: TargetAudience, metadata: {name: not-guests}, spec: {conditions: [{type: 9, data: {}, means: {platform: mobile, except: {customerType: guest}}}]}}
---
{apiVersion: campaignctl.dev/v1, kind: TargetAudience, metadata: {name: raw}, spec: {conditions: [{type: 8, data: {x: 1}}]}}
---
{apiVersion: campaignctl.dev/v1, kind: Behavior, metadata: {name: any}, spec: {conditions: [{type: all}]}}
---
{apiVersion: campaignctl.dev/v1, kind: Behavior, metadata: {name: failed}, spec: {conditions: [{type: 13, data: {}, means: {visitorError: {code: declined}}}]}}
---
{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: care}, spec: {state: published, targetAudiences: [everybody], weight: high, schedule: {timeZone: Europe/Paris, start: '2026-03-29T02:30:00', end: '2026-10-25T02:30:00'}}}
---
{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: club}, spec: {state: published, targetAudiences: [members], weight: low, priority: 0.9}}
---
{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: draft}, spec: {targetAudiences: [raw]}}
---
{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: phones}, spec: {state: published, targetAudiences: [not-guests]}}
---
{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: raw}, spec: {state: published, targetAudiences: [raw]}}
---
{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {name: order}, spec: {campaign: care, type: app, language: en-US, appInstallation: Shop, entryPoints: [orders], behaviors: [any], skill: Orders}}
---
{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {name: club-order}, spec: {campaign: club, type: app, language: en-US, appInstallation: Shop, entryPoints: [orders], behaviors: [any], skill: Club}}
---
{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {name: draft-order}, spec: {campaign: draft, type: app, appInstallation: Shop, entryPoints: [orders], behaviors: [any]}}
---
{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {name: phone-help}, spec: {campaign: phones, type: app, appInstallation: Shop, entryPoints: [help], behaviors: [any], skill: Help}}
---
{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {name: rescue}, spec: {campaign: phones, type: app, appInstallation: Shop, entryPoints: [orders], behaviors: [failed]}}
---
{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {name: mystery}, spec: {campaign: raw, type: app, appInstallation: Other, entryPoints: [help], behaviors: [any]}}
---
{apiVersion: campaignctl.dev/v1, kind: Persona, metadata: {name: member}, spec: {attributes: [{type: ctmrinfo, info: {ctype: Gold}}]}}
";

fn desired(text: &str) -> Desired {
    let mut texts = Texts::default();
    let file = texts.sources.push(Source {
        path: "a.yaml".to_owned(),
        text: text.to_owned(),
    });
    texts.documents = yaml::parse(file, text, &Limits::default()).0;
    let (manifests, diags) = crate::manifest::parse(&texts);
    assert!(!diags.has_errors(), "{diags:?}");
    crate::resolve::resolve(manifests).0
}

/// Runs a scenario in a world: a line for each case, and one for each check that does not hold.
fn run_in(world: &str, scenario: &str) -> String {
    let text = format!(
        "{world}---\napiVersion: campaignctl.dev/v1\nkind: Scenario\nmetadata: {{ name: s }}\nspec:\n{scenario}"
    );
    let desired = desired(&text);
    let world = World::of(&desired);
    let found = desired.iter().find_map(|it| {
        let scenario = (it.key.kind.def().scenario)(&it.spec)?;
        Some((&it.key, scenario))
    });
    let (key, scenario) = found.expect("the scenario can be read");
    let suite = Suite {
        world: &world,
        key,
        scenario: &scenario,
        now: "2026-06-01T10:00:00Z".parse().unwrap(),
        assumed: &Assumed::default(),
    };
    let mut out = String::new();
    for result in suite.run() {
        let _ = writeln!(out, "{} {}", result.verdict().word(), result.name);
        for (_, why) in &result.flaws {
            let _ = writeln!(out, "  {why}");
        }
        for check in result
            .checks
            .iter()
            .filter(|it| it.judged.truth != Truth::Yes)
        {
            let reasons: Vec<&str> = check.judged.reasons.iter().map(Reason::name).collect();
            let _ = writeln!(
                out,
                "  {}: {} [{}]",
                check.what,
                check.instead,
                reasons.join(", ")
            );
        }
    }
    out
}

const GIVEN: &str = "  app: Shop\n  given: { agents: available, controlGroup: outside, conversation: none, signedIn: false }\n";

fn run(cases: &str) -> String {
    run_in(WORLD, &format!("{GIVEN}  cases:\n{cases}"))
}

#[test]
fn several_are_a_lottery_and_never_a_winner() {
    assert_snapshot!(run("
    - when: { sections: [orders] }
      then: { offered: order, skill: Orders, language: en-US }
    - when: { persona: member, sections: [orders] }
      then: { offered: order }
    - when: { persona: member, sections: [orders] }
      then: { oneOf: [order, club-order], mayBeOffered: [club-order], eligible: [order] }
    - when: { persona: member, sections: [orders] }
      then: { skill: Club }
    - when: { persona: member, sections: [orders] }
      then: { undecided: [contest] }
"), @"
    passed case 1
    failed case 2
      offered: order: offered: club-order or order, which depends on `contest` []
    passed case 3
    undecided case 4
      skill: Club: offered: club-order or order, which depends on `contest` [contest]
    passed case 5
    ");
}

#[test]
fn what_is_only_inferred_decides_nothing_unless_it_is_assumed() {
    let case = "
    - when: { persona: member, sections: [orders] }
      then: { offered: club-order }
";
    let assuming = |assumed: &str| {
        let given = GIVEN.replace("signedIn", &format!("assume: {{ {assumed} }}, signedIn"));
        run_in(WORLD, &format!("{given}  cases:\n{case}"))
    };
    assert_snapshot!(assuming("contest: priority"), @"passed case 1");
    assert_snapshot!(assuming("contest: lottery"), @"
    failed case 1
      offered: club-order: offered: club-order (about 13 %), order (about 88 %) []
    ");
    assert_snapshot!(run("
    - when: { sections: [Orders] }
      then: { offered: order }
    - when: { sections: [help], device: mobile }
      then: { offered: phone-help }
    - when: { sections: [help/phone], device: mobile }
      then: { notOffered: [phone-help] }
    - when: { sections: [help] }
      then: { offered: phone-help }
    - when: { sections: [help], device: desktop }
      then: { nothing: { because: { phone-help: audiences } } }
"), @"
    undecided case 1
      offered: order: offered: perhaps order [section-case]
    undecided case 2
      offered: phone-help: offered: perhaps phone-help [absent-attribute]
    passed case 3
    undecided case 4
      offered: phone-help: offered: perhaps phone-help [device, absent-attribute]
    passed case 5
    ");
}

/// A campaign shows the engagements that it lists; without a list of its own, all that lie inside it.
#[test]
fn an_engagement_that_its_campaign_does_not_list_is_not_offered() {
    let case = "    - when: { persona: member, sections: [orders] }
      then: { offered: order }
";
    let listing = |list: &str| {
        let world = WORLD.replace(
            "targetAudiences: [members],",
            &format!("targetAudiences: [members], {list},"),
        );
        assert_ne!(world, WORLD);
        run_in(&world, &format!("{GIVEN}  cases:\n{case}"))
    };
    assert_snapshot!(listing("engagements: []"), @"passed case 1");
    assert_snapshot!(listing("engagements: [club-order]"), @"
    failed case 1
      offered: order: offered: club-order or order, which depends on `contest` []
    ");
}

#[test]
fn a_fact_that_is_missing_is_named() {
    assert_snapshot!(run_in(WORLD, "  app: Shop\n  cases:\n    - when: { sections: [orders] }\n      then: { offered: order }\n    - when: { sections: [help] }\n      then: { notOffered: [order] }\n"), @"
    undecided case 1
      offered: order: offered: perhaps order [agents, controlGroup, conversation]
    passed case 2
    ");
    assert_snapshot!(run_in(WORLD, "  app: Other\n  given: { agents: available, controlGroup: outside, conversation: none }\n  cases:\n    - when: { sections: [help] }\n      then: { offered: mystery }\n"), @"
    undecided case 1
      offered: mystery: offered: perhaps mystery [entry-point-app, means]
    ");
}

/// An entry point without an app is a place on the web. Only the vendor's own is for both.
#[test]
fn an_entry_point_of_the_web_is_not_known_to_hold_in_an_app() {
    let of_web = WORLD.replace("spec: {appInstallation: Shop, conditions: [{type: section, data: {include: [{sections: [{name: help}]}]", "spec: {conditions: [{type: section, data: {include: [{sections: [{name: help}]}]");
    let world = format!(
        "{of_web}---\n{{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {{name: everywhere}}, spec: {{conditions: [{{type: everywhere}}]}}}}\n---\n{{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {{name: web}}, spec: {{campaign: care, type: app, appInstallation: Shop, entryPoints: [help, everywhere], behaviors: [any]}}}}\n"
    );
    let at = "  app: Shop\n  at: 2026-06-01T12:00:00[Europe/Paris]\n";
    let told = |assumed: &str, then: &str| {
        let given = format!(
            "agents: available, controlGroup: outside, conversation: none, signedIn: true, assume: {{ alternatives: any{assumed} }}"
        );
        run_in(
            &world,
            &format!(
                "{at}  given: {{ {given} }}\n  cases:\n    - when: {{ sections: [help], attributes: [{{ type: ctmrinfo, info: {{ ctype: club }} }}] }}\n      then: {{ {then}: [web] }}\n"
            ),
        )
    };
    let open = told("", "eligible");
    assert!(
        open.starts_with("undecided") && open.contains("entry-point-without-app"),
        "{open}"
    );
    let web_only = told(", entry-point-without-app: web-only", "notOffered");
    assert!(web_only.starts_with("passed"), "{web_only}");
    let anywhere = told(", entry-point-without-app: anywhere", "eligible");
    assert!(!anywhere.contains("entry-point-without-app"), "{anywhere}");
}

#[test]
fn schedules_know_both_changes_of_the_clocks() {
    let at = |time: &str| {
        run(&format!(
            "    - when: {{ sections: [orders], at: '{time}' }}\n      then: {{ eligible: [order] }}\n"
        ))
    };
    // The start, 2:30, is skipped: 1:30 or 3:30 of the day. The end, 2:30, comes twice.
    for (time, expected) in [
        ("2026-03-29T01:29:59[Europe/Paris]", "failed"),
        ("2026-03-29T01:59:59[Europe/Paris]", "undecided"),
        ("2026-03-29T03:30:00[Europe/Paris]", "passed"),
        ("2026-10-25T02:29:59+02:00[Europe/Paris]", "passed"),
        ("2026-10-25T02:45:00+02:00[Europe/Paris]", "undecided"),
        ("2026-10-25T02:30:01+01:00[Europe/Paris]", "failed"),
    ] {
        assert!(at(time).starts_with(expected), "{time}: {}", at(time));
    }
}

#[test]
fn a_session_ends_when_it_idles_and_after_six_hours() {
    let journey = |wait: &str| {
        let given = GIVEN.replace("signedIn", "assume: { closed-in-app: not-again }, signedIn");
        let cases = format!(
            "
    - journey:
        - when: {{ sections: [orders], at: '2026-06-01T10:00:00[Europe/Paris]' }}
        - closes: [order]
        {wait}
        - when: {{ sections: [orders] }}
          then: {{ eligible: [order] }}
"
        );
        run_in(WORLD, &format!("{given}  cases:\n{cases}"))
    };
    for (wait, expected) in [
        ("", "failed"),
        ("- after: 29m 59s", "failed"),
        ("- after: 30m", "undecided"),
        ("- after: 30m 1s", "passed"),
        (
            &"- after: 20m\n        - when: { sections: [orders] }\n        ".repeat(17),
            "failed",
        ),
        (
            &"- after: 20m\n        - when: { sections: [orders] }\n        ".repeat(18),
            "undecided",
        ),
        (
            &"- after: 20m\n        - when: { sections: [orders] }\n        ".repeat(19),
            "passed",
        ),
    ] {
        assert!(
            journey(wait).starts_with(expected),
            "{wait}: {}",
            journey(wait)
        );
    }
    assert!(journey("- after: 30m").contains("[session-end]"));
    assert_snapshot!(run("
    - journey:
        - report: [{ type: error, error: { code: declined } }]
        - when: { sections: [orders], device: mobile }
          then: { eligible: [rescue] }
        - after: 31m
        - when: { sections: [orders], device: mobile }
          then: { notOffered: [rescue] }
"), @"
    undecided case 1
      eligible: rescue: offered: order, perhaps rescue [absent-attribute]
      notOffered: rescue: offered: order, perhaps rescue [absent-attribute, new-session]
    ");
}

#[test]
fn nothing_passes_because_it_tests_nothing() {
    assert_snapshot!(run("
    - when: { sections: [ordres] }
      then: { nothing: {} }
    - when: {}
      then: { nothing: {} }
    - when: { sections: [orders] }
      then: {}
    - when: { sections: [orders] }
      then: { notOffered: [gone] }
    - when: { sections: [orders], persona: nobody }
      then: { nothing: {} }
    - journey: [{ when: { sections: [orders] } }]
"), @"
    failed case 1
      no entry point mentions the section `ordres`; did you mean `orders`?
    failed case 2
      the visit says nothing
      nothing: offered: perhaps order, perhaps phone-help [sections, device, absent-attribute]
    failed case 3
      the case asserts nothing
    failed case 4
      notOffered: gone: no engagement is named `gone` []
    failed case 5
      no persona is named `nobody`
      nothing: offered: order []
    failed case 6
      no step of the journey asserts anything
    ");
    assert_snapshot!(run_in(WORLD, "  app: Shopp\n  cases: [{ when: { sections: [orders] }, then: { nothing: {} } }]\n"), @"
    failed case 1
      no engagement is shown in the app Shopp; did you mean `Shop`?
    ");
    assert_snapshot!(run_in(WORLD, "  app: Shop\n"), @"
    failed the scenario
      the scenario has no cases
    ");
}

/// So many sections that their combinations are not listed: the rule is about one of them.
#[test]
fn a_rule_about_one_engagement_is_decided_in_a_world_of_many_sections() {
    let mut world = String::from(
        "{apiVersion: campaignctl.dev/v1, kind: Behavior, metadata: {name: any}, spec: {conditions: [{type: all}]}}\n---\n\
         {apiVersion: campaignctl.dev/v1, kind: TargetAudience, metadata: {name: all}, spec: {conditions: [{type: all}]}}\n---\n\
         {apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: c}, spec: {state: published, targetAudiences: [all]}}\n",
    );
    for index in 0..12 {
        let _ = write!(
            world,
            "---\n{{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {{name: e{index}}}, spec: {{appInstallation: Shop, conditions: [{{type: section, data: {{include: [{{sections: [{{name: '\"s{index}\"'}}]}}], exclude: []}}}}]}}}}\n\
             ---\n{{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {{name: o{index}}}, spec: {{campaign: c, type: app, appInstallation: Shop, entryPoints: [e{index}], behaviors: [any]}}}}\n",
        );
    }
    let scenario = |case: &str| {
        format!(
            "  app: Shop\n  at: 2026-06-01T12:00:00[Europe/Paris]\n  given: {{ agents: available, controlGroup: outside, conversation: none, assume: {{ {case} }} }}\n  never:\n    - offered: o3\n      unless: {{ sections: [s3] }}\n    - offered: o3\n      unless: {{ sections: [s4] }}\n"
        )
    };
    assert_snapshot!(run_in(&world, &scenario("section-case: exact")), @"
    passed never 1
    failed never 2
      never offered: o3: not at a visit where `sections` is `s3` []
    ");
    assert_snapshot!(run_in(&world, &scenario("")), @"
    undecided never 1
      never offered: o3: not decided at a visit where `sections` is `S3` [section-case]
    failed never 2
      never offered: o3: not at a visit where `sections` is `s3` []
    ");
}

#[test]
fn what_holds_for_every_visit_has_a_counterexample_where_it_does_not() {
    let rules = "
  always:
    - if: { sections: [orders] }
      then: { notOffered: [phone-help] }
    - if: { sections: [help] }
      then: { notOffered: [phone-help] }
  never:
    - offered: club-order
      unless: { persona: member }
    - offered: draft-order
    - offered: mystery
";
    assert_snapshot!(run_in(WORLD, &format!("{GIVEN}{rules}")), @"
    passed always 1
    failed always 2
      notOffered: phone-help: not at a visit where `device` is `mobile`, `ctmrinfo.ctype` is `…` []
    failed never 1
      never offered: club-order: not at a visit where `sections` is `orders`, `ctmrinfo.ctype` is `club` []
    passed never 2
    passed never 3
    ");
}
