//! The house rules that no compiler checks, run as a test.

#![expect(clippy::unwrap_used, reason = "a house rule that cannot be checked is broken")]

use std::fs;
use std::path::{Path, PathBuf};

/// Lines that a file may have, its tests apart.
const LINES: usize = 400;

/// Files that may be longer, with the reason.
const LONGER: &[(&str, &str)] = &[];

/// Who may reveal a secret: files where a secret is weighed, sealed, hashed, or handed to its owner once.
const MAY_REVEAL: &[&str] = &[
    "core/src/secret.rs",
    "core/src/vault.rs",
    "core/src/credential/",
    "core/src/token/",
    "core/src/house/",
    "core/src/flow/",
    "core/src/testkit/",
    // A drawn password is shown once; of an auth code, first and last letters.
    "console/src/admin/users.rs",
    "console/src/admin/lists.rs",
    "console/src/cookies.rs",
    "console/src/admin/users.rs",
    "console/src/second_factor.rs",
    "console/src/session.rs",
    "console/src/tokens.rs",
    "dialects/src/wporchestrix/auth.rs",
    "dialects/src/wapka/api_keys",
    "dialects/src/simple_jwt_login/original/refresh_token.rs",
    // Auth codes go back into the option that they came from.
    "dialects/src/simple_jwt_login/settings/lists.rs",
    // A client's secret, to the provider that gave it; a derived secret of webhooks, to the operator who asks for it.
    "dialects/src/simple_jwt_login/original/oauth/ask.rs",
    "dialects/src/simple_jwt_login/mod.rs",
    "dialects/src/wncms/token",
    "dialects/src/wncms/present.rs",
    "server/src/acme/shelf.rs",
    "server/src/bundle/",
    "server/src/command/",
    "server/src/config/",
    "server/src/demo/",
    "server/src/wire",
    "server/src/adapter/hasher.rs",
    "server/src/adapter/passkeys.rs",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rust_files() -> Vec<(String, String)> {
    fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.push(path);
            }
        }
    }
    let mut files = Vec::new();
    for crate_dir in fs::read_dir(root()).unwrap() {
        let dir = crate_dir.unwrap().path().join("src");
        if dir.is_dir() {
            walk(&dir, &mut files);
        }
    }
    let base = root();
    assert!(files.len() > 50, "the tidy test does not find the sources");
    files.into_iter().map(|p| (p.strip_prefix(&base).unwrap().display().to_string(), fs::read_to_string(&p).unwrap())).collect()
}

/// The text before the unit tests.
fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn every_file_opens_with_a_sentence_of_who_lives_there() {
    for (path, text) in rust_files() {
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 12, "{path} does not say who lives there");
    }
}

#[test]
fn files_stay_readable() {
    for (path, text) in rust_files() {
        let lines = without_tests(&text).lines().count();
        let excused = LONGER.iter().any(|(file, _)| path.ends_with(file)) || path.contains("/tests") || path.contains("/testkit/");
        assert!(lines <= LINES || excused, "{path} has {lines} lines: is there more than one thing in it?");
    }
}

#[test]
fn rooms_import_only_what_they_may() {
    let allowed: &[(&str, &[&str])] = &[
        ("core", &[]),
        ("store-sqlite", &["doorward-core"]),
        ("store-postgres", &["doorward-core", "doorward-store-postgres"]),
        ("web", &["doorward-core"]),
        ("dialects", &["doorward-core", "doorward-web"]),
        ("gateway", &["doorward-core", "doorward-web"]),
        ("console", &["doorward-core", "doorward-web"]),
    ];
    for (name, may) in allowed {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        for line in manifest.lines().filter(|l| l.starts_with("doorward-")) {
            let dependency = line.split(['.', ' ', '=']).next().unwrap();
            assert!(may.contains(&dependency), "{name} must not import {dependency}");
        }
    }
}

#[test]
fn the_core_has_no_runtime_no_http_and_no_sql() {
    let manifest = fs::read_to_string(root().join("core/Cargo.toml")).unwrap();
    for banned in ["tokio", "hyper", "http", "axum", "rusqlite", "postgres", "rand", "tracing"] {
        let named = manifest.lines().any(|l| l.starts_with(&format!("{banned}.")) || l.starts_with(&format!("{banned} ")));
        assert!(!named, "core must not depend on {banned}");
    }
}

