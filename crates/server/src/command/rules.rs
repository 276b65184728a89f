//! `doorward rules`: a site's own rules, edited while the server runs.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::room::{Room, block};
use super::{Common, Failed, out, rules_list};
use crate::bundle::{Endpoint, Problem, RateLimit};
use crate::rules::{self, Editor, Rules as Law, Stopped, read, read_sites};

#[derive(clap::Subcommand)]
pub(super) enum Rules {
    /// The rules of a site, in order
    List {
        #[command(flatten)]
        which: Which,
        /// Those of the site's dialects beside, numbered as `explain` names them
        #[arg(long)]
        all: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a rule
    Add {
        #[command(flatten)]
        which: Which,
        /// Its number [default: behind all others]
        #[arg(long, value_name = "NUMBER")]
        at: Option<usize>,
        #[command(flatten)]
        members: Members,
    },
    /// Change a rule; what is not named stays, lists are replaced
    Set {
        #[command(flatten)]
        which: Which,
        /// The rule's number
        number: usize,
        #[command(flatten)]
        members: Members,
    },
    /// Remove a rule
    Remove {
        #[command(flatten)]
        which: Which,
        /// The rule's number
        number: usize,
    },
    /// Move a rule to another place
    Move {
        #[command(flatten)]
        which: Which,
        /// The rule's number
        number: usize,
        /// Its number afterwards
        to: usize,
    },
    /// Switch a rule on
    Enable {
        #[command(flatten)]
        which: Which,
        /// The rule's number
        number: usize,
    },
    /// Switch a rule off: what it is for is refused
    Disable {
        #[command(flatten)]
        which: Which,
        /// The rule's number
        number: usize,
    },
    /// Can the rules be used? Those of the store, of the watched file, or of a file
    Check {
        /// A file with the rules of one site (--site), or of several by name; - is standard input
        file: Option<PathBuf>,
        /// The site, if the file is of one
        #[arg(long, value_name = "NAME")]
        site: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Replace all rules of a site by those of a file
    Replace {
        #[command(flatten)]
        which: Which,
        /// A list of rules as in a bundle, or what `rules list --json` printed; - is standard input
        file: PathBuf,
    },
}

#[derive(clap::Args)]
pub(super) struct Which {
    /// The site, if there are several
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// Only if the rules are still those with this mark, as `rules list --json` shows it
    #[arg(long, value_name = "ETAG")]
    if_match: Option<String>,
}

#[derive(clap::Args)]
pub(super) struct Members {
    /// The path
    #[arg(long)]
    path: Option<String>,
    /// How it is compared: exact, prefix, pattern
    #[arg(long = "match", value_name = "HOW")]
    matching: Option<String>,
    /// A method; can be repeated [default: all]
    #[arg(long = "method", value_name = "METHOD")]
    methods: Vec<String>,
    /// A host; can be repeated [default: all]
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// A way to prove oneself: none, simple, basic, token, bearer, api_key; can be repeated
    #[arg(long = "auth", value_name = "WAY")]
    auth: Vec<String>,
    /// Each of the ways must be proven
    #[arg(long, value_name = "true|false")]
    all: Option<bool>,
    /// What a bad credential does where nobody need be anybody: refuse, ignore
    #[arg(long, value_name = "WORD")]
    stale: Option<String>,
    /// A role, of which one must be had; can be repeated
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// A scope, all of which must be had; can be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Smallest level
    #[arg(long, value_name = "LEVEL")]
    min_level: Option<u8>,
    /// An address or network from which alone it may be used; can be repeated
    #[arg(long = "ip-allow", value_name = "ADDRESS")]
    ip_allow: Vec<String>,
    /// An address or network from which it may not be used; can be repeated
    #[arg(long = "ip-deny", value_name = "ADDRESS")]
    ip_deny: Vec<String>,
    /// A rate limit, such as address:60/60 (requests per seconds); can be repeated
    #[arg(long = "rate", value_name = "PER:COUNT/SECONDS")]
    rates: Vec<String>,
    /// Whether credentials are removed before the upstream sees the request
    #[arg(long, value_name = "true|false")]
    strip_credential: Option<bool>,
    /// The dialect in whose words it refuses
    #[arg(long, value_name = "DIALECT")]
    answers_as: Option<String>,
    /// Its action's name in the audit
    #[arg(long, value_name = "NAME")]
    action: Option<String>,
}

impl Members {
    /// What they make of a rule.
    fn read(self) -> Result<impl FnOnce(&mut Endpoint) + Send + 'static, Failed> {
        fn put<T>(slot: &mut Vec<T>, given: Vec<T>) {
            if !given.is_empty() {
                *slot = given;
            }
        }
        fn some<T>(slot: &mut Option<T>, given: Option<T>) {
            if given.is_some() {
                *slot = given;
            }
        }
        let rates = self.rates.iter().map(|text| rate(text)).collect::<Result<Vec<_>, _>>()?;
        Ok(move |rule: &mut Endpoint| {
            rule.path = self.path.unwrap_or_else(|| std::mem::take(&mut rule.path));
            rule.all = self.all.unwrap_or(rule.all);
            rule.min_level = self.min_level.unwrap_or(rule.min_level);
            rule.strip_credential = self.strip_credential.unwrap_or(rule.strip_credential);
            some(&mut rule.matching, self.matching);
            some(&mut rule.stale, self.stale);
            some(&mut rule.answers_as, self.answers_as);
            some(&mut rule.action, self.action);
            put(&mut rule.methods, self.methods);
            put(&mut rule.hosts, self.hosts);
            put(&mut rule.auth, self.auth);
            put(&mut rule.roles, self.roles);
            put(&mut rule.scopes, self.scopes);
            put(&mut rule.ip_allow, self.ip_allow);
            put(&mut rule.ip_deny, self.ip_deny);
            put(&mut rule.rate_limits, rates);
        })
    }
}

/// `address:60/60`.
fn rate(text: &str) -> Result<RateLimit, Failed> {
    let parts = || {
        let (per, rest) = text.split_once(':')?;
        let (count, period) = rest.split_once('/')?;
        Some(RateLimit { per: per.into(), count: count.parse().ok()?, period: period.parse().ok()?, ..RateLimit::default() })
    };
    parts().ok_or_else(|| Failed::Usage(format!("`{text}` is no rate limit such as address:60/60")))
}

impl From<Stopped> for Failed {
    fn from(stopped: Stopped) -> Self {
        Self::Said(stopped.to_string())
    }
}

impl Rules {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        block(async {
            let room = Room::open(common).await?;
            match self {
                Self::List { which, all, json } => rules_list::list(&room, which.site.as_deref(), all, json).await,
                Self::Add { which, at, members } => {
                    let mut rule = Endpoint::default();
                    members.read()?(&mut rule);
                    change(&room, which, "command.rules.add", move |rules| {
                        let at = at.unwrap_or(rules.len() + 1);
                        place(at, rules.len() + 1)?;
                        rules.insert(at - 1, rule);
                        Ok(())
                    })
                    .await
                }
                Self::Set { which, number, members } => {
                    // A rate that cannot be read is a mistyped flag: said before anything is opened for writing.
                    let change_of = members.read()?;
                    change(&room, which, "command.rules.set", move |rules| {
                        change_of(one(rules, number)?);
                        Ok(())
                    })
                    .await
                }
                Self::Remove { which, number } => {
                    change(&room, which, "command.rules.remove", move |rules| {
                        one(rules, number)?;
                        rules.remove(number - 1);
                        Ok(())
                    })
                    .await
                }
                Self::Move { which, number, to } => {
                    change(&room, which, "command.rules.move", move |rules| {
                        one(rules, number)?;
                        place(to, rules.len())?;
                        let rule = rules.remove(number - 1);
                        rules.insert(to - 1, rule);
                        Ok(())
                    })
                    .await
                }
                Self::Enable { which, number } => switch(&room, which, number, true).await,
                Self::Disable { which, number } => switch(&room, which, number, false).await,
                Self::Check { file, site, json } => check(&room, common, file.as_deref(), site.as_deref(), json).await,
                Self::Replace { which, file } => {
                    let wanted = read(&text(&file)?).map_err(|p| Failed::Said(format!("{}: {p}", file.display())))?;
                    change(&room, which, "command.rules.replace", move |rules| {
                        *rules = wanted;
                        Ok(())
                    })
                    .await
                }
            }
        })
    }
}

