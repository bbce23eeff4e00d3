//! Keyed digests: what a person without the key can neither read nor guess (HMAC-SHA-256, RFC 2104).

use std::fmt::{self, Write as _};

use sha2::{Digest as _, Sha256};

/// The bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// The bytes of a key.
const KEY: usize = 32;

/// How many bytes of a digest are kept: two inputs with the same 128 bits are not found by chance.
const KEPT: usize = 16;

/// The secret that digests of recipients are made with.
#[derive(Clone, PartialEq, Eq)]
pub struct DigestKey([u8; KEY]);

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl DigestKey {
    /// The key of a text: anything with enough characters.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        (text.chars().count() >= 32).then(|| Self(Sha256::digest(text).into()))
    }

    /// What tells two keys apart, and gives neither away.
    #[must_use]
    pub fn id(&self) -> String {
        let mut mac = self.digest();
        mac.update(b"campaignctl launch key");
        mac.finish()[..8].to_owned()
    }

    /// A digest that is begun.
    #[must_use]
    pub fn digest(&self) -> Mac {
        Mac::new(&self.0)
    }
}

/// A keyed digest on its way.
pub struct Mac {
    inner: Sha256,
    outer: Sha256,
}

impl Mac {
    fn new(key: &[u8]) -> Self {
        let mut block = [0_u8; BLOCK];
        block[..key.len()].copy_from_slice(key);
        let with = |pad: u8| Sha256::new_with_prefix(block.map(|byte| byte ^ pad));
        Self {
            inner: with(0x36),
            outer: with(0x5c),
        }
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.inner.update(bytes);
    }

    /// Adds a text, in a way that no two lists of texts are alike.
    pub fn text(&mut self, text: &str) {
        self.inner.update((text.len() as u64).to_be_bytes());
        self.inner.update(text);
    }

    /// The digest as hex digits.
    #[must_use]
    pub fn finish(self) -> String {
        let whole = self.whole();
        whole[..KEPT].iter().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}"); // writing to a string cannot fail
            out
        })
    }

    fn whole(mut self) -> [u8; 32] {
        self.outer.update(self.inner.finalize());
        self.outer.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 1 and 2.
    #[test]
    fn it_is_the_published_function() {
        for (key, data, expected) in [
            (
                &[0x0b; 20][..],
                "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b",
            ),
            (
                b"Jefe",
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c7",
            ),
        ] {
            let mut mac = Mac::new(key);
            mac.update(data.as_bytes());
            assert_eq!(mac.finish(), expected);
        }
    }

    #[test]
    fn a_key_shows_nothing_of_itself() {
        let key = DigestKey::of("a text that is long enough to be one").unwrap();
        assert_eq!(format!("{key:?}"), "Key(..)");
        assert_eq!(key.id().len(), 8);
        assert_eq!(DigestKey::of("too short"), None);
    }
}
