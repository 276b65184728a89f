//! Signing keys: made, retired, removed. The site must be usable with what is left, and one key always signs.

use std::sync::Arc;

use crate::call::{Call, Dice, Time};
use crate::house::{House, entry, key_purpose};
use crate::port::store::{KeyRow, Work};
use crate::refusal::Fault;
use crate::site::SiteId;
use crate::token::{Algorithm, KeyId, KeyMaterial, SigningKey};

/// The id of the key that a language's settings carry.
pub const FROM_SETTINGS: &str = "settings";

/// Why a key stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The site does not speak the language.
    NoDialect,
    /// There is no such key.
    NoKey,
    /// It is the only one that signs.
    Signs,
    /// The language's settings carry the key: it is changed there.
    InSettings,
}

/// Which keys: a site's of a language.
#[derive(Clone, Debug)]
pub struct Of {
    /// The site.
    pub site: SiteId,
    /// The language.
    pub dialect: String,
}

/// A new key with an id of its own.
///
/// # Errors
/// If it cannot be made or sealed.
pub fn fresh(house: &House, site: SiteId, dialect: &str, algorithm: Algorithm, now: Time, dice: &mut dyn Dice) -> Result<KeyRow, Fault> {
    let kid = data_encoding::HEXLOWER.encode(&dice.bytes::<4>());
    let id = KeyId::parse(&kid).ok_or_else(|| Fault::new("a drawn key id cannot be used"))?;
    let (_, material) = SigningKey::generate(algorithm, id, dice)?;
    sealed(house, site, dialect, &kid, &material, now, dice)
}

/// A key as it is stored.
///
/// # Errors
/// If it cannot be sealed.
pub fn sealed(
    house: &House,
    site: SiteId,
    dialect: &str,
    kid: &str,
    material: &KeyMaterial,
    created: Time,
    dice: &mut dyn Dice,
) -> Result<KeyRow, Fault> {
    let sealed = house.terms().vault.seal(&key_purpose(site, dialect, kid), material.secret(), dice)?;
    Ok(KeyRow {
        site,
        dialect: dialect.to_owned(),
        kid: kid.to_owned(),
        algorithm: material.algorithm(),
        material: sealed,
        created,
        retired: None,
    })
}

/// Makes a new key that signs from now on; those that signed only verify. `algorithm` is that of the key before if it is `None`.
///
/// # Errors
/// The store's.
pub async fn rotate(
    house: &Arc<House>,
    call: &mut Call,
    of: Of,
    algorithm: Option<Algorithm>,
    action: &'static str,
) -> Result<Result<KeyRow, Kept>, Fault> {
    let (site, dialect) = (of.site, of.dialect.clone());
    let before = house.look(move |desk| desk.keys(site)).await?.into_iter().find(|k| k.dialect == dialect && k.retired.is_none());
    let algorithm = algorithm.or(before.map(|k| k.algorithm)).unwrap_or(Algorithm::Hs256);
    let key = fresh(house, site, &of.dialect, algorithm, call.now, call.dice.as_mut())?;
    let (now, within, made) = (call.now, Arc::clone(house), key.clone());
    let mark = entry(call, Some(site), None, action, Ok("granted"), &key.kid);
    let kept = house
        .work(move |desk| {
            let live = match ring(desk, &of)? {
                Ok(ring) => ring.into_iter().filter(|k| k.retired.is_none()).collect::<Vec<_>>(),
                Err(kept) => return Ok(Some(kept)),
            };
            if live.iter().any(|k| k.kid == FROM_SETTINGS) {
                return Ok(Some(Kept::InSettings));
            }
            for old in live {
                desk.put_key(&KeyRow { retired: Some(now), ..old })?;
            }
            desk.put_key(&key)?;
            usable(&within, desk, of.site)?;
            desk.remember(&mark)?;
            Ok(None)
        })
        .await?;
    Ok(kept.map_or(Ok(made), Err))
}

/// Removes a key: what it signed is refused from now on.
///
/// # Errors
/// The store's.
pub async fn remove(house: &House, call: &Call, of: Of, kid: String, action: &'static str) -> Result<Result<(), Kept>, Fault> {
    let mark = entry(call, Some(of.site), None, action, Ok("granted"), &kid);
    house
        .work(move |desk| {
            let ring = match ring(desk, &of)? {
                Ok(ring) => ring,
                Err(kept) => return Ok(Err(kept)),
            };
            let Some(key) = ring.iter().find(|k| k.kid == kid) else { return Ok(Err(Kept::NoKey)) };
            let is_last = ring.iter().filter(|k| k.retired.is_none()).all(|k| k.kid == kid);
            if key.retired.is_none() && is_last {
                return Ok(Err(Kept::Signs));
            }
            desk.remove_key(of.site, &of.dialect, &kid)?;
            desk.remember(&mark)?;
            Ok(Ok(()))
        })
        .await
}

/// The site must be usable with its keys as they are in this transaction.
///
/// # Errors
/// If it is not.
pub fn usable(house: &House, desk: &mut dyn Work, site: SiteId) -> Result<(), Fault> {
    let row = desk.sites()?.into_iter().find(|row| row.id == site).ok_or_else(|| Fault::new("the site is gone"))?;
    let keys = desk.keys(site)?;
    house.try_site(row, keys).map(|_| ()).map_err(Fault::new)
}

/// The keys of a language, newest first.
fn ring(desk: &mut dyn Work, of: &Of) -> Result<Result<Vec<KeyRow>, Kept>, Fault> {
    let speaks = desk.sites()?.iter().any(|row| row.id == of.site && row.dialects.iter().any(|d| d.dialect == of.dialect));
    if !speaks {
        return Ok(Err(Kept::NoDialect));
    }
    Ok(Ok(desk.keys(of.site)?.into_iter().filter(|k| k.dialect == of.dialect).collect()))
}
