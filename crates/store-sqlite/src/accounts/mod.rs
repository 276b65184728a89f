//! Accounts, their passwords' hashes and their free-form fields.

use doorward_core::account::{Account, Handle, Status, fold};
use doorward_core::call::Time;
use doorward_core::port::store::{Put, stored};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use rusqlite::Row;

use crate::sql::{Sql, get};

/// The columns that [`account`] reads, from `account a`.
macro_rules! columns {
    () => {
        "a.site_id, a.number, a.login, a.email, a.nicename, a.display_name, a.url, a.registered, a.roles, a.level, a.status, a.avatar,
         a.service, a.valid_after, EXISTS (SELECT 1 FROM totp t WHERE t.site_id = a.site_id AND t.account = a.number)"
    };
}

mod find;

pub(crate) use find::{count, find, roles};

pub(crate) fn by_number(sql: &mut Sql<'_>, site: SiteId, number: i64) -> Result<Option<Account>, Fault> {
    sql.first(concat!("SELECT ", columns!(), " FROM account a WHERE a.site_id = ?1 AND a.number = ?2"), &[&site.0, &number], account)
}

pub(crate) fn by_handle(sql: &mut Sql<'_>, site: SiteId, handle: &Handle) -> Result<Option<Account>, Fault> {
    match handle {
        Handle::Number(number) => by_number(sql, site, *number),
        Handle::Login(login) => by_login(sql, site, login),
        Handle::Email(email) => by_email(sql, site, email),
        Handle::LoginOrEmail(name) => match by_login(sql, site, name)? {
            None if name.contains('@') => by_email(sql, site, name),
            found => Ok(found),
        },
    }
}

pub(crate) fn by_nicename(sql: &mut Sql<'_>, site: SiteId, nicename: &str) -> Result<Vec<Account>, Fault> {
    if stored::exact(&[nicename]).is_err() {
        return Ok(Vec::new());
    }
    sql.rows(
        concat!(
            "SELECT ",
            columns!(),
            " FROM account a WHERE a.site_id = ?1 AND a.nicename = ?2 AND a.status <> 4 ORDER BY a.number LIMIT 10"
        ),
        &[&site.0, &nicename],
        account,
    )
}

pub(crate) fn after(sql: &mut Sql<'_>, site: SiteId, after: i64, limit: u32) -> Result<Vec<Account>, Fault> {
    sql.rows(
        concat!("SELECT ", columns!(), " FROM account a WHERE a.site_id = ?1 AND a.number > ?2 ORDER BY a.number LIMIT ?3"),
        &[&site.0, &after, &i64::from(limit)],
        account,
    )
}

pub(crate) fn last(sql: &mut Sql<'_>, site: SiteId) -> Result<i64, Fault> {
    Ok(sql.first("SELECT coalesce(max(number), 0) FROM account WHERE site_id = ?1", &[&site.0], |row| get(row, 0))?.unwrap_or(0))
}

pub(crate) fn put(sql: &mut Sql<'_>, account: &Account) -> Result<Put, Fault> {
    let texts = [&account.login, &account.email, &account.nicename, &account.display_name, &account.url];
    stored::exact(&texts.map(String::as_str))?;
    stored::exact(&account.roles.iter().map(String::as_str).collect::<Vec<_>>())?;
    let before = by_number(sql, account.site, account.number)?;
    if before.as_ref().is_some_and(|old| *old == Account { second_factor: old.second_factor, ..account.clone() }) {
        return Ok(Put::Same);
    }
    let (login, email) = (fold(&account.login), fold(&account.email));
    if let Some(what) = taken(sql, account, &login, &email)? {
        return Ok(Put::Taken(what));
    }
    sql.run(
        "INSERT INTO account (site_id, number, login, login_fold, email, email_fold, nicename, display_name, url, registered, roles,
         level, status, avatar, service, valid_after, name_fold) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
         ON CONFLICT (site_id, number) DO UPDATE SET login = excluded.login, login_fold = excluded.login_fold, email = excluded.email,
         email_fold = excluded.email_fold, nicename = excluded.nicename, display_name = excluded.display_name, url = excluded.url,
         registered = excluded.registered, roles = excluded.roles, level = excluded.level, status = excluded.status,
         avatar = excluded.avatar, service = excluded.service, valid_after = excluded.valid_after,
         name_fold = excluded.name_fold",
        &[
            &account.site.0,
            &account.number,
            &account.login,
            &login,
            &account.email,
            &email,
            &account.nicename,
            &account.display_name,
            &account.url,
            &account.registered.0,
            &stored::list_text(&account.roles),
            &i64::from(account.level),
            &account.status.number(),
            &account.avatar,
            &account.service,
            &account.valid_after.0,
            &stored::name_fold(&account.display_name),
        ],
    )?;
    let is_gone = account.status == Status::Deleted;
    if before.as_ref().is_none_or(|old| old.roles != account.roles || (old.status == Status::Deleted) != is_gone) {
        sql.run("DELETE FROM account_role WHERE site_id = ?1 AND number = ?2", &[&account.site.0, &account.number])?;
        for role in &account.roles {
            sql.run(
                "INSERT INTO account_role (site_id, deleted, role, number) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                &[&account.site.0, &is_gone, role, &account.number],
            )?;
        }
    }
    // Whoever is gone runs nothing, and comes in with nothing: not even when they are taken back.
    if is_gone {
        sql.run("DELETE FROM power WHERE site_id = ?1 AND account = ?2", &[&account.site.0, &account.number])?;
        sql.run("DELETE FROM passkey WHERE site_id = ?1 AND account = ?2", &[&account.site.0, &account.number])?;
        sql.run("DELETE FROM ticket WHERE site_id = ?1 AND account = ?2", &[&account.site.0, &account.number])?;
    }
    Ok(if before.is_some() { Put::Changed } else { Put::Made })
}

