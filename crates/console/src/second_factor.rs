//! `/api/me/totp`, `/api/me/recovery-codes`: one's own authenticator and the codes on paper.

use std::sync::Arc;

use doorward_core::credential::totp::{encode_base32, otpauth_uri};
use doorward_core::flow::console::factor;
use doorward_core::refusal::Refusal;
use doorward_core::secret::Secret;
use fast_qr::{ECL, QRBuilder};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;
use crate::route::{Access, Route};
use crate::session::entered_with;

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("POST", "/api/me/totp", "console.totp.begin", Access::User, |ask| Box::pin(begin(ask))).fresh(),
    Route::new("POST", "/api/me/totp/confirm", "console.totp.confirm", Access::User, |ask| Box::pin(confirm(ask))),
    Route::new("DELETE", "/api/me/totp", "console.totp.remove", Access::User, |ask| Box::pin(remove(ask))).fresh(),
    Route::new("POST", "/api/me/recovery-codes", "console.recovery_codes", Access::User, |ask| Box::pin(new_codes(ask))).fresh(),
];

async fn begin(mut ask: Ask) -> Result<Answer, No> {
    let (house, visitor) = (Arc::clone(&ask.console.house), ask.visitor()?.clone());
    let secret = factor::begin(&house, &mut ask.call, &visitor).await?;
    let site = house.directory().by_id(visitor.account().site).map(|view| view.site.name.clone()).unwrap_or_default();
    let uri = otpauth_uri(&format!("Doorward {site}"), &visitor.account().login, &secret);
    let uri = text(&uri);
    Ok(Answer::ok(&json!({"secret": text(&encode_base32(&secret)), "uri": uri, "qr": qr(&uri)})))
}

async fn confirm(mut ask: Ask) -> Result<Answer, No> {
    let code = ask.body.code("code")?.ok_or(Refusal::Missing("code"))?;
    let (house, lifetimes, visitor) = (Arc::clone(&ask.console.house), ask.console.terms.lifetimes, ask.visitor()?.clone());
    let (opened, codes) = factor::confirm(&house, &mut ask.call, &lifetimes, &visitor, &code).await?;
    entered_with(&ask, &opened, "recovery_codes", shown(&codes)).await
}

async fn remove(mut ask: Ask) -> Result<Answer, No> {
    let (house, lifetimes, visitor) = (Arc::clone(&ask.console.house), ask.console.terms.lifetimes, ask.visitor()?.clone());
    let opened = factor::remove(&house, &mut ask.call, &lifetimes, &visitor).await?;
    crate::session::entered(&ask, &opened).await
}

async fn new_codes(mut ask: Ask) -> Result<Answer, No> {
    let (house, visitor) = (Arc::clone(&ask.console.house), ask.visitor()?.clone());
    let codes = factor::new_codes(&house, &mut ask.call, &visitor).await?;
    Ok(Answer::ok(&json!({"recovery_codes": shown(&codes)})))
}

/// A QR code as rows of `0` and `1`, for the page to draw: markup from here would need a style of its own.
fn qr(text: &str) -> Value {
    let Ok(code) = QRBuilder::new(text).ecl(ECL::M).build() else { return Value::Null };
    let row = |y: usize| (0..code.size).map(|x| if code[y][x].value() { '1' } else { '0' }).collect::<String>();
    json!({"size": code.size, "rows": (0..code.size).map(row).collect::<Vec<_>>()})
}

fn shown(codes: &[Secret]) -> Value {
    codes.iter().map(text).collect()
}

fn text(secret: &Secret) -> String {
    secret.reveal_text().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_square_with_its_three_eyes() {
        let code = qr("otpauth://totp/Doorward%20blog:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Doorward%20blog");
        let rows: Vec<&str> = code["rows"].as_array().unwrap().iter().map(|row| row.as_str().unwrap()).collect();
        assert_eq!(rows.len() as u64, code["size"].as_u64().unwrap());
        assert!(rows.iter().all(|row| row.len() == rows.len()));
        assert!(rows[0].starts_with("11111110") && rows[0].ends_with("01111111") && rows[rows.len() - 1].starts_with("11111110"));
    }
}
