//! The documents of one environment: overlays merged over the base, variables filled in.
//!
//! Every node keeps its place: complaints about a merged document point into the text that wrote the node.

use std::collections::BTreeSet;

use super::overlays::{Orphan, Overlaid, complaints, raw_key};
use super::variables::{self, Variables};
use crate::diag::{Diags, Texts};
use crate::text::Document;

/// What an environment is made of.
#[derive(Clone, Debug, Default)]
pub struct Ingredients {
    /// All sources, and the base documents.
    pub base: Texts,
    /// The documents of the overlay folders, lowest first.
    pub overlays: Vec<Vec<Document>>,
    /// The variables.
    pub variables: Variables,
    /// Whether the base is a part of the project only: overlays of other manifests are passed over then.
    pub is_partial: bool,
}

/// The documents of one environment.
#[derive(Clone, Debug, Default)]
pub struct Composed {
    /// The sources with the documents of the environment.
    pub texts: Texts,
    /// The names of all variables that the documents refer to, be they overlaid or dropped.
    pub used: BTreeSet<String>,
}

/// Merges overlays and fills variables.
#[must_use]
pub fn compose(ingredients: Ingredients) -> (Composed, Diags) {
    let (composed, orphans, mut diags) = compose_part(ingredients);
    if !orphans.is_empty() {
        let documents = composed.texts.documents.iter();
        let names: BTreeSet<_> = documents
            .filter(|document| !document.shadowed)
            .filter_map(raw_key)
            .collect();
        let names: Vec<_> = names.iter().collect();
        diags.extend(complaints(orphans.iter(), &names));
    }
    (composed, diags)
}

/// The same for some of the documents: all of the same kind and name, or none. Overlay documents without a base are
/// left to the caller, who knows which names there are.
pub(crate) fn compose_part(ingredients: Ingredients) -> (Composed, Vec<Orphan>, Diags) {
    let Ingredients {
        base: Texts { sources, documents },
        overlays,
        variables,
        is_partial,
    } = ingredients;
    let all = || documents.iter().chain(overlays.iter().flatten());
    let referring = variables::referring_files(&sources, all().map(|document| document.file));
    let refers = |document: &Document| document.is_merged() || referring.contains(&document.file);
    let mut used = BTreeSet::new();
    for document in all().filter(|document| refers(document)) {
        variables::collect_names(document, &mut used);
    }
    let mut diags = Diags::default();
    let (mut documents, orphans) = overlaid(documents, overlays, is_partial, &mut diags);
    for document in documents.iter_mut().filter(|document| refers(document)) {
        // What only lies below others may refer to variables that this environment replaces.
        let mut unheard = Diags::default();
        let heard = if document.shadowed {
            &mut unheard
        } else {
            &mut diags
        };
        variables::fill(document, &variables, &sources, heard);
    }
    let texts = Texts { sources, documents };
    (Composed { texts, used }, orphans, diags)
}

/// The base with the overlay folders laid over it.
fn overlaid(
    base: Vec<Document>,
    folders: Vec<Vec<Document>>,
    is_partial: bool,
    diags: &mut Diags,
) -> (Vec<Document>, Vec<Orphan>) {
    if folders.is_empty() {
        return (base, Vec::new());
    }
    let mut overlaid = Overlaid::new(base, is_partial, diags);
    for folder in folders {
        overlaid.folder(folder);
    }
    overlaid.finish()
}
