//! The auth codes of the option: the list, the name they are sent under, and where they are asked for.

use doorward_core::call::Time;
use doorward_core::credential::AuthCode;
use doorward_core::secret::Secret;
use doorward_core::site::ConfigProblem;
use serde_json::Value;

use super::stored::Stored;

/// Auth codes, and where they are asked for.
#[derive(Clone, Debug)]
pub struct AuthCodes {
    /// The site's own name for the parameter.
    pub key: String,
    /// The codes.
    pub list: Vec<AuthCode>,
    /// Asked for at `auth`.
    pub on_login: bool,
    /// Asked for at `auth/validate`.
    pub on_validate: bool,
    /// Asked for at `auth/refresh`.
    pub on_refresh: bool,
    /// Asked for at `auth/revoke`.
    pub on_revoke: bool,
}

impl AuthCodes {
    /// In the flat form the switch of the login holds for refresh and revoke as well, and never for validate.
    pub(super) fn read(stored: &Stored<'_>) -> Result<Self, ConfigProblem> {
        let asks = |flat, sectioned| stored.switch(flat, sectioned).map(|on| on.unwrap_or(false));
        let names = ("auth_codes", "auth_codes.codes");
        let list = stored.list(names.0, names.1)?.unwrap_or_default();
        let wrong = || stored.wrong(names.0, names.1, "must be a list of codes, each a text, or an object with `code`");
        Ok(Self {
            key: stored.text("auth_code_key", "auth_codes.key")?.filter(|k| !k.is_empty()).unwrap_or("AUTH_KEY").to_owned(),
            list: list.iter().map(|entry| code(entry).ok_or_else(wrong)).collect::<Result<_, _>>()?,
            on_login: asks("auth_requires_auth_code", "authorization.auth_code")?,
            on_validate: asks("", "authorization.validate_auth_code")?,
            on_refresh: asks("auth_requires_auth_code", "authorization.refresh_auth_code")?,
            on_revoke: asks("auth_requires_auth_code", "authorization.revoke_auth_code")?,
        })
    }
}

/// One entry: a bare text, or `{code, role, expiration_date}`.
fn code(entry: &Value) -> Option<AuthCode> {
    if let Some(text) = entry.as_str() {
        return Some(AuthCode { code: Secret::new(text), role: None, expires: None });
    }
    let text = |name: &str| match entry.get(name) {
        None | Some(Value::Null) => Some(""),
        Some(value) => value.as_str(),
    };
    let (role, end) = (text("role")?, text("expiration_date")?.trim());
    // A date that cannot be read is over: a typo must not keep a code alive.
    let expires = if end.is_empty() { None } else { Some(Time::parse(end).unwrap_or(Time(i64::MIN))) };
    Some(AuthCode { code: Secret::new(entry.get("code")?.as_str()?), role: (!role.is_empty()).then(|| role.to_owned()), expires })
}
