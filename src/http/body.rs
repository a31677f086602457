//! Request bodies: JSON with the path of what is wrong in it, and what axum refuses.

pub mod encoding;
mod lenient;
mod rounded;

use std::error::Error;

use axum::{
    body::Bytes,
    extract::{
        FromRequest, Multipart, Query, Request,
        multipart::{MultipartError, MultipartRejection},
        rejection::QueryRejection,
    },
    http::StatusCode,
};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use tower_http::timeout::TimeoutError;

use super::fault::{Fault, shortened};

/// Characters of what is told of a value that does not fit, at most: it may quote the value.
const MAX_REASON: usize = 200;

/// A body that is not the JSON that was expected.
#[derive(Debug)]
pub struct JsonFault {
    path: String,
    reason: String,
    code: &'static str,
}

impl JsonFault {
    /// 400 with the path as its parameter.
    #[must_use]
    pub fn into_fault(self) -> Fault {
        let Self { path, reason, code } = self;
        if path == "." {
            return Fault::new(
                StatusCode::BAD_REQUEST,
                "invalid_json",
                format!("The body is not the JSON expected: {reason}"),
            );
        }
        let mut fault = Fault::invalid(&*path, format!("{path}: {reason}"));
        fault.code = code;
        fault
    }
}

/// Parses a JSON body. A byte order mark before it is skipped, and half a surrogate pair in it is U+FFFD.
///
/// # Errors
/// [`JsonFault`] with the path of the first field that does not fit.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, JsonFault> {
    let body = lenient::readable(body);
    let mut json = serde_json::Deserializer::from_slice(&body);
    let fault = |path: &str, error: &serde_json::Error| JsonFault {
        path: shortened(path, MAX_REASON),
        reason: shortened(&error.to_string(), MAX_REASON),
        code: "invalid_type",
    };
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        // A syntax error lies nowhere in particular.
        if error.inner().is_data() {
            fault(&error.path().to_string(), error.inner())
        } else {
            fault(".", error.inner())
        }
    })?;
    json.end().map_err(|error| fault(".", &error))?;
    match rounded::in_schema(&body) {
        None => Ok(value),
        Some((path, reason)) => Err(JsonFault {
            path: shortened(&path, MAX_REASON),
            reason: shortened(&reason, MAX_REASON),
            code: "invalid_value",
        }),
    }
}

/// Reads a request's body as JSON.
///
/// # Errors
/// What [`bytes`] and [`parse`] refuse.
pub async fn json<T: DeserializeOwned>(request: Request) -> Result<T, Fault> {
    parse(&bytes(request).await?).map_err(JsonFault::into_fault)
}

/// Reads a request's body, unpacked where it is packed.
///
/// # Errors
/// One that is too large, does not come, or is packed in a way that is not known.
pub async fn bytes(request: Request) -> Result<Bytes, Fault> {
    let bytes = Bytes::from_request(encoding::decoded(request)?, &()).await;
    bytes.map_err(|error| refused(&error, error.status(), &error.body_text()))
}

/// A request's body as a form whose fields are still to be read.
///
/// # Errors
/// One that is no form, or is packed in a way that is not known.
pub async fn form(request: Request) -> Result<Multipart, Fault> {
    let form = Multipart::from_request(encoding::decoded(request)?, &()).await;
    form.map_err(|error| match error {
        MultipartRejection::InvalidBoundary(_) => Fault::new(
            StatusCode::BAD_REQUEST,
            "invalid_body",
            "The body is no form: send multipart/form-data with its boundary, and each picture in a \
             field named image.",
        ),
        error => refused(&error, error.status(), &error.body_text()),
    })
}

/// A form that breaks off, or is too large.
#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
pub fn broken_form(error: MultipartError) -> Fault {
    refused(&error, error.status(), &error.body_text())
}

/// The query of a request.
///
/// # Errors
/// 400 with what does not fit.
pub fn query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Fault> {
    let refused = |error: QueryRejection| {
        Fault::new(StatusCode::BAD_REQUEST, "invalid_query", error.body_text())
    };
    query.map(|Query(query)| query).map_err(refused)
}

/// What axum says of a body that it could not read; `status` and `reason` where its causes say no more.
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
            Fault::new(status, "internal", "The gateway failed.")
        }
    }
}
