//! What a change to something shared reaches: the campaigns and engagements that refer to it, directly or through
//! others, in the manifests or on the account.
//!
//! Whoever is reached lies in what is reached around it, and takes along what lies inside. Who is reached is known
//! only of objects that were read whole: [`unread`] says what of that is missing, once it is known what changes.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Action, Bindings, Cause, Change, DiffInput, live_spec};
use crate::kinds::{KindId, Lookup, Role, referenced_kinds, uses};
use crate::live::{Inventory, LiveObject};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::{Resource, reference_key};
use crate::text::Pointer;

/// What a change to something shared reaches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ChangeReach {
    /// The object or template that changes.
    #[schemars(with = "String")]
    pub of: Key,
    /// The campaigns and engagements that it reaches.
    pub objects: Vec<ReachedObject>,
}

/// One object that a change reaches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ReachedObject {
    /// The kind.
    #[schemars(with = "String")]
    pub kind: KindId,
    /// The manifest; absent for an object of other people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub key: Option<Key>,
    /// What people see in the console.
    pub display_name: String,
    /// The live object; absent if it will be created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub remote_id: Option<RemoteId>,
    /// Whether consumers see it now: it is published, enabled and within its schedule, and so is its campaign, which lists it.
    pub live: bool,
}

/// What each changed object or template reaches that others share.
pub(super) fn reaches(
    input: &DiffInput<'_>,
    bindings: &Bindings<'_>,
    changes: &[Change],
) -> Vec<ChangeReach> {
    let shared = shared(changes);
    if shared.is_empty() {
        return Vec::new();
    }
    let graph = ReachGraph::new(input, bindings, &shared);
    let reaches = shared.into_iter().map(|of| ChangeReach {
        objects: graph.reached(&Node::Manifest(of.clone())),
        of,
    });
    reaches.filter(|reach| !reach.objects.is_empty()).collect()
}

/// The kinds of which every object has to be read whole before the reach of these changes is known, if any was not.
pub(super) fn unread(inventory: &Inventory, changes: &[Change]) -> BTreeSet<KindId> {
    let shared = shared(changes);
    if shared.is_empty() {
        return BTreeSet::new();
    }
    let users = users_of(shared.iter().map(|key| key.kind).collect());
    let mut users: BTreeSet<KindId> = users
        .into_iter()
        .filter(|kind| kind.def().collection.is_some())
        .collect();
    let is_known = |kind: &KindId| {
        let mut objects = inventory.of_kind(*kind).iter();
        let around = kind.def().parent.as_ref();
        let around = around.map(|around| inventory.of_kind(KindId::known(around.kind)));
        inventory.has_read(*kind)
            && objects.all(|object| object.whole)
            && around.is_none_or(|around| around.iter().all(|object| object.whole))
    };
    if users.iter().all(is_known) {
        users.clear();
    }
    users
}

/// What changes for all who refer to it. What is created is new to all of them.
fn shared(changes: &[Change]) -> BTreeSet<Key> {
    let fields = changes.iter().flat_map(|change| &change.fields);
    let templates = fields
        .filter(|field| field.cause == Cause::Template)
        .flat_map(|field| &field.by)
        .filter_map(|template| template.parse().ok());
    let changed = |change: &&Change| match change.action {
        Action::Update => !change.is_rename_only(),
        Action::Replace | Action::Delete => true,
        Action::Manual => change.remote_id.is_some(),
        Action::Create | Action::Adopt | Action::Forget | Action::None => false,
    };
    let objects = changes
        .iter()
        .filter(changed)
        .filter(|change| !change.kind.def().is_shown())
        .map(Change::key);
    objects.chain(templates).collect()
}

/// One object: by its manifest, or else by its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Manifest(Key),
    Live(KindId, RemoteId),
}

impl Node {
    fn kind(&self) -> KindId {
        match self {
            Self::Manifest(key) => key.kind,
            Self::Live(kind, _) => *kind,
        }
    }
}

/// Who refers to whom.
struct ReachGraph<'a> {
    input: &'a DiffInput<'a>,
    bindings: &'a Bindings<'a>,
    users: BTreeMap<Node, Vec<Node>>,
    around: BTreeMap<Node, Node>,
    live: BTreeMap<Node, &'a LiveObject>,
    /// The nodes that consumers see, whatever lies around them.
    shown: BTreeSet<Node>,
}

impl<'a> ReachGraph<'a> {
    fn new(input: &'a DiffInput<'a>, bindings: &'a Bindings<'a>, shared: &BTreeSet<Key>) -> Self {
        let mut graph = Self {
            input,
            bindings,
            users: BTreeMap::new(),
            around: BTreeMap::new(),
            live: BTreeMap::new(),
            shown: BTreeSet::new(),
        };
        let kinds = users_of(shared.iter().map(|key| key.kind).collect());
        let is_of_interest = |kind: KindId| kinds.contains(&kind);
        let objects = input.inventory.iter();
        for object in objects.filter(|object| is_of_interest(object.kind)) {
            graph.object(object);
        }
        let resources = input.desired.iter();
        for resource in resources.filter(|resource| is_of_interest(resource.key.kind)) {
            let node = Node::Manifest(resource.key.clone());
            graph.refer(&node, &resource.spec);
        }
        graph
    }

