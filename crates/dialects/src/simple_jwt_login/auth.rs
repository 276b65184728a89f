//! `POST auth`: log in for a JWT. An `Authorization` header is not looked at.

use std::borrow::Cow;
use std::sync::Arc;

use doorward_core::account::Handle;
use doorward_core::flow::login::{Login, Proof, login};
use doorward_core::refusal::{No, Refusal};
use doorward_core::secret::Secret;
use doorward_web::{Ask, Fields, Reply};

use super::gate::{Endpoint, admit};
use super::settings::base64;
use super::{NAME, Settings, claims, envelope};

/// Answers with the token.
pub(super) async fn answer(mut ask: Ask) -> Result<Reply, No> {
    let view = Arc::clone(&ask.view);
    let settings = Settings::of(&view)?;
    admit(&ask, settings, Endpoint::Login).await?;
    let wanted = read(&ask.fields, settings)?;
    let house = Arc::clone(&ask.house);
    let mint = |account: &_, opening: &doorward_core::flow::login::Opening| claims::mint(&house, &view, settings, account, opening.iat);
    let (_, token) = login(&ask.house, &view, &mut ask.call, NAME, wanted, mint).await?;
    Ok(envelope::jwt(&token))
}

/// Reads who, and how they prove it. Of the three names the first that is set counts, even if it is blank; of the two proofs
/// the password does.
fn read(fields: &Fields, settings: &Settings) -> Result<Login, Refusal> {
    let [username, email, login] = ["username", "email", "login"].map(|name| fields.text(name));
    let [username, email, login] = [username?, email?, login?];
    if [username, email, login].into_iter().flatten().all(|name| name.trim().is_empty()) {
        return Err(Refusal::Missing("login"));
    }
    let name = |text: &str| text.trim().to_owned();
    let handle = match (username, email, login) {
        (Some(username), _, _) => Handle::Login(name(username)),
        (None, Some(email), _) => Handle::Email(name(email)),
        (None, None, login) => Handle::LoginOrEmail(name(login.unwrap_or_default())),
    };
    let given = |name| fields.text(name).map(|text| text.filter(|t| !t.is_empty()));
    let plain = |text| -> Secret {
        let bytes = if settings.password_base64 { Cow::Owned(base64(text)) } else { Cow::Borrowed(str::as_bytes(text)) };
        Secret::new(bytes)
    };
    let proof = match (given("password")?, given("password_hash")?) {
        (Some(password), _) => Proof::Password(plain(password)),
        (None, Some(hash)) if settings.password_hash => Proof::StoredHash(plain(hash)),
        (None, Some(_)) => return Err(Refusal::LoginWayOff("password_hash")),
        (None, None) => return Err(Refusal::Missing("password")),
    };
    // A blank name is nobody's; an account without an address must not answer to it.
    if matches!(&handle, Handle::Login(name) | Handle::Email(name) | Handle::LoginOrEmail(name) if name.is_empty()) {
        return Err(Refusal::BadCredentials);
    }
    Ok(Login { handle, proof, second_factor: fields.code("otp_attempt")?, action: Endpoint::Login.action() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reads(settings: &serde_json::Value, body: &str) -> Result<String, Refusal> {
        let settings = Settings::read(&json!({ "settings": settings })).unwrap();
        let login = read(&Fields::new(serde_json::from_str(body).unwrap(), ""), &settings)?;
        let proof = match &login.proof {
            Proof::Password(secret) | Proof::WordPress { password: secret, .. } => format!("password {:?}", secret.reveal_text()),
            Proof::StoredHash(secret) => format!("hash {:?}", secret.reveal_text()),
        };
        Ok(format!("{:?} {proof}", login.handle))
    }

    #[test]
    fn the_first_name_that_is_set_and_the_password_count() {
        for (body, expected) in [
            (r#"{"email":" a@b ","password":" p "}"#, r#"Email("a@b") password Some(" p ")"#),
            (r#"{"login":"u","email":"a@b","username":"x","password":"p"}"#, r#"Login("x") password Some("p")"#),
            (r#"{"login":"u","email":"a@b","username":null,"password":"p"}"#, r#"Email("a@b") password Some("p")"#),
            (r#"{"login":"u","password":"p","password_hash":"h"}"#, r#"LoginOrEmail("u") password Some("p")"#),
        ] {
            assert_eq!(reads(&json!({}), body).as_deref(), Ok(expected), "{body}");
        }
    }

    #[test]
    fn what_is_missing_blank_or_switched_off_is_refused() {
        for (body, expected) in [
            ("{}", Refusal::Missing("login")),
            (r#"{"password":"p"}"#, Refusal::Missing("login")),
            (r#"{"email":" ","password":"p"}"#, Refusal::Missing("login")),
            (r#"{"email":"a@b"}"#, Refusal::Missing("password")),
            (r#"{"email":"a@b","password":"","password_hash":""}"#, Refusal::Missing("password")),
            (r#"{"email":"a@b","password_hash":"h"}"#, Refusal::LoginWayOff("password_hash")),
            (r#"{"username":"","email":"a@b","password":"p"}"#, Refusal::BadCredentials),
            (r#"{"email":["a@b"],"password":"p"}"#, Refusal::WrongShape("email")),
            (r#"{"email":"a@b","password":{"$ne":1}}"#, Refusal::WrongShape("password")),
            (r#"{"email":"a@b","password":"p","otp_attempt":[1]}"#, Refusal::WrongShape("otp_attempt")),
        ] {
            assert_eq!(reads(&json!({}), body), Err(expected), "{body}");
        }
    }

    #[test]
    fn the_site_may_take_hashes_and_base64() {
        let hashes = json!({"allow_authentication": "1", "password_hash_enabled": "1"});
        assert_eq!(reads(&hashes, r#"{"login":"u","password_hash":"h"}"#).unwrap(), r#"LoginOrEmail("u") hash Some("h")"#);
        let both = json!({"authorization": {"enabled": "1", "password_hash_enabled": true, "password_base64": true}});
        assert_eq!(reads(&both, r#"{"login":"u","password":"cMO8IQ"}"#).unwrap(), r#"LoginOrEmail("u") password Some("pü!")"#);
        assert_eq!(reads(&both, r#"{"login":"u","password_hash":"JFA k=="}"#).unwrap(), r#"LoginOrEmail("u") hash Some("$P$")"#);
    }
}