pub(crate) fn password(sql: &mut Sql<'_>, site: SiteId, number: i64) -> Result<Option<String>, Fault> {
    let found = sql.first("SELECT password FROM account WHERE site_id = ?1 AND number = ?2", &[&site.0, &number], |row| get(row, 0))?;
    Ok(found.flatten())
}

pub(crate) fn set_password(sql: &mut Sql<'_>, site: SiteId, number: i64, hash: Option<&str>) -> Result<(), Fault> {
    stored::exact(&[hash.unwrap_or_default()])?;
    let done =
        sql.hit("UPDATE account SET password = ?3, password_given = 0 WHERE site_id = ?1 AND number = ?2", &[&site.0, &number, &hash])?;
    if done { Ok(()) } else { Err(Fault::new("a password for an account that is not there")) }
}

pub(crate) fn is_password_given(sql: &mut Sql<'_>, site: SiteId, number: i64) -> Result<bool, Fault> {
    let found =
        sql.first("SELECT password_given FROM account WHERE site_id = ?1 AND number = ?2", &[&site.0, &number], |row| get(row, 0))?;
    Ok(found.unwrap_or(false))
}

pub(crate) fn mark_password_given(sql: &mut Sql<'_>, site: SiteId, number: i64) -> Result<(), Fault> {
    let done = sql.hit("UPDATE account SET password_given = 1 WHERE site_id = ?1 AND number = ?2", &[&site.0, &number])?;
    if done { Ok(()) } else { Err(Fault::new("a password of an account that is not there")) }
}

pub(crate) fn swap_password(sql: &mut Sql<'_>, site: SiteId, number: i64, old: &str, new: &str) -> Result<bool, Fault> {
    stored::exact(&[old, new])?;
    sql.hit("UPDATE account SET password = ?4 WHERE site_id = ?1 AND number = ?2 AND password = ?3", &[&site.0, &number, &old, &new])
}

pub(crate) fn meta(sql: &mut Sql<'_>, site: SiteId, number: i64) -> Result<String, Fault> {
    let found = sql.first("SELECT meta FROM account WHERE site_id = ?1 AND number = ?2", &[&site.0, &number], |row| get(row, 0))?;
    Ok(found.unwrap_or_else(|| "{}".into()))
}

pub(crate) fn set_meta(sql: &mut Sql<'_>, site: SiteId, number: i64, meta: &str) -> Result<(), Fault> {
    stored::exact(&[meta])?;
    let done = sql.hit("UPDATE account SET meta = ?3 WHERE site_id = ?1 AND number = ?2", &[&site.0, &number, &meta])?;
    if done { Ok(()) } else { Err(Fault::new("fields for an account that is not there")) }
}

fn by_login(sql: &mut Sql<'_>, site: SiteId, login: &str) -> Result<Option<Account>, Fault> {
    let login = fold(login);
    sql.first(concat!("SELECT ", columns!(), " FROM account a WHERE a.site_id = ?1 AND a.login_fold = ?2"), &[&site.0, &login], account)
}

fn by_email(sql: &mut Sql<'_>, site: SiteId, email: &str) -> Result<Option<Account>, Fault> {
    let email = fold(email);
    if email.is_empty() {
        return Ok(None);
    }
    // The second condition is what lets the partial index be used.
    sql.first(
        concat!("SELECT ", columns!(), " FROM account a WHERE a.site_id = ?1 AND a.email_fold = ?2 AND a.email_fold <> ''"),
        &[&site.0, &email],
        account,
    )
}

/// What another account of the site already has.
fn taken(sql: &mut Sql<'_>, account: &Account, login: &str, email: &str) -> Result<Option<&'static str>, Fault> {
    let (site, number) = (account.site.0, account.number);
    let one = |row: &Row<'_>| get::<i64>(row, 0);
    let by_login = "SELECT 1 FROM account WHERE site_id = ?1 AND number <> ?2 AND login_fold = ?3";
    if sql.first(by_login, &[&site, &number, &login], one)?.is_some() {
        return Ok(Some("login"));
    }
    let by_email = "SELECT 1 FROM account WHERE site_id = ?1 AND number <> ?2 AND email_fold = ?3 AND email_fold <> ''";
    Ok(sql.first(by_email, &[&site, &number, &email], one)?.map(|_| "email"))
}

fn account(row: &Row<'_>) -> Result<Account, Fault> {
    Ok(Account {
        site: SiteId(get(row, 0)?),
        number: get(row, 1)?,
        login: get(row, 2)?,
        email: get(row, 3)?,
        nicename: get(row, 4)?,
        display_name: get(row, 5)?,
        url: get(row, 6)?,
        registered: Time(get(row, 7)?),
        roles: stored::parse_list(&get::<String>(row, 8)?)?,
        level: u8::try_from(get::<i64>(row, 9)?).map_err(|_| stored::broken("level"))?,
        status: Status::from_number(get(row, 10)?).ok_or_else(|| stored::broken("status"))?,
        avatar: get(row, 11)?,
        service: get(row, 12)?,
        valid_after: Time(get(row, 13)?),
        second_factor: get(row, 14)?,
    })
}
