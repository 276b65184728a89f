//! The OAuth providers of a site: what its option says of each, and where each is.

use doorward_core::port::fetcher::{Plain, Reach};
use doorward_core::provider::Provider;
use doorward_core::secret::Secret;
use doorward_core::site::ConfigProblem;
use serde_json::Value;

use super::super::Generation;
use super::super::option::Opt;
use crate::config::Reader;

const PATH: &str = "dialects.simple_jwt_login.oauth";

/// Whose languages are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Name {
    /// Google.
    Google,
    /// Auth0.
    Auth0,
    /// Facebook.
    Facebook,
    /// GitHub.
    Github,
}

impl Name {
    /// Those of a generation.
    pub(super) fn all(generation: Generation) -> &'static [Self] {
        match generation {
            Generation::V3 => &[Self::Google],
            Generation::V4 => &[Self::Google, Self::Auth0, Self::Facebook, Self::Github],
        }
    }

    /// As the parameter and the option say it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Auth0 => "auth0",
            Self::Facebook => "facebook",
            Self::Github => "github",
        }
    }

    /// As messages say it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Auth0 => "Auth0",
            Self::Facebook => "Facebook",
            Self::Github => "GitHub",
        }
    }

    /// The parameter in which its tokens come.
    pub(super) fn token(self) -> &'static str {
        if self == Self::Google { "id_token" } else { "access_token" }
    }

    /// Its four numbers: nothing sent, a bad code, a bad token, nobody's.
    pub(super) fn codes(self) -> [u16; 4] {
        match self {
            Self::Google => [71, 72, 73, 74],
            Self::Auth0 => [77, 78, 79, 80],
            Self::Facebook => [97, 98, 99, 100],
            Self::Github => [101, 102, 103, 104],
        }
    }
}

/// A provider that is switched on.
#[derive(Clone)]
pub(in super::super) struct Oauth {
    /// Whose it is.
    pub(super) name: Name,
    /// Who the site is to it.
    pub(super) client_id: String,
    /// What proves that.
    pub(super) client_secret: Secret,
    /// The way over the browser is open.
    pub(super) browser: bool,
    /// The exchange of codes by programs is open.
    pub(super) code: bool,
    /// The exchange of tokens by programs is open.
    pub(super) direct: bool,
    /// Its ID tokens are JWTs on the plugin's other endpoints.
    pub(super) everywhere: bool,
    /// Who is not there yet is made an account.
    pub(super) create: bool,
    /// The redirect URI of codes that programs bring.
    pub(super) redirect_uri: String,
    /// Its addresses count as verified.
    pub(super) trust_email: bool,
    /// A nonce that nobody can name is let pass.
    pub(super) lax_nonce: bool,
    /// Access tokens that do not say whom they were made for are taken.
    pub(super) opaque: bool,
    /// Where codes are exchanged.
    pub(super) token_url: String,
    /// The start of the URLs that tell about people.
    pub(super) api: String,
    /// Its word in ID tokens.
    pub(super) open_id: Provider,
}

/// Reads the providers that are switched on.
///
/// # Errors
/// A member of Doorward's own object that is none, or an URL that is none.
pub(in super::super) fn read(opt: &Opt<'_>, generation: Generation, config: &Value) -> Result<Vec<Oauth>, ConfigProblem> {
    let own = config.get("oauth").unwrap_or(&Value::Null);
    let all = Reader::open(PATH, own)?;
    all.refuse_unknown(|name| Name::all(Generation::V4).iter().any(|known| known.word() == name))?;
    let mut found = Vec::new();
    for name in Name::all(generation) {
        let path = format!("{PATH}.{}", name.word());
        let reader = Reader::open(&path, all.get(name.word()).unwrap_or(&Value::Null))?;
        let members = ["base_url", "api_url", "trust_email", "nonce", "opaque_tokens"];
        reader.refuse_unknown(|member| members.contains(&member))?;
        let oauth = provider(opt, *name, &reader)?;
        if opt.on(&format!("integrations.oauth.{}.enabled", name.word())) {
            found.push(oauth);
        }
    }
    Ok(found)
}

