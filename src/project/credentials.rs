//! Where the credentials of an environment are found: names of environment variables and files, no secret.

use std::fmt;

use super::planted::is_plausible_name;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where credentials are found: one complete form of the three. Secrets never stand in this file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Credentials {
    /// OAuth 2.0 client credentials: the client id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<SecretSource>,
    /// OAuth 2.0 client credentials: the client secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<SecretSource>,
    /// User login: the user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<SecretSource>,
    /// User login: the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretSource>,
    /// A bearer token made elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bearer: Option<SecretSource>,
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
            client_id,
            client_secret,
            username,
            password,
            bearer,
        } = self;
        let given = [client_id, client_secret, username, password, bearer].map(Option::is_some);
        matches!(
            given,
            [true, true, false, false, false]
                | [false, false, true, true, false]
                | [false, false, false, false, true]
        )
    }

    /// What a person calls them: which credential comes from where.
    #[must_use]
    pub fn described(&self) -> String {
        let named = [
            ("client id", &self.client_id),
            ("client secret", &self.client_secret),
            ("user name", &self.username),
            ("password", &self.password),
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
            Self::File(path) => write!(f, "the file `{path}`"),
        }
    }
}
