//! JSON values without room to spare.
//!
//! Lists and mappings that grow hold room for more, up to twice what is in them, and copies keep that. Values of which ten thousand are
//! held for as long as a run lasts are fitted once they are whole: it spares a third of their memory.

use serde_json::Value;

/// The same list or mapping without room to spare. What lies deeper stays as it is.
#[must_use]
pub fn fitted(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_boxed_slice().into_vec()),
        // Of a mapping, only a new one has no room to spare.
        Value::Object(fields) => Value::Object(fields.into_iter().collect()),
        scalar => scalar,
    }
}

/// The same at every depth.
#[must_use]
pub fn fitted_through(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let items: Box<[Value]> = items.into_iter().map(fitted_through).collect();
            Value::Array(items.into_vec())
        }
        Value::Object(fields) => {
            let fields = fields.into_iter();
            Value::Object(fields.map(|(key, it)| (key, fitted_through(it))).collect())
        }
        scalar => scalar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_what_it_is() {
        let text = r#"{"b":[1,[],{"d":null,"a":[{}]}],"a":{"z":"","y":1.0}}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(fitted(value.clone()).to_string(), text);
        assert_eq!(fitted_through(value).to_string(), text);
    }

    #[test]
    fn a_list_has_no_room_to_spare() {
        let mut items = Vec::with_capacity(100);
        items.push(Value::Array(items.clone()));
        for fit in [fitted, fitted_through] {
            let Value::Array(items) = fit(Value::Array(items.clone())) else {
                panic!("a list")
            };
            assert_eq!(items.capacity(), 1);
        }
    }
}
