//! A posted form too large to be read whole, looked through on its way: no byte of a watched field goes on.
//!
//! Only forms that every reader takes apart alike pass. Where two could differ, and where a watched field begins, the
//! scan breaks off: what was let through before holds no byte of it. Memory stays within one part's header.

use std::sync::Arc;

use doorward_core::refusal::Refusal;

use super::pairs::Pairs;
use super::parts::Parts;
use super::{Folds, Guises, METHOD, ROUTE, spells};

/// Why a scan ended: a watched field, or something that readers take differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokenOff;

impl std::fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a posted form cannot be passed on")
    }
}

impl std::error::Error for BrokenOff {}

/// The names that are watched.
#[derive(Clone, Debug)]
pub(super) struct Watched(Arc<[&'static str]>);

impl Watched {
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|watched| spells(name, watched))
    }
}

/// A form on its way.
#[derive(Debug)]
pub struct Scanner(Way);

#[derive(Debug)]
enum Way {
    Parts(Box<Parts>),
    Pairs(Pairs),
}

impl Scanner {
    /// A scan of a body of this type, for the fields that these platforms read; `None` for a type that is not passed unread.
    #[must_use]
    pub fn of(content_type: &str, folds: Folds) -> Option<Self> {
        let names = [(folds.method || folds.json_method, METHOD), (folds.route, ROUTE)];
        let watched = Watched(names.into_iter().filter(|(is_watched, _)| *is_watched).map(|(_, name)| name).collect());
        let mut pieces = content_type.split(';').map(|piece| piece.trim_matches([' ', '\t']));
        let (kind, parameter, end) = (pieces.next()?, pieces.next(), pieces.next());
        if end.is_some() {
            return None;
        }
        if kind.eq_ignore_ascii_case("multipart/form-data") {
            let (key, boundary) = parameter?.split_once('=')?;
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_-./:=?".contains(&byte);
            let is_plain = (1..=70).contains(&boundary.len()) && boundary.bytes().all(plain);
            // PHP takes the first `boundary` it finds, in the value too.
            let is_one = key.eq_ignore_ascii_case("boundary") && !boundary.to_ascii_lowercase().contains("boundary=");
            return (is_plain && is_one).then(|| Self(Way::Parts(Box::new(Parts::new(boundary, watched)))));
        }
        let is_utf8 = parameter.is_none_or(|p| p.eq_ignore_ascii_case("charset=utf-8"));
        (kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") && is_utf8).then(|| Self(Way::Pairs(Pairs::new(watched))))
    }

    /// Takes the first bytes of a body, whose fields are judged: what they say, and what of them may go on. To be called
    /// once, before everything else.
    ///
    /// # Errors
    /// [`Refusal::BodyTooLarge`] if a watched field does not end within them, [`Refusal::MalformedBody`] if readers could
    /// take them differently.
    pub fn first(&mut self, bytes: &[u8]) -> Result<(Guises, Vec<u8>), Refusal> {
        let mut out = Vec::with_capacity(bytes.len());
        let found = match &mut self.0 {
            Way::Parts(parts) => parts.first(bytes, &mut out)?,
            Way::Pairs(pairs) => pairs.first(bytes, &mut out)?,
        };
        Ok((found, out))
    }

    /// Takes the next bytes; what may go on is put behind `out`.
    ///
    /// # Errors
    /// [`BrokenOff`]: nothing more may go on.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), BrokenOff> {
        match &mut self.0 {
            Way::Parts(parts) => parts.push(bytes, out),
            Way::Pairs(pairs) => pairs.push(bytes, out),
        }
    }

    /// The body has ended: what was still held is put behind `out`.
    ///
    /// # Errors
    /// [`BrokenOff`] if it has no proper end.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), BrokenOff> {
        match &mut self.0 {
            Way::Parts(parts) => parts.finish(out),
            Way::Pairs(pairs) => pairs.finish(out),
        }
    }
}
