//! What a launch says, as a page that a person can judge.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What consumers see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SaidMessage {
    /// The text in the conversation, with the name of the column where a value is filled in.
    pub text: String,
    /// The title of the push notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_title: Option<String>,
    /// The text of the push notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_text: Option<String>,
    /// The address of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

/// A text with the name of its column in the place of each variable.
#[must_use]
pub fn filled(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        let Some(length) = rest[at..].find("}}") else {
            break;
        };
        let name = rest[at + 2..at + length].trim();
        let before = &rest[..at];
        out.push_str(before.strip_suffix('$').unwrap_or(before));
        match variables.get(name) {
            Some(column) => {
                out.push('<');
                out.push_str(column);
                out.push('>');
            }
            None => out.push_str(&rest[at..at + length + 2]),
        }
        rest = &rest[at + length + 2..];
    }
    out.push_str(rest);
    out
}

/// What a handoff says, from its spec.
#[must_use]
pub fn page(handoff: &Value, variables: &BTreeMap<String, String>) -> SaidMessage {
    let message = &handoff["message"];
    let text = |key: &str| message[key].as_str().map(|text| filled(text, variables));
    let is_same = message["sameForNotification"] == true;
    let said = text("text");
    SaidMessage {
        notification_title: text("notificationTitle"),
        notification_text: if is_same {
            said.clone()
        } else {
            text("notificationText")
        },
        image: handoff["image"]["url"]
            .as_str()
            .map(|url| filled(url, variables)),
        text: said.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_shown_by_their_columns() {
        let columns = [("1".to_owned(), "firstName".to_owned())].into();
        let shown = |text: &str| filled(text, &columns);
        assert_eq!(
            shown("Hi ${{1}}, {{ 1 }} ${{2}}"),
            "Hi <firstName>, <firstName> {{2}}"
        );
        assert_eq!(shown("a {{1"), "a {{1");
        assert_eq!(shown("5 $ {{1}}"), "5 $ <firstName>");
    }
}
