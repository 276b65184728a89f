//! Tests of the configuration.

use doorward_gateway::proxy::terms::{Balance, Forwarded, Terms};

use super::*;

fn sources(file: Option<&str>) -> (tempfile::TempDir, Sources) {
    let dir = tempfile::tempdir().unwrap();
    if let Some(text) = file {
        std::fs::write(dir.path().join(DEFAULT_FILE), text).unwrap();
    }
    let sources = Sources { working_dir: Some(dir.path().to_owned()), ..Sources::default() };
    (dir, sources)
}

fn refused(file: &str) -> String {
    let (dir, sources) = sources(Some(file));
    let problem = Settings::load(&sources).unwrap_err().to_string();
    problem.replace(&format!("{}/", dir.path().display()), "")
}

#[test]
fn without_anything_the_defaults_hold() {
    let (_dir, sources) = sources(None);
    let settings = Settings::load(&sources).unwrap();
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.data.master_key_file, Path::new("./data/master.key"));
    assert_eq!((settings.limits.attempts.per_account, settings.audit.keep_seconds()), (10, 31_536_000));
    assert!(settings.hash.threads >= 1 && settings.hash.queue >= 64);
    assert!(keys().all(|k| *settings.origin(k.name) == Origin::Default));
}

#[test]
fn flags_beat_the_environment_beats_the_file_beats_defaults() {
    let file = "[server]\nlisten = \"127.0.0.1:1\"\nmetrics_listen = \"\"\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n\n[limits]\nper_account = 1_5\n";
    let (_dir, mut sources) = sources(Some(file));
    sources.environment.insert("DOORWARD_LISTEN".into(), "127.0.0.1:2".into());
    sources.environment.insert("DOORWARD_DATA".into(), "/from/environment".into());
    sources.flags.push(("data.dir", "/from/flag".into(), "--data".into()));
    sources.set("limits.per_address=7").unwrap();
    let settings = Settings::load(&sources).unwrap();
    assert_eq!(settings.server.listen.port(), 2);
    assert_eq!(settings.server.metrics_listen, None);
    assert!(settings.server.trusted_proxies.trusts("10.9.9.9".parse().unwrap()));
    assert_eq!(settings.data.dir, Path::new("/from/flag"));
    assert_eq!(settings.data.master_key_file, Path::new("/from/flag/master.key"));
    assert_eq!((settings.limits.attempts.per_account, settings.limits.attempts.per_address), (15, 7));
    assert_eq!(settings.origin("server.listen").to_string(), "environment DOORWARD_LISTEN");
    assert!(settings.origin("limits.per_account").to_string().ends_with("doorward.toml:7"));
    assert_eq!(settings.origin("data.dir").to_string(), "flag --data");
    assert_eq!(settings.origin("limits.per_address").to_string(), "flag --set limits.per_address");
}

#[test]
fn the_doors_and_the_ways_are_read() {
    let file = "[tls]\nlisten = \"127.0.0.1:443\"\ncertificate = [\"a.pem\", \"b.pem\"]\nkey = [\"a.key\", \"b.key\"]\nredirect = \"on\"\n\
        [proxy]\nanswer_seconds = 7\nforwarded = \"both\"\nbalance = \"least_connections\"\nhealth_path = \"/up?x\"\n[server]\nstreams = 9\n";
    let (_dir, sources) = sources(Some(file));
    let settings = Settings::load(&sources).unwrap();
    assert_eq!(settings.tls.files, [("a.pem".into(), "a.key".into()), ("b.pem".into(), "b.key".into())]);
    assert!(settings.tls.redirect && settings.tls.listen.is_some_and(|l| l.port() == 443));
    assert_eq!(
        (settings.proxy.head.as_secs(), settings.proxy.health_path.as_deref(), settings.server.doors.streams),
        (7, Some("/up?x"), 9)
    );
    assert_eq!((settings.proxy.forwarded, settings.proxy.balance), (Forwarded::Both, Balance::LeastConnections));
}

#[test]
fn the_defaults_of_the_proxy_and_the_doors_are_those_of_the_code() {
    let (_dir, sources) = sources(None);
    let settings = Settings::load(&sources).unwrap();
    let (ways, doors) = (Terms::default(), crate::listener::Terms::default());
    assert_eq!(format!("{:?}", settings.proxy), format!("{ways:?}"));
    assert_eq!(format!("{:?}", settings.server.doors), format!("{doors:?}"));
}

#[test]
fn doors_and_ways_that_make_no_sense_are_refused() {
    for (file, expected) in [
        ("[tls]\nlisten = \"127.0.0.1:443\"\n", "tls.certificate: must name a file if tls.listen is set, or acme.names a host"),
        ("[tls]\ncertificate = \"a\"\n", "tls.key: 1 certificates and 0 keys: each certificate needs its key"),
        ("[tls]\nredirect = \"on\"\n", "tls.redirect: needs tls.listen: there is nowhere to send anybody"),
        ("[acme]\nnames = [\"a.example\"]\n", "acme.agree: must be yes: read the authority's terms of service first"),
        ("[acme]\nnames = \"a.example\"\nagree = \"yes\"\n", "tls.listen: must be set if acme.names is: certificates are shown there"),
        (
            "[acme]\nnames = \"a.example, *.example\"\n",
            "acme.names (doorward.toml:2): `*.example`: a wildcard must be proven in the DNS, which is not done here; name the hosts",
        ),
        ("[acme]\nnames = \"192.0.2.1\"\n", "acme.names (doorward.toml:2): `192.0.2.1` is no host name, such as login.example.com"),
        ("[acme]\nnames = \"a b\"\n", "acme.names (doorward.toml:2): `a b` is no host name, such as login.example.com"),
        ("[acme]\ndirectory = \"http://a.example\"\n", "acme.directory (doorward.toml:2): `http://a.example` is no https URL"),
        ("[acme]\nemail = \"ann\"\n", "acme.email (doorward.toml:2): `ann` is no address"),
        ("[acme]\nproof = \"dns-01\"\n", "acme.proof (doorward.toml:2): `dns-01` is none of http-01, tls-alpn-01"),
        ("[acme]\nca = \"Cargo.toml\"\n", "acme.ca (doorward.toml:2): Cargo.toml holds no certificate in PEM"),
        ("[proxy]\nhealth_path = \"up\"\n", "proxy.health_path (doorward.toml:2): `up` is no path, such as /up"),
        (
            "[proxy]\nforwarded = \"forward\"\n",
            "proxy.forwarded (doorward.toml:2): `forward` is none of x-forwarded, forwarded, both; did you mean `forwarded`?",
        ),
        ("[proxy]\nconnect_seconds = 0\n", "proxy.connect_seconds (doorward.toml:2): `0` is no whole number from 1 to 300"),
    ] {
        assert_eq!(refused(file), expected, "{file}");
    }
}

