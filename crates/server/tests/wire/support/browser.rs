//! A browser at the console: keeps cookies, sends its origin, and the CSRF token it was told.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{Answer, Ask, World};

/// A browser.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    to: SocketAddr,
    host: String,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) csrf: String,
}

impl Browser {
    /// A browser that has opened the console.
    pub(crate) fn open(world: &World) -> Self {
        let to = world.console();
        let mut browser = Self { to, host: format!("localhost:{}", to.port()), cookies: Vec::new(), csrf: String::new() };
        let answer = browser.get("/api/session");
        assert_eq!(answer.status, 200, "{}", answer.line());
        browser
    }

    /// A browser in which somebody has signed in with the common password.
    pub(crate) fn signed_in(world: &World, login: &str) -> Self {
        let mut browser = Self::open(world);
        let answer = browser.sign_in(login, super::PASSWORD);
        assert_eq!(answer.status, 200, "{}", answer.line());
        browser
    }

    /// A browser in which somebody with an authenticator has signed in.
    pub(crate) fn signed_in_with_code(world: &World, login: &str) -> Self {
        let mut browser = Self::open(world);
        let body = json!({"login": login, "password": super::PASSWORD, "code": world.totp()});
        let answer = browser.post("/api/session", &body);
        assert_eq!(answer.status, 200, "{}", answer.line());
        browser
    }

    /// Signs in on the only site.
    pub(crate) fn sign_in(&mut self, login: &str, password: &str) -> Answer {
        self.post("/api/session", &json!({"login": login, "password": password}))
    }

    pub(crate) fn get(&mut self, target: &str) -> Answer {
        self.send(Ask::get(target))
    }

    pub(crate) fn post(&mut self, target: &str, body: &Value) -> Answer {
        self.write("POST", target, body)
    }

    pub(crate) fn put(&mut self, target: &str, body: &Value) -> Answer {
        self.write("PUT", target, body)
    }

    pub(crate) fn patch(&mut self, target: &str, body: &Value) -> Answer {
        self.write("PATCH", target, body)
    }

    pub(crate) fn delete(&mut self, target: &str) -> Answer {
        self.send(self.ours(Ask::new("DELETE", target)))
    }

    /// A write with everything that our pages send.
    pub(crate) fn write(&mut self, method: &str, target: &str, body: &Value) -> Answer {
        self.send(self.ours(Ask::new(method, target)).json(&body.to_string()))
    }

    /// With the origin and the CSRF token of our pages.
    pub(crate) fn ours(&self, ask: Ask) -> Ask {
        ask.header("Origin", &self.origin()).header("Sec-Fetch-Site", "same-origin").header("X-CSRF-Token", &self.csrf)
    }

    /// The console's origin.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.host)
    }

    /// Sends what it is told, with its host and cookies; keeps the cookies and the token of the answer.
    pub(crate) fn send(&mut self, ask: Ask) -> Answer {
        let mut ask = ask.header("Host", &self.host);
        if !self.cookies.is_empty() {
            let line: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            ask = ask.header("Cookie", &line.join("; "));
        }
        let answer = ask.send(self.to);
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        if let Some(csrf) = serde_json::from_str::<Value>(&answer.body).ok().as_ref().and_then(|v| v["csrf"].as_str()) {
            csrf.clone_into(&mut self.csrf);
        }
        answer
    }

    /// The value of a cookie that it keeps.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
