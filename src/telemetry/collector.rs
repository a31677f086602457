//! Where spans go: a collector that takes OTLP over HTTP, as protobuf.

use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response, ResponseBodyTooLarge};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    resource::{EnvResourceDetector, SdkProvidedResourceDetector, TelemetryResourceDetector},
    trace::{Sampler, SdkTracer, SdkTracerProvider, SpanProcessor},
};
use tokio::runtime::Handle;

use super::names;

/// What every span is told to come from.
const SERVICE: &str = "receipt-gateway";

/// Bytes of a collector's answer, which says little.
const MAX_ANSWER_BYTES: usize = 64 << 10;

/// How long the last spans may take when the program ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// How spans are brought to a collector.
#[derive(Debug, Clone)]
pub struct CollectorSettings {
    /// Its address; OTLP's path `v1/traces` is added.
    pub endpoint: url::Url,
    /// How long it may take to take spans.
    pub timeout: Duration,
    /// Share of the traces that begin here, 0 to 1; one that a client began is exported if the client
    /// exports it.
    pub sample_ratio: f64,
}

/// Brings spans to where they are kept, in batches, from a bounded queue: spans beyond are dropped.
pub struct Collector(SdkTracerProvider);

impl Collector {
    /// Nothing is sent yet. What is sent is sent on `runtime`. Headers, a key among them, are read from
    /// `OTEL_EXPORTER_OTLP_HEADERS`, and more about the service from `OTEL_RESOURCE_ATTRIBUTES`.
    ///
    /// # Errors
    /// A client or an exporter that cannot be built.
    pub fn new(settings: &CollectorSettings, runtime: Handle) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(settings.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let endpoint = settings.endpoint.as_str().trim_end_matches('/');
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client { client, runtime })
            .with_endpoint(format!("{endpoint}/v1/traces"))
            .with_timeout(settings.timeout)
            .build()?;
        let processor = opentelemetry_sdk::trace::BatchSpanProcessor::builder(exporter).build();
        Ok(Self::through(processor, settings.sample_ratio))
    }

    pub(super) fn through(processor: impl SpanProcessor + 'static, sample_ratio: f64) -> Self {
        let sampler = Sampler::TraceIdRatioBased(sample_ratio);
        Self(
            SdkTracerProvider::builder()
                .with_resource(resource())
                .with_sampler(Sampler::ParentBased(Box::new(sampler)))
                .with_span_processor(processor)
                .build(),
        )
    }

    pub(super) fn tracer(&self) -> SdkTracer {
        self.0.tracer(SERVICE)
    }

    /// Sends what has not been sent; blocks until that is done, or for a few seconds.
    pub fn close(self) {
        if let Err(error) = self.0.shutdown_with_timeout(FAREWELL) {
            tracing::warn!(%error, "the last spans were not sent");
        }
    }
}

/// What spans come from; the environment beats it.
fn resource() -> Resource {
    let mut resource = Resource::builder_empty()
        .with_attributes([
            KeyValue::new(names::SERVICE_NAME, SERVICE),
            KeyValue::new(names::SERVICE_VERSION, env!("CARGO_PKG_VERSION")),
        ])
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_detector(Box::new(EnvResourceDetector::new()));
    if std::env::var("OTEL_SERVICE_NAME").is_ok_and(|name| !name.is_empty()) {
        resource = resource.with_detector(Box::new(SdkProvidedResourceDetector));
    }
    resource.build()
}

/// Sends on a runtime what is asked for on the exporter's own thread, which has none.
#[derive(Debug)]
struct Client {
    client: reqwest::Client,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sending = send(self.client.clone(), request.try_into()?);
        self.runtime.spawn(sending).await?
    }
}

async fn send(
    client: reqwest::Client,
    request: reqwest::Request,
) -> Result<Response<Bytes>, HttpError> {
    let mut answer = client.execute(request).await?;
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(ResponseBodyTooLarge::new().into());
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        *headers = std::mem::take(answer.headers_mut());
    }
    Ok(response.body(body.into())?)
}
