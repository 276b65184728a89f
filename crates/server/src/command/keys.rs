//! `doorward keys`: the signing keys of a site.

use std::io::Read;
use std::path::PathBuf;

use doorward_core::call::Time;
use doorward_core::flow::keys as flow;
use doorward_core::house::entry;
use doorward_core::port::store::{KeyRow, SiteRow};
use doorward_core::secret::Secret;
use doorward_core::token::{Algorithm, KeyId, KeyMaterial};
use serde_json::{Value, json};

use super::room::{Room, block};
use super::{Common, Failed, out};
use crate::bundle::keys::{FROM_SETTINGS, sealed};
use crate::config::did_you_mean;

/// Longest key document that is read, in bytes.
const LIMIT: u64 = 64 * 1024;

#[derive(clap::Subcommand)]
pub(super) enum Keys {
    /// The keys of a site: which sign, which only verify
    List {
        #[command(flatten)]
        which: Which,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a new key that signs from now on; the old one verifies until it is removed
    Rotate {
        #[command(flatten)]
        of: Of,
        /// HS256, HS384, HS512, RS256, RS384, RS512, ES256 or EdDSA [default: that of the key before]
        #[arg(long)]
        algorithm: Option<String>,
    },
    /// Let a key only verify
    Retire {
        #[command(flatten)]
        of: Of,
        /// The key's id
        kid: String,
    },
    /// Remove a key: what it signed is refused from now on
    Remove {
        #[command(flatten)]
        of: Of,
        /// The key's id
        kid: String,
    },
    /// Take a key over from elsewhere; it signs from now on, unless --retired
    Import {
        #[command(flatten)]
        of: Of,
        /// The key's id
        #[arg(long)]
        kid: String,
        /// HS256, HS384, HS512, RS256, RS384, RS512, ES256 or EdDSA
        #[arg(long)]
        algorithm: String,
        /// It only verifies
        #[arg(long)]
        retired: bool,
        /// The file with the secret, or with a private key in PEM or DER; - is standard input
        file: PathBuf,
    },
    /// The public keys of a site as JWK set (RFC 7517)
    Jwks(Which),
}

#[derive(clap::Args)]
pub(super) struct Which {
    /// The site, if there are several
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// Of this dialect alone
    #[arg(long, value_name = "DIALECT")]
    dialect: Option<String>,
}

#[derive(clap::Args)]
pub(super) struct Of {
    /// The site, if there are several
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// The dialect whose tokens it signs
    #[arg(long, value_name = "DIALECT")]
    dialect: String,
}

impl Keys {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        block(async {
            let room = Room::open(common).await?;
            match self {
                Self::List { which, json } => list(&room, &which, json).await,
                Self::Rotate { of, algorithm } => rotate(&room, &of, algorithm.as_deref()).await,
                Self::Retire { of, kid } => retire(&room, &of, kid).await,
                Self::Remove { of, kid } => remove(&room, &of, kid).await,
                Self::Import { of, kid, algorithm, retired, file } => import(&room, &of, kid, &algorithm, retired, &file).await,
                Self::Jwks(which) => jwks(&room, &which).await,
            }
        })
    }
}

/// A site, and its keys of one language.
struct Ring {
    site: SiteRow,
    keys: Vec<KeyRow>,
}

impl Ring {
    async fn of(room: &Room, of: &Of) -> Result<Self, Failed> {
        let site = room.site(of.site.as_deref()).await?;
        let spoken: Vec<&str> = site.dialects.iter().map(|d| d.dialect.as_str()).collect();
        if !spoken.contains(&of.dialect.as_str()) {
            return Err(Failed::Said(format!("the site does not speak `{}`{}", of.dialect, did_you_mean(&of.dialect, spoken))));
        }
        let (id, dialect) = (site.id, of.dialect.clone());
        let keys = room.house().look(move |desk| desk.keys(id)).await?.into_iter().filter(|k| k.dialect == dialect).collect();
        Ok(Self { site, keys })
    }

    /// Refuses where the language's settings carry the key: it is changed there.
    fn not_from_settings(&self) -> Result<(), Failed> {
        if self.live().any(|k| k.kid == FROM_SETTINGS) {
            let text = "the key that signs is in the dialect's settings: change it there (in the bundle) and import again";
            return Err(Failed::said(text));
        }
        Ok(())
    }

