//! The one integration binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(unix)]
mod actions;
mod audit;
mod capture;
mod causes;
mod chaos;
mod cli;
mod client;
mod conformance;
mod doctor;
mod drift;
mod environments;
mod examples;
mod explain;
mod faults;
mod flags;
mod floors;
mod fmt;
mod formats;
mod fuzz;
mod generated;
mod graph;
mod guards;
mod handoffs;
mod hostile;
mod init;
mod ledgers;
mod lifecycle;
mod live_states;
mod lsp;
mod man;
mod notify;
mod occasions;
mod outputs;
mod pages;
mod pipeline;
mod platform;
mod policies;
mod program;
mod reach;
mod reviewed;
mod rollback;
mod roundtrip;
mod saved;
mod scenarios;
mod schemas;
mod secrets;
mod selection;
mod status;
mod stdout;
mod support;
mod throttled;
mod waivers;
mod words;
