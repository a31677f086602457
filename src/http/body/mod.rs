//! Reads request bodies and queries; faults name the path of a wrong field.

pub mod encoding;
mod lenient;
mod rounded;

use std::{error::Error, iter};

use axum::{
    body::Bytes,
    extract::{
        FromRequest, Multipart, Query, Request,
        multipart::{MultipartError, MultipartRejection},
        rejection::QueryRejection,
    },
    http::{HeaderMap, StatusCode, header},
};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use serde_path_to_error::Error as PathError;
use tower_http::timeout::TimeoutError;

use super::fault::{Fault, INTERNAL, shortened};

/// Most characters of the reason that a value is refused; the reason may quote the value.
const MAX_REASON: usize = 200;

/// The error of a body that is not the expected JSON.
#[derive(Debug)]
pub struct JsonFault {
    path: String,
    reason: String,
    code: &'static str,
}

impl JsonFault {
    /// Creates a 400 with the path as its parameter.
    #[must_use]
    pub fn into_fault(self) -> Fault {
        let Self { path, reason, code } = self;
        if path == "." {
            return Fault::new(
                StatusCode::BAD_REQUEST,
                "invalid_json",
                format!("The body is not the JSON that this route expects: {reason}"),
            );
        }
        let mut fault = Fault::invalid(&*path, format!("{path}: {reason}"));
        fault.code = code;
        fault
    }
}

/// Parses a JSON body. Skips a byte order mark, and reads half a surrogate pair as U+FFFD.
///
/// # Errors
/// [`JsonFault`] with the path of the first field that is not valid.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, JsonFault> {
    let body = lenient::readable(body);
    let fault = |path: &str, error: &serde_json::Error| JsonFault {
        path: shortened(path, MAX_REASON),
        reason: shortened(&error.to_string(), MAX_REASON),
        code: "invalid_type",
    };
    let value = serde_json::from_slice(&body).map_err(|error| {
        // A syntax error belongs to no field.
        if !error.is_data() {
            return fault(".", &error);
        }
        // To follow the path costs more than to parse, and only those want it who are told of a fault.
        let mut json = serde_json::Deserializer::from_slice(&body);
        match serde_path_to_error::deserialize::<_, T>(&mut json) {
            Err(error) => fault(&error.path().to_string(), error.inner()),
            Ok(_) => fault(".", &error),
        }
    })?;
    match rounded::in_schema(&body) {
        None => Ok(value),
        Some((path, reason)) => Err(JsonFault {
            path: shortened(&path, MAX_REASON),
            reason: shortened(&reason, MAX_REASON),
            code: "invalid_value",
        }),
    }
}

/// Media types of bodies that are a file.
const FILES: [&str; 7] = [
    "application/pdf",
    "application/xml",
    "text/xml",
    "application/octet-stream",
    "application/pkcs7-mime",
    "application/x-pkcs7-mime",
    "application/pkcs7-signature",
];

/// A body by the form that its content type names.
#[derive(Debug)]
pub enum SentBody {
    /// A form, whose fields are not read yet.
    Form(Multipart),
    /// A picture, a PDF, XML, or bytes of an unknown kind.
    File(Bytes),
    /// Anything else, such as JSON.
    Other(Bytes),
}

impl SentBody {
    /// Reads the body, or what there is of it before the fields of a form.
    ///
    /// # Errors
    /// The errors of [`form`] and [`bytes`].
    pub async fn read(request: Request) -> Result<Self, Fault> {
        let kind = media_type(request.headers());
        if kind == "multipart/form-data" {
            return form(request).await.map(Self::Form);
        }
        let bytes = bytes(request).await?;
        let is_file =
            kind.starts_with("image/") || kind.ends_with("+xml") || FILES.contains(&&*kind);
        Ok(if is_file {
            Self::File(bytes)
        } else {
            Self::Other(bytes)
        })
    }
}

/// Reads a request's body as JSON.
///
/// # Errors
/// The errors of [`bytes`] and [`parse`].
pub async fn json<T: DeserializeOwned>(request: Request) -> Result<T, Fault> {
    parse(&bytes(request).await?).map_err(JsonFault::into_fault)
}

/// Reads a request's body, and unpacks it if it is compressed.
///
/// # Errors
/// A body that is too large, does not arrive in time, or has an unknown encoding.
pub async fn bytes(request: Request) -> Result<Bytes, Fault> {
    let bytes = Bytes::from_request(encoding::decoded(request)?, &()).await;
    bytes.map_err(|error| refused(&error, error.status(), &error.body_text()))
}

/// Returns a request's body as a form; its fields are not read yet.
///
/// # Errors
/// A body that is not a form, or has an unknown encoding.
pub async fn form(request: Request) -> Result<Multipart, Fault> {
    let form = Multipart::from_request(encoding::decoded(request)?, &()).await;
    form.map_err(|error| match error {
        MultipartRejection::InvalidBoundary(_) => Fault::new(
            StatusCode::BAD_REQUEST,
            "invalid_body",
            "The body is not a form; send multipart/form-data with its boundary, and each picture in a \
             field named image.",
        ),
        error => refused(&error, error.status(), &error.body_text()),
    })
}

/// Creates the fault of a form that is cut off or too large.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature that map_err needs"
)]
pub fn broken_form(error: MultipartError) -> Fault {
    refused(&error, error.status(), &error.body_text())
}

/// Returns the query of a request.
///
/// # Errors
/// 400 with the parameter that is not valid.
pub fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Fault> {
    let refused = |error: QueryRejection| {
        let mut fault = Fault::new(StatusCode::BAD_REQUEST, "invalid_query", error.body_text());
        fault.param = parameter(&error);
        fault
    };
    query.map(|Query(query)| query).map_err(refused)
}

/// Returns the name of the parameter that is not valid; none if one is missing.
fn parameter(error: &QueryRejection) -> Option<String> {
    let cause = iter::successors(error.source(), |&cause| cause.source())
        .find_map(<dyn Error>::downcast_ref::<PathError<serde::de::value::Error>>)?;
    let path = cause.path().to_string();
    (path != ".").then(|| shortened(&path, MAX_REASON))
}

/// Returns the media type of a body in lower case, without its parameters.
#[must_use]
pub fn media_type(headers: &HeaderMap) -> String {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase())
        .unwrap_or_default()
}

/// Creates the fault of a body that axum could not read, from its causes, or else from `status` and `reason`.
fn refused(error: &(dyn Error + 'static), status: StatusCode, reason: &str) -> Fault {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return Fault::of_status(StatusCode::PAYLOAD_TOO_LARGE);
        }
        if error.is::<TimeoutError>() {
            return Fault::of_status(StatusCode::REQUEST_TIMEOUT);
        }
        if let Some(broken) = error.downcast_ref::<encoding::Broken>() {
            let status = StatusCode::BAD_REQUEST;
            return Fault::new(status, "invalid_body", broken.to_string());
        }
        cause = error.source();
    }
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Fault::of_status(status),
        _ if status.is_client_error() => Fault::new(status, "invalid_body", reason),
        _ => {
            tracing::error!(reason, "a body could not be read");
            Fault::new(status, "internal", INTERNAL)
        }
    }
}
