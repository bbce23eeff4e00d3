//! The codes of the project file.

use crate::diag::{Code, Severity};

/// An environment that cannot be used.
pub const PROJECT_ENVIRONMENT: Code = Code {
    name: "project-environment",
    severity: Severity::Error,
    title: "an environment of the project file is not complete",
    why: "A plan for an account needs its id and one whole set of credentials, by reference: secrets never stand in the project file.",
    wrong: "environments:\n  production: { account: \"12345678\" }",
    right: "environments:\n  production:\n    account: \"12345678\"\n    credentials:\n      clientId: { env: LP_CLIENT_ID }\n      clientSecret: { env: LP_CLIENT_SECRET }",
};

/// The codes of the project file.
pub const CODES: &[&Code] = &[&PROJECT_ENVIRONMENT];
