//! The wire as public clients of the platform use it (platform.md#paths-and-versions), over real HTTP against the
//! sandbox: so the sandbox cannot drift from what they rely on.

mod access;
mod campaigns;
mod client;
mod collections;
mod durability;
mod every_kind;
mod faults;
mod handoffs;
mod monitoring;
mod proactive;
mod projections;
mod reporting;
mod revisions;
mod seeds;
mod special_occasions;
mod switches;
mod visits;
