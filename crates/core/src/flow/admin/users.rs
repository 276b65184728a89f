//! Users, by whoever runs their site: make, change, a new password, sign out, take a second factor away, give power.

use super::{Authority, Stays, somebody_left};
use crate::account::{Account, Power, Status, nicename};
use crate::audit::AuditEntry;
use crate::call::{Call, Time};
use crate::credential::StoredHash;
use crate::flow::accounts::{self, Ends};
use crate::flow::refresh;
use crate::flow::whole::whole;
use crate::house::{House, entry};
use crate::port::store::Put;
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::session::SessionId;
use crate::site::SiteId;

/// Who shall be made.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    /// Login name.
    pub login: String,
    /// E-mail address, or empty.
    pub email: String,
    /// The name shown; empty = the login.
    pub display_name: String,
    /// Roles.
    pub roles: Vec<String>,
    /// Level.
    pub level: u8,
    /// An account of a program.
    pub service: bool,
}

/// Makes an account. A password that comes with it is given: its owner chooses their own at the console.
///
/// # Errors
/// [`Refusal::NotYours`]; [`Refusal::Missing`] or [`Refusal::Invalid`] with the member; [`Refusal::Busy`].
pub async fn make(
    house: &House,
    call: &Call,
    authority: Authority,
    site: SiteId,
    new: NewUser,
    password: Option<Secret>,
) -> Result<Account, Stays> {
    let login = new.login.trim().to_owned();
    if login.is_empty() {
        return Err(Refusal::Missing("login").into());
    }
    let hash = match password {
        Some(password) => Some(house.terms().hasher.hash(password).await.map_err(|o| Refusal::Busy(o.retry_after))?),
        None => None,
    };
    let shown = if new.display_name.trim().is_empty() { login.clone() } else { new.display_name.trim().to_owned() };
    let account = Account {
        site,
        number: 0,
        email: new.email.trim().to_owned(),
        nicename: nicename::of_login(&login),
        display_name: shown,
        login,
        url: String::new(),
        registered: call.now,
        roles: new.roles,
        level: new.level,
        status: Status::Active,
        avatar: None,
        service: new.service,
        valid_after: Time(0),
        second_factor: false,
    };
    sound(&account)?;
    let now = call.now;
    let mark = entry(call, Some(site), None, "console.user.make", Ok("granted"), "");
    whole(house, move |desk| {
        let authority = authority.again(desk, site)?;
        if account.level > authority.highest_level() {
            return Err(Refusal::Invalid("level").into());
        }
        let account = accounts::numbered_in(desk, account)?;
        taken(accounts::put_in(desk, account.clone(), now)?)?;
        if let Some(hash) = &hash {
            accounts::set_hash_in(desk, site, account.number, Some(hash))?;
            if !account.service {
                desk.mark_password_given(site, account.number)?;
            }
        }
        desk.remember(&AuditEntry { account: Some(account.number), ..mark })?;
        Ok(account)
    })
    .await
}

/// Changes an account; `change` is given what is there, its power beside it, and says [`Stays::Changed`] if somebody else was faster.
/// Returns it as it was and as it is.
///
/// # Errors
/// As [`make`]; [`Stays::LastOwner`], [`Stays::Yourself`]; whatever `change` says.
pub async fn change(
    house: &House,
    call: &Call,
    authority: Authority,
    site: SiteId,
    number: i64,
    change: impl FnOnce(Account, Power) -> Result<Account, Stays> + Send + 'static,
) -> Result<(Account, Account), Stays> {
    let (now, profiles) = (call.now, house.terms().profiles.clone());
    let mark = entry(call, Some(site), Some(number), "console.user.change", Ok("granted"), "");
    whole(house, move |desk| {
        let authority = authority.again(desk, site)?;
        let before = authority.over(desk, site, number)?;
        // Whoever is deleted has no power any more.
        let power = desk.power(site, number)?;
        let after = Account { site, number, ..change(before.clone(), power)? };
        sound(&after)?;
        if after.level > authority.highest_level() && after.level != before.level {
            return Err(Refusal::Invalid("level").into());
        }
        let ends = before.is_active() && !after.is_active();
        if ends && authority.is(site, number) {
            return Err(Stays::Yourself);
        }
        if taken(accounts::put_in(desk, after.clone(), now)?)? == Put::Same {
            return Ok((before, after));
        }
        if ends {
            let account = desk.account(site, number)?.ok_or(Refusal::NotFound)?;
            accounts::end_all_in(desk, &profiles, account, now, "console.user.change", Ends::SignIns)?;
            if power == Power::Owner {
                somebody_left(desk)?;
            }
        }
        desk.remember(&AuditEntry { detail: difference(&before, &after), ..mark })?;
        Ok((before, after))
    })
    .await
}