fn provider(opt: &Opt<'_>, name: Name, own: &Reader<'_>) -> Result<Oauth, ConfigProblem> {
    let member = |part: &str| format!("integrations.oauth.{}.{part}", name.word());
    let (text, on) = (|part: &str| opt.text(&member(part)).trim().to_owned(), |part: &str| opt.on(&member(part)));
    let url = |part: &str| own.text(part)?.map(|url| base(own, part, url)).transpose();
    let (base_url, api_url) = (url("base_url")?, url("api_url")?);
    let is_set = base_url.is_some() || api_url.is_some();
    let host = text("domain").trim_start_matches("https://").trim_matches('/').to_owned();
    let default = match name {
        Name::Google => "https://accounts.google.com".to_owned(),
        Name::Auth0 => format!("https://{host}"),
        Name::Facebook => "https://graph.facebook.com".to_owned(),
        Name::Github => "https://github.com".to_owned(),
    };
    let default_api = if name == Name::Github && base_url.is_none() { Some("https://api.github.com".to_owned()) } else { None };
    let base_url = base_url.unwrap_or(default);
    let token_path = match name {
        Name::Google => "/o/oauth2/token",
        Name::Auth0 => "/oauth/token",
        Name::Facebook => "/v19.0/oauth/access_token",
        Name::Github => "/login/oauth/access_token",
    };
    // Auth0's own name for itself ends with a slash; Google writes its own with and without the scheme.
    let issuers = match name {
        Name::Google => vec![base_url.clone(), base_url.split_once("://").map_or_else(|| base_url.clone(), |(_, rest)| rest.to_owned())],
        Name::Auth0 => vec![format!("{base_url}/")],
        Name::Facebook | Name::Github => Vec::new(),
    };
    // What the operator names in Doorward's own object may be near; what the plugin's option names may not.
    let reach = if is_set { Reach { private: true, plain: Plain::Loopback } } else { Reach::default() };
    let client_id = text("client_id");
    Ok(Oauth {
        name,
        client_secret: Secret::new(text("client_secret")),
        browser: on("enable_oauth"),
        code: on("enable_exchange_code"),
        direct: on(if name == Name::Google { "enable_exchange_id_token" } else { "enable_exchange_token" }),
        everywhere: on("allow_on_all_endpoints"),
        create: on("create_user_if_not_exists"),
        redirect_uri: text("redirect_uri_exchange_code"),
        trust_email: own.flag("trust_email")?.unwrap_or(false),
        lax_nonce: match own.text("nonce")? {
            None | Some("required") => false,
            Some("if_known") => true,
            Some(_) => return Err(own.wrong("nonce", "must be required or if_known")),
        },
        opaque: own.flag("opaque_tokens")?.unwrap_or(false),
        token_url: format!("{base_url}{token_path}"),
        api: api_url.or(default_api).unwrap_or_else(|| base_url.clone()),
        open_id: Provider {
            issuers,
            discovery: format!("{base_url}/.well-known/openid-configuration"),
            client_id: client_id.clone(),
            reach,
        },
        client_id,
    })
}

/// A base URL without a slash at its end: by TLS, or on this machine.
fn base(own: &Reader<'_>, member: &str, url: &str) -> Result<String, ConfigProblem> {
    let wrong = || own.wrong(member, "must be an https URL, or an http URL on this machine, without query");
    let uri: http::Uri = url.parse().map_err(|_| wrong())?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let is_good = uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && is_here);
    let is_plain = uri.query().is_none() && uri.authority().is_some_and(|a| !a.as_str().contains('@'));
    if is_good && is_plain { Ok(url.trim_end_matches('/').to_owned()) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(generation: Generation, own: Value) -> Result<Vec<Oauth>, ConfigProblem> {
        let names = ["google", "auth0", "facebook", "github"].into_iter();
        let providers: serde_json::Map<String, Value> =
            names.map(|name| (name.to_owned(), json!({"enabled": 1, "client_id": "cid", "domain": "x.auth0.com"}))).collect();
        let option = json!({"general": {}, "integrations": {"oauth": providers}});
        read(&Opt::open(&option), generation, &json!({"oauth": own}))
    }

    #[test]
    fn each_provider_is_where_it_is_unless_the_site_says_otherwise() {
        let all = of(Generation::V4, json!({})).unwrap();
        let places: Vec<(&str, &str)> = all.iter().map(|p| (p.token_url.as_str(), p.api.as_str())).collect();
        assert_eq!(
            places,
            [
                ("https://accounts.google.com/o/oauth2/token", "https://accounts.google.com"),
                ("https://x.auth0.com/oauth/token", "https://x.auth0.com"),
                ("https://graph.facebook.com/v19.0/oauth/access_token", "https://graph.facebook.com"),
                ("https://github.com/login/oauth/access_token", "https://api.github.com"),
            ]
        );
        assert!(all.iter().all(|p| p.open_id.reach == Reach::default()));
        assert_eq!(all[0].open_id.issuers, ["https://accounts.google.com", "accounts.google.com"]);
        assert_eq!(all[1].open_id.issuers, ["https://x.auth0.com/"]);
        assert_eq!(of(Generation::V3, json!({})).unwrap().len(), 1);
        let near =
            of(Generation::V4, json!({"github": {"base_url": "http://127.0.0.1:9/", "api_url": "https://ghe.example/api/v3"}})).unwrap();
        assert_eq!(
            (near[3].token_url.as_str(), near[3].api.as_str()),
            ("http://127.0.0.1:9/login/oauth/access_token", "https://ghe.example/api/v3")
        );
    }

    #[test]
    fn a_place_that_is_none_is_refused_with_its_path() {
        for own in [
            json!({"google": {"base_url": "http://idp.example"}}),
            json!({"google": {"base_url": "http://10.0.0.1"}}),
            json!({"google": {"base_url": "https://a@b"}}),
            json!({"google": {"base_url": "https://a/?x=1"}}),
            json!({"google": {"base_url": "javascript:alert(1)"}}),
            json!({"google": {"base_url": 1}}),
            json!({"google": {"nonce": "never"}}),
            json!({"google": {"what": 1}}),
            json!({"gitlab": {}}),
            json!([]),
        ] {
            assert!(of(Generation::V4, own.clone()).is_err_and(|p| p.path.starts_with(PATH)), "{own}");
        }
    }
}
