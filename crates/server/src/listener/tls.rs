//! Certificates: several, chosen by the name a client asks for, read again when their files change, and beside them those
//! that a certificate authority gave.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use doorward_core::refusal::Fault;
use parking_lot::Mutex;
use rustls::ServerConfig;
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// What a certificate authority calls its look at a proof, in place of HTTP (RFC 8737 §6.2).
pub(super) const PROOF: &[u8] = b"acme-tls/1";

/// The certificates of a listener.
pub struct Certificates {
    files: Vec<(PathBuf, PathBuf)>,
    current: ArcSwap<Vec<Arc<CertifiedKey>>>,
    given: ArcSwap<Given>,
    /// How the files looked when they were read last.
    looks: Mutex<Vec<Look>>,
    provider: Arc<CryptoProvider>,
}

/// What a certificate authority gave, and what proves to it whose names they are.
#[derive(Default)]
struct Given {
    certificates: Vec<Arc<CertifiedKey>>,
    proofs: HashMap<String, Arc<CertifiedKey>>,
}

/// How a file looks from outside: device, node, size, and when it was written.
type Look = Option<(u64, u64, u64, i64, i64)>;

impl std::fmt::Debug for Certificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Certificates({:?})", self.files)
    }
}

impl Certificates {
    /// Reads the files: of each pair the certificate (with its chain), then its private key, both PEM.
    ///
    /// # Errors
    /// Which file cannot be used, and why. Nothing of a key's content is said.
    pub fn read(files: Vec<(PathBuf, PathBuf)>) -> Result<Arc<Self>, Fault> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let looks = looks(&files);
        let current = files.iter().map(|(chain, key)| pair(chain, key, &provider)).collect::<Result<Vec<_>, _>>()?;
        let (current, given) = (ArcSwap::from_pointee(current), ArcSwap::from_pointee(Given::default()));
        Ok(Arc::new(Self { files, current, given, looks: Mutex::new(looks), provider }))
    }

    /// What takes TLS connections with them: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
    ///
    /// # Errors
    /// If the library cannot offer these versions.
    pub fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, Fault> {
        let config = ServerConfig::builder_with_provider(Arc::clone(&self.provider)).with_safe_default_protocol_versions();
        let config = config.map_err(|e| Fault::new(format_args!("TLS cannot be set up: {e}")))?;
        let mut config = config.with_no_client_auth().with_cert_resolver(Arc::<Self>::clone(self));
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec(), PROOF.to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Reads the files again if they look different. Files that cannot be used leave the certificates as they are.
    /// `None` = nothing has changed.
    pub fn refresh(&self) -> Option<Result<(), Fault>> {
        let now = looks(&self.files);
        let mut before = self.looks.lock();
        if *before == now {
            return None;
        }
        *before = now;
        drop(before);
        Some(self.renew())
    }

    /// Reads the files again.
    ///
    /// # Errors
    /// Which file cannot be used; the certificates stay as they are.
    pub fn renew(&self) -> Result<(), Fault> {
        let read = self.files.iter().map(|(chain, key)| pair(chain, key, &self.provider)).collect::<Result<Vec<_>, _>>()?;
        self.current.store(Arc::new(read));
        Ok(())
    }

    /// Reads a certificate with its chain and its private key, both PEM.
    ///
    /// # Errors
    /// If they are none, or do not belong together. Nothing of the key's content is said.
    pub fn load(&self, chain: &str, key: &str) -> Result<Arc<CertifiedKey>, Fault> {
        certified(chain, key, &self.provider)
    }

    /// The same of what proves a name: it says so in a way that others must not understand (RFC 8737 §3), so it is not
    /// looked into.
    ///
    /// # Errors
    /// If they are none.
    pub fn load_proof(&self, chain: &str, key: &str) -> Result<Arc<CertifiedKey>, Fault> {
        let no = |what: &dyn std::fmt::Display| Fault::new(format_args!("the proof cannot be used: {what}"));
        let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<Vec<_>, _>>().map_err(|e| no(&e))?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| no(&"its key is none"))?;
        let key = self.provider.key_provider.load_private_key(key).map_err(|e| no(&e))?;
        Ok(Arc::new(CertifiedKey::new(chain, key)))
    }

    /// Shows these too, from now on: certificates that an authority gave, and what proves names to it.
    pub fn show(&self, certificates: Vec<Arc<CertifiedKey>>, proofs: Vec<(String, Arc<CertifiedKey>)>) {
        self.given.store(Arc::new(Given { certificates, proofs: proofs.into_iter().collect() }));
    }

    /// Looks at the files for ever, and at once on SIGHUP.
    pub async fn watch(self: Arc<Self>) {
        use tokio::signal::unix::{SignalKind, signal};
        let mut told = signal(SignalKind::hangup()).ok();
        let mut ticks = tokio::time::interval(LOOK);
        loop {
            let hung_up = async {
                match told.as_mut() {
                    Some(told) => told.recv().await,
                    None => std::future::pending().await,
                }
            };
            let outcome = tokio::select! {
                _ = ticks.tick() => self.refresh(),
                _ = hung_up => Some(self.renew()),
            };
            match outcome {
                Some(Ok(())) => tracing::info!("the certificates were read again"),
                Some(Err(fault)) => tracing::error!(%fault, "the changed certificates cannot be used: the ones before stay"),
                None => {}
            }
        }
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let (current, given) = (self.current.load(), self.given.load());
        // Who asks for a proof and nothing else is shown it, or nothing.
        if hello.alpn().is_some_and(|mut asked| asked.next() == Some(PROOF) && asked.next().is_none()) {
            return given.proofs.get(&hello.server_name()?.to_ascii_lowercase()).cloned();
        }
        let named = hello.server_name().and_then(|name| ServerName::try_from(name).ok());
        let fits = |key: &&Arc<CertifiedKey>| {
            let (Some(name), Some(first)) = (named.as_ref(), key.cert.first()) else { return false };
            ParsedCertificate::try_from(first).is_ok_and(|parsed| verify_server_name(&parsed, name).is_ok())
        };
        let all = || current.iter().chain(&given.certificates);
        // A name that none has, or none at all: the first, whose name the client will not find. It is told no more.
        all().find(fits).or_else(|| all().next()).cloned()
    }
}

