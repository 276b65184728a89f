//! A posted form that is passed on while it is looked through.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use doorward_core::refusal::Refusal;
use doorward_core::site::SiteView;
use doorward_web::Head;
use doorward_web::body::collect;
use doorward_web::guise::{BrokenOff, Guises, Scanner};
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};

use crate::guard::{Guard, Place};
use crate::proxy::Trouble;

/// A body as it comes.
pub enum Arrival {
    /// From a client.
    Wire(Incoming),
    /// From somebody who asks what would be decided of it: all there, and read as if it came piece by piece.
    Told(Bytes),
}

/// The size of the pieces in which a told body comes, in bytes.
const PIECE: usize = 16 * 1024;

impl HttpBody for Arrival {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Wire(body) => Pin::new(body).poll_frame(cx),
            Self::Told(left) if left.is_empty() => Poll::Ready(None),
            Self::Told(left) => Poll::Ready(Some(Ok(Frame::data(left.split_to(left.len().min(PIECE)))))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Wire(body) => body.is_end_stream(),
            Self::Told(left) => left.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Wire(body) => body.size_hint(),
            Self::Told(left) => SizeHint::with_exact(left.len() as u64),
        }
    }
}

/// The beginning of a body.
pub enum Beginning {
    /// It was all.
    Whole(Bytes),
    /// As much as may be read, and the rest.
    Part(Vec<u8>, Arrival),
}

impl Beginning {
    /// Reads until the body ends or is larger than `limit`, in bytes.
    ///
    /// # Errors
    /// [`Refusal::BodyTooSlow`], [`Refusal::MalformedBody`] if the client broke off.
    pub async fn of(mut body: Arrival, limit: usize, time: Duration) -> Result<Self, Refusal> {
        let read = async {
            let mut all = Vec::new();
            while all.len() <= limit {
                let Some(frame) = body.frame().await else { return Ok(Self::Whole(Bytes::from(all))) };
                if let Ok(data) = frame.map_err(|_| Refusal::MalformedBody)?.into_data() {
                    all.extend_from_slice(&data);
                }
            }
            Ok(Self::Part(all, body))
        };
        tokio::time::timeout(time, read).await.unwrap_or(Err(Refusal::BodyTooSlow))
    }
}

/// A form whose beginning was judged; the rest is looked through on its way. It ends with an error where the scan breaks
/// off or the client does.
pub struct Scanned {
    scanner: Scanner,
    judged: Option<Bytes>,
    rest: Rest,
    /// How much is still to come, in bytes, where the client said it.
    left: Option<u64>,
    is_over: bool,
}

/// What of a body was not read yet, for who is done with the rest.
#[derive(Clone)]
pub struct Rest(Arc<Mutex<Option<Arrival>>>);

impl Rest {
    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Arrival>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes some of it off the wire, so that the client can read the answer.
    pub async fn drain(self, time: Duration) {
        let left = self.slot().take();
        if let Some(left) = left {
            // Whatever it says, it was refused.
            let _ = collect(left, 0, time).await;
        }
    }
}

impl Scanned {
    /// A body that goes on behind `first`.
    ///
    /// # Errors
    /// As [`Scanner::first`], with what was not read.
    pub fn open(mut scanner: Scanner, first: &[u8], rest: Arrival) -> Result<(Self, Guises), (Refusal, Rest)> {
        let left = rest.size_hint().exact().map(|left| left.saturating_add(first.len() as u64));
        let rest = Rest(Arc::new(Mutex::new(Some(rest))));
        match scanner.first(first) {
            Ok((guises, judged)) => {
                let judged = (!judged.is_empty()).then(|| Bytes::from(judged));
                Ok((Self { scanner, judged, rest, left, is_over: false }, guises))
            }
            Err(refusal) => Err((refusal, rest)),
        }
    }

    /// What the client still sends.
    #[must_use]
    pub fn rest(&self) -> Rest {
        self.rest.clone()
    }

    fn give(&mut self, data: Bytes) -> Poll<Option<Result<Frame<Bytes>, Trouble>>> {
        self.left = self.left.map(|left| left.saturating_sub(data.len() as u64));
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn end(&mut self, trouble: Trouble) -> Poll<Option<Result<Frame<Bytes>, Trouble>>> {
        self.is_over = true;
        Poll::Ready(Some(Err(trouble)))
    }
}

impl HttpBody for Scanned {
    type Data = Bytes;
    type Error = Trouble;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Trouble>>> {
        let this = self.get_mut();
        if let Some(judged) = this.judged.take() {
            return this.give(judged);
        }
        while !this.is_over {
            let mut out = Vec::new();
            let next = match this.rest.slot().as_mut() {
                Some(rest) => Some(ready!(Pin::new(rest).poll_frame(cx))),
                None => None,
            };
            // Nothing is left where it was drained: what was passed on is not all.
            let Some(next) = next else { return this.end(BrokenOff.into()) };
            let scanned = match next {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => this.scanner.push(&data, &mut out),
                    // Trailers say nothing of a form.
                    Err(_) => continue,
                },
                Some(Err(error)) => return this.end(error.into()),
                None => {
                    this.is_over = true;
                    this.scanner.finish(&mut out)
                }
            };
            if let Err(broken_off) = scanned {
                return this.end(broken_off.into());
            }
            if !out.is_empty() {
                return this.give(Bytes::from(out));
            }
        }
        Poll::Ready(None)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Guard {
    /// The scan with which a body that is only asked for guises may be passed on unread: for plain forms. `None` where a
    /// credential could be in it, or where it is not sure what it is read as.
    #[must_use]
    pub fn scanner(&self, view: &SiteView, head: &Head, place: Place<'_>) -> Option<Scanner> {
        let is_plain = !super::doubly_typed(head) && !head.headers.contains_key(http::header::CONTENT_ENCODING);
        let kind = head.content_type().filter(|_| is_plain && !self.wants_body(view, head, place))?;
        Scanner::of(kind, self.folds(view))
    }
}
