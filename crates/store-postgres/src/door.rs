//! The way to the server: the URL, TLS, one connection at a time, and the migrations.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use doorward_core::port::store::stored;
use doorward_core::refusal::Fault;
use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::sql::{Link, fault};
use crate::tls;

mod embedded {
    refinery::embed_migrations!("migrations");
}

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// How long what was sent may stay unacknowledged before the connection counts as lost.
const SILENCE: Duration = Duration::from_secs(10);
/// The lock under which one node at a time migrates: "door" and the step's letter.
const MIGRATION_LOCK: i64 = 0x646f_6f72_006d;

/// What every connection of Doorward starts with. A commit is acknowledged only when it is on disk, whatever the
/// role's default; a statement or a lock that takes long holds up logins and is given up.
const SETTINGS: &str = "
    SET statement_timeout = '30s';
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
";

/// Knows how to reach the server. Prints nothing: it holds the password.
#[derive(Clone)]
pub(crate) struct Door {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Door {
    /// Reads the URL. Nothing of it is ever repeated in a fault, since the password is in it.
    pub(crate) fn parse(url: &str) -> Result<Self, Fault> {
        let mut config: Config = url.parse().map_err(|_| {
            Fault::new(
                "the PostgreSQL URL cannot be read: postgres://user:password@host:port/database?sslmode=require|prefer|disable is expected",
            )
        })?;
        if config.get_application_name().is_none() {
            config.application_name("doorward");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        config.keepalives_idle(SILENCE);
        // `prefer` is also what a URL without sslmode means: over a network it would let anybody on the way ask for the
        // password in plain, so there it means `require`.
        let mode = config.get_ssl_mode();
        let plain = mode == SslMode::Disable || (mode == SslMode::Prefer && is_near(&config));
        let tls = if plain { None } else { Some(tls::connector()?) };
        config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        Ok(Self { config, tls })
    }

    /// A fresh connection.
    pub(crate) fn connect(&self) -> Result<Link, Fault> {
        let connected = match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        };
        let mut client = connected.map_err(|e| fault(&e).while_doing("connecting"))?;
        client.batch_execute(SETTINGS).map_err(|e| fault(&e).while_doing("connecting"))?;
        Ok(Link::new(client))
    }

    /// Brings the schema up to date. Nodes that start at the same time wait for each other.
    pub(crate) fn migrate(&self) -> Result<(), Fault> {
        let mut client = self.connect()?.client;
        let locked = "SET statement_timeout = 0; SET lock_timeout = 0";
        client.batch_execute(locked).map_err(|e| fault(&e))?;
        client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK]).map_err(|e| fault(&e).while_doing("migrating"))?;
        // The library panics on a history table that it did not write. The lock goes with the connection.
        catch_unwind(AssertUnwindSafe(|| run(&mut client)))
            .unwrap_or_else(|_| Err(Fault::new("postgres: the migration history cannot be read")))
    }
}

/// True if what is said to the server cannot be heard on a network.
fn is_near(config: &Config) -> bool {
    if !config.get_hostaddrs().is_empty() {
        return config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback()),
    })
}

fn run(client: &mut Client) -> Result<(), Fault> {
    let done = embedded::migrations::runner().set_grouped(true).run(client);
    done.map_err(|e| {
        let engine = std::error::Error::source(&e).and_then(|s| s.downcast_ref::<postgres::Error>());
        engine.map_or_else(|| Fault::new(format_args!("postgres: {e}")), fault).while_doing("migrating")
    })?;
    fold_names(client).map_err(|e| fault(&e).while_doing("migrating"))
}

