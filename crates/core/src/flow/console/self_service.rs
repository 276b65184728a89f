//! What people do for themselves before they are signed in: register, verify, forget a password, set another.
//!
//! Nobody learns here who has an account: known and unknown names cost the same and are answered alike, and what there is to tell is
//! told by letter. An account exists only once its address is verified, and a password counts only if the owner of the address gave
//! it: whoever registers somebody else's address gets nothing.

use serde_json::{Value, json};

use crate::account::{Account, Handle, Status, fold, nicename};
use crate::call::Call;
use crate::credential::StoredHash;
use crate::flow::accounts::{Ends, end_all_in, numbered_in, set_hash_in};
use crate::flow::post;
use crate::house::{House, entry};
use crate::limit::AttemptKey;
use crate::port::store::{Put, SealedLetter, SelfService, Ticket, Work};
use crate::refusal::{Fault, No, Refusal};
use crate::secret::{Secret, same};
use crate::site::{SiteId, SiteView};

use super::letters::Letter;
use super::person::is_good;
use super::ticket::{self, Order};

const RESET: &str = "console.reset";
const REGISTER: &str = "console.register";
/// Seconds that a link for a forgotten password is good for.
const RESET_LIFE: i64 = 3600;
/// Seconds that other links are good for.
const DAY: i64 = 24 * 3600;
/// Letters that one name may cause in the window of the limits.
const LETTERS: u32 = 5;

/// What a site offers, given whether this server sends mail.
///
/// # Errors
/// The store's.
pub async fn offers(house: &House, site: SiteId) -> Result<SelfService, Fault> {
    let offers = house.look(move |desk| desk.self_service(site)).await?.unwrap_or_default();
    let mail = house.terms().mailer.is_some();
    Ok(SelfService { register: offers.register && mail, reset: offers.reset && mail, change_email: offers.change_email && mail, ..offers })
}

/// Posts a letter: when this returns it is kept, and on its way. False if there is no post.
///
/// # Errors
/// The store's.
pub async fn post(house: &House, call: &mut Call, view: &SiteView, to: &str, letter: &Letter<'_>) -> Result<bool, Fault> {
    post::post(house, call, view.site.id, &letter.write(to, &view.site.name)).await
}

/// Somebody forgot a password. A letter goes out if there is such an account and it may have one; nobody is told. `link` makes the
/// address that a ticket's text is opened with.
///
/// # Errors
/// [`Refusal::SwitchedOff`] if the site offers no reset; [`Refusal::TooMany`] for an address that asks too often; a fault.
pub async fn forgot(house: &House, call: &mut Call, view: &SiteView, name: &str, link: impl Fn(&str) -> String) -> Result<(), No> {
    let site = view.site.id;
    if !offers(house, site).await?.reset {
        return Err(Refusal::SwitchedOff("reset".into()).into());
    }
    let handle = Handle::LoginOrEmail(name.to_owned());
    let found =
        house.look(move |desk| desk.account_by(site, &handle)).await?.filter(|a| a.is_active() && !a.service && !a.email.is_empty());
    // For nobody a ticket is written too, and thrown away in the same step: it costs the same.
    let number = found.as_ref().map_or(0, |a| a.number);
    let note = found.as_ref().map_or_else(|| json!({"state": 0, "email": ""}), state);
    let (text, row) =
        ticket::draw(house, call, Order { kind: RESET, site, account: number, life: RESET_LIFE }, &Secret::new(note.to_string()))?;
    let link = link(text.reveal_text().unwrap_or_default());
    let to = found.as_ref().map_or("", |account| account.email.as_str());
    let letter = post::seal(house, call, site, &Letter::Reset { link: &link }.write(to, &view.site.name))?;
    within_limits(house, call, site, &format!("reset\0{}", fold(name)), (row, letter), "console.forgot").await
}

/// A link by which an account's owner sets a password: an administrator asks for it.
///
/// # Errors
/// A fault.
pub async fn invite(house: &House, call: &mut Call, account: &Account) -> Result<Secret, Fault> {
    let order = Order { kind: RESET, site: account.site, account: account.number, life: DAY };
    let (text, row) = ticket::draw(house, call, order, &Secret::new(state(account).to_string()))?;
    let mark = entry(call, Some(account.site), Some(account.number), "console.invite", Ok("granted"), "");
    house
        .work(move |desk| {
            desk.drop_tickets(RESET, row.site, row.account)?;
            desk.add_ticket(&row)?;
            desk.remember(&mark)
        })
        .await?;
    Ok(text)
}

