//! The header of one part, if every reader finds the same name in it (RFC 7578 §4.2).
//!
//! Rack takes the last `name=` that it sees, in a file's name too, a `Content-Id` for want of a name, and a file's name for
//! an empty one; PHP joins lines without a colon to the line before and tears lines of more than five thousand bytes.

use percent_encoding::percent_decode_str;

use super::scan::BrokenOff;
use super::{METHOD, ROUTE, spells};

/// The longest line, in bytes: PHP's buffer has 5120.
const LINE: usize = 4096;

/// The part's name.
pub(super) fn name(head: &[u8]) -> Result<String, BrokenOff> {
    let head = std::str::from_utf8(head).map_err(|_| BrokenOff)?;
    let mut found = None;
    for line in head.split("\r\n") {
        let (key, value) = line.split_once(':').ok_or(BrokenOff)?;
        let is_odd = |byte: u8| (byte.is_ascii_control() && byte != b'\t') || byte == b'\\';
        if line.len() > LINE || value.bytes().any(is_odd) {
            return Err(BrokenOff);
        }
        let lower = value.trim_matches([' ', '\t']).to_ascii_lowercase();
        match key.to_ascii_lowercase().as_str() {
            "content-disposition" if found.is_none() => found = Some(disposition(value.trim_matches([' ', '\t']))?),
            "content-type" if is_plain_type(&lower) => {}
            "content-length" if lower.bytes().all(|b| b.is_ascii_digit()) => {}
            "content-transfer-encoding" if matches!(&*lower, "binary" | "8bit" | "7bit") => {}
            _ => return Err(BrokenOff),
        }
    }
    let name = found.ok_or(BrokenOff)?;
    let decoded = percent_decode_str(name).decode_utf8().map_err(|_| BrokenOff)?;
    // Some decode names as files' names are decoded.
    let is_hidden = |watched: &str| spells(&decoded, watched) && !spells(name, watched);
    if name.is_empty() || name.contains("=?") || is_hidden(METHOD) || is_hidden(ROUTE) {
        return Err(BrokenOff);
    }
    Ok(name.to_owned())
}

/// True for a type with no parameter but a character set in which ASCII is ASCII.
fn is_plain_type(lower: &str) -> bool {
    let (kind, parameter) = lower.split_once(';').map_or((lower, None), |(kind, rest)| (kind, Some(rest.trim_matches([' ', '\t']))));
    let is_token = kind.bytes().all(|b| b.is_ascii_alphanumeric() || b"/+-._".contains(&b));
    is_token
        && !kind.starts_with("multipart")
        && !kind.starts_with("message")
        && matches!(parameter, None | Some("charset=utf-8" | "charset=us-ascii"))
}

/// `form-data; name="…"; filename="…"`: each once.
fn disposition(value: &str) -> Result<&str, BrokenOff> {
    let mut pieces = value.split(';');
    if !pieces.next().is_some_and(|kind| kind.trim_end_matches([' ', '\t']).eq_ignore_ascii_case("form-data")) {
        return Err(BrokenOff);
    }
    let (mut name, mut seen) = (None, Vec::new());
    // A `;` within quotes parts for some: the piece has no closing quote then.
    for piece in pieces {
        let (key, value) = piece.trim_matches([' ', '\t']).split_once('=').ok_or(BrokenOff)?;
        let key = key.to_ascii_lowercase();
        let is_quoted = value.starts_with('"');
        let value = if is_quoted { value[1..].strip_suffix('"').ok_or(BrokenOff)? } else { value };
        let apostrophes = value.matches('\'').count();
        let is_plain = match key.as_str() {
            "name" | "filename" if is_quoted => true,
            "name" | "filename" => !value.is_empty() && apostrophes == 0 && !value.contains([' ', '\t']),
            "filename*" => !is_quoted && apostrophes == 2 && value.bytes().all(|b| b.is_ascii_graphic()),
            _ => false,
        };
        if !is_plain || value.contains('"') || value.to_ascii_lowercase().contains("name=") || seen.contains(&key) {
            return Err(BrokenOff);
        }
        if key == "name" {
            name = Some(value);
        }
        seen.push(key);
    }
    name.ok_or(BrokenOff)
}