/// An account that may be acted upon.
///
/// # Errors
/// [`Refusal::NotYours`], [`Refusal::NotFound`].
pub async fn reached(house: &House, authority: Authority, site: SiteId, number: i64) -> Result<Account, Stays> {
    whole(house, move |desk| authority.again(desk, site)?.over(desk, site, number)).await
}

/// Gives somebody a password, until they choose their own; every JWT, session and sign-in token issued before ends.
///
/// # Errors
/// [`Refusal::NotYours`], [`Refusal::NotFound`], [`Refusal::Busy`].
pub async fn set_password(
    house: &House,
    call: &Call,
    authority: Authority,
    site: SiteId,
    number: i64,
    password: Secret,
) -> Result<Account, Stays> {
    // Nobody pays for a hash that is not wanted.
    reached(house, authority, site, number).await?;
    let hash: StoredHash = house.terms().hasher.hash(password).await.map_err(|o| Refusal::Busy(o.retry_after))?;
    let (now, profiles) = (call.now, house.terms().profiles.clone());
    let mark = entry(call, Some(site), Some(number), "console.user.password", Ok("granted"), "");
    whole(house, move |desk| {
        let account = authority.again(desk, site)?.over(desk, site, number)?;
        accounts::set_hash_in(desk, site, number, Some(&hash))?;
        if !authority.is(site, number) {
            desk.mark_password_given(site, number)?;
        }
        accounts::end_all_in(desk, &profiles, account.clone(), now, "console.user.password", Ends::SignIns)?;
        desk.remember(&mark)?;
        Ok(account)
    })
    .await
}

/// Signs an account out everywhere; with `ends`, its API tokens too.
///
/// # Errors
/// [`Refusal::NotYours`], [`Refusal::NotFound`].
pub async fn sign_out(house: &House, call: &Call, authority: Authority, site: SiteId, number: i64, ends: Ends) -> Result<(), Stays> {
    let (now, profiles) = (call.now, house.terms().profiles.clone());
    let mark = entry(call, Some(site), Some(number), "console.user.sign_out", Ok("granted"), "");
    whole(house, move |desk| {
        let account = authority.again(desk, site)?.over(desk, site, number)?;
        accounts::end_all_in(desk, &profiles, account, now, "console.user.sign_out", ends)?;
        desk.remember(&mark)?;
        Ok(())
    })
    .await
}

/// Ends one session of an account, of whichever language.
///
/// # Errors
/// [`Refusal::NotYours`], [`Refusal::NotFound`].
pub async fn end_session(house: &House, call: &Call, authority: Authority, site: SiteId, number: i64, id: SessionId) -> Result<(), Stays> {
    whole(house, move |desk| {
        authority.again(desk, site)?.over(desk, site, number)?;
        let session = desk.session(id)?.filter(|session| (session.site, session.account) == (site, number));
        if session.is_some() { Ok(()) } else { Err(Stays::from(Refusal::NotFound)) }
    })
    .await?;
    if !refresh::end(house, id, call.now, "console.user.session.end").await? {
        return Err(Refusal::NotFound.into());
    }
    let mark = entry(call, Some(site), Some(number), "console.user.session.end", Ok("granted"), "");
    Ok(house.work(move |desk| desk.remember(&mark)).await?)
}

/// Takes the second factor away: TOTP, recovery codes and passkeys. Sessions end, for they were proven with it.
///
/// # Errors
/// [`Refusal::NotYours`], [`Refusal::NotFound`] (also if there is none).
pub async fn take_second_factor(house: &House, call: &Call, authority: Authority, site: SiteId, number: i64) -> Result<(), Stays> {
    let (now, profiles) = (call.now, house.terms().profiles.clone());
    let mark = entry(call, Some(site), Some(number), "console.user.second_factor", Ok("granted"), "");
    whole(house, move |desk| {
        let account = authority.again(desk, site)?.over(desk, site, number)?;
        let passkeys = desk.passkeys(site, number)?;
        let had = desk.remove_totp(site, number)? || !passkeys.is_empty();
        if !had {
            return Err(Refusal::NotFound.into());
        }
        for passkey in passkeys {
            desk.remove_passkey(site, number, &passkey.id)?;
        }
        accounts::end_all_in(desk, &profiles, account, now, "console.user.second_factor", Ends::SignIns)?;
        desk.remember(&mark)?;
        Ok(())
    })
    .await
}

