//! The content of a document: a JSON value that is shared, and may be at rest.
//!
//! A value takes six times the memory of its text, and after the checks hardly anybody looks at most of them. A content at rest holds the
//! text. Whoever looks at it as at a value wakes it, for good; [`Content::look`] unpacks it for a moment.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::Packed;

/// A JSON value that is shared, and may be at rest. Reads as the value.
#[derive(Clone, Debug)]
pub struct Content(Arc<Held>);

/// One of the two is always there.
#[derive(Clone, Debug, Default)]
struct Held {
    value: OnceLock<Value>,
    text: OnceLock<Packed>,
}

impl Content {
    /// The same at rest.
    #[must_use]
    pub fn at_rest(&self) -> Self {
        let Some(value) = self.0.value.get() else {
            return self.clone();
        };
        let text = self.0.text.get().cloned();
        let text = text.unwrap_or_else(|| Packed::of(value));
        Self(Arc::new(Held {
            value: OnceLock::new(),
            text: OnceLock::from(text),
        }))
    }

    /// Its JSON without blanks, where that is known already.
    #[must_use]
    pub fn text(&self) -> Option<&Packed> {
        self.0.text.get()
    }

    /// Whether it is at rest.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.0.value.get().is_none()
    }

    /// The value for a moment, without waking it.
    #[must_use]
    pub fn look(&self) -> Cow<'_, Value> {
        match self.0.value.get() {
            Some(value) => Cow::Borrowed(value),
            None => Cow::Owned(self.0.unpacked()),
        }
    }

    /// The same with nobody else who holds it, awake.
    #[must_use]
    pub fn awake(&self) -> Self {
        Self::from(self.look().into_owned())
    }

    /// Whether both are the same, and not only equal.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The value, to be changed for this holder alone.
    ///
    /// # Panics
    /// Never: a content that rests is woken before.
    pub fn make_mut(&mut self) -> &mut Value {
        if self.is_at_rest() || self.0.text.get().is_some() {
            *self = self.awake();
        }
        let held = Arc::make_mut(&mut self.0);
        held.value.get_or_init(Value::default);
        held.value.get_mut().expect("it is awake")
    }

    /// The value.
    #[must_use]
    pub fn into_value(self) -> Value {
        let Held { value, text } = Arc::unwrap_or_clone(self.0);
        let value = value.into_inner();
        value.unwrap_or_else(|| text.get().map(Packed::value).unwrap_or_default())
    }
}

impl Held {
    fn unpacked(&self) -> Value {
        self.text.get().map(Packed::value).unwrap_or_default()
    }
}

impl From<Value> for Content {
    fn from(value: Value) -> Self {
        Self(Arc::new(Held {
            value: OnceLock::from(value),
            text: OnceLock::new(),
        }))
    }
}

impl Deref for Content {
    type Target = Value;

    fn deref(&self) -> &Value {
        self.0.value.get_or_init(|| self.0.unpacked())
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        self.is(other) || *self.look() == *other.look()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::json;

    #[test]
    fn what_is_at_rest_wakes_as_it_was() {
        let content = Content::from(json!({ "b": [1.0, null], "a": "x" }));
        let resting = content.at_rest();
        assert!(resting.is_at_rest() && !content.is_at_rest());
        assert_eq!(resting.look().to_string(), content.to_string());
        assert!(resting.is_at_rest(), "a look wakes nobody");
        assert_eq!(resting, content);
        assert_eq!(resting["b"], content["b"]);
        assert!(!resting.is_at_rest());
        assert_eq!(resting.at_rest().into_value(), content.into_value());
    }

    #[test]
    fn a_change_is_for_one_holder_and_stays_when_it_rests() {
        let first = Content::from(json!({ "a": 1 })).at_rest();
        let mut second = first.clone();
        second.make_mut()["a"] = json!(2);
        assert_eq!(first["a"], 1);
        assert_eq!(second.at_rest()["a"], 2);
        let mut third = second.at_rest();
        assert_eq!(third["a"], 2, "it is awake, and its text is there");
        third.make_mut()["a"] = json!(3);
        assert_eq!(third.at_rest()["a"], 3);
        assert_eq!(second["a"], 2);
    }
}
