//! The published keys of providers: asked for when they are needed first, kept for an hour, and never asked for more often than once in
//! half a minute, whatever tokens are shown.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::Provider;
use crate::call::Time;
use crate::port::fetcher::{Fetcher, Question, Unheard};
use crate::token::{VerifyingKey, read_jwks};

/// Seconds after which keys are asked for again.
const FRESH: i64 = 3600;
/// Seconds that keys are used while their provider cannot be asked.
const STALE: i64 = 24 * 3600;
/// Seconds between two questions.
const PAUSE: i64 = 30;
/// Providers that are remembered.
const MOST: usize = 1000;

/// What is remembered of all providers.
#[derive(Default)]
pub struct Keys {
    known: Mutex<HashMap<String, Known>>,
}

#[derive(Clone, Default)]
struct Known {
    keys: Option<Arc<[VerifyingKey]>>,
    fetched: Time,
    /// When the last question ended.
    asked: Option<Time>,
    /// Somebody is asking now.
    asking: bool,
}

impl Keys {
    /// The keys of a provider: those that are known, or fetched now. `fits` says whether they are of any use: a token may be signed with
    /// one that is younger than our copy.
    ///
    /// # Errors
    /// If there are none, and none can be had.
    pub async fn of(
        &self,
        fetcher: &dyn Fetcher,
        provider: &Provider,
        now: Time,
        fits: impl Fn(&[VerifyingKey]) -> bool,
    ) -> Result<Arc<[VerifyingKey]>, Unheard> {
        let at = provider.discovery.as_str();
        let known = self.look(at);
        let usable = known.keys.clone().filter(|_| now.since(known.fetched) < STALE);
        let is_good = now.since(known.fetched) < FRESH && usable.as_ref().is_some_and(|keys| fits(keys));
        let is_early = known.asked.is_some_and(|asked| now.since(asked) < PAUSE);
        match usable {
            Some(keys) if is_good || is_early || known.asking => return Ok(keys),
            None if is_early => return Err(Unheard::Unreachable),
            Some(_) | None => {}
        }
        self.note(at, |known| known.asking = true);
        let asked = fetch(fetcher, provider).await.map(Arc::from);
        self.note(at, |known| {
            known.asking = false;
            known.asked = Some(now);
            if let Ok(keys) = &asked {
                known.keys = Some(Arc::clone(keys));
                known.fetched = now;
            }
        });
        asked.or_else(|unheard| usable.ok_or(unheard))
    }

    fn look(&self, at: &str) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(at).cloned().unwrap_or_default()
    }

    fn note(&self, at: &str, change: impl FnOnce(&mut Known)) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST && !known.contains_key(at) {
            known.clear();
        }
        change(known.entry(at.to_owned()).or_default());
    }
}

/// Discovery, then the key set that it names. The document must be of the very issuer that was asked for.
async fn fetch(fetcher: &dyn Fetcher, provider: &Provider) -> Result<Vec<VerifyingKey>, Unheard> {
    let document = json(fetcher, provider, &provider.discovery).await?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let is_own = text("issuer").is_some_and(|issuer| provider.issuers.iter().any(|own| own == issuer));
    let place = text("jwks_uri").filter(|_| is_own).ok_or(Unheard::Unreachable)?;
    let heard = fetcher.fetch(Question::get(place, provider.reach)).await?;
    if heard.status != 200 {
        return Err(Unheard::Unreachable);
    }
    read_jwks(&heard.body).filter(|keys| !keys.is_empty()).ok_or(Unheard::Unreachable)
}

async fn json(fetcher: &dyn Fetcher, provider: &Provider, url: &str) -> Result<Value, Unheard> {
    let heard = fetcher.fetch(Question::get(url, provider.reach)).await?;
    if heard.status != 200 {
        return Err(Unheard::Unreachable);
    }
    serde_json::from_slice(&heard.body).map_err(|_| Unheard::Unreachable)
}
