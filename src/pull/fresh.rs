//! Objects that people made in the console, as new manifests beside the others of their kinds.
//!
//! None is taken over unless it is named or asked for: an account holds the objects of others, too. The name of a
//! manifest is made of what people see in the console; the object is adopted by that, or by the ledger, at the next
//! apply.

use std::collections::{BTreeMap, BTreeSet};

use super::asked::{PullWants, UnknownName, outside};
use super::place::{folder_of, free_path, in_order};
use super::{Foreign, Left};
use crate::diag::{Texts, suggestion};
use crate::diff::Bindings;
use crate::export::{self, ExportedNames, free_name};
use crate::kinds::{KindId, Role, uses};
use crate::live::{Absence, Entry, Inventory, Ledger, LiveObject, References};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::Desired;
use crate::text::safe::line;

/// What the names mean.
#[derive(Debug, Default)]
pub struct FreshObjects<'a> {
    /// The objects that get manifests, those inside of others behind these.
    pub objects: Vec<(&'a LiveObject, Key)>,
    /// The manifests that are named.
    pub manifests: BTreeSet<Key>,
    /// What is foreign and gets a manifest because its kind was named.
    pub along: Vec<Key>,
    /// What is without a manifest and left out.
    pub excluded: BTreeSet<Key>,
    /// What is foreign and was not asked for.
    pub rest: Vec<Foreign>,
}

impl FreshObjects<'_> {
    /// Leaves objects as they are, without a manifest.
    pub fn leave(&mut self, left: &[Left]) {
        let left: BTreeSet<&Key> = left.iter().map(|left| &left.key).collect();
        self.objects.retain(|(_, key)| !left.contains(key));
        self.along.retain(|key| !left.contains(key));
        self.excluded.extend(left.into_iter().cloned());
    }
}

/// A new file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// The path, as positions show it.
    pub path: String,
    /// The text.
    pub text: String,
    /// The manifests in it.
    pub keys: Vec<Key>,
}

/// What the account holds beside the manifests.
pub struct PulledAccount<'a> {
    pub(super) inventory: &'a Inventory,
    ledger: &'a Ledger,
    desired: &'a Desired,
    bindings: &'a Bindings<'a>,
    /// The name of each object: of its manifest, of the ledger, or the one that its manifest would get.
    names: ExportedNames,
    /// The objects without a manifest, with the entry of the ledger of those that had one.
    pub(super) free: Vec<(&'a LiveObject, Option<&'a Entry>)>,
    /// Why a manifest of the ledger is not among the desired ones.
    absence: &'a dyn Fn(&Entry) -> Absence,
}

impl<'a> PulledAccount<'a> {
    /// Names everything that was read.
    #[must_use]
    pub fn new(
        inventory: &'a Inventory,
        ledger: &'a Ledger,
        desired: &'a Desired,
        bindings: &'a Bindings<'a>,
        absence: &'a dyn Fn(&Entry) -> Absence,
    ) -> Self {
        let mut names = ExportedNames::new();
        let mut taken: BTreeSet<(KindId, _)> = BTreeSet::new();
        for key in desired
            .iter()
            .map(|it| &it.key)
            .chain(ledger.entries.keys())
        {
            taken.insert((key.kind, key.name.clone()));
        }
        for (key, bound) in &bindings.bound {
            names.insert((key.kind, bound.object.id.clone()), key.name.clone());
        }
        let entries = ledger.entries.iter();
        let entries: BTreeMap<(KindId, &RemoteId), _> = entries
            .map(|(key, entry)| ((key.kind, &entry.id), (key, entry)))
            .collect();
        let mut free = Vec::new();
        for object in in_order(inventory) {
            let place = (object.kind, object.id.clone());
            if names.contains_key(&place) {
                continue;
            }
            let recorded = entries.get(&(object.kind, &object.id)).copied();
            let name = match recorded {
                Some((key, _)) => key.name.clone(),
                None => free_name(object, &mut taken),
            };
            names.insert(place, name);
            free.push((object, recorded.map(|(_, entry)| entry)));
        }
        Self {
            inventory,
            ledger,
            desired,
            bindings,
            names,
            free,
            absence,
        }
    }

