//! `POST users` (3.x: `POST register` too): make an account.

use doorward_core::account::nicename::{of_login, slug};
use doorward_core::account::{Account, Handle, Status};
use doorward_core::call::Time;
use doorward_core::flow::enrol::{Newcomer, enrol};
use doorward_core::flow::post;
use doorward_core::port::store::Work;
use doorward_core::refusal::{No, Refusal};
use doorward_core::secret::Secret;
use doorward_web::Reply;
use serde_json::{Map, Value, json};

use super::codes::Grant;
use super::webhooks::Event;
use super::words::{Stop, word};
use super::{Case, autologin, letters, mint, php};
use crate::wordpress::text::{alike, is_blank, strip_tags};

/// Fields that go into the account's free-form fields as texts.
const FIELDS: [&str; 11] = [
    "nickname",
    "first_name",
    "last_name",
    "description",
    "rich_editing",
    "syntax_highlighting",
    "comment_shortcuts",
    "admin_color",
    "use_ssl",
    "show_admin_bar_front",
    "locale",
];

/// Answers with the account.
pub(super) async fn answer(case: &mut Case) -> Result<Reply, Stop> {
    let plugin = std::sync::Arc::clone(&case.plugin);
    let register = &plugin.register;
    if !register.enabled {
        return Err(word(31, "Register is not allowed.").into());
    }
    // A code that is sent must be right even where none is asked for.
    let is_coded = register.code || case.params.get(&plugin.codes.key).is_some();
    let code = if is_coded { case.proven_code(32).await? } else { Grant::default() };
    let address = case.call.client.address;
    if !register.addresses.welcomes(address) {
        return Err(word(33, format!("This IP[{address}] is not allowed to register users.")).into());
    }
    let (email, password) = credentials(case)?;
    let login = login_of(case, &email)?;
    if !register.domains.is_empty() && !email.split_once('@').is_some_and(|(_, domain)| register.domains.iter().any(|d| d == domain)) {
        return Err(word(37, "This website does not allows users from this domain.").into());
    }
    let taken = || if plugin.uniform_errors { word(52, "The account could not be created.") } else { word(38, "User already exists.") };
    let clean = login_name(&login);
    let (site, name, address) = (case.view.site.id, clean.clone(), email.clone());
    let looked = case.house.look(move |desk| {
        let by_name = desk.account_by(site, &Handle::Login(name.clone()))?.is_some() || alike(desk, site, &name)?.is_some();
        Ok(by_name || desk.account_by(site, &Handle::Email(address))?.is_some())
    });
    let is_taken = looked.await?;
    if !clean.is_empty() && is_taken {
        return Err(taken().into());
    }
    if clean.is_empty() {
        return Err(word(52, "Cannot create a user with an empty login name.").into());
    }
    let too_long = |what: &str, letters: usize| word(52, format!("{what} may not be longer than {letters} characters."));
    let roles: Vec<String> = if code.role.is_empty() { register.roles.clone() } else { vec![code.role.clone()] };
    let made = account(case, &clean, &email, &roles);
    if made.nicename.chars().count() > 50 {
        return Err(too_long("Nicename", 50).into());
    }
    if made.url.chars().count() > 100 {
        return Err(too_long("User URL", 100).into());
    }
    if case.params.filled("spam").is_some() {
        return Err(word(52, "Sorry, marking a user as spam is only supported on Multisite.").into());
    }
    let welcome = if register.send_welcome {
        let mail = letters::welcome(case, &made);
        case.seal(&mail)?
    } else {
        None
    };
    let newcomer = Newcomer { account: made, password, meta: Value::Object(meta(case, &clean)).to_string(), action: case.door.action() };
    case.spend_code(&code, 32).await?;
    let news = case.news(Event::Register);
    let also = move |desk: &mut dyn Work, account: &Account| {
        post::keep_in(desk, welcome.as_ref(), true)?;
        news.keep_in(desk, account)
    };
    let account = match enrol(&case.house, &case.call, newcomer, also).await {
        Ok(account) => account,
        Err(no) => {
            case.unspend_code(&code).await?;
            return Err(if matches!(no, No::Refused(Refusal::Invalid(_))) { taken().into() } else { no.into() });
        }
    };
    if register.force_login && plugin.login.enabled {
        return autologin::grant(case, &account, None).await;
    }
    let token = if register.return_jwt { Some(jwt(case, &account)?) } else { None };
    Ok(body(case, &account, token))
}

fn credentials(case: &Case) -> Result<(String, Secret), Stop> {
    let register = &case.plugin.register;
    let type_error = || word(0, "strlen(): Argument #1 ($string) must be of type string, array given");
    let (email, password) = (case.params.get("email"), case.params.get("password"));
    if case.is_v4() {
        let email = case.params.filled("email").ok_or_else(|| word(35, "Missing email."))?;
        if !register.random_password && case.params.filled("password").is_none() {
            return Err(word(35, "Missing password.").into());
        }
        let email = php::text(email).ok_or_else(type_error)?;
        let password = match password.filter(|_| !register.random_password) {
            Some(value) => php::add_slashes(&php::text(value).ok_or_else(type_error)?),
            None => String::new(),
        };
        return valid(email, password);
    }
    if email.is_none() || (password.is_none() && !register.random_password) {
        return Err(word(35, "Missing email or password.").into());
    }
    let password = password.filter(|_| !register.random_password).map(php::clean).unwrap_or_default();
    valid(email.and_then(php::text).unwrap_or_default(), password)
}

