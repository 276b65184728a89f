//! `doorward site`: the sites of this server.

use std::net::{IpAddr, SocketAddr};

use doorward_core::house::entry;
use doorward_core::port::store::SiteRow;
use doorward_core::site::DialectConfig;
use doorward_gateway::proxy::address::Address;
use serde_json::{Map, Value, json};

use super::room::{Room, block};
use super::{Common, Failed, out};
use crate::bundle::format::Upstreams;
use crate::bundle::{Bundle, Mode, format, import};
use crate::config::Settings;

#[derive(clap::Subcommand)]
pub(super) enum Site {
    /// All sites
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// One site: where it is, what it speaks, its rules and keys
    Show {
        /// The site's name
        name: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a site
    Add {
        /// Its name: 1 to 63 of a-z, 0-9 and -
        name: String,
        /// Its address, the issuer of its tokens
        #[arg(long)]
        url: String,
        #[command(flatten)]
        change: Change,
    },
    /// Change a site; what is not named stays
    Set {
        /// The site's name
        name: String,
        /// Its address, the issuer of its tokens
        #[arg(long)]
        url: Option<String>,
        #[command(flatten)]
        change: Change,
        /// Switch a dialect off; can be repeated
        #[arg(long, value_name = "DIALECT")]
        without_dialect: Vec<String>,
        /// Protect nothing
        #[arg(long, conflicts_with = "upstream")]
        no_upstream: bool,
    },
    /// Remove a site with its users, tokens and keys, for good
    Remove {
        /// The site's name
        name: String,
        /// Yes, for good
        #[arg(long)]
        yes: bool,
    },
}

#[derive(clap::Args)]
pub(super) struct Change {
    /// A Host that selects it (all are replaced); can be repeated
    #[arg(long, value_name = "HOST")]
    host: Vec<String>,
    /// What it protects (all are replaced); can be repeated
    #[arg(long, value_name = "URL")]
    upstream: Vec<String>,
    /// Switch a dialect on, with its defaults; can be repeated
    #[arg(long, value_name = "DIALECT")]
    dialect: Vec<String>,
    /// The edition of a dialect, such as wncms=v6.3; its other settings stay; can be repeated
    #[arg(long, value_name = "DIALECT=EDITION")]
    edition: Vec<String>,
    /// An origin that browsers may call from (all are replaced); can be repeated
    #[arg(long, value_name = "ORIGIN")]
    cors_origin: Vec<String>,
}

impl Site {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        block(async {
            if let Self::Add { change, .. } | Self::Set { change, .. } = &self {
                let settings = Settings::load(&common.sources()?)?;
                let listens: Vec<SocketAddr> = [Some(settings.server.listen), settings.tls.listen].into_iter().flatten().collect();
                change.upstream.iter().filter_map(|url| leads_back(url, &listens)).for_each(|warning| out::warn(&warning));
            }
            match self {
                Self::List { json } => list(&Room::open(common).await?, json).await,
                Self::Show { name, json } => show(&Room::open(common).await?, &name, json).await,
                Self::Add { name, url, change } => {
                    let room = Room::open_or_make(common).await?;
                    if room.house().look(|desk| desk.sites()).await?.iter().any(|s| s.name == name) {
                        return Err(Failed::Said(format!("the site `{name}` is there already: change it with `doorward site set`")));
                    }
                    let mut languages = change.dialect.iter().map(|d| (d.clone(), empty())).collect();
                    put_editions(&mut languages, &change.edition)?;
                    write(&room, site(name, Some(url), change, Some(languages), false), "command.site.add").await
                }
                Self::Set { name, url, change, without_dialect, no_upstream } => {
                    let room = Room::open(common).await?;
                    let languages = languages(&room, &name, &change, &without_dialect).await?;
                    write(&room, site(name, url, change, languages, no_upstream), "command.site.set").await
                }
                Self::Remove { name, yes } => remove(&Room::open(common).await?, &name, yes).await,
            }
        })
    }
}

