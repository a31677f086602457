//! Errors of downloading a picture, and the party at fault. The HTTP layer derives a status from
//! it.

use reqwest::StatusCode;

use super::address::AddressClass;

/// The party at fault for a failed download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The client: repeating the request with the same URL is of no use.
    Client,
    /// The host of the picture, which failed.
    Upstream,
    /// The host of the picture, which took too long.
    UpstreamTimeout,
}

/// An error of setting up the HTTP client: the user agent is not a valid header value, or the
/// system has no root certificates.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client for images cannot be set up")]
pub struct SetupError(#[from] reqwest::Error);

/// An error of downloading a picture. The texts are fit for the client: they name no address, and
/// only the host that the client gave. Causes are in `source`, for the log, and hold no URL.
///
/// `place` is the host of the URL, or `a redirect from` it.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The text is not an absolute URL, or HTTP cannot carry it; holds the reason.
    #[error("The image URL is not valid: {0}.")]
    NotAUrl(String),
    /// The scheme is neither `http` nor `https`.
    #[error("An image URL must be http or https, not `{scheme}`.")]
    SchemeNotAllowed {
        /// The scheme as given.
        scheme: String,
    },
    /// The URL has no host.
    #[error("The image URL has no host.")]
    NoHost,
    /// The URL holds a user name or a password.
    #[error("An image URL may not hold a user name or a password.")]
    CredentialsInUrl,
    /// The host, or one of the addresses its name resolves to, is not public.
    #[error("The image may not be fetched from {place}: its address is {class}.")]
    HostNotAllowed {
        /// The host as described above.
        place: String,
        /// The class of the address.
        class: AddressClass,
    },
    /// The host's name has no address.
    #[error("The image could not be fetched: {place} does not resolve.")]
    DoesNotResolve {
        /// The host as described above.
        place: String,
        /// The resolver's error.
        source: reqwest::Error,
    },
    /// There are more redirects than the policy allows.
    #[error("The image URL redirects more than {limit} times; send the URL of the image itself.")]
    TooManyRedirects {
        /// [`FetchPolicy::max_redirects`](super::FetchPolicy::max_redirects).
        limit: usize,
    },
    /// The redirect has no target.
    #[error("The image could not be fetched: {place} answered {status} without a location.")]
    RedirectWithoutLocation {
        /// The host as described above.
        place: String,
        /// The status of the answer.
        status: StatusCode,
    },
    /// The redirect's target is not an acceptable URL.
    #[error("The image could not be fetched: {place} redirects to a URL that may not be used.")]
    BadRedirect {
        /// The host as described above.
        place: String,
        /// The error in the target.
        source: Box<FetchError>,
    },
    /// The redirect leads from https to http.
    #[error("The image could not be fetched: {place} redirects from https to http.")]
    RedirectDowngrade {
        /// The host as described above.
        place: String,
    },
    /// The answer is neither a success nor a redirect.
    #[error("The image could not be fetched: {place} answered {status}.")]
    Status {
        /// The host as described above.
        place: String,
        /// The status of the answer.
        status: StatusCode,
    },
    /// The download, or one of its connections, took longer than the policy allows.
    #[error("The image took too long to download; send it in the request, or try again.")]
    TimedOut,
    /// The body is larger than the policy allows, or declares that it will be.
    #[error("The image has more than {limit} bytes, the most allowed; send a smaller file.")]
    TooLarge {
        /// [`FetchPolicy::max_bytes`](super::FetchPolicy::max_bytes), in bytes.
        limit: u64,
    },
    /// The body is empty.
    #[error("The image could not be fetched: {place} answered with an empty body.")]
    Empty {
        /// The host as described above.
        place: String,
    },
    /// The connection failed, its certificate is not valid, or the answer broke off or is not HTTP.
    #[error("The image could not be fetched: the connection to {place} failed.")]
    ConnectionFailed {
        /// The host as described above.
        place: String,
        /// The cause.
        source: reqwest::Error,
    },
}

impl FetchError {
    /// Returns the party at fault, from which the HTTP layer derives a status.
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
            // A missing or forbidden picture stays so; these three statuses pass.
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
