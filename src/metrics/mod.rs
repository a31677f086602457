//! What the gateway counts and times while it works, as families of Prometheus metrics.
//!
//! Whoever does the work calls a method that says what happened. What is state already, such as a
//! model's stage or the cache's counts, is not kept here a second time: `http::metrics` reads it when
//! it is asked. Labels are names from the configuration and the code, never a client's words.

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

pub use generation::{GenerationEnd, GenerationMeter};
pub use images::{ImageStage, ImageTimer};
pub use models::{ModelMetrics, ReceiptOutcome};
pub use requests::{Method, RequestMeter};

use images::Images;
use models::Models;
use requests::Requests;

/// What every metric's name begins with.
pub const PREFIX: &str = "receipt_gateway";

/// All families. They live as long as the process, whatever is configured anew meanwhile.
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
        // A gauge, since readers of Prometheus' older format know no info.
        let version = [("version", env!("CARGO_PKG_VERSION"))];
        let build = Family::<_, Gauge>::default();
        build.get_or_create(&version).set(1);
        families.register("build_info", "The gateway that answers", build);
        Self {
            requests: Requests::new(&mut families),
            models: Models::new(&mut families),
            images: Images::new(&mut families),
            families,
        }
    }
}

impl Metrics {
    /// The families, to be written out.
    #[must_use]
    pub fn families(&self) -> &Registry {
        &self.families
    }

    /// The metrics of a configured model; all of them are there from now on, at zero.
    #[must_use]
    pub fn model(&self, id: &str) -> ModelMetrics {
        self.models.of(id)
    }

    /// A request has come, for the route of that pattern.
    #[must_use]
    pub fn request(&self, method: Method, route: &str) -> RequestMeter {
        self.requests.begin(method, route)
    }

    /// A stage of a picture's way begins; it ends when the timer is dropped.
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

/// Registers durations; their name gets the suffix `_seconds`.
fn seconds<M: Metric + Clone>(families: &mut Registry, name: &str, help: &str, metric: M) -> M {
    families.register_with_unit(name, help, Unit::Seconds, metric.clone());
    metric
}

/// Registers what has no unit.
fn count<M: Metric + Clone>(families: &mut Registry, name: &str, help: &str, metric: M) -> M {
    families.register(name, help, metric.clone());
    metric
}
