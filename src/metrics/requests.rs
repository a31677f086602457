//! Metrics of HTTP requests: number, status, duration, and requests in flight.

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
use tokio::time::Instant;

use super::{Buckets, Histograms, count, seconds};

const DURATIONS: Buckets = Buckets(&[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 240.0,
]);

/// Status counted for a request whose client left before there was an answer, as nginx logs it.
const CLIENT_LEFT: u16 = 499;

/// A method of HTTP. Methods that clients make up are no labels of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(missing_docs, reason = "HTTP's own names")]
pub enum Method {
    GET,
    HEAD,
    POST,
    PUT,
    PATCH,
    DELETE,
    OPTIONS,
    /// Any other.
    OTHER,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: Method,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Debug, Clone)]
pub(super) struct Requests {
    answered: Family<Answered, Counter>,
    durations: Histograms<Route>,
    in_flight: Gauge,
}

impl Requests {
    pub(super) fn new(families: &mut Registry) -> Self {
        Self {
            answered: count(
                families,
                "http_requests",
                "Finished requests by status; 499 if the client left before the answer",
                Family::default(),
            ),
            durations: seconds(
                families,
                "http_request_duration",
                "Time from a request's head to the last byte of its answer",
                Histograms::new_with_constructor(DURATIONS),
            ),
            in_flight: count(
                families,
                "http_requests_in_flight",
                "Requests whose answers are not finished",
                Gauge::default(),
            ),
        }
    }

    pub(super) fn begin(&self, method: Method, route: &str) -> RequestMeter {
        self.in_flight.inc();
        RequestMeter {
            requests: self.clone(),
            method,
            route: route.to_owned(),
            status: CLIENT_LEFT,
            started: Instant::now(),
        }
    }
}

/// Counts a request when it is dropped: after the last byte of the answer, or when the client
/// disconnects.
#[derive(Debug)]
pub struct RequestMeter {
    requests: Requests,
    method: Method,
    route: String,
    status: u16,
    started: Instant,
}

impl RequestMeter {
    /// Records the status of the answer that has begun.
    pub fn answered(&mut self, status: u16) {
        self.status = status;
    }
}

impl Drop for RequestMeter {
    fn drop(&mut self) {
        let route = std::mem::take(&mut self.route);
        let answered = Answered {
            route: route.clone(),
            method: self.method,
            status: self.status,
        };
        self.requests.in_flight.dec();
        self.requests.answered.get_or_create(&answered).inc();
        let durations = self.requests.durations.get_or_create(&Route { route });
        durations.observe(self.started.elapsed().as_secs_f64());
    }
}
