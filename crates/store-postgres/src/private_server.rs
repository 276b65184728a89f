//! A PostgreSQL server of one's own, for tests: made in a temporary folder, gone with the process that started it.
//!
//! ```no_run
//! use doorward_store_postgres::{PostgresStore, private_server};
//!
//! let store = PostgresStore::connect(&private_server::shared()?.fresh_database()?)?;
//! # Ok::<(), doorward_core::refusal::Fault>(())
//! ```

use std::fmt::Display;
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use doorward_core::refusal::Fault;
use parking_lot::Mutex;
use postgres::{Client, NoTls};
use tempfile::TempDir;

use crate::ports;

/// The superuser's name and password. They guard nothing: the server dies with the test.
const USER: &str = "doorward";
const PASSWORD: &str = "private-server";
/// How long a server may take to answer after it was started, also after a crash.
const START: Duration = Duration::from_secs(60);
/// Waits for the end of its input, which is the end of the test however it ends; then stops the server and tidies up.
const KEEPER: &str = r#"cat >/dev/null
kill -QUIT "$1" 2>/dev/null
tries=0
while kill -0 "$1" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
rm -rf "$2""#;

/// A running server. Dropping it stops it; so does the end of the process.
pub struct PrivateServer {
    binaries: PathBuf,
    owner: Option<Owner>,
    port: u16,
    processes: Mutex<Option<Processes>>,
    folder: TempDir,
}

struct Processes {
    postmaster: Child,
    keeper: Child,
}

/// The account that the server runs as when the tests run as root, which PostgreSQL refuses.
#[derive(Clone, Copy)]
struct Owner {
    user: u32,
    group: u32,
}

/// The one server of this test binary, started by the first who asks.
///
/// # Errors
/// If there is no PostgreSQL on this machine, or it does not start.
pub fn shared() -> Result<&'static PrivateServer, Fault> {
    static SERVER: OnceLock<Result<PrivateServer, String>> = OnceLock::new();
    SERVER.get_or_init(|| PrivateServer::start().map_err(|fault| fault.to_string())).as_ref().map_err(Fault::new)
}

impl PrivateServer {
    /// Makes and starts a server.
    ///
    /// # Errors
    /// If there is no PostgreSQL on this machine, or it does not start.
    pub fn start() -> Result<Self, Fault> {
        let folder = tempfile::Builder::new().prefix("doorward-postgres-").tempdir().map_err(told("making a folder"))?;
        let port = ports::free().map_err(told("finding a port"))?.port();
        let server = Self { binaries: find_binaries()?, owner: find_owner()?, port, processes: Mutex::new(None), folder };
        server.make()?;
        server.restart()?;
        Ok(server)
    }

