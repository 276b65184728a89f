//! Accounts of a bundle: found by number or login, completed from what is there, with their credentials.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use doorward_core::account::{Account, Handle, Status, nicename};
use doorward_core::call::Time;
use doorward_core::credential::api_token::hint_of;
use doorward_core::credential::{Digest, Scheme, StoredHash, recovery_code, totp};
use doorward_core::flow::accounts::{Ends, end_all_in, put_in, set_hash_in};
use doorward_core::house::totp_purpose;
use doorward_core::policy::{AddressList, Scopes};
use doorward_core::port::store::{ApiToken, Put};
use doorward_core::refusal::Fault;
use doorward_core::secret::sha256;
use doorward_core::site::SiteId;
use serde_json::{Map, Value};

use super::format::{Problem, Token, Totp, User};
use super::import::{Job, Stopped};

/// Among an account's fields: the digest of the password hash that was last imported. By it, importing the same bundle
/// again neither undoes a rehash nor a password that was changed since.
pub(super) const IMPORTED_HASH: &str = "doorward:imported_password_hash";
/// At most so many logins are named in a warning.
const NAMED: usize = 5;

/// Writes the accounts of a site; others stay as they are.
pub(super) fn write(job: &mut Job<'_>, site: SiteId, users: &[User], at: &str) -> Result<(), Stopped> {
    let largest = users.iter().filter_map(|u| u.id).max().unwrap_or(0);
    let mut next = job.desk.last_account(site)?.max(largest) + 1;
    let mut unusable = Vec::new();
    for (index, user) in users.iter().enumerate() {
        let at = format!("{at}.users[{index}]");
        let (account, before) = account(job, site, user, &mut next, &at)?;
        let number = account.number;
        let put = put_in(job.desk, account, job.call.now)?;
        if let Put::Taken(field) = put {
            return Err(Problem::at(format!("{at}.{field}"), "another account of the site has it").into());
        }
        let mut changed = put == Put::Changed;
        changed |= password(job, site, number, user, &mut unusable)?;
        if let Some(wanted) = &user.totp {
            let other = second_factor(job, site, number, wanted.as_ref(), &at)?;
            if let Some(account) = job.desk.account(site, number)?.filter(|_| other && before) {
                end_all(job, account, "second_factor.enrol")?;
            }
            changed |= other;
        }
        for (index, token) in user.api_tokens.iter().flatten().enumerate() {
            api_token(job, site, number, token, &format!("{at}.api_tokens[{index}]"))?;
        }
        match (before, changed) {
            (false, _) => job.report.users.made += 1,
            (true, true) => job.report.users.changed += 1,
            (true, false) => job.report.users.same += 1,
        }
    }
    if !unusable.is_empty() {
        let more = if unusable.len() > NAMED { ", …" } else { "" };
        let named = unusable.get(..NAMED.min(unusable.len())).unwrap_or_default().join(", ");
        let text = format!(
            "{at}.users: {} password hashes are of no usable format; these accounts cannot log in with a password: {named}{more}",
            unusable.len()
        );
        job.report.warnings.push(text);
    }
    Ok(())
}

/// The account as it shall be, and whether it is there already.
fn account(job: &mut Job<'_>, site: SiteId, user: &User, next: &mut i64, at: &str) -> Result<(Account, bool), Stopped> {
    let problem = |member: &str, text: &str| Problem::at(format!("{at}.{member}"), text);
    let login = user.login.trim();
    if login.is_empty() {
        return Err(problem("login", "must not be empty").into());
    }
    let before = match user.id {
        Some(id) if id < 1 => return Err(problem("id", "must be 1 or more").into()),
        Some(id) => job.desk.account(site, id)?,
        None => job.desk.account_by(site, &Handle::Login(login.to_owned()))?,
    };
    let is_there = before.is_some();
    let mut account = before.unwrap_or_else(|| blank(site, user.id.unwrap_or(*next), login, job.call.now));
    if !is_there && user.id.is_none() {
        *next += 1;
    }
    login.clone_into(&mut account.login);
    let set = |slot: &mut String, text: &Option<String>| {
        if let Some(text) = text {
            text.clone_into(slot);
        }
    };
    set(&mut account.email, &user.email);
    set(&mut account.nicename, &user.nicename);
    if !is_there && user.nicename.is_none() {
        account.nicename = nicename::free(job.desk, site, &account.nicename, account.number)?;
    }
    set(&mut account.display_name, &user.display_name);
    set(&mut account.url, &user.url);
    if let Some(text) = &user.registered {
        account.registered = Time::parse(text).ok_or_else(|| problem("registered", "must be a date such as 2026-01-02 03:04:05"))?;
    }
    if let Some(roles) = &user.roles {
        account.roles.clone_from(roles);
    }
    if let Some(level) = user.level {
        account.level = Some(level).filter(|l| *l <= 10).ok_or_else(|| problem("level", "must be from 0 to 10"))?;
    }
    if let Some(number) = user.status {
        account.status = Status::from_number(number).ok_or_else(|| problem("type", "must be 1 (active), 2 (banned) or 4 (deleted)"))?;
    }
    if let Some(avatar) = &user.avatar {
        account.avatar.clone_from(avatar);
    }
    account.service = user.service_account.unwrap_or(account.service);
    Ok((account, is_there))
}

