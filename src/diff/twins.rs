//! Live objects that bear the display name which an object of ours is to get, or one that looks like it.
//!
//! Only objects that no manifest is bound to count, and that stay: names of manifests are compared without an account.

use std::collections::{BTreeMap, BTreeSet};

use super::bind::{at_name, parent_id};
use super::codes::{AMBIGUOUS_BINDING, LIVE_NAME_ALIKE, LIVE_NAME_TAKEN};
use super::{Action, Bindings, Change, Input};
use crate::diag::{Diagnostic, Diags};
use crate::kinds::KindId;
use crate::live::LiveObject;
use crate::name::RemoteId;
use crate::resolve::Resource;
use crate::text::folded;

/// Warns of each create and each rename that makes a twin.
pub(super) fn check(
    input: &Input<'_>,
    bindings: &Bindings<'_>,
    changes: &[Change],
    diags: &mut Diags,
) {
    let named: Vec<&Change> = changes
        .iter()
        .filter(|change| gets_a_name(change))
        .collect();
    if named.is_empty() {
        return;
    }
    let strangers = Strangers::new(input, bindings, changes, &named);
    for change in named {
        let Some(resource) = input.desired.get(&change.key()) else {
            continue;
        };
        let parent = parent_id(resource, &bindings.references);
        let Some(twin) = strangers.twin(change, parent.as_ref()) else {
            continue;
        };
        let (name, id) = (&change.display_name, &twin.id);
        if twin.display_name == *name && change.action == Action::Create {
            continue; // nothing is bound: `ambiguous-binding` or `system-row` says why
        }
        let diagnostic = if twin.display_name == *name && change.action == Action::Replace {
            moved_onto(resource, change, twin)
        } else if twin.display_name == *name {
            let message = format!(
                "the account holds another {} named `{name}` ({id})",
                change.kind
            );
            Diagnostic::new(&LIVE_NAME_TAKEN, at_name(resource), message)
                .help("give the manifest another `displayName`, or rename the other one in the console first")
        } else {
            let message = format!(
                "`{name}` looks like `{}` ({id}) on the account: they differ only in case, blanks or composition",
                twin.display_name
            );
            Diagnostic::new(&LIVE_NAME_ALIKE, at_name(resource), message)
                .help("write the name exactly as the account has it to take that object over, or another name")
        };
        diags.push(diagnostic);
    }
}

/// An object that moves to where another one has its name: whether that one is meant, only people can say.
fn moved_onto(resource: &Resource, change: &Change, twin: &LiveObject) -> Diagnostic {
    let (kind, name, id) = (change.kind, &change.display_name, &twin.id);
    let message = format!(
        "`{name}` moves to where the account holds another {kind} of that name ({id}): it is unclear which of the two you mean"
    );
    Diagnostic::new(&AMBIGUOUS_BINDING, at_name(resource), message).help(format!(
        "give the manifest another `displayName`, or delete the other one in the console; to take it over instead, run `campaignctl ledger forget {key}`, then `campaignctl ledger bind {key} {id}`",
        key = change.key()
    ))
}

/// Whether a change gives an object a display name that it did not have.
fn gets_a_name(change: &Change) -> bool {
    let renames = || {
        let mut fields = change.fields.iter();
        fields.any(|field| field.pointer.as_str() == "/spec/displayName")
    };
    match change.action {
        Action::Create | Action::Replace => true,
        Action::Update | Action::Manual => renames() || change.remote_id.is_none(),
        Action::Delete | Action::Adopt | Action::Forget | Action::None => false,
    }
}

/// The live objects of some kinds that no manifest is bound to and that stay, by how their names look.
struct Strangers<'a>(BTreeMap<(KindId, String), Vec<&'a LiveObject>>);

impl<'a> Strangers<'a> {
    fn new(
        input: &Input<'a>,
        bindings: &Bindings<'_>,
        changes: &[Change],
        named: &[&Change],
    ) -> Self {
        let bound = bindings
            .bound
            .values()
            .map(|bound| (bound.object.kind, &bound.object.id));
        let gone = changes
            .iter()
            .filter(|change| change.action == Action::Delete);
        let gone = gone.filter_map(|change| Some((change.kind, change.remote_id.as_ref()?)));
        let known: BTreeSet<(KindId, &RemoteId)> = bound.chain(gone).collect();
        let kinds: BTreeSet<KindId> = named.iter().map(|change| change.kind).collect();
        let mut strangers = BTreeMap::<_, Vec<&LiveObject>>::new();
        for object in kinds
            .into_iter()
            .flat_map(|kind| input.inventory.of_kind(kind))
        {
            if !known.contains(&(object.kind, &object.id)) && !object.is_unnamed() {
                let place = (object.kind, folded(&object.display_name));
                strangers.entry(place).or_default().push(object);
            }
        }
        Self(strangers)
    }

    fn twin(&self, change: &Change, parent: Option<&RemoteId>) -> Option<&'a LiveObject> {
        let alike = self.0.get(&(change.kind, folded(&change.display_name)))?;
        let has_parent = change.kind.def().parent.is_some();
        let mut inside = alike
            .iter()
            .filter(|it| !has_parent || it.parent.as_ref() == parent);
        inside.next().copied()
    }
}
