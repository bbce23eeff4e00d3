//! F4, pass 9: results as text and as data. Nothing here reads files, writes them, or touches the network:
//! a report is a function from data to a string.

pub mod capture;
#[cfg(test)]
mod cases;
mod cause;
pub mod conditions;
pub mod diagnostics;
pub mod doctor;
pub mod drift;
pub mod environments;
pub mod examples;
pub mod explain;
pub mod failure;
pub mod fields;
pub mod graph;
pub mod html;
pub mod ids;
pub mod impact;
pub mod launch;
pub mod ledger;
pub mod manifests;
pub mod markdown;
pub mod notice;
pub mod other_tools;
pub mod outcome;
pub mod plan;
pub mod prose;
pub mod pull;
mod reach;
pub mod rollout;
pub mod scenarios;
pub mod sends;
pub mod status;
pub mod topics;
pub mod uses;
pub mod valid;

/// What writes a report in XML.
type XmlWriter = quick_xml::Writer<Vec<u8>>;
