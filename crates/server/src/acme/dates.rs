//! From when until when a certificate is good.

use doorward_core::call::Time;
use doorward_core::refusal::Fault;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_cert::Certificate;
use x509_cert::der::Decode;

/// From when until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// The first second.
    pub first: Time,
    /// The last second.
    pub last: Time,
}

impl Dates {
    /// Those of the first certificate of a chain in PEM, which is the one that is shown for a name.
    ///
    /// # Errors
    /// If it is none.
    pub fn of(chain: &str) -> Result<Self, Fault> {
        let first = CertificateDer::pem_slice_iter(chain.as_bytes()).next();
        let first = first.and_then(Result::ok).ok_or_else(|| Fault::new("holds no certificate in PEM"))?;
        let read = Certificate::from_der(&first).map_err(|e| Fault::new(format_args!("the certificate cannot be read: {e}")))?;
        let validity = read.tbs_certificate.validity;
        let time = |time: x509_cert::time::Time| Time(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX));
        Ok(Self { first: time(validity.not_before), last: time(validity.not_after) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_dates_are_those_of_the_first_certificate() {
        let made = |year| {
            let mut wanted = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
            wanted.not_before = rcgen::date_time_ymd(2026, 1, 1);
            wanted.not_after = rcgen::date_time_ymd(year, 1, 2);
            wanted.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
        };
        // 2051 is written in another form than 2026 (RFC 5280 §4.1.2.5).
        let chain = format!("{}{}", made(2051), made(2027));
        assert_eq!(Dates::of(&chain).unwrap(), Dates { first: Time(1_767_225_600), last: Time(2_556_230_400) });
        for none in ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(Dates::of(none).is_err(), "{none}");
        }
    }

    proptest! {
        #[test]
        fn whatever_an_authority_sends_is_read_or_refused(at in 0usize..600, bit in 0u8..8, cut in 0usize..900) {
            let mut text = rcgen::generate_simple_self_signed(vec!["a.example".to_owned()]).unwrap().cert.pem().into_bytes();
            let at = at % text.len();
            text[at] ^= 1 << bit;
            text.truncate(text.len().min(cut + 30));
            let _ = Dates::of(&String::from_utf8_lossy(&text));
        }
    }
}
