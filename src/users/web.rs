//! Who refers to whom.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::diag::did_you_mean;
use crate::diff::{bind, live_spec};
use crate::kinds::mapping::get_path;
use crate::kinds::{KindDef, KindId, Lookup, Role, Use, uses};
use crate::live::{Inventory, Ledger, LiveObject, References};
use crate::manifest::Key;
use crate::name::{Name, RemoteId};
use crate::resolve::{Desired, Resource, reference_key};
use crate::select::UnknownSelection;
use crate::text::Pointer;
use crate::text::safe::line;

/// An object that uses others or is used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UserNode {
    /// By its manifest, or by the ledger.
    Manifest(Key),
    /// By its id: no manifest defines it.
    Live(KindId, RemoteId),
    /// By what people see in the console: the account was not read.
    Named(KindId, String),
    /// The vendor's own of a kind: the account was not read.
    Vendor(KindId),
}

impl UserNode {
    /// The kind.
    #[must_use]
    pub fn kind(&self) -> KindId {
        match self {
            Self::Manifest(key) => key.kind,
            Self::Live(kind, _) | Self::Named(kind, _) | Self::Vendor(kind) => *kind,
        }
    }
}

/// How an object refers to another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// The fields that refer to it.
    pub(super) fields: BTreeSet<String>,
    /// Whether it lies inside that one.
    pub(super) inside: bool,
    /// Whether the manifest says so.
    pub(super) declared: bool,
    /// Whether the account has it so.
    pub(super) live: bool,
    /// Whether it leads to a template, which no account holds.
    pub(super) to_template: bool,
}

/// An object on the way from one to all of its users.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ReachedUser<'w> {
    /// The object.
    pub(super) node: &'w UserNode,
    /// The last one on the way that is no template.
    pub(super) by: Option<&'w UserNode>,
}

/// Who refers to whom, among manifests and on an account.
pub struct Web<'a> {
    pub(super) desired: &'a Desired,
    /// The account, where it was read.
    pub(super) account: Option<(References, &'a Ledger)>,
    pub(super) objects: BTreeMap<UserNode, &'a LiveObject>,
    pub(super) users: BTreeMap<UserNode, BTreeMap<UserNode, Link>>,
    around: BTreeMap<UserNode, UserNode>,
    /// Why consumers do not see an object, whatever lies around it; nothing where they do.
    pub(super) unseen: BTreeMap<UserNode, Option<String>>,
    /// The references of manifests that come out of templates.
    expanded: BTreeSet<(UserNode, UserNode)>,
    pub(super) now: Option<Timestamp>,
}

impl<'a> Web<'a> {
    /// What the manifests say.
    #[must_use]
    pub fn of_manifests(desired: &'a Desired, now: Option<Timestamp>) -> Self {
        let mut web = Self::empty(desired, now);
        web.resources();
        web
    }

    /// What the account has and what the manifests say.
    #[must_use]
    pub fn of_account(
        desired: &'a Desired,
        inventory: &'a Inventory,
        ledger: &'a Ledger,
        now: Option<Timestamp>,
    ) -> Self {
        let mut web = Self::empty(desired, now);
        let (bindings, _) = bind(desired, inventory, ledger);
        web.account = Some((bindings.references, ledger));
        for object in inventory.iter() {
            if let Some(node) = web.by_id(object.kind, &object.id.to_wire()) {
                web.objects.insert(node, object);
            }
        }
        web.resources();
        let objects: Vec<_> = web
            .objects
            .iter()
            .map(|(node, it)| (node.clone(), *it))
            .collect();
        for (node, object) in objects {
            web.object(&node, object);
        }
        web.unlisted(inventory);
        web
    }

    fn empty(desired: &'a Desired, now: Option<Timestamp>) -> Self {
        Self {
            desired,
            account: None,
            objects: BTreeMap::new(),
            users: BTreeMap::new(),
            around: BTreeMap::new(),
            unseen: BTreeMap::new(),
            expanded: BTreeSet::new(),
            now,
        }
    }

