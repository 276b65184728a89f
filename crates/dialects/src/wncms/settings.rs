//! Its settings: rows of its settings table, and the rules that they make of the endpoints. `{}` is on with the defaults.

use std::net::IpAddr;

use doorward_core::policy::{AddressList, PathMatch, Rule, Way};
use doorward_core::refusal::Refusal;
use doorward_core::site::ConfigProblem;
use serde_json::Value;

use super::edition::Edition;
use super::endpoints::{ADMIN, ENDPOINTS, Endpoint, Habit, Needs, UPDATE};
use super::rows::Rows;
use super::whitelist::Whitelist;
use crate::config::Reader;

/// The switch of the whole API, enforced first.
const ACCESS: &str = "enable_api_access";
/// The switch that is on when updates are off.
pub(super) const NO_UPDATE: &str = "disable_core_update";
/// An older name of `wncms_api_tag_store`; either being on is enough.
const OLD_TAG_STORE: &str = "enable_api_tag_store";

/// The settings of a site.
#[derive(Clone, Debug)]
pub struct Settings {
    /// In whose words it says no.
    pub edition: Edition,
    /// Whether API tokens are also taken from `Authorization: Bearer` (a setting of Doorward's own, off).
    pub bearer: bool,
    /// The realm of the Basic challenge in the documented edition; without one there is none (a setting of Doorward's own).
    pub basic_realm: Option<String>,
    /// Whitelist entries that are no addresses: hosts, which match nobody, for the operator to be told of.
    pub whitelist_hosts: Vec<String>,
    access: bool,
    addresses: AddressList,
    rules: Vec<Rule>,
}

/// How an endpoint wants to be proven to, as configured.
enum Mode {
    None,
    Simple,
    Basic,
    Unknown(String),
}

impl Settings {
    pub(super) fn read(value: &Value) -> Result<Self, ConfigProblem> {
        let path = "dialects.wncms";
        let top = Reader::top(path, value, &["settings"])?;
        let rows = Rows::of("dialects.wncms.settings", top.get("settings"))?;
        let whitelist = Whitelist::read(rows.text("api_access_whitelist")?.unwrap_or_default());
        let ip_allow = whitelist.ip_allow();
        let mut settings = Self {
            edition: Edition::read(top)?,
            bearer: rows.switch("bearer")?.unwrap_or(false),
            basic_realm: rows.text("basic_realm")?.filter(|realm| !realm.is_empty()).map(str::to_owned),
            whitelist_hosts: whitelist.hosts,
            access: rows.switch(ACCESS)?.unwrap_or(true),
            addresses: AddressList::compile_lenient(ip_allow.iter().map(String::as_str)),
            rules: Vec::new(),
        };
        settings.rules = ENDPOINTS.iter().map(|endpoint| settings.rule(rows, endpoint, &ip_allow)).collect::<Result<_, _>>()?;
        Ok(settings)
    }

    /// What is told of a whitelist with hosts on it.
    pub(super) fn whitelist_warning(&self) -> Option<String> {
        if self.whitelist_hosts.is_empty() {
            return None;
        }
        let hosts = self.whitelist_hosts.join(", ");
        let closed = if self.addresses.welcomes_nobody() { ": no address is on the list, so the whole API is shut" } else { "" };
        Some(format!(
            "dialects.wncms.settings.api_access_whitelist: {hosts} let nobody in, since any program can name any Origin: put addresses there{closed}"
        ))
    }

    /// The rules of the guarded endpoints.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        self.rules.clone()
    }

    /// What comes before any proof on the language's own endpoints, as the rules have it on the others: the global switch,
    /// then the whitelist.
    ///
    /// # Errors
    /// [`Refusal::SwitchedOff`], [`Refusal::AddressNotAllowed`].
    pub(super) fn before_proof(&self, address: IpAddr) -> Result<(), Refusal> {
        if !self.access {
            return Err(Refusal::SwitchedOff(ACCESS.into()));
        }
        if self.addresses.welcomes(address) { Ok(()) } else { Err(Refusal::AddressNotAllowed) }
    }

    fn rule(&self, rows: Rows<'_>, endpoint: &Endpoint, ip_allow: &[String]) -> Result<Rule, ConfigProblem> {
        let matching = if endpoint.path.contains('{') { PathMatch::Pattern } else { PathMatch::Exact };
        let mode = mode(rows, endpoint)?;
        Ok(Rule {
            methods: endpoint.methods.iter().map(|m| (*m).to_owned()).collect(),
            off: self.off(rows, endpoint)?,
            roles: if endpoint.needs == Needs::Admin { vec![ADMIN.into()] } else { Vec::new() },
            ip_allow: ip_allow.to_vec(),
            ways: self.ways(&mode, endpoint.needs),
            unknown_mode: match mode {
                Mode::Unknown(name) => Some(name),
                Mode::None | Mode::Simple | Mode::Basic => None,
            },
            ..Rule::new(endpoint.action, matching, endpoint.path, &[])
        })
    }

    /// The first switch that is off: the API's, the group's, the endpoint's.
    fn off(&self, rows: Rows<'_>, endpoint: &Endpoint) -> Result<Option<String>, ConfigProblem> {
        let mut switches = vec![(ACCESS.to_owned(), Some(self.access))];
        if endpoint.action == UPDATE {
            switches.push((NO_UPDATE.into(), rows.switch(NO_UPDATE)?.map(|disabled| !disabled)));
        }
        if let Some((group, name)) = endpoint.feature() {
            let group_key = format!("enable_api_{group}");
            switches.push((group_key.clone(), rows.switch(&group_key)?));
            let [singular, plural] = keys(group, name);
            let mut on = rows.spelled([&singular, &plural], Rows::switch)?;
            if (group, name) == ("tag", "store") {
                let old = rows.switch(OLD_TAG_STORE)?;
                on = [on, old].into_iter().flatten().reduce(|a, b| a || b);
            }
            switches.push((singular, on));
        }
        Ok(switches.into_iter().find(|(_, on)| *on == Some(false)).map(|(key, _)| key))
    }

    /// The ways of a mode. Where somebody is needed and the mode asks nobody, no way is left and everybody is refused.
    fn ways(&self, mode: &Mode, needs: Needs) -> Vec<Way> {
        match (mode, needs) {
            (Mode::None, Needs::Nobody) => vec![Way::None],
            (Mode::None, Needs::User | Needs::Admin) | (Mode::Unknown(_), _) => Vec::new(),
            (Mode::Simple, _) if self.bearer => vec![Way::Simple, Way::Bearer],
            (Mode::Simple, _) => vec![Way::Simple],
            (Mode::Basic, _) => vec![Way::Basic],
        }
    }
}

