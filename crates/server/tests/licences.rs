//! Every crate in the lock file may be used under MIT or Apache-2.0: its licence allows it, as the crate itself says it, without the network.

#![expect(clippy::unwrap_used, reason = "a house rule that cannot be checked is broken")]

use std::process::Command;

use serde_json::Value;

/// Licences that ask for no more than a notice, by their SPDX names.
const FINE: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates under a licence that asks for more, each by its name and licence and with the page that decided it. MPL-2.0 holds for their own
/// files, which we use unchanged and do not copy from (decisions/0018).
const DECIDED: [(&str, &str); 5] = [
    ("webauthn-rs", "MPL-2.0"),
    ("webauthn-rs-core", "MPL-2.0"),
    ("webauthn-rs-proto", "MPL-2.0"),
    ("webauthn-attestation-ca", "MPL-2.0"),
    ("crypto-glue", "MPL-2.0"),
];

/// True if an SPDX expression can be met with licences that are fine. `/` is how older crates write OR.
fn is_fine(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    either(&words, &mut at) && at == words.len()
}

fn either(words: &[&str], at: &mut usize) -> bool {
    let mut fine = both(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        // Not short-circuited: the rest must be read as well.
        fine |= both(words, at);
    }
    fine
}

fn both(words: &[&str], at: &mut usize) -> bool {
    let mut fine = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        fine &= one(words, at);
    }
    fine
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let Some(&word) = words.get(*at) else { return false };
    *at += 1;
    if word == "(" {
        let fine = either(words, at);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return fine && closed;
    }
    if words.get(*at) == Some(&"WITH") {
        let name = format!("{word} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
        return FINE.contains(&name.as_str());
    }
    FINE.contains(&word)
}

/// The packages that this machine's builds are made of, as cargo has them at hand.
fn packages(manifest: &str) -> Vec<Value> {
    let told = Command::new("rustc").arg("-vV").output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let host = told.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let manifest = format!("{}/../../{manifest}", env!("CARGO_MANIFEST_DIR"));
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform", host, "--manifest-path", &manifest])
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: Value = serde_json::from_slice(&out.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

#[test]
fn every_crate_may_be_used() {
    let packages = packages("Cargo.toml");
    assert!(packages.len() > 200, "{} packages", packages.len());
    let decided = |p: &Value| DECIDED.iter().any(|(name, licence)| p["name"] == *name && p["license"] == *licence);
    let bad: Vec<_> = packages.iter().filter(|p| !is_fine(p["license"].as_str().unwrap_or_default()) && !decided(p)).collect();
    let bad: Vec<_> = bad.iter().map(|p| format!("{} {}: {}", p["name"], p["version"], p["license"])).collect();
    assert_eq!(bad, Vec::<String>::new(), "a licence that asks for more than a notice, or none at all");
    // From one registry, whose lock file has a checksum of each: nothing from a branch of somebody.
    let elsewhere: Vec<_> = packages.iter().filter(|p| p["source"].as_str().is_some_and(|s| !s.starts_with("registry+"))).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

#[test]
fn an_expression_is_met_by_what_it_allows() {
    for (expression, fine) in [
        ("MIT", true),
        ("MIT OR Apache-2.0", true),
        ("MIT/Apache-2.0", true),
        ("Unlicense/MIT", true),
        ("GPL-3.0-only", false),
        ("MIT OR Apache-2.0 OR LGPL-2.1-or-later", true),
        ("MIT AND GPL-3.0-only", false),
        ("GPL-3.0-only OR (MIT AND ISC)", true),
        ("(MIT OR GPL-2.0-only) AND AGPL-3.0-only", false),
        ("ISC AND (Apache-2.0 OR ISC)", true),
        ("Apache-2.0 WITH LLVM-exception OR GPL-2.0-only", true),
        ("GPL-2.0-only WITH Classpath-exception-2.0", false),
        ("(MIT", false),
        ("MIT)", false),
        ("MIT OR", true),
        ("AND MIT", false),
        ("", false),
    ] {
        assert_eq!(is_fine(expression), fine, "{expression}");
    }
}

/// Crates with an advisory that concerns what we use of them, and the first version without it: RUSTSEC-2026-0199, CVE-2026-25537,
/// RUSTSEC-2022-0018, RUSTSEC-2024-0363.
const MENDED: [(&str, [u64; 3]); 4] = [("bcrypt", [0, 19, 2]), ("jsonwebtoken", [10, 3, 0]), ("totp-rs", [1, 1, 0]), ("sqlx", [0, 8, 1])];

/// `rsa` (RUSTSEC-2023-0071) leaks a private key by the time that it takes: it is there for those who check signatures with it, which
/// takes none.
const ASKS_FOR_RSA: [&str; 1] = ["crypto-glue"];

#[test]
fn no_crate_is_of_a_version_that_is_known_to_be_weak() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
    let mut seen = 0;
    for package in lock.split("[[package]]").skip(1) {
        let of = |key: &str| package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = ")).map(|v| v.trim_matches('"'));
        let (name, version) = (of("name").unwrap(), of("version").unwrap());
        if let Some((_, mended)) = MENDED.iter().find(|(weak, _)| *weak == name) {
            seen += 1;
            let numbers: Vec<u64> = version.split(['.', '-', '+']).take(3).map(|n| n.parse().unwrap()).collect();
            assert!(numbers.as_slice() >= mended.as_slice(), "{name} {version}");
        }
        let asks = package
            .split_once("dependencies = [")
            .is_some_and(|(_, list)| list.lines().any(|l| l.trim().trim_matches([',', '"']) == "rsa"));
        assert!(!asks || ASKS_FOR_RSA.contains(&name), "{name} asks for rsa");
    }
    assert!(seen >= 2, "the lock file is not read");
}