/// Sets a password for a ticket of [`forgot`] or [`invite`], once: every session and sign-in token of the account ends. Nobody is
/// signed in by it, so a second factor stays due.
///
/// # Errors
/// [`Refusal::Invalid`] with `password`, [`Refusal::UnknownToken`] if the ticket is over or the account or its address has changed,
/// [`Refusal::Busy`]; a fault.
pub async fn set_password(house: &House, call: &Call, text: &str, password: Secret) -> Result<Account, No> {
    // A text that is no link of ours costs a look, no hash: nobody guesses 256 bits, and hashes are dear.
    let found = ticket::find(house, RESET, text, call.now).await?.ok_or(Refusal::UnknownToken)?;
    let (site, number, key, now) = (found.row.site, found.row.account, found.row.key, call.now);
    let account = house.look(move |desk| desk.account(site, number)).await?.filter(Account::is_active).ok_or(Refusal::UnknownToken)?;
    if !is_good(&password, &account) {
        return Err(Refusal::Invalid("password").into());
    }
    let hash = house.terms().hasher.hash(password).await.map_err(|o| Refusal::Busy(o.retry_after))?;
    let note: Value = serde_json::from_slice(found.note.reveal()).unwrap_or_default();
    let mark = entry(call, Some(site), Some(number), "console.reset", Ok("granted"), "");
    let profiles = house.terms().profiles.clone();
    let done = house
        .work(move |desk| {
            let taken = desk.take_ticket(RESET, &key, now)?;
            let account = desk.account(site, number)?.filter(|a| taken.is_some() && a.is_active() && state(a) == note);
            let Some(account) = account else { return Ok(None) };
            desk.drop_tickets(RESET, site, number)?;
            set_hash_in(desk, site, number, Some(&hash))?;
            end_all_in(desk, &profiles, account.clone(), now, "password.reset", Ends::SignIns)?;
            desk.remember(&mark)?;
            Ok(Some(account))
        })
        .await?;
    done.ok_or(No::Refused(Refusal::UnknownToken))
}

/// What a ticket remembers of an account: it dies when the password or the address that was written to changes.
fn state(account: &Account) -> Value {
    json!({"state": account.valid_after.0, "email": fold(&account.email)})
}

/// Who wants to register.
#[derive(Debug)]
pub struct Newcomer {
    /// Login name.
    pub login: String,
    /// E-mail address.
    pub email: String,
    /// The password.
    pub password: Secret,
    /// What marks the browser, so that the same one need not give the password again.
    pub browser: String,
}

/// Somebody registers. There is no account yet: a letter goes to the address, and says what there is to say.
///
/// # Errors
/// [`Refusal::SwitchedOff`], [`Refusal::Invalid`] with the member, [`Refusal::TooMany`], [`Refusal::Busy`]; a fault.
pub async fn register(
    house: &House,
    call: &mut Call,
    view: &SiteView,
    newcomer: Newcomer,
    link: impl Fn(&str) -> String,
) -> Result<(), No> {
    let site = view.site.id;
    let offers = offers(house, site).await?;
    if !offers.register {
        return Err(Refusal::SwitchedOff("register".into()).into());
    }
    let (login, email) = (newcomer.login.trim().to_owned(), newcomer.email.trim().to_owned());
    if !is_login(&login) {
        return Err(Refusal::Invalid("login").into());
    }
    if !is_address(&email) {
        return Err(Refusal::Invalid("email").into());
    }
    if !is_good(&newcomer.password, &blank(site, &login, &email, &offers)) {
        return Err(Refusal::Invalid("password").into());
    }
    let (now, limits, address) = (call.now, house.terms().limits, AttemptKey::address(call.client.address));
    let tried = house.look(move |desk| desk.attempts(address, now, limits.window)).await?;
    if let Some(tried) = tried.filter(|tried| tried.count >= limits.per_address) {
        return Err(Refusal::TooMany(tried.retry_after(now, limits.window)).into());
    }
    let hash = house.terms().hasher.hash(newcomer.password).await.map_err(|o| Refusal::Busy(o.retry_after))?;
    let handle = Handle::Email(email.clone());
    let known = house.look(move |desk| desk.account_by(site, &handle)).await?;
    let note = json!({"login": login, "email": email, "hash": hash.reveal(), "browser": newcomer.browser});
    let order = Order { kind: REGISTER, site, account: 0, life: DAY };
    let (text, row) = ticket::draw(house, call, order, &Secret::new(note.to_string()))?;
    let link = link(text.reveal_text().unwrap_or_default());
    let letter = if known.is_some() { Letter::AlreadyThere } else { Letter::Verify { link: &link } };
    let letter = post::seal(house, call, site, &letter.write(&email, &view.site.name))?;
    within_limits(house, call, site, &format!("register\0{}", fold(&email)), (row, letter), "console.register").await
}

