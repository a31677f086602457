//! The cache that gateways share, in Redis or Valkey: one connection, made on first use and anew
//! after a fault. How long to wait, and when to ask again, is decided by whoever asks.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, aio::MultiplexedConnection,
};
use secrecy::{ExposeSecret, SecretString};

use crate::receipt::{SharedStore, StoreError};

/// A server at an address.
pub struct RedisStore {
    client: Client,
    /// Held while one connects, so that others wait for that connection.
    connecting: tokio::sync::Mutex<()>,
    /// The connection that works, as far as is known.
    working: Mutex<Option<Connection>>,
}

#[derive(Clone)]
struct Connection {
    number: u64,
    connection: MultiplexedConnection,
}

impl RedisStore {
    /// Nothing is connected yet. An address is `redis://[[user]:password@]host[:port][/database]`,
    /// or `unix:///path`.
    ///
    /// # Errors
    /// An address that is none; the reason does not repeat it.
    pub fn new(address: &SecretString) -> Result<Self, StoreError> {
        let client = Client::open(address.expose_secret()).map_err(|error| fault(&error))?;
        Ok(Self {
            client,
            connecting: tokio::sync::Mutex::default(),
            working: Mutex::default(),
        })
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisError> {
        let Connection {
            number,
            mut connection,
        } = self.connect().await?;
        // Dropped by whoever waits no longer, too: a connection that hangs is not used again.
        let mut giving_up = GiveUp {
            store: self,
            number: Some(number),
        };
        let answer = command.query_async(&mut connection).await;
        // One that refuses is not sound either: its name may lead to another server by now, as where
        // a replica took over.
        if answer.as_ref().err().is_none_or(is_of_the_value) {
            giving_up.number = None;
        }
        answer
    }

    async fn connect(&self) -> Result<Connection, RedisError> {
        let _connecting = self.connecting.lock().await;
        let last = self.working().clone();
        if let Some(working) = last {
            return Ok(working);
        }
        // The limits are those of whoever waits.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let asked = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        let new = Connection {
            number: fastrand::u64(..),
            connection: asked.await?,
        };
        *self.working() = Some(new.clone());
        Ok(new)
    }

    fn working(&self) -> std::sync::MutexGuard<'_, Option<Connection>> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a connection out of use when it is dropped, unless it proved sound.
struct GiveUp<'a> {
    store: &'a RedisStore,
    number: Option<u64>,
}

impl Drop for GiveUp<'_> {
    fn drop(&mut self) {
        let mut working = self.store.working();
        // Another may have been made since.
        if working.as_ref().map(|working| working.number) == self.number {
            *working = None;
        }
    }
}

#[async_trait]
impl SharedStore for RedisStore {
    async fn get(&self, key: &[u8], max_bytes: usize) -> Result<Option<Bytes>, StoreError> {
        // A byte more than is wanted tells what is too large without reading all of it.
        let range = Cmd::new()
            .arg("GETRANGE")
            .arg(key)
            .arg(0)
            .arg(max_bytes)
            .to_owned();
        match self.ask::<Vec<u8>>(&range).await {
            Ok(value) if value.is_empty() || value.len() > max_bytes => Ok(None),
            Ok(value) => Ok(Some(value.into())),
            Err(error) if is_of_the_value(&error) => Ok(None),
            Err(error) => Err(fault(&error)),
        }
    }

    async fn put(
        &self,
        key: &[u8],
        value: Bytes,
        time_to_live: Duration,
    ) -> Result<(), StoreError> {
        let milliseconds = u64::try_from(time_to_live.as_millis()).unwrap_or(u64::MAX);
        let set = Cmd::new()
            .arg("SET")
            .arg(key)
            .arg(&value[..])
            .arg("PX")
            .arg(milliseconds)
            .to_owned();
        self.ask(&set).await.map_err(|error| fault(&error))
    }
}

/// Whether the server is sound and something else than a string lies there.
fn is_of_the_value(error: &RedisError) -> bool {
    error.code() == Some("WRONGTYPE")
}

/// Without the server's own words, which may hold what was sent: a password, a receipt.
fn fault(error: &RedisError) -> StoreError {
    if error.is_io_error() {
        return StoreError::Failed(error.to_string());
    }
    let category = error.category();
    match error.code() {
        Some(code) => StoreError::Refused(format!("{category} {code}")),
        None => StoreError::Failed(category.to_owned()),
    }
}

#[cfg(test)]
mod tests;