    /// The URL of a new, empty database.
    ///
    /// # Errors
    /// If the server does not make it.
    pub fn fresh_database(&self) -> Result<String, Fault> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut client = self.client().map_err(told("connecting"))?;
        client.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).map_err(told("making a database"))?;
        Ok(self.url(&name))
    }

    /// Kills the server and every process of it, as a power cut would; returns when all of them are gone.
    ///
    /// # Errors
    /// If it was not running.
    pub fn kill(&self) -> Result<(), Fault> {
        let taken = self.processes.lock().take();
        let Some(Processes { mut postmaster, mut keeper }) = taken else { return Err(Fault::new("the private server was not running")) };
        // The keeper first: it would tidy the folder away.
        keeper.kill().and_then(|()| keeper.wait()).map_err(told("dismissing the keeper"))?;
        let children = children_of(postmaster.id());
        postmaster.kill().map_err(told("killing the postmaster"))?;
        // By id: the server's processes are sessions of their own and do not end with its group.
        let victims = children.iter().map(ToString::to_string);
        let _ = Command::new("kill").arg("-KILL").args(victims).stderr(Stdio::null()).status();
        postmaster.wait().map_err(told("waiting for the postmaster"))?;
        wait_for("the end of the server's processes", || children.iter().all(|pid| is_gone(*pid)).then_some(()))
    }

    /// Starts the server, again after [`kill`](Self::kill).
    ///
    /// # Errors
    /// If it does not start.
    pub fn restart(&self) -> Result<(), Fault> {
        let log = File::create(self.folder.path().join("log")).map_err(told("making the log"))?;
        let mut start = self.command("postgres");
        start.arg("-D").arg(self.data()).args(["-c", &format!("port={}", self.port), "-c", "listen_addresses=127.0.0.1"]);
        for setting in ["unix_socket_directories=", "fsync=on", "synchronous_commit=on", "max_connections=300", "shared_buffers=32MB"] {
            start.args(["-c", setting]);
        }
        start.process_group(0).stdout(Stdio::null()).stderr(log);
        let mut postmaster = start.spawn().map_err(told("starting the server"))?;
        let mut keep = Command::new("/bin/sh");
        keep.args(["-c", KEEPER, "keeper", &postmaster.id().to_string()]).arg(self.folder.path()).process_group(0).current_dir("/");
        let keeper = keep.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let keeper = keeper.map_err(|e| {
            let _ = postmaster.kill();
            Fault::new(format_args!("private PostgreSQL server: starting the keeper: {e}"))
        })?;
        *self.processes.lock() = Some(Processes { postmaster, keeper });
        wait_for("the server's first answer", || self.client().ok()).map(|_| ()).map_err(|fault| {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            Fault::new(format_args!("{fault}; its log says: {log}"))
        })
    }

    /// Lets the server offer TLS with this certificate and key, both PEM.
    ///
    /// # Errors
    /// If it does not take them.
    pub fn offer_tls(&self, certificate: &str, key: &str) -> Result<(), Fault> {
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let path = self.data().join(name);
            std::fs::write(&path, text).map_err(told("writing the certificate"))?;
            std::fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(told("closing the certificate"))?;
            self.give_away(&path)?;
        }
        let mut client = self.client().map_err(told("connecting"))?;
        client.batch_execute("ALTER SYSTEM SET ssl = on").map_err(told("switching TLS on"))?;
        client.batch_execute("SELECT pg_reload_conf()").map_err(told("switching TLS on"))?;
        let is_on = || self.client().ok()?.query_one("SHOW ssl", &[]).ok().filter(|row| row.get::<_, &str>(0) == "on");
        wait_for("TLS", is_on).map(|_| ())
    }

    fn give_away(&self, path: &Path) -> Result<(), Fault> {
        let Some(Owner { user, group }) = self.owner else { return Ok(()) };
        std::os::unix::fs::chown(path, Some(user), Some(group)).map_err(told("giving a file to the server"))
    }

    fn make(&self) -> Result<(), Fault> {
        let password = self.folder.path().join("password");
        std::fs::write(&password, PASSWORD).map_err(told("writing the password"))?;
        self.give_away(self.folder.path())?;
        self.give_away(&password)?;
        let mut initdb = self.command("initdb");
        initdb.arg("--pgdata").arg(self.data()).arg("--pwfile").arg(&password);
        initdb.args(["--username", USER, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"]);
        let made = initdb.output().map_err(told("running initdb"))?;
        if made.status.success() { Ok(()) } else { Err(Fault::new(format_args!("initdb: {}", String::from_utf8_lossy(&made.stderr)))) }
    }

    /// A program of PostgreSQL's, run as somebody who is not root.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        if let Some(Owner { user, group }) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }

    fn client(&self) -> Result<Client, postgres::Error> {
        Client::connect(&self.url("postgres"), NoTls)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        // Its folder goes too, so there is nothing that an orderly end would save.
        let _ = self.kill();
    }
}

/// `PATH` first, then the newest version under Debian's folder.
fn find_binaries() -> Result<PathBuf, Fault> {
    let has_all = |folder: &Path| folder.join("postgres").is_file() && folder.join("initdb").is_file();
    let on_path = std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    let newest_first = versions.into_iter().rev().map(|(_, folder)| folder);
    on_path.chain(newest_first).find(|folder| has_all(folder)).ok_or_else(|| {
        Fault::new("these tests need PostgreSQL: neither PATH nor /usr/lib/postgresql/*/bin has `postgres` and `initdb` (run scripts/install-test-parts)")
    })
}

fn find_owner() -> Result<Option<Owner>, Fault> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(told("reading who we are"))?;
    let root = status.lines().any(|line| line.strip_prefix("Uid:").is_some_and(|ids| ids.split_whitespace().nth(1) == Some("0")));
    if !root {
        return Ok(None);
    }
    let passwd = std::fs::read_to_string("/etc/passwd").map_err(told("reading /etc/passwd"))?;
    let owner = passwd.lines().find_map(|line| {
        let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
        Some(Owner { user: fields.next()?.parse().ok()?, group: fields.next()?.parse().ok()? })
    });
    owner.map(Some).ok_or_else(|| Fault::new("these tests run as root and need an account `postgres` to run the private server"))
}

fn children_of(parent: u32) -> Vec<u32> {
    let parent = parent.to_string();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    processes.filter(|pid| status_of(*pid, "PPid:").is_some_and(|of| of == parent)).collect()
}

fn is_gone(pid: u32) -> bool {
    status_of(pid, "State:").is_none_or(|state| state.starts_with('Z'))
}

fn status_of(pid: u32, field: &str) -> Option<String> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix(field)).map(|value| value.trim().to_owned())
}

fn wait_for<T>(what: &str, look: impl Fn() -> Option<T>) -> Result<T, Fault> {
    let end = Instant::now() + START;
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if Instant::now() >= end {
            return Err(Fault::new(format_args!("private PostgreSQL server: waited in vain for {what}")));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn told<E: Display>(what: &str) -> impl Fn(E) -> Fault {
    move |e| Fault::new(format_args!("private PostgreSQL server: {what}: {e}"))
}
