//! Bodies, queries and targets that lose a field, keep what they are, or are not cut.

use bytes::Bytes;
use futures_util::FutureExt;
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;

const FIELDS: &[&str] = &["api_token"];
const JSON: Option<&str> = Some("application/json");
const FORM: Option<&str> = Some("application/x-www-form-urlencoded");
const TEXT: Option<&str> = Some("text/plain;charset=UTF-8");
const MULTI: Option<&str> = Some("multipart/form-data; boundary=X");

fn cut(kind: Option<&str>, bytes: &[u8]) -> Result<Vec<u8>, Uncertain> {
    body(kind, None, bytes, FIELDS).map(Cow::into_owned)
}

fn read(kind: Option<&str>, body: &[u8]) -> Option<Map<String, Value>> {
    crate::body::decode(kind, None, Bytes::copy_from_slice(body)).now_or_never().expect("nothing to wait for").ok()
}

fn part(name: &str, value: &str) -> String {
    format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

#[test]
fn the_field_goes_and_every_other_byte_stays() {
    let token = part("api_token", "t");
    let (a, b) = (part("a", "1"), part("b", "--Y\r\n\r\nx"));
    let file = "--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a;b.txt\"\r\nContent-Type: text/plain\r\n\r\n\u{0}\r\n";
    for (kind, before, after) in [
        (JSON, r#"{"api_token":"t"}"#, "{}"),
        (JSON, r#"{"api_token":"t","a":1}"#, r#"{"a":1}"#),
        (JSON, r#"{"a":1,"api_token":"t"}"#, r#"{"a":1}"#),
        (
            JSON,
            "\u{feff} { \"b\" : 1.0e+07 ,\n \"api_token\" : [\"},\\\"\"] ,\t\"a\":{\"api_token\":\"u\"} } \n",
            "\u{feff} { \"b\" : 1.0e+07 ,\t\"a\":{\"api_token\":\"u\"} } \n",
        ),
        (JSON, r#"{"api_token":1,"a":"é\u00e9\/","\u0061pi_token":2,"API_TOKEN":3}"#, r#"{"a":"é\u00e9\/"}"#),
        (JSON, "{\"api_to\u{212a}en\":1,\"a\":2}", r#"{"a":2}"#),
        (JSON, r#"{"n":100000000000000000000000000000001,"api_token":"t"}"#, r#"{"n":100000000000000000000000000000001}"#),
        (JSON, r#"{"api.token":"kept","api_tokens":1}"#, r#"{"api.token":"kept","api_tokens":1}"#),
        (JSON, "", ""),
        (JSON, " \n", " \n"),
        (TEXT, r#"{"api_token":"t","page_size":10}"#, r#"{"page_size":10}"#),
        (None, r#"{"api_token":"t","a":"b=c"}"#, r#"{"a":"b=c"}"#),
        (FORM, "api_token=t", ""),
        (FORM, "api_token=t&a=%2f+b&&c", "a=%2f+b&&c"),
        (FORM, "a=1&%61pi%5Ftoken=t&b=2", "a=1&b=2"),
        (FORM, "a=1&api.token=t&api+token=t&%20api_token=t&api[token=t&api_token[]=t&api_token[x][y]=t&Api_Token=t&api_token%00z=t", "a=1"),
        (FORM, "\u{feff}api_token=t&a=1", "a=1"),
        (FORM, "a=1&api_token\r\n", "a=1"),
        (FORM, "my_api_token=1&api_tokens=2&x[api_token]=3", "my_api_token=1&api_tokens=2&x[api_token]=3"),
        (None, "hello", "hello"),
        (Some("image/png"), "\u{89}PNG=&;\u{0}", "\u{89}PNG=&;\u{0}"),
        (MULTI, &format!("{a}{token}{b}--X--\r\n"), &format!("{a}{b}--X--\r\n")),
        (MULTI, &format!("{token}{file}{token}--X--"), &format!("{file}--X--")),
        (MULTI, &format!("{}{a}--X--", part("api token[]", "t")), &format!("{a}--X--")),
        (MULTI, &format!("{}--X--", token.replace("\r\n\r\n", "\r\ncontent-type: text/plain\r\n\r\n")), "--X--"),
        (MULTI, &format!("{a}--X--\r\n"), &format!("{a}--X--\r\n")),
        (Some("multipart/form-data; charset=utf-8; boundary=\"X\""), &format!("{token}{a}--X--"), &format!("{a}--X--")),
    ] {
        assert_eq!(cut(kind, before.as_bytes()).map(|b| String::from_utf8(b).unwrap()), Ok(after.to_owned()), "{kind:?} {before}");
    }
}

#[test]
fn several_fields_go_at_once() {
    let both = &["api_token", "JWT"];
    for (kind, before, after) in [
        (JSON, r#"{"jwt":"t","a":1,"api_token":"t"}"#, r#"{"a":1}"#),
        (FORM, "jwt=t&a=1&api.token=t&JWT[]=t", "a=1"),
        (MULTI, &format!("{}{}{}--X--", part("Jwt", "t"), part("a", "1"), part("api_token", "t")), &format!("{}--X--", part("a", "1"))),
    ] {
        assert_eq!(body(kind, None, before.as_bytes(), both).as_deref(), Ok(after.as_bytes()), "{before}");
    }
    assert_eq!(target("/p?jwt=t&api_token=t", both).as_deref(), Ok("/p"));
    assert_eq!(body(FORM, None, b"a=1", &[]), Ok(Cow::Borrowed(&b"a=1"[..])));
}

#[test]
fn what_has_not_the_field_is_borrowed() {
    for (kind, bytes) in
        [(JSON, "{ \"a\":1 }"), (FORM, "a=1&b"), (TEXT, "hi"), (MULTI, "--X\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--X--")]
    {
        assert!(matches!(body(kind, None, bytes.as_bytes(), FIELDS), Ok(Cow::Borrowed(_))), "{bytes}");
    }
}

#[test]
fn what_readers_could_cut_differently_is_not_cut() {
    let token = part("api_token", "t");
    for (kind, bytes) in [
        (JSON, "{"),
        (JSON, "[]"),
        (JSON, r#"{"api_token":"t"} x"#),
        (JSON, "{\"api_token\":\"t\",\"a\":\"\\ud800\"}"),
        (JSON, "{'api_token':'t'}"),
        (TEXT, "{broken&api_token=t"),
        (TEXT, r#"{"a":"&api_token=t&"}"#),
        (FORM, r#"{"a":";api_token=t;"}"#),
        (FORM, r#"api_token=t&{"api_token":"u"}"#),
        (FORM, "a=1;api_token=t"),
        (Some("text/plain; charset=utf-16"), "a=1"),
        (Some("application/json; charset=utf-7"), "{}"),
        (Some("text/plain; x=/json"), "a=1"),
        (Some("multipart/form-data; boundary=a/json"), "--a/json--"),
        (Some("multipart/form-data, application/json"), "{}"),
        (Some("multipart/mixed; boundary=X"), "--X--"),
        (Some("multipart/form-data"), "--X--"),
        (Some("multipart/form-data; boundary=X; boundary=Y"), "--X--"),
        (Some("multipart/form-data; xboundary=X"), "--X--"),
        (Some("multipart/form-data; boundary=\"X"), "--X--"),
        (Some("multipart/form-data; boundary=X,Y"), "--X,Y--"),
        (MULTI, "x"),
        (MULTI, &token),
        (MULTI, &format!("preamble\r\n{token}--X--")),
        (MULTI, &format!("{token}--X--\r\nepilogue")),
        (MULTI, &format!("{token}--X--\r\n{token}--X--")),
        (MULTI, &format!("{}--X--", part("a", "1\n--X\n"))),
        (MULTI, &format!("{}--X--", part("a", "1\r\n--XY\r\n"))),
        (MULTI, &format!("{}--X--", token.replace("\r\n\r\n", "\n\n"))),
        (MULTI, &format!("{}--X--", token.replace("name=", "filename=x; name*=utf-8''y; name="))),
        (MULTI, &format!("{}--X--", token.replace("name=", "name=\"a\"; name="))),
        (MULTI, &format!("{}--X--", token.replace("name=", "filename=\"\\\"; name="))),
        (MULTI, &format!("{}--X--", token.replace("form-data;", "form-data;\r\n"))),
        (MULTI, &format!("{}--X--", token.replace("\"api_token\"", "'api_token'"))),
        (MULTI, &format!("{}--X--", part("%61pi_token", "t"))),
        (MULTI, &format!("{}--X--", token.replace("Content-Disposition", "Content-Disposition "))),
        (MULTI, &format!("{}--X--", token.replace("Content-Disposition", "Content-Type"))),
        (MULTI, "--X\r\n\r\nno headers\r\n--X--"),
    ] {
        assert_eq!(cut(kind, bytes.as_bytes()), Err(Uncertain), "{kind:?} {bytes}");
    }
    assert_eq!(body(JSON, Some("gzip"), b"\x1f\x8b", FIELDS), Err(Uncertain));
    assert_eq!(body(JSON, Some("identity"), b"{}", FIELDS), Ok(Cow::Borrowed(&b"{}"[..])));
    assert_eq!(cut(FORM, b"a=1;b=2"), Ok(b"a=1;b=2".to_vec()));
}

#[test]
fn a_query_and_a_target_lose_it_too() {
    for (before, after) in [
        ("/p", Ok("/p")),
        ("/p?", Ok("/p?")),
        ("/p?a=1", Ok("/p?a=1")),
        ("/p?api_token=t", Ok("/p")),
        ("/p?a=%zz&api_token=t&b", Ok("/p?a=%zz&b")),
        ("/p?api_token&%41pi.token=t", Ok("/p")),
        ("/api_token=t?x=y?api_token=t", Ok("/api_token=t?x=y?api_token=t")),
        ("/p?a=1;api_token=t", Err(Uncertain)),
    ] {
        assert_eq!(target(before, FIELDS).as_deref(), after.as_deref(), "{before}");
    }
    assert_eq!(query("api_token=t&a=1", FIELDS).as_deref(), Ok("a=1"));
}

/// Names of fields, of which many are the field's in some spelling.
fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("api_token".to_owned()),
        Just("API_Token".to_owned()),
        Just("api.token".to_owned()),
        Just("api_token[]".to_owned()),
        Just(" api_token".to_owned()),
        Just("ap".to_owned()),
        "[a-z_.\\[ ]{1,12}",
        "\\PC{1,6}",
    ]
}

fn json_values() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("1.50e+3".to_owned()),
        Just("null".to_owned()),
        Just("{\"api_token\": [1,2]}".to_owned()),
        Just("[{\"a\":\"},{\"},[]]".to_owned()),
        "\\PC{0,12}".prop_map(|text| serde_json::to_string(&text).unwrap()),
    ]
}

/// What bodies of every kind are made of.
const PIECES: &[&[u8]] = &[
    b"api_token",
    b"=t",
    b"&",
    b"{\"",
    b"\":\"",
    b"\"}",
    b",",
    b"--X",
    b"\r\n",
    b"--",
    b"Content-Disposition: form-data; name=",
    b";",
    b"\xff",
    b"%5f",
];

proptest! {
    #[test]
    fn json_loses_the_field_and_keeps_every_other_member_as_written(
        members in prop::collection::vec((names(), json_values(), "[ \n\t]{0,2}"), 0..8)
    ) {
        let write = |members: &[&(String, String, String)]| {
            let texts: Vec<String> = members.iter().map(|(n, v, s)| format!("{s}{}{s}:{s}{v}{s}", serde_json::to_string(n).unwrap())).collect();
            format!("{{{}}}", texts.join(","))
        };
        let kept: Vec<_> = members.iter().filter(|(name, _, _)| !is_it(name, FIELDS)).collect();
        let before = write(&members.iter().collect::<Vec<_>>());
        let after = cut(JSON, before.as_bytes());
        let expected = if kept.len() == members.len() { before.clone() } else { write(&kept) };
        prop_assert_eq!(after.as_deref().map(String::from_utf8_lossy), Ok(expected.as_str().into()));
        let read = read(JSON, &after.unwrap()).unwrap();
        prop_assert!(!read.keys().any(|name| is_it(name, FIELDS)));
    }

    #[test]
    fn a_form_loses_the_field_and_keeps_every_other_pair(pairs in prop::collection::vec((names(), "\\PC{0,8}"), 0..8)) {
        let write = |pairs: &mut dyn Iterator<Item = &(String, String)>| {
            form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs.map(|(n, v)| (n, v))).finish()
        };
        let before = write(&mut pairs.iter());
        let after = write(&mut pairs.iter().filter(|(name, _)| !spells(name, FIELDS)));
        prop_assert_eq!(cut(FORM, before.as_bytes()), Ok(after.clone().into_bytes()));
        prop_assert_eq!(query(&before, FIELDS).map(Cow::into_owned), Ok(after));
    }

    #[test]
    fn a_multipart_loses_the_field_and_keeps_every_other_part(
        parts in prop::collection::vec((names().prop_filter("plain", |n| !n.contains(['"', '\\', '\'', '%'])), "\\PC{0,8}(\r\n)?"), 0..6)
    ) {
        let write = |parts: &mut dyn Iterator<Item = &(String, String)>| {
            let texts: String = parts.map(|(n, v)| part(n, v)).collect();
            format!("{texts}--X--\r\n")
        };
        let before = write(&mut parts.iter());
        prop_assume!(!parts.iter().any(|(_, value)| value.contains("--X")));
        let after = write(&mut parts.iter().filter(|(name, _)| !spells(name, FIELDS)));
        prop_assert_eq!(cut(MULTI, before.as_bytes()).map(|b| String::from_utf8(b).unwrap()), Ok(after.clone()));
        let left = read(MULTI, after.as_bytes()).expect("what is left can be read");
        prop_assert!(!left.keys().any(|name| spells(name, FIELDS)));
    }

    #[test]
    fn whatever_comes_nothing_panics_and_no_reading_of_what_is_left_finds_the_field(
        kind in prop::option::of("(application/json|multipart/form-data; boundary=X|text/plain|application/x-www-form-urlencoded|\\PC{0,20})"),
        bytes in prop::collection::vec(prop::sample::select(PIECES), 0..24),
    ) {
        let before = bytes.concat();
        if let Ok(after) = body(kind.as_deref(), None, &before, FIELDS)
            && let Some(read) = read(kind.as_deref(), &after)
        {
            prop_assert!(!read.contains_key(FIELDS[0]), "{:?}", String::from_utf8_lossy(&before));
        }
        let text = String::from_utf8_lossy(&before);
        if let Ok(after) = target(&text, FIELDS) {
            let left = after.split_once('?').map_or("", |(_, query)| query);
            prop_assert!(!form_urlencoded::parse(left.as_bytes()).any(|(name, _)| name == FIELDS[0]));
        }
    }
}
