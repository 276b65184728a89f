//! Forgers at work: each known family of attack, and none of them comes through.

use proptest::prelude::*;

use super::*;
use crate::token::{MAX_TOKEN_BYTES, VerifyingKey, unverified_payload};

const ALL_FORMS: [Algorithm; 4] = [Algorithm::Hs256, Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];

fn honest(algorithm: Algorithm) -> (KeyRing, String) {
    let ring = ring(algorithm);
    let token = ring.sign(HeaderStyle::AlgTyp, CLAIMS).unwrap();
    (ring, token)
}

fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

#[test]
fn an_unsigned_token_is_refused_however_it_spells_none() {
    for algorithm in ALL_FORMS {
        let (ring, token) = honest(algorithm);
        let [_, payload, signature] = parts(&token);
        for bits in 0..16_u8 {
            let none: String =
                "none".chars().enumerate().map(|(i, c)| if bits >> i & 1 == 1 { c.to_ascii_uppercase() } else { c }).collect();
            for header in [
                format!(r#"{{"alg":"{none}"}}"#),
                format!(r#"{{"alg":"{none}","typ":"JWT"}}"#),
                format!(r#"{{"typ":"JWT","alg":"{none}","kid":"k1"}}"#),
            ] {
                for signature in ["", signature, "AA"] {
                    let forged = format!("{}.{payload}.{signature}", encode(&header));
                    assert_eq!(verdict(&ring, &forged), Err(Forgery::Algorithm), "{header}");
                }
            }
        }
        let [header, ..] = parts(&token);
        assert_eq!(verdict(&ring, &format!("{header}.{payload}.")), Err(Forgery::Signature));
    }
}

#[test]
fn a_public_key_is_no_hmac_secret() {
    let rsa = key("k1", Algorithm::Rs256, 1);
    let jwk = rsa.verifying().public_jwk().unwrap().clone();
    let member = |name: &str| BASE64URL_NOPAD.decode(jwk[name].as_str().unwrap().as_bytes()).unwrap();
    let spki = {
        use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
        let key = aws_lc_rs::signature::RsaPublicKeyComponents { n: member("n"), e: member("e") };
        let der: PublicKeyX509Der<'_> = key.as_der().unwrap();
        der.as_ref().to_vec()
    };
    let text = pem("PUBLIC KEY", &spki);
    let hybrid = KeyRing::new(key("k1", Algorithm::Rs256, 1)).with_older(key("k2", Algorithm::Hs256, 2).into_verifying());
    for secret in [
        spki.clone(),
        text.clone().into_bytes(),
        text.trim().into(),
        format!("{text}\n").into_bytes(),
        member("n"),
        jwk.to_string().into_bytes(),
        Vec::new(),
    ] {
        let forger = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
        for header in [
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"HS256","typ":"JWT"}"#,
            r#"{"alg":"HS256","kid":"k1"}"#,
            r#"{"alg":"RS256","typ":"JWT","kid":"k1"}"#,
        ] {
            let input = format!("{}.{}", encode(header), encode(CLAIMS));
            let forged = format!("{input}.{}", encode(aws_lc_rs::hmac::sign(&forger, input.as_bytes())));
            let expected = if header.contains("RS256") { Forgery::Signature } else { Forgery::Algorithm };
            assert_eq!(verdict(&ring(Algorithm::Rs256), &forged), Err(expected), "{header}");
            assert!(verdict(&hybrid, &forged).is_err(), "{header}");
        }
        assert!(KeyMaterial::new(Algorithm::Hs256, &Secret::new(text.as_bytes())).is_err());
    }
}

#[test]
fn a_token_does_not_choose_its_algorithm() {
    for made in Algorithm::ALL {
        let (_, token) = honest(made);
        let [_, payload, signature] = parts(&token);
        for held in Algorithm::ALL.into_iter().filter(|held| *held != made) {
            assert_eq!(verdict(&ring(held), &token), Err(Forgery::Algorithm), "{made} against {held}");
            let renamed = format!("{}.{payload}.{signature}", encode(HeaderStyle::AlgTyp.json(held, None)));
            assert_eq!(verdict(&ring(held), &renamed), Err(Forgery::Signature), "{made} as {held}");
        }
    }
}

#[test]
fn a_key_inside_or_behind_the_token_is_never_used() {
    let (ring, _) = honest(Algorithm::EdDsa);
    let forger = key("mine", Algorithm::EdDsa, 666);
    let jwk = forger.verifying().public_jwk().unwrap();
    for member in [
        format!(r#""jwk":{jwk}"#),
        r#""jku":"https://example.net/jwks.json""#.to_owned(),
        r#""x5u":"file:///etc/passwd""#.to_owned(),
        r#""x5c":["MIIB"]"#.to_owned(),
        r#""crit":["exp"],"exp":1"#.to_owned(),
        r#""b64":false,"crit":["b64"]"#.to_owned(),
        r#""zip":"DEF""#.to_owned(),
        r#""enc":"A128GCM""#.to_owned(),
        r#""p2c":2147483647"#.to_owned(),
    ] {
        let header = format!(r#"{{"alg":"EdDSA",{member}}}"#);
        assert_eq!(verdict(&ring, &signed_with_header(&forger, &header, CLAIMS)), Err(Forgery::Algorithm), "{header}");
        // Not even with a signature of ours: what such a header asks for, we do not do.
        assert_eq!(verdict(&ring, &signed_with_header(ring.active(), &header, CLAIMS)), Err(Forgery::Algorithm), "{header}");
    }
}

#[test]
fn a_kid_only_looks_up_our_own_names() {
    let ring = KeyRing::new(key("k1", Algorithm::EdDsa, 1)).with_older(key("k2", Algorithm::EdDsa, 2).into_verifying());
    let forger = key("k1", Algorithm::EdDsa, 666);
    let ten_thousand = "k".repeat(10_000);
    for (kid, expected) in [
        (r#""k1""#, Forgery::Signature),
        (r#""k2""#, Forgery::Signature),
        (r#""""#, Forgery::Signature),
        (r#""../../../../dev/null""#, Forgery::Signature),
        (r#""' UNION SELECT 'x' --""#, Forgery::Signature),
        (r#""k1\u0000""#, Forgery::Signature),
        (r#""|id""#, Forgery::Signature),
        (r#"["k1"]"#, Forgery::Malformed),
        (r#"{"k1":1}"#, Forgery::Malformed),
        ("1", Forgery::Malformed),
        ("null", Forgery::Malformed),
        (&format!("\"{ten_thousand}\""), Forgery::Malformed),
    ] {
        let header = format!(r#"{{"alg":"EdDSA","kid":{kid}}}"#);
        assert_eq!(verdict(&ring, &signed_with_header(&forger, &header, b"{}")), Err(expected), "{header:.60}");
    }
    // A known name binds: the other key's signature does not hold under it.
    let crossed = signed_with_header(&key("k2", Algorithm::EdDsa, 2), r#"{"alg":"EdDSA","typ":"JWT","kid":"k1"}"#, CLAIMS);
    assert_eq!(verdict(&ring, &crossed), Err(Forgery::Signature));
    // An unknown name does not: the signature decides.
    let renamed = signed_with_header(&key("k2", Algorithm::EdDsa, 2), r#"{"alg":"EdDSA","kid":"elsewhere"}"#, CLAIMS);
    assert_eq!(verdict(&ring, &renamed), Ok(CLAIMS.to_vec()));
    // A known name of a key with another algorithm leaves no key at all.
    let hybrid = KeyRing::new(key("k1", Algorithm::EdDsa, 1)).with_older(key("hs", Algorithm::Hs256, 2).into_verifying());
    let confused = signed_with_header(&key("hs", Algorithm::Hs256, 2), r#"{"alg":"HS256","kid":"k1"}"#, CLAIMS);
    assert_eq!(verdict(&hybrid, &confused), Err(Forgery::Algorithm));
}

#[test]
fn what_is_no_compact_jws_is_malformed() {
    let (ring, token) = honest(Algorithm::Hs256);
    let [header, payload, signature] = parts(&token);
    for other in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        "....".to_owned(),
        ".".repeat(1 << 20),
        "a".repeat(1 << 20),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{token}"),
        format!("{header}..{payload}.{signature}"),
        format!("Bearer {token}"),
        format!(" {token}"),
        format!("{token}\n"),
        format!("\u{feff}{token}"),
        format!(r#"{{"payload":"{payload}","protected":"{header}","signature":"{signature}"}}"#),
        format!(r#"{{"payload":"{payload}","header":{{"alg":"HS256"}},"signature":"{signature}"}}"#),
        format!(r#"{{"payload":"{payload}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#),
        // The JWE of RFC 7516 A.1, shortened: five segments.
        format!(
            "{}.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGe.48V1_ALb6US04U3b.5eym8TW_c8SuK0lt.XFBoMYUZodetZdvTiFvSkQ",
            encode(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#)
        ),
    ] {
        assert_eq!(verdict(&ring, &other), Err(Forgery::Malformed), "{other:.80}");
    }
    let too_long = format!("{header}.{}.{signature}", "A".repeat(MAX_TOKEN_BYTES));
    assert_eq!(verdict(&ring, &too_long), Err(Forgery::Malformed));
    assert_eq!(unverified_payload(&too_long, &mut Scratch::new()), Err(Forgery::Malformed));
}

#[test]
fn no_beginning_or_end_of_a_token_is_a_token() {
    for algorithm in ALL_FORMS {
        let (ring, token) = honest(algorithm);
        for at in 0..token.len() {
            assert!(verdict(&ring, &token[..at]).is_err(), "{algorithm} ..{at}");
            assert!(at == 0 || verdict(&ring, &token[at..]).is_err(), "{algorithm} {at}..");
        }
    }
}

#[test]
fn no_byte_of_a_token_can_be_altered() {
    for algorithm in ALL_FORMS {
        let (ring, token) = honest(algorithm);
        for at in 0..token.len() {
            for letter in ['A', 'B', 'w', '9', '_', '-', '.', '=', '+', '/', ' ', '\n', '\0', 'é'] {
                let altered = format!("{}{letter}{}", &token[..at], &token[at + 1..]);
                assert!(altered == token || verdict(&ring, &altered).is_err(), "{algorithm} {at} {letter:?}");
            }
            let swapped = token.as_bytes()[at].to_ascii_uppercase() ^ 0x20;
            let altered = format!("{}{}{}", &token[..at], char::from(swapped), &token[at + 1..]);
            assert!(altered == token || verdict(&ring, &altered).is_err(), "{algorithm} {at} case");
        }
    }
}

#[test]
fn a_token_has_one_spelling() {
    for algorithm in ALL_FORMS {
        let (ring, token) = honest(algorithm);
        let segments = parts(&token);
        for at in 0..3 {
            let mut others: Vec<String> =
                ["=", "==", "===", "A", "\n", "\r\n", " ", "%3D"].iter().map(|tail| format!("{}{tail}", segments[at])).collect();
            others.extend(["\n", " ", "="].iter().map(|head| format!("{head}{}", segments[at])));
            others.push(segments[at].replace('-', "+").replace('_', "/"));
            // The same octets with other trailing bits.
            let (rest, last) = segments[at].split_at(segments[at].len() - 1);
            let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            others.extend(alphabet.chars().map(|letter| format!("{rest}{letter}")).filter(|other| !other.ends_with(last)));
            for other in others.into_iter().filter(|other| other != segments[at]) {
                let mut forged = segments.map(str::to_owned);
                forged[at] = other;
                assert!(verdict(&ring, &forged.join(".")).is_err(), "{algorithm} {forged:?}");
            }
        }
    }
}

#[test]
fn a_changed_ecdsa_signature_that_still_holds_does_not_change_the_name_of_the_token() {
    // The order of P-256 (FIPS 186-5): with (r, s) also (r, n - s) is a signature.
    const N: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
        0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let (ring, token) = honest(Algorithm::Es256);
    let (input, signature) = token.rsplit_once('.').unwrap();
    let mut octets = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    let mut borrow = 0_i16;
    for i in (0..32).rev() {
        let digit = i16::from(N[i]) - i16::from(octets[32 + i]) - borrow;
        borrow = i16::from(digit < 0);
        octets[32 + i] = u8::try_from(digit.rem_euclid(256)).unwrap();
    }
    let twin = format!("{input}.{}", encode(octets));
    assert_ne!(twin, token);
    let name = |token: &str| ring.verify(token, &mut Scratch::new()).unwrap().token_id;
    assert_eq!(name(&twin), name(&token));
}

#[test]
fn the_payload_shows_only_after_the_signature_holds() {
    let (ring, token) = honest(Algorithm::Hs256);
    let [header, _, signature] = parts(&token);
    // A payload that is no base64 at all is a matter of the signature first.
    assert_eq!(verdict(&ring, &format!("{header}.!!!!.{signature}")), Err(Forgery::Signature));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_stumble(text in any::<String>()) {
        let ring = ring(Algorithm::Hs256);
        prop_assert!(verdict(&ring, &text).is_err());
        let _either = unverified_payload(&text, &mut Scratch::new());
    }

    #[test]
    fn no_three_segments_make_the_reader_stumble(text in "[A-Za-z0-9_=-]{0,60}\\.[A-Za-z0-9_=-]{0,60}\\.[A-Za-z0-9_=-]{0,90}") {
        let ring = ring(Algorithm::EdDsa);
        prop_assert!(verdict(&ring, &text).is_err());
    }

    #[test]
    fn no_header_makes_the_reader_stumble(header in prop::collection::vec(any::<u8>(), 0..200), json in "\\{(\"(alg|kid|typ|crit|x)\":(\"HS256\"|\"none\"|null|1|\\[\\]|\\{\\}),?){0,4}\\}") {
        let ring = ring(Algorithm::EdDsa);
        for header in [header, json.into_bytes()] {
            let token = format!("{}.e30.AAAA", encode(header));
            prop_assert!(verdict(&ring, &token).is_err());
        }
    }

    #[test]
    fn no_signature_of_chance_holds(signature in prop::collection::vec(any::<u8>(), 0..80)) {
        for algorithm in [Algorithm::Hs256, Algorithm::Es256, Algorithm::EdDsa] {
            let key: VerifyingKey = key("k1", algorithm, 1).into_verifying();
            prop_assert!(!key.proves(b"header.payload", &signature));
        }
    }
}
