//! Traces of what the gateway does, for OpenTelemetry: a span for a request, one for each generation, one
//! for each stage of a picture's way and for each load of a model.
//!
//! Spans are `tracing`'s under a target of their own, so that they cost nothing where nobody exports them
//! and do not lengthen the lines of the log. Names are those of OpenTelemetry's semantic conventions,
//! <https://opentelemetry.io/docs/specs/semconv/>: for HTTP the stable ones, for generative AI those in
//! development. What is said, shown or answered is never part of a span.

mod collector;
mod generation;
mod names;
mod request;

use opentelemetry::{
    Context, Value,
    trace::{FutureExt, Status, TraceContextExt},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::{Instrument, Metadata, Span, Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::FilterFn, registry::LookupSpan};

pub use collector::{Collector, CollectorSettings};
pub use generation::{Asked, GenerationSpan};
pub use request::{Answered, Received, answered, pass_on, request};

/// The target of spans that are exported.
pub const TARGET: &str = "otel";

/// How a trace is told from process to process: <https://www.w3.org/TR/trace-context/>.
fn propagator() -> TraceContextPropagator {
    TraceContextPropagator::new()
}

/// Exports what has [`TARGET`], through `collector`.
#[must_use]
pub fn layer<S>(collector: &Collector) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    // Spans alone: what is logged of a fault may quote an answer, or a provider.
    let exported = |about: &Metadata<'_>| about.is_span() && about.target() == TARGET;
    let exported = FilterFn::new(exported).with_max_level_hint(LevelFilter::INFO);
    tracing_opentelemetry::layer()
        .with_tracer(collector.tracer())
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        .with_filter(exported)
}

/// A part of what the gateway does for itself, below the span that is entered.
#[must_use]
pub fn stage(name: &'static str) -> Span {
    tracing::info_span!(target: TARGET, "stage", otel.name = name, otel.kind = "internal")
}

/// The load of a model.
#[must_use]
pub fn load(model: &str) -> Span {
    let span = stage("load");
    span.set_attribute(names::REQUEST_MODEL, model.to_owned());
    span
}

/// Notes on `span` that what it stands for failed.
pub fn failed(span: &Span, kind: impl Into<Value>) {
    span.set_attribute(names::ERROR_TYPE, kind);
    span.set_status(Status::error(""));
}

/// `work` within an exported span. The log's span is entered again inside, so that whatever `work` leaves to
/// others ([`carried`]) finds both.
pub fn within<F: Future>(span: &Span, work: F) -> impl Future<Output = F::Output> + use<F> {
    work.in_current_span().instrument(span.clone())
}

/// `work` below the spans that are entered now, for a task of its own: that of the log and that of the trace.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    work.in_current_span().with_current_context()
}

/// `work` in the trace of the span that is entered now, for a task that goes on when that span is over.
pub fn outliving<F: Future>(work: F) -> impl Future<Output = F::Output> {
    work.with_current_context()
}

/// As [`carried`], for a thread.
pub fn carried_over<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let (span, context) = (Span::current(), Context::current());
    move || {
        let _entered = context.attach();
        span.in_scope(work)
    }
}

/// The id of the trace that the span which is entered belongs to, in hex; none where nothing is traced.
#[must_use]
pub fn trace_id() -> Option<String> {
    let context = Context::current();
    let context = context.span().span_context().clone();
    context.is_valid().then(|| context.trace_id().to_string())
}

#[cfg(test)]
pub(crate) mod for_tests {
    //! Spans as they would be exported.

    use std::sync::{Arc, Mutex};

    use opentelemetry_sdk::{
        error::OTelSdkResult,
        trace::{SimpleSpanProcessor, SpanData, SpanExporter},
    };
    use tracing::subscriber::DefaultGuard;
    use tracing_subscriber::layer::SubscriberExt;

    use super::{Collector, layer};

    /// Takes down spans.
    #[derive(Debug, Clone, Default)]
    pub struct Recorder(Arc<Mutex<Vec<SpanData>>>);

    impl Recorder {
        /// Records what this thread does, for as long as what is returned lives.
        pub fn record(&self) -> DefaultGuard {
            let collector = Collector::through(SimpleSpanProcessor::new(self.clone()), 1.0);
            tracing::subscriber::set_default(tracing_subscriber::registry().with(layer(&collector)))
        }

        /// Those that have ended, in that order.
        pub fn spans(&self) -> Vec<SpanData> {
            self.0.lock().unwrap().clone()
        }
    }

    impl SpanExporter for Recorder {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            self.0.lock().unwrap().extend(batch);
            Ok(())
        }
    }
}
