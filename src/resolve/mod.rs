//! F2, pass 3: manifests to the desired state. Names become a graph, templates are expanded into what
//! uses them.

pub mod codes;
mod desired;
mod templates;

pub(crate) use desired::reference_key;
pub use desired::{Desired, Resource};

use crate::diag::{Diagnostic, Diags, Location};
use crate::manifest::Manifest;
use crate::text::{Part, Pointer};

/// The desired state of all manifests. Duplicates and circles are complaints.
#[must_use]
pub fn resolve(manifests: Vec<Manifest>) -> (Desired, Diags) {
    let mut diags = Diags::default();
    let mut desired = Desired::default();
    for manifest in manifests {
        if let Some(first) = desired.get(&manifest.key) {
            let at = |doc| Location::Node {
                doc,
                pointer: Pointer::from("/metadata/name"),
                part: Part::Value,
            };
            diags.push(
                Diagnostic::new(
                    &codes::DUPLICATE_MANIFEST,
                    at(manifest.doc),
                    format!("{} is described a second time", manifest.key),
                )
                .label(at(first.doc), "the first one")
                .help("give one of them another `metadata.name`, or remove it"),
            );
            continue;
        }
        desired.insert(Resource::from(manifest));
    }
    templates::expand(&mut desired, &mut diags);
    desired.index();
    (desired, diags)
}
