//! How far a request has come: our name in `Via` (RFC 9110 §7.6.3), by which one that comes back is known, and `Max-Forwards` (§7.6.2).

use doorward_web::Head;
use http::header::{HeaderMap, HeaderValue, MAX_FORWARDS, VIA};
use http::{Method, Response, StatusCode, Version};

use super::{Body, whole};

/// What we are called on the way to a site's upstreams. It names no host, and nobody but them hears it.
pub(super) struct Pseudonym {
    name: Box<str>,
    /// What is added to `Via`, by the version that the client speaks.
    lines: [HeaderValue; 3],
}

impl Pseudonym {
    pub(super) fn new(number: u64) -> Self {
        let name = format!("doorward-{number:016x}");
        let line = |version| HeaderValue::try_from(format!("{version} {name}")).unwrap_or(HeaderValue::from_static("1.1 doorward"));
        Self { lines: ["1.0", "1.1", "2.0"].map(line), name: name.into() }
    }

    /// Signs a request that came by this version.
    pub(super) fn sign(&self, headers: &mut HeaderMap, version: Version) {
        let at = if version >= Version::HTTP_2 { 2 } else { usize::from(version >= Version::HTTP_11) };
        headers.append(VIA, self.lines[at].clone());
    }

    /// True if we have signed it before: passed on once more, it would come back once more.
    pub(super) fn has_signed(&self, headers: &HeaderMap) -> bool {
        let entries = headers.get_all(VIA).iter().flat_map(|line| line.as_bytes().split(|b| *b == b','));
        let mut names = entries.filter_map(|entry| entry.split(|b| b.is_ascii_whitespace()).filter(|word| !word.is_empty()).nth(1));
        names.any(|name| name.eq_ignore_ascii_case(self.name.as_bytes()))
    }
}

/// How often a request may still be passed on; `None` if it does not say, or need not be listened to.
pub(super) fn hops(head: &Head) -> Option<u32> {
    if head.method != Method::OPTIONS && head.method != Method::TRACE {
        return None;
    }
    let said = head.headers.get_all(MAX_FORWARDS).iter().filter_map(|value| value.to_str().ok()).map(str::trim);
    let digits = said.filter(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()));
    // A number too large for us is more than there are servers.
    digits.map(|text| text.parse().unwrap_or(u32::MAX)).min()
}

/// The answer to a request that may be passed on no further: whoever asks how far it comes learns that it came here.
pub(super) fn here(method: &Method) -> Response<Body> {
    let mut answer = Response::new(whole(bytes::Bytes::new()));
    *answer.status_mut() = if method == Method::OPTIONS { StatusCode::NO_CONTENT } else { StatusCode::METHOD_NOT_ALLOWED };
    answer.headers_mut().insert(http::header::ALLOW, HeaderValue::from_static("OPTIONS"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_signed_is_known_again_and_nothing_else_is() {
        let (us, other) = (Pseudonym::new(7), Pseudonym::new(8));
        for (version, line) in [
            (Version::HTTP_10, "1.0 doorward-0000000000000007"),
            (Version::HTTP_11, "1.1 doorward-0000000000000007"),
            (Version::HTTP_2, "2.0 doorward-0000000000000007"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(VIA, HeaderValue::from_static("1.1 nginx"));
            us.sign(&mut headers, version);
            assert_eq!(headers.get_all(VIA).iter().collect::<Vec<_>>(), ["1.1 nginx", line]);
            assert!(us.has_signed(&headers) && !other.has_signed(&headers));
        }
        for (said, ours) in [
            ("1.1 a, 1.1 doorward-0000000000000007 (a comment), 2.0 b", true),
            ("HTTP/1.1   DOORWARD-0000000000000007", true),
            ("1.1\tdoorward-0000000000000007,", true),
            ("", false),
            (",,", false),
            ("doorward-0000000000000007", false),
            ("1.1 doorward-00000000000000070", false),
            ("1.1 doorward", false),
            ("1.1 a (doorward-0000000000000007)", false),
        ] {
            let headers = HeaderMap::from_iter([(VIA, HeaderValue::from_static(said))]);
            assert_eq!(us.has_signed(&headers), ours, "{said}");
        }
    }
}