    /// With the tests that use objects of a kind, where that is one of tests: a persona is used by scenarios alone.
    #[must_use]
    pub fn for_questions_about(mut self, kind: KindId) -> Self {
        if kind.def().is_test {
            let tests = self.desired.iter().filter(|it| it.key.kind.def().is_test);
            tests.for_each(|resource| self.resource(resource));
        }
        self
    }

    /// A test of what is offered is no use: it goes where its object goes, and consumers see nothing of it.
    fn resources(&mut self) {
        for resource in self.desired.iter().filter(|it| !it.key.kind.def().is_test) {
            self.resource(resource);
        }
    }

    /// Notes what a manifest says. What comes out of its templates is theirs.
    fn resource(&mut self, resource: &Resource) {
        let node = UserNode::Manifest(resource.key.clone());
        let def = resource.key.kind.def();
        for found in references(def, resource.own()) {
            if let Some(target) = self.node(found.kind, found.reference) {
                let link = self.link(target, &node, &found);
                link.declared = true;
            }
        }
        for found in references(def, &resource.spec) {
            if let Some(target) = self.node(found.kind, found.reference) {
                self.expanded.insert((target, node.clone()));
            }
        }
        if let Some(around) = &def.parent
            && let Some(reference) = get_path(&resource.spec, around.field)
            && let Some(target) = self.node(around.kind, reference)
        {
            self.around.insert(node.clone(), target);
        }
        if def.is_shown() {
            let unseen = match self.account {
                Some(_) => Some("it is not in the account".to_owned()),
                None => self.unseen_manifest(&node, resource),
            };
            self.unseen.insert(node, unseen);
        }
    }

    /// Notes what the account has.
    fn object(&mut self, node: &UserNode, object: &LiveObject) {
        let def = object.kind.def();
        let Some((table, _)) = self
            .account
            .as_ref()
            .filter(|_| def.role != Role::Reference)
        else {
            return;
        };
        let spec = live_spec(def, table, object);
        for found in references(def, &spec) {
            let Some(target) = self.node(found.kind, found.reference) else {
                continue;
            };
            if is_around(def, &found) {
                self.around.insert(node.clone(), target.clone());
            }
            let is_known = self
                .users
                .get(&target)
                .is_some_and(|it| it.contains_key(node));
            if is_known || !self.expanded.contains(&(target.clone(), node.clone())) {
                self.link(target, node, &found).live = true;
            }
        }
        if def.is_shown() {
            self.unseen
                .insert(node.clone(), def.unseen_alone(&spec, self.now));
        }
    }

    fn link(&mut self, target: UserNode, user: &UserNode, found: &Use<'_>) -> &mut Link {
        let to_template = target.kind().def().role == Role::Local;
        let users = self.users.entry(target).or_default();
        let link = users.entry(user.clone()).or_default();
        link.to_template = to_template;
        link.inside |= is_around(user.kind().def(), found);
        let steps = found.pointer.steps();
        let steps = steps.filter(|step| step != "$ref" && step.parse::<usize>().is_err());
        link.fields.insert(steps.collect::<Vec<_>>().join("."));
        link
    }

    /// What a reference to an object of a kind means.
    #[must_use]
    pub fn node(&self, kind: &'static str, reference: &Value) -> Option<UserNode> {
        if let Some(key) = reference_key(kind, reference) {
            return Some(UserNode::Manifest(key));
        }
        if let Some((table, _)) = &self.account
            && let Some(node) = self.by_id(KindId::known(kind), &table.to_id(kind, reference))
        {
            return Some(node);
        }
        let kind = KindId::known(kind);
        let text = reference
            .as_str()
            .or_else(|| reference.get("live")?.as_str());
        match text {
            Some(text) => Some(UserNode::Named(kind, text.to_owned())),
            None if reference.get("system").is_some() => Some(UserNode::Vendor(kind)),
            None => Some(UserNode::Live(
                kind,
                RemoteId::from_wire(reference.get("id")?)?,
            )),
        }
    }

