//! What makes a complaint the same one in the next run, although lines were added above it.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::finding::ReportedFinding;

/// Fingerprints of complaints: of file, code and message, and a number for those that share all three.
#[derive(Default)]
pub(super) struct Fingerprints(BTreeMap<String, usize>);

impl Fingerprints {
    /// The fingerprint of a complaint about a file: 64 hexadecimal digits.
    pub(super) fn of(&mut self, file: &str, finding: &ReportedFinding) -> String {
        let name = finding.code.name;
        self.text(&format!("{file}\0{name}\0{}", finding.message))
    }

    /// The fingerprint of a text.
    pub(super) fn text(&mut self, text: &str) -> String {
        let count = self.0.entry(text.to_owned()).or_default();
        *count += 1;
        let mut digest = Sha256::new();
        digest.update(text.as_bytes());
        digest.update(count.to_be_bytes());
        format!("{:x}", digest.finalize())
    }
}
