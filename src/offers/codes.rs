//! The codes of tests that do not pass.

use crate::diag::{Code, Severity};

/// All of them.
pub const CODES: &[&Code] = &[
    &SCENARIO_FAILED,
    &SCENARIO_UNDECIDED,
    &NEVER_OFFERED,
    &NOT_REPORTED,
    &CUSTOMER_ID,
    &COMPETING,
];

/// An engagement that no visit can be offered.
pub static NEVER_OFFERED: Code = Code {
    name: "never-offered",
    severity: Severity::Warning,
    title: "no visit can be offered an engagement",
    why: "The engagement is enabled and its campaign is published, but its conditions exclude each other: every visit \
          fails one of them, whatever is not known about the platform. Or the project assumes that the highest priority is \
          chosen, and another engagement of its app with a higher one can be offered at every visit that this one can be.",
    wrong: "spec:\n  conditions:\n    - type: section\n      data: { include: [{ sections: [{ name: '\"orders\"' }] }], exclude: [{ sections: [{ name: orders }] }] }\n",
    right: "spec:\n  conditions:\n    - type: section\n      data: { include: [{ sections: [{ name: '\"orders\"' }] }], exclude: [] }\n",
};

/// A condition on an attribute that the platform does not take of visitors who are signed in.
pub static NOT_REPORTED: Code = Code {
    name: "attribute-not-supported",
    severity: Severity::Warning,
    title: "a condition asks signed-in visitors for an attribute that is not accepted for them",
    why: "The platform does not accept cart, purchase, product view, marketing, lead, service and error attributes, store postal \
          codes and store numbers of visitors who have signed in. A condition on one of them never holds for them.",
    wrong: "spec:\n  conditions: [{ type: 13, data: {}, means: { cart: { value: { atLeast: 50 } } } }]\n",
    right: "spec:\n  conditions: [{ type: 9, data: {}, means: { customerType: club } }]\n",
};

/// The id of a customer that an app reports of a visitor who is not signed in.
pub static CUSTOMER_ID: Code = Code {
    name: "customer-id-refused",
    severity: Severity::Warning,
    title: "the `customerId` of a visitor of an app who is not signed in is asked for or reported",
    why: "The platform refuses the whole call of an app that reports `ctmrinfo.customerId` of a visitor who is not signed in, \
          so that nothing is offered. A condition on it holds for signed-in visitors only.",
    wrong: "spec:\n  app: Shop iOS\n  given: { signedIn: false }\n  cases: [{ when: { attributes: [{ type: ctmrinfo, info: { customerId: c1 } }] }, then: { offered: order-help } }]\n",
    right: "spec:\n  app: Shop iOS\n  given: { signedIn: true }\n  cases: [{ when: { attributes: [{ type: ctmrinfo, info: { customerId: c1 } }] }, then: { offered: order-help } }]\n",
};

/// An engagement that is never offered without a rival.
pub static COMPETING: Code = Code {
    name: "competing-engagements",
    severity: Severity::Warning,
    title: "another engagement can be offered at every visit that an engagement can be",
    why: "Of several engagements that can be offered in one place, one is chosen. This engagement has a rival at every visit: \
          with a lottery it is offered at some of them only, and where the highest priority decides, it is never offered beside \
          a rival with a higher one. An engagement that asks for several sections at once is compared with those of \
          each. Two that only meet where a visitor happens to be at several sections have visits of their own and are not \
          listed, and an engagement is compared with 8 others at most.",
    wrong: "spec: { campaign: care, type: app, appInstallation: Shop iOS, entryPoints: [orders] }\n---\nspec: { campaign: care, type: app, appInstallation: Shop iOS, entryPoints: [orders, returns] }\n",
    right: "spec: { campaign: care, type: app, appInstallation: Shop iOS, entryPoints: [orders] }\n---\nspec: { campaign: care, type: app, appInstallation: Shop iOS, entryPoints: [returns] }\n",
};

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
