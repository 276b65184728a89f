//! Signing keys of a site: the one of the settings, those a bundle brings, and one made where there is none.

use data_encoding::BASE64;
use doorward_core::call::Time;
use doorward_core::house::key_purpose;
use doorward_core::port::store::{KeyRow, SiteRow};
use doorward_core::refusal::Fault;
use doorward_core::secret::Secret;
use doorward_core::site::SiteId;
use doorward_core::token::{Algorithm, KeyId, KeyMaterial};
use serde_json::Value;

use super::format::{Key, Problem};
use super::import::{Job, Stopped};

pub(crate) use doorward_core::flow::keys::{FROM_SETTINGS, fresh, sealed};

/// Brings a site's keys in step with its settings, and adds those of the bundle.
pub(super) fn write(job: &mut Job<'_>, row: &SiteRow, brought: &[Key], at: &str) -> Result<(), Stopped> {
    for (index, key) in brought.iter().enumerate() {
        bring(job, row, key, &format!("{at}.keys[{index}]"))?;
    }
    for language in &row.dialects {
        let name = &language.dialect;
        let Some(profile) = job.house.profile(name).cloned() else { continue };
        let plain = job.house.terms().vault.open(&doorward_core::house::settings_purpose(row.id, name), &language.config)?;
        let config: Value = serde_json::from_slice(plain.reveal()).map_err(|_| Fault::new("stored settings are not JSON"))?;
        let wanted = profile.key_from_config(&config).map_err(|p| Problem::at(format!("{at}.{}", p.path), p.problem))?;
        match wanted {
            Some(material) => from_settings(job, row.id, name, &material)?,
            None => generated(job, row.id, name, profile.default_algorithm())?,
        }
    }
    Ok(())
}

/// The settings carry the key: it is the one that signs. A changed one replaces it, and what the old one signed is dead,
/// as with the plugin.
fn from_settings(job: &mut Job<'_>, site: SiteId, dialect: &str, material: &KeyMaterial) -> Result<(), Stopped> {
    if material.is_weak() {
        let text = format!("the secret of {dialect} is shorter than its algorithm asks for; tokens are only as strong as it is");
        job.report.warnings.push(text);
    }
    let mut there = false;
    for row in job.desk.keys(site)?.into_iter().filter(|k| k.dialect == dialect) {
        if row.kid != FROM_SETTINGS {
            // A key that signs beside the settings' own would make two issuers of one site; retired ones go on verifying.
            if row.retired.is_none() && job.desk.remove_key(site, dialect, &row.kid)? {
                job.report.keys += 1;
            }
            continue;
        }
        let stored = job.house.terms().vault.open(&key_purpose(site, dialect, FROM_SETTINGS), &row.material)?;
        there = row.algorithm == material.algorithm() && stored == *material.secret() && row.retired.is_none();
    }
    if !there {
        let now = job.call.now;
        let row = sealed(job.house, site, dialect, FROM_SETTINGS, material, now, job.call.dice.as_mut())?;
        job.desk.put_key(&row)?;
        job.report.keys += 1;
    }
    Ok(())
}

/// The settings carry none: one is made, once.
fn generated(job: &mut Job<'_>, site: SiteId, dialect: &str, algorithm: Algorithm) -> Result<(), Stopped> {
    if job.desk.keys(site)?.iter().any(|k| k.dialect == dialect && k.kid == FROM_SETTINGS) {
        job.desk.remove_key(site, dialect, FROM_SETTINGS)?;
        job.report.keys += 1;
    }
    if !job.desk.keys(site)?.iter().any(|k| k.dialect == dialect && k.retired.is_none()) {
        let now = job.call.now;
        let row = fresh(job.house, site, dialect, algorithm, now, job.call.dice.as_mut())?;
        job.desk.put_key(&row)?;
        job.report.keys += 1;
    }
    Ok(())
}

fn bring(job: &mut Job<'_>, row: &SiteRow, key: &Key, at: &str) -> Result<(), Stopped> {
    let problem = |member: &str, text: &str| Problem::at(format!("{at}.{member}"), text);
    if !row.dialects.iter().any(|d| d.dialect == key.dialect) {
        return Err(problem("dialect", "must be one of the site's dialects").into());
    }
    let algorithm = Algorithm::parse(&key.algorithm).ok_or_else(|| problem("algorithm", "must be a registered name such as HS256"))?;
    let good = KeyId::parse(&key.kid).is_some() && key.kid != FROM_SETTINGS;
    if !good {
        return Err(problem("kid", "must be 1 to 128 letters, digits and .-_~: and not `settings`").into());
    }
    let octets = BASE64.decode(key.secret.trim().as_bytes()).map_err(|_| problem("secret", "must be base64"))?;
    let material = KeyMaterial::new(algorithm, &Secret::new(octets)).map_err(|p| problem("secret", &p.to_string()))?;
    let date = |member: &str, text: &Option<String>| {
        text.as_deref().map(|t| Time::parse(t).ok_or_else(|| problem(member, "must be a date such as 2026-01-02T03:04:05Z"))).transpose()
    };
    let (created, retired) = (date("created", &key.created)?, date("retired", &key.retired)?);
    let before = job.desk.keys(row.id)?.into_iter().find(|k| k.dialect == key.dialect && k.kid == key.kid);
    if let Some(before) = &before {
        let stored = job.house.terms().vault.open(&key_purpose(row.id, &key.dialect, &key.kid), &before.material)?;
        let same = stored == *material.secret() && before.algorithm == algorithm && before.retired == retired;
        if same && created.is_none_or(|c| c == before.created) {
            return Ok(());
        }
    }
    let made = created.or(before.map(|b| b.created)).unwrap_or(job.call.now);
    let stored = sealed(job.house, row.id, &key.dialect, &key.kid, &material, made, job.call.dice.as_mut())?;
    job.desk.put_key(&KeyRow { retired, ..stored })?;
    job.report.keys += 1;
    Ok(())
}