#[test]
fn what_nobody_knows_is_refused_with_its_line_and_a_suggestion() {
    for (file, expected) in [
        ("[server]\nlisten_on = \"x\"\n", "doorward.toml:2: `server.listen_on` is no setting; did you mean `server.listen`?"),
        ("\n[limit]\n", "doorward.toml:2: `limit` is no section; did you mean `limits`?"),
        ("[weather]\nrain = 1\n", "doorward.toml:1: `weather` is no section"),
        ("listen = \"x\"\n", "doorward.toml:1: `listen` is no section; it belongs into the section [server]"),
        ("server = 1\n", "doorward.toml:1: `server` is a section: write [server]"),
        ("[limits]\nper_account = true\n", "doorward.toml:2: `limits.per_account` takes a whole number from 1 to 1000000"),
        (
            "[server]\ntrusted_proxies = [1]\n",
            "doorward.toml:2: `server.trusted_proxies` takes addresses and networks such as 10.0.0.0/8; a list in the file, separated by commas elsewhere",
        ),
    ] {
        assert_eq!(refused(file), expected);
    }
    assert!(refused("[server]\nlisten = \n").starts_with("doorward.toml:2: "));
}

#[test]
fn values_that_cannot_be_used_name_their_origin() {
    for (key, value, expected) in [
        ("limits.per_account", "0", "limits.per_account (flag --set limits.per_account): `0` is no whole number from 1 to 1000000"),
        ("log.format", "jsn", "log.format (flag --set log.format): `jsn` is none of text, json; did you mean `json`?"),
        ("server.listen", "8080", "server.listen (flag --set server.listen): `8080` is no address with a port, such as 127.0.0.1:8080"),
        (
            "data.database",
            "mysql://u:hunter2@h/d",
            "data.database (flag --set data.database): must be a URL that begins with postgres://, or empty for SQLite",
        ),
    ] {
        let mut sources = Sources::default();
        sources.set(&format!("{key}={value}")).unwrap();
        assert_eq!(Settings::load(&sources).unwrap_err().to_string(), expected);
    }
    assert!(Sources::default().set("limits.per_acount=1").unwrap_err().to_string().contains("did you mean `limits.per_account`?"));
}

#[test]
fn a_password_in_a_database_url_is_never_shown() {
    for (url, shown) in [
        ("postgres://me:hunter2@db/door", "postgres://me:…@db/door"),
        ("postgres://me:hunter@2@db/door", "postgres://me:…@db/door"),
        ("postgres://me@db/door?sslmode=disable", "postgres://me@db/door?sslmode=disable"),
        ("postgresql://db/door?user=me&password=hunter2", "postgresql://db/door?user=me&password=…"),
        ("host=db password=hunter2", "…"),
        ("", ""),
    ] {
        assert_eq!(without_password(url), shown);
    }
    let mut sources = Sources::default();
    sources.environment.insert("DOORWARD_DATABASE".into(), "postgres://me:hunter2@db/door".into());
    let settings = Settings::load(&sources).unwrap();
    assert!(!reference::list(&settings).to_string().contains("hunter2"));
    assert!(!reference::explain("data.database", &settings).unwrap().contains("hunter2"));
}

#[test]
fn mistyped_variables_are_warned_of_and_strangers_left_alone() {
    let mut sources = Sources::default();
    for name in ["DOORWARD_LISTN", "DOORWARD_SERVICE_HOST", "DOORWARD_FAX_NUMBER"] {
        sources.environment.insert(name.into(), "x".into());
    }
    let warnings = Settings::load(&sources).unwrap().warnings;
    assert_eq!(warnings, ["DOORWARD_LISTN is no setting and was ignored; did you mean DOORWARD_LISTEN?"]);
}

#[test]
fn every_key_can_be_explained_and_is_in_the_reference() {
    let settings = Settings::load(&Sources::default()).unwrap();
    let text = reference::markdown();
    for key in keys() {
        assert!(text.contains(&format!("### `{}`", key.name)));
        assert!(reference::explain(key.name, &settings).unwrap().contains(key.env));
        assert!(key.env.starts_with("DOORWARD_") && key.about.ends_with('.'), "{}", key.name);
    }
    assert!(reference::explain("server.listn", &settings).unwrap_err().to_string().contains("did you mean `server.listen`?"));
}

#[test]
fn the_reference_in_the_documentation_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/settings.md");
    let written = std::fs::read_to_string(path).unwrap_or_default();
    assert!(written == reference::markdown(), "run: doorward settings reference > docs/settings.md");
}