/// Shown names of rows that an older version wrote, as they are compared.
fn fold_names(client: &mut Client) -> Result<(), postgres::Error> {
    let mut work = client.transaction()?;
    for row in work.query("SELECT site_id, number, display_name FROM account WHERE name_fold IS NULL FOR UPDATE", &[])? {
        let (site, number, name): (i64, i64, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let put = "UPDATE account SET name_fold = $3 WHERE site_id = $1 AND number = $2";
        work.execute(put, &[&site, &number, &stored::name_fold(&name)])?;
    }
    work.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_only_where_nobody_listens_or_the_operator_said_so() {
        let rows = [
            ("postgres://u:p@127.0.0.1/d", false),
            ("postgres://u:p@[::1]/d", false),
            ("postgres://u:p@localhost/d?sslmode=prefer", false),
            ("postgres:///d?host=/run/postgresql", false),
            ("postgres://u:p@db.example/d?sslmode=disable", false),
            ("postgres://u:p@localhost/d?sslmode=require", true),
            ("postgres://u:p@db.example/d", true),
            ("postgres://u:p@db.example/d?sslmode=prefer", true),
            ("postgres://u:p@db.example/d?sslmode=require", true),
            ("postgres://u:p@localhost,db.example/d", true),
            ("postgres://u:p@localhost/d?hostaddr=10.0.0.1", true),
        ];
        for (url, tls) in rows {
            let door = Door::parse(url).unwrap();
            assert_eq!(door.tls.is_some(), tls, "{url}");
            assert_eq!(door.config.get_ssl_mode(), if tls { SslMode::Require } else { SslMode::Disable }, "{url}");
        }
    }

    #[cfg(feature = "private-server")]
    #[test]
    fn a_commit_is_on_disk_whatever_the_database_says() {
        let url = crate::private_server::shared().unwrap().fresh_database().unwrap();
        let door = Door::parse(&url).unwrap();
        let setting = |door: &Door| -> String { door.connect().unwrap().client.query_one("SHOW synchronous_commit", &[]).unwrap().get(0) };
        let database = url.rsplit('/').next().unwrap();
        for (default, expected) in [("off", "on"), ("local", "local"), ("remote_apply", "remote_apply")] {
            let alter = format!("ALTER DATABASE {database} SET synchronous_commit = {default}");
            door.connect().unwrap().client.batch_execute(&alter).unwrap();
            assert_eq!(setting(&door), expected);
        }
    }

    /// Accounts of an older version: who ran the server and was deleted, who has roles, and who has odd ones.
    #[cfg(feature = "private-server")]
    const BEFORE: &str = r#"
        INSERT INTO site (id, name, url, hosts, cors_origins, rules) VALUES (1, 's', '', '[]', '[]', '[]');
        INSERT INTO account (site_id, number, login, login_fold, email, email_fold, nicename, display_name, url, registered, roles, level, status, service, valid_after)
        VALUES (1, 1, 'a', 'a', '', '', '', 'A', '', 0, '["editor","it''s \"odd\"","editor"]', 1, 1, FALSE, 0), (1, 2, 'b', 'b', '', '', '', 'B', '', 0, '["editor"]', 1, 4, FALSE, 0),
               (1, 3, 'c', 'c', '', '', '', 'C', '', 0, '[]', 1, 2, TRUE, 0);
        INSERT INTO power (site_id, account, power) VALUES (1, 1, 'owner'), (1, 2, 'owner');
        INSERT INTO passkey (id, site_id, account, name, public, counter, created) VALUES ('\x01', 1, 1, '', '{}', 0, 0), ('\x02', 1, 2, '', '{}', 0, 0);"#;

    #[cfg(feature = "private-server")]
    #[test]
    fn what_an_older_version_wrote_is_found_by_the_newer_ways() {
        let door = Door::parse(&crate::private_server::shared().unwrap().fresh_database().unwrap()).unwrap();
        let mut client = door.connect().unwrap().client;
        embedded::migrations::runner().set_target(refinery::Target::Version(140)).run(&mut client).unwrap();
        client.batch_execute(BEFORE).unwrap();
        door.migrate().unwrap();
        let mut all = |sql: &str| -> Vec<String> { client.query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect() };
        let roles = all("SELECT number || ' ' || deleted || ' ' || role FROM account_role ORDER BY number, role");
        assert_eq!(roles, ["1 false editor", "1 false it's \"odd\"", "2 true editor"]);
        assert_eq!(all("SELECT account || ' ' || power FROM power"), ["1 owner"], "whoever was deleted runs nothing");
        assert_eq!(all("SELECT account::text FROM passkey"), ["1"]);
    }

    #[test]
    fn a_url_that_cannot_be_read_is_not_repeated() {
        for url in ["postgres://u:hunter2@h:port/d", "hunter2", "postgres://u:p@h/d?hunter2=1", "postgres://u:hunter2@h/d?sslmode=verify"] {
            let fault = Door::parse(url).map(|_| ()).unwrap_err().to_string();
            assert!(!fault.contains("hunter2"), "{fault}");
        }
    }
}
