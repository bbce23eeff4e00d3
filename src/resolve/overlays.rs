//! Overlays: what an environment changes of the base manifests.
//!
//! An overlay document has the kind and name of a base manifest and only what differs. It is merged over the
//! base as a whole document by JSON Merge Patch (RFC 7396): mappings merge, a null removes, and anything else
//! replaces, lists included. `$patch: delete` drops the manifest; below the top it is an error. Without a base, a document that is complete
//! (`apiVersion` and `spec`) adds a manifest. Later folders lie over earlier ones.

use std::collections::BTreeMap;

use serde_json::Value;

use super::codes::{DUPLICATE_MANIFEST, OVERLAY_NEAR_BASE, OVERLAY_PATCH, OVERLAY_WITHOUT_BASE};
use crate::diag::{Advice, Code, Diagnostic, Diags, Fix, Location, is_slip, suggestion};
use crate::kinds::mapping::merge;
use crate::kinds::{KindId, Role};
use crate::manifest::codes::{NOT_A_MANIFEST, UNKNOWN_KIND};
use crate::text::{Document, EntryHalf, Pointer};

/// The key that says what an overlay document does other than merging.
const PATCH: &str = "$patch";

/// Documents on their way from base to environment.
pub(super) struct Overlaid<'d> {
    documents: Vec<Document>,
    /// The bases below merged and dropped documents.
    shadowed: Vec<Document>,
    by_key: BTreeMap<RawKey, usize>,
    /// Whether overlays of manifests that are not there are passed over.
    is_partial: bool,
    orphans: Vec<Orphan>,
    diags: &'d mut Diags,
}

/// Kind and name as they are written.
pub(crate) type RawKey = (String, String);

/// An overlay document of a manifest that is not there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Orphan {
    pub(crate) key: RawKey,
    pub(crate) at: Location,
    /// Whether it is complete, and so adds a manifest.
    pub(crate) is_complete: bool,
}

/// How many names are compared in the search for near ones, see [`crate::check`].
const COMPARED: usize = 1_000_000;

/// The complaints about overlay documents without a base, by the names that there are.
pub(crate) fn complaints<'n>(
    orphans: impl Iterator<Item = &'n Orphan>,
    names: &[&RawKey],
) -> Diags {
    let searched = COMPARED / names.len().max(1);
    let known = |at: usize| if at < searched { names } else { &[] };
    let told = orphans
        .enumerate()
        .filter_map(|(at, orphan)| orphan.complaint(known(at)));
    told.collect()
}

impl Orphan {
    /// The complaint, with the nearest of the names that there are; of a manifest that it adds, only where another one
    /// nearly has its name.
    fn complaint(&self, names: &[&RawKey]) -> Option<Diagnostic> {
        let (kind, name) = &self.key;
        let mut alike = names.iter().filter(|(of, _)| of == kind);
        if self.is_complete {
            let (_, near) = alike.find(|(_, other)| is_slip(name, other))?;
            let message = format!("this adds a {kind} manifest, and `{near}` nearly has its name");
            let help = format!(
                "to change the base manifest, write `name: {near}`; if you want both, set `rules: {{ {}: off }}`",
                OVERLAY_NEAR_BASE.name
            );
            let complaint = Diagnostic::new(&OVERLAY_NEAR_BASE, self.at.clone(), message);
            let fix = Fix::Replace(near.clone());
            return Some(complaint.help(Advice::from(help).fix(fix)));
        }
        let help = suggestion(name, alike.map(|(_, name)| name.as_str()))
            .or_else(|| {
                let mut names = names.iter();
                let other = names.find(|(_, other)| other == name)?;
                Some(format!("{}/{} has that name", other.0, other.1).into())
            })
            .unwrap_or_else(|| {
                let add =
                    "to add a manifest in this environment only, give it `apiVersion` and `spec`";
                let mut kinds = KindId::manifests().filter(|it| it.def().role != Role::Local);
                let again = kinds.any(|it| it.name() == kind).then(|| {
                    format!("if the base is gone and the account has the object, `campaignctl pull {kind}/{name}` makes it again; ")
                });
                format!("{}{add}", again.unwrap_or_default()).into()
            });
        let message = format!("there is no {kind} manifest named `{name}` that this could change");
        let complaint = Diagnostic::new(&OVERLAY_WITHOUT_BASE, self.at.clone(), message);
        Some(complaint.missing(format!("{kind}/{name}")).help(help))
    }
}

