//! `doorward user`: the users of a site.

use doorward_core::account::{Account, Status, nicename};
use doorward_core::call::Call;
use doorward_core::credential::totp;
use doorward_core::flow::{accounts, second_factor};
use doorward_core::house::entry;
use doorward_core::port::store::{Put, SiteRow};
use doorward_core::secret::Secret;
use serde_json::{Value, json};

use super::also::Also;
use super::power::Give;
use super::room::{Room, block, draw_password, secret_from_stdin};
use super::{Common, Failed, out};

/// Accounts read at a time.
const PAGE: u32 = 1000;

#[derive(clap::Args)]
pub(super) struct Which {
    /// The site, if there are several
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// Login, e-mail address or number
    user: String,
}

#[derive(clap::Subcommand)]
pub(super) enum User {
    /// All users of a site
    List {
        /// The site, if there are several
        #[arg(long, value_name = "NAME")]
        site: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// One user
    Show {
        #[command(flatten)]
        which: Which,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a user
    Add {
        /// The site, if there are several
        #[arg(long, value_name = "NAME")]
        site: Option<String>,
        /// Login name
        login: String,
        #[command(flatten)]
        change: Change,
        #[command(flatten)]
        password: Password,
    },
    /// Change a user; what is not named stays
    Set {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        change: Change,
    },
    /// Shut a user out; every token stops working at once
    Ban(Which),
    /// Let a banned user in again
    Unban(Which),
    /// Delete a user; the number is never given to anybody else
    Delete(Which),
    /// Set a password; every JWT, session and sign-in token issued before stops working
    Password {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        also: Also,
        #[command(flatten)]
        password: Password,
    },
    /// The second factor
    #[command(subcommand)]
    SecondFactor(SecondFactor),
    /// Give a user power in the console: owner, admin or none
    Power(Give),
    /// Sign a user out everywhere: every JWT, session and sign-in token ends
    SignOut {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        also: Also,
    },
}

#[derive(clap::Subcommand)]
pub(super) enum SecondFactor {
    /// Enrol TOTP: prints secret and recovery codes once; older ones stop working
    Enrol(Which),
    /// Take the second factor away
    Remove(Which),
}

#[derive(clap::Args)]
pub(super) struct Change {
    /// E-mail address
    #[arg(long)]
    email: Option<String>,
    /// The name shown
    #[arg(long, value_name = "NAME")]
    display_name: Option<String>,
    /// A role (all are replaced); can be repeated
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// Level, 0 to 10
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=10))]
    level: Option<u8>,
    /// An account of a program, not of a person
    #[arg(long)]
    service_account: Option<bool>,
}

#[derive(clap::Args)]
#[group(id = "where_from", multiple = false)]
pub(super) struct Password {
    /// Read the password from standard input (its first line)
    #[arg(long)]
    password_stdin: bool,
    /// Make a password and print it once
    #[arg(long)]
    generate_password: bool,
}

impl User {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        block(async {
            let room = Room::open(common).await?;
            match self {
                Self::List { site, json } => list(&room, site.as_deref(), json).await,
                Self::Show { which, json } => show(&room, &which, json).await,
                Self::Add { site, login, change, password } => add(&room, site.as_deref(), login, change, &password).await,
                Self::Set { which, change } => {
                    let account = room.found(&which).await?.1;
                    put(&room, change.onto(account), "command.user.set", "changed").await
                }
                Self::Ban(which) => status(&room, &which, Status::Banned, "command.user.ban", "banned").await,
                Self::Unban(which) => status(&room, &which, Status::Active, "command.user.unban", "may come in again").await,
                Self::Delete(which) => status(&room, &which, Status::Deleted, "command.user.delete", "deleted").await,
                Self::Password { which, also, password } => set_password(&room, &which, &also, &password).await,
                Self::SecondFactor(SecondFactor::Enrol(which)) => enrol(&room, &which).await,
                Self::SecondFactor(SecondFactor::Remove(which)) => {
                    let account = room.found(&which).await?.1;
                    if !account.second_factor {
                        return Err(Failed::Said(format!("{} has no second factor", account.login)));
                    }
                    second_factor::remove(room.house(), &room.call(), account.site, account.number).await?;
                    out::line(format_args!("{}: no second factor any more", account.login));
                    Ok(())
                }
                Self::Power(give) => give.run(&room).await,
                Self::SignOut { which, also } => {
                    let account = room.found(&which).await?.1;
                    accounts::sign_out_ending(room.house(), &room.call(), account.site, account.number, also.ends()).await?;
                    out::line(format_args!("{}: signed out everywhere{}", account.login, also.told()));
                    Ok(())
                }
            }
        })
    }
}

