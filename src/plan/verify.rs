//! A saved plan against the account and the ledger of today: may it still be applied?
//!
//! It may not when an object that it touches changed, appeared or went away, when the ledger binds one of its
//! manifests to another object, or when a name in it means another object by now. What the plan does not touch may
//! change.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::lists::Lists;
use super::moved::moved;
use super::refers::moved_references;
use super::resumed::Resumed;
use super::{Action, Change, Plan, judged_by};
use crate::diff::{bearers, live_spec};
use crate::kinds::mapping::get_path;
use crate::kinds::words::VOCABULARY;
use crate::kinds::{KindId, Lookup};
use crate::live::{Begun, Inventory, Items, Ledger, LiveObject, Needs, References};
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::reference_key;

/// Why a plan may not be applied any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StalePlan {
    /// The object; `None` when it is about the plan as a whole.
    pub key: Option<Key>,
    /// What changed, the fields named.
    pub message: String,
}

/// What has to be read to find out, and to judge it.
#[must_use]
pub fn needs(plan: &Plan, now: Option<Timestamp>) -> Needs {
    let mut needs = judged_by(plan, now);
    let (mut ids, mut display_names) = (BTreeSet::new(), BTreeSet::new());
    for kind in plan.references.kinds() {
        needs.add_kind(kind);
    }
    for change in &plan.changes {
        needs.add_kind(change.kind);
        if let Some(id) = change.remote_id.clone() {
            let parent = change.remote_parent.clone();
            needs.bound.insert((change.kind, parent, id.clone()));
            ids.insert((change.kind, id));
        }
        display_names.insert((change.kind, change.display_name.clone()));
        let around = change
            .kind
            .def()
            .parent
            .as_ref()
            .map(|parent| KindId::known(parent.kind));
        ids.extend(around.zip(change.remote_parent.clone()));
    }
    let more = Items::Wanted {
        ids,
        display_names,
        kinds: BTreeSet::new(),
    };
    needs.items.extend(more);
    needs
}

/// The ledger of today, as far as a saved plan is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Today<'a> {
    /// The ledger.
    pub ledger: &'a Ledger,
    /// Whether there was one already.
    pub is_stored: bool,
    /// How far a run of this very plan got before it died: it may go on. What it wrote changed since
    /// the plan was made, of course; each write is still compared with what was planned.
    pub begun: Option<&'a Begun>,
}

/// Every reason why the plan may not be applied to this account any more.
#[must_use]
pub fn stale(plan: &Plan, inventory: &Inventory, today: Today<'_>) -> Vec<StalePlan> {
    let Today {
        ledger,
        is_stored,
        begun,
    } = today;
    let whole = |message: &str| StalePlan {
        key: None,
        message: message.to_owned(),
    };
    if begun.is_none() && ledger.used_plans.contains(&plan.id) {
        return vec![whole("it was applied already: a plan is used once")];
    }
    if plan.vocabulary != VOCABULARY {
        return vec![whole(
            "it was made by a version of campaignctl that maps words to other numbers of the platform: plan again",
        )];
    }
    let mut found = Vec::new();
    if let Some(then) = &plan.ledger
        && is_stored
        && then.lineage != ledger.lineage
    {
        found.push(whole("the ledger is another one than when it was made"));
    }
    let live: BTreeMap<(KindId, &RemoteId), &LiveObject> = inventory
        .iter()
        .map(|object| ((object.kind, &object.id), object))
        .collect();
    let touched = touched(plan, begun);
    found.extend(moved_references(plan, inventory, ledger, &touched));
    let looking = PlanBesideAccount {
        plan,
        inventory,
        today,
        live,
        references: references(plan, ledger),
        touched,
    };
    for (index, change) in plan.changes.iter().enumerate() {
        let messages = if looking.touched.contains(&index) {
            looking.of_begun(index, change).into_iter().collect()
        } else if change.action == Action::None {
            Vec::new()
        } else {
            looking.of_untouched(index, change)
        };
        found.extend(messages.into_iter().map(|message| StalePlan {
            key: Some(change.key()),
            message,
        }));
    }
    found
}

