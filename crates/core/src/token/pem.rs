//! The textual form of keys (RFC 7468): found among other blocks, and unwrapped.

use data_encoding::BASE64;
use zeroize::Zeroizing;

/// Labels of unencrypted private keys: PKCS#8, PKCS#1 (RSA), SEC1 (EC).
const LABELS: [&str; 3] = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"];

/// The DER octets of the first private key in `text`, if `text` is PEM and has one.
///
/// Other blocks before it (`EC PARAMETERS`, a certificate) are passed over, as are line breaks written
/// as `\n` in two characters, which is how keys survive environment variables.
pub(super) fn private_key(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    block(text, &LABELS)
}

/// The DER octets of the first public key in `text` (`SubjectPublicKeyInfo`, or PKCS#1 for RSA).
pub(super) fn public_key(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    block(text, &["PUBLIC KEY", "RSA PUBLIC KEY"])
}

fn block(text: &str, labels: &[&str]) -> Option<Zeroizing<Vec<u8>>> {
    labels.iter().find_map(|label| {
        let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
        let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
        let body = Zeroizing::new(body.replace("\\n", "").replace("\\r", ""));
        let letters = Zeroizing::new(body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<u8>>());
        BASE64.decode(&letters).ok().map(Zeroizing::new)
    })
}

#[cfg(test)]
mod tests {
    use super::private_key;

    #[test]
    fn a_private_key_is_found_whatever_stands_around_it() {
        for text in [
            "-----BEGIN PRIVATE KEY-----\nZm9v\n-----END PRIVATE KEY-----\n",
            "\r\n  -----BEGIN PRIVATE KEY-----\r\nZm\r\n  9v\r\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----Zm9v-----END PRIVATE KEY-----",
            r"-----BEGIN RSA PRIVATE KEY-----\nZm9v\n-----END RSA PRIVATE KEY-----\n",
            "-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\nZm9v\n-----END EC PRIVATE KEY-----",
        ] {
            assert_eq!(private_key(text).unwrap().as_slice(), b"foo", "{text}");
        }
    }

    #[test]
    fn what_is_no_private_key_is_not_read() {
        for text in [
            "",
            "Zm9v",
            "-----BEGIN PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nZm9v",
            "-----BEGIN PRIVATE KEY-----\nZm9v\n-----END PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----\nZm9v\n-----END PUBLIC KEY-----",
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nZm9v\n-----END ENCRYPTED PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nZm9v\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nZm9\n-----END PRIVATE KEY-----",
        ] {
            assert!(private_key(text).is_none(), "{text}");
        }
    }
}
