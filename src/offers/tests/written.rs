//! A case that is written for a mutant passes where it was written, whatever is assumed there; one that is written of an impact
//! after the plan.

use std::fmt::Write as _;

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::desired;
use super::impact::{pairs, worlds};
use super::worlds::{Draw, Specs, draws, specs, world_of};
use crate::kinds::offering::{Assumed, SWITCHES};
use crate::offers::{MutantFate, Suite, Tests, Verdict, World, impact};
use crate::report::scenarios::scenarios_of;

fn assumed(draw: &mut Draw) -> Assumed {
    let times = draw.below(3) + 1;
    let some = SWITCHES.iter().filter_map(|switch| {
        let at = draw.below(2);
        draw.once_in(times).then_some((*switch, at))
    });
    Assumed(some.collect())
}

fn document(kind: &str, name: &str, spec: &Value) -> String {
    let object = json!({ "apiVersion": "campaignctl.dev/v1", "kind": kind, "metadata": { "name": name }, "spec": spec });
    format!("{object}\n---\n")
}

fn documents(specs: &Specs) -> String {
    let all = specs.iter();
    let all = all.map(|(key, spec)| document(key.kind.name(), key.name.as_str(), spec));
    all.collect()
}

const NOW: &str = "2026-06-01T10:00:00Z";

