//! The first byte chooses the route, the rest is the body.

#![no_main]

use std::sync::LazyLock;

use axum::http::{Request, header};
use libfuzzer_sys::{Corpus, fuzz_target};
use support::{Gateway, Script};
use tokio::runtime::{Builder, Runtime};

#[path = "../../tests/it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests use the rest")]
mod support;

const ROUTES: [&str; 9] = [
    "/v1/chat/completions",
    "/api/v1/chat/completions",
    "/v1/responses",
    "/v1/completions",
    "/extract",
    "/extract/batch",
    "/api/v1/responses",
    "/v1/messages",
    "/v1/messages/count_tokens",
];

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_all().build().unwrap());
static GATEWAY: LazyLock<Gateway> = LazyLock::new(|| Gateway::scripted(Script::text("{}")));

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((route, body)) = input.split_first() else {
        return Corpus::Reject;
    };
    // What names a host would be looked up; addresses are the business of other tests.
    if body
        .windows(4)
        .any(|four| four.eq_ignore_ascii_case(b"http"))
    {
        return Corpus::Reject;
    }
    let route = ROUTES[usize::from(*route) % ROUTES.len()];
    let request = Request::post(route)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.to_vec().into())
        .unwrap();
    let reply = RUNTIME.block_on(GATEWAY.send(request));
    let status = reply.status.as_u16();
    assert!(
        status == 200 || (400..500).contains(&status) || status == 502,
        "{reply:?}"
    );
    if status != 200 {
        let error = &reply.json()["error"];
        assert!(
            error.is_string() || error["message"].is_string(),
            "{reply:?}"
        );
    }
    Corpus::Keep
});
