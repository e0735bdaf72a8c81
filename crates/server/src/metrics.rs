//! Figures for Prometheus.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{Method, StatusCode};
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Labels of a request. All three have few values: nothing that a caller chooses is a label.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: &'static str,
    method: Verb,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    route: &'static str,
    method: Verb,
}

/// A request method, with everything unusual as one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Verb(&'static str);

impl EncodeLabelValue for Verb {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        encoder.write_str(self.0)
    }
}

impl From<&Method> for Verb {
    fn from(method: &Method) -> Self {
        Self(match *method {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            _ => "other",
        })
    }
}

/// Everything that is counted.
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Timed, Histogram, fn() -> Histogram>,
    /// Bytes of blobs and manifests taken in.
    pub received: Counter,
    /// Bytes of blobs and manifests handed out, as far as they were asked for.
    pub sent: Counter,
    /// Charts that were pushed.
    pub charts: Counter,
    /// Blobs that the collector removed.
    pub collected_blobs: Counter,
    /// Bytes of those.
    pub collected_bytes: Counter,
    in_flight: Gauge,
    resident: Gauge<i64, std::sync::atomic::AtomicI64>,
    serial: AtomicU64,
    /// Differs from process to process, so that request ids do.
    seed: u64,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("chartroom");
        let metrics = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| {
                Histogram::new([
                    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
                ])
            }),
            received: Counter::default(),
            sent: Counter::default(),
            charts: Counter::default(),
            collected_blobs: Counter::default(),
            collected_bytes: Counter::default(),
            in_flight: Gauge::default(),
            resident: Gauge::default(),
            serial: AtomicU64::new(0),
            seed: u64::from(std::process::id()) << 40 ^ nanoseconds(),
            registry: Registry::default(),
        };
        registry.register("http_requests", "Requests answered", metrics.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time until the head of the answer was ready",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register("http_requests_in_flight", "Requests being answered", metrics.in_flight.clone());
        registry.register_with_unit("received", "Content taken in", Unit::Bytes, metrics.received.clone());
        registry.register_with_unit("sent", "Content handed out", Unit::Bytes, metrics.sent.clone());
        registry.register("chart_pushes", "Manifests of charts that were pushed", metrics.charts.clone());
        registry.register("collected_blobs", "Blobs that were reclaimed", metrics.collected_blobs.clone());
        registry.register_with_unit(
            "collected",
            "Content that was reclaimed",
            Unit::Bytes,
            metrics.collected_bytes.clone(),
        );
        registry.register_with_unit(
            "resident_memory",
            "Memory of the process",
            Unit::Bytes,
            metrics.resident.clone(),
        );
        Self { registry, ..metrics }
    }
}

fn nanoseconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// Counts a request as being answered, until dropped.
pub struct InFlight<'a>(&'a Metrics);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.dec();
    }
}

impl Metrics {
    /// Counts a request from its start.
    pub fn begin(&self) -> InFlight<'_> {
        self.in_flight.inc();
        InFlight(self)
    }

    /// Counts a request whose answer is known.
    pub fn finish(&self, route: &'static str, method: &Method, status: StatusCode, took: Duration) {
        let method = Verb::from(method);
        self.requests.get_or_create(&Request { route, method, status: status.as_u16() }).inc();
        self.durations.get_or_create(&Timed { route, method }).observe(took.as_secs_f64());
    }

    /// A request id: unique within the process and very likely across processes.
    pub fn request_id(&self) -> u64 {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        // An odd factor makes this a bijection, so ids of one process never repeat.
        (self.seed.wrapping_add(serial)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    /// All figures in the OpenMetrics text format.
    pub fn text(&self) -> String {
        self.resident.set(resident_bytes().unwrap_or(0));
        let mut text = String::new();
        // Writing to a String fails only if a label's own encoding does, and none does.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// The resident set of this process, where the system tells it.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_shape() {
        let metrics = Metrics::default();
        let in_flight = metrics.begin();
        metrics.finish("/v2/", &Method::GET, StatusCode::OK, Duration::from_millis(3));
        let text = metrics.text();
        let line = r#"chartroom_http_requests_total{route="/v2/",method="GET",status="200"} 1"#;
        assert!(text.contains(line), "{text}");
        assert!(text.contains("chartroom_http_requests_in_flight 1"), "{text}");
        drop(in_flight);
        assert!(metrics.text().contains("chartroom_http_requests_in_flight 0"));
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn request_ids_differ() {
        let metrics = Metrics::default();
        let ids: std::collections::HashSet<u64> = (0..1000).map(|_| metrics.request_id()).collect();
        assert_eq!(ids.len(), 1000);
    }
}