impl<'d> Overlaid<'d> {
    /// Starts with the base.
    pub(super) fn new(documents: Vec<Document>, is_partial: bool, diags: &'d mut Diags) -> Self {
        let mut by_key = BTreeMap::new();
        for (at, document) in documents.iter().enumerate() {
            if let Some(key) = raw_key(document) {
                by_key.entry(key).or_insert(at); // a second one is a complaint of a later pass
            }
        }
        Self {
            documents,
            shadowed: Vec::new(),
            by_key,
            is_partial,
            orphans: Vec::new(),
            diags,
        }
    }

    /// Lays the documents of one folder over what there is.
    pub(super) fn folder(&mut self, overlays: Vec<Document>) {
        let mut seen: BTreeMap<RawKey, Location> = BTreeMap::new();
        for overlay in overlays {
            let Some(key) = self.checked_key(&overlay) else {
                continue;
            };
            let here = at(&overlay, "/metadata/name");
            if let Some(first) = seen.get(&key) {
                let message = format!(
                    "{}/{} has two overlay documents in this folder",
                    key.0, key.1
                );
                self.diags.push(
                    Diagnostic::new(&DUPLICATE_MANIFEST, here, message)
                        .label(first.clone(), "the first one")
                        .help("put both into one document"),
                );
                continue;
            }
            seen.insert(key.clone(), here);
            self.document(key, overlay);
        }
    }

    /// The documents of the environment, with the bases below them at the end; and the overlays without a base.
    pub(super) fn finish(self) -> (Vec<Document>, Vec<Orphan>) {
        let mut documents = self.documents;
        documents.extend(self.shadowed.into_iter().map(|mut document| {
            document.shadowed = true;
            document
        }));
        (documents, self.orphans)
    }

    fn document(&mut self, key: RawKey, overlay: Document) {
        if overlay.value.get(PATCH).is_some() {
            return self.patch(&key, &overlay);
        }
        let mut inner = Vec::new();
        inner_patches(&overlay.value, &Pointer::root(), &mut inner);
        if !inner.is_empty() {
            self.diags
                .extend(inner.iter().map(|at| misplaced(&overlay, at)));
            return;
        }
        if let Some(at) = self.by_key.get(&key) {
            let base = self.documents[*at].clone();
            let mut merged = Value::clone(&base.value);
            merge(&mut merged, &overlay.value);
            if !base.is_merged() {
                self.shadowed.push(base.clone());
            }
            self.documents[*at] = base.under(overlay, merged);
            return;
        }
        let is_complete = ["apiVersion", "spec"]
            .iter()
            .all(|field| overlay.value.get(field).is_some());
        if is_complete {
            self.orphans.push(Orphan {
                key: key.clone(),
                at: at(&overlay, "/metadata/name"),
                is_complete,
            });
            self.by_key.insert(key, self.documents.len());
            let mut overlay = overlay;
            overlay.added = true;
            self.documents.push(overlay);
        } else if !self.is_partial {
            self.without_base(key, &overlay);
        }
    }

    /// `$patch: delete`: the document goes.
    fn patch(&mut self, key: &RawKey, overlay: &Document) {
        if let Some(complaint) = wrong_patch(overlay) {
            self.diags.push(complaint);
            return;
        }
        match self.by_key.remove(key) {
            Some(at) => {
                let dropped = self.documents.remove(at);
                for place in self.by_key.values_mut().filter(|place| **place > at) {
                    *place -= 1;
                }
                if !dropped.is_merged() {
                    self.shadowed.push(dropped);
                }
            }
            None if self.is_partial => {}
            None => self.without_base(key.clone(), overlay),
        }
    }

    fn without_base(&mut self, key: RawKey, overlay: &Document) {
        let at = at(overlay, "/metadata/name");
        self.orphans.push(Orphan {
            key,
            at,
            is_complete: false,
        });
    }

