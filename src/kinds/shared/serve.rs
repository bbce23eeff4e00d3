//! What the platform derives when it serves rows of several kinds.

use serde_json::Value;

/// Fills in `conditionBoxTypes` from `conditionBoxes` (platform.md#target-audience to platform.md#entry-point): each type once, in order.
pub(crate) fn derive_condition_box_types(body: &mut Value) {
    let Some(boxes) = body.get("conditionBoxes").and_then(Value::as_array) else {
        return;
    };
    let mut types = Vec::<Value>::new();
    for found in boxes.iter().filter_map(|condition| condition.get("type")) {
        if !types.contains(found) {
            types.push(found.clone());
        }
    }
    body["conditionBoxTypes"] = Value::Array(types);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_are_listed_once() {
        let mut body = json!({"conditionBoxes": [{"type": 4}, {"type": 0}, {"type": 4}, {}]});
        derive_condition_box_types(&mut body);
        assert_eq!(body["conditionBoxTypes"], json!([4, 0]));
    }
}
