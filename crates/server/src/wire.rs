//! The wiring: from settings to an open house. The one place that chooses a store.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use doorward_core::house::{House, Terms};
use doorward_core::port::store::{self, Store};
use doorward_core::refusal::Fault;
use doorward_core::secret::Secret;
use doorward_core::vault::{KEY_LENGTH, Vault};
use doorward_store_postgres::PostgresStore;
use doorward_store_sqlite::SqliteStore;
use doorward_web::{Dialect, Source};

use crate::adapter::fetcher::Wires;
use crate::adapter::hasher::{DiceFactory, HashPool};
use crate::adapter::mailer::Postbox;
use crate::config::{Data, Settings};
use crate::source::ClockOf;

/// The name of the SQLite file in the data directory.
pub const DATABASE_FILE: &str = "doorward.sqlite";
/// Longest master key file that is read, in bytes: hex of 32 bytes with room for a line end.
const KEY_FILE_LIMIT: u64 = 256;

/// An open house, and what a server needs beside it.
pub struct Opened {
    /// The house, its sites loaded.
    pub house: Arc<House>,
    /// The languages.
    pub dialects: Vec<Arc<dyn Dialect>>,
    /// The hash threads.
    pub hasher: Arc<HashPool>,
    /// Time and randomness.
    pub source: Arc<dyn Source>,
    /// What is wrong with sites that could not be loaded.
    pub problems: Vec<String>,
}

/// Opens the house that the settings describe: makes the data directory and the master key if there are none, opens the
/// store, starts the hash threads, and loads sites and revoked tokens.
///
/// # Errors
/// With one sentence that says what is in the way.
pub async fn open(settings: &Settings, source: &Arc<dyn Source>) -> Result<Opened, Fault> {
    let data = &settings.data;
    make_dir(&data.dir)?;
    let found = match &settings.master_key {
        Some(text) => Some(key_from_environment(text)?),
        None => read_key(&data.master_key_file)?,
    };
    let store = open_store(data)?;
    let master = match found {
        Some(master) => master,
        None => first_key(store.as_ref(), &data.master_key_file, source.as_ref()).await?,
    };
    let hasher = Arc::new(hash_pool(settings, source)?);
    let dialects = doorward_dialects::all();
    let profiles = dialects.iter().map(|d| d.profile()).collect();
    let memory_key = Secret::new(source.dice().as_mut().bytes::<32>());
    let hashes: Arc<dyn doorward_core::port::hasher::Hasher> = hasher.clone();
    let mut terms = Terms::new(store, hashes, Vault::new(&master)?, profiles, memory_key);
    terms.limits = settings.limits.attempts;
    terms.retry_window = settings.limits.retry_window;
    terms.mailer = settings.mail.url.as_ref().map(|url| Postbox::open(url, &settings.mail.from)).transpose()?;
    terms.fetcher = Some(Arc::new(Wires::new(None)));
    terms.clock = Some(Arc::new(ClockOf(Arc::clone(source))));
    terms.own_hosts = settings.console.address(settings.console.listen).map(|url| url.own_host().to_owned()).into_iter().collect();
    let house = Arc::new(House::new(terms));
    try_key(&house).await?;
    let problems = house.reload().await?;
    house.recall_revoked(source.now()).await?;
    Ok(Opened { house, dialects, hasher, source: Arc::clone(source), problems })
}

fn open_store(data: &Data) -> Result<Arc<dyn Store>, Fault> {
    Ok(match &data.database {
        Some(url) => Arc::new(PostgresStore::connect(url)?),
        None => Arc::new(SqliteStore::open(&data.dir.join(DATABASE_FILE))?),
    })
}

fn hash_pool(settings: &Settings, source: &Arc<dyn Source>) -> Result<HashPool, Fault> {
    let source = Arc::clone(source);
    let dice: DiceFactory = Box::new(move || source.dice());
    HashPool::new(settings.hash.threads, settings.hash.queue, &dice).map_err(|e| Fault::new(format!("no thread for hashing: {e}")))
}

/// The data directory, made for its owner alone.
fn make_dir(dir: &Path) -> Result<(), Fault> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|e| Fault::new(format!("the data directory {} cannot be made: {e}", dir.display())))
}

fn key_from_environment(text: &Secret) -> Result<Secret, Fault> {
    let key = text.reveal_text().and_then(|text| decode_key(text.as_bytes()));
    key.ok_or_else(|| Fault::new(format!("{} must be 32 bytes in hex or base64", crate::config::MASTER_KEY_VARIABLE)))
}

/// Reads the master key file; `None` if there is none.
fn read_key(path: &Path) -> Result<Option<Secret>, Fault> {
    let problem = |what: &dyn std::fmt::Display| Fault::new(format!("the master key file {} {what}", path.display()));
    let mut file = match fs::File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(problem(&format_args!("cannot be read: {e}"))),
    };
    let about = file.metadata().map_err(|e| problem(&format_args!("cannot be read: {e}")))?;
    if !about.is_file() {
        return Err(problem(&"is no file"));
    }
    if about.mode() & 0o077 != 0 {
        return Err(problem(&"can be read by others: run chmod 600 on it, and consider whether somebody has"));
    }
    let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(usize::try_from(KEY_FILE_LIMIT).unwrap_or_default()));
    Read::by_ref(&mut file).take(KEY_FILE_LIMIT).read_to_end(&mut bytes).map_err(|e| problem(&format_args!("cannot be read: {e}")))?;
    decode_key(&bytes).map(Some).ok_or_else(|| problem(&"must hold 32 bytes: raw, in hex or in base64"))
}

