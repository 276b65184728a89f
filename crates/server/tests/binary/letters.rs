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

/// A mail server that takes no letter until it is told to, and keeps those that it takes.
struct MailServer {
    address: SocketAddr,
    open: Arc<AtomicBool>,
    asked: Arc<AtomicBool>,
    letters: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (open, asked, letters) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (is_open, was_asked, book) = (Arc::clone(&open), Arc::clone(&asked), Arc::clone(&letters));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (is_open, book) = (is_open.load(Ordering::SeqCst), Arc::clone(&book));
                was_asked.store(true, Ordering::SeqCst);
                std::thread::spawn(move || talk(stream, is_open, &book));
            }
        });
        Self { address, open, asked, letters }
    }

    fn letters(&self) -> Vec<String> {
        self.letters.lock().unwrap().clone()
    }
}

/// As much SMTP (RFC 5321) as a letter needs. Whoever is gone hears nothing.
fn talk(mut stream: TcpStream, is_open: bool, book: &Mutex<Vec<String>>) -> Option<()> {
    if !is_open {
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
                b"250 taken\r\n"
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n").ok(),
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).ok()?;
    }
}

fn site() -> Value {
    json!({
        "name": "yoursite", "id": 1, "url": "https://example.com", "hosts": ["example.com"], "users": [user(1, "alice")],
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
        post.open.store(true, Ordering::SeqCst);
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
