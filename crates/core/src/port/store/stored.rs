//! How lists, rules and changes are written into columns: the same in every store.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Change;
use crate::call::Time;
use crate::policy::{PathMatch, Per, RateLimit, Rule, Stale, Way};
use crate::refusal::Fault;
use crate::site::SiteId;
use crate::token::TokenId;

/// A list of words as a JSON array.
#[must_use]
pub fn list_text(list: &[String]) -> String {
    words(list).to_string()
}

/// Reads what [`list_text`] wrote.
///
/// # Errors
/// If the column holds anything else.
pub fn parse_list(text: &str) -> Result<Vec<String>, Fault> {
    parse_words(&parse(text)?)
}

/// Rules, in order, as a JSON array of objects.
#[must_use]
pub fn rules_text(rules: &[Rule]) -> String {
    Value::Array(rules.iter().map(rule_value).collect()).to_string()
}

/// Reads what [`rules_text`] wrote. A member that nobody knows is refused: it may have asked for more than we would.
///
/// # Errors
/// If the column holds anything else.
pub fn parse_rules(text: &str) -> Result<Vec<Rule>, Fault> {
    let Value::Array(list) = parse(text)? else { return Err(broken("rules")) };
    list.iter().map(parse_rule).collect()
}

/// Text that people or clients chose and that is only ever shown again: U+0000, which not every engine can hold, is
/// replaced by U+FFFD.
#[must_use]
pub fn shown(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// Text that is compared or acted upon cannot be replaced: U+0000 in it is a fault.
///
/// # Errors
/// If one of the texts holds U+0000.
pub fn exact(texts: &[&str]) -> Result<(), Fault> {
    if texts.iter().any(|t| t.contains('\0')) { Err(Fault::new("a text to be stored holds U+0000")) } else { Ok(()) }
}

/// Longest beginning of a shown name that is compared, in characters: an index has room for so much.
const NAME_COMPARED: usize = 100;

/// A shown name as it is compared.
#[must_use]
pub fn name_fold(name: &str) -> String {
    crate::account::fold(name).chars().take(NAME_COMPARED).collect()
}

/// What comes after every text that begins so.
#[must_use]
pub fn beyond(text: &str) -> String {
    format!("{text}\u{10ffff}")
}

/// Sixteen bytes from a column.
///
/// # Errors
/// If there are more or fewer.
pub fn id(bytes: &[u8]) -> Result<[u8; 16], Fault> {
    bytes.try_into().map_err(|_| broken("id"))
}

/// Thirty-two bytes from a column.
///
/// # Errors
/// If there are more or fewer.
pub fn digest(bytes: &[u8]) -> Result<[u8; 32], Fault> {
    bytes.try_into().map_err(|_| broken("digest"))
}

/// The fault of a column that holds what we never write.
#[must_use]
pub fn broken(column: &str) -> Fault {
    Fault::new(format_args!("the store holds a {column} that cannot be read"))
}

/// A change in columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeColumns {
    /// 1: site, 2: account, 3: revoked token.
    pub kind: i64,
    /// The site of kinds 1 and 2.
    pub site: Option<i64>,
    /// The token of kind 3.
    pub token: Option<Vec<u8>>,
    /// The expiry of kind 3.
    pub expires: Option<i64>,
}

impl From<Change> for ChangeColumns {
    fn from(change: Change) -> Self {
        match change {
            Change::Site(site) => Self { kind: 1, site: Some(site.0), token: None, expires: None },
            Change::Account(site) => Self { kind: 2, site: Some(site.0), token: None, expires: None },
            Change::Revoked(token, expires) => Self { kind: 3, site: None, token: Some(token.0.to_vec()), expires: Some(expires.0) },
        }
    }
}

impl ChangeColumns {
    /// The change itself.
    ///
    /// # Errors
    /// If the columns hold what we never write.
    pub fn change(&self) -> Result<Change, Fault> {
        match (self.kind, self.site, self.token.as_deref(), self.expires) {
            (1, Some(site), _, _) => Ok(Change::Site(SiteId(site))),
            (2, Some(site), _, _) => Ok(Change::Account(SiteId(site))),
            (3, _, Some(token), Some(expires)) => Ok(Change::Revoked(TokenId(id(token)?), Time(expires))),
            _ => Err(broken("change")),
        }
    }
}

const MEMBERS: [&str; 12] =
    ["action", "path", "matching", "methods", "off", "ways", "unknown_mode", "roles", "scopes", "min_level", "ip_allow", "answers_as"];
