//! What `extract` and `eval` have in common: who reads, and how a run ends.

use std::io;

use clap::Args;
use secrecy::SecretString;
use tokio::signal;
use tokio_util::sync::CancellationToken;

use super::{
    reader::{Ask, Reader},
    remote::Remote,
};

/// The variable that has the key, for the gateway and for those who ask it.
const KEY_VARIABLE: &str = "RECEIPT_GATEWAY_API_KEY";

/// The gateway that reads: this program, or one that runs already.
#[derive(Debug, Clone, Args)]
pub struct ServerArguments {
    /// Model that reads; the gateway's default otherwise.
    #[arg(long, value_name = "ID")]
    pub model: Option<String>,
    /// Address of a gateway that runs already; otherwise the model is loaded here.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// Key of that gateway. Others on this machine can see it here, so better set
    /// `RECEIPT_GATEWAY_API_KEY`.
    #[arg(long, value_name = "KEY", requires = "server")]
    pub api_key: Option<SecretString>,
}

impl ServerArguments {
    /// The reader that the arguments name, which `local` makes where they name no server.
    ///
    /// # Errors
    /// An address that is none, or what `local` meets.
    pub async fn reader(
        &self,
        ask: &Ask,
        local: impl AsyncFnOnce(&Ask) -> anyhow::Result<Box<dyn Reader>>,
    ) -> anyhow::Result<Box<dyn Reader>> {
        let Some(server) = &self.server else {
            return local(ask).await;
        };
        let key = self.api_key.clone().or_else(key_of_environment);
        Ok(Box::new(Remote::new(server, key.as_ref(), ask)?))
    }
}

fn key_of_environment() -> Option<SecretString> {
    let key = std::env::var(KEY_VARIABLE).ok()?;
    let key = key.trim();
    (!key.is_empty()).then(|| key.into())
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Every file gave a receipt.
    Clean,
    /// Some gave none.
    Faults,
    /// Somebody stopped it; what was read is written.
    Interrupted,
}

impl End {
    /// The program's exit status.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Faults => 1,
            // What a shell says of a program that an interrupt ended.
            Self::Interrupted => 130,
        }
    }
}

/// Cancels `stop` at the first interrupt, and ends the program at the second: it may hang in a
/// write that nobody takes, or a model may take its time to go.
pub async fn stop_on_interrupt(stop: CancellationToken) {
    if signal::ctrl_c().await.is_err() {
        return;
    }
    stop.cancel();
    if signal::ctrl_c().await.is_ok() {
        std::process::exit(End::Interrupted.code().into());
    }
}

/// Whether `error` says that whoever reads the output has left, as `head` does: that is no fault.
#[must_use]
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
