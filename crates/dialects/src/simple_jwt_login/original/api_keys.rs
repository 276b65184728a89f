//! `api-keys` (4.x): keys for programs, with permissions for reading, creating, updating and deleting.

use std::sync::Arc;

use doorward_core::account::Account;
use doorward_core::call::Time;
use doorward_core::credential::Digest;
use doorward_core::house::entry;
use doorward_core::policy::Scopes;
use doorward_core::port::store::ApiToken;
use doorward_core::secret::sha256;
use doorward_web::Reply;
use http::header::ALLOW;
use serde_json::{Value, json};

use super::refresh_token::hex;
use super::words::{Stop, Word, word, word_with};
use super::{Case, dates, php, wire};
use crate::simple_jwt_login::NAME;
use crate::wordpress::text::esc_html;

/// The permissions, in the order of the plugin.
pub(super) const PERMISSIONS: [&str; 4] = ["read", "create", "update", "delete"];

/// What is asked of the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Verb {
    /// `GET api-keys`.
    List,
    /// `POST api-keys`.
    Create,
    /// `PUT api-keys/{id}`.
    Update,
    /// `DELETE api-keys/{id}`.
    Delete,
    /// `POST api-keys/{id}/revoke`.
    Revoke,
}

/// Answers an endpoint of the keys; its caller must be somebody.
pub(super) async fn answer(case: &mut Case, verb: Verb) -> Result<Reply, Stop> {
    let caller = case.caller().await?.ok_or_else(|| Stop::from(forbidden()))?;
    let done = match verb {
        Verb::List => list(case, &caller).await,
        Verb::Create => create(case, &caller).await,
        Verb::Update => update(case, &caller).await,
        Verb::Delete | Verb::Revoke => end(case, &caller, verb).await,
    };
    let reply = match done {
        Err(Stop::Word(word)) => {
            case.remember(&word);
            let reply = wire::error(&case.plugin, &word, None);
            Ok(reply.with(ALLOW, &super::routes::allowed(&case.plugin, &case.head.target.path).unwrap_or_default()))
        }
        done => done,
    };
    reply.map(wire::known)
}

/// WordPress's own no to who may not.
pub(super) fn forbidden() -> Reply {
    let text = "Sorry, you are not allowed to do that.";
    crate::wordpress::answer::error(401, "rest_forbidden", text).refusing("no_credential")
}

/// Whose keys a caller manages: administrators everybody's, others their own. (Whether others see the plugin's own page for them is
/// another setting, and none of these endpoints.)
fn reach_of(caller: &Account) -> Option<i64> {
    (!is_admin(caller)).then_some(caller.number)
}

pub(super) fn is_admin(account: &Account) -> bool {
    account.has_role("administrator")
}

async fn list(case: &Case, caller: &Account) -> Result<Reply, Stop> {
    let owner = reach_of(caller);
    let site = case.view.site.id;
    // What was used a moment ago is not written yet.
    let used = case.house.memory().take_used();
    let keys = case.house.work(move |desk| {
        desk.touch_api_tokens(&used)?;
        desk.all_api_tokens(site, owner)
    });
    let keys: Vec<ApiToken> = keys.await?.into_iter().filter(|key| key.dialect.as_deref() == Some(NAME)).collect();
    let (page, per_page) = paging(case);
    let items: Vec<Value> =
        keys.iter().skip((page - 1).saturating_mul(per_page)).take(per_page).map(|key| item(key, owner.is_none())).collect();
    Ok(case.ok("GET, POST", &json!({"success": true, "data": {"items": items, "total": keys.len(), "page": page, "per_page": per_page}})))
}

/// The page and how much is on it.
pub(super) fn paging(case: &Case) -> (usize, usize) {
    let number =
        |name: &str, default: i64, most: i64| usize::try_from(case.params.get(name).map_or(default, php::int).clamp(1, most)).unwrap_or(1);
    (number("page", 1, 1_000_000), number("per_page", 20, 100))
}

