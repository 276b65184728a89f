//! What every run needs: a folder of its own, the binary in it, a client, and a world to import.

mod client;
mod place;
mod world;

pub(crate) use client::{Answer, Ask, read_answer};
pub(crate) use place::{Engine, Place, Server, free};
pub(crate) use world::{PASSWORD, TOTP_SECRET, bundle, login, may_see_sites, site, totp_code, user, wapka_key, wapka_login};

use std::time::{Duration, Instant};

/// Looks again and again until there is something to see; fails with `what` when the time is over.
#[track_caller]
pub(crate) fn until<T>(time: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + time;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < end, "waited {time:?} in vain for {what}");
        // Nothing is waited out: this is the pace of looking.
        std::thread::sleep(Duration::from_millis(10));
    }
}
