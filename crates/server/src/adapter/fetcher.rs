//! The way to other servers: one connection per question, to an address that was looked at before it is used; no redirects, no cookies,
//! no proxy, little patience.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use doorward_core::port::fetcher::{Fetcher, Heard, Plain, Question, Reach, Unheard};
use doorward_core::port::hasher::BoxFuture;
use http::header::{ACCEPT, CONNECTION, CONTENT_LENGTH, HOST, HeaderName, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT};
use http::{HeaderValue, Request, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;

/// For one question, from the look-up of the name to the end of the answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer that are read.
const MOST: usize = 256 * 1024;
/// Questions that are asked at a time.
const AT_A_TIME: usize = 32;
/// Headers that are the connection's, not the asker's.
const OURS: [HeaderName; 7] = [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING, TE, TRAILER, UPGRADE];

/// The adapter.
pub struct Wires {
    /// Made when the first question needs it.
    tls: Mutex<Option<Arc<ClientConfig>>>,
    slots: Semaphore,
}

impl Wires {
    /// With the certificates that this machine trusts, or those of `tls`.
    #[must_use]
    pub fn new(tls: Option<Arc<ClientConfig>>) -> Self {
        Self { tls: Mutex::new(tls), slots: Semaphore::new(AT_A_TIME) }
    }

    async fn ask(&self, place: Place, question: Question) -> Result<Heard, Unheard> {
        let _slot = self.slots.acquire().await.map_err(|_| Unheard::Unreachable)?;
        let stream = connect(&place, question.reach).await?;
        if !place.tls {
            return speak(stream, &place, question).await;
        }
        let name = ServerName::try_from(place.host.clone()).map_err(|_| Unheard::Forbidden)?;
        let config = self.config().map_err(|_| Unheard::Unreachable)?;
        let stream = TlsConnector::from(config).connect(name, stream).await.map_err(|_| Unheard::Unreachable)?;
        speak(stream, &place, question).await
    }

    fn config(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        let mut kept = self.tls.lock();
        if let Some(config) = kept.as_ref() {
            return Ok(Arc::clone(config));
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(BuilderVerifierExt::with_platform_verifier)?
            .with_no_client_auth();
        let config = Arc::new(config);
        *kept = Some(Arc::clone(&config));
        Ok(config)
    }
}

impl Fetcher for Wires {
    fn fetch(&self, question: Question) -> BoxFuture<'_, Result<Heard, Unheard>> {
        Box::pin(async move {
            let place = Place::read(&question.url).ok_or(Unheard::Forbidden)?;
            if !place.tls && question.reach.plain == Plain::Never {
                return Err(Unheard::Forbidden);
            }
            tokio::time::timeout(PATIENCE, self.ask(place, question)).await.unwrap_or(Err(Unheard::TooLate))
        })
    }
}

/// Where a question goes.
struct Place {
    tls: bool,
    host: String,
    port: u16,
    /// Host and port, as the header says them.
    authority: HeaderValue,
    path: String,
}

impl Place {
    fn read(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let tls = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        // A name and password in a URL are a mistake or a trap.
        if authority.as_str().contains('@') {
            return None;
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let authority = HeaderValue::from_str(authority.as_str()).ok()?;
        (!host.is_empty()).then_some(Self { tls, host, port, authority, path })
    }
}

/// The first address of the host that may be asked and takes the connection. What is connected to is what was looked at.
async fn connect(place: &Place, reach: Reach) -> Result<TcpStream, Unheard> {
    let found = tokio::net::lookup_host((place.host.as_str(), place.port)).await.map_err(|_| Unheard::Unreachable)?;
    let allowed: Vec<SocketAddr> = found.filter(|address| may(address.ip(), place.tls, reach)).collect();
    if allowed.is_empty() {
        return Err(Unheard::Forbidden);
    }
    for address in allowed {
        if let Ok(stream) = TcpStream::connect(address).await {
            let _ = stream.set_nodelay(true);
            return Ok(stream);
        }
    }
    Err(Unheard::Unreachable)
}

fn may(address: IpAddr, tls: bool, reach: Reach) -> bool {
    let is_here = address.to_canonical().is_loopback();
    let is_open = tls || reach.plain == Plain::Anywhere || (reach.plain == Plain::Loopback && is_here);
    is_open && (reach.private || is_public(address))
}

/// An address of the public Internet: none that is this machine's, a private network's, or nobody's.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let is_special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast() || v4.is_documentation();
            // This network, shared address space, protocol assignments, benchmarks, 6to4 relays, reserved.
            let is_odd = a == 0
                || (a == 100 && (64..128).contains(&b))
                || ((a, b, c) == (192, 0, 0))
                || (a == 198 && (b == 18 || b == 19))
                || ((a, b, c) == (192, 88, 99))
                || a >= 240;
            !is_special && !is_odd
        }
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            // Global unicast is 2000::/3; of it, not what wraps IPv4 (Teredo, 6to4), documentation or special purposes.
            let is_special = first == 0x2001 && (second < 0x0200 || second == 0x0db8);
            (first & 0xe000) == 0x2000 && !is_special && first != 0x2002 && first != 0x3fff
        }
    }
}

