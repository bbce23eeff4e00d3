//! What a row of the platform must look like, and how much of it is asked for. Pure; fails closed.

use serde_json::Value;

use super::request::Answer;
use super::{ApiError, ApiItem};
use crate::kinds::Collection;
use crate::kinds::field::Field;
use crate::name::{RemoteId, Revision};

/// The query parameter that a list is asked with.
///
/// Collections whose items are read one by one are listed by the names of their summary; of all others
/// the whole rows are asked for.
pub(super) fn list_projection(collection: &Collection) -> Option<(&'static str, String)> {
    match collection.summary {
        Some(names) if collection.read_items => Some(("fields", names.join(","))),
        _ => collection
            .asks_for_all()
            .map(|(key, value)| (key, value.to_owned())),
    }
}

/// The `select` that asks a list for what tells whether its items changed; `None` for a collection whose lists are whole.
pub(super) fn stamp_keys(collection: &Collection) -> Option<String> {
    let keys = [
        Some("id"),
        Some(collection.changed),
        collection.embedded_revision,
    ];
    let keys: Vec<&str> = keys.into_iter().flatten().collect();
    collection.read_items.then(|| keys.join(","))
}

/// Whether a row of a list that should be whole is a bare summary: nothing of what the field table maps
/// beyond the summary is in it. The platform's lists are not documented well enough to rely on them, so
/// such a row is read as an item.
pub(super) fn is_bare(collection: &Collection, fields: &[Field], row: &Value) -> bool {
    let Some(summary) = collection.summary else {
        return false;
    };
    let mut beyond = fields
        .iter()
        .filter_map(|field| field.wire.split('.').next())
        .filter(|key| !key.is_empty() && !summary.contains(key))
        .peekable();
    beyond.peek().is_some() && beyond.all(|key| row.get(key).is_none())
}

/// The rows of a list that holds as many as it announced.
pub(super) fn whole_list(collection: &Collection, answer: Answer) -> Result<Vec<Value>, ApiError> {
    let count = match &answer.body {
        Some(Value::Array(rows)) => rows.len(),
        _ => 0, // refused below
    };
    check_count(collection, answer.announced, count)?;
    live_rows(collection, answer.body)
}

/// Fails when a list announced another number of rows than it holds.
pub(super) fn check_count(
    collection: &Collection,
    announced: Option<u64>,
    count: usize,
) -> Result<(), ApiError> {
    match announced {
        Some(announced) if u64::try_from(count) != Ok(announced) => Err(wrong(
            collection,
            &format!("the list announces {announced} rows and holds {count}"),
        )),
        _ => Ok(()),
    }
}

/// The rows of a list that are not deleted, without their secrets.
pub(super) fn live_rows(
    collection: &Collection,
    body: Option<Value>,
) -> Result<Vec<Value>, ApiError> {
    let Some(Value::Array(rows)) = body else {
        return Err(wrong(collection, "the list is not a JSON array"));
    };
    let mut live = Vec::with_capacity(rows.len());
    for row in rows {
        let row = checked(collection, row)?;
        if !is_deleted(&row) {
            live.push(row);
        }
    }
    Ok(live)
}

/// An item, without its secrets.
///
/// # Errors
/// [`ApiError::NotFound`] when it is marked as deleted, [`ApiError::Unexpected`] when it is no item or another one.
pub(super) fn item(
    collection: &Collection,
    id: Option<&RemoteId>,
    body: Value,
) -> Result<Value, ApiError> {
    let row = checked(collection, body)?;
    if id.is_some_and(|id| id_of(&row).as_ref() != Some(id)) {
        return Err(wrong(collection, "the item is another one than asked for"));
    }
    if is_deleted(&row) {
        return Err(ApiError::NotFound(format!("{}: deleted", collection.path)));
    }
    Ok(row)
}

/// Whether a revision names one state of an object. A list of several may hold `*`, and quotes are taken off by some
/// servers.
fn is_exact(revision: &str) -> bool {
    let mut parts = revision.split(',').map(|it| it.trim().trim_matches('"'));
    !parts.any(|it| it == "*")
}

/// The object of an answer with its revision.
///
/// # Errors
/// An answer without an object, or without a revision: no write could be safe, so the read fails already.
pub(super) fn whole_item(
    collection: &Collection,
    id: &RemoteId,
    answer: Answer,
) -> Result<ApiItem, ApiError> {
    let body = answer
        .body
        .ok_or_else(|| wrong(collection, "the item is empty"))?;
    let body = item(collection, Some(id), body)?;
    // `*` names any revision, so a write that carries it is held up by none.
    let revision = answer
        .revision
        .filter(|it| is_exact(it))
        .ok_or_else(|| wrong(collection, "the item comes without a revision"))?;
    Ok(ApiItem {
        body,
        revision: Revision(revision),
    })
}

