//! One incoming request as the law sees it: one `now`, one source of randomness, one client.

use std::fmt;
use std::net::IpAddr;

use crate::audit::Actor;

/// A point in time: whole seconds since the Unix epoch, UTC.
///
/// Every wire format and every stored date of Doorward has second precision.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(pub i64);

impl Time {
    /// This time, later by `seconds` (earlier if negative); saturates at the ends.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds from `earlier` to this time (negative if it is later).
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// ISO 8601 in UTC with second precision and `Z`: `2026-01-02T03:04:05Z`.
    #[must_use]
    pub fn iso(self) -> String {
        jiff::Timestamp::from_second(self.0).map_or_else(|_| String::new(), |t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }

    /// The form in which WordPress stores dates, UTC: `2026-01-02 03:04:05`.
    #[must_use]
    pub fn wordpress(self) -> String {
        jiff::Timestamp::from_second(self.0).map_or_else(|_| String::new(), |t| t.strftime("%Y-%m-%d %H:%M:%S").to_string())
    }

    /// Reads ISO 8601 (with `Z` or an offset) or the WordPress form (taken as UTC).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(t) = text.parse::<jiff::Timestamp>() {
            return Some(Self(t.as_second()));
        }
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| Self(z.timestamp().as_second()))
    }
}

/// Where randomness comes from: the operating system in the server, a seed in tests.
pub trait Dice: Send + Sync {
    /// Fills `buffer` with unpredictable bytes.
    fn fill(&mut self, buffer: &mut [u8]);
}

impl dyn Dice + '_ {
    /// `N` unpredictable bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}

/// The id of one request, as clients and logs see it: `req_` and twelve base-32 letters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; 16]);

impl RequestId {
    /// A fresh id from the call's randomness.
    pub fn draw(dice: &mut dyn Dice) -> Self {
        const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut text = *b"req_000000000000";
        for (slot, byte) in text[4..].iter_mut().zip(dice.bytes::<12>()) {
            *slot = LETTERS[usize::from(byte & 31)];
        }
        Self(text)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("req_")
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who is at the other end of the wire.
#[derive(Clone, Debug)]
pub struct Client {
    /// The client's address, after trusted proxies were taken into account.
    pub address: IpAddr,
    /// `User-Agent` as sent, cut to 256 bytes; for the audit only, never for a decision.
    pub agent: Option<String>,
}

/// One request: made once, at the porch (`web/incoming.rs`), and handed to every flow.
pub struct Call {
    /// The one `now` of this request.
    pub now: Time,
    /// The request's randomness.
    pub dice: Box<dyn Dice>,
    /// Who asks.
    pub client: Client,
    /// The request's id, in log, audit and answer.
    pub request_id: RequestId,
    /// Who acts on what is not its own, once that was proven: written into every audit entry of the call.
    pub actor: Option<Actor>,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("now", &self.now)
            .field("client", &self.client)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn no_text_panics_and_what_was_written_is_read_back(text in "\\PC{0,40}|[0-9T:Z+. -]{0,40}", seconds in -62_135_596_800_i64..253_402_300_000) {
            let _ = Time::parse(&text);
            let time = Time(seconds);
            for written in [time.iso(), time.wordpress()] {
                proptest::prop_assert_eq!(Time::parse(&written), Some(time), "{}", written);
            }
        }
    }
}
