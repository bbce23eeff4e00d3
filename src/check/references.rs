//! References: does the name of a manifest exist, and is it of the right kind? Is the vendor's row meant, and how?

use std::collections::{BTreeMap, BTreeSet};

use super::codes::VENDOR_ROW_BY_NAME;
use super::lost::Lost;
use crate::diag::{Advice, Diagnostic, Diags, Fix, Location, suggestion};
use crate::kinds::{KindId, Role, Use};
use crate::manifest::Key;
use crate::name::Name;
use crate::resolve::codes::{UNKNOWN_REFERENCE, WRONG_KIND_REFERENCE};
use crate::resolve::{Desired, Resource};
use crate::text::{EntryHalf, Pointer};

/// How many names are compared in the search for near ones. A person who sees thousands of complaints begins with a few
/// of them, and comparing each of 9,000 misspelt names with 9,000 others takes a minute.
const COMPARED: usize = 1_000_000;

/// What to do about names that do not exist, found once for each. It holds as long as the names of the manifests do.
#[derive(Clone, Debug, Default)]
pub(super) struct Remedies {
    known: BTreeMap<(KindId, String), Advice>,
    compared: usize,
}

impl Remedies {
    /// Forgets those of some kinds, whose names are others now.
    pub(super) fn forget(&mut self, kinds: &BTreeSet<KindId>) {
        self.known.retain(|(kind, _), _| !kinds.contains(kind));
        self.compared = 0;
    }

    pub(super) fn of(&mut self, desired: &Desired, kind: KindId, text: &str) -> Advice {
        let Self { known, compared } = self;
        let remedy = known.entry((kind, text.to_owned()));
        let remedy = remedy.or_insert_with(|| suggest(desired, kind, text, compared));
        remedy.clone()
    }
}

/// Whether there is anything to say about the references that a manifest itself writes: about most there is not.
pub(super) fn is_suspect(resource: &Resource, desired: &Desired) -> bool {
    let mut uses = resource.own_uses().into_iter();
    named(resource).any(|(_, kind, text)| !exists(desired, kind, text))
        || uses.any(|found| of_vendor(resource, &found).is_some())
}

fn exists(desired: &Desired, kind: KindId, text: &str) -> bool {
    Name::new(text).is_ok_and(|name| desired.get(&Key { kind, name }).is_some())
}

/// Checks the references that a manifest itself writes; a template's are checked at the template. Says whether one of
/// them leads to a manifest that cannot be read, of which nothing is said here.
pub(super) fn check(
    resource: &Resource,
    desired: &Desired,
    (remedies, lost): (&mut Remedies, &Lost),
    diags: &mut Diags,
) -> bool {
    let mut leads_to_lost = false;
    for (found, kind, text) in named(resource) {
        if exists(desired, kind, text) {
            continue;
        }
        if lost.has(text) {
            leads_to_lost = true;
        } else {
            let remedy = remedies.of(desired, kind, text);
            diags.push(complaint(resource, desired, (&found, kind, text)).help(remedy));
        }
    }
    leads_to_lost
}

/// Complains about the rows of the vendor's that a manifest itself refers to by one of their names.
pub(super) fn check_vendor_rows(resource: &Resource, diags: &mut Diags) {
    for found in resource.own_uses() {
        diags.extend(of_vendor(resource, &found));
    }
}

/// What is to say about a reference to a row of the vendor's.
fn of_vendor(resource: &Resource, found: &Use<'_>) -> Option<Diagnostic> {
    let reference = found.reference.as_object()?;
    let kind = KindId::known(found.kind);
    let name = reference.get("live")?.as_str()?;
    let is_vendors = kind.def().is_vendor_name(name);
    is_vendors.then(|| vendor_row_by_name(place(resource, found), found.kind, name))
}