/// What verifying an address came to.
#[derive(Debug)]
pub enum Verified {
    /// The account is made.
    Made(Box<Account>),
    /// Another browser than the one that registered: the owner of the address must give a password of their own.
    PasswordDue,
    /// Somebody has taken the login in the meantime: another one is asked for.
    LoginTaken,
}

/// Verifies an address: the account is made, with the password of whoever registered only if it is the same browser.
///
/// # Errors
/// [`Refusal::UnknownToken`], [`Refusal::Invalid`], [`Refusal::Busy`]; a fault.
pub async fn verify(
    house: &House,
    call: &Call,
    text: &str,
    browser: Option<&str>,
    login: Option<&str>,
    password: Option<Secret>,
) -> Result<Verified, No> {
    let found = ticket::find(house, REGISTER, text, call.now).await?.ok_or(Refusal::UnknownToken)?;
    let (site, key, now) = (found.row.site, found.row.key, call.now);
    let note: Value = serde_json::from_slice(found.note.reveal()).unwrap_or_default();
    let noted = |name: &str| note[name].as_str().unwrap_or_default().to_owned();
    let offers = offers(house, site).await?;
    if !offers.register {
        return Err(Refusal::SwitchedOff("register".into()).into());
    }
    let login = login.map_or_else(|| noted("login"), |login| login.trim().to_owned());
    if !is_login(&login) {
        return Err(Refusal::Invalid("login").into());
    }
    let account = Account { registered: now, ..blank(site, &login, &noted("email"), &offers) };
    let hash = match password {
        Some(password) if !is_good(&password, &account) => return Err(Refusal::Invalid("password").into()),
        Some(password) => house.terms().hasher.hash(password).await.map_err(|o| Refusal::Busy(o.retry_after))?,
        None if browser.is_some_and(|b| !b.is_empty() && same(b.as_bytes(), noted("browser").as_bytes())) => StoredHash::new(noted("hash")),
        None => return Ok(Verified::PasswordDue),
    };
    let mut mark = entry(call, Some(site), None, "console.register.verify", Ok("granted"), "");
    let outcome = house
        .work(move |desk| {
            if desk.ticket(REGISTER, &key)?.is_none() {
                return Ok(Err(Refusal::UnknownToken));
            }
            let account = numbered_in(desk, account)?;
            match desk.put_account(&account)? {
                Put::Taken("login") => return Ok(Ok(Verified::LoginTaken)),
                Put::Taken(_) => return Ok(Err(Refusal::UnknownToken)),
                Put::Made | Put::Changed | Put::Same => {}
            }
            if desk.take_ticket(REGISTER, &key, now)?.is_none() {
                return Err(Fault::new("a ticket was taken twice"));
            }
            set_hash_in(desk, site, account.number, Some(&hash))?;
            mark.account = Some(account.number);
            desk.remember(&mark)?;
            Ok(Ok(Verified::Made(Box::new(account))))
        })
        .await?;
    outcome.map_err(No::Refused)
}

