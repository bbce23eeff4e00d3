//! Configuration as code for LivePerson Conversational Cloud.

pub mod api;
pub mod apply;
pub mod check;
pub mod diag;
pub mod diff;
pub mod export;
pub mod kinds;
pub mod ledger;
pub mod live;
pub mod load;
pub mod manifest;
pub mod name;
pub mod plan;
pub mod project;
pub mod report;
pub mod resolve;
pub mod sandbox;
pub mod text;
