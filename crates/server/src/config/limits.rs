//! `[limits]`: wrong tries, and repeated refreshes.

use super::key::{Key, Kind};
use super::{Problem, Values};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "limits.per_account",
        env: "DOORWARD_LIMITS_PER_ACCOUNT",
        flag: None,
        kind: Kind::Number(1, 1_000_000),
        default: "10",
        about: "Wrong tries before an account is locked until the window has passed. One counter for every door: passwords, \
                second factors and HTTP Basic, in every dialect. A locked account answers as a wrong password does.",
    },
    Key {
        name: "limits.per_address",
        env: "DOORWARD_LIMITS_PER_ADDRESS",
        flag: None,
        kind: Kind::Number(1, 1_000_000),
        default: "100",
        about: "Wrong tries from one address (for IPv6, from one /64) before it must wait, whomever it tried. Set \
                server.trusted_proxies first if there is a proxy in front: otherwise every client has the proxy's address.",
    },
    Key {
        name: "limits.window_seconds",
        env: "DOORWARD_LIMITS_WINDOW_SECONDS",
        flag: None,
        kind: Kind::Number(1, 604_800),
        default: "900",
        about: "Seconds that a count of wrong tries lives, from its first one, and a lock with it.",
    },
    Key {
        name: "limits.retry_window_seconds",
        env: "DOORWARD_LIMITS_RETRY_WINDOW_SECONDS",
        flag: None,
        kind: Kind::Number(0, 300),
        default: "10",
        about: "Seconds within which a refresh whose answer was lost on the way may be repeated, and gets the same successor. \
                Later, or with an older token, it counts as theft and ends the whole family. 0 = never repeated.",
    },
];

/// The section's values.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Wrong tries: how many, in which time.
    pub attempts: doorward_core::limit::Limits,
    /// Seconds within which a refresh may be repeated.
    pub retry_window: i64,
}

impl Limits {
    pub(super) fn read(values: &Values) -> Result<Self, Problem> {
        Ok(Self {
            attempts: doorward_core::limit::Limits {
                per_account: values.number("limits.per_account")?,
                per_address: values.number("limits.per_address")?,
                window: values.number("limits.window_seconds")?,
            },
            retry_window: values.number("limits.retry_window_seconds")?,
        })
    }
}
