//! Live objects that bear the display name which an object of ours has or is to get, or one that looks like it.
//!
//! Only objects that no manifest is bound to count, and that stay: names of manifests are compared without an account. One that has the
//! exact name of ours may have been created twice: the answer to a create was lost, and its request arrived after another run had looked.

use std::collections::{BTreeMap, BTreeSet};

use super::bind::{at_name, parent_id};
use super::codes::{AMBIGUOUS_BINDING, LIVE_NAME_ALIKE, LIVE_NAME_TAKEN};
use super::{Action, Bindings, Change, DiffInput};
use crate::diag::{Diagnostic, Diags};
use crate::kinds::KindId;
use crate::live::LiveObject;
use crate::name::RemoteId;
use crate::resolve::Resource;
use crate::text::folded;

/// Warns of each create and each rename that makes a twin, and of each twin that is there.
pub(super) fn check(
    input: &DiffInput<'_>,
    bindings: &Bindings<'_>,
    changes: &[Change],
    diags: &mut Diags,
) {
    let (named, others): (Vec<&Change>, Vec<&Change>) =
        changes.iter().partition(|change| gets_a_name(change));
    let strangers = Strangers::new(input, bindings, changes);
    diags.extend(others.into_iter().filter_map(|it| strangers.doubled(it)));
    for change in named {
        let Some(resource) = input.desired.get(&change.key()) else {
            continue;
        };
        let parent = parent_id(resource, &bindings.references);
        let mut twins = strangers.alike(change, parent.as_ref());
        let Some(twin) = twins.next() else {
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

/// The live objects that no manifest is bound to and that stay, by how their names look.
struct Strangers<'a> {
    input: &'a DiffInput<'a>,
    bindings: &'a Bindings<'a>,
    named: BTreeMap<(KindId, String), Vec<&'a LiveObject>>,
    /// Those that the ledger records: they are ours, whatever became of their manifests.
    recorded: BTreeSet<(KindId, &'a RemoteId)>,
}

impl<'a> Strangers<'a> {
    fn new(input: &'a DiffInput<'a>, bindings: &'a Bindings<'a>, changes: &[Change]) -> Self {
        let bound = bindings
            .bound
            .values()
            .map(|bound| (bound.object.kind, &bound.object.id));
        let gone = changes
            .iter()
            .filter(|change| change.action == Action::Delete);
        let gone = gone.filter_map(|change| Some((change.kind, change.remote_id.as_ref()?)));
        let known: BTreeSet<(KindId, &RemoteId)> = bound.chain(gone).collect();
        let mut named = BTreeMap::<_, Vec<&LiveObject>>::new();
        for object in input.inventory.iter() {
            if !known.contains(&(object.kind, &object.id)) && !object.is_unnamed() {
                let place = (object.kind, folded(&object.display_name));
                named.entry(place).or_default().push(object);
            }
        }
        let entries = input.ledger.entries.iter();
        let recorded = entries.map(|(key, entry)| (key.kind, &entry.id)).collect();
        Self {
            input,
            bindings,
            named,
            recorded,
        }
    }

    /// Those inside the same parent whose names look like that of an object.
    fn alike(
        &self,
        change: &Change,
        parent: Option<&RemoteId>,
    ) -> impl Iterator<Item = &'a LiveObject> {
        let place = (change.kind, folded(&change.display_name));
        let alike = self.named.get(&place).into_iter().flatten().copied();
        let has_parent = change.kind.def().parent.is_some();
        alike.filter(move |it| !has_parent || it.parent.as_ref() == parent)
    }

    /// The complaint about one that has the exact name of an object that keeps its name.
    fn doubled(&self, change: &Change) -> Option<Diagnostic> {
        let keeps = matches!(
            change.action,
            Action::Update | Action::Manual | Action::None
        );
        if self.named.is_empty() || !keeps {
            return None;
        }
        let key = change.key();
        let resource = self.input.desired.get(&key)?;
        let ours = self.bindings.bound.get(&key)?.object;
        let twin = self.alike(change, ours.parent.as_ref()).find(|it| {
            let is_exact = it.display_name == change.display_name;
            is_exact && !it.system && !self.recorded.contains(&(it.kind, &it.id))
        })?;
        let (kind, name) = (change.kind, &change.display_name);
        let (ours, twin) = (&ours.id, &twin.id);
        let message = format!(
            "the account holds two {kind}s named `{name}`: the one of this manifest ({ours}), and another that no manifest describes ({twin})"
        );
        Some(
            Diagnostic::new(&LIVE_NAME_TAKEN, at_name(resource), message)
                .help("delete the other one in the console if it was created twice, or give one of them another name"),
        )
    }
}
