//! Configuration as code for LivePerson Conversational Cloud.

pub mod api;
pub mod apply;
pub mod diag;
pub mod kinds;
pub mod ledger;
pub mod live;
pub mod manifest;
pub mod name;
pub mod plan;
pub mod sandbox;
pub mod text;
