//! The dependency graph, of manifests or of a plan: which object refers to which, as DOT, Mermaid, SVG and JSON.
//!
//! Same graph, same bytes: nodes go by kind and name, edges by their ends.

mod dot;
mod fold;
mod layout;
mod mermaid;
mod svg;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::check::schema::schema_of;
use crate::kinds::{KindId, Role};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::plan::{Action, Plan, ReachedObject};
use crate::resolve::{Desired, Resource};
use crate::select::refers_to_itself;
use crate::users::{User, Uses};
pub use dot::render_dot;
pub use fold::READABLE;
pub use mermaid::render_mermaid;
pub use svg::render_svg;

/// The format of the JSON form.
pub const FORMAT: &str = "campaignctl.graph/v1";

/// Objects, and who refers to whom.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Graph {
    /// The format of the document.
    pub format: &'static str,
    /// The objects and templates, by kind and name.
    pub nodes: Vec<GraphNode>,
    /// The references.
    pub edges: Vec<Edge>,
}

/// One object or template.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GraphNode {
    /// What edges call it: kind and name, or kind and remote id for an object of other people.
    pub id: String,
    /// The kind.
    #[schemars(with = "String")]
    pub kind: KindId,
    /// The name; of an object of other people, what the console shows.
    pub name: String,
    /// What people see in the console, where that is known and another text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What the plan does to it; absent when it is left alone, and in a graph of manifests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Whether consumers see it on the account now: of what changes or is reached by a change, and of users.
    pub live: bool,
    /// How many objects inside it are drawn as part of it, in a graph that is folded.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub holds: usize,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands fields over by reference"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// One reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Edge {
    /// The object that refers.
    pub from: String,
    /// The object that it refers to.
    pub to: String,
    /// Whether it is inside that object.
    pub inside: bool,
}

/// The JSON Schema of the document.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schema_of::<Graph>("A dependency graph of campaignctl");
    schema["properties"]["format"] =
        serde_json::json!({ "const": FORMAT, "description": "The format of the document." });
    schema
}

impl Graph {
    /// The graph of manifests, those that `keep` says. Templates stay as long as one of these refers to them.
    #[must_use]
    pub fn of_manifests(desired: &Desired, keep: impl Fn(&Key) -> bool) -> Self {
        let is_local = |key: &Key| key.kind.def().role == Role::Local;
        let all = || desired.iter().filter(|it| !it.key.kind.def().is_test);
        let kept: Vec<&Resource> = all().filter(|it| keep(&it.key)).collect();
        let is_whole = kept.len() == all().count();
        let objects = kept.iter().copied().filter(|it| !is_local(&it.key));
        let used: BTreeSet<Key> = objects.flat_map(refers_to_itself).collect();
        let mut drawing = Drawing::default();
        for resource in kept {
            if !is_whole && is_local(&resource.key) && !used.contains(&resource.key) {
                continue;
            }
            drawing.node(GraphNode::of(resource));
            let parent = resource.parent();
            for to in refers_to_itself(resource) {
                let inside = Some(&to) == parent.as_ref();
                drawing.edge(resource.key.to_string(), to.to_string(), inside);
            }
        }
        drawing.finished()
    }

    /// The graph of an object and its users.
    #[must_use]
    pub fn of_uses(uses: &Uses) -> Self {
        let mut drawing = Drawing::default();
        drawing.user(&uses.object);
        drawing.finished()
    }

    /// The graph of what a plan changes and reaches.
    #[must_use]
    pub fn of_plan(plan: &Plan) -> Self {
        let mut drawing = Drawing::default();
        for change in &plan.changes {
            let action = (change.action != Action::None).then_some(change.action);
            let mut node = GraphNode::named(&change.key(), Some(&change.display_name));
            node.action = action;
            node.live = plan.live.contains(&change.key());
            drawing.node(node);
        }
        for dependency in &plan.dependencies {
            drawing.node(GraphNode::named(&dependency.of, None));
            for to in &dependency.on {
                drawing.node(GraphNode::named(to, None));
                let inside = Some(to) == dependency.inside.as_ref();
                drawing.edge(dependency.of.to_string(), to.to_string(), inside);
            }
        }
        drawing.reaches(plan);
        drawing.finished()
    }
}

