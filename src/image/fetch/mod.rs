//! Downloads a picture from a client's URL, and reaches only public hosts and those that the
//! operator listed. Decoding, the number of concurrent downloads and HTTP statuses are left to
//! other modules.

mod address;
mod allow;
mod error;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Response, StatusCode, header};
use url::{Host, ParseError, Url};

pub use self::address::AddressClass;
use self::allow::Gate;
pub use self::allow::{AllowedHost, InvalidAllowedHost};
pub use self::error::{Blame, FetchError, SetupError};

/// Maximum length of a URL: longer than any presigned one, and far below the limit of an HTTP
/// request line.
const MAX_URL_BYTES: usize = 16 * 1024;

/// The bounds of a download.
#[derive(Debug, Clone)]
pub struct FetchPolicy {
    /// Maximum time of a whole download: names, connections, redirects and body.
    pub timeout: Duration,
    /// Maximum time to resolve and connect (TLS included), for each redirect anew.
    pub connect_timeout: Duration,
    /// Maximum size of the body in bytes.
    pub max_bytes: u64,
    /// Maximum number of redirects to follow.
    pub max_redirects: usize,
    /// Hosts and networks that may be reached although their addresses are not public.
    pub allowed_hosts: Vec<AllowedHost>,
    /// The `User-Agent` header.
    pub user_agent: String,
}

/// Downloads pictures under one [`FetchPolicy`]. Cheap to clone; connections are kept and shared.
///
/// The resolver of the HTTP clients checks the address that is then connected to, so that a name
/// server cannot give a different answer to a second look-up. Hosts written as addresses need no
/// resolver and are judged from the parsed URL. No request needs a client of its own, so TLS set-up
/// and the connection pool are shared; the address of a pooled connection was judged when it was
/// opened.
///
/// TLS trusts the system's root certificates: on Linux they are read from disk by `new`, on macOS
/// and Windows the system verifies during the handshake. Neither needs a network to start.
#[derive(Debug, Clone)]
pub struct Fetcher {
    /// The client whose resolver refuses addresses that are not public.
    guarded: Client,
    /// The client for hosts that the operator trusts by name. It is separate because a resolver
    /// sees no port, and the trust may hold for one port only.
    trusting: Client,
    gate: Arc<Gate>,
    timeout: Duration,
    max_bytes: u64,
    max_redirects: usize,
}

impl Fetcher {
    /// Creates a fetcher under `policy`. Reads the system's root certificates; makes no connection.
    ///
    /// # Errors
    /// [`SetupError`] if the user agent is not a valid header value or the system has no root
    /// certificates.
    pub fn new(policy: FetchPolicy) -> Result<Self, SetupError> {
        Self::with_lookup(policy, &(Arc::new(system_lookup) as Lookup))
    }

    fn with_lookup(policy: FetchPolicy, lookup: &Lookup) -> Result<Self, SetupError> {
        let gate = Arc::new(Gate::new(policy.allowed_hosts));
        let client = |gate: Option<Arc<Gate>>| {
            let lookup = Arc::clone(lookup);
            Client::builder()
                .dns_resolver(GatedResolver { lookup, gate })
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .referer(false)
                // Off unless another crate turns the feature on for the whole build.
                .no_gzip()
                .no_brotli()
                .no_zstd()
                .no_deflate()
                .connect_timeout(policy.connect_timeout)
                .user_agent(policy.user_agent.as_str())
                .build()
                .map_err(SetupError::from)
        };
        Ok(Self {
            guarded: client(Some(Arc::clone(&gate)))?,
            trusting: client(None)?,
            gate,
            timeout: policy.timeout,
            max_bytes: policy.max_bytes,
            max_redirects: policy.max_redirects,
        })
    }

    /// Downloads `url`: at least one byte and at most [`FetchPolicy::max_bytes`], of any media
    /// type. Dropping the future ends the download.
    ///
    /// # Errors
    /// [`FetchError`]. A refused URL causes no connection to the refused host.
    pub async fn fetch(&self, url: &str) -> Result<Bytes, FetchError> {
        tokio::time::timeout(self.timeout, self.follow(url))
            .await
            .unwrap_or(Err(FetchError::TimedOut))
    }

    async fn follow(&self, text: &str) -> Result<Bytes, FetchError> {
        let mut url = parse(text)?;
        let mut place = url.host_str().unwrap_or_default().to_owned();
        for hop in 0..=self.max_redirects {
            if hop == 1 {
                // The target is not named: it may be a host inside the server's own network.
                place = format!("a redirect from {place}");
            }
            let response = self.get(&url, &place).await?;
            if !redirects(response.status()) {
                return self.read(response, place).await;
            }
            url = redirect_target(&url, &response, &place)?;
            tracing::debug!(hop, host = url.host_str(), "an image URL redirects");
        }
        Err(FetchError::TooManyRedirects {
            limit: self.max_redirects,
        })
    }

    async fn get(&self, url: &Url, place: &str) -> Result<Response, FetchError> {
        self.client_for(url, place)?
            .get(url.clone())
            .send()
            .await
            .map_err(|error| explain(error, place))
    }

