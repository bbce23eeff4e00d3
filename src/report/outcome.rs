//! What became of a plan, as people and programs read it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::failure::{self, FailureReport};
use super::plan::{flow, named_field, pair};
use super::reach::counted;
use super::scenarios::{PROOF, Tested, TestsDocument};
use crate::apply::{Class, Counts, LiveDifference, Outcome, StepOutcome, StepResult};
use crate::check::schema::schema_of;
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::plan::{Action, Plan, Refusal, Step, StepVerb, Summary};
use crate::text::safe::{self, line};
use crate::text::some_of;

/// The format of the JSON outcome.
pub const FORMAT: &str = "campaignctl.outcome/v1";

/// What failed, what was skipped, what a person has to do, and one line of counts.
#[must_use]
pub fn render_outcome(plan: &Plan, outcome: &Outcome) -> String {
    let mut out = String::new();
    let mut blocks = blocks(&outcome.steps);
    for (at, step) in outcome.steps.iter().enumerate() {
        match &step.result {
            StepResult::Failed { .. } | StepResult::Skipped { .. } => {
                let _ = write!(out, "{}", blocks.remove(&at).unwrap_or_default());
            }
            StepResult::Applied {
                id,
                normalized,
                twins,
                ..
            } => {
                if !twins.is_empty() {
                    let _ = writeln!(out, "{}", created_twice(&step.key, id.as_ref(), twins));
                }
                for difference in normalized {
                    let _ = writeln!(out, "{}", not_taken(&step.key, difference));
                }
            }
            StepResult::Manual | StepResult::Interrupted => {}
        }
    }
    manual_steps(plan, &mut out);
    out.push_str(&counts_line(plan, outcome));
    out
}

/// How many steps that came to nothing the same way are told one by one at most.
pub const ALIKE: usize = 3;

/// How many of them are named.
const NAMED: usize = 5;

/// What is said of the steps that came to nothing, each at the place of its step; those that say the same at the first of
/// them.
fn blocks(steps: &[StepOutcome]) -> BTreeMap<usize, String> {
    let mut alike: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, step) in steps.iter().enumerate() {
        if let Some(said) = shortfall_of(step.verb, &step.key, &step.result) {
            alike.entry(said).or_default().push(at);
        }
    }
    let mut found = BTreeMap::new();
    for places in alike.into_values() {
        if let [first, _, _, _, ..] = places[..] {
            let steps: Vec<&StepOutcome> = places.iter().map(|at| &steps[*at]).collect();
            found.insert(first, told_together(&steps));
            continue;
        }
        for at in places {
            let step = &steps[at];
            let told = match &step.result {
                StepResult::Failed { message, class } => {
                    failed(step.verb, &step.key, *class, message)
                }
                StepResult::Skipped { because } => skipped(step.verb, &step.key, because),
                _ => continue,
            };
            found.insert(at, format!("{told}\n"));
        }
    }
    found
}

/// Several steps that came to nothing the same way: their number, the way, and the first names.
fn told_together(steps: &[&StepOutcome]) -> String {
    let [first, ..] = steps else {
        return String::new();
    };
    let objects = counted(first.key.kind, steps.len());
    let told = match &first.result {
        StepResult::Failed { message, class } => {
            format!(
                "{}: {}",
                failed_to(first.verb, &objects, *class),
                line(message)
            )
        }
        StepResult::Skipped { because } => {
            let is_same = |step: &&StepOutcome| step.result == first.result;
            let whose = if steps.iter().all(is_same) {
                ""
            } else {
                "of the first, "
            };
            let verb = done(first.verb);
            format!("skipped {objects}, not {verb}: {whose}{}", line(because))
        }
        _ => return String::new(),
    };
    let names = some_of(steps.iter().map(|step| &step.key.name), NAMED);
    format!("{told}\n  {names}\n")
}

/// How a step came to nothing, the same for those that are told together; nothing for one that did not.
#[must_use]
pub fn shortfall_of(verb: StepVerb, key: &Key, result: &StepResult) -> Option<String> {
    let why = match result {
        StepResult::Failed { message, class } => format!("failed {class:?} {message}"),
        // Each may wait for another object.
        StepResult::Skipped { because } => {
            let words = because
                .split(' ')
                .map(|word| match word.trim_end_matches(',').parse() {
                    Ok(Key { kind, .. }) => kind.name(),
                    Err(_) => word,
                });
            format!("skipped {}", words.collect::<Vec<_>>().join(" "))
        }
        _ => return None,
    };
    Some(format!("{verb:?} {} {why}", key.kind))
}

