//! The pages' files: found below /assets/, compressed where asked, each form with a mark of its own, and kept for ever by their names.

use super::world;
use crate::support::{Ask, Browser};

/// Where the page's script is: its name says what is in it.
fn script(browser: &mut Browser) -> String {
    let page = browser.get("/").body;
    page.split('"').find(|part| part.starts_with("/assets/app.") && part.ends_with(".js")).expect("the page asks for its script").to_owned()
}

#[test]
fn files_are_found_below_assets_and_nowhere_else() {
    let world = world();
    let mut browser = Browser::open(&world);
    let script = script(&mut browser);
    for (target, status, kind) in [
        (script.as_str(), 200, "text/javascript; charset=utf-8"),
        ("/assets/vendor/LICENSE-preact", 200, "text/plain; charset=utf-8"),
        ("/assets/docs/rules.md", 200, "text/markdown; charset=utf-8"),
        ("/assets/docs/dialects/wapka.md", 200, "text/markdown; charset=utf-8"),
        ("/sites/blog/users/4", 200, "text/html; charset=utf-8"),
        ("/app.js", 404, ""),
        ("/assets/app.js", 404, ""),
        ("/assets/icon.svg", 404, ""),
        ("/assets/vendor/preact.js", 404, ""),
        ("/assets/", 404, ""),
        ("/assets/nothing.js", 404, ""),
        ("/assets/nothing", 404, ""),
    ] {
        let answer = browser.get(target);
        assert_eq!(answer.status, status, "{target}");
        assert!(kind.is_empty() || answer.header("content-type") == kind, "{target}: {}", answer.header("content-type"));
        let kept = if target == script { "public, max-age=31536000, immutable" } else { "no-cache" };
        assert!(status != 200 || answer.header("cache-control") == kept, "{target}");
    }
}

#[test]
fn a_file_is_compressed_for_those_who_take_it_so() {
    let world = world();
    let mut browser = Browser::open(&world);
    let script = script(&mut browser);
    let plain = browser.get(&script);
    let mut ask = |takes: &str, mark: &str| {
        let ask = Ask::get(&script).header("Accept-Encoding", takes);
        browser.send(if mark.is_empty() { ask } else { ask.header("If-None-Match", mark) })
    };
    assert_eq!(plain.header("content-encoding"), "");
    for takes in ["gzip", "br, GZIP;q=0.5", "deflate, gzip"] {
        let packed = ask(takes, "");
        assert_eq!((packed.status, packed.header("content-encoding"), packed.header("vary")), (200, "gzip", "Accept-Encoding"), "{takes}");
        assert_ne!(packed.header("etag"), plain.header("etag"), "a strong mark names the bytes");
        assert_eq!(ask(takes, packed.header("etag")).status, 304);
        assert_eq!(ask(takes, plain.header("etag")).status, 200, "the mark of the other form");
    }
    for takes in ["", "identity", "gzip;q=0", "gzip; q=0.0", "br"] {
        assert_eq!(ask(takes, "").header("content-encoding"), "", "{takes}");
    }
}