fn item(key: &ApiToken, names_owner: bool) -> Value {
    let date = |time: Option<Time>| time.map(Time::wordpress);
    let mut item = json!({
        "id": key.id,
        "name": key.name,
        "key_prefix": format!("{}****", key.hint),
        "permissions": permissions_of(&key.scopes),
        "expires_at": date(key.expires),
        "last_used_at": date(key.used),
        "created_at": key.created.wordpress(),
        "revoked_at": date(key.revoked),
    });
    if let (Value::Object(item), true) = (&mut item, names_owner) {
        item.insert("user_id".to_owned(), Value::from(key.account));
    }
    item
}

fn permissions_of(scopes: &Scopes) -> Vec<String> {
    match scopes {
        Scopes::All => PERMISSIONS.iter().map(|p| (*p).to_owned()).collect(),
        Scopes::Only(list) => list.clone(),
    }
}

async fn create(case: &mut Case, caller: &Account) -> Result<Reply, Stop> {
    let (name, scopes, expires) = asked(case)?;
    may_give(caller, &scopes)?;
    let text = format!("sjl_{}", hex(&case.call.dice.bytes::<16>()));
    let hint: String = text.chars().take(8).collect();
    let key = ApiToken {
        id: 0,
        site: case.view.site.id,
        account: caller.number,
        dialect: Some(NAME.to_owned()),
        name: name.clone(),
        digest: Digest::from_slice(&sha256(text.as_bytes()))
            .ok_or_else(|| doorward_core::refusal::Fault::new("a digest of another length"))?,
        hint: hint.clone(),
        scopes: scopes.clone(),
        created: case.call.now,
        expires,
        used: None,
        used_from: None,
        revoked: None,
        ip_allow: Vec::new(),
    };
    let mark = entry(&case.call, Some(case.view.site.id), Some(caller.number), "simple_jwt_login.api_key.create", Ok("granted"), "");
    let made = case.house.work(move |desk| {
        let id = desk.add_api_token(&key)?;
        desk.remember(&mark)?;
        Ok(id)
    });
    let id = made.await?;
    let data = json!({
        "id": id,
        "key": text,
        "name": name,
        "key_prefix": hint,
        "permissions": permissions_of(&scopes),
        // The end is told as it was asked for.
        "expires_at": case.params.filled("expires_at").and_then(php::text),
    });
    Ok(case.ok("GET, POST", &json!({"success": true, "data": data})))
}

/// Name, permissions and end of a key.
fn asked(case: &Case) -> Result<(String, Scopes, Option<Time>), Word> {
    // Shown as it was sent: whoever shows it escapes it.
    let name = case.params.get("name").and_then(php::text).map(|name| name.trim().to_owned()).unwrap_or_default();
    if name.is_empty() {
        return Err(word(85, "API key name is required."));
    }
    let wanted: Vec<String> = match case.params.filled("permissions") {
        Some(Value::Array(list)) => list.iter().map(permission).collect(),
        Some(Value::Object(map)) => map.values().map(permission).collect(),
        Some(value) => permission(value).split(',').map(|p| p.trim().to_owned()).collect(),
        None => Vec::new(),
    };
    let wanted: Vec<String> = wanted.into_iter().filter(|p| !p.is_empty()).collect();
    if wanted.is_empty() {
        return Err(word(86, "At least one permission is required."));
    }
    if let Some(unknown) = wanted.iter().find(|p| !PERMISSIONS.contains(&p.as_str())) {
        return Err(word(87, format!("Invalid permission: {}", esc_html(unknown))));
    }
    let end = case.params.clean("expires_at");
    // An end that cannot be read is over: a slip of the pen must not make a key for ever.
    let expires = (!end.is_empty()).then(|| dates::date(&end).unwrap_or(Time(0)));
    Ok((name, Scopes::Only(wanted), expires))
}

/// A permission as PHP writes it: a list becomes this word.
fn permission(value: &Value) -> String {
    php::text(value).unwrap_or_else(|| "Array".to_owned())
}

