//! What must not be shown although the platform may echo it: every credential and token of the run.

use std::sync::{PoisonError, RwLock};

use super::refresh::Refresh;
use super::settings::{Secret, SignInSecrets};

/// What stands in place of a secret.
const REDACTED: &str = "[redacted]";

/// The secrets of a run. No `Debug` output and no message shows them.
#[derive(Debug, Default)]
pub(super) struct Secrets(RwLock<Vec<Secret>>);

impl Secrets {
    /// The secrets that a client starts with.
    pub(super) fn of(credentials: &SignInSecrets) -> Self {
        let secrets = Self::default();
        match credentials {
            // What is the same as a name that everybody may see is no secret: the sandbox has such.
            SignInSecrets::ClientCredentials { id: name, secret }
            | SignInSecrets::Login {
                username: name,
                password: secret,
            } if name != secret.expose() => secrets.learn(secret),
            SignInSecrets::ClientCredentials { .. } | SignInSecrets::Login { .. } => {}
            SignInSecrets::Bearer(token) => secrets.learn(token),
            // The refresh token is learnt when it is used.
            SignInSecrets::Refresh(Refresh { application, .. }) => {
                let secret = application.secret.iter();
                let secret = secret.filter(|secret| secret.expose() != application.id);
                secret.for_each(|secret| secrets.learn(secret));
            }
        }
        secrets
    }

    /// Adds a secret, as it is and as it stands in forms and in JSON.
    pub(super) fn learn(&self, secret: &Secret) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let text = secret.expose();
        for form in [text.to_owned(), url_form(text), json_form(text)].map(Secret::new) {
            if !form.expose().is_empty() && !known.contains(&form) {
                known.push(form);
            }
        }
    }

    /// Takes the secrets out of a text.
    pub(super) fn redact(&self, text: &str) -> String {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        // The longest first: one may be a part of another.
        let mut known: Vec<&str> = known.iter().map(Secret::expose).collect();
        known.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        known.into_iter().fold(text.to_owned(), |text, secret| {
            text.replace(secret, REDACTED)
        })
    }
}

/// A text inside the quotes of JSON.
fn json_form(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// A text as a value of a form.
fn url_form(text: &str) -> String {
    let mut url = reqwest::Url::parse("x://x").ok();
    let query = url.as_mut().map(|url| {
        url.query_pairs_mut().append_pair("", text);
        url.query().unwrap_or_default().trim_start_matches('=')
    });
    query.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_leave_texts_in_every_form() {
        let secrets = Secrets::of(&SignInSecrets::Login {
            username: "ann".into(),
            password: Secret::new("p&ss \"wörd\""),
        });
        secrets.learn(&Secret::new("token"));
        secrets.learn(&Secret::new("token-of-ann"));
        secrets.learn(&Secret::new(""));
        let text = r#"ann sent p&ss "wörd" as p%26ss+%22w%C3%B6rd%22, {"p&ss \"wörd\""} and got token-of-ann, a token"#;
        assert_eq!(
            secrets.redact(text),
            r#"ann sent [redacted] as [redacted], {"[redacted]"} and got [redacted], a [redacted]"#
        );
        assert!(!format!("{secrets:?}").contains("ss"));
    }

    #[test]
    fn what_everybody_knows_is_no_secret() {
        let secrets = Secrets::of(&SignInSecrets::ClientCredentials {
            id: "sandbox".into(),
            secret: Secret::new("sandbox"),
        });
        assert_eq!(secrets.redact("the sandbox"), "the sandbox");
    }
}