/// Checks that a certificate and its key belong together, and that it is one for `name`.
///
/// # Errors
/// What is wrong with them.
pub fn check(chain: &str, key: &str, name: &str) -> Result<(), Fault> {
    let certified = certified(chain, key, &rustls::crypto::aws_lc_rs::default_provider())?;
    let name = ServerName::try_from(name).map_err(|_| Fault::new("it is for no host name"))?;
    let first = certified.cert.first().ok_or_else(|| Fault::new("it holds no certificate"))?;
    let parsed = ParsedCertificate::try_from(first).map_err(|e| Fault::new(format_args!("the certificate cannot be read: {e}")))?;
    verify_server_name(&parsed, &name).map_err(|e| Fault::new(format_args!("the certificate is for another name: {e}")))
}

fn certified(chain: &str, key: &str, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, Fault> {
    let no = |what: &dyn std::fmt::Display| Fault::new(format_args!("the certificate cannot be used: {what}"));
    let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<Vec<_>, _>>().map_err(|e| no(&e))?;
    if chain.is_empty() {
        return Err(no(&"it is none"));
    }
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| no(&"its key is none"))?;
    CertifiedKey::from_der(chain, key, provider).map(Arc::new).map_err(|e| no(&e))
}

fn pair(chain: &Path, key: &Path, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, Fault> {
    let no = |file: &Path, what: &dyn std::fmt::Display| Fault::new(format_args!("{}: {what}", file.display()));
    let certificates = CertificateDer::pem_file_iter(chain).map_err(|e| no(chain, &e))?;
    let certificates: Vec<_> = certificates.collect::<Result<_, _>>().map_err(|e| no(chain, &e))?;
    if certificates.is_empty() {
        return Err(no(chain, &"holds no certificate in PEM"));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|e| no(key, &e))?;
    let certified = CertifiedKey::from_der(certificates, private, provider);
    certified.map(Arc::new).map_err(|e| no(key, &format_args!("is no key for {}: {e}", chain.display())))
}

fn looks(files: &[(PathBuf, PathBuf)]) -> Vec<Look> {
    let look = |path: &PathBuf| fs::metadata(path).ok().map(|m| (m.dev(), m.ino(), m.size(), m.mtime(), m.mtime_nsec()));
    files.iter().flat_map(|(chain, key)| [look(chain), look(key)]).collect()
}
