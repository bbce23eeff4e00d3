//! The one integration binary.

mod client;
mod conformance;
