//! The id and the name inside a window's look and feel.
//!
//! Captured windows have `-1` and an empty text there, older descriptions repeat the window's own. The id is dropped.
//! So is a name that says nothing: an empty one, which a create sends, or one that repeats the window's, which follows
//! it. `style.name: null` is a look and feel without a name.

use serde_json::{Map, Value, json};

/// Lift: leaves a name in the style only where it says something.
pub(super) fn drop_copies(body: &mut Value) {
    let name = window_name(body);
    let Some(style) = style_mut(body) else {
        return;
    };
    style.shift_remove("id");
    let own = style.get("name").filter(|name| !name.is_null()).cloned();
    if own.is_none() {
        style.insert("name".to_owned(), Value::Null);
    } else if own == name || own == Some(Value::from("")) {
        style.shift_remove("name");
    }
}

/// Before lowering onto a live body: marks a name that follows the window's, and by null a style that has none, until
/// [`restore_name`].
pub(super) fn release_name(body: &mut Value) {
    let name = window_name(body);
    let Some(style) = style_mut(body) else {
        return;
    };
    match style.get("name") {
        Some(own) if name.as_ref() == Some(own) => {
            style.insert("name".to_owned(), follows());
        }
        Some(_) => {}
        None => {
            style.insert("name".to_owned(), Value::Null);
        }
    }
}

/// After lowering: a name that follows the window's gets that, a style without a name loses the mark, and a new style
/// gets the empty name that captured ones have.
pub(super) fn restore_name(spec: &Value, body: &mut Value) {
    let name = window_name(body);
    let declared = spec.get("style").and_then(|style| style.get("name"));
    let Some(style) = style_mut(body) else {
        return;
    };
    let own = style.get("name").cloned();
    match (declared, own) {
        (Some(Value::Null), _) | (None, Some(Value::Null)) => {
            style.shift_remove("name");
        }
        (None, Some(own)) if own == follows() => {
            style.insert("name".to_owned(), name.unwrap_or_default());
        }
        (None, None) => {
            style.insert("name".to_owned(), Value::from(""));
        }
        _ => {}
    }
}

/// Stands for a name that follows the window's.
fn follows() -> Value {
    json!({ "$follows": "name" })
}

fn window_name(body: &Value) -> Option<Value> {
    body.get("name").filter(|name| !name.is_null()).cloned()
}

fn style_mut(body: &mut Value) -> Option<&mut Map<String, Value>> {
    body.get_mut("json")?.as_object_mut()
}