impl Room {
    pub(super) async fn found(&self, which: &Which) -> Result<(SiteRow, Account), Failed> {
        let site = self.site(which.site.as_deref()).await?;
        let account = self.account(site.id, &which.user).await?;
        Ok((site, account))
    }
}

impl Change {
    fn onto(self, account: Account) -> Account {
        Account {
            email: self.email.map_or(account.email, |e| e.trim().to_owned()),
            display_name: self.display_name.unwrap_or(account.display_name),
            roles: if self.roles.is_empty() { account.roles } else { self.roles },
            level: self.level.unwrap_or(account.level),
            service: self.service_account.unwrap_or(account.service),
            ..account
        }
    }
}

impl Password {
    /// The password, if one is to be set, and whether it is ours to show.
    fn get(&self, call: &mut Call) -> Result<Option<(Secret, bool)>, Failed> {
        Ok(match (self.password_stdin, self.generate_password) {
            (true, _) => Some((secret_from_stdin("password")?, false)),
            (_, true) => Some((Secret::new(draw_password(call).reveal()), true)),
            (_, _) => None,
        })
    }
}

fn show_once(password: &Secret) {
    out::line(format_args!("password  {}   (shown this once)", password.reveal_text().unwrap_or_default()));
}

async fn put(room: &Room, account: Account, action: &'static str, done: &str) -> Result<(), Failed> {
    let login = account.login.clone();
    let put = accounts::put(room.house(), &room.call(), account, action).await?;
    let what = if put == Put::Same { "was just so" } else { done };
    out::line(format_args!("{login}: {what}"));
    Ok(())
}

async fn status(room: &Room, which: &Which, status: Status, action: &'static str, done: &str) -> Result<(), Failed> {
    let account = room.found(which).await?.1;
    put(room, Account { status, ..account }, action, done).await
}

async fn add(room: &Room, site: Option<&str>, login: String, change: Change, password: &Password) -> Result<(), Failed> {
    let site = room.site(site).await?.id;
    let mut call = room.call();
    let password = password.get(&mut call)?;
    let hash = match &password {
        Some((password, _)) => {
            let hash = room.house().terms().hasher.hash(password.clone()).await;
            Some(hash.map_err(|_| Failed::said("the password could not be hashed"))?)
        }
        None => None,
    };
    let login = login.trim().to_owned();
    if login.is_empty() {
        return Err(Failed::Usage("a login must not be empty".into()));
    }
    let blank = Account {
        site,
        number: 0,
        email: String::new(),
        nicename: nicename::of_login(&login),
        display_name: login.clone(),
        login,
        url: String::new(),
        registered: call.now,
        roles: Vec::new(),
        level: 0,
        status: Status::Active,
        avatar: None,
        service: false,
        valid_after: doorward_core::call::Time(0),
        second_factor: false,
    };
    let account = change.onto(blank);
    let login = account.login.clone();
    let mark = entry(&call, Some(site), None, "command.user.add", Ok("granted"), "");
    let (put, number) = room
        .house()
        .work(move |desk| {
            let account = accounts::numbered_in(desk, account)?;
            let number = account.number;
            let put = accounts::put_in(desk, account, call.now)?;
            if put == Put::Made {
                if hash.is_some() {
                    accounts::set_hash_in(desk, site, number, hash.as_ref())?;
                }
                desk.remember(&doorward_core::audit::AuditEntry { account: Some(number), ..mark })?;
            }
            Ok((put, number))
        })
        .await?;
    if let Put::Taken(field) = put {
        return Err(Failed::Said(format!("another user of the site has this {field}")));
    }
    out::line(format_args!("{login}: made, number {number}"));
    if let Some((password, true)) = &password {
        show_once(password);
    }
    Ok(())
}