/// The id of a row.
pub(super) fn id_of(row: &Value) -> Option<RemoteId> {
    RemoteId::from_wire(row.get("id")?)
}

/// An answer that has not the documented shape.
pub(super) fn wrong(collection: &Collection, what: &str) -> ApiError {
    ApiError::Unexpected(format!("{}: {what}", collection.path))
}

fn checked(collection: &Collection, mut row: Value) -> Result<Value, ApiError> {
    if id_of(&row).is_none() {
        return Err(wrong(collection, "a row is not an object with an id"));
    }
    collection.drop_secrets(&mut row);
    Ok(row)
}

fn is_deleted(row: &Value) -> bool {
    ["deleted", "isDeleted"]
        .iter()
        .any(|key| row.get(*key) == Some(&Value::Bool(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::json;

    use crate::kinds::field::{Codec, field};

    const PLAIN: Collection = Collection {
        summary: Some(&["id", "name"]),
        secrets: &["client_secret"],
        ..Collection::account_config("a/b", "1.0")
    };

    #[test]
    fn lists_fail_closed() {
        for body in [
            None,
            Some(json!(null)),
            Some(json!({ "items": [] })),
            Some(json!([1])),
            Some(json!([{ "name": "x" }])),
            Some(json!([{ "id": "" }])),
            Some(json!([{ "id": true }])),
        ] {
            let text = format!("{body:?}");
            let rows = live_rows(&PLAIN, body);
            assert!(matches!(rows, Err(ApiError::Unexpected(_))), "{text}");
        }
    }

    #[test]
    fn deleted_rows_and_secrets_are_dropped() {
        let body = json!([
            { "id": 1, "client_secret": "hush" }, { "id": 2, "deleted": true },
            { "id": 3, "isDeleted": true }, { "id": "u-4", "deleted": false },
        ]);
        let rows = live_rows(&PLAIN, Some(body)).unwrap();
        assert_eq!(
            rows,
            [json!({ "id": 1 }), json!({ "id": "u-4", "deleted": false })]
        );
    }

    #[test]
    fn a_revision_names_one_state() {
        for (revision, expected) in [
            ("17", true),
            ("\"17\"", true),
            ("W/\"a*b\"", true),
            ("*", false),
            ("\"*\"", false),
            ("*, *", false),
            ("\"17\", *", false),
        ] {
            assert_eq!(is_exact(revision), expected, "{revision}");
        }
    }

    #[test]
    fn an_item_is_the_one_asked_for() {
        let id = RemoteId::from("7");
        let get = |body| item(&PLAIN, Some(&id), body);
        assert!(get(json!({ "id": 7 })).is_ok());
        assert!(matches!(
            get(json!({ "id": 8 })),
            Err(ApiError::Unexpected(_))
        ));
        assert!(matches!(get(json!([])), Err(ApiError::Unexpected(_))));
        let deleted = get(json!({ "id": 7, "deleted": true }));
        assert!(matches!(deleted, Err(ApiError::NotFound(_))));
    }

    #[test]
    fn projections() {
        let items = Collection {
            read_items: true,
            ..PLAIN
        };
        let whole = Collection::account_config("a/b", "1.0");
        assert_eq!(list_projection(&items), Some(("fields", "id,name".into())));
        assert_eq!(list_projection(&PLAIN), Some(("select", "$all".into())));
        assert_eq!(list_projection(&whole), None);
        let other = Collection {
            whole_query: Some(("field_set", "all")),
            ..PLAIN
        };
        assert_eq!(items.asks_for_all(), Some(("select", "$all")));
        assert_eq!(other.asks_for_all(), Some(("field_set", "all")));
        assert_eq!(list_projection(&other), Some(("field_set", "all".into())));
    }

    #[test]
    fn bare_rows() {
        let fields = [
            field("displayName", "name", Codec::Text),
            field("box.width", "size.width", Codec::Int),
        ];
        assert!(is_bare(&PLAIN, &fields, &json!({ "id": 1, "name": "x" })));
        assert!(!is_bare(&PLAIN, &fields, &json!({ "id": 1, "size": {} })));
        assert!(!is_bare(&PLAIN, &fields[..1], &json!({ "id": 1 })));
    }
}
