//! The complaints of several environments: each once, and where it occurs.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Diags, Location, Severity};

/// What makes two complaints the same.
type ComplaintIdentity = (&'static str, Severity, String, String, Option<String>);

/// Complaints with the environments in which they occur.
#[derive(Debug, Default)]
pub struct EnvironmentSurvey {
    environments: Vec<String>,
    complaints: Vec<(Diagnostic, Vec<String>)>,
    known: BTreeMap<ComplaintIdentity, usize>,
}

impl EnvironmentSurvey {
    /// Adds the complaints of an environment. Their places must be pinned: the documents of each environment
    /// are its own.
    pub fn add(&mut self, environment: &str, diags: Diags) {
        self.environments.push(environment.to_owned());
        for diagnostic in diags {
            let complaints = &mut self.complaints;
            let index = *self.known.entry(identity(&diagnostic)).or_insert_with(|| {
                complaints.push((diagnostic, Vec::new()));
                complaints.len() - 1
            });
            let (_, occurs_in) = &mut self.complaints[index];
            if occurs_in.last().is_none_or(|last| last != environment) {
                occurs_in.push(environment.to_owned());
            }
        }
    }

    /// Every complaint once. One that does not occur everywhere says where it does.
    #[must_use]
    pub fn finish(self) -> Diags {
        let all = self.environments.len();
        let told = |(mut diagnostic, occurs_in): (Diagnostic, Vec<String>)| {
            if occurs_in.len() < all {
                diagnostic.message = format!("{} (in {})", diagnostic.message, listed(&occurs_in));
            }
            diagnostic
        };
        self.complaints.into_iter().map(told).collect()
    }
}

fn identity(diagnostic: &Diagnostic) -> ComplaintIdentity {
    let place = match &diagnostic.at {
        Location::Run => String::new(),
        at => format!("{at:?}"),
    };
    (
        diagnostic.code.name,
        diagnostic.severity,
        place,
        diagnostic.message.clone(),
        diagnostic.help.clone(),
    )
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