fn valid(email: String, password: String) -> Result<(String, Secret), Stop> {
    if php::is_email(&email) { Ok((email, Secret::new(password))) } else { Err(word(36, "Invalid email address.").into()) }
}

/// The login name as it was asked for; the address if none was.
fn login_of(case: &Case, email: &str) -> Result<String, Stop> {
    let asked = case.params.filled("user_login");
    if case.is_v4() && asked.is_some_and(|value| php::text(value).is_none()) {
        return Err(word(0, "strlen(): Argument #1 ($string) must be of type string, array given").into());
    }
    let asked = asked.and_then(php::text);
    let what = if asked.is_some() { "Username" } else { "Email" };
    let login = asked.unwrap_or_else(|| email.to_owned());
    // 4.x counts octets, WordPress letters.
    let length = if case.is_v4() { login.len() } else { login.chars().count() };
    if length <= 60 {
        return Ok(login);
    }
    if case.is_v4() {
        return Err(word(36, format!("{what} must be less than 60 characters.")).into());
    }
    Err(word(52, "Username may not be longer than 60 characters.").into())
}

/// WordPress's strict `sanitize_user`: letters and digits of ASCII, blanks, `_.-@`.
fn login_name(login: &str) -> String {
    let plain = crate::wordpress::text::sanitize_user(login);
    plain.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '.' | '-' | '@')).collect::<String>().trim().to_owned()
}

fn account(case: &Case, login: &str, email: &str, roles: &[String]) -> Account {
    let text = |name: &str| case.params.filled(name).and_then(php::text).map(|t| php::strip_slashes(&t)).unwrap_or_default();
    let (first, last) = (php::shown_name(&text("first_name")), php::shown_name(&text("last_name")));
    let names = format!("{first} {last}").trim().to_owned();
    let display = [php::shown_name(&text("display_name")), names, login.to_owned()].into_iter().find(|n| !n.is_empty()).unwrap_or_default();
    let nicename = login_name(&text("user_nicename"));
    Account {
        site: case.view.site.id,
        number: 0,
        login: login.to_owned(),
        email: email.to_owned(),
        nicename: if nicename.is_empty() { of_login(login) } else { slug(&nicename) },
        display_name: display,
        url: web_address(&text("user_url")),
        registered: Time::parse(&text("user_registered")).unwrap_or(case.call.now),
        roles: roles.to_vec(),
        level: 0,
        status: Status::Active,
        avatar: None,
        service: false,
        valid_after: Time(0),
        second_factor: false,
    }
}

/// Schemes that WordPress takes.
const SCHEMES: [&str; 22] = [
    "http", "https", "ftp", "ftps", "mailto", "news", "irc", "irc6", "ircs", "gopher", "nntp", "feed", "telnet", "mms", "rtsp", "sms",
    "svn", "tel", "fax", "xmpp", "webcal", "urn",
];

/// `esc_url` of a text without its tags, with `&` as an entity: what WordPress stores of a web address.
fn web_address(text: &str) -> String {
    let kept = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || "-~+_.?#=!&;,/:%@$|*'()[]".contains(c);
    let text: String = strip_tags(text).trim_matches(is_blank).replace(' ', "%20").chars().filter(|c| kept(*c)).collect();
    let mut text = text.replace(";//", "://");
    if text.get(..7).is_none_or(|start| !start.eq_ignore_ascii_case("mailto:")) {
        while let Some(at) = ["%0d", "%0a", "%0D", "%0A"].iter().find_map(|end| text.find(end)) {
            text.replace_range(at..at + 3, "");
        }
    }
    if text.is_empty() {
        return text;
    }
    let is_script =
        text.split_once(".php").is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    if !text.contains(':') && !text.starts_with(['/', '#', '?']) && !is_script {
        text.insert_str(0, "http://");
    }
    let front = text.find("://").map_or(0, |at| at + 3);
    let host = text[front..].find(['/', '?', '#']).map_or(text.len(), |end| front + end);
    let end = text.split_off(host).replace('[', "%5B").replace(']', "%5D");
    text.push_str(&end);
    if let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| !scheme.contains(['/', '?', '#'])) {
        let scheme = scheme.to_ascii_lowercase();
        if !SCHEMES.contains(&scheme.as_str()) {
            return String::new();
        }
        text = format!("{scheme}:{rest}");
    }
    text.replace("&amp;", "&").replace('&', "&amp;")
}

