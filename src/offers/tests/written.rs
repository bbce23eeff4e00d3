//! A case that is written for a mutant passes where it was written, whatever is assumed there.

use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::desired;
use super::impact::pairs;
use super::worlds::{Draw, Specs, draws, specs};
use crate::kinds::offering::{Assumed, SWITCHES};
use crate::offers::{MutantFate, Suite, Tests, Verdict, World};

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

proptest! {
    #![proptest_config(pairs(6))]

    #[test]
    fn what_is_written_for_a_mutant_passes_with_what_is_assumed(mut draw in draws()) {
        let assumed = assumed(&mut draw);
        draw.is_decidable = draw.once_in(2);
        let specs = specs(&mut draw);
        let text = documents(&specs);
        let now = "2026-06-01T10:00:00Z".parse().unwrap();
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
        let desired = desired(all.trim_end_matches("---\n"));
        let world = World::of(&desired);
        for resource in desired.iter() {
            let Some(scenario) = (resource.key.kind.def().scenario)(&resource.spec) else { continue };
            let suite = Suite { world: &world, key: &resource.key, scenario: &scenario, now, assumed: &assumed };
            for result in suite.run() {
                prop_assert!(result.verdict() == Verdict::Passed, "{:#?}\n{}\n{:?}\n{text}", result.checks, json!(scenario), result.flaws);
            }
        }
    }
}
