//! What PHP and WordPress make of values: emptiness, numbers, texts, base64, slashes, dates.

use serde_json::Value;

use crate::wordpress;
use crate::wordpress::entities::entity;

/// PHP's `empty`.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(on) => !on,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty() || text == "0",
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

/// A scalar as PHP's `(string)` writes it; `None` for arrays.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Bool(false) => Some(String::new()),
        Value::Bool(true) => Some("1".to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// PHP's `(int)`: the digits at the start of a text, the whole part of a number, 0 for anything else.
pub(super) fn int(value: &Value) -> i64 {
    match value {
        Value::Null | Value::Bool(false) => 0,
        Value::Bool(true) => 1,
        #[expect(clippy::cast_possible_truncation, reason = "the whole part is what PHP takes; a float out of range saturates here")]
        Value::Number(number) => number.as_i64().unwrap_or_else(|| number.as_f64().unwrap_or_default() as i64),
        Value::String(text) => int_of(text),
        Value::Array(list) => i64::from(!list.is_empty()),
        Value::Object(map) => i64::from(!map.is_empty()),
    }
}

fn int_of(text: &str) -> i64 {
    let text = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    if let Some(number) = exponential(text) {
        #[expect(clippy::cast_possible_truncation, reason = "the whole part is what PHP takes; a float out of range saturates here")]
        return number as i64;
    }
    let (sign, digits) = match text.as_bytes().first() {
        Some(b'-') => (-1, &text[1..]),
        Some(b'+') => (1, &text[1..]),
        Some(_) | None => (1, text),
    };
    let end = digits.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse::<i64>().map_or(if end == 0 { 0 } else { i64::MAX }, |n| n.saturating_mul(sign))
}

/// A number with an exponent at the start of a text: `1e1` is ten.
fn exponential(text: &str) -> Option<f64> {
    let mantissa = text.bytes().position(|b| !(b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-')))?;
    let (start, rest) = text.split_at(mantissa);
    let digits = rest.strip_prefix(['e', 'E'])?;
    let sign = usize::from(digits.starts_with(['+', '-']));
    let end = digits.bytes().skip(sign).position(|b| !b.is_ascii_digit()).map_or(digits.len(), |at| at + sign);
    format!("{start}e{}", digits.get(..end)?).parse().ok()
}

/// A date of a token, in seconds: a number, or a text that is one.
pub(super) fn seconds(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse::<f64>().ok().filter(|n| n.is_finite()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A value as PHP holds it: an object whose names count from zero is a list, and so is an empty one.
pub(super) fn array(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let counts = map.keys().enumerate().all(|(at, name)| *name == at.to_string());
            let items = map.into_iter().map(|(name, value)| (name, array(value)));
            if counts { items.map(|(_, value)| value).collect() } else { Value::Object(items.collect()) }
        }
        Value::Array(list) => list.into_iter().map(array).collect(),
        Value::Number(value) => number(value),
        other @ (Value::Null | Value::Bool(_) | Value::String(_)) => other,
    }
}

/// A number as PHP holds it: a whole one beyond its 64 bits is a float.
pub(super) fn number(number: serde_json::Number) -> Value {
    if number.is_u64() && number.as_i64().is_none() {
        number.as_f64().map_or(Value::Number(number), Value::from)
    } else {
        Value::Number(number)
    }
}

/// The type of a value as PHP names it in its complaints.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Array(_) | Value::Object(_) => "array",
    }
}

/// `addslashes`.
pub(super) fn add_slashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\'' | '"' | '\\' => out.extend(['\\', letter]),
            '\0' => out.push_str("\\0"),
            _ => out.push(letter),
        }
    }
    out
}

/// `stripslashes`.
pub(super) fn strip_slashes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.extend(letters.next().map(|next| if next == '0' { '\0' } else { next })),
            _ => out.push(letter),
        }
    }
    out
}

/// What WordPress makes of a name that people see: cleaned, and the letters of markup as entities.
pub(super) fn shown_name(text: &str) -> String {
    entities(&sanitize(text), |letter| match letter {
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        _ => None,
    })
}

/// A text with some letters written as entities; its own entities stay.
fn entities(text: &str, written: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let tail = &rest[letter.len_utf8()..];
        match (letter, entity(tail)) {
            ('&', Some((entity, length))) => {
                out.push_str(&entity);
                rest = &tail[length..];
                continue;
            }
            ('&', None) => out.push_str("&amp;"),
            _ => match written(letter) {
                Some(entity) => out.push_str(entity),
                None => out.push(letter),
            },
        }
        rest = tail;
    }
    out
}

/// WordPress's `sanitize_text_field`: tags out, white space to single blanks, trimmed, percent encodings out.
pub(super) fn sanitize(text: &str) -> String {
    let mut text = text.to_owned();
    if text.contains('<') {
        text = wordpress::text::strip_tags(&less_than(&text)).replace("<\n", "&lt;\n");
    }
    text = squeeze(&text, |c| matches!(c, '\r' | '\n' | '\t' | ' '));
    text = text.trim_matches([' ', '\t', '\n', '\r', '\0', '\u{b}']).to_owned();
    let mut found = false;
    while let Some(at) = percent_code(&text) {
        let code = text[at..at + 3].to_owned();
        text = text.replace(&code, "");
        found = true;
    }
    if found { squeeze(&text, |c| c == ' ').trim().to_owned() } else { text }
}

/// `sanitize_text_field` of any value: arrays become empty.
pub(super) fn clean(value: &Value) -> String {
    text(value).map(|t| sanitize(&t)).unwrap_or_default()
}

