//! `[audit]`: how long decisions are remembered.

use super::key::{Key, Kind};
use super::{Problem, Values};

pub(super) const KEYS: &[Key] = &[Key {
    name: "audit.keep_days",
    env: "DOORWARD_AUDIT_KEEP_DAYS",
    flag: None,
    kind: Kind::Number(0, 36_500),
    default: "365",
    about: "Days that audit entries are kept; older ones are swept. 0 = for ever.",
}];

/// The section's values.
#[derive(Clone, Copy, Debug)]
pub struct Audit {
    /// Days that entries are kept; 0 = for ever.
    pub keep_days: i64,
}

impl Audit {
    pub(super) fn read(values: &Values) -> Result<Self, Problem> {
        Ok(Self { keep_days: values.number("audit.keep_days")? })
    }

    /// The same in seconds; 0 = for ever.
    #[must_use]
    pub fn keep_seconds(self) -> i64 {
        self.keep_days.saturating_mul(86_400)
    }
}