/// What is to be said of an upstream that is this server itself, as far as its settings tell.
fn leads_back(url: &str, listens: &[SocketAddr]) -> Option<String> {
    let address = Address::parse(url).ok()?;
    let told: Option<IpAddr> = address.host.parse().ok();
    let is_here = told.map_or_else(|| address.host.eq_ignore_ascii_case("localhost"), |ip| ip.is_loopback() || ip.is_unspecified());
    let is_own = |own: &&SocketAddr| own.port() == address.port && (is_here || told == Some(own.ip()));
    let own = listens.iter().find(is_own)?;
    Some(format!("the upstream {url} is where this server listens by its settings ({own}): such requests would come back, and are refused"))
}

fn empty() -> Value {
    Value::Object(Map::new())
}

fn site(name: String, url: Option<String>, change: Change, dialects: Option<Map<String, Value>>, no_upstream: bool) -> format::Site {
    let given = |list: Vec<String>| (!list.is_empty()).then_some(list);
    format::Site {
        name,
        url,
        hosts: given(change.host),
        upstream: if no_upstream { Some(None) } else { given(change.upstream).map(|urls| Some(Upstreams::stored(&urls.join(" ")))) },
        cors_origins: given(change.cors_origin),
        dialects,
        ..format::Site::default()
    }
}

/// The languages after switching some on and others off; `None` if none was named.
async fn languages(room: &Room, name: &str, change: &Change, off: &[String]) -> Result<Option<Map<String, Value>>, Failed> {
    let row = room.site(Some(name)).await?;
    let on = &change.dialect;
    if on.is_empty() && off.is_empty() && change.edition.is_empty() {
        return Ok(None);
    }
    if let Some(stranger) = off.iter().find(|d| !row.dialects.iter().any(|r| r.dialect == **d)) {
        return Err(Failed::Said(format!("the site does not speak `{stranger}`")));
    }
    let now = room.house().open_site(row)?.dialects;
    let mut map: Map<String, Value> =
        now.into_iter().filter(|d| !off.contains(&d.dialect)).map(|DialectConfig { dialect, config }| (dialect, config.0)).collect();
    for dialect in on {
        map.entry(dialect.clone()).or_insert_with(empty);
    }
    put_editions(&mut map, &change.edition)?;
    Ok(Some(map))
}

/// Chooses editions: `wncms=v6.3`. Whether there is such an edition is said where the site is compiled.
fn put_editions(languages: &mut Map<String, Value>, editions: &[String]) -> Result<(), Failed> {
    for text in editions {
        let (dialect, edition) =
            text.split_once('=').ok_or_else(|| Failed::Usage(format!("`{text}` names no edition: it is DIALECT=EDITION")))?;
        let settings = languages.get_mut(dialect).and_then(Value::as_object_mut);
        let settings = settings.ok_or_else(|| Failed::Said(format!("the site does not speak `{dialect}`: say --dialect {dialect} too")))?;
        settings.insert("edition".into(), edition.into());
    }
    Ok(())
}

async fn write(room: &Room, site: format::Site, action: &'static str) -> Result<(), Failed> {
    let name = site.name.clone();
    let bundle = Bundle { doorward_bundle: format::VERSION, without_secrets: false, sites: vec![site] };
    let imported = import(room.house(), room.call(), bundle, Mode::Write(action)).await;
    let report = imported.map_err(|stopped| match Failed::from(stopped) {
        // Whoever typed a command did not write a bundle.
        Failed::Said(text) => Failed::Said(text.replacen("sites[0].", "", 1).replacen("sites[0]: ", "", 1)),
        usage @ Failed::Usage(_) => usage,
    })?;
    report.warnings.iter().for_each(|w| out::warn(&w.replacen("sites[0].", "", 1)));
    let what = match (report.sites.made, report.wrote()) {
        (0, false) => "was just so",
        (0, true) => "changed",
        (_, _) => "made",
    };
    out::line(format_args!("site {name}: {what}"));
    Ok(())
}

async fn list(room: &Room, json: bool) -> Result<(), Failed> {
    let sites = room.house().look(|desk| desk.sites()).await?;
    if json {
        out::json(&sites.iter().map(object).collect());
        return Ok(());
    }
    let row = |s: &SiteRow| {
        [s.id.0.to_string(), s.name.clone(), s.url.clone(), s.hosts.join(" "), speaks(s), s.upstream.clone().unwrap_or_default()]
    };
    let rows: Vec<_> = sites.iter().map(row).collect();
    out::table(["id", "name", "url", "hosts", "dialects", "upstream"], &rows, "no sites yet: `doorward site add NAME --url URL`");
    Ok(())
}

