//! Digests of the parts that affect an answer.

use blake3::Hasher;

/// A 256-bit BLAKE3 digest.
pub type Digest = [u8; 32];

/// A digest under construction. A part of variable length follows its length, so that parts cannot run into each other.
pub struct DigestParts(Hasher);

impl DigestParts {
    /// Starts a digest. Digests of different contexts never collide.
    #[must_use]
    pub fn new(context: &str) -> Self {
        Self(Hasher::new_derive_key(context))
    }

    /// Adds bytes.
    pub fn bytes(&mut self, part: &[u8]) {
        self.count(part.len());
        self.0.update(part);
    }

    /// Adds a text.
    pub fn text(&mut self, part: &str) {
        self.bytes(part.as_bytes());
    }

    /// Adds a count.
    pub fn count(&mut self, count: usize) {
        self.0.update(&(count as u64).to_le_bytes());
    }

    /// Adds a number.
    pub fn float(&mut self, number: f64) {
        self.0.update(&number.to_bits().to_le_bytes());
    }

    /// Adds whether a part is there, and the part by `add`.
    pub fn optional<T>(&mut self, part: Option<T>, add: impl FnOnce(&mut Self, T)) {
        self.count(usize::from(part.is_some()));
        if let Some(part) = part {
            add(self, part);
        }
    }

    /// Returns the digest of all parts.
    #[must_use]
    pub fn digest(&self) -> Digest {
        *self.0.finalize().as_bytes()
    }
}