#[test]
fn dialects_do_not_know_each_other() {
    let names = ["wporchestrix", "simple_jwt_login", "wncms", "wapka", "jwt_auth"];
    for (path, text) in rust_files() {
        let Some(mine) = names.iter().find(|n| path.starts_with(&format!("dialects/src/{n}/"))) else { continue };
        for other in names.iter().filter(|n| *n != mine) {
            assert!(!text.contains(&format!("crate::{other}")), "{path} imports {other}");
        }
    }
}

#[test]
fn a_call_is_made_only_at_the_porch() {
    // Commands, the watched file and the demo's setting up are calls of their own; Basic is a login inside a check; an endpoint's refusal keeps its call's parts.
    let may = [
        "web/src/incoming.rs",
        "core/src/call.rs",
        "core/src/testkit/",
        "core/src/flow/login.rs",
        "server/src/reception/endpoint.rs",
        "server/src/command/",
        "server/src/demo/",
        "server/src/rules/file.rs",
        "server/src/console/server.rs",
    ];
    for (path, text) in rust_files() {
        let makes = without_tests(&text).contains("Call { now");
        assert!(!makes || may.iter().any(|m| path.starts_with(m)), "{path} makes a Call of its own");
    }
}

#[test]
fn secrets_are_revealed_only_where_listed() {
    for (path, text) in rust_files() {
        let reveals = without_tests(&text).contains(".reveal");
        assert!(!reveals || MAY_REVEAL.iter().any(|m| path.starts_with(m)), "{path} reveals a secret: say why in tidy.rs");
    }
}

#[test]
fn waivers_carry_sentences() {
    for (path, text) in rust_files() {
        for (number, line) in text.lines().enumerate() {
            let waiver = line.trim_start().starts_with("#[allow(") || line.trim_start().starts_with("#[expect(");
            let following: String = text.lines().skip(number).take(6).collect();
            assert!(!waiver || following.contains("reason ="), "{path}:{}: a waiver without a reason", number + 1);
        }
    }
}

#[test]
fn every_deviation_names_a_test_that_is_there() {
    let base = root().join("..");
    let text = fs::read_to_string(base.join("docs/compatibility/deviations.json")).unwrap();
    let entries: serde_json::Value = serde_json::from_str(&text).unwrap();
    for entry in entries.as_array().unwrap() {
        let test = entry["test"].as_str().unwrap();
        let (path, name) = test.split_once(": ").unwrap();
        let source = fs::read_to_string(base.join(path)).unwrap_or_default();
        assert!(source.contains(&format!("fn {name}(")), "{test} is not there");
        assert!(entry["why"].as_str().is_some_and(|why| why.len() > 40), "{test}: why?");
    }
}

/// The table of lessons in docs/security.md: every line has its number, and every test that it names is there.
#[test]
fn every_lesson_names_tests_that_are_there() {
    let base = root().join("..");
    let text = fs::read_to_string(base.join("docs/security.md")).unwrap();
    let (_, table) = text.split_once("\n## What befell others").unwrap();
    let table = table.split("\n## ").next().unwrap();
    let mut lessons = 0;
    for line in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |")) {
        lessons += 1;
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!((cells.len(), cells[0]), (3, lessons.to_string().as_str()), "{line}");
        for item in cells[2].split("; ") {
            let mut names = item.split(' ').map(|word| word.strip_prefix('`').and_then(|w| w.strip_suffix('`')).unwrap());
            let path = names.next().unwrap();
            let path = if path.starts_with("crates/") || path.starts_with("tests/") {
                path.to_owned()
            } else {
                format!("crates/server/tests/{path}")
            };
            let source = fs::read_to_string(base.join(&path)).unwrap_or_default();
            assert!(!source.is_empty(), "{lessons}: {path} is not there");
            let mut none = true;
            for name in names {
                none = false;
                assert!(source.contains(&format!("fn {name}(")), "{lessons}: {path} has no {name}");
            }
            assert!(!none || path.starts_with("tests/"), "{lessons}: {path}, but which test?");
        }
    }
    assert_eq!(lessons, 48);
}