fn blank(site: SiteId, number: i64, login: &str, now: Time) -> Account {
    Account {
        site,
        number,
        login: login.to_owned(),
        email: String::new(),
        nicename: nicename::of_login(login),
        display_name: login.to_owned(),
        url: String::new(),
        registered: now,
        roles: Vec::new(),
        level: 0,
        status: Status::Active,
        avatar: None,
        service: false,
        valid_after: Time(0),
        second_factor: false,
    }
}

/// Sets password hash and free-form fields, if they differ from what was last imported. A hash that is new in the
/// bundle is a changed password: tokens issued before die.
fn password(job: &mut Job<'_>, site: SiteId, number: i64, user: &User, unusable: &mut Vec<String>) -> Result<bool, Stopped> {
    if user.password_hash.is_none() && user.meta.is_none() {
        return Ok(false);
    }
    let text = job.desk.meta(site, number)?;
    let stored: Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
    let mark = stored.get(IMPORTED_HASH).cloned();
    let mut wanted = user.meta.clone().unwrap_or_else(|| stored.clone());
    wanted.shift_remove(IMPORTED_HASH);
    let mut new_mark = mark.clone();
    let mut changed = false;
    if let Some(hash) = &user.password_hash {
        let hash = hash.as_deref().map(StoredHash::new);
        if hash.as_ref().is_some_and(|h| h.scheme() == Scheme::Unusable) {
            unusable.push(user.login.clone());
        }
        new_mark = Some(hash.as_ref().map_or(Value::Null, |h| Value::from(HEXLOWER.encode(&sha256(h.reveal().as_bytes())))));
        let current = job.desk.password(site, number)?;
        if new_mark != mark && current.as_deref() != hash.as_ref().map(StoredHash::reveal) {
            set_hash_in(job.desk, site, number, hash.as_ref())?;
            let was_known = mark.is_some() || current.is_some();
            if let Some(account) = job.desk.account(site, number)?.filter(|_| was_known) {
                end_all(job, account, "password.set")?;
            }
            changed = true;
        }
    }
    let mut shown = stored.clone();
    shown.shift_remove(IMPORTED_HASH);
    changed |= shown != wanted;
    if let Some(mark) = new_mark {
        wanted.insert(IMPORTED_HASH.to_owned(), mark);
    }
    if wanted != stored {
        job.desk.set_meta(site, number, &Value::Object(wanted).to_string())?;
    }
    Ok(changed)
}

fn end_all(job: &mut Job<'_>, account: Account, reason: &str) -> Result<(), Fault> {
    end_all_in(job.desk, &job.house.terms().profiles, account, job.call.now, reason, Ends::SignIns)
}