    fn by_id(&self, kind: KindId, id: &Value) -> Option<UserNode> {
        let (table, _) = self.account.as_ref()?;
        let reference = table.to_ref(kind.name(), id);
        match reference_key(kind.name(), &reference) {
            Some(key) => Some(UserNode::Manifest(key)),
            None => RemoteId::from_wire(id).map(|id| UserNode::Live(kind, id)),
        }
    }

    /// The object around another one.
    #[must_use]
    pub fn around(&self, node: &UserNode) -> Option<&UserNode> {
        self.around.get(node)
    }

    /// The users of an object, those of what uses it included.
    #[must_use]
    pub fn users<'w>(&'w self, of: &'w UserNode) -> BTreeSet<&'w UserNode> {
        let (mut found, mut open) = (BTreeSet::new(), vec![ReachedUser { node: of, by: None }]);
        while let Some(reached) = open.pop() {
            for (user, _) in self.users_of(reached) {
                if found.insert(user) {
                    open.push(user);
                }
            }
        }
        found
            .into_iter()
            .map(|it: ReachedUser<'_>| it.node)
            .collect()
    }

    /// Who refers to an object itself, and how. What comes with a template is used by those alone who do not say otherwise.
    pub(super) fn users_of<'w>(
        &'w self,
        reached: ReachedUser<'w>,
    ) -> impl Iterator<Item = (ReachedUser<'w>, &'w Link)> {
        let users = self.users.get(reached.node).into_iter().flatten();
        let takes = move |user: &UserNode| {
            let brings = reached.by.filter(|_| is_template(reached.node));
            brings.is_none_or(|it| self.expanded.contains(&(it.clone(), user.clone())))
        };
        users
            .filter(move |(user, _)| takes(user))
            .map(move |(node, link)| {
                let by = if is_template(reached.node) {
                    reached.by
                } else {
                    Some(reached.node)
                };
                (ReachedUser { node, by }, link)
            })
    }

    /// How many objects of each kind refer to an object themselves.
    #[must_use]
    pub fn counts(&self, of: &UserNode) -> BTreeMap<KindId, usize> {
        let mut counts = BTreeMap::new();
        for user in self.users.get(of).into_iter().flat_map(BTreeMap::keys) {
            *counts.entry(user.kind()).or_default() += 1;
        }
        counts
    }

    /// A live object.
    #[must_use]
    pub fn live(&self, object: &LiveObject) -> Option<UserNode> {
        self.by_id(object.kind, &object.id.to_wire())
    }

    /// Whether there is an account behind it.
    #[must_use]
    pub fn is_of_account(&self) -> bool {
        self.account.is_some()
    }

    /// What people see of an object in the console.
    pub(super) fn display_name(&self, node: &UserNode) -> String {
        if let Some(object) = self.objects.get(node) {
            return object.display_name.clone();
        }
        match node {
            UserNode::Manifest(key) => {
                let resource = self.desired.get(key);
                resource
                    .map_or(key.name.as_str(), Resource::display_name)
                    .to_owned()
            }
            UserNode::Live(_, id) => id.to_string(),
            UserNode::Named(_, name) => name.clone(),
            UserNode::Vendor(kind) => format!("the vendor's {kind}"),
        }
    }

    /// The object that a name, a display name or an id means.
    ///
    /// # Errors
    /// Nothing or more than one object has it.
    pub fn find(&self, kind: KindId, text: &str) -> Result<UserNode, UnknownSelection> {
        let known = self.known(kind);
        let key = Name::new(text)
            .ok()
            .map(|name| UserNode::Manifest(Key { kind, name }));
        if let Some(node) = key.filter(|node| known.contains(node)) {
            return Ok(node);
        }
        if let Some(node) = self
            .recorded(kind, text)
            .filter(|node| known.contains(node))
        {
            return Ok(node);
        }
        let is_meant = |node: &&UserNode| {
            let id = self.objects.get(*node).map(|object| object.id.to_string());
            let display_name = self.display_name(node);
            let is_live = matches!(node, UserNode::Live(..));
            // `pull` makes a name of the display name.
            let pulled = || Name::from_display_name(&display_name, "").as_str() == text;
            id.as_deref() == Some(text) || display_name == text || is_live && pulled()
        };
        let found: Vec<&UserNode> = known.iter().filter(is_meant).collect();
        match found.as_slice() {
            [] => Err(self.nothing(kind, text, &known)),
            [only] => Ok((*only).clone()),
            several => Err(self.several(kind, text, several)),
        }
    }

