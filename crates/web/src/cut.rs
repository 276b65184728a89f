//! A body without some of its fields: cut out where they stand, the rest byte for byte as it came.
//!
//! What a body is read as is what [`crate::body::decode`] reads it as. One that cannot be read is refused: what it holds
//! is not known.

use bytes::Bytes;
use doorward_core::refusal::Refusal;

use crate::body;

/// The body without the fields that `is_named` names.
///
/// # Errors
/// [`Refusal::MalformedBody`], [`Refusal::UnsupportedMediaType`] as for [`crate::body::decode`].
pub async fn without(
    content_type: Option<&str>,
    encoding: Option<&str>,
    whole: Bytes,
    is_named: impl Fn(&str) -> bool + Send + Sync,
) -> Result<Bytes, Refusal> {
    body::decode(content_type, encoding, whole.clone()).await?;
    let is_multipart = content_type.unwrap_or_default().trim_start().to_ascii_lowercase().starts_with("multipart/form-data");
    if is_multipart {
        return multipart(content_type.unwrap_or_default(), whole, is_named).await;
    }
    let text = body::trimmed(&whole);
    let cut = match json(text, &is_named) {
        Some((_, 0)) => return Ok(whole),
        Some((cut, _)) => cut,
        None => pairs(text, &is_named),
    };
    Ok(if cut.len() == text.len() { whole } else { Bytes::from(cut) })
}

/// A query or form without some of its pairs.
#[must_use]
pub fn pairs(text: &[u8], is_named: &dyn Fn(&str) -> bool) -> Vec<u8> {
    let stays = |pair: &&[u8]| !form_urlencoded::parse(pair).any(|(name, _)| is_named(&name));
    text.split(|b| *b == b'&').filter(stays).collect::<Vec<_>>().join(&b'&')
}

/// A JSON object without some of its members, and how many those were; `None` if it is none.
fn json(text: &[u8], is_named: &dyn Fn(&str) -> bool) -> Option<(Vec<u8>, usize)> {
    if text.first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice::<serde::de::IgnoredAny>(text).ok()?;
    let (mut members, mut gone): (Vec<&[u8]>, usize) = (Vec::new(), 0);
    let mut at = 1;
    loop {
        at += blanks(&text[at..]);
        if *text.get(at)? == b'}' {
            break;
        }
        let start = at;
        at += value(&text[at..])?;
        let name: String = serde_json::from_slice(&text[start..at]).ok()?;
        at += blanks(&text[at..]) + 1; // the colon
        at += blanks(&text[at..]);
        at += value(&text[at..])?;
        if is_named(&name) {
            gone += 1;
        } else {
            members.push(&text[start..at]);
        }
        at += blanks(&text[at..]);
        if *text.get(at)? == b',' {
            at += 1;
        }
    }
    Some(([&b"{"[..], &members.join(&b','), b"}"].concat(), gone))
}

