//! The one integration binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod causes;
mod cli;
mod client;
mod conformance;
mod drift;
mod environments;
mod examples;
mod floors;
mod fuzz;
mod generated;
mod ledgers;
mod lifecycle;
mod live_states;
mod outputs;
mod pipeline;
mod program;
mod reach;
mod readme;
mod roundtrip;
mod saved;
mod scenarios;
mod schemas;
mod selection;
mod support;
