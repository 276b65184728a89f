//! The pages' files: found below /assets/, compressed where asked, each form with a mark of its own.

use super::world;
use crate::support::{Ask, Browser};

#[test]
fn files_are_found_below_assets_and_nowhere_else() {
    let world = world();
    let mut browser = Browser::open(&world);
    for (target, status, kind) in [
        ("/assets/app.js", 200, "text/javascript; charset=utf-8"),
        ("/assets/vendor/preact.js", 200, "text/javascript; charset=utf-8"),
        ("/assets/style/tokens.css", 200, "text/css; charset=utf-8"),
        ("/assets/icon.svg", 200, "image/svg+xml"),
        ("/assets/docs/rules.md", 200, "text/markdown; charset=utf-8"),
        ("/assets/docs/dialects/wapka.md", 200, "text/markdown; charset=utf-8"),
        ("/sites/blog/users/4", 200, "text/html; charset=utf-8"),
        ("/app.js", 404, ""),
        ("/assets/", 404, ""),
        ("/assets/nothing.js", 404, ""),
        ("/assets/nothing", 404, ""),
    ] {
        let answer = browser.get(target);
        assert_eq!(answer.status, status, "{target}");
        assert!(kind.is_empty() || answer.header("content-type") == kind, "{target}: {}", answer.header("content-type"));
        assert!(status != 200 || answer.header("cache-control") == "no-cache", "{target}");
    }
}

#[test]
fn a_file_is_compressed_for_those_who_take_it_so() {
    let world = world();
    let mut browser = Browser::open(&world);
    let plain = browser.get("/assets/app.js");
    let mut ask = |takes: &str, mark: &str| {
        let ask = Ask::get("/assets/app.js").header("Accept-Encoding", takes);
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
