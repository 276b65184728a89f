//! A software authenticator: another implementation of WebAuthn than the server's own.

use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey::types::webauthn::{CredentialCreationOptions, CredentialRequestOptions};
use serde_json::{Value, json};

use super::World;

/// A person with a finger on it.
struct Finger;

#[async_trait::async_trait]
impl UserValidationMethod for Finger {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(&self, _hint: UiHint<'a, Passkey>, _presence: bool, _verification: bool) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence: true, verification: true })
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }
}

/// An authenticator with room for one passkey.
pub(crate) struct Key {
    held: Option<Passkey>,
}

/// A browser with this authenticator. A macro, for the type has no name worth writing.
macro_rules! client {
    ($key:ident) => {{
        let mut inner = Authenticator::new(Aaguid::new_empty(), $key.held.clone(), Finger, RustCryptoBackend);
        inner.set_make_credentials_with_signature_counter(true);
        Client::new(inner).allows_insecure_localhost(true)
    }};
}

impl Key {
    pub(crate) fn new() -> Self {
        Self { held: None }
    }

    /// A copy, counter and all: what a thief makes.
    pub(crate) fn copy(&self) -> Self {
        Self { held: self.held.clone() }
    }

    /// Makes a passkey for these options at an origin.
    pub(crate) fn make(&mut self, world: &World, origin: &str, options: &Value) -> Value {
        let request: CredentialCreationOptions = serde_json::from_value(json!({"publicKey": options})).expect("creation options");
        let origin = url::Url::parse(origin).expect("an origin");
        let mut client = client!(self);
        let made = world.run(client.register(&origin, request, DefaultClientData)).expect("a passkey");
        self.held = client.authenticator().store().clone();
        written(serde_json::to_value(&made).expect("JSON"))
    }

    /// Answers these options at an origin.
    pub(crate) fn answer(&mut self, world: &World, origin: &str, options: &Value) -> Value {
        let request: CredentialRequestOptions = serde_json::from_value(json!({"publicKey": options})).expect("request options");
        let origin = url::Url::parse(origin).expect("an origin");
        let mut client = client!(self);
        let answer = world.run(client.authenticate(&origin, request, DefaultClientData)).expect("an answer");
        self.held = client.authenticator().store().clone();
        written(serde_json::to_value(&answer).expect("JSON"))
    }
}

/// Bytes as browsers write them: base64url, where this library writes lists of numbers.
fn written(value: Value) -> Value {
    match value {
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_u64) => {
            let bytes: Vec<u8> = items.iter().filter_map(Value::as_u64).filter_map(|n| u8::try_from(n).ok()).collect();
            data_encoding::BASE64URL_NOPAD.encode(&bytes).into()
        }
        Value::Object(map) => {
            map.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, written(v))).collect::<serde_json::Map<_, _>>().into()
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => other,
    }
}
