//! A connection to an upstream, plain or TLS, that counts what it has heard: a request may be repeated only if nothing was.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use doorward_core::refusal::Fault;
use parking_lot::Mutex;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::address::{Address, Scheme};

/// Why there is no connection.
pub(super) struct Missed {
    pub(super) fault: Fault,
    /// True if it is our own fault and no upstream's.
    pub(super) is_ours: bool,
}

/// What makes connections.
pub(super) struct Dialer {
    /// For a connection with its TLS handshake.
    pub(super) time: Duration,
    /// With HTTP/2 and HTTP/1.1 on offer, and with HTTP/1.1 alone (for upgrades). Made when the first is needed.
    tls: Mutex<Option<[Arc<ClientConfig>; 2]>>,
    given: Option<Arc<ClientConfig>>,
}

impl Dialer {
    pub(super) fn new(time: Duration, given: Option<Arc<ClientConfig>>) -> Self {
        Self { time, tls: Mutex::new(None), given }
    }

    /// Connects; true if the other side chose HTTP/2.
    pub(super) async fn dial(&self, to: &Address, upgrade: bool) -> Result<(Wire, bool), Missed> {
        let dialled = tokio::time::timeout(self.time, self.connect(to, upgrade)).await;
        let story = |what: &dyn std::fmt::Display| Fault::new(format_args!("the upstream {to} cannot be reached: {what}"));
        let dialled = dialled.map_err(|_| Missed { fault: story(&"it did not take the connection in time"), is_ours: false })?;
        dialled.map_err(|e| Missed { fault: story(&e), is_ours: is_ours(&e) })
    }

    async fn connect(&self, to: &Address, upgrade: bool) -> io::Result<(Wire, bool)> {
        let stream = open(to).await?;
        stream.set_nodelay(true)?;
        if to.scheme != Scheme::Https {
            return Ok((Wire { pipe: Pipe::Plain(stream), heard: Arc::default() }, to.scheme == Scheme::H2c));
        }
        let config = self.config(upgrade).map_err(|e| io::Error::new(io::ErrorKind::Unsupported, e))?;
        let name = ServerName::try_from(to.host.clone()).map_err(io::Error::other)?;
        let tls = TlsConnector::from(config).connect(name, stream).await?;
        let two = tls.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok((Wire { pipe: Pipe::Tls(Box::new(tls)), heard: Arc::default() }, two))
    }

    fn config(&self, upgrade: bool) -> Result<Arc<ClientConfig>, rustls::Error> {
        let mut kept = self.tls.lock();
        if let Some(pair) = kept.as_ref() {
            return Ok(Arc::clone(&pair[usize::from(upgrade)]));
        }
        let base = match &self.given {
            Some(given) => ClientConfig::clone(given),
            None => ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .and_then(BuilderVerifierExt::with_platform_verifier)?
                .with_no_client_auth(),
        };
        let offer = |protocols: &[&[u8]]| {
            let mut config = base.clone();
            config.alpn_protocols = protocols.iter().map(|p| p.to_vec()).collect();
            Arc::new(config)
        };
        let pair = [offer(&[b"h2", b"http/1.1"]), offer(&[b"http/1.1"])];
        let chosen = Arc::clone(&pair[usize::from(upgrade)]);
        *kept = Some(pair);
        Ok(chosen)
    }
}

/// True if it says nothing about the other side: we have no descriptor, no port, no memory or no trust store left for a connection.
fn is_ours(error: &io::Error) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    const OWN: [io::ErrorKind; 3] = [io::ErrorKind::AddrNotAvailable, io::ErrorKind::OutOfMemory, io::ErrorKind::Unsupported];
    matches!(error.raw_os_error(), Some(ENFILE | EMFILE)) || OWN.contains(&error.kind())
}

/// The first of the host's addresses that takes the connection.
async fn open(to: &Address) -> io::Result<TcpStream> {
    let mut last: Option<io::Error> = None;
    let found: Vec<SocketAddr> = tokio::net::lookup_host((to.host.as_str(), to.port)).await?.collect();
    for address in found {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            // An address that this machine has no way to says nothing of the others.
            Err(error) if last.as_ref().is_none_or(is_ours) => last = Some(error),
            Err(_) => {}
        }
    }
    Err(last.unwrap_or_else(|| io::Error::new(io::ErrorKind::NotFound, "its name has no address")))
}

/// The connection.
pub(super) struct Wire {
    pipe: Pipe,
    /// Bytes heard so far.
    pub(super) heard: Arc<AtomicU64>,
}

enum Pipe {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let done = match &mut self.pipe {
            Pipe::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Pipe::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        let more = u64::try_from(buf.filled().len() - before).unwrap_or(1);
        if more > 0 {
            self.heard.fetch_add(more, Ordering::Relaxed);
        }
        done
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.pipe {
            Pipe::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Pipe::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.pipe {
            Pipe::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Pipe::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.pipe {
            Pipe::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Pipe::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bufs: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        match &mut self.pipe {
            Pipe::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Pipe::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.pipe {
            Pipe::Plain(stream) => stream.is_write_vectored(),
            Pipe::Tls(stream) => stream.is_write_vectored(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_lack_ourselves_is_no_upstreams_fault() {
        for (code, ours) in
            [(24, true), (23, true), (99, true), (12, true), (111, false), (104, false), (110, false), (113, false), (101, false)]
        {
            let error = io::Error::from_raw_os_error(code);
            assert_eq!(is_ours(&error), ours, "{error}");
        }
        assert!(!is_ours(&io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError)), "a handshake that failed");
    }
}
