//! `POST …/token` of the recorded editions: `wp_authenticate`, its order and its words.

use doorward_core::account::{Account, Handle, Status};
use doorward_core::credential::password::trim_as_php;
use doorward_core::flow::login::{Login, Proof, login};
use doorward_core::refusal::{No, Refusal};
use doorward_core::secret::Secret;
use doorward_web::{Ask, Fields, Reply};
use http::header::ALLOW;
use serde_json::json;

use super::claims;
use super::verdict;
use crate::jwt_auth::settings::{AppPasswords, Working};
use crate::jwt_auth::{NAME, Settings};
use crate::wordpress::text::{alike, esc_html, is_email, sanitize_user};
use crate::wordpress::{answer, php};

/// WordPress's own text for a login that says nothing of what was wrong.
pub(super) const FAILED: &str = "<strong>Error:</strong> Invalid username, email address or incorrect password.";

/// Answers with the token and the names of its owner.
pub(in crate::jwt_auth) async fn answer(mut ask: Ask, settings: &Settings) -> Result<Reply, No> {
    if settings.plugin.working == Working::NoSecret {
        return Ok(verdict::no_secret().with(ALLOW, "POST").refusing("switched_off"));
    }
    let typed = Typed::read(&ask.fields)?;
    if let Some(missing) = typed.missing(settings) {
        return Ok(missing.with(ALLOW, "POST").refusing("missing_field"));
    }
    let known = Known::look(&ask, &typed).await?;
    let view = std::sync::Arc::clone(&ask.view);
    if settings.plugin.working != Working::Yes {
        return unable(&mut ask, settings, &typed, &known).await;
    }
    let mint = |account: &Account, opening: &_| claims::mint(&view, settings, account, opening);
    let mut outcome = login(&ask.house, &view, &mut ask.call, NAME, typed.login(settings, known.first(&typed)), mint).await;
    // Where the text is one account's name and another's address, either password is right.
    if let (Err(No::Refused(Refusal::BadCredentials)), Some(second)) = (&outcome, known.second()) {
        outcome = login(&ask.house, &view, &mut ask.call, NAME, typed.login(settings, second), mint).await;
    }
    match outcome {
        Ok((account, token)) => Ok(granted(settings, &account, &token)),
        Err(No::Refused(refusal @ (Refusal::BadCredentials | Refusal::Banned))) => {
            Ok(wrong(&view.site.url, settings, &typed, &known).with(ALLOW, "POST").refusing(refusal.reason()))
        }
        Err(no) => Err(no),
    }
}

fn granted(settings: &Settings, account: &Account, token: &str) -> Reply {
    let mut body = json!({
        "token": token, "user_email": account.email, "user_nicename": account.nicename, "user_display_name": account.display_name,
    });
    claims::merge(&mut body, &settings.plugin.answer);
    answer::json(200, &body).with(ALLOW, "POST")
}

/// A plugin that knows who logs in, and cannot sign: the credentials come first, as there.
async fn unable(ask: &mut Ask, settings: &Settings, typed: &Typed, known: &Known) -> Result<Reply, No> {
    let view = std::sync::Arc::clone(&ask.view);
    match doorward_core::flow::login::prove(&ask.house, &view, &ask.call, typed.login(settings, known.first(typed))).await {
        Ok(_) if settings.plugin.working == Working::NoAlgorithm => {
            Ok(verdict::no_algorithm().with(ALLOW, "POST").refusing("switched_off"))
        }
        Ok(_) => Err(Refusal::SwitchedOff("jwt_auth_library".into()).into()),
        Err(No::Refused(refusal @ (Refusal::BadCredentials | Refusal::Banned))) => {
            Ok(wrong(&view.site.url, settings, typed, known).with(ALLOW, "POST").refusing(refusal.reason()))
        }
        Err(no) => Err(no),
    }
}

/// What was typed, as WordPress takes it.
struct Typed {
    /// The name, sanitised.
    name: String,
    /// The name with its accents, trimmed: some accounts have them.
    accented: String,
    password: Secret,
    /// True if there is no password, as PHP's `empty` sees it.
    no_password: bool,
    second_factor: Option<String>,
}

impl Typed {
    /// A name or password that is an array counts as none: WordPress dies of a password that is one.
    fn read(fields: &Fields) -> Result<Self, Refusal> {
        let text = |name| fields.value(name).and_then(php::text).unwrap_or_default();
        let (username, password) = (text("username"), text("password"));
        if username.len() > LONGEST_NAME {
            return Err(Refusal::Invalid("username"));
        }
        Ok(Self {
            name: sanitize_user(&username),
            accented: username.trim().to_owned(),
            no_password: is_empty(trim_as_php(password.as_bytes())),
            password: Secret::new(trim_as_php(password.as_bytes())),
            second_factor: fields.code("otp_attempt")?,
        })
    }

