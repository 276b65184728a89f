//! What is kept in the store for certificates, which all nodes share: sealed where it is a secret, thrown away when it is old.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use doorward_core::call::Time;
use doorward_core::house::House;
use doorward_core::port::store::{Kept, Sealed};
use doorward_core::refusal::Fault;
use doorward_core::secret::Secret;
use doorward_web::Source;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::dates::Dates;
use super::due::{Held, Standing, Trouble};

const ACCOUNT: &str = "acme/account/";
const CERTIFICATE: &str = "acme/shown/certificate/";
const PROOF: &str = "acme/shown/proof/";
const SHOWN: &str = "acme/shown/";
const ANSWER: &str = "acme/answer/";
const LEASE: &str = "acme/lease/";
const TROUBLE: &str = "acme/trouble/";

/// How long somebody who is at an order and says no more is thought to be, in seconds.
const LEASE_SECONDS: i64 = 90;
/// How long the answer of a proof is kept, in seconds: orders end sooner.
const PROOF_SECONDS: i64 = 3600;
/// How long an old certificate, and what went wrong, is kept, in seconds: ninety days.
const MEMORY: i64 = 90 * 24 * 3600;

/// A certificate with its key.
#[derive(Serialize, Deserialize)]
pub struct Pair {
    /// The certificate and its chain, PEM.
    pub chain: String,
    /// Its private key, PEM.
    #[serde(with = "wiped")]
    pub key: Zeroizing<String>,
    /// The directory of the authority that gave it; empty for a proof.
    pub directory: String,
}

/// The shelf.
pub struct Shelf {
    house: Arc<House>,
    source: Arc<dyn Source>,
    /// Who this node is, among those that want to be at an order.
    node: [u8; 16],
}

/// Whose proof something kept is; `None` for a certificate.
#[must_use]
pub fn proof_of(name: &str) -> Option<&str> {
    name.strip_prefix(PROOF)
}

impl Shelf {
    /// The shelf in the house's store.
    #[must_use]
    pub fn new(house: Arc<House>, source: Arc<dyn Source>) -> Self {
        let node = source.dice().as_mut().bytes();
        Self { house, source, node }
    }

