//! Digests of live objects: has somebody changed the object since it was planned?

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Fingerprint;
use crate::kinds::KindId;
use crate::kinds::mapping::drop_server_assigned;

/// How many hex digits of a digest are kept: 64 bits, since nobody forges a collision with himself.
const DIGITS: usize = 16;

/// A digest for every key of a live body, so that a change can be named. What the server assigns does not
/// count: `modifiedDate` moves with every write, and some fields at every read.
#[must_use]
pub fn fingerprint(kind: KindId, body: &Value) -> Fingerprint {
    let mut body = body.clone();
    drop_server_assigned(kind.def(), &mut body);
    body.sort_all_objects();
    let keys = body.as_object().into_iter().flatten();
    keys.map(|(key, value)| (key.clone(), digest(value)))
        .collect()
}

/// The digest of a JSON value, the same however its objects are ordered.
#[must_use]
pub fn digest(value: &Value) -> String {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    let bytes = Sha256::digest(sorted.to_string().as_bytes());
    let mut text = bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a string cannot fail
        text
    });
    text.truncate(DIGITS);
    text
}