/// That another run created the same object at the same time. The ledger of each knows its own.
fn created_twice(key: &Key, id: Option<&RemoteId>, twins: &[RemoteId]) -> String {
    let own = id.map_or_else(String::new, |id| format!(" beside {id}"));
    let ids: Vec<_> = twins.iter().map(RemoteId::as_str).collect();
    format!(
        "warning: {key}: the account holds another object of this name{own}: {}\n  = help: someone else created it at the same \
         time; delete one of them in the console, and give all runs on this account one ledger, in a bucket or behind HTTP: its lock \
         keeps them apart",
        line(&ids.join(", "))
    )
}

/// That the account keeps another value than the one written. The next plan finds the same difference, which nothing
/// but the manifest can end.
fn not_taken(key: &Key, kept: &LiveDifference) -> String {
    let (expected, live) = pair(&kept.expected, &kept.live);
    format!(
        "warning: {key}: the account did not take the value of `{}`: written was {}, it holds {}\n  = help: the next plan shows \
         this again; declare what the account holds, or leave the field out",
        line(&kept.pointer.path()),
        expected,
        live,
    )
}

/// What became of a plan, as a document.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OutcomeDocument<'a> {
    /// The format of the document.
    format: &'static str,
    /// The environment.
    environment: &'a str,
    /// The account.
    account: &'a str,
    /// The plan.
    plan: &'a str,
    /// The counts of the plan's summary line.
    summary: Summary,
    /// Why the plan was held back; overridden ones are among them.
    refusals: &'a [Refusal],
    #[serde(flatten)]
    outcome: &'a Outcome,
    /// With `--prove`, what `campaignctl prove --format json` writes: what the platform says to the scenarios, or why it
    /// could not be asked. Absent where the apply did not succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<ProofReport>,
}

/// What came of the proof behind an apply.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum ProofReport {
    /// What the platform says.
    Asked(Box<TestsDocument>),
    /// Why it could not be asked.
    Failed(FailureReport),
}

/// The outcome with the plan's summary, for programs; with what came of the proof behind it, where there is one.
#[must_use]
pub fn render_outcome_json(
    plan: &Plan,
    outcome: &Outcome,
    proof: Option<Result<&Tested<'_>, FailureReport>>,
) -> String {
    let proof = proof.map(|proof| match proof {
        Ok(tested) => ProofReport::Asked(Box::new(tested.into())),
        Err(failure) => ProofReport::Failed(failure),
    });
    let document = OutcomeDocument {
        format: FORMAT,
        environment: &plan.environment,
        account: &plan.account,
        plan: &plan.id,
        summary: plan.summary,
        refusals: &plan.refusals,
        outcome,
        proof,
    };
    safe::json(&document)
}

/// The JSON Schema of an outcome.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<OutcomeDocument<'_>>("What became of a campaignctl plan");
    let format = |word: &str| serde_json::json!({ "const": word, "description": "The format of the document." });
    schema["properties"]["format"] = format(FORMAT);
    schema["$defs"]["TestsDocument"]["properties"]["format"] = format(PROOF);
    schema["$defs"]["FailureReport"]["properties"]["format"] = format(failure::FORMAT);
    schema
}

/// The exact values to enter, for what no program may write.
fn manual_steps(plan: &Plan, out: &mut String) {
    for change in plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Manual)
    {
        let _ = writeln!(
            out,
            "Manual steps: {} \"{}\"",
            change.key(),
            line(&change.display_name)
        );
        for field in &change.fields {
            let _ = writeln!(
                out,
                "  [ ] {}: {}",
                line(&named_field(change, field)),
                flow(&field.after)
            );
        }
    }
}