    /// What is to be shown on TLS listeners: certificates, and proofs.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn shown(&self) -> Result<Vec<Kept>, Fault> {
        self.house.look(|desk| desk.kept(SHOWN)).await
    }

    /// Opens what is shown.
    ///
    /// # Errors
    /// If it was sealed with another master key, is no such thing, or has expired at `now`.
    pub fn open(&self, kept: &Kept, now: Time) -> Result<Pair, Fault> {
        if kept.expires <= now {
            return Err(Fault::new("it is old"));
        }
        self.unseal(kept)
    }

    /// The names for which there is a certificate or was trouble, in order.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn names(&self) -> Result<Vec<String>, Fault> {
        let found = self.house.look(|desk| Ok([desk.kept(CERTIFICATE)?, desk.kept(TROUBLE)?].concat())).await?;
        let name = |kept: &Kept| kept.name.strip_prefix(CERTIFICATE).or(kept.name.strip_prefix(TROUBLE)).map(str::to_owned);
        let mut names: Vec<String> = found.iter().filter_map(name).collect();
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// How it stands with a name. A certificate that cannot be opened is none.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn standing(&self, name: &str) -> Result<Standing, Fault> {
        let (certificate, trouble) = (format!("{CERTIFICATE}{name}"), format!("{TROUBLE}{name}"));
        let (certificate, trouble) = self
            .house
            .look(move |desk| Ok((exactly(desk.kept(&certificate)?, &certificate), exactly(desk.kept(&trouble)?, &trouble))))
            .await?;
        let held = certificate.and_then(|kept| self.unseal::<Pair>(&kept).ok());
        let held = held.and_then(|pair| Dates::of(&pair.chain).ok().map(|dates| Held { dates, directory: pair.directory }));
        Ok(Standing { certificate: held, trouble: trouble.and_then(|kept| serde_json::from_slice(&kept.value).ok()) })
    }

    /// Keeps a certificate in the place of the one before.
    ///
    /// # Errors
    /// If it is none, or the store does not take it.
    pub async fn keep_certificate(&self, name: &str, pair: &Pair) -> Result<(), Fault> {
        let until = Dates::of(&pair.chain)?.last.0.saturating_add(MEMORY);
        self.keep_sealed(format!("{CERTIFICATE}{name}"), pair, until).await
    }

    /// Keeps the certificate by which a name is proven (RFC 8737).
    ///
    /// # Errors
    /// If the store does not take it.
    pub async fn keep_proof(&self, name: &str, pair: &Pair) -> Result<(), Fault> {
        self.keep_sealed(format!("{PROOF}{name}"), pair, self.source.now().0 + PROOF_SECONDS).await
    }

    /// Keeps the text by which a name is proven (RFC 8555 §8.3): no secret, it is told to whoever knows its token.
    ///
    /// # Errors
    /// If the store does not take it.
    pub async fn keep_answer(&self, token: &str, text: &str) -> Result<(), Fault> {
        let expires = Time(self.source.now().0 + PROOF_SECONDS);
        let kept = Kept { name: format!("{ANSWER}{token}"), value: text.as_bytes().to_vec(), expires };
        self.house.work(move |desk| desk.keep(&kept)).await
    }

    /// The text for a token.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn answer(&self, token: &str) -> Result<Option<Vec<u8>>, Fault> {
        let (name, now) = (format!("{ANSWER}{token}"), self.source.now());
        let found = self.house.look(move |desk| Ok(exactly(desk.kept(&name)?, &name))).await?;
        Ok(found.filter(|kept| now < kept.expires).map(|kept| kept.value))
    }

    /// Throws away what proved a name.
    ///
    /// # Errors
    /// If the store does not do it.
    pub async fn forget_proof(&self, name: &str, token: &str) -> Result<(), Fault> {
        let names = [format!("{PROOF}{name}"), format!("{ANSWER}{token}")];
        self.house.work(move |desk| names.iter().try_for_each(|name| desk.forget(name).map(|_| ()))).await
    }

    /// The account with an authority, as the library wrote it.
    ///
    /// # Errors
    /// If the store cannot be read, or the account does not open.
    pub async fn account<T: for<'d> Deserialize<'d>>(&self, directory: &str) -> Result<Option<T>, Fault> {
        let name = format!("{ACCOUNT}{directory}");
        let found = self.house.look(move |desk| Ok(exactly(desk.kept(&name)?, &name))).await?;
        found.map(|kept| self.unseal(&kept)).transpose()
    }

    /// Keeps the account with an authority.
    ///
    /// # Errors
    /// If the store does not take it.
    pub async fn keep_account(&self, directory: &str, account: &impl Serialize) -> Result<(), Fault> {
        self.keep_sealed(format!("{ACCOUNT}{directory}"), account, i64::MAX).await
    }

    /// True if this node may be at an order for a name; then nobody else may, for a while.
    ///
    /// # Errors
    /// If the store does not say.
    pub async fn claim(&self, name: &str) -> Result<bool, Fault> {
        let now = self.source.now();
        let claim = Kept { name: format!("{LEASE}{name}"), value: self.node.to_vec(), expires: Time(now.0 + LEASE_SECONDS) };
        self.house.work(move |desk| desk.claim(&claim, now)).await
    }

    /// Lets others be at an order for a name.
    ///
    /// # Errors
    /// If the store does not do it.
    pub async fn release(&self, name: &str) -> Result<(), Fault> {
        let name = format!("{LEASE}{name}");
        self.house.work(move |desk| desk.forget(&name).map(|_| ())).await
    }

    /// Notes what went wrong, or what is wanted.
    ///
    /// # Errors
    /// If the store does not take it.
    pub async fn note_trouble(&self, name: &str, trouble: &Trouble) -> Result<(), Fault> {
        let value = serde_json::to_vec(trouble).map_err(|e| Fault::new(format_args!("trouble cannot be written: {e}")))?;
        let kept = Kept { name: format!("{TROUBLE}{name}"), value, expires: Time(self.source.now().0 + MEMORY) };
        self.house.work(move |desk| desk.keep(&kept)).await
    }

    /// Notes that all is well.
    ///
    /// # Errors
    /// If the store does not do it.
    pub async fn forget_trouble(&self, name: &str) -> Result<(), Fault> {
        let name = format!("{TROUBLE}{name}");
        self.house.work(move |desk| desk.forget(&name).map(|_| ())).await
    }

    /// Wants a certificate now, whatever went wrong and however good the one there is.
    ///
    /// # Errors
    /// If the store does not take it.
    pub async fn want(&self, name: &str) -> Result<(), Fault> {
        let before = self.standing(name).await?.trouble.unwrap_or_default();
        self.note_trouble(name, &Trouble { wanted: true, next: 0, ..before }).await
    }

    async fn keep_sealed(&self, name: String, what: &impl Serialize, expires: i64) -> Result<(), Fault> {
        let text = serde_json::to_vec(what).map_err(|e| Fault::new(format_args!("cannot be written: {e}")))?;
        let Sealed(value) = self.house.terms().vault.seal(&name, &Secret::new(text), &mut *self.source.dice())?;
        let kept = Kept { name, value, expires: Time(expires) };
        self.house.work(move |desk| desk.keep(&kept)).await
    }

    fn unseal<T: for<'d> Deserialize<'d>>(&self, kept: &Kept) -> Result<T, Fault> {
        let secret = self.house.terms().vault.open(&kept.name, &Sealed(kept.value.clone()))?;
        serde_json::from_slice(secret.reveal()).map_err(|_| Fault::new("what was kept is something else"))
    }
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shelf(node {})", HEXLOWER.encode(&self.node[..4]))
    }
}

/// A text that is wiped when it is dropped, as JSON.
mod wiped {
    use serde::{Deserialize, Deserializer, Serializer};
    use zeroize::Zeroizing;

    pub(super) fn serialize<S: Serializer>(text: &str, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(text)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Zeroizing<String>, D::Error> {
        String::deserialize(from).map(Zeroizing::new)
    }
}

/// The one of that name among those whose names begin so.
fn exactly(found: Vec<Kept>, name: &str) -> Option<Kept> {
    found.into_iter().find(|kept| kept.name == name)
}