/// A plan beside the account of today.
struct PlanBesideAccount<'a> {
    plan: &'a Plan,
    inventory: &'a Inventory,
    today: Today<'a>,
    live: Live<'a>,
    /// The changes that an earlier run of the plan has begun.
    touched: BTreeSet<usize>,
    /// What names mean by now: what such a run created has its id.
    references: References,
}

impl PlanBesideAccount<'_> {
    /// What is not as an earlier run of the plan left it.
    fn of_begun(&self, index: usize, change: &Change) -> Option<String> {
        let resumed = Resumed {
            plan: self.plan,
            begun: self.today.begun?,
            references: &self.references,
            index,
            change,
        };
        let object = |id: &RemoteId| self.live.get(&(change.kind, id)).copied();
        let gone = || moved(self.plan, change, None, &[]);
        let then = change.remote_id.as_ref();
        let now = self.today.ledger.entries.get(&change.key());
        let now = now.map(|entry| &entry.id).filter(|id| then != Some(*id));
        let created = || match object(now?) {
            Some(object) => resumed.of_created(object),
            None => gone(),
        };
        let passed_on = self.passed_on(change);
        let former = || resumed.of_former(object(then?)?, &passed_on);
        let list = |id: Option<&RemoteId>| self.lists()?.moved(index, object(id?)?);
        match change.action {
            Action::Create => created().or_else(|| list(now)),
            Action::Update if then.and_then(object).is_none() => gone(),
            Action::Update => former().or_else(|| list(then)),
            Action::Delete => former(),
            Action::Replace => created().or_else(former),
            Action::Adopt | Action::Forget | Action::Manual | Action::None => None,
        }
    }

    /// What is not as it was when the plan was made.
    fn of_untouched(&self, index: usize, change: &Change) -> Vec<String> {
        let object = change.remote_id.as_ref();
        let object = object.and_then(|id| self.live.get(&(change.kind, id)).copied());
        let bound = bound_elsewhere(change, self.today.ledger, &self.live);
        let other = object.and_then(|object| is_another(change, object));
        let moved = match &change.remote_id {
            Some(_) => moved(self.plan, change, object, &self.passed_on(change)),
            None => appeared(self.plan, change, self.inventory, self.today.ledger),
        };
        let flag = flag_moved(change, self.inventory);
        let unlike = object.filter(|_| moved.is_none());
        let unlike = unlike.and_then(|object| match self.lists() {
            Some(_) if change.action != Action::Delete => self.lists()?.moved(index, object),
            lists => unlike_inside(self.plan, change, object, lists),
        });
        let all = bound.into_iter().chain(other).chain(moved);
        all.chain(flag).chain(unlike).collect()
    }

    /// The lists of what lies inside, where an earlier run of the plan has begun.
    fn lists(&self) -> Option<Lists<'_>> {
        Some(Lists {
            plan: self.plan,
            ledger: self.today.ledger,
            begun: self.today.begun?,
            references: &self.references,
        })
    }

    /// The wire keys of an object that other writes of an earlier run of the plan changed.
    fn passed_on(&self, change: &Change) -> Vec<&'static str> {
        let flag = passed_on(self.plan, change, &self.touched).into_iter();
        let list = self.today.begun.and_then(|_| listed(change.kind));
        flag.chain(list).collect()
    }
}

/// The names of the plan, with the ids of what is bound by now.
fn references(plan: &Plan, ledger: &Ledger) -> References {
    let mut references = plan.references.clone();
    for change in &plan.changes {
        let key = change.key();
        if let Some(entry) = ledger.entries.get(&key) {
            let name = Some(key.name.to_string());
            let shown = entry.display_name.clone();
            references.insert(key.kind, entry.id.to_wire(), name, shown);
        }
    }
    references
}

