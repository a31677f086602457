//! A client's key, and the digest of it that stands in the configuration.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde::Deserialize;
use subtle::{Choice, ConstantTimeEq};

/// What begins every key, so that one that leaks is known for what it is.
const PREFIX: &str = "rg-";

/// Random bytes of a key.
const BYTES: usize = 32;

/// BLAKE3 of a key, in hexadecimal in the configuration.
///
/// A password's slow hash would be wrong here: it makes the guessing of what people think up dear, and
/// nobody guesses 256 random bits at any speed. It would cost every request, and let strangers take up
/// the processor by sending keys that are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct KeyHash(blake3::Hash);

impl KeyHash {
    /// The digest of `key`.
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

impl FromStr for KeyHash {
    type Err = String;

    fn from_str(hash: &str) -> Result<Self, String> {
        let hash = blake3::Hash::from_hex(hash);
        hash.map(Self).map_err(|_| {
            "is not the 64 hexadecimal digits that `receipt-gateway keys new` prints".to_owned()
        })
    }
}

impl TryFrom<String> for KeyHash {
    type Error = String;

    fn try_from(hash: String) -> Result<Self, String> {
        hash.parse()
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A new key, of 256 random bits.
///
/// # Errors
/// Where the system has no randomness to give.
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
