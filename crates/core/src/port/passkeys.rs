//! The port to WebAuthn: makes challenges and checks what authenticators answer. Never sees a store; what it must remember between
//! the two is given to it again.

use serde_json::Value;

use crate::port::store::Passkey;
use crate::refusal::Fault;
use crate::secret::Secret;

/// A challenge for a browser.
#[derive(Debug)]
pub struct Challenge {
    /// The challenge itself, base64url: what the answer is found by.
    pub text: String,
    /// The options, as `PublicKeyCredential.parse…OptionsFromJSON` reads them.
    pub options: Value,
    /// What is needed to check the answer.
    pub state: Secret,
}

/// Whose passkey is to be made.
#[derive(Debug)]
pub struct Holder<'a> {
    /// What authenticators know the account by: says nothing to anybody else.
    pub handle: [u8; 16],
    /// The login name, shown by authenticators.
    pub login: &'a str,
    /// The person's name, shown by authenticators.
    pub name: &'a str,
}

/// A passkey that was made.
#[derive(Debug)]
pub struct Made {
    /// The credential's id.
    pub id: Vec<u8>,
    /// What is kept of it.
    pub public: String,
    /// Its counter.
    pub counter: i64,
}

/// What an answer says of itself. Nothing is proven.
#[derive(Debug)]
pub struct Unverified {
    /// The challenge that it answers.
    pub challenge: String,
    /// The credential that it was made with.
    pub credential: Vec<u8>,
    /// What the authenticator knows the account by, if it says so.
    pub handle: Option<Vec<u8>>,
}

/// Makes challenges and checks answers, for one origin.
pub trait Passkeys: Send + Sync {
    /// A challenge for making a passkey, unless the authenticator has one of `known` already.
    ///
    /// # Errors
    /// If none can be made.
    fn invite(&self, holder: &Holder<'_>, known: &[Passkey]) -> Result<Challenge, Fault>;

    /// Checks the answer: the passkey, or nothing if it is wrong in any way.
    fn made(&self, state: &Secret, answer: &Value) -> Option<Made>;

    /// A challenge for one of these passkeys; for whichever the person has if there are none.
    ///
    /// # Errors
    /// If none can be made.
    fn ask(&self, known: &[Passkey]) -> Result<Challenge, Fault>;

    /// What an answer, of either kind, says of itself.
    fn read(&self, answer: &Value) -> Option<Unverified>;

    /// Checks an answer made with a passkey, the person verified by the authenticator: the passkey as it is from now on, or
    /// nothing if it is wrong in any way.
    fn proven(&self, state: &Secret, answer: &Value, passkey: &Passkey) -> Option<Passkey>;
}