    /// The answer to a login without a name or a password.
    fn missing(&self, settings: &Settings) -> Option<Reply> {
        let used = settings.plugin.application_passwords != AppPasswords::Unused;
        match (is_empty(self.name.as_bytes()), self.no_password) {
            (false, false) => None,
            // Application Passwords are asked last, and nobody has no name.
            (true, _) if used => Some(refused("invalid_username", APP_UNKNOWN)),
            (true, _) => Some(refused("empty_username", "<strong>Error:</strong> The username field is empty.")),
            (false, true) => Some(refused("empty_password", "<strong>Error:</strong> The password field is empty.")),
        }
    }

    fn login(&self, settings: &Settings, handle: Handle) -> Login {
        let application = settings.plugin.application_passwords == AppPasswords::On;
        let proof = Proof::WordPress { password: self.password.clone(), application, rehash: settings.plugin.rehash };
        Login { handle, proof, second_factor: self.second_factor.clone(), action: "jwt_auth.login" }
    }
}

/// PHP's `empty`.
fn is_empty(text: &[u8]) -> bool {
    text.is_empty() || text == b"0"
}

/// The longest name that is looked at, in bytes; WordPress stores sixty letters.
const LONGEST_NAME: usize = 4096;

const APP_UNKNOWN: &str = "<strong>Error:</strong> Unknown username. Check again or try your email address.";

/// Whom the name names.
struct Known {
    by_login: Option<i64>,
    by_email: Option<i64>,
    is_email: bool,
}

impl Known {
    /// The same looks for every name.
    async fn look(ask: &Ask, typed: &Typed) -> Result<Self, No> {
        let site = ask.view.site.id;
        let handles = [Handle::Login(typed.name.clone()), Handle::Login(typed.accented.clone()), Handle::Email(typed.name.clone())];
        let name = typed.name.clone();
        let found = ask.house.look(move |desk| {
            let mut found = handles.iter().map(|handle| desk.account_by(site, handle)).collect::<Result<Vec<_>, _>>()?;
            found.push(alike(desk, site, &name)?);
            Ok(found)
        });
        let found = found.await?;
        let mut numbers = found.into_iter().map(|account| account.filter(|a| a.status != Status::Deleted).map(|a| a.number));
        let mut next = || numbers.next().flatten();
        let (plain, accented, by_email, alike) = (next(), next(), next(), next());
        let is_email = is_email(&typed.name);
        Ok(Self { by_login: plain.or(accented).or(alike), by_email: by_email.filter(|_| is_email), is_email })
    }

    /// Whose password is tried; nobody's is weighed as well.
    fn first(&self, typed: &Typed) -> Handle {
        self.by_login.or(self.by_email).map_or_else(|| Handle::LoginOrEmail(typed.name.clone()), Handle::Number)
    }

    /// Whose is tried next: the owner of the address, where the name is somebody else's.
    fn second(&self) -> Option<Handle> {
        self.by_email.filter(|number| self.by_login.is_some_and(|first| first != *number)).map(Handle::Number)
    }
}

/// The answer to a login that was refused: the address speaks last.
fn wrong(site_url: &str, settings: &Settings, typed: &Typed, known: &Known) -> Reply {
    let plugin = &settings.plugin;
    if plugin.uniform_errors {
        return refused("authentication_failed", FAILED);
    }
    let somebody = known.by_login.or(known.by_email).is_some();
    match (plugin.application_passwords, somebody) {
        (AppPasswords::Unused, _) => {}
        (_, false) if known.is_email => return refused("invalid_email", &format!("<strong>Error:</strong> {UNKNOWN_EMAIL}")),
        (_, false) => return refused("invalid_username", APP_UNKNOWN),
        (AppPasswords::Off, true) => return refused("application_passwords_disabled", "Application passwords are not available."),
        (AppPasswords::On, true) => {
            return refused("incorrect_password", "The provided password is an invalid application password.");
        }
    }
    let name = esc_html(&typed.name);
    let incorrect = |what: &str| {
        let link = format!("<a href=\"{site_url}/wp-login.php?action=lostpassword\">Lost your password?</a>");
        let text = format!("<strong>Error:</strong> The password you entered for the {what} <strong>{name}</strong> is incorrect. {link}");
        refused("incorrect_password", &text)
    };
    match (known.is_email, known.by_email, known.by_login) {
        (true, Some(_), _) => incorrect("email address"),
        (true, None, _) => refused("invalid_email", UNKNOWN_EMAIL),
        (false, _, Some(_)) => incorrect("username"),
        (false, _, None) => {
            let advice = "is not registered on this site. If you are unsure of your username, try your email address instead.";
            refused("invalid_username", &format!("<strong>Error:</strong> The username <strong>{name}</strong> {advice}"))
        }
    }
}

const UNKNOWN_EMAIL: &str = "Unknown email address. Check again or try your username.";

fn refused(code: &str, message: &str) -> Reply {
    answer::error(403, &format!("[jwt_auth] {code}"), message)
}
