//! Export: a site moves out with one file. Secrets only if somebody asks for them.

use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER};
use doorward_core::account::Account;
use doorward_core::credential::totp::encode_base32;
use doorward_core::house::{House, key_purpose, totp_purpose};
use doorward_core::policy::Scopes;
use doorward_core::port::store::{ApiToken, Look, SiteRow};
use doorward_core::refusal::Fault;
use serde_json::{Map, Value};

use super::format::{Bundle, Key, Site, Token, Totp, Upstreams, User, VERSION};
use super::keys::FROM_SETTINGS;
use super::{endpoint, users};

/// Accounts read at a time.
const PAGE: u32 = 1000;

/// What shall be exported.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// One site by name; `None` = all.
    pub site: Option<String>,
    /// Everything that is needed to move out: password hashes, second factors, tokens' digests, keys and settings.
    pub secrets: bool,
}

/// Exports sites as a bundle, all of one moment.
///
/// # Errors
/// The store's, or if something sealed does not open.
pub async fn export(house: &Arc<House>, wanted: Wanted) -> Result<Bundle, Fault> {
    let within = Arc::clone(house);
    house
        .look(move |desk| {
            let mut sites = Vec::new();
            for row in desk.sites()? {
                if wanted.site.as_ref().is_none_or(|name| *name == row.name) {
                    sites.push(site(&within, desk, row, wanted.secrets)?);
                }
            }
            Ok(Bundle { doorward_bundle: VERSION, without_secrets: !wanted.secrets, sites })
        })
        .await
}

fn site(house: &House, desk: &mut dyn Look, row: SiteRow, secrets: bool) -> Result<Site, Fault> {
    let id = row.id;
    let keys = if secrets { Some(keys(house, desk, &row)?) } else { None };
    let mut accounts = Vec::new();
    let mut after = 0;
    loop {
        let page = desk.accounts(id, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.number;
        for account in page {
            accounts.push(user(house, desk, account, secrets)?);
        }
    }
    let opened = house.open_site(row)?;
    let config = |value: Value| if secrets { value } else { Value::Object(Map::new()) };
    Ok(Site {
        name: opened.name,
        id: Some(id.0),
        url: Some(opened.url),
        hosts: Some(opened.hosts),
        upstream: Some(opened.upstream.as_deref().map(Upstreams::stored)),
        cors_origins: Some(opened.cors_origins),
        dialects: Some(opened.dialects.into_iter().map(|d| (d.dialect, config(d.config.0))).collect()),
        keys,
        endpoints: Some(opened.rules.iter().map(endpoint::endpoint).collect()),
        users: Some(accounts),
    })
}

/// The keys that the settings do not carry.
fn keys(house: &House, desk: &mut dyn Look, row: &SiteRow) -> Result<Vec<Key>, Fault> {
    let mut keys = Vec::new();
    for key in desk.keys(row.id)?.into_iter().filter(|k| k.kid != FROM_SETTINGS) {
        let material = house.terms().vault.open(&key_purpose(row.id, &key.dialect, &key.kid), &key.material)?;
        keys.push(Key {
            dialect: key.dialect,
            kid: key.kid,
            algorithm: key.algorithm.name().to_owned(),
            secret: BASE64.encode(material.reveal()),
            created: Some(key.created.iso()),
            retired: key.retired.map(doorward_core::call::Time::iso),
        });
    }
    // Oldest first: where two were made in the same second, the order of writing decides which one signs.
    keys.reverse();
    Ok(keys)
}

fn user(house: &House, desk: &mut dyn Look, account: Account, secrets: bool) -> Result<User, Fault> {
    let (site, number) = (account.site, account.number);
    let mut meta: Map<String, Value> = serde_json::from_str(&desk.meta(site, number)?).unwrap_or_default();
    meta.shift_remove(users::IMPORTED_HASH);
    let mut user = User {
        id: Some(number),
        login: account.login,
        email: Some(account.email),
        nicename: Some(account.nicename),
        display_name: Some(account.display_name),
        url: Some(account.url),
        registered: Some(account.registered.wordpress()),
        roles: Some(account.roles),
        level: Some(account.level),
        status: Some(account.status.number()),
        avatar: Some(account.avatar),
        service_account: Some(account.service),
        meta: Some(meta),
        ..User::default()
    };
    if secrets {
        user.password_hash = Some(desk.password(site, number)?);
        user.totp = Some(second_factor(house, desk, site, number)?);
        user.api_tokens = Some(desk.api_tokens(site, Some(number))?.into_iter().map(token).collect());
    }
    Ok(user)
}

fn second_factor(house: &House, desk: &mut dyn Look, site: doorward_core::site::SiteId, number: i64) -> Result<Option<Totp>, Fault> {
    let Some(row) = desk.totp(site, number)? else { return Ok(None) };
    let secret = house.terms().vault.open(&totp_purpose(site, number), &row.secret)?;
    let digests = desk.recovery_codes(site, number)?.iter().map(|d| HEXLOWER.encode(d)).collect();
    Ok(Some(Totp {
        secret: encode_base32(&secret).reveal_text().unwrap_or_default().to_owned(),
        recovery_codes: None,
        recovery_digests: Some(digests),
    }))
}

fn token(row: ApiToken) -> Token {
    Token {
        name: row.name,
        token: None,
        sha256: Some(HEXLOWER.encode(row.digest.as_bytes())),
        hint: Some(row.hint),
        scopes: match row.scopes {
            Scopes::All => None,
            Scopes::Only(list) => Some(list),
        },
        created: Some(row.created.iso()),
        expires: row.expires.map(doorward_core::call::Time::iso),
        dialect: row.dialect,
        ip_allow: Some(row.ip_allow).filter(|list| !list.is_empty()),
    }
}