async fn switch(room: &Room, which: Which, number: usize, on: bool) -> Result<(), Failed> {
    let action = if on { "command.rules.enable" } else { "command.rules.disable" };
    change(room, which, action, move |rules| {
        one(rules, number)?.enabled = (!on).then_some(false);
        Ok(())
    })
    .await
}

async fn change(
    room: &Room,
    which: Which,
    action: &'static str,
    how: impl FnOnce(&mut Vec<Endpoint>) -> Result<(), Problem> + Send + 'static,
) -> Result<(), Failed> {
    let name = room.site(which.site.as_deref()).await?.name;
    let call = room.call();
    let editor = Editor { call: &call, account: None, action, seen: which.if_match };
    let rules = rules::edit(room.house(), &name, editor, how).await?;
    rules.warnings.iter().for_each(|text| out::warn(text));
    out::line(format_args!("site {name}: {} rules, mark {}", rules.endpoints.len(), rules.mark()));
    Ok(())
}

fn one(rules: &mut [Endpoint], number: usize) -> Result<&mut Endpoint, Problem> {
    place(number, rules.len())?;
    rules.get_mut(number - 1).ok_or_else(|| Problem::at(format!("rule {number}"), "is not there"))
}

fn place(number: usize, last: usize) -> Result<(), Problem> {
    match (number, last) {
        (_, 0) => Err(Problem::at(format!("rule {number}"), "is not there: the site has no rules of its own")),
        (number, last) if (1..=last).contains(&number) => Ok(()),
        (_, last) => Err(Problem::at(format!("rule {number}"), format!("is not there: rules are numbered from 1 to {last}"))),
    }
}

