//! `doorward token`: API tokens, shown in full once.

use std::sync::Arc;

use doorward_core::account::Account;
use doorward_core::call::{Call, Time};
use doorward_core::credential::ApiTokenText;
use doorward_core::credential::api_token::{checksum_holds, digest_of, hint_of};
use doorward_core::flow::api_tokens::{self, Order, Replaces};
use doorward_core::policy::{AddressList, Scopes};
use doorward_core::port::store::ApiToken;
use doorward_core::refusal::{No, Refusal};
use serde_json::{Value, json};

use super::room::{Room, block, secret_from_stdin};
use super::{Common, Failed, out};
use crate::config::did_you_mean;

#[derive(clap::Subcommand)]
pub(super) enum Token {
    /// The tokens of a site that are not revoked
    List {
        /// The site, if there are several
        #[arg(long, value_name = "NAME")]
        site: Option<String>,
        /// Of this user (login, e-mail address or number)
        #[arg(long, value_name = "USER")]
        user: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a token and print it once
    Create(Create),
    /// Revoke a token and make another one of the same name, owner and rights
    Regenerate(Which),
    /// Revoke a token
    Revoke(Which),
    /// Whose token is this, and does it work? Looks at the checksum first, then at the store
    Check {
        /// The token; better leave it out and give it on standard input, where other users of the machine cannot see it
        token: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(clap::Args)]
pub(super) struct Create {
    /// The site, if there are several
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// Its owner (login, e-mail address or number)
    #[arg(long, value_name = "USER")]
    user: String,
    /// What it is called
    #[arg(long)]
    name: String,
    /// What it may be used for; can be repeated [default: everything its owner may do]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// When it stops working, such as 2027-01-01T00:00:00Z [default: never]
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
    /// The dialect it is for [default: every dialect of the site that takes API tokens]
    #[arg(long, value_name = "DIALECT")]
    dialect: Option<String>,
    /// From where it works: an address, network or pattern such as 85.*.*.*; can be repeated [default: from anywhere]
    #[arg(long = "ip-allow", value_name = "ADDRESS")]
    ip_allow: Vec<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(super) struct Which {
    /// The site, if there are several
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// The token's id, as `doorward token list` shows it
    id: i64,
}

impl Token {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        block(async {
            let room = Room::open(common).await?;
            match self {
                Self::List { site, user, json } => list(&room, site.as_deref(), user.as_deref(), json).await,
                Self::Create(order) => create(&room, order).await,
                Self::Regenerate(which) => regenerate(&room, &which).await,
                Self::Revoke(which) => {
                    let site = room.site(which.site.as_deref()).await?.id;
                    let revoked = api_tokens::revoke(room.house(), &room.call(), site, which.id, None, "command.token.revoke").await;
                    let token = revoked.map_err(|no| unknown(no, which.id))?;
                    out::line(format_args!("{} ({}): revoked", token.name, token.hint));
                    Ok(())
                }
                Self::Check { token, json } => check(&room, token, json).await,
            }
        })
    }
}

fn unknown(no: No, id: i64) -> Failed {
    match no {
        No::Refused(Refusal::NotFound) => Failed::Said(format!("the site has no live token {id}")),
        other @ (No::Refused(_) | No::Broken(_)) => other.into(),
    }
}

/// The text of a new token, in the form that its language's clients expect.
fn draw(dialect: Option<&str>, call: &mut Call) -> ApiTokenText {
    match dialect {
        Some("wapka") => ApiTokenText::draw_with_prefix("wpk_live_", 40, call.dice.as_mut()),
        Some(_) | None => ApiTokenText::draw(call.dice.as_mut()),
    }
}

async fn create(room: &Room, order: Create) -> Result<(), Failed> {
    let site = room.site(order.site.as_deref()).await?;
    let account = Arc::new(room.account(site.id, &order.user).await?);
    if let Some(dialect) = &order.dialect {
        let spoken: Vec<&str> = site.dialects.iter().map(|d| d.dialect.as_str()).collect();
        if !spoken.contains(&dialect.as_str()) {
            return Err(Failed::Said(format!("the site does not speak `{dialect}`{}", did_you_mean(dialect, spoken))));
        }
    }
    let expires = order
        .expires
        .as_deref()
        .map(|t| Time::parse(t).ok_or_else(|| Failed::Usage(format!("`{t}` is no date such as 2027-01-01T00:00:00Z"))));
    let ip_allow: Vec<String> = order.ip_allow.iter().map(|entry| entry.trim().to_owned()).collect();
    if let Err(wrong) = AddressList::compile(ip_allow.iter().map(String::as_str)) {
        return Err(Failed::Usage(format!("--ip-allow: {wrong}")));
    }
    let wanted = Order {
        name: order.name,
        scopes: if order.scopes.is_empty() { Scopes::All } else { Scopes::parse(&order.scopes.join(" ")) },
        expires: expires.transpose()?,
        dialect: order.dialect,
        replaces: Replaces::Nothing,
        ip_allow,
        action: "command.token.create",
    };
    make(room, &account, wanted, order.json).await
}

async fn make(room: &Room, account: &Arc<Account>, order: Order, json: bool) -> Result<(), Failed> {
    let mut call = room.call();
    let text = draw(order.dialect.as_deref(), &mut call);
    let made = api_tokens::make(room.house(), &call, account, text, order).await?;
    if json {
        let mut value = object(&made.row, Some(account), call.now);
        if let Value::Object(map) = &mut value {
            map.insert("token".into(), json!(made.text.reveal()));
        }
        out::json(&value);
    } else {
        out::facts(&[("id", made.row.id.to_string()), ("token", format!("{}   (shown this once)", made.text.reveal()))]);
    }
    Ok(())
}

async fn regenerate(room: &Room, which: &Which) -> Result<(), Failed> {
    let (site, id) = (room.site(which.site.as_deref()).await?.id, which.id);
    let now = room.call().now;
    let found = room.house().look(move |desk| desk.api_token_by_id(site, id)).await?.filter(|t| t.is_live(now));
    let old = found.ok_or_else(|| Failed::Said(format!("the site has no live token {id}")))?;
    let account = Arc::new(room.account(site, &old.account.to_string()).await?);
    let order = Order {
        name: old.name,
        scopes: old.scopes,
        expires: old.expires,
        dialect: old.dialect,
        replaces: Replaces::SameName,
        ip_allow: old.ip_allow,
        action: "command.token.regenerate",
    };
    make(room, &account, order, false).await
}

async fn list(room: &Room, site: Option<&str>, user: Option<&str>, json: bool) -> Result<(), Failed> {
    let site = room.site(site).await?.id;
    let owner = match user {
        Some(user) => Some(room.account(site, user).await?.number),
        None => None,
    };
    let now = room.call().now;
    let (tokens, owners) = room
        .house()
        .look(move |desk| {
            let tokens = desk.api_tokens(site, owner)?;
            let owners = tokens.iter().map(|t| desk.account(site, t.account)).collect::<Result<Vec<_>, _>>()?;
            Ok((tokens, owners))
        })
        .await?;
    let both = || tokens.iter().zip(&owners);
    if json {
        out::json(&both().map(|(t, o)| object(t, o.as_ref(), now)).collect());
        return Ok(());
    }
    let row = |(t, o): (&ApiToken, &Option<Account>)| {
        [
            t.id.to_string(),
            t.name.clone(),
            t.hint.clone(),
            o.as_ref().map_or_else(|| t.account.to_string(), |o| o.login.clone()),
            t.dialect.clone().unwrap_or_else(|| "all".into()),
            t.scopes.text(),
            state(t, now).to_owned(),
            t.used.map_or_else(|| "never".into(), Time::iso),
        ]
    };
    let rows: Vec<_> = both().map(row).collect();
    out::table(["id", "name", "token", "owner", "dialect", "scopes", "state", "last used"], &rows, "no tokens yet");
    Ok(())
}

async fn check(room: &Room, argument: Option<String>, json: bool) -> Result<(), Failed> {
    let text = match argument {
        Some(text) => {
            out::warn(
                "a token on the command line is seen by other users of this machine and kept by the shell; give it on standard input",
            );
            text
        }
        None => secret_from_stdin("token")?.reveal_text().unwrap_or_default().to_owned(),
    };
    let text = text.trim();
    let checksum = checksum_holds(text);
    if checksum == Some(false) {
        return Err(Failed::said("the checksum does not fit: a typo, or no token of Doorward"));
    }
    let (digest, now) = (*digest_of(text).as_bytes(), room.call().now);
    let found = room
        .house()
        .look(move |desk| {
            let Some(token) = desk.api_token(&digest)? else { return Ok(None) };
            let owner = desk.account(token.site, token.account)?;
            let site = desk.sites()?.into_iter().find(|s| s.id == token.site).map(|s| s.name);
            Ok(Some((token, owner, site)))
        })
        .await?;
    let Some((token, owner, site)) = found else {
        let what = if checksum == Some(true) { "its checksum holds, but nobody here has it" } else { "nobody here has it" };
        return Err(Failed::Said(format!("{}: {what}", hint_of(text))));
    };
    let works = token.is_live(now) && owner.as_ref().is_some_and(Account::is_active);
    if json {
        let mut value = object(&token, owner.as_ref(), now);
        if let Value::Object(map) = &mut value {
            map.insert("site".into(), json!(site));
            map.insert("works".into(), json!(works));
        }
        out::json(&value);
        return Ok(());
    }
    let active = owner.as_ref().map_or_else(|| "gone".into(), |o| o.status.label().to_lowercase());
    out::facts(&[
        ("works", if works { "yes" } else { "no" }.to_owned()),
        ("token", token.hint.clone()),
        ("name", token.name.clone()),
        ("state", state(&token, now).to_owned()),
        ("site", site.unwrap_or_else(|| token.site.0.to_string())),
        ("owner", owner.map_or_else(|| token.account.to_string(), |o| format!("{} (number {})", o.login, o.number))),
        ("owner is", active),
        ("scopes", token.scopes.text()),
        ("from", if token.ip_allow.is_empty() { "anywhere".into() } else { token.ip_allow.join(", ") }),
    ]);
    Ok(())
}

fn state(token: &ApiToken, now: Time) -> &'static str {
    match (token.revoked, token.is_live(now)) {
        (Some(_), _) => "revoked",
        (None, true) => "live",
        (None, false) => "expired",
    }
}

/// A token without its text and digest.
fn object(token: &ApiToken, owner: Option<&Account>, now: Time) -> Value {
    json!({
        "id": token.id,
        "name": token.name,
        "hint": token.hint,
        "user_id": token.account,
        "login": owner.map(|o| &o.login),
        "dialect": token.dialect,
        "scopes": token.scopes.text(),
        "ip_allow": token.ip_allow,
        "state": state(token, now),
        "created": token.created.iso(),
        "expires": token.expires.map(Time::iso),
        "last_used": token.used.map(Time::iso),
        "last_used_from": token.used_from,
    })
}
