//! The file: how it is made, migrated and opened.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use doorward_core::port::store::stored;
use doorward_core::refusal::Fault;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::sql::fault;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_millis(5000);
/// How long the writer waits for another process that writes. An import is one transaction, and a large one takes longer than
/// a reader should wait; a write that was given up would be a login or a revocation that failed.
const LONG: Duration = Duration::from_secs(120);
/// More than there are statements, so that each is prepared once per connection.
const STATEMENTS: usize = 128;
/// How often the start is tried while another process starts on the same file.
const TRIES: u32 = 3;

/// Makes the file if there is none (readable by its owner alone), migrates it, and opens it for the writer.
pub(crate) fn open_for_writing(path: &Path) -> Result<Connection, Fault> {
    // An existing file is not opened here: closing it would drop the locks that SQLite holds on it in this process.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => {}
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
        Err(e) => return Err(Fault::new(format_args!("sqlite: {} cannot be made: {e}", path.display()))),
    }
    let mut last = Fault::new("sqlite: not tried");
    for _ in 0..TRIES {
        match writing(path) {
            Ok(connection) => {
                // Not before it is open: a start that finds the file held says so soon.
                connection.busy_timeout(LONG).map_err(|e| fault(&e))?;
                return Ok(connection);
            }
            Err(fault) => last = fault,
        }
    }
    Err(last.while_doing(&format!("opening {}", path.display())))
}

/// Opens the file for a reader, which cannot write whatever it is told.
pub(crate) fn open_for_reading(path: &Path) -> Result<Connection, Fault> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .and_then(|c| prepare(&c).and_then(|()| c.execute_batch("PRAGMA query_only = ON;")).map(|()| c));
    connection.map_err(|e| fault(&e).while_doing("opening a reader"))
}

fn writing(path: &Path) -> Result<Connection, Fault> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(|e| fault(&e))?;
    prepare(&connection).map_err(|e| fault(&e))?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(|e| fault(&e))?;
    if mode != "wal" {
        return Err(Fault::new(format_args!("sqlite: the journal mode is {mode} and cannot be made WAL here")));
    }
    // FULL: a commit that was acknowledged is on disk, also when the power fails.
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;").map_err(|e| fault(&e))?;
    migrate(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection
        .execute_batch("PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;")
}

/// Brings the schema up to date, all steps in one transaction. If another process was faster, the second try finds
/// nothing left to do. The library panics on a history table that it did not write.
fn migrate(mut connection: Connection) -> Result<Connection, Fault> {
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    let migrated = catch_unwind(AssertUnwindSafe(move || {
        let done = embedded::migrations::runner().set_grouped(true).run(&mut connection);
        done.map_err(|e| Fault::new(format_args!("sqlite: migration: {e}")))?;
        fold_names(&mut connection)?;
        Ok(connection)
    }));
    migrated.unwrap_or_else(|_| Err(Fault::new("sqlite: the migration history cannot be read")))
}

/// Shown names of rows that an older version wrote, as they are compared: the engine folds only the letters of ASCII.
fn fold_names(connection: &mut Connection) -> Result<(), Fault> {
    let work = connection.transaction().map_err(|e| fault(&e))?;
    let unfolded = {
        let mut all = work.prepare("SELECT site_id, number, display_name FROM account WHERE name_fold IS NULL").map_err(|e| fault(&e))?;
        let rows = all.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?)));
        rows.and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(|e| fault(&e))?
    };
    for (site, number, name) in unfolded {
        let folded = stored::name_fold(&name);
        let put = "UPDATE account SET name_fold = ?3 WHERE site_id = ?1 AND number = ?2";
        work.prepare_cached(put).and_then(|mut s| s.execute((site, number, folded))).map_err(|e| fault(&e))?;
    }
    work.commit().map_err(|e| fault(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Accounts of an older version: who ran the server and was deleted, who has roles, and who has odd ones.
    const BEFORE: &str = r#"
        INSERT INTO site (id, name, url, hosts, cors_origins, rules) VALUES (1, 's', '', '[]', '[]', '[]');
        INSERT INTO account (site_id, number, login, login_fold, email, email_fold, nicename, display_name, url, registered, roles, level, status, service, valid_after)
        VALUES (1, 1, 'a', 'a', '', '', '', 'A', '', 0, '["editor","it''s \"odd\"","editor"]', 1, 1, FALSE, 0), (1, 2, 'b', 'b', '', '', '', 'B', '', 0, '["editor"]', 1, 4, FALSE, 0),
               (1, 3, 'c', 'c', '', '', '', 'C', '', 0, '[]', 1, 2, TRUE, 0);
        INSERT INTO power (site_id, account, power) VALUES (1, 1, 'owner'), (1, 2, 'owner');
        INSERT INTO passkey (id, site_id, account, name, public, counter, created) VALUES (x'01', 1, 1, '', '{}', 0, 0), (x'02', 1, 2, '', '{}', 0, 0);"#;

    #[test]
    fn what_an_older_version_wrote_is_found_by_the_newer_ways() {
        let mut connection = Connection::open_in_memory().unwrap();
        embedded::migrations::runner().set_target(refinery::Target::Version(140)).run(&mut connection).unwrap();
        connection.execute_batch(BEFORE).unwrap();
        let connection = migrate(connection).unwrap();
        let all = |sql: &str| -> Vec<String> {
            let mut statement = connection.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let roles = all("SELECT number || ' ' || deleted || ' ' || role FROM account_role ORDER BY number, role");
        assert_eq!(roles, ["1 0 editor", "1 0 it's \"odd\"", "2 1 editor"]);
        assert_eq!(all("SELECT account || ' ' || power FROM power"), ["1 owner"], "whoever was deleted runs nothing");
        assert_eq!(all("SELECT account || '' FROM passkey"), ["1"]);
    }

    #[test]
    fn a_commit_is_on_disk_and_a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let writer = open_for_writing(&path).unwrap();
        let setting = |c: &Connection, name: &str| -> i64 { c.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap() };
        assert_eq!(setting(&writer, "synchronous"), 2, "FULL");
        assert_eq!(setting(&writer, "foreign_keys"), 1);
        assert_eq!(setting(&writer, "busy_timeout"), 120_000, "longer than an import takes");
        let reader = open_for_reading(&path).unwrap();
        assert_eq!(setting(&reader, "query_only"), 1);
        assert_eq!(setting(&reader, "busy_timeout"), 5000);
        assert!(reader.execute_batch("DELETE FROM site").is_err());
        reader.execute_batch("PRAGMA query_only = OFF").unwrap();
        assert!(reader.execute_batch("DELETE FROM site").is_err(), "the file itself is open for reading only");
    }
}
