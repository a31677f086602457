//! Clients' keys, and their digests in the configuration.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde::Deserialize;
use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;

/// Prefix of every key, by which a leaked key is recognised.
const PREFIX: &str = "rg-";

/// Number of random bytes in a key.
const BYTES: usize = 32;

/// The BLAKE3 digest of a key, written in hexadecimal in the configuration.
///
/// A slow password hash would be wrong here: it makes guessing a human's password expensive, but
/// 256 random bits cannot be guessed at any speed. It would slow down every request, and let
/// strangers use up the processor by sending made-up keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct KeyHash(blake3::Hash);

impl KeyHash {
    /// Computes the digest of `key`.
    #[must_use]
    pub fn of(key: &[u8]) -> Self {
        Self(blake3::hash(key))
    }
}

impl ConstantTimeEq for KeyHash {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.as_bytes().ct_eq(other.0.as_bytes())
    }
}

/// A text that is no digest of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "is not a key's hash: expected the 64 hexadecimal digits that `receipt-gateway keys new` prints"
)]
pub struct KeyHashError;

impl FromStr for KeyHash {
    type Err = KeyHashError;

    fn from_str(hash: &str) -> Result<Self, KeyHashError> {
        let hash = blake3::Hash::from_hex(hash);
        hash.map(Self).map_err(|_| KeyHashError)
    }
}

impl TryFrom<String> for KeyHash {
    type Error = KeyHashError;

    fn try_from(hash: String) -> Result<Self, KeyHashError> {
        hash.parse()
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Creates a key of 256 random bits.
///
/// # Errors
/// Fails if the system has no source of randomness.
pub fn new_key() -> Result<SecretString, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)).into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn new_keys_are_long_and_differ() {
        let (one, other) = (new_key().unwrap(), new_key().unwrap());
        assert_eq!(one.expose_secret().len(), PREFIX.len() + 43);
        assert_ne!(one.expose_secret(), other.expose_secret());
    }

    #[test]
    fn a_hash_is_read_as_it_is_written() {
        let hash = KeyHash::of(b"abc");
        let known = "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85";
        assert_eq!(hash.to_string(), known, "as b3sum has it");
        assert_eq!(known.parse(), Ok(hash));
        for wrong in ["", "6437", &known.replace('6', "g")] {
            assert!(wrong.parse::<KeyHash>().is_err(), "{wrong:?}");
        }
    }
}
