//! What is counted, and how Prometheus reads it. Handles are kept where things are counted: no look-up on the hot path.

use std::sync::Mutex;
use std::sync::PoisonError;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// The counters.
pub struct Metrics {
    registry: Mutex<Registry>,
    /// Requests that panicked.
    pub panics: Counter,
    /// Faults of ours.
    pub faults: Counter,
    /// Checks of the forward-auth doors that let through.
    pub granted_checks: Counter,
    /// Open connections.
    pub connections: Gauge,
    /// Passwords waiting to be weighed.
    pub hash_queue: Gauge,
    /// 1 while the watched file's rules cannot be used.
    pub rules_file_bad: Gauge,
    granted: Family<Action, Counter>,
    refused: Family<Reason, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Action {
    action: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("doorward");
        let (panics, faults, granted_checks) = (Counter::default(), Counter::default(), Counter::default());
        let (connections, hash_queue, rules_file_bad) = (Gauge::default(), Gauge::default(), Gauge::default());
        let granted = Family::<Action, Counter>::default();
        let refused = Family::<Reason, Counter>::default();
        registry.register("panics", "Requests that panicked and were answered 500", panics.clone());
        registry.register("faults", "Requests that met a fault of ours", faults.clone());
        registry.register("checks_granted", "Forward-auth checks that let through", granted_checks.clone());
        registry.register("connections", "Open connections", connections.clone());
        registry.register("hash_queue", "Passwords waiting to be weighed", hash_queue.clone());
        registry.register("rules_file_bad", "1 while the rules in the watched file cannot be used", rules_file_bad.clone());
        registry.register("granted", "Requests granted, by action", granted.clone());
        registry.register("refused", "Requests refused, by reason", refused.clone());
        Self { registry: Mutex::new(registry), panics, faults, granted_checks, connections, hash_queue, rules_file_bad, granted, refused }
    }
}

impl Metrics {
    /// Counts a granted request.
    pub fn granted(&self, action: &'static str) {
        self.granted.get_or_create(&Action { action }).inc();
    }

    /// Counts a refusal.
    pub fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&Reason { reason }).inc();
    }

    /// The text that Prometheus reads.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing to a String does not fail.
        let _ = encode(&mut out, &registry);
        out
    }
}
