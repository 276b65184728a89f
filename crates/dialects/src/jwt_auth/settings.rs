//! Its settings: the constants and filters of the site's `wp-config.php` and plugins. `{}` is on with a key of its own.

use doorward_core::credential::password::Rehash;
use doorward_core::secret::Secret;
use doorward_core::site::ConfigProblem;
use doorward_core::token::{Algorithm, KeyMaterial};
use serde_json::{Map, Value};

use crate::config::{Edition, Reader, edition};

const PATH: &str = "dialects.jwt_auth";
const CONSTANTS: &str = "dialects.jwt_auth.constants";
const FILTERS: &str = "dialects.jwt_auth.filters";
const OPTIONS: &str = "dialects.jwt_auth.options";
const SECRET: &str = "JWT_AUTH_SECRET_KEY";
/// The recorded editions.
const LATER: &[&str] = &["tmeister", "disciple_tools"];
/// The plugin's own list of algorithms.
const PLUGIN_ALGORITHMS: &[&str] =
    &["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"];

/// Seconds that a token lives (seed 004's sample: 7 days).
const LIFE: i64 = 604_800;
/// The longest that a filter may make it live: ten years, in seconds.
pub(super) const LONGEST: i64 = 315_360_000;

/// A recorded edition: it answers as a real plugin did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// JWT Authentication for WP REST API 1.3.4.
    Tmeister,
    /// The fork in Disciple.Tools' theme.
    DiscipleTools,
}

/// Whether a recorded edition can sign and prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Working {
    /// It can.
    Yes,
    /// `JWT_AUTH_SECRET_KEY` is not defined, or empty.
    NoSecret,
    /// The algorithm is none of the plugin's.
    NoAlgorithm,
    /// The algorithm is in the plugin's list and not in its library's (`PS256`), nor in ours.
    NoLibrary,
}

/// The settings of a site.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The edition that was asked for.
    pub edition: Edition,
    /// The recorded edition, if it is one.
    pub recorded: Option<Recorded>,
    /// Seconds that a token lives.
    pub life: i64,
    /// Seconds after its making from which a token is valid.
    pub not_before: i64,
    /// What the recorded editions need beside.
    pub plugin: Plugin,
}

/// The constants, filters and options of a site that speaks a recorded edition.
#[derive(Clone, Debug, PartialEq)]
pub struct Plugin {
    /// Whether it can sign and prove.
    pub working: Working,
    /// The algorithm's name, as the filter says it.
    pub algorithm: String,
    /// A fixed `exp`, where the filter replaces it.
    pub expires: Option<i64>,
    /// A fixed `nbf`, where the filter replaces it.
    pub begins: Option<i64>,
    /// What `jwt_auth_token_before_sign` adds to the payload.
    pub payload: Map<String, Value>,
    /// What `jwt_auth_token_before_dispatch` adds to the answer.
    pub answer: Map<String, Value>,
    /// True if refused logins say nothing of what was wrong.
    pub uniform_errors: bool,
    /// What a foreign hash is replaced by at the next good login.
    pub rehash: Rehash,
    /// Application Passwords, as far as the site has ever used them.
    pub application_passwords: AppPasswords,
}

/// Whether Application Passwords log in here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppPasswords {
    /// The site has never made one.
    Unused,
    /// It has, and they are not offered (a site without https).
    Off,
    /// It has, and they are.
    On,
}

