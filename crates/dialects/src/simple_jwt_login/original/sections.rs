//! The sections of the stored option, read one by one.

use doorward_core::secret::sha256;

use super::address::Addresses;
use super::option::Opt;
use super::plugin::{Auth, By, Cors, Login, Owner, Register, Remove, Reset};
use super::{Generation, php};

pub(super) fn auth(opt: &Opt<'_>, generation: Generation) -> Auth {
    let is_v3 = generation == Generation::V3;
    let on = |name: &str| opt.on(&format!("authorization.{name}"));
    let minutes = |name: &str, default: i64| opt.int(&format!("authorization.{name}"), default).clamp(-1_000_000, 1_000_000_000) * 60;
    let key = opt.text_or("authorization.refresh_token_key", &opt.text("general.decryption_key"));
    Auth {
        enabled: on("enabled"),
        payload: opt.texts("authorization.jwt_payload"),
        ttl: minutes("ttl", 60),
        refresh_ttl: minutes("refresh_ttl", 20_160),
        addresses: Addresses::read(&opt.text("authorization.ip_whitelist"), generation),
        issuer: opt.text("authorization.iss"),
        base64: on("password_base64"),
        by_hash: is_v3 || on("password_hash_enabled"),
        // 3.x has no such switches: these endpoints are on with the login.
        refresh: is_v3 || on("refresh_token_enabled"),
        validate: is_v3 || on("validate_token_enabled"),
        revoke: is_v3 || on("revoke_token_enabled"),
        code_on_login: on("auth_code"),
        code_on_refresh: if is_v3 { on("auth_code") } else { on("refresh_auth_code") },
        code_on_validate: !is_v3 && on("validate_auth_code"),
        code_on_revoke: if is_v3 { on("auth_code") } else { on("revoke_auth_code") },
        refresh_binding: sha256(key.as_bytes()),
        custom_payload: custom(opt, "payload"),
        custom_header: custom(opt, "header"),
    }
}

/// Two lists, names and values.
fn custom(opt: &Opt<'_>, part: &str) -> Vec<(String, String)> {
    let names = opt.texts(&format!("authorization.custom_claims.{part}.key"));
    let values = opt.texts(&format!("authorization.custom_claims.{part}.value"));
    names.into_iter().zip(values).filter(|(name, _)| !name.is_empty()).collect()
}

pub(super) fn cors(opt: &Opt<'_>) -> Cors {
    let sent = |name: &str, default: &str| {
        let is_on = opt.on("cors.enabled") && opt.on(&format!("cors.{name}_enabled"));
        let text = opt.get(&format!("cors.{name}")).map_or_else(|| Some(default.to_owned()), php::text);
        text.filter(|text| is_on && !text.is_empty())
    };
    // `allow_headers` is never seen: WordPress sends its own list after the plugin's.
    Cors { origin: sent("allow_origin", "*"), methods: sent("allow_methods", "GET, POST, PUT, DELETE, OPTIONS, HEAD") }
}

/// A comma-separated text as its parts.
fn words(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

pub(super) fn register(opt: &Opt<'_>, generation: Generation) -> Register {
    let on = |name: &str| opt.on(&format!("register.{name}"));
    let profile = opt.text_or("register.new_user_profile", "subscriber");
    Register {
        enabled: on("enabled"),
        code: opt.on_or("register.auth_code", true),
        addresses: Addresses::read(&opt.text("register.ip_whitelist"), generation),
        domains: words(&opt.text("register.domain_whitelist")),
        roles: if generation == Generation::V4 { words(&profile) } else { vec![profile] },
        random_password: on("random_password"),
        force_login: on("force_login"),
        return_jwt: on("return_jwt"),
        allowed_meta: words(&opt.text("register.allowed_user_meta")),
        send_welcome: on("send_welcome_email"),
    }
}

/// How a JWT says whose it is; the oldest options have the claim's name under another.
pub(super) fn owner(opt: &Opt<'_>) -> Owner {
    let claim = opt.get("login.login_by_parameter").or_else(|| opt.get("flat.jwt_email_parameter"));
    Owner { by: By::of(opt.int("login.login_by", 0)), claim: claim.and_then(php::text).unwrap_or_default().trim().to_owned() }
}

pub(super) fn remove(opt: &Opt<'_>, generation: Generation) -> Remove {
    let general = owner(opt);
    let general = Owner { by: By::of_removal(opt.int("login.login_by", 0)), ..general };
    let own =
        Owner { by: By::of_removal(opt.int("flat.delete_user_by", 0)), claim: opt.text("flat.jwt_delete_by_parameter").trim().to_owned() };
    Remove {
        enabled: opt.on("delete_user.enabled"),
        code: opt.on_or("delete_user.auth_code", true),
        addresses: Addresses::read(&opt.text("delete_user.ip_whitelist"), generation),
        owner: if generation == Generation::V3 && opt.is_flat() { own } else { general },
    }
}

pub(super) fn reset(opt: &Opt<'_>) -> Reset {
    let body = opt.text("reset_password.email_body");
    let plain = String::from_utf8(super::super::settings::base64(&body)).unwrap_or_default();
    Reset {
        enabled: opt.on("reset_password.enabled"),
        code: opt.on("reset_password.auth_code"),
        flow: opt.int("reset_password.flow", 0),
        subject: opt.text("reset_password.email_subject"),
        body: if plain.is_empty() { "{{CODE}}".to_owned() } else { plain },
        html: opt.int("reset_password.email_type", 0) == 1,
        return_jwt: opt.on("reset_password.return_jwt"),
        send_changed: opt.on("reset_password.send_password_changed_email"),
    }
}

pub(super) fn login(opt: &Opt<'_>, generation: Generation) -> Login {
    let on = |name: &str| opt.on(&format!("login.{name}"));
    let mut removed = words(&opt.text_or("login.remove_request_parameters", "rest_route, jwt, JWT, email, password, redirectUrl"));
    removed.push(opt.text_or("general.request_keys.url", "JWT"));
    Login {
        enabled: on("enabled"),
        code: on("auth_code"),
        addresses: Addresses::read(&opt.text("login.ip_whitelist"), generation),
        issuers: words(&opt.text("login.iss_whitelist")),
        redirect: opt.int("login.redirect", 0),
        redirect_url: opt.text("login.redirect_url"),
        fail_redirect: opt.text("login.fail_redirect").trim().to_owned(),
        redirect_parameter: on("allow_redirect_parameter"),
        include_parameters: on("include_request_parameters"),
        removed,
    }
}

pub(super) fn two_factor(opt: &Opt<'_>, generation: Generation) -> Option<i64> {
    let is_on = generation == Generation::V4 && opt.on("integrations.3rdparty.two_factor.enabled");
    is_on.then(|| opt.int("integrations.3rdparty.two_factor.interim_ttl", 5).clamp(1, 60) * 60)
}