/// One line of counts, and how an interrupted run is finished: the guards that the plan passed were overridden, and the
/// rest of it needs the same flags.
pub(super) fn counts_line(plan: &Plan, outcome: &Outcome) -> String {
    let Counts {
        applied,
        failed,
        stale: _,
        skipped,
        manual,
        interrupted: untried,
    } = &outcome.counts;
    let is_earlier =
        |step: &&StepOutcome| matches!(step.result, StepResult::Applied { earlier: true, .. });
    let earlier = match outcome.steps.iter().filter(is_earlier).count() {
        0 => String::new(),
        count => format!(" ({count} of them by the run before)"),
    };
    let mut line = format!(
        "Applied: {applied} done{earlier}, {failed} failed, {skipped} skipped, {manual} manual.\n"
    );
    if outcome.interrupted {
        let flags: BTreeSet<&str> = (plan.refusals.iter())
            .filter_map(|refusal| refusal.flag.as_deref())
            .collect();
        let flags = flags
            .iter()
            .fold(String::new(), |all, it| format!("{all} {it}"));
        let untried = match untried {
            1 => "1 step was".to_owned(),
            count => format!("{count} steps were"),
        };
        let _ = writeln!(
            line,
            "Interrupted: {untried} not tried. Run `campaignctl apply{flags}` again to finish."
        );
    }
    line
}

/// What became of a step, in a line.
#[must_use]
pub fn step_line(step: &Step, result: &StepResult) -> String {
    let key = &step.key;
    match result {
        StepResult::Applied { .. } => format!("{} {key}", done(step.verb)),
        StepResult::Failed { message, class } => failed(step.verb, key, *class, message),
        StepResult::Skipped { because } => skipped(step.verb, key, because),
        StepResult::Manual => format!("manual step: {key}"),
        StepResult::Interrupted => format!("not tried {key}"),
    }
}

/// A step that failed, in a line.
#[must_use]
pub fn failed(verb: StepVerb, key: &Key, class: Class, message: &str) -> String {
    let what = failed_to(verb, &key.to_string(), class);
    format!("{what}: {}", line(message))
}

fn failed_to(verb: StepVerb, what: &str, class: Class) -> String {
    let stale = if class == Class::Stale { "stale: " } else { "" };
    format!("{stale}failed {} {what}", word(verb))
}

/// A step that was not tried because of another one, in a line.
#[must_use]
pub fn skipped(verb: StepVerb, key: &Key, because: &str) -> String {
    format!("skipped {key}, not {}: {}", done(verb), line(because))
}

/// The past of a verb.
#[must_use]
pub fn done(verb: StepVerb) -> &'static str {
    match verb {
        StepVerb::Unpublish => "unpublished",
        StepVerb::Create => "created",
        StepVerb::Update => "updated",
        StepVerb::Publish => "published",
        StepVerb::Delete => "deleted",
        StepVerb::Adopt => "adopted",
        StepVerb::Forget => "forgot",
        StepVerb::Record => "recorded",
        StepVerb::Rename => "renamed",
        StepVerb::Manual => "noted",
    }
}

