//! What may be set of it: the plugin's option in the form in which it is stored, and Doorward's own members beside it.

use doorward_core::site::{Member, MemberKind};
use serde_json::Value;

use super::settings::has_sections;

const OWNERS: &[&str] = &["0", "1", "2"];
const SOURCES: &[&str] = &["0", "1"];
const ALGORITHMS: &[&str] = &["HS256", "HS384", "HS512", "RS256", "RS384", "RS512"];
const TARGETS: &[&str] = &["0", "1", "9", "10"];
const FLOWS: &[&str] = &["0", "1", "2"];
const KINDS: &[&str] = &["0", "1"];

const ROW: MemberKind = MemberKind::Row;
const TEXT: MemberKind = MemberKind::Text;
const MINUTES: MemberKind = MemberKind::Number { least: 0, most: 1_000_000_000 };
const DAYS: MemberKind = MemberKind::Number { least: 1, most: 36_500 };

/// A member of the option.
struct Part {
    /// Its name in the sections of 4.x.
    sectioned: &'static str,
    /// Its flat name of 3.x; empty = it has none.
    flat: &'static str,
    word: &'static str,
    kind: MemberKind,
    default: &'static str,
    /// What an absent option means and an option without this member does not.
    fresh: &'static str,
}

macro_rules! parts {
    ($($group:literal: [$($sectioned:literal $flat:literal $kind:expr, $default:literal $(, fresh $fresh:literal)?;)*])*) => {
        &[$(($group, &[$(Part {
            sectioned: $sectioned,
            flat: $flat,
            word: concat!("simple_jwt_login.", $sectioned),
            kind: $kind,
            default: $default,
            fresh: concat!("" $(, $fresh)?),
        }),*])),*]
    };
}

type Groups = &'static [(&'static str, &'static [Part])];

/// What every edition reads.
const ALL: Groups = parts! {
    "sjl.auth": [
        "authorization.enabled" "allow_authentication" ROW, "0", fresh "1";
        "authorization.validate_token_enabled" "" ROW, "0", fresh "1";
        "authorization.refresh_token_enabled" "" ROW, "0", fresh "1";
        "authorization.revoke_token_enabled" "" ROW, "0", fresh "1";
        "authorization.ip_whitelist" "auth_ip" TEXT, "";
        "authorization.password_base64" "auth_password_base64" ROW, "0";
        "authorization.password_hash_enabled" "password_hash_enabled" ROW, "0";
        "general.route_namespace" "route_namespace" TEXT, "simple-jwt-login/v1";
        "general.api_middleware.enabled" "api_middleware.enabled" ROW, "0";
    ]
    "tokens": [
        "authorization.jwt_payload" "jwt_payload" MemberKind::List, "exp, email, id, site, username";
        "authorization.ttl" "jwt_auth_ttl" MINUTES, "60";
        "authorization.refresh_ttl" "jwt_auth_refresh_ttl" MINUTES, "20160";
        "authorization.iss" "jwt_auth_iss" TEXT, "";
        "login.login_by" "jwt_login_by" MemberKind::Choice(OWNERS), "0", fresh "1";
        "login.login_by_parameter" "jwt_login_by_parameter" TEXT, "", fresh "id";
    ]
    "key": [
        "general.jwt_algorithm" "jwt_algorithm" MemberKind::Choice(ALGORITHMS), "HS256";
        "general.decryption_source" "decryption_source" MemberKind::Choice(SOURCES), "0";
        "general.decryption_key" "decryption_key" TEXT, "";
        "general.decryption_key_base64" "decryption_key_base64" ROW, "0";
        "general.decryption_key_private" "decryption_key_private" MemberKind::Lines, "";
    ]
    "sjl.sources": [
        "general.request_jwt_header" "request_jwt_header" ROW, "1";
        "general.request_keys.header" "request_keys.header" TEXT, "Authorization";
        "general.request_jwt_header_require_bearer" "" ROW, "0";
        "general.request_jwt_cookie" "request_jwt_cookie" ROW, "0";
        "general.request_keys.cookie" "request_keys.cookie" TEXT, "simple-jwt-login-token";
        "general.request_jwt_url" "request_jwt_url" ROW, "1";
        "general.request_keys.url" "request_keys.url" TEXT, "JWT";
    ]
    "sjl.codes": [
        "authorization.auth_code" "auth_requires_auth_code" ROW, "0";
        "authorization.validate_auth_code" "" ROW, "0";
        "authorization.refresh_auth_code" "" ROW, "0";
        "authorization.revoke_auth_code" "" ROW, "0";
        "auth_codes.key" "auth_code_key" TEXT, "AUTH_KEY";
    ]
};

