//! The keys of clients: the models that each may use, and its limits. This module knows nothing of
//! HTTP.

mod bill;
mod hash;
mod meter;
mod spending;

use std::sync::Arc;

use subtle::{ConditionallySelectable, ConstantTimeEq};

use crate::{
    generation::{Cost, Usage},
    registry::Purse,
};

pub use bill::Bill;
pub use hash::{KeyHash, new_key};
pub use meter::{Allowance, KeyLimits, Meter, Meters, Pass, Spent};
pub use spending::Spending;

/// Name of the counts of all clients together when no key is needed; no key can have it.
const ANYBODY: &str = "";

/// A key of the configuration.
#[derive(Debug, Clone)]
pub struct KeySettings {
    /// Name in the log and the limits.
    pub name: String,
    /// Hash by which the key is recognised.
    pub hash: KeyHash,
    /// Names of the models and presets that the key may use; `None` for all.
    pub models: Option<Vec<String>>,
    /// Whether the key may see and change the models' states.
    pub admin: bool,
    /// Limits on requests and tokens.
    pub limits: KeyLimits,
}

/// The client that sends a request, as its key identifies it.
#[derive(Debug)]
pub struct Identity {
    name: Option<String>,
    models: Option<Vec<String>>,
    admin: bool,
    limits: KeyLimits,
    meter: Arc<Meter>,
}

impl Identity {
    /// Creates the identity of clients when no key is needed: it may use every model, without
    /// limits.
    fn anybody(meters: &Meters) -> Self {
        Self {
            name: None,
            models: None,
            admin: false,
            limits: KeyLimits::default(),
            meter: meters.of(ANYBODY),
        }
    }

    /// Returns the name of the key, if there is one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns whether the client may see and change the models' states.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.admin
    }

    /// Returns whether the client may use `model`, the name of a model or a preset.
    #[must_use]
    pub fn may_use(&self, model: &str) -> bool {
        let listed = |models: &Vec<String>| models.iter().any(|listed| listed == model);
        self.models.as_ref().is_none_or(listed)
    }

    /// Admits a request within the limits, and counts it as running while the pass lives.
    ///
    /// # Errors
    /// The limit that is used up, and when a request would be admitted.
    pub fn enter(&self) -> Result<Pass, Spent> {
        self.meter.enter(&self.limits)
    }

    /// Counts tokens against the limit. They may exceed it; later requests then wait until the debt
    /// is paid.
    pub fn charge(&self, usage: Usage) {
        self.meter.charge(&self.limits, usage);
    }

    /// Returns the remaining requests, if they are limited.
    #[must_use]
    pub fn requests(&self) -> Option<Allowance> {
        self.meter.requests(&self.limits)
    }

    /// Returns the remaining tokens, if they are limited.
    #[must_use]
    pub fn tokens(&self) -> Option<Allowance> {
        self.meter.tokens(&self.limits)
    }

    /// Returns the most requests that may run at once, if they are limited.
    #[must_use]
    pub fn concurrency(&self) -> Option<u32> {
        self.limits.concurrency
    }

    /// Returns what the key has spent.
    #[must_use]
    pub fn spending(&self) -> Spending {
        self.meter.spending()
    }
}

impl Purse for Identity {
    /// Adds a cost that is known to what the key has spent.
    fn spend(&self, cost: Option<Cost>) {
        if let Some(cost) = cost {
            self.meter.spend(cost.total);
        }
    }
}

/// The keys of the configuration.
#[derive(Debug)]
pub struct Keys {
    known: Vec<(KeyHash, Arc<Identity>)>,
    anybody: Arc<Identity>,
    meters: Arc<Meters>,
}

impl Keys {
    /// Creates the set of keys, which go on with the counts of `meters`. If there is no key, every
    /// request is accepted.
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
            anybody: Arc::new(Identity::anybody(&meters)),
            meters,
        }
    }

    /// Returns the counts of each key, for the keys of a newer configuration.
    #[must_use]
    pub fn meters(&self) -> &Arc<Meters> {
        &self.meters
    }

    /// Finds the client that sent `key`; `None` if it is none of the keys. Compares all keys in
    /// constant time, so that the time reveals neither a key nor its position.
    #[must_use]
    pub fn identify(&self, key: &[u8]) -> Option<&Arc<Identity>> {
        if self.known.is_empty() {
            return Some(&self.anybody);
        }
        self.holder(key)
    }

    /// Finds the client as [`Keys::identify`] does, but returns `None` if no key is needed.
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
    fn without_keys_every_request_is_accepted_and_has_no_holder() {
        let keys = Keys::new([], Arc::default());
        assert!(keys.identify(b"").unwrap().may_use("m"));
        assert!(keys.holder(b"").is_none());
    }

    #[test]
    fn counts_outlive_the_configuration() {
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
