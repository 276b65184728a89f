//! It has no JWTs: what the law knows of it is its settings and the rules that they make.

use std::any::Any;

use doorward_core::policy::Rule;
use doorward_core::port::store::ApiToken;
use doorward_core::refusal::{Forgery, Refusal};
use doorward_core::site::{Claims, ConfigProblem, Profile, Site, SiteView};
use doorward_core::token::KeyMaterial;
use serde_json::Value;

use super::{NAME, Settings};

/// What the law knows of this language.
#[derive(Debug)]
pub(super) struct WncmsProfile;

impl Profile for WncmsProfile {
    fn name(&self) -> &'static str {
        NAME
    }

    fn compile(&self, _site: &Site, config: &Value) -> Result<Box<dyn Any + Send + Sync>, ConfigProblem> {
        Ok(Box::new(Settings::read(config)?))
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
