//! Messages of chats.

use super::terminal::line;

/// Text for Slack: it makes no link and mentions no one. <https://docs.slack.dev/messaging/formatting-message-text>
#[must_use]
pub fn slack(text: &str) -> String {
    text.split('\n')
        .map(slack_line)
        .collect::<Vec<_>>()
        .join("\n")
}

fn slack_line(text: &str) -> String {
    line(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Text for Teams, which reads a part of Markdown: it makes no link.
#[must_use]
pub fn teams(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in line(text).chars() {
        if matches!(ch, '[' | ']') {
            out.push('\\');
        }
        out.push(ch);
    }
    out
}
