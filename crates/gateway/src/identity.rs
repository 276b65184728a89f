//! What the upstream is told of the caller, in `X-Doorward-*`; copies sent by clients are removed in every spelling.

use doorward_core::flow::verify::Pass;
use doorward_core::site::SiteView;
use http::header::{CACHE_CONTROL, CONNECTION, HeaderMap, HeaderName, HeaderValue};

use crate::guard::Admission;

const USER_ID: HeaderName = HeaderName::from_static("x-doorward-user-id");
const USER: HeaderName = HeaderName::from_static("x-doorward-user");
const ROLES: HeaderName = HeaderName::from_static("x-doorward-roles");
const LEVEL: HeaderName = HeaderName::from_static("x-doorward-level");
const SCOPES: HeaderName = HeaderName::from_static("x-doorward-scopes");
const SITE: HeaderName = HeaderName::from_static("x-doorward-site");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// All of them: what a proxy that asks first must copy, and never take from a client.
pub const NAMES: [&str; 6] =
    ["x-doorward-site", "x-doorward-user-id", "x-doorward-user", "x-doorward-roles", "x-doorward-level", "x-doorward-scopes"];

/// Headers that belong to one connection and are not passed on (RFC 9110 §7.6.1).
const HOP_BY_HOP: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Removes what belongs to the connection (also what `Connection` names) and every copy of our identity headers, whatever
/// letter case and whether written with `-` or `_`.
pub fn strip(headers: &mut HeaderMap) {
    let named: Vec<String> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let gone: Vec<HeaderName> = headers
        .keys()
        .filter(|name| {
            let name = name.as_str();
            is_kept_back(name) || named.iter().any(|n| n == name)
        })
        .cloned()
        .collect();
    for name in gone {
        headers.remove(name);
    }
}

/// True for what [`strip`] removes by its name alone.
pub(crate) fn is_kept_back(name: &str) -> bool {
    is_hop_by_hop(name) || is_a_false_length(name) || is_ours(name)
}

/// True for a header that belongs to the connection, in every spelling that an upstream could fold into it.
fn is_hop_by_hop(name: &str) -> bool {
    HOP_BY_HOP.iter().any(|header| folds_to(name, header))
}

/// True for `Content_Length` and its like: not what we framed by, and to some upstream the same.
fn is_a_false_length(name: &str) -> bool {
    name != "content-length" && folds_to(name, "content-length")
}

/// True for `X-Doorward-…` in every spelling that an upstream could fold into it.
pub(crate) fn is_ours(name: &str) -> bool {
    begins_like(name, "x-doorward")
}

/// True for headers by which proxies, balancers and delivery networks tell upstreams the client's address, its scheme, the host,
/// the path or the method: only ours may say so (`X-Forwarded-*`, `X-Original-URL`, `CF-Connecting-IP`, `Front-End-Https` …;
/// `Proxy` is CGI's `HTTP_PROXY`).
pub(crate) fn is_a_proxys(name: &str) -> bool {
    const BEGIN: [&str; 4] = ["x-forwarded", "x-original-", "x-rewrite-", "x-envoy-original-"];
    const END: [&str; 9] = [
        "-forwarded-for",
        "-forwarded-host",
        "-forwarded-proto",
        "client-ip",
        "clientip",
        "connecting-ip",
        "connection-ip",
        "-real-ip",
        "-remote-ip",
    ];
    const WHOLE: [&str; 25] = [
        "cdn-src-ip",
        "cf-connecting-ipv6",
        "cf-pseudo-ipv4",
        "cf-visitor",
        "cloudfront-viewer-address",
        "fastly-ssl",
        "forwarded",
        "front-end-https",
        "proxy",
        "wl-proxy-ssl",
        "x-appengine-user-ip",
        "x-arr-ssl",
        "x-azure-socketip",
        "x-envoy-external-address",
        "x-envoy-internal",
        "x-host",
        "x-http-host-override",
        "x-https",
        "x-originating-ip",
        "x-proto",
        "x-proxyuser-ip",
        "x-remote-addr",
        "x-scheme",
        "x-url-scheme",
        "x-waws-unencoded-url",
    ];
    BEGIN.iter().any(|begin| begins_like(name, begin))
        || WHOLE.iter().any(|whole| folds_to(name, whole))
        || END.iter().any(|end| ends_like(name, end))
}

/// True if an upstream could fold the name into `header`.
pub(crate) fn folds_to(name: &str, header: &str) -> bool {
    name.len() == header.len() && begins_like(name, header)
}

fn ends_like(name: &str, header: &str) -> bool {
    // Names of headers are ASCII.
    name.len() >= header.len() && name.get(name.len() - header.len()..).is_some_and(|end| begins_like(end, header))
}

fn begins_like(name: &str, header: &str) -> bool {
    name.len() >= header.len()
        && name
            .bytes()
            .zip(header.bytes())
            .all(|(got, want)| got.eq_ignore_ascii_case(&want) || (want == b'-' && matches!(got, b'_' | b'.')))
}

/// Writes who was let in. The site is always told; nobody has no id.
pub fn tell(headers: &mut HeaderMap, view: &SiteView, admission: &Admission) {
    match admission {
        Admission::Anonymous => set(headers, SITE, &view.site.name),
        Admission::Known(pass) => tell_pass(headers, pass),
    }
}