/// Gives an account a power, or takes it away. Owners only; the last one stays. `is_seen` says whether what is there is what they saw.
///
/// # Errors
/// [`Refusal::NotYours`], [`Refusal::NotFound`]; [`Refusal::Invalid`] if it is a program's; [`Stays::LastOwner`], [`Stays::Changed`].
pub async fn set_power(
    house: &House,
    call: &Call,
    authority: Authority,
    site: SiteId,
    number: i64,
    power: Power,
    is_seen: impl FnOnce(&Account, Power) -> bool + Send + 'static,
) -> Result<(), Stays> {
    let mark = entry(call, Some(site), Some(number), "console.user.power", Ok("granted"), power.word());
    let (now, profiles) = (call.now, house.terms().profiles.clone());
    whole(house, move |desk| {
        let authority = authority.again(desk, site)?;
        if !authority.is_owner() {
            return Err(Refusal::NotYours.into());
        }
        let account = authority.over(desk, site, number)?;
        if power != Power::None && (account.service || !account.is_active()) {
            return Err(Refusal::Invalid("power").into());
        }
        let before = desk.power(site, number)?;
        if !is_seen(&account, before) {
            return Err(Stays::Changed);
        }
        if before == power {
            return Ok(());
        }
        desk.set_power(site, number, power)?;
        if before == Power::Owner {
            somebody_left(desk)?;
        }
        // Who gains or loses power signs in anew, except whoever does it to themselves.
        if !authority.is(site, number) {
            accounts::end_all_in(desk, &profiles, account, now, "console.user.power", Ends::SignIns)?;
        }
        desk.remember(&mark)?;
        Ok(())
    })
    .await
}

fn taken(put: Put) -> Result<Put, Stays> {
    match put {
        Put::Taken(field) => Err(Refusal::Invalid(field).into()),
        Put::Made | Put::Changed | Put::Same => Ok(put),
    }
}

/// What can be stored, shown and compared.
fn sound(account: &Account) -> Result<(), Stays> {
    let bad = |text: &str, most: usize| text.chars().count() > most || text.chars().any(char::is_control);
    let rows = [
        ("login", bad(&account.login, 60) || account.login.trim().is_empty() || account.login.trim() != account.login),
        ("email", bad(&account.email, 254) || !(account.email.is_empty() || looks_like_mail(&account.email))),
        ("display_name", bad(&account.display_name, 250)),
        ("url", bad(&account.url, 2000)),
        ("avatar", account.avatar.as_ref().is_some_and(|url| bad(url, 2000))),
        ("level", account.level > 10),
        ("roles", account.roles.len() > 50 || account.roles.iter().any(|role| role.trim().is_empty() || bad(role, 100))),
    ];
    match rows.into_iter().find(|(_, is_bad)| *is_bad) {
        Some((field, _)) => Err(Refusal::Invalid(field).into()),
        None => Ok(()),
    }
}

fn looks_like_mail(text: &str) -> bool {
    let whole = !text.contains(char::is_whitespace) && !text.contains([',', ';', '<', '>']);
    whole && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// Which members are others, for the audit: never their values, but for those that decide.
fn difference(before: &Account, after: &Account) -> String {
    let mut list = Vec::new();
    let mut told = |what: &str, is_other: bool, how: Option<String>| {
        if is_other {
            list.push(how.map_or_else(|| what.to_owned(), |how| format!("{what}: {how}")));
        }
    };
    let words = |roles: &[String]| roles.join(" ");
    told("login", before.login != after.login, None);
    told("email", before.email != after.email, None);
    told("display_name", before.display_name != after.display_name, None);
    told("url", before.url != after.url, None);
    told("avatar", before.avatar != after.avatar, None);
    told("roles", before.roles != after.roles, Some(format!("{} -> {}", words(&before.roles), words(&after.roles))));
    told("level", before.level != after.level, Some(format!("{} -> {}", before.level, after.level)));
    told("status", before.status != after.status, Some(after.status.label().to_lowercase()));
    told("service", before.service != after.service, Some(after.service.to_string()));
    list.join(", ")
}
