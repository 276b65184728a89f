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
    /// Those of them that were answered from memory.
    pub recalled_checks: Counter,
    /// Open connections.
    pub connections: Gauge,
    /// Passwords waiting to be weighed.
    pub hash_queue: Gauge,
    /// 1 while the watched file's rules cannot be used.
    pub rules_file_bad: Gauge,
    /// Requests that were passed on to an upstream: one of `granted`, kept at hand.
    pub passed_on: Counter,
    granted: Family<Action, Counter>,
    refused: Family<Reason, Counter>,
    certificates: Family<Host, Gauge>,
    orders: Family<Order, Counter>,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Action {
    action: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Host {
    name: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Order {
    name: String,
    outcome: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("doorward");
        let (panics, faults) = (Counter::default(), Counter::default());
        let (granted_checks, recalled_checks) = (Counter::default(), Counter::default());
        let (connections, hash_queue, rules_file_bad) = (Gauge::default(), Gauge::default(), Gauge::default());
        let granted = Family::<Action, Counter>::default();
        let refused = Family::<Reason, Counter>::default();
        let (certificates, orders) = (Family::<Host, Gauge>::default(), Family::<Order, Counter>::default());
        registry.register("panics", "Requests that panicked and were answered 500", panics.clone());
        registry.register("faults", "Requests that met a fault of ours", faults.clone());
        registry.register("checks_granted", "Forward-auth checks that let through", granted_checks.clone());
        registry.register("checks_recalled", "Those of them that were let through as before, from memory", recalled_checks.clone());
        registry.register("connections", "Open connections", connections.clone());
        registry.register("hash_queue", "Passwords waiting to be weighed", hash_queue.clone());
        registry.register("rules_file_bad", "1 while the rules in the watched file cannot be used", rules_file_bad.clone());
        let passed_on = granted.get_or_create_owned(&Action { action: "guarded" });
        registry.register("granted", "Requests granted, by action", granted.clone());
        registry.register("refused", "Requests refused, by reason", refused.clone());
        let until = "When the certificate that an authority gave ends, in seconds since 1970; 0 = there is none";
        registry.register("acme_certificate_end_seconds", until, certificates.clone());
        registry.register("acme_orders", "Certificates ordered of an authority, by how it ended", orders.clone());
        Self {
            registry: Mutex::new(registry),
            certificates,
            orders,
            panics,
            faults,
            granted_checks,
            recalled_checks,
            connections,
            hash_queue,
            rules_file_bad,
            passed_on,
            granted,
            refused,
        }
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

    /// Notes when a name's certificate ends.
    pub fn certificate(&self, name: &str, end: i64) {
        self.certificates.get_or_create(&Host { name: name.to_owned() }).set(end);
    }

    /// Counts an order of a certificate.
    pub fn ordered(&self, name: &str, obtained: bool) {
        let outcome = if obtained { "obtained" } else { "failed" };
        self.orders.get_or_create(&Order { name: name.to_owned(), outcome }).inc();
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
