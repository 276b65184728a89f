//! Lists of the option that administrators edit: auth codes and addresses, in either form, whatever the edition.

use doorward_core::secret::Secret;
use doorward_core::site::{AuthCodes, CodeEntry, ConfigProblem, IpList};
use serde_json::{Map, Value, json};

use super::PATH;

/// The lists of addresses: by their names of 4.x, of 3.x.
const ADDRESSES: &[(&str, &str)] = &[
    ("authorization.ip_whitelist", "auth_ip"),
    ("register.ip_whitelist", "register_ip"),
    ("delete_user.ip_whitelist", "delete_ip"),
    ("login.ip_whitelist", "login_ip"),
];
/// Where codes are asked for: what it is, and the switches of 4.x and of 3.x.
const ASKED: &[(&str, &str, &str)] = &[
    ("login", "authorization.auth_code", "auth_requires_auth_code"),
    ("refresh", "authorization.refresh_auth_code", "auth_requires_auth_code"),
    ("validate", "authorization.validate_auth_code", ""),
    ("revoke", "authorization.revoke_auth_code", "auth_requires_auth_code"),
    ("autologin", "login.auth_code", "require_login_auth"),
    ("register", "register.auth_code", "require_register_auth"),
    ("delete_user", "delete_user.auth_code", "require_delete_auth"),
    ("reset_password", "reset_password.auth_code", "reset_password_requires_auth_code"),
];
const CODES: (&str, &str) = ("auth_codes.codes", "auth_codes");

/// The codes, and where they are asked for.
pub(in super::super) fn auth_codes(config: &Value) -> Result<AuthCodes, ConfigProblem> {
    let option = option(config)?;
    let codes = match find(&option, CODES) {
        Some(Value::Array(list)) => list.iter().filter_map(entry).collect(),
        Some(Value::Object(map)) => map.values().filter_map(entry).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => Vec::new(),
    };
    let asked = ASKED.iter().filter(|(_, sectioned, flat)| find(&option, (sectioned, flat)).is_some_and(is_on));
    Ok(AuthCodes { codes, required_for: asked.map(|(what, ..)| *what).collect() })
}

/// Puts other codes there.
pub(in super::super) fn put_auth_codes(config: &mut Value, codes: Vec<CodeEntry>) -> Result<(), ConfigProblem> {
    let written = codes.into_iter().map(|one| {
        let code = one.code.reveal_text().unwrap_or_default();
        json!({"code": code, "role": one.role, "expiration_date": one.expires})
    });
    put(config, CODES, Value::Array(written.collect()))
}

/// The lists of addresses, empty ones too.
pub(in super::super) fn ip_lists(config: &Value) -> Result<Vec<IpList>, ConfigProblem> {
    let option = option(config)?;
    let one = |names: &(&str, &str)| {
        let text = find(&option, *names).and_then(Value::as_str).unwrap_or_default();
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect();
        IpList { name: names.0.to_owned(), entries }
    };
    Ok(ADDRESSES.iter().map(one).collect())
}

/// Puts another list there.
pub(in super::super) fn put_ip_list(config: &mut Value, list: &IpList) -> Result<(), ConfigProblem> {
    let names = ADDRESSES.iter().find(|(name, _)| *name == list.name);
    let names = names.ok_or_else(|| ConfigProblem::at(PATH, format!("has no list `{}`", list.name)))?;
    put(config, *names, Value::String(list.entries.join(",")))
}

fn option(config: &Value) -> Result<Value, ConfigProblem> {
    super::Stored::of(config).map(std::borrow::Cow::into_owned)
}

fn has_sections(option: &Value) -> bool {
    ["_schema_version", "authorization", "general"].iter().any(|name| option.get(name).is_some())
}

fn find<'o>(option: &'o Value, (sectioned, flat): (&str, &str)) -> Option<&'o Value> {
    let name = if has_sections(option) { sectioned } else { flat };
    name.split('.').try_fold(option, |value, part| value.get(part))
}

