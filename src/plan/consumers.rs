//! What consumers gain and lose by a plan.
//!
//! Consumers see an object that is published, enabled, within its schedule and not kept from all of them by a control
//! group, inside something of which the same is true. An object that they see only before the plan leaves, one that
//! they see only after it goes live, whatever took it away or brought it. One that turns from an app to the web, or to
//! another app, leaves those who met it, and so does one whose entry points turn. Whom an engagement is shown to besides
//! is not looked at here, but for the states that it has a look for, such as that no agent is available: one in
//! which it showed and does not any more takes it away, too.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::around::{LiveKey, LiveNames, lifted};
use super::{Action, Change, Now, Plan};
use super::{places, unlisted};
use crate::kinds::mapping::{get_path, merge_specs, with_defaults};
use crate::kinds::{KindDef, KindId, Lookup};
use crate::live::LiveObject;
use crate::manifest::Key;
use crate::name::RemoteId;
use crate::resolve::reference_key;
use crate::text::Pointer;

/// What a plan does to what consumers see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Effect {
    /// The object.
    #[schemars(with = "String")]
    pub key: Key,
    /// What becomes of it.
    pub turn: ConsumerTurn,
    /// What takes it away, keeps it away or brings it; absent for what goes live by a change of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What becomes of an object for consumers.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum ConsumerTurn {
    /// They see it after the plan, and did not before.
    GoesLive,
    /// They saw it before the plan, and do not after.
    Leaves,
    /// The plan publishes it, and they do not see it: its schedule is over or has not begun, or its control group is
    /// everybody.
    StaysAway,
}

/// What consumers gain and lose by a plan, in the order of its changes. What turns together with the object around it
/// is not told again.
pub(super) fn effects(plan: &Plan, now: &Now<'_>) -> Vec<Effect> {
    let changes = &plan.changes;
    let is_met = |change: &&Change| change.kind.def().is_shown() && turns(change);
    let may_turn = |it: &Change| places::may_turn(it) || unlisted::turns_inside(it);
    if !changes.iter().any(|it| is_met(&it) || may_turn(it)) {
        return Vec::new();
    }
    let world = PlanWorld::new(changes, now);
    let met = changes.iter().filter(is_met);
    let found: Vec<_> = met
        .filter_map(|change| Some((change, world.effect(change)?)))
        .collect();
    let turning: BTreeSet<(Key, ConsumerTurn)> = found
        .iter()
        .map(|(_, effect)| (effect.key.clone(), effect.turn))
        .collect();
    let is_told = |change: &Change, effect: &Effect| {
        let around = world.around(change, effect.turn);
        around.is_some_and(|key| turning.contains(&(key, effect.turn)))
    };
    let turned = places::effects(changes, &world, &turning);
    let unlisted = unlisted::effects(plan, &world, &turning);
    let told = found.into_iter().filter_map(|(change, effect)| {
        if !is_told(change, &effect) {
            return Some(effect);
        }
        // It leaves with what it lay in; where it lies from now on, it is new.
        let arrives = Effect {
            turn: ConsumerTurn::GoesLive,
            why: None,
            ..effect
        };
        let is_moved = effect.turn == ConsumerTurn::Leaves && change.action == Action::Replace;
        let is_seen = is_moved && world.unseen_after(change).is_none();
        (is_seen && !is_told(change, &arrives)).then_some(arrives)
    });
    told.chain(turned).chain(unlisted).collect()
}

/// Whether an update may take away what consumers see: it switches something off, or moves it elsewhere.
pub(super) fn may_take_away(change: &Change, now: Option<Timestamp>) -> bool {
    let def = change.kind.def();
    let is_moved =
        (def.parent.as_ref()).is_some_and(|around| get_path(&change.patch, around.field).is_some());
    let is_hidden = (def.staged.as_ref()).is_some_and(|staged| {
        get_path(&change.patch, staged.field).is_some_and(|it| it != staged.live)
    });
    change.action == Action::Update
        && change.remote_id.is_some()
        && (is_moved
            || is_hidden
            || (def.states)(&change.patch).iter().any(|(_, shows)| !shows)
            || (def.met_by)(&change.patch).is_some()
            || may_hide(change, now))
}