/// Thirty-two bytes: raw, in hex, or in base64. Thirty-two printable letters are half a key in hex, or a pass phrase.
fn decode_key(bytes: &[u8]) -> Option<Secret> {
    if bytes.len() == KEY_LENGTH && !bytes.iter().all(u8::is_ascii_graphic) {
        return Some(Secret::new(bytes));
    }
    let text = bytes.trim_ascii();
    let decoded = match text.len() {
        64 => HEXLOWER_PERMISSIVE.decode(text),
        44 => BASE64.decode(text),
        43 => BASE64_NOPAD.decode(text),
        _ => return None,
    };
    decoded.ok().filter(|key| key.len() == KEY_LENGTH).map(Secret::new)
}

/// Makes the master key, unless the store already holds what another one sealed.
async fn first_key(store: &dyn Store, path: &Path, source: &dyn Source) -> Result<Secret, Fault> {
    if !store::look(store, |desk| desk.sites()).await?.is_empty() {
        return Err(Fault::new(format!(
            "the store is in use but its master key {} is missing: put it back, or name its place with data.master_key_file",
            path.display()
        )));
    }
    let mut dice = source.dice();
    let key = Secret::new(dice.as_mut().bytes::<KEY_LENGTH>());
    let own_name = HEXLOWER.encode(&dice.as_mut().bytes::<4>());
    write_key(path, &key, &own_name).map_err(|e| Fault::new(format!("the master key file {} cannot be made: {e}", path.display())))?;
    // Another process may have been quicker: what is there counts.
    read_key(path)?.ok_or_else(|| Fault::new(format!("the master key file {} vanished", path.display())))
}

/// Writes the whole key beside its place and links it in: nobody ever reads half of it, and an older key is never replaced.
fn write_key(path: &Path, key: &Secret, own_name: &str) -> std::io::Result<()> {
    let beside = path.with_extension(format!("{own_name}.new"));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    let mut text = zeroize::Zeroizing::new(HEXLOWER.encode(key.reveal()));
    text.push('\n');
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = match fs::hard_link(&beside, path) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
        // Some file systems have no links.
        Err(_) if !path.exists() => fs::rename(&beside, path),
        other => other,
    };
    let _ = fs::remove_file(&beside);
    linked?;
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    fs::File::open(dir)?.sync_all()
}

/// Opens one sealed value, so that a wrong master key is told at once and in plain words.
async fn try_key(house: &House) -> Result<(), Fault> {
    let rows = house.look(|desk| desk.sites()).await?;
    let Some(row) = rows.into_iter().find(|row| !row.dialects.is_empty()) else { return Ok(()) };
    let opened = house.open_site(row).map(|_| ());
    opened.map_err(|_| Fault::new("the master key does not fit this store: what is sealed in it does not open"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::config::Sources;
    use crate::source::Machine;

    fn settings(dir: &Path) -> Settings {
        let mut sources = Sources::default();
        sources.set(&format!("data.dir={}", dir.display())).unwrap();
        sources.set("hash.threads=1").unwrap();
        Settings::load(&sources).unwrap()
    }

    fn machine() -> Arc<dyn Source> {
        Arc::new(Machine)
    }

    async fn story(settings: &Settings) -> String {
        open(settings, &machine()).await.map(|_| ()).unwrap_err().to_string()
    }

    #[tokio::test]
    async fn the_first_start_makes_a_private_directory_and_key_and_the_second_finds_them() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("deep/data");
        let settings = settings(&data);
        open(&settings, &machine()).await.unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&data), mode(&data.join("master.key")), mode(&data.join(DATABASE_FILE))), (0o700, 0o600, 0o600));
        let key = fs::read(data.join("master.key")).unwrap();
        open(&settings, &machine()).await.unwrap();
        assert_eq!(fs::read(data.join("master.key")).unwrap(), key);
        assert_eq!(fs::read_dir(&data).unwrap().filter(|e| e.as_ref().unwrap().path().to_string_lossy().contains(".new")).count(), 0);
    }

    #[tokio::test]
    async fn a_key_that_is_too_open_or_too_short_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(dir.path());
        let path = dir.path().join("master.key");
        for (content, mode, expected) in [
            ("00".repeat(32), 0o640, "can be read by others"),
            ("00".repeat(31), 0o600, "must hold 32 bytes"),
            ("07".repeat(16), 0o600, "must hold 32 bytes"),
            (String::new(), 0o600, "must hold 32 bytes"),
        ] {
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(story(&settings).await.contains(expected));
        }
    }

    #[tokio::test]
    async fn the_environment_brings_a_key_in_hex_or_base64() {
        let dir = tempfile::tempdir().unwrap();
        for (text, good) in [("07".repeat(32), true), (BASE64.encode(&[7; 32]), true), ("07".repeat(16), false), ("x".repeat(64), false)] {
            let mut settings = settings(dir.path());
            settings.master_key = Some(Secret::new(text));
            assert_eq!(open(&settings, &machine()).await.is_ok(), good);
        }
        assert!(!dir.path().join("master.key").exists());
    }
}