/// The changes that a run of the plan may have touched before it died: those of its steps.
fn touched(plan: &Plan, begun: Option<&Begun>) -> BTreeSet<usize> {
    let Some(begun) = begun else {
        return BTreeSet::new();
    };
    let steps = begun.started.iter();
    let steps = steps.filter_map(|step| plan.steps.get(*step));
    steps.map(|step| step.change).collect()
}

/// The wire key that lists what lies inside an object: the writes of that change it.
fn listed(kind: KindId) -> Option<&'static str> {
    let def = kind.def();
    let inside = def.children.as_ref()?.field;
    let field = def.fields.iter().find(|field| field.spec == inside)?;
    field.wire.split('.').next()
}

/// The live objects by their ids.
type Live<'a> = BTreeMap<(KindId, &'a RemoteId), &'a LiveObject>;

/// Whether the ledger says something else about the manifest than it did.
fn bound_elsewhere(change: &Change, ledger: &Ledger, live: &Live<'_>) -> Option<String> {
    if change.foreign {
        let mut owners = ledger
            .entries
            .iter()
            .filter(|(key, _)| key.kind == change.kind);
        let owner = owners.find(|(_, entry)| Some(&entry.id) == change.remote_id.as_ref());
        return owner.map(|(key, _)| format!("the ledger binds it to {key} now"));
    }
    let key = change.previous.clone().unwrap_or_else(|| change.key());
    let taken = ledger.entries.get(&change.key());
    if let Some(taken) = taken.filter(|_| change.previous.is_some()) {
        return Some(format!("the ledger binds it to {} now", taken.id));
    }
    // An entry whose object has vanished binds nothing.
    let binds = |id: &&RemoteId| !change.adopted || live.contains_key(&(change.kind, *id));
    let now = ledger
        .entries
        .get(&key)
        .map(|entry| &entry.id)
        .filter(binds);
    // A create whose object had vanished still has its old entry.
    let then = change.remote_id.as_ref().filter(|_| !change.adopted);
    match (then, now) {
        (Some(then), Some(now)) if then != now => {
            Some(format!("the ledger binds it to {now} now, not to {then}"))
        }
        (Some(then), None) => Some(format!("the ledger no longer binds it to {then}")),
        (None, Some(now)) if change.adopted && change.remote_id.as_ref() != Some(now) => {
            Some(format!("the ledger binds it to {now} now"))
        }
        _ => None,
    }
}

/// Whether something else lies inside an object that goes than the plan says.
fn unlike_inside(
    plan: &Plan,
    change: &Change,
    object: &LiveObject,
    begun: Option<Lists<'_>>,
) -> Option<String> {
    let inside = change.kind.def().children.as_ref()?;
    if change.action != Action::Delete {
        return None;
    }
    let unlike = || format!("`{}` is not what the plan says", inside.field);
    if let Some(lists) = begun {
        return lists.is_unlike_inside(change, object).then(unlike);
    }
    let list = |spec: &Value| {
        let list = get_path(spec, inside.field).and_then(Value::as_array);
        list.cloned().unwrap_or_default()
    };
    let bare = References::default();
    let held = live_spec(change.kind.def(), &bare, object);
    let ids = |members: Vec<Value>, id_of: &dyn Fn(&Value) -> Option<RemoteId>| {
        let ids = members.iter().map(id_of);
        ids.collect::<Option<BTreeSet<RemoteId>>>()
    };
    let held = ids(list(&held), &|member| {
        RemoteId::from_wire(&bare.to_id(inside.kind, member))
    });
    let told = ids(list(&change.expected), &|member| {
        id_of_member(plan, inside.kind, member)
    });
    (told.is_none() || told != held).then(unlike)
}

/// The id of what a list of children names: by the table of the plan, else by what its changes are called, or were.
fn id_of_member(plan: &Plan, kind: &'static str, member: &Value) -> Option<RemoteId> {
    if let Some(id) = RemoteId::from_wire(&plan.references.to_id(kind, member)) {
        return Some(id);
    }
    let key = reference_key(kind, member)?;
    let mut changes = plan.changes.iter();
    let change = changes.find(|it| it.key() == key || it.previous.as_ref() == Some(&key));
    change?.remote_id.clone()
}