impl Settings {
    /// Reads the object; filters that the documented edition does not know are kept for the recorded ones.
    pub(super) fn read(site_url: &str, value: &Value) -> Result<Self, ConfigProblem> {
        let top = Reader::top(PATH, value, &["constants", "filters", "options", "uniform_errors", "rehash"])?;
        let edition = edition(PATH, value, LATER)?;
        let recorded = recorded(&edition);
        let constants = Reader::open(CONSTANTS, top.get("constants").unwrap_or(&Value::Null))?;
        let secret = constants.text(SECRET)?;
        // Accepted, and of no effect: who may call across origins is the site's own setting.
        constants.flag("JWT_AUTH_CORS_ENABLE")?;
        let filters = Reader::open(FILTERS, top.get("filters").unwrap_or(&Value::Null))?;
        let (expires, begins) = match recorded {
            Some(_) => (fixed(&filters, "jwt_auth_expire")?, fixed(&filters, "jwt_auth_not_before")?),
            None => (None, None),
        };
        let life = if expires.is_some() { LIFE } else { LIFE.saturating_add(added(&filters, "jwt_auth_expire")?) };
        // A recorded edition may let its tokens die at once: a filter of the site's did so.
        if recorded.is_none() && !(1..=LONGEST).contains(&life) {
            return Err(filters.wrong("jwt_auth_expire", "must leave tokens a life of one second to ten years"));
        }
        let not_before = if begins.is_some() { 0 } else { added(&filters, "jwt_auth_not_before")? };
        let algorithm = filters.text("jwt_auth_algorithm")?.unwrap_or("HS256");
        let working = match (secret.is_none_or(str::is_empty), PLUGIN_ALGORITHMS.contains(&algorithm), Algorithm::parse(algorithm)) {
            (true, _, _) => Working::NoSecret,
            (false, false, _) => Working::NoAlgorithm,
            (false, true, None) => Working::NoLibrary,
            (false, true, Some(_)) => Working::Yes,
        };
        let (payload, answer) = match recorded {
            Some(_) => (merged(&filters, "jwt_auth_token_before_sign")?, merged(&filters, "jwt_auth_token_before_dispatch")?),
            None => (Map::new(), Map::new()),
        };
        if payload.get("data").and_then(|d| d.get("user")).is_some_and(|user| user.get("id").is_some() || !user.is_object()) {
            return Err(filters.wrong("jwt_auth_token_before_sign", "must leave data.user.id alone: it says whose token it is"));
        }
        let options = Reader::open(OPTIONS, top.get("options").unwrap_or(&Value::Null))?;
        let in_use = options.get("using_application_passwords").is_some_and(is_on);
        let offered = match filters.flag("wp_is_application_passwords_available")? {
            Some(filtered) => filtered,
            None => site_url.starts_with("https://") || constants.text("WP_ENVIRONMENT_TYPE")? == Some("local"),
        };
        let application_passwords = match (in_use, offered) {
            (false, _) => AppPasswords::Unused,
            (true, false) => AppPasswords::Off,
            (true, true) => AppPasswords::On,
        };
        let uniform_errors = top.flag("uniform_errors")?.unwrap_or(false);
        let rehash = match top.text("rehash")? {
            None | Some("argon2id") => Rehash::Argon2id,
            Some("wordpress") => Rehash::WordPress,
            Some(_) => return Err(top.wrong("rehash", "must be argon2id, or wordpress where the site still shares its table")),
        };
        let algorithm = algorithm.to_owned();
        let plugin = Plugin { working, algorithm, expires, begins, payload, answer, uniform_errors, rehash, application_passwords };
        Ok(Self { edition, recorded, life, not_before, plugin })
    }
}

fn recorded(edition: &Edition) -> Option<Recorded> {
    match edition {
        Edition::Documented => None,
        Edition::Later(name) if name == "disciple_tools" => Some(Recorded::DiscipleTools),
        Edition::Later(_) => Some(Recorded::Tmeister),
    }
}