/// The mode of an endpoint: its setting, else its habit. A null row counts as no row: blank text says `none`, null says
/// nothing.
fn mode(rows: Rows<'_>, endpoint: &Endpoint) -> Result<Mode, ConfigProblem> {
    let habit = || match endpoint.habit {
        Habit::Open => Mode::None,
        Habit::Token => Mode::Simple,
    };
    let Some((group, name)) = endpoint.feature() else { return Ok(habit()) };
    let [singular, plural] = keys(group, name).map(|key| format!("{key}_should_auth"));
    Ok(match rows.spelled([&singular, &plural], Rows::text)? {
        None => habit(),
        Some("" | "none") => Mode::None,
        Some("simple") => Mode::Simple,
        Some("basic") => Mode::Basic,
        Some(other) => Mode::Unknown(other.to_owned()),
    })
}

/// The key of a feature's endpoint: as its code spells it, and as its documentation does.
fn keys(group: &str, name: &str) -> [String; 2] {
    [format!("wncms_api_{group}_{name}"), format!("wncms_api_{group}s_{name}")]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(rows: Value) -> Settings {
        Settings::read(&json!({"settings": rows})).unwrap()
    }

    /// What a rule says, on one line: off, ways, unknown mode, roles.
    fn told(settings: &Settings, action: &str) -> String {
        let rule = settings.rules.iter().find(|r| r.action == action).unwrap();
        let ways: Vec<_> = rule.ways.iter().map(|w| w.word()).collect();
        let off = rule.off.as_deref().map_or(String::new(), |key| format!("off by {key}, "));
        let unknown = rule.unknown_mode.as_deref().map_or(String::new(), |mode| format!(", mode {mode}"));
        let roles = if rule.roles.is_empty() { String::new() } else { format!(", role {}", rule.roles.join(" ")) };
        format!("{off}[{}]{unknown}{roles}", ways.join(" "))
    }

    #[test]
    fn without_settings_reads_are_open_writes_ask_for_a_token_and_updates_for_an_admin() {
        let settings = Settings::read(&json!({})).unwrap();
        for (action, expected) in [
            ("wncms.post.index", "[none]"),
            ("wncms.post.show", "[none]"),
            ("wncms.post.store", "[simple]"),
            ("wncms.post.delete", "[simple]"),
            ("wncms.tag.exist", "[none]"),
            ("wncms.website.index", "[simple]"),
            ("wncms.website.store", "[simple], role admin"),
            ("wncms.website.delete", "[simple], role admin"),
            ("wncms.menu.index", "[none]"),
            ("wncms.menu.store", "[simple]"),
            ("wncms.menu.sync", "[simple], role admin"),
            ("wncms.update.run", "[simple], role admin"),
            ("wncms.update.progress", "[simple], role admin"),
        ] {
            assert_eq!(told(&settings, action), expected, "{action}");
        }
        assert!(settings.rules.iter().all(|rule| rule.ip_allow.is_empty()));
        assert!(settings.before_proof(IpAddr::from([203, 0, 113, 9])).is_ok());
    }

    #[test]
    fn rows_switch_endpoints_and_set_their_modes() {
        for (rows, action, expected) in [
            (json!({"wncms_api_post_index": "0"}), "wncms.post.index", "off by wncms_api_post_index, [none]"),
            (json!({"wncms_api_posts_index": false}), "wncms.post.index", "off by wncms_api_post_index, [none]"),
            (json!({"wncms_api_posts_delete": null}), "wncms.post.delete", "off by wncms_api_post_delete, [simple]"),
            (json!({"enable_api_website": ""}), "wncms.website.show", "off by enable_api_website, [simple]"),
            (json!({"enable_api_post": "0"}), "wncms.tag.index", "[none]"),
            (json!({"enable_api_access": "0", "enable_api_post": "0"}), "wncms.post.show", "off by enable_api_access, [none]"),
            (json!({"enable_api_access": "0"}), "wncms.menu.index", "off by enable_api_access, [none]"),
            (json!({"wncms_api_post_index_should_auth": "simple"}), "wncms.post.index", "[simple]"),
            (json!({"wncms_api_posts_index_should_auth": "basic"}), "wncms.post.index", "[basic]"),
            (json!({"wncms_api_post_store_should_auth": ""}), "wncms.post.store", "[none]"),
            (json!({"wncms_api_post_store_should_auth": "none"}), "wncms.post.store", "[none]"),
            (json!({"wncms_api_post_store_should_auth": null}), "wncms.post.store", "[simple]"),
            (json!({"wncms_api_post_index_should_auth": "digest"}), "wncms.post.index", "[], mode digest"),
            (json!({"wncms_api_post_index_should_auth": "Simple"}), "wncms.post.index", "[], mode Simple"),
            (json!({"wncms_api_website_index_should_auth": ""}), "wncms.website.index", "[]"),
            (json!({"wncms_api_website_add_domain_should_auth": "basic"}), "wncms.website.add_domain", "[basic]"),
            (json!({"wncms_api_website_store_should_auth": "none"}), "wncms.website.store", "[], role admin"),
            (json!({"wncms_api_tag_store": "0", "enable_api_tag_store": "1"}), "wncms.tag.store", "[simple]"),
            (json!({"enable_api_tag_store": "0"}), "wncms.tag.store", "off by wncms_api_tag_store, [simple]"),
            (json!({"disable_core_update": "1"}), "wncms.update.run", "off by disable_core_update, [simple], role admin"),
            (json!({"disable_core_update": "1"}), "wncms.update.progress", "[simple], role admin"),
            (json!({"bearer": true}), "wncms.post.store", "[simple bearer]"),
            (json!({"bearer": "1"}), "wncms.post.index", "[none]"),
            (json!({"site_name": ["kept"], "version": 6}), "wncms.post.index", "[none]"),
        ] {
            assert_eq!(told(&read(rows.clone()), action), expected, "{rows}");
        }
    }

    #[test]
    fn the_whitelist_is_on_every_rule_and_on_the_own_endpoints() {
        let settings = read(json!({"api_access_whitelist": "10.0.0.0/8\nexample.com"}));
        assert!(settings.rules.iter().all(|rule| rule.ip_allow == ["10.0.0.0/8"]));
        assert_eq!(settings.whitelist_hosts, ["example.com"]);
        assert_eq!(settings.before_proof(IpAddr::from([10, 1, 2, 3])), Ok(()));
        assert_eq!(settings.before_proof(IpAddr::from([11, 1, 2, 3])), Err(Refusal::AddressNotAllowed));
        let off = read(json!({"enable_api_access": false, "api_access_whitelist": "10.0.0.1"}));
        assert_eq!(off.before_proof(IpAddr::from([11, 1, 2, 3])), Err(Refusal::SwitchedOff("enable_api_access".into())));
    }

    #[test]
    fn an_edition_changes_words_and_no_rule() {
        let rows = json!({"wncms_api_post_index_should_auth": "basic", "enable_api_tag": "0", "api_access_whitelist": "10.0.0.1"});
        let of = |edition: Value| Settings::read(&json!({"edition": edition, "settings": rows})).unwrap();
        for (name, expected) in [
            (Value::Null, Edition::Documented),
            (json!("documented"), Edition::Documented),
            (json!("v6.3"), Edition::V63),
            (json!("v6"), Edition::V6),
        ] {
            let settings = of(name);
            assert_eq!((settings.edition, settings.rules()), (expected, of(Value::Null).rules()));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_path() {
        for (value, path) in [
            (json!({"edition": "v5"}), "dialects.wncms.edition"),
            (json!({"edition": 6}), "dialects.wncms.edition"),
            (json!({"constants": {}}), "dialects.wncms.constants"),
            (json!({"settings": []}), "dialects.wncms.settings"),
            (json!({"settings": {"wncms_api_post_index": 1}}), "dialects.wncms.settings.wncms_api_post_index"),
            (json!({"settings": {"wncms_api_tags_store": "off"}}), "dialects.wncms.settings.wncms_api_tags_store"),
            (json!({"settings": {"wncms_api_post_index_should_auth": true}}), "dialects.wncms.settings.wncms_api_post_index_should_auth"),
            (json!({"settings": {"api_access_whitelist": ["10.0.0.1"]}}), "dialects.wncms.settings.api_access_whitelist"),
            (json!({"settings": {"basic_realm": true}}), "dialects.wncms.settings.basic_realm"),
        ] {
            assert_eq!(Settings::read(&value).map(|_| ()).map_err(|p| p.path), Err(path.to_owned()), "{value}");
        }
    }
}
