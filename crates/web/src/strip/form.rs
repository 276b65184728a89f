//! Forms and queries: pairs between `&`, each with what belongs to it.

use std::borrow::Cow;

use super::{Uncertain, spells};

/// The form without every pair whose name spells a field.
pub(super) fn without<'b>(form: &'b [u8], fields: &[&str]) -> Result<Cow<'b, [u8]>, Uncertain> {
    let mut kept = Vec::new();
    let mut gone = false;
    for pair in form.split(|b| *b == b'&') {
        if named(pair, fields) {
            gone = true;
        } else if pair.contains(&b';') && pair.split(|b| *b == b';').any(|part| named(part, fields)) {
            // Older readers cut here as well.
            return Err(Uncertain);
        } else {
            kept.push(pair);
        }
    }
    Ok(if gone { Cow::Owned(kept.join(&b'&')) } else { Cow::Borrowed(form) })
}

/// True if a reader of forms would find a field in it.
pub(super) fn shows(text: &[u8], fields: &[&str]) -> bool {
    text.split(|b| matches!(b, b'&' | b';')).any(|pair| named(pair, fields))
}

fn named(pair: &[u8], fields: &[&str]) -> bool {
    let end = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
    form_urlencoded::parse(&pair[..end]).any(|(name, _)| spells(&name, fields))
}
