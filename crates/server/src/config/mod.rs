//! The configuration: one table of keys in sections; from defaults, file, environment and flags, in this order.
//!
//! Reading order:
//! - [`key`](self): what a setting is, and where a value came from;
//! - one file per section: `server`, `tls`, `acme`, `console`, `proxy`, `data`, `hash`, `limits`, `rules`, `log`, `audit`, `mail`;
//! - `file`: the TOML file; [`Sources`]: everything that may set something;
//! - [`mod@reference`]: what is told of settings.

mod acme;
mod audit;
mod console;
mod data;
mod file;
mod hash;
mod key;
mod limits;
mod log;
mod mail;
mod proxy;
pub mod reference;
mod rules;
mod server;
#[cfg(test)]
mod tests;
mod tls;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use doorward_core::secret::Secret;

pub use audit::Audit;
pub use console::Console;
pub use data::{Data, without_password};
pub use hash::Hash;
pub use key::{Key, Kind, Origin, did_you_mean, suggest};
pub use limits::Limits;
pub use log::Log;
pub use mail::MailSettings;
pub use rules::Rules;
pub use server::Server;
pub use tls::Tls;

/// The variable that names the file.
pub const CONFIG_VARIABLE: &str = "DOORWARD_CONFIG";
/// The variable that holds the master key itself.
pub const MASTER_KEY_VARIABLE: &str = "DOORWARD_MASTER_KEY";
/// The file that is read if nobody names one.
pub const DEFAULT_FILE: &str = "doorward.toml";

const TABLE: &[&[Key]] = &[
    server::KEYS,
    tls::KEYS,
    acme::KEYS,
    console::KEYS,
    proxy::KEYS,
    data::KEYS,
    hash::KEYS,
    limits::KEYS,
    rules::KEYS,
    log::KEYS,
    audit::KEYS,
    mail::KEYS,
];

/// All settings, in the order of the documentation.
pub fn keys() -> impl Iterator<Item = &'static Key> {
    TABLE.iter().flat_map(|section| section.iter())
}

/// The setting of a name.
#[must_use]
pub fn key(name: &str) -> Option<&'static Key> {
    keys().find(|k| k.name == name)
}

/// The sections, in order.
pub fn sections() -> impl Iterator<Item = &'static str> {
    TABLE.iter().filter_map(|section| section.first()).map(Key::section)
}

/// What is wrong with the configuration: where, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    place: String,
    text: String,
}