/// Whether the fields that an update touches hide the object. Of a schedule it may touch one bound only, without the time
/// zone, so that the day before and the day after count as well.
fn may_hide(change: &Change, now: Option<Timestamp>) -> bool {
    let def = change.kind.def();
    let mut touched = change.declared.clone();
    if let (Some(fields), Some(patch)) = (touched.as_object_mut(), change.patch.as_object()) {
        fields.retain(|field, _| patch.contains_key(field));
    }
    let day = SignedDuration::from_hours(24);
    let nearby = |now: Timestamp| [now.checked_sub(day), Ok(now), now.checked_add(day)];
    let nearby = now.into_iter().flat_map(nearby).filter_map(Result::ok);
    let mut moments = nearby.map(Some).chain([None]);
    moments.any(|now| {
        let hides = |spec: &Value| (def.unseen)(spec, now).is_some();
        hides(&change.patch) || hides(&touched)
    })
}

/// The states in which an object shows before a change and not after it, where there are any.
fn lost_state(def: &KindDef, held: &Value, written: &Value) -> Option<String> {
    let before = (def.states)(held);
    let mut hidden = (def.states)(written);
    hidden.retain(|(state, shows)| !shows && before.contains(&(state.clone(), true)));
    let hidden: Vec<String> = hidden.into_iter().map(|(state, _)| state).collect();
    (!hidden.is_empty()).then(|| format!("it no longer shows {}", hidden.join(" and ")))
}

/// Whether a change may make a difference to anybody but the ledger.
pub(super) fn turns(change: &Change) -> bool {
    match change.action {
        Action::Create | Action::Replace | Action::Delete => true,
        Action::Update => !change.is_rename_only(),
        Action::Adopt | Action::Forget | Action::Manual | Action::None => false,
    }
}

/// The account before and after the plan.
pub(super) struct PlanWorld<'a> {
    now: Option<Timestamp>,
    pub(super) names: LiveNames<'a>,
    pub(super) objects: BTreeMap<LiveKey<'a>, &'a LiveObject>,
    pub(super) by_id: BTreeMap<LiveKey<'a>, &'a Change>,
    pub(super) by_key: BTreeMap<Key, &'a Change>,
}

impl<'a> PlanWorld<'a> {
    fn new(changes: &'a [Change], now: &Now<'a>) -> Self {
        let objects = now.inventory.iter().filter(|object| object.whole);
        let by_id = changes.iter().filter(|change| turns(change));
        let by_id = by_id.filter_map(|it| Some(((it.kind, it.remote_id.as_ref()?), it)));
        Self {
            now: now.now,
            names: LiveNames::new(changes, now),
            objects: objects
                .map(|object| ((object.kind, &object.id), object))
                .collect(),
            by_id: by_id.collect(),
            by_key: changes.iter().map(|it| (it.key(), it)).collect(),
        }
    }

    fn effect(&self, change: &'a Change) -> Option<Effect> {
        let object = self.object(change);
        if object.is_none() && change.action != Action::Create {
            return None; // what it was is not known
        }
        let was_seen = object.is_some_and(|object| self.unseen_before(object).is_none());
        let unseen = self.unseen_after(change);
        let (turn, why) = match (was_seen, unseen) {
            (false, None) => (ConsumerTurn::GoesLive, None),
            (true, None) => (ConsumerTurn::Leaves, Some(self.elsewhere(change, object?)?)),
            (true, Some(why)) => (
                ConsumerTurn::Leaves,
                Some(self.taken_back(change).unwrap_or(why)),
            ),
            (false, Some(_)) => (
                ConsumerTurn::StaysAway,
                Some(self.published_unseen(change)?),
            ),
        };
        let key = change.key();
        Some(Effect { key, turn, why })
    }

