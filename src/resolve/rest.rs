//! The desired state at rest: after the checks, the specs are put away as text, each with what a plan asks of all of them. Whoever
//! looks at one of them closer wakes it.

use rayon::prelude::*;
use serde_json::Value;

use super::desired::{Desired, Resource};
use crate::diag::Texts;
use crate::kinds::mapping::get_path;
use crate::kinds::{Use, kinds_of_declared, uses};
use crate::manifest::{Key, Spec};
use crate::text::Pointer;

/// What is known of a resource at rest.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RestingResource {
    pub(super) display_name: Box<str>,
    pub(super) parent: Option<Key>,
    uses: Box<[NotedReference]>,
    /// Of its own spec, where a template was expanded into it.
    own_uses: Option<Box<[NotedReference]>>,
    declared: Box<[&'static str]>,
}

/// One reference.
#[derive(Clone, Debug, PartialEq)]
struct NotedReference {
    pointer: Pointer,
    kind: &'static str,
    reference: Value,
}

impl RestingResource {
    fn of(resource: &Resource) -> Self {
        let own = resource.own.as_ref();
        Self {
            display_name: resource.display_name().into(),
            parent: resource.parent(),
            uses: noted(resource.uses()),
            own_uses: own.map(|_| noted(resource.own_uses())),
            declared: resource.declared_kinds().into(),
        }
    }

    pub(super) fn uses(&self) -> Vec<Use<'_>> {
        said(&self.uses)
    }

    pub(super) fn own_uses(&self) -> Vec<Use<'_>> {
        said(self.own_uses.as_ref().unwrap_or(&self.uses))
    }

    pub(super) fn declared_kinds(&self) -> Vec<&'static str> {
        self.declared.to_vec()
    }
}

fn noted(uses: Vec<Use<'_>>) -> Box<[NotedReference]> {
    let uses = uses.into_iter().map(|found| NotedReference {
        pointer: found.pointer,
        kind: found.kind,
        reference: found.reference.clone(),
    });
    uses.collect()
}

fn said(noted: &[NotedReference]) -> Vec<Use<'_>> {
    let uses = noted.iter().map(|it| Use {
        pointer: it.pointer.clone(),
        kind: it.kind,
        reference: &it.reference,
    });
    uses.collect()
}

/// Puts the specs and the documents that they stand in to rest, one by one: what was awake is gone before the next is put away.
pub fn rest(texts: &mut Texts, desired: &mut Desired) {
    let mut of_documents: Vec<Option<&mut Resource>> = Vec::new();
    of_documents.resize_with(texts.documents.len(), || None);
    for resource in desired.iter_mut() {
        let at = resource.doc.0 as usize;
        of_documents[at] = Some(resource);
    }
    let documents = texts.documents.par_iter_mut().zip(of_documents);
    documents.for_each(|(document, resource)| {
        let outline = resource.as_deref().map(RestingResource::of);
        let awake = document.rest();
        if let Some(resource) = resource {
            resource.outline = outline.map(Box::new);
            resource.spec = resource.spec.at_rest(&awake, &document.value);
            let own = resource.own.take();
            resource.own = own.map(|own| own.at_rest_without_digest(&awake, &document.value));
        }
    });
}

impl Resource {
    /// Every reference of the expanded spec.
    #[must_use]
    pub fn uses(&self) -> Vec<Use<'_>> {
        match &self.outline {
            Some(outline) => outline.uses(),
            None => uses(self.key.kind.def().fields, &self.spec),
        }
    }

    /// Every reference that the manifest itself writes.
    #[must_use]
    pub fn own_uses(&self) -> Vec<Use<'_>> {
        match &self.outline {
            Some(outline) => outline.own_uses(),
            None => uses(self.key.kind.def().fields, self.own()),
        }
    }

    /// The kinds that the declared fields can refer to, whatever they hold.
    #[must_use]
    pub fn declared_kinds(&self) -> Vec<&'static str> {
        if let Some(outline) = &self.outline {
            return outline.declared_kinds();
        }
        let declares = |path: &str| get_path(&self.spec, path).is_some();
        let mut kinds: Vec<_> = kinds_of_declared(self.key.kind.def().fields, declares).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// The same awake, for a closer look; the one at rest stays so.
    #[must_use]
    pub fn awake(&self) -> Self {
        let resource = self.clone();
        Self {
            spec: self.spec.awake(),
            own: self.own.as_ref().map(Spec::awake),
            outline: None,
            ..resource
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::DocId;
    use crate::kinds::KindId;
    use crate::resolve::resolve;
    use crate::text::{Limits, Source, yaml};
    use crate::{manifest, text};

    /// The examples of all kinds, and an engagement that uses a template.
    fn examples() -> (Texts, Desired) {
        let user = "{ apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: { name: user }, spec: { template: base, campaign: sale, displayName: U, windowSize: { width: 1.50 } } }";
        let base = "{ apiVersion: campaignctl.dev/v1, kind: EngagementTemplate, metadata: { name: base }, spec: { displayName: B, skill: Sales, entryPoints: [pages, { live: Home }], windowSize: { height: 2 } } }";
        let all = KindId::manifests().map(|kind| kind.def().example);
        let mut texts = Texts::default();
        for text in all.chain([user, base]) {
            let path = String::new();
            let text = text.to_owned();
            let file = texts.sources.push(Source {
                path,
                text: text.clone(),
            });
            let (documents, _) = yaml::parse(file, &text, &Limits::default());
            texts.documents.extend(documents);
        }
        let (manifests, _) = manifest::parse(&texts);
        let (desired, _) = resolve(manifests);
        (texts, desired)
    }

    /// Everything that can be asked of a resource without looking at its spec.
    fn outline(resource: &Resource) -> String {
        let (uses, own_uses) = (resource.uses(), resource.own_uses());
        let (name, parent) = (resource.display_name(), resource.parent());
        let (declared, digest) = (resource.declared_kinds(), resource.spec.digest());
        format!("{name} {parent:?} {uses:?} {own_uses:?} {declared:?} {digest:?}")
    }

    #[test]
    fn what_rests_says_what_it_said_and_wakes_as_it_was() {
        let (texts, desired) = examples();
        let (mut resting_texts, mut resting) = examples();
        rest(&mut resting_texts, &mut resting);
        assert_eq!(resting.len(), desired.len());
        let template = desired.iter().filter(|it| it.own.is_some()).count();
        assert!(template > 0, "a template is expanded somewhere");
        for (ours, theirs) in resting.iter().zip(desired.iter()) {
            assert_eq!(outline(ours), outline(theirs), "{}", theirs.key);
            assert!(ours.spec.is_at_rest(), "{} was only asked", ours.key);
            let (woken, at) = (ours.awake(), text::Pointer::from("/displayName"));
            assert_eq!(outline(&woken), outline(theirs));
            assert!(ours.spec.is_at_rest() && !woken.spec.is_at_rest());
            assert_eq!(ours.locate(&resting_texts, &at), theirs.locate(&texts, &at));
            assert_eq!(ours.spec.to_string(), theirs.spec.to_string());
            assert_eq!(ours.own().to_string(), theirs.own().to_string());
        }
        let documents = (0..).map(DocId).zip(&texts.documents);
        for (doc, document) in documents {
            let at = text::Pointer::from("/metadata/name");
            let ours = resting_texts.document(doc);
            assert_eq!(
                ours.span(&at, text::EntryHalf::Value),
                document.span(&at, text::EntryHalf::Value)
            );
            assert_eq!(ours.value.to_string(), document.value.to_string());
        }
    }
}
