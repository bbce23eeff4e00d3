//! A large graph made small: what lies inside of another object becomes a part of that one's box.
//!
//! A picture of a thousand engagements is a wall of boxes. Folded, it shows a box per campaign, which refers to what its
//! engagements refer to. Nothing is left out: the box counts what it holds, and bears the action and the live mark of
//! what is inside it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Edge, FORMAT, Graph, GraphNode};
use crate::plan::Action;

/// How many boxes a picture may have before it is folded: about two screens of a layer, which can still be read.
pub const READABLE: usize = 300;

impl Graph {
    /// The graph with every object drawn as a part of the one that it lies inside of.
    #[must_use]
    pub fn folded(&self) -> Self {
        let parents: BTreeMap<&str, &str> = (self.edges.iter())
            .filter(|edge| edge.inside)
            .map(|edge| (edge.from.as_str(), edge.to.as_str()))
            .collect();
        let box_of = |id: &str| parents.get(id).copied().unwrap_or(id).to_owned();
        let mut nodes: BTreeMap<&str, GraphNode> = (self.nodes.iter())
            .filter(|node| !parents.contains_key(node.id.as_str()))
            .map(|node| (node.id.as_str(), node.clone()))
            .collect();
        for node in &self.nodes {
            let parent = parents.get(node.id.as_str());
            if let Some(parent) = parent.and_then(|parent| nodes.get_mut(parent)) {
                parent.holds += 1;
                parent.live |= node.live;
                parent.action = of_both(parent.action, node.action);
            }
        }
        let edges: BTreeSet<Edge> = (self.edges.iter())
            .map(|edge| Edge {
                from: box_of(&edge.from),
                to: box_of(&edge.to),
                inside: false,
            })
            .filter(|edge| edge.from != edge.to)
            .collect();
        let kept = |node: &GraphNode| nodes.get(node.id.as_str()).cloned();
        Self {
            format: FORMAT,
            nodes: self.nodes.iter().filter_map(kept).collect(),
            edges: edges.into_iter().collect(),
        }
    }
}

/// The action of a box: its own, or that something inside it changes.
fn of_both(own: Option<Action>, inside: Option<Action>) -> Option<Action> {
    own.or(inside.map(|_| Action::Update))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::KindId;

    fn node(kind: &str, name: &str) -> GraphNode {
        GraphNode {
            id: format!("{kind}/{name}"),
            kind: KindId::named(kind).unwrap(),
            name: name.to_owned(),
            display_name: None,
            action: None,
            live: false,
            holds: 0,
        }
    }

    fn edge(from: &str, to: &str, inside: bool) -> Edge {
        Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            inside,
        }
    }

    #[test]
    fn a_campaign_stands_for_its_engagements() {
        let mut help = node("Engagement", "help");
        (help.action, help.live) = (Some(Action::Delete), true);
        let graph = Graph {
            format: FORMAT,
            nodes: vec![
                node("EntryPoint", "cart"),
                node("Campaign", "sale"),
                help,
                node("Engagement", "returns"),
            ],
            edges: vec![
                edge("Engagement/help", "Campaign/sale", true),
                edge("Engagement/help", "EntryPoint/cart", false),
                edge("Engagement/returns", "Campaign/sale", true),
                edge("Engagement/returns", "EntryPoint/cart", false),
            ],
        };
        let folded = graph.folded();
        let boxes: Vec<_> = folded
            .nodes
            .iter()
            .map(|it| (it.id.as_str(), it.holds, it.action, it.live))
            .collect();
        let expected = [
            ("EntryPoint/cart", 0, None, false),
            ("Campaign/sale", 2, Some(Action::Update), true),
        ];
        assert_eq!(boxes, expected);
        assert_eq!(
            folded.edges,
            [edge("Campaign/sale", "EntryPoint/cart", false)]
        );
    }

    #[test]
    fn a_graph_without_parts_stays_as_it_is() {
        let graph = Graph {
            format: FORMAT,
            nodes: vec![node("Goal", "sold"), node("Campaign", "sale")],
            edges: vec![edge("Campaign/sale", "Goal/sold", false)],
        };
        assert_eq!(graph.folded(), graph);
    }
}
