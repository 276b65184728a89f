//! Passkeys by webauthn-rs: challenges and answers for one origin. The person is always verified by their authenticator.

use data_encoding::BASE64URL_NOPAD;
use doorward_console::PublicUrl;
use doorward_core::port::passkeys::{Challenge, Holder, Made, Passkeys, Unverified};
use doorward_core::port::store::Passkey;
use doorward_core::refusal::Fault;
use doorward_core::secret::Secret;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    Credential, DiscoverableAuthentication, Passkey as Key, PasskeyAuthentication, PasskeyRegistration, Url, Uuid, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// The name that browsers show.
const NAME: &str = "Doorward";

/// Checks passkeys for one origin.
pub struct WebauthnPasskeys(Webauthn);

/// What is remembered of a challenge that was given to somebody who signs in.
#[derive(serde::Serialize, serde::Deserialize)]
enum Asked {
    Known(PasskeyAuthentication),
    Anybody(DiscoverableAuthentication),
}

impl WebauthnPasskeys {
    /// For the console's origin; `None` if passkeys cannot be bound to its host (an address).
    #[must_use]
    pub fn of(url: &PublicUrl) -> Option<Self> {
        let origin = Url::parse(url.origin()).ok()?;
        origin.domain()?;
        WebauthnBuilder::new(url.host(), &origin).ok()?.rp_name(NAME).build().ok().map(Self)
    }
}

impl Passkeys for WebauthnPasskeys {
    fn invite(&self, holder: &Holder<'_>, known: &[Passkey]) -> Result<Challenge, Fault> {
        let exclude = known.iter().map(|passkey| passkey.id.clone()).collect();
        let uuid = Uuid::from_bytes(holder.handle);
        let (options, state) = self.0.start_passkey_registration(uuid, holder.login, holder.name, Some(exclude)).map_err(fault)?;
        let mut options = options_of(&options)?;
        // To sign in with it alone, the authenticator must find it by itself; one that cannot is still a second factor.
        if let Some(selection) = options.get_mut("authenticatorSelection").and_then(Value::as_object_mut) {
            selection.insert("residentKey".into(), "preferred".into());
        }
        challenge(options, &state)
    }

    fn made(&self, state: &Secret, answer: &Value) -> Option<Made> {
        let state: PasskeyRegistration = remembered(state)?;
        let answer = serde_json::from_value(answer.clone()).ok()?;
        let key = self.0.finish_passkey_registration(&answer, &state).ok()?;
        let public = serde_json::to_string(&key).ok()?;
        let credential = Credential::from(key);
        Some(Made { id: credential.cred_id.to_vec(), public, counter: i64::from(credential.counter) })
    }

    fn ask(&self, known: &[Passkey]) -> Result<Challenge, Fault> {
        if known.is_empty() {
            let (options, state) = self.0.start_discoverable_authentication().map_err(fault)?;
            return challenge(options_of(&options)?, &Asked::Anybody(state));
        }
        let keys: Vec<Key> = known.iter().map(key).collect::<Result<_, _>>()?;
        let (options, state) = self.0.start_passkey_authentication(&keys).map_err(fault)?;
        challenge(options_of(&options)?, &Asked::Known(state))
    }

    fn read(&self, answer: &Value) -> Option<Unverified> {
        let bytes = |value: &Value| BASE64URL_NOPAD.decode(value.as_str()?.trim_end_matches('=').as_bytes()).ok();
        let response = answer.get("response")?;
        let client: Value = serde_json::from_slice(&bytes(response.get("clientDataJSON")?)?).ok()?;
        let handle = response.get("userHandle").filter(|handle| !handle.is_null());
        Some(Unverified {
            challenge: client.get("challenge")?.as_str()?.to_owned(),
            credential: bytes(answer.get("rawId")?)?,
            handle: handle.and_then(bytes),
        })
    }

    fn proven(&self, state: &Secret, answer: &Value, passkey: &Passkey) -> Option<Passkey> {
        let answer = serde_json::from_value(answer.clone()).ok()?;
        let mut key = key(passkey).ok()?;
        let proven = match remembered(state)? {
            Asked::Known(state) => self.0.finish_passkey_authentication(&answer, &state),
            Asked::Anybody(state) => self.0.finish_discoverable_authentication_v2(&answer, state, &key),
        };
        let proven = proven.ok().filter(|proven| proven.user_verified())?;
        key.update_credential(&proven)?;
        let public = serde_json::to_string(&key).ok()?;
        Some(Passkey { public, counter: i64::from(proven.counter()), ..passkey.clone() })
    }
}

fn key(passkey: &Passkey) -> Result<Key, Fault> {
    serde_json::from_str(&passkey.public).map_err(|_| Fault::new("a stored passkey cannot be read"))
}

/// The options as a browser reads them: what stands inside `publicKey`.
fn options_of(options: &impl serde::Serialize) -> Result<Value, Fault> {
    let mut options = serde_json::to_value(options).unwrap_or_default();
    options.get_mut("publicKey").map(Value::take).ok_or_else(|| Fault::new("a passkey challenge has no options"))
}

fn challenge(options: Value, state: &impl serde::Serialize) -> Result<Challenge, Fault> {
    let text = options.get("challenge").and_then(Value::as_str).unwrap_or_default().to_owned();
    let state = serde_json::to_vec(state).map_err(|_| Fault::new("a passkey challenge cannot be kept"))?;
    Ok(Challenge { text, options: without_null(options), state: Secret::new(state) })
}

/// Browsers take a member that is null for a wrong one.
fn without_null(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            map.into_iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k, without_null(v))).collect::<serde_json::Map<_, _>>().into()
        }
        Value::Array(items) => items.into_iter().map(without_null).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

fn remembered<T: DeserializeOwned>(state: &Secret) -> Option<T> {
    serde_json::from_slice(state.reveal()).ok()
}

fn fault(error: WebauthnError) -> Fault {
    Fault::new(json!({"webauthn": format!("{error:?}")}))
}