    /// The object that the ledger has under a name, which may have no manifest any more.
    fn recorded(&self, kind: KindId, text: &str) -> Option<UserNode> {
        let (_, ledger) = self.account.as_ref()?;
        let name = Name::new(text).ok()?;
        let entry = ledger.entries.get(&Key { kind, name })?;
        self.by_id(kind, &entry.id.to_wire())
    }

    fn known(&self, kind: KindId) -> BTreeSet<UserNode> {
        let described = self.desired.of_kind(kind);
        let described = described.map(|it| UserNode::Manifest(it.key.clone()));
        let nodes = self.objects.keys().chain(self.users.keys());
        let nodes = nodes.filter(|node| node.kind() == kind).cloned();
        described.chain(nodes).collect()
    }

    fn nothing(&self, kind: KindId, text: &str, known: &BTreeSet<UserNode>) -> UnknownSelection {
        let names = known.iter().flat_map(|node| {
            let name = match node {
                UserNode::Manifest(key) => Some(key.name.to_string()),
                _ => None,
            };
            name.into_iter().chain([self.display_name(node)])
        });
        let names: Vec<String> = names.collect();
        let place = match self.account {
            Some(_) => "in the manifests or in the account",
            None => "in the manifests",
        };
        let near = did_you_mean(text, names.iter().map(String::as_str));
        let near = near.map(|near| line(&near).into_owned());
        UnknownSelection {
            message: format!("no {kind} `{}` {place}", line(text)),
            help: near.unwrap_or_else(|| match self.account {
                Some(_) => {
                    format!("`campaignctl status --kind {kind}` lists what the account contains")
                }
                None => "add `-e ENVIRONMENT` to search the account as well".to_owned(),
            }),
        }
    }

    fn several(&self, kind: KindId, text: &str, nodes: &[&UserNode]) -> UnknownSelection {
        let ids = nodes
            .iter()
            .map(|node| match (node, self.objects.get(*node)) {
                (UserNode::Manifest(key), _) => key.name.to_string(),
                (_, Some(object)) => object.id.to_string(),
                (node, None) => self.display_name(node),
            });
        let ids: Vec<String> = ids.collect();
        UnknownSelection {
            message: format!(
                "{} are named `{}`",
                kind.def().counted(nodes.len()),
                line(text)
            ),
            help: format!("write one as {kind}/{}", ids.join(&format!(" or {kind}/"))),
        }
    }
}

/// Whether something is only in the files, so that others take over what it says.
fn is_template(node: &UserNode) -> bool {
    node.kind().def().role == Role::Local
}

/// The references of a spec. That an object lists what lies inside it is none.
fn references<'s>(def: &'static KindDef, spec: &'s Value) -> impl Iterator<Item = Use<'s>> {
    let inside = def.children.as_ref();
    let inside = inside.map(|list| Pointer::root().key(list.field));
    let is_list = move |found: &Use<'_>| {
        let list = inside.as_ref();
        list.is_some_and(|list| found.pointer.starts_with(list))
    };
    uses(def.fields, spec)
        .into_iter()
        .filter(move |found| !is_list(found))
}

/// Whether a reference is to what lies around.
fn is_around(def: &KindDef, found: &Use<'_>) -> bool {
    let around = def.parent.as_ref();
    around.is_some_and(|it| it.kind == found.kind && found.pointer == Pointer::root().key(it.field))
}