    fn live(&self) -> impl Iterator<Item = &KeyRow> {
        self.keys.iter().filter(|k| k.retired.is_none())
    }

    fn find(&self, kid: &str) -> Result<&KeyRow, Failed> {
        let known = || self.keys.iter().map(|k| k.kid.as_str());
        self.keys
            .iter()
            .find(|k| k.kid == kid)
            .ok_or_else(|| Failed::Said(format!("there is no key `{kid}`{}", did_you_mean(kid, known()))))
    }

    fn is_last(&self, kid: &str) -> bool {
        self.live().all(|k| k.kid == kid)
    }
}

fn algorithm(name: &str) -> Result<Algorithm, Failed> {
    let names = Algorithm::ALL.map(Algorithm::name);
    Algorithm::parse(name).ok_or_else(|| Failed::Usage(format!("`{name}` is none of {}{}", names.join(", "), did_you_mean(name, names))))
}

/// Writes keys and remembers it. The site must be usable with them.
async fn write(room: &Room, ring: &Ring, rows: Vec<KeyRow>, action: &'static str, kid: &str) -> Result<(), Failed> {
    let mark = entry(&room.call(), Some(ring.site.id), None, action, Ok("granted"), kid);
    let (house, site) = (room.house().clone(), ring.site.clone());
    room.house()
        .work(move |desk| {
            rows.iter().try_for_each(|row| desk.put_key(row))?;
            let keys = desk.keys(site.id)?;
            house.try_site(site, keys).map_err(doorward_core::refusal::Fault::new)?;
            desk.remember(&mark)
        })
        .await?;
    Ok(())
}

/// The live keys, retired.
fn retired(ring: &Ring, now: Time) -> impl Iterator<Item = KeyRow> {
    ring.live().map(move |k| KeyRow { retired: Some(now), ..k.clone() })
}

async fn rotate(room: &Room, of: &Of, wanted: Option<&str>) -> Result<(), Failed> {
    let ring = Ring::of(room, of).await?;
    let wanted = wanted.map(algorithm).transpose()?;
    let which = flow::Of { site: ring.site.id, dialect: of.dialect.clone() };
    let key = flow::rotate(room.house(), &mut room.call(), which, wanted, "command.keys.rotate").await?.map_err(|kept| said(kept, ""))?;
    out::line(format_args!("{} ({}) signs from now on; older tokens stay good until their key is removed", key.kid, key.algorithm));
    Ok(())
}

fn said(kept: flow::Kept, kid: &str) -> Failed {
    match kept {
        flow::Kept::NoDialect => Failed::said("the site does not speak this dialect"),
        flow::Kept::NoKey => Failed::Said(format!("there is no key `{kid}`")),
        flow::Kept::Signs => Failed::said("it is the only key that signs: `doorward keys rotate` makes the next one"),
        flow::Kept::InSettings => {
            Failed::said("the key that signs is in the dialect's settings: change it there (in the bundle) and import again")
        }
    }
}

async fn retire(room: &Room, of: &Of, kid: String) -> Result<(), Failed> {
    let ring = Ring::of(room, of).await?;
    let key = ring.find(&kid)?.clone();
    if ring.is_last(&kid) {
        return Err(Failed::said("it is the only key that signs: `doorward keys rotate` makes the next one"));
    }
    ring.not_from_settings()?;
    let key = KeyRow { retired: key.retired.or(Some(room.call().now)), ..key };
    write(room, &ring, vec![key], "command.keys.retire", &kid).await?;
    out::line(format_args!("{kid}: verifies, and signs no more"));
    Ok(())
}

async fn remove(room: &Room, of: &Of, kid: String) -> Result<(), Failed> {
    let ring = Ring::of(room, of).await?;
    ring.find(&kid)?;
    let which = flow::Of { site: ring.site.id, dialect: of.dialect.clone() };
    let removed = flow::remove(room.house(), &room.call(), which, kid.clone(), "command.keys.remove").await?;
    removed.map_err(|kept| said(kept, &kid))?;
    out::line(format_args!("{kid}: removed, what it signed is refused"));
    Ok(())
}

