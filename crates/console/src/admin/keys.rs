//! `/api/sites/{site}/keys`: signing keys. None of them leaves.

use doorward_core::flow::keys::{self, Kept, Of};
use doorward_core::port::store::KeyRow;
use doorward_core::site::SiteView;
use doorward_core::token::Algorithm;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::ask::{Ask, when};
use crate::refusals::No;
use crate::route::{Access, Route};

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/sites/{site}/keys", "console.key.list", Access::Site, |ask| Box::pin(list(ask))),
    Route::new("POST", "/api/sites/{site}/keys/{dialect}/rotate", "console.key.rotate", Access::Site, |ask| Box::pin(rotate(ask))).fresh(),
    Route::new("DELETE", "/api/sites/{site}/keys/{dialect}/{kid}", "console.key.remove", Access::Site, |ask| Box::pin(remove(ask))).fresh(),
];

async fn list(ask: Ask) -> Result<Answer, No> {
    let site = ask.site()?.site.id;
    let mut all = ask.console.house.look(move |desk| desk.keys(site)).await?;
    // Newest first within a language, so the first live one signs.
    all.sort_by(|a, b| a.dialect.cmp(&b.dialect));
    let view = ask.site()?;
    let items: Vec<Value> = all.iter().map(|key| about(view, key, &all)).collect();
    Ok(Answer::ok(&json!({"items": items, "next": null})))
}

async fn rotate(mut ask: Ask) -> Result<Answer, No> {
    let algorithm = match ask.maybe("algorithm")? {
        None => None,
        Some(name) => Some(Algorithm::parse(name).ok_or_else(|| No::invalid("algorithm", "No algorithm of this version"))?),
    };
    let of = Of { site: ask.site()?.site.id, dialect: ask.value(1).to_owned() };
    let house = ask.console.house.clone();
    let key = keys::rotate(&house, &mut ask.call, of, algorithm, "console.key.rotate").await?.map_err(kept)?;
    Ok(Answer::made(&about(ask.site()?, &key, std::slice::from_ref(&key))))
}

/// Only those that sign no more: rotating lets the others retire.
async fn remove(ask: Ask) -> Result<Answer, No> {
    let (site, dialect, kid) = (ask.site()?.site.id, ask.value(1).to_owned(), ask.value(2).to_owned());
    let all = ask.console.house.look(move |desk| desk.keys(site)).await?;
    if all.iter().any(|key| key.dialect == dialect && key.kid == kid && key.retired.is_none()) {
        return Err(kept(Kept::Signs));
    }
    let of = Of { site, dialect };
    keys::remove(&ask.console.house, &ask.call, of, kid, "console.key.remove").await?.map_err(kept)?;
    Ok(Answer::nothing())
}

/// `tokens_until` of a key that signs no more: when the last token that it may have signed is over, by the settings as they are. From then
/// on nobody misses it. Where tokens have no end, it is never over.
fn about(view: &SiteView, key: &KeyRow, all: &[KeyRow]) -> Value {
    let until = key.retired.and_then(|at| view.dialect(&key.dialect).map(|dialect| dialect.profile.tokens_until(view, at)));
    let signing = all.iter().find(|other| other.dialect == key.dialect && other.retired.is_none());
    json!({
        "dialect": key.dialect,
        "kid": key.kid,
        "algorithm": key.algorithm.name(),
        "created": key.created.iso(),
        "state": if signing.is_some_and(|other| other.kid == key.kid) { "current" } else { "retired" },
        "retired": when(key.retired),
        "in_settings": key.kid == keys::FROM_SETTINGS,
        "tokens_until": when(until.flatten()),
        "tokens_endless": until == Some(None),
    })
}

fn kept(kept: Kept) -> No {
    match kept {
        Kept::NoDialect | Kept::NoKey => No::not_found(),
        Kept::Signs => No::conflict("key_signs", "It signs: rotate first, then it only verifies and can be removed"),
        Kept::InSettings => No::conflict("key_in_settings", "The key is in the dialect's settings: change it there"),
    }
}
