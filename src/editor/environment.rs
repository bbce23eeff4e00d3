//! One environment of a project that is being edited: composed, resolved and checked, and again only what an edit has
//! to do with.
//!
//! A part ([`DocumentGroup`]) is composed as a whole. Where its documents say the same as before, only their places are
//! renewed; complaints hold documents and pointers, so they find the new places by themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::files::{DocumentGroup, Files, PartIndex};
use jiff::Timestamp;

use crate::check::{self, Checked};
use crate::diag::{Diagnostic, Diags, DocId, Location, Texts};
use crate::diagnose::{self, Depth};
use crate::manifest::{Key, Manifest, parse_document};
use crate::project::{GivenVariables, Project, Rules};
use crate::resolve::{
    Desired, Ingredients, Orphan, RawKey, Resolved, Variables, compose_part, orphan_complaints,
};
use crate::text::{Document, FileId};

/// The most manifests of an environment for which what they say together is worked out at each edit: it takes about 0.05 ms
/// for each, and an answer that takes longer than 100 ms is felt as a delay. Beyond, it waits for a pause.
const AT_ONCE: usize = 1_000;

/// What the passes made of one environment.
#[derive(Clone, Debug, Default)]
pub(super) struct EnvironmentPasses {
    /// Its name.
    pub(super) name: String,
    variables: Variables,
    /// The groups of its overlay folders, lowest first.
    overlays: Vec<usize>,
    /// Its documents by number, without sources.
    texts: Texts,
    free: Vec<DocId>,
    parts: BTreeMap<DocumentGroup, MadePart>,
    resolved: Resolved,
    checked: Checked,
    project: Arc<Project>,
    /// What the manifests say together.
    together: Diags,
    /// Whether that is from before the last edit.
    owes: bool,
}

/// What was made of a part.
#[derive(Clone, Debug, Default)]
struct MadePart {
    documents: Vec<DocId>,
    /// The key of its manifests.
    key: Option<Key>,
    /// The complaints of composing it, which hold places.
    composing: Diags,
    /// The complaints of parsing it, which hold documents.
    parsing: Diags,
    orphans: Vec<Orphan>,
}

/// What a change of parts leads to.
#[derive(Default)]
struct PartsChange {
    gone: BTreeSet<DocId>,
    new: BTreeSet<DocId>,
    manifests: BTreeMap<Key, Vec<Manifest>>,
}

impl EnvironmentPasses {
    /// An environment of a project without files, judged at a moment.
    pub(super) fn new(
        project: &Arc<Project>,
        name: String,
        overlays: Vec<usize>,
        now: Timestamp,
    ) -> Self {
        let (variables, _) = project.variables_of(&name, &GivenVariables::new());
        Self {
            resolved: Resolved::default().at(now),
            project: Arc::clone(project),
            name,
            variables,
            overlays,
            ..Self::default()
        }
    }

    /// The groups of files that it is made of.
    pub(super) fn groups(&self) -> BTreeSet<usize> {
        self.overlays.iter().copied().chain([0]).collect()
    }

    /// Its documents, without sources.
    pub(super) fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The desired state.
    pub(super) fn desired(&self) -> &Desired {
        self.resolved.desired()
    }

    /// Every complaint with the severities of some rules, and with places that hold without the documents.
    pub(super) fn complaints(&self, rules: &Rules) -> Diags {
        let mut diags: Diags = self.of_passes().cloned().collect();
        let orphans = self.parts.values().flat_map(|made| &made.orphans);
        let names: Vec<&RawKey> = match orphans.clone().next() {
            Some(_) => self.names().collect(),
            None => Vec::new(),
        };
        diags.extend(orphan_complaints(orphans, &names));
        diags.extend(self.together.iter().cloned());
        rules.apply(diags, &self.texts).pinned(&self.texts)
    }

    /// What the passes complain of, but for overlays without a base.
    fn of_passes(&self) -> impl Iterator<Item = &Diagnostic> {
        let made = self.parts.values();
        let composing = made.flat_map(|made| made.composing.iter().chain(made.parsing.iter()));
        composing
            .chain(self.resolved.complaints())
            .chain(self.checked.complaints())
    }

    /// Whether what the manifests say together is from before the last edit.
    pub(super) fn owes(&self) -> bool {
        self.owes
    }

    /// Works out what the manifests say together.
    pub(super) fn settle(&mut self) {
        let (with, what) = (
            (&*self.project, Depth::Findings),
            (&self.texts, self.resolved.desired()),
        );
        self.together = diagnose::together(with, what, self.of_passes());
        self.owes = false;
    }