/// An option's value as WordPress stores flags: `"1"`, `1`, `true`, `"yes"`.
fn is_on(value: &Value) -> bool {
    match value {
        Value::Bool(on) => *on,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !matches!(text.as_str(), "" | "0"),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// The key that the constants carry: the secret's bytes exactly as they are, under the algorithm that the filter names.
/// A recorded edition without a secret, or with an algorithm that nobody has, gets a key that signs nothing.
pub(super) fn key(value: &Value) -> Result<Option<KeyMaterial>, ConfigProblem> {
    let constants = value.get("constants").unwrap_or(&Value::Null);
    let Some(secret) = Reader::open(CONSTANTS, constants)?.text(SECRET)? else { return Ok(None) };
    let is_recorded = recorded(&edition(PATH, value, LATER)?).is_some();
    if is_recorded && secret.is_empty() {
        return Ok(None);
    }
    let Some(algorithm) = algorithm(value, is_recorded)? else { return Ok(None) };
    let material = KeyMaterial::new(algorithm, &Secret::new(secret));
    material.map(Some).map_err(|problem| ConfigProblem::at(format!("{CONSTANTS}.{SECRET}"), problem.to_string()))
}

/// HS256, unless the filter says otherwise; `None` for one that a recorded edition refuses in its own words.
fn algorithm(value: &Value, is_recorded: bool) -> Result<Option<Algorithm>, ConfigProblem> {
    let filters = Reader::open(FILTERS, value.get("filters").unwrap_or(&Value::Null))?;
    let Some(name) = filters.text("jwt_auth_algorithm")? else { return Ok(Some(Algorithm::Hs256)) };
    match Algorithm::parse(name).filter(|_| !is_recorded || PLUGIN_ALGORITHMS.contains(&name)) {
        Some(algorithm) => Ok(Some(algorithm)),
        None if is_recorded => Ok(None),
        None => Err(filters.wrong("jwt_auth_algorithm", "is no algorithm of this version")),
    }
}

/// The date that a filter puts in place of the plugin's own.
fn fixed(filters: &Reader<'_>, name: &str) -> Result<Option<i64>, ConfigProblem> {
    match filters.get(name) {
        None | Some(Value::Object(_)) => Ok(None),
        Some(value) => {
            value.as_i64().map(Some).ok_or_else(|| filters.wrong(name, r#"must be Unix seconds, or seconds to add as {"__add": seconds}"#))
        }
    }
}

/// What a filter merges into an object: `{"__merge": {…}}`.
fn merged(filters: &Reader<'_>, name: &str) -> Result<Map<String, Value>, ConfigProblem> {
    let Some(value) = filters.get(name) else { return Ok(Map::new()) };
    let map = value.get("__merge").and_then(Value::as_object);
    map.cloned().ok_or_else(|| filters.wrong(name, r#"must be what is merged in, as {"__merge": {"name": "value"}}"#))
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
        let settings = Settings::read("http://x.example", &json!({})).unwrap();
        assert_eq!((settings.edition, settings.life, settings.not_before), (Edition::Documented, 604_800, 0));
        assert_eq!(key(&json!({})), Ok(None));
    }

    #[test]
    fn constants_and_filters_are_read_as_they_are_recorded() {
        let config = json!({
            "edition": "tmeister",
            "constants": {"JWT_AUTH_SECRET_KEY": "tm-secret-0123456789abcdef0123456789", "JWT_AUTH_CORS_ENABLE": true, "OTHER": 1},
            "filters": {
                "jwt_auth_algorithm": "HS512", "jwt_auth_expire": {"__add": 3600}, "jwt_auth_not_before": {"__add": -60},
                "jwt_auth_token_before_sign": {"__merge": {"foo": 1}}
            }
        });
        let settings = Settings::read("http://x.example", &config).unwrap();
        assert_eq!((settings.edition, settings.life, settings.not_before), (Edition::Later("tmeister".into()), 608_400, -60));
        let key = key(&config).unwrap().unwrap();
        assert_eq!(settings.recorded, Some(Recorded::Tmeister));
        assert_eq!(Value::Object(settings.plugin.payload), json!({"foo": 1}));
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
            (json!({"options": []}), "dialects.jwt_auth.options"),
            (json!({"rehash": "md5"}), "dialects.jwt_auth.rehash"),
            (
                json!({"edition": "tmeister", "filters": {"jwt_auth_token_before_sign": {"__merge": {"data": {"user": {"id": 1}}}}}}),
                "dialects.jwt_auth.filters.jwt_auth_token_before_sign",
            ),
            (
                json!({"edition": "tmeister", "filters": {"jwt_auth_token_before_dispatch": 1}}),
                "dialects.jwt_auth.filters.jwt_auth_token_before_dispatch",
            ),
        ] {
            assert_eq!(Settings::read("http://x.example", &config).unwrap_err().path, path, "{config}");
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

    #[test]
    fn a_recorded_edition_starts_even_where_the_plugin_could_not_work() {
        let secret = "tm-secret-0123456789abcdef0123456789";
        for (config, working, has_key) in [
            (json!({"edition": "tmeister"}), Working::NoSecret, false),
            (json!({"edition": "tmeister", "constants": {"JWT_AUTH_SECRET_KEY": ""}}), Working::NoSecret, false),
            (json!({"edition": "tmeister", "constants": {"JWT_AUTH_SECRET_KEY": secret}}), Working::Yes, true),
            (
                json!({"edition": "disciple_tools", "constants": {"JWT_AUTH_SECRET_KEY": secret}, "filters": {"jwt_auth_algorithm": "foo"}}),
                Working::NoAlgorithm,
                false,
            ),
            (
                json!({"edition": "tmeister", "constants": {"JWT_AUTH_SECRET_KEY": secret}, "filters": {"jwt_auth_algorithm": "PS256"}}),
                Working::NoLibrary,
                false,
            ),
        ] {
            assert_eq!(Settings::read("http://x.example", &config).unwrap().plugin.working, working, "{config}");
            assert_eq!(key(&config).unwrap().is_some(), has_key, "{config}");
        }
    }

    #[test]
    fn application_passwords_are_offered_over_https_or_locally_once_one_was_made() {
        let used = json!({"using_application_passwords": "1"});
        for (url, config, expected) in [
            ("https://x.example", json!({"edition": "tmeister"}), AppPasswords::Unused),
            ("https://x.example", json!({"edition": "tmeister", "options": used}), AppPasswords::On),
            ("http://x.example", json!({"edition": "tmeister", "options": used}), AppPasswords::Off),
            (
                "http://x.example",
                json!({"edition": "tmeister", "options": used, "constants": {"WP_ENVIRONMENT_TYPE": "local"}}),
                AppPasswords::On,
            ),
            (
                "https://x.example",
                json!({"edition": "tmeister", "options": used, "filters": {"wp_is_application_passwords_available": false}}),
                AppPasswords::Off,
            ),
        ] {
            assert_eq!(Settings::read(url, &config).unwrap().plugin.application_passwords, expected, "{url} {config}");
        }
    }
}
