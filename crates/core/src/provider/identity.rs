//! An ID token (OpenID Connect Core 1.0 §3.1.3.7): proven by its provider's published keys, then checked claim by claim.

use serde_json::{Map, Value};

use super::{Keys, Provider};
use crate::call::Time;
use crate::port::fetcher::{Fetcher, Unheard};
use crate::refusal::Forgery;
use crate::secret::same;
use crate::token::{MAX_TOKEN_BYTES, Scratch, VerifyingKey, read_claims, verify_with};

/// Seconds by which its clock may differ from ours.
const LEEWAY: i64 = 60;

/// What a provider says of a person, believed.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its own name for them.
    pub subject: String,
    /// Their address.
    pub email: Option<String>,
    /// True if it says that the address is theirs.
    pub email_verified: bool,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// What is known of the nonce that a sign-in was begun with.
#[derive(Clone, Copy, Debug)]
pub enum Nonce<'n> {
    /// It was this: the token must say so, and no token that says another, or one where none was, is taken.
    Is(Option<&'n str>),
    /// It was this, if one was; a token that has one where nobody can say which it was is taken too.
    IfKnown(Option<&'n str>),
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Broken, not signed by the provider, over, or not begun.
    Invalid,
    /// Another's.
    Issuer,
    /// For somebody else.
    Audience,
    /// For another sign-in.
    Nonce,
    /// The provider's keys are not to be had.
    Unheard(Unheard),
}

/// Proves an ID token and checks it: signature, `iss`, `aud`, `azp`, `exp`, `nbf`, `iat`, `nonce`, `sub`.
///
/// # Errors
/// Why it is not believed.
pub async fn identify(
    keys: &Keys,
    fetcher: &dyn Fetcher,
    provider: &Provider,
    token: &str,
    nonce: Nonce<'_>,
    now: Time,
) -> Result<(Identity, Map<String, Value>), Doubt> {
    if token.len() > MAX_TOKEN_BYTES || token.split('.').count() != 3 {
        return Err(Doubt::Invalid);
    }
    let proves = |keys: &[VerifyingKey]| prove(keys, token).is_ok();
    let keys = keys.of(fetcher, provider, now, proves).await.map_err(Doubt::Unheard)?;
    let claims = prove(&keys, token).map_err(|_| Doubt::Invalid)?;
    check(provider, &claims, nonce, now).map(|identity| (identity, claims))
}

fn prove(keys: &[VerifyingKey], token: &str) -> Result<Map<String, Value>, Forgery> {
    let mut scratch = Scratch::new();
    read_claims(verify_with(keys, token, &mut scratch)?.payload)
}

/// The claims of a token whose signature holds.
///
/// # Errors
/// Why it is not believed.
pub fn check(provider: &Provider, claims: &Map<String, Value>, nonce: Nonce<'_>, now: Time) -> Result<Identity, Doubt> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let issuer = text("iss").ok_or(Doubt::Issuer)?;
    if !provider.issuers.iter().any(|own| own == issuer) {
        return Err(Doubt::Issuer);
    }
    let us = provider.client_id.as_str();
    let (is_for_us, is_for_others) = match claims.get("aud") {
        Some(Value::String(one)) => (one == us, false),
        Some(Value::Array(many)) => (many.iter().any(|one| one == us), many.len() > 1),
        _ => (false, false),
    };
    // One that names several audiences must say that it was we who asked.
    let party = claims.get("azp").map(|azp| azp == us);
    if us.is_empty() || !is_for_us || party == Some(false) || (is_for_others && party.is_none()) {
        return Err(Doubt::Audience);
    }
    let date = |name: &str| claims.get(name).map(|value| value.as_i64().filter(|at| *at >= 0).ok_or(Doubt::Invalid)).transpose();
    let (exp, nbf, iat) = (date("exp")?, date("nbf")?, date("iat")?);
    let ended = exp.is_none_or(|exp| now >= Time(exp).plus(LEEWAY));
    let early = [nbf, iat].into_iter().flatten().any(|from| Time(from) > now.plus(LEEWAY));
    if ended || early {
        return Err(Doubt::Invalid);
    }
    let said = claims.get("nonce").map(|value| value.as_str().ok_or(Doubt::Nonce)).transpose()?;
    let fits = match (nonce, said) {
        (Nonce::Is(Some(begun)) | Nonce::IfKnown(Some(begun)), Some(said)) => same(begun.as_bytes(), said.as_bytes()),
        (Nonce::Is(Some(_)) | Nonce::IfKnown(Some(_)), None) | (Nonce::Is(None), Some(_)) => false,
        (Nonce::Is(None) | Nonce::IfKnown(None), None) | (Nonce::IfKnown(None), Some(_)) => true,
    };
    if !fits {
        return Err(Doubt::Nonce);
    }
    let subject = text("sub").filter(|sub| !sub.is_empty()).ok_or(Doubt::Invalid)?.to_owned();
    let email = text("email").filter(|email| !email.is_empty()).map(str::to_owned);
    let email_verified = claims.get("email_verified").is_some_and(is_yes);
    Ok(Identity { subject, email, email_verified })
}

/// `true`; some providers write it as a text.
#[must_use]
pub fn is_yes(value: &Value) -> bool {
    value == &Value::Bool(true) || value == "true"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::port::fetcher::Reach;

    const NOW: Time = Time(10_000);

    fn verdict(changes: &Value, nonce: Nonce<'_>) -> Result<Identity, Doubt> {
        let provider = Provider {
            issuers: vec!["https://idp.example".into(), "idp.example".into()],
            client_id: "us".into(),
            discovery: String::new(),
            reach: Reach::default(),
        };
        let mut claims = json!({"iss": "https://idp.example", "aud": "us", "sub": "7", "exp": 10_600, "iat": 9_990,
            "email": "ann@example.com", "email_verified": true});
        for (name, value) in changes.as_object().unwrap() {
            // A member that is `null` here is not there.
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name)
            } else {
                claims.as_object_mut().unwrap().insert(name.clone(), value.clone())
            };
        }
        check(&provider, claims.as_object().unwrap(), nonce, NOW)
    }

    #[test]
    fn every_claim_that_must_be_there_is_and_says_what_it_must() {
        for (changes, doubt) in [
            (json!({"iss": "https://idp.example.evil.example"}), Doubt::Issuer),
            (json!({"iss": "https://idp.example/"}), Doubt::Issuer),
            (json!({"iss": ["https://idp.example"]}), Doubt::Issuer),
            (json!({"iss": null}), Doubt::Issuer),
            (json!({"aud": "them"}), Doubt::Audience),
            (json!({"aud": null}), Doubt::Audience),
            (json!({"aud": ["them"]}), Doubt::Audience),
            (json!({"aud": []}), Doubt::Audience),
            (json!({"aud": {"us": 1}}), Doubt::Audience),
            (json!({"aud": ["us", "them"]}), Doubt::Audience),
            (json!({"aud": ["us", "them"], "azp": "them"}), Doubt::Audience),
            (json!({"azp": "them"}), Doubt::Audience),
            (json!({"azp": false}), Doubt::Audience),
            (json!({"exp": null}), Doubt::Invalid),
            (json!({"exp": "10600"}), Doubt::Invalid),
            (json!({"exp": 9_940}), Doubt::Invalid),
            (json!({"exp": 1e300}), Doubt::Invalid),
            (json!({"iat": 10_061}), Doubt::Invalid),
            (json!({"iat": "now"}), Doubt::Invalid),
            (json!({"nbf": 10_061}), Doubt::Invalid),
            (json!({"sub": null}), Doubt::Invalid),
            (json!({"sub": ""}), Doubt::Invalid),
            (json!({"sub": 7}), Doubt::Invalid),
            (json!({"nonce": "n"}), Doubt::Nonce),
            (json!({"nonce": 1}), Doubt::Nonce),
        ] {
            assert_eq!(verdict(&changes, Nonce::Is(None)), Err(doubt), "{changes}");
        }
        for changes in [json!({}), json!({"iss": "idp.example"}), json!({"aud": ["us"]}), json!({"aud": ["us", "them"], "azp": "us"})] {
            assert!(verdict(&changes, Nonce::Is(None)).is_ok_and(|i| i.email_verified), "{changes}");
        }
    }

    #[test]
    fn a_nonce_that_is_known_must_be_said_and_one_that_is_said_must_be_known() {
        let said = json!({"nonce": "n"});
        assert!(verdict(&said, Nonce::Is(Some("n"))).is_ok());
        assert!(verdict(&said, Nonce::IfKnown(None)).is_ok());
        assert!(verdict(&said, Nonce::IfKnown(Some("n"))).is_ok());
        for (changes, nonce) in [
            (&said, Nonce::Is(Some("m"))),
            (&said, Nonce::IfKnown(Some("m"))),
            (&said, Nonce::Is(Some(""))),
            (&json!({}), Nonce::Is(Some("n"))),
            (&json!({}), Nonce::IfKnown(Some("n"))),
        ] {
            assert_eq!(verdict(changes, nonce), Err(Doubt::Nonce), "{changes} {nonce:?}");
        }
    }

    #[test]
    fn an_address_is_verified_if_its_provider_says_so_and_only_then() {
        for (value, expected) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("false"), false),
            (json!(1), false),
            (json!("1"), false),
            (json!(null), false),
            (json!([true]), false),
        ] {
            assert_eq!(verdict(&json!({"email_verified": value}), Nonce::Is(None)).unwrap().email_verified, expected, "{value}");
        }
    }
}