/// What the recorded editions read beside it.
const RECORDED: Groups = parts! {
    "sjl.login": [
        "login.enabled" "allow_autologin" ROW, "0";
        "login.auth_code" "require_login_auth" ROW, "0";
        "login.ip_whitelist" "login_ip" TEXT, "";
        "login.iss_whitelist" "login_iss" TEXT, "";
        "login.redirect" "redirect" MemberKind::Choice(TARGETS), "0";
        "login.redirect_url" "redirect_url" TEXT, "";
        "login.fail_redirect" "login_fail_redirect" TEXT, "";
        "login.allow_redirect_parameter" "allow_usage_redirect_parameter" ROW, "0";
        "login.include_request_parameters" "include_login_request_parameters" ROW, "0";
        "login.remove_request_parameters" "login_remove_request_parameters" TEXT, "rest_route, jwt, JWT, email, password, redirectUrl";
        "general.security.safe_redirect" "security.safe_redirect" ROW, "0";
    ]
    "sjl.register": [
        "register.enabled" "allow_register" ROW, "0";
        "register.auth_code" "require_register_auth" ROW, "1";
        "register.ip_whitelist" "register_ip" TEXT, "";
        "register.domain_whitelist" "register_domain" TEXT, "";
        "register.new_user_profile" "new_user_profile" TEXT, "subscriber";
        "register.random_password" "random_password" ROW, "0";
        "register.force_login" "register_force_login" ROW, "0";
        "register.return_jwt" "register_jwt" ROW, "0";
        "register.allowed_user_meta" "allowed_user_meta" TEXT, "";
        "register.send_welcome_email" "" ROW, "0";
    ]
    "sjl.delete": [
        "delete_user.enabled" "allow_delete" ROW, "0";
        "delete_user.auth_code" "require_delete_auth" ROW, "1";
        "delete_user.ip_whitelist" "delete_ip" TEXT, "";
    ]
    "sjl.reset": [
        "reset_password.enabled" "allow_reset_password" ROW, "0";
        "reset_password.auth_code" "reset_password_requires_auth_code" ROW, "0";
        "reset_password.flow" "jwt_reset_password_flow" MemberKind::Choice(FLOWS), "0";
        "reset_password.email_subject" "jwt_email_subject" TEXT, "";
        "reset_password.email_type" "jwt_email_type" MemberKind::Choice(KINDS), "0";
        "reset_password.return_jwt" "reset_password_jwt" ROW, "0";
        "reset_password.send_password_changed_email" "" ROW, "0";
    ]
    "sjl.cors": [
        "cors.enabled" "cors.enabled" ROW, "0";
        "cors.allow_origin_enabled" "cors.allow_origin_enabled" ROW, "0";
        "cors.allow_origin" "cors.allow_origin" TEXT, "*";
        "cors.allow_methods_enabled" "cors.allow_methods_enabled" ROW, "0";
        "cors.allow_methods" "cors.allow_methods" TEXT, "GET, POST, PUT, DELETE, OPTIONS, HEAD";
    ]
    "sjl.keys": [
        "api_keys.enabled" "api_keys.enabled" ROW, "0";
        "api_keys.header_name" "api_keys.header_name" TEXT, "X-API-Key";
        "api_keys.allow_user_api_keys" "api_keys.allow_user_api_keys" ROW, "0";
    ]
    "sjl.more": [
        "integrations.3rdparty.two_factor.enabled" "" ROW, "0";
        "integrations.3rdparty.two_factor.interim_ttl" "" MemberKind::Number { least: 1, most: 60 }, "5";
        "webhooks.enabled" "" ROW, "1";
        "webhooks.logs.enabled" "" ROW, "1";
        "webhooks.logs.retention" "" MemberKind::Number { least: 1, most: 400 }, "90";
        "audit_log.enabled" "audit_log.enabled" ROW, "0";
        "audit_log.retention_days" "audit_log.retention_days" DAYS, "90";
    ]
};

/// The members as these settings have them: an option that is not there yet gets sections, as the newer plugin writes it.
pub(super) fn of(config: &Value) -> Vec<Member> {
    let edition = config.get("edition").and_then(Value::as_str).unwrap_or("documented");
    let sections = has_sections(config);
    let by_sections = sections.unwrap_or(edition != "v3");
    // The recorded editions know no option that is on because it is not there.
    let is_fresh = sections.is_none() && edition == "documented";
    let recorded = if edition == "documented" { &[][..] } else { RECORDED };
    let mut members = Vec::new();
    for (group, parts) in ALL.iter().chain(recorded) {
        for part in *parts {
            let name = if by_sections { part.sectioned } else { part.flat };
            if name.is_empty() {
                continue;
            }
            // An option without this section would be read as a flat one.
            let marks = sections.is_none() && by_sections && part.sectioned == "authorization.enabled";
            let fresh = Some(part.fresh).filter(|value| is_fresh && !value.is_empty()).or(marks.then_some(part.default));
            let member = Member::new(format!("settings.{name}"), part.word, group, part.kind, fresh.unwrap_or(part.default));
            members.push(Member { keep: fresh.map(Value::from), ..member });
        }
    }
    members.push(Member::new("constants.SIMPLE_JWT_PRIVATE_KEY", "simple_jwt_login.constant", "key", TEXT, ""));
    if edition != "documented" {
        let own = |path, word| Member::new(path, word, "sjl.more", MemberKind::Switch, "false");
        members.extend([
            own("uniform_errors", "simple_jwt_login.uniform_errors"),
            own("webhooks.private_addresses", "simple_jwt_login.private_addresses"),
            own("webhooks.plain_http", "simple_jwt_login.plain_http"),
        ]);
    }
    members.push(Member::accepts());
    members
}
