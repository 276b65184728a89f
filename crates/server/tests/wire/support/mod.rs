//! What every conversation needs: a world of its own, and a client that sends exactly what it is told.

mod authenticator;
mod browser;
mod client;
mod frames;
mod grpc;
mod idp;
mod stage;
mod upstream;
mod world;

pub(crate) use authenticator::Key;
pub(crate) use browser::Browser;
pub(crate) use client::{Answer, Ask, raw};
pub(crate) use frames::{Frames, hpack};
pub(crate) use idp::Idp;
pub(crate) use stage::{Person, Stage};
pub(crate) use upstream::Upstream;
pub(crate) use world::{Ground, World};

/// The password of every [`Person`] unless it is told another.
pub(crate) const PASSWORD: &str = "correct horse";

/// The claims of a JWT, unverified, as their exact JSON text; and its header's.
pub(crate) fn peek(token: &str) -> (String, String) {
    let part = |at: usize| {
        let segment = token.split('.').nth(at).expect("a JWT has three segments");
        let bytes = data_encoding::BASE64URL_NOPAD.decode(segment.as_bytes()).expect("base64url");
        String::from_utf8(bytes).expect("UTF-8")
    };
    (part(0), part(1))
}