impl GraphNode {
    fn named(key: &Key, display_name: Option<&str>) -> Self {
        let other = display_name.filter(|shown| *shown != key.name.as_str());
        Self {
            id: key.to_string(),
            kind: key.kind,
            name: key.name.to_string(),
            display_name: other.map(str::to_owned),
            action: None,
            live: false,
            holds: 0,
        }
    }

    fn of(resource: &Resource) -> Self {
        Self::named(&resource.key, Some(resource.display_name()))
    }

    /// An object that uses another one or is used.
    fn of_user(user: &User) -> Self {
        let mut node = Self::of_stranger(
            user.kind,
            user.key.as_ref(),
            user.remote_id.as_ref(),
            &user.display_name,
        );
        node.live = user.live == Some(true);
        node
    }

    /// An object that may have no manifest.
    fn of_stranger(
        kind: KindId,
        key: Option<&Key>,
        remote_id: Option<&RemoteId>,
        display_name: &str,
    ) -> Self {
        match key {
            Some(key) => Self::named(key, Some(display_name)),
            None => Self {
                id: match remote_id {
                    Some(id) => format!("{kind} ({id})"),
                    None => format!("{kind} \"{display_name}\""),
                },
                kind,
                name: display_name.to_owned(),
                display_name: None,
                action: None,
                live: false,
                holds: 0,
            },
        }
    }

    /// An object that a change reaches, which other people may have made.
    fn of_reached(reached: &ReachedObject) -> Self {
        let mut node = Self::of_stranger(
            reached.kind,
            reached.key.as_ref(),
            reached.remote_id.as_ref(),
            &reached.display_name,
        );
        node.live = reached.live;
        node
    }
}

/// A graph while its parts come together.
#[derive(Default)]
struct Drawing {
    nodes: BTreeMap<String, GraphNode>,
    edges: BTreeSet<Edge>,
}

impl Drawing {
    /// Adds a node, or what this one knows more of it.
    fn node(&mut self, node: GraphNode) {
        match self.nodes.get_mut(&node.id) {
            None => {
                self.nodes.insert(node.id.clone(), node);
            }
            Some(known) => {
                known.display_name = known.display_name.take().or(node.display_name);
                known.action = known.action.or(node.action);
                known.live |= node.live;
            }
        }
    }

    fn edge(&mut self, from: String, to: String, inside: bool) {
        self.edges.insert(Edge { from, to, inside });
    }

    /// The objects that changes reach. One that no manifest defines hangs at what reaches it.
    fn reaches(&mut self, plan: &Plan) {
        for reach in &plan.reaches {
            self.node(GraphNode::named(&reach.of, None));
            let of = reach.of.to_string();
            for reached in &reach.objects {
                let node = GraphNode::of_reached(reached);
                let id = node.id.clone();
                self.node(node);
                if plan.dependencies.is_empty() || reached.key.is_none() {
                    self.edge(id, of.clone(), false);
                }
            }
        }
    }

    /// An object with its users below it; returns what edges call it.
    fn user(&mut self, of: &User) -> String {
        let node = GraphNode::of_user(of);
        let id = node.id.clone();
        self.node(node);
        for user in &of.users {
            let from = self.user(user);
            self.edge(from, id.clone(), user.is_inside);
        }
        id
    }

    fn finished(self) -> Graph {
        let Self { nodes, edges } = self;
        let has = |id: &String| nodes.contains_key(id);
        let edges = edges
            .into_iter()
            .filter(|edge| has(&edge.from) && has(&edge.to))
            .collect();
        let mut nodes: Vec<GraphNode> = nodes.into_values().collect();
        nodes.sort_by(|a, b| (a.kind, &a.name, &a.id).cmp(&(b.kind, &b.name, &b.id)));
        Graph {
            format: FORMAT,
            nodes,
            edges,
        }
    }
}

/// The word of an action in pictures, as classes and legends have it.
pub(super) fn word(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace => "replace",
        Action::Delete => "delete",
        Action::Adopt => "adopt",
        Action::Forget => "forget",
        Action::Manual => "manual",
        Action::None => "none",
    }
}

/// Fill and stroke of an action, readable with black text.
fn colors(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::Create => ("#dcf5e3", "#1a7f42"),
        Action::Update => ("#fdf0cf", "#9a6700"),
        Action::Replace | Action::Delete => ("#fde4e1", "#c03328"),
        Action::Adopt | Action::Forget => ("#dbf1f5", "#0f7286"),
        Action::Manual => ("#efe6fc", "#7a41c4"),
        Action::None => ("#ffffff", "#8a8f98"),
    }
}
