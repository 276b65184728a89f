//! An OpenID provider on this machine: it signs with keys of its own, publishes them, and says what it is told to say.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

use doorward_core::testkit::SeededDice;
use doorward_core::token::{Algorithm, HeaderStyle, KeyId, SigningKey};
use serde_json::{Value, json};

/// The provider.
pub(crate) struct Idp {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
    /// True while it keeps its answers back.
    slow: Arc<Slow>,
}

type Slow = (Mutex<bool>, Condvar);

#[derive(Default)]
struct State {
    /// All that sign; those that are published.
    keys: Vec<SigningKey>,
    published: Vec<Value>,
    answers: HashMap<String, (u16, String)>,
    heard: Vec<Question>,
}

/// What it was asked.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Question {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }
}

impl Idp {
    /// A provider with one key of each of these algorithms, all of them published.
    pub(crate) fn start(algorithms: &[Algorithm]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State::default()));
        let slow = Arc::<Slow>::default();
        let idp = Self { address, state: Arc::clone(&state), slow: Arc::clone(&slow) };
        for algorithm in algorithms {
            idp.rotate(*algorithm);
        }
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (state, slow) = (Arc::clone(&state), Arc::clone(&slow));
                std::thread::spawn(move || answer(stream, address, &state, &slow));
            }
        });
        idp
    }

    /// Its URL, which is its name.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A new key, published; the last one signs.
    pub(crate) fn rotate(&self, algorithm: Algorithm) {
        let mut state = self.state.lock().unwrap();
        let seed = 77 + state.keys.len() as u64;
        let id = KeyId::parse(&format!("idp-{seed}")).unwrap();
        let key = SigningKey::generate(algorithm, id, &mut SeededDice::new(seed)).unwrap().0;
        state.published.push(key.verifying().public_jwk().unwrap().clone());
        state.keys.push(key);
    }

    /// Publishes no key any more but the last.
    pub(crate) fn unpublish(&self) {
        let mut state = self.state.lock().unwrap();
        let last = state.published.pop();
        state.published = last.into_iter().collect();
    }

    /// A token with these claims, signed with the key of a number.
    pub(crate) fn sign(&self, key: usize, claims: &Value) -> String {
        self.state.lock().unwrap().keys[key].sign(HeaderStyle::TypAlg, claims.to_string().as_bytes()).unwrap()
    }

    /// From now on it answers a path so, whatever the query.
    pub(crate) fn says(&self, path: &str, status: u16, body: &Value) {
        self.state.lock().unwrap().answers.insert(path.to_owned(), (status, body.to_string()));
    }

    /// From now on it hears and keeps its answers back, or gives them.
    pub(crate) fn is_slow(&self, slow: bool) {
        *self.slow.0.lock().unwrap() = slow;
        self.slow.1.notify_all();
    }

    /// What it has been asked since this was asked last.
    pub(crate) fn heard(&self) -> Vec<Question> {
        std::mem::take(&mut self.state.lock().unwrap().heard)
    }

    /// The first lines of what it has been asked.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.heard().into_iter().map(|q| q.line).collect()
    }
}

fn answer(mut stream: TcpStream, address: SocketAddr, state: &Mutex<State>, slow: &Slow) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(n, _)| n == "content-length").and_then(|(_, v)| v.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let path = line.split(' ').nth(1)?.split('?').next()?.to_owned();
    let (status, text) = {
        let mut state = state.lock().ok()?;
        state.heard.push(Question { line, headers, body: String::from_utf8_lossy(&body).into_owned() });
        match (state.answers.get(&path), path.as_str()) {
            (Some(said), _) => said.clone(),
            (None, "/.well-known/openid-configuration") => {
                let url = format!("http://{address}");
                (200, json!({"issuer": url, "jwks_uri": format!("{url}/jwks")}).to_string())
            }
            (None, "/jwks") => (200, json!({"keys": state.published}).to_string()),
            (None, _) => (404, "{}".to_owned()),
        }
    };
    drop(slow.1.wait_while(slow.0.lock().ok()?, |slow| *slow).ok()?);
    let head =
        format!("HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", text.len());
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(text.as_bytes())).ok()
}
