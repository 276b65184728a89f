//! Webhooks outlive the server: kept before the answer, told by whoever is there next.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Ask, Engine, PASSWORD, Place, bundle, until, user};

const SOON: Duration = Duration::from_secs(90);

/// A receiver that says a status to everybody, and remembers the id and the body of what it heard.
struct Receiver {
    address: SocketAddr,
    says: Arc<AtomicU16>,
    heard: Arc<Mutex<Vec<(String, String)>>>,
}

impl Receiver {
    fn start(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (says, heard) = (Arc::new(AtomicU16::new(status)), Arc::new(Mutex::new(Vec::new())));
        let (status, book) = (Arc::clone(&says), Arc::clone(&heard));
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut id, mut length) = (String::new(), 0);
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).is_err() || line.trim().is_empty() {
                        break;
                    }
                    let (name, value) = line.split_once(':').unwrap_or_default();
                    match name.to_ascii_lowercase().as_str() {
                        "webhook-id" => value.trim().clone_into(&mut id),
                        "content-length" => length = value.trim().parse().unwrap(),
                        _ => {}
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                book.lock().unwrap().push((id, String::from_utf8(body).unwrap()));
                let _ = write!(stream, "HTTP/1.1 {} Said\r\ncontent-length: 0\r\n\r\n", status.load(Ordering::SeqCst));
            }
        });
        Self { address, says, heard }
    }

    fn heard(&self) -> Vec<(String, String)> {
        self.heard.lock().unwrap().clone()
    }
}

fn site(receiver: &Receiver) -> Value {
    json!({
        "name": "yoursite", "id": 1, "url": "https://example.com", "hosts": ["example.com"], "users": [user(1, "alice")],
        "dialects": {"simple_jwt_login": {
            "edition": "v4", "webhooks": {"private_addresses": true, "plain_http": true},
            "settings": {
                "_schema_version": 2, "general": {"decryption_key": "a-key-of-thirty-two-bytes-or-more"}, "login": {"login_by_parameter": "email"},
                "authorization": {"enabled": "1", "jwt_payload": ["exp", "email"]},
                "webhooks": {"items": [{"url": format!("http://{}/hook", receiver.address), "enabled": true, "events": ["auth"]}]}
            }
        }}
    })
}

#[test]
fn a_webhook_that_was_not_heard_is_told_by_the_next_server() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let receiver = Receiver::start(503);
        let place = Place::on(engine);
        place.import(&bundle(vec![site(&receiver)])).good();
        let server = place.serve(&[]);
        let login = Ask::post("/wp-json/simple-jwt-login/v1/auth").header("Host", "example.com");
        let answer = login.json(&json!({"username": "alice", "password": PASSWORD})).try_send(server.address).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.line());
        let (id, body) = until(SOON, "the first try", || receiver.heard().first().cloned());
        assert_eq!(body, r#"{"user_id":1,"user_email":"alice@example.com","event":"auth"}"#);
        // Written down: what is not is told again too, once its lease is over.
        let listed = || -> Value { serde_json::from_str(&place.run(&["webhooks", "list", "--json"]).good()).unwrap() };
        until(SOON, "the try in the list", || (listed()[0]["heard"] == "503").then_some(()));
        server.kill();
        receiver.says.store(204, Ordering::SeqCst);
        let server = place.serve(&[]);
        let again = until(SOON, "another try", || receiver.heard().get(1).cloned());
        assert_eq!(again, (id, body), "{engine:?}");
        let listed = until(SOON, "its place in the list", || {
            let list = listed();
            (list[0]["standing"] == "delivered").then_some(list)
        });
        assert_eq!((listed.as_array().unwrap().len(), &listed[0]["heard"], &listed[0]["event"]), (1, &json!("204"), &json!("auth")));
        let secret = place.run(&["webhooks", "secret"]).good();
        assert!(secret.starts_with("whsec_") && secret.trim_end().len() == 50, "{secret}");
        server.stop();
        assert_eq!(receiver.heard().len(), 2, "heard is heard");
    }
}