/// How many blanks there are in front.
fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// How long the value in front is, in a text that is known to be JSON.
fn value(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'"' => string(text),
        b'{' | b'[' => {
            let (mut depth, mut at) = (0usize, 0);
            loop {
                match text.get(at)? {
                    b'"' => at += string(&text[at..])? - 1,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        _ => Some(text.iter().take_while(|b| !b.is_ascii_whitespace() && !matches!(b, b',' | b'}' | b']')).count()),
    }
}

fn string(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// A multipart without some of its parts, files of those names included.
async fn multipart(content_type: &str, whole: Bytes, is_named: impl Fn(&str) -> bool + Send + Sync) -> Result<Bytes, Refusal> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| Refusal::MalformedBody)?;
    let copy = whole.clone();
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(copy) });
    let mut reader = multer::Multipart::new(stream, boundary.clone());
    let mut named = Vec::new();
    while let Some(part) = reader.next_field().await.map_err(|_| Refusal::MalformedBody)? {
        named.push(part.name().is_some_and(&is_named));
    }
    if !named.contains(&true) {
        return Ok(whole);
    }
    let line = format!("--{boundary}");
    let starts: Vec<usize> =
        memchr::memmem::find_iter(&whole, line.as_bytes()).filter(|&at| at == 0 || whole[..at].ends_with(b"\r\n")).collect();
    // Another reader of these bytes may see other parts than we did: then it is not known what is cut.
    if starts.len() != named.len() + 1 {
        return Err(Refusal::MalformedBody);
    }
    let mut kept = whole[..starts[0]].to_vec();
    for (part, goes) in starts.windows(2).zip(named) {
        if !goes {
            kept.extend_from_slice(&whole[part[0]..part[1]]);
        }
    }
    kept.extend_from_slice(&whole[starts[starts.len() - 1]..]);
    Ok(Bytes::from(kept))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn cut(kind: &str, text: &str) -> Result<String, Refusal> {
        let is_named = |name: &str| name == "t";
        let done = without(Some(kind), None, Bytes::copy_from_slice(text.as_bytes()), is_named).now_or_never().unwrap();
        done.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[test]
    fn what_is_named_goes_and_the_rest_stays_as_it_came() {
        let (json, form, plain) = ("application/json", "application/x-www-form-urlencoded", "text/plain");
        for (kind, text, expected) in [
            (json, r#"{"t":"x"}"#, "{}"),
            (json, r#" { "a" : 1.0e2 , "t":"x" ,"b":[1, {"t":2}] } "#, r#"{"a" : 1.0e2,"b":[1, {"t":2}]}"#),
            (json, r#"{"t":{"a":["}"]},"b":"\"t\":1","t":2}"#, r#"{"b":"\"t\":1"}"#),
            (json, r#"{"\u0074":1,"b":12345678901234567890123}"#, r#"{"b":12345678901234567890123}"#),
            (json, r#"  {"a":1}  "#, r#"  {"a":1}  "#),
            (json, "", ""),
            (plain, r#"{"t":"x","a":null}"#, r#"{"a":null}"#),
            (form, "a=1&t=x&b=%20+", "a=1&b=%20+"),
            (form, "t=x", ""),
            (form, "%74=x&a", "a"),
            (form, " a=1 ", " a=1 "),
            (plain, "hello & welcome", "hello & welcome"),
        ] {
            assert_eq!(cut(kind, text), Ok(expected.to_owned()), "{text}");
        }
        assert_eq!(cut(json, "{"), Err(Refusal::MalformedBody));
        let zipped = without(Some(json), Some("gzip"), Bytes::from_static(b"{}"), |_| true).now_or_never().unwrap();
        assert_eq!(zipped, Err(Refusal::UnsupportedMediaType));
    }

    #[test]
    fn parts_of_a_multipart_go_whole() {
        let part = |head: &str, text: &str| format!("--X\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n");
        let (a, t, file) = (part("name=\"a\"", "1 --Xy"), part("name=\"t\"", "x"), part("name=\"t\"; filename=\"f\"", "y"));
        let kind = "multipart/form-data; boundary=X";
        assert_eq!(cut(kind, &format!("{a}{t}{file}--X--\r\n")), Ok(format!("{a}--X--\r\n")));
        assert_eq!(cut(kind, &format!("{t}--X--\r\n")), Ok("--X--\r\n".to_owned()));
        assert_eq!(cut(kind, &format!("{a}--X--\r\n")), Ok(format!("{a}--X--\r\n")));
        let unsure = part("name=\"a\"", "--Xy");
        assert_eq!(cut(kind, &format!("{unsure}{t}--X--\r\n")), Err(Refusal::MalformedBody));
    }

    proptest::proptest! {
        #[test]
        fn a_cut_object_is_the_object_without_its_member(members in proptest::collection::btree_map("[a-zt\"\\\\]{0,3}", "\\PC{0,8}", 0..6)) {
            let text = serde_json::to_string_pretty(&members).unwrap();
            let left: std::collections::BTreeMap<String, String> = serde_json::from_str(&cut("application/json", &text).unwrap()).unwrap();
            let expected: std::collections::BTreeMap<String, String> = members.into_iter().filter(|(name, _)| name != "t").collect();
            proptest::prop_assert_eq!(left, expected);
        }

        #[test]
        fn no_body_panics(kind in "(application/json|multipart/form-data; boundary=X|text/plain)", text in "\\PC{0,60}") {
            let _ = cut(&kind, &text);
        }
    }
}
