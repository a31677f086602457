//! The cache that gateways share, in Redis or Valkey: one connection, made on first use and anew
//! after a fault. How long to wait, and when to ask again, is decided by whoever asks.

mod tls;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, FromRedisValue, RedisError,
    aio::MultiplexedConnection,
};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::task::JoinHandle;
use tokio_rustls::rustls::{self, pki_types::pem};
use tokio_util::task::AbortOnDropHandle;

use crate::receipt::{SharedStore, StoreError};
use tls::Tls;

/// Why no server can be found or trusted; it does not repeat the address.
#[derive(Debug, Error)]
pub enum AddressError {
    /// The address is none.
    #[error("it is no address of a Redis")]
    Address,
    /// What it names cannot be the name in a certificate.
    #[error("its host is none that a certificate can be for")]
    Host,
    /// The file of certificates cannot be read, or holds none.
    #[error("{path}: {error}")]
    Ca {
        /// The file.
        path: String,
        /// What is wrong with it.
        error: pem::Error,
    },
    /// A certificate cannot be used, or the system has none.
    #[error("its certificate cannot be checked: {0}")]
    Tls(#[from] rustls::Error),
}

/// A server at an address.
pub struct RedisStore {
    client: Client,
    /// How it is connected to, where that is not as it stands in the client.
    tls: Option<Tls>,
    /// Held while one connects, so that others wait for that connection.
    connecting: tokio::sync::Mutex<()>,
    /// The connection that works, as far as is known.
    working: Mutex<Option<Connection>>,
}

#[derive(Clone)]
struct Connection {
    number: u64,
    handle: MultiplexedConnection,
    /// What moves its bytes, where the client does not see to that. It ends with the last who uses
    /// the connection, even in the middle of a write.
    _driver: Option<Arc<AbortOnDropHandle<()>>>,
}

impl Connection {
    fn new(handle: MultiplexedConnection, driver: Option<JoinHandle<()>>) -> Self {
        Self {
            number: fastrand::u64(..),
            handle,
            _driver: driver.map(|driver| Arc::new(AbortOnDropHandle::new(driver))),
        }
    }
}

impl RedisStore {
    /// Nothing is connected yet. An address is `redis://[[user]:password@]host[:port][/database]`,
    /// the same with `rediss://` for TLS, or `unix:///path`. With TLS, the server's certificate is to
    /// be signed by one in the file `ca`, else by one that the system trusts.
    ///
    /// # Errors
    /// An address that is none, and certificates that cannot be read.
    pub fn new(address: &SecretString, ca: Option<&Path>) -> Result<Self, AddressError> {
        let address = address.expose_secret();
        let with_tls = address.strip_prefix("rediss://");
        let client = match with_tls {
            Some(rest) => Client::open(format!("redis://{rest}")),
            None => Client::open(address),
        };
        let client = client.map_err(|_| AddressError::Address)?;
        let tls = match client.get_connection_info().addr() {
            ConnectionAddr::Tcp(host, port) if with_tls.is_some() => {
                Some(Tls::new(host, *port, ca)?)
            }
            _ => None,
        };
        Ok(Self {
            client,
            tls,
            connecting: tokio::sync::Mutex::default(),
            working: Mutex::default(),
        })
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisError> {
        let mut working = self.connect().await?;
        // Dropped by whoever waits no longer, too: a connection that hangs is not used again.
        let mut giving_up = GiveUp {
            store: self,
            number: Some(working.number),
        };
        let answer = command.query_async(&mut working.handle).await;
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
        let new = self.new_connection().await?;
        *self.working() = Some(new.clone());
        Ok(new)
    }

    async fn new_connection(&self) -> Result<Connection, RedisError> {
        // The limits are those of whoever waits.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let client = &self.client;
        let Some(tls) = &self.tls else {
            let asked = client.get_multiplexed_async_connection_with_config(&config);
            return Ok(Connection::new(asked.await?, None));
        };
        let settings = client.get_connection_info().redis_settings();
        let socket = tls.connect().await?;
        let made = MultiplexedConnection::new_with_config(settings, socket, config);
        let (handle, driver) = made.await?;
        Ok(Connection::new(handle, Some(tokio::spawn(driver))))
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