    pub(super) fn key(&self, object: &LiveObject) -> Key {
        Key {
            kind: object.kind,
            name: self.names[&(object.kind, object.id.clone())].clone(),
        }
    }

    fn foreign(&self, object: &LiveObject) -> Foreign {
        Foreign {
            key: self.key(object),
            display_name: object.display_name.clone(),
            remote_id: object.id.clone(),
        }
    }

    /// What the names on the command line mean.
    ///
    /// # Errors
    /// A name that no object has, or several have; an object of the vendor's, or one whose manifest was not read.
    pub fn chosen(&self, request: &PullWants<'_>) -> Result<FreshObjects<'a>, UnknownName> {
        self.check_excludes(request)?;
        let mut chosen: BTreeSet<Key> = BTreeSet::new();
        let mut fresh = FreshObjects::default();
        for named in request.named {
            if let Some(text) = &named.object {
                let known = self.find(named.kind, text, &mut chosen)?;
                if let Some((key, file)) = known
                    .as_ref()
                    .and_then(|it| Some((it, (request.outside)(it)?)))
                {
                    return Err(outside(key, &file));
                }
                fresh.manifests.extend(known);
                continue;
            }
            let of_kind = self.desired.of_kind(named.kind);
            fresh.manifests.extend(of_kind.map(|it| it.key.clone()));
            fresh.along.extend(self.along(named.kind, request));
            let free = self.covered(request);
            let free = free.filter(|(key, _)| key.kind == named.kind);
            chosen.extend(free.map(|(key, _)| key));
        }
        if request.foreign {
            let strangers = self.covered(request).filter(|(_, is_ours)| !is_ours);
            chosen.extend(strangers.map(|(key, _)| key));
        }
        self.complete(&mut chosen, request);
        let is_read = |object: &&LiveObject| object.whole;
        for (object, _) in &self.free {
            let key = self.key(object);
            if chosen.contains(&key) && is_read(object) {
                fresh.objects.push((object, key));
            }
        }
        fresh.excluded = self.excluded(request);
        let is_left = |object: &&LiveObject| {
            let key = self.key(object);
            !chosen.contains(&key) && !fresh.excluded.contains(&key)
        };
        let rest = self.strangers().filter(is_left);
        fresh.rest = rest.map(|object| self.foreign(object)).collect();
        Ok(fresh)
    }

    /// The objects that neither a manifest nor the ledger knows.
    fn strangers(&self) -> impl Iterator<Item = &'a LiveObject> + '_ {
        let free = self.free.iter().filter(|(_, entry)| entry.is_none());
        free.map(|(object, _)| *object)
    }

    /// The objects that no manifest describes: those, and those whose manifest is gone from the files.
    fn undefined(&self) -> impl Iterator<Item = &'a LiveObject> + '_ {
        let is_gone = |entry: &Entry| self.is_gone(entry);
        let free = self.free.iter();
        let free = free.filter(move |(_, entry)| entry.is_none_or(is_gone));
        free.map(|(object, _)| *object)
    }

    pub(super) fn is_gone(&self, entry: &Entry) -> bool {
        matches!((self.absence)(entry), Absence::Gone | Absence::Emptied)
    }

    /// Whether the ledger says what the manifest of an object is, or was.
    pub(super) fn is_recorded(&self, object: &LiveObject) -> bool {
        let mut entries = self.ledger.entries.iter();
        entries.any(|(key, entry)| key.kind == object.kind && entry.id == object.id)
    }

    /// The manifest that a name means; an object without one is among the chosen ones afterwards.
    fn find(
        &self,
        kind: KindId,
        text: &str,
        chosen: &mut BTreeSet<Key>,
    ) -> Result<Option<Key>, UnknownName> {
        let is_name = |key: &Key| key.kind == kind && key.name.as_str() == text;
        if let Some(resource) = self.desired.of_kind(kind).find(|it| is_name(&it.key)) {
            return Ok(Some(resource.key.clone()));
        }
        let all = self.inventory.of_kind(kind);
        let by_name = self
            .free
            .iter()
            .find(|(object, _)| is_name(&self.key(object)));
        let is_meant = |it: &&LiveObject| it.display_name == text || it.id.as_str() == text;
        let found: Vec<&LiveObject> = by_name.map_or_else(
            || all.iter().filter(is_meant).collect(),
            |(object, _)| vec![*object],
        );
        let [object] = found.as_slice() else {
            return Err(self.unknown(kind, text, &found));
        };
        if object.system {
            return Err(UnknownName {
                message: format!("{kind}/{text} is the vendor's own object: it gets no manifest"),
                help: "refer to it with `{ system: true }`".to_owned(),
            });
        }
        let bound = self.bindings.bound.iter();
        if let Some((key, _)) = bound
            .clone()
            .find(|(key, it)| key.kind == kind && it.object.id == object.id)
        {
            return Ok(Some(key.clone()));
        }
        let entry = self
            .free
            .iter()
            .find(|(it, _)| it.id == object.id && it.kind == kind);
        if let Some((_, Some(entry))) = entry
            && !self.is_gone(entry)
        {
            return Err(UnknownName {
                message: format!(
                    "the manifest of {kind}/{text} is in `{}`, which this run does not read",
                    entry.file
                ),
                help: "run it on the whole project".to_owned(),
            });
        }
        chosen.insert(self.key(object));
        Ok(None)
    }

    pub(super) fn unknown(&self, kind: KindId, text: &str, found: &[&LiveObject]) -> UnknownName {
        let text = line(text);
        if found.len() > 1 {
            let ids: Vec<String> = found
                .iter()
                .map(|it| format!("`{kind}/{}`", it.id))
                .collect();
            return UnknownName {
                message: format!("{} objects are {kind}/{text}", found.len()),
                help: format!("name one by its id: {}", ids.join(", ")),
            };
        }
        if kind.def().role == Role::Local {
            return UnknownName {
                message: format!("{kind}/{text} is only in the files: the account holds none"),
                help: "name an object of the account".to_owned(),
            };
        }
        let free = self.free.iter().filter(|(object, _)| object.kind == kind);
        let names: Vec<String> = free
            .map(|(object, _)| self.key(object).name.to_string())
            .collect();
        let manifests = self.desired.of_kind(kind).map(|it| it.key.name.as_str());
        let near = suggestion(&text, manifests.chain(names.iter().map(String::as_str)));
        UnknownName {
            message: format!("no {kind} named `{text}` in the manifests or in the account"),
            help: near.map_or_else(
                || format!("`campaignctl pull {kind}` takes over every {kind}"),
                |near| near.text,
            ),
        }
    }

    /// Adds what lies inside the chosen objects, and on request what they refer to.
    /// What is left out stays out.
    fn complete(&self, chosen: &mut BTreeSet<Key>, request: &PullWants<'_>) {
        let references = self.references();
        let excluded = self.excluded(request);
        chosen.retain(|key| !excluded.contains(key));
        let mut waiting: Vec<Key> = chosen.iter().cloned().collect();
        while let Some(key) = waiting.pop() {
            let Some(object) = self.object(&key) else {
                continue;
            };
            let inside = self.undefined().filter(|it| is_inside(it, object));
            let mut more: Vec<Key> = inside.map(|it| self.key(it)).collect();
            if request.with_references {
                let strangers = self.referred(object, &references);
                more.extend(strangers.into_iter().map(|foreign| foreign.key));
            }
            for key in more.into_iter().filter(|key| !excluded.contains(key)) {
                if chosen.insert(key.clone()) {
                    waiting.push(key);
                }
            }
        }
    }

    fn object(&self, key: &Key) -> Option<&'a LiveObject> {
        let mut free = self.free.iter();
        free.find(|(object, _)| self.key(object) == *key)
            .map(|(object, _)| *object)
    }