    fn object(&mut self, object: &'a LiveObject) {
        let def = object.kind.def();
        let Some(node) = self.by_id(object.kind, &object.id.to_wire()) else {
            return;
        };
        let spec = live_spec(def, &self.bindings.references, object);
        if def.is_shown() && def.unseen_alone(&spec, self.input.now).is_none() {
            self.shown.insert(node.clone());
        }
        self.refer(&node, &spec);
        self.live.insert(node, object);
    }

    /// Notes whom a spec refers to. That a parent lists what lies inside is no reference.
    fn refer(&mut self, node: &Node, spec: &Value) {
        let def = node.kind().def();
        let inside = def.children.as_ref();
        let inside = inside.map(|list| Pointer::root().key(list.field));
        for found in uses(def.fields, spec) {
            if inside
                .as_ref()
                .is_some_and(|list| found.pointer.starts_with(list))
            {
                continue;
            }
            let Some(target) = self.node(found.kind, found.reference) else {
                continue;
            };
            if def
                .parent
                .as_ref()
                .is_some_and(|around| around.kind == found.kind)
            {
                self.around.insert(node.clone(), target.clone());
            }
            self.users.entry(target).or_default().push(node.clone());
        }
    }

    fn node(&self, kind: &'static str, reference: &Value) -> Option<Node> {
        if let Some(key) = reference_key(kind, reference) {
            return Some(Node::Manifest(key));
        }
        let id = self.bindings.references.to_id(kind, reference);
        self.by_id(KindId::known(kind), &id)
    }

    fn by_id(&self, kind: KindId, id: &Value) -> Option<Node> {
        let reference = self.bindings.references.to_ref(kind.name(), id);
        match reference_key(kind.name(), &reference) {
            Some(key) => Some(Node::Manifest(key)),
            None => RemoteId::from_wire(id).map(|id| Node::Live(kind, id)),
        }
    }

    /// Whom a change of a node reaches, of those that consumers meet. What a template brings is in the specs of those who
    /// take it, unless they say otherwise: only a change of a template itself reaches all who take it.
    fn reached(&self, of: &Node) -> Vec<ReachedObject> {
        let is_template = |node: &Node| node.kind().def().role == Role::Local;
        let mut seen = BTreeSet::from([of]);
        let mut open = vec![of];
        while let Some(node) = open.pop() {
            if is_template(node) && !is_template(of) {
                continue;
            }
            for user in self.users.get(node).into_iter().flatten() {
                if seen.insert(user) {
                    open.push(user);
                }
            }
        }
        let around: Vec<&Node> = seen
            .iter()
            .filter_map(|node| self.around.get(*node))
            .collect();
        seen.extend(around);
        let shown = seen.into_iter().filter(|node| node.kind().def().is_shown());
        shown.filter_map(|node| self.described(node)).collect()
    }

    fn described(&self, node: &Node) -> Option<ReachedObject> {
        let object = self.live.get(node);
        let (key, resource) = match node {
            Node::Manifest(key) => (Some(key.clone()), self.input.desired.get(key)),
            Node::Live(..) => (None, None),
        };
        let display_name = object
            .map(|object| object.display_name.as_str())
            .or_else(|| resource.map(Resource::display_name))?;
        Some(ReachedObject {
            kind: node.kind(),
            key,
            display_name: display_name.to_owned(),
            remote_id: object.map(|object| object.id.clone()),
            live: self.is_live(node),
        })
    }

    fn is_live(&self, node: &Node) -> bool {
        let Some(parent) = &node.kind().def().parent else {
            return self.shown.contains(node);
        };
        // A manifest may move elsewhere: what counts is where the account has it now.
        let inside = self.live.get(node).and_then(|object| {
            let around = object.parent.as_ref()?.to_wire();
            Some((*object, self.by_id(KindId::known(parent.kind), &around)?))
        });
        self.shown.contains(node)
            && inside.is_some_and(|(object, around)| {
                let lists = self.live.get(&around).and_then(|it| it.lists(&object.id));
                lists != Some(false) && self.shown.contains(&around)
            })
    }
}

/// The kinds that can refer to these, directly or through others, and those around them.
fn users_of(mut kinds: BTreeSet<KindId>) -> BTreeSet<KindId> {
    loop {
        let refers = |kind: &KindId| {
            let referenced = referenced_kinds(kind.def().fields).into_iter();
            let mut referenced = referenced.map(KindId::known);
            !kinds.contains(kind) && referenced.any(|other| kinds.contains(&other))
        };
        let more: Vec<KindId> = KindId::manifests().filter(refers).collect();
        if more.is_empty() {
            break;
        }
        kinds.extend(more);
    }
    let around: Vec<KindId> = kinds
        .iter()
        .filter_map(|kind| Some(KindId::known(kind.def().parent.as_ref()?.kind)))
        .collect();
    kinds.extend(around);
    kinds
}
