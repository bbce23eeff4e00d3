//! The graph for Graphviz: `dot -Tsvg`.

use std::fmt::Write as _;

use super::{Graph, GraphNode, colors};
use crate::text::safe::dot;

/// The graph as DOT.
#[must_use]
pub fn render_dot(graph: &Graph) -> String {
    let mut out = String::from(
        "digraph campaignctl {\n  rankdir=LR;\n  \
         node [shape=box, style=\"rounded,filled\", fillcolor=white, color=\"#8a8f98\", fontname=\"Helvetica\"];\n  \
         edge [color=\"#8a8f98\"];\n\n",
    );
    for node in &graph.nodes {
        let _ = writeln!(out, "  {} [{}];", dot(&node.id), attributes(node));
    }
    if !graph.edges.is_empty() {
        out.push('\n');
    }
    for edge in &graph.edges {
        let style = if edge.inside { " [style=bold]" } else { "" };
        let _ = writeln!(out, "  {} -> {}{style};", dot(&edge.from), dot(&edge.to));
    }
    out.push_str("}\n");
    out
}

fn attributes(node: &GraphNode) -> String {
    let label = dot(&format!("{}\n{}", node.kind, node.name));
    let mut attributes = format!("label={label}");
    if let Some(name) = &node.display_name {
        let _ = write!(attributes, ", tooltip={}", dot(name));
    }
    if let Some(action) = node.action {
        let (fill, stroke) = colors(action);
        let _ = write!(attributes, ", fillcolor=\"{fill}\", color=\"{stroke}\"");
    }
    if node.live {
        attributes.push_str(", penwidth=2");
    }
    attributes
}
