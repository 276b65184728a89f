//! `GET`, `POST auth/validate`: is this token good, and whose is it?

use doorward_core::account::Account;
use doorward_web::Reply;
use serde_json::{Map, Value, json};

use super::words::{Stop, word};
use super::{Case, chain};

/// Answers with the owner and the token, taken apart.
pub(super) async fn answer(case: &Case) -> Result<Reply, Stop> {
    let auth = &case.plugin.auth;
    case.admit_switch()?;
    if !auth.validate {
        return Err(word(82, "Validate Token endpoint is not enabled.").into());
    }
    case.admit_address()?;
    if auth.code_on_validate {
        case.admit_code(27).await?;
    }
    let token = case.jwt().ok_or_else(|| word(53, "The `jwt` parameter is missing."))?;
    let (opened, account) = case.open(&token).await?;
    let payload = chain::shown_payload(case.plugin.generation, &opened);
    let mut jwt = Map::new();
    jwt.insert("token".to_owned(), Value::from(opened.token.as_str()));
    jwt.insert("header".to_owned(), opened.header.clone());
    if let Some(left) = payload.get("exp").and_then(|exp| left(exp, case.call.now.0)) {
        jwt.insert("payload".to_owned(), payload);
        jwt.insert("expire_in".to_owned(), left);
    } else {
        jwt.insert("payload".to_owned(), payload);
    }
    let jwt = if case.is_v4() { Value::Object(jwt) } else { json!([jwt]) };
    Ok(case.ok("GET, POST", &json!({"success": true, "data": {"user": user(&account), "roles": account.roles, "jwt": jwt}})))
}

/// Seconds left, in the type that PHP computes: a float if the end is one.
fn left(exp: &Value, now: i64) -> Option<Value> {
    let end = super::php::seconds(exp)?;
    #[expect(clippy::cast_precision_loss, reason = "the seconds of this age are exact in a float")]
    let difference = end - now as f64;
    let is_float = exp.is_f64() || exp.as_str().is_some_and(|t| t.trim().parse::<i64>().is_err());
    if is_float {
        Some(Value::from(difference))
    } else {
        Some(Value::from(exp.as_i64().unwrap_or_else(|| super::php::int(exp)).saturating_sub(now)))
    }
}

/// A row of WordPress's user table; every value is a text. The key that resets a password is nobody's to read.
pub(super) fn user(account: &Account) -> Value {
    json!({
        "ID": account.number.to_string(),
        "user_login": account.login,
        "user_nicename": account.nicename,
        "user_email": account.email,
        "user_url": account.url,
        "user_registered": account.registered.wordpress(),
        "user_activation_key": "",
        "user_status": "0",
        "display_name": account.display_name,
    })
}