impl Problem {
    /// A problem at a place.
    pub fn new(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self { place: place.into(), text: text.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

impl std::error::Error for Problem {}

/// Everything that may set something.
#[derive(Clone, Default)]
pub struct Sources {
    /// The file that `--config` names.
    pub config: Option<PathBuf>,
    /// The directory in which the default file is looked for; `None` = no default file.
    pub working_dir: Option<PathBuf>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// Flags: key, value, and the flag's name.
    pub flags: Vec<(&'static str, String, String)>,
}

impl Sources {
    /// The process's environment and working directory, without flags.
    #[must_use]
    pub fn process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        let environment = std::env::vars_os().filter_map(text).filter(|(name, _)| name.starts_with("DOORWARD_")).collect();
        Self { config: None, working_dir: Some(PathBuf::new()), environment, flags: Vec::new() }
    }

    /// Adds `KEY=VALUE` from a flag.
    ///
    /// # Errors
    /// If it has not this form, or there is no such key.
    pub fn set(&mut self, pair: &str) -> Result<(), Problem> {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Problem::new("--set", "must be KEY=VALUE, such as limits.per_account=20"));
        };
        let Some(key) = key(name.trim()) else {
            return Err(Problem::new("--set", format!("`{name}` is no setting{}", did_you_mean(name, keys().map(|k| k.name)))));
        };
        self.flags.push((key.name, value.to_owned(), format!("--set {}", key.name)));
        Ok(())
    }
}

/// Every setting's value as text, and where it came from. No `Debug`: one of them may hold a password.
#[derive(Clone)]
pub struct Values(BTreeMap<&'static str, (String, Origin)>);

impl Values {
    fn get(&self, name: &str) -> (&str, &Origin) {
        self.0.get(name).map_or(("", &Origin::Default), |(text, origin)| (text, origin))
    }

    fn parse<T>(&self, name: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Result<T, Problem> {
        let (text, origin) = self.get(name);
        read(text.trim()).map_err(|problem| Problem::new(format!("{name} ({origin})"), problem))
    }

    fn number<T: TryFrom<i64>>(&self, name: &str) -> Result<T, Problem> {
        self.parse(name, |text| {
            let Some(Key { kind: Kind::Number(least, most), .. }) = key(name) else { return Err("is no number".to_owned()) };
            let number: Option<i64> = text.parse().ok().filter(|n| (least..=most).contains(&n));
            let number = number.and_then(|n| T::try_from(n).ok());
            number.ok_or_else(|| format!("`{text}` is no whole number from {least} to {most}"))
        })
    }

    fn word(&self, name: &str, words: &[&'static str]) -> Result<&'static str, Problem> {
        self.parse(name, |text| {
            let found = words.iter().find(|word| **word == text);
            found.copied().ok_or_else(|| format!("`{text}` is none of {}{}", words.join(", "), did_you_mean(text, words.iter().copied())))
        })
    }
}

/// The settings, checked.
#[derive(Clone)]
pub struct Settings {
    /// `[server]`.
    pub server: Server,
    /// `[tls]`.
    pub tls: Tls,
    /// `[acme]`; `None` = off.
    pub acme: Option<crate::acme::Terms>,
    /// `[console]`.
    pub console: Console,
    /// `[proxy]`.
    pub proxy: doorward_gateway::proxy::terms::Terms,
    /// `[data]`.
    pub data: Data,
    /// `[hash]`.
    pub hash: Hash,
    /// `[limits]`.
    pub limits: Limits,
    /// `[rules]`.
    pub rules: Rules,
    /// `[log]`.
    pub log: Log,
    /// `[audit]`.
    pub audit: Audit,
    /// `[mail]`.
    pub mail: MailSettings,
    /// The master key's text, if the environment brings it.
    pub master_key: Option<Secret>,
    /// What looks like a mistake and hinders nothing.
    pub warnings: Vec<String>,
    values: Values,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Settings(…)")
    }
}

impl Settings {
    /// Reads all sources.
    ///
    /// # Errors
    /// The first thing that cannot be used, with its place.
    pub fn load(sources: &Sources) -> Result<Self, Problem> {
        let mut values = Values(keys().map(|k| (k.name, (k.default.to_owned(), Origin::Default))).collect());
        if let Some((path, text)) = file_text(sources)? {
            for (name, value, origin) in file::read(&path.display().to_string(), &text)? {
                values.0.insert(name, (value, origin));
            }
        }
        for key in keys() {
            if let Some(value) = sources.environment.get(key.env) {
                values.0.insert(key.name, (value.clone(), Origin::Environment(key.env)));
            }
        }
        for (name, value, flag) in &sources.flags {
            values.0.insert(name, (value.clone(), Origin::Flag(flag.clone())));
        }
        Ok(Self {
            server: Server::read(&values)?,
            tls: Tls::read(&values)?,
            acme: acme::read(&values)?,
            console: Console::read(&values)?,
            proxy: proxy::read(&values)?,
            data: Data::read(&values)?,
            hash: Hash::read(&values)?,
            limits: Limits::read(&values)?,
            rules: Rules::read(&values)?,
            log: Log::read(&values)?,
            audit: Audit::read(&values)?,
            mail: MailSettings::read(&values)?,
            master_key: sources.environment.get(MASTER_KEY_VARIABLE).filter(|t| !t.is_empty()).map(|t| Secret::new(t.as_bytes())),
            warnings: strange_variables(sources),
            values,
        })
    }

    /// A setting's value as text. Of a database URL, only [`without_password`] may be shown.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).0
    }

    /// Where a setting's value came from.
    #[must_use]
    pub fn origin(&self, name: &str) -> &Origin {
        self.values.get(name).1
    }
}

fn file_text(sources: &Sources) -> Result<Option<(PathBuf, String)>, Problem> {
    let named = sources.config.clone().or_else(|| sources.environment.get(CONFIG_VARIABLE).filter(|t| !t.is_empty()).map(PathBuf::from));
    let unreadable = |path: &Path, e: &std::io::Error| Problem::new(path.display().to_string(), format!("cannot be read: {e}"));
    if let Some(path) = named {
        let text = std::fs::read_to_string(&path).map_err(|e| unreadable(&path, &e))?;
        return Ok(Some((path, text)));
    }
    let Some(path) = sources.working_dir.as_ref().map(|dir| dir.join(DEFAULT_FILE)) else { return Ok(None) };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(unreadable(&path, &e)),
    }
}

/// Variables that look like a mistyped setting. They are only warned of: orchestrators put variables of their own there.
fn strange_variables(sources: &Sources) -> Vec<String> {
    let known = || keys().map(|k| k.env).chain([CONFIG_VARIABLE, MASTER_KEY_VARIABLE]);
    let strange = |name: &String| !known().any(|k| k == name);
    let near = |name: &str| known().find(|k| strsim::damerau_levenshtein(name, k) <= 2);
    let warn = |name: &String| near(name).map(|near| format!("{name} is no setting and was ignored; did you mean {near}?"));
    sources.environment.keys().filter(|name| strange(name)).filter_map(warn).collect()
}