fn squeeze(text: &str, is_blank: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_blank = false;
    for letter in text.chars() {
        let blank = is_blank(letter);
        if !(blank && in_blank) {
            out.push(if blank { ' ' } else { letter });
        }
        in_blank = blank;
    }
    out
}

fn percent_code(text: &str) -> Option<usize> {
    text.as_bytes().windows(3).position(|w| w[0] == b'%' && w[1].is_ascii_hexdigit() && w[2].is_ascii_hexdigit())
}

/// `wp_pre_kses_less_than`: a `<` that no `>` follows before the next `<` opens no tag, and is made harmless with what stands behind it.
fn less_than(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        let end = tail[1..].find(['<', '>']).map_or(tail.len(), |end| end + 1);
        if tail[end..].starts_with('>') {
            out.push_str(&tail[..=end]);
            rest = &tail[end + 1..];
        } else {
            out.push_str(&escaped(&tail[..end]));
            rest = &tail[end..];
        }
    }
    out.push_str(rest);
    out
}

/// `esc_html`, which leaves entities as they are.
fn escaped(text: &str) -> String {
    entities(text, |letter| match letter {
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#039;"),
        _ => None,
    })
}

/// True if `base64_decode($text, true)` reads it: the alphabet, white space, padding only at the end.
pub(super) fn is_strict_base64(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let body = letters.trim_end_matches('=');
    body.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')) && body.len() % 4 != 1
}

/// WordPress's `is_email`: one `@`, letters of ASCII, a domain with a dot, no blanks around it.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_local = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&b);
    let label = |part: &str| {
        !part.is_empty() && !part.starts_with('-') && !part.ends_with('-') && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() >= 6
        && !local.is_empty()
        && local.bytes().all(is_local)
        && !domain.contains("..")
        && domain.split('.').count() > 1
        && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_cleaned_as_wordpress_cleans_them() {
        for (text, expected) in [
            (" a  b\n", "a b"),
            ("p%41ss%20word", "pssword"),
            ("%%4141x", "x"),
            ("a<b>c</b>d", "acd"),
            ("1 < 2", "1 &lt; 2"),
            ("x\0", "x"),
            ("it's \"q\" \\b", "it's \"q\" \\b"),
        ] {
            assert_eq!(sanitize(text), expected, "{text:?}");
        }
    }

    /// What `sanitize_text_field` of WordPress itself makes of them.
    #[test]
    fn half_a_tag_is_text_and_a_whole_one_goes_with_what_it_hides() {
        for (text, expected) in [
            ("a<b", "a&lt;b"),
            ("a<b>c", "ac"),
            ("a<", "a&lt;"),
            ("<a", "&lt;a"),
            ("a < b > c", "a < b > c"),
            ("<<b>x", "&lt;x"),
            ("<b<c>d", "&lt;bd"),
            ("a<b c", "a&lt;b c"),
            ("x<y>z<w", "xz&lt;w"),
            ("<script>x</script>y", "y"),
            ("<style>p{}</style>q", "q"),
            ("<!-- c -->d", "d"),
            ("<?php x ?>e", "e"),
            ("a<1", "a&lt;1"),
            ("1<2>3", "13"),
            ("a<b\n>c", "ac"),
            ("<b title='>'>x", "x"),
            ("%<41>", "%"),
            ("p%4<b>1q", "pq"),
            ("<%41b>", ""),
            ("<b>bold</b> text", "bold text"),
            ("unclosed <b", "unclosed &lt;b"),
            ("<br/>line", "line"),
            ("a<>b", "ab"),
            ("a<!b", "a&lt;!b"),
            ("a</b", "a&lt;/b"),
            ("a< b", "a&lt; b"),
            ("a<\tb", "a&lt; b"),
            ("é<ü>ß", "éß"),
            ("<b>\n</b>", ""),
            ("a<b'c>d", "a"),
            ("a<b\"c>d", "a"),
            ("a<b\"c>d\">e", "ae"),
        ] {
            assert_eq!(sanitize(text), expected, "{text:?}");
        }
        for (text, expected) in [("x < y", "x &lt; y"), ("a<b", "a&lt;b"), ("a & b > c", "a &amp; b &gt; c"), ("<b>x</b> & y", "x &amp; y")]
        {
            assert_eq!(shown_name(text), expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_are_read_from_the_start_of_a_text() {
        for (value, expected) in [
            (json!("4abc"), 4),
            (json!("abc"), 0),
            (json!(" 12"), 12),
            (json!("1e1"), 10),
            (json!("1.5e2x"), 150),
            (json!("4e"), 4),
            (json!(4.9), 4),
            (json!([1]), 1),
            (json!(null), 0),
        ] {
            assert_eq!(int(&value), expected, "{value}");
        }
    }

    #[test]
    fn slashes_go_and_names_are_made_harmless() {
        for (text, expected) in [(r#"it\'s \"q\" \\b \0"#, "it's \"q\" \\b \0"), ("end\\", "end"), ("plain", "plain")] {
            assert_eq!(strip_slashes(text), expected);
        }
        for (text, expected) in
            [("<b>Tom</b> & Jerry", "Tom &amp; Jerry"), ("a &amp; b > c", "a &amp; b &gt; c"), ("O'Brien \"x\"", "O'Brien \"x\"")]
        {
            assert_eq!(shown_name(text), expected);
        }
    }

    #[test]
    fn an_address_is_what_wordpress_takes_for_one() {
        for (text, expected) in [
            ("new@example.com", true),
            ("a+tag@example.com", true),
            ("a@b", false),
            ("nope", false),
            ("a b@example.com", false),
            (" a@example.com", false),
            ("a@münchen.example", false),
            ("a@b..com", false),
        ] {
            assert_eq!(is_email(text), expected, "{text}");
        }
    }
}