    fn references(&self) -> References {
        export::references(self.inventory, &self.names)
    }

    /// The objects without a manifest that an object refers to; what it lies inside is one of them, what lies inside
    /// it is none.
    fn referred(&self, object: &LiveObject, references: &References) -> Vec<Foreign> {
        let def = object.kind.def();
        let spec = crate::diff::manifest_spec(def, references, object);
        let inside = def.children.as_ref().map(|list| list.field);
        let mut found = BTreeSet::new();
        for used in uses(def.fields, &spec) {
            let is_inside = used.pointer.steps().next().as_deref() == inside;
            if let Some(name) = used.reference.as_str()
                && !is_inside
            {
                let is_it = |it: &&LiveObject| {
                    it.kind.name() == used.kind && self.key(it).name.as_str() == name
                };
                found.extend(self.undefined().find(is_it).map(|it| self.foreign(it)));
            }
        }
        found.into_iter().collect()
    }

    /// What a new manifest refers to that no manifest defines, but for what is left out.
    #[must_use]
    pub fn undescribed(&self, fresh: &FreshObjects<'_>, object: &LiveObject) -> Vec<Foreign> {
        let mut found = self.referred(object, &self.references());
        found.retain(|foreign| !fresh.excluded.contains(&foreign.key));
        found.retain(|foreign| !fresh.objects.iter().any(|(_, key)| *key == foreign.key));
        found
    }

