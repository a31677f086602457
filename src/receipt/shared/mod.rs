//! The cache that gateways share, over a store that may be slow or unreachable. Such a store never
//! fails an answer, and delays it by one short timeout at most.

mod outage;
mod stored;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;
use tokio::{sync::Semaphore, time::timeout};

use super::{Reading, cache::Tier, key::Key, schema::ReceiptSchema};
use outage::{Admittance, Outage};
use stored::{decode, encode};

/// Reason why an operation of a store failed; the text is for the log.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The store refused the operation, for example because it is full or read-only.
    #[error("{0}")]
    Refused(String),
    /// The store cannot be reached, or its answer cannot be understood.
    #[error("{0}")]
    Failed(String),
}

/// A store of bytes by key that outlives this process and that other gateways use too.
#[async_trait]
pub trait SharedStore: Send + Sync {
    /// Returns the bytes under `key`; `None` if there are none, or more than `max_bytes`.
    async fn get(&self, key: &[u8], max_bytes: usize) -> Result<Option<Bytes>, StoreError>;

    /// Stores `value` under `key` for `time_to_live`.
    async fn put(&self, key: &[u8], value: Bytes, time_to_live: Duration)
    -> Result<(), StoreError>;
}

/// Limits of a shared cache.
#[derive(Debug, Clone)]
pub struct SharedSettings {
    /// Prefix of every key.
    pub prefix: String,
    /// Longest time for one operation.
    pub timeout: Duration,
    /// Most bytes of one answer; larger ones are neither written nor read.
    pub max_value_bytes: usize,
    /// Time for which an answer is kept.
    pub time_to_live: Duration,
    /// Most answers that are being written at once; further ones are not stored.
    pub max_writes: usize,
}

/// A shared store with its limits. After a fault it is not used for a while.
pub struct SharedCache {
    store: Arc<dyn SharedStore>,
    settings: SharedSettings,
    /// Outage of the store as a whole.
    outage: Outage,
    /// Outage of writing alone: a full store can still be read.
    refusal: Outage,
    writes: Arc<Semaphore>,
}

impl SharedCache {
    /// Creates a shared cache, without using the store yet.
    #[must_use]
    pub fn new(store: Arc<dyn SharedStore>, settings: SharedSettings) -> Self {
        Self {
            store,
            outage: Outage::default(),
            refusal: Outage::default(),
            writes: Arc::new(Semaphore::new(settings.max_writes)),
            settings,
        }
    }

    /// Returns the place of one reading.
    pub(super) fn place(
        self: &Arc<Self>,
        key: &Key,
        schema: &ReceiptSchema,
    ) -> Box<dyn Tier<Reading>> {
        let digest = blake3::Hash::from_bytes(*key).to_hex();
        let (prefix, form) = (&self.settings.prefix, stored::FORM);
        Box::new(Place {
            cache: self.clone(),
            key: format!("{prefix}v{form}:{digest}"),
            schema: schema.clone(),
        })
    }

    async fn get(&self, key: &str) -> Option<Bytes> {
        let ticket = self.outage.admit()?;
        let asked = self
            .store
            .get(key.as_bytes(), self.settings.max_value_bytes);
        match self.in_time(asked).await {
            Ok(found) => {
                self.record_success(ticket);
                found
            }
            Err(error) => {
                self.record_failure(ticket, &error);
                None
            }
        }
    }

    async fn put(&self, key: &str, value: Bytes) {
        let Some((writing, ticket)) = self.admit_write() else {
            return;
        };
        let (key, time_to_live) = (key.as_bytes(), self.settings.time_to_live);
        let written = self.store.put(key, value, time_to_live);
        match self.in_time(written).await {
            Ok(()) => {
                self.record_success(ticket);
                if self.refusal.succeeded(writing) {
                    tracing::info!("the shared cache accepts answers again");
                }
            }
            // A refused write does not affect reading.
            Err(StoreError::Refused(reason)) => {
                if self.refusal.failed(writing) {
                    tracing::warn!(
                        reason,
                        "the shared cache refuses new answers; reading it goes on"
                    );
                }
            }
            Err(error) => self.record_failure(ticket, &error),
        }
    }

    /// Returns tickets to write and to use the store, if both are allowed now.
    fn admit_write(&self) -> Option<(Admittance, Admittance)> {
        Some((self.refusal.admit()?, self.outage.admit()?))
    }

    async fn in_time<T>(
        &self,
        asked: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let limit = self.settings.timeout;
        timeout(limit, asked)
            .await
            .unwrap_or_else(|_| Err(StoreError::Failed(format!("no answer within {limit:?}"))))
    }

    fn record_success(&self, ticket: Admittance) {
        if self.outage.succeeded(ticket) {
            tracing::info!("the shared cache works again");
        }
    }

    fn record_failure(&self, ticket: Admittance, error: &StoreError) {
        if self.outage.failed(ticket) {
            tracing::warn!(
                reason = %error,
                "the shared cache failed, and is tried again after a pause"
            );
        }
    }
}

/// The place of one reading in a shared cache.
struct Place {
    cache: Arc<SharedCache>,
    key: String,
    schema: ReceiptSchema,
}

#[async_trait]
impl Tier<Reading> for Place {
    async fn find(&self) -> Option<Reading> {
        let value = self.cache.get(&self.key).await?;
        let reading = decode(&value, &self.schema);
        if reading.is_none() {
            tracing::debug!(
                key = self.key,
                "the shared cache holds a value that is not a reading"
            );
        }
        reading
    }

    fn keep(&self, reading: &Reading) {
        let Ok(permit) = self.cache.writes.clone().try_acquire_owned() else {
            return;
        };
        let Some(value) = encode(reading) else {
            return;
        };
        if value.len() > self.cache.settings.max_value_bytes {
            return;
        }
        let (cache, key) = (self.cache.clone(), self.key.clone());
        tokio::spawn(async move {
            cache.put(&key, value.into()).await;
            drop(permit);
        });
    }
}

#[cfg(test)]
mod tests;