/// Nobody gives a key more than they may do themselves. A subscriber reads; what
/// the roles of other plugins may do, their site decides.
fn may_give(caller: &Account, scopes: &Scopes) -> Result<(), Word> {
    let Scopes::Only(wanted) = scopes else { return Ok(()) };
    let writes = caller.roles.iter().any(|role| role != "subscriber");
    let may = |permission: &str| is_admin(caller) || writes || (permission == "read" && !caller.roles.is_empty());
    match wanted.iter().find(|permission| !may(permission)) {
        Some(permission) => {
            let text = format!("You do not have permission to assign the &quot;{permission}&quot; permission to an API key.");
            Err(word_with(403, 84, text))
        }
        None => Ok(()),
    }
}

/// True if the caller may touch a key: an administrator any, even one that is not there.
async fn reach(case: &Case, caller: &Account) -> Result<Option<i64>, Stop> {
    let owner = reach_of(caller);
    let id = case.number().filter(|id| *id > 0).ok_or_else(|| word(89, "Invalid API key ID."))?;
    let site = case.view.site.id;
    let key = case.house.look(move |desk| desk.api_token_by_id(site, id)).await?.filter(|k| k.dialect.as_deref() == Some(NAME));
    if owner.is_some_and(|owner| key.as_ref().is_none_or(|key| key.account != owner)) {
        return Err(word_with(403, 84, "You are not allowed to manage this API key.").into());
    }
    Ok(key.map(|key| key.id))
}

async fn update(case: &Case, caller: &Account) -> Result<Reply, Stop> {
    let id = reach(case, caller).await?;
    let (name, scopes, expires) = asked(case)?;
    may_give(caller, &scopes)?;
    if let Some(id) = id {
        let site = case.view.site.id;
        let mark = entry(&case.call, Some(site), Some(caller.number), "simple_jwt_login.api_key.update", Ok("granted"), "");
        let edit = case.house.work(move |desk| {
            desk.edit_api_token(site, id, &name, &scopes, expires)?;
            desk.remember(&mark)
        });
        edit.await?;
    }
    Ok(case.ok("PUT, DELETE", &json!({"success": true, "message": "API key updated successfully."})))
}

async fn end(case: &Case, caller: &Account, verb: Verb) -> Result<Reply, Stop> {
    let id = reach(case, caller).await?;
    if let Some(id) = id {
        let (site, now) = (case.view.site.id, case.call.now);
        let mark = entry(&case.call, Some(site), Some(caller.number), "simple_jwt_login.api_key.end", Ok("granted"), "");
        let end = case.house.work(move |desk| {
            if verb == Verb::Delete {
                desk.remove_api_token(site, id)?;
            } else {
                desk.revoke_api_token(site, id, now)?;
            }
            desk.remember(&mark)
        });
        end.await?;
    }
    let (allow, message) = match verb {
        Verb::Delete => ("PUT, DELETE", "API key deleted successfully."),
        Verb::List | Verb::Create | Verb::Update | Verb::Revoke => ("POST", "API key revoked successfully."),
    };
    Ok(case.ok(allow, &json!({"success": true, "message": message})))
}

impl Case {
    /// Who calls: by JWT, whatever the middleware says, or by a browser's cookie.
    pub(super) async fn caller(&self) -> Result<Option<Arc<Account>>, Stop> {
        if let Some(token) = self.jwt() {
            return match self.open(&token).await {
                Ok((_, account)) => Ok(Some(account)),
                Err(Stop::Word(_)) => Ok(None),
                Err(stop) => Err(stop),
            };
        }
        let Some(id) = super::cookies::shown(&self.view, &self.head) else { return Ok(None) };
        let (site, now) = (self.view.site.id, self.call.now);
        let session = self.house.look(move |desk| desk.session(id)).await?;
        let Some(session) = session.filter(|s| s.site == site && s.ended.is_none() && now < s.expires) else { return Ok(None) };
        let account = self.account(&doorward_core::site::Subject::Number(session.account)).await?;
        Ok(account.filter(|a| !a.outlived(session.rotated)))
    }

    /// The number in the path.
    pub(super) fn number(&self) -> Option<i64> {
        self.values.first().and_then(|value| value.parse().ok())
    }
}
