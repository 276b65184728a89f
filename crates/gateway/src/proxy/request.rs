//! What is sent to an upstream: the client's words, less what was the connection's or nobody's to say, and ours.

use doorward_core::refusal::Fault;
use http::header::{
    CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, MAX_FORWARDS, TE, TRAILER, TRANSFER_ENCODING,
};
use http::{Request, Uri, Version};
use hyper::body::Body as _;

use super::address::Scheme;
use super::group::Group;
use super::target::{Line, Target};
use super::upgrade::Wish;
use super::{Body, Passage, Proxy, body, forwarded, via};
use crate::identity;

const TE_TRAILERS: HeaderValue = HeaderValue::from_static("trailers");

impl Proxy {
    pub(super) fn request(
        &self,
        passage: &Passage<'_>,
        (group, target): (&Group, &Target),
        line: &Line,
        wish: Option<&Wish>,
        body: Body,
    ) -> Result<Request<Body>, Fault> {
        let head = passage.head;
        let goes_on = !body.is_end_stream();
        let length = body.size_hint().exact();
        let mut request = Request::new(body);
        *request.method_mut() = head.method.clone();
        let headers = request.headers_mut();
        *headers = head.headers.clone();
        identity::strip(headers);
        // The client is told to go on as soon as the upstream's connection takes the body; the upstream is not asked twice.
        headers.remove(EXPECT);
        group.pseudonym.sign(headers, head.version());
        if let Some(left) = via::hops(head) {
            headers.insert(MAX_FORWARDS, HeaderValue::from(left.saturating_sub(1)));
        }
        (passage.tell)(headers);
        forwarded::tell(headers, self.terms.forwarded, passage.client, passage.secure, &head.host);
        one_cookie(headers);
        without_own_cookies(headers);
        trailing(&head.headers, headers, line.is_shared(), goes_on);
        if goes_on {
            frame(headers, length, line.is_shared());
        } else if headers.contains_key(CONTENT_LENGTH) {
            // What was announced may have been taken out on the way.
            headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
        }
        // HTTP/2 has no upgrades: there the request is an ordinary one.
        if let Some(wish) = wish.filter(|_| !line.is_shared()) {
            wish.ask(headers);
        }
        let target_text =
            if target.address.base.is_empty() { head.target.raw.clone() } else { format!("{}{}", target.address.base, head.target.raw) };
        let path: http::uri::PathAndQuery = target_text.try_into().map_err(|_| Fault::new("the path makes no URL"))?;
        let authority = if head.host.is_empty() { &target.address.authority } else { &head.host };
        if line.is_shared() {
            headers.remove(HOST);
            let scheme = if target.address.scheme == Scheme::Https { "https" } else { "http" };
            let uri = Uri::builder().scheme(scheme).authority(authority.as_str()).path_and_query(path).build();
            *request.uri_mut() = uri.map_err(|_| Fault::new("the host and the path make no URL"))?;
            *request.version_mut() = Version::HTTP_2;
        } else {
            if head.host.is_empty() {
                let value = HeaderValue::from_str(authority).map_err(|_| Fault::new("the upstream's host is no header"))?;
                headers.insert(HOST, value);
            }
            *request.uri_mut() = Uri::from(path);
        }
        Ok(request)
    }
}

/// Says how long the body is, or that it comes in pieces: for GET and its like the library would say that there is none.
fn frame(headers: &mut HeaderMap, length: Option<u64>, shared: bool) {
    match length {
        Some(length) => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        None => {
            headers.remove(CONTENT_LENGTH);
            if !shared {
                headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
            }
        }
    }
}

/// What the names of the console's cookies begin with: no upstream is told who is signed in there, even where a browser takes both
/// for one host.
const OWN: &[u8] = b"__Host-doorward";

/// Takes the console's cookies out; a line without them stays as it came.
fn without_own_cookies(headers: &mut HeaderMap) {
    let is_own = |pair: &[u8]| pair.trim_ascii().get(..OWN.len()).is_some_and(|name| name.eq_ignore_ascii_case(OWN));
    let Some(line) = headers.get(COOKIE).filter(|line| line.as_bytes().split(|b| *b == b';').any(is_own)) else { return };
    let left: Vec<&[u8]> = line.as_bytes().split(|b| *b == b';').filter(|pair| !is_own(pair)).map(<[u8]>::trim_ascii).collect();
    match HeaderValue::from_bytes(&left.join(&b"; "[..])) {
        Ok(line) if !line.is_empty() => {
            headers.insert(COOKIE, line);
        }
        Ok(_) | Err(_) => {
            headers.remove(COOKIE);
        }
    }
}

/// HTTP/2 clients may send cookies in pieces; HTTP/1.1 upstreams expect one line (RFC 9113 §8.2.3).
fn one_cookie(headers: &mut HeaderMap) {
    let mut cookies = headers.get_all(COOKIE).iter();
    if cookies.next().is_none() || cookies.next().is_none() {
        return;
    }
    let joined = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b"; "[..]);
    if let Ok(joined) = HeaderValue::from_bytes(&joined) {
        headers.insert(COOKIE, joined);
    }
}

/// `TE: trailers` and `Trailer` belong to a connection, and are said anew on ours.
fn trailing(theirs: &HeaderMap, ours: &mut HeaderMap, shared: bool, goes_on: bool) {
    let wants = theirs.get_all(TE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    if wants.into_iter().any(|t| t.trim().eq_ignore_ascii_case("trailers")) {
        ours.insert(TE, TE_TRAILERS);
        if !shared {
            ours.insert(CONNECTION, HeaderValue::from_static("te"));
        }
    }
    if goes_on && theirs.contains_key(TRAILER) {
        set_announced(ours, &body::announced(theirs));
    }
}

/// Announces trailers.
pub(super) fn set_announced(headers: &mut HeaderMap, names: &[HeaderName]) {
    let list = names.iter().map(HeaderName::as_str).collect::<Vec<_>>().join(", ");
    if let Some(value) = HeaderValue::from_str(&list).ok().filter(|_| !names.is_empty()) {
        headers.insert(TRAILER, value);
    }
}