/// The complaint about a row of the vendor's that is referred to by its name.
pub(crate) fn vendor_row_by_name(at: Location, kind: &'static str, name: &str) -> Diagnostic {
    const SYSTEM: &str = "{ system: true }";
    let message = format!(
        "`{name}` is the vendor's own {kind}, which other accounts may hold under another name"
    );
    let help = Advice::from(format!("write `{SYSTEM}` instead")).fix(Fix::Write(SYSTEM.to_owned()));
    Diagnostic::new(&VENDOR_ROW_BY_NAME, at, message).help(help)
}

fn place(resource: &Resource, found: &Use<'_>) -> Location {
    Location::Node {
        doc: resource.doc,
        pointer: Pointer::from("/spec").join(&found.pointer),
        part: EntryHalf::Value,
    }
}

/// The manifests that a manifest itself refers to by name, whether they exist or not.
pub(super) fn targets(resource: &Resource) -> BTreeSet<Key> {
    let keys = named(resource).filter_map(|(_, kind, text)| {
        let name = Name::new(text).ok()?;
        Some(Key { kind, name })
    });
    keys.collect()
}

/// The references by name to kinds that manifests describe.
fn named(resource: &Resource) -> impl Iterator<Item = (Use<'_>, KindId, &str)> {
    let found = resource.own_uses();
    found.into_iter().filter_map(|found| {
        let text = found.reference.as_str()?;
        let kind = KindId::known(found.kind);
        // The others are known to the account only.
        (kind.def().role != Role::Reference).then_some((found, kind, text))
    })
}

fn complaint(
    resource: &Resource,
    desired: &Desired,
    (found, kind, text): (&Use<'_>, KindId, &str),
) -> Diagnostic {
    let at = place(resource, found);
    let named = text.parse::<Key>().ok().filter(|key| key.kind != kind);
    let named = named.and_then(|key| desired.get(&key));
    let other = Name::new(text).ok().and_then(|name| {
        KindId::all()
            .filter(|other| *other != kind)
            .find_map(|kind| {
                let name = name.clone();
                desired.get(&Key { kind, name })
            })
    });
    if let Some(other) = named.or(other) {
        return Diagnostic::new(
            &WRONG_KIND_REFERENCE,
            at,
            format!(
                "`{text}` is {}, and this field takes {}",
                other.key.kind.one(),
                kind.one()
            ),
        )
        .label(
            Location::Node {
                doc: other.doc,
                pointer: Pointer::from("/metadata/name"),
                part: EntryHalf::Value,
            },
            format!("the {} of that name", other.key.kind),
        );
    }
    let message = format!("no {kind} manifest is named `{text}`");
    Diagnostic::new(&UNKNOWN_REFERENCE, at, message).missing(format!("{kind}/{text}"))
}

/// The name in `KIND/NAME`, as commands and plans call an object, where a field takes the name alone.
fn bare_name(desired: &Desired, kind: KindId, text: &str) -> Option<Advice> {
    let name = text.strip_prefix(kind.name())?.strip_prefix('/')?;
    let help = format!("write the name alone: `{name}`");
    exists(desired, kind, name).then(|| Advice::from(help).fix(Fix::Replace(name.to_owned())))
}

fn suggest(desired: &Desired, kind: KindId, text: &str, compared: &mut usize) -> Advice {
    if let Some(bare) = bare_name(desired, kind, text) {
        return bare;
    }
    let is_left = *compared < COMPARED;
    let names = desired.of_kind(kind).filter(|_| is_left);
    let names = names.inspect(|_| *compared += 1);
    let near = suggestion(text, names.map(|resource| resource.key.name.as_str()));
    near.unwrap_or_else(|| {
        if text == "system" && kind.def().has_vendor_row() {
            let written = "{ system: true }";
            return Advice::from(format!("write `{written}` for the vendor's own row"))
                .fix(Fix::Write(written.to_owned()));
        }
        if kind.def().role == Role::Local {
            return "define it in a manifest".into(); // no account has one
        }
        format!("define it in a manifest, or refer to an existing object with `{{ live: <display name of the {kind}> }}`").into()
    })
}