async fn check(room: &Room, common: &Common, file: Option<&Path>, site: Option<&str>, json: bool) -> Result<(), Failed> {
    let watched = common.settings()?.rules.file;
    let (mut problems, mut warnings): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut note = |place: Option<String>, checked: Result<Vec<String>, String>| match checked {
        Ok(told) => warnings.extend(told),
        Err(problem) => problems.push(place.map_or_else(|| problem.clone(), |place| format!("{place}: {problem}"))),
    };
    match (file, site) {
        (Some(path), Some(site)) => match read(&text(path)?) {
            Ok(endpoints) => {
                let rules = Law { site: site.to_owned(), endpoints, warnings: Vec::new() };
                let checked = rules::check(room.house(), vec![rules], Some("endpoints")).await;
                note(Some(path.display().to_string()), checked.map_err(|stopped| stopped.to_string()));
            }
            Err(problem) => note(Some(path.display().to_string()), Err(problem.to_string())),
        },
        (Some(path), None) => note(None, of_sites(room, path).await?),
        (None, _) => {
            let rows = room.house().look(|desk| desk.sites()).await?;
            for row in rows.iter().filter(|row| site.is_none_or(|name| name == row.name)) {
                let checked = rules::check(room.house(), vec![Law::of(row)], Some("endpoints")).await;
                note(Some(format!("site {}", row.name)), checked.map_err(|stopped| stopped.to_string()));
            }
            if let Some(path) = &watched {
                note(None, of_sites(room, path).await?);
            }
        }
    }
    if json {
        out::json(&json!({"good": problems.is_empty(), "problems": problems, "warnings": warnings}));
    } else {
        warnings.iter().for_each(|text| out::warn(text));
    }
    match problems.first() {
        None if !json => out::line("the rules can be used"),
        None => {}
        Some(_) if json => return Err(Failed::said("the rules cannot be used")),
        Some(_) => return Err(Failed::Said(problems.join("\n"))),
    }
    Ok(())
}

async fn of_sites(room: &Room, path: &Path) -> Result<Result<Vec<String>, String>, Failed> {
    let here = |problem: &dyn std::fmt::Display| format!("{}: {problem}", path.display());
    Ok(match text(path) {
        Err(Failed::Said(sentence) | Failed::Usage(sentence)) => Err(sentence),
        Ok(text) => match read_sites(&text) {
            Ok(all) => rules::check(room.house(), all, None).await.map_err(|stopped| here(&stopped)),
            Err(problem) => Err(here(&problem)),
        },
    })
}

fn text(file: &Path) -> Result<String, Failed> {
    let read = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    read.map_err(|e| Failed::Said(format!("{} cannot be read: {e}", file.display())))
}
