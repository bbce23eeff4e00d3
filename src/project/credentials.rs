//! Where the credentials of an environment are found: names of environment variables and files, no secret.

use std::fmt;

use super::planted::{is_plausible_name, is_plausible_path};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where credentials are found: one complete form of the four. Secrets must not be written in this file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Credentials {
    /// User login: the user name. The user must not be on single sign-on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<SecretSource>,
    /// User login: the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretSource>,
    /// Sign-in with a browser, for users on single sign-on: the application that they sign in to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<BrowserLogin>,
    /// OAuth 2.0 client credentials: the client id. They can read skills and users; for campaigns they were refused
    /// where this was tried. What they may read is not documented: run `campaignctl doctor` to find out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<SecretSource>,
    /// OAuth 2.0 client credentials: the client secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<SecretSource>,
    /// A bearer token made elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bearer: Option<SecretSource>,
}

/// An application that users of the account sign in to with a browser. `campaignctl login` does it, and keeps the
/// refresh token outside of the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BrowserLogin {
    /// The client id of the application.
    pub client_id: SecretSource,
    /// The client secret of the application, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<SecretSource>,
    /// A refresh token for runs without a browser, such as those of a pipeline. Where the variable is not set, or there
    /// is no such file, the sign-in of `campaignctl login` is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<SecretSource>,
}

/// Where one secret is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub enum SecretSource {
    /// In the environment variable of this name.
    Env(String),
    /// In this file, relative to the project file; white space at its end is dropped.
    File(String),
}

impl Credentials {
    /// Whether exactly one form is given, and whole.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let Self {
            username,
            password,
            login,
            client_id,
            client_secret,
            bearer,
        } = self;
        let pair = |one: &Option<_>, other: &Option<_>| (one.is_some(), other.is_some());
        let forms = [
            pair(username, password),
            (login.is_some(), login.is_some()),
            pair(client_id, client_secret),
            (bearer.is_some(), bearer.is_some()),
        ];
        let whole = forms.iter().filter(|form| **form == (true, true)).count();
        let none = forms.iter().filter(|form| **form == (false, false)).count();
        (whole, none) == (1, forms.len() - 1)
    }

    /// What a person calls them: which credential comes from where.
    #[must_use]
    pub fn described(&self) -> String {
        let login = self.login.as_ref().map(|login| login.client_id.clone());
        let named = [
            ("user name", &self.username),
            ("password", &self.password),
            ("client id", &login),
            ("client id", &self.client_id),
            ("client secret", &self.client_secret),
            ("bearer", &self.bearer),
        ];
        let named = named.into_iter();
        let parts: Vec<String> = named
            .filter_map(|(name, source)| Some(format!("the {name} of {}", source.as_ref()?)))
            .collect();
        parts.join(" and ")
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) if is_plausible_name(name) => {
                write!(f, "the environment variable `{name}`")
            }
            Self::Env(_) => f.write_str(
                "the environment variable of `campaignctl.yaml`, whose name looks like a secret and is not shown,",
            ),
            Self::File(path) if is_plausible_path(path) => write!(f, "the file `{path}`"),
            Self::File(_) => f.write_str(
                "the file of `campaignctl.yaml`, whose path looks like a secret and is not shown,",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_whole_form_and_no_part_of_another() {
        let source = || Some(SecretSource::Env("X".to_owned()));
        let login = || {
            Some(BrowserLogin {
                client_id: SecretSource::Env("X".to_owned()),
                client_secret: None,
                refresh_token: None,
            })
        };
        // Each bit of a number is one field; these are the four forms.
        let whole = [0b00_0011, 0b00_0100, 0b01_1000, 0b10_0000];
        for bits in 0..1 << 6 {
            let given = |bit: u32| (bits >> bit) & 1 == 1;
            let credentials = Credentials {
                username: source().filter(|_| given(0)),
                password: source().filter(|_| given(1)),
                login: login().filter(|_| given(2)),
                client_id: source().filter(|_| given(3)),
                client_secret: source().filter(|_| given(4)),
                bearer: source().filter(|_| given(5)),
            };
            assert_eq!(credentials.is_complete(), whole.contains(&bits), "{bits:b}");
        }
    }
}