async fn set_password(room: &Room, which: &Which, also: &Also, password: &Password) -> Result<(), Failed> {
    let account = room.found(which).await?.1;
    let mut call = room.call();
    let Some((password, ours)) = password.get(&mut call)? else {
        return Err(Failed::Usage("say where the password comes from: --password-stdin or --generate-password".into()));
    };
    accounts::set_password_ending(room.house(), &call, account.site, account.number, password.clone(), also.ends()).await?;
    out::line(format_args!("{}: password set, older tokens are dead{}", account.login, also.told()));
    if ours {
        show_once(&password);
    }
    Ok(())
}

async fn enrol(room: &Room, which: &Which) -> Result<(), Failed> {
    let (site, account) = room.found(which).await?;
    let enrolment = second_factor::enrol(room.house(), &mut room.call(), account.site, account.number).await?;
    let text = |secret: &Secret| secret.reveal_text().unwrap_or_default().to_owned();
    out::line(format_args!("{}: a second factor is due from now on. Shown this once:", account.login));
    out::facts(&[
        ("secret", text(&totp::encode_base32(&enrolment.secret))),
        ("for a QR code", text(&totp::otpauth_uri(&site.name, &account.login, &enrolment.secret))),
        ("recovery codes", enrolment.codes.iter().map(text).collect::<Vec<_>>().join("  ")),
    ]);
    Ok(())
}

async fn list(room: &Room, site: Option<&str>, json: bool) -> Result<(), Failed> {
    let site = room.site(site).await?.id;
    let all = room
        .house()
        .look(move |desk| {
            let mut all: Vec<Account> = Vec::new();
            loop {
                let page = desk.accounts(site, all.last().map_or(0, |a| a.number), PAGE)?;
                if page.is_empty() {
                    return Ok(all);
                }
                all.extend(page);
            }
        })
        .await?;
    if json {
        out::json(&all.iter().map(object).collect());
        return Ok(());
    }
    let row = |a: &Account| {
        let second = if a.second_factor { "2FA" } else { "" };
        [
            a.number.to_string(),
            a.login.clone(),
            a.email.clone(),
            a.roles.join(" "),
            a.level.to_string(),
            a.status.label().to_lowercase(),
            second.to_owned(),
        ]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    out::table(["id", "login", "e-mail", "roles", "level", "status", ""], &rows, "the site has no users yet");
    Ok(())
}

async fn show(room: &Room, which: &Which, json: bool) -> Result<(), Failed> {
    let account = room.found(which).await?.1;
    let (site, number, now) = (account.site, account.number, room.call().now);
    let (password, tokens, sessions) = room
        .house()
        .look(move |desk| {
            Ok((
                desk.password(site, number)?.is_some(),
                desk.api_tokens(site, Some(number))?.len(),
                desk.sessions(site, Some(number), now)?.len(),
            ))
        })
        .await?;
    if json {
        let mut value = object(&account);
        if let Value::Object(map) = &mut value {
            map.insert("has_password".into(), json!(password));
            map.insert("api_tokens".into(), json!(tokens));
            map.insert("sessions".into(), json!(sessions));
        }
        out::json(&value);
        return Ok(());
    }
    let yes = |flag: bool| if flag { "yes" } else { "no" }.to_owned();
    out::facts(&[
        ("number", number.to_string()),
        ("login", account.login.clone()),
        ("e-mail", account.email.clone()),
        ("name", account.display_name.clone()),
        ("roles", account.roles.join(" ")),
        ("level", account.level.to_string()),
        ("status", account.status.label().to_lowercase()),
        ("registered", account.registered.iso()),
        ("password", yes(password)),
        ("second factor", yes(account.second_factor)),
        ("API tokens", tokens.to_string()),
        ("sessions", sessions.to_string()),
    ]);
    Ok(())
}

fn object(account: &Account) -> Value {
    json!({
        "id": account.number,
        "login": account.login,
        "email": account.email,
        "nicename": account.nicename,
        "display_name": account.display_name,
        "url": account.url,
        "registered": account.registered.iso(),
        "roles": account.roles,
        "level": account.level,
        "status": account.status.label().to_lowercase(),
        "service_account": account.service,
        "second_factor": account.second_factor,
    })
}
