//! What never becomes an HMAC secret: other people's examples, masks, and public keys in disguise.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

/// Words from manuals, samples and sentinels, without case, separators and brackets.
const PLACEHOLDERS: [&str; 46] = [
    "12345678",
    "123456789",
    "1234567890",
    "0123456789",
    "abcdefgh",
    "astringsecretatleast256bitslong",
    "astringsecretatleast384bitslong",
    "astringsecretatleast512bitslong",
    "avalidstringsecretthatisatleast512bitslongwhichisverylong",
    "changeit",
    "changeme",
    "changethis",
    "changethissecret",
    "default",
    "defaultsecret",
    "example",
    "examplesecret",
    "insecure",
    "insertsecrethere",
    "jwtsecret",
    "jwtsecretkey",
    "mysecret",
    "mysecretkey",
    "none",
    "null",
    "password",
    "placeholder",
    "pleasechangeme",
    "putyouruniquephrasehere",
    "redacted",
    "replaceme",
    "replacethis",
    "secret",
    "secretkey",
    "secretsecret",
    "supersecret",
    "supersecretkey",
    "testsecret",
    "topsecret",
    "undefined",
    "unset",
    "your256bitsecret",
    "your512bitsecret",
    "yoursecret",
    "yoursecretkey",
    "yourtopsecretkey",
];

/// True for a sample word, a masked value, or one character over and over.
pub(super) fn is_placeholder(secret: &[u8]) -> bool {
    let one_character = secret.first().is_some_and(|first| secret.iter().all(|byte| byte == first));
    let Ok(text) = std::str::from_utf8(secret) else { return one_character };
    let is_dressing = |c: char| c.is_whitespace() || matches!(c, '-' | '_' | '.' | '!' | '\'' | '"' | '<' | '>' | '[' | ']' | '{' | '}');
    let word: String = text.chars().filter(|c| !is_dressing(*c)).flat_map(char::to_lowercase).collect();
    one_character || PLACEHOLDERS.contains(&word.as_str()) || is_masked(text)
}

/// True if at least half of the text is a mask, as in `****`, `ab****yz`, `••••••••`.
fn is_masked(text: &str) -> bool {
    let is_mask = |c: &char| matches!(c, '*' | '•' | '●' | '∗' | '·');
    let masks = text.chars().filter(is_mask).count();
    masks >= 4 && masks * 2 >= text.trim().chars().count()
}

/// True for a public or private key, or a certificate, in any textual or binary dress.
///
/// An HMAC secret of this kind is how HS256 tokens get forged with a public RSA key (CVE-2023-48223 and
/// its incomplete fixes): whoever means such a key means an asymmetric algorithm.
pub(super) fn is_key_document(secret: &[u8]) -> bool {
    // Without white space, NUL (UTF-16) and everything outside ASCII (byte order marks, zero-width letters).
    let letters: Vec<u8> = secret.iter().filter(|byte| byte.is_ascii_graphic()).map(u8::to_ascii_lowercase).collect();
    let has = |needle: &str| memchr::memmem::find(&letters, needle.as_bytes()).is_some();
    let is_pem = has("-----begin") || (has("begin") && (has("publickey") || has("privatekey") || has("certificate")));
    let is_ssh = ["ssh-rsa", "ssh-ed25519", "ssh-dss", "ecdsa-sha2-"].iter().any(|prefix| letters.starts_with(prefix.as_bytes()));
    let is_jwk = letters.starts_with(b"{") && has("\"kty\"");
    is_pem || is_ssh || is_jwk || is_key_der(secret) || is_base64_of_key_der(secret)
}

/// True for a base64 text, in either alphabet, of a DER key: a PEM that lost its first and last line.
fn is_base64_of_key_der(secret: &[u8]) -> bool {
    let letters: Vec<u8> = secret.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=').collect();
    let decoded = BASE64_NOPAD.decode(&letters).or_else(|_| BASE64URL_NOPAD.decode(&letters));
    decoded.is_ok_and(|der| is_key_der(&der))
}

