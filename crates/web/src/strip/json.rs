//! JSON: the members of the outermost object, cut at its commas; every other byte stays.

use std::borrow::Cow;

use super::{Uncertain, is_it};
use crate::body::{object, trimmed};

/// The object without every member of such a name.
pub(super) fn without<'b>(body: &'b [u8], fields: &[&str]) -> Result<Cow<'b, [u8]>, Uncertain> {
    let text = trimmed(body);
    // What the door itself cannot read, it cannot cut. It is read again below, as text: numbers, blanks and the order stay, and
    // of double names all go, whichever a reader would take.
    object(text).ok_or(Uncertain)?;
    let inner = text.strip_prefix(b"{").and_then(|t| t.strip_suffix(b"}")).ok_or(Uncertain)?;
    if inner.trim_ascii().is_empty() {
        return Ok(Cow::Borrowed(body));
    }
    let members = members(inner);
    let mut kept = Vec::with_capacity(members.len());
    for member in &members {
        if !is_it(&name(member)?, fields) {
            kept.push(*member);
        }
    }
    if kept.len() == members.len() {
        return Ok(Cow::Borrowed(body));
    }
    let start = body.len() - body.strip_prefix(BOM).unwrap_or(body).trim_ascii_start().len();
    let mut out = Vec::with_capacity(body.len());
    out.extend_from_slice(&body[..start]);
    out.push(b'{');
    out.extend_from_slice(&kept.join(&b','));
    out.push(b'}');
    out.extend_from_slice(&body[start + text.len()..]);
    Ok(Cow::Owned(out))
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What stands between the commas of an object that is known to be one.
fn members(inner: &[u8]) -> Vec<&[u8]> {
    let (mut members, mut start, mut depth, mut quoted, mut escaped) = (Vec::new(), 0, 0_usize, false, false);
    for (at, &byte) in inner.iter().enumerate() {
        match (quoted, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (true, false, b'"') => quoted = false,
            (true, false, _) => {}
            (false, _, b'"') => quoted = true,
            (false, _, b'{' | b'[') => depth += 1,
            (false, _, b'}' | b']') => depth = depth.saturating_sub(1),
            (false, _, b',') if depth == 0 => {
                members.push(&inner[start..at]);
                start = at + 1;
            }
            (false, _, _) => {}
        }
    }
    members.push(&inner[start..]);
    members
}

/// The name of a member, its escapes read.
fn name(member: &[u8]) -> Result<String, Uncertain> {
    let mut texts = serde_json::Deserializer::from_slice(member).into_iter::<String>();
    texts.next().and_then(Result::ok).ok_or(Uncertain)
}
