//! `POST /v1/auth/login`: log in on a site for a token that may do what its account may.

use doorward_core::account::Handle;
use doorward_core::flow::login::{Login, Minted, Proof, login};
use doorward_core::refusal::{No, Refusal};
use doorward_core::secret::Secret;
use doorward_web::{Ask, Fields, Reply};
use serde::Serialize;

use super::user::User;
use super::{NAME, claims, envelope, named_site};

#[derive(Serialize)]
struct Answer<'a> {
    token: &'a str,
    user: User<'a>,
}

/// Answers with the token and the user.
pub(super) async fn answer(mut ask: Ask) -> Result<Reply, No> {
    let wanted = read(&ask.fields)?;
    let site = named_site(&ask.house, &ask.fields)?;
    let (account, token) = login(&ask.house, &site, &mut ask.call, NAME, wanted, |account, opening| {
        let signed = claims::login(&site, account, opening.iat)?;
        Ok(Minted { answer: signed.token, expires: signed.expires, token: Some(signed.id) })
    })
    .await?;
    Ok(envelope::one(200, &ask.call, &Answer { token: &token, user: User::of(&account) }))
}

/// Reads `username` (or an address in it) or `email`, `password`, and `otp_attempt`. The password is left as it is.
fn read(fields: &Fields) -> Result<Login, Refusal> {
    let site = fields.text("site")?.filter(|t| !t.trim().is_empty());
    let username = fields.text("username")?.map(str::trim).filter(|t| !t.is_empty());
    let email = fields.text("email")?.map(str::trim).filter(|t| !t.is_empty());
    let password = fields.text("password")?.filter(|t| !t.is_empty());
    let name = username.map(|n| Handle::LoginOrEmail(n.to_owned())).or_else(|| email.map(|e| Handle::Email(e.to_owned())));
    match (site, name, password) {
        (Some(_), Some(handle), Some(password)) => Ok(Login {
            handle,
            proof: Proof::Password(Secret::new(password)),
            second_factor: fields.code("otp_attempt")?,
            action: "wapka.login",
        }),
        (site, name, password) => Err(Refusal::Missing(missing(site.is_none(), name.is_none(), password.is_none()))),
    }
}

/// The names of what is missing, all of it at once.
fn missing(site: bool, name: bool, password: bool) -> &'static str {
    match (site, name, password) {
        (true, true, true) => "site,username,password",
        (true, true, false) => "site,username",
        (true, false, true) => "site,password",
        (false, true, true) => "username,password",
        (true, false, false) => "site",
        (false, true, false) => "username",
        (false, false, _) => "password",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Result<Handle, Refusal> {
        read(&Fields::new(serde_json::from_str(body).unwrap(), "")).map(|login| login.handle)
    }

    #[test]
    fn a_user_name_comes_before_an_address() {
        for (body, handle) in [
            (r#"{"site":"s","username":" owner ","password":"p"}"#, Handle::LoginOrEmail("owner".into())),
            (r#"{"site":"s","username":"a@b","password":"p"}"#, Handle::LoginOrEmail("a@b".into())),
            (r#"{"site":"s","email":"a@b","password":" "}"#, Handle::Email("a@b".into())),
            (r#"{"site":"s","username":"","email":"a@b","password":"p"}"#, Handle::Email("a@b".into())),
            (r#"{"site":"s","username":"owner","email":"a@b","password":"p"}"#, Handle::LoginOrEmail("owner".into())),
        ] {
            assert_eq!(of(body), Ok(handle), "{body}");
        }
    }

    #[test]
    fn everything_that_is_missing_is_said_at_once_and_shapes_are_strict() {
        for (body, refusal) in [
            ("{}", Refusal::Missing("site,username,password")),
            (r#"{"site":" "}"#, Refusal::Missing("site,username,password")),
            (r#"{"site":"s"}"#, Refusal::Missing("username,password")),
            (r#"{"site":"s","email":"a@b","password":""}"#, Refusal::Missing("password")),
            (r#"{"username":"u","password":"p"}"#, Refusal::Missing("site")),
            (r#"{"site":"s","username":["u"],"password":"p"}"#, Refusal::WrongShape("username")),
            (r#"{"site":"s","email":{"a":1},"password":"p"}"#, Refusal::WrongShape("email")),
            (r#"{"site":"s","username":"u","password":true}"#, Refusal::WrongShape("password")),
            (r#"{"site":1,"username":"u","password":"p"}"#, Refusal::WrongShape("site")),
            (r#"{"site":"s","username":"u","password":"p","otp_attempt":[]}"#, Refusal::WrongShape("otp_attempt")),
        ] {
            assert_eq!(of(body), Err(refusal), "{body}");
        }
    }
}
