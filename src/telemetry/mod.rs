//! OpenTelemetry traces of the gateway's work: one span for each request, generation, stage of
//! preparing a picture, and load of a model.
//!
//! Spans are those of `tracing` under a target of their own, so that they cost nothing when they
//! are not exported, and do not lengthen the lines of the log. Names follow OpenTelemetry's
//! semantic conventions, <https://opentelemetry.io/docs/specs/semconv/>: the stable ones for HTTP,
//! those in development for generative AI. Prompts, pictures and answers are never part of a span.

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
pub use generation::{GenerationFacts, GenerationSpan};
pub use request::{Answered, Received, answered, pass_on, request};

/// The target of spans that are exported.
pub const TARGET: &str = "otel";

/// Returns the propagator of traces between processes: <https://www.w3.org/TR/trace-context/>.
fn propagator() -> TraceContextPropagator {
    TraceContextPropagator::new()
}

/// Creates the layer that exports spans with the target [`TARGET`] through `collector`.
#[must_use]
pub fn layer<S>(collector: &Collector) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    // Spans only, no events: a logged fault may quote an answer or a provider.
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

/// Creates a span for an internal step, as a child of the current span.
#[must_use]
pub fn stage(name: &'static str) -> Span {
    tracing::info_span!(target: TARGET, "stage", otel.name = name, otel.kind = "internal")
}

/// Creates the span of loading a model.
#[must_use]
pub fn load(model: &str) -> Span {
    let span = stage("load");
    span.set_attribute(names::REQUEST_MODEL, model.to_owned());
    span
}

/// Marks `span` as failed.
pub fn failed(span: &Span, kind: impl Into<Value>) {
    span.set_attribute(names::ERROR_TYPE, kind);
    span.set_status(Status::error(""));
}

/// Runs `work` within an exported span. The log's span is entered again inside, so that tasks that
/// `work` starts with [`carried`] find both.
pub fn within<F: Future>(span: &Span, work: F) -> impl Future<Output = F::Output> + use<F> {
    work.in_current_span().instrument(span.clone())
}

/// Runs `work`, in a task of its own, within the current spans of the log and of the trace.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    work.in_current_span().with_current_context()
}

/// Runs `work` in the trace of the current span, for a task that may outlive that span.
pub fn outliving<F: Future>(work: F) -> impl Future<Output = F::Output> {
    work.with_current_context()
}

/// Wraps `work` for another thread, as [`carried`] does for a task.
pub fn carried_over<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let (span, context) = (Span::current(), Context::current());
    move || {
        let _entered = context.attach();
        span.in_scope(work)
    }
}

/// Returns the id of the current trace in hexadecimal; `None` if there is none.
#[must_use]
pub fn trace_id() -> Option<String> {
    let context = Context::current();
    let context = context.span().span_context().clone();
    context.is_valid().then(|| context.trace_id().to_string())
}

#[cfg(test)]
pub(crate) mod for_tests {
    //! A recorder of spans as they would be exported.

    use std::sync::{Arc, Mutex};

    use opentelemetry_sdk::{
        error::OTelSdkResult,
        trace::{SimpleSpanProcessor, SpanData, SpanExporter},
    };
    use tracing::subscriber::DefaultGuard;
    use tracing_subscriber::layer::SubscriberExt;

    use super::{Collector, layer};

    /// Records spans.
    #[derive(Debug, Clone, Default)]
    pub struct Recorder(Arc<Mutex<Vec<SpanData>>>);

    impl Recorder {
        /// Records the spans of this thread until the guard is dropped.
        pub fn record(&self) -> DefaultGuard {
            let collector = Collector::through(SimpleSpanProcessor::new(self.clone()), 1.0);
            tracing::subscriber::set_default(tracing_subscriber::registry().with(layer(&collector)))
        }

        /// Returns the spans that have ended, in that order.
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
