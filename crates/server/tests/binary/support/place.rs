//! A folder of one's own, and the binary run in it: commands to their end, servers until they are stopped or dropped.

use std::fs::File;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use doorward_store_postgres::{ports, private_server};
use serde_json::Value;
use tempfile::TempDir;

use super::{Ask, until};

/// Longer than any start on a busy machine.
const START: Duration = Duration::from_secs(60);

/// Where a place keeps what it knows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// A folder with a Doorward in it.
pub(crate) struct Place {
    folder: TempDir,
    database: Option<String>,
}

/// How a command ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A running server. Dropping it kills it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    out: PathBuf,
    log: PathBuf,
}

impl Place {
    /// An empty folder, with SQLite.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), database: None }
    }

    /// An empty folder, with the database of this URL.
    pub(crate) fn at(url: String) -> Self {
        Self { database: Some(url), ..Self::new() }
    }

    /// An empty folder, with a fresh store of this engine.
    pub(crate) fn on(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::new(),
            Engine::Postgres => Self::at(private_server::shared().unwrap().fresh_database().unwrap()),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file of the data directory.
    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.path().join("data").join(name)
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.tell(arguments, "")
    }

    /// Runs a command that reads this from its standard input.
    pub(crate) fn tell(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = self.command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that does not read has closed its end.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Writes a bundle into the folder and imports it.
    pub(crate) fn import(&self, bundle: &Value) -> Ran {
        self.import_text(&bundle.to_string())
    }

    pub(crate) fn import_text(&self, text: &str) -> Ran {
        let file = self.path().join("bundle.json");
        std::fs::write(&file, text).unwrap();
        self.run(&["import", "bundle", "bundle.json"])
    }

    /// Starts a server with these further arguments; returns when it is ready.
    pub(crate) fn serve(&self, further: &[&str]) -> Server {
        let (server, _) = self.serve_with_metrics("127.0.0.1:0", further, "");
        server
    }

    /// The same where somebody expects it, with numbers.
    pub(crate) fn serve_at(&self, listen: SocketAddr, further: &[&str]) -> (Server, SocketAddr) {
        self.serve_with_metrics(&listen.to_string(), further, &free().to_string())
    }

    /// The same with numbers: their address is chosen here.
    pub(crate) fn serve_with_numbers(&self, further: &[&str]) -> (Server, SocketAddr) {
        self.serve_with_metrics("127.0.0.1:0", further, &free().to_string())
    }

    fn serve_with_metrics(&self, listen: &str, further: &[&str], metrics: &str) -> (Server, SocketAddr) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let (out, log) = (self.path().join(format!("out.{count}")), self.path().join(format!("log.{count}")));
        let mut command = self.command(&["serve", "--listen", listen, "--metrics-listen", metrics]);
        if !further.contains(&"--console-listen") {
            command.args(["--console-listen", ""]);
        }
        command.args(further).stdin(Stdio::null()).stdout(File::create(&out).unwrap()).stderr(File::create(&log).unwrap());
        let unknown = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut server = Server { child: command.spawn().unwrap(), address: unknown, out, log };
        server.address = until(START, "the address in the log", || {
            let log = server.log();
            assert!(server.child.try_wait().unwrap().is_none(), "the server ended: {log}");
            let (_, rest) = log.split_once("address=")?;
            rest.split_once(char::is_whitespace)?.0.parse().ok()
        });
        until(START, "/healthz", || Ask::get("/healthz").try_send(server.address).ok().filter(|a| a.status == 200));
        (server, metrics.parse().unwrap_or(unknown))
    }

    /// The binary in this folder, with none of the tester's own settings.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DOORWARD_")) {
            command.env_remove(name);
        }
        command.args(arguments).current_dir(self.path()).env("NO_COLOR", "1");
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        command
    }
}

/// An address that nobody listens on.
pub(crate) fn free() -> SocketAddr {
    ports::free().unwrap()
}

impl Ran {
    /// Asserts that it did what it was asked for.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// Asserts that it was refused with this one sentence and nothing else.
    #[track_caller]
    pub(crate) fn refused(self, sentence: &str) {
        assert_eq!((self.code, self.out.as_str(), self.err.as_str()), (1, "", format!("doorward: {sentence}\n").as_str()));
    }
}

impl Server {
    /// What it printed.
    pub(crate) fn out(&self) -> String {
        std::fs::read_to_string(&self.out).unwrap()
    }

    /// What it logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Sends SIGTERM.
    pub(crate) fn ask_to_stop(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Sends SIGHUP.
    pub(crate) fn hang_up(&self) {
        let sent = Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end, at most `time`.
    #[track_caller]
    pub(crate) fn ended(&mut self, time: Duration) -> ExitStatus {
        until(time, "the end of the server", || self.child.try_wait().unwrap())
    }

    /// SIGTERM, and an orderly end within the ten seconds that are promised.
    #[track_caller]
    pub(crate) fn stop(mut self) {
        let begun = Instant::now();
        self.ask_to_stop();
        let status = self.ended(Duration::from_secs(10));
        assert_eq!(status.code(), Some(0), "after {:?}: {}", begun.elapsed(), self.log());
    }

    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "a test that failed is told by what the server said")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the server's log:\n{}", self.log());
        }
        // It may have ended already; its own child process, by its own handle.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
