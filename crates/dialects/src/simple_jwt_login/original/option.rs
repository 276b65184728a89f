//! The stored option: asked for by the names of 4.x, found in its sections or under the flat names of 3.x. Read as PHP reads
//! it: nothing in it can stop a site from starting.

use serde_json::Value;

use super::php;

/// Names of 4.x whose flat name is neither the same nor the last part of it.
const FLAT: &[(&str, &str)] = &[
    ("authorization.enabled", "allow_authentication"),
    ("authorization.jwt_payload", "jwt_payload"),
    ("authorization.ttl", "jwt_auth_ttl"),
    ("authorization.refresh_ttl", "jwt_auth_refresh_ttl"),
    ("authorization.ip_whitelist", "auth_ip"),
    ("authorization.auth_code", "auth_requires_auth_code"),
    ("authorization.password_base64", "auth_password_base64"),
    ("authorization.iss", "jwt_auth_iss"),
    ("delete_user.enabled", "allow_delete"),
    ("delete_user.auth_code", "require_delete_auth"),
    ("delete_user.ip_whitelist", "delete_ip"),
    ("login.login_by", "jwt_login_by"),
    ("login.login_by_parameter", "jwt_login_by_parameter"),
    ("login.enabled", "allow_autologin"),
    ("login.redirect", "redirect"),
    ("login.redirect_url", "redirect_url"),
    ("login.fail_redirect", "login_fail_redirect"),
    ("login.auth_code", "require_login_auth"),
    ("login.include_request_parameters", "include_login_request_parameters"),
    ("login.allow_redirect_parameter", "allow_usage_redirect_parameter"),
    ("login.remove_request_parameters", "login_remove_request_parameters"),
    ("login.ip_whitelist", "login_ip"),
    ("login.iss_whitelist", "login_iss"),
    ("register.enabled", "allow_register"),
    ("register.new_user_profile", "new_user_profile"),
    ("register.ip_whitelist", "register_ip"),
    ("register.domain_whitelist", "register_domain"),
    ("register.auth_code", "require_register_auth"),
    ("register.random_password", "random_password"),
    ("register.random_password_length", "random_password_length"),
    ("register.force_login", "register_force_login"),
    ("register.return_jwt", "register_jwt"),
    ("register.allowed_user_meta", "allowed_user_meta"),
    ("reset_password.enabled", "allow_reset_password"),
    ("reset_password.auth_code", "reset_password_requires_auth_code"),
    ("reset_password.flow", "jwt_reset_password_flow"),
    ("reset_password.email_subject", "jwt_email_subject"),
    ("reset_password.email_body", "jwt_reset_password_email_body"),
    ("reset_password.email_type", "jwt_email_type"),
    ("reset_password.return_jwt", "reset_password_jwt"),
    ("auth_codes.codes", "auth_codes"),
    ("auth_codes.key", "auth_code_key"),
    ("hooks.enabled_hooks", "enabled_hooks"),
    // What 4.x itself wrote into the flat form, before it had sections.
    ("authorization.refresh_token_enabled", "allow_refresh_token"),
    ("authorization.refresh_token_key", "refresh_token_key"),
    ("authorization.validate_token_enabled", "allow_validate_token"),
    ("authorization.revoke_token_enabled", "allow_revoke_token"),
    ("authorization.refresh_auth_code", "refresh_requires_auth_code"),
    ("authorization.validate_auth_code", "validate_requires_auth_code"),
    ("authorization.revoke_auth_code", "revoke_requires_auth_code"),
    ("jwt_rules.rules", "jwt_rules"),
    ("webhooks.items", "webhooks"),
    ("webhooks.logs.enabled", "webhook_logs_enabled"),
    ("webhooks.logs.retention", "webhook_logs_retention_days"),
];

/// The option of a site.
#[derive(Clone, Copy)]
pub(super) struct Opt<'a> {
    root: &'a Value,
    flat: bool,
}

impl<'a> Opt<'a> {
    /// Opens the option; it has sections if it says so, or has one of the two that 4.x always writes.
    pub(super) fn open(root: &'a Value) -> Self {
        let has_sections = ["_schema_version", "authorization", "general"].iter().any(|name| root.get(name).is_some());
        Self { root, flat: !has_sections }
    }

    /// True for the form of 3.x.
    pub(super) fn is_flat(&self) -> bool {
        self.flat
    }

    /// A member by its name of 4.x; `null` counts as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        let path = if self.flat { flat(name)? } else { name };
        path.split('.').try_fold(self.root, |value, part| value.get(part)).filter(|v| !v.is_null())
    }

    /// A switch.
    pub(super) fn on(&self, name: &str) -> bool {
        self.on_or(name, false)
    }

    /// A switch with a default of its own.
    pub(super) fn on_or(&self, name: &str, default: bool) -> bool {
        self.get(name).map_or(default, |v| !php::is_empty(v))
    }

    /// A text; empty if there is none.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).and_then(php::text).unwrap_or_default()
    }

    /// A text that has a default if it is empty.
    pub(super) fn text_or(&self, name: &str, default: &str) -> String {
        let text = self.text(name);
        if text.is_empty() { default.to_owned() } else { text }
    }

    /// A whole number.
    pub(super) fn int(&self, name: &str, default: i64) -> i64 {
        self.get(name).map_or(default, php::int)
    }

    /// The values of a list, or of an object by order.
    pub(super) fn list(&self, name: &str) -> Vec<&'a Value> {
        match self.get(name) {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(Value::Object(map)) => map.values().collect(),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => Vec::new(),
        }
    }

    /// The texts of a list.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.list(name).into_iter().map(|v| php::text(v).unwrap_or_default()).collect()
    }
}

/// The flat name; `None` for what 3.x does not have.
fn flat(name: &str) -> Option<&str> {
    if let Some((_, flat)) = FLAT.iter().find(|(sectioned, _)| *sectioned == name) {
        return Some(flat);
    }
    if let Some(rest) = name.strip_prefix("integrations.oauth.") {
        return Some(rest);
    }
    if let Some(rest) = name.strip_prefix("flat.") {
        return Some(rest);
    }
    match name.split_once('.') {
        Some(("general", rest)) => Some(rest),
        Some(("cors" | "protect_endpoints" | "api_keys" | "audit_log", _)) => Some(name),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_are_asked_by_one_name() {
        let sections =
            json!({"_schema_version": 2, "authorization": {"enabled": "1", "ttl": 5}, "general": {"request_keys": {"url": "t"}}});
        let flat = json!({"allow_authentication": "1", "jwt_auth_ttl": "5", "request_keys": {"url": "t"}});
        for option in [&sections, &flat] {
            let opt = Opt::open(option);
            assert!(opt.on("authorization.enabled") && !opt.on("authorization.auth_code"));
            assert_eq!((opt.int("authorization.ttl", 60), opt.text("general.request_keys.url")), (5, "t".into()));
            assert!(!opt.on("authorization.validate_token_enabled"));
        }
    }

    #[test]
    fn nonsense_is_nothing() {
        let option = json!({"general": 7, "authorization": {"ttl": [], "jwt_payload": "x", "enabled": "0"}});
        let opt = Opt::open(&option);
        assert_eq!((opt.int("authorization.ttl", 60), opt.texts("authorization.jwt_payload").len()), (0, 0));
        assert!(!opt.on("authorization.enabled") && opt.get("general.request_keys.url").is_none());
    }
}
