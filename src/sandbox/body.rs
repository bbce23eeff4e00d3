//! What a write leaves in the store: pure functions from what was sent to what is kept.
//!
//! A replace is whole: keys that were not sent vanish. Top-level nulls are not kept, unknown keys are
//! kept as they came, in their order. Keys that the server assigns are taken from the server only
//! (platform.md#writes).

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::kinds::Collection;

/// What the server knows when a row is made.
#[derive(Clone, Debug)]
pub(super) struct Birth {
    /// The new id.
    pub(super) id: Value,
    /// The moment.
    pub(super) now: Timestamp,
    /// The key that holds the parent's id, and that id.
    pub(super) parent: Option<(String, Value)>,
}

/// The keys that a server stamps with the time, where the collection has them.
const STAMPS: [(&str, Moment, Form); 5] = [
    ("createdDate", Moment::Created, Form::Spaced),
    ("modifiedDate", Moment::Modified, Form::Spaced),
    ("dateUpdated", Moment::Modified, Form::Spaced),
    ("createdAt", Moment::Created, Form::Iso),
    ("updatedAt", Moment::Modified, Form::Iso),
];

/// The keys that say that a row is deleted (platform.md#deleting).
const DELETED: [&str; 2] = ["deleted", "isDeleted"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Moment {
    Created,
    Modified,
}

#[derive(Clone, Copy)]
enum Form {
    /// `2026-09-01 00:00:00`
    Spaced,
    /// `2026-09-01T00:00:00.000Z`
    Iso,
}

/// The body of a new row.
pub(super) fn created(collection: &Collection, sent: Map<String, Value>, birth: &Birth) -> Value {
    let mut body = Map::new();
    body.insert("id".to_owned(), birth.id.clone());
    if let Some((key, id)) = &birth.parent
        && assigned(collection, key)
    {
        body.insert(key.clone(), id.clone());
    }
    let constants = constants(collection, &sent);
    body.extend(writable(collection, sent));
    body.extend(constants);
    for flag in collection.system_flags {
        if assigned(collection, flag) {
            body.insert((*flag).to_owned(), Value::Bool(false));
        }
    }
    mark_deleted(collection, &mut body, false);
    stamp(collection, &mut body, Moment::Created, birth.now);
    stamp(collection, &mut body, Moment::Modified, birth.now);
    Value::Object(body)
}

/// The body of a row that was replaced by `sent`.
pub(super) fn replaced(
    collection: &Collection,
    stored: &Value,
    sent: Map<String, Value>,
    now: Timestamp,
) -> Value {
    let mut body = Map::new();
    let kept = |key: &str| stored.get(key).cloned();
    body.insert("id".to_owned(), kept("id").unwrap_or_default());
    body.extend(writable(collection, sent));
    // A client cannot send back what the answer to its read did not hold.
    for key in collection.unreturned {
        if let Some(value) = kept(key).filter(|_| !body.contains_key(*key)) {
            body.insert((*key).to_owned(), value);
        }
    }
    for key in collection.server_assigned {
        if let Some(value) = kept(key) {
            body.insert((*key).to_owned(), value);
        }
    }
    stamp(collection, &mut body, Moment::Modified, now);
    Value::Object(body)
}

/// The body of a row that was deleted.
pub(super) fn deleted(collection: &Collection, stored: &Value, now: Timestamp) -> Value {
    let mut body = stored.as_object().cloned().unwrap_or_default();
    mark_deleted(collection, &mut body, true);
    stamp(collection, &mut body, Moment::Modified, now);
    Value::Object(body)
}

/// The body of a row that came whole, out of a seed: what it carries is kept, what the server would
/// have assigned is filled in.
pub(super) fn restored(collection: &Collection, raw: Map<String, Value>, birth: &Birth) -> Value {
    let Value::Object(mut body) = created(collection, raw.clone(), birth) else {
        return Value::Null;
    };
    if collection.is_system(&Value::Object(raw.clone())) {
        // A vendor's row may lack its mark, and must not get one that says it is none.
        body.retain(|key, _| {
            raw.contains_key(key) || !collection.system_flags.contains(&key.as_str())
        });
    }
    for (key, value) in raw {
        let embedded = collection.embeds == Some(key.as_str());
        if assigned(collection, &key) && key != "id" && !embedded && !value.is_null() {
            body.insert(key, value);
        }
    }
    let deleted = DELETED
        .iter()
        .any(|key| body.get(*key) == Some(&Value::Bool(true)));
    mark_deleted(collection, &mut body, deleted);
    Value::Object(body)
}

/// The display name that a body carries.
pub(super) fn name<'a>(collection: &Collection, body: &'a Value) -> Option<&'a str> {
    body.get(collection.name_key)?
        .as_str()
        .filter(|name| !name.is_empty())
}

