//! The router, what is sent to it, and what it answers.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Method, Request, Response, StatusCode, header},
};
use receipt_gateway::{engine::Engine, http::router};
use serde_json::Value;
use tower::ServiceExt;

use super::{Options, Script, Scripted, app};

/// A router to send requests to.
pub struct Gateway(pub Router);

impl Gateway {
    pub fn new(engine: Arc<dyn Engine>, options: Options) -> Self {
        Self(router(app(engine, options)))
    }

    pub fn scripted(script: Script) -> Self {
        Self::new(Scripted::new([script]), Options::default())
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.0.clone().oneshot(request).await.unwrap();
        Reply::read(response).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Reply {
        self.send(json_request(path, body)).await
    }

    pub async fn chat(&self, body: Value) -> Reply {
        self.post_json("/v1/chat/completions", &body).await
    }

    pub async fn extract(&self, picture: Bytes) -> Reply {
        self.send(form_request(&picture)).await
    }
}

pub fn json_request(path: &str, body: &Value) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

pub fn with_key(mut request: Request<Body>, secret: &str) -> Request<Body> {
    let value = format!("Bearer {secret}").parse().unwrap();
    request.headers_mut().insert(header::AUTHORIZATION, value);
    request
}

pub fn form_request(picture: &[u8]) -> Request<Body> {
    form("/extract", &[("r.png", picture)])
}

/// A form with a field `image` for each file.
pub fn form(path: &str, files: &[(&str, &[u8])]) -> Request<Body> {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"{name}\"\r\n\
             Content-Type: image/png\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    Request::post(path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .unwrap()
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: header::HeaderMap,
    pub body: Bytes,
}

impl Reply {
    async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: axum::body::to_bytes(body, usize::MAX).await.unwrap(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The `data:` of each server-sent event.
    pub fn events(&self) -> Vec<String> {
        let text = std::str::from_utf8(&self.body).unwrap();
        text.split("\n\n")
            .filter_map(|event| event.strip_prefix("data: ").map(ToOwned::to_owned))
            .collect()
    }
}