fn meta(case: &Case, login: &str) -> Map<String, Value> {
    let mut meta = Map::new();
    meta.insert("nickname".to_owned(), Value::from(login));
    for name in FIELDS {
        if let Some(text) = case.params.get(name).and_then(php::text).map(|text| php::strip_slashes(&text)) {
            meta.insert(name.to_owned(), Value::from(text));
        }
    }
    let sent = match case.params.get("user_meta") {
        Some(Value::String(text)) => {
            let read = |text: &str| serde_json::from_str(text).ok();
            read(text).or_else(|| read(&php::strip_slashes(text))).unwrap_or(Value::Null)
        }
        Some(value) => value.clone(),
        None => Value::Null,
    };
    for name in &case.plugin.register.allowed_meta {
        if let Some(value) = sent.get(name) {
            meta.insert(name.clone(), Value::from(php::clean(value)));
        }
    }
    meta
}

/// The usual claims; with authentication off five of them, and no end.
fn jwt(case: &Case, account: &Account) -> Result<String, Stop> {
    let iat = account.issue_time(case.house.done(&case.call));
    if case.plugin.auth.enabled {
        return Ok(mint::mint(&case.house, &case.view, &case.plugin, account, iat, &Map::new())?.token);
    }
    let mut claims = Map::new();
    let issuer = if case.plugin.auth.issuer.is_empty() { case.view.site.url.as_str() } else { &case.plugin.auth.issuer };
    for (name, value) in [
        ("email", Value::from(account.email.as_str())),
        ("id", Value::from(account.number.to_string())),
        ("username", Value::from(account.login.as_str())),
        ("iat", Value::from(iat.0)),
        ("iss", Value::from(issuer)),
    ] {
        claims.insert(name.to_owned(), value);
    }
    Ok(mint::sign(&case.view, &case.plugin, &claims)?.0)
}

fn body(case: &Case, account: &Account, token: Option<String>) -> Reply {
    let key = case.params.get("user_activation_key").and_then(php::text).unwrap_or_default();
    // Where the site gives another role than WordPress itself, the plugin sets it afterwards, and the level shows.
    let level = (account.roles != ["subscriber"]).then(|| account.roles.iter().map(|role| level_of(role)).max().unwrap_or(0));
    let names = if case.is_v4() {
        ["id", "login", "nicename", "email", "url", "registered", "activation_key", "status", "display_name", "level"]
    } else {
        [
            "ID",
            "user_login",
            "user_nicename",
            "user_email",
            "user_url",
            "user_registered",
            "user_activation_key",
            "user_status",
            "display_name",
            "user_level",
        ]
    };
    let number = account.number.to_string();
    let values = [
        number.clone(),
        account.login.clone(),
        account.nicename.clone(),
        account.email.clone(),
        account.url.clone(),
        account.registered.wordpress(),
        key,
        "0".to_owned(),
        account.display_name.clone(),
    ];
    let mut user: Map<String, Value> = names.iter().zip(values).map(|(name, value)| ((*name).to_owned(), Value::from(value))).collect();
    if let Some(level) = level {
        user.insert(names[9].to_owned(), Value::from(level));
    }
    let mut rest = Map::new();
    rest.insert("roles".to_owned(), json!(account.roles));
    if let Some(token) = token {
        rest.insert("jwt".to_owned(), Value::from(token));
    }
    if case.is_v4() {
        user.extend(rest);
        return case.ok("POST, DELETE", &json!({"success": true, "data": user}));
    }
    let mut all = Map::new();
    all.insert("success".to_owned(), Value::Bool(true));
    all.insert("id".to_owned(), Value::from(number));
    all.insert("message".to_owned(), Value::from("User was successfully created."));
    all.insert("user".to_owned(), Value::Object(user));
    all.extend(rest);
    let allow = if case.head.target.path.to_ascii_lowercase().ends_with("/register") { "POST" } else { "POST, DELETE" };
    case.ok(allow, &all)
}

fn level_of(role: &str) -> u8 {
    match role {
        "administrator" => 10,
        "editor" => 7,
        "author" => 2,
        "contributor" => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_what_wordpress_makes_of_them() {
        assert_eq!((login_name("a+tag@x.com"), slug("new@example.com")), ("atag@x.com".into(), "newexample-com".into()));
        assert_eq!((login_name("Пароль"), slug("New Bie--x")), (String::new(), "new-bie-x".into()));
        for (text, expected) in [
            ("https://x.example/?a=b&c=d", "https://x.example/?a=b&amp;c=d"),
            ("x.example", "http://x.example"),
            ("javascript:alert(1)", ""),
            ("data:text/html,x", ""),
            ("x:y", ""),
            ("example.com:8080/x", ""),
            ("ftp://a.b/c", "ftp://a.b/c"),
            ("mailto:a@b.c", "mailto:a@b.c"),
            ("//x.example/y", "//x.example/y"),
            ("#frag", "#frag"),
            ("?q=1", "?q=1"),
            ("http://a b.c/", "http://a%20b.c/"),
            ("x.example/<b>", "http://x.example/"),
            ("HTTP://X.example", "http://X.example"),
            ("http://x/'q'", "http://x/'q'"),
            ("https://x.example/[a]", "https://x.example/%5Ba%5D"),
            ("http://x.example/%0d%0aA", "http://x.example/A"),
            ("http://é.example/ü", "http://é.example/ü"),
            ("", ""),
        ] {
            assert_eq!(web_address(text), expected, "{text}");
        }
    }
}
