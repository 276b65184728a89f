//! Who may say what at which door.

use bytes::Bytes;
use doorward_web::Reply;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::{HeaderMap, Request, StatusCode};
use prost::Message;

use super::grpc::message::{
    Address, AttributeContext, CheckRequest, HeaderList, HttpRequest, HttpResponse, Peer, Request as Asked, SocketAddress,
};
use super::grpc::{answer, frame, question};
use super::{DOORS, Door, fallback};

const GOOD: [(&str, &str); 8] = [
    ("host", "site.example"),
    ("x-original-method", "DELETE"),
    ("x-original-uri", "/a?b"),
    ("x-forwarded-method", "DELETE"),
    ("x-forwarded-uri", "/a?b"),
    ("x-forwarded-host", "site.example"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-for", "203.0.113.9"),
];

/// Which of them each door reads; the others are any client's words to it.
fn reads(door: Door) -> &'static [&'static str] {
    match door {
        Door::Nginx => &["x-original-method", "x-original-uri"],
        Door::Caddy | Door::Traefik => {
            &["x-forwarded-method", "x-forwarded-uri", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-for"]
        }
        Door::Haproxy => &["x-original-method", "x-original-uri", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-for"],
        Door::Envoy => &["host", "x-forwarded-for"],
    }
}

fn asked(door: Door, headers: &[(&str, &str)]) -> Result<(String, String, String), ()> {
    let path = DOORS.iter().find(|(_, of, _)| *of == door).expect("a path").0;
    let (method, path) = if door == Door::Envoy { ("DELETE", format!("{path}/a?b")) } else { ("GET", path.to_owned()) };
    assert_eq!(Door::at(path.split('?').next().expect("a path")), Some(door));
    let mut request = Request::builder().method(method).uri(path).body(()).expect("a request");
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
        request.headers_mut().append(HeaderName::from_bytes(name.as_bytes()).expect("a name"), value);
    }
    let head = door.original(request.into_parts().0).map_err(|_| ())?;
    Ok((head.method.to_string(), head.target.raw, head.host))
}

#[test]
fn each_door_reads_its_own_proxys_words_and_nobody_elses() {
    let said = ("DELETE".to_owned(), "/a?b".to_owned(), "site.example".to_owned());
    for (_, door, _) in DOORS {
        assert_eq!(asked(door, &GOOD), Ok(said.clone()), "{door:?}");
        for (name, value) in GOOD {
            let without: Vec<_> = GOOD.into_iter().filter(|(n, _)| *n != name).collect();
            let mut twice = GOOD.to_vec();
            twice.push((name, value));
            let empty: Vec<_> = GOOD.into_iter().map(|(n, v)| (n, if n == name { "" } else { v })).collect();
            let odd: Vec<_> = GOOD.into_iter().map(|(n, v)| (n, if n == name { "\u{e9}" } else { v })).collect();
            if reads(door).contains(&name) {
                for bad in [&without, &empty, &odd] {
                    assert_eq!(asked(door, bad), Err(()), "{door:?} {name}");
                }
                // One list of addresses may be in two lines.
                assert_eq!(asked(door, &twice).is_err(), name != "x-forwarded-for", "{door:?} {name} twice");
            } else if name != "host" {
                for other in [&without, &twice, &empty, &odd] {
                    assert_eq!(asked(door, other), Ok(said.clone()), "{door:?} {name}");
                }
            }
        }
    }
}

#[test]
fn no_path_leads_to_a_door_by_another_spelling() {
    for path in
        ["/", "/_doorward/check", "/_doorward/check/", "/_doorward/check/nginx/", "/_doorward/check/envoyx", "/_Doorward/check/nginx"]
    {
        assert_eq!(Door::at(path), None, "{path}");
    }
}

#[test]
fn caddy_and_envoy_are_told_what_to_overwrite() {
    let mut answer = HeaderMap::from_iter([(HeaderName::from_static("x-doorward-site"), HeaderValue::from_static("s"))]);
    let client = HeaderMap::from_iter([(HeaderName::from_static("x.doorward_level"), HeaderValue::from_static("9"))]);
    let mut caddys = answer.clone();
    Door::Caddy.dress(&mut caddys, &client, &[]);
    assert_eq!(caddys["x-doorward-remove"], "", "an empty one is overwritten, a missing one would stay");
    assert!(crate::identity::NAMES.iter().all(|name| caddys.get(*name).is_some_and(|v| v.is_empty() || v == "s")));
    Door::Envoy.dress(&mut answer, &client, &["authorization".to_owned()]);
    let removed = answer["x-envoy-auth-headers-to-remove"].to_str().expect("text");
    let expected = "x-doorward-user-id,x-doorward-user,x-doorward-roles,x-doorward-level,x-doorward-scopes,x.doorward_level,authorization";
    assert_eq!(removed, expected);
    assert!(!answer.contains_key("x-doorward-remove"));
}

#[test]
fn the_fallback_says_the_same_as_authorization_or_the_only_thing() {
    for (authorization, too, settled) in [
        (&[][..], &[][..], Some(None)),
        (&["a"], &[], Some(Some("a"))),
        (&[], &["b"], Some(Some("b"))),
        (&["a"], &["a"], Some(Some("a"))),
        (&["a"], &[""], Some(Some("a"))),
        (&["a"], &["b"], None),
        (&["a", "a"], &["a"], None),
        (&[], &["b", "b"], None),
    ] {
        let mut headers = HeaderMap::new();
        for (name, values) in [(AUTHORIZATION, authorization), (fallback::AUTHORIZATION_TOO, too)] {
            for value in values {
                headers.append(name.clone(), HeaderValue::from_static(value));
            }
        }
        match (fallback::settle(&mut headers), settled) {
            (Ok(()), Some(value)) => {
                assert_eq!(headers.get(AUTHORIZATION).map(HeaderValue::as_bytes), value.map(str::as_bytes));
                assert!(!headers.contains_key(fallback::AUTHORIZATION_TOO));
            }
            (Err(_), None) => {}
            (got, want) => panic!("{authorization:?} {too:?}: {got:?}, not {want:?}"),
        }
    }
}

fn question() -> CheckRequest {
    let http = HttpRequest {
        method: "GET".into(),
        path: "/a?b".into(),
        host: "site.example".into(),
        scheme: "http".into(),
        headers: [(":path".to_owned(), "/a?b".to_owned()), ("authorization".to_owned(), "x".to_owned())].into(),
        ..HttpRequest::default()
    };
    let source = Peer { address: Some(Address { socket_address: Some(SocketAddress { address: "203.0.113.9".into() }) }) };
    CheckRequest { attributes: Some(AttributeContext { source: Some(source), request: Some(Asked { http: Some(http) }) }) }
}

#[test]
fn envoys_question_is_read_whole_or_not_at_all() {
    let (head, address) = question::original(question()).expect("a question");
    assert_eq!((head.method.as_str(), head.target.raw.as_str(), head.host.as_str()), ("GET", "/a?b", "site.example"));
    assert_eq!((head.headers[AUTHORIZATION].as_bytes(), address.to_string().as_str()), (&b"x"[..], "203.0.113.9"));
    let breaks: [fn(&mut HttpRequest); 6] = [
        |h| h.path = "/other".into(),
        |h| h.host.clear(),
        |h| h.scheme = "gopher".into(),
        |h| h.fragment = "x".into(),
        |h| h.header_map = Some(HeaderList::default()),
        |h| h.method = "G T".into(),
    ];
    for (number, broken) in breaks.into_iter().enumerate() {
        let mut asked = question();
        let http = asked.attributes.as_mut().and_then(|a| a.request.as_mut()).and_then(|r| r.http.as_mut());
        broken(http.expect("a request"));
        assert!(question::original(asked).is_err(), "{number}");
    }
}

#[test]
fn a_refusal_keeps_status_headers_and_body() {
    let mut reply = Reply::raw(401, "application/json", Bytes::from_static(b"{}"));
    for challenge in ["Basic", "Bearer"] {
        reply.headers.append(http::header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    let told = answer::refuse(&reply);
    let Some(HttpResponse::Denied(denied)) = told.http_response else { panic!("no refusal") };
    assert_eq!((denied.status.map(|s| s.code), denied.body.as_str()), (Some(401), "{}"));
    let header = |name: &str| {
        let found = denied.headers.iter().filter_map(|o| o.header.as_ref()).find(|h| h.key == name);
        found.map(|h| h.value.clone())
    };
    assert_eq!(header("www-authenticate").as_deref(), Some("Basic, Bearer"));
    assert!(denied.headers.iter().all(|option| option.append == Some(false)), "Envoy would append");
    assert_ne!(told.status.map(|s| s.code), Some(0));
    assert_eq!(Door::Envoy.yes(), StatusCode::OK);
}

proptest::proptest! {
    #[test]
    fn no_message_panics_and_none_is_read_in_part(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200), cut in 0_usize..400) {
        let _ = frame::read::<CheckRequest>(&bytes).map(question::original);
        let message = question().encode_to_vec();
        let mut framed = vec![0];
        framed.extend(u32::try_from(message.len()).expect("small").to_be_bytes());
        framed.extend(message);
        let whole = frame::read::<CheckRequest>(&framed);
        proptest::prop_assert_eq!(whole, Ok(question()));
        let whole = framed.len();
        framed.truncate(cut);
        proptest::prop_assert!(framed.len() == whole || frame::read::<CheckRequest>(&framed).is_err());
        let mut damaged = question().encode_to_vec();
        let at = cut % damaged.len();
        damaged[at] ^= 0xff;
        if let Ok(read) = CheckRequest::decode(damaged.as_slice()) {
            let _ = question::original(read);
        }
    }

    #[test]
    fn no_header_panics_a_door(uri in "\\PC{0,40}", method in "\\PC{0,8}", host in "\\PC{0,20}") {
        for (_, door, _) in DOORS {
            let mut headers = GOOD.to_vec();
            for (name, value) in &mut headers {
                match *name {
                    "x-original-uri" | "x-forwarded-uri" => *value = &uri,
                    "x-original-method" | "x-forwarded-method" => *value = &method,
                    "x-forwarded-host" | "host" => *value = &host,
                    _ => {}
                }
            }
            if headers.iter().all(|(_, value)| HeaderValue::from_bytes(value.as_bytes()).is_ok())
                && let Ok((_, target, _)) = asked(door, &headers)
            {
                proptest::prop_assert!(target.starts_with('/') && !target.contains('#'));
            }
        }
    }
}
