//! Sends requests to the hub over HTTP, and interprets its refusals. The download writes files.

use std::time::Duration;

use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, ETAG, HeaderMap, HeaderValue, RANGE},
    redirect::Policy,
};
use secrecy::ExposeSecret;
use serde::Deserialize;
use url::Url;

use super::{
    HubError, ModelRef,
    error::reason,
    model::{Files, is_commit},
    settings::Places,
};

const CONNECT: Duration = Duration::from_secs(15);
/// Maximum time without data in the middle of an answer.
const SILENCE: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub(super) struct HubClient {
    /// The client that follows every redirect; reqwest drops the token on one to another host.
    http: reqwest::Client,
    /// The client that stops at a redirect to another host, where the file's name is unknown.
    within_hub: reqwest::Client,
    endpoint: Url,
    token: Option<HeaderValue>,
}

/// The files of a repository at one commit.
#[derive(Debug)]
pub(super) struct Listing {
    pub commit: String,
    pub files: Files,
}

/// The address of a file: a repository, a commit and a name.
#[derive(Clone, Copy)]
pub(super) struct Address<'a> {
    pub model: &'a ModelRef,
    pub commit: &'a str,
    pub file: &'a str,
}

/// The properties of a file's contents on the hub; the etag is their hash and names the blob.
#[derive(Debug)]
pub(super) struct Contents {
    pub etag: String,
    pub size: Option<u64>,
}

#[derive(Deserialize)]
struct RepoInfo {
    sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    #[serde(rename = "rfilename")]
    name: String,
    size: Option<u64>,
}

impl HubClient {
    pub fn new(places: &Places) -> Result<Self, HubError> {
        let build = |policy: Policy| {
            reqwest::Client::builder()
                .user_agent(concat!(
                    env!("CARGO_PKG_NAME"),
                    "/",
                    env!("CARGO_PKG_VERSION")
                ))
                .connect_timeout(CONNECT)
                .read_timeout(SILENCE)
                .redirect(policy)
                .build()
                .map_err(|error| HubError::Client {
                    reason: reason(error),
                })
        };
        let within_hub = Policy::custom(|attempt| match attempt.previous() {
            [.., last] if last.origin() != attempt.url().origin() => attempt.stop(),
            previous if previous.len() > 10 => attempt.error("too many redirects"),
            _ => attempt.follow(),
        });
        let header = |token: &secrecy::SecretString| {
            let mut header = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
                .map_err(|_| HubError::BadToken)?;
            header.set_sensitive(true);
            Ok::<_, HubError>(header)
        };
        Ok(Self {
            http: build(Policy::default())?,
            within_hub: build(within_hub)?,
            endpoint: places.endpoint.clone(),
            token: places.token.as_ref().map(header).transpose()?,
        })
    }

    pub fn host(&self) -> String {
        self.endpoint.host_str().unwrap_or_default().to_owned()
    }

    /// Returns the commit of a revision, and its files.
    pub async fn listing(&self, model: &ModelRef) -> Result<Listing, HubError> {
        let path = ["api", "models"].into_iter().chain(model.repo.split('/'));
        let mut url = self.url(path.chain(["revision", model.revision.as_str()]));
        url.set_query(Some("blobs=true"));
        let response = self.send(self.http.get(url)).await?;
        if !response.status().is_success() {
            return Err(self.refusal(&response, model, None));
        }
        let body = response
            .bytes()
            .await
            .map_err(|error| self.unreachable(error))?;
        let malformed = |reason: String| self.malformed(&model.repo, reason);
        let info: RepoInfo =
            serde_json::from_slice(&body).map_err(|error| malformed(error.to_string()))?;
        if !is_commit(&info.sha)
            || (model.is_pinned() && !info.sha.eq_ignore_ascii_case(&model.revision))
        {
            return Err(malformed(format!(
                "it gives `{}` as the commit of `{}`",
                info.sha, model.revision
            )));
        }
        let files = info
            .siblings
            .into_iter()
            .map(|file| (file.name, file.size))
            .collect();
        Ok(Listing {
            commit: info.sha,
            files,
        })
    }

    /// Returns the etag and size of a file's contents.
    pub async fn contents(&self, address: Address<'_>) -> Result<Contents, HubError> {
        let request = self
            .within_hub
            .request(Method::HEAD, self.file_url(address));
        let response = self
            .send(request.header(ACCEPT_ENCODING, "identity"))
            .await?;
        let status = response.status();
        if !status.is_success() && !status.is_redirection() {
            return Err(self.refusal(&response, address.model, Some(address.file)));
        }
        let headers = response.headers();
        let etag = text(headers, "x-linked-etag")
            .or_else(|| text(headers, ETAG.as_str()))
            .map(bare_etag);
        let etag = etag.filter(|etag| is_blob_name(etag)).ok_or_else(|| {
            self.malformed(
                address.file,
                "it has no etag to name the file in the cache".to_owned(),
            )
        })?;
        // The length of a redirect is not that of the file.
        let size = text(headers, "x-linked-size")
            .or_else(|| text(headers, CONTENT_LENGTH.as_str()).filter(|_| status.is_success()));
        Ok(Contents {
            etag: etag.to_owned(),
            size: size.and_then(|size| size.parse().ok()),
        })
    }

