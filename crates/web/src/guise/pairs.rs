//! `application/x-www-form-urlencoded` on its way: a name goes on when it has ended and is not watched.

use doorward_core::refusal::Refusal;

use super::scan::{BrokenOff, Watched};
use super::{Guises, bare, form};

/// How much of a name is held, in bytes as sent.
const NAME: usize = 4096;
/// How much of a longer name must be left without what readers drop in front, so that it is known.
const KNOWN: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Name,
    /// In a name too long to be held, that is none of those watched.
    Long,
    Value,
    Broken,
}

#[derive(Debug)]
pub(super) struct Pairs {
    watched: Watched,
    held: Vec<u8>,
    at: At,
}

impl Pairs {
    pub(super) fn new(watched: Watched) -> Self {
        Self { watched, held: Vec::new(), at: At::Name }
    }

    /// Whole pairs are judged; the last, that may go on behind, must not be watched.
    pub(super) fn first(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<Guises, Refusal> {
        let (judged, rest) = bytes.split_at(memchr::memrchr(b'&', bytes).unwrap_or(0));
        let mut found = Guises::default();
        form(judged, &mut found);
        out.extend_from_slice(judged);
        self.push(rest, out).map_err(|BrokenOff| Refusal::BodyTooLarge)?;
        Ok(found)
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<(), BrokenOff> {
        while !bytes.is_empty() {
            let end = match self.at {
                At::Broken => return Err(BrokenOff),
                // Where a `;` parts pairs for some, what follows may be a name.
                At::Value => memchr::memchr2(b'&', b';', bytes),
                At::Name | At::Long => memchr::memchr3(b'=', b'&', b';', bytes),
            };
            let (piece, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
            if self.at == At::Name {
                self.name(piece, end.is_some(), out).inspect_err(|_| self.at = At::Broken)?;
            } else {
                out.extend_from_slice(piece);
            }
            bytes = rest;
            if let (Some((&mark, rest)), true) = (rest.split_first(), end.is_some()) {
                out.push(mark);
                self.at = if mark == b'=' { At::Value } else { At::Name };
                bytes = rest;
            }
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), BrokenOff> {
        match self.at {
            At::Broken => Err(BrokenOff),
            At::Name => self.name(b"", true, out).inspect_err(|_| self.at = At::Broken),
            At::Long | At::Value => Ok(()),
        }
    }

    fn name(&mut self, piece: &[u8], has_ended: bool, out: &mut Vec<u8>) -> Result<(), BrokenOff> {
        let (near, far) = piece.split_at(piece.len().min(NAME - self.held.len()));
        self.held.extend_from_slice(near);
        let is_long = !far.is_empty();
        if !is_long && !has_ended {
            return Ok(());
        }
        let decoded = form_urlencoded::parse(&self.held).next().map(|(name, _)| name).unwrap_or_default();
        if self.watched.has(&decoded) || (is_long && bare(&decoded).len() < KNOWN) {
            return Err(BrokenOff);
        }
        out.extend_from_slice(&self.held);
        out.extend_from_slice(far);
        self.held.clear();
        self.at = At::Long;
        Ok(())
    }
}
