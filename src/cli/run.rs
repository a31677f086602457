//! The parts that `extract`, `eval` and `text` share: the choice of the reader, and the end of a run.

use std::io;

use clap::Args;
use secrecy::SecretString;
use tokio::signal;
use tokio_util::sync::CancellationToken;

use super::{
    reader::{Ask, ReceiptReader, TextReader},
    remote::{Remote, RemoteText},
};

/// The environment variable with the key, for the gateway and for its clients.
const KEY_VARIABLE: &str = "RECEIPT_GATEWAY_API_KEY";

/// The choice of the gateway and its model.
#[derive(Debug, Clone, Args)]
pub struct ServerArguments {
    /// Model that reads; the gateway's default if left out.
    #[arg(long, value_name = "ID")]
    pub model: Option<String>,
    /// The choice of the gateway.
    #[command(flatten)]
    pub gateway: GatewayArguments,
}

/// The choice of the gateway: this process, or one that is running already.
#[derive(Debug, Clone, Args)]
pub struct GatewayArguments {
    /// Address of a running gateway; if left out, this command reads the files itself.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Key for that gateway. Other users of this machine can see it here: prefer the variable
    /// `RECEIPT_GATEWAY_API_KEY`.
    #[arg(long, value_name = "KEY", requires = "server")]
    pub api_key: Option<SecretString>,
}

impl ServerArguments {
    /// Returns a reader for the server that the arguments name, or the one that `local` makes if they name none.
    ///
    /// # Errors
    /// Fails for an invalid address or key, and where `local` fails.
    pub async fn reader(
        &self,
        ask: &Ask,
        local: impl AsyncFnOnce(&Ask) -> anyhow::Result<Box<dyn ReceiptReader>>,
    ) -> anyhow::Result<Box<dyn ReceiptReader>> {
        match &self.gateway.server {
            Some(server) => {
                let key = self.gateway.key();
                Ok(Box::new(Remote::new(server, key.as_ref(), ask)?))
            }
            None => local(ask).await,
        }
    }
}

impl GatewayArguments {
    /// Returns a reader of page text for the server that the arguments name, or the one that `local` makes if they
    /// name none.
    ///
    /// # Errors
    /// Fails for an invalid address or key, and where `local` fails.
    pub fn text_reader(
        &self,
        local: impl FnOnce() -> anyhow::Result<Box<dyn TextReader>>,
    ) -> anyhow::Result<Box<dyn TextReader>> {
        match &self.server {
            Some(server) => Ok(Box::new(RemoteText::new(server, self.key().as_ref())?)),
            None => local(),
        }
    }

    /// Returns the key for the server: the argument's, or the one of the environment.
    #[must_use]
    pub fn key(&self) -> Option<SecretString> {
        self.api_key.clone().or_else(key_of_environment)
    }
}

fn key_of_environment() -> Option<SecretString> {
    let key = std::env::var(KEY_VARIABLE).ok()?;
    let key = key.trim();
    (!key.is_empty()).then(|| key.into())
}

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Every file gave a receipt.
    Clean,
    /// Some files gave none.
    Faults,
    /// The run was interrupted; the receipts read until then are written.
    Interrupted,
}

impl End {
    /// Returns the program's exit status.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Faults => 1,
            // The status that a shell gives a program ended by an interrupt.
            Self::Interrupted => 130,
        }
    }
}

/// Cancels `stop` at the first interrupt, and ends the program at the second, since a blocked write or a model
/// that is being unloaded may hold it up.
pub async fn stop_on_interrupt(stop: CancellationToken) {
    if signal::ctrl_c().await.is_err() {
        return;
    }
    stop.cancel();
    if signal::ctrl_c().await.is_ok() {
        std::process::exit(End::Interrupted.code().into());
    }
}

/// Returns whether `error` means that the reader of the output has closed the pipe, as `head` does. That is no
/// fault.
#[must_use]
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
