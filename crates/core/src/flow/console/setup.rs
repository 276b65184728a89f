//! The first administrator: a link that the server prints makes one, while nobody who runs it has signed in yet. An operator who is
//! locked out gets another link from a command on the machine itself.

use crate::account::{Account, Handle, Power, nicename};
use crate::call::Call;
use crate::flow::accounts::{Ends, end_all_in, numbered_in, set_hash_in};
use crate::house::{House, entry};
use crate::port::store::{ConsoleLook, Put, Ticket, Work};
use crate::refusal::{Fault, No, Refusal};
use crate::secret::Secret;
use crate::site::SiteId;

use super::person::is_good;
use super::self_service::{is_address, is_login};
use super::ticket::{self, Order};

const LINK: &str = "console.setup";
/// A mark that stands while nobody who runs the server has signed in.
const DUE: &str = "console.setup.due";
const DUE_KEY: [u8; 32] = [0; 32];
/// Seconds that a link is good for.
const LIFE: i64 = 24 * 3600;
/// As good as for ever: a hundred years.
const AGES: i64 = 100 * 366 * 24 * 3600;

/// True while the server waits for its first administrator.
///
/// # Errors
/// The store's.
pub async fn is_due(house: &House) -> Result<bool, Fault> {
    house.look(|desk| due_in(desk)).await
}

fn due_in(desk: &mut (impl ConsoleLook + ?Sized)) -> Result<bool, Fault> {
    if desk.ticket(DUE, &DUE_KEY)?.is_some() {
        return Ok(true);
    }
    Ok(desk.powers()?.iter().all(|(_, _, power)| *power != Power::Owner))
}

/// Marks that the first administrator is still awaited, though the account is there: a first start made it.
///
/// # Errors
/// The store's.
pub async fn await_first(house: &House, call: &mut Call) -> Result<(), Fault> {
    let note = house.terms().vault.seal(DUE, &Secret::new(Vec::new()), call.dice.as_mut())?;
    let expires = call.now.plus(AGES);
    let row = Ticket { kind: DUE.into(), key: DUE_KEY, site: SiteId(0), account: 0, note, created: call.now, expires };
    ticket::keep(house, row).await
}

/// Somebody who runs the server is in: nobody is awaited any more, and the links die.
///
/// # Errors
/// The store's.
pub fn arrived_in(desk: &mut dyn Work) -> Result<(), Fault> {
    desk.drop_tickets(DUE, SiteId(0), 0)?;
    desk.drop_tickets(LINK, SiteId(0), 0)
}

/// The text of a fresh link; an earlier one dies.
///
/// # Errors
/// The store's.
pub async fn link(house: &House, call: &mut Call) -> Result<Secret, Fault> {
    let order = Order { kind: LINK, site: SiteId(0), account: 0, life: LIFE };
    let (text, row) = ticket::draw(house, call, order, &Secret::new(Vec::new()))?;
    let mark = entry(call, None, None, "console.setup.link", Ok("granted"), "");
    house
        .work(move |desk| {
            desk.drop_tickets(LINK, SiteId(0), 0)?;
            desk.add_ticket(&row)?;
            desk.remember(&mark)
        })
        .await?;
    Ok(text)
}

/// Who the administrator shall be.
#[derive(Debug)]
pub struct First {
    /// The site; `None` = the first.
    pub site: Option<SiteId>,
    /// Login name.
    pub login: String,
    /// E-mail address.
    pub email: String,
    /// The password.
    pub password: Secret,
}

/// Makes whoever has the link an owner: a new account, or the one of that login with a new password. What a first start made and
/// nobody used yet becomes theirs. Sessions and sign-in tokens of the account end.
///
/// # Errors
/// [`Refusal::UnknownToken`] if the link is over; [`Refusal::Invalid`] with the member; [`Refusal::NotFound`] without a site;
/// [`Refusal::Busy`]; a fault.
pub async fn finish(house: &House, call: &Call, text: &str, first: First) -> Result<Account, No> {
    let found = ticket::find(house, LINK, text, call.now).await?.ok_or(Refusal::UnknownToken)?;
    let (key, now) = (found.row.key, call.now);
    let directory = house.directory();
    let site = first.site.or_else(|| directory.sites().first().map(|view| view.site.id)).ok_or(Refusal::NotFound)?;
    drop(directory);
    let (login, email) = (first.login.trim().to_owned(), first.email.trim().to_owned());
    if !is_login(&login) {
        return Err(Refusal::Invalid("login").into());
    }
    if !is_address(&email) {
        return Err(Refusal::Invalid("email").into());
    }
    let wanted = newcomer(site, &login, &email, now);
    if !is_good(&first.password, &wanted) {
        return Err(Refusal::Invalid("password").into());
    }
    let hash = house.terms().hasher.hash(first.password).await.map_err(|o| Refusal::Busy(o.retry_after))?;
    let mut mark = entry(call, Some(site), None, "console.setup", Ok("granted"), "");
    let profiles = house.terms().profiles.clone();
    let outcome = house
        .work(move |desk| {
            let is_first = desk.ticket(DUE, &DUE_KEY)?.is_some();
            if desk.ticket(LINK, &key)?.is_none() {
                return Ok(Err(Refusal::UnknownToken));
            }
            let known = desk.account_by(site, &Handle::Login(login.clone()))?;
            let waiting = if is_first { waiting_in(desk, site)? } else { None };
            let account = match known {
                Some(account) => Account { email, ..account },
                None => match waiting {
                    Some(account) => {
                        let nicename = nicename::free(desk, site, &nicename::of_login(&login), account.number)?;
                        Account { login: login.clone(), nicename, display_name: login, email, ..account }
                    }
                    None => numbered_in(desk, wanted)?,
                },
            };
            let account = Account { status: crate::account::Status::Active, ..account };
            if let Put::Taken(field) = desk.put_account(&account)? {
                return Ok(Err(Refusal::Invalid(field)));
            }
            if desk.take_ticket(LINK, &key, now)?.is_none() {
                return Err(Fault::new("a set-up link was taken twice"));
            }
            let number = account.number;
            set_hash_in(desk, site, number, Some(&hash))?;
            end_all_in(desk, &profiles, account, now, "console.setup", Ends::SignIns)?;
            desk.set_power(site, number, Power::Owner)?;
            desk.forgive(crate::limit::AttemptKey::account(site, number))?;
            arrived_in(desk)?;
            mark.account = Some(number);
            desk.remember(&mark)?;
            Ok(desk.account(site, number)?.ok_or(Refusal::NotFound))
        })
        .await?;
    outcome.map_err(No::Refused)
}

/// The administrator that a first start made: number 1, an owner.
fn waiting_in(desk: &mut dyn Work, site: SiteId) -> Result<Option<Account>, Fault> {
    if desk.power(site, 1)? == Power::Owner { desk.account(site, 1) } else { Ok(None) }
}

fn newcomer(site: SiteId, login: &str, email: &str, now: crate::call::Time) -> Account {
    Account {
        site,
        number: 0,
        login: login.to_owned(),
        email: email.to_owned(),
        nicename: nicename::of_login(login),
        display_name: login.to_owned(),
        url: String::new(),
        registered: now,
        roles: ["administrator", "admin", "superadmin"].map(str::to_owned).to_vec(),
        level: 10,
        status: crate::account::Status::Active,
        avatar: None,
        service: false,
        valid_after: crate::call::Time(0),
        second_factor: false,
    }
}
