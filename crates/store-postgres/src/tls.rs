//! TLS to the server: rustls over aws-lc-rs, certificates judged by the platform's own trust store.

use std::sync::Arc;

use doorward_core::refusal::Fault;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What makes TLS connections. The server's certificate must be valid for its name, always: there is no mode that
/// encrypts towards whoever answers.
pub(crate) fn connector() -> Result<MakeRustlsConnect, Fault> {
    let broken = |e: rustls::Error| Fault::new(format_args!("postgres: TLS cannot be set up: {e}"));
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(broken)?
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