/// The wire key of a flag that the object lost to one that an earlier run of the plan wrote.
fn passed_on(plan: &Plan, change: &Change, touched: &BTreeSet<usize>) -> Option<&'static str> {
    let id = change.remote_id.as_ref()?;
    let changes = touched.iter().filter_map(|index| plan.changes.get(*index));
    let mut others = changes.filter(|other| other.kind == change.kind);
    let is_taken = others.any(|other| other.takes.iter().any(|taken| taken.remote_id == *id));
    change
        .kind
        .def()
        .collection?
        .exclusive_flag
        .filter(|_| is_taken)
}

/// Whether other objects than the plan says lose a flag to the one that it changes.
fn flag_moved(change: &Change, inventory: &Inventory) -> Option<String> {
    if !change.sets_flag() {
        return None;
    }
    let bearers = bearers(change.kind, inventory).map(|object| &object.id);
    let now: BTreeSet<&RemoteId> = bearers
        .filter(|id| Some(*id) != change.remote_id.as_ref())
        .collect();
    let then: BTreeSet<&RemoteId> = change.takes.iter().map(|taken| &taken.remote_id).collect();
    let told = |ids: &BTreeSet<&RemoteId>| {
        let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
        if ids.is_empty() {
            "none".to_owned()
        } else {
            ids.join(", ")
        }
    };
    (now != then).then(|| {
        let (now, then) = (told(&now), told(&then));
        format!("it would take a flag from {now}, not from {then}")
    })
}

/// Whether the live object is none that the plan could have bound: what is adopted bears the display name of its
/// manifest, and only the vendor owns the vendor's rows.
fn is_another(change: &Change, object: &LiveObject) -> Option<String> {
    let goes = matches!(change.action, Action::Delete | Action::Replace);
    if object.system && (goes || change.adopted) {
        return Some(format!("{} is one of the vendor's own objects", object.id));
    }
    if change.kind.def().parent.is_some() && change.remote_parent != object.parent {
        return Some("it is inside another object than the plan says".to_owned());
    }
    let is_named = change.adopted && !object.is_unnamed();
    (is_named && object.display_name != change.display_name).then(|| {
        let name = &object.display_name;
        format!("the object that it would be bound to is named `{name}` now")
    })
}

/// Whether an object that would be created is there by now. One that bears its name and was known to be another one
/// is still that only where the ledger or the plan itself says whose it is.
fn appeared(
    plan: &Plan,
    change: &Change,
    inventory: &Inventory,
    ledger: &Ledger,
) -> Option<String> {
    if !matches!(change.action, Action::Create | Action::Manual) {
        return None;
    }
    let parent = change.kind.def().parent.as_ref().and_then(|parent| {
        let reference = change.declared.get(parent.field)?;
        RemoteId::from_wire(&plan.references.to_id(parent.kind, reference))
    });
    let twins = inventory.of_kind(change.kind).iter().filter(|object| {
        object.display_name == change.display_name
            && (change.kind.def().parent.is_none() || object.parent == parent)
    });
    let is_owned = |id: &RemoteId| {
        let mut entries = ledger
            .entries
            .iter()
            .filter(|(key, _)| key.kind == change.kind);
        let mut changes = plan
            .changes
            .iter()
            .filter(|other| other.kind == change.kind);
        entries.any(|(_, entry)| entry.id == *id)
            || changes.any(|other| other.remote_id.as_ref() == Some(id))
    };
    let known =
        |object: &&LiveObject| plan.known_twins.contains(&object.id) && is_owned(&object.id);
    let twin = twins
        .filter(|object| !known(object))
        .map(|object| &object.id)
        .next()?;
    Some(format!(
        "an object of that name exists in the account now ({twin})"
    ))
}
