//! Headers: the three forms that we write, and the strict reading of what we are shown.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::algorithm::Algorithm;
use super::key::KeyId;
use super::segments::Scratch;
use crate::refusal::Forgery;

/// How a language writes the header of its tokens; clients of the originals may compare it byte for byte.
///
/// Keys with a public part append `kid` as last member, so that the reader of a key set finds the key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HeaderStyle {
    /// `{"alg":"HS256"}`
    AlgOnly,
    /// `{"alg":"HS256","typ":"JWT"}`
    AlgTyp,
    /// `{"typ":"JWT","alg":"HS256"}`
    TypAlg,
}

impl HeaderStyle {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AlgOnly, Self::AlgTyp, Self::TypAlg];

    /// The header as JSON (RFC 7515 §4.1).
    #[must_use]
    pub fn json(self, algorithm: Algorithm, kid: Option<&KeyId>) -> String {
        let alg = algorithm.name();
        let members = match self {
            Self::AlgOnly => format!(r#""alg":"{alg}""#),
            Self::AlgTyp => format!(r#""alg":"{alg}","typ":"JWT""#),
            Self::TypAlg => format!(r#""typ":"JWT","alg":"{alg}""#),
        };
        // A KeyId has no character that JSON would escape.
        kid.map_or_else(|| format!("{{{members}}}"), |kid| format!(r#"{{{members},"kid":"{kid}"}}"#))
    }

    /// The header as first segment of a token.
    pub(super) fn encode(self, algorithm: Algorithm, kid: Option<&KeyId>) -> String {
        BASE64URL_NOPAD.encode(self.json(algorithm, kid).as_bytes())
    }
}

/// The longest header, in decoded bytes, that is read at all.
const MAX_HEADER_BYTES: usize = 1024;

/// The most members that a header may have; honest ones have two to four.
const MAX_MEMBERS: usize = 16;

/// Members that ask for what we never do: extensions that must be understood (`crit`), keys from the token
/// itself or from elsewhere, compression, unencoded payloads (RFC 7797), encryption. Whoever sends one
/// is refused, whatever its value (RFC 7515 §4.1.2-6 and 11, RFC 7516 §4.1; CVE-2018-0114).
const NEVER: [&str; 11] = ["crit", "jwk", "jku", "x5u", "x5c", "zip", "b64", "enc", "epk", "p2c", "p2s"];

/// What a header of somebody says, before anything is proven. It selects among our keys, nothing more.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct UnverifiedHeader {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
}

impl UnverifiedHeader {
    /// Reads a header that is not one of ours byte for byte.
    ///
    /// # Errors
    /// [`Forgery::Malformed`] if it is no JSON object with a string `alg`, too long, or has a member twice;
    /// [`Forgery::Algorithm`] if it names an algorithm we do not have, or asks for something we never do.
    pub(super) fn read(segment: &[u8], scratch: &mut Scratch) -> Result<Self, Forgery> {
        // base64 has four letters for three octets.
        if segment.len() > MAX_HEADER_BYTES.div_ceil(3) * 4 {
            return Err(Forgery::Malformed);
        }
        let json = std::str::from_utf8(scratch.decode(segment)?).map_err(|_| Forgery::Malformed)?;
        let members: Members = serde_json::from_str(json).map_err(|_| Forgery::Malformed)?;
        if members.asks_for_more {
            return Err(Forgery::Algorithm);
        }
        let name = members.alg.ok_or(Forgery::Malformed)?;
        Ok(Self { algorithm: Algorithm::parse(&name).ok_or(Forgery::Algorithm)?, kid: members.kid })
    }
}

/// The members of a header that matter, each seen at most once.
#[derive(Default)]
struct Members {
    alg: Option<String>,
    kid: Option<String>,
    asks_for_more: bool,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JOSE header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        let mut seen: Vec<String> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if seen.len() == MAX_MEMBERS || seen.contains(&name) {
                return Err(A::Error::custom("too many members, or one twice"));
            }
            match name.as_str() {
                "alg" => members.alg = Some(map.next_value()?),
                "kid" => members.kid = Some(map.next_value()?),
                // Unread, but a string it must be (RFC 7515 §4.1.9).
                "typ" => drop(map.next_value::<String>()?),
                other => {
                    members.asks_for_more |= NEVER.contains(&other);
                    map.next_value::<IgnoredAny>()?;
                }
            }
            seen.push(name);
        }
        if members.kid.as_ref().is_some_and(|kid| kid.len() > KeyId::MAX_BYTES) {
            return Err(A::Error::custom("a kid beyond measure"));
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<(Algorithm, Option<String>), Forgery> {
        let segment = BASE64URL_NOPAD.encode(json.as_bytes());
        UnverifiedHeader::read(segment.as_bytes(), &mut Scratch::new()).map(|header| (header.algorithm, header.kid))
    }

    #[test]
    fn each_style_has_its_exact_bytes() {
        let kid = KeyId::parse("k-1").unwrap();
        for (style, plain, named) in [
            (HeaderStyle::AlgOnly, r#"{"alg":"HS256"}"#, r#"{"alg":"EdDSA","kid":"k-1"}"#),
            (HeaderStyle::AlgTyp, r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"alg":"EdDSA","typ":"JWT","kid":"k-1"}"#),
            (HeaderStyle::TypAlg, r#"{"typ":"JWT","alg":"HS256"}"#, r#"{"typ":"JWT","alg":"EdDSA","kid":"k-1"}"#),
        ] {
            assert_eq!(style.json(Algorithm::Hs256, None), plain);
            assert_eq!(style.json(Algorithm::EdDsa, Some(&kid)), named);
        }
        assert_eq!(HeaderStyle::TypAlg.encode(Algorithm::Hs256, None), "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9");
    }

    #[test]
    fn headers_of_others_are_read_if_they_say_nothing_strange() {
        for (json, expected) in [
            (r#"{"alg":"HS256"}"#, (Algorithm::Hs256, None)),
            (" {\r\n\t\"typ\" : \"JWT\" , \"alg\" : \"RS512\" } ", (Algorithm::Rs512, None)),
            (r#"{"alg":"\u0048S256","kid":"a"}"#, (Algorithm::Hs256, Some("a".to_owned()))),
            (r#"{"alg":"EdDSA","kid":"","cty":"x","x5t":"y","deep":{"a":[1,{"a":1,"a":2}]}}"#, (Algorithm::EdDsa, Some(String::new()))),
            (r#"{"alg":"HS256","nested":{"crit":["exp"],"alg":"none"}}"#, (Algorithm::Hs256, None)),
        ] {
            assert_eq!(read(json), Ok(expected), "{json}");
        }
    }

    #[test]
    fn an_algorithm_we_do_not_have_is_refused() {
        for alg in [
            "none",
            "None",
            "NONE",
            "nOnE",
            "NoNe",
            "",
            "hs256",
            "HS256 ",
            "HS256\\u0000",
            "PS256",
            "ES384",
            "ES256K",
            "A128KW",
            "PBES2-HS256+A128KW",
            "dir",
        ] {
            assert_eq!(read(&format!(r#"{{"alg":"{alg}"}}"#)), Err(Forgery::Algorithm), "{alg}");
        }
    }

    #[test]
    fn members_that_ask_for_more_are_refused_whatever_their_value() {
        for name in NEVER {
            for value in ["null", "false", "[]", "\"https://example.org/keys\"", r#"{"kty":"oct","k":"AAAA"}"#] {
                assert_eq!(read(&format!(r#"{{"alg":"HS256","{name}":{value}}}"#)), Err(Forgery::Algorithm), "{name} {value}");
            }
        }
    }

    #[test]
    fn a_header_of_another_shape_is_malformed() {
        for json in [
            "",
            "null",
            "1",
            "\"HS256\"",
            "[]",
            r#"["HS256"]"#,
            "{}",
            r#"{"typ":"JWT"}"#,
            r#"{"alg":null}"#,
            r#"{"alg":["HS256"]}"#,
            r#"{"alg":{"HS256":1}}"#,
            r#"{"alg":256}"#,
            r#"{"alg":true}"#,
            r#"{"Alg":"HS256"}"#,
            r#"{"alg":"HS256","alg":"HS256"}"#,
            r#"{"alg":"HS256","\u0061lg":"none"}"#,
            r#"{"alg":"HS256","kid":1}"#,
            r#"{"alg":"HS256","kid":null}"#,
            r#"{"alg":"HS256","kid":["a"]}"#,
            r#"{"alg":"HS256","typ":1}"#,
            r#"{"alg":"HS256","x":1,"x":2}"#,
            r#"{"alg":"HS256"}{}"#,
            r#"{"alg":"HS256"},"#,
            r#"{"alg":"HS256""#,
            "\u{feff}{\"alg\":\"HS256\"}",
        ] {
            assert_eq!(read(json), Err(Forgery::Malformed), "{json}");
        }
    }

    #[test]
    fn a_header_beyond_measure_is_malformed() {
        let kid = |length: usize| format!(r#"{{"alg":"HS256","kid":"{}"}}"#, "k".repeat(length));
        assert!(read(&kid(128)).is_ok());
        assert_eq!(read(&kid(129)), Err(Forgery::Malformed));
        assert_eq!(read(&kid(10_000)), Err(Forgery::Malformed));
        let members: String = (0..MAX_MEMBERS).map(|i| format!(r#","m{i}":0"#)).collect();
        assert_eq!(read(&format!(r#"{{"alg":"HS256"{members}}}"#)), Err(Forgery::Malformed));
        let deep = format!(r#"{{"alg":"HS256","x":{}{}}}"#, "[".repeat(480), "]".repeat(480));
        let _either = read(&deep);
        assert_eq!(UnverifiedHeader::read(b"eyJhbGciOiJIUzI1Ni\xff", &mut Scratch::new()).err(), Some(Forgery::Malformed));
        let latin1 = BASE64URL_NOPAD.encode(b"{\"alg\":\"HS256\",\"x\":\"\xe9\"}");
        assert_eq!(UnverifiedHeader::read(latin1.as_bytes(), &mut Scratch::new()).err(), Some(Forgery::Malformed));
    }
}
