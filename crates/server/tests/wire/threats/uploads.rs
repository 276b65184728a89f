//! Large forms stream to the upstream, and no field that would make another request of them does.

use doorward_core::policy::{PathMatch, Rule, Way};

use super::guises::{forms, wordpress};
use crate::jwt_auth;
use crate::support::{Ask, Person, Stage, World};

const MULTIPART: &str = "multipart/form-data; boundary=----geckoformboundary1";
const FORM: &str = "application/x-www-form-urlencoded";
const MIB: usize = 1024 * 1024;

fn part(head: &str, value: &str) -> String {
    format!("------geckoformboundary1\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n")
}

/// A file of some MiB, then a field.
fn upload(size: usize, name: &str, value: &str) -> (String, usize) {
    let file = part("name=\"file\"; filename=\"ann's.jpg\"\r\nContent-Type: image/jpeg", &"--x\r\n0".repeat(size / 6));
    let field = part(&format!("name=\"{name}\""), value);
    let before = file.len() - 2;
    (format!("{file}{field}------geckoformboundary1--\r\n"), before)
}

fn media() -> World {
    let open = Rule::new("media", PathMatch::Prefix, "/wp-json/wp/v2", &[Way::None]);
    let shut = Rule::new("shut", PathMatch::Prefix, "/wp-json/shut", &[Way::Token]);
    World::new(Stage::of("jwt_auth", jwt_auth::config()).rule(open).rule(shut).person(Person::new(4, "ann")))
}

/// A body of which nobody says how long it is.
fn chunked(path: &str, kind: &str, body: &str) -> Ask {
    let mut bytes = Vec::new();
    for chunk in body.as_bytes().chunks(9973) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    Ask::post(path).header("Transfer-Encoding", "chunked").body(kind, &bytes)
}

/// Large forms of either kind with one field behind `size` bytes, and how much of them may arrive.
fn large(path: &str, size: usize, name: &str, value: &str) -> Vec<(Ask, String, usize)> {
    let (multi, before) = upload(size, name, value);
    let form = format!("file={}&{name}={value}&x=y", "0".repeat(size));
    let at = "file=&".len() + size;
    vec![
        (Ask::post(path).body(MULTIPART, multi.as_bytes()), multi.clone(), before),
        (chunked(path, MULTIPART, &multi), multi, before),
        (Ask::post(path).body(FORM, form.as_bytes()), form.clone(), at),
        (chunked(path, FORM, &form), form, at),
    ]
}

#[test]
fn an_upload_of_many_mib_arrives_whole() {
    let world = media();
    for path in ["/wp-json/wp/v2/media", "/contact"] {
        for (ask, body, _) in large(path, 3 * MIB, "title", "rest_route") {
            assert_eq!(world.ask(ask).status, 200, "{path}");
            assert!(world.upstream.last().body == body, "{path}: byte for byte");
        }
    }
    for dialect in ["wporchestrix", "wncms"] {
        let world = forms(dialect);
        for (ask, body, _) in large("/posts/1", 3 * MIB, "method", "_method") {
            assert_eq!(world.ask(ask).status, 200, "{dialect}");
            assert!(world.upstream.last().body == body, "{dialect}: byte for byte");
        }
    }
}

#[test]
fn a_watched_field_far_into_an_upload_never_arrives() {
    let world = media();
    let worlds = [(&world, "/wp-json/wp/v2/media", "rest_route"), (&world, "/contact", "rest.route")];
    let (rails, laravel) = (forms("wporchestrix"), forms("wncms"));
    for (world, path, name) in
        worlds.into_iter().chain([(&rails, "/posts/1", "_method"), (&rails, "/posts/1", "[_method]"), (&laravel, "/posts/1", "_method")])
    {
        for (ask, body, before) in large(path, 2 * MIB, name, "DELETE") {
            let answer = world.ask(ask);
            assert_eq!(answer.status, 400, "{path} {name}: {}", answer.line());
            let cut = world.upstream.cut();
            assert!(body.as_bytes()[..before].starts_with(&cut), "{path} {name}: {} of {before}", cut.len());
            assert!(cut.len() > MIB / 2, "{path} {name}: it was streamed, {} bytes", cut.len());
        }
    }
    assert!(world.upstream.arrived().is_empty() && rails.upstream.arrived().is_empty() && laravel.upstream.arrived().is_empty());
}

#[test]
fn what_the_beginning_of_an_upload_says_is_judged() {
    let first = |name: &str, value: &str| {
        let body = format!("{}{}", part(&format!("name=\"{name}\""), value), upload(3 * MIB, "x", "y").0);
        (body.clone(), [Ask::post("/posts/1").body(MULTIPART, body.as_bytes()), chunked("/posts/1", MULTIPART, &body)])
    };
    for (world, name, shut, open) in [(wordpress(), "rest_route", "/shut/x", "/wp/v2/posts"), (forms("wncms"), "_method", "DELETE", "PUT")]
    {
        for ask in first(name, shut).1 {
            let answer = world.ask(ask);
            assert!(matches!(answer.status, 401 | 403), "{}", answer.line());
        }
        assert!(world.upstream.arrived().is_empty());
        let (body, asks) = first(name, open);
        for ask in asks {
            assert_eq!(world.ask(ask).status, 200, "{name}");
            assert!(world.upstream.last().body == body);
        }
        let unended = part(&format!("name=\"{name}\""), &"0".repeat(2 * MIB));
        assert_eq!(world.ask(Ask::post("/posts/1").body(MULTIPART, unended.as_bytes())).status, 413);
        assert_eq!(world.ask(Ask::post("/posts/1").body(FORM, format!("{name}={}", "0".repeat(2 * MIB)).as_bytes())).status, 413);
    }
}
