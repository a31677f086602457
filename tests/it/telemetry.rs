//! Traces, as a collector gets them from the program.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value},
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use prost::Message;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    program::{Program, far},
    support::eventually,
    upstream::{Does, Upstream, says},
};

/// The client's trace, and its span.
const TRACE: &str = "9af7651916cd43dd8448eb211c80319c";
const CLIENT: &str = "b7ad6b7169203331";

/// Takes OTLP over HTTP.
#[derive(Default)]
struct Collector {
    batches: Mutex<Vec<(HeaderMap, ExportTraceServiceRequest)>>,
}

impl Collector {
    async fn serve() -> (Arc<Self>, SocketAddr) {
        let collector = Arc::new(Self::default());
        let take = async |State(this): State<Arc<Self>>, headers: HeaderMap, body: Bytes| {
            let batch = ExportTraceServiceRequest::decode(body).unwrap();
            this.batches.lock().unwrap().push((headers, batch));
        };
        let router = Router::new().route("/v1/traces", post(take));
        let router = router.with_state(collector.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        (collector, address)
    }

    fn spans(&self) -> Vec<Span> {
        let batches = self.batches.lock().unwrap();
        let resources = batches.iter().flat_map(|(_, batch)| &batch.resource_spans);
        let scopes = resources.flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    fn span(&self, name: &str) -> Span {
        let spans = self.spans();
        let found = spans.iter().find(|span| span.name == name);
        found
            .unwrap_or_else(|| panic!("{name}: {spans:#?}"))
            .clone()
    }
}

/// The program, with one model, which `upstream` runs.
fn start(upstream: SocketAddr, collector: SocketAddr) -> Program {
    let config = far(upstream, "") + &format!("[telemetry]\nendpoint = \"http://{collector}\"");
    let environment = [
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=till%207"),
        (
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=test",
        ),
    ];
    Program::start(&config, &environment)
}

/// Asks in the client's trace; what is answered does not matter.
async fn ask(program: &Program, body: Value) -> u16 {
    let parent = format!("00-{TRACE}-{CLIENT}-01");
    let headers = [("traceparent", parent.as_str())];
    let answer = program.post("/v1/chat/completions", &headers, &body).await;
    let status = answer.status().as_u16();
    answer.bytes().await.unwrap();
    status
}

fn hex(id: &[u8]) -> String {
    let id = id.iter().fold(0, |id, byte| id << 8 | u128::from(*byte));
    format!("{id:x}")
}

fn attribute<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a any_value::Value> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    found.value.as_ref()?.value.as_ref()
}

fn text(span: &Span, name: &str) -> Option<String> {
    match attribute(&span.attributes, name)? {
        any_value::Value::StringValue(text) => Some(text.clone()),
        other => panic!("{name}: {other:?}"),
    }
}

fn number(span: &Span, name: &str) -> Option<i64> {
    match attribute(&span.attributes, name)? {
        any_value::Value::IntValue(number) => Some(*number),
        other => panic!("{name}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_a_trace_from_the_client_to_the_provider() {
    let (upstream, upstream_at) = Upstream::serve([says(&["He", "llo"])]).await;
    let (collector, collector_at) = Collector::serve().await;
    let program = start(upstream_at, collector_at);
    let secret = "the words of a client";
    let asked = json!({
        "model": "far", "max_tokens": 9, "temperature": 0.5, "top_k": 3, "seed": 4,
        "messages": [{"role": "user", "content": secret}],
    });
    assert_eq!(ask(&program, asked).await, 200);
    assert!(program.stop().success());

    let server = collector.span("POST /v1/chat/completions");
    assert_eq!(hex(&server.trace_id), TRACE);
    assert_eq!(hex(&server.parent_span_id), CLIENT);
    assert_eq!(server.kind(), SpanKind::Server);
    assert_eq!(text(&server, "http.route").unwrap(), "/v1/chat/completions");
    assert_eq!(text(&server, "url.scheme").unwrap(), "http");
    assert_eq!(number(&server, "http.response.status_code"), Some(200));
    assert_eq!(text(&server, "receipt_gateway.model").unwrap(), "far");

    let chat = collector.span("chat far");
    assert_eq!(chat.trace_id, server.trace_id);
    assert_eq!(chat.parent_span_id, server.span_id);
    assert_eq!(chat.kind(), SpanKind::Client);
    assert_eq!(text(&chat, "gen_ai.operation.name").unwrap(), "chat");
    assert_eq!(text(&chat, "gen_ai.provider.name").unwrap(), "up");
    assert_eq!(text(&chat, "gen_ai.request.model").unwrap(), "far");
    assert_eq!(number(&chat, "gen_ai.request.max_tokens"), Some(9));
    assert_eq!(number(&chat, "gen_ai.request.seed"), Some(4));
    assert_eq!(number(&chat, "gen_ai.usage.input_tokens"), Some(11));
    assert_eq!(number(&chat, "gen_ai.usage.output_tokens"), Some(5));
    let figure = |name| match attribute(&chat.attributes, name) {
        Some(any_value::Value::DoubleValue(figure)) => *figure,
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(figure("gen_ai.request.temperature"), 0.5);
    assert_eq!(figure("gen_ai.request.top_k"), 3.0);
    assert!(figure("gen_ai.response.time_to_first_chunk") > 0.0);
    let Some(any_value::Value::ArrayValue(reasons)) =
        attribute(&chat.attributes, "gen_ai.response.finish_reasons")
    else {
        panic!("{chat:#?}");
    };
    let reason = reasons.values[0].value.clone().unwrap();
    assert_eq!(reason, any_value::Value::StringValue("stop".to_owned()));

    // The provider is told of the trace, and that the generation asks.
    let (headers, _) = upstream.asked.lock().unwrap()[0].clone();
    let parent = headers["traceparent"].to_str().unwrap();
    assert_eq!(parent, format!("00-{TRACE}-{:0>16}-01", hex(&chat.span_id)));

    let batches = collector.batches.lock().unwrap();
    let (headers, batch) = &batches[0];
    assert_eq!(headers["x-tenant"], "till 7");
    let resource = batch.resource_spans[0].resource.as_ref().unwrap();
    let of_resource = |name| attribute(&resource.attributes, name).cloned();
    let is = |text: &str| Some(any_value::Value::StringValue(text.to_owned()));
    assert_eq!(of_resource("service.name"), is("receipt-gateway"));
    assert_eq!(of_resource("deployment.environment.name"), is("test"));
    assert!(!format!("{batches:?}").contains(secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_told_with_its_kind() {
    let secret = "the words of a provider";
    let fault = json!({"error": {"message": secret, "code": 500}});
    let (_, upstream_at) = Upstream::serve([Does::Says(500, fault)]).await;
    let (collector, collector_at) = Collector::serve().await;
    let program = start(upstream_at, collector_at);
    let asked = json!({"model": "far", "messages": [{"role": "user", "content": "hi"}]});
    assert_eq!(ask(&program, asked).await, 502);
    let asked = json!({"model": "none", "messages": []});
    assert_eq!(ask(&program, asked).await, 404);
    assert!(program.stop().success());

    let chat = collector.span("chat far");
    assert_eq!(text(&chat, "error.type").unwrap(), "upstream");
    assert_eq!(chat.status.unwrap().code(), StatusCode::Error);
    let batches = format!("{:?}", collector.batches.lock().unwrap());
    assert!(!batches.contains(secret), "{batches}");
    let servers = collector.spans();
    let server = |status| {
        let mut spans = servers.iter();
        spans.find(|span| number(span, "http.response.status_code") == Some(status))
    };
    let failed = server(502).unwrap();
    assert_eq!(text(failed, "error.type").unwrap(), "502");
    // A client's mistake is none of the server's.
    let refused = server(404).unwrap();
    assert_eq!(text(refused, "error.type"), None);
    assert_eq!(
        refused.status.clone().unwrap_or_default().code(),
        StatusCode::Unset
    );
}

/// Between two moments of a span.
fn lasted(span: &Span) -> Duration {
    Duration::from_nanos(span.end_time_unix_nano - span.start_time_unix_nano)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_client_leaves_lasts_until_then() {
    let (upstream, upstream_at) = Upstream::serve([Does::Hangs]).await;
    let (collector, collector_at) = Collector::serve().await;
    let program = start(upstream_at, collector_at);
    let asked = json!({"model": "far", "messages": [{"role": "user", "content": "hi"}]});
    let pause = Duration::from_millis(300);
    {
        let mut asking = Box::pin(ask(&program, asked));
        tokio::select! {
            status = &mut asking => panic!("it was answered with {status}"),
            () = eventually(async || upstream.times() == 1) => {}
        }
        let left = tokio::time::timeout(pause, asking).await;
        assert!(left.is_err());
    }
    assert!(program.stop().success());

    // It had got there before it waited.
    let server = collector.span("POST /v1/chat/completions");
    let chat = collector.span("chat far");
    for span in [&server, &chat] {
        assert!(lasted(span) > pause / 2, "{span:#?}");
    }
    assert_eq!(chat.parent_span_id, server.span_id);
    assert_eq!(number(&server, "http.response.status_code"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_after_a_fallback_is_no_fault_of_the_request() {
    let (_upstream, upstream_at) = Upstream::serve([says(&["12,50 EUR"]), says(&["{}"])]).await;
    let (collector, collector_at) = Collector::serve().await;
    let config = far(upstream_at, "")
        + &format!(
            "[[models]]\nid = \"other\"\nprovider = \"up\"\n\
             [telemetry]\nendpoint = \"http://{collector_at}\"\n"
        );
    let program = Program::start(&config, &[]);
    let asked = json!({
        "models": ["far", "other"], "messages": [{"role": "user", "content": "hi"}],
        "response_format": {"type": "json_object"},
    });
    assert_eq!(ask(&program, asked).await, 200);
    assert!(program.stop().success());
    let server = collector.span("POST /v1/chat/completions");
    let status = server.status.clone().unwrap_or_default();
    assert_eq!(status.code(), StatusCode::Unset, "{server:#?}");
    let batches = format!("{:?}", collector.batches.lock().unwrap());
    assert!(!batches.contains("12,50"), "{batches}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_hangs_holds_up_nobody() {
    let (_, upstream_at) = Upstream::serve([says(&["Hello"])]).await;
    let deaf = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let program = start(upstream_at, deaf.local_addr().unwrap());
    let asked = json!({"model": "far", "messages": [{"role": "user", "content": "hi"}]});
    let patience = Duration::from_secs(30);
    for _ in 0..3 {
        let answered = tokio::time::timeout(patience, ask(&program, asked.clone())).await;
        assert_eq!(answered.unwrap(), 200);
    }
    let stopping = tokio::task::spawn_blocking(|| program.stop());
    let stopped = tokio::time::timeout(patience, stopping).await;
    assert!(stopped.unwrap().unwrap().success());
}