/// Enrols, replaces or removes the second factor. Recovery codes come with a new secret alone: those of a known secret
/// may have been spent, and a bundle must not bring them back.
fn second_factor(job: &mut Job<'_>, site: SiteId, number: i64, wanted: Option<&Totp>, at: &str) -> Result<bool, Stopped> {
    let Some(wanted) = wanted else { return Ok(job.desk.remove_totp(site, number)?) };
    let secret = totp::decode_base32(&wanted.secret).map_err(|_| {
        let (least, most) = (totp::MIN_SECRET_BYTES, totp::MAX_SECRET_BYTES);
        Problem::at(format!("{at}.totp.secret"), format!("must be base 32 of {least} to {most} bytes"))
    })?;
    let purpose = totp_purpose(site, number);
    if let Some(row) = job.desk.totp(site, number)?
        && job.house.terms().vault.open(&purpose, &row.secret)? == secret
    {
        return Ok(false);
    }
    let mut digests = Vec::new();
    for (index, code) in wanted.recovery_codes.iter().flatten().enumerate() {
        let digest = recovery_code::digest_imported(&site.0.to_string(), number, code);
        let path = || format!("{at}.totp.recovery_codes[{index}]");
        digests.push(*digest.ok_or_else(|| Problem::at(path(), "must have 6 letters or more"))?.as_bytes());
    }
    for (index, text) in wanted.recovery_digests.iter().flatten().enumerate() {
        let path = format!("{at}.totp.recovery_digests[{index}]");
        digests.push(digest(text, &path)?);
    }
    let sealed = job.house.terms().vault.seal(&purpose, &secret, job.call.dice.as_mut())?;
    job.desk.put_totp(site, number, &sealed)?;
    job.desk.put_recovery_codes(site, number, &digests)?;
    Ok(true)
}

/// Adds an API token, unless it is there: then it stays as it is, revoked ones revoked.
fn api_token(job: &mut Job<'_>, site: SiteId, number: i64, token: &Token, at: &str) -> Result<(), Stopped> {
    let problem = |member: &str, text: &str| Problem::at(format!("{at}.{member}"), text);
    let found = match (&token.token, &token.sha256) {
        (Some(text), None) if text.trim().is_empty() => return Err(problem("token", "must not be empty").into()),
        (Some(text), None) => Digest::of(text),
        (None, Some(hex)) => {
            Digest::from_slice(&digest(hex, &format!("{at}.sha256"))?).ok_or_else(|| Fault::new("a digest of another length"))?
        }
        (_, _) => return Err(Problem::at(at, "must have either `token` or `sha256`").into()),
    };
    if let Some(dialect) = token.dialect.as_deref().filter(|d| job.house.profile(d).is_none()) {
        return Err(problem("dialect", &format!("`{dialect}` is no dialect of this build")).into());
    }
    let date = |member: &str, text: &Option<String>| {
        text.as_deref().map(|t| Time::parse(t).ok_or_else(|| problem(member, "must be a date such as 2026-01-02T03:04:05Z"))).transpose()
    };
    if let Err(wrong) = AddressList::compile(token.ip_allow.iter().flatten().map(String::as_str)) {
        return Err(problem("ip_allow", &wrong.to_string()).into());
    }
    let row = ApiToken {
        id: 0,
        site,
        account: number,
        dialect: token.dialect.clone(),
        name: token.name.chars().take(doorward_core::flow::api_tokens::NAME_LIMIT).collect(),
        digest: found,
        hint: token.token.as_deref().map(hint_of).or_else(|| token.hint.clone()).unwrap_or_else(|| "…".to_owned()),
        scopes: token.scopes.as_ref().map_or(Scopes::All, |list| Scopes::parse(&list.join(" "))),
        created: date("created", &token.created)?.unwrap_or(job.call.now),
        expires: date("expires", &token.expires)?,
        used: None,
        used_from: None,
        revoked: None,
        ip_allow: token.ip_allow.clone().unwrap_or_default(),
    };
    match job.desk.api_token(found.as_bytes())? {
        None => {
            job.desk.add_api_token(&row)?;
            job.report.tokens += 1;
        }
        Some(there) if there.site != site || there.account != number => {
            return Err(Problem::at(at, "another account has this token").into());
        }
        Some(there)
            if there.scopes != row.scopes
                || there.expires != row.expires
                || there.dialect != row.dialect
                || there.ip_allow != row.ip_allow =>
        {
            let text = "is there with other scopes, expiry, dialect or addresses and stays so; revoke it and make a new one";
            job.report.warnings.push(format!("{at}: {text}"));
        }
        Some(_) => {}
    }
    Ok(())
}

fn digest(hex: &str, at: &str) -> Result<[u8; 32], Problem> {
    let bytes = HEXLOWER_PERMISSIVE.decode(hex.trim().as_bytes()).unwrap_or_default();
    bytes.try_into().map_err(|_| Problem::at(at, "must be 64 hexadecimal digits"))
}
