//! The rounds: asks upstreams how they are, closes connections that nobody uses, forgets sites that are gone.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http::header::{HOST, HeaderValue, USER_AGENT};
use http::{Request, Uri};
use tokio::time::{Instant, MissedTickBehavior};

use super::target::Target;
use super::wire::Missed;
use super::{Proxy, whole};

/// How often connections are looked through.
const ROUND: Duration = Duration::from_secs(10);
/// After how long the upstreams of a site that nobody asks for are forgotten, with what is known of their health.
const FORGOTTEN: Duration = Duration::from_secs(600);

/// For want of something of our own.
struct Unasked;

impl Proxy {
    /// Makes the rounds until it is dropped.
    pub async fn rounds(&self) {
        tokio::join!(self.tidy(), self.check());
    }

    async fn tidy(&self) {
        let mut ticks = tokio::time::interval(ROUND);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let mut groups = self.groups.write();
            groups.retain(|_, group| {
                group.used.lock().elapsed() < FORGOTTEN || group.targets.iter().any(|t| t.busy.load(Ordering::Relaxed) > 0)
            });
            groups.values().flat_map(|group| &group.targets).for_each(|target| target.tidy());
        }
    }

    async fn check(&self) {
        let Some(path) = self.terms.health_path.as_deref() else { return };
        let mut ticks = tokio::time::interval(self.terms.health_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // Each is looked at for itself: one that hangs holds up nobody but itself.
        let mut looks = FuturesUnordered::new();
        loop {
            tokio::select! {
                _ = ticks.tick() => {
                    let targets: Vec<Arc<Target>> = self.groups.read().values().flat_map(|group| group.targets.clone()).collect();
                    let due = targets.into_iter().filter(|target| !target.looked_at.swap(true, Ordering::Relaxed));
                    looks.extend(due.map(|target| async move {
                        self.look_at(&target, path).await;
                        target.looked_at.store(false, Ordering::Relaxed);
                    }));
                }
                Some(()) = looks.next() => {}
            }
        }
    }

    async fn look_at(&self, target: &Target, path: &str) {
        let answer = tokio::time::timeout(self.terms.connect * 2, self.ask(target, path)).await;
        let well = match answer {
            Ok(Some(Ok(status))) => status < 500,
            // That we cannot ask says nothing about it.
            Ok(Some(Err(Unasked))) => return,
            Ok(None) | Err(_) => false,
        };
        if target.sick.swap(!well, Ordering::Relaxed) == well {
            if well {
                tracing::info!(upstream = %target.address, "an upstream is well again");
            } else {
                tracing::warn!(upstream = %target.address, "an upstream does not answer its health check: it is left out");
            }
        }
    }

    /// The status of its answer; nothing if it does not answer in HTTP.
    async fn ask(&self, target: &Target, path: &str) -> Option<Result<u16, Unasked>> {
        let mut line = match target.line(&self.dialer, false, false).await {
            Ok(line) => line,
            Err(Missed { is_ours: true, .. }) => return Some(Err(Unasked)),
            Err(Missed { is_ours: false, .. }) => return None,
        };
        let mut request = Request::new(whole(bytes::Bytes::new()));
        *request.uri_mut() = if line.is_shared() {
            let scheme = if target.address.scheme == super::address::Scheme::Https { "https" } else { "http" };
            Uri::builder().scheme(scheme).authority(target.address.authority.as_str()).path_and_query(path).build().ok()?
        } else {
            request.headers_mut().insert(HOST, HeaderValue::from_str(&target.address.authority).ok()?);
            path.parse().ok()?
        };
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("doorward-health"));
        // The rest of the answer is nobody's: the connection goes with it.
        Some(Ok(line.send(request).await.ok()?.status().as_u16()))
    }
}

/// For a group that was just looked up.
pub(super) fn touch(used: &parking_lot::Mutex<Instant>) {
    // Somebody else is just doing the same.
    if let Some(mut used) = used.try_lock() {
        *used = Instant::now();
    }
}
