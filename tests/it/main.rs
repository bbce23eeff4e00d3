//! The one integration binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
#[cfg(unix)]
mod actions;
mod audit;
mod capture;
mod causes;
mod chaos;
mod cli;
mod client;
mod conformance;
mod consumers;
#[cfg(unix)]
mod disk;
mod doctor;
mod drift;
mod editor_schemas;
mod environments;
mod examples;
mod explain;
mod exporting;
mod faults;
mod flags;
mod floors;
mod fmt;
mod folding;
mod formats;
mod fuzz;
mod generated;
mod graph;
mod guards;
mod handoffs;
mod help;
mod hostile;
#[cfg(unix)]
mod identity;
mod ids;
mod init;
mod kept;
mod ledgers;
mod lifecycle;
mod live_states;
mod login;
mod lsp;
mod man;
mod means;
mod notify;
mod occasions;
mod offers;
mod outputs;
mod pages;
mod pipeline;
mod platform;
mod policies;
mod program;
mod pull;
mod reach;
mod recorded;
mod reviewed;
mod rollback;
mod roundtrip;
mod sandbox;
mod saved;
mod scenarios;
mod schemas;
mod secrets;
mod selection;
mod status;
mod stdout;
mod support;
mod throttled;
mod uses;
mod waivers;
mod whole_lists;
mod words;
