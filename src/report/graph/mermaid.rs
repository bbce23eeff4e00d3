//! The graph for Mermaid, which GitHub and GitLab draw in Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Graph, colors, word};
use crate::text::safe::mermaid;

/// The graph as a Mermaid flowchart.
#[must_use]
pub fn render_mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    let numbers: BTreeMap<&str, usize> = graph
        .nodes
        .iter()
        .enumerate()
        .map(|(number, node)| (node.id.as_str(), number))
        .collect();
    let mut actions = BTreeSet::new();
    for (number, node) in graph.nodes.iter().enumerate() {
        let class = node.action.map(|action| {
            actions.insert(action);
            format!(":::{}", word(action))
        });
        let label = format!("{}<br>{}", node.kind, mermaid(&node.name));
        let _ = writeln!(out, "  n{number}[\"{label}\"]{}", class.unwrap_or_default());
    }
    for edge in &graph.edges {
        let arrow = if edge.inside { "==>" } else { "-->" };
        let (from, to) = (numbers[edge.from.as_str()], numbers[edge.to.as_str()]);
        let _ = writeln!(out, "  n{from} {arrow} n{to}");
    }
    for action in actions {
        let (fill, stroke) = colors(action);
        let _ = writeln!(
            out,
            "  classDef {} fill:{fill},stroke:{stroke},color:#1c1e21",
            word(action)
        );
    }
    out
}
