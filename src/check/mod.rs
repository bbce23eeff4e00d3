//! F2, pass 4: checks. JSON Schema, typed parse, references and the rules of each kind, all complaints
//! together. A manifest whose structure is wrong raises no rules: they would mislead.

mod checked;
pub mod codes;
mod complaint;
mod digits;
mod extra;
mod filled;
mod ids;
mod lost;
mod mistakes;
mod open_forms;
mod placeholders;
mod previous;
pub mod published;
mod references;
pub mod schema;
mod structure;
#[cfg(test)]
mod tests;
mod tidy;
mod twins;
mod wording;

use std::cell::OnceCell;
use std::collections::BTreeSet;

use rayon::prelude::*;
use serde_json::Value;

use crate::diag::{Diagnostic, Diags, DocId, Texts};
use crate::kinds::{Findings, KindId, RuleWorld};
use crate::resolve::{Desired, Resource};
use crate::text::{Document, Sources};
use lost::{Absent, Lost, Uncertain, missed};
use references::Remedies;

pub use checked::{Checked, CheckedChange};
use complaint::ComplaintDocument;
pub(crate) use references::vendor_row_by_name;
pub(crate) use structure::{Compiled, schema_text};

/// Every complaint about the desired state and the documents that it was made from.
#[must_use]
pub fn check(texts: &Texts, desired: &Desired) -> Diags {
    let (unsound, mut diags) = structures(texts);
    let resources: Vec<&Resource> = desired.iter().collect();
    let found: Vec<(bool, Diags)> = resources
        .par_iter()
        .map(|resource| check_resource(texts, desired, resource, &unsound))
        .collect();
    let mut remedies = Remedies::default();
    let lost = OnceCell::new();
    let missing = resources.iter().zip(&found);
    let missing = missing.flat_map(|(it, (_, found))| missed(&it.key, found));
    let missing: BTreeSet<Absent> = missing.collect();
    let find = || Lost::of(&texts.sources, &texts.documents);
    let uncertain = if missing.is_empty() {
        Uncertain::default()
    } else {
        Uncertain::of(missing, lost.get_or_init(find), desired)
    };
    for (resource, (is_suspect, found)) in resources.iter().zip(found) {
        if is_suspect {
            let lost = lost.get_or_init(find);
            references::check(resource, desired, (&mut remedies, lost), &mut diags);
        }
        let is_certain = |it: &Diagnostic| !uncertain.has(&resource.key, it);
        diags.extend(found.into_iter().filter(is_certain));
    }
    previous::check(desired, &mut diags);
    twins::check(desired, &mut diags);
    diags
}

/// The documents that do not fit their schema, with the complaints about them.
fn structures(texts: &Texts) -> (BTreeSet<DocId>, Diags) {
    let numbered: Vec<_> = (0..).map(DocId).take(texts.documents.len()).collect();
    let checked: Vec<_> = numbered
        .into_par_iter()
        .filter_map(|doc| Some((doc, misfit(doc, texts.document(doc), &texts.sources)?)))
        .collect();
    let mut diags = Diags::default();
    let unsound = checked.into_iter().map(|(doc, found)| {
        diags.extend(found);
        doc
    });
    (unsound.collect(), diags)
}

/// The complaints about a document that does not fit its schema; `None` when it does.
fn misfit(doc: DocId, document: &Document, sources: &Sources) -> Option<Diags> {
    let word = document.value.get("kind").and_then(Value::as_str)?;
    let kind = KindId::manifests().find(|kind| kind.name() == word)?;
    let mut diags = Diags::default();
    (!structure::check(
        doc,
        kind,
        ComplaintDocument { document, sources },
        &mut diags,
    ))
    .then_some(diags)
}

/// Whether there is something to say about references, and the complaints of the rules.
fn check_resource(
    texts: &Texts,
    desired: &Desired,
    resource: &Resource,
    unsound: &BTreeSet<DocId>,
) -> (bool, Diags) {
    let is_sound = is_sound(resource, |doc| unsound.contains(&doc));
    let found = is_sound.then(|| judged(texts, desired, resource));
    let is_suspect = references::is_suspect(resource, desired);
    (is_suspect, found.unwrap_or_default())
}

/// Whether the documents that a resource is made of fit their schema.
fn is_sound(resource: &Resource, is_unsound: impl Fn(DocId) -> bool) -> bool {
    let mut documents = std::iter::once(&resource.doc).chain(&resource.templates);
    !documents.any(|doc| is_unsound(*doc))
}

/// The complaints of the rules about a manifest whose structure is sound.
#[must_use]
pub fn breaches(texts: &Texts, desired: &Desired, resource: &Resource) -> Diags {
    let rules = resource.key.kind.def().codes;
    let found = judged(texts, desired, resource).into_iter();
    found
        .filter(|diagnostic| rules.contains(&diagnostic.code))
        .collect()
}

/// The complaints about ids, and those of the typed parse, or else of the rules.
fn judged(texts: &Texts, world: &dyn RuleWorld, resource: &Resource) -> Diags {
    let mut diags = Diags::default();
    references::check_vendor_rows(resource, &mut diags);
    let def = resource.key.kind.def();
    if !def.is_test {
        ids::check(texts, resource, &mut diags); // what a test says of a visitor is never sent
    }
    open_forms::check(resource, &mut diags);
    extra::check(resource, &mut diags);
    filled::check(texts, resource, &mut diags);
    placeholders::check(texts, resource, &mut diags);
    let mut findings = Findings::default();
    match (def.check)(
        &resource.spec,
        resource.key.name.as_str(),
        world,
        &mut findings,
    ) {
        Ok(()) => diags.extend(findings.0.into_iter().map(|finding| {
            let at = resource.locate(texts, &finding.pointer);
            Diagnostic::new(finding.code, at, finding.message).help(finding.help)
        })),
        Err(error) => diags.push(
            Diagnostic::new(
                &codes::INVALID_VALUE,
                resource.locate(texts, &error.pointer),
                error.message,
            )
            .help(format!(
                "`campaignctl explain {}` shows what the field takes",
                def.name
            )),
        ),
    }
    diags
}
