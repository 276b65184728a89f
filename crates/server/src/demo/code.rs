//! The six digits that Bob's authenticator shows now (RFC 6238): a server never needs to make them, a demo does.

use aws_lc_rs::hmac;
use doorward_core::call::Time;
use doorward_core::credential::totp::STEP_SECONDS;
use doorward_core::secret::Secret;

/// The code of a moment.
pub(super) fn at(secret: &Secret, now: Time) -> String {
    let step = u64::try_from(now.0).unwrap_or_default() / STEP_SECONDS;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.reveal());
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag.last().copied().unwrap_or_default() & 15);
    let four = tag.get(offset..offset + 4).and_then(|s| <[u8; 4]>::try_from(s).ok()).unwrap_or_default();
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use doorward_core::credential::totp::matching_step;

    use super::*;

    #[test]
    fn its_codes_are_those_of_the_law() {
        // RFC 6238, appendix B, cut to six digits.
        let secret = Secret::new(*b"12345678901234567890");
        for (now, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(at(&secret, Time(now)), code);
            assert!(matching_step(&secret, code, Time(now)).is_some());
        }
    }
}
