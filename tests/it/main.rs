//! The one integration binary.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cli;
mod client;
mod conformance;
mod drift;
mod ledgers;
mod pipeline;
mod roundtrip;
mod scenarios;
mod support;