fn writable(
    collection: &Collection,
    sent: Map<String, Value>,
) -> impl Iterator<Item = (String, Value)> {
    sent.into_iter().filter(|(key, value)| {
        !value.is_null()
            && key != "id"
            && !assigned(collection, key)
            && collection.embeds != Some(key.as_str())
    })
}

/// Keys that a create sends once, and that are the server's from then on.
fn constants(collection: &Collection, sent: &Map<String, Value>) -> Map<String, Value> {
    collection
        .create_constants
        .iter()
        .filter(|(key, _)| assigned(collection, key) && collection.embeds != Some(key))
        .filter_map(|(key, _)| Some(((*key).to_owned(), sent.get(*key)?.clone())))
        .collect()
}

fn assigned(collection: &Collection, key: &str) -> bool {
    collection.server_assigned.contains(&key)
}

fn mark_deleted(collection: &Collection, body: &mut Map<String, Value>, deleted: bool) {
    for key in DELETED {
        if assigned(collection, key) {
            body.insert(key.to_owned(), Value::Bool(deleted));
        }
    }
}

fn stamp(collection: &Collection, body: &mut Map<String, Value>, moment: Moment, now: Timestamp) {
    for (key, which, form) in STAMPS {
        if which == moment && assigned(collection, key) {
            let pattern = match form {
                Form::Spaced => "%Y-%m-%d %H:%M:%S",
                Form::Iso => "%Y-%m-%dT%H:%M:%S.%3fZ",
            };
            let text = now.to_zoned(TimeZone::UTC).strftime(pattern).to_string();
            body.insert(key.to_owned(), Value::String(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COLLECTION: Collection = Collection {
        server_assigned: &[
            "id",
            "deleted",
            "createdDate",
            "modifiedDate",
            "systemDefault",
        ],
        ..Collection::account_config("le-goals/goals", "3.0")
    };

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn born(sent: &Value) -> Value {
        let birth = Birth {
            id: json!(7),
            now: at("2026-01-02T03:04:05Z"),
            parent: None,
        };
        created(&COLLECTION, object(sent), &birth)
    }

    #[test]
    fn a_create_drops_nulls_and_server_keys_and_keeps_the_rest_in_order() {
        let sent = json!({"id": null, "zeta": {"b": null, "a": 1}, "name": "x", "note": null,
            "deleted": true, "systemDefault": true, "createdDate": "1999-01-01 00:00:00"});
        assert_eq!(
            born(&sent).to_string(),
            r#"{"id":7,"zeta":{"b":null,"a":1},"name":"x","systemDefault":false,"deleted":false,"createdDate":"2026-01-02 03:04:05","modifiedDate":"2026-01-02 03:04:05"}"#
        );
    }

    #[test]
    fn a_replace_is_whole_but_for_what_the_server_assigns() {
        let stored = born(&json!({"name": "x", "gone": 1}));
        let body = replaced(
            &COLLECTION,
            &stored,
            object(&json!({"id": 9, "name": "y", "createdDate": "x"})),
            at("2026-02-02T00:00:00Z"),
        );
        assert_eq!(
            body,
            json!({"id": 7, "name": "y", "systemDefault": false, "deleted": false,
                "createdDate": "2026-01-02 03:04:05", "modifiedDate": "2026-02-02 00:00:00"})
        );
        let gone = deleted(&COLLECTION, &body, at("2026-03-02T00:00:00Z"));
        assert_eq!(gone["deleted"], true);
        assert_eq!(gone["modifiedDate"], "2026-03-02 00:00:00");
    }
}
