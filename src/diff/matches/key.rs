//! The digest of all that the comparison of one object is given. The module above says why each part is in it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Digest;
use crate::check::schema_text;
use crate::diff::prune::Pruned;
use crate::diff::{Bindings, Bound, DiffInput};
use crate::kinds::KindId;
use crate::live::{Entry, FilePlace, LiveObject, References};
use crate::manifest::Key;
use crate::resolve::Resource;

/// What is to be digested: each part with its length, so that none runs into the next.
#[derive(Clone)]
struct Parts(Sha256);

impl Parts {
    fn new(of: &str) -> Self {
        let mut parts = Self(Sha256::new());
        parts.text(of);
        parts
    }

    fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
    }

    fn maybe(&mut self, text: Option<&str>) {
        self.flag(text.is_some());
        self.text(text.unwrap_or_default());
    }

    fn flag(&mut self, flag: bool) {
        self.0.update([u8::from(flag)]);
    }

    fn json<T: Serialize + ?Sized>(&mut self, value: &T) {
        let text = serde_json::to_string(value).expect("plain data can be written as JSON");
        self.text(&text);
    }

    fn digest(self) -> Digest {
        self.0.finalize().into()
    }
}

/// The digests of the objects of one run.
pub(super) struct MatchKeys<'a> {
    program: &'a str,
    input: &'a DiffInput<'a>,
    bindings: &'a Bindings<'a>,
    pruned: &'a Pruned<'a>,
    /// By kind, with what its objects have in common.
    kinds: BTreeMap<KindId, Parts>,
    /// By kind, where the manifests put its objects.
    places: BTreeMap<KindId, Digest>,
}

impl<'a> MatchKeys<'a> {
    pub(super) fn new(
        program: &'a str,
        input: &'a DiffInput<'a>,
        bindings: &'a Bindings<'a>,
        pruned: &'a Pruned<'a>,
    ) -> Self {
        Self {
            program,
            input,
            bindings,
            pruned,
            kinds: BTreeMap::new(),
            places: BTreeMap::new(),
        }
    }

    /// The digest of an object; `None` where there is none, or where the run is about a part of all.
    pub(super) fn of(&mut self, resource: &Resource) -> Option<Digest> {
        let bound = self.bindings.bound.get(&resource.key)?;
        if self.input.scope.selection.is_partial() {
            return None;
        }
        let mut parts = self.common(resource.key.kind);
        self.manifest(resource, &mut parts);
        live(bound.object, &mut parts);
        self.record(bound, &mut parts);
        self.inside(resource, &mut parts);
        Some(parts.digest())
    }

    fn common(&mut self, kind: KindId) -> Parts {
        let scope = &self.input.scope;
        let parts = self.kinds.entry(kind).or_insert_with(|| {
            let mut parts = Parts::new(super::MATCHES_FORMAT);
            parts.text(self.program);
            parts.text(&schema_text(kind));
            parts.flag(scope.ignores_drift);
            parts.flag(scope.writes_observed);
            parts
        });
        parts.clone()
    }

    fn manifest(&self, resource: &Resource, parts: &mut Parts) {
        let texts = self.input.texts;
        let document = texts.document(resource.doc);
        let place = (self.input.scope.place)(&texts.sources.get(document.file).path);
        let FilePlace { file, link } = place;
        parts.text(&resource.key.to_string());
        parts.text(resource.display_name());
        parts.0.update(resource.spec.digest());
        parts.json(&resource.lifecycle);
        parts.text(&file);
        parts.maybe(link.as_deref());
    }

    fn record(&self, bound: &Bound<'_>, parts: &mut Parts) {
        let key = bound.entry.as_ref();
        let entry = key.and_then(|key| self.input.ledger.entries.get(key));
        parts.maybe(key.map(Key::to_string).as_deref());
        parts.flag(entry.is_some());
        let Some(entry) = entry else { return };
        let Entry {
            id,
            parent,
            display_name,
            applied,
            vocabulary,
            protect,
            observed,
            file,
            link,
            at,
            plan,
        } = entry;
        parts.text(id.as_str());
        parts.maybe(parent.as_ref().map(crate::name::RemoteId::as_str));
        parts.text(display_name);
        parts.text(applied.text());
        parts.json(vocabulary);
        parts.flag(*protect);
        parts.flag(*observed);
        parts.text(file);
        parts.maybe(link.as_deref());
        parts.text(at);
        parts.text(plan);
    }

    /// What the list of children is made of, of an object that has one.
    fn inside(&mut self, resource: &Resource, parts: &mut Parts) {
        let Some(list) = &resource.key.kind.def().children else {
            return;
        };
        let kind = KindId::known(list.kind);
        let desired = self.input.desired;
        let mut children: Vec<&Key> = desired.children_of(&resource.key).iter().collect();
        children.sort_by_key(|key| desired.get(key).map(|child| child.doc));
        parts.json(&children);
        parts.json(&self.pruned.members);
        let places = self.places.entry(kind).or_insert_with(|| {
            let mut parts = Parts::new(kind.name());
            let of_kind = desired.iter().filter(|it| it.key.kind == kind);
            let places: BTreeSet<(&Key, Option<Key>)> =
                of_kind.map(|it| (&it.key, it.parent())).collect();
            parts.json(&places);
            parts.digest()
        });
        parts.0.update(*places);
    }
}

fn live(object: &LiveObject, parts: &mut Parts) {
    let LiveObject {
        kind,
        id,
        parent,
        display_name,
        body,
        whole,
        system,
    } = object;
    parts.text(kind.name());
    parts.text(id.as_str());
    parts.maybe(parent.as_ref().map(crate::name::RemoteId::as_str));
    parts.text(display_name);
    parts.text(body.text());
    parts.flag(*whole);
    parts.flag(*system);
}

/// The digest of a table of names and ids: the same table gives the same answers.
pub(super) fn of_table(references: &References) -> Digest {
    let mut parts = Parts::new("table");
    references.each_row(|row| {
        parts.text(row.kind);
        parts.json(row.id);
        parts.maybe(row.name);
        parts.text(row.display_name);
        parts.flag(row.system);
    });
    parts.digest()
}