    /// Requests a file's bytes from offset `from` on.
    pub async fn open(&self, address: Address<'_>, from: u64) -> Result<Response, HubError> {
        let mut request = self
            .http
            .get(self.file_url(address))
            .header(ACCEPT_ENCODING, "identity");
        if from > 0 {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        let response = self.send(request).await?;
        match response.status() {
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => Ok(response),
            StatusCode::RANGE_NOT_SATISFIABLE if from > 0 => Ok(response),
            _ => Err(self.refusal(&response, address.model, Some(address.file))),
        }
    }

    pub fn malformed(&self, what: &str, reason: String) -> HubError {
        HubError::Malformed {
            host: self.host(),
            what: what.to_owned(),
            reason,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, HubError> {
        let request = match &self.token {
            Some(token) => request.header(AUTHORIZATION, token.clone()),
            None => request,
        };
        request
            .send()
            .await
            .map_err(|error| self.unreachable(error))
    }

    fn unreachable(&self, error: reqwest::Error) -> HubError {
        HubError::Network {
            host: self.host(),
            reason: reason(error),
        }
    }

    fn file_url(&self, address: Address<'_>) -> Url {
        let path = address
            .model
            .repo
            .split('/')
            .chain(["resolve", address.commit]);
        self.url(path.chain(address.file.split('/')))
    }

    /// Builds a URL. Each segment is escaped, including a slash in a branch's name.
    fn url<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.endpoint.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// Interprets a refusal. The hub answers 401 for a repository that it does not show, whether it
    /// exists or not, and gives details in `x-error-code`.
    fn refusal(&self, response: &Response, model: &ModelRef, file: Option<&str>) -> HubError {
        let (repo, revision) = (model.repo.clone(), model.revision.clone());
        let status = response.status();
        let hint = match status {
            StatusCode::TOO_MANY_REQUESTS => {
                "it limits the rate of requests; wait a little, or set HF_TOKEN"
            }
            status if status.is_server_error() => "the fault is on its side; try again later",
            _ => "pull again, and check HF_ENDPOINT if it is set",
        };
        match (status, text(response.headers(), "x-error-code"), file) {
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, code, _) => HubError::AccessDenied {
                advice: self.access_advice(status, code, &repo),
                repo,
                host: self.host(),
                status: status.as_u16(),
            },
            (StatusCode::NOT_FOUND, Some("RevisionNotFound"), _) => {
                HubError::RevisionNotFound { repo, revision }
            }
            (StatusCode::NOT_FOUND, _, Some(file)) => HubError::NotInRepo {
                repo,
                revision,
                file: file.to_owned(),
                hint: String::new(),
            },
            (StatusCode::NOT_FOUND, ..) => HubError::RepoNotFound {
                repo,
                revision,
                host: self.host(),
            },
            _ => HubError::Status {
                host: self.host(),
                what: file.map_or(repo, str::to_owned),
                status: status.as_u16(),
                advice: hint,
            },
        }
    }

    fn access_advice(&self, status: StatusCode, code: Option<&str>, repo: &str) -> String {
        let page = self.url(repo.split('/'));
        match (&self.token, code) {
            (None, Some("GatedRepo")) => {
                format!("it is gated: accept its terms at {page} and set HF_TOKEN to a token of that account")
            }
            (Some(_), Some("GatedRepo")) => {
                format!("it is gated: accept its terms at {page} with the account whose token HF_TOKEN holds")
            }
            (None, _) => "there is no such model, or it is private or gated: check the name, and set HF_TOKEN to a \
                          token that may read it"
                .to_owned(),
            (Some(_), _) if status == StatusCode::UNAUTHORIZED => {
                "the token is not valid, or does not see such a model: check the name, and set HF_TOKEN to a token \
                 that may read it"
                    .to_owned()
            }
            (Some(_), _) => "the token may not read it: set HF_TOKEN to one that may".to_owned(),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn bare_etag(etag: &str) -> &str {
    etag.trim_start_matches("W/").trim_matches('"')
}

/// Returns whether an etag is fit to be the name of a file.
fn is_blob_name(etag: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !etag.is_empty() && !etag.starts_with('.') && etag.len() <= 200 && etag.chars().all(plain)
}
