//! The key of the option, and what it is good for. A key that cannot be used stops no site: its endpoints answer as the
//! original's do, and what is signed in its place is signed with a key of Doorward's own.

use std::borrow::Cow;

use doorward_core::secret::Secret;
use doorward_core::site::ConfigProblem;
use doorward_core::token::{Algorithm, KeyId, KeyMaterial, VerifyingKey};
use serde_json::Value;

use super::super::settings::base64;
use super::option::Opt;
use super::php;

const PATH: &str = "dialects.simple_jwt_login.settings";

/// What the configured key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Signs and proves.
    Ready,
    /// There is none: signing works, proving does not.
    Empty,
    /// An algorithm that the plugin cannot sign with.
    Unsupported,
    /// Text that no key can be read from.
    Unusable,
}

/// What proves the site's own tokens: as in the original, the public key of the option where there is one.
pub(super) enum Public {
    /// The signing key itself.
    Own,
    /// These keys.
    Keys(Vec<VerifyingKey>),
    /// A text that is no key: nothing can be proven.
    Unreadable,
}

impl Public {
    /// Looks at the option.
    pub(super) fn of(opt: &Opt<'_>, config: &Value) -> Self {
        let Some(algorithm) = algorithm(opt).filter(|a| !a.is_symmetric()) else { return Self::Own };
        let text = if opt.int("general.decryption_source", 0) == 1 {
            config.get("constants").and_then(|c| c.get("SIMPLE_JWT_PUBLIC_KEY")).and_then(php::text).unwrap_or_default()
        } else {
            opt.text("general.decryption_key_public")
        };
        if text.trim().is_empty() {
            return Self::Own;
        }
        let plain = if text.contains("-----BEGIN") { text } else { String::from_utf8(base64(&text)).unwrap_or_default() };
        let key = KeyId::parse("public").and_then(|id| VerifyingKey::of_public_pem(id, algorithm, &plain).ok());
        key.map_or(Self::Unreadable, |key| Self::Keys(vec![key]))
    }
}

impl Key {
    /// Looks at the option.
    pub(super) fn of(opt: &Opt<'_>, config: &Value) -> Self {
        let Some(algorithm) = algorithm(opt) else { return Self::Unsupported };
        let text = text(opt, config, algorithm);
        if text.is_empty() && algorithm.is_symmetric() {
            return Self::Empty;
        }
        if KeyMaterial::new(algorithm, &secret(opt, algorithm, &text)).is_ok() { Self::Ready } else { Self::Unusable }
    }
}

/// The option of a settings object: itself, or the JSON text that WordPress keeps it as.
pub(super) fn option(config: &Value) -> Result<Cow<'_, Value>, ConfigProblem> {
    match config.get("settings") {
        None => Ok(Cow::Owned(Value::Null)),
        Some(Value::String(text)) => {
            serde_json::from_str(text).map(Cow::Owned).map_err(|_| ConfigProblem::at(PATH, "must be an object, or the JSON text of one"))
        }
        Some(value) => Ok(Cow::Borrowed(value)),
    }
}

/// The material of the signing key; `None` = one is made, since the option's cannot be used.
///
/// # Errors
/// An HMAC secret that is there and must not be one: a sample, or shorter than 8 octets.
pub(in super::super) fn material(config: &Value) -> Result<Option<KeyMaterial>, ConfigProblem> {
    let option = option(config)?;
    let opt = Opt::open(&option);
    let Some(algorithm) = algorithm(&opt) else { return Ok(None) };
    let text = text(&opt, config, algorithm);
    if text.is_empty() {
        return Ok(None);
    }
    match KeyMaterial::new(algorithm, &secret(&opt, algorithm, &text)) {
        Ok(material) => Ok(Some(material)),
        Err(problem) if algorithm.is_symmetric() => Err(ConfigProblem::at(format!("{PATH}.decryption_key"), problem.to_string())),
        Err(_) => Ok(None),
    }
}

/// The algorithm; `None` for one that the plugin does not have.
fn algorithm(opt: &Opt<'_>) -> Option<Algorithm> {
    supported(&opt.text_or("general.jwt_algorithm", "HS256"))
}

/// An algorithm of the plugin by its name.
pub(super) fn supported(name: &str) -> Option<Algorithm> {
    Algorithm::parse(name).filter(|a| !matches!(a, Algorithm::Es256 | Algorithm::EdDsa))
}

fn text(opt: &Opt<'_>, config: &Value, algorithm: Algorithm) -> String {
    if opt.int("general.decryption_source", 0) == 1 {
        return config.get("constants").and_then(|c| c.get("SIMPLE_JWT_PRIVATE_KEY")).and_then(php::text).unwrap_or_default();
    }
    opt.text(if algorithm.is_symmetric() { "general.decryption_key" } else { "general.decryption_key_private" })
}

/// HMAC octets are the text, or base64 of them if the switch says so; a PEM is kept in base64, but taken bare as well.
fn secret(opt: &Opt<'_>, algorithm: Algorithm, text: &str) -> Secret {
    let is_bare_pem = text.trim_start().starts_with("-----BEGIN");
    let decode = if algorithm.is_symmetric() { opt.on("general.decryption_key_base64") } else { !is_bare_pem };
    if decode { Secret::new(base64(text)) } else { Secret::new(text) }
}
