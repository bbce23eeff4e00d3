//! The codes of the project file.

use crate::diag::{Code, Severity};

/// An environment that cannot be used.
pub const PROJECT_ENVIRONMENT: Code = Code {
    name: "project-environment",
    severity: Severity::Error,
    title: "an environment of the project file is not complete",
    why: "A plan for an account needs its id and one whole set of credentials, by reference: secrets must not be written in the project file.",
    wrong: "environments:\n  production: { account: \"12345678\" }",
    right: "environments:\n  production:\n    account: \"12345678\"\n    credentials:\n      username: { env: LP_USER }\n      password: { env: LP_PASSWORD }",
};

/// A wave that cannot be followed.
pub const PROJECT_WAVE: Code = Code {
    name: "project-wave",
    severity: Severity::Error,
    title: "a wave of the project file cannot be followed",
    why: "Waves say in which order a change reaches the accounts. A wave that selects nothing, because of a misspelt label, would leave its environments to the end, without the time in between.",
    wrong: "waves:\n  - select: rign=1\nenvironments:\n  sandbox: { labels: { ring: 1 } }",
    right: "waves:\n  - select: ring=1\nenvironments:\n  sandbox: { labels: { ring: 1 } }",
};

/// A rule for a code that does not exist.
pub const UNKNOWN_RULE: Code = Code {
    name: "unknown-rule",
    severity: Severity::Error,
    title: "a rule names a diagnostic that does not exist",
    why: "Rules change the severity of diagnostics by their code. A misspelt code would change nothing, without a warning.",
    wrong: "rules: { handoff-lookback-lng: warn }",
    right: "rules: { handoff-lookback-long: warn }",
};

/// A rule that lowers what cannot be lowered.
pub const FIXED_RULE: Code = Code {
    name: "fixed-rule",
    severity: Severity::Error,
    title: "a rule lowers an error that everything else rests on",
    why: "A text that cannot be read, a field that does not exist or an unknown reference leaves nothing reliable to plan with. The rules of the kinds can be lowered, and so can every warning.",
    wrong: "rules: { yaml-syntax: warn }",
    right: "rules: { ambiguous-scalar: off }",
};

/// A waiver whose day has passed.
pub const EXPIRED_WAIVER: Code = Code {
    name: "expired-waiver",
    severity: Severity::Warning,
    title: "the last day of a waiver has passed",
    why: "The rule holds again for everything that the waiver was about. Fix the problem and remove the waiver.",
    wrong: "rules:\n  handoff-lookback-long:\n    - { until: 2020-01-31, reason: the returns team wants a month }",
    right: "rules:\n  handoff-lookback-long:\n    - { until: 2099-01-31, reason: the returns team wants a month }",
};

/// The codes of the project file.
pub const CODES: &[&Code] = &[
    &PROJECT_ENVIRONMENT,
    &PROJECT_WAVE,
    &UNKNOWN_RULE,
    &FIXED_RULE,
    &EXPIRED_WAIVER,
];
