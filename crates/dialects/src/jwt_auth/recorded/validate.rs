//! `POST …/token/validate` of the recorded editions.

use doorward_core::flow::verify::{Shown, verify};
use doorward_core::refusal::{No, Refusal};
use doorward_web::{Ask, Reply};
use http::header::ALLOW;
use serde_json::{Value, json};

use super::verdict::{self, Problem};
use crate::jwt_auth::claims::number_in;
use crate::jwt_auth::settings::Recorded;
use crate::jwt_auth::{NAME, Settings, present};
use crate::wordpress::answer;

/// Answers whether the token in the header is good.
///
/// The plugin looks up nobody, and a token of a number that nobody ever had is good. Ours is not if it was revoked, or if its account
/// is banned or gone: whoever asks here means to let somebody in.
pub(in crate::jwt_auth) async fn answer(ask: &Ask, settings: &Settings, recorded: Recorded) -> Result<Reply, No> {
    let shown = present::any(&ask.head);
    let token = match (shown, recorded) {
        (Some(Shown::Jwt(token)), Recorded::DiscipleTools) if !token.contains('.') => return Ok(nothing()),
        (Some(Shown::Jwt(token)), Recorded::DiscipleTools) if token.split('.').count() != 3 => return Ok(refused(&Problem::Header)),
        (Some(Shown::Jwt(token)), _) if token != "0" => token,
        (_, Recorded::DiscipleTools) => return Ok(nothing()),
        (None, Recorded::Tmeister) => return Ok(refused(&Problem::NoHeader)),
        (Some(_), Recorded::Tmeister) => return Ok(refused(&Problem::Header)),
    };
    if let Err(problem) = verdict::examine(&ask.view, settings, token, ask.call.now) {
        return Ok(refused(&problem));
    }
    let bare = verdict::bare(token);
    match verify(&ask.house, &ask.view, NAME, Shown::Jwt(bare), ask.call.now, &ask.call.client).await {
        Ok(_) => Ok(valid()),
        Err(No::Refused(refusal)) => {
            let named = number_in(bare);
            let site = ask.view.site.id;
            let is_known = match named.filter(|_| refusal == Refusal::AccountGone) {
                Some(number) => ask.house.look(move |desk| desk.account(site, number)).await?.is_some(),
                None => refusal != Refusal::AccountGone,
            };
            Ok(if is_known { verdict::invalid("Expired token").with(ALLOW, "POST").refusing(refusal.reason()) } else { valid() })
        }
        Err(broken) => Err(broken),
    }
}

fn valid() -> Reply {
    answer::json(200, &json!({"code": "jwt_auth_valid_token", "data": {"status": 200}})).with(ALLOW, "POST")
}

/// The fork's answer where no token was shown: `false`, with a status that says otherwise.
fn nothing() -> Reply {
    answer::json(200, &Value::Bool(false)).with(ALLOW, "POST").refusing("no_credential")
}

fn refused(problem: &Problem) -> Reply {
    problem.reply().with(ALLOW, "POST").refusing(problem.refusal().reason())
}
