//! F2, pass 3: documents to the desired state of one environment.
//!
//! Overlays are merged and variables filled in before the documents are parsed as manifests ([`fn@compose`]);
//! then names become a graph, and templates are expanded into what uses them ([`resolve`]).

mod circles;
pub mod codes;
mod compose;
mod desired;
mod overlays;
mod resolved;
mod rest;
mod templates;
#[cfg(test)]
mod tests;
mod variables;

pub(crate) use compose::compose_part;
pub use compose::{Composed, Ingredients, compose};
pub(crate) use desired::reference_key;
pub use desired::{Desired, Resource};
pub(crate) use overlays::{Orphan, RawKey, complaints as orphan_complaints, raw_key};
pub use resolved::{Resolved, ResolvedChange};
pub use rest::rest;
pub(crate) use variables::collect_names;
pub(crate) use variables::{Segment, segments};
pub use variables::{Variables, escaped, is_variable_name};

use crate::diag::{Diagnostic, Diags, Location};
use crate::manifest::Manifest;
use crate::text::{EntryHalf, Pointer};

/// The desired state of all manifests. Duplicates and circles are complaints.
#[must_use]
pub fn resolve(manifests: Vec<Manifest>) -> (Desired, Diags) {
    let mut diags = Diags::default();
    let mut desired = Desired::default();
    for manifest in manifests {
        if let Some(first) = desired.get(&manifest.key) {
            diags.push(second(&manifest, first));
            continue;
        }
        desired.insert(Resource::from(manifest));
    }
    templates::expand(&mut desired, &mut diags);
    desired.index();
    (desired, diags)
}

/// The complaint about a second manifest of one kind and name.
fn second(manifest: &Manifest, first: &Resource) -> Diagnostic {
    let at = |doc| Location::Node {
        doc,
        pointer: Pointer::from("/metadata/name"),
        part: EntryHalf::Value,
    };
    Diagnostic::new(
        &codes::DUPLICATE_MANIFEST,
        at(manifest.doc),
        format!("{} is defined twice", manifest.key),
    )
    .label(at(first.doc), "the first one")
    .help("give one of them another `metadata.name`, or remove it")
}
