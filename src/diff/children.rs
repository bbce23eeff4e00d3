//! The ordered list of a parent's children: whose members are ours, and whose stay.

use std::collections::BTreeSet;

use serde_json::Value;

use super::prune::Pruned;
use super::{Cause, DiffInput};
use crate::kinds::mapping::get_path;
use crate::kinds::{Children, KindId, Lookup};
use crate::manifest::Key;
use crate::resolve::{Resource, reference_key};
use crate::text::Pointer;

/// The list as it should be. A declared list is meant as it stands; without one, the live order is kept
/// and manifests that are not in it yet follow in the order of the files. Either way, what people added
/// in the console stays at its place, and what the plan deletes or moves elsewhere goes. `by_live` are the manifests that lie inside
/// by the live name of the parent, not by that of its manifest.
pub(super) fn wanted(
    input: &DiffInput<'_>,
    lookup: &dyn Lookup,
    pruned: &Pruned<'_>,
    resource: &Resource,
    (children, by_live): (&Children, &[Key]),
    live: &Value,
) -> Vec<Value> {
    let kind = KindId::known(children.kind);
    let held: Vec<Value> = array(get_path(live, children.field)).cloned().collect();
    let live = held
        .iter()
        .filter(|member| !is_leaving(input, pruned, (resource, by_live), kind, member));
    // What is left out of the run stays where the account has it.
    let lists = |key: &Key| {
        input.scope.selection.has(key) || held.contains(&Value::from(key.name.as_str()))
    };
    let mut managed: Vec<&Key> = input
        .desired
        .children_of(&resource.key)
        .iter()
        .chain(by_live)
        .filter(|key| key.kind == kind && lists(key))
        .collect();
    managed.sort_by_key(|key| input.desired.get(key).map(|child| child.doc));
    let managed: Vec<Value> = managed
        .into_iter()
        .map(|key| Value::from(key.name.as_str()))
        .collect();
    let canonical = |member| lookup.to_ref(children.kind, &lookup.to_id(children.kind, member));
    let declared = get_path(&resource.spec, children.field).filter(|declared| declared.is_array());
    let candidates: Vec<Value> = match declared {
        Some(_) => {
            let ours: BTreeSet<String> = managed.iter().map(Value::to_string).collect();
            let theirs = |member: &Value| !ours.contains(&member.to_string());
            in_their_places(array(declared).map(canonical).collect(), live, theirs)
        }
        None => live.cloned().chain(managed).collect(),
    };
    let mut seen = BTreeSet::new();
    let mut list = candidates;
    list.retain(|member| seen.insert(member.to_string()));
    list
}

/// A declared list with what is of other people in the live one: each of these stays where it is, between as many members
/// that are declared as there are now. What is declared and not there yet comes before the next one that is, and at the end
/// before what is of other people there.
pub(crate) fn in_their_places<'l>(
    declared: Vec<Value>,
    live: impl IntoIterator<Item = &'l Value>,
    is_theirs: impl Fn(&Value) -> bool,
) -> Vec<Value> {
    let places: BTreeSet<String> = declared.iter().map(Value::to_string).collect();
    let live: Vec<(String, &Value)> = live.into_iter().map(|it| (it.to_string(), it)).collect();
    let held = live.iter().map(|(place, _)| place);
    let held: BTreeSet<&String> = held.filter(|place| places.contains(*place)).collect();
    let (mut list, mut open) = (Vec::new(), held.len());
    let mut declared = declared.into_iter();
    for (place, member) in &live {
        if open == 0 {
            list.extend(declared.by_ref());
        }
        if held.contains(place) {
            for next in declared.by_ref() {
                let is_held = held.contains(&next.to_string());
                list.push(next);
                if is_held {
                    break;
                }
            }
            open = open.saturating_sub(1);
        } else if is_theirs(member) {
            list.push((*member).clone());
        }
    }
    list.extend(declared);
    list
}

