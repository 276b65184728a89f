//! Two steps (4.x): a right password buys a token that buys nothing but the second step, `POST auth/2fa`.

use doorward_core::account::Account;
use doorward_core::flow::second_step;
use doorward_core::port::store::Slip;
use doorward_core::refusal::{No, Refusal};
use doorward_core::secret::sha256;
use doorward_core::site::Subject;
use doorward_web::Reply;
use serde_json::{Map, Value, json};

use super::refresh_token::hex;
use super::words::{Stop, word, word_with};
use super::{Case, auth, chain, mint, php};

/// The kind of its slips: one for each first step that waits for its second.
const KIND: &str = "simple_jwt_login.two_factor";
/// What stands behind it: authenticator apps, and recovery codes.
const PROVIDER: &str = "Two_Factor_Totp";

/// Answers the first step.
pub(super) async fn challenge(case: &mut Case, account: &Account, life: i64) -> Result<Reply, Stop> {
    let nonce = hex(&case.call.dice.bytes::<16>());
    let now = case.call.now;
    let claims: Map<String, Value> = [
        ("iat", Value::from(now.0)),
        ("exp", Value::from(now.plus(life).0)),
        ("tfa_pending", Value::from(1)),
        ("tfa_user_id", Value::from(account.number)),
        ("tfa_nonce", Value::from(nonce.as_str())),
        ("tfa_provider", Value::from(PROVIDER)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into_iter()
    .collect();
    let (token, _) = mint::sign(&case.view, &case.plugin, &claims)?;
    let slip = Slip {
        id: 0,
        site: case.view.site.id,
        kind: KIND.to_owned(),
        key: sha256(nonce.as_bytes()),
        account: account.number,
        note: String::new(),
        created: now,
        expires: now.plus(life + chain::LEEWAY),
    };
    case.house.work(move |desk| desk.add_slip(&slip)).await?;
    Ok(case.ok("POST", &json!({"success": true, "data": {"jwt": token, "two_factor_required": true, "provider": PROVIDER}})))
}

/// Answers with the tokens of the login.
pub(super) async fn answer(case: &mut Case) -> Result<Reply, Stop> {
    case.admit_switch()?;
    if case.plugin.two_factor.is_none() {
        return Err(word(105, "Two-factor authentication plugin is not active.").into());
    }
    let token = case.jwt().ok_or_else(|| word(23, "Interim JWT is missing."))?;
    let opened = chain::open(&case.view, &case.plugin, &token, case.call.now, true)?;
    if !chain::is_interim(&opened.payload) {
        return Err(word_with(422, 106, "A valid interim two-factor JWT is required.").into());
    }
    let claim = |name: &str| opened.payload.get(name).filter(|v| !php::is_empty(v)).cloned();
    let (Some(user), Some(nonce)) = (claim("tfa_user_id"), claim("tfa_nonce")) else {
        return Err(word(106, "Invalid interim JWT claims.").into());
    };
    let number = php::int(&user);
    let account = case.account(&Subject::Number(number)).await?.ok_or_else(|| word(24, "User not found."))?;
    let over = || word(107, "Invalid or expired two-factor session. Please authenticate again.");
    let (site, now, key) = (case.view.site.id, case.call.now, sha256(php::text(&nonce).unwrap_or_default().as_bytes()));
    let waiting = case.house.look(move |desk| desk.slips(site, KIND, Some(number))).await?;
    if !waiting.iter().any(|slip| slip.key == key && now < slip.expires) || case.is_revoked(&opened, &account) {
        return Err(over().into());
    }
    let code = case.params.filled("code").and_then(php::text).ok_or_else(|| word_with(422, 109, "The two-factor code is missing."))?;
    let wrong = || word(109, "Invalid two-factor code.");
    let proven = match second_step::prove(&case.house, &case.view, &case.call, &account, &code, case.door.action()).await {
        Ok(proven) => proven,
        Err(No::Refused(Refusal::SecondFactorWrong)) => return Err(wrong().into()),
        Err(No::Refused(Refusal::TooMany(seconds))) => {
            return Err(word(108, format!("Too many failed attempts. Please wait {seconds} seconds.")).into());
        }
        Err(no) => return Err(no.into()),
    };
    // The first step is taken by exactly one second.
    if !case.house.work(move |desk| desk.take_slip(site, KIND, &key, number, now)).await? {
        return Err(over().into());
    }
    let extra = mint::brought(&case.plugin, case.params.get("payload"));
    let data = auth::grant(case, proven, &extra).await?;
    Ok(case.ok("POST", &json!({"success": true, "data": data})))
}
