//! The cache that gateways share, in Redis or Valkey. There is one connection, opened on first use
//! and again after a fault. Timeouts and retries are left to the caller.

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
use tls::StoreTls;

/// Reason why an address cannot be used. It does not repeat the address, which may hold a password.
#[derive(Debug, Error)]
pub enum AddressError {
    /// The address is not valid.
    #[error(
        "it is not valid: expected redis://[[user]:password@]host[:port][/database], the same with \
         rediss://, or unix:///path"
    )]
    Address,
    /// No certificate can be for the host.
    #[error(
        "its host is neither a DNS name nor an IP address, and rediss:// needs one to check the \
         server's certificate"
    )]
    Host,
    /// The file of certificates cannot be read, or has none.
    #[error("the certificates in {path} cannot be read: {error}")]
    Ca {
        /// The file.
        path: String,
        /// The fault.
        error: pem::Error,
    },
    /// A root certificate cannot be used, or the system has none.
    #[error("the root certificates for its TLS connection cannot be used: {0}")]
    Tls(#[from] rustls::Error),
}

/// A store in a Redis or Valkey server.
pub struct RedisStore {
    client: Client,
    /// TLS for the connection, which the client does not know of.
    tls: Option<StoreTls>,
    /// Held while connecting, so that other requests wait for that connection.
    connecting: tokio::sync::Mutex<()>,
    /// The connection in use; `None` after a fault.
    working: Mutex<Option<Connection>>,
}

#[derive(Clone)]
struct Connection {
    number: u64,
    handle: MultiplexedConnection,
    /// The task that moves the connection's bytes, if the client does not. It is aborted with the
    /// last user of the connection, even in the middle of a write.
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
    /// Creates a store that connects on first use. An address is
    /// `redis://[[user]:password@]host[:port][/database]`, the same with `rediss://` for TLS, or
    /// `unix:///path`. With TLS, the server's certificate has to be signed by one in the file `ca`,
    /// or without that file by one that the system trusts.
    ///
    /// # Errors
    /// Fails if the address is not valid, or certificates cannot be read.
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
                Some(StoreTls::new(host, *port, ca)?)
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
        // Also dropped when the caller stops waiting: a connection that hangs is not used again.
        let mut giving_up = GiveUp {
            store: self,
            number: Some(working.number),
        };
        let answer = command.query_async(&mut working.handle).await;
        // A connection to a server that refuses is given up too: its name may lead to another
        // server by now, for example after a replica took over.
        if answer.as_ref().err().is_none_or(is_wrong_type) {
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
        // Timeouts are left to the caller.
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

/// Gives up a connection when dropped, unless the command succeeded.
struct GiveUp<'a> {
    store: &'a RedisStore,
    number: Option<u64>,
}

impl Drop for GiveUp<'_> {
    fn drop(&mut self) {
        let mut working = self.store.working();
        // A new connection may have been opened meanwhile.
        if working.as_ref().map(|working| working.number) == self.number {
            *working = None;
        }
    }
}

#[async_trait]
impl SharedStore for RedisStore {
    async fn get(&self, key: &[u8], max_bytes: usize) -> Result<Option<Bytes>, StoreError> {
        // The range has one byte more than the limit, to detect values that are too large without
        // reading all of them.
        let range = Cmd::new()
            .arg("GETRANGE")
            .arg(key)
            .arg(0)
            .arg(max_bytes)
            .to_owned();
        match self.ask::<Vec<u8>>(&range).await {
            Ok(value) if value.is_empty() || value.len() > max_bytes => Ok(None),
            Ok(value) => Ok(Some(value.into())),
            Err(error) if is_wrong_type(&error) => Ok(None),
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

/// Returns whether the error is about the value, which is not a string, and the server is sound.
fn is_wrong_type(error: &RedisError) -> bool {
    error.code() == Some("WRONGTYPE")
}

/// Converts an error without the server's own text, which may repeat a password or a receipt.
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
