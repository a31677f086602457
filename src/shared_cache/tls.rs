//! TLS to a server, by rustls with the same crypto provider and roots as the rest of the gateway.
//!
//! The Redis client's own TLS would use the crypto provider of the process, of which there is none
//! when several are compiled in, and would read the system's roots again for every connection.

use std::{io, path::Path, sync::Arc};

use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{
            CertificateDer, ServerName,
            pem::{self, PemObject},
        },
    },
};

use super::AddressError;

/// A connector to one server.
pub struct StoreTls {
    connector: TlsConnector,
    host: String,
    port: u16,
    name: ServerName<'static>,
}

impl StoreTls {
    /// Creates a connector to `host`, whose certificate has to be signed by one in the file `ca`,
    /// or without that file by one that the system trusts.
    ///
    /// # Errors
    /// Fails if no certificate can be for `host`, or certificates cannot be read.
    pub fn new(host: &str, port: u16, ca: Option<&Path>) -> Result<Self, AddressError> {
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?;
        let config = match ca {
            Some(ca) => config.with_root_certificates(roots(ca)?),
            None => config.with_platform_verifier()?,
        };
        let name = ServerName::try_from(host).map_err(|_| AddressError::Host)?;
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config.with_no_client_auth())),
            host: host.to_owned(),
            port,
            name: name.to_owned(),
        })
    }

    /// Opens a connection.
    pub async fn connect(&self) -> io::Result<TlsStream<TcpStream>> {
        let socket = TcpStream::connect((&*self.host, self.port)).await?;
        socket.set_nodelay(true)?;
        self.connector.connect(self.name.clone(), socket).await
    }
}

/// Reads the certificates of a file.
fn roots(path: &Path) -> Result<RootCertStore, AddressError> {
    let in_file = |error| AddressError::Ca {
        path: path.display().to_string(),
        error,
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(in_file)? {
        roots.add(certificate.map_err(in_file)?)?;
    }
    if roots.is_empty() {
        return Err(in_file(pem::Error::NoItemsFound));
    }
    Ok(roots)
}
