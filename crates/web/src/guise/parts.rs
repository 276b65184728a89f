//! `multipart/form-data` on its way: a part's header goes on when it is complete, plain and names nothing watched.
//!
//! PHP looks for a line that is the delimiter, Rack for the delimiter anywhere, others for a line break in front; PHP goes
//! on behind the closing delimiter. So the delimiter may stand nowhere but where a part begins, and nothing behind the last.

use doorward_core::refusal::Refusal;
use memchr::memmem;

use super::Guises;
use super::part;
use super::scan::{BrokenOff, Watched};

/// The largest header of a part, in bytes.
const HEAD: usize = 8 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Start,
    Delimiter,
    Head,
    Data,
    End,
    Broken,
}

#[derive(Debug)]
pub(super) struct Parts {
    watched: Watched,
    /// A line break and the delimiter.
    mark: Vec<u8>,
    finder: memmem::Finder<'static>,
    /// What did not go on yet; from the line break in front of the delimiter, in a delimiter and header.
    held: Vec<u8>,
    /// How much of `held` went on in this turn.
    gone: usize,
    /// How much of a header was searched for its end.
    looked: usize,
    /// True until the line break that no body begins with was taken off again.
    is_first: bool,
    at: At,
    /// While fields are judged: what was found.
    notes: Option<Guises>,
    /// The watched field that is being read.
    field: Option<(String, Vec<u8>)>,
}

impl Parts {
    pub(super) fn new(boundary: &str, watched: Watched) -> Self {
        let mark = [b"\r\n--", boundary.as_bytes()].concat();
        let finder = memmem::Finder::new(&mark[2..]).into_owned();
        let held = b"\r\n".to_vec();
        Self { watched, mark, finder, held, gone: 0, looked: 0, is_first: true, at: At::Start, notes: None, field: None }
    }

    pub(super) fn first(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<Guises, Refusal> {
        self.notes = Some(Guises::default());
        self.push(bytes, out).map_err(|BrokenOff| Refusal::MalformedBody)?;
        if self.field.is_some() {
            return Err(Refusal::BodyTooLarge);
        }
        Ok(self.notes.take().unwrap_or_default())
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), BrokenOff> {
        self.held.extend_from_slice(bytes);
        let mut going = Ok(true);
        while going == Ok(true) {
            going = self.step(out);
        }
        self.held.drain(..self.gone);
        self.gone = 0;
        going.map(|_| ()).inspect_err(|_| {
            self.at = At::Broken;
            self.held.clear();
        })
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), BrokenOff> {
        let tail = self.held.get(self.mark.len() + 2..);
        if self.at != At::End || !matches!(tail, Some(b"" | b"\r\n")) {
            self.at = At::Broken;
            return Err(BrokenOff);
        }
        self.pass(self.held.len(), out);
        Ok(())
    }

    /// One step; false if more bytes are needed.
    fn step(&mut self, out: &mut Vec<u8>) -> Result<bool, BrokenOff> {
        let (view, mark) = (&self.held[self.gone..], self.mark.len());
        match self.at {
            At::Broken => Err(BrokenOff),
            At::Start if view.len() < mark => Ok(false),
            At::Start if view.starts_with(&self.mark) => self.turn(At::Delimiter),
            At::Start => Err(BrokenOff),
            At::Delimiter => match view.get(mark..mark + 2) {
                None => Ok(false),
                Some(b"\r\n") => self.turn(At::Head),
                Some(b"--") => self.turn(At::End),
                Some(_) => Err(BrokenOff),
            },
            At::Head => self.head(out),
            At::Data => self.data(out),
            At::End if b"\r\n".starts_with(&view[mark + 2..]) => Ok(false),
            At::End => Err(BrokenOff),
        }
    }

    fn turn(&mut self, to: At) -> Result<bool, BrokenOff> {
        self.looked = 0;
        self.at = to;
        Ok(true)
    }

    fn head(&mut self, out: &mut Vec<u8>) -> Result<bool, BrokenOff> {
        let before = self.mark.len() + 2;
        let head = &self.held[self.gone + before..];
        let from = self.looked.saturating_sub(3);
        // No further than the largest header reaches.
        let near = &head[from..head.len().min(HEAD + 4)];
        let Some(end) = memmem::find(near, b"\r\n\r\n").map(|at| from + at) else {
            self.looked = head.len();
            return if head.len() >= HEAD + 4 { Err(BrokenOff) } else { Ok(false) };
        };
        if self.finder.find(&head[..end]).is_some() {
            return Err(BrokenOff);
        }
        let name = part::name(&head[..end])?;
        if self.watched.has(&name) {
            if self.notes.is_none() {
                return Err(BrokenOff);
            }
            self.field = Some((name, Vec::new()));
        }
        self.pass(before + end + 4, out);
        self.turn(At::Data)
    }

    fn data(&mut self, out: &mut Vec<u8>) -> Result<bool, BrokenOff> {
        let view = &self.held[self.gone..];
        let found = self.finder.find(view);
        // What may be the beginning of a delimiter, with the line break in front, is held.
        let held = found.map_or(self.mark.len() - 1, |at| view.len() - at.saturating_sub(2));
        let passed = view.len().saturating_sub(held);
        if let Some((_, value)) = &mut self.field {
            value.extend_from_slice(&view[..passed]);
        }
        self.pass(passed, out);
        let Some(_) = found else { return Ok(false) };
        if !self.held[self.gone..].starts_with(&self.mark) {
            return Err(BrokenOff);
        }
        if let (Some((name, value)), Some(notes)) = (self.field.take(), &mut self.notes) {
            notes.note(&name, &String::from_utf8_lossy(&value));
        }
        self.turn(At::Delimiter)
    }

    fn pass(&mut self, count: usize, out: &mut Vec<u8>) {
        let skipped = if std::mem::take(&mut self.is_first) { 2 } else { 0 };
        out.extend_from_slice(&self.held[self.gone + skipped..self.gone + count]);
        self.gone += count;
    }
}
