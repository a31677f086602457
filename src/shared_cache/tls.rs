//! TLS to a server, by rustls with the provider and the roots that the rest of the gateway has.
//!
//! Redis' own client would take whatever provider is the process's, of which there is none where
//! several are compiled in, and read the system's roots anew for every connection.

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

/// How connections to one server are made.
pub struct Tls {
    connector: TlsConnector,
    host: String,
    port: u16,
    name: ServerName<'static>,
}

impl Tls {
    /// To `host`, whose certificate is signed by one of those in the file `ca`, or where there is
    /// none by one that the system trusts.
    ///
    /// # Errors
    /// A host that is none, and certificates that cannot be read.
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

    /// A new connection.
    pub async fn connect(&self) -> io::Result<TlsStream<TcpStream>> {
        let socket = TcpStream::connect((&*self.host, self.port)).await?;
        socket.set_nodelay(true)?;
        self.connector.connect(self.name.clone(), socket).await
    }
}

/// The certificates of a file.
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
