//! Which document a value is written to.

use serde_json::{Value, json};

use super::layers::{Layer, pieces};
use crate::text::{FileId, Pointer};

/// The pieces of a change of `spec` in a base and two overlays: the number of the document, the place, the value.
fn check(old: &Value, new: &Value) -> Vec<String> {
    let specs = [
        json!({ "a": 1, "map": { "x": 1, "y": 1 }, "list": [1] }),
        json!({ "map": { "x": 2 }, "list": [1, 2] }),
        json!({ "only": 3 }),
    ];
    let layers: Vec<Layer> = (0..)
        .zip(specs)
        .map(|(number, spec)| Layer {
            file: FileId(number),
            index: 0,
            value: json!({ "spec": spec }),
        })
        .collect();
    let found = pieces(&layers, &Pointer::from("/spec"), old, new);
    let shown = found.into_iter().map(|piece| {
        let new = piece
            .new
            .map_or_else(|| "gone".to_owned(), |new| new.to_string());
        format!("{} {} {new}", piece.file.0, piece.pointer)
    });
    shown.collect()
}

#[test]
fn a_value_is_written_to_the_topmost_document_that_says_it() {
    let old = json!({ "a": 1, "map": { "x": 2, "y": 1 }, "list": [1, 2], "only": 3 });
    let mut new = old.clone();
    new["a"] = json!(5);
    new["map"] = json!({ "x": 6, "y": 7 });
    new["list"] = json!([2]);
    new["only"] = json!({ "n": 1 });
    let wanted = [
        "0 /spec/a 5",
        "1 /spec/map/x 6",
        "0 /spec/map/y 7",
        "1 /spec/list [2]",
        "2 /spec/only {\"n\":1}",
    ];
    assert_eq!(check(&old, &new), wanted);
}

#[test]
fn what_goes_is_null_where_a_lower_document_says_it() {
    let old = json!({ "a": 1, "map": { "x": 2, "y": 1 }, "list": [1, 2], "only": 3 });
    let new = json!({ "map": { "y": 1 }, "new": 1 });
    let wanted = [
        "0 /spec/a gone",
        "1 /spec/map/x null",
        "1 /spec/list null",
        "2 /spec/only gone",
        "0 /spec/new 1",
    ];
    assert_eq!(check(&old, &new), wanted);
}
