//! F1: the kinds. One folder per kind; the lists in this file are the only lists of kinds.
//!
//! Nothing outside `kinds/` matches on a kind: what a pass needs to know is an item of
//! [`KindDef`]. To add a kind, copy the folder of [`goal`], change it, and add its two lines here.

pub mod field;
mod kind;
pub mod mapping;
pub mod shared;
mod words;

pub mod goal;

#[cfg(test)]
mod tests;

pub use kind::{
    Children, Collection, Findings, IdForm, Kind, KindDef, KindId, Lookup, Parent, Role, Service,
    Serving, Staged, TypedError, UpdateForm, World,
};

/// Every kind, in the order in which plans and tables list them.
pub const ALL: &[KindDef] = &[KindDef::of::<goal::GoalKind>()];
