//! `[data]`: where things are kept, and what seals them.

use std::path::PathBuf;

use super::key::{Key, Kind};
use super::{Problem, Values};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "data.dir",
        env: "DOORWARD_DATA",
        flag: Some("--data"),
        kind: Kind::Path,
        default: "./data",
        about: "The data directory: the SQLite file and the master key. It is made, for its owner alone, if it is not there. \
                Copy it while the server is stopped, and you have copied the server.",
    },
    Key {
        name: "data.database",
        env: "DOORWARD_DATABASE",
        flag: Some("--database"),
        kind: Kind::DatabaseUrl,
        default: "",
        about: "Empty = one SQLite file in the data directory, which serves one machine. A URL such as \
                postgres://doorward@db.internal/doorward keeps everything in PostgreSQL instead, so that several servers share \
                it; each of them needs the same master key. Prefer the environment to a flag if the URL holds a password: \
                flags are visible to other users of the machine.",
    },
    Key {
        name: "data.master_key_file",
        env: "DOORWARD_MASTER_KEY_FILE",
        flag: None,
        kind: Kind::Path,
        default: "",
        about: "The file with the master key, which seals signing keys, TOTP secrets and settings before they are stored: 32 \
                bytes, raw, in hex or in base64, readable by its owner alone. Empty = master.key in the data directory, made at \
                the first start. The variable DOORWARD_MASTER_KEY, in hex or base64, takes the place of the file. Without this \
                key a backup cannot be used: keep a copy of it, and not beside the backup.",
    },
];

/// The section's values. No `Debug`: the URL may hold a password.
#[derive(Clone)]
pub struct Data {
    /// The data directory.
    pub dir: PathBuf,
    /// The URL of a PostgreSQL database; `None` = SQLite in the data directory.
    pub database: Option<String>,
    /// The file with the master key.
    pub master_key_file: PathBuf,
}

impl Data {
    pub(super) fn read(values: &Values) -> Result<Self, Problem> {
        let dir = values.parse("data.dir", |text| {
            if text.is_empty() { Err("the data directory cannot be nothing".to_owned()) } else { Ok(PathBuf::from(text)) }
        })?;
        let database = values.parse("data.database", |text| match text {
            "" => Ok(None),
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => Ok(Some(url.to_owned())),
            // What was given is not repeated: it may hold a password.
            _ => Err("must be a URL that begins with postgres://, or empty for SQLite".to_owned()),
        })?;
        let file = values.parse("data.master_key_file", |text| Ok(PathBuf::from(text)))?;
        let master_key_file = if file.as_os_str().is_empty() { dir.join("master.key") } else { file };
        Ok(Self { dir, database, master_key_file })
    }
}

/// A database URL without its password.
#[must_use]
pub fn without_password(url: &str) -> String {
    const HIDDEN: &str = "…";
    let Some((scheme, rest)) = url.split_once("://") else {
        return if url.is_empty() { String::new() } else { HIDDEN.into() };
    };
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    // The last @ ends the user's part: passwords are often pasted without being encoded.
    let place = match place.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((name, _)) => format!("{name}:{HIDDEN}@{host}"),
            None => format!("{user}@{host}"),
        },
        None => place.to_owned(),
    };
    let query = query.map_or_else(String::new, |query| {
        let parts: Vec<String> = query
            .split('&')
            .map(|part| match part.split_once('=') {
                Some((name, _)) if name.to_ascii_lowercase().contains("password") => format!("{name}={HIDDEN}"),
                Some(_) | None => part.to_owned(),
            })
            .collect();
        format!("?{}", parts.join("&"))
    });
    format!("{scheme}://{place}{query}")
}
