//! `receipt-gateway keys`: makes keys for clients. The gateway keeps only their digests.

use std::io::Write;

use anyhow::Context;
use secrecy::ExposeSecret;

use crate::{
    config,
    keys::{KeyHash, new_key},
};

/// Prints a new key, and the entry of the configuration by which the gateway knows it.
///
/// # Errors
/// A name that no key can have, a system without randomness, or output that cannot be written.
pub fn new(name: &str, out: &mut impl Write) -> anyhow::Result<()> {
    config::check_key_name(name, "the key's name")?;
    let key = new_key().context("the system gives no random bytes")?;
    let key = key.expose_secret();
    let hash = KeyHash::of(key.as_bytes());
    writeln!(
        out,
        "# For the client; it is shown this once, and kept nowhere:"
    )?;
    writeln!(out, "# {key}")?;
    writeln!(out, "# For config/gateway.toml:")?;
    writeln!(out, "[[keys]]\nname = \"{name}\"\nhash = \"{hash}\"")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::config::KeyConfig;

    use super::*;

    #[test]
    fn what_is_printed_is_an_entry_that_knows_the_key() {
        #[derive(serde::Deserialize)]
        struct File {
            keys: Vec<KeyConfig>,
        }
        let mut out = Vec::new();
        new("till-7", &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let file: File = toml::from_str(&text).unwrap();
        let key = text.lines().find_map(|line| line.strip_prefix("# rg-"));
        let key = format!("rg-{}", key.unwrap());
        assert_eq!(file.keys[0].name, "till-7");
        assert_eq!(file.keys[0].hash, KeyHash::of(key.as_bytes()));
        assert!(new("a \"name\"", &mut Vec::new()).is_err());
    }
}
