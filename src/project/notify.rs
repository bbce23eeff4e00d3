//! Who is told of what happens to an account.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SecretSource;

/// A webhook that is notified. Its address is a secret, so it is only named here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Notify {
    /// Where to find its address.
    pub url: SecretSource,
    /// The payload format. Default: chosen by the host of the address, otherwise `json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Receiver>,
    /// The events that it is notified of. Default: all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<Occasion>,
}

/// What a webhook understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Receiver {
    /// An incoming webhook of Slack.
    Slack,
    /// A workflow of Microsoft Teams.
    Teams,
    /// Anything else: a document of its own format.
    Json,
}

/// An event that a webhook is notified of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Occasion {
    /// A plan was applied, all of it.
    Apply,
    /// The account changed since the last apply.
    Drift,
    /// A run failed, was blocked, or applied only a part of its plan.
    Failure,
}

impl Receiver {
    /// What the host of an address tells.
    #[must_use]
    pub fn of_host(host: &str) -> Self {
        const TEAMS: [&str; 3] = [
            ".webhook.office.com",
            ".logic.azure.com",
            ".powerplatform.com",
        ];
        if matches!(host, "hooks.slack.com" | "hooks.slack-gov.com") {
            Self::Slack
        } else if TEAMS.iter().any(|end| host.ends_with(end)) {
            Self::Teams
        } else {
            Self::Json
        }
    }

    /// The prefix of an address that names one: `slack:https://..`, and the address behind it.
    #[must_use]
    pub fn split(text: &str) -> (Option<Self>, &str) {
        for (prefix, receiver) in [
            ("slack:", Self::Slack),
            ("teams:", Self::Teams),
            ("json:", Self::Json),
        ] {
            if let Some(address) = text.strip_prefix(prefix) {
                return (Some(receiver), address);
            }
        }
        (None, text)
    }
}

impl fmt::Display for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Json => "json",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_tells_what_a_webhook_understands() {
        for (host, receiver) in [
            ("hooks.slack.com", Receiver::Slack),
            ("brand.webhook.office.com", Receiver::Teams),
            ("prod-7.westeurope.logic.azure.com", Receiver::Teams),
            (
                "default1.environment.api.powerplatform.com",
                Receiver::Teams,
            ),
            ("hooks.slack.com.example.com", Receiver::Json),
            ("chat.example.com", Receiver::Json),
        ] {
            assert_eq!(Receiver::of_host(host), receiver, "{host}");
        }
        let (receiver, address) = Receiver::split("teams:https://x/y");
        assert_eq!((receiver, address), (Some(Receiver::Teams), "https://x/y"));
        assert_eq!(Receiver::split("https://x"), (None, "https://x"));
    }
}