fn put(config: &mut Value, (sectioned, flat): (&str, &str), value: Value) -> Result<(), ConfigProblem> {
    let mut option = option(config)?;
    keep_what_holds(config, &mut option);
    let name = if has_sections(&option) { sectioned } else { flat };
    let mut place = &mut option;
    for part in name.split('.') {
        // PHP writes an empty object as an empty list.
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[part];
    }
    *place = value;
    if !config.is_object() {
        *config = Value::Object(Map::new());
    }
    config["settings"] = option;
    Ok(())
}

/// Without an option the documented edition is on; with one it is on only if that says so. What is written into an empty one must
/// not switch it off.
fn keep_what_holds(config: &Value, option: &mut Value) {
    let is_documented = config.get("edition").and_then(Value::as_str).is_none_or(|edition| edition == "documented");
    if is_documented && super::Stored::open(option).is_ok_and(|stored| stored.is_fresh()) {
        *option = json!({"allow_authentication": "1", "jwt_login_by": "1", "jwt_login_by_parameter": "id"});
    }
}

fn entry(value: &Value) -> Option<CodeEntry> {
    if let Some(code) = value.as_str() {
        return Some(CodeEntry { code: Secret::new(code), role: String::new(), expires: String::new() });
    }
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let code = Secret::new(value.get("code")?.as_str()?);
    Some(CodeEntry { code, role: text("role"), expires: text("expiration_date").trim().to_owned() })
}

fn is_on(value: &Value) -> bool {
    match value {
        Value::Bool(on) => *on,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !matches!(text.trim().to_ascii_lowercase().as_str(), "" | "0" | "false" | "off" | "no"),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_written_where_the_plugin_has_them() {
        let flat = json!({"settings": {"auth_codes": ["a", {"code": "b", "role": "editor", "expiration_date": "2030-01-01"}],
            "auth_requires_auth_code": "1", "auth_ip": " 10.0.0.1, 10.1.*.* ,"}});
        let text = json!({"settings": flat["settings"].to_string()});
        let sections = json!({"settings": {"_schema_version": 2, "auth_codes": {"codes": ["a", {"code": "b", "role": "editor",
            "expiration_date": "2030-01-01"}]}, "authorization": {"auth_code": true, "refresh_auth_code": 1, "revoke_auth_code": "1",
            "ip_whitelist": "10.0.0.1,10.1.*.*"}}});
        for mut config in [flat, text, sections] {
            let found = auth_codes(&config).unwrap();
            let shown = |found: &AuthCodes| {
                let one = |c: &CodeEntry| (c.code.reveal_text().unwrap_or_default().to_owned(), c.role.clone(), c.expires.clone());
                found.codes.iter().map(one).collect::<Vec<_>>()
            };
            let row = |code: &str, role: &str, end: &str| (code.to_owned(), role.to_owned(), end.to_owned());
            assert_eq!(shown(&found), [row("a", "", ""), row("b", "editor", "2030-01-01")]);
            assert_eq!(found.required_for, ["login", "refresh", "revoke"]);
            put_auth_codes(&mut config, found.codes.into_iter().skip(1).collect()).unwrap();
            assert_eq!(shown(&auth_codes(&config).unwrap()), [row("b", "editor", "2030-01-01")]);
            let lists = ip_lists(&config).unwrap();
            assert_eq!(lists[0].entries, ["10.0.0.1", "10.1.*.*"]);
            let list = IpList { name: "authorization.ip_whitelist".into(), entries: vec!["::1".into()] };
            put_ip_list(&mut config, &list).unwrap();
            assert_eq!(ip_lists(&config).unwrap()[0], list);
            super::super::Settings::read(&config).unwrap();
        }
        let mut fresh = json!({});
        put_ip_list(&mut fresh, &IpList { name: "login.ip_whitelist".into(), entries: vec!["::1".into()] }).unwrap();
        let read = super::super::Settings::read;
        let (on, was) = (read(&fresh).unwrap(), read(&json!({})).unwrap());
        assert_eq!(fresh["settings"]["login_ip"], "::1");
        assert_eq!((on.enabled, on.refresh, &on.owner), (was.enabled, was.refresh, &was.owner), "what held goes on");
        assert!(was.enabled);
        assert!(put_ip_list(&mut fresh, &IpList { name: "general.decryption_key".into(), entries: Vec::new() }).is_err());
    }
}
