//! Workflow commands of GitHub Actions.
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use super::hidden::visible;
use super::terminal::line;
use crate::text::looks::without_secrets;

/// The text of a command, in which only a line feed is more than text.
#[must_use]
pub fn workflow_data(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (ch, hidden) in visible(&without_secrets(text)) {
        match ch {
            '%' => out.push_str("%25"),
            '\r' => out.push_str("%0D"),
            '\n' => out.push_str("%0A"),
            _ if hidden => out.push_str(&line(ch.encode_utf8(&mut [0; 4]))),
            _ => out.push(ch),
        }
    }
    out.replace("##", "#%23")
}

/// The value of a property of a command.
#[must_use]
pub fn workflow_property(text: &str) -> String {
    workflow_data(text).replace(':', "%3A").replace(',', "%2C")
}
