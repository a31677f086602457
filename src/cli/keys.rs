//! `receipt-gateway keys`: makes API keys for clients. The gateway stores only their digests.

use std::io::Write;

use anyhow::Context;
use secrecy::ExposeSecret;

use crate::{
    config,
    keys::{KeyHash, new_key},
};

/// Prints a new key, and the entry of the configuration that admits it.
///
/// # Errors
/// Fails for an invalid name, where the system gives no random bytes, and where the output cannot be written.
pub fn new(name: &str, out: &mut impl Write) -> anyhow::Result<()> {
    config::check_key_name(name, "NAME")?;
    let key = new_key().context("cannot make a key: the system gives no random bytes")?;
    let key = key.expose_secret();
    let hash = KeyHash::of(key.as_bytes());
    writeln!(
        out,
        "# The key, for the client. It is shown only once and stored nowhere:"
    )?;
    writeln!(out, "# {key}")?;
    writeln!(out, "# Its entry, for config/gateway.toml:")?;
    writeln!(out, "[[keys]]\nname = \"{name}\"\nhash = \"{hash}\"")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::config::KeyConfig;

    use super::*;

    #[test]
    fn the_printed_entry_admits_the_printed_key() {
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
