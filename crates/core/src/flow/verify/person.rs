//! Those who show no token: a name and a password, or the session of a browser.

use std::sync::{Arc, OnceLock};

use super::{Pass, account_of};
use crate::account::Handle;
use crate::call::{Client, Time};
use crate::flow::login;
use crate::house::House;
use crate::policy::{Scopes, Way};
use crate::refusal::{No, Refusal};
use crate::secret::Secret;
use crate::session::SessionId;
use crate::site::{SiteView, Subject};

/// A browser's session: live, of this site and language, and not outlived by its account.
pub(super) async fn session(house: &House, view: &Arc<SiteView>, dialect: &str, id: SessionId, now: Time) -> Result<Arc<Pass>, No> {
    let found = house.look(move |desk| desk.session(id)).await?.filter(|s| s.site == view.site.id && s.dialect == dialect);
    let session = found.ok_or(Refusal::UnknownToken)?;
    if now >= session.expires {
        return Err(Refusal::ExpiredToken.into());
    }
    let account = account_of(house, view, &Subject::Number(session.account)).await?.filter(|a| a.is_active());
    let account = account.ok_or(Refusal::AccountGone)?;
    if session.ended.is_some() || account.outlived(session.rotated) {
        return Err(Refusal::RevokedToken.into());
    }
    Ok(Arc::new(Pass {
        view: Arc::clone(view),
        level: account.level,
        account: Some(account),
        scopes: Scopes::All,
        way: Way::Bearer,
        token: None,
        api_token: None,
        family: Some(id),
        proof: None,
        pinned: OnceLock::new(),
    }))
}

/// Basic is a door like any login: the same counters, the same cost, the same second factor (which Basic cannot show,
/// so an account that has one does not come in this way).
pub(super) async fn basic(
    house: &House,
    view: &Arc<SiteView>,
    user: &str,
    password: &[u8],
    now: Time,
    client: &Client,
) -> Result<Arc<Pass>, No> {
    let site = view.site.id;
    let epoch = view.epoch();
    let key = house.memory().basic_key(site, user, password);
    let account = match house.memory().basic(&key, epoch, now) {
        Some(number) => account_of(house, view, &Subject::Number(number)).await?,
        None => {
            let account = login::basic(house, view, Handle::Email(user.to_owned()), Secret::new(password), now, client).await?;
            house.memory().keep_basic(key, epoch, account.number, now);
            Some(account)
        }
    };
    let account = account.filter(|a| a.is_active() && !a.second_factor).ok_or(Refusal::BadCredentials)?;
    Ok(Arc::new(Pass {
        view: Arc::clone(view),
        level: account.level,
        account: Some(account),
        scopes: Scopes::All,
        way: Way::Basic,
        token: None,
        api_token: None,
        family: None,
        proof: None,
        pinned: OnceLock::new(),
    }))
}
