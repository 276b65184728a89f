//! A request without some of its fields: the tokens taken out of body and query before the upstream sees them.
//!
//! What is left is byte for byte what came. A body that different readers could cut differently is not cut at all:
//! [`Uncertain`], and the caller refuses the request.
//!
//! | Content-Type | is cut as |
//! |---|---|
//! | contains `/json` or `+json` | a JSON object |
//! | `multipart/form-data` | its parts |
//! | anything else, none | a JSON object if it starts with `{`, else a form; neither reading may find a field afterwards |
//!
//! A name is a field's in any letter case, and in forms in every spelling that PHP folds into it (`api.token`,
//! `api_token[]`).

mod form;
mod json;
mod multipart;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::body::{is_encoded, trimmed};
use crate::target::folds_to;

/// It cannot be said with certainty which bytes are a field's, or that none are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uncertain;

/// A body without the fields of these names; borrowed if it has none. The caller sets `Content-Length`.
///
/// # Errors
/// [`Uncertain`] if the body is compressed, in another charset than UTF-8, or nothing that [`crate::body::decode`] reads; if
/// its type could mean two things; and if what is left would show a field to a reader of another mind.
pub fn body<'b>(content_type: Option<&str>, encoding: Option<&str>, body: &'b [u8], fields: &[&str]) -> Result<Cow<'b, [u8]>, Uncertain> {
    if trimmed(body).is_empty() {
        return Ok(Cow::Borrowed(body));
    }
    if is_encoded(encoding) {
        return Err(Uncertain);
    }
    let header = content_type.unwrap_or_default().to_ascii_lowercase();
    let kind = header.split(';').next().unwrap_or_default().trim();
    let is_json = |text: &str| text.contains("/json") || text.contains("+json");
    // Some look for the mark in the whole header, others before its first parameter.
    if is_json(&header) != is_json(kind) || kind.contains(',') || !is_utf8(&header) {
        return Err(Uncertain);
    }
    if is_json(kind) {
        return json::without(body, fields);
    }
    if kind.starts_with("multipart/") {
        return if kind == "multipart/form-data" {
            multipart::without(content_type.unwrap_or_default(), body, fields)
        } else {
            Err(Uncertain)
        };
    }
    if trimmed(body).first() == Some(&b'{') {
        let cut = json::without(body, fields)?;
        return if form::shows(&cut, fields) { Err(Uncertain) } else { Ok(cut) };
    }
    let cut = form::without(body, fields)?;
    if trimmed(&cut).first() == Some(&b'{') { Err(Uncertain) } else { Ok(cut) }
}

/// A query (without `?`) without the fields; borrowed if it has none.
///
/// # Errors
/// [`Uncertain`] if a reader that also cuts at `;` would find a field.
pub fn query<'q>(query: &'q str, fields: &[&str]) -> Result<Cow<'q, str>, Uncertain> {
    match form::without(query.as_bytes(), fields)? {
        Cow::Borrowed(_) => Ok(Cow::Borrowed(query)),
        Cow::Owned(cut) => String::from_utf8(cut).map(Cow::Owned).map_err(|_| Uncertain),
    }
}

/// A request target (`/path?query`) without the fields in its query; a query that is empty then goes with its `?`.
///
/// # Errors
/// As [`query`].
pub fn target<'t>(target: &'t str, fields: &[&str]) -> Result<Cow<'t, str>, Uncertain> {
    let Some((path, rest)) = target.split_once('?') else { return Ok(Cow::Borrowed(target)) };
    Ok(match query(rest, fields)? {
        Cow::Borrowed(_) => Cow::Borrowed(target),
        Cow::Owned(cut) if cut.is_empty() => Cow::Borrowed(path),
        Cow::Owned(cut) => Cow::Owned(format!("{path}?{cut}")),
    })
}

/// True if no charset but UTF-8 is named: in UTF-16 or UTF-7 other bytes would be the name.
fn is_utf8(header: &str) -> bool {
    header
        .split(';')
        .skip(1)
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.trim() == "charset")
        .all(|(_, value)| matches!(value.trim().trim_matches('"'), "utf-8" | "utf8" | "us-ascii"))
}

/// True if the name is a field's in some letter case (also in those of `ſ` and `K`, the Kelvin sign, as Go has it).
fn is_it(name: &str, fields: &[&str]) -> bool {
    let name = folded(name);
    fields.iter().any(|field| name == folded(field))
}

/// True if the name is a field's in some letter case and some spelling of PHP's, blanks and a byte order mark around it
/// apart: some readers drop them.
fn spells(name: &str, fields: &[&str]) -> bool {
    let name = folded(name.trim_start_matches('\u{feff}').trim_end());
    fields.iter().any(|field| folds_to(&name, &folded(field)))
}

fn folded(name: &str) -> String {
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}
