//! Key sets of other issuers (RFC 7517): read into keys that only prove. Symmetric keys in them are never read.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use super::algorithm::Algorithm;
use super::key::{KeyId, VerifyingKey};

/// The most keys that are read of a set.
const MAX_KEYS: usize = 32;
/// Octets of an RSA modulus: 2048 to 8192 bits (RFC 7518 §3.3 for the lower, what is still quick for the upper).
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;

/// The keys of a JWK set that can prove signatures with an algorithm of ours; the others are passed over. `None` if the text is no set.
#[must_use]
pub fn read_jwks(text: &[u8]) -> Option<Vec<VerifyingKey>> {
    let set: Value = serde_json::from_slice(text).ok()?;
    let keys = set.get("keys")?.as_array()?;
    Some(keys.iter().take(MAX_KEYS).enumerate().filter_map(|(at, jwk)| read(at, jwk)).collect())
}

fn read(at: usize, jwk: &Value) -> Option<VerifyingKey> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|how| how != "sig") {
        return None;
    }
    let octets = |name: &str| BASE64URL_NOPAD.decode(text(name)?.trim_end_matches('=').as_bytes()).ok();
    let (default, public) = match (text("kty")?, text("crv")) {
        ("RSA", _) => (Algorithm::Rs256, pkcs1(&octets("n")?, &octets("e")?)?),
        ("EC", Some("P-256")) => (Algorithm::Es256, point(&octets("x")?, &octets("y")?)?),
        ("OKP", Some("Ed25519")) => (Algorithm::EdDsa, octets("x")?),
        _ => return None,
    };
    let algorithm = match text("alg") {
        None => default,
        Some(name) => Algorithm::parse(name)?,
    };
    // A key of one kind that says it is for another is nobody's.
    let is_rsa = |a: Algorithm| matches!(a, Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512);
    if algorithm.is_symmetric() || (algorithm != default && !(is_rsa(algorithm) && is_rsa(default))) {
        return None;
    }
    let id = text("kid").and_then(KeyId::parse).or_else(|| KeyId::parse(&format!("key-{at}")))?;
    VerifyingKey::public(id, algorithm, &public, None)
}

/// An uncompressed point (SEC 1 §2.3.3).
fn point(x: &[u8], y: &[u8]) -> Option<Vec<u8>> {
    (x.len() == 32 && y.len() == 32).then(|| [&[4], x, y].concat())
}

/// `RSAPublicKey` (RFC 8017 A.1.1) in DER, if the modulus has a size that is used.
fn pkcs1(n: &[u8], e: &[u8]) -> Option<Vec<u8>> {
    let first = n.iter().position(|octet| *octet != 0)?;
    MODULUS.contains(&(n.len() - first)).then(|| tagged(0x30, &[integer(n), integer(e)].concat()))
}

fn integer(octets: &[u8]) -> Vec<u8> {
    let start = octets.iter().position(|o| *o != 0).unwrap_or(octets.len());
    let magnitude = octets.get(start..).unwrap_or_default();
    let sign: &[u8] = if magnitude.first().is_none_or(|first| *first > 0x7f) { &[0] } else { &[] };
    tagged(2, &[sign, magnitude].concat())
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let start = length.iter().position(|o| *o != 0).unwrap_or(length.len() - 1);
    let short = length.get(start..).unwrap_or_default();
    let mut out = vec![tag];
    if content.len() > 0x7f {
        out.push(0x80 | u8::try_from(short.len()).unwrap_or(8));
    }
    out.extend_from_slice(short);
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testkit::SeededDice;
    use crate::token::{HeaderStyle, Scratch, SigningKey, verify_with};

    #[test]
    fn what_a_published_key_signed_is_proven_and_nothing_else() {
        for algorithm in [Algorithm::Rs256, Algorithm::Rs512, Algorithm::Es256, Algorithm::EdDsa] {
            let make = |seed: u64| SigningKey::generate(algorithm, KeyId::parse("k").unwrap(), &mut SeededDice::new(seed)).unwrap().0;
            let (own, other) = (make(1), make(2));
            let set = json!({"keys": [{"kty": "oct", "k": "AAAA"}, own.verifying().public_jwk().unwrap()]}).to_string();
            let keys = read_jwks(set.as_bytes()).unwrap();
            assert_eq!(keys.len(), 1, "{algorithm}");
            let by = |key: &SigningKey| key.sign(HeaderStyle::TypAlg, b"{}").unwrap();
            assert!(verify_with(&keys, &by(&own), &mut Scratch::new()).is_ok(), "{algorithm}");
            assert!(verify_with(&keys, &by(&other), &mut Scratch::new()).is_err(), "{algorithm}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_set_panics(n in "[A-Za-z0-9_-]{0,400}", e in "[A-Za-z0-9_-]{0,8}", kty in "RSA|EC|OKP|oct", crv in "P-256|Ed25519|x", text in "\\PC{0,80}") {
            let _ = read_jwks(text.as_bytes());
            let set = json!({"keys": [{"kty": kty, "crv": crv, "n": n, "e": e, "x": n, "y": e, "kid": text}]}).to_string();
            proptest::prop_assert!(read_jwks(set.as_bytes()).is_some());
        }
    }

    #[test]
    fn what_is_no_public_key_of_ours_is_passed_over() {
        for jwk in [
            json!({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"}),
            json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "alg": "HS256"}),
            json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"}),
            json!({"kty": "RSA", "n": 1, "e": []}),
            json!({"kty": "RSA", "n": "", "e": "AQAB"}),
            json!({"kty": "RSA", "n": "A".repeat(400), "e": "AQAB"}),
            json!({"kty": "RSA", "n": "_".repeat(300), "e": "AQAB"}),
            json!({"kty": "RSA", "n": "_".repeat(2000), "e": "AQAB"}),
            json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
            json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}),
            json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
            json!({"kty": "RSA", "use": "enc", "n": "AQAB", "e": "AQAB"}),
            json!(null),
            json!("key"),
        ] {
            let set = json!({"keys": [jwk]}).to_string();
            assert!(read_jwks(set.as_bytes()).unwrap().is_empty(), "{set}");
        }
        for text in ["", "[]", "{}", r#"{"keys":{}}"#, "null"] {
            assert!(read_jwks(text.as_bytes()).is_none(), "{text}");
        }
    }
}
