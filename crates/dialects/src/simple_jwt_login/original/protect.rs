//! What it guards, as the law's own rules: protected endpoints, the middleware, API keys, browser sessions.

use doorward_core::policy::{PathMatch, Rule, Way};
use serde_json::Value;

use super::Generation;
use super::option::Opt;
use super::php;

/// Methods and the permission that an API key needs for each. The plugin knows none for `HEAD`, which a rule for `GET` would take along.
const PERMISSIONS: [(&[&str], &str); 5] =
    [(&["HEAD"], "other"), (&["GET"], "read"), (&["POST"], "create"), (&["PUT", "PATCH"], "update"), (&["DELETE"], "delete")];

/// The action of the rules that ask everybody for a credential.
pub(super) const PROTECTED: &str = "simple_jwt_login.protected";
/// The action of those that ask nobody.
const OPEN: &str = "simple_jwt_login.api";

/// The protected endpoints of a site.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Protect {
    rules: Vec<Line>,
    all: bool,
}

#[derive(Clone, Debug)]
struct Line {
    path: String,
    exact: bool,
    methods: Vec<String>,
    public: bool,
    roles: Vec<String>,
}

impl Protect {
    /// Reads the option: a list of rules in 4.x; in 3.x everything but a list, or nothing but a list.
    pub(super) fn read(opt: &Opt<'_>, generation: Generation) -> Self {
        match (generation, opt.is_flat()) {
            (Generation::V3, true) => flat(opt),
            (Generation::V3, false) => sections(opt, "protect_endpoint"),
            (Generation::V4, flat) => sections(opt, if flat { "protect_endpoints" } else { "protect_endpoint" }),
        }
    }

    /// Reads the option for the edition `documented`, which takes what either generation wrote.
    pub(in super::super) fn documented(option: &Value) -> Self {
        let opt = Opt::open(option);
        match (opt.is_flat(), opt.texts("protect_endpoints.rules_url").is_empty()) {
            (true, true) => flat(&opt),
            (true, false) => sections(&opt, "protect_endpoints"),
            (false, _) => sections(&opt, "protect_endpoint"),
        }
    }

    /// The rules of that edition: where nobody need be anybody, a JWT is looked at with the middleware alone.
    pub(in super::super) fn documented_rules(&self, middleware: bool) -> Vec<Rule> {
        let mut rules = rules(self, Grounds { middleware, api_keys: false, sessions: false });
        for open in rules.iter_mut().filter(|rule| !middleware && rule.is_open()) {
            open.ways = vec![Way::None];
        }
        rules
    }

    /// True if anything is protected.
    pub(super) fn is_on(&self) -> bool {
        self.all || !self.rules.is_empty()
    }
}

/// 4.x: a list of rules, or the two lists of 3.x, what is protected first.
fn sections(opt: &Opt<'_>, section: &str) -> Protect {
    if !opt.on(&format!("{section}.enabled")) {
        return Protect::default();
    }
    let column = |name: &str| opt.texts(&format!("{section}.{name}"));
    let at = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
    let mut rules = Vec::new();
    let urls = column("rules_url");
    if urls.is_empty() {
        for (name, public) in [("protect", false), ("whitelist", true)] {
            let (methods, matches, roles) =
                (column(&format!("{name}_method")), column(&format!("{name}_match")), column(&format!("{name}_roles")));
            let lines = column(name).into_iter().enumerate().filter_map(|(n, url)| {
                let roles = if public { Vec::new() } else { list(&at(&roles, n)) };
                line(&url, &at(&methods, n), &at(&matches, n), public, roles)
            });
            rules.extend(lines);
        }
    } else {
        let (methods, matches) = (column("rules_method"), column("rules_match"));
        let (types, roles) = (column("rules_type"), column("rules_roles"));
        for (n, url) in urls.iter().enumerate() {
            let public = at(&types, n) == "public";
            let roles = if public { Vec::new() } else { list(&at(&roles, n)) };
            rules.extend(line(url, &at(&methods, n), &at(&matches, n), public, roles));
        }
    }
    let all = match opt.get(&format!("{section}.default_action")) {
        Some(action) => php::text(action).as_deref() == Some("protect_all"),
        // The number that 3.x kept.
        None => opt.int(&format!("{section}.action"), 0) == 1,
    };
    Protect { rules, all }
}