    /// What is said of an object that a change itself unpublishes.
    fn taken_back(&self, change: &'a Change) -> Option<String> {
        let staged = change.kind.def().staged.as_ref()?;
        let spec = self.written(change)?;
        let state = get_path(&spec, staged.field).and_then(Value::as_str);
        (state != Some(staged.live)).then(|| format!("it is no longer {}", staged.live))
    }

    /// Why consumers do not see an object that a change publishes.
    fn published_unseen(&self, change: &'a Change) -> Option<String> {
        let def = change.kind.def();
        let staged = def.staged.as_ref()?;
        let written = match change.action {
            Action::Update => &change.patch,
            _ => &change.declared,
        };
        let is_published =
            get_path(written, staged.field).and_then(Value::as_str) == Some(staged.live);
        let spec = self.written(change).filter(|_| is_published)?;
        def.unseen_alone(&spec, self.now)
    }

    /// The spec of the object of a change after the plan; nothing of what is deleted.
    fn written(&self, change: &'a Change) -> Option<Value> {
        let def = change.kind.def();
        match (change.action, self.object(change)) {
            (Action::Delete, _) => None,
            (Action::Update, Some(object)) => {
                let held = lifted(def, object, &self.names.table);
                Some(merge_specs(def.fields, &held, &change.patch))
            }
            _ => Some(with_defaults(def, &change.declared)),
        }
    }

    /// Why consumers lose an object that others see after the plan.
    fn elsewhere(&self, change: &Change, object: &LiveObject) -> Option<String> {
        let def = change.kind.def();
        if let (Action::Replace, Some(around)) = (change.action, &def.parent) {
            return Some(format!(
                "it moves to another {}, as a new object",
                around.kind
            ));
        }
        if change.action != Action::Update {
            return None;
        }
        let held = lifted(def, object, &self.names.table);
        let written = merge_specs(def.fields, &held, &change.patch);
        let (before, after) = (places::met_by(def, &held), places::met_by(def, &written));
        match (before, after) {
            (Some(before), Some(after)) if before != after => {
                Some(format!("it is now for {after}; {before} lose it"))
            }
            _ => match places::lost(self, change.kind, &held, &written) {
                Some((after, gone)) => {
                    Some(format!("its places are now for {after}; {gone} lose it"))
                }
                None => lost_state(def, &held, &written),
            },
        }
    }

