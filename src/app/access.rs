//! Access to the operator's routes.

use secrecy::SecretString;

/// The clients that may use a route of the operator.
#[derive(Debug, Clone)]
pub enum Access {
    /// None: the route answers 404.
    Off,
    /// Clients on this machine, not through a proxy and not from another site's page.
    Loopback,
    /// Clients with this key, or with a client key that has `admin = true`.
    Key(Option<SecretString>),
    /// All clients.
    Open,
}
