//! Digests of live objects: has somebody changed the object since it was planned?

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::Fingerprint;
use crate::kinds::KindId;
use crate::kinds::mapping::drop_server_assigned;
use crate::text::number::plain_number;

/// How many hex digits of a digest are kept: 64 bits, since nobody forges a collision with himself.
const DIGITS: usize = 16;

/// A digest for every key of a live body, so that a change can be named. What the server assigns does not
/// count: `modifiedDate` moves with every write, and some fields at every read.
#[must_use]
pub fn fingerprint(kind: KindId, mut body: Value) -> Fingerprint {
    drop_server_assigned(kind.def(), &mut body);
    let keys = body.as_object().into_iter().flatten();
    keys.map(|(key, value)| (key.clone(), digest(value)))
        .collect()
}

/// The digest of a JSON value, the same however its objects are ordered.
fn digest(value: &Value) -> String {
    let mut text = Vec::new();
    write_sorted(value, &mut text);
    shortened(Sha256::digest(text))
}

/// The digest of the object with these fields, which is never made as a whole.
#[must_use]
pub fn digest_of_fields<'a>(fields: impl Iterator<Item = (String, &'a Value)>) -> String {
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut hasher = Sha256::new_with_prefix(b"{");
    let mut text = Vec::new();
    for (index, (key, value)) in fields.iter().enumerate() {
        write_field(index, key, value, &mut text);
        hasher.update(&text);
        text.clear();
    }
    hasher.update(b"}");
    shortened(hasher.finalize())
}

fn shortened(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref().iter().take(DIGITS / 2);
    bytes.fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a string cannot fail
        text
    })
}

/// JSON without spaces, the keys of all objects sorted.
pub(crate) fn write_sorted(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(map) => {
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_by_key(|(key, _)| *key);
            out.push(b'{');
            for (index, (key, value)) in fields.into_iter().enumerate() {
                write_field(index, key, value, out);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_sorted(item, out);
            }
            out.push(b']');
        }
        // `10` and `10.0` are one number, and a platform that answers either has changed nothing.
        Value::Number(number) => write_plain(&plain_number(number), out),
        plain => write_plain(plain, out),
    }
}

fn write_field(index: usize, key: &str, value: &Value, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
    write_plain(key, out);
    out.push(b':');
    write_sorted(value, out);
}

fn write_plain<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    serde_json::to_writer(out, value).expect("a text or a number can be written to memory");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_digest_does_not_depend_on_the_order_of_keys() {
        let value = json!({ "b": [1, { "y": "\"", "x": null }], "a": {}, "A": [] });
        let mut sorted = value.clone();
        sorted.sort_all_objects();
        let mut text = Vec::new();
        write_sorted(&value, &mut text);
        assert_eq!(String::from_utf8(text).unwrap(), sorted.to_string());
        let fields = value.as_object().unwrap().iter();
        let fields = fields.map(|(key, value)| (key.clone(), value));
        assert_eq!(digest_of_fields(fields), digest(&value));
        assert_eq!(digest_of_fields(std::iter::empty()), digest(&json!({})));
    }
}
