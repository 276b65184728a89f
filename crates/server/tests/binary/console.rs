//! The console of the real binary: the set-up link, a restart, power by command, and the way back in.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::support::{Answer, Ask, Place, until};

/// A browser, as much of one as is needed here.
struct Browser {
    to: SocketAddr,
    cookies: Vec<(String, String)>,
}

impl Browser {
    fn send(&mut self, ask: Ask) -> Answer {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let ask = ask.header("Host", &format!("localhost:{}", self.to.port()));
        let answer = if cookies.is_empty() { ask } else { ask.header("Cookie", &cookies.join("; ")) }.send(self.to);
        for line in answer.sent.lines().filter_map(|line| line.split_once(": ")).filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        {
            let (name, value) = line.1.split(';').next().and_then(|pair| pair.split_once('=')).unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }

    fn session(&mut self) -> Answer {
        self.send(Ask::get("/api/session"))
    }

    fn write(&mut self, method: &str, target: &str, body: &Value) -> Answer {
        let csrf = self.session().text("/csrf");
        let origin = format!("http://localhost:{}", self.to.port());
        self.send(Ask::new(method, target).header("Origin", &origin).header("X-CSRF-Token", &csrf).json(body))
    }
}

/// Where the console is and the ticket of a link.
fn link(text: &str) -> (SocketAddr, String) {
    let line = text.lines().find(|line| line.contains("/setup#")).unwrap_or_else(|| panic!("no link: {text}"));
    let (origin, token) = line.trim().split_once("/setup#").unwrap();
    let port = origin.strip_prefix("http://localhost:").unwrap();
    (format!("127.0.0.1:{port}").parse().unwrap(), token.to_owned())
}

#[test]
fn the_first_link_makes_an_owner_who_stays_in_over_a_restart() {
    let place = Place::new();
    let server = place.serve(&["--console-listen", "127.0.0.1:0"]);
    let out = until(std::time::Duration::from_secs(30), "the link", || Some(server.out()).filter(|out| out.contains("/setup#")));
    let (to, token) = link(&out);
    assert!(!server.log().contains(&token), "the link is in no log");
    let mut browser = Browser { to, cookies: Vec::new() };
    let body = json!({"token": token, "login": "root", "email": "root@example.com", "password": "a good long one"});
    let made = browser.write("POST", "/api/setup", &body);
    assert_eq!((made.status, made.text("/user/power").as_str(), made.at("/user/number")), (200, "owner", json!(1)), "{}", made.line());
    assert_eq!(browser.send(Ask::get("/api/settings")).status, 200);
    server.stop();

    let server = place.serve(&["--console-listen", &to.to_string()]);
    assert_eq!(server.out(), "", "nobody is awaited any more");
    let session = browser.session();
    assert_eq!((session.status, session.at("/signed_in")), (200, json!(true)), "{}", session.line());
    assert_eq!(browser.write("PATCH", "/api/me", &json!({"display_name": "Root"})).status, 200);

    assert_eq!(place.run(&["user", "power", "root", "none"]).good(), "root: sees their own things in the console\n");
    assert_eq!(browser.send(Ask::get("/api/settings")).status, 403, "power is looked up at each request");
    let (there, token) = link(&place.run(&["console", "link", "--set", &format!("console.listen={to}")]).good());
    assert_eq!(there, to);
    let back = browser.write(
        "POST",
        "/api/setup",
        &json!({"token": token, "login": "root", "email": "root@example.com", "password": "another long one"}),
    );
    assert_eq!((back.status, back.text("/user/power").as_str()), (200, "owner"), "{}", back.line());
    server.stop();
}

#[test]
fn the_consoles_name_is_no_sites_and_it_wins_where_it_was_one() {
    let place = Place::new();
    place.run(&["site", "add", "blog", "--url", "https://blog.example", "--host", "blog.example", "--host", "desk.example"]).good();
    let url = "console.url=https://desk.example";
    for (command, told) in [
        (
            vec!["site", "set", "blog", "--host", "desk.example:8443", "--set", url],
            "hosts[0]: `desk.example:8443` is the console's (console.url)",
        ),
        (
            vec!["site", "add", "new", "--url", "https://new.example", "--host", "desk.example", "--set", url],
            "hosts[0]: `desk.example` is the console's",
        ),
    ] {
        let ran = place.run(&command);
        assert!(ran.code != 0 && ran.err.contains(told), "{ran:?}");
    }
    assert!(place.run(&["site", "list", "--json"]).good().contains("desk.example"), "what was there before stays as it was");
    let server = place.serve(&["--set", url]);
    let warned = server.log().lines().filter(|line| line.contains("a host of the site is the console's")).count();
    assert_eq!(warned, 1, "once: {}", server.log());
    server.stop();
}