/// Every case of the scenarios among some manifests passes, or none does.
fn pass(text: &str, assumed: &Assumed, all: bool) -> Result<(), TestCaseError> {
    let desired = desired(text.trim_end_matches("---\n"));
    let world = World::of(&desired);
    let now = NOW.parse().unwrap();
    for resource in desired.iter() {
        let Some(scenario) = (resource.key.kind.def().scenario)(&resource.spec) else {
            continue;
        };
        let suite = Suite {
            world: &world,
            key: &resource.key,
            scenario: &scenario,
            now,
            assumed,
        };
        for result in suite.run() {
            prop_assert!(
                (result.verdict() == Verdict::Passed) == all,
                "{:#?}\n{}\n{:?}\n{text}",
                result.checks,
                json!(scenario),
                result.flaws
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(pairs(6))]

    #[test]
    fn what_is_written_for_a_mutant_passes_with_what_is_assumed(mut draw in draws()) {
        let assumed = assumed(&mut draw);
        draw.is_decidable = draw.once_in(2);
        let specs = specs(&mut draw);
        let text = documents(&specs);
        let now = NOW.parse().unwrap();
        let world = World::of(&desired(text.trim_end_matches("---\n")));
        let tests = Tests { world: &world, scenarios: &[], assumed: &assumed, now };
        let written = tests.mutants().into_iter().filter_map(|it| match it.fate {
            MutantFate::Unnoticed(scenario) => Some(*scenario),
            _ => None,
        });
        let mut all = text.clone();
        for (index, scenario) in written.enumerate() {
            let _ = write!(all, "{}", document("Scenario", &format!("s{index}"), &json!(scenario)));
        }
        pass(&all, &assumed, true)?;
    }

    /// Half of the time some engagements go: no case may name these. Before the plan no case passes.
    #[test]
    fn what_is_written_of_an_impact_passes_only_after_the_plan(mut draw in draws()) {
        let assumed = assumed(&mut draw);
        let (before, mut after) = worlds(&mut draw);
        if draw.once_in(2) {
            after.retain(|key, _| key.kind.name() != "Engagement" || !draw.once_in(3));
        }
        let now = NOW.parse().unwrap();
        let found = impact(&world_of(&before), &world_of(&after), &assumed, now);
        for row in &found.differences {
            prop_assert!(!row.alone || row.with.is_empty(), "{row:?}");
        }
        let text = documents(&after);
        let manifests = desired(text.trim_end_matches("---\n"));
        let (written, _) = scenarios_of(&found, (&assumed, now), &manifests, "impact in");
        pass(&format!("{text}{written}"), &assumed, true)?;
        pass(&format!("{}{written}", documents(&before)), &assumed, false)?;
    }
}

/// Two engagements of an app that can be offered everywhere, the second of them in a campaign of its own.
fn everywhere(campaign: &str, has_second: bool) -> String {
    let point = "EntryPoint, metadata: {name: p}, spec: {appInstallation: Shop, conditions: [{type: everywhere}]}";
    let first = "Campaign, metadata: {name: c}, spec: {state: published}";
    let second = format!("Campaign, metadata: {{name: d}}, spec: {{state: published, {campaign}}}");
    let engagement = |name: &str, campaign: &str| {
        format!(
            "Engagement, metadata: {{name: {name}}}, spec: {{campaign: {campaign}, type: app, appInstallation: Shop, entryPoints: [p], skill: Orders}}"
        )
    };
    let mut all = vec![
        point.to_owned(),
        first.to_owned(),
        second,
        engagement("a", "c"),
    ];
    all.extend(has_second.then(|| engagement("b", "d")));
    let all = all.iter();
    let all: Vec<String> = all
        .map(|it| format!("{{apiVersion: campaignctl.dev/v1, kind: {it}}}\n"))
        .collect();
    all.join("---\n")
}

/// The example says the time, or nothing at all: a test that expects nothing of a visit that reports nothing is refused.
#[test]
fn a_test_is_written_for_what_can_be_offered_everywhere_and_leaves() {
    let assumed = json!({ "undeclared": "unrestricted", "contest": "lottery" });
    let assumed = serde_json::from_value(assumed).unwrap();
    let now = NOW.parse().unwrap();
    let one = everywhere("weight: high", true);
    let ends = "weight: high, schedule: {timeZone: Europe/Paris, end: 2027-03-28T02:30:00}";
    let mut written = String::new();
    for after in [everywhere(ends, true), everywhere("weight: high", false)] {
        let manifests = desired(&after);
        let found = impact(
            &World::of(&desired(&one)),
            &World::of(&manifests),
            &assumed,
            now,
        );
        let (texts, left) = scenarios_of(&found, (&assumed, now), &manifests, "impact in");
        pass(&format!("{after}---\n{texts}"), &assumed, true).unwrap();
        pass(&format!("{one}---\n{texts}"), &assumed, false).unwrap();
        let cases = texts.split_once("cases:").map_or("", |(_, cases)| cases);
        let cases: Vec<&str> = cases.split_whitespace().collect();
        let _ = writeln!(written, "{} left: {left}", cases.join(" "));
    }
    assert_snapshot!(written, @r#"
    - name: "a: other odds" when: at: 2027-03-28T01:30:01Z[UTC] then: shares: a: 100.0 - name: "b: no longer offered" when: at: 2027-03-28T01:30:01Z[UTC] device: desktop then: notOffered: - b left: 0
    - name: "a: other odds" when: device: desktop then: shares: a: 100.0 - name: "b: no longer offered" when: device: desktop then: offered: a left: 0
    "#);
}

/// Another skill is a change that a test can notice, also where a project has a single one.
#[test]
fn another_skill_is_tried_where_there_is_but_one() {
    let text = everywhere("weight: high", false);
    let world = World::of(&desired(&text));
    let assumed = serde_json::from_value(json!({ "undeclared": "unrestricted" })).unwrap();
    let tests = Tests {
        world: &world,
        scenarios: &[],
        assumed: &assumed,
        now: NOW.parse().unwrap(),
    };
    let mut made = tests.mutants().into_iter();
    let found = made
        .find(|it| it.what == "skill Orders becomes another one")
        .unwrap();
    let MutantFate::Unnoticed(scenario) = found.fate else {
        panic!("{:?}", found.fate);
    };
    let then = json!(scenario)["cases"][0]["then"].clone();
    assert_eq!(then, json!({ "skills": { "a": "Orders" } }));
}
