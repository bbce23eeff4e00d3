//! What became of a plan, as people and programs read it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::plan::{flow, named_field, pair};
use crate::apply::{Class, Counts, LiveDifference, Outcome, StepOutcome, StepResult};
use crate::check::schema::schema_of;
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::plan::{Action, Plan, Refusal, Step, Summary, Verb};
use crate::text::safe::{self, line};

/// The format of the JSON outcome.
pub const FORMAT: &str = "campaignctl.outcome/v1";

/// What failed, what was skipped, what a person has to do, and one line of counts.
#[must_use]
pub fn render_outcome(plan: &Plan, outcome: &Outcome) -> String {
    let mut out = String::new();
    for step in &outcome.steps {
        match &step.result {
            StepResult::Failed { message, class } => {
                let _ = writeln!(out, "{}", failed(step.verb, &step.key, *class, message));
            }
            StepResult::Skipped { because } => {
                let _ = writeln!(out, "{}", skipped(step.verb, &step.key, because));
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
struct Document<'a> {
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
}

/// The outcome with the plan's summary, for programs.
#[must_use]
pub fn render_outcome_json(plan: &Plan, outcome: &Outcome) -> String {
    let document = Document {
        format: FORMAT,
        environment: &plan.environment,
        account: &plan.account,
        plan: &plan.id,
        summary: plan.summary,
        refusals: &plan.refusals,
        outcome,
    };
    safe::json(&document)
}

/// The JSON Schema of an outcome.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<Document<'_>>("What became of a campaignctl plan");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
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
pub fn failed(verb: Verb, key: &Key, class: Class, message: &str) -> String {
    let stale = if class == Class::Stale { "stale: " } else { "" };
    format!("{stale}failed {} {key}: {}", word(verb), line(message))
}

/// A step that was not tried because of another one, in a line.
#[must_use]
pub fn skipped(verb: Verb, key: &Key, because: &str) -> String {
    format!("skipped {key}, not {}: {}", done(verb), line(because))
}

/// The past of a verb.
#[must_use]
pub fn done(verb: Verb) -> &'static str {
    match verb {
        Verb::Unpublish => "unpublished",
        Verb::Create => "created",
        Verb::Update => "updated",
        Verb::Publish => "published",
        Verb::Delete => "deleted",
        Verb::Adopt => "adopted",
        Verb::Forget => "forgot",
        Verb::Record => "recorded",
        Verb::Rename => "renamed",
        Verb::Manual => "noted",
    }
}

fn word(verb: Verb) -> &'static str {
    match verb {
        Verb::Unpublish => "to unpublish",
        Verb::Create => "to create",
        Verb::Update => "to update",
        Verb::Publish => "to publish",
        Verb::Delete => "to delete",
        Verb::Adopt => "to adopt",
        Verb::Forget => "to forget",
        Verb::Record => "to record",
        Verb::Rename => "to rename",
        Verb::Manual => "to note",
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
            verb: Verb::Create,
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
