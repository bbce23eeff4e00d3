//! Whether the rows of a list can stand for their items: one request instead of one for each item.
//!
//! Which fields a list of whole rows holds is not documented (platform.md#query-parameters). So a row has to hold what is inside the
//! item, and one row of each list is compared with its item: a list that lacks anything there is not relied on. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::rows::id_of;
use crate::kinds::mapping::{drop_server_assigned, same};
use crate::kinds::{Collection, KindDef};
use crate::name::RemoteId;

/// Whether a row holds what is inside its item: every child that it lists.
pub(super) fn looks_whole(collection: &Collection, row: &Value) -> bool {
    let Some(inside) = inside(collection, row) else {
        return false;
    };
    let held: BTreeSet<_> = inside.iter().filter_map(id_of).collect();
    let listed = collection.embedded_ids.and_then(|key| row.get(key));
    let listed = listed
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    held.len() == inside.len()
        && listed
            .iter()
            .all(|id| RemoteId::from_wire(id).is_some_and(|id| held.contains(&id)))
}

/// How much a row shows of what a list leaves out: the row with the most inside is the one to compare with its item.
pub(super) fn weight(collection: &Collection, row: &Value) -> usize {
    inside(collection, row).map_or(0, |inside| inside.len() + 1)
}

/// Whether a row says the same as its item: the same keys, and the same values of all that the server does not keep itself
/// (its counters grow between two requests).
pub(super) fn is_same(def: &KindDef, child: Option<&KindDef>, row: &Value, item: &Value) -> bool {
    let Some(collection) = def.collection else {
        return false;
    };
    let children = |body: &Value| -> Option<BTreeMap<_, Value>> {
        let inside = inside(collection, body)?;
        let children = inside.iter().map(|it| Some((id_of(it)?, it.clone())));
        children.collect()
    };
    let (Some(ours), Some(theirs)) = (children(row), children(item)) else {
        return false;
    };
    agree(def, row, item)
        && ours.len() == theirs.len()
        && theirs.iter().all(|(id, it)| {
            let mine = ours.get(id);
            mine.is_some_and(|mine| child.is_none_or(|child| agree(child, mine, it)))
        })
}

/// Whether a row says nothing that its item does not say: all that it shows is in there, and as many objects are inside where it shows
/// those.
pub(super) fn agrees(def: &KindDef, child: Option<&KindDef>, row: &Value, item: &Value) -> bool {
    let Some(collection) = def.collection else {
        return false;
    };
    let Some(ours) = inside(collection, row) else {
        return shows_alike(Some(def), row, item);
    };
    let theirs = inside(collection, item).map_or(&[][..], Vec::as_slice);
    let theirs: BTreeMap<_, _> = theirs.iter().map(|it| (id_of(it), it)).collect();
    shows_alike(Some(def), row, item)
        && ours.len() == theirs.len()
        && ours.iter().all(|mine| {
            let it = theirs.get(&id_of(mine));
            it.is_some_and(|it| shows_alike(child, mine, it))
        })
}

fn shows_alike(def: Option<&KindDef>, row: &Value, item: &Value) -> bool {
    let Some(def) = def else {
        return true; // nothing is known of its fields, and nothing is needed of them
    };
    let mut row = row.clone();
    drop_server_assigned(def, &mut row);
    let shown = row.as_object();
    shown.is_some_and(|shown| {
        let mut shown = shown.iter();
        shown.all(|(key, value)| item.get(key).is_some_and(|it| same(value, it)))
    })
}

fn inside<'v>(collection: &Collection, body: &'v Value) -> Option<&'v Vec<Value>> {
    body.get(collection.embeds?)?.as_array()
}

fn agree(def: &KindDef, row: &Value, item: &Value) -> bool {
    let said = |body: &Value| {
        let mut body = body.clone();
        drop_server_assigned(def, &mut body);
        body
    };
    keys(row) == keys(item) && said(row) == said(item)
}

