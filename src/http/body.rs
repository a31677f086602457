//! Request bodies: JSON with the path of what is wrong in it, and what axum refuses.

use axum::{
    body::Bytes,
    extract::{FromRequest, Query, Request, rejection::QueryRejection},
    http::StatusCode,
};
use serde::de::DeserializeOwned;

use super::fault::Fault;

/// A body that is not the JSON that was expected.
#[derive(Debug)]
pub struct JsonFault {
    path: String,
    reason: String,
}

impl JsonFault {
    /// 400 with the path as its parameter.
    #[must_use]
    pub fn into_fault(self) -> Fault {
        let Self { path, reason } = self;
        if path == "." {
            return Fault::new(
                StatusCode::BAD_REQUEST,
                "invalid_json",
                format!("The body is not the JSON expected: {reason}"),
            );
        }
        let mut fault = Fault::invalid(&*path, format!("{path}: {reason}"));
        fault.code = "invalid_type";
        fault
    }
}

/// Parses a JSON body.
///
/// # Errors
/// [`JsonFault`] with the path of the first field that does not fit.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, JsonFault> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let fault = |path: String, error: &serde_json::Error| JsonFault {
        path,
        reason: error.to_string(),
    };
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        // A syntax error lies nowhere in particular.
        let path = if error.inner().is_data() {
            error.path().to_string()
        } else {
            ".".to_owned()
        };
        fault(path, error.inner())
    })?;
    json.end().map_err(|error| fault(".".to_owned(), &error))?;
    Ok(value)
}

/// Reads a request's body as JSON.
///
/// # Errors
/// What axum refuses, and what [`parse`] does.
pub async fn json<T: DeserializeOwned>(request: Request) -> Result<T, Fault> {
    let body = bytes(request).await?;
    parse(&body).map_err(JsonFault::into_fault)
}

/// Reads a request's body as it is.
///
/// # Errors
/// What axum refuses.
pub async fn bytes(request: Request) -> Result<Bytes, Fault> {
    Bytes::from_request(request, &())
        .await
        .map_err(|error| refused(error.status(), &error.body_text()))
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

/// What axum says of a body that it could not read.
#[must_use]
pub fn refused(status: StatusCode, reason: &str) -> Fault {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Fault::new(status, "body_too_large", "The request's body is too large.")
        }
        _ if status.is_client_error() => Fault::new(status, "invalid_body", reason),
        _ => {
            tracing::error!(reason, "a body could not be read");
            Fault::new(status, "internal", "The gateway failed.")
        }
    }
}
