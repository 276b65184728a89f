//! Letters outlive the server: kept before the answer, sealed, handed over by whoever is there next, and then gone.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Ask, Engine, Place, bundle, until, user};

const SOON: Duration = Duration::from_secs(120);

/// What a mail server does with letters.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    /// Nothing yet.
    Closed,
    /// It takes them.
    Open,
    /// It takes them, and dies before it has said so.
    Dying,
    /// It will never take them.
    Refusing,
}

/// A mail server that takes no letter until it is told to, and keeps those that it takes.
struct MailServer {
    address: SocketAddr,
    mood: Arc<Mutex<Mood>>,
    asked: Arc<AtomicBool>,
    letters: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (mood, asked, letters) =
            (Arc::new(Mutex::new(Mood::Closed)), Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (its_mood, was_asked, book) = (Arc::clone(&mood), Arc::clone(&asked), Arc::clone(&letters));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (mood, book) = (*its_mood.lock().unwrap(), Arc::clone(&book));
                was_asked.store(true, Ordering::SeqCst);
                std::thread::spawn(move || talk(stream, mood, &book));
            }
        });
        Self { address, mood, asked, letters }
    }

    fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn letters(&self) -> Vec<String> {
        self.letters.lock().unwrap().clone()
    }
}

/// As much SMTP (RFC 5321) as a letter needs. Whoever is gone hears nothing.
fn talk(mut stream: TcpStream, mood: Mood, book: &Mutex<Vec<String>>) -> Option<()> {
    if mood == Mood::Closed {
        return stream.write_all(b"421 come again later\r\n").ok();
    }
    stream.write_all(b"220 here\r\n").ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let answer: &[u8] = match line.to_ascii_uppercase().split_whitespace().next().unwrap_or_default() {
            "DATA" => {
                stream.write_all(b"354 go on\r\n").ok()?;
                let mut letter = String::new();
                while !letter.ends_with("\r\n.\r\n") {
                    if reader.read_line(&mut letter).ok()? == 0 {
                        return None;
                    }
                }
                book.lock().ok()?.push(letter);
                if mood == Mood::Dying {
                    return None;
                }
                b"250 taken\r\n"
            }
            "RCPT" if mood == Mood::Refusing => b"550 nobody here\r\n",
            "QUIT" => return stream.write_all(b"221 bye\r\n").ok(),
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).ok()?;
    }
}

fn site() -> Value {
    json!({
        "name": "yoursite", "id": 1, "url": "https://example.com", "hosts": ["example.com", "other.example"], "users": [user(1, "alice")],
        "dialects": {"simple_jwt_login": {"edition": "v4", "settings": {
            "_schema_version": 2, "general": {"decryption_key": "a-key-of-thirty-two-bytes-or-more"},
            "reset_password": {"enabled": true, "flow": 2, "email_subject": "Code", "email_body": "VGhlIGNvZGUgb2Yge3tVU0VSTkFNRX19OiB7e0NPREV9fSE="}
        }}}
    })
}

/// True if any file below a folder has these bytes in it.
fn is_written(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() {
            is_written(&path, text)
        } else {
            std::fs::read(&path).unwrap().windows(text.len()).any(|at| at == text.as_bytes())
        }
    })
}

#[test]
fn a_letter_that_was_not_handed_over_is_by_the_next_server_and_lies_sealed_until_then() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let post = MailServer::start();
        let place = Place::on(engine);
        place.import(&bundle(vec![site()])).good();
        std::fs::write(place.path().join("doorward.toml"), format!("[mail]\nsmtp_url = \"smtp://{}\"\n", post.address)).unwrap();
        let server = place.serve(&[]);
        let reset = |email: &str| {
            let ask = Ask::post("/wp-json/simple-jwt-login/v1/user/reset_password").header("Host", "example.com");
            ask.json(&json!({"email": email})).try_send(server.address).unwrap()
        };
        assert_eq!(reset("nobody@example.com").status, 404);
        let answer = reset("alice@example.com");
        assert_eq!(answer.status, 200, "{}", answer.line());
        until(SOON, "the first try", || post.asked.load(Ordering::SeqCst).then_some(()));
        server.kill();
        assert_eq!(post.letters(), [""; 0]);
        if matches!(engine, Engine::Sqlite) {
            let data = place.data("");
            assert!(is_written(&data, "alice@example.com") && !is_written(&data, "The code of alice"), "it lies sealed");
        }
        post.be(Mood::Open);
        let server = place.serve(&[]);
        let letter = until(SOON, "the letter", || post.letters().pop());
        assert!(letter.contains("alice@example.com") && letter.contains("The code of alice: "), "{engine:?}: {letter}");
        let code = letter.split("The code of alice: ").nth(1).unwrap().split('!').next().unwrap().to_owned();
        let change = Ask::new("PUT", "/wp-json/simple-jwt-login/v1/user/reset_password").header("Host", "example.com");
        let body = json!({"email": "alice@example.com", "code": code, "new_password": "Another-1"});
        let changed = change.json(&body).try_send(server.address).unwrap();
        assert_eq!(changed.status, 200, "{}", changed.line());
        server.stop();
        assert_eq!(post.letters().len(), 1, "it came once, and nobody else was written to");
    }
}

#[test]
fn a_letter_that_is_handed_over_twice_is_known_for_one_and_one_that_is_refused_is_in_the_audit() {
    let post = MailServer::start();
    post.be(Mood::Dying);
    let place = Place::on(Engine::Sqlite);
    place.import(&bundle(vec![site()])).good();
    std::fs::write(place.path().join("doorward.toml"), format!("[mail]\nsmtp_url = \"smtp://{}\"\n", post.address)).unwrap();
    let server = place.serve(&[]);
    let reset = |address| {
        // What a request calls the site is no word of its letters.
        let ask = Ask::post("/wp-json/simple-jwt-login/v1/user/reset_password").header("Host", "other.example");
        assert_eq!(ask.json(&json!({"email": "alice@example.com"})).try_send(address).unwrap().status, 200);
    };
    reset(server.address);
    until(SOON, "the first copy", || post.letters().first().cloned());
    server.kill();
    post.be(Mood::Open);
    let server = place.serve(&[]);
    let copies = until(SOON, "the second copy", || Some(post.letters()).filter(|letters| letters.len() > 1));
    let line = |letter: &str, name: &str| letter.lines().find(|line| line.starts_with(name)).map(str::to_owned).unwrap_or_default();
    let known_by = |letter: &str| (line(letter, "Message-ID: <"), line(letter, "Date: "));
    assert_eq!(known_by(&copies[0]), known_by(&copies[1]));
    let (id, date) = known_by(&copies[0]);
    assert!(id.ends_with("@example.com>") && date.ends_with(" +0000"), "{id} {date}");
    let given_up =
        || -> Value { serde_json::from_str(&place.run(&["audit", "list", "--action", "letter.send", "--json"]).good()).unwrap() };
    assert_eq!(given_up(), json!([]));
    post.be(Mood::Refusing);
    reset(server.address);
    let list = until(SOON, "the entry", || Some(given_up()).filter(|list| list != &json!([])));
    assert_eq!(
        (&list[0]["reason"], &list[0]["outcome"], list.as_array().map(Vec::len)),
        (&json!("letter_refused"), &json!("refused"), Some(1))
    );
    assert!(!list.to_string().contains("alice@"), "{list}");
    server.stop();
    assert!(post.letters().iter().all(|letter| known_by(letter) == (id.clone(), date.clone())), "no other letter was handed over");
}
