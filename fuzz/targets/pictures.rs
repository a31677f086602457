//! The input is a file that somebody wants read.

#![no_main]

use std::sync::LazyLock;

use axum::http::{Request, header};
use libfuzzer_sys::fuzz_target;
use support::{Gateway, Script, invoice};
use tokio::runtime::{Builder, Runtime};

#[path = "../../tests/it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests use the rest")]
mod support;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build().unwrap());
static GATEWAY: LazyLock<Gateway> =
    LazyLock::new(|| Gateway::scripted(Script::text(&invoice().to_string())));

fuzz_target!(|file: &[u8]| {
    let request = Request::post("/extract")
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .body(file.to_vec().into())
        .unwrap();
    let reply = RUNTIME.block_on(GATEWAY.send(request));
    let is_refused = reply.status.is_client_error() && reply.json()["error"].is_string();
    assert!(reply.status == 200 || is_refused, "{reply:?}");
});
