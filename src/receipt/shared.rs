//! The cache that gateways share, as the domain sees it: a store that may be slow or gone, and never
//! delays or fails an answer for it.

mod outage;
mod stored;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;
use tokio::{sync::Semaphore, time::timeout};

use super::{Reading, cache::Tier, key::Key, schema::ReceiptSchema};
use outage::{Outage, Ticket};
use stored::{decode, encode};

/// Why a store did not do what it was asked; the text is for the log.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It answered that it will not do this: it is full, or only to be read.
    #[error("{0}")]
    Refused(String),
    /// It cannot be reached, or makes no sense.
    #[error("{0}")]
    Failed(String),
}

/// Bytes by key that outlive this process, and that others read and write too.
#[async_trait]
pub trait SharedStore: Send + Sync {
    /// The bytes under `key`; `None` where there are none, or more than `max_bytes`.
    async fn get(&self, key: &[u8], max_bytes: usize) -> Result<Option<Bytes>, StoreError>;

    /// Keeps `value` under `key` for so long.
    async fn put(&self, key: &[u8], value: Bytes, time_to_live: Duration)
    -> Result<(), StoreError>;
}

/// Bounds of a shared cache.
#[derive(Debug, Clone)]
pub struct SharedSettings {
    /// What every key begins with.
    pub prefix: String,
    /// How long one operation may take.
    pub timeout: Duration,
    /// Bytes of one answer; larger ones are neither written nor read.
    pub max_value_bytes: usize,
    /// How long an answer is kept.
    pub time_to_live: Duration,
    /// Answers on their way to the store; those beyond are not written.
    pub max_writes: usize,
}

/// A store within its bounds, which is left alone for a while after it failed.
pub struct SharedCache {
    store: Arc<dyn SharedStore>,
    settings: SharedSettings,
    /// Of the store, whatever is asked of it.
    outage: Outage,
    /// Of writing alone: a store that is full can still be read.
    refusal: Outage,
    writes: Arc<Semaphore>,
}

impl SharedCache {
    /// Nothing is asked of the store yet.
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

    /// The place of one reading.
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
                self.is_well(ticket);
                found
            }
            Err(error) => {
                self.is_out(ticket, &error);
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
                self.is_well(ticket);
                if self.refusal.succeeded(writing) {
                    tracing::info!("the shared cache takes answers in again");
                }
            }
            // Which says nothing of reading.
            Err(StoreError::Refused(reason)) => {
                if self.refusal.failed(writing) {
                    tracing::warn!(reason, "the shared cache takes no answers in");
                }
            }
            Err(error) => self.is_out(ticket, &error),
        }
    }

    /// Leave to write, and to ask anything at all.
    fn admit_write(&self) -> Option<(Ticket, Ticket)> {
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

    fn is_well(&self, ticket: Ticket) {
        if self.outage.succeeded(ticket) {
            tracing::info!("the shared cache is back");
        }
    }

    fn is_out(&self, ticket: Ticket, error: &StoreError) {
        if self.outage.failed(ticket) {
            tracing::warn!(
                reason = %error,
                "the shared cache is left alone until it answers again"
            );
        }
    }
}

/// Where one reading lies in a shared cache.
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
                "what the shared cache holds here is no reading"
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
