//! The copies of id and name inside a window's look and feel.
//!
//! The platform repeats both there. The id is dropped. The name follows the display name unless a manifest
//! says otherwise: `style.name: null` stands for a look and feel without a name.

use serde_json::{Map, Value};

/// Lift: leaves a name in the style only where it differs from the window's.
pub(super) fn drop_copies(body: &mut Value) {
    let name = window_name(body);
    let Some(style) = style_mut(body) else {
        return;
    };
    style.shift_remove("id");
    let own = style.get("name").filter(|name| !name.is_null()).cloned();
    if own == name {
        style.shift_remove("name");
    } else if own.is_none() {
        style.insert("name".to_owned(), Value::Null);
    }
}

/// Before lowering onto a live body: takes out a name that follows the window's. A style that has no name
/// of its own keeps none: null marks it until [`restore_name`].
pub(super) fn release_name(body: &mut Value) {
    let name = window_name(body);
    let Some(style) = style_mut(body) else {
        return;
    };
    match style.get("name") {
        Some(own) if name.as_ref() == Some(own) => {
            style.shift_remove("name");
        }
        Some(_) => {}
        None => {
            style.insert("name".to_owned(), Value::Null);
        }
    }
}

/// After lowering: puts the window's name where the style has none and is not meant to have none.
pub(super) fn restore_name(spec: &Value, body: &mut Value) {
    let name = window_name(body);
    let declared = spec.get("style").and_then(|style| style.get("name"));
    let Some(style) = style_mut(body) else {
        return;
    };
    match (declared, style.get("name")) {
        (Some(Value::Null), _) | (None, Some(Value::Null)) => {
            style.shift_remove("name");
        }
        (None, None) => {
            if let Some(name) = name {
                style.insert("name".to_owned(), name);
            }
        }
        _ => {}
    }
}

fn window_name(body: &Value) -> Option<Value> {
    body.get("name").filter(|name| !name.is_null()).cloned()
}

fn style_mut(body: &mut Value) -> Option<&mut Map<String, Value>> {
    body.get_mut("json")?.as_object_mut()
}
