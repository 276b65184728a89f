//! Its settings: the constants and filters of the site's `wp-config.php` and plugins. `{}` is on with a key of its own.

use doorward_core::secret::Secret;
use doorward_core::site::ConfigProblem;
use doorward_core::token::{Algorithm, KeyMaterial};
use serde_json::Value;

use crate::config::{Edition, Reader, edition};

const PATH: &str = "dialects.jwt_auth";
const CONSTANTS: &str = "dialects.jwt_auth.constants";
const FILTERS: &str = "dialects.jwt_auth.filters";
const SECRET: &str = "JWT_AUTH_SECRET_KEY";

/// Seconds that a token lives (seed 004's sample: 7 days).
const LIFE: i64 = 604_800;
/// The longest that a filter may make it live: ten years, in seconds.
const LONGEST: i64 = 315_360_000;

/// The settings of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The edition that was asked for.
    pub edition: Edition,
    /// Seconds that a token lives.
    pub life: i64,
    /// Seconds after its making from which a token is valid.
    pub not_before: i64,
}

impl Settings {
    /// Filters that the documented edition does not know are kept in the site's configuration for the later ones.
    pub(super) fn read(value: &Value) -> Result<Self, ConfigProblem> {
        let top = Reader::top(PATH, value, &["constants", "filters"])?;
        let edition = edition(PATH, value, &["tmeister", "disciple_tools"])?;
        let constants = Reader::open(CONSTANTS, top.get("constants").unwrap_or(&Value::Null))?;
        constants.text(SECRET)?;
        // Accepted, and of no effect: who may call across origins is the site's own setting.
        constants.flag("JWT_AUTH_CORS_ENABLE")?;
        let filters = Reader::open(FILTERS, top.get("filters").unwrap_or(&Value::Null))?;
        let life = LIFE.saturating_add(added(&filters, "jwt_auth_expire")?);
        if !(1..=LONGEST).contains(&life) {
            return Err(filters.wrong("jwt_auth_expire", "must leave tokens a life of one second to ten years"));
        }
        Ok(Self { edition, life, not_before: added(&filters, "jwt_auth_not_before")? })
    }
}

/// The key that the constants carry: the secret's bytes exactly as they are, under the algorithm that the filter names.
pub(super) fn key(value: &Value) -> Result<Option<KeyMaterial>, ConfigProblem> {
    let constants = value.get("constants").unwrap_or(&Value::Null);
    let Some(secret) = Reader::open(CONSTANTS, constants)?.text(SECRET)? else { return Ok(None) };
    let material = KeyMaterial::new(algorithm(value)?, &Secret::new(secret));
    material.map(Some).map_err(|problem| ConfigProblem::at(format!("{CONSTANTS}.{SECRET}"), problem.to_string()))
}

/// HS256, unless the filter says otherwise. What a later edition will refuse in its own words is HS256 until then.
fn algorithm(value: &Value) -> Result<Algorithm, ConfigProblem> {
    let filters = Reader::open(FILTERS, value.get("filters").unwrap_or(&Value::Null))?;
    let Some(name) = filters.text("jwt_auth_algorithm")? else { return Ok(Algorithm::Hs256) };
    match (Algorithm::parse(name), edition(PATH, value, &["tmeister", "disciple_tools"])?) {
        (Some(algorithm), _) => Ok(algorithm),
        (None, Edition::Later(_)) => Ok(Algorithm::Hs256),
        (None, Edition::Documented) => Err(filters.wrong("jwt_auth_algorithm", "is no algorithm of this version")),
    }
}

/// Seconds that a filter adds to a date: `{"__add": seconds}` as it is recorded, or the number itself.
fn added(filters: &Reader<'_>, name: &str) -> Result<i64, ConfigProblem> {
    let Some(value) = filters.get(name) else { return Ok(0) };
    let seconds = value.get("__add").unwrap_or(value).as_i64();
    seconds
        .filter(|s| s.abs() <= LONGEST)
        .ok_or_else(|| filters.wrong(name, r#"must be whole seconds that are added, as a number or as {"__add": seconds}"#))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_is_on_with_seven_days() {
        let settings = Settings::read(&json!({})).unwrap();
        assert_eq!((settings.edition, settings.life, settings.not_before), (Edition::Documented, 604_800, 0));
        assert_eq!(key(&json!({})), Ok(None));
    }

    #[test]
    fn constants_and_filters_are_read_as_they_are_recorded() {
        let config = json!({
            "edition": "tmeister",
            "constants": {"JWT_AUTH_SECRET_KEY": "tm-secret-0123456789abcdef0123456789", "JWT_AUTH_CORS_ENABLE": true, "OTHER": 1},
            "filters": {
                "jwt_auth_algorithm": "HS512", "jwt_auth_expire": {"__add": 3600}, "jwt_auth_not_before": -60,
                "jwt_auth_token_before_sign": {"__merge": {"foo": 1}}
            }
        });
        let settings = Settings::read(&config).unwrap();
        assert_eq!((settings.edition, settings.life, settings.not_before), (Edition::Later("tmeister".into()), 608_400, -60));
        let key = key(&config).unwrap().unwrap();
        assert_eq!((key.algorithm(), key.secret().reveal()), (Algorithm::Hs512, &b"tm-secret-0123456789abcdef0123456789"[..]));
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_its_path() {
        for (config, path) in [
            (json!({"secret": "x"}), "dialects.jwt_auth.secret"),
            (json!({"edition": "v4"}), "dialects.jwt_auth.edition"),
            (json!({"constants": []}), "dialects.jwt_auth.constants"),
            (json!({"constants": {"JWT_AUTH_SECRET_KEY": 1}}), "dialects.jwt_auth.constants.JWT_AUTH_SECRET_KEY"),
            (json!({"constants": {"JWT_AUTH_CORS_ENABLE": "yes"}}), "dialects.jwt_auth.constants.JWT_AUTH_CORS_ENABLE"),
            (json!({"filters": {"jwt_auth_expire": "soon"}}), "dialects.jwt_auth.filters.jwt_auth_expire"),
            (json!({"filters": {"jwt_auth_expire": -604_800}}), "dialects.jwt_auth.filters.jwt_auth_expire"),
        ] {
            assert_eq!(Settings::read(&config).unwrap_err().path, path, "{config}");
        }
        for (config, path) in [
            (json!({"constants": {"JWT_AUTH_SECRET_KEY": ""}}), "dialects.jwt_auth.constants.JWT_AUTH_SECRET_KEY"),
            (json!({"constants": {"JWT_AUTH_SECRET_KEY": "your-top-secret-key"}}), "dialects.jwt_auth.constants.JWT_AUTH_SECRET_KEY"),
            (
                json!({"constants": {"JWT_AUTH_SECRET_KEY": "a-good-secret-of-octets"}, "filters": {"jwt_auth_algorithm": "foo"}}),
                "dialects.jwt_auth.filters.jwt_auth_algorithm",
            ),
        ] {
            assert_eq!(key(&config).unwrap_err().path, path, "{config}");
        }
    }
}