    /// The live object of a change, where it was read.
    fn object(&self, change: &Change) -> Option<&'a LiveObject> {
        let id = change.remote_id.as_ref()?;
        self.objects.get(&(change.kind, id)).copied()
    }

    /// What the object of a change lies in, if it leaves, or is to lie in, if it goes live.
    fn around(&self, change: &Change, turn: ConsumerTurn) -> Option<Key> {
        let around = change.kind.def().parent.as_ref()?;
        let declared = get_path(&change.declared, around.field);
        let declared = declared.and_then(|it| reference_key(around.kind, it));
        let id = change.remote_parent.as_ref();
        let held = id.and_then(|id| self.by_id.get(&(KindId::known(around.kind), id)));
        let held = held.map(|change| change.key());
        match (turn, change.action) {
            (ConsumerTurn::Leaves, Action::Replace) => held,
            (ConsumerTurn::GoesLive, Action::Replace) => declared,
            _ => declared.or(held),
        }
    }

    /// The change of what a live object lies in.
    pub(super) fn around_live(&self, object: &'a LiveObject) -> Option<&'a Change> {
        let kind = KindId::known(object.kind.def().parent.as_ref()?.kind);
        let id = (kind, object.parent.as_ref()?);
        self.by_id.get(&id).copied()
    }

    /// Why consumers do not see a live object before the plan.
    pub(super) fn unseen_before(&self, object: &LiveObject) -> Option<String> {
        let def = object.kind.def();
        let own = def.unseen_alone(&lifted(def, object, &self.names.table), self.now);
        own.or_else(|| {
            let around = KindId::known(def.parent.as_ref()?.kind);
            match self.objects.get(&(around, object.parent.as_ref()?)) {
                Some(around) if around.lists(&object.id) == Some(false) => Some(format!(
                    "the {} `{}` does not list it",
                    around.kind, around.display_name
                )),
                Some(around) => self.unseen_before(around),
                None => Some("its parent was not read".to_owned()),
            }
        })
    }

    /// Why consumers do not see the object of a change after the plan.
    pub(super) fn unseen_after(&self, change: &'a Change) -> Option<String> {
        let Some(spec) = self.written(change) else {
            return Some("it is deleted".to_owned());
        };
        let def = change.kind.def();
        def.unseen_alone(&spec, self.now)
            .or_else(|| self.unseen_around(change, &spec))
    }

    /// Whether consumers see a live object only once a change of what lies around it has listed it. What its own change
    /// brings is looked at with that.
    pub(super) fn is_first_seen(&self, object: &LiveObject, around: &'a Change) -> bool {
        let def = object.kind.def();
        let hidden = def.unseen_alone(&lifted(def, object, &self.names.table), self.now);
        hidden.is_none()
            && !self.by_id.contains_key(&(object.kind, &object.id))
            && self.unseen_before(object).is_some()
            && self.unseen_after(around).is_none()
    }

    /// Whether the object of a change is in the list of the one around it after the plan, as far as that is known.
    fn lists_after(
        &self,
        change: &Change,
        around: Option<&Change>,
        object: Option<&LiveObject>,
    ) -> Option<bool> {
        let inside = around
            .map(|around| around.kind)
            .or_else(|| Some(object?.kind))?;
        let list = Pointer::from("/spec").key(inside.def().children.as_ref()?.field);
        let mut fields = around.into_iter().flat_map(|around| &around.fields);
        if let Some(field) = fields.find(|field| field.pointer == list) {
            let mut members = field.after.as_array()?.iter();
            let is_it = |member: &Value| {
                let id = self.names.table.to_id(change.kind.name(), member);
                let is_same = RemoteId::from_wire(&id)
                    .is_some_and(|id| Some(&id) == change.remote_id.as_ref());
                is_same || member.as_str() == Some(change.name.as_str())
            };
            return Some(members.any(is_it));
        }
        if around.is_some_and(|around| around.action == Action::Create) {
            return None;
        }
        match (change.action, &change.remote_id) {
            (Action::Create | Action::Replace, _) | (_, None) => {
                let object = object?;
                object.lists(&object.id).map(|_| false) // it is new, and the list stays
            }
            (_, Some(id)) => object?.lists(id),
        }
    }

    /// Why consumers do not see what an object lies in after the plan.
    fn unseen_around(&self, change: &'a Change, spec: &Value) -> Option<String> {
        let around = change.kind.def().parent.as_ref()?;
        let kind = KindId::known(around.kind);
        let declared = get_path(&change.declared, around.field);
        let reference = declared.or_else(|| get_path(spec, around.field));
        let key = reference.and_then(|it| reference_key(around.kind, it));
        let mut found = key.as_ref().and_then(|key| self.by_key.get(key).copied());
        let id = reference
            .map(|it| self.names.table.to_id(around.kind, it))
            .and_then(|id| RemoteId::from_wire(&id))
            .or_else(|| change.remote_parent.clone());
        if let Some(id) = &id {
            found = found.or_else(|| self.by_id.get(&(kind, id)).copied());
        }
        let object = id.and_then(|id| self.objects.get(&(kind, &id)).copied());
        let lists = self.lists_after(change, found, object);
        if let Some(around) = found.filter(|around| turns(around)) {
            let why = match lists {
                Some(false) => "it does not list it".to_owned(),
                _ => self.unseen_after(around)?,
            };
            return Some(format!("{}: {why}", around.key()));
        }
        match object {
            Some(object) if lists == Some(false) => Some(format!(
                "the {kind} `{}` does not list it",
                object.display_name
            )),
            Some(object) => {
                let why = self.unseen_before(object)?;
                Some(format!("{} `{}`: {why}", kind, object.display_name))
            }
            None => Some("its parent was not read".to_owned()),
        }
    }
}