fn keys(body: &Value) -> BTreeSet<&str> {
    let fields = body.as_object().map(Map::keys);
    fields.into_iter().flatten().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::json;

    use crate::kinds::KindId;

    fn campaign() -> Value {
        json!({ "id": 1, "name": "c", "goalId": 7, "engaged": 3, "modifiedDate": "2026-01-01 00:00:00",
            "engagementIds": [11, 12], "engagements": [
                { "id": 11, "name": "a", "enabled": true, "modifiedDate": "2026-01-01 00:00:00" },
                { "id": 12, "name": "b", "enabled": false, "modifiedDate": "2026-01-01 00:00:00" },
            ] })
    }

    /// The campaign with one change.
    fn with(change: impl FnOnce(&mut Value)) -> Value {
        let mut body = campaign();
        change(&mut body);
        body
    }

    fn without(pointer: &str, key: &str) -> Value {
        with(|body| {
            let fields = body.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
            fields.remove(key).unwrap();
        })
    }

    #[test]
    fn a_row_looks_whole_with_all_that_is_inside_it() {
        let def = KindId::known("Campaign").def();
        let looks = |row: &Value| looks_whole(def.collection.unwrap(), row);
        assert!(looks(&campaign()));
        assert!(looks(&with(|row| row["engagementIds"] = json!([]))));
        assert!(looks(&without("", "engagementIds")));
        assert!(!looks(&without("", "engagements")));
        assert!(!looks(&with(|row| row["engagements"] = Value::Null)));
        assert!(!looks(&with(|row| row["engagementIds"] = json!([11, 13]))));
        assert!(!looks(&without("/engagements/0", "id")));
    }

    #[test]
    fn a_row_agrees_with_an_item_that_says_all_that_it_shows() {
        let (def, child) = (
            KindId::known("Campaign").def(),
            KindId::known("Engagement").def(),
        );
        let agrees = |row: &Value| agrees(def, Some(child), row, &campaign());
        assert!(agrees(&campaign()));
        assert!(agrees(
            &json!({ "id": 1, "name": "c", "description": null })
        ));
        assert!(agrees(&with(|row| row["engaged"] = json!(4))));
        assert!(agrees(&with(
            |row| row["engagements"] = json!([{ "id": 12, "name": "b" }, { "id": 11 }])
        )));
        for change in [
            json!({ "name": "d" }),
            json!({ "goalId": 8 }),
            json!({ "engagementIds": [12, 11] }),
            json!({ "more": 1 }),
            json!({ "engagements": [{ "id": 11 }] }),
            json!({ "engagements": [{ "id": 11 }, { "id": 13 }] }),
            json!({ "engagements": [{ "id": 11 }, { "id": 12, "name": "c" }] }),
        ] {
            assert!(!agrees(&change), "{change}");
        }
        assert!(!whole_agrees_without_insides());
    }

    /// A row that shows what is inside, beside an item that does not.
    fn whole_agrees_without_insides() -> bool {
        let def = KindId::known("Campaign").def();
        agrees(def, None, &campaign(), &without("", "engagements"))
    }

    #[test]
    fn a_row_that_lacks_or_changes_anything_is_not_its_item() {
        let (def, child) = (
            KindId::known("Campaign").def(),
            KindId::known("Engagement").def(),
        );
        let same = |row: &Value| is_same(def, Some(child), row, &campaign());
        assert!(same(&campaign()));
        // What the server keeps may have moved on between two requests.
        assert!(same(&with(|row| row["engaged"] = json!(4))));
        assert!(same(&with(
            |row| row["engagements"][0]["modifiedDate"] = json!("2026-01-02 00:00:00")
        )));
        assert!(same(&with(|row| row["engagements"]
            .as_array_mut()
            .unwrap()
            .reverse())));
        for (pointer, key) in [
            ("", "goalId"),
            ("", "engaged"),
            ("/engagements/1", "enabled"),
            ("/engagements/1", "modifiedDate"),
        ] {
            assert!(!same(&without(pointer, key)), "{pointer} {key}");
        }
        assert!(!same(&with(|row| row["name"] = json!("d"))));
        assert!(!same(&with(|row| row["more"] = json!(1))));
        assert!(!same(&with(
            |row| row["engagements"][1]["enabled"] = json!(true)
        )));
        assert!(!same(&with(|row| drop(
            row["engagements"].as_array_mut().unwrap().pop()
        ))));
    }
}