/// Members that came later: written only where they say something, absent in rules that were stored before.
const LATER: [&str; 6] = ["hosts", "all", "stale", "ip_deny", "rate_limits", "strip_credential"];

fn rule_value(rule: &Rule) -> Value {
    let optional = |text: &Option<String>| text.clone().map_or(Value::Null, Value::String);
    let values = [
        Value::String(rule.action.clone()),
        Value::String(rule.path.clone()),
        Value::String(rule.matching.word().into()),
        words(&rule.methods),
        optional(&rule.off),
        Value::Array(rule.ways.iter().map(|w| Value::String(w.word().into())).collect()),
        optional(&rule.unknown_mode),
        words(&rule.roles),
        words(&rule.scopes),
        Value::from(rule.min_level),
        words(&rule.ip_allow),
        optional(&rule.answers_as),
    ];
    let mut object = MEMBERS.iter().map(ToString::to_string).zip(values).collect::<Map<_, _>>();
    let limits = || rule.rate_limits.iter().map(limit_value).collect();
    let later = [
        (!rule.hosts.is_empty()).then(|| words(&rule.hosts)),
        rule.all.then_some(Value::Bool(true)),
        (rule.stale != Stale::default()).then(|| Value::String(rule.stale.word().into())),
        (!rule.ip_deny.is_empty()).then(|| words(&rule.ip_deny)),
        (!rule.rate_limits.is_empty()).then(|| Value::Array(limits())),
        rule.strip_credential.then_some(Value::Bool(true)),
    ];
    object.extend(LATER.iter().zip(later).filter_map(|(name, value)| Some(((*name).to_owned(), value?))));
    Value::Object(object)
}

fn limit_value(limit: &RateLimit) -> Value {
    serde_json::json!({
        "per": limit.per.word(), "count": limit.count, "period": limit.period, "burst": limit.burst, "name": limit.name
    })
}

fn parse_limit(value: &Value) -> Result<RateLimit, Fault> {
    let fault = || broken("rate limit");
    let object = value.as_object().filter(|object| object.len() == 5).ok_or_else(fault)?;
    let number = |name: &str| object.get(name).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).ok_or_else(fault);
    let name = object.get("name").ok_or_else(fault)?;
    Ok(RateLimit {
        per: object.get("per").and_then(Value::as_str).and_then(Per::parse).ok_or_else(fault)?,
        count: number("count")?,
        period: number("period")?,
        burst: number("burst")?,
        name: if name.is_null() { None } else { Some(name.as_str().ok_or_else(fault)?.to_owned()) },
    })
}

fn parse_rule(value: &Value) -> Result<Rule, Fault> {
    let fault = || broken("rule");
    let object = value.as_object().ok_or_else(fault)?;
    if !object.keys().all(|name| MEMBERS.contains(&name.as_str()) || LATER.contains(&name.as_str())) {
        return Err(fault());
    }
    let later_list = |name: &str| object.get(name).map_or(Ok(Vec::new()), parse_words);
    let later_flag = |name: &str| object.get(name).map_or(Ok(false), |value| value.as_bool().ok_or_else(fault));
    let stale = |value: &Value| value.as_str().and_then(Stale::parse).ok_or_else(fault);
    let limits = |value: &Value| value.as_array().ok_or_else(fault)?.iter().map(parse_limit).collect();
    let member = |name: &str| object.get(name).ok_or_else(fault);
    let text = |name: &str| member(name)?.as_str().map(str::to_owned).ok_or_else(fault);
    let list = |name: &str| parse_words(member(name)?);
    let optional = |name: &str| if member(name)?.is_null() { Ok(None) } else { text(name).map(Some) };
    Ok(Rule {
        action: text("action")?,
        path: text("path")?,
        matching: PathMatch::parse(&text("matching")?).ok_or_else(fault)?,
        methods: list("methods")?,
        off: optional("off")?,
        ways: list("ways")?.iter().map(|w| Way::parse(w).ok_or_else(fault)).collect::<Result<_, _>>()?,
        unknown_mode: optional("unknown_mode")?,
        roles: list("roles")?,
        scopes: list("scopes")?,
        min_level: member("min_level")?.as_u64().and_then(|n| u8::try_from(n).ok()).ok_or_else(fault)?,
        ip_allow: list("ip_allow")?,
        answers_as: optional("answers_as")?,
        hosts: later_list("hosts")?,
        all: later_flag("all")?,
        stale: object.get("stale").map_or(Ok(Stale::default()), stale)?,
        ip_deny: later_list("ip_deny")?,
        rate_limits: object.get("rate_limits").map_or(Ok(Vec::new()), limits)?,
        strip_credential: later_flag("strip_credential")?,
    })
}

