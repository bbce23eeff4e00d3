//! `spec` of a manifest, shared with its document, so that ten thousand manifests are held once.

use std::ops::Deref;
use std::sync::OnceLock;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::text::{Content, Packed};

/// The `spec` of a manifest or of what was made of one. Reads as a JSON value.
#[derive(Clone, Debug)]
pub struct Spec {
    held: SpecPlace,
    digest: OnceLock<[u8; 32]>,
}

#[derive(Clone, Debug)]
enum SpecPlace {
    /// The field of a document, which is a mapping there.
    Within(Content),
    /// A value of its own.
    Alone(Content),
}

impl Spec {
    /// The spec of a document; empty where the document has none.
    pub(super) fn of(document: &Content) -> Self {
        if document.get("spec").is_some_and(Value::is_object) {
            Self::new(SpecPlace::Within(document.clone()))
        } else {
            Self::from(Value::Object(Map::new()))
        }
    }

    fn new(held: SpecPlace) -> Self {
        Self {
            held,
            digest: OnceLock::new(),
        }
    }

    /// The SHA-256 of its JSON, byte by byte: the order of keys counts.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        *self.digest.get_or_init(|| {
            let document = self.content().look();
            let spec = match self.held {
                SpecPlace::Within(_) => &document["spec"],
                SpecPlace::Alone(_) => &*document,
            };
            Sha256::digest(Packed::of(spec).text()).into()
        })
    }

    /// The same at rest, with its digest; `document` is the content of its document at rest, `awake` what that was before.
    #[must_use]
    pub fn at_rest(&self, awake: &Content, document: &Content) -> Self {
        let resting = self.at_rest_without_digest(awake, document);
        let digest = self.digest.get().copied();
        let digest = digest.or_else(|| resting.digest_of_text(self.content()));
        Self {
            digest: OnceLock::from(digest.unwrap_or_else(|| self.digest())),
            ..resting
        }
    }

    /// The same for one whose digest nobody asks for.
    #[must_use]
    pub fn at_rest_without_digest(&self, awake: &Content, document: &Content) -> Self {
        let held = match &self.held {
            SpecPlace::Within(content) if content.is(awake) => SpecPlace::Within(document.clone()),
            SpecPlace::Within(content) => SpecPlace::Within(content.at_rest()),
            SpecPlace::Alone(content) => SpecPlace::Alone(content.at_rest()),
        };
        Self {
            held,
            digest: self.digest.clone(),
        }
    }

    /// The digest of a spec at rest, whose text was written already; `awake` is what was put to rest.
    fn digest_of_text(&self, awake: &Content) -> Option<[u8; 32]> {
        let text = self.content().text()?;
        let spec = match self.held {
            SpecPlace::Within(_) if awake.is_at_rest() => None,
            SpecPlace::Within(_) => text.part(awake, "spec"),
            SpecPlace::Alone(_) => Some(text.text()),
        };
        spec.map(|spec| Sha256::digest(spec).into())
    }

    /// Whether it is at rest.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.content().is_at_rest()
    }

    /// The same awake, while the one at rest stays so.
    #[must_use]
    pub fn awake(&self) -> Self {
        let held = match &self.held {
            SpecPlace::Within(content) => SpecPlace::Within(content.awake()),
            SpecPlace::Alone(content) => SpecPlace::Alone(content.awake()),
        };
        Self {
            held,
            digest: self.digest.clone(),
        }
    }

    fn content(&self) -> &Content {
        match &self.held {
            SpecPlace::Within(content) | SpecPlace::Alone(content) => content,
        }
    }
}

impl From<Value> for Spec {
    fn from(value: Value) -> Self {
        Self::new(SpecPlace::Alone(Content::from(value)))
    }
}

impl Deref for Spec {
    type Target = Value;

    fn deref(&self) -> &Value {
        match &self.held {
            SpecPlace::Within(document) => &document["spec"],
            SpecPlace::Alone(value) => value,
        }
    }
}

impl PartialEq for Spec {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
