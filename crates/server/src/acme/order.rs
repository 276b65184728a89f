//! One order, from its beginning to the certificate on the shelf (RFC 8555 §7).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use doorward_core::refusal::Fault;
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Error, ExternalAccountKey, Identifier, NewAccount, NewOrder, Order,
    OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls_platform_verifier::BuilderVerifierExt;
use zeroize::Zeroizing;

use super::authority::Authority;
use super::shelf::{Pair, Shelf};
use super::{LOOK, Proof, Terms};

/// How long the authority may take to look at a proof, and to sign.
const PATIENCE: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(120));
/// What other nodes need to show a proof on their TLS listeners, after it is on the shelf.
const SPREAD: Duration = Duration::from_secs(2 * LOOK.as_secs() + 1);
/// The largest file with an account that is had already, in bytes.
const BINDING: u64 = 4096;

/// Obtains a certificate for a name and keeps it.
///
/// # Errors
/// What went wrong, in the authority's words where it has some.
pub(super) async fn order(terms: &Terms, shelf: &Shelf, name: &str) -> Result<(), Fault> {
    let account = account(terms, shelf).await?;
    let names = [Identifier::Dns(name.to_owned())];
    let mut order = account.new_order(&NewOrder::new(&names)).await.map_err(|e| told("the order", &e))?;
    let token = prove(terms, shelf, name, &mut order).await?;
    let outcome = conclude(terms, shelf, name, &mut order).await;
    // What proved the name is of no more use, however it ended. Where it cannot be thrown away, it expires.
    let _ = shelf.forget_proof(name, token.as_deref().unwrap_or_default()).await;
    outcome
}

/// The account with the authority: the one on the shelf, or a new one.
async fn account(terms: &Terms, shelf: &Shelf) -> Result<Account, Fault> {
    let tls = match &terms.tls {
        Some(tls) => Arc::clone(tls),
        None => Arc::new(
            rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .and_then(BuilderVerifierExt::with_platform_verifier)
                .map_err(|e| Fault::new(format_args!("TLS to the authority cannot be set up: {e}")))?
                .with_no_client_auth(),
        ),
    };
    let builder = Account::builder_with_http(Box::new(Authority(tls)));
    if let Some(known) = shelf.account::<AccountCredentials>(&terms.directory).await? {
        return builder.from_credentials(known).await.map_err(|e| told("the account", &e));
    }
    let contact = terms.email.as_ref().map(|address| format!("mailto:{address}"));
    let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
    let new = NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
    let binding = terms.binding.as_deref().map(binding).transpose()?;
    let made = builder.create(&new, terms.directory.clone(), binding.as_ref()).await;
    let (account, credentials) = made.map_err(|e| told("a new account", &e))?;
    shelf.keep_account(&terms.directory, &credentials).await?;
    tracing::info!(authority = terms.directory.as_str(), account = account.id(), "an account was made with the authority");
    Ok(account)
}

/// Puts the proof of a name where the authority will look, and tells it so. Returns the token; `None` = it believes us already.
async fn prove(terms: &Terms, shelf: &Shelf, name: &str, order: &mut Order) -> Result<Option<String>, Fault> {
    let mut authorizations = order.authorizations();
    let mut shown = None;
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(|e| told("the authorization", &e))?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        if authorization.status != AuthorizationStatus::Pending {
            return Err(Fault::new(format_args!("the authorization of {name} is {:?}", authorization.status)));
        }
        let kind = match terms.proof {
            Proof::Http01 => ChallengeType::Http01,
            Proof::TlsAlpn01 => ChallengeType::TlsAlpn01,
        };
        let mut challenge = authorization.challenge(kind).ok_or_else(|| Fault::new("the authority does not take this kind of proof"))?;
        let key = challenge.key_authorization();
        let token = challenge.token.clone();
        match terms.proof {
            Proof::Http01 => shelf.keep_answer(&token, key.as_str()).await?,
            Proof::TlsAlpn01 => {
                shelf.keep_proof(name, &proof(name, key.digest().as_ref())?).await?;
                tokio::time::sleep(SPREAD).await;
            }
        }
        challenge.set_ready().await.map_err(|e| told("the challenge", &e))?;
        shown = Some(token);
    }
    Ok(shown)
}

/// Waits for the authority to believe us, asks for the certificate and keeps it.
async fn conclude(terms: &Terms, shelf: &Shelf, name: &str, order: &mut Order) -> Result<(), Fault> {
    match order.poll_ready(&PATIENCE).await {
        Ok(OrderStatus::Ready) => {}
        Ok(_) => return Err(disbelief(order).await.unwrap_or_else(|| Fault::new("the authority calls the order invalid"))),
        Err(error) => return Err(disbelief(order).await.unwrap_or_else(|| told("the order", &error))),
    }
    let key = KeyPair::generate().map_err(|e| Fault::new(format_args!("no key: {e}")))?;
    let mut wanted = CertificateParams::new(vec![name.to_owned()]).map_err(|e| Fault::new(format_args!("no request: {e}")))?;
    wanted.distinguished_name = DistinguishedName::new();
    let request = wanted.serialize_request(&key).map_err(|e| Fault::new(format_args!("no request: {e}")))?;
    order.finalize_csr(request.der()).await.map_err(|e| told("the request for a certificate", &e))?;
    let chain = order.poll_certificate(&PATIENCE).await.map_err(|e| told("the certificate", &e))?;
    let pair = Pair { chain, key: Zeroizing::new(key.serialize_pem()), directory: terms.directory.clone() };
    // Never kept in the place of a good one without being one.
    crate::listener::tls::check(&pair.chain, &pair.key, name)?;
    shelf.keep_certificate(name, &pair).await
}

/// Why the authority does not believe us: the challenge says it better than the order.
async fn disbelief(order: &mut Order) -> Option<Fault> {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let state = authorization.refresh().await.ok()?;
        if let Some(problem) = state.challenges.iter().find_map(|challenge| challenge.error.as_ref()) {
            return Some(Fault::new(format_args!("the authority does not believe the proof: {problem}")));
        }
    }
    None
}

/// The certificate by which a name is proven on the TLS listener (RFC 8737 §3).
fn proof(name: &str, digest: &[u8]) -> Result<Pair, Fault> {
    let no = |e: rcgen::Error| Fault::new(format_args!("no proof: {e}"));
    let key = KeyPair::generate().map_err(no)?;
    let mut wanted = CertificateParams::new(vec![name.to_owned()]).map_err(no)?;
    wanted.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let chain = wanted.self_signed(&key).map_err(no)?.pem();
    Ok(Pair { chain, key: Zeroizing::new(key.serialize_pem()), directory: String::new() })
}

/// The account that the operator has with the authority already. Nothing of the file is said.
fn binding(path: &Path) -> Result<ExternalAccountKey, Fault> {
    let no = |what: &str| Fault::new(format_args!("acme.binding, {}: {what}", path.display()));
    let size = std::fs::metadata(path).map_err(|e| no(&e.to_string()))?.len();
    if size > BINDING {
        return Err(no("is too large"));
    }
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|e| no(&e.to_string()))?);
    let mut words = text.split_whitespace();
    let (Some(id), Some(key), None) = (words.next(), words.next(), words.next()) else {
        return Err(no("must hold a key id and a key"));
    };
    let key = BASE64URL_NOPAD.decode(key.trim_end_matches('=').as_bytes()).map_err(|_| no("its key is no base64url"))?;
    Ok(ExternalAccountKey::new(id.to_owned(), &Zeroizing::new(key)))
}

fn told(what: &str, error: &Error) -> Fault {
    Fault::new(format_args!("{what}: {error}"))
}
