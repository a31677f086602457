//! Why a picture could not be downloaded, and whose doing it is. The HTTP status that follows from
//! it is left to the HTTP layer.

use reqwest::StatusCode;

use super::address::AddressClass;

/// Whose doing a failed download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The URL is at fault: asking again with the same one is of no use.
    Client,
    /// The host that serves the picture failed.
    Upstream,
    /// The host that serves the picture took too long.
    UpstreamTimeout,
}

/// The HTTP client cannot be set up: the user agent is no header value, or the system has no root
/// certificates.
#[derive(Debug, thiserror::Error)]
#[error("the client that downloads images cannot be set up")]
pub struct SetupError(#[from] reqwest::Error);

/// Why there is no picture. The texts are fit for the client: they name no address and no host
/// but the one that the client gave. Causes are in `source`, for the log, and hold no URL.
///
/// `place` is the host of the URL, or `a redirect from` it.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The text is no absolute URL, or one that HTTP cannot carry; holds the reason.
    #[error("The image URL is not valid: {0}.")]
    NotAUrl(String),
    /// Neither `http` nor `https`.
    #[error("An image URL is http or https, not `{scheme}`.")]
    SchemeNotAllowed {
        /// The scheme as given.
        scheme: String,
    },
    /// The URL names no host.
    #[error("The image URL names no host.")]
    NoHost,
    /// The URL holds a user name or a password.
    #[error("An image URL may not hold a user name or a password.")]
    CredentialsInUrl,
    /// The host, or one of the addresses its name resolves to, is not public.
    #[error("The image may not be fetched from {place}: its address is {class}.")]
    HostNotAllowed {
        /// See the type.
        place: String,
        /// What is wrong with the address.
        class: AddressClass,
    },
    /// The host's name has no address.
    #[error("The image could not be fetched: {place} does not resolve.")]
    DoesNotResolve {
        /// See the type.
        place: String,
        /// What the resolver said.
        source: reqwest::Error,
    },
    /// More redirects than the policy follows.
    #[error("The image URL redirects more than {limit} times.")]
    TooManyRedirects {
        /// [`FetchPolicy::max_redirects`](super::FetchPolicy::max_redirects).
        limit: usize,
    },
    /// A redirect that says no place to go to.
    #[error("The image could not be fetched: {place} answered {status} without a location.")]
    RedirectWithoutLocation {
        /// See the type.
        place: String,
        /// The status of the answer.
        status: StatusCode,
    },
    /// A redirect to something that is not an acceptable URL.
    #[error("The image could not be fetched: {place} redirects to a URL that may not be used.")]
    BadRedirect {
        /// See the type.
        place: String,
        /// What is wrong with it.
        source: Box<FetchError>,
    },
    /// A redirect from https to http.
    #[error("The image could not be fetched: {place} redirects from https to http.")]
    RedirectDowngrade {
        /// See the type.
        place: String,
    },
    /// The answer is neither a success nor a redirect.
    #[error("The image could not be fetched: {place} answered {status}.")]
    Status {
        /// See the type.
        place: String,
        /// The status of the answer.
        status: StatusCode,
    },
    /// The download, or one connection of it, took longer than the policy allows.
    #[error("The image took too long to download.")]
    TimedOut,
    /// The body is larger than the policy allows, or says that it will be.
    #[error("The image has more than {limit} bytes.")]
    TooLarge {
        /// [`FetchPolicy::max_bytes`](super::FetchPolicy::max_bytes), in bytes.
        limit: u64,
    },
    /// The body holds nothing.
    #[error("The image could not be fetched: {place} answered with an empty body.")]
    Empty {
        /// See the type.
        place: String,
    },
    /// No connection, no valid certificate, or an answer that broke off or is not HTTP.
    #[error("The image could not be fetched: the connection to {place} failed.")]
    ConnectionFailed {
        /// See the type.
        place: String,
        /// What went wrong.
        source: reqwest::Error,
    },
}

impl FetchError {
    /// Whose doing it is, for the layer that turns it into a status.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::NotAUrl(_)
            | Self::SchemeNotAllowed { .. }
            | Self::NoHost
            | Self::CredentialsInUrl
            | Self::HostNotAllowed { .. }
            | Self::DoesNotResolve { .. }
            | Self::TooLarge { .. } => Blame::Client,
            // A picture that is gone or forbidden stays so; these three pass.
            Self::Status { status, .. } => match *status {
                StatusCode::REQUEST_TIMEOUT
                | StatusCode::TOO_EARLY
                | StatusCode::TOO_MANY_REQUESTS => Blame::Upstream,
                status if status.is_client_error() => Blame::Client,
                _ => Blame::Upstream,
            },
            Self::TooManyRedirects { .. }
            | Self::RedirectWithoutLocation { .. }
            | Self::BadRedirect { .. }
            | Self::RedirectDowngrade { .. }
            | Self::Empty { .. }
            | Self::ConnectionFailed { .. } => Blame::Upstream,
            Self::TimedOut => Blame::UpstreamTimeout,
        }
    }
}
