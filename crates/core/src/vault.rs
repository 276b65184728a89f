//! The vault: seals secrets that must be read again (TOTP secrets, signing keys, settings) before they reach a store.
//!
//! AES-256-GCM under one master key, a fresh nonce per sealing, and the purpose as associated data, so that a sealed
//! value moved to another place does not open there.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::call::Dice;
use crate::port::store::Sealed;
use crate::refusal::Fault;
use crate::secret::Secret;

/// Length of the master key in bytes.
pub const KEY_LENGTH: usize = 32;
const NONCE: usize = 12;

/// Holds the master key.
pub struct Vault {
    key: LessSafeKey,
    derive: aws_lc_rs::hmac::Key,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

impl Vault {
    /// A vault over a master key of [`KEY_LENGTH`] bytes.
    ///
    /// # Errors
    /// If the key has another length.
    pub fn new(master: &Secret) -> Result<Self, Fault> {
        let key = UnboundKey::new(&AES_256_GCM, master.reveal()).map_err(|_| Fault::new("the master key must be 32 bytes"))?;
        let derive = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, master.reveal());
        Ok(Self { key: LessSafeKey::new(key), derive })
    }

    /// Thirty-two bytes that only this master key derives for a purpose: for secrets that can be made again instead of
    /// being kept.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Secret {
        Secret::new(aws_lc_rs::hmac::sign(&self.derive, format!("derive\0{purpose}").as_bytes()).as_ref())
    }

    /// Seals a secret for a purpose (`totp/7/42`): only the same purpose opens it.
    ///
    /// # Errors
    /// If the cipher fails, which it does not for anything that fits in memory.
    pub fn seal(&self, purpose: &str, secret: &Secret, dice: &mut dyn Dice) -> Result<Sealed, Fault> {
        let nonce = dice.bytes::<NONCE>();
        let mut body = secret.reveal().to_vec();
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.as_bytes()), &mut body)
            .map_err(|_| Fault::new("sealing failed"))?;
        let mut out = nonce.to_vec();
        out.append(&mut body);
        Ok(Sealed(out))
    }

    /// Opens what was sealed for the same purpose.
    ///
    /// # Errors
    /// If the master key is another one, or the value was altered or moved.
    pub fn open(&self, purpose: &str, sealed: &Sealed) -> Result<Secret, Fault> {
        let wrong = || Fault::new(format!("a sealed value ({}) does not open: another master key, or it was altered", kind(purpose)));
        let (nonce, body) = sealed.0.split_at_checked(NONCE).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut body = zeroize::Zeroizing::new(body.to_vec());
        let plain = self.key.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut body).map_err(|_| wrong())?;
        Ok(Secret::new(&*plain))
    }
}

/// The part of a purpose that may be logged.
fn kind(purpose: &str) -> &str {
    purpose.split('/').next().unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::SeededDice;

    #[test]
    fn a_sealed_secret_opens_only_with_its_key_and_purpose_and_unaltered() {
        let vault = Vault::new(&Secret::new([7; 32])).unwrap();
        let mut dice = SeededDice::new(1);
        let secret = Secret::new(*b"JBSWY3DPEHPK3PXP");
        let sealed = vault.seal("totp/1/4", &secret, &mut dice).unwrap();
        assert!(vault.open("totp/1/4", &sealed).unwrap() == secret);
        assert!(vault.open("totp/1/5", &sealed).is_err());
        assert!(Vault::new(&Secret::new([8; 32])).unwrap().open("totp/1/4", &sealed).is_err());
        for at in 0..sealed.0.len() {
            let mut altered = sealed.clone();
            altered.0[at] ^= 1;
            assert!(vault.open("totp/1/4", &altered).is_err(), "byte {at}");
        }
        assert!(vault.open("totp/1/4", &Sealed(vec![])).is_err());
        assert_ne!(sealed, vault.seal("totp/1/4", &secret, &mut dice).unwrap());
    }

    #[test]
    fn a_master_key_of_another_length_is_refused() {
        assert!(Vault::new(&Secret::new([7; 31])).is_err());
        assert!(Vault::new(&Secret::new(vec![])).is_err());
    }
}
