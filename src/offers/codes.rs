//! The codes of tests that do not pass.

use crate::diag::{Code, Severity};

/// All of them.
pub const CODES: &[&Code] = &[&SCENARIO_FAILED, &SCENARIO_UNDECIDED];

/// A case that does not hold.
pub static SCENARIO_FAILED: Code = Code {
    name: "scenario-failed",
    severity: Severity::Error,
    title: "a case of a scenario does not hold",
    why: "`campaignctl test` decides every case of every scenario against the manifests. One that does not hold, or that \
          tests nothing, fails: either the manifests do something else than was meant, or the scenario is out of date.",
    wrong: "spec:\n  web: true\n  cases: [{ when: { sections: [ordres] }, then: { offered: order-help } }]\n",
    right: "spec:\n  web: true\n  cases: [{ when: { sections: [orders] }, then: { offered: order-help } }]\n",
};

/// A case that cannot be decided.
pub static SCENARIO_UNDECIDED: Code = Code {
    name: "scenario-undecided",
    severity: Severity::Error,
    title: "a case of a scenario cannot be decided",
    why: "A fact is missing: the visit does not say it, a condition has no `means`, or the platform's behavior is only \
          inferred. `campaignctl test` names the fact instead of guessing. With `--allow-undecided`, such cases pass.",
    wrong: "spec:\n  app: Shop iOS\n  cases: [{ when: { sections: [orders] }, then: { offered: order-help } }]\n",
    right: "spec:\n  app: Shop iOS\n  given: { agents: available, controlGroup: outside, conversation: none }\n  cases: [{ when: { sections: [orders] }, then: { offered: order-help } }]\n",
};
