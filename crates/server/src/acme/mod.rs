//! Certificates that a certificate authority gives by itself (ACME, RFC 8555): ordered, kept, shown, renewed in time.
//!
//! Reading order:
//! - [`Terms`]: what the operator chose; `due`: when a name is asked for, and when again after a failure;
//! - [`shelf`]: what is kept in the store, which all nodes share; `order`: one order from its beginning to the certificate;
//! - `authority`: the way to the authority; `dates`: how long a certificate is good;
//! - [`answering`]: the answers by which names are proven; [`Steward`] here: who looks at all of it while the server runs.
//!
//! Nothing here can keep the server from serving: whatever fails is logged, counted, told by `doorward acme list`, and tried again.

pub mod answering;
mod authority;
mod dates;
mod due;
mod order;
pub mod shelf;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use doorward_core::call::Time;
use doorward_core::house::House;
use doorward_core::refusal::Fault;
use doorward_web::Source;
use rustls::ClientConfig;

use crate::listener::tls::Certificates;
use crate::metrics::Metrics;
use doorward_core::port::store::Kept;
use due::Standing;
use shelf::Shelf;

pub use due::renewal;

/// How often the shelf is looked at for what other nodes put there.
const LOOK: Duration = Duration::from_secs(2);
/// How long a whole order may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often whoever is at an order says that it still is.
const BEAT: Duration = Duration::from_secs(20);

/// What the operator chose.
#[derive(Clone)]
pub struct Terms {
    /// The names, one certificate each.
    pub names: Vec<Arc<str>>,
    /// The URL of the authority's directory.
    pub directory: String,
    /// Where the authority may write to.
    pub email: Option<String>,
    /// How it is shown that the names are ours.
    pub proof: Proof,
    /// How the authority's own certificate is judged; `None` = by the platform's trust store.
    pub tls: Option<Arc<ClientConfig>>,
    /// A file with the account that the operator has with the authority already.
    pub binding: Option<PathBuf>,
}

/// How it is shown that a name is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By an answer on the plain listener (RFC 8555 §8.3).
    Http01,
    /// By a certificate on the TLS listener (RFC 8737).
    TlsAlpn01,
}

/// Who looks after the certificates while the server runs.
pub struct Steward {
    terms: Terms,
    shelf: Arc<Shelf>,
    certificates: Arc<Certificates>,
    source: Arc<dyn Source>,
    metrics: Arc<Metrics>,
}

impl Steward {
    /// A steward for the certificates of a listener.
    pub fn new(
        terms: Terms,
        house: &Arc<House>,
        certificates: Arc<Certificates>,
        source: &Arc<dyn Source>,
        metrics: &Arc<Metrics>,
    ) -> Arc<Self> {
        let shelf = Arc::new(Shelf::new(Arc::clone(house), Arc::clone(source)));
        Arc::new(Self { terms, shelf, certificates, source: Arc::clone(source), metrics: Arc::clone(metrics) })
    }

    /// What is kept, for those who answer from it.
    #[must_use]
    pub fn shelf(&self) -> Arc<Shelf> {
        Arc::clone(&self.shelf)
    }

    /// Works until it is dropped.
    pub async fn work(self: Arc<Self>) {
        tokio::join!(self.follow(), self.renew());
    }

    /// Shows what is on the shelf, whichever node put it there.
    pub async fn follow(&self) {
        let mut ticks = tokio::time::interval(LOOK);
        let mut shown = Vec::new();
        let mut complained = false;
        loop {
            ticks.tick().await;
            match self.show(&mut shown).await {
                Ok(()) => complained = false,
                Err(fault) if !complained => {
                    complained = true;
                    tracing::error!(%fault, "the certificates in the store cannot be read: those shown before stay");
                }
                Err(_) => {}
            }
        }
    }

    /// Shows what is on the shelf, if it is other than what is shown.
    async fn show(&self, shown: &mut Vec<Kept>) -> Result<(), Fault> {
        let (found, now) = (self.shelf.shown().await?, self.source.now());
        if found == *shown {
            return Ok(());
        }
        let (mut certificates, mut proofs) = (Vec::new(), Vec::new());
        for kept in &found {
            let pair = self.shelf.open(kept, now);
            let read = match shelf::proof_of(&kept.name) {
                Some(name) => {
                    pair.and_then(|p| self.certificates.load_proof(&p.chain, &p.key)).map(|key| proofs.push((name.to_owned(), key)))
                }
                None => pair.and_then(|p| self.certificates.load(&p.chain, &p.key)).map(|key| certificates.push(key)),
            };
            // One that cannot be used does not hide the others.
            if let Err(fault) = read {
                tracing::error!(%fault, name = kept.name.as_str(), "a certificate in the store cannot be used");
            }
        }
        tracing::info!(certificates = certificates.len(), "the certificates of the certificate authority are shown");
        self.certificates.show(certificates, proofs);
        *shown = found;
        Ok(())
    }

    /// Orders what is due, one after the other.
    async fn renew(&self) {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut complained = false;
        loop {
            ticks.tick().await;
            for name in &self.terms.names {
                match self.renew_if_due(name).await {
                    Ok(()) => complained = false,
                    Err(fault) if !complained => {
                        complained = true;
                        tracing::error!(%fault, name = &**name, "the store does not say whether a certificate is due");
                    }
                    Err(_) => {}
                }
            }
        }
    }

    async fn renew_if_due(&self, name: &Arc<str>) -> Result<(), Fault> {
        let standing = self.shelf.standing(name).await?;
        self.metrics.certificate(name, standing.certificate.as_ref().map_or(0, |held| held.dates.last.0));
        if !standing.is_due(&self.terms.directory, self.source.now()) || !self.shelf.claim(name).await? {
            return Ok(());
        }
        // Another node may have been at it until now.
        let standing = self.shelf.standing(name).await?;
        let outcome = if standing.is_due(&self.terms.directory, self.source.now()) { Some(self.ordered(name).await) } else { None };
        let noted = match outcome {
            None => Ok(()),
            Some(outcome) => self.note(name, standing, outcome).await,
        };
        self.shelf.release(name).await?;
        noted
    }

    /// One order. Says meanwhile that somebody is at it.
    async fn ordered(&self, name: &Arc<str>) -> Result<(), Fault> {
        tracing::info!(name = &**name, authority = self.terms.directory.as_str(), "ordering a certificate");
        let order = tokio::time::timeout(PATIENCE, order::order(&self.terms, &self.shelf, name));
        tokio::pin!(order);
        let mut beats = tokio::time::interval(BEAT);
        loop {
            tokio::select! {
                done = &mut order => return done.unwrap_or_else(|_| Err(Fault::new("the order took too long"))),
                // A store that is away will be missed by the order itself.
                _ = beats.tick() => { let _ = self.shelf.claim(name).await; }
            }
        }
    }

    /// Notes how an order ended.
    async fn note(&self, name: &Arc<str>, before: Standing, outcome: Result<(), Fault>) -> Result<(), Fault> {
        let now: Time = self.source.now();
        self.metrics.ordered(name, outcome.is_ok());
        match outcome {
            Ok(()) => {
                tracing::info!(name = &**name, "a certificate was obtained");
                self.shelf.forget_trouble(name).await
            }
            Err(fault) => {
                let trouble = before.after_failure(&fault, now, &mut *self.source.dice());
                let seconds = trouble.next - now.0;
                tracing::error!(%fault, name = &**name, failures = trouble.failures, again_in_seconds = seconds, "no certificate was obtained");
                self.shelf.note_trouble(name, &trouble).await
            }
        }
    }
}
