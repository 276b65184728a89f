//! What small forms say, and what large ones let through.

use super::*;

fn guises(kind: Option<&str>, body: &str) -> Result<(Vec<String>, Vec<String>), Refusal> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    futures_util::FutureExt::now_or_never(read(kind, None, &body)).unwrap().map(|g| (g.methods, g.routes))
}

fn part(name: &str, value: &str) -> String {
    format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--X--\r\n")
}

#[test]
fn what_any_reader_would_find_is_found() {
    let form = Some("application/x-www-form-urlencoded; charset=utf-8");
    let multi = Some("Multipart/Form-Data; boundary=X");
    let many: String = (0..1500).map(|n| format!("f{n}=x&")).collect();
    for (kind, body, methods, routes) in [
        (form, "a=b", vec![], vec![]),
        (form, "_method=delete", vec!["DELETE"], vec![]),
        (form, "a=b&+_method=delete&.method=put", vec!["DELETE", "PUT"], vec![]),
        (form, "%5Fmethod[]=PUT", vec!["PUT"], vec![]),
        (form, "a=b;_method=PUT", vec!["PUT"], vec![]),
        (form, "[_method]=PUT&][_method=PATCH&_method]=DELETE", vec!["DELETE", "PATCH", "PUT"], vec![]),
        (form, r#"{"a":"&_method=PUT&"}"#, vec!["PUT"], vec![]),
        (form, "rest_route=/a&rest.route=/b&rest[route=/c", vec![], vec!["/a", "/b", "/c"]),
        (form, &format!("{many}_method=PUT"), vec!["PUT"], vec![]),
        (None, "_method=PUT", vec!["PUT"], vec![]),
        (multi, &part("_method", "put"), vec!["PUT"], vec![]),
        (multi, &part("rest.route", "/x"), vec![], vec!["/x"]),
        (Some("multipart/mixed; boundary=\"X\""), &part("_method", "put"), vec!["PUT"], vec![]),
        (Some("application/json"), r#"{"_method":"put","a":[]}"#, vec!["PUT"], vec![]),
        (Some("application/json"), r#"{"a":{"_method":"put"}}"#, vec![], vec![]),
        (Some("application/json"), r#"[1]"#, vec![], vec![]),
        (Some("application/json"), " ", vec![], vec![]),
        (Some("application/octet-stream"), "_method=PUT", vec![], vec![]),
        (Some("application/x-www-form-urlencoded,application/json"), r#"{"a":"&_method=PUT&"}"#, vec!["PUT"], vec![]),
        (Some("application/x-www-form-urlencoded;application/json"), r#"{"_method":"PUT"}"#, vec!["PUT"], vec![]),
    ] {
        let (got_methods, got_routes) = guises(kind, body).unwrap();
        let distinct: std::collections::BTreeSet<_> = got_methods.into_iter().collect();
        assert_eq!(distinct, methods.iter().map(|m| (*m).to_owned()).collect(), "{kind:?} {body}");
        assert_eq!(got_routes, routes, "{kind:?} {body}");
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    for (kind, body) in [
        ("application/json", "{"),
        ("multipart/form-data", "--X\r\n"),
        ("multipart/form-data; boundary=X", "--X\r\nContent-Disposition: form-data; name=\"_method\"\r\n\r\nput"),
    ] {
        assert_eq!(guises(Some(kind), body), Err(Refusal::MalformedBody), "{kind}");
    }
    let nothing = Bytes::new();
    let zipped = read(Some("application/json"), Some("gzip"), &nothing);
    assert_eq!(futures_util::FutureExt::now_or_never(zipped).unwrap(), Err(Refusal::UnsupportedMediaType));
}
const MULTI: &str = "multipart/form-data; boundary=X";
const FORM: &str = "application/x-www-form-urlencoded";
const ALL: Folds = Folds { method: true, json_method: true, route: true };

/// What goes on of a body that comes in these pieces, and whether it passes.
fn scan<'p>(kind: &str, pieces: impl IntoIterator<Item = &'p [u8]>) -> (Vec<u8>, bool) {
    let mut scanner = Scanner::of(kind, ALL).unwrap();
    let mut out = Vec::new();
    let passes = pieces.into_iter().try_for_each(|piece| scanner.push(piece, &mut out)).and_then(|()| scanner.finish(&mut out)).is_ok();
    (out, passes)
}

fn head(lines: &str) -> String {
    format!("--X\r\n{lines}\r\n\r\nvalue\r\n--X--\r\n")
}

#[test]
fn plain_forms_pass_byte_for_byte() {
    let long = format!("{}=v", "x".repeat(9000));
    for (kind, body) in [
        (MULTI, "--X--\r\n".to_owned()),
        (MULTI, "--X--".to_owned()),
        (MULTI, part("a", "")),
        (MULTI, part("a", "\r\n--\r\n-X\n--Y")),
        (MULTI, part("method", "_method rest_route")),
        (MULTI, part("näme", "x")),
        (MULTI, head("Content-Disposition: form-data; name=\"file\"; filename=\"it's ann.jpg\"\r\nContent-Type: image/jpeg")),
        (MULTI, head("content-disposition:form-data;name=f;filename=a;filename*=utf-8''%C3%A4")),
        (MULTI, head("Content-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: 5")),
        (FORM, String::new()),
        (FORM, "a=_method&b=rest_route;&&method=x&rest_routes=y&=&c".to_owned()),
        (FORM, long),
    ] {
        assert_eq!(scan(kind, [body.as_bytes()]), (body.clone().into_bytes(), true), "{body}");
    }
}

#[test]
fn a_watched_field_does_not_go_on_under_any_name() {
    for name in
        ["_method", "rest_route", ".method", " _method", "rest.route", "rest[route", "_method[]", "_method[a]", "[_method]", "][_method"]
    {
        let multi = format!("--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n{}", part(name, "x"));
        let before = multi.find("\r\n--X\r\nContent-Disposition: form-data; name=\"").unwrap();
        let (out, passes) = scan(MULTI, [multi.as_bytes()]);
        assert_eq!((String::from_utf8(out).unwrap(), passes), (multi[..before].to_owned(), false), "{name}");
        let encoded: String = name.bytes().map(|b| format!("%{b:02x}")).collect();
        for name in [name.replace(' ', "+"), encoded] {
            for mark in ["&", ";"] {
                for end in ["=x", "", "&", ";", "&c=d"] {
                    let (out, passes) = scan(FORM, [format!("a=b{mark}{name}{end}").as_bytes()]);
                    assert_eq!((String::from_utf8(out).unwrap(), passes), (format!("a=b{mark}"), false), "{name}{end}");
                }
            }
        }
    }
}

#[test]
fn what_readers_take_differently_breaks_off() {
    let disposition = "Content-Disposition: form-data; name=";
    let long = format!("{disposition}\"a\"; filename=\"{}\"", "x".repeat(4096));
    let lines = format!("{disposition}\"a\"{}", "\r\nContent-Length: 5".repeat(500));
    for body in [
        String::new(),
        "\r\n--X\r\n".to_owned(),
        format!("preamble\r\n{}", part("a", "b")),
        format!("{}epilogue", part("a", "b")),
        format!("{}{}", part("a", "b"), part("_method", "b")),
        part("a", "b").replace("\r\n", "\n"),
        part("a", "b").replace("--X--", "--Xn"),
        part("a", "--X"),
        part("a", "x\n--X\r\n"),
        part("a", "x\r\n--X \r\n"),
        part("a", "").replace("\r\n\r\n\r\n", "\r\n\r\n"),
        part("a", "b").replace("\r\n--X--\r\n", ""),
        part("a%00", "b").replace("%00", "\0"),
        part("a\\\"; x=\\\"", "b"),
        part("%5Fmethod", "b"),
        part("=?utf-8?b?X21ldGhvZA==?=", "b"),
        part("", "b"),
        head(""),
        head("\r\nContent-Disposition: form-data; name=\"a\""),
        head("Content-Type: text/plain"),
        head(&format!("{disposition}\"a\"\r\n {disposition}\"_method\"")),
        head(&format!("{disposition}\"a\"\r\n{disposition}\"b\"")),
        head(&format!("{disposition}\"a\"\n{disposition}\"b\"")),
        head(&format!("{disposition}\"a\"\r{disposition}\"b\"")),
        head(&format!("{disposition}\"a\"; name=\"b\"")),
        head(&format!("{disposition}\"a\"; name*=utf-8''b")),
        head(&format!("{disposition}\"a\"; filename=\"x name=_method\"")),
        head(&format!("{disposition}\"a\"; filename=\"x; y\"")),
        head(&format!("{disposition}\"a\"; filename=\"--X\"")),
        head(&format!("{disposition}'a'")),
        head(&format!("{disposition}\"a\" x")),
        head(&format!("{disposition}a b")),
        head("Content-Disposition : form-data; name=\"a\""),
        head("Content-Disposition: attachment; name=\"a\""),
        head("Content-Disposition: form-data; filename=\"_method\""),
        head(&format!("{disposition}\"a\"\r\nContent-Id: _method")),
        head(&format!("{disposition}\"a\"\r\nContent-Type: multipart/mixed; boundary=Y")),
        head(&format!("{disposition}\"a\"\r\nContent-Type: text/plain; charset=utf-7")),
        head(&format!("{disposition}\"a\"\r\nContent-Transfer-Encoding: base64")),
        head(&long),
        head(&lines),
    ] {
        assert!(!scan(MULTI, [body.as_bytes()]).1, "{body}");
    }
    for kind in [
        "multipart/form-data",
        "multipart/mixed; boundary=X",
        "multipart/form-data; boundary=\"X\"",
        "multipart/form-data; boundary=X; boundary=Y",
        "multipart/form-data; boundary=X boundary=Y",
        "multipart/form-data; boundary=X,Y",
        "multipart/form-data; boundary=boundary=Y",
        "multipart/form-data; charset=utf-7; boundary=X",
        "application/x-www-form-urlencoded; charset=utf-7",
        "application/json",
        "",
    ] {
        assert!(Scanner::of(kind, ALL).is_none(), "{kind}");
    }
    let blanks = format!("{}_method=x", "+".repeat(5000));
    assert!(!scan(FORM, [blanks.as_bytes()]).1);
}

#[test]
fn the_beginning_is_judged_and_the_rest_watched() {
    let field = part("_method", "put").replace("--X--\r\n", "");
    for (kind, first, judged) in [
        (MULTI, format!("{field}--X"), Ok(vec!["PUT"])),
        (MULTI, format!("{field}--X\r\nContent-Disposition: form-data; name=\"_meth"), Ok(vec!["PUT"])),
        (MULTI, field.clone(), Err(Refusal::BodyTooLarge)),
        (MULTI, format!("x{field}"), Err(Refusal::MalformedBody)),
        (FORM, "a=b;_method=put&_meth".to_owned(), Ok(vec!["PUT"])),
        (FORM, "a=b&_method=pu".to_owned(), Err(Refusal::BodyTooLarge)),
    ] {
        let mut scanner = Scanner::of(kind, ALL).unwrap();
        let got = scanner.first(first.as_bytes()).map(|(found, _)| found.methods);
        let distinct = got.map(|mut methods| {
            methods.dedup();
            methods
        });
        assert_eq!(distinct, judged.map(|j| j.into_iter().map(str::to_owned).collect()), "{first}");
    }
    let mut scanner = Scanner::of(MULTI, Folds { route: true, ..Folds::default() }).unwrap();
    assert_eq!(scanner.push(part("_method", "x").as_bytes(), &mut Vec::new()), Ok(()), "a name that nobody reads");
}

proptest::proptest! {
    #[test]
    fn any_split_of_the_same_bytes_ends_the_same(
        is_form: bool,
        pieces in proptest::collection::vec("--X|--|\r\n|\r|\n|_method|rest_route|=|&|;|a|%5f|[+]|Content-Disposition: form-data; name=|\"|b|\r\n--X\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\n", 0..20),
        mut cuts in proptest::collection::vec(0usize..400, 0..8),
        whole: bool,
    ) {
        let text = pieces.concat();
        let body = match (is_form, whole) {
            (true, _) => text,
            (false, true) => part("a", &text),
            (false, false) => format!("--X\r\nContent-Disposition: form-data; name=\"a{text}"),
        };
        let body = body.as_bytes();
        let kind = if is_form { FORM } else { MULTI };
        let at_once = scan(kind, [body]);
        proptest::prop_assert!(body.starts_with(&at_once.0));
        proptest::prop_assert_eq!(scan(kind, body.chunks(1)), at_once.clone());
        cuts.iter_mut().for_each(|cut| *cut = (*cut).min(body.len()));
        cuts.extend([0, body.len()]);
        cuts.sort_unstable();
        let split: Vec<&[u8]> = cuts.windows(2).map(|w| &body[w[0]..w[1]]).collect();
        proptest::prop_assert_eq!(scan(kind, split), at_once.clone());
        // Whatever passes is whole, and holds no watched field for a reader of whole bodies.
        if at_once.1 {
            proptest::prop_assert_eq!(&at_once.0, &body);
            let whole = Bytes::copy_from_slice(body);
            let found = futures_util::FutureExt::now_or_never(super::read(Some(kind), None, &whole)).unwrap();
            proptest::prop_assert_eq!(found, Ok(Guises::default()));
        }
    }
}
