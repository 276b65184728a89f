//! Paths as they are judged: decoded once, and refused where they could mean two things. Requests and rules are read alike.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The longest path, in bytes.
pub const LONGEST: usize = 4096;

/// A path as it is judged.
///
/// # Errors
/// Why it could mean one thing here and another behind us; whoever asks for it is refused.
pub fn canonical(path: &str) -> Result<Cow<'_, str>, &'static str> {
    if !path.starts_with('/') {
        return Err("must start with /");
    }
    if path.len() > LONGEST {
        return Err("is longer than any request's");
    }
    let decoded = if path.contains('%') {
        let lower = path.to_ascii_lowercase();
        if ["%2f", "%5c", "%00", "%25", "%2e", "%3b"].iter().any(|code| lower.contains(code)) {
            return Err("has an encoded slash, backslash, NUL, percent sign, dot or semicolon, which no request may have");
        }
        percent_decode_str(path).decode_utf8().map_err(|_| "has an encoding that is no UTF-8")?
    } else {
        Cow::Borrowed(path)
    };
    if !is_plain(&decoded) {
        return Err("has an empty segment, a dot segment, a backslash, a semicolon or a control character, which no request may have");
    }
    // `%25` was refused: a percent sign that is left was no encoding at all (`%%32f`), and not every reader leaves it.
    if decoded.contains('%') { Err("has a percent sign that encodes nothing") } else { Ok(decoded) }
}

/// True for a decoded path that means one thing alone.
#[must_use]
pub fn is_plain(path: &str) -> bool {
    // One pass: every path of every request comes by here.
    let bytes = path.as_bytes();
    let mut start = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'/' if at > 0 && bytes[at - 1] == b'/' => return false,
            b'/' if is_dots(&bytes[start..at]) => return false,
            b'/' => start = at + 1,
            0..0x20 | 0x7f | b'\\' | b';' => return false,
            _ => {}
        }
    }
    !is_dots(&bytes[start..])
}

fn is_dots(segment: &[u8]) -> bool {
    segment == b"." || segment == b".."
}
