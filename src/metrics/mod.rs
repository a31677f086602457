//! Counters and timings of the gateway's work, as families of Prometheus metrics.
//!
//! Code that does the work calls a method for each event. State that is kept elsewhere, such as a
//! model's stage or the cache's counts, is not repeated here: `http::metrics` reads it on each
//! scrape. Labels are names from the configuration and the code, never text from a client.

mod costs;
mod generation;
mod images;
mod models;
mod requests;

use prometheus_client::{
    metrics::{
        family::{Family, MetricConstructor},
        gauge::Gauge,
        histogram::Histogram,
    },
    registry::{Metric, Registry, Unit},
};

pub use generation::GenerationMeter;
pub use images::{ImageStage, ImageTimer, TextOutcome};
pub use models::{GenerationEnd, ModelMetrics, ReceiptOutcome};
pub use requests::{Method, RequestMeter};

use images::Images;
use models::Models;
use requests::Requests;

/// Prefix of every metric's name.
pub const PREFIX: &str = "receipt_gateway";

/// All families of metrics. They live as long as the process, and outlive a reload of the
/// configuration.
#[derive(Debug)]
pub struct Metrics {
    families: Registry,
    requests: Requests,
    models: Models,
    images: Images,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut families = Registry::with_prefix(PREFIX);
        // A gauge, because readers of Prometheus' older format do not know the type `info`.
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        let build = Family::<_, Gauge>::default();
        build.get_or_create(&version).set(1);
        families.register("build_info", "Version of the gateway", build);
        Self {
            requests: Requests::new(&mut families),
            models: Models::new(&mut families),
            images: Images::new(&mut families),
            families,
        }
    }
}

impl Metrics {
    /// Returns the families, for encoding.
    #[must_use]
    pub fn families(&self) -> &Registry {
        &self.families
    }

    /// Returns the metrics of a configured model, which are exported from now on, starting at zero.
    #[must_use]
    pub fn model(&self, id: &str) -> ModelMetrics {
        self.models.of(id)
    }

    /// Counts a request to the route with the pattern `route` as in flight, and returns its meter.
    #[must_use]
    pub fn request(&self, method: Method, route: &str) -> RequestMeter {
        self.requests.begin(method, route)
    }

    /// Counts a page whose text the page reader was asked for.
    pub fn page_text(&self, outcome: TextOutcome) {
        self.images.text(outcome);
    }

    /// Counts an e-invoice by its kind, or as `refused` if it could not be used.
    pub fn e_invoice(&self, kind: &'static str) {
        self.images.e_invoice(kind);
    }

    /// Counts the codes that were found on a page.
    pub fn page_codes(&self, found: usize) {
        self.images.codes(found);
    }

    /// Starts the timer of a stage, which ends when the timer is dropped.
    #[must_use]
    pub fn image(&self, stage: ImageStage) -> ImageTimer {
        self.images.begin(stage)
    }
}

/// The upper bounds of a histogram's buckets, in seconds.
#[derive(Debug, Clone, Copy)]
struct Buckets(&'static [f64]);

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}

/// Histograms by label.
type Histograms<L> = Family<L, Histogram, Buckets>;

/// Registers a metric of durations, and adds `_seconds` to its name.
fn seconds<M: Metric + Clone>(families: &mut Registry, name: &str, help: &str, metric: M) -> M {
    families.register_with_unit(name, help, Unit::Seconds, metric.clone());
    metric
}

/// Registers a metric without a unit.
fn count<M: Metric + Clone>(families: &mut Registry, name: &str, help: &str, metric: M) -> M {
    families.register(name, help, metric.clone());
    metric
}
