//! Reads the TLS certificate and its key, and reads them again when their files change.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use thiserror::Error;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{
            CertificateDer, PrivateKeyDer,
            pem::{self, PemObject},
        },
    },
};

/// Time between two looks for changed files.
const LOOK: Duration = Duration::from_mins(1);

/// The reason that a certificate cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read, or holds no certificate or key.
    #[error("{path} cannot be read as PEM: {error}")]
    File {
        /// The file.
        path: String,
        /// The fault of the file.
        error: pem::Error,
    },
    /// The certificate and the key do not belong together, or are of an unknown kind.
    #[error("the certificate and its key cannot be used together: {0}")]
    Pair(#[from] rustls::Error),
}

/// The PEM files of a certificate and its key.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The certificate and its intermediate certificates.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// The times of the files' last changes; none if the system does not report them.
type Times = [Option<SystemTime>; 2];

/// The current certificate of the gateway.
pub struct Tls {
    files: TlsFiles,
    /// The times of the files at the first read.
    times: Times,
    acceptor: RwLock<TlsAcceptor>,
}

impl TlsFiles {
    fn times(&self) -> Times {
        [&self.certificate, &self.key].map(|path| path.metadata().ok()?.modified().ok())
    }

    fn acceptor(&self) -> Result<TlsAcceptor, TlsError> {
        let in_file = |path: &PathBuf| {
            let path = path.display().to_string();
            move |error| TlsError::File { path, error }
        };
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .and_then(|chain| {
                if chain.is_empty() {
                    return Err(pem::Error::NoItemsFound);
                }
                Ok(chain)
            })
            .map_err(in_file(&self.certificate))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(in_file(&self.key))?;
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_no_client_auth()
                .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let times = files.times();
        let acceptor = RwLock::new(files.acceptor()?);
        Ok(Self {
            files,
            times,
            acceptor,
        })
    }

    /// Returns the acceptor for the next connection.
    #[must_use]
    pub fn acceptor(&self) -> TlsAcceptor {
        let acceptor = self.acceptor.read();
        acceptor.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the files again; if they cannot be used, the old certificate stays.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn renew(&self) -> Result<(), TlsError> {
        let acceptor = self.files.acceptor()?;
        *self
            .acceptor
            .write()
            .unwrap_or_else(PoisonError::into_inner) = acceptor;
        Ok(())
    }

    /// Reads the files again whenever they change; never ends.
    pub async fn follow(&self) {
        let mut seen = self.times;
        loop {
            tokio::time::sleep(LOOK).await;
            let times = self.files.times();
            if times == seen {
                continue;
            }
            // A half-written pair will be complete at a later look.
            match self.renew() {
                Ok(()) => {
                    seen = times;
                    tracing::info!("the changed certificate is in use");
                }
                Err(error) => {
                    tracing::warn!(%error, "the changed certificate cannot be used; the old one stays");
                }
            }
        }
    }
}
