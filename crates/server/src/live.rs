//! The live view: the meters are read once a second for all who watch, and not at all while nobody does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use doorward_core::house::House;
use doorward_core::meter::{Frame, Talker};
use doorward_core::site::SiteId;
use doorward_web::Source;
use futures_util::Stream;
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};
use tokio::time::{MissedTickBehavior, interval};

/// Talkers and reasons that are shown.
const TOP: usize = 10;
/// Between two frames.
const SECOND: Duration = Duration::from_secs(1);

/// Who watches what, and the newest frame of each.
pub struct Live {
    house: Arc<House>,
    source: Arc<dyn Source>,
    viewers: Mutex<HashMap<Option<SiteId>, usize>>,
    frames: watch::Sender<Arc<HashMap<Option<SiteId>, Bytes>>>,
    comes: Notify,
}

/// A seat: somebody watches as long as it is held.
struct Seat {
    live: Arc<Live>,
    site: Option<SiteId>,
}

impl Live {
    /// A view of a house's traffic, without viewers.
    #[must_use]
    pub fn new(house: Arc<House>, source: Arc<dyn Source>) -> Self {
        Self { house, source, viewers: Mutex::default(), frames: watch::Sender::default(), comes: Notify::new() }
    }

    /// One event (`text/event-stream`) a second, of one site or of all, from the next one on.
    pub fn watch(self: &Arc<Self>, site: Option<SiteId>) -> impl Stream<Item = Bytes> + Send + 'static {
        *self.viewers().entry(site).or_default() += 1;
        let seat = Seat { live: Arc::clone(self), site };
        let mut frames = self.frames.subscribe();
        frames.mark_unchanged();
        self.comes.notify_one();
        unfold((frames, seat), |(mut frames, seat)| async move {
            loop {
                frames.changed().await.ok()?;
                let frame = frames.borrow_and_update().get(&seat.site).cloned();
                if let Some(frame) = frame {
                    return Some((frame, (frames, seat)));
                }
            }
        })
    }

    /// Makes frames as long as somebody watches; runs until it is dropped.
    pub async fn run(&self) {
        loop {
            if self.watched().is_empty() {
                self.house.watch(false);
                self.comes.notified().await;
                continue;
            }
            self.house.watch(true);
            // What was counted while nobody looked is of no second.
            self.house.meters().iter().for_each(|(_, meter)| drop(meter.take()));
            let mut ticks = interval(SECOND);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await;
            loop {
                ticks.tick().await;
                let watched = self.watched();
                if watched.is_empty() {
                    break;
                }
                let frames = self.frames_of(&watched).await;
                self.frames.send_replace(Arc::new(frames));
            }
        }
    }

    async fn frames_of(&self, watched: &[Option<SiteId>]) -> HashMap<Option<SiteId>, Bytes> {
        let at = self.source.now().iso();
        let names: HashMap<SiteId, String> = self.house.directory().sites().iter().map(|v| (v.site.id, v.site.name.clone())).collect();
        let (mut all, mut by_site, mut out) = (Frame::empty(), serde_json::Map::new(), HashMap::new());
        for (site, meter) in self.house.meters() {
            let frame = meter.take();
            all.add(&frame);
            if let Some(name) = names.get(&site) {
                by_site.insert(name.clone(), json!(frame.requests()));
            }
            if watched.contains(&Some(site)) {
                let logins = self.logins(site, &frame).await;
                out.insert(Some(site), event(&told(&at, &frame, &logins)));
            }
        }
        if watched.contains(&None) {
            let mut value = told(&at, &all, &HashMap::new());
            value["by_site"] = Value::Object(by_site);
            out.insert(None, event(&value));
        }
        out
    }

    /// The logins of the accounts that are shown.
    async fn logins(&self, site: SiteId, frame: &Frame) -> HashMap<i64, String> {
        let account = |(talker, _): &(Talker, u64)| if let Talker::Account(number) = talker { Some(*number) } else { None };
        let numbers: Vec<i64> = frame.talkers.most().iter().take(TOP).filter_map(account).collect();
        if numbers.is_empty() {
            return HashMap::new();
        }
        let found = self.house.look(move |desk| {
            let one = |number| Ok(desk.account(site, number)?.map(|account| (number, account.login)));
            numbers.into_iter().map(one).filter_map(Result::transpose).collect()
        });
        found.await.unwrap_or_default()
    }

    fn watched(&self) -> Vec<Option<SiteId>> {
        self.viewers().keys().copied().collect()
    }

    fn viewers(&self) -> std::sync::MutexGuard<'_, HashMap<Option<SiteId>, usize>> {
        self.viewers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut viewers = self.live.viewers();
        if let Some(count) = viewers.get_mut(&self.site) {
            *count -= 1;
            if *count == 0 {
                viewers.remove(&self.site);
            }
        }
    }
}

fn told(at: &str, frame: &Frame, logins: &HashMap<i64, String>) -> Value {
    let micros = |share| frame.durations.percentile(share).map(|nanos| nanos.div_ceil(1000));
    let talker = |(talker, n): &(Talker, u64)| match talker {
        Talker::Address(address) => json!({"what": "address", "who": address.to_string(), "n": n}),
        Talker::Account(number) => {
            let who = logins.get(number).cloned().unwrap_or_else(|| number.to_string());
            json!({"what": "user", "who": who, "number": number, "n": n})
        }
    };
    let refusals: serde_json::Map<_, _> = frame.refused.iter().map(|(reason, n)| ((*reason).to_owned(), json!(n))).collect();
    json!({
        "at": at,
        "rps": frame.requests(),
        "verified": frame.passed,
        "refusals": refusals,
        "p50_us": micros(50),
        "p99_us": micros(99),
        "top": frame.talkers.most().iter().take(TOP).map(talker).collect::<Vec<_>>(),
    })
}

fn event(value: &Value) -> Bytes {
    format!("data: {value}\n\n").into()
}
