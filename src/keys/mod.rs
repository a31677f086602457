//! Who may ask for what, and how much: the keys of clients, the models that each may use, and its
//! limits. Knows nothing of HTTP.

mod bill;
mod hash;
mod meter;

use std::sync::Arc;

use subtle::{ConditionallySelectable, ConstantTimeEq};

use crate::chat::Usage;

pub use bill::Bill;
pub use hash::{KeyHash, new_key};
pub use meter::{Allowance, KeyLimits, Meter, Meters, Pass, Spent};

/// A key of the configuration.
#[derive(Debug, Clone)]
pub struct KeySettings {
    /// Name that the log and the limits know it by.
    pub name: String,
    /// What the key is recognised by.
    pub hash: KeyHash,
    /// Names of the models and presets that it may use; all where there is no list.
    pub models: Option<Vec<String>>,
    /// Whether it may see and change the models' states.
    pub admin: bool,
    /// How much it may ask for.
    pub limits: KeyLimits,
}

/// Whoever sends a request.
#[derive(Debug)]
pub struct Identity {
    name: Option<String>,
    models: Option<Vec<String>>,
    admin: bool,
    limits: KeyLimits,
    meter: Arc<Meter>,
}

impl Identity {
    /// Whoever asks where no key is needed: may use every model, without limits.
    fn anybody() -> Self {
        Self {
            name: None,
            models: None,
            admin: false,
            limits: KeyLimits::default(),
            meter: Arc::default(),
        }
    }

    /// Name of the key, where there is one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether it may see and change the models' states.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.admin
    }

    /// Whether it may use what is called `model`, a model or a preset.
    #[must_use]
    pub fn may_use(&self, model: &str) -> bool {
        let listed = |models: &Vec<String>| models.iter().any(|listed| listed == model);
        self.models.as_ref().is_none_or(listed)
    }

    /// Takes a request in, and counts it as running while the pass lives.
    ///
    /// # Errors
    /// The limit that it has spent, and when it would pass.
    pub fn enter(&self) -> Result<Pass, Spent> {
        self.meter.enter(&self.limits)
    }

    /// Counts tokens against the limit, beyond it too: what is owed keeps later requests waiting.
    pub fn charge(&self, usage: Usage) {
        self.meter.charge(&self.limits, usage);
    }

    /// What is left of the requests, where they are limited.
    #[must_use]
    pub fn requests(&self) -> Option<Allowance> {
        self.meter.requests(&self.limits)
    }

    /// What is left of the tokens, where they are limited.
    #[must_use]
    pub fn tokens(&self) -> Option<Allowance> {
        self.meter.tokens(&self.limits)
    }
}

/// The keys that the gateway knows.
#[derive(Debug)]
pub struct Keys {
    known: Vec<(KeyHash, Arc<Identity>)>,
    anybody: Arc<Identity>,
    meters: Arc<Meters>,
}

impl Keys {
    /// Those keys, with what `meters` has counted of them before. Without a key everybody may come in.
    #[must_use]
    pub fn new(keys: impl IntoIterator<Item = KeySettings>, meters: Arc<Meters>) -> Self {
        let keys = keys.into_iter().map(|key| {
            let identity = Identity {
                meter: meters.of(&key.name),
                name: Some(key.name),
                models: key.models,
                admin: key.admin,
                limits: key.limits,
            };
            (key.hash, Arc::new(identity))
        });
        Self {
            known: keys.collect(),
            anybody: Arc::new(Identity::anybody()),
            meters,
        }
    }

    /// What is counted of each key, to be handed on to the keys of a newer configuration.
    #[must_use]
    pub fn meters(&self) -> &Arc<Meters> {
        &self.meters
    }

    /// Who sent `key`; nobody where it is none of the keys. All keys are compared, in constant time,
    /// so that how long it takes tells neither a key nor its place.
    #[must_use]
    pub fn identify(&self, key: &[u8]) -> Option<&Arc<Identity>> {
        if self.known.is_empty() {
            return Some(&self.anybody);
        }
        self.holder(key)
    }

    /// As [`Keys::identify`], and nobody where no key is needed.
    #[must_use]
    pub fn holder(&self, key: &[u8]) -> Option<&Arc<Identity>> {
        let sent = KeyHash::of(key);
        let mut found = u64::MAX;
        for (index, (hash, _)) in (0..).zip(&self.known) {
            found.conditional_assign(&index, hash.ct_eq(&sent));
        }
        let (_, identity) = self.known.get(usize::try_from(found).ok()?)?;
        Some(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, models: Option<&[&str]>) -> KeySettings {
        KeySettings {
            name: name.into(),
            hash: KeyHash::of(format!("secret of {name}").as_bytes()),
            models: models.map(|models| models.iter().map(ToString::to_string).collect()),
            admin: false,
            limits: KeyLimits::default(),
        }
    }

    #[test]
    fn each_key_is_its_own_identity() {
        let keys = Keys::new([key("a", None), key("b", Some(&["m"]))], Arc::default());
        let name = |sent: &str| keys.identify(sent.as_bytes()).and_then(|i| i.name());
        assert_eq!(name("secret of a"), Some("a"));
        assert_eq!(name("secret of b"), Some("b"));
        assert_eq!(name("secret of c"), None);
        assert_eq!(name(""), None);
        let b = keys.identify(b"secret of b").unwrap();
        assert!(b.may_use("m") && !b.may_use("n"));
        assert!(keys.identify(b"secret of a").unwrap().may_use("n"));
    }

    #[test]
    fn without_keys_everybody_may_come_in_and_nobody_holds_one() {
        let keys = Keys::new([], Arc::default());
        assert!(keys.identify(b"").unwrap().may_use("m"));
        assert!(keys.holder(b"").is_none());
    }

    #[test]
    fn what_was_counted_outlives_the_configuration() {
        let limited = |limit| KeySettings {
            limits: KeyLimits {
                requests_per_minute: Some(limit),
                ..KeyLimits::default()
            },
            ..key("a", None)
        };
        let before = Keys::new([limited(2)], Arc::default());
        let sent = b"secret of a";
        before.identify(sent).unwrap().enter().unwrap();
        before.identify(sent).unwrap().enter().unwrap();
        let after = Keys::new([limited(2)], before.meters().clone());
        assert!(after.identify(sent).unwrap().enter().is_err());
    }
}
