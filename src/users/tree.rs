//! The users of one object as a tree.

use std::collections::BTreeSet;

use super::web::{Link, ReachedUser};
use super::{FORMAT, ObjectOwner, Only, User, UserCounts, UserNode, Uses, Web};
use crate::kinds::Role;
use crate::manifest::Key;

impl Web<'_> {
    /// Who uses an object.
    #[must_use]
    pub fn uses(&self, of: &UserNode) -> Uses {
        let mut summary = UserCounts::default();
        let users = self.users(of);
        for user in users.into_iter().filter(|user| *user != of) {
            *summary.users.entry(user.kind()).or_default() += 1;
            summary.live += usize::from(self.is_seen(user) == Some(true));
            summary.foreign += usize::from(self.owner(user) == Some(ObjectOwner::Foreign));
        }
        Uses {
            format: FORMAT,
            environment: None,
            account: None,
            object: self.user(
                ReachedUser { node: of, by: None },
                None,
                &mut BTreeSet::new(),
            ),
            summary,
        }
    }

    fn user<'w>(
        &'w self,
        reached: ReachedUser<'w>,
        link: Option<&Link>,
        told: &mut BTreeSet<ReachedUser<'w>>,
    ) -> User {
        let node = reached.node;
        // What a template is used for depends on the way to it, and any other object on nothing.
        let by = reached.by.filter(|_| node.kind().def().role == Role::Local);
        let mut below: Vec<_> = self.users_of(reached).collect();
        let again = !told.insert(ReachedUser { node, by }) && !below.is_empty();
        below.retain(|_| !again);
        below.sort_by_cached_key(|(ReachedUser { node, .. }, _)| {
            (
                node.kind(),
                self.display_name(node).to_lowercase(),
                (*node).clone(),
            )
        });
        let live = self.is_seen(node);
        User {
            kind: node.kind(),
            key: match node {
                UserNode::Manifest(key) => Some(key.clone()),
                _ => None,
            },
            display_name: self.display_name(node),
            remote_id: self.objects.get(node).map(|object| object.id.clone()),
            owner: self.owner(node),
            live,
            why: (live == Some(false)).then(|| self.why(node)),
            inside: self.around(node).map(|around| self.shown(around)),
            fields: link.map_or_else(Vec::new, |it| it.fields.iter().cloned().collect()),
            is_inside: link.is_some_and(|link| link.inside),
            only: link.and_then(|link| self.only(node, link)),
            again,
            users: below
                .into_iter()
                .map(|(user, link)| self.user(user, Some(link), told))
                .collect(),
        }
    }

    /// Why consumers do not see an object.
    fn why(&self, node: &UserNode) -> String {
        if let Some(why) = self.unseen(node) {
            return why.to_owned();
        }
        match self.around(node) {
            Some(around) => {
                let why = self.unseen(around).unwrap_or("its parent was not read");
                format!("{}: {why}", self.shown(around))
            }
            None => "its parent was not read".to_owned(),
        }
    }

    /// An object in a line: by its manifest, else by what people see.
    fn shown(&self, node: &UserNode) -> String {
        match node {
            UserNode::Manifest(key) => key.to_string(),
            other => format!("{} \"{}\"", other.kind(), self.display_name(other)),
        }
    }

    fn owner(&self, node: &UserNode) -> Option<ObjectOwner> {
        if node.kind().def().role == Role::Reference {
            return None;
        }
        let object = self.objects.get(node);
        if matches!(node, UserNode::Vendor(_)) || object.is_some_and(|object| object.system) {
            return Some(ObjectOwner::Vendor);
        }
        let (_, ledger) = match (node, &self.account) {
            (UserNode::Manifest(key), _) if self.desired.get(key).is_some() => {
                return Some(ObjectOwner::Manifest);
            }
            (_, account) => account.as_ref()?,
        };
        let is_bound = |key: &Key| ledger.entries.contains_key(key);
        match node {
            UserNode::Manifest(key) if is_bound(key) => Some(ObjectOwner::Ledger),
            _ => object.map(|_| ObjectOwner::Foreign),
        }
    }

    /// Where alone a user refers to what it uses, for what both sides know.
    fn only(&self, user: &UserNode, link: &Link) -> Option<Only> {
        let is_described =
            matches!(user, UserNode::Manifest(key) if self.desired.get(key).is_some());
        let is_local = user.kind().def().role == Role::Local;
        if self.account.is_none() || !is_described || is_local {
            return None;
        }
        match (link.declared, link.live) {
            (true, false) if !link.to_template => Some(Only::Manifests),
            (false, true) => Some(Only::Account),
            _ => None,
        }
    }
}