    fn client_for(&self, url: &Url, place: &str) -> Result<&Client, FetchError> {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(FetchError::NoHost);
        };
        if self.gate.trusts(&host, port) {
            return Ok(&self.trusting);
        }
        let literal: Option<IpAddr> = match host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        };
        if let Some(address) = literal {
            let place = place.to_owned();
            self.gate
                .judge(address)
                .map_err(|class| FetchError::HostNotAllowed { place, class })?;
        }
        Ok(&self.guarded)
    }

    async fn read(&self, mut response: Response, place: String) -> Result<Bytes, FetchError> {
        let limit = self.max_bytes;
        let status = response.status();
        if !status.is_success() {
            return Err(FetchError::Status { place, status });
        }
        if response.content_length().is_some_and(|told| told > limit) {
            return Err(FetchError::TooLarge { limit });
        }
        let mut left = limit;
        let mut body = BytesMut::new();
        while let Some(piece) = response
            .chunk()
            .await
            .map_err(|error| explain(error, &place))?
        {
            left = left
                .checked_sub(piece.len() as u64)
                .ok_or(FetchError::TooLarge { limit })?;
            body.extend_from_slice(&piece);
        }
        if body.is_empty() {
            return Err(FetchError::Empty { place });
        }
        Ok(body.freeze())
    }
}

fn parse(text: &str) -> Result<Url, FetchError> {
    if text.len() > MAX_URL_BYTES {
        return Err(too_long());
    }
    usable(Url::parse(text).map_err(not_a_url)?)
}

fn not_a_url(error: ParseError) -> FetchError {
    match error {
        ParseError::EmptyHost => FetchError::NoHost,
        error => FetchError::NotAUrl(error.to_string()),
    }
}

fn too_long() -> FetchError {
    FetchError::NotAUrl(format!("longer than {MAX_URL_BYTES} bytes"))
}

/// Checks the rules for every URL, given or redirected to, whatever its host.
fn usable(url: Url) -> Result<Url, FetchError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FetchError::SchemeNotAllowed {
            scheme: url.scheme().to_owned(),
        });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::CredentialsInUrl);
    }
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(too_long());
    }
    Ok(url)
}

fn redirects(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn redirect_target(from: &Url, response: &Response, place: &str) -> Result<Url, FetchError> {
    let location = response.headers().get(header::LOCATION).ok_or_else(|| {
        FetchError::RedirectWithoutLocation {
            place: place.to_owned(),
            status: response.status(),
        }
    })?;
    resolve_location(from, location.as_bytes(), place)
}

fn resolve_location(from: &Url, location: &[u8], place: &str) -> Result<Url, FetchError> {
    let target = std::str::from_utf8(location)
        .map_err(|_| FetchError::NotAUrl("not UTF-8".to_owned()))
        .and_then(|location| from.join(location).map_err(not_a_url))
        .and_then(usable)
        .map_err(|error| FetchError::BadRedirect {
            place: place.to_owned(),
            source: Box::new(error),
        })?;
    if from.scheme() == "https" && target.scheme() == "http" {
        return Err(FetchError::RedirectDowngrade {
            place: place.to_owned(),
        });
    }
    Ok(target)
}

/// Recovers the resolver's verdict from the HTTP client's error.
fn explain(error: reqwest::Error, place: &str) -> FetchError {
    let place = place.to_owned();
    // The URL may be presigned, and causes go to the log.
    let source = error.without_url();
    let mut cause: Option<&(dyn Error + 'static)> = Some(&source);
    while let Some(error) = cause {
        match error.downcast_ref() {
            Some(&ResolveError::Refused(class)) => {
                return FetchError::HostNotAllowed { place, class };
            }
            Some(ResolveError::Unknown(_)) => return FetchError::DoesNotResolve { place, source },
            None => cause = error.source(),
        }
    }
    if source.is_timeout() {
        return FetchError::TimedOut;
    }
    // `url` accepts some characters in a host that HTTP does not.
    if source.is_builder() {
        return FetchError::NotAUrl("it cannot be written in an HTTP request".to_owned());
    }
    FetchError::ConnectionFailed { place, source }
}

/// A function from a name to its addresses, all with port 0, which stands for the URL's port.
type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

fn system_lookup(name: String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
    Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
}

/// Resolves a name once, judges its addresses and hands them to the connector.
struct GatedResolver {
    lookup: Lookup,
    /// The gate; `None` lets every address pass.
    gate: Option<Arc<Gate>>,
}

#[derive(Debug, thiserror::Error)]
enum ResolveError {
    #[error("the address is {0}")]
    Refused(AddressClass),
    #[error("the name has no address")]
    Unknown(#[source] Option<io::Error>),
}

impl Resolve for GatedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let lookup = (self.lookup)(name.as_str().to_owned());
        let gate = self.gate.clone();
        Box::pin(async move {
            let addresses = lookup
                .await
                .map_err(|error| ResolveError::Unknown(Some(error)))?;
            if addresses.is_empty() {
                return Err(ResolveError::Unknown(None).into());
            }
            // One refused address refuses the name, because the connector chooses which address to
            // try.
            if let Some(gate) = gate {
                for address in &addresses {
                    gate.judge(address.ip()).map_err(ResolveError::Refused)?;
                }
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