fn words(list: &[String]) -> Value {
    Value::Array(list.iter().cloned().map(Value::String).collect())
}

fn parse_words(value: &Value) -> Result<Vec<String>, Fault> {
    let list = value.as_array().ok_or_else(|| broken("list"))?;
    list.iter().map(|v| v.as_str().map(str::to_owned).ok_or_else(|| broken("list"))).collect()
}

fn parse(text: &str) -> Result<Value, Fault> {
    serde_json::from_str(text).map_err(|_| broken("JSON text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full_rule() -> Rule {
        Rule {
            methods: vec!["GET".into(), "POST".into()],
            off: Some("enable_posts".into()),
            unknown_mode: Some("magic".into()),
            roles: vec!["admin \"x\"".into()],
            scopes: vec!["read".into()],
            min_level: 10,
            ip_allow: vec!["10.0.0.0/8".into()],
            answers_as: Some("wapka".into()),
            hosts: vec!["*.example.com".into()],
            all: true,
            stale: Stale::Ignore,
            ip_deny: vec!["10.1.1.1".into()],
            rate_limits: vec![
                RateLimit::new(Per::Address, 5, 60),
                RateLimit { burst: 9, name: Some("all".into()), ..RateLimit::new(Per::Route, 1, 2) },
            ],
            strip_credential: true,
            ..Rule::new("a.b", PathMatch::Pattern, "/posts/{id}", &[Way::None, Way::Bearer, Way::ApiKey])
        }
    }

    #[test]
    fn rules_come_back_as_they_went() {
        let rules = vec![full_rule(), Rule::new("c", PathMatch::Exact, "/", &[])];
        assert_eq!(parse_rules(&rules_text(&rules)).unwrap(), rules);
    }

    #[test]
    fn a_rule_with_a_member_too_many_or_too_few_is_broken() {
        let text = rules_text(&[full_rule()]);
        assert!(parse_rules(&text.replace("\"roles\"", "\"rules\"")).is_err());
        assert!(parse_rules(&text.replace("\"roles\"", "\"also\":1,\"roles\"")).is_err());
        assert!(parse_rules(&text.replace("bearer", "psychic")).is_err());
        for (good, bad) in [
            ("\"ignore\"", "\"what\""),
            ("\"per\"", "\"for\""),
            ("\"count\":5", "\"count\":-5"),
            ("\"strip_credential\":true", "\"strip_credential\":1"),
        ] {
            assert!(text.contains(good) && parse_rules(&text.replace(good, bad)).is_err(), "{good}");
        }
        assert!(parse_rules("{}").is_err());
    }

    #[test]
    fn a_rule_without_the_later_members_is_stored_as_ever() {
        let old = r#"[{"action":"c","path":"/","matching":"exact","methods":[],"off":null,"ways":["none"],"unknown_mode":null,"roles":[],"scopes":[],"min_level":0,"ip_allow":[],"answers_as":null}]"#;
        let rules = vec![Rule::new("c", PathMatch::Exact, "/", &[Way::None])];
        assert_eq!(rules_text(&rules), old);
        assert_eq!(parse_rules(old).unwrap(), rules);
    }

    #[test]
    fn lists_and_changes_come_back_as_they_went() {
        let list = vec!["a".to_owned(), "b,\"c\"".into()];
        assert_eq!(parse_list(&list_text(&list)).unwrap(), list);
        assert!(parse_list("[1]").is_err());
        for change in [Change::Site(SiteId(3)), Change::Account(SiteId(4)), Change::Revoked(TokenId([7; 16]), Time(9))] {
            assert_eq!(ChangeColumns::from(change).change().unwrap(), change);
        }
        assert!(ChangeColumns { kind: 9, site: Some(1), token: None, expires: None }.change().is_err());
    }

    #[test]
    fn nul_is_shown_as_a_replacement_and_never_compared() {
        assert_eq!(shown("a\0b"), "a\u{fffd}b");
        assert!(exact(&["fine", "a\0b"]).is_err());
        assert!(exact(&["fine"]).is_ok());
    }
}