/// Whether a member must go: an owned object without a manifest or gone from the account, or a manifest
/// that moved to another parent.
fn is_leaving(
    input: &DiffInput<'_>,
    pruned: &Pruned<'_>,
    (resource, by_live): (&Resource, &[Key]),
    kind: KindId,
    member: &Value,
) -> bool {
    let manifest = reference_key(kind.name(), member).and_then(|key| input.desired.get(&key));
    manifest.map_or_else(
        || pruned.members.contains(&(kind, member.to_string())),
        |child| {
            let is_inside =
                child.parent().as_ref() == Some(&resource.key) || by_live.contains(&child.key);
            !is_inside && input.scope.selection.has(&child.key)
        },
    )
}

/// A list of children, for the question who changed it.
pub(crate) struct ListChange<'a> {
    /// The manifest of the object around.
    pub(crate) resource: &'a Resource,
    /// What was last applied to that.
    pub(crate) applied: &'a Value,
    /// Names to ids and back.
    pub(crate) lookup: &'a dyn Lookup,
    /// Whether a member has its manifest since then, and was other people's before.
    pub(crate) is_new: &'a dyn Fn(&Value) -> bool,
}

impl ListChange<'_> {
    /// Who changed the list of children from `before` to `after`; none when `field` is another field.
    ///
    /// Only what is declared counts: what other people put into the list stays, whatever happens. The order counts where the
    /// manifest declares it. What has its manifest only now was no drift before: its file came, and the list does without it.
    pub(crate) fn cause(&self, field: &Pointer, before: &Value, after: &Value) -> Option<Cause> {
        let list = self.resource.key.kind.def().children.as_ref()?;
        if field.steps().next()? != list.field {
            return None;
        }
        let listed = ListedChildren::of(list, self.resource, self.lookup);
        let counted = |list: Option<&Value>| listed.counted(list);
        let old = |mut members: Vec<Value>| {
            members.retain(|member| !(self.is_new)(member));
            members
        };
        let last = counted(get_path(self.applied, list.field));
        let (held, wanted) = (counted(Some(before)), counted(Some(after)));
        let has_new = held.iter().chain(&wanted).any(self.is_new);
        let takes_out = held
            .iter()
            .any(|it| (self.is_new)(it) && !wanted.contains(it));
        let (last, held) = (old(last), old(held));
        let is_edited = takes_out || last != old(wanted);
        Some(match (is_edited, last != held) {
            (true, true) => Cause::Both,
            (true, false) => Cause::Edit,
            // The rest of the list is as it was.
            (false, false) if has_new => Cause::Edit,
            (false, _) => Cause::Drift,
        })
    }
}

/// What of a list of children counts: what is ours, in its order where the manifest declares it, and of other people's what
/// the manifest names.
struct ListedChildren {
    is_declared: bool,
    named: BTreeSet<String>,
}

impl ListedChildren {
    fn of(list: &Children, resource: &Resource, lookup: &dyn Lookup) -> Self {
        let canonical = |member| lookup.to_ref(list.kind, &lookup.to_id(list.kind, member));
        let declared = get_path(&resource.spec, list.field).filter(|it| it.is_array());
        let named = array(declared).map(|it| canonical(it).to_string());
        Self {
            is_declared: declared.is_some(),
            named: named.collect(),
        }
    }

    /// The members that count. What is, or was, a manifest is referred to by name.
    fn counted(&self, list: Option<&Value>) -> Vec<Value> {
        let counts = |it: &&Value| it.is_string() || self.named.contains(&it.to_string());
        let mut members: Vec<Value> = array(list).filter(counts).cloned().collect();
        if !self.is_declared {
            members.sort_by_key(Value::to_string);
        }
        members
    }
}

/// Whether the members of a list that count are others than those that were recorded, or in another order.
pub(super) fn is_outdated(
    list: &Children,
    (resource, lookup): (&Resource, &dyn Lookup),
    applied: &Value,
    wanted: &Value,
) -> bool {
    let listed = ListedChildren::of(list, resource, lookup);
    let counted = |spec| listed.counted(get_path(spec, list.field));
    counted(applied) != counted(wanted)
}

fn array(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}
