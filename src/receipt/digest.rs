//! Digests of the parts that decide an answer.

use blake3::Hasher;

/// A 256-bit BLAKE3 digest.
pub type Digest = [u8; 32];

/// The parts of a digest. What has no fixed length goes in behind its length, so that no two parts run
/// together.
pub struct DigestParts(Hasher);

impl DigestParts {
    /// No parts yet; digests of different contexts never meet.
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

    /// Adds a part that may be missing, by `add`.
    pub fn optional<T>(&mut self, part: Option<T>, add: impl FnOnce(&mut Self, T)) {
        self.count(usize::from(part.is_some()));
        if let Some(part) = part {
            add(self, part);
        }
    }

    /// The digest of all parts.
    #[must_use]
    pub fn digest(&self) -> Digest {
        *self.0.finalize().as_bytes()
    }
}