    /// The kinds and names that there are.
    fn names(&self) -> impl Iterator<Item = &RawKey> {
        let is_there = |made: &MadePart| {
            let mut documents = made.documents.iter();
            documents.any(|doc| !self.texts.document(*doc).shadowed)
        };
        self.parts
            .iter()
            .filter_map(move |(part, made)| match part {
                DocumentGroup::Named(key) if is_there(made) => Some(key),
                _ => None,
            })
    }

    /// Takes in that the files of some parts have changed.
    pub(super) fn update(
        &mut self,
        files: &mut Files,
        index: &PartIndex,
        parts: &BTreeSet<DocumentGroup>,
    ) {
        let mut change = PartsChange::default();
        for part in parts {
            self.part(files, index, part, &mut change);
        }
        let PartsChange {
            gone,
            new,
            manifests,
        } = change;
        let is_same = gone.is_empty() && new.is_empty() && manifests.is_empty();
        if is_same && !self.checked.is_open() {
            return;
        }
        let resources = self.resolved.replace(manifests);
        let replaced = check::CheckedChange {
            gone: &gone,
            new: &new,
            sources: &files.sources,
            resources: &resources,
        };
        let desired = self.resolved.desired();
        self.checked.replace(&self.texts, desired, replaced);
        if self.resolved.desired().len() <= AT_ONCE {
            return self.settle();
        }
        self.owes = true;
        let stands =
            |at: &Location| !matches!(at, Location::Node { doc, .. } if gone.contains(doc));
        let before = std::mem::take(&mut self.together).into_iter();
        let kept = before.filter(|it| stands(&it.at) && it.labels.iter().all(|(at, _)| stands(at)));
        self.together = kept.collect();
    }

    fn part(
        &mut self,
        files: &mut Files,
        index: &PartIndex,
        part: &DocumentGroup,
        change: &mut PartsChange,
    ) {
        let before = self.parts.remove(part).unwrap_or_default();
        let (documents, orphans, composing) = self.composed(files, index, part);
        let mut made = MadePart {
            composing,
            orphans,
            ..before
        };
        if self.says_the_same(&made.documents, &documents) {
            for (doc, document) in made.documents.iter().zip(documents) {
                self.texts.documents[doc.0 as usize] = document;
            }
        } else {
            self.renew(&mut made, documents, change);
        }
        if !made.documents.is_empty() || !made.composing.is_empty() || !made.orphans.is_empty() {
            self.parts.insert(part.clone(), made);
        }
    }

    /// Merges overlays and fills variables of one part.
    fn composed(
        &self,
        files: &mut Files,
        index: &PartIndex,
        part: &DocumentGroup,
    ) -> (Vec<Document>, Vec<Orphan>, Diags) {
        let mut documents = files.documents(part, index);
        let base = documents.remove(&0).unwrap_or_default();
        let overlays = self.overlays.iter();
        let overlays: Vec<Vec<Document>> = overlays
            .filter_map(|group| documents.get(group).cloned())
            .collect();
        let base = Texts {
            sources: std::mem::take(&mut files.sources),
            documents: base,
        };
        let (composed, orphans, diags) = compose_part(Ingredients {
            base,
            overlays,
            variables: self.variables.clone(),
            is_partial: false,
        });
        files.sources = composed.texts.sources;
        (composed.texts.documents, orphans, diags)
    }

    fn says_the_same(&self, before: &[DocId], now: &[Document]) -> bool {
        before.len() == now.len()
            && before.iter().zip(now).all(|(doc, now)| {
                let before = self.texts.document(*doc);
                before.value == now.value
                    && before.fills == now.fills
                    && before.shadowed == now.shadowed
            })
    }

    /// Gives a part other documents.
    fn renew(&mut self, made: &mut MadePart, documents: Vec<Document>, change: &mut PartsChange) {
        for doc in made.documents.drain(..) {
            change.gone.insert(doc);
            self.texts.documents[doc.0 as usize] =
                Document::synthetic(FileId(0), serde_json::Value::Null);
            self.free.push(doc);
        }
        if let Some(key) = made.key.take() {
            change.manifests.entry(key).or_default();
        }
        made.parsing = Diags::default();
        for document in documents {
            let is_manifest = !document.shadowed;
            let doc = self.keep(document);
            made.documents.push(doc);
            change.new.insert(doc);
            if !is_manifest {
                continue;
            }
            let document = self.texts.document(doc);
            if let Some(manifest) = parse_document(doc, document, &mut made.parsing) {
                made.key = Some(manifest.key.clone());
                let list = change.manifests.entry(manifest.key.clone()).or_default();
                list.push(manifest);
            }
        }
    }

    fn keep(&mut self, document: Document) -> DocId {
        if let Some(doc) = self.free.pop() {
            self.texts.documents[doc.0 as usize] = document;
            return doc;
        }
        self.texts.documents.push(document);
        DocId(u32::try_from(self.texts.documents.len() - 1).unwrap_or(u32::MAX))
    }
}
