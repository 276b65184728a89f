//! The modes: rows of the settings table, set for every endpoint at once, and what holds then.

use serde_json::{Map, Value, json};

use super::endpoints::{ENDPOINTS, Endpoint};

/// What an endpoint does in a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    None,
    Simple,
    Basic,
    Unknown,
    Off(&'static str),
    Unlisted,
}

/// A mode.
pub(super) struct Mode {
    pub(super) name: &'static str,
    /// Its rows.
    pub(super) rows: fn() -> Value,
    /// What an endpoint with settings does.
    does: fn(&Endpoint) -> Does,
    /// Whether the endpoints without settings are under it too.
    all: bool,
    /// One of how many credentials is tried: where only the order of two noes is in question, a few are enough.
    pub(super) step: usize,
}

impl Mode {
    /// What an endpoint does in this mode.
    pub(super) fn of(&self, endpoint: &Endpoint) -> Does {
        match endpoint.feature {
            None if self.name == "no updates" && endpoint.path == "/api/v1/update" => Does::Off("disable_core_update"),
            None if !self.all => habit(endpoint),
            None | Some(_) => (self.does)(endpoint),
        }
    }
}

/// All of them.
#[rustfmt::skip]
pub(super) const MODES: &[Mode] = &[
    Mode { name: "no rows",         rows: || json!({}),                           does: habit,                             all: false, step: 1 },
    Mode { name: "none",            rows: || each("_should_auth", "none"),        does: |_| Does::None,                    all: false, step: 1 },
    Mode { name: "blank",           rows: || each("_should_auth", ""),            does: |_| Does::None,                    all: false, step: 1 },
    Mode { name: "simple",          rows: || each("_should_auth", "simple"),      does: |_| Does::Simple,                  all: false, step: 1 },
    Mode { name: "basic",           rows: || each("_should_auth", "basic"),       does: |_| Does::Basic,                   all: false, step: 1 },
    Mode { name: "unknown",         rows: || each("_should_auth", "digest"),      does: |_| Does::Unknown,                 all: false, step: 1 },
    Mode { name: "endpoints off",   rows: || each("", "0"),                       does: |e| Does::Off(feature(e).1),       all: false, step: 1 },
    Mode { name: "groups off",      rows: groups,                                 does: |e| Does::Off(group(feature(e).0)), all: false, step: 1 },
    Mode { name: "all off",         rows: || json!({"enable_api_access": "0"}),   does: |_| Does::Off("enable_api_access"), all: true, step: 1 },
    Mode { name: "no updates",      rows: || json!({"disable_core_update": "1"}), does: habit,                             all: false, step: 1 },
    Mode { name: "whitelisted",     rows: || also(json!({"api_access_whitelist": "10.0.0.1\r\n127.0.0.1"}), "_should_auth", "basic"), does: |_| Does::Basic, all: false, step: 1 },
    // Of two noes the first in the order of contract §3 is heard: switch, whitelist, mode.
    Mode { name: "off and unlisted", rows: || also(json!({"api_access_whitelist": "10.0.0.1", "enable_api_access": false}), "", "0"), does: |_| Does::Off("enable_api_access"), all: true, step: 7 },
    Mode { name: "off and unknown", rows: || also(each("", ""), "_should_auth", "digest"), does: |e| Does::Off(feature(e).1), all: false, step: 7 },
    Mode { name: "unlisted and unknown", rows: || also(json!({"api_access_whitelist": "10.0.0.1"}), "_should_auth", "digest"), does: |_| Does::Unlisted, all: true, step: 7 },
    Mode { name: "not whitelisted", rows: || json!({"api_access_whitelist": "10.0.0.0/8\nwire.example"}), does: |_| Does::Unlisted, all: true, step: 1 },
];

fn habit(endpoint: &Endpoint) -> Does {
    if endpoint.token { Does::Simple } else { Does::None }
}

fn feature(endpoint: &Endpoint) -> (&'static str, &'static str) {
    endpoint.feature.expect("a feature")
}

fn group(name: &str) -> &'static str {
    match name {
        "post" => "enable_api_post",
        "tag" => "enable_api_tag",
        _ => "enable_api_website",
    }
}

fn groups() -> Value {
    json!({"enable_api_post": "0", "enable_api_tag": "0", "enable_api_website": "0"})
}

/// These rows, and one for each endpoint.
fn also(mut rows: Value, suffix: &str, value: &str) -> Value {
    if let (Value::Object(rows), Value::Object(more)) = (&mut rows, each(suffix, value)) {
        rows.extend(more);
    }
    rows
}

fn each(suffix: &str, value: &str) -> Value {
    let keys = ENDPOINTS.iter().filter_map(|e| e.feature).map(|(_, key)| format!("{key}{suffix}"));
    Value::Object(keys.map(|key| (key, value.into())).collect::<Map<_, _>>())
}
