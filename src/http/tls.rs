//! TLS: the certificate and its key, read anew when their files change.

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

/// Between looks for files that have changed.
const LOOK: Duration = Duration::from_mins(1);

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read, or holds nothing of its kind.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: String,
        /// What is wrong with it.
        error: pem::Error,
    },
    /// The certificate and the key do not go together, or are of no kind that is known.
    #[error("the certificate and its key: {0}")]
    Pair(#[from] rustls::Error),
}

/// Where a certificate and its key are, in PEM.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The certificate, and those between it and its root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// When the files were last changed; nothing where the system does not say.
type Times = [Option<SystemTime>; 2];

/// What the gateway shows of itself to whoever connects.
pub struct Tls {
    files: TlsFiles,
    /// Of the files, when they were read first.
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

    /// What greets the next connection.
    #[must_use]
    pub fn acceptor(&self) -> TlsAcceptor {
        let acceptor = self.acceptor.read();
        acceptor.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the files anew; where they cannot be used, what was there stays.
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

    /// Reads the files anew whenever they have changed, and does not end.
    pub async fn follow(&self) {
        let mut seen = self.times;
        loop {
            tokio::time::sleep(LOOK).await;
            let times = self.files.times();
            if times == seen {
                continue;
            }
            // A pair that is half written is complete at one of the next looks.
            match self.renew() {
                Ok(()) => {
                    seen = times;
                    tracing::info!("the certificate was read anew");
                }
                Err(error) => tracing::warn!(%error, "the old certificate stays"),
            }
        }
    }
}
