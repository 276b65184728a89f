//! `/api/me/totp`, `/api/me/recovery-codes`: one's own authenticator and the codes on paper.

use std::fmt::Write;
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

/// A QR code as the path of an SVG: a square of 1×1 for each dark module, no quiet zone. The page draws it: markup from here would
/// need a style of its own.
fn qr(text: &str) -> Value {
    let Ok(code) = QRBuilder::new(text).ecl(ECL::M).build() else { return Value::Null };
    let mut path = String::new();
    for y in 0..code.size {
        let mut x = 0;
        while x < code.size {
            let run = (x..code.size).take_while(|&at| code[y][at].value()).count();
            if run > 0 {
                let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    json!({"size": code.size, "path": path})
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
        let (size, path) = (code["size"].as_u64().unwrap(), code["path"].as_str().unwrap());
        assert!((21..=177).contains(&size));
        assert!(path.starts_with("M0 0h7v1h-7z"), "the first eye begins: {path}");
        assert!(path.contains(&format!("M{} 0h7v1h-7z", size - 7)) && path.contains(&format!("M0 {}h7v1h-7z", size - 1)));
    }
}