    /// The foreign objects that live values refer to, by the kind and the display name.
    #[must_use]
    pub fn stranger_named(&self, kind: &str, display_name: &str) -> Option<Foreign> {
        let mut strangers = self.strangers();
        let found = strangers.find(|it| it.kind.name() == kind && it.display_name == display_name);
        found.map(|it| self.foreign(it))
    }

    /// Whether a manifest among the new ones is made again: the ledger knows that there was one.
    #[must_use]
    pub fn makes_again(&self, fresh: &FreshObjects<'_>) -> bool {
        let free = self.free.iter().filter(|(_, entry)| entry.is_some());
        let mut known = free.map(|(object, _)| (object.kind, &object.id));
        let new = |id| fresh.objects.iter().any(|(it, _)| (it.kind, &it.id) == id);
        known.any(new)
    }

    /// The new files: one for each object, with what lies inside it. `lines` are those for editors, by the folder of the
    /// file.
    #[must_use]
    pub fn files(
        &self,
        texts: &Texts,
        fresh: &FreshObjects<'_>,
        root: &str,
        lines: &dyn Fn(&str) -> String,
    ) -> Vec<NewFile> {
        let known = self.bindings.bound.iter();
        let known =
            known.map(|(key, bound)| ((key.kind, bound.object.id.clone()), key.name.clone()));
        let mut names: ExportedNames = known.collect();
        for (object, key) in &fresh.objects {
            names.insert((object.kind, object.id.clone()), key.name.clone());
        }
        let references = export::references(self.inventory, &names);
        let mut paths: BTreeSet<String> = texts
            .sources
            .iter()
            .map(|(_, source)| source.path.to_lowercase())
            .collect();
        let is_below = |object: &LiveObject| {
            fresh
                .objects
                .iter()
                .any(|(around, _)| is_inside(object, around))
        };
        let mut files = Vec::new();
        for (object, key) in fresh.objects.iter().filter(|(object, _)| !is_below(object)) {
            let all = self.inventory.iter();
            let inside: Vec<&LiveObject> = all
                .filter(|it| is_inside(it, object))
                .filter(|it| names.contains_key(&(it.kind, it.id.clone())))
                .collect();
            let new = |it: &LiveObject| fresh.objects.iter().any(|(new, _)| new.id == it.id);
            let (folder, head) = folder_of(texts, key.kind, root, lines);
            let path = free_path(&folder, key, &mut paths);
            let text = export::text_with(
                object,
                &inside,
                &new,
                &names,
                (self.inventory, self.ledger),
                &references,
                &head,
            );
            let mut keys = vec![key.clone()];
            keys.extend(inside.iter().filter(|it| new(it)).map(|it| self.key(it)));
            files.push(NewFile { path, text, keys });
        }
        files
    }
}

pub(super) fn is_inside(object: &LiveObject, around: &LiveObject) -> bool {
    let parent = object.kind.def().parent.as_ref();
    parent.is_some_and(|parent| parent.kind == around.kind.name())
        && object.parent.as_ref() == Some(&around.id)
}