fn flat(opt: &Opt<'_>) -> Protect {
    if !opt.on("protect_endpoints.enabled") {
        return Protect::default();
    }
    let all = opt.int("protect_endpoints.action", 1) == 1;
    let name = if all { "whitelist" } else { "protect" };
    let column = |part: &str| opt.texts(&format!("protect_endpoints.{name}{part}"));
    let (methods, matches) = (column("_method"), column("_match"));
    let text = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
    let urls = column("");
    let rules = urls.iter().enumerate().filter_map(|(at, url)| line(url, &text(&methods, at), &text(&matches, at), all, Vec::new()));
    Protect { rules: rules.collect(), all }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// One rule; a blank address is none.
fn line(url: &str, method: &str, matching: &str, public: bool, roles: Vec<String>) -> Option<Line> {
    let url = php::sanitize(url);
    let url = url.trim_matches('/');
    if url.is_empty() {
        return None;
    }
    let inner = url.strip_prefix("wp-json").map_or(url, |rest| if rest.is_empty() || rest.starts_with('/') { rest } else { url });
    let path = format!("/wp-json/{}", inner.trim_matches('/'));
    let method = method.to_ascii_uppercase();
    let methods = match method.as_str() {
        "" | "ALL" => Vec::new(),
        // Whoever may not read may not ask for the head of it either.
        "GET" => vec!["GET".to_owned(), "HEAD".to_owned()],
        _ => vec![method],
    };
    Some(Line { path, exact: matching.eq_ignore_ascii_case("EXACT"), methods, public, roles })
}

/// What the rules are made of, beside the protected endpoints.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grounds {
    pub(super) middleware: bool,
    pub(super) api_keys: bool,
    pub(super) sessions: bool,
}

/// The rules of a site, in order: the plugin's own first match wins as well.
pub(super) fn rules(protect: &Protect, grounds: Grounds) -> Vec<Rule> {
    let mut rules = Vec::new();
    for line in &protect.rules {
        let (public, protected) = (line.public, !line.public);
        let matching = match (line.exact, public) {
            (true, _) => PathMatch::Exact,
            // What is opened ends at whole segments; what is shut begins anywhere, as the plugin compares.
            (false, true) => PathMatch::Prefix,
            (false, false) => PathMatch::Start,
        };
        rules.extend(one(&line.path, matching, &line.methods, protected, &line.roles, grounds));
    }
    rules.extend(one("/wp-json", PathMatch::Prefix, &[], protect.all, &[], grounds));
    if grounds.sessions {
        rules.push(Rule::new(OPEN, PathMatch::Prefix, "/", &[Way::None, Way::Bearer]));
    }
    rules
}

/// True if a token means anything outside the plugin's own endpoints.
pub(super) fn reads_tokens(protect: &Protect, grounds: Grounds) -> bool {
    grounds.middleware || protect.is_on()
}

/// One line as rules: with API keys, one for each permission.
fn one(path: &str, matching: PathMatch, methods: &[String], protected: bool, roles: &[String], grounds: Grounds) -> Vec<Rule> {
    let mut ways = if protected { vec![Way::Bearer] } else { vec![Way::None, Way::Bearer] };
    if grounds.api_keys {
        ways.push(Way::ApiKey);
    }
    let base = Rule {
        methods: methods.to_vec(),
        roles: roles.to_vec(),
        ..Rule::new(if protected { PROTECTED } else { OPEN }, matching, path, &ways)
    };
    if !grounds.api_keys {
        return vec![base];
    }
    let split = PERMISSIONS.iter().filter_map(|(names, scope)| {
        let mine: Vec<String> =
            names.iter().filter(|n| methods.is_empty() || methods.iter().any(|m| m == *n)).map(|n| (*n).to_owned()).collect();
        (!mine.is_empty()).then(|| Rule { methods: mine, scopes: vec![(*scope).to_owned()], ..base.clone() })
    });
    // Other methods take no key.
    split.chain([Rule { scopes: vec!["other".to_owned()], ..base.clone() }]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lines(option: &serde_json::Value, generation: Generation) -> Vec<String> {
        let protect = Protect::read(&Opt::open(option), generation);
        let grounds = Grounds { middleware: false, api_keys: false, sessions: false };
        let word = |rule: &Rule| format!("{} {} {:?} {}", rule.path, rule.matching.word(), rule.methods, rule.ways.contains(&Way::None));
        rules(&protect, grounds).iter().map(word).collect()
    }

    #[test]
    fn both_forms_become_rules_of_the_house() {
        let v4 = json!({"_schema_version": 2, "protect_endpoint": {"enabled": 1, "default_action": "protect_all",
            "rules_url": ["/wp-json/wp/v2/posts/", "", "wp/v2/users"], "rules_method": ["GET", "ALL", "ALL"],
            "rules_match": ["STARTS_WITH", "STARTS_WITH", "EXACT"], "rules_type": ["public", "protected", "protected"]}});
        let expected =
            ["/wp-json/wp/v2/posts prefix [\"GET\", \"HEAD\"] true", "/wp-json/wp/v2/users exact [] false", "/wp-json prefix [] false"];
        assert_eq!(lines(&v4, Generation::V4), expected);
        let v3 = json!({"protect_endpoints": {"enabled": 1, "action": 2, "protect": ["/wp/v2/posts"], "protect_method": ["POST"],
            "protect_match": ["STARTS_WITH"], "whitelist": ["/x"]}});
        assert_eq!(lines(&v3, Generation::V3), ["/wp-json/wp/v2/posts start [\"POST\"] false", "/wp-json prefix [] true"]);
        assert_eq!(lines(&json!({}), Generation::V3), ["/wp-json prefix [] true"]);
    }
}
