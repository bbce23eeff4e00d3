//! JSON pointers (RFC 6901): the one key by which every complaint finds its place in a file.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A JSON pointer, `""` for the whole document, `/spec/appNames/0` for a node in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pointer(String);

impl Pointer {
    /// The pointer to the whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// Takes a pointer as it is written, `/spec/weight`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pointer to a child by key, escaped.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        if key.contains(['~', '/']) {
            return self.step(&key.replace('~', "~0").replace('/', "~1"));
        }
        self.step(key)
    }

    /// The pointer to a child by position in a list.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.step(&index.to_string())
    }

    fn step(&self, step: &str) -> Self {
        Self([&self.0, "/", step].concat())
    }

    /// This pointer with another one behind it.
    #[must_use]
    pub fn join(&self, tail: &Self) -> Self {
        Self([self.0.as_str(), &tail.0].concat())
    }

    /// The pointer to the node around this one, `None` at the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.rfind('/').map(|at| Self(self.0[..at].to_owned()))
    }

    /// The unescaped steps from the root to this node.
    pub fn steps(&self) -> impl Iterator<Item = String> + '_ {
        self.0
            .split('/')
            .skip(1)
            .map(|step| step.replace("~1", "/").replace("~0", "~"))
    }

    /// The place as people name it, dotted, positions of lists in brackets: `conditions[0].data`. A manifest's places are
    /// counted from its `spec`.
    #[must_use]
    pub fn path(&self) -> String {
        let below_spec = self.0.strip_prefix("/spec/");
        let below_spec = below_spec.map(|rest| Self(format!("/{rest}")));
        let place = below_spec.as_ref().unwrap_or(self);
        place.steps().fold(String::new(), |mut path, step| {
            if !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
                return path + "[" + &step + "]";
            }
            path.push_str(if path.is_empty() { "" } else { "." });
            path + &step
        })
    }

    /// Whether this pointer is `other` or lies below it.
    #[must_use]
    pub fn starts_with(&self, other: &Self) -> bool {
        self.0
            .strip_prefix(&other.0)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The place counted from the `spec` of a manifest; `None` for one elsewhere.
    #[must_use]
    pub fn below_spec(&self) -> Option<Self> {
        let spec = Self::from("/spec");
        let rest = self.0.strip_prefix(&spec.0)?;
        self.starts_with(&spec).then(|| Self::from(rest))
    }

    /// The node of `value` that this pointer points to.
    #[must_use]
    pub fn get<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        value.pointer(&self.0)
    }

    /// The pointer as text, `/spec/weight`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Pointer {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Pointer {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_escape_and_unescape() {
        let pointer = Pointer::root().key("spec").key("a/b~c").index(3);
        assert_eq!(pointer.as_str(), "/spec/a~1b~0c/3");
        assert_eq!(pointer.steps().collect::<Vec<_>>(), ["spec", "a/b~c", "3"]);
        assert_eq!(pointer.parent().unwrap().as_str(), "/spec/a~1b~0c");
        assert_eq!(Pointer::root().parent(), None);
    }

    #[test]
    fn people_name_a_place_by_a_path() {
        for (pointer, path) in [
            (
                "/spec/conditions/0/data/include",
                "conditions[0].data.include",
            ),
            ("/conditions/10/1", "conditions[10][1]"),
            ("/spec", "spec"),
            ("/metadata/name", "metadata.name"),
            ("/style/a~1b", "style.a/b"),
            ("", ""),
        ] {
            assert_eq!(Pointer::from(pointer).path(), path);
        }
    }

    #[test]
    fn a_longer_key_is_not_a_child() {
        assert!(Pointer::from("/a/b").starts_with(&Pointer::from("/a")));
        assert!(!Pointer::from("/ab").starts_with(&Pointer::from("/a")));
        assert_eq!(
            Pointer::from("/spec/a").below_spec(),
            Some(Pointer::from("/a"))
        );
        assert_eq!(Pointer::from("/special/a").below_spec(), None);
    }
}
