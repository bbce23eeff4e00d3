//! The complaints about manifests that change: they are kept, and a change checks again only what it has to do with.
//!
//! - A document is checked against its schema when it is new.
//! - The references of a resource are checked when it changed, and when a name that it refers to came or went. While
//!   one of them leads nowhere, they are checked at every change: the nearest name may be another one.
//! - Its rules are run when it changed, or anything that they asked about: [`AskedWorld`] keeps what that was.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rayon::prelude::*;
use serde_json::Value;

use super::lost::{Absent, Lost, Uncertain, missed};
use super::references::{self, Remedies};
use super::{is_sound, judged, misfit, previous, twins};
use crate::diag::{Diagnostic, Diags, DocId, Texts};
use crate::kinds::{KindId, RuleWorld};
use crate::manifest::Key;
use crate::name::Name;
use crate::resolve::{self, Desired};
use crate::text::Sources;

/// What is known of all documents and resources.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The documents that do not fit their schema.
    unsound: BTreeMap<DocId, Diags>,
    /// The complaints of typed parse and rules, where there are any.
    judged: BTreeMap<Key, Diags>,
    /// The complaints about references, where there are any.
    dangling: BTreeMap<Key, Diags>,
    /// By name: what refers to it, and the other way round.
    referrers: Links<Key>,
    /// By question: whose rules asked it, and the other way round.
    askers: Links<WorldQuestion>,
    /// Those whose references lead to manifests that cannot be read: they are checked at every change, too.
    waiting: BTreeSet<Key>,
    /// Those whose rules say that some manifest is not there.
    missing: BTreeMap<Key, BTreeSet<Absent>>,
    /// What of that may be wrong, found at every change.
    uncertain: Uncertain,
    remedies: Remedies,
    /// The complaints about names of several manifests, which are few: all of them are looked at after a change.
    previous: Diags,
}

/// What has changed.
#[derive(Clone, Copy, Debug)]
pub struct CheckedChange<'a> {
    /// The documents that are gone, or whose number is another document's now.
    pub gone: &'a BTreeSet<DocId>,
    /// The documents that are new.
    pub new: &'a BTreeSet<DocId>,
    /// The sources of the documents.
    pub sources: &'a Sources,
    /// What the desired state says of its change.
    pub resources: &'a resolve::ResolvedChange,
}

/// Something that rules may ask about other manifests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum WorldQuestion {
    /// The spec of a manifest.
    Spec(Key),
    /// What lies below a manifest.
    Children(Key),
}

impl Checked {
    /// Every complaint.
    pub fn complaints(&self) -> impl Iterator<Item = &Diagnostic> {
        let all = self.unsound.values().chain(self.dangling.values());
        let judged = self.judged.iter().flat_map(|(key, diags)| {
            let is_certain = |it: &&Diagnostic| !self.uncertain.has(key, it);
            diags.iter().filter(is_certain)
        });
        all.flat_map(Diags::iter)
            .chain(judged)
            .chain(self.previous.iter())
    }