/// What is told of a pass, made once and kept with it.
struct Told {
    identity: HeaderMap,
    /// The same as an answer's headers, with room for the request's id.
    answer: HeaderMap,
}

impl Told {
    fn of(pass: &Pass) -> Self {
        let identity = told(pass);
        let mut answer = identity.clone();
        answer.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer.insert(REQUEST_ID, HeaderValue::from_static("req_"));
        Self { identity, answer }
    }
}

fn tell_pass(headers: &mut HeaderMap, pass: &Pass) {
    match pass.pinned(Told::of) {
        Some(known) => {
            for (name, value) in &known.identity {
                headers.insert(name.clone(), value.clone());
            }
        }
        None => headers.extend(told(pass)),
    }
}

/// The headers of an answer that tells a proxy who was let in: never to be cached.
#[must_use]
pub fn answer(view: &SiteView, admission: &Admission, request_id: &str) -> HeaderMap {
    let known = match admission {
        Admission::Known(pass) => pass.pinned(Told::of),
        Admission::Anonymous => None,
    };
    let mut headers = known.map_or_else(
        || {
            let mut headers = HeaderMap::with_capacity(8);
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            tell(&mut headers, view, admission);
            headers
        },
        |known| known.answer.clone(),
    );
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    headers
}

fn told(pass: &Pass) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    set(&mut headers, SITE, &pass.site().site.name);
    if let Some(account) = pass.account() {
        headers.insert(USER_ID, HeaderValue::from(account.number));
        set(&mut headers, USER, &account.login);
        set(&mut headers, ROLES, &account.roles.join(","));
    }
    headers.insert(LEVEL, HeaderValue::from(u16::from(pass.level())));
    set(&mut headers, SCOPES, &pass.scopes().text());
    headers
}

/// Sets a header; letters beyond printable ASCII are percent-encoded, so that no name can break out of its line.
fn set(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    use std::fmt::Write;
    let plain = |b: u8| (0x20..0x7f).contains(&b) && b != b'%';
    let value = if text.bytes().all(plain) {
        HeaderValue::from_str(text)
    } else {
        let mut encoded = String::with_capacity(text.len() * 3);
        for byte in text.bytes() {
            if plain(byte) {
                encoded.push(char::from(byte));
            } else {
                // Writing to a String does not fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        HeaderValue::from_str(&encoded)
    };
    if let Ok(value) = value {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_copy_of_an_identity_header_survives() {
        let mut headers = HeaderMap::new();
        for name in
            ["x-doorward-user-id", "x_doorward_user_id", "x-doorward_user-id", "x.doorward.level", "connection", "x-named", "te", "x-keep"]
        {
            headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static("x"));
        }
        headers.insert(CONNECTION, HeaderValue::from_static("close, X-Named"));
        strip(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["x-keep"]);
    }

    /// What a client, or a proxy that passes on what clients say, could tell an application of the client itself.
    const PROXYS: &str = "forwarded x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-port x-forwarded-prefix x-forwarded-scheme \
        x-forwarded-server x-forwarded-ssl x-forwarded-uri x-forwarded-method x-forwarded-by x-forwarded-client-cert x-forwarded-user x-forwarded \
        x-vercel-forwarded-for cloudfront-forwarded-proto http-x-forwarded-for x-real-ip ali-cdn-real-ip client-ip x-client-ip true-client-ip \
        x-cluster-client-ip fastly-client-ip fly-client-ip incap-client-ip proxy-client-ip wl-proxy-client-ip http-client-ip x-azure-clientip \
        x-azure-socketip x-sucuri-clientip cf-connecting-ip cf-connecting-ipv6 cf-pseudo-ipv4 do-connecting-ip x-nf-client-connection-ip \
        x-appengine-user-ip x-envoy-external-address x-envoy-internal cloudfront-viewer-address cdn-src-ip x-proxyuser-ip x-remote-ip x-remote-addr \
        x-originating-ip x-scheme x-url-scheme x-proto x-https front-end-https x-arr-ssl fastly-ssl cf-visitor wl-proxy-ssl x-host \
        x-http-host-override x-original-host x-original-url x-original-uri x-original-method x-original-forwarded-for x-rewrite-url \
        x-envoy-original-path x-envoy-original-host x-envoy-original-method x-waws-unencoded-url proxy";

    #[test]
    fn what_proxies_say_is_known_in_every_spelling_and_nothing_else_is() {
        for name in PROXYS.split(' ') {
            for spelling in [name.to_owned(), name.replace('-', "_"), name.replace('-', "."), name.replacen('-', "_", 1)] {
                assert!(is_a_proxys(&spelling), "{spelling}");
            }
        }
        for name in "host accept accept-encoding authorization cookie content-type content-length origin referer user-agent via x-request-id \
            x-csrf-token x-http-method-override x-requested-with sec-websocket-protocol x-api-key x-hosting x-schemes remote-user ip client-id x-ip"
            .split(' ')
        {
            assert!(!is_a_proxys(name), "{name}");
        }
    }

    #[test]
    fn names_cannot_break_out_of_their_header() {
        let mut headers = HeaderMap::new();
        set(&mut headers, USER, "Zoë\r\nX-Evil: 1%");
        assert_eq!(headers[USER], "Zo%C3%AB%0D%0AX-Evil: 1%25");
    }
}
