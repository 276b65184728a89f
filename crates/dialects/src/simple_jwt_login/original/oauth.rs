//! `oauth/token`: what can be said of a provider without asking it. The exchange itself is not offered yet.

use doorward_web::Reply;

use super::words::{Stop, word};
use super::{Case, Generation};

/// Answers as the plugin does before it calls anybody.
pub(super) fn answer(case: &Case) -> Result<Reply, Stop> {
    let provider = case.params.clean("provider").to_lowercase();
    let known: &[&str] = match case.plugin.generation {
        Generation::V3 => &["google"],
        Generation::V4 => &["google", "auth0", "facebook", "github"],
    };
    if !known.contains(&provider.as_str()) {
        return Err(word(69, "The Oauth provider is invalid.").into());
    }
    let is_on = case.plugin.oauth.contains(&provider);
    let is_asked = case.params.filled("code").is_some() || case.params.filled("id_token").is_some();
    if is_on && !is_asked {
        return Err(word(71, "The code or id_token parameter is missing from request.").into());
    }
    Err(word(70, "This Oauth provider is not available.").into())
}
