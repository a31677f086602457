//! Export of spans to a collector, by OTLP over HTTP as protobuf.

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

/// Service name of every span.
const SERVICE: &str = "receipt-gateway";

/// Most bytes that are read of a collector's answer, which is short.
const MAX_ANSWER_BYTES: usize = 64 << 10;

/// Longest time to send the last spans when the program ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// Settings of the export of spans.
#[derive(Debug, Clone)]
pub struct CollectorSettings {
    /// Address of the collector; OTLP's path `v1/traces` is appended.
    pub endpoint: url::Url,
    /// Longest time for one export.
    pub timeout: Duration,
    /// Share of traces to export, 0 to 1, of those that begin here. A trace that a client began is
    /// exported if the client exports it.
    pub sample_ratio: f64,
}

/// Sends spans to a collector in batches, from a bounded queue; spans that exceed it are dropped.
pub struct Collector(SdkTracerProvider);

impl Collector {
    /// Creates a collector that sends on `runtime`. Headers, such as one with a key, are read from
    /// `OTEL_EXPORTER_OTLP_HEADERS`, and further attributes of the service from
    /// `OTEL_RESOURCE_ATTRIBUTES`.
    ///
    /// # Errors
    /// Fails if the HTTP client or the exporter cannot be built.
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

    /// Sends the remaining spans; blocks until they are sent, or for a few seconds.
    pub fn close(self) {
        if let Err(error) = self.0.shutdown_with_timeout(FAREWELL) {
            tracing::warn!(%error, "the last spans could not be sent to the collector");
        }
    }
}

/// Returns the resource that spans come from; the environment takes precedence.
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

/// An HTTP client for the exporter's own thread, which has no runtime: it sends on another one.
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
