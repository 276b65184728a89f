//! It has no JWTs: what the law knows of it is its settings and the rules that they make.

use std::any::Any;

use doorward_core::policy::Rule;
use doorward_core::port::store::ApiToken;
use doorward_core::refusal::{Forgery, Refusal};
use doorward_core::site::{Claims, ConfigProblem, IpList, Member, Profile, Site, SiteView, mask};
use doorward_core::token::KeyMaterial;
use serde_json::Value;

use super::{NAME, Settings};

/// The row with the addresses that may come in, one a line.
const WHITELIST: &str = "api_access_whitelist";

/// What the law knows of this language.
#[derive(Debug)]
pub(super) struct WncmsProfile;

impl Profile for WncmsProfile {
    fn name(&self) -> &'static str {
        NAME
    }

    fn members(&self, config: &Value) -> Vec<Member> {
        super::members::of(config)
    }

    fn compile(&self, _site: &Site, config: &Value) -> Result<Box<dyn Any + Send + Sync>, ConfigProblem> {
        Ok(Box::new(Settings::read(config)?))
    }

    /// Hosts on the whitelist are none that Doorward believes: nobody comes in by them, and they keep the list closed.
    fn warnings(&self, settings: &(dyn Any + Send + Sync)) -> Vec<String> {
        settings.downcast_ref::<Settings>().and_then(Settings::whitelist_warning).into_iter().collect()
    }

    fn editions(&self) -> &'static [&'static str] {
        &["documented", "v6.3", "v6"]
    }

    /// The real table has hundreds of rows, among them other services' keys and passwords.
    fn is_secret(&self, path: &[&str]) -> bool {
        let secret = |name: &&str| {
            let name = name.to_ascii_lowercase();
            !name.starts_with("enable_") && ["key", "token", "password", "credential"].iter().any(|part| name.contains(part))
        };
        path.last().is_some_and(secret) || mask::looks_secret(path)
    }

    fn ip_lists(&self, config: &Value) -> Result<Vec<IpList>, ConfigProblem> {
        let text = config.get("settings").and_then(|rows| rows.get(WHITELIST)).and_then(Value::as_str).unwrap_or_default();
        let entries = text.split(['\n', '\r']).map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect();
        Ok(vec![IpList { name: WHITELIST.to_owned(), entries }])
    }

    fn put_ip_list(&self, config: &mut Value, list: &IpList) -> Result<(), ConfigProblem> {
        if list.name != WHITELIST {
            return Err(ConfigProblem::at("dialects.wncms.settings", format!("has no list `{}`", list.name)));
        }
        if config.get("settings").is_none_or(Value::is_null) {
            config["settings"] = Value::Object(serde_json::Map::new());
        }
        config["settings"][WHITELIST] = Value::String(list.entries.join("\n"));
        Ok(())
    }

    fn key_from_config(&self, _config: &Value) -> Result<Option<KeyMaterial>, ConfigProblem> {
        Ok(None)
    }

    /// One rule for each guarded endpoint; paths below `/api/v1` without one are shut.
    fn default_rules(&self, settings: &(dyn Any + Send + Sync)) -> Vec<Rule> {
        settings.downcast_ref::<Settings>().map(Settings::rules).unwrap_or_default()
    }

    /// An account has one token, which the original takes away with a new password (since v7).
    fn signs_in(&self, token: &ApiToken) -> bool {
        token.dialect.as_deref() == Some(NAME)
    }

    /// Its key signs nothing, so nothing that it would prove has claims.
    fn claims(&self, _view: &SiteView, _payload: &[u8]) -> Result<Claims, Refusal> {
        Err(Refusal::ForgedToken(Forgery::Claims))
    }
}
