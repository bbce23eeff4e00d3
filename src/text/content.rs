//! The content of a document: a JSON value that is shared, and may be at rest.
//!
//! A value takes six times the memory of its text, and after the checks hardly anybody looks at most of them. A content at rest holds the
//! text. Whoever looks at it as at a value wakes it, for good; [`Content::look`] unpacks it for a moment.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::Packed;

/// A JSON value that is shared, and may be at rest. Reads as the value.
#[derive(Clone, Debug)]
pub struct Content(Arc<SharedContent>);

/// A value that is looked at for a moment.
#[derive(Clone, Debug)]
pub enum Look<'a> {
    /// It is awake.
    Awake(&'a Value),
    /// It stays at rest, and this is the same unpacked.
    Unpacked(Rc<Value>),
}

/// How many contents stay unpacked for the next look: the layers of one document.
const RECENT: usize = 4;

thread_local! {
    /// What this thread looked at last. The places of a document are asked for one by one, a place for each field that differs, and
    /// to unpack it for each of them takes time that grows with the square of its fields.
    static LOOKED_AT: RefCell<VecDeque<(Content, Rc<Value>)>> = const { RefCell::new(VecDeque::new()) };
}

/// One of the two is always there.
#[derive(Clone, Debug, Default)]
struct SharedContent {
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
        Self(Arc::new(SharedContent {
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
    pub fn look(&self) -> Look<'_> {
        if let Some(value) = self.0.value.get() {
            return Look::Awake(value);
        }
        LOOKED_AT.with_borrow_mut(|recent| {
            if let Some((_, value)) = recent.iter().find(|(content, _)| content.is(self)) {
                return Look::Unpacked(Rc::clone(value));
            }
            recent.truncate(RECENT - 1);
            let value = Rc::new(self.0.unpacked());
            recent.push_front((self.clone(), Rc::clone(&value)));
            Look::Unpacked(value)
        })
    }

    /// The same with nobody else who holds it, awake.
    #[must_use]
    pub fn awake(&self) -> Self {
        let value = self.0.value.get().cloned();
        Self::from(value.unwrap_or_else(|| self.0.unpacked()))
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
        let SharedContent { value, text } = Arc::unwrap_or_clone(self.0);
        let value = value.into_inner();
        value.unwrap_or_else(|| text.get().map(Packed::value).unwrap_or_default())
    }
}

impl SharedContent {
    fn unpacked(&self) -> Value {
        self.text.get().map(Packed::value).unwrap_or_default()
    }
}

impl Deref for Look<'_> {
    type Target = Value;

    fn deref(&self) -> &Value {
        match self {
            Self::Awake(value) => value,
            Self::Unpacked(value) => value,
        }
    }
}

impl From<Value> for Content {
    fn from(value: Value) -> Self {
        Self(Arc::new(SharedContent {
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
    fn what_is_looked_at_again_is_unpacked_once() {
        let contents: Vec<_> = (0..=RECENT)
            .map(|number| Content::from(json!({ "a": number })).at_rest())
            .collect();
        let unpacked = |content: &Content| match content.look() {
            Look::Unpacked(value) => Rc::as_ptr(&value),
            Look::Awake(_) => panic!("it is at rest"),
        };
        for content in &contents {
            let first = unpacked(content);
            assert_eq!(unpacked(content), first);
        }
        for (number, content) in contents.iter().enumerate() {
            assert_eq!(content.look()["a"], number, "each has its own value");
        }
        assert_eq!(LOOKED_AT.with_borrow(VecDeque::len), RECENT);
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