fn word(verb: StepVerb) -> &'static str {
    match verb {
        StepVerb::Unpublish => "to unpublish",
        StepVerb::Create => "to create",
        StepVerb::Update => "to update",
        StepVerb::Publish => "to publish",
        StepVerb::Delete => "to delete",
        StepVerb::Adopt => "to adopt",
        StepVerb::Forget => "to forget",
        StepVerb::Record => "to record",
        StepVerb::Rename => "to rename",
        StepVerb::Manual => "to note",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apply::StepOutcome;
    use crate::text::Pointer;

    fn plan() -> Plan {
        serde_json::from_value(serde_json::json!({
            "format": crate::plan::PLAN_FORMAT, "id": "1", "createdAt": "2026-06-01T12:00:00Z", "toolVersion": "0",
            "project": "shop", "environment": "test", "account": "10000001", "manifestDigest": "", "changes": [],
            "summary": { "create": 0, "update": 0, "replace": 0, "delete": 0, "adopt": 0, "manual": 0, "unchanged": 0 },
            "steps": [], "references": {},
        }))
        .unwrap()
    }

    /// An apply of goals that was told to stop after the first one.
    fn interrupted(untried: usize) -> Outcome {
        let step = |step: usize, result: StepResult| StepOutcome {
            step,
            key: format!("Goal/goal-{step}").parse().unwrap(),
            verb: StepVerb::Create,
            result,
        };
        let applied = StepResult::Applied {
            id: None,
            revision_before: None,
            revision_after: None,
            earlier: false,
            normalized: Vec::new(),
            twins: Vec::new(),
        };
        let rest = (1..=untried).map(|at| step(at, StepResult::Interrupted));
        Outcome {
            steps: std::iter::once(step(0, applied)).chain(rest).collect(),
            counts: Counts {
                applied: 1,
                interrupted: untried,
                ..Counts::default()
            },
            interrupted: true,
            seen: None,
        }
    }

    #[test]
    fn a_value_that_the_account_does_not_take_is_a_warning_with_what_to_do() {
        let mut outcome = interrupted(0);
        outcome.interrupted = false;
        let StepResult::Applied { normalized, .. } = &mut outcome.steps[0].result else {
            unreachable!("the first step is applied");
        };
        normalized.push(LiveDifference {
            pointer: Pointer::from("/spec/indicator/url"),
            expected: Value::Null,
            live: "/x".into(),
        });
        insta::assert_snapshot!(render_outcome(&plan(), &outcome), @r"
        warning: Goal/goal-0: the account did not take the value of `indicator.url`: written was (none), it holds /x
          = help: the next plan shows this again; declare what the account holds, or leave the field out
        Applied: 1 done, 0 failed, 0 skipped, 0 manual.
        ");
    }

    /// Failures that say the same are one message; a few of them, or others, stand alone.
    #[test]
    fn failures_that_are_alike_are_told_once() {
        let failure = |message: &str| StepResult::Failed {
            message: message.to_owned(),
            class: Class::BudgetSpent,
        };
        let skipped = |at: usize| StepResult::Skipped {
            because: format!("it needs Goal/goal-{at}, which failed"),
        };
        let mut outcome = interrupted(14);
        outcome.interrupted = false;
        for (at, step) in outcome.steps.iter_mut().enumerate().skip(1) {
            step.result = match at {
                1 => failure("another reason"),
                2..=8 => failure("the service answered 503, 3 tries"),
                _ => skipped(at - 7),
            };
        }
        for step in outcome.steps.iter_mut().skip(12) {
            step.verb = StepVerb::Publish;
        }
        insta::assert_snapshot!(render_outcome(&plan(), &outcome), @r"
        failed to create Goal/goal-1: another reason
        failed to create 7 goals: the service answered 503, 3 tries
          goal-2, goal-3, goal-4, goal-5, goal-6 and 2 more
        skipped Goal/goal-9, not created: it needs Goal/goal-2, which failed
        skipped Goal/goal-10, not created: it needs Goal/goal-3, which failed
        skipped Goal/goal-11, not created: it needs Goal/goal-4, which failed
        skipped Goal/goal-12, not published: it needs Goal/goal-5, which failed
        skipped Goal/goal-13, not published: it needs Goal/goal-6, which failed
        skipped Goal/goal-14, not published: it needs Goal/goal-7, which failed
        Applied: 1 done, 0 failed, 0 skipped, 0 manual.
        ");
        for step in outcome.steps.iter_mut().skip(12) {
            step.verb = StepVerb::Create;
        }
        let told = render_outcome(&plan(), &outcome);
        let together = "skipped 6 goals, not created: of the first, it needs Goal/goal-2, which failed\n  goal-9, goal-10, goal-11, goal-12, goal-13 and 1 more\n";
        assert!(told.contains(together), "{told}");
    }

    #[test]
    fn an_interrupted_run_says_how_many_steps_are_left_and_not_which() {
        assert_eq!(
            render_outcome(&plan(), &interrupted(1)),
            "Applied: 1 done, 0 failed, 0 skipped, 0 manual.\nInterrupted: 1 step was not tried. Run `campaignctl apply` again to finish.\n"
        );
        let mut plan = plan();
        let refusal = serde_json::json!({
            "rule": "mass-update", "message": "many", "objects": [], "flag": "--allow-mass-update", "help": "",
        });
        plan.refusals = serde_json::from_value(serde_json::json!([refusal, refusal])).unwrap();
        let many = render_outcome(&plan, &interrupted(997));
        let again = "Run `campaignctl apply --allow-mass-update` again to finish.\n";
        assert!(many.ends_with(again), "{many}");
        assert!(many.contains("997 steps were not tried"), "{many}");
        assert_eq!(many.lines().count(), 2, "{many}");
    }
}