    /// Whether references lead nowhere or manifests are missing, so that a change of any text has to do with them.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.dangling.is_empty() || !self.waiting.is_empty() || !self.missing.is_empty()
    }

    /// Takes a change in.
    pub fn replace(&mut self, texts: &Texts, desired: &Desired, replaced: CheckedChange<'_>) {
        self.structures(texts, &replaced);
        self.references(texts, desired, &replaced);
        self.rules(texts, desired, replaced.resources);
        let missing: BTreeSet<Absent> = self.missing.values().flatten().cloned().collect();
        self.uncertain = Uncertain::default();
        if !missing.is_empty() {
            let lost = Lost::of(replaced.sources, &texts.documents);
            self.uncertain = Uncertain::of(missing, &lost, desired);
        }
        self.previous = Diags::default();
        previous::check(desired, &mut self.previous);
        twins::check(desired, &mut self.previous);
    }

    fn structures(&mut self, texts: &Texts, replaced: &CheckedChange<'_>) {
        for doc in replaced.gone {
            self.unsound.remove(doc);
        }
        let found: Vec<(DocId, Diags)> = replaced
            .new
            .par_iter()
            .filter_map(|doc| Some((*doc, misfit(*doc, texts.document(*doc), replaced.sources)?)))
            .collect();
        self.unsound.extend(found);
    }

    fn references(&mut self, texts: &Texts, desired: &Desired, change: &CheckedChange<'_>) {
        let replaced = change.resources;
        let kinds: BTreeSet<KindId> = replaced.names.iter().map(|key| key.kind).collect();
        self.remedies.forget(&kinds);
        for key in &replaced.changed {
            let targets = desired.get(key).map(references::targets);
            self.referrers.set(key, targets.unwrap_or_default());
        }
        let mut waiting: BTreeSet<Key> = replaced.changed.clone();
        for name in &replaced.names {
            waiting.extend(self.referrers.of(name).cloned());
        }
        waiting.extend(self.dangling.keys().cloned());
        waiting.append(&mut self.waiting);
        let lost = OnceCell::new();
        for key in waiting {
            let mut diags = Diags::default();
            let suspect = desired
                .get(&key)
                .filter(|it| references::is_suspect(it, desired));
            if let Some(resource) = suspect {
                let lost = lost.get_or_init(|| Lost::of(change.sources, &texts.documents));
                let known = (&mut self.remedies, lost);
                if references::check(resource, desired, known, &mut diags) {
                    self.waiting.insert(key.clone());
                }
            }
            keep(&mut self.dangling, key, diags);
        }
    }

    fn rules(&mut self, texts: &Texts, desired: &Desired, replaced: &resolve::ResolvedChange) {
        let mut waiting = replaced.changed.clone();
        let specs = replaced.changed.iter().cloned().map(WorldQuestion::Spec);
        let children = replaced
            .parents
            .iter()
            .cloned()
            .map(WorldQuestion::Children);
        for question in specs.chain(children) {
            waiting.extend(self.askers.of(&question).cloned());
        }
        let unsound = &self.unsound;
        let found: Vec<(Key, Diags, BTreeSet<WorldQuestion>)> = waiting
            .into_par_iter()
            .map(|key| {
                let asked = AskedWorld::new(desired);
                let resource = desired.get(&key);
                let sound = resource.filter(|it| is_sound(it, |doc| unsound.contains_key(&doc)));
                let diags = sound.map(|resource| judged(texts, &asked, resource));
                (key, diags.unwrap_or_default(), asked.questions.into_inner())
            })
            .collect();
        for (key, diags, questions) in found {
            self.askers.set(&key, questions);
            let missing: BTreeSet<Absent> = missed(&key, &diags).collect();
            self.missing.remove(&key);
            if !missing.is_empty() {
                self.missing.insert(key.clone(), missing);
            }
            keep(&mut self.judged, key, diags);
        }
    }
}

fn keep(kept: &mut BTreeMap<Key, Diags>, key: Key, diags: Diags) {
    if diags.is_empty() {
        kept.remove(&key);
    } else {
        kept.insert(key, diags);
    }
}

/// What resources have to do with, in both directions.
#[derive(Clone, Debug)]
struct Links<T> {
    to: BTreeMap<Key, BTreeSet<T>>,
    from: BTreeMap<T, BTreeSet<Key>>,
}

impl<T> Default for Links<T> {
    fn default() -> Self {
        Self {
            to: BTreeMap::new(),
            from: BTreeMap::new(),
        }
    }
}

impl<T: Ord + Clone> Links<T> {
    fn of(&self, target: &T) -> impl Iterator<Item = &Key> {
        self.from.get(target).into_iter().flatten()
    }

    fn set(&mut self, key: &Key, targets: BTreeSet<T>) {
        for target in self.to.remove(key).into_iter().flatten() {
            if let Some(keys) = self.from.get_mut(&target) {
                keys.remove(key);
                if keys.is_empty() {
                    self.from.remove(&target);
                }
            }
        }
        if targets.is_empty() {
            return;
        }
        for target in &targets {
            let keys = self.from.entry(target.clone()).or_default();
            keys.insert(key.clone());
        }
        self.to.insert(key.clone(), targets);
    }
}

/// A world that keeps what it was asked.
struct AskedWorld<'w> {
    desired: &'w Desired,
    questions: RefCell<BTreeSet<WorldQuestion>>,
}

impl<'w> AskedWorld<'w> {
    fn new(desired: &'w Desired) -> Self {
        Self {
            desired,
            questions: RefCell::default(),
        }
    }

    fn note(&self, question: fn(Key) -> WorldQuestion, kind: &'static str, name: &str) {
        if let Ok(name) = Name::new(name) {
            let kind = KindId::known(kind);
            let key = Key { kind, name };
            self.questions.borrow_mut().insert(question(key));
        }
    }
}

impl RuleWorld for AskedWorld<'_> {
    fn spec(&self, kind: &'static str, name: &str) -> Option<&Value> {
        self.note(WorldQuestion::Spec, kind, name);
        self.desired.spec(kind, name)
    }

    fn children(&self, kind: &'static str, parent: &str) -> Vec<(&str, &Value)> {
        if let Some(around) = &KindId::known(kind).def().parent {
            self.note(WorldQuestion::Children, around.kind, parent);
        }
        self.desired.children(kind, parent)
    }

    fn now(&self) -> Option<Timestamp> {
        self.desired.now()
    }
}