/// Keeps a ticket and its letter, if a letter may go out: charged to the name and to the client's address.
async fn within_limits(
    house: &House,
    call: &Call,
    site: SiteId,
    name: &str,
    (row, letter): (Ticket, Option<SealedLetter>),
    action: &'static str,
) -> Result<(), No> {
    let (now, limits) = (call.now, house.terms().limits);
    let (mine, theirs) = (AttemptKey::unknown(site, name), AttemptKey::address(call.client.address));
    let mark = entry(call, Some(site), Some(row.account).filter(|n| *n > 0), action, Ok("granted"), "");
    let wait = house
        .work(move |desk| {
            let mine = desk.charge(mine, now, limits.window)?;
            let theirs = desk.charge(theirs, now, limits.window)?;
            let is_somebody = row.account > 0 || row.kind == REGISTER;
            let wait = theirs.over(limits.per_address).then(|| theirs.retry_after(now, limits.window));
            keep(desk, &row, is_somebody && !mine.over(LETTERS))?;
            post::keep_in(desk, letter.as_ref(), is_somebody && !mine.over(LETTERS) && wait.is_none())?;
            desk.remember(&mark)?;
            Ok(wait)
        })
        .await?;
    wait.map_or(Ok(()), |seconds| Err(Refusal::TooMany(seconds).into()))
}

fn keep(desk: &mut dyn Work, row: &Ticket, stays: bool) -> Result<(), Fault> {
    if row.account > 0 && stays {
        desk.drop_tickets(&row.kind, row.site, row.account)?;
    }
    desk.add_ticket(row)?;
    if !stays {
        desk.take_ticket(&row.kind, &row.key, row.created)?;
    }
    Ok(())
}

/// An account as a site makes it for who registers: what it may do is the site's to say, never the form's.
fn blank(site: SiteId, login: &str, email: &str, offers: &SelfService) -> Account {
    Account {
        site,
        number: 0,
        login: login.to_owned(),
        email: email.to_owned(),
        nicename: nicename::of_login(login),
        display_name: login.to_owned(),
        url: String::new(),
        registered: crate::call::Time(0),
        roles: offers.roles.clone(),
        level: offers.level,
        status: Status::Active,
        avatar: None,
        service: false,
        valid_after: crate::call::Time(0),
        second_factor: false,
    }
}

/// True for a login name: 1 to 60 letters, digits, and `_ . - @`.
#[must_use]
pub fn is_login(text: &str) -> bool {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    (1..=60).contains(&text.chars().count()) && text.chars().all(good)
}

/// True for what is enough of an e-mail address for a letter to be tried.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"' | '\\' | '(' | ')');
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    text.len() <= 254
        && !local.is_empty()
        && !local.contains('@')
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !text.chars().any(odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_what_a_letter_can_be_written_to() {
        for (text, login, address) in [
            ("ada", true, false),
            ("Äda.b-c_1", true, false),
            ("", false, false),
            ("a b", false, false),
            ("ada@example.com", false, true),
            ("a+b@mail.example.co", false, true),
            ("ada@localhost", false, false),
            ("@example.com", false, false),
            ("ada@.com", false, false),
            ("ada@com.", false, false),
            ("a@b@example.com", false, false),
            ("ada@example.com\r\nBcc: all@example.com", false, false),
            ("ada@example.com,eve@example.com", false, false),
            ("\"ada\"@example.com", false, false),
            ("<ada@example.com>", false, false),
            (&"a".repeat(60), true, false),
            (&"a".repeat(61), false, false),
        ] {
            assert_eq!((is_login(text), is_address(text)), (login, address), "{text:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_typed_nothing_panics_and_no_letter_gets_another_line(text in "\\PC{0,80}|[a-z@.,;<>\"\r\n\t \\\\()-]{0,40}|[a-z.]{1,20}@[a-z.]{1,20}") {
            let (login, address) = (is_login(&text), is_address(&text));
            proptest::prop_assert!(!(login && address), "a login is never taken for an address");
            if address {
                proptest::prop_assert!(!text.chars().any(|c| c.is_control() || c.is_whitespace() || "<>,;\"".contains(c)));
                proptest::prop_assert_eq!(text.matches('@').count(), 1);
            }
            if login {
                proptest::prop_assert!(!text.contains(['@', '/', ' ', '\0']) && text.chars().count() <= 60);
            }
        }
    }
}
