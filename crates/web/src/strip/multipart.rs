//! `multipart/form-data`: whole parts, from one delimiter to the next. Only the plain form that browsers and libraries send
//! is cut; readers differ on everything else (RFC 7578 §4, RFC 2046 §5.1).

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::{Uncertain, spells};

/// The body without every part whose name spells a field, files too.
pub(super) fn without<'b>(content_type: &str, body: &'b [u8], fields: &[&str]) -> Result<Cow<'b, [u8]>, Uncertain> {
    let delimiter = [b"--", boundary(content_type)?.as_bytes()].concat();
    let starts: Vec<usize> = memchr::memmem::find_iter(body, &delimiter).collect();
    let (Some(&first), Some((&last, parts))) = (starts.first(), starts.split_last()) else { return Err(Uncertain) };
    // Nothing in front, nothing behind, and the delimiter nowhere but at the beginning of a line.
    let tail = body[last + delimiter.len()..].strip_prefix(b"--").ok_or(Uncertain)?;
    if first != 0 || !matches!(tail, b"" | b"\r\n") || starts.iter().skip(1).any(|&at| !body[..at].ends_with(b"\r\n")) {
        return Err(Uncertain);
    }
    let mut out = Vec::with_capacity(body.len());
    for (&from, &to) in parts.iter().zip(&starts[1..]) {
        let part = body[from + delimiter.len()..to].strip_prefix(b"\r\n").ok_or(Uncertain)?;
        if !is_named(part, fields)? {
            out.extend_from_slice(&body[from..to]);
        }
    }
    out.extend_from_slice(&body[last..]);
    Ok(if out.len() == body.len() { Cow::Borrowed(body) } else { Cow::Owned(out) })
}

/// The boundary, if every reader of the header finds the same one.
fn boundary(content_type: &str) -> Result<&str, Uncertain> {
    let lower = content_type.to_ascii_lowercase();
    let at = lower.find("boundary").filter(|at| !lower[at + 1..].contains("boundary")).ok_or(Uncertain)?;
    if !lower[..at].trim_end_matches([' ', '\t']).ends_with(';') {
        return Err(Uncertain);
    }
    let value = content_type[at + "boundary".len()..].strip_prefix('=').ok_or(Uncertain)?;
    let value = value.split(';').next().unwrap_or_default().trim_end();
    let value = value.strip_prefix('"').map_or(Some(value), |rest| rest.strip_suffix('"')).ok_or(Uncertain)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"'()+_-./:=?".contains(&b);
    if (1..=70).contains(&value.len()) && value.bytes().all(plain) { Ok(value) } else { Err(Uncertain) }
}

/// True if the part's one name spells a field.
fn is_named(part: &[u8], fields: &[&str]) -> Result<bool, Uncertain> {
    let end = memchr::memmem::find(part, b"\r\n\r\n").ok_or(Uncertain)?;
    let head = std::str::from_utf8(&part[..end]).map_err(|_| Uncertain)?;
    let mut dispositions = Vec::new();
    for line in head.split("\r\n") {
        let (name, value) = line.split_once(':').ok_or(Uncertain)?;
        // No folded lines, no blank before the colon, no line break that only some see.
        let is_token = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !is_token || value.bytes().any(|b| (b.is_ascii_control() && b != b'\t') || b == b'\\') {
            return Err(Uncertain);
        }
        if name.eq_ignore_ascii_case("content-disposition") {
            dispositions.push(value);
        }
    }
    let [disposition] = dispositions[..] else { return Err(Uncertain) };
    let name = name(disposition)?;
    let decoded = percent_decode_str(name).decode_utf8().map_err(|_| Uncertain)?;
    match (spells(name, fields), spells(&decoded, fields)) {
        (false, true) => Err(Uncertain),
        (spelled, _) => Ok(spelled),
    }
}

/// The parameter `name` of `form-data; name="…"; filename="…"`.
fn name(disposition: &str) -> Result<&str, Uncertain> {
    let mut rest = disposition.trim_matches([' ', '\t']);
    let kind = rest.get(.."form-data".len()).ok_or(Uncertain)?;
    if !kind.eq_ignore_ascii_case("form-data") {
        return Err(Uncertain);
    }
    rest = &rest["form-data".len()..];
    let mut found = None;
    while !rest.is_empty() {
        let parameter = rest.strip_prefix(';').ok_or(Uncertain)?.trim_start_matches([' ', '\t']);
        let (key, after) = parameter.split_once('=').ok_or(Uncertain)?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or(Uncertain)?,
            None => after.split_at(after.find([';', ' ', '\t']).unwrap_or(after.len())),
        };
        // A quote inside would be the value's end to some, and `name*` another name to others.
        let is_known = ["name", "filename", "filename*"].iter().any(|known| key.eq_ignore_ascii_case(known));
        if !is_known || value.contains(['"', '\'']) && !key.eq_ignore_ascii_case("filename*") {
            return Err(Uncertain);
        }
        if key.eq_ignore_ascii_case("name") && found.replace(value).is_some() {
            return Err(Uncertain);
        }
        rest = after.trim_matches([' ', '\t']);
    }
    found.ok_or(Uncertain)
}