async fn import(room: &Room, of: &Of, kid: String, name: &str, only_verifies: bool, file: &std::path::Path) -> Result<(), Failed> {
    let ring = Ring::of(room, of).await?;
    let algorithm = algorithm(name)?;
    if !only_verifies {
        ring.not_from_settings()?;
    }
    if KeyId::parse(&kid).is_none() || kid == FROM_SETTINGS {
        return Err(Failed::Usage("a key id is 1 to 128 letters, digits and .-_~: and not `settings`".into()));
    }
    if ring.keys.iter().any(|k| k.kid == kid) {
        return Err(Failed::Said(format!("there is a key `{kid}` already")));
    }
    let octets = read(file)?;
    // A line end that an editor put behind a secret is no part of it; binary keys have none.
    let octets = octets.strip_suffix(b"\n").unwrap_or(&octets);
    let material = KeyMaterial::new(algorithm, &Secret::new(octets)).map_err(|p| Failed::Said(p.to_string()))?;
    if material.is_weak() {
        out::warn("the secret is shorter than its algorithm asks for; tokens are only as strong as it is");
    }
    let mut call = room.call();
    let key = sealed(room.house(), ring.site.id, &of.dialect, &kid, &material, call.now, call.dice.as_mut())?;
    let rows =
        if only_verifies { vec![KeyRow { retired: Some(call.now), ..key }] } else { retired(&ring, call.now).chain([key]).collect() };
    write(room, &ring, rows, "command.keys.import", &kid).await?;
    out::line(format_args!("{kid} ({algorithm}): {}", if only_verifies { "verifies" } else { "signs from now on" }));
    Ok(())
}

fn read(file: &std::path::Path) -> Result<zeroize::Zeroizing<Vec<u8>>, Failed> {
    let problem = |e: std::io::Error| Failed::Said(format!("{} cannot be read: {e}", file.display()));
    let mut octets = zeroize::Zeroizing::new(Vec::new());
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(LIMIT).read_to_end(&mut octets).map_err(problem)?;
    } else {
        std::fs::File::open(file).and_then(|f| f.take(LIMIT).read_to_end(&mut octets)).map_err(problem)?;
    }
    Ok(octets)
}

async fn list(room: &Room, which: &Which, json: bool) -> Result<(), Failed> {
    let site = room.site(which.site.as_deref()).await?.id;
    let mut keys = room.house().look(move |desk| desk.keys(site)).await?;
    keys.retain(|k| which.dialect.as_ref().is_none_or(|d| *d == k.dialect));
    keys.sort_by(|a, b| a.dialect.cmp(&b.dialect));
    // Newest first, so the first live one of a language signs.
    let signs = |k: &KeyRow| keys.iter().find(|o| o.dialect == k.dialect && o.retired.is_none()).is_some_and(|o| o.kid == k.kid);
    if json {
        let object = |k: &KeyRow| json!({"dialect": k.dialect, "kid": k.kid, "algorithm": k.algorithm.name(), "created": k.created.iso(), "retired": k.retired.map(Time::iso), "signs": signs(k)});
        out::json(&keys.iter().map(object).collect::<Value>());
        return Ok(());
    }
    let row = |k: &KeyRow| {
        [k.dialect.clone(), k.kid.clone(), k.algorithm.to_string(), k.created.iso(), if signs(k) { "signs" } else { "verifies" }.to_owned()]
    };
    let rows: Vec<_> = keys.iter().map(row).collect();
    out::table(["dialect", "kid", "algorithm", "made", "use"], &rows, "no keys yet: they come with the first dialect");
    Ok(())
}

async fn jwks(room: &Room, which: &Which) -> Result<(), Failed> {
    let site = room.site(which.site.as_deref()).await?;
    let directory = room.house().directory();
    let Some(view) = directory.by_id(site.id) else {
        return Err(Failed::Said(format!("the site cannot be used: {}", room.opened.problems.join("; "))));
    };
    let spoken = view.dialects().filter(|d| which.dialect.as_ref().is_none_or(|n| n == d.profile.name()));
    let keys: Vec<Value> = spoken.flat_map(|d| d.ring.jwks()["keys"].as_array().cloned().unwrap_or_default()).collect();
    out::json(&json!({ "keys": keys }));
    Ok(())
}
