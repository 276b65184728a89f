//! The key of the option: text, base64, a PEM in base64, or a constant of the site's `wp-config.php`.

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use doorward_core::secret::Secret;
use doorward_core::site::ConfigProblem;
use doorward_core::token::{Algorithm, KeyMaterial};
use serde_json::Value;

use super::PATH;
use super::stored::Stored;
use crate::config::Reader;

const CONSTANTS: &str = "dialects.simple_jwt_login.constants";
const CONSTANT: &str = "SIMPLE_JWT_PRIVATE_KEY";
const ALGORITHM: (&str, &str) = ("jwt_algorithm", "general.jwt_algorithm");
const HMAC: (&str, &str) = ("decryption_key", "general.decryption_key");
const PRIVATE: (&str, &str) = ("decryption_key_private", "general.decryption_key_private");

/// The key that the settings carry; `None` where they have none, and HS256.
pub(in super::super) fn material(config: &Value) -> Result<Option<KeyMaterial>, ConfigProblem> {
    Reader::open(PATH, config)?;
    let option = Stored::of(config)?;
    let stored = Stored::open(&option)?;
    let algorithm = algorithm(&stored)?;
    let (secret, path) = if stored.text("decryption_source", "general.decryption_source")? == Some("1") {
        let constants = Reader::open(CONSTANTS, config.get("constants").unwrap_or(&Value::Null))?;
        let text = constants.text(CONSTANT)?.ok_or_else(|| constants.wrong(CONSTANT, "must be there: decryption_source is 1"))?;
        (Secret::new(text), constants.wrong(CONSTANT, ""))
    } else {
        let names = if algorithm.is_symmetric() { HMAC } else { PRIVATE };
        let path = stored.wrong(names.0, names.1, "");
        match stored.raw_text(names.0, names.1)? {
            Some(text) => (of_option(&stored, algorithm, text)?, path),
            None if algorithm == Algorithm::Hs256 => return Ok(None),
            None => return Err(ConfigProblem { problem: format!("must be there: the algorithm is {algorithm}"), ..path }),
        }
    };
    KeyMaterial::new(algorithm, &secret).map(Some).map_err(|problem| ConfigProblem { problem: problem.to_string(), ..path })
}

/// Base64 as PHP reads it: what is not of the alphabet is skipped, padding is free, the URL-safe alphabet is not known.
pub(in super::super) fn base64(text: &str) -> Vec<u8> {
    const KIND: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true).with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let mut letters: Vec<u8> = text.bytes().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).collect();
    // A single letter at the end is less than one octet.
    if letters.len() % 4 == 1 {
        letters.pop();
    }
    GeneralPurpose::new(&base64::alphabet::STANDARD, KIND).decode(&letters).unwrap_or_default()
}

fn algorithm(stored: &Stored<'_>) -> Result<Algorithm, ConfigProblem> {
    let Some(name) = stored.text(ALGORITHM.0, ALGORITHM.1)?.filter(|n| !n.is_empty()) else { return Ok(Algorithm::Hs256) };
    let known = Algorithm::parse(name).filter(|a| !matches!(a, Algorithm::Es256 | Algorithm::EdDsa));
    known.ok_or_else(|| stored.wrong(ALGORITHM.0, ALGORITHM.1, "must be HS256, HS384, HS512, RS256, RS384 or RS512"))
}

/// HMAC octets are the text, or base64 of them if the switch says so; a PEM is kept in base64, but taken bare as well.
fn of_option(stored: &Stored<'_>, algorithm: Algorithm, text: &str) -> Result<Secret, ConfigProblem> {
    let is_base64 = stored.switch("decryption_key_base64", "general.decryption_key_base64")?.unwrap_or(false);
    let is_bare_pem = text.trim_start().starts_with("-----BEGIN");
    let decode = if algorithm.is_symmetric() { is_base64 } else { !is_bare_pem };
    Ok(if decode { Secret::new(base64(text)) } else { Secret::new(text) })
}