    /// Kind and name, or a complaint: without them it is not known what the document is laid over.
    fn checked_key(&mut self, overlay: &Document) -> Option<RawKey> {
        let Some(kind) = overlay.value.get("kind").and_then(Value::as_str) else {
            let message = "this overlay document does not name its manifest: it has no `kind`";
            self.complain(&NOT_A_MANIFEST, at(overlay, ""), message, NEEDS);
            return None;
        };
        if !KindId::manifests().any(|known| known.name() == kind) {
            let names: Vec<_> = KindId::manifests().map(KindId::name).collect();
            let help = suggestion(kind, names.iter().copied())
                .unwrap_or_else(|| format!("the kinds are {}", names.join(", ")).into());
            let message = format!("`{kind}` is not a kind of manifest");
            self.complain(&UNKNOWN_KIND, at(overlay, "/kind"), &message, help);
            return None;
        }
        let key = raw_key(overlay);
        if key.is_none() {
            let message =
                "this overlay document does not name its manifest: it has no `metadata.name`";
            self.complain(&NOT_A_MANIFEST, at(overlay, "/metadata"), message, NEEDS);
        }
        key
    }

    fn complain(
        &mut self,
        code: &'static Code,
        at: Location,
        message: &str,
        help: impl Into<Advice>,
    ) {
        self.diags
            .push(Diagnostic::new(code, at, message).help(help));
    }
}

/// The places of every `$patch` below the top of a document.
fn inner_patches(value: &Value, at: &Pointer, out: &mut Vec<Pointer>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if key == PATCH {
                    out.push(at.key(key));
                }
                inner_patches(value, &at.key(key), out);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                inner_patches(item, &at.index(index), out);
            }
        }
        _ => {}
    }
}

/// The complaint about a `$patch` below the top.
fn misplaced(overlay: &Document, pointer: &Pointer) -> Diagnostic {
    let is_in_list = pointer.steps().any(|step| step.parse::<usize>().is_ok());
    let help = if is_in_list {
        "a list in an overlay replaces the whole list: write all items that you want to keep"
    } else {
        "write `null` as the value of a field to remove it"
    };
    let (file, span) = overlay.place(pointer, EntryHalf::Key);
    let message = format!("`{PATCH}` applies to a whole manifest, and this is a part of one");
    Diagnostic::new(&OVERLAY_PATCH, Location::Span(file, span), message).help(help)
}

/// What is wrong with a `$patch`: it takes `delete`, and nothing beside what identifies the manifest.
fn wrong_patch(overlay: &Document) -> Option<Diagnostic> {
    let identity = ["apiVersion", "kind", "metadata", PATCH];
    if overlay.value.get(PATCH).and_then(Value::as_str) != Some("delete") {
        let at = at(overlay, &format!("/{PATCH}"));
        let message = format!("`{PATCH}` takes `delete` only");
        return Some(
            Diagnostic::new(&OVERLAY_PATCH, at, message)
                .help("write `$patch: delete`, or remove it: without it, the document is merged"),
        );
    }
    let mut fields = overlay.value.as_object()?.keys();
    let field = fields.find(|field| !identity.contains(&field.as_str()))?;
    let (file, span) = overlay.place(&Pointer::root().key(field), EntryHalf::Key);
    let message = format!("`{field}` has no meaning beside `{PATCH}: delete`");
    let complaint = Diagnostic::new(&OVERLAY_PATCH, Location::Span(file, span), message);
    Some(complaint.help("remove one of the two"))
}

const NEEDS: &str = "an overlay document has `kind`, `metadata.name` and what differs";

/// Kind and name of a document, as they are written.
pub(crate) fn raw_key(document: &Document) -> Option<RawKey> {
    let text = |pointer| document.value.pointer(pointer)?.as_str().map(str::to_owned);
    Some((text("/kind")?, text("/metadata/name")?))
}

fn at(document: &Document, pointer: &str) -> Location {
    let (file, span) = document.place(&Pointer::from(pointer), EntryHalf::Value);
    Location::Span(file, span)
}
