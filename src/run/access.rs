//! Which credentials get in where, and what to do when they do not.

use super::error::Error;
use crate::api::{self, SignInSecrets};
use crate::kinds::KindId;

/// The kind that everything else is for: the one whose objects hold others.
pub fn campaigns() -> Option<KindId> {
    KindId::all().find_map(|kind| {
        let parent = kind.def().parent.as_ref();
        parent.map(|parent| KindId::known(parent.kind))
    })
}

/// An error of the platform, with what helps these credentials of this environment.
pub fn remedied(error: api::ApiError, credentials: &SignInSecrets, environment: &str) -> Error {
    let help = match &error {
        api::ApiError::SignedOut(_) => Some(again(environment)),
        api::ApiError::Unauthenticated(_) => Some(wrong(credentials, environment)),
        api::ApiError::Denied(_) => Some(lacking(credentials, environment)),
        _ => None,
    };
    let error = Error::from(error);
    match help {
        Some(help) => error.help(help),
        None => error,
    }
}

/// What helps against a sign-in that is over.
fn again(environment: &str) -> String {
    format!(
        "sign in again with `campaignctl login -e {environment}`; a pipeline needs a new refresh token, since each use may replace the one before"
    )
}

/// What helps against credentials that the platform does not know.
fn wrong(credentials: &SignInSecrets, environment: &str) -> String {
    match credentials {
        SignInSecrets::Login { .. } => format!(
            "check the user name and password; a user on single sign-on has none, and signs in with `campaignctl login -e {environment}` (`campaignctl explain credentials`)"
        ),
        SignInSecrets::ClientCredentials { .. } => {
            "check the client id and secret, and that the application is installed on this account"
                .to_owned()
        }
        SignInSecrets::Bearer(_) => {
            "the token has ended, or is of another account: fetch a new one".to_owned()
        }
        SignInSecrets::Refresh(_) => again(environment),
    }
}

/// What helps against credentials that are good and may not do what was asked.
pub fn lacking(credentials: &SignInSecrets, environment: &str) -> String {
    match credentials {
        SignInSecrets::ClientCredentials { .. } => format!(
            "sign in as a user: `username` and `password`, or for single sign-on `login` and `campaignctl login -e {environment}` (`campaignctl explain credentials`)"
        ),
        SignInSecrets::Login { .. } | SignInSecrets::Refresh(_) | SignInSecrets::Bearer(_) => {
            "an administrator can give the user that role".to_owned()
        }
    }
}