async fn speak<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(stream: S, place: &Place, question: Question) -> Result<Heard, Unheard> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| Unheard::Unreachable)?;
    let driven = tokio::spawn(connection);
    let _end = Ends(driven.abort_handle());
    let request = written(place, question).ok_or(Unheard::Forbidden)?;
    let response = sender.send_request(request).await.map_err(|_| Unheard::Unreachable)?;
    let status = response.status().as_u16();
    match Limited::new(response.into_body(), MOST).collect().await {
        Ok(body) => Ok(Heard { status, body: body.to_bytes().to_vec() }),
        Err(error) if error.is::<LengthLimitError>() => Err(Unheard::TooLarge),
        Err(_) => Err(Unheard::Unreachable),
    }
}

/// A connection ends with its question, however that ends.
struct Ends(tokio::task::AbortHandle);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn written(place: &Place, question: Question) -> Option<Request<Full<Bytes>>> {
    let mut request = Request::builder().method(question.method.as_str()).uri(place.path.as_str()).body(Full::from(question.body)).ok()?;
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("Doorward/", env!("CARGO_PKG_VERSION"))));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    for (name, value) in &question.headers {
        let (name, value) = (HeaderName::try_from(name.as_str()).ok()?, HeaderValue::from_str(value).ok()?);
        if !OURS.contains(&name) {
            headers.insert(name, value);
        }
    }
    headers.insert(HOST, place.authority.clone());
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    Some(request)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const HERE: Reach = Reach { private: true, plain: Plain::Loopback };

    /// A server that says the same to everybody, and how often it was asked.
    async fn server(says: &'static str) -> (String, Arc<std::sync::atomic::AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let asked = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                tokio::spawn(async move {
                    let _ = stream.read(&mut [0; 4096]).await;
                    let _ = stream.write_all(says.as_bytes()).await;
                });
            }
        });
        (url, asked)
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_is_not_followed() {
        let (elsewhere, asked) = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno").await;
        let says = format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
        let (url, _) = server(Box::leak(says.into_boxed_str())).await;
        let heard = Wires::new(None).fetch(Question::get(&url, HERE)).await.unwrap();
        assert_eq!((heard.status, asked.load(std::sync::atomic::Ordering::SeqCst)), (302, 0));
    }

    #[tokio::test]
    async fn an_answer_without_end_is_not_read_to_its_end() {
        let says = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{}", MOST + 1, "x".repeat(MOST + 1));
        let (url, _) = server(Box::leak(says.into_boxed_str())).await;
        assert_eq!(Wires::new(None).fetch(Question::get(&url, HERE)).await.unwrap_err(), Unheard::TooLarge);
        let (url, _) = server("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").await;
        assert_eq!(Wires::new(None).fetch(Question::get(&url, HERE)).await.unwrap_err(), Unheard::Unreachable);
    }

    #[tokio::test]
    async fn nothing_is_sent_where_a_question_may_not_go() {
        let (url, asked) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let port = url.trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
        let wires = Wires::new(None);
        for (url, reach) in [
            (url.clone(), Reach::default()),
            (url.clone(), Reach { private: false, plain: Plain::Anywhere }),
            (url.clone(), Reach { private: true, plain: Plain::Never }),
            (format!("http://localhost:{port}/"), Reach { private: false, plain: Plain::Loopback }),
            (format!("http://[::ffff:127.0.0.1]:{port}/"), Reach { private: false, plain: Plain::Anywhere }),
            (format!("http://user:secret@127.0.0.1:{port}/"), HERE),
            (format!("ftp://127.0.0.1:{port}/"), HERE),
            ("/".to_owned(), HERE),
            (String::new(), HERE),
        ] {
            assert_eq!(wires.fetch(Question::get(&url, reach)).await.unwrap_err(), Unheard::Forbidden, "{url}");
        }
        assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 0);
        assert_eq!(wires.fetch(Question::get(&url, HERE)).await.unwrap().status, 200);
    }

    #[test]
    fn public_is_what_is_neither_ours_nor_nobodys() {
        for address in [
            "127.0.0.1",
            "127.8.9.1",
            "10.1.1.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "0.1.2.3",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.88.99.1",
            "::1",
            "::",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:0:1::",
            "2001:db8::1",
            "100::1",
            "3fff::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}
