//! Pebble, the small certificate authority of Let's Encrypt for tests, with a name server that calls every name this machine.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::support::{free, until};

/// What an authority is like.
pub(super) struct Wish {
    /// Where it looks for proofs by HTTP.
    pub(super) http: SocketAddr,
    /// Where it looks for proofs by TLS.
    pub(super) tls: SocketAddr,
    /// How long its certificates are good, in seconds.
    pub(super) life: u64,
    /// The accounts that it knows already and asks for: key ids and keys.
    pub(super) accounts: Option<(&'static str, &'static str)>,
}

impl Wish {
    /// One that looks nowhere and asks for nothing.
    pub(super) fn new() -> Self {
        Self { http: free(), tls: free(), life: 90 * 24 * 3600, accounts: None }
    }
}

/// A running authority. Dropping it kills it.
pub(super) struct Pebble {
    children: Vec<Child>,
    folder: TempDir,
    listens: SocketAddr,
    manages: SocketAddr,
}

impl Pebble {
    /// One that may be started later.
    pub(super) fn planned(wish: &Wish) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (listens, manages) = (free(), free());
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        fs::write(folder.path().join("own.pem"), made.cert.pem()).unwrap();
        fs::write(folder.path().join("own.key"), made.signing_key.serialize_pem()).unwrap();
        let keys = wish.accounts.iter().map(|(id, key)| ((*id).to_owned(), json!(key))).collect::<serde_json::Map<_, _>>();
        let config = json!({"pebble": {
            "listenAddress": listens.to_string(), "managementListenAddress": manages.to_string(),
            "certificate": folder.path().join("own.pem"), "privateKey": folder.path().join("own.key"),
            "httpPort": wish.http.port(), "tlsPort": wish.tls.port(), "ocspResponderURL": "",
            "externalAccountBindingRequired": wish.accounts.is_some(), "externalAccountMACKeys": keys,
            "certificateValidityPeriod": wish.life,
        }});
        fs::write(folder.path().join("pebble.json"), config.to_string()).unwrap();
        Self { children: Vec::new(), folder, listens, manages }
    }

    pub(super) fn running(wish: &Wish) -> Self {
        let mut pebble = Self::planned(wish);
        pebble.start();
        pebble
    }

    pub(super) fn start(&mut self) {
        let (names, manages) = (free(), free());
        self.child(
            "pebble-challtestsrv",
            &[
                "-http01",
                "",
                "-https01",
                "",
                "-tlsalpn01",
                "",
                "-defaultIPv6",
                "",
                "-dns01",
                &names.to_string(),
                "-management",
                &manages.to_string(),
            ],
        );
        self.child("pebble", &["-strict", "-config", "pebble.json", "-dnsserver", &names.to_string()]);
        until(Duration::from_secs(60), "the authority", || (!self.root().is_empty()).then_some(()));
    }

    fn child(&mut self, program: &str, arguments: &[&str]) {
        let log = fs::File::create(self.folder.path().join(format!("{program}.log"))).unwrap();
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path()).env("PEBBLE_VA_NOSLEEP", "1");
        // One good nonce in twenty is refused, as Pebble does by itself, and nothing that was proven once is believed again.
        command.env("PEBBLE_WFE_NONCEREJECT", "5").env("PEBBLE_AUTHZREUSE", "0");
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.children.push(command.spawn().unwrap_or_else(|e| panic!("{program} (Debian's package pebble): {e}")));
    }

    /// The settings that make a server ask this authority.
    pub(super) fn settings(&self, names: &str) -> Vec<String> {
        let set = [
            format!("acme.names={names}"),
            "acme.agree=yes".to_owned(),
            format!("acme.directory=https://{}/dir", self.listens),
            format!("acme.ca={}", self.folder.path().join("own.pem").display()),
        ];
        set.into_iter().flat_map(|setting| ["--set".to_owned(), setting]).collect()
    }

    /// The certificate that its own are signed with, at last; empty if it does not answer.
    fn root(&self) -> String {
        let out = Command::new("curl")
            .args(["-s", "--max-time", "10", "--noproxy", "*", "--cacert"])
            .arg(self.folder.path().join("own.pem"))
            .arg(format!("https://{}/roots/0", self.manages))
            .output()
            .unwrap();
        String::from_utf8(out.stdout).unwrap()
    }

    /// A file with that certificate.
    pub(super) fn trusted(&self) -> PathBuf {
        let file = self.folder.path().join("root.pem");
        fs::write(&file, self.root()).unwrap();
        file
    }

    /// What it said.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("pebble.log")).unwrap()
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
