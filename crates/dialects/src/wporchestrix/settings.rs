//! Its settings: `{}` is on with the documented lives.

use doorward_core::site::{ConfigProblem, Member, MemberKind};
use serde_json::Value;

use crate::config::{Reader, edition};

/// The settings of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Seconds that an access token lives (seed 000: 15 minutes).
    pub access_life: i64,
    /// Seconds that a refresh token lives (seed 000: 7 days).
    pub refresh_life: i64,
    /// The realm in `WWW-Authenticate`.
    pub realm: String,
}

impl Settings {
    pub(super) fn read(value: &Value) -> Result<Self, ConfigProblem> {
        let path = "dialects.wporchestrix";
        let top = Reader::top(path, value, &["settings"])?;
        edition(path, value, &[])?;
        let inner_path = "dialects.wporchestrix.settings";
        let inner = Reader::open(inner_path, top.get("settings").unwrap_or(&Value::Null))?;
        inner.refuse_unknown(|name| ["access_seconds", "refresh_seconds", "realm"].contains(&name))?;
        Ok(Self {
            access_life: inner.number("access_seconds", 10..=86_400)?.unwrap_or(900),
            refresh_life: inner.number("refresh_seconds", 60..=31_536_000)?.unwrap_or(604_800),
            realm: inner.text("realm")?.unwrap_or("WPSentinel").to_owned(),
        })
    }
}

/// What may be set.
pub(super) fn members() -> Vec<Member> {
    let [access, refresh] = [(10, 86_400), (60, 31_536_000)].map(|(least, most)| MemberKind::Number { least, most });
    vec![
        Member::new("settings.access_seconds", "wporchestrix.access_seconds", "tokens", access, "900"),
        Member::new("settings.refresh_seconds", "wporchestrix.refresh_seconds", "tokens", refresh, "604800"),
        Member::new("settings.realm", "wporchestrix.realm", "general", MemberKind::Text, "WPSentinel"),
        Member::accepts(),
    ]
}