/// True for one DER sequence, of exactly this length, which holds a key or certificate.
///
/// Random octets do not come here by chance: besides the length, the object identifier of a key type
/// must occur, or a long integer must open the sequence.
fn is_key_der(octets: &[u8]) -> bool {
    const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    const EC: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
    let (stated, content) = match octets {
        [0x30, 0x81, length, content @ ..] => (usize::from(*length), content),
        [0x30, 0x82, high, low, content @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), content),
        [0x30, length @ 0..=0x7f, content @ ..] => (usize::from(*length), content),
        _ => return false,
    };
    let is_pkcs1 = matches!(content, [0x02, 0x81 | 0x82, ..] | [0x02, 0x01, 0x00, 0x02, 0x81 | 0x82, ..]);
    stated == content.len() && (is_pkcs1 || [RSA, EC, P256, ED25519].iter().any(|oid| memchr::memmem::find(content, oid).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_masks_and_single_characters_are_placeholders() {
        for text in [
            "secret",
            "SECRET",
            " secret\n",
            "changeme",
            "CHANGE_ME",
            "change-me!",
            "your-top-secret-key",
            "Your Top Secret Key",
            "your-256-bit-secret",
            "put your unique phrase here",
            "a-string-secret-at-least-256-bits-long",
            "****",
            "********",
            "ab****yz",
            "sk_******",
            "••••••••",
            "••••abcd",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "00000000",
            "\0\0\0\0\0\0\0\0",
            "undefined",
            "null",
            "'password'",
            "<your-secret-key>",
            "{{SECRET}}",
            "[redacted]",
        ] {
            assert!(is_placeholder(text.as_bytes()), "{text:?}");
        }
        assert!(is_placeholder(&[0xff; 64]));
    }

    #[test]
    fn good_secrets_and_merely_short_ones_are_not_placeholders() {
        for text in [
            "rule-key",
            "binary\u{1}key",
            "oracle-hs-secret-0123456789abcdef",
            "s3cr3t-ish",
            "}%*]ax*k1*#@q*[gC*2",
            "changeme-but-longer",
            "0\u{1}1\u{2}2\u{3}3\u{4}456789",
        ] {
            assert!(!is_placeholder(text.as_bytes()), "{text:?}");
            assert!(!is_key_document(text.as_bytes()), "{text:?}");
        }
        assert!(!is_placeholder(&[0xff, 0xfe, 0xff]));
    }

    #[test]
    fn a_key_in_any_dress_is_a_key() {
        let body =
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==";
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n", &body[..64], &body[64..]);
        let utf16: Vec<u8> = pem.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let der = data_encoding::BASE64.decode(body.as_bytes()).unwrap();
        let url_safe = body.replace('+', "-").replace('/', "_").replace('=', "");
        let texts = [
            pem.clone(),
            format!("\n\n  {pem}  \t"),
            format!("\u{feff}{pem}"),
            format!("\u{200b}{pem}"),
            format!("\0{pem}"),
            format!("\u{b}\u{c}{pem}"),
            format!("# my key\n{pem}"),
            format!("\"{pem}\""),
            pem.replace('\n', "\r\n"),
            pem.replace('\n', "\\n"),
            pem.replace('\n', ""),
            pem.replace(' ', "  "),
            pem.replace(' ', "\u{a0}"),
            pem.to_lowercase(),
            pem.replace("-----", "----"),
            pem.replace("PUBLIC KEY", "RSA PUBLIC KEY"),
            pem.replace("PUBLIC KEY", "CERTIFICATE"),
            pem.replace("PUBLIC KEY", "EC PRIVATE KEY"),
            "---- BEGIN SSH2 PUBLIC KEY ----\nAAAA".to_owned(),
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ".to_owned(),
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI".to_owned(),
            r#"{ "kty" : "RSA", "n": "ofgW", "e":"AQAB"}"#.to_owned(),
            r#"{"kid":"1","kty":"oct","k":"AyM1"}"#.to_owned(),
            body.to_owned(),
            format!("{}\n{}\n", &body[..64], &body[64..]),
            url_safe,
        ];
        for text in texts {
            assert!(is_key_document(text.as_bytes()), "{text:?}");
        }
        assert!(is_key_document(&utf16));
        assert!(is_key_document(&der));
        assert!(!is_key_document(&der[..der.len() - 1]));
        assert!(!is_key_document(b"\x30\x06random"));
    }
}
