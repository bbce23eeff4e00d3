//! Text from outside, made safe for each place that shows it: the only module that knows how.
//!
//! Display names, keys of open JSON, paths and answers of servers are data. A person who may rename a goal in the
//! console must not be able to move the cursor of a reviewer's terminal, to forge a line of a log, to ping a team in a
//! pull request, or to start a formula in a spreadsheet. Each medium has its own file here:
//!
//! | medium | function | what it does |
//! |---|---|---|
//! | terminal and log | [`line`](fn@line), [`lines`], [`screen`] | hidden characters become escapes, commands of pipelines are broken |
//! | JSON documents | [`json`], [`json_line`] | hidden characters become `\u202e` |
//! | YAML | [`quoted_yaml`] | the same in double quotes |
//! | Markdown | [`code`], [`prose`], [`summary_code`] | no markup, no link, no mention |
//! | HTML, SVG | [`html`](fn@html), [`html_json`] | no tag, no attribute, no direction mark |
//! | CSV | [`csv`](fn@csv) | no formula |
//! | XML | [`xml`] | no character that XML cannot hold |
//! | workflow commands | [`workflow_data`], [`workflow_property`] | nothing ends the command |
//! | chats | [`slack`], [`teams`] | no link, no mention |
//! | Graphviz, Mermaid | [`dot`], [`mermaid`] | nothing ends the label |
//!
//! All of them but those of the documents strike out what looks like a secret: whoever may read a report need not know a
//! token that somebody put into a name. What is written to a terminal goes through [`screen`] once more, whatever made it.

mod chat;
mod csv;
mod documents;
mod graph;
mod hidden;
mod html;
mod markdown;
mod terminal;
mod workflow;

pub use chat::{slack, teams};
pub use csv::csv;
pub use documents::{json, json_line, quoted_yaml, xml};
pub use graph::{dot, mermaid};
pub use hidden::{has_hidden, is_hidden};
pub use html::{html, html_json};
pub use markdown::{code, comment, prose, summary_code};
pub use terminal::{escaped, line, lines, screen};
pub use workflow::{workflow_data, workflow_property};

#[cfg(test)]
mod tests;
