//! F1: the kinds. One folder per kind; the lists in this file are the only lists of kinds.
//!
//! Nothing outside `kinds/` matches on a kind: what a pass needs to know is an item of
//! [`KindDef`]. To add a kind, copy the folder of [`goal`], change it, and add its two lines here.

mod account_ids;
pub mod admission;
mod collection;
mod conditions;
pub mod field;
mod filled;
mod id;
mod judge;
mod kind;
pub mod mapping;
mod meaning;
pub mod offering;
mod open_forms;
mod overview;
mod owned;
mod place;
pub mod shared;
mod strict;
mod uses;
pub mod words;

pub mod api_handoff;
pub mod behavior;
pub mod campaign;
pub mod engagement;
pub mod engagement_template;
pub mod engagement_window;
pub mod entry_point;
pub mod goal;
pub mod launch;
pub mod persona;
pub mod reference;
pub mod scenario;
pub mod special_occasion;
pub mod target_audience;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use account_ids::{AccountId, ByName, IdSubject, account_ids, account_ids_among, is_id_key};
pub use admission::{AppVisit, Conduct, Meanings, VisitWord};
pub use api_handoff::channel_word;
pub use collection::{Collection, IdForm, InUse, Service, UpdateForm};
pub use conditions::{
    PayloadOutline, RawCondition, condition_numbers, conditions_field, raw_conditions,
};
pub use filled::filled_by_account;
pub use id::KindId;
pub use judge::{Findings, RuleWorld, TypedError};
pub use kind::{Children, Kind, KindDef, Lacks, Lookup, Parent, Role, Serving, Staged};
pub use launch::{
    CHANNELS as CLEVERTAP_CHANNELS, Clevertap, ClevertapMode, Differing, Launch, Proactive,
    Recipients, VALUE_MAX, Window, is_in_app,
};

pub use meaning::{SaidWord, field_at, words_at, words_of};
pub use open_forms::{Malformed, malformed};
pub use overview::{Other, Overview, Runs};
pub use owned::{KeyOwner, Owned, owned_in_extra};
pub use place::place_in;
pub use scenario::{
    Agents, Always, Case, ControlGroup, Conversation, Device, Engaged, Geo, Given, JourneyStep,
    Matrix, Never, Nothing, Scenario, Then, VisitorChannel, When, unseen_attributes,
};
pub(crate) use shared::unknown_zone;
pub use uses::{KeyUse, Use, key_uses, kinds_of_declared, referenced_kinds, uses};

/// Every kind, in the order in which plans and tables list them.
pub const ALL: &[KindDef] = &[
    KindDef::of::<goal::GoalKind>(),
    KindDef::of::<target_audience::TargetAudienceKind>(),
    KindDef::of::<special_occasion::SpecialOccasionKind>(),
    KindDef::of::<engagement_window::EngagementWindowKind>(),
    KindDef::of::<entry_point::EntryPointKind>(),
    KindDef::of::<behavior::BehaviorKind>(),
    KindDef::of::<engagement_template::EngagementTemplateKind>(),
    KindDef::of::<campaign::CampaignKind>(),
    KindDef::of::<engagement::EngagementKind>(),
    KindDef::of::<api_handoff::ApiHandoffKind>(),
    KindDef::of::<persona::PersonaKind>(),
    KindDef::of::<scenario::ScenarioKind>(),
    KindDef::of::<launch::LaunchKind>(),
    // Never in a manifest, only referred to.
    KindDef::of::<reference::SkillKind>(),
    KindDef::of::<reference::LineOfBusinessKind>(),
    KindDef::of::<reference::AppInstallationKind>(),
    KindDef::of::<reference::ConnectorKind>(),
    KindDef::of::<reference::ZoneKind>(),
];