fn speaks(site: &SiteRow) -> String {
    site.dialects.iter().map(|d| d.dialect.as_str()).collect::<Vec<_>>().join(" ")
}

/// A site without its settings, which may hold secrets.
fn object(site: &SiteRow) -> Value {
    json!({
        "id": site.id.0,
        "name": site.name,
        "url": site.url,
        "hosts": site.hosts,
        "upstream": site.upstream.as_deref().map(Upstreams::stored),
        "cors_origins": site.cors_origins,
        "dialects": site.dialects.iter().map(|d| &d.dialect).collect::<Vec<_>>(),
        "endpoints": site.rules.len(),
    })
}

async fn show(room: &Room, name: &str, json: bool) -> Result<(), Failed> {
    let row = room.site(Some(name)).await?;
    let id = row.id;
    let (keys, last) = room.house().look(move |desk| Ok((desk.keys(id)?, desk.last_account(id)?))).await?;
    let problem = room.house().try_site(row.clone(), keys.clone()).err();
    if json {
        let mut value = object(&row);
        if let Value::Object(map) = &mut value {
            let key = |k: &doorward_core::port::store::KeyRow| json!({"dialect": k.dialect, "kid": k.kid, "algorithm": k.algorithm.name(), "retired": k.retired.is_some()});
            map.insert("keys".into(), keys.iter().map(key).collect());
            map.insert("last_user_id".into(), json!(last));
            map.insert("problem".into(), json!(problem));
        }
        out::json(&value);
        return Ok(());
    }
    let keys: Vec<_> = keys.iter().filter(|k| k.retired.is_none()).map(|k| format!("{} {} ({})", k.dialect, k.kid, k.algorithm)).collect();
    out::facts(&[
        ("name", format!("{} (number {})", row.name, id.0)),
        ("url", row.url.clone()),
        ("hosts", if row.hosts.is_empty() { "none of its own".into() } else { row.hosts.join(" ") }),
        ("upstream", row.upstream.clone().unwrap_or_else(|| "none".into())),
        ("dialects", speaks(&row)),
        ("origins", if row.cors_origins.is_empty() { "any, without credentials".into() } else { row.cors_origins.join(" ") }),
        ("keys", keys.join(", ")),
        ("state", problem.unwrap_or_else(|| "good".into())),
    ]);
    let rule = |r: &doorward_core::policy::Rule| {
        let methods = if r.methods.is_empty() { "all".into() } else { r.methods.join(" ") };
        let ways = if r.off.is_some() { "off".into() } else { r.ways.iter().map(|w| w.word()).collect::<Vec<_>>().join(" ") };
        [methods, r.matching.word().to_owned(), r.path.clone(), ways, r.roles.join(" "), r.min_level.to_string()]
    };
    out::line("");
    let rows: Vec<_> = row.rules.iter().map(rule).collect();
    out::table(["methods", "match", "path", "auth", "roles", "level"], &rows, "no endpoints of its own: those of its dialects hold");
    Ok(())
}

async fn remove(room: &Room, name: &str, yes: bool) -> Result<(), Failed> {
    let site = room.site(Some(name)).await?.id;
    if !yes {
        return Err(Failed::Usage(format!(
            "this removes the site `{name}` with its users, tokens and keys for good: say --yes if you mean it"
        )));
    }
    let mark = entry(&room.call(), Some(site), None, "command.site.remove", Ok("granted"), name);
    room.house()
        .work(move |desk| {
            desk.remember(&mark)?;
            desk.remove_site(site)
        })
        .await?;
    out::line(format_args!("site {name}: removed"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_that_is_this_server_is_noticed() {
        let listens: Vec<SocketAddr> = ["0.0.0.0:80", "192.0.2.1:443"].iter().map(|a| a.parse().unwrap()).collect();
        for (url, own) in [
            ("http://127.0.0.1", true),
            ("http://localhost:80/app", true),
            ("http://[::1]:80", true),
            ("https://192.0.2.1", true),
            ("https://127.0.0.1", true),
            ("http://127.0.0.1:9000", false),
            ("https://192.0.2.2", false),
            ("http://app.example", false),
            ("nonsense", false),
        ] {
            assert_eq!(leads_back(url, &listens).is_some(), own, "{url}");
        }
    }
}
